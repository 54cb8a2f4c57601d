//! Speed of the language model inside the program, on one thread: scoring
//! running text, what follows and fills a gap, and opening the file.
//!
//! The text is a generated page; `doublings` says how often it is doubled.

use divan::Bencher;
use divan::counter::ItemsCount;
use jiaokan::model::lm::{Id, LanguageModel};

#[path = "../tests/support/newspaper.rs"]
mod newspaper;

fn main() {
    divan::main();
}

fn ids(doublings: u32) -> Vec<Id> {
    let model = LanguageModel::embedded();
    let ids: Vec<Id> = model.ids(&newspaper::page((64 * 1024) << doublings, 1)).collect();
    assert!(ids.len() > 15_000);
    ids
}

/// Items are characters.
#[divan::bench(args = [0, 2], sample_count = 20)]
fn scored(bencher: Bencher, doublings: u32) {
    let model = LanguageModel::embedded();
    let ids = ids(doublings);
    let per_char = model.score_all(model.start(), ids.iter().copied()).0 / ids.len() as f32;
    assert!((2.0..9.0).contains(&per_char), "{per_char} bits a character");
    bencher.counter(ItemsCount::new(ids.len())).bench_local(|| model.score_all(model.start(), divan::black_box(&ids).iter().copied()));
}

/// Items are gaps.
#[divan::bench(sample_count = 20)]
fn filled(bencher: Bencher) {
    let model = LanguageModel::embedded();
    let ids = ids(0);
    let gaps: Vec<&[Id]> = ids.windows(4).step_by(16).collect();
    bencher.counter(ItemsCount::new(gaps.len())).bench_local(|| {
        let mut n = 0;
        for gap in divan::black_box(&gaps) {
            n += model.neighbours(gap[1], gap[3]).between().count();
        }
        assert!(n > gaps.len());
        n
    });
}

/// Items are successors.
#[divan::bench(sample_count = 20)]
fn followed(bencher: Bencher) {
    let model = LanguageModel::embedded();
    let ids = ids(0);
    let sum = |ids: &[Id]| ids.windows(2).step_by(16).map(|pair| model.successors(pair).count()).sum::<usize>();
    let n = sum(&ids);
    assert!(n > ids.len());
    bencher.counter(ItemsCount::new(n)).bench_local(|| {
        let pairs = divan::black_box(&ids).windows(2).step_by(16);
        pairs.flat_map(|pair| model.successors(pair)).map(|(_, bits)| bits).sum::<f32>()
    });
}

/// Reading the file that is inside the program, with its checksum, and making
/// its table of pairs.
#[divan::bench(sample_count = 20)]
fn opened(bencher: Bencher) {
    let bytes: &'static [u8] = include_bytes!(concat!(env!("OUT_DIR"), "/news.lm"));
    bencher.bench_local(|| LanguageModel::from_bytes(divan::black_box(bytes)).map(|model| model.order()));
}

//! Throughput of a whole run with every detector, on one thread.
//!
//! The page is doubled again and again; the cost per megabyte stays the same.
//! `copied` is the floor: reading the page and writing it again.

use std::sync::LazyLock;

use divan::Bencher;
use divan::counter::BytesCount;
use jiaokan::detect::{Resources, RunEvidence, Settings, registry};
use jiaokan::document::Layout;
use jiaokan::finding::{Outcome, Safety};
use jiaokan::pipeline::Engine;
use jiaokan::resolve::{Policy, Selection};
use jiaokan::rules::RuleSet;

#[path = "../tests/support/newspaper.rs"]
mod newspaper;

/// Bytes before the first doubling: about a broadsheet page with small type.
const BASE_BYTES: usize = 64 * 1024;
/// How often the page is doubled.
const DOUBLINGS: [u32; 5] = [0, 1, 2, 3, 4];

static ENGINE: LazyLock<Engine> = LazyLock::new(|| Engine {
    detectors: registry().into_iter().chain(RuleSet::shipped().detectors()).collect(),
    settings: Settings::default(),
    selection: Selection::default(),
    policy: Policy { level: Safety::Suggested, min_confidence: 0.0 },
    resources: Resources::embedded(),
});

fn main() {
    divan::main();
}

fn page(doublings: u32) -> String {
    newspaper::page(BASE_BYTES << doublings, 1)
}

/// Findings and applied fixes of a run.
fn counts(text: &str) -> (usize, usize) {
    let run = ENGINE.run(text, &[], &RunEvidence::default());
    let applied = run.findings.iter().filter(|judged| judged.verdict.outcome == Outcome::Applied).count();
    (run.findings.len(), applied)
}

/// A run finds what it should: as much per byte as on the smallest page.
fn assert_density(text: &str, found: (usize, usize)) {
    static BASE: LazyLock<(usize, (usize, usize))> = LazyLock::new(|| {
        let text = page(0);
        (text.len(), counts(&text))
    });
    let (base_len, base) = *BASE;
    assert!(base.0 > 20 && base.1 > 5, "the smallest page has damage that is found: {base:?}");
    let scaled = base.0 * text.len() / base_len;
    assert!(found.0.abs_diff(scaled) * 4 < scaled, "{} findings where {scaled} were to be expected", found.0);
}

#[divan::bench(args = DOUBLINGS, sample_count = 10)]
fn repaired(bencher: Bencher, doublings: u32) {
    let text = page(doublings);
    let expected = counts(&text);
    assert_density(&text, expected);
    bencher.counter(BytesCount::of_str(&text)).bench_local(|| {
        let found = counts(divan::black_box(&text));
        assert_eq!(found, expected);
        found
    });
}

#[divan::bench(args = DOUBLINGS, sample_count = 10)]
fn laid_out(bencher: Bencher, doublings: u32) {
    let text = page(doublings);
    let expected = Layout::new(&text).lines.len();
    assert!(expected > 100);
    bencher.counter(BytesCount::of_str(&text)).bench_local(|| {
        let n_lines = Layout::new(divan::black_box(&text)).lines.len();
        assert_eq!(n_lines, expected);
        n_lines
    });
}

#[divan::bench(args = DOUBLINGS, sample_count = 10)]
fn copied(bencher: Bencher, doublings: u32) {
    let text = page(doublings);
    bencher.counter(BytesCount::of_str(&text)).bench_local(|| divan::black_box(&text).clone());
}

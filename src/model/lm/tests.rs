use std::collections::BTreeSet;
use std::sync::LazyLock;

use proptest::prelude::*;

use super::build::tests::{build, sample};
use super::build::{Bins, Counts};
use super::*;

/// A model of a small text, pruned to two thirds, with the counts it is of.
static SMALL: LazyLock<(Counts, LanguageModel)> = LazyLock::new(|| {
    let counts = build(&sample(3000), 5, &[1, 1, 1, 2, 2]);
    let whole = counts.model(Info::default(), None, Bins::default());
    let size = whole.len() * 2 / 3;
    let model = LanguageModel::from_bytes(counts.model(Info::default(), Some(size), Bins::default())).unwrap();
    (counts, model)
});

fn ids(model: &LanguageModel, text: &str) -> Vec<Id> {
    model.ids(text).collect()
}

#[test]
fn the_embedded_model_is_whole_and_knows_chinese() {
    let bytes: &'static [u8] = include_bytes!(concat!(env!("OUT_DIR"), "/news.lm"));
    let model = LanguageModel::from_bytes(bytes).unwrap();
    assert_eq!(model.order(), 5);
    assert!(model.info().min_counts[3..].iter().all(|&n| n >= 2), "rare passages stay out: {:?}", model.info().min_counts);
    let embedded = LanguageModel::embedded();
    let bits = |text: &str| embedded.score_all(embedded.start(), embedded.ids(text)).0;
    assert!(bits("省气象局发布暴雨预警。") + 10.0 < bits("省气象局发布暴两预警。"));
    assert!(bits("記者昨日從市政府獲悉") == bits("记者昨日从市政府获悉"));
    // The end of a paragraph is likely after a full stop, not after 的.
    let end = |text: &str| embedded.score(embedded.score_all(embedded.start(), embedded.ids(text)).1, Id::BOUNDARY).0;
    assert!(end("会议昨日在京召开。") + 5.0 < end("会议昨日在京召开的"));
}

#[test]
fn a_word_with_a_hole_is_filled() {
    let model = LanguageModel::embedded();
    let place = |left, filler, right| {
        let gap = model.neighbours(model.id(left), model.id(right));
        let bits = |id| gap.after_left(id, model.alone(id)) + gap.right_after(id);
        let mut fillers: Vec<Id> = gap.between().collect();
        fillers.sort_by(|&a, &b| bits(a).total_cmp(&bits(b)));
        fillers.iter().position(|&id| id == model.id(filler))
    };
    for (left, filler, right) in [('拖', '拉', '机'), ('派', '出', '所'), ('葡', '萄', '园')] {
        assert!(place(left, filler, right).is_some_and(|place| place < 5), "{left}{filler}{right}: {:?}", place(left, filler, right));
    }
}

#[test]
fn symbols_and_characters_are_one_to_one() {
    let model = &SMALL.1;
    assert_eq!(model.symbol(Id::UNKNOWN), None);
    assert_eq!(model.symbol(Id::BOUNDARY), None);
    assert_eq!(model.symbol(Id(u16::MAX)), None);
    for id in (2..model.n_symbols() as u16).map(Id) {
        assert_eq!(model.id(model.symbol(id).unwrap()), id);
    }
    assert_eq!(model.id('龘'), Id::UNKNOWN);
    assert_eq!(model.id('\u{2a6d6}'), Id::UNKNOWN);
    assert_eq!(ids(model, " \u{3000}\t\u{200b}"), []);
    assert_eq!(ids(model, "龘 1"), [Id::UNKNOWN, model.id('9')]);
}

#[test]
fn successors_are_those_of_the_n_grams() {
    let model = &SMALL.1;
    let mut n_pairs = 0;
    for first in (0..model.n_symbols() as u16).map(Id) {
        let after: Vec<(Id, f32)> = model.successors(&[first]).collect();
        assert!(after.windows(2).all(|pair| pair[0].0 < pair[1].0));
        for (second, bits) in after {
            n_pairs += 1;
            let scored = model.score_in_full(model.state(&[first]), second);
            assert_eq!((scored.found, scored.bits), (2, bits));
            assert_eq!(model.neighbours(first, second).after_left(second, model.alone(second)), bits);
            for (third, bits) in model.successors(&[first, second]) {
                let scored = model.score_in_full(model.state(&[first, second]), third);
                assert_eq!((scored.found, scored.bits), (3, bits));
            }
        }
    }
    assert_eq!(Some(n_pairs), model.n_grams().nth(1));
    assert_eq!(model.successors(&[]).count(), 0);
    assert_eq!(model.successors(&[Id::BOUNDARY; 9]).count(), 0);
}

#[test]
fn fillers_are_known_on_both_sides() {
    let model = &SMALL.1;
    let [left, right] = ['气', '局'].map(|c| model.id(c));
    let known: BTreeSet<Id> = model.successors(&[left]).map(|(id, _)| id).collect();
    let gap = model.neighbours(left, right);
    let fillers: Vec<Id> = gap.between().collect();
    assert!(fillers.contains(&model.id('象')) && fillers.windows(2).all(|pair| pair[0] < pair[1]));
    for id in fillers {
        assert!(known.contains(&id) && model.successors(&[id]).any(|(id, _)| id == right));
        assert_eq!(gap.after_left(id, model.alone(id)), model.surprise(model.state(&[left]), id));
        assert_eq!(gap.right_after(id), model.surprise(model.state(&[id]), right));
    }
}

#[test]
fn an_unknown_pair_costs_the_symbol_alone_and_the_backoff() {
    let model = &SMALL.1;
    let last = model.id('象');
    let known: BTreeSet<Id> = model.successors(&[last]).map(|(id, _)| id).collect();
    let mut n_unknown = 0;
    for id in (0..model.n_symbols() as u16).map(Id).filter(|id| !known.contains(id)) {
        let gap = model.neighbours(last, id);
        let (after_left, right_after) = (gap.after_left(id, model.alone(id)), gap.right_after(last));
        let bits = model.surprise(model.state(&[last]), id);
        assert!((bits - after_left).abs() < 1e-4 && (bits - right_after).abs() < 1e-4);
        n_unknown += 1;
    }
    assert!(n_unknown > 10);
}

#[test]
fn every_way_to_read_a_file_gives_the_same() {
    let bytes = SMALL.0.model(Info::default(), None, Bins::default());
    let owned = LanguageModel::from_bytes(bytes.clone()).unwrap();
    let leaked = LanguageModel::from_bytes(&*Box::leak(bytes.into_boxed_slice())).unwrap();
    for paragraph in sample(50) {
        let bits = |model: &LanguageModel| model.score_all(model.start(), model.ids(&paragraph)).0;
        assert_eq!(bits(&owned).to_bits(), bits(&leaked).to_bits());
    }
}

#[test]
fn errors_say_what_was_found() {
    let bytes = SMALL.0.model(Info::default(), None, Bins::default());
    let error = |bytes: Vec<u8>| LanguageModel::from_bytes(bytes).unwrap_err();
    assert!(matches!(error(b"PK\x03\x04 something".to_vec()), LanguageModelError::Format { .. }));
    assert!(matches!(error(Vec::new()), LanguageModelError::Format { .. }));
    let mut older = bytes.clone();
    older[7] = 0;
    assert_eq!(error(older), LanguageModelError::Version { found: 0 });
    assert!(matches!(error(bytes[..bytes.len() - 1].to_vec()), LanguageModelError::Length { .. }));
    assert!(matches!(error([&bytes[..], b"\n"].concat()), LanguageModelError::Length { .. }));
    let mut damaged = bytes.clone();
    damaged[bytes.len() / 2] ^= 1;
    assert!(matches!(error(damaged), LanguageModelError::Checksum { .. }));
}

/// Uses everything a model offers; what comes of it does not matter.
fn use_all(model: &LanguageModel, ids: &[u16]) {
    let mut state = model.start();
    for pair in ids.windows(2) {
        state = model.score(state, Id(pair[0])).1;
        let context = [Id(pair[0]), Id(pair[1])];
        model.successors(&context).chain(model.successors(&context[..1])).take(50).for_each(drop);
        let gap = model.neighbours(context[0], context[1]);
        gap.between().for_each(drop);
        let _ = (gap.after_left(Id(ids[0]), 1.0), gap.right_after(Id(ids[0])));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn rounded_probabilities_sum_to_nearly_one(text in "[一-龥市气象局发布，。]{0,6}", from_start: bool) {
        static WHOLE: LazyLock<LanguageModel> =
            LazyLock::new(|| LanguageModel::from_bytes(SMALL.0.model(Info::default(), None, Bins::default())).unwrap());
        let model = &*WHOLE;
        let context: Vec<Id> = from_start.then_some(Id::BOUNDARY).into_iter().chain(ids(model, &text)).collect();
        let state = model.state(&context);
        // Of the unknown character there are many.
        let share = |id: u16| if Id(id) == Id::UNKNOWN { f64::from(model.info().n_unseen) } else { 1.0 };
        let sum: f64 = (0..model.n_symbols() as u16).map(|id| share(id) * f64::from(-model.score(state, Id(id)).0).exp2()).sum();
        prop_assert!((sum - 1.0).abs() < 0.03, "{sum}");
    }

    #[test]
    fn a_damaged_file_never_panics(cut in 0_usize..100_000, damage in prop::collection::vec((0_usize..100_000, any::<u8>()), 1..20), ids in prop::collection::vec(0_u16..200, 2..30)) {
        static BYTES: LazyLock<Vec<u8>> = LazyLock::new(|| SMALL.0.model(Info::default(), Some(20_000), Bins::default()));
        let mut bytes = BYTES.clone();
        prop_assert!(LanguageModel::from_bytes(bytes[..cut % bytes.len()].to_vec()).is_err());
        for (at, value) in damage {
            let at = at % bytes.len();
            bytes[at] = value;
        }
        // Checksum and length are made to fit, so that the parts are looked at.
        file::seal(&mut bytes);
        if let Ok(model) = LanguageModel::from_bytes(bytes) {
            use_all(&model, &ids);
        }
    }
}

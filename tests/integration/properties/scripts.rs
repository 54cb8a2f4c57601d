use jiaokan::apply::{Piece, Script};
use jiaokan::finding::Edit;
use jiaokan::text::Span;
use proptest::prelude::*;

use super::{configured, engines, pages, run};

/// Disjoint edits of `text` from places and new texts.
fn script(text: &str, wanted: &[(u16, u8, String)]) -> Script {
    let bounds: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    let mut edits: Vec<Edit> = Vec::new();
    for (place, n_chars, new) in wanted {
        let first = usize::from(*place) * bounds.len() / (usize::from(u16::MAX) + 1);
        let last = (first + usize::from(*n_chars) % 5).min(bounds.len() - 1);
        let span = Span::new(bounds[first], bounds[last]);
        let apart = |edit: &Edit| edit.span.end < span.start || span.end < edit.span.start;
        if edits.iter().all(apart) && !(span.is_empty() && new.is_empty()) {
            edits.push(Edit { span, replacement: new.clone() });
        }
    }
    Script::new(edits).unwrap()
}

fn wishes() -> impl Strategy<Value = Vec<(u16, u8, String)>> {
    prop::collection::vec((any::<u16>(), any::<u8>(), "[甲乙\n，a]{0,4}"), 0..8)
}

/// The new text, read from the map.
fn replayed(text: &str, script: &Script) -> String {
    let map = script.source_map(text.len());
    map.pieces()
        .iter()
        .map(|piece| match piece {
            Piece::Kept(span) => span.of(text),
            Piece::Inserted(new) => new,
        })
        .collect()
}

fn is_monotone(script: &Script, old_len: usize) -> bool {
    let map = script.source_map(old_len);
    let kept: Vec<Span> = map.pieces().iter().filter_map(|piece| if let Piece::Kept(span) = piece { Some(*span) } else { None }).collect();
    kept.windows(2).all(|pair| pair[0].end <= pair[1].start)
}

proptest! {
    #![proptest_config(configured())]

    // 2
    #[test]
    fn a_run_can_be_replayed_and_undone(text in pages()) {
        for engine in engines() {
            let run = run(engine, &text);
            prop_assert_eq!(&run.script.apply(&text), &run.corrected);
            prop_assert_eq!(run.script.inverse(&text).apply(&run.corrected), text.clone());
            let written = serde_json::to_string(&run.script).unwrap();
            let read: Script = serde_json::from_str(&written).unwrap();
            prop_assert_eq!(read.apply(&text), run.corrected);
        }
    }

    // 3
    #[test]
    fn the_map_of_a_run_is_monotone_and_whole(text in pages()) {
        for engine in engines() {
            let run = run(engine, &text);
            prop_assert!(is_monotone(&run.script, text.len()));
            prop_assert_eq!(replayed(&text, &run.script), run.corrected);
        }
    }

    // 2
    #[test]
    fn any_script_is_undone_by_its_inverse(text in "[甲乙丙a\n]{0,60}", wishes in wishes()) {
        let script = script(&text, &wishes);
        let new = script.apply(&text);
        prop_assert_eq!(script.inverse(&text).apply(&new), text.clone());
        prop_assert_eq!(replayed(&text, &script), new);
    }

    // 3
    #[test]
    fn scripts_compose(text in "[甲乙丙a\n]{0,60}", first in wishes(), second in wishes(), third in wishes()) {
        let one = script(&text, &first);
        let middle = one.apply(&text);
        let two = script(&middle, &second);
        let later = two.apply(&middle);
        let three = script(&later, &third);
        let last = three.apply(&later);
        let all = one.source_map(text.len()).then(&two).then(&three).script();
        prop_assert_eq!(all.apply(&text), last.clone());
        prop_assert_eq!(all.inverse(&text).apply(&last), text.clone());
        prop_assert!(is_monotone(&all, text.len()));
    }
}

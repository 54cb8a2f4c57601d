use std::collections::BTreeSet;

use jiaokan::apply::Piece;
use jiaokan::detect::{Context, Memory, Resources, RunEvidence, Settings, Shared};
use jiaokan::document::Layout;
use jiaokan::finding::{ConfidenceOrigin, Finding, Outcome, Phase, Safety};
use jiaokan::pipeline::{Engine, Run};
use jiaokan::text::Span;
use proptest::prelude::*;
use rayon::prelude::*;

use super::newspaper::{Part, page_of};
use super::{SUGGESTED, configured, detectors, engine, engines, pages, run};

/// Lines between two texts that are no evidence for each other.
const LINES_APART: u64 = 12;

/// What a newspaper sets between two articles.
const RULE: &str = "＊　＊　＊";

/// Every finding of every detector on one snapshot, before anything is
/// decided.
fn raw_findings(engine: &Engine, text: &str) -> Vec<Finding> {
    let mut layout = Layout::new(text);
    for detector in &engine.detectors {
        detector.classify(text, &mut layout);
    }
    let mut findings = Vec::new();
    for phase in Phase::ALL {
        let context = Context {
            text,
            layout: &layout,
            untouchable: &[],
            phase,
            resources: Resources::embedded(),
            settings: &Settings::default(),
            evidence: &RunEvidence::default(),
            shared: Shared::default(),
            memory: &Memory::default(),
        };
        for detector in engine.detectors.iter().filter(|detector| detector.meta().phase == phase) {
            detector.detect(&context, &mut findings);
        }
    }
    findings
}

fn on_boundaries(text: &str, span: Span) -> bool {
    span.end <= text.len() && text.is_char_boundary(span.start) && text.is_char_boundary(span.end)
}

/// All there is to see of a run.
fn told(run: &Run) -> Vec<String> {
    run.findings.iter().map(|judged| format!("{judged:?}")).collect()
}

/// Spans of at least one character, disjoint, from fractions of the text.
fn some_spans(text: &str, places: &[(u16, u8)]) -> Vec<Span> {
    let bounds: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    let mut spans: Vec<Span> = Vec::new();
    for &(place, n_chars) in places {
        let first = usize::from(place) * (bounds.len() - 1) / (usize::from(u16::MAX) + 1);
        let last = (first + 1 + usize::from(n_chars) % 6).min(bounds.len() - 1);
        if first < last && spans.iter().all(|span| !span.overlaps(Span::new(bounds[first], bounds[last]))) {
            spans.push(Span::new(bounds[first], bounds[last]));
        }
    }
    spans.sort();
    spans
}

/// An article that neither begins nor ends in the middle of anything.
fn article() -> impl Strategy<Value = String> {
    let middle =
        prop::sample::select(vec![Part::Paragraph, Part::CutParagraph, Part::WrappedParagraph, Part::Suspect, Part::LostCharacter]);
    (any::<u64>(), any::<u64>(), prop::collection::vec((middle, any::<u64>()), 0..4), any::<u64>()).prop_map(
        |(heading, byline, middle, last)| {
            let mut parts = vec![(Part::Heading, heading), (Part::Byline, byline)];
            parts.extend(middle);
            parts.push((Part::Paragraph, last));
            page_of(&parts, "\n\n")
        },
    )
}

proptest! {
    #![proptest_config(configured())]

    // 1
    #[test]
    fn spans_lie_on_boundaries_and_hold_what_was_observed(text in pages()) {
        for finding in raw_findings(&SUGGESTED, &text) {
            prop_assert!(on_boundaries(&text, finding.span), "{finding:?}");
            prop_assert_eq!(finding.span.of(&text), &finding.observed, "{}", finding.rule);
            for edit in finding.fixes.iter().flat_map(|fix| &fix.edits) {
                prop_assert!(on_boundaries(&text, edit.span), "{finding:?}");
                prop_assert!(edit.span.of(&text) != edit.replacement, "an edit that changes nothing: {finding:?}");
            }
            prop_assert!(finding.related.iter().all(|related| related.file.is_some() || on_boundaries(&text, related.span)), "{finding:?}");
            prop_assert!((0.0..=1.0).contains(&finding.confidence), "{finding:?}");
        }
        for judged in run(&SUGGESTED, &text).findings {
            prop_assert_eq!(judged.finding.span.of(&text), &judged.finding.observed);
        }
    }

    // 4
    #[test]
    fn repairing_twice_is_repairing_once(text in pages()) {
        for engine in engines() {
            let once = run(engine, &text);
            prop_assert!(once.converged);
            let twice = run(engine, &once.corrected);
            prop_assert_eq!(&twice.corrected, &once.corrected);
            let applied = twice.findings.iter().find(|judged| judged.verdict.outcome == Outcome::Applied);
            prop_assert!(applied.is_none(), "{applied:?}");
        }
    }

    // 5
    #[test]
    fn protected_spans_are_untouched(text in pages(), places in prop::collection::vec(any::<(u16, u8)>(), 1..12)) {
        let protected = some_spans(&text, &places);
        let run = SUGGESTED.run(&text, &protected, &RunEvidence::default());
        let map = run.script.source_map(text.len());
        for span in protected {
            let kept = map.pieces().iter().any(|piece| matches!(piece, Piece::Kept(kept) if kept.contains(span)));
            prop_assert!(kept, "{:?} was changed", span.of(&text));
        }
    }

    // 7
    #[test]
    fn the_order_of_articles_changes_no_article(first in article(), second in article()) {
        let engine = engines()[0];
        // Lines near by are evidence, so each article moves with the texts
        // around it; so are the breaks of the page, which the rules between
        // the articles keep the same.
        let around = |article: &str, seed: u64| {
            let text = |seed: u64| page_of(&(0..LINES_APART).map(|nth| (Part::Paragraph, seed * 100 + nth)).collect::<Vec<_>>(), "\n\n");
            format!("{}\n\n{article}\n\n{}", text(seed), text(seed + 1))
        };
        let (first, second) = (around(&first, 7), around(&second, 9));
        let paragraphs = |one: &str, other: &str| {
            let corrected = run(engine, &[RULE, one, RULE, other, RULE].join("\n\n")).corrected;
            let mut paragraphs: Vec<String> = corrected.split('\n').map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
            paragraphs.sort();
            paragraphs
        };
        prop_assert_eq!(paragraphs(&first, &second), paragraphs(&second, &first));
    }

    // 7
    #[test]
    fn another_file_of_the_run_changes_nothing(text in pages(), other in pages()) {
        let fresh = engine(Safety::Suggested, detectors());
        let alone = run(&fresh, &text);
        let _ = run(&SUGGESTED, &other);
        let after = run(&SUGGESTED, &text);
        prop_assert_eq!(told(&alone), told(&after));
        prop_assert_eq!(alone.corrected, after.corrected);
    }

    // 8
    #[test]
    fn the_order_of_detectors_changes_nothing(text in pages(), turn in any::<usize>(), reversed in any::<bool>()) {
        let mut shuffled = detectors();
        let turn = turn % shuffled.len();
        shuffled.rotate_left(turn);
        if reversed {
            shuffled.reverse();
        }
        let (plain, shuffled) = (run(&SUGGESTED, &text), run(&engine(Safety::Suggested, shuffled), &text));
        prop_assert_eq!(plain.corrected, shuffled.corrected);
        prop_assert_eq!(plain.script, shuffled.script);
        let sorted = |findings: &[jiaokan::pipeline::Judged]| findings.iter().map(|judged| format!("{judged:?}")).collect::<BTreeSet<_>>();
        prop_assert_eq!(sorted(&plain.findings), sorted(&shuffled.findings));
    }

    // 8
    #[test]
    fn one_thread_and_many_give_the_same(texts in prop::collection::vec(pages(), 2..5)) {
        let with = |n_threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().unwrap();
            pool.install(|| texts.par_iter().map(|text| run(&SUGGESTED, text)).map(|run| (told(&run), run.corrected)).collect::<Vec<_>>())
        };
        prop_assert_eq!(with(1), with(4));
    }

    // 9
    #[test]
    fn every_finding_ends_in_one_outcome_that_its_trust_allows(text in pages()) {
        for engine in engines() {
            let run = run(engine, &text);
            let mut n_applied = 0;
            for judged in &run.findings {
                let (finding, verdict) = (&judged.finding, &judged.verdict);
                prop_assert!(finding.safety != Safety::Automatic || finding.confidence_origin != ConfidenceOrigin::None, "{finding:?}");
                let has_fix = finding.fixes.first().is_some_and(|fix| !fix.edits.is_empty());
                match verdict.outcome {
                    Outcome::Applied => {
                        n_applied += 1;
                        prop_assert!(has_fix && finding.safety >= engine.policy.level, "{judged:?}");
                    }
                    Outcome::Skipped => prop_assert!(has_fix, "nothing was in the way of nothing: {judged:?}"),
                    Outcome::Held => prop_assert!(!has_fix || finding.safety < engine.policy.level, "{judged:?}"),
                    Outcome::Rejected => prop_assert!(has_fix, "{judged:?}"),
                }
            }
            prop_assert_eq!(n_applied == 0, run.corrected == text);
        }
    }

    // 10
    #[test]
    fn nothing_changes_outside_of_applied_edits(text in pages()) {
        for engine in engines() {
            let run = run(engine, &text);
            let applied: Vec<Span> = run
                .findings
                .iter()
                .filter(|judged| judged.verdict.outcome == Outcome::Applied)
                .flat_map(|judged| judged.finding.fixes[0].edits.iter().map(|edit| edit.span))
                .collect();
            for edit in run.script.edits() {
                let mut at = edit.span.start;
                while let Some(next) = applied.iter().filter(|span| span.start <= at && span.end > at).map(|span| span.end).max() {
                    at = next;
                }
                let covered = at >= edit.span.end && applied.iter().any(|span| span.start <= edit.span.end && span.end >= edit.span.start);
                prop_assert!(covered, "{:?} changed to {:?} by no finding", edit.span.of(&text), edit.replacement);
            }
        }
    }
}

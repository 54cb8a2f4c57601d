//! Runs one detector alone over a text, for the unit tests beside detectors.

use super::{Detector, Resources, RunEvidence, Settings};
use crate::finding::{Finding, Safety, Severity};
use crate::pipeline::Engine;
use crate::resolve::{Policy, Selection};

/// What one detector made of a text.
pub(crate) struct Made {
    /// The corrected text.
    pub(crate) text: String,
    /// Its findings but information, in the coordinates of the text given.
    pub(crate) problems: Vec<Finding>,
}

/// Runs `detector` alone until nothing changes, applying everything from
/// `level` on.
pub(crate) fn made(detector: Box<dyn Detector>, text: &str, level: Safety) -> Made {
    let engine = Engine {
        detectors: vec![detector],
        settings: Settings::default(),
        selection: Selection::default(),
        policy: Policy { level, min_confidence: 0.0 },
        resources: Resources::embedded(),
    };
    let run = engine.run(text, &[], &RunEvidence::default());
    assert!(run.converged, "repairs of {text:?} never end");
    let problems = run.findings.into_iter().map(|judged| judged.finding).filter(|finding| finding.severity == Severity::Problem).collect();
    Made { text: run.corrected, problems }
}

/// Holds a detector to the examples of its own description.
pub(crate) fn keeps_its_examples<D: Detector + Copy + 'static>(detector: D) {
    let meta = detector.meta();
    assert!(!meta.bad.is_empty() && meta.good.len() >= 2, "{}: too few examples", meta.id);
    for (damaged, repaired) in meta.bad {
        let made = made(Box::new(detector), damaged, Safety::Suggested);
        assert_eq!(made.text, *repaired, "{}: {damaged:?}", meta.id);
        assert!(!made.problems.is_empty(), "{}: nothing found in {damaged:?}", meta.id);
        for finding in &made.problems {
            assert_eq!(finding.observed, finding.span.of(damaged), "{}", meta.id);
            assert!(detector.rules().contains(&finding.rule.as_str()), "{} does not name {}", meta.id, finding.rule);
        }
    }
    for good in meta.good {
        silent(detector, good);
    }
}

/// Asserts that `detector` says nothing but information about `text`.
pub(crate) fn silent<D: Detector + Copy + 'static>(detector: D, text: &str) {
    let made = made(Box::new(detector), text, Safety::Suggested);
    assert!(made.problems.is_empty(), "{}: {text:?} gave {:?}", detector.meta().id, made.problems);
    assert_eq!(made.text, text);
}

/// Asserts that `detector` finds something in `text` and changes nothing.
pub(crate) fn only_flags<D: Detector + Copy + 'static>(detector: D, text: &str) {
    let made = made(Box::new(detector), text, Safety::Suggested);
    assert!(!made.problems.is_empty(), "{}: nothing found in {text:?}", detector.meta().id);
    assert_eq!(made.text, text);
}

/// Asserts what `detector` makes of `text` unattended.
pub(crate) fn automatic<D: Detector + Copy + 'static>(detector: D, text: &str, expected: &str) {
    assert_eq!(made(Box::new(detector), text, Safety::Automatic).text, expected, "{}: {text:?}", detector.meta().id);
}

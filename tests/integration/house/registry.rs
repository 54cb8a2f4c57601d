//! Every detector of the registry keeps what `CONTRIBUTING.md` says of one.

use std::collections::BTreeSet;

use jiaokan::detect::{Resources, RunEvidence, Settings, registry};
use jiaokan::finding::{ConfidenceOrigin, Phase, Safety, Severity};
use jiaokan::pipeline::{Engine, Run};
use jiaokan::resolve::{Policy, Selection};

use super::{files, read};

/// The one detector whose damage does not fit into one text: it is tested
/// where it is made.
const OF_TWO_FILES: &str = "structure/cross-file-copy";

/// Each detector with an engine that has it alone, at the level `suggested`.
fn alone() -> impl Iterator<Item = Engine> {
    registry().into_iter().map(|detector| Engine {
        detectors: vec![detector],
        settings: Settings::default(),
        selection: Selection::default(),
        policy: Policy { level: Safety::Suggested, min_confidence: 0.0 },
        resources: Resources::embedded(),
    })
}

fn run(engine: &Engine, text: &str) -> Run {
    engine.run(text, &[], &RunEvidence::default())
}

fn problems(run: &Run) -> usize {
    run.findings.iter().filter(|judged| judged.finding.severity == Severity::Problem).count()
}

#[test]
fn every_description_is_whole_and_its_id_its_own() {
    let mut ids = BTreeSet::new();
    for detector in registry() {
        let meta = detector.meta();
        assert!(ids.insert(meta.id), "{} stands twice", meta.id);
        let (group, defect) = meta.id.split_once('/').expect("group/defect");
        let is_name = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c == '-');
        assert!(is_name(group) && is_name(defect), "{}", meta.id);
        for [zh, en] in [meta.summary, meta.why, meta.silent, meta.trust] {
            assert!(zh.chars().any(|c| c > '\u{2e80}'), "{}: Chinese is missing: {zh:?}", meta.id);
            assert!(en.chars().any(|c| c.is_ascii_lowercase()), "{}: English is missing: {en:?}", meta.id);
        }
        assert!(meta.summary.iter().all(|summary| !summary.ends_with(['.', '。'])), "{}: a summary is no sentence", meta.id);
        assert!(!meta.sources.is_empty(), "{}: where the knowledge comes from", meta.id);
        assert!(!meta.bad.is_empty() || meta.id == OF_TWO_FILES, "{}: no damaged example", meta.id);
        assert!(meta.good.len() >= 2, "{}: fewer than two texts about which it is silent", meta.id);
    }
}

#[test]
fn every_detector_keeps_its_examples() {
    for engine in alone() {
        let meta = engine.detectors[0].meta();
        for (damaged, repaired) in meta.bad {
            let made = run(&engine, damaged);
            assert!(made.converged && problems(&made) > 0, "{}: {damaged:?}", meta.id);
            assert_eq!(made.corrected, *repaired, "{}", meta.id);
            let again = run(&engine, &made.corrected);
            assert_eq!(again.corrected, made.corrected, "{}: a second run changes {damaged:?}", meta.id);
        }
        for good in meta.good {
            let made = run(&engine, good);
            assert_eq!((problems(&made), made.corrected.as_str()), (0, *good), "{}", meta.id);
        }
    }
}

#[test]
fn nothing_unmeasured_is_automatic_and_no_phase_but_its_own_is_served() {
    for engine in alone() {
        let meta = engine.detectors[0].meta();
        for (text, _) in meta.bad {
            for judged in run(&engine, text).findings {
                let finding = judged.finding;
                assert!(
                    finding.safety < Safety::Automatic || finding.confidence_origin != ConfidenceOrigin::None,
                    "{}: automatic on nobody's word",
                    finding.rule
                );
                assert!((0.0..=1.0).contains(&finding.confidence), "{}", finding.rule);
                assert!(Phase::ALL.contains(&finding.phase) && finding.phase == meta.phase, "{}", finding.rule);
            }
        }
    }
}

/// One file and one line: each line of the registry names a file of its own.
#[test]
fn every_detector_is_a_file_and_a_line() {
    let source = read("src/detect/mod.rs");
    let body = &source[source.find("pub fn registry()").unwrap()..];
    let lines: Vec<&str> = body.lines().filter_map(|line| line.trim().strip_prefix("Box::new(")).collect();
    assert_eq!(lines.len(), registry().len());
    let modules: BTreeSet<&str> = lines.iter().map(|line| line.split("::").next().unwrap()).collect();
    assert_eq!(modules.len(), lines.len(), "two detectors share a file");
    let there = files("src/detect", "rs");
    for module in modules {
        let paths = [format!("src/detect/{module}.rs"), format!("src/detect/{module}/mod.rs")];
        assert!(paths.iter().any(|path| there.contains(path)), "{module}");
    }
}

#[test]
fn what_decides_knows_no_rule_by_its_name() {
    let ids: Vec<&str> = registry().iter().map(|detector| detector.meta().id).collect::<Vec<_>>();
    for path in ["resolve", "pipeline", "apply"].iter().flat_map(|folder| files(&format!("src/{folder}"), "rs")) {
        let text = read(&path);
        let code = text.split("#[cfg(test)]").next().unwrap();
        if path.ends_with("tests.rs") {
            continue;
        }
        for id in &ids {
            assert!(!code.contains(&format!("\"{id}\"")), "{path} knows the rule {id}");
        }
    }
}

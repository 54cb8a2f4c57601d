//! `fix corpus/samples` against `corpus/truth`: no sample may come out worse,
//! and none worse than `corpus/expectations.tsv` says.
//!
//! `JIAOKAN_UPDATE=1 cargo test --test samples` writes the table anew; a change
//! that makes a figure worse needs a reason in its commit message.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use jiaokan::detect::{Resources, RunEvidence, Settings, registry};
use jiaokan::encoding::decode;
use jiaokan::eval::{Sample, Score};
use jiaokan::finding::Safety;
use jiaokan::pipeline::Engine;
use jiaokan::resolve::{Policy, Selection};
use jiaokan::rules::RuleSet;

/// The figures of one sample at one level. Characters are counted without
/// white space.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Figures {
    /// Characters to replace, delete or insert before correction.
    errors_before: usize,
    /// And after it.
    errors_after: usize,
    /// Right characters made wrong and spurious ones added.
    harm: usize,
    /// Removed breaks that are not in the truth.
    joins_right: usize,
    /// Removed breaks that are.
    joins_wrong: usize,
    /// Breaks of the input that are not in the truth.
    joins_there: usize,
}

const COLUMNS: &str = "level\terrors before\tafter\tharm\tjoins right\tjoins wrong\tjoins there\tsample";

impl Figures {
    fn row(self, level: &str, name: &str) -> String {
        let Figures { errors_before, errors_after, harm, joins_right, joins_wrong, joins_there } = self;
        format!("{level}\t{errors_before}\t{errors_after}\t{harm}\t{joins_right}\t{joins_wrong}\t{joins_there}\t{name}")
    }

    fn read(row: &str) -> ((String, String), Figures) {
        let cells: Vec<&str> = row.split('\t').collect();
        let [level, numbers @ .., name] = cells.as_slice() else { panic!("not a row: {row}") };
        let numbers: Vec<usize> = numbers.iter().map(|cell| cell.parse().unwrap()).collect();
        let [errors_before, errors_after, harm, joins_right, joins_wrong, joins_there] = numbers[..] else { panic!("not a row: {row}") };
        let figures = Figures { errors_before, errors_after, harm, joins_right, joins_wrong, joins_there };
        (((*level).to_owned(), (*name).to_owned()), figures)
    }

    /// What is worse here than in `expected`.
    fn worse_than(self, expected: Figures) -> Vec<&'static str> {
        [
            ("errors left", self.errors_after > expected.errors_after),
            ("harm", self.harm > expected.harm),
            ("right joins", self.joins_right < expected.joins_right),
            ("wrong joins", self.joins_wrong > expected.joins_wrong),
        ]
        .into_iter()
        .filter_map(|(name, worse)| worse.then_some(name))
        .collect()
    }
}

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

/// Paths below `corpus/samples`, sorted, with `/`.
fn samples() -> Vec<String> {
    fn walk(folder: &Path, below: &str, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = format!("{below}{}", path.file_name().unwrap().to_str().unwrap());
            if path.is_dir() {
                walk(&path, &format!("{name}/"), found);
            } else {
                found.push(name);
            }
        }
    }
    let mut found = Vec::new();
    walk(&corpus().join("samples"), "", &mut found);
    found.sort();
    found
}

fn figures(engine: &Engine, name: &str) -> Figures {
    let bytes = std::fs::read(corpus().join("samples").join(name)).unwrap();
    let truth = std::fs::read_to_string(corpus().join("truth").join(name)).unwrap();
    let decoded = decode(&bytes, None);
    let input = decoded.text.as_str();
    let protected = RuleSet::shipped().protected_spans(input);
    let run = engine.run(input, &protected, &RunEvidence::default());
    assert!(run.converged, "{name}: did not converge");
    let score = Score::of(&Sample { input, corrected: &run.corrected, truths: &[&truth], changes: &[] });
    let strict = score.cer["strict"];
    assert!(run.corrected != input || score.edits["strict"].harm == 0, "{name}: harm without a change");
    Figures {
        errors_before: strict.before.errors,
        errors_after: strict.after.errors,
        harm: score.edits["strict"].harm,
        joins_right: score.breaks.removed.right,
        joins_wrong: score.breaks.removed.wrong,
        joins_there: score.breaks.removed.there,
    }
}

fn measured() -> BTreeMap<(String, String), Figures> {
    let mut all = BTreeMap::new();
    for (level, name) in [(Safety::Automatic, "automatic"), (Safety::Suggested, "suggested")] {
        let mut detectors = registry();
        detectors.extend(RuleSet::shipped().detectors());
        let engine = Engine {
            detectors,
            settings: Settings::default(),
            selection: Selection::default(),
            policy: Policy { level, ..Policy::default() },
            resources: Resources::embedded(),
        };
        for sample in samples() {
            all.insert((name.to_owned(), sample.clone()), figures(&engine, &sample));
        }
    }
    all
}

#[test]
fn no_sample_comes_out_worse_and_all_as_well_as_expected() {
    let measured = measured();
    let path = corpus().join("expectations.tsv");
    if std::env::var_os("JIAOKAN_UPDATE").is_some() {
        let rows: Vec<String> = measured.iter().map(|((level, name), figures)| figures.row(level, name)).collect();
        std::fs::write(&path, format!("{COLUMNS}\n{}\n", rows.join("\n"))).unwrap();
    }
    let expected: BTreeMap<(String, String), Figures> =
        std::fs::read_to_string(&path).unwrap().lines().skip(1).map(Figures::read).collect();

    let mut complaints = String::new();
    for (key @ (level, name), &figures) in &measured {
        let Some(&before) = expected.get(key) else {
            let _ = writeln!(complaints, "{level} {name}: not in the table");
            continue;
        };
        let worse = figures.worse_than(before);
        if !worse.is_empty() {
            let _ = writeln!(complaints, "{}\n  expected {before:?}\n  measured {figures:?}", worse.join(", "));
        }
        if figures.errors_after > figures.errors_before {
            let _ = writeln!(complaints, "{level} {name}: more errors after than before: {figures:?}");
        }
        let improved = figures.errors_after < figures.errors_before || figures.joins_right > 0;
        if level == "suggested" && !improved {
            let _ = writeln!(complaints, "{level} {name}: nothing improved: {figures:?}");
        }
    }
    for (level, name) in expected.keys().filter(|key| !measured.contains_key(*key)) {
        let _ = writeln!(complaints, "{level} {name}: in the table, but no such sample");
    }
    assert!(complaints.is_empty(), "{complaints}");
}

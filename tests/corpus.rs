//! Runs the labelled cases under `corpus/cases` through the library.
//!
//! `in_the_wild`, `synthetic` and `negative` cases must come out as they say;
//! `known_failures` must not, so that one that is repaired is noticed and
//! moved. The file name is the class of damage, the folder the label;
//! `corpus/README.md` describes the fields.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use jiaokan::detect::{Resources, RunEvidence, Settings, misread, registry};
use jiaokan::finding::{Class, Outcome, Safety};
use jiaokan::pipeline::{Engine, Run};
use jiaokan::resolve::{Policy, Reason, Selection};
use jiaokan::rules::RuleSet;
use jiaokan::text::Span;
use serde::Deserialize;
use similar::{ChangeTag, TextDiff};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseFile {
    /// Where the texts of the file come from.
    provenance: String,
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    why: String,
    input: String,
    /// What must come out; without it, the input.
    expected: Option<String>,
    #[serde(default = "suggested")]
    level: Safety,
    #[serde(default)]
    select: Vec<String>,
    /// Of a known failure: the label it gets once it passes.
    belongs: Option<String>,
    /// Rules that do not take part.
    #[serde(skip)]
    ignore: Vec<String>,
}

fn suggested() -> Safety {
    Safety::Suggested
}

impl Case {
    fn expected(&self) -> &str {
        self.expected.as_deref().unwrap_or(&self.input)
    }

    fn engine(&self) -> Engine {
        let mut detectors = registry();
        detectors.extend(RuleSet::shipped().detectors());
        Engine {
            detectors,
            settings: Settings::default(),
            selection: Selection { select: self.select.clone(), ignore: self.ignore.clone(), suppressed: Vec::new() },
            policy: Policy { level: self.level, ..Policy::default() },
            resources: Resources::embedded(),
        }
    }
}

/// The places of protected words, as the program finds them before a run.
fn protected(text: &str) -> Vec<Span> {
    RuleSet::shipped().protected_spans(text)
}

struct Labelled {
    id: String,
    case: Case,
}

fn cases(label: &str) -> Vec<Labelled> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/cases").join(label);
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    files.sort();
    let mut all = Vec::new();
    for path in files {
        let stem = path.file_stem().unwrap().to_str().unwrap().to_owned();
        assert!(Class::from_str(&stem).is_ok(), "{}: the file name is not a class of damage", path.display());
        let text = std::fs::read_to_string(&path).unwrap();
        let file: CaseFile = toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert!(!file.provenance.trim().is_empty(), "{}: no provenance", path.display());
        all.extend(file.case.into_iter().map(|case| Labelled { id: format!("{label}/{stem}: {}", case.name), case }));
    }
    all
}

/// What is wrong with the run of a case; nothing when it is right.
fn faults(case: &Case) -> Vec<String> {
    let engine = case.engine();
    let run = engine.run(&case.input, &protected(&case.input), &RunEvidence::default());
    let mut faults = Vec::new();
    if run.corrected != case.expected() {
        faults.push(format!("output differs (- expected, + got):\n{}{}", diff(case.expected(), &run.corrected), applied(&run)));
    }
    if !run.converged {
        faults.push("did not converge".to_owned());
    }
    let again = engine.run(&run.corrected, &protected(&run.corrected), &RunEvidence::default());
    if again.corrected != run.corrected {
        faults.push(format!("a second run changes the text again:\n{}{}", diff(&run.corrected, &again.corrected), applied(&again)));
    }
    if run.script.apply(&case.input) != run.corrected {
        faults.push("a replay of the patch gives another text".to_owned());
    }
    if run.script.inverse(&case.input).apply(&run.corrected) != case.input {
        faults.push("the inverse patch does not give the input back".to_owned());
    }
    faults.extend(partition(&run, &case.input));
    faults
}

/// Every finding has one outcome with a reason that fits it, quotes the text
/// it stands on, and the text changed exactly when something was applied.
fn partition(run: &Run, input: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let mut applied = 0;
    for judged in &run.findings {
        let finding = &judged.finding;
        let place = format!("{} at {:?}", finding.rule, finding.span);
        let fits = match judged.verdict.outcome {
            Outcome::Applied => matches!(judged.verdict.reason, Reason::AtLevel(_)),
            Outcome::Held => matches!(
                judged.verdict.reason,
                Reason::InformationOnly | Reason::NoRepairKnown | Reason::BelowLevel(_) | Reason::BelowConfidence { .. }
            ),
            Outcome::Rejected => matches!(judged.verdict.reason, Reason::Protected),
            Outcome::Skipped => matches!(judged.verdict.reason, Reason::SameChange(_) | Reason::Overlaps(_)),
        };
        if !fits {
            faults.push(format!("{place}: {:?} for the reason {}", judged.verdict.outcome, judged.verdict.reason.code()));
        }
        if input.get(finding.span.start..finding.span.end) != Some(finding.observed.as_str()) {
            faults.push(format!("{place}: observed {:?} is not what stands there", finding.observed));
        }
        if judged.verdict.outcome == Outcome::Applied {
            applied += 1;
            if finding.fixes.is_empty() || finding.safety == Safety::Flagged {
                faults.push(format!("{place}: applied without a fix, or although only flagged"));
            }
        }
    }
    if applied == 0 && !run.script.is_empty() {
        faults.push("the text changed but no finding was applied".to_owned());
    }
    faults
}

fn diff(expected: &str, got: &str) -> String {
    let mut out = String::new();
    for change in TextDiff::from_lines(expected, got).iter_all_changes() {
        let sign = match change.tag() {
            ChangeTag::Delete => '-',
            ChangeTag::Insert => '+',
            ChangeTag::Equal => ' ',
        };
        let _ = writeln!(out, "    {sign} {:?}", change.value());
    }
    out
}

fn applied(run: &Run) -> String {
    let mut out = String::new();
    for judged in &run.findings {
        let finding = &judged.finding;
        let _ = writeln!(
            out,
            "    {:?} {} {:.2} {:?}: {:?} ({})",
            judged.verdict.outcome,
            finding.rule,
            finding.confidence,
            finding.span,
            finding.observed,
            judged.verdict.reason.code()
        );
    }
    out
}

/// Fails with every case that is wrong, not with the first.
fn run_all(label: &str) {
    hold(label, &cases(label));
}

fn hold(label: &str, all: &[Labelled]) {
    let mut report = String::new();
    let mut wrong = 0;
    for Labelled { id, case } in all {
        let faults = faults(case);
        if !faults.is_empty() {
            wrong += 1;
            let _ = writeln!(report, "\n{id}\n  why: {}", case.why);
            for fault in faults {
                let _ = writeln!(report, "  * {fault}");
            }
        }
    }
    assert!(wrong == 0, "{wrong} of {} {label} cases are wrong\n{report}", all.len());
}

#[test]
fn cases_in_the_wild_come_out_as_printed() {
    run_all("in_the_wild");
}

#[test]
fn synthetic_cases_come_out_as_printed() {
    run_all("synthetic");
}

/// What the character models suggest to a reader is held by the figures of
/// `docs/measuring.md`: of texts made to look damaged they suspect some. That
/// nothing of it happens unattended is the next test.
#[test]
fn negative_cases_stay_untouched() {
    let mut all = cases("negative");
    for Labelled { id, case } in &mut all {
        assert!(case.belongs.is_none(), "{id}: only a known failure belongs elsewhere");
        assert!(case.expected.is_none(), "{id}: a negative case expects its input");
        assert!(case.level == Safety::Suggested && case.select.is_empty(), "{id}: a negative case faces every rule that may edit");
        case.ignore = misread::RULES.map(str::to_owned).to_vec();
    }
    hold("negative", &all);
}

/// Known false suggestions must not be applied without a reader either, but
/// for those that say of themselves that they fail at the level `automatic`.
#[test]
fn no_correct_text_changes_unattended() {
    let mut report = String::new();
    let known = cases("known_failures")
        .into_iter()
        .filter(|labelled| labelled.case.belongs.as_deref() == Some("negative") && labelled.case.level == Safety::Suggested);
    for Labelled { id, mut case } in cases("negative").into_iter().chain(known) {
        case.level = Safety::Automatic;
        for fault in faults(&case) {
            let _ = writeln!(report, "\n{id}\n  why: {}\n  * {fault}", case.why);
        }
    }
    assert!(report.is_empty(), "changed at the level automatic:\n{report}");
}

/// A failure that has gone is a success nobody would notice otherwise.
#[test]
fn known_failures_still_fail() {
    let mut repaired = String::new();
    for Labelled { id, case } in cases("known_failures") {
        let home = case.belongs.as_deref().unwrap_or_default();
        assert!(["in_the_wild", "synthetic", "negative"].contains(&home), "{id}: belongs = {home:?} is no label");
        if faults(&case).is_empty() {
            let _ = writeln!(repaired, "{id} -> {home}");
        }
    }
    assert!(repaired.is_empty(), "repaired: move these out of known_failures:\n{repaired}");
}

#[test]
fn the_labelled_cases_are_enough_and_distinct() {
    let labels = ["in_the_wild", "synthetic", "negative", "known_failures"];
    let all: Vec<Vec<Labelled>> = labels.iter().map(|label| cases(label)).collect();
    let total: usize = all.iter().map(Vec::len).sum();
    assert!(total >= 150, "only {total} cases");
    assert!(all[2].len() * 2 >= total, "fewer negative cases than all others: {} of {total}", all[2].len());
    let mut ids = std::collections::BTreeSet::new();
    for Labelled { id, case } in all.iter().flatten() {
        assert!(ids.insert(id.clone()), "{id}: a name twice in one file");
        assert!(!case.why.trim().is_empty(), "{id}: no reason given");
        if !id.starts_with("negative/") && !id.starts_with("known_failures/") {
            assert!(case.expected.is_some(), "{id}: a repair must say what it expects");
        }
    }
}

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::words::outcome_name;
use super::{Failure, FileReport, Reporter, RunInfo, Totals};
use crate::finding::{Class, Estimate, Message, Outcome, Safety};
use crate::pipeline::Condition;

/// Version of the shape of `summary.json`, raised like that of a finding.
const SCHEMA_VERSION: u32 = 1;

/// The counts of a run as one JSON object; `docs/schema/summary.schema.json`
/// describes it.
pub(super) struct Summary {
    sink: Box<dyn Write>,
    info: Option<RunInfo>,
    failures: Vec<WireFailure>,
    left: Vec<WireFileLeft>,
    damaged: Vec<WireDamaged>,
}

impl Summary {
    pub(super) fn new(sink: Box<dyn Write>) -> Self {
        Self { sink, info: None, failures: Vec::new(), left: Vec::new(), damaged: Vec::new() }
    }
}

impl Reporter for Summary {
    fn begin(&mut self, info: &RunInfo) -> io::Result<()> {
        self.info = Some(info.clone());
        Ok(())
    }

    fn file(&mut self, file: &FileReport<'_>) -> io::Result<()> {
        self.left.extend(WireFileLeft::of(file));
        self.damaged.extend(WireDamaged::of(file));
        Ok(())
    }

    fn failure(&mut self, failure: &Failure) -> io::Result<()> {
        self.failures.push(WireFailure::new(failure));
        Ok(())
    }

    fn end(&mut self, totals: &Totals) -> io::Result<()> {
        let info = self.info.as_ref().expect("a run begins before it ends");
        serde_json::to_writer_pretty(&mut self.sink, &WireSummary::new(info, totals, &self.failures, &self.left, &self.damaged))?;
        self.sink.write_all(b"\n")?;
        self.sink.flush()
    }
}

/// A run as JSON has it.
#[derive(Serialize)]
pub(super) struct WireSummary<'a> {
    schema_version: u32,
    tool: WireTool,
    run: WireRun,
    files: WireFiles,
    /// Code points that are not white space.
    characters: usize,
    problems: WireCounts,
    information: usize,
    per_10k: WireRates,
    estimated_left: WireEstimate<'a>,
    triage: WireTriage<'a>,
    classes: Vec<WireClass>,
    rules: Vec<WireRule>,
    reasons: BTreeMap<String, usize>,
    failures: &'a [WireFailure],
}

/// Who wrote a file.
#[derive(Serialize)]
pub(super) struct WireTool {
    name: &'static str,
    version: &'static str,
}

/// How a run was set up.
#[derive(Serialize)]
pub(super) struct WireRun {
    verb: &'static str,
    level: Safety,
    min_confidence: f64,
}

#[derive(Serialize)]
struct WireFiles {
    read: usize,
    changed: usize,
    failed: usize,
    skipped: usize,
    not_converged: usize,
}

#[derive(Serialize)]
struct WireCounts {
    total: usize,
    #[serde(flatten)]
    outcomes: BTreeMap<&'static str, usize>,
}

/// Per 10,000 characters that are not white space, two decimals.
#[derive(Serialize)]
struct WireRates {
    /// Applied and held problems: what the input had, as far as it was seen.
    errors: f64,
    applied: f64,
    /// What is left.
    held: f64,
}

/// Errors that are thought to be left in the corrected texts. Texts that are
/// too small to tell are not among the files.
#[derive(Serialize)]
struct WireEstimate<'a> {
    run: Option<WireLeft>,
    files: &'a [WireFileLeft],
}

#[derive(Serialize)]
pub(super) struct WireFileLeft {
    file: String,
    #[serde(flatten)]
    left: WireLeft,
}

impl WireFileLeft {
    /// What is thought to be left in a file, if that can be told.
    pub(super) fn of(file: &FileReport<'_>) -> Option<Self> {
        // Records may be too many to keep a line for each; `pages.jsonl` has them.
        let left = file.left().filter(|_| file.record.is_none());
        left.map(|left| Self { file: file.path.to_owned(), left: WireLeft::new(&left) })
    }
}

/// Per 10,000 characters, one decimal; the bounds hold in nine cases of ten.
#[derive(Serialize)]
struct WireLeft {
    per_10k: f64,
    low: f64,
    high: f64,
}

impl WireLeft {
    fn new(left: &Estimate) -> Self {
        let rounded = |rate: f64| (rate * 10.0).round() / 10.0;
        let (low, high) = left.interval();
        Self { per_10k: rounded(left.per_10k()), low: rounded(low), high: rounded(high) }
    }
}

/// Files that were left as they are. Errors per 10,000 characters.
#[derive(Serialize)]
struct WireTriage<'a> {
    clean_up_to: f64,
    damaged_from: f64,
    clean: usize,
    damaged: &'a [WireDamaged],
}

/// A file that was too damaged to trust a repair.
#[derive(Serialize)]
pub(super) struct WireDamaged {
    file: String,
    #[serde(flatten)]
    left: WireLeft,
}

impl WireDamaged {
    pub(super) fn of(file: &FileReport<'_>) -> Option<Self> {
        let left = file.left().filter(|_| file.run.condition == Condition::Damaged)?;
        Some(Self { file: file.path.to_owned(), left: WireLeft::new(&left) })
    }
}

#[derive(Serialize)]
struct WireClass {
    class: String,
    name: Option<Message>,
    #[serde(flatten)]
    counts: WireCounts,
    errors_per_10k: f64,
}

#[derive(Serialize)]
struct WireRule {
    rule: String,
    summary: Option<Message>,
    #[serde(flatten)]
    counts: WireCounts,
    errors_per_10k: f64,
    held_because: BTreeMap<String, usize>,
}

/// A failed file as JSON has it.
#[derive(Serialize)]
pub(super) struct WireFailure {
    file: String,
    line: Option<usize>,
    column: Option<usize>,
    message: Message,
}

impl WireTool {
    pub(super) fn this() -> Self {
        Self { name: "jiaokan", version: env!("CARGO_PKG_VERSION") }
    }
}

impl WireRun {
    pub(super) fn new(info: &RunInfo) -> Self {
        Self { verb: info.verb, level: info.level, min_confidence: info.min_confidence }
    }
}

impl WireFailure {
    pub(super) fn new(failure: &Failure) -> Self {
        Self {
            file: failure.path.clone(),
            line: failure.position.map(|position| position.line),
            column: failure.position.map(|position| position.column),
            message: failure.message.clone(),
        }
    }
}

impl WireCounts {
    fn new(by_outcome: &BTreeMap<Outcome, usize>) -> Self {
        let all = [Outcome::Applied, Outcome::Held, Outcome::Rejected, Outcome::Skipped];
        let outcomes = all.into_iter().map(|outcome| (outcome_name(outcome), by_outcome.get(&outcome).copied().unwrap_or(0))).collect();
        Self { total: by_outcome.values().sum(), outcomes }
    }
}

impl<'a> WireSummary<'a> {
    pub(super) fn new(
        info: &RunInfo,
        totals: &Totals,
        failures: &'a [WireFailure],
        left: &'a [WireFileLeft],
        damaged: &'a [WireDamaged],
    ) -> Self {
        let rate = |count: usize| (totals.per_10k(count) * 100.0).round() / 100.0;
        let errors = |by_outcome: &BTreeMap<Outcome, usize>| {
            [Outcome::Applied, Outcome::Held].iter().filter_map(|outcome| by_outcome.get(outcome)).sum::<usize>()
        };
        let mut all = BTreeMap::new();
        for (outcome, count) in totals.classes.values().flatten() {
            *all.entry(*outcome).or_default() += count;
        }
        let class = |(name, by_outcome): (&String, &BTreeMap<Outcome, usize>)| WireClass {
            class: name.clone(),
            name: name.parse::<Class>().ok().map(|class| Message::new(class.zh(), class.en())),
            counts: WireCounts::new(by_outcome),
            errors_per_10k: rate(errors(by_outcome)),
        };
        let rule = |(id, by_outcome): (&String, &BTreeMap<Outcome, usize>)| WireRule {
            rule: id.clone(),
            summary: info.rules.get(id).cloned(),
            counts: WireCounts::new(by_outcome),
            errors_per_10k: rate(errors(by_outcome)),
            held_because: totals.held.get(id).cloned().unwrap_or_default(),
        };
        Self {
            schema_version: SCHEMA_VERSION,
            tool: WireTool::this(),
            run: WireRun::new(info),
            files: WireFiles {
                read: totals.files,
                changed: totals.files_changed,
                failed: totals.files_failed,
                skipped: totals.files_skipped,
                not_converged: totals.files_not_converged,
            },
            characters: totals.chars,
            problems: WireCounts::new(&all),
            information: totals.information,
            per_10k: WireRates {
                errors: rate(totals.errors()),
                applied: rate(totals.of(Outcome::Applied)),
                held: rate(totals.of(Outcome::Held)),
            },
            estimated_left: WireEstimate { run: totals.left.as_ref().map(WireLeft::new), files: left },
            triage: WireTriage {
                clean_up_to: totals.thresholds.clean,
                damaged_from: totals.thresholds.damaged,
                clean: totals.files_clean,
                damaged,
            },
            classes: totals.classes.iter().map(class).collect(),
            rules: totals.rules.iter().map(rule).collect(),
            reasons: totals.reasons.clone(),
            failures,
        }
    }
}

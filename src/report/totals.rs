use std::collections::BTreeMap;

use super::FileReport;
use crate::finding::{Estimate, Outcome, Severity, Thresholds};
use crate::pipeline::Condition;

/// Counts over a whole run. `rules` and `classes` count findings by outcome.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Totals {
    /// Files read.
    pub files: usize,
    /// Files whose corrected text differs.
    pub files_changed: usize,
    /// Files that failed.
    pub files_failed: usize,
    /// Files of unknown type that were passed over.
    pub files_skipped: usize,
    /// Files whose repairs kept triggering each other.
    pub files_not_converged: usize,
    /// Code points that are not white space, over all files read.
    pub chars: usize,
    /// Problems (not information), by rule id and outcome.
    pub rules: BTreeMap<String, BTreeMap<Outcome, usize>>,
    /// Problems by class name and outcome.
    pub classes: BTreeMap<String, BTreeMap<Outcome, usize>>,
    /// Why problems were held, rejected or skipped, by the reason's code.
    pub reasons: BTreeMap<String, usize>,
    /// Problems that were held for each reason, by rule id and reason code.
    pub held: BTreeMap<String, BTreeMap<String, usize>>,
    /// Informational findings.
    pub information: usize,
    /// Files left as they are, for nothing is wrong with them.
    pub files_clean: usize,
    /// Files left as they are, for they are too damaged to trust a repair.
    pub files_damaged: usize,
    /// From which estimates on that was so.
    pub thresholds: Thresholds,
    /// The errors that are thought to be left in the corrected texts; `None`
    /// when no text was large enough to tell.
    pub left: Option<Estimate>,
}

impl Totals {
    /// Counts one file in. Whoever drives the renderers calls this once per
    /// file; failed and skipped files are counted by the fields.
    pub fn add(&mut self, file: &FileReport<'_>) {
        self.files += 1;
        self.files_changed += usize::from(file.run.corrected != file.text);
        self.files_not_converged += usize::from(!file.run.converged);
        self.files_clean += usize::from(file.run.condition == Condition::Clean);
        self.files_damaged += usize::from(file.run.condition == Condition::Damaged);
        self.chars += file.text.chars().filter(|c| !c.is_whitespace()).count();
        if let Some(left) = file.left() {
            self.left = Some(self.left.map_or(left, |all| all.and(left)));
        }
        for judged in &file.run.findings {
            let (finding, verdict) = (&judged.finding, &judged.verdict);
            if finding.severity == Severity::Information {
                self.information += 1;
                continue;
            }
            count(&mut self.rules, &finding.rule, verdict.outcome);
            count(&mut self.classes, finding.class.name(), verdict.outcome);
            if verdict.outcome != Outcome::Applied {
                *self.reasons.entry(verdict.reason.code().to_owned()).or_default() += 1;
            }
            if verdict.outcome == Outcome::Held {
                count(&mut self.held, &finding.rule, verdict.reason.code().to_owned());
            }
        }
    }

    /// Problems with `outcome`.
    #[must_use]
    pub fn of(&self, outcome: Outcome) -> usize {
        self.classes.values().filter_map(|by_outcome| by_outcome.get(&outcome)).sum()
    }

    /// All problems.
    #[must_use]
    pub fn problems(&self) -> usize {
        self.classes.values().flat_map(BTreeMap::values).sum()
    }

    /// Problems that stand for an error of the text: applied and held ones. A
    /// rejected one is none, a skipped one is counted with the finding that
    /// took its place.
    #[must_use]
    pub fn errors(&self) -> usize {
        self.of(Outcome::Applied) + self.of(Outcome::Held)
    }

    /// `count` per 10,000 characters that are not white space; 0 for an empty
    /// text.
    #[must_use]
    pub fn per_10k(&self, count: usize) -> f64 {
        if self.chars == 0 { 0.0 } else { count as f64 * 10_000.0 / self.chars as f64 }
    }
}

fn count<K: Ord>(table: &mut BTreeMap<String, BTreeMap<K, usize>>, name: &str, key: K) {
    if let Some(row) = table.get_mut(name) {
        *row.entry(key).or_default() += 1;
    } else {
        table.insert(name.to_owned(), BTreeMap::from([(key, 1)]));
    }
}

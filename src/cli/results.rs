//! What a run makes of the results of its files: reports, counts, exit code.

use std::collections::BTreeSet;
use std::io;
use std::ops::ControlFlow;

use super::engine;
use super::exit::{Exit, Trouble};
use super::ordered::ordered;
use super::output::Output;
use super::progress::Progress;
use super::run::{Order, Verb, closing_notes};
use super::sinks::{self, PipeState};
use super::suppressions::Suppressions;
use super::voice::Voice;
use super::walk::{Input, Item, Walked};
use super::work::{Done, Workshop};
use super::write::AtTheEnd;
use crate::finding::{Message, Outcome, Severity};
use crate::pipeline::{Engine, Judged};
use crate::report::{Failure, FileReport, Reporter, RunInfo, Tee, Totals};
use crate::resolve::Reason;
use crate::rules::RuleSet;

/// Takes the results in path order: tells the reporters and counts.
pub(super) struct Desk<'a> {
    pub(super) order: &'a Order<'a>,
    pub(super) engine: &'a Engine,
    pub(super) rule_files: &'a RuleSet,
    pub(super) reporter: Tee,
    pub(super) files: AtTheEnd,
    pub(super) totals: Totals,
    pub(super) left: bool,
    pub(super) changed: bool,
    /// Lines of the suppressions that held something back.
    pub(super) used: BTreeSet<usize>,
    pub(super) progress: Progress,
    pub(super) voice: &'a Voice,
    pub(super) pipe: PipeState,
}

impl Desk<'_> {
    pub(super) fn run(mut self, walked: &Walked, shop: &Workshop<'_>, jobs: usize, suppressions: &Suppressions) -> Result<Exit, Trouble> {
        let told = |error: &io::Error| Trouble::io("", error);
        self.reporter.begin(&self.info()).map_err(|error| told(&error))?;
        let mut broken = None;
        let work = |idx: usize| match &walked.items[idx] {
            Item::Text(input) => (idx, shop.process(idx, input)),
            Item::Failed(failure) => (idx, Err(failure.clone())),
        };
        ordered(walked.items.len(), jobs, work, |(idx, result)| {
            let told = match (&walked.items[idx], result) {
                (Item::Text(input), Ok(done)) => self.done(input, &done),
                (_, Err(failure)) => self.failed(&failure),
                (Item::Failed(_), Ok(_)) => Ok(()),
            };
            self.progress.step();
            match told {
                Err(error) => {
                    broken = Some(error);
                    ControlFlow::Break(())
                }
                // Nobody listens any more; only `fix` has other work to do.
                Ok(()) if self.pipe.is_closed() && self.order.verb != Verb::Fix => ControlFlow::Break(()),
                Ok(()) => ControlFlow::Continue(()),
            }
        });
        if let Some(error) = broken {
            return Err(told(&error));
        }
        self.progress.finish();
        self.reporter.end(&self.totals).map_err(|error| told(&error))?;
        self.files.persist()?;
        if self.pipe.is_closed() && self.order.verb != Verb::Fix {
            return Ok(Exit::Done);
        }
        suppressions.tell_unused(&self.used, self.voice);
        closing_notes(self.order, walked, self.totals.files, self.voice);
        if let Some(records) = shop.records.filter(|records| records.n_reused() > 0) {
            let (n, all) = (records.n_reused(), self.totals.files);
            self.voice.note(&Message::new(
                format!("{all} 个文件中 {n} 个已由先前的运行做好，未重做"),
                format!("{n} of {all} files had been done by an earlier run"),
            ));
        }
        Ok(exit(self.order, &self.totals, self.left, self.changed))
    }

    fn info(&self) -> RunInfo {
        let verb = if self.order.verb == Verb::Fix && self.order.output != Output::Nowhere { "fix" } else { "check" };
        RunInfo {
            verb,
            level: self.engine.policy.level,
            min_confidence: self.engine.policy.min_confidence,
            verbosity: self.order.verbosity,
            rules: engine::rules(self.engine, self.rule_files),
        }
    }

    fn done(&mut self, input: &Input, done: &Done) -> io::Result<()> {
        let file = FileReport::new(&input.name, done.text(), &done.run, &done.label).with_bom(done.decoded.bom).with_given(&input.given);
        self.totals.add(&file);
        self.changed |= !done.run.script.is_empty();
        self.used.extend(done.run.findings.iter().filter_map(|judged| match judged.verdict.reason {
            Reason::Suppressed { line, .. } => Some(line),
            _ => None,
        }));
        self.left |= !done.run.converged || done.run.findings.iter().any(|judged| self.is_left(judged));
        if done.decoded.decision.is_doubtful() {
            let (name, label) = (&input.given, &done.label);
            self.progress.around(|| self.voice.note(&Message::new(format!("{name}：{}", label.zh), format!("{name}: {}", label.en))));
        }
        if let Some(bytes) = &done.bytes {
            let mut out = sinks::stdout(&self.pipe);
            out.write_all(bytes)?;
            out.flush()?;
        }
        self.progress.around(|| self.reporter.file(&file))
    }

    fn failed(&mut self, failure: &Failure) -> io::Result<()> {
        self.totals.files_failed += 1;
        self.progress.around(|| {
            // The format for people tells it as well, but standard output may
            // be read by nobody; the other formats mostly keep silent.
            if self.order.format != Some("human") {
                self.voice.failure(failure);
            }
            self.reporter.failure(failure)
        })
    }

    /// Whether a finding leaves something to do: for `check` any problem, for
    /// `fix` a fix that the level asks for and that was not applied.
    fn is_left(&self, judged: &Judged) -> bool {
        let (finding, verdict) = (&judged.finding, &judged.verdict);
        if finding.severity == Severity::Information {
            return false;
        }
        let policy = &self.engine.policy;
        if matches!(verdict.reason, Reason::Suppressed { .. } | Reason::PageClean { .. }) {
            return false;
        }
        self.order.verb == Verb::Check
            || (matches!(verdict.outcome, Outcome::Held | Outcome::Skipped)
                && finding.safety >= policy.level
                && finding.confidence >= policy.min_confidence
                && !matches!(verdict.reason, Reason::SameChange(_)))
    }
}

fn exit(order: &Order<'_>, totals: &Totals, left: bool, changed: bool) -> Exit {
    let left = if order.verb == Verb::Diff { changed } else { left };
    match (totals.files_failed > 0, left && !order.exit_zero) {
        (true, _) => Exit::Error,
        (false, true) => Exit::Left,
        (false, false) => Exit::Done,
    }
}

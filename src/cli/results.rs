//! What a run makes of the results of its files: reports, counts, exit code.

use std::collections::BTreeSet;
use std::io;
use std::ops::ControlFlow;

use super::dump;
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
use crate::format::engine_of;
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
        let items = &walked.items;
        let mut broken = None;
        let mut at = 0;
        while at < items.len() && broken.is_none() && !self.is_unheard() {
            if let Some((input, column)) = dump_of(&items[at], shop) {
                broken = self.dump(at, input, column, shop, jobs).err();
                self.progress.step();
                at += 1;
                continue;
            }
            let n = items[at..].iter().take_while(|item| dump_of(item, shop).is_none()).count();
            broken = self.texts(at, &items[at..at + n], shop, jobs).err();
            at += n;
        }
        if let Some(error) = broken {
            return Err(told(&error));
        }
        self.progress.finish();
        self.reporter.end(&self.totals).map_err(|error| told(&error))?;
        self.files.persist()?;
        if self.is_unheard() {
            return Ok(Exit::Done);
        }
        suppressions.tell_unused(&self.used, self.voice);
        closing_notes(self.order, walked, self.totals.files, self.voice);
        if let Some(kept) = shop.kept.filter(|kept| kept.n_reused() > 0) {
            let (n, all) = (kept.n_reused(), self.totals.files);
            self.voice.note(&Message::new(
                format!("{all} 个文件中 {n} 个已由先前的运行做好，未重做"),
                format!("{n} of {all} files had been done by an earlier run"),
            ));
        }
        Ok(exit(self.order, &self.totals, self.left, self.changed))
    }

    /// Nobody listens any more; only `fix` has other work to do.
    fn is_unheard(&self) -> bool {
        self.pipe.is_closed() && self.order.verb != Verb::Fix
    }

    /// Files that are a text each, the first of which is the run's `first`-th.
    fn texts(&mut self, first: usize, items: &[Item], shop: &Workshop<'_>, jobs: usize) -> io::Result<()> {
        let mut broken = Ok(());
        let work = |at: usize| match &items[at] {
            Item::Text(input) => (at, shop.process(first + at, input)),
            Item::Failed(failure) => (at, Err(failure.clone())),
        };
        ordered(items.len(), jobs, work, |(at, result)| {
            broken = match (&items[at], result) {
                (Item::Text(input), Ok(done)) => self.done(input, None, &done),
                (_, Err(failure)) => self.failed(&failure),
                (Item::Failed(_), Ok(_)) => Ok(()),
            };
            self.progress.step();
            if broken.is_err() || self.is_unheard() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        broken
    }

    /// A file of records, the run's `idx`-th.
    fn dump(&mut self, idx: usize, input: &Input, column: &str, shop: &Workshop<'_>, jobs: usize) -> io::Result<()> {
        let mut broken = Ok(());
        let mut out = sinks::stdout(&self.pipe);
        let job = dump::Job { shop, column, idx, input, jobs };
        let result = job.run(&mut *out, &mut |row| {
            broken = match row.result {
                Ok(Some(done)) => self.done(input, Some(row.record), &done),
                Ok(None) => Ok(()),
                Err(failure) => self.failed(&failure),
            };
            if broken.is_err() || self.is_unheard() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        broken?;
        out.flush()?;
        result.or_else(|failure| self.failed(&failure))
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

    fn done(&mut self, input: &Input, record: Option<usize>, done: &Done) -> io::Result<()> {
        let named = |name: &str| record.map_or_else(|| name.to_owned(), |record| format!("{name}#{record}"));
        let (name, given) = (named(&input.name), named(&input.given));
        let file = FileReport::new(&name, done.text(), &done.run, &done.label).with_bom(done.decoded.bom).with_given(&given);
        let engine = done.extract.as_ref().and_then(|_| engine_of(&done.decoded.text));
        let file = file.with_engine(engine.as_deref()).with_record(record);
        let file = file.with_geometry(done.extract.as_ref().map(|extract| &extract.geometry));
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

/// A file of records, and the column with their text.
fn dump_of<'i>(item: &'i Item, shop: &'i Workshop<'_>) -> Option<(&'i Input, &'i str)> {
    match item {
        Item::Text(input) if dump::is_dump(&input.relative) => Some((input, shop.column?)),
        _ => None,
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

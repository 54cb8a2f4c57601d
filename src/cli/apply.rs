use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::args::{Global, RunArgs};
use super::decisions::{self, Store};
use super::exit::{Exit, Trouble};
use super::run;
use super::voice::Voice;
use crate::apply::Script;
use crate::decision::{Book, Decision, Finder, Log, Standing, plan};
use crate::finding::{Message, Outcome};
use crate::patch::Cause;
use crate::pipeline::{Decided, Judged, Ruled};

#[derive(Debug, clap::Args)]
pub(super) struct ApplyArgs {
    #[command(flatten)]
    pub(super) run: RunArgs,
    /// 成稿写入此文件夹，保持相对路径 · Write the texts below this folder
    #[arg(long, value_name = "DIR", help_heading = "输出 Output")]
    pub(super) out_dir: PathBuf,
    /// 把报告写入此文件夹 · Write a report to this folder
    #[arg(long, value_name = "DIR", help_heading = "输出 Output")]
    pub(super) report: Option<PathBuf>,
    /// 有遗留也以 0 退出（出错仍为 2） · Exit with 0 whatever is left (errors: 2)
    #[arg(long, help_heading = "输出 Output")]
    pub(super) exit_zero: bool,
    /// 只到此时为止的决定（UTC；只写日期则含当天） · Decisions up to this time in UTC; a day is meant whole
    #[arg(long, value_name = "TIME", help_heading = "决定 Decisions")]
    until: Option<String>,
    /// 只用此人的决定，可重复 · Decisions of this reviewer alone; may be repeated
    #[arg(long, value_name = "NAME", help_heading = "决定 Decisions")]
    reviewer: Vec<String>,
    /// 不用这条规则，也不用就它作的决定，可重复 · Without this rule and what was decided about it; may be repeated
    #[arg(long, value_name = "RULE|PACK", help_heading = "决定 Decisions")]
    without_rule: Vec<String>,
}

/// `jiaokan apply`: the texts with everything that was decided.
pub(super) fn apply(args: &ApplyArgs, global: &Global, voice: &Voice) -> Result<Exit, Trouble> {
    let [folder] = args.run.paths.as_slice() else {
        return Err(Trouble::new(
            "apply 一次只处理一个文件夹：决定记在那个文件夹的 .jiaokan 里",
            "apply takes one folder: the decisions lie in its .jiaokan",
        ));
    };
    if !folder.is_dir() {
        let shown = folder.display();
        return Err(Trouble::new(format!("{shown} 不是文件夹"), format!("{shown} is no folder")));
    }
    let chosen = Chosen::new(args, folder)?;
    let verdicts = Verdicts { finder: Finder::new(chosen.decisions.iter().collect()), seen: Mutex::default() };
    let mut run = RunArgs { ignore: args.without_rule.clone(), ..args.run.clone() };
    run.ignore.extend(args.run.ignore.iter().cloned());
    let exit = run::apply(args, &run, &verdicts, global, voice)?;
    verdicts.tell(&chosen, voice);
    Ok(exit)
}

/// What of the log is to be done.
struct Chosen {
    decisions: Vec<Decision>,
    n_conflicts: usize,
    n_asked: usize,
}

impl Chosen {
    fn new(args: &ApplyArgs, folder: &Path) -> Result<Self, Trouble> {
        let until = args.until.as_deref().map(decisions::end_of).transpose()?;
        let of = |decision: &Decision, rule: &String| {
            decision.rule == *rule || decision.rule.strip_prefix(rule.as_str()).is_some_and(|rest| rest.starts_with('/'))
        };
        let mut log: Log = Store::of(folder).read()?;
        log.decisions.retain(|decision| {
            until.as_ref().is_none_or(|until| decision.time <= *until)
                && (args.reviewer.is_empty() || args.reviewer.contains(&decision.reviewer))
                && !args.without_rule.iter().any(|rule| of(decision, rule))
        });
        let book = Book::from(log);
        let mut chosen = Self { decisions: Vec::new(), n_conflicts: 0, n_asked: 0 };
        for place in book.places() {
            match book.standing(place) {
                Standing::Settled(decision) => chosen.decisions.push(decision.clone()),
                Standing::Asked(_) => chosen.n_asked += 1,
                Standing::Conflict(_) => chosen.n_conflicts += 1,
                Standing::Open => {}
            }
        }
        Ok(chosen)
    }
}

/// Decisions that are carried out on every text in which their places stand.
pub(super) struct Verdicts<'d> {
    finder: Finder<'d>,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    /// Decisions that were carried out somewhere.
    done: BTreeSet<usize>,
    /// Decisions for which another one left no room.
    in_the_way: BTreeSet<usize>,
    /// Decisions on a place whose surroundings changed.
    near: BTreeSet<usize>,
}

/// The decisions on one text.
pub(super) struct Applied<'d> {
    pub(super) decided: Decided,
    /// Whose change each place is.
    changes: Vec<(crate::text::Span, &'d Decision)>,
    forced: Vec<(crate::text::Span, &'d Decision)>,
}

impl<'d> Verdicts<'d> {
    /// What the decisions make of a text, named as in reports.
    pub(super) fn on(&self, name: &str, text: &str, untouchable: &[crate::text::Span]) -> Applied<'d> {
        let decisions = self.finder.decisions();
        let found = self.finder.find(name, text);
        let mut plan = plan(text, decisions, &found);
        // What is no text cannot be edited away.
        let broken: Vec<usize> =
            plan.edits.iter().filter(|(edit, _)| untouchable.iter().any(|span| span.overlaps(edit.span))).map(|&(_, idx)| idx).collect();
        plan.edits.retain(|(_, idx)| !broken.contains(idx));
        plan.in_the_way.extend(broken);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.done.extend(found.iter().map(|found| found.decision).filter(|idx| !plan.in_the_way.contains(idx)));
        seen.near.extend(found.iter().filter(|found| found.is_near()).map(|found| found.decision));
        seen.in_the_way.extend(&plan.in_the_way);
        drop(seen);
        let ruled = |places: &[(crate::text::Span, usize)]| -> Vec<Ruled> {
            places.iter().map(|&(span, idx)| Ruled { rule: decisions[idx].rule.clone(), span, by: by(decisions[idx]) }).collect()
        };
        let (held_back, forced) = (ruled(&plan.held_back), ruled(&plan.forced));
        let changes = plan.edits.iter().map(|(edit, idx)| (edit.span, decisions[*idx])).collect();
        let edits = plan.edits.into_iter().map(|(edit, _)| edit).collect();
        let script = Script::new(edits).expect("a plan's edits are disjoint");
        let fixed = plan.fixed;
        let forced_by = plan.forced.iter().map(|&(span, idx)| (span, decisions[idx])).collect();
        Applied { decided: Decided { script, fixed, held_back, forced }, changes, forced: forced_by }
    }

    /// Says what became of the decisions.
    fn tell(&self, chosen: &Chosen, voice: &Voice) {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let (n_all, n_done) = (chosen.decisions.len(), seen.done.len());
        voice.note(&Message::new(format!("{n_all} 条决定，落实 {n_done} 条"), format!("{n_done} of {n_all} decisions were carried out")));
        let n_blocked = seen.in_the_way.difference(&seen.done).count();
        let n_gone = n_all - n_done - n_blocked;
        for (n, zh, en) in [
            (
                n_gone,
                "条已过时：文本里找不到，未落实（decisions list --outdated）",
                "are outdated: their places are gone (decisions list --outdated)",
            ),
            (seen.near.len(), "条的上下文已不同，仍落实", "were carried out although their surroundings changed"),
            (n_blocked, "条与另一条决定相碰，未落实", "touch what another decision changes and were not carried out"),
            (
                chosen.n_conflicts,
                "处说法不一，未落实（decisions list --conflicts）",
                "places are left as they are: reviewers disagree (decisions list --conflicts)",
            ),
            (chosen.n_asked, "处在请教别人，未落实", "places are left as they are: a colleague is asked"),
        ] {
            if n > 0 {
                voice.note(&Message::new(format!("{n} {zh}"), format!("{n} {en}")));
            }
        }
    }
}

impl Applied<'_> {
    /// Who or what made the change of a run; `findings` are the run's.
    pub(super) fn causes(&self, findings: &[Judged]) -> Vec<Cause> {
        let mut causes: Vec<Cause> = self.changes.iter().map(|&(span, decision)| by_hand(vec![span], decision)).collect();
        for mut cause in causes_of(findings) {
            let own = |(span, decision): &&(crate::text::Span, &Decision)| decision.rule == cause.1.rule && *span == cause.0;
            if let Some((_, decision)) = self.forced.iter().find(own) {
                let said = by_hand(Vec::new(), decision);
                (cause.1.reviewer, cause.1.time, cause.1.decision, cause.1.note) = (said.reviewer, said.time, said.decision, said.note);
            }
            causes.push(cause.1);
        }
        causes
    }
}

fn by_hand(spans: Vec<crate::text::Span>, decision: &Decision) -> Cause {
    Cause {
        spans,
        notes: Vec::new(),
        rule: decision.rule.clone(),
        message: None,
        confidence: None,
        reviewer: Some(decision.reviewer.clone()),
        time: Some(decision.time.clone()),
        decision: Some(decision.decision.name().to_owned()),
        note: decision.note.clone(),
    }
}

/// What the rules of a run changed, each with the place of its finding.
pub(super) fn causes_of(findings: &[Judged]) -> impl Iterator<Item = (crate::text::Span, Cause)> {
    let applied = findings.iter().filter(|judged| judged.verdict.outcome == Outcome::Applied);
    applied.map(|Judged { finding, .. }| {
        let spans = finding.fixes.first().map(|fix| fix.edits.iter().map(|edit| edit.span).collect()).unwrap_or_default();
        let cause = Cause {
            spans,
            notes: Vec::new(),
            rule: finding.rule.clone(),
            message: Some(finding.message.clone()),
            confidence: Some(finding.confidence),
            reviewer: None,
            time: None,
            decision: None,
            note: None,
        };
        (finding.span, cause)
    })
}

/// Who decided, and when.
fn by(decision: &Decision) -> Message {
    let (who, time) = (&decision.reviewer, &decision.time);
    Message::new(format!("{who}，{time}"), format!("{who}, {time}"))
}

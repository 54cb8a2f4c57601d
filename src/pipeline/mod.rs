//! One run over one text: detect on a snapshot, resolve, apply, next phase,
//! and again until nothing more changes.
//!
//! `check`, `fix`, `diff` and every report are this one run with different
//! sinks. Start at [`Engine::run`].

mod decided;
mod history;
#[cfg(test)]
mod tests;
mod triage;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::apply::{Script, SourceMap};
use crate::detect::{Context, Detector, Gauge, Memory, Resources, RunEvidence, Settings, Shared};
use crate::document::{Geometry, Layout};
use crate::finding::{Edit, Finding, Outcome, Phase};
use crate::resolve::{Policy, Reason, Selection, Verdict, resolve};
use crate::text::Span;
pub use decided::{Decided, Ruled};
use history::History;
pub use triage::Condition;

/// Rounds over all phases before a text counts as not converging. One round
/// does the work, a second sees that nothing is left; more are needed only
/// where a repair uncovers damage of an earlier phase.
const MAX_ROUNDS: usize = 8;

/// Everything a run needs but the text. Shared by all threads.
pub struct Engine {
    /// The detectors that take part, rule packs included.
    pub detectors: Vec<Box<dyn Detector>>,
    /// The configuration detectors see.
    pub settings: Settings,
    /// Which rules take part.
    pub selection: Selection,
    /// What is applied.
    pub policy: Policy,
    /// Word lists and statistics.
    pub resources: &'static Resources,
}

/// A finding with its verdict, in the coordinates of the decoded original.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Judged {
    /// The finding.
    pub finding: Finding,
    /// What became of it.
    pub verdict: Verdict,
}

/// The result of a run.
#[derive(Clone, Debug)]
pub struct Run {
    /// Sorted by place, then rule.
    pub findings: Vec<Judged>,
    /// The whole change, in the coordinates of the decoded original.
    pub script: Script,
    /// The corrected text.
    pub corrected: String,
    /// False when repairs kept triggering each other; the text is then as the
    /// last complete round left it.
    pub converged: bool,
    /// What the character models saw of the text, to estimate what is left;
    /// `None` when they did not read it.
    pub gauge: Option<Gauge>,
    /// What the page is like as a whole; set by [`Run::triaged`].
    pub condition: Condition,
}

impl Engine {
    /// Runs every phase over `original` until nothing changes.
    ///
    /// `untouchable`: sorted disjoint spans of `original` that survive as they
    /// are.
    #[must_use]
    pub fn run(&self, original: &str, untouchable: &[Span], evidence: &RunEvidence) -> Run {
        self.run_with(original, untouchable, None, evidence)
    }

    /// The same with what a file says of its lines on the page.
    #[must_use]
    pub fn run_with(&self, original: &str, untouchable: &[Span], geometry: Option<&Arc<Geometry>>, evidence: &RunEvidence) -> Run {
        let ground = Ground { geometry, before: None, held_back: &[], forced: &[] };
        self.run_on(original, untouchable, evidence, ground)
    }

    fn run_on(&self, original: &str, untouchable: &[Span], evidence: &RunEvidence, ground: Ground<'_>) -> Run {
        let map = SourceMap::identity(original.len());
        let (layout, protected) = self.read(original, &map, ground);
        let mut state = State {
            text: original.to_owned(),
            map,
            layout,
            protected,
            history: History::default(),
            n_changes: 0,
            memory: Memory::default(),
            ground,
        };
        let mut applied = Vec::new();
        let mut converged = false;
        let mut last: [Seen; Phase::ALL.len()] = Default::default();
        for _ in 0..MAX_ROUNDS {
            let before = state.n_changes;
            for (phase, seen) in Phase::ALL.into_iter().zip(&mut last) {
                // A phase that changed nothing in the text as it stands would
                // find the same again and again change nothing.
                if seen.n_changes == Some(state.n_changes) {
                    continue;
                }
                seen.n_changes = Some(state.n_changes);
                let judged = self.phase(phase, &mut state, original, untouchable, evidence);
                let (changes, others) = judged.into_iter().partition(|one| one.verdict.outcome == Outcome::Applied);
                let changes: Vec<Judged> = changes;
                applied.extend::<Vec<Judged>>(changes);
                seen.not_applied = others;
            }
            if state.n_changes == before {
                converged = true;
                break;
            }
        }
        let mut findings = applied;
        findings.extend(last.into_iter().flat_map(|seen| seen.not_applied));
        findings.sort_by(|a, b| {
            let key = |judged: &Judged| (judged.finding.span, judged.finding.phase);
            key(a).cmp(&key(b)).then_with(|| a.finding.rule.cmp(&b.finding.rule)).then_with(|| a.finding.observed.cmp(&b.finding.observed))
        });
        let gauge = state.memory.gauge();
        Run { findings, script: state.map.script(), corrected: state.text, converged, gauge, condition: Condition::Fair }
    }

    /// The lines of `text`, with the kinds that rules set, and its protected
    /// words.
    fn read(&self, text: &str, map: &SourceMap, ground: Ground<'_>) -> (Layout, Vec<Span>) {
        let mut layout = Layout::new(text);
        if let Some(geometry) = ground.geometry {
            layout.place(text, geometry, |span| ground.before.map_or(map.to_old(span), |before| before.to_old(map.to_old(span))));
        }
        let mut protected = Vec::new();
        for detector in &self.detectors {
            detector.classify(text, &mut layout);
            detector.protect(text, &mut protected);
        }
        (layout, protected)
    }

    fn phase(&self, phase: Phase, state: &mut State<'_>, original: &str, untouchable: &[Span], evidence: &RunEvidence) -> Vec<Judged> {
        let here = state.untouchable(untouchable);
        let mut findings = Vec::new();
        {
            let context = Context {
                text: &state.text,
                layout: &state.layout,
                untouchable: &here,
                phase,
                resources: self.resources,
                settings: &self.settings,
                evidence,
                shared: Shared::default(),
                memory: &state.memory,
            };
            let takes_part = |rules: &[&str]| rules.is_empty() || rules.iter().any(|rule| self.selection.allows(rule));
            for detector in self.detectors.iter().filter(|one| one.meta().phase == phase && takes_part(one.rules())) {
                detector.detect(&context, &mut findings);
            }
        }
        findings.retain(|finding| self.selection.allows(&finding.rule));
        if findings.is_empty() {
            return Vec::new();
        }
        let mut suppressed = self.take_suppressed(&mut findings, state, original);
        let (mut judged, edits) = self.judge(findings, &here, state, original);
        judged.append(&mut suppressed);
        if !edits.is_empty() {
            let script = Script::new(edits).expect("resolve lets only disjoint edits win");
            state.text = script.apply(&state.text);
            state.map = state.map.then(&script);
            (state.layout, state.protected) = self.read(&state.text, &state.map, state.ground);
            state.n_changes += 1;
        }
        judged
    }

    /// Takes out the findings on which somebody said no for good.
    fn take_suppressed(&self, findings: &mut Vec<Finding>, state: &State<'_>, original: &str) -> Vec<Judged> {
        let suppressed = &self.selection.suppressed;
        if suppressed.is_empty() && state.ground.held_back.is_empty() {
            return Vec::new();
        }
        let mut taken = Vec::new();
        findings.retain(|finding| {
            let by_list = suppressed.iter().find(|one| one.holds(finding, &state.text));
            let by_list = by_list.map(|one| Reason::Suppressed { line: one.line, reason: one.reason.clone() });
            let Some(reason) =
                by_list.or_else(|| state.decided(finding, state.ground.held_back).map(|one| Reason::Decided(one.by.clone())))
            else {
                return true;
            };
            taken.push(Judged {
                finding: state.to_original(finding.clone(), original),
                verdict: Verdict { outcome: Outcome::Rejected, reason },
            });
            false
        });
        taken
    }

    /// Verdicts on `findings`, which come out in the coordinates of
    /// `original`, and the edits that won. Two rules that each take back what
    /// the other one did would go on for ever: the first one wins.
    fn judge(&self, mut findings: Vec<Finding>, here: &[Span], state: &mut State<'_>, original: &str) -> (Vec<Judged>, Vec<Edit>) {
        let mut judged = Vec::new();
        loop {
            let (verdicts, edits) =
                resolve(&findings, here, &self.policy, |finding| state.decided(finding, state.ground.forced).map(|one| &one.by));
            let mut undoes = findings
                .iter()
                .zip(&verdicts)
                .map(|(finding, verdict)| {
                    verdict.outcome == Outcome::Applied && state.history.is_undone_by(&state.edits_of(finding), original)
                })
                .collect::<Vec<bool>>()
                .into_iter();
            let undoing: Vec<Finding> = findings.extract_if(.., |_| undoes.next() == Some(true)).collect();
            let none = undoing.is_empty();
            let verdict = Verdict { outcome: Outcome::Rejected, reason: Reason::Undoes };
            judged.extend(
                undoing.into_iter().map(|finding| Judged { finding: state.to_original(finding, original), verdict: verdict.clone() }),
            );
            if !none {
                continue;
            }
            for (finding, verdict) in findings.into_iter().zip(verdicts) {
                let finding = state.to_original(finding, original);
                if verdict.outcome == Outcome::Applied {
                    state.history.add(&finding);
                }
                judged.push(Judged { finding, verdict });
            }
            return (judged, edits);
        }
    }
}

/// What is known of a text besides it.
#[derive(Clone, Copy)]
struct Ground<'a> {
    /// Where the lines of the file stand on the page.
    geometry: Option<&'a Arc<Geometry>>,
    /// What people changed before the run: from the text to the file.
    before: Option<&'a SourceMap>,
    /// Places at which somebody said no to a rule.
    held_back: &'a [Ruled],
    /// Places at which somebody said yes to a rule.
    forced: &'a [Ruled],
}

/// The text as it stands between phases.
struct State<'a> {
    text: String,
    map: SourceMap,
    layout: Layout,
    /// Words of this text that no fix may change, in any order.
    protected: Vec<Span>,
    history: History,
    /// How often the text was changed; the same number means the same text.
    n_changes: usize,
    /// What detectors remember.
    memory: Memory,
    /// What is known of the text besides it.
    ground: Ground<'a>,
}

/// What a phase found when it ran last.
#[derive(Default)]
struct Seen {
    /// The text it saw, by [`State::n_changes`].
    n_changes: Option<usize>,
    /// What it left as it was, in the coordinates of the original.
    not_applied: Vec<Judged>,
}

impl State<'_> {
    /// Everything nobody may change in the text as it stands: `spans` of the
    /// original and the protected words, sorted and disjoint.
    fn untouchable(&self, spans: &[Span]) -> Vec<Span> {
        let mut all = self.forward(spans);
        if self.protected.is_empty() {
            return all;
        }
        all.extend_from_slice(&self.protected);
        all.sort();
        let mut disjoint: Vec<Span> = Vec::with_capacity(all.len());
        for span in all {
            match disjoint.last_mut() {
                Some(last) if last.end > span.start => *last = last.hull(span),
                _ => disjoint.push(span),
            }
        }
        disjoint
    }

    /// Spans of the original in the coordinates of the text as it stands.
    /// Nothing can have changed inside them.
    fn forward(&self, spans: &[Span]) -> Vec<Span> {
        if spans.is_empty() {
            return Vec::new();
        }
        let mut forward = Vec::with_capacity(spans.len());
        let mut at = 0;
        let mut spans = spans.iter().peekable();
        for piece in self.map.pieces() {
            match piece {
                crate::apply::Piece::Inserted(text) => at += text.len(),
                crate::apply::Piece::Kept(kept) => {
                    while let Some(span) = spans.next_if(|span| kept.contains(**span)) {
                        forward.push(Span::new(span.start - kept.start + at, span.end - kept.start + at));
                    }
                    at += kept.len();
                }
            }
        }
        forward
    }

    /// The place among `places` that is the one of `finding`.
    fn decided<'p>(&self, finding: &Finding, places: &'p [Ruled]) -> Option<&'p Ruled> {
        if places.is_empty() {
            return None;
        }
        let span = self.map.to_old(finding.span);
        places.iter().find(|place| place.span == span && place.rule == finding.rule)
    }

    /// The edits of the fix that would be applied, in the coordinates of the
    /// original.
    fn edits_of(&self, finding: &Finding) -> Vec<Edit> {
        finding.fixes.first().iter().flat_map(|fix| &fix.edits).map(|edit| self.map.edit_to_old(edit, &self.text)).collect()
    }

    fn to_original(&self, mut finding: Finding, original: &str) -> Finding {
        for fix in &mut finding.fixes {
            for edit in &mut fix.edits {
                *edit = self.map.edit_to_old(edit, &self.text);
            }
        }
        for related in finding.related.iter_mut().filter(|related| related.file.is_none()) {
            related.span = self.map.to_old(related.span);
        }
        finding.span = self.map.to_old(finding.span);
        finding.observed = finding.span.of(original).to_owned();
        finding
    }
}

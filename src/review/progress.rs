use serde::Serialize;

use super::desk::{Desk, State};
use crate::decision::Verdict;
use crate::finding::Outcome;

/// Standard deviations on either side that hold 19 cases of 20.
const Z: f64 = 1.96;
/// Seconds between two decisions after which somebody did something else.
const PAUSE_SECONDS: i64 = 120;
/// Errors per 10,000 characters that the press allows.
const NORM: f64 = 3.0;

/// What the report says of the texts as a whole.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Known {
    /// Characters that are not white space; 0 when nobody counted.
    pub characters: usize,
    /// Errors per 10,000 that the models think are left after the run, with
    /// bounds.
    pub left: Option<Range>,
}

/// A number with bounds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Range {
    /// The best guess.
    pub value: f64,
    /// It is hardly less.
    pub low: f64,
    /// It is hardly more.
    pub high: f64,
}

/// How far the review got.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Progress {
    /// Findings that wait or waited for a reader.
    pub to_decide: usize,
    /// Of them, those that are decided.
    pub decided: usize,
    /// Of them, those that a colleague is asked about.
    pub asked: usize,
    /// Of them, those on which reviewers disagree.
    pub conflicts: usize,
    /// Of them, those decided on an earlier reading.
    pub carried: usize,
    /// Findings that the run applied.
    pub applied: usize,
    /// Of them, those that somebody looked at.
    pub applied_decided: usize,
    /// Findings by verdict.
    pub verdicts: Vec<(&'static str, usize)>,
    /// Characters of the texts that are not white space.
    pub characters: usize,
    /// Suspected errors per 10,000 characters before anything was done.
    pub before_per_10k: f64,
    /// Of them, those that are still in the text.
    pub now_per_10k: f64,
    /// Errors per 10,000 before, by what the sample says of the findings.
    pub before_by_sample: Option<Range>,
    /// The same for now: undecided findings that are errors, and wrong repairs
    /// that nobody looked at.
    pub now_by_sample: Option<Range>,
    /// What the models think was left after the run, seen or not.
    pub left_by_models: Option<Range>,
    /// Findings of the sample that are decided, one after the other from its
    /// beginning.
    pub sampled: usize,
    /// Decisions a minute, pauses aside; many alike that are decided at once
    /// are one. `None` before there are a few.
    pub pace: Option<f64>,
    /// Seconds that are left at this pace.
    pub seconds_left: Option<f64>,
    /// What the press allows, per 10,000 characters.
    pub norm: f64,
}

/// Of a stratum, findings that were decided in the order of the sample.
#[derive(Default)]
struct Stratum {
    n: usize,
    n_errors: usize,
}

impl Stratum {
    /// The share of errors, with the bounds of Wilson.
    fn share(&self) -> Option<Range> {
        let n = self.n as f64;
        (self.n > 0).then(|| {
            let share = self.n_errors as f64 / n;
            let middle = (share + Z * Z / (2.0 * n)) / (1.0 + Z * Z / n);
            let half = Z / (1.0 + Z * Z / n) * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
            Range { value: share, low: (middle - half).max(0.0), high: (middle + half).min(1.0) }
        })
    }
}

impl Desk {
    /// How far the review got. `reviewer`: whose pace is told.
    #[must_use]
    pub fn progress(&self, known: Known, reviewer: &str) -> Progress {
        let mut progress = Progress {
            to_decide: 0,
            decided: 0,
            asked: 0,
            conflicts: 0,
            carried: 0,
            applied: 0,
            applied_decided: 0,
            verdicts: Verdict::ALL.iter().filter(|verdict| **verdict != Verdict::Retract).map(|verdict| (verdict.name(), 0)).collect(),
            characters: known.characters,
            before_per_10k: 0.0,
            now_per_10k: 0.0,
            before_by_sample: None,
            now_by_sample: None,
            left_by_models: known.left,
            sampled: 0,
            pace: self.pace(reviewer),
            seconds_left: None,
            norm: NORM,
        };
        for (idx, item) in (0_u32..).zip(&self.items) {
            let state = self.state(idx);
            let verdict = match state {
                State::Settled(verdict) | State::Carried(verdict) => verdict.name(),
                State::Asked => Verdict::Ask.name(),
                State::Open | State::Conflict => "",
            };
            if let Some((_, n)) = progress.verdicts.iter_mut().find(|(name, _)| *name == verdict) {
                *n += 1;
            }
            match item.outcome {
                Outcome::Held => {
                    progress.to_decide += 1;
                    match state {
                        State::Settled(_) => progress.decided += 1,
                        State::Asked => progress.asked += 1,
                        State::Conflict => progress.conflicts += 1,
                        State::Carried(_) => progress.carried += 1,
                        State::Open => {}
                    }
                }
                Outcome::Applied => {
                    progress.applied += 1;
                    progress.applied_decided += usize::from(state != State::Open);
                }
                Outcome::Rejected | Outcome::Skipped => {}
            }
        }
        let left = progress.to_decide - progress.decided - progress.carried;
        progress.seconds_left = progress.pace.filter(|pace| *pace > 0.0).map(|pace| 60.0 * left as f64 / pace);
        let per_10k = |n: f64| if known.characters > 0 { 10_000.0 * n / known.characters as f64 } else { 0.0 };
        progress.before_per_10k = per_10k((progress.to_decide + progress.applied) as f64);
        progress.now_per_10k = per_10k(left as f64);
        self.by_sample(&mut progress, left, per_10k);
        progress
    }

    /// What the decided beginning of the random order says of all findings.
    fn by_sample(&self, progress: &mut Progress, left: usize, per_10k: impl Fn(f64) -> f64) {
        let mut order: Vec<u32> = (0..u32::try_from(self.items.len()).unwrap_or(u32::MAX)).collect();
        order.sort_by_key(|&idx| self.items[idx as usize].fingerprint);
        let verdict = |idx: u32| match self.state(idx) {
            State::Settled(verdict) | State::Carried(verdict) => Some(verdict),
            _ => None,
        };
        let is_error = |verdict: Verdict| matches!(verdict, Verdict::Accept | Verdict::Custom);
        let count = |outcome: Outcome| {
            let mut stratum = Stratum::default();
            for verdict in order.iter().filter(|&&idx| self.items[idx as usize].outcome == outcome).map_while(|&idx| verdict(idx)) {
                stratum.n += 1;
                stratum.n_errors += usize::from(is_error(verdict));
            }
            stratum
        };
        let (held, applied) = (count(Outcome::Held), count(Outcome::Applied));
        progress.sampled = held.n + applied.n;
        let sum = |a: Range, times_a: usize, b: Range, times_b: usize| {
            let at = |a: f64, b: f64| per_10k(a * times_a as f64 + b * times_b as f64);
            Range { value: at(a.value, b.value), low: at(a.low, b.low), high: at(a.high, b.high) }
        };
        // Before anybody looked at a repair, it may be right or wrong.
        let unknown = Range { value: 0.0, low: 0.0, high: 1.0 };
        let (Some(right), repairs) = (held.share(), applied.share()) else { return };
        let sound = match repairs {
            Some(range) => range,
            None if progress.applied == 0 => unknown,
            None => return,
        };
        let wrong = Range { value: 1.0 - sound.value, low: 1.0 - sound.high, high: 1.0 - sound.low };
        progress.before_by_sample = Some(sum(right, progress.to_decide, sound, progress.applied));
        progress.now_by_sample = Some(sum(right, left, wrong, progress.applied - progress.applied_decided));
    }

    /// Decisions a minute of one reviewer, pauses aside.
    fn pace(&self, reviewer: &str) -> Option<f64> {
        let own = self.book().decisions().iter().filter(|word| word.reviewer == reviewer && word.undoes.is_none());
        // A pattern that is decided at once says nothing of what is left.
        let mut acts: Vec<&crate::decision::Decision> = own.collect();
        acts.dedup_by(|next, last| next.act.is_some() && next.act == last.act);
        let times: Vec<i64> = acts.iter().filter_map(|word| seconds(&word.time)).collect();
        let gaps = times.windows(2).map(|pair| pair[1] - pair[0]).filter(|gap| (0..=PAUSE_SECONDS).contains(gap));
        let (n, busy) = gaps.fold((0_usize, 0_i64), |(n, busy), gap| (n + 1, busy + gap));
        (n >= 5 && busy > 0).then(|| 60.0 * n as f64 / busy as f64)
    }
}

/// Seconds since 1970 of `2026-01-31T08:00:00Z`.
fn seconds(time: &str) -> Option<i64> {
    let number = |from: usize, to: usize| time.get(from..to)?.parse::<i64>().ok();
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1 - 719_468;
    Some(days * 86_400 + number(11, 13)? * 3600 + number(14, 16)? * 60 + number(17, 19)?)
}

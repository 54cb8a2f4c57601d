//! Pages that are left as they are: those with nothing wrong, and those on which
//! no repair is to be trusted.

use serde::{Deserialize, Serialize};

use super::Run;
use crate::apply::Script;
use crate::finding::{Estimate, Outcome, Phase, Thresholds};
use crate::resolve::Reason;

/// What a page is like as a whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Condition {
    /// Nothing is wrong with it, or as good as nothing.
    Clean,
    /// Worth repairing; also what is too short to tell.
    #[default]
    Fair,
    /// So much is wrong that repairs are guesses.
    Damaged,
}

impl Run {
    /// Judges the page as a whole and takes the repairs of a clean or a damaged
    /// one back: its text is then `original`, its findings are held.
    ///
    /// A page whose lines or bytes were put in order is not clean, whatever its
    /// characters are like.
    #[must_use]
    pub fn triaged(mut self, original: &str, thresholds: &Thresholds) -> Self {
        let Some(gauge) = self.gauge else { return self };
        let rate = |estimate: Option<Estimate>| estimate.map(|estimate| estimate.per_10k());
        let (Some(before), Some(left)) = (rate(gauge.before().estimate()), rate(gauge.estimate())) else { return self };
        let applied = self.findings.iter().filter(|judged| judged.verdict.outcome == Outcome::Applied);
        let of_characters = applied.map(|judged| judged.finding.phase).all(|phase| phase > Phase::Structure);
        let reason = if left >= thresholds.damaged {
            self.condition = Condition::Damaged;
            Reason::PageDamaged { per_10k: left, from: thresholds.damaged }
        } else if before <= thresholds.clean && of_characters {
            self.condition = Condition::Clean;
            Reason::PageClean { per_10k: before, up_to: thresholds.clean }
        } else {
            return self;
        };
        for judged in self.findings.iter_mut().filter(|judged| judged.verdict.outcome == Outcome::Applied) {
            judged.verdict.outcome = Outcome::Held;
            judged.verdict.reason = reason.clone();
        }
        self.script = Script::default();
        original.clone_into(&mut self.corrected);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::Gauge;
    use crate::finding::{Class, ConfidenceOrigin, Edit, Finding, Fix, Message, Safety};
    use crate::pipeline::Judged;
    use crate::resolve::Verdict;
    use crate::text::Span;

    fn run(phase: Phase, gauge: Option<Gauge>) -> Run {
        let edit = Edit::replacement(Span::new(0, 3), "乙");
        let message = Message::new("", "");
        let finding = Finding::new("words/x", Class::LookAlike, phase, "甲", Span::new(0, 3), message.clone())
            .with_fix(Fix::one(message, edit.clone()))
            .with_trust(Safety::Automatic, 0.9, ConfidenceOrigin::Calibrated);
        let verdict = Verdict { outcome: Outcome::Applied, reason: Reason::AtLevel(Safety::Automatic) };
        Run {
            findings: vec![Judged { finding, verdict }],
            script: Script::new(vec![edit]).unwrap(),
            corrected: "乙".to_owned(),
            converged: true,
            gauge,
            condition: Condition::Fair,
        }
    }

    #[test]
    fn clean_and_damaged_pages_stay_as_they_are() {
        let clean = Gauge { symbols: 2000.0, bits: 8000.0, surprising: 50.0, ..Gauge::default() };
        let bad = Gauge {
            symbols: 2000.0,
            bits: 24_000.0,
            surprising: 1000.0,
            startling: 800.0,
            proposals: 600.0,
            expected: 500.0,
            expected_first: 600.0,
        };
        let thresholds = Thresholds::default();
        for (gauge, phase, condition) in [
            (clean, Phase::Words, Condition::Clean),
            (clean, Phase::Structure, Condition::Fair),
            (bad, Phase::Words, Condition::Damaged),
            (bad, Phase::Structure, Condition::Damaged),
        ] {
            let run = run(phase, Some(gauge)).triaged("甲", &thresholds);
            assert_eq!(run.condition, condition, "{:?}", gauge.estimate());
            let stays = condition != Condition::Fair;
            assert_eq!(run.corrected, if stays { "甲" } else { "乙" });
            assert_eq!((run.script.is_empty(), run.findings[0].verdict.outcome == Outcome::Held), (stays, stays));
        }
        assert_eq!(run(Phase::Words, None).triaged("甲", &thresholds).condition, Condition::Fair, "too short to tell");
    }
}

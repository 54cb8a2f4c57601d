//! Decides which fixes win. Changes no text; the same findings give the same
//! outcomes in whatever order they come.
//!
//! The one overlap rule: safety > what removes a whole block >
//! confidence > longer span > earlier start > rule id. Spans that only touch
//! do not conflict.

mod reason;
mod suppression;

use std::cmp::Ordering;

pub use reason::Reason;
pub use suppression::Suppression;

use serde::{Deserialize, Serialize};

use crate::finding::{Class, Edit, Finding, Message, Outcome, Safety, Severity};
use crate::text::Span;

/// What a run applies.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// The least trusted tier that is applied.
    pub level: Safety,
    /// Fixes below this confidence are held, whatever their tier.
    pub min_confidence: f64,
}

impl Default for Policy {
    fn default() -> Self {
        Self { level: Safety::Automatic, min_confidence: 0.0 }
    }
}

/// Which rules take part, by id (`structure/broken-join`), by pack or group
/// (`structure`), everything when `select` is empty; `ignore` wins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Only these.
    pub select: Vec<String>,
    /// Not these.
    pub ignore: Vec<String>,
    /// Places at which somebody said no for good.
    pub suppressed: Vec<Suppression>,
}

impl Selection {
    /// True when the rule `id` takes part.
    #[must_use]
    pub fn allows(&self, id: &str) -> bool {
        let named = |names: &[String]| {
            names.iter().any(|name| id == name || id.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with('/')))
        };
        (self.select.is_empty() || named(&self.select)) && !named(&self.ignore)
    }
}

/// An outcome with its reason.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// What became of the finding.
    pub outcome: Outcome,
    /// Why.
    pub reason: Reason,
}

impl Verdict {
    fn new(outcome: Outcome, reason: Reason) -> Self {
        Self { outcome, reason }
    }
}

/// One verdict for each finding, in the order given, and the edits that won.
///
/// `untouchable` are sorted disjoint spans that no edit may change; an edit
/// may touch their ends. `accepted` says who accepted the fix of a finding: it
/// goes before all others, whatever its tier.
#[must_use]
pub fn resolve<'d>(
    findings: &[Finding],
    untouchable: &[Span],
    policy: &Policy,
    accepted: impl Fn(&Finding) -> Option<&'d Message>,
) -> (Vec<Verdict>, Vec<Edit>) {
    let accepted: Vec<Option<&Message>> = findings.iter().map(accepted).collect();
    let mut order: Vec<usize> = (0..findings.len()).collect();
    order.sort_by(|&a, &b| accepted[b].is_some().cmp(&accepted[a].is_some()).then_with(|| precedence(&findings[a], &findings[b])));
    let mut verdicts: Vec<Option<Verdict>> = vec![None; findings.len()];
    let mut taken = Taken::default();
    for idx in order {
        let finding = &findings[idx];
        verdicts[idx] = Some(match admit(finding, untouchable, policy, accepted[idx].is_some()) {
            Err(verdict) => verdict,
            Ok(edits) => match taken.claim(idx, edits) {
                Ok(()) => {
                    let reason = accepted[idx].map_or(Reason::AtLevel(finding.safety), |by| Reason::Accepted(by.clone()));
                    Verdict::new(Outcome::Applied, reason)
                }
                Err(winner) if findings[winner].fixes[0].edits == *edits => {
                    Verdict::new(Outcome::Skipped, Reason::SameChange(findings[winner].rule.clone()))
                }
                Err(winner) => Verdict::new(Outcome::Skipped, Reason::Overlaps(findings[winner].rule.clone())),
            },
        });
    }
    let verdicts = verdicts.into_iter().map(|verdict| verdict.expect("every finding was visited")).collect();
    (verdicts, taken.edits.into_values().map(|(_, edit)| edit).collect())
}

fn admit<'a>(finding: &'a Finding, untouchable: &[Span], policy: &Policy, is_accepted: bool) -> Result<&'a [Edit], Verdict> {
    if finding.severity == Severity::Information && finding.fixes.is_empty() {
        return Err(Verdict::new(Outcome::Held, Reason::InformationOnly));
    }
    let Some(fix) = finding.fixes.first().filter(|fix| !fix.edits.is_empty()) else {
        return Err(Verdict::new(Outcome::Held, Reason::NoRepairKnown));
    };
    if finding.safety < policy.level && !is_accepted {
        return Err(Verdict::new(Outcome::Held, Reason::BelowLevel(finding.safety)));
    }
    if finding.confidence < policy.min_confidence && !is_accepted {
        return Err(Verdict::new(
            Outcome::Held,
            Reason::BelowConfidence { confidence: finding.confidence, minimum: policy.min_confidence },
        ));
    }
    if fix.edits.iter().any(|edit| hits(edit.span, untouchable)) {
        return Err(Verdict::new(Outcome::Rejected, Reason::Protected));
    }
    Ok(&fix.edits)
}

fn hits(span: Span, untouchable: &[Span]) -> bool {
    let from = untouchable.partition_point(|protected| protected.end < span.start);
    untouchable[from..].iter().take_while(|protected| protected.start <= span.end).any(|protected| protected.overlaps(span))
}

fn precedence(a: &Finding, b: &Finding) -> Ordering {
    b.safety
        .cmp(&a.safety)
        // A block that goes needs no repairs, however sure they are.
        .then_with(|| (b.class == Class::DuplicateBlock).cmp(&(a.class == Class::DuplicateBlock)))
        .then_with(|| b.confidence.total_cmp(&a.confidence))
        .then_with(|| b.span.len().cmp(&a.span.len()))
        .then_with(|| a.span.start.cmp(&b.span.start))
        .then_with(|| a.rule.cmp(&b.rule))
        .then_with(|| a.observed.cmp(&b.observed))
        .then_with(|| format!("{:?}", a.fixes).cmp(&format!("{:?}", b.fixes)))
}

/// The edits that have won so far, by place.
#[derive(Default)]
struct Taken {
    edits: std::collections::BTreeMap<Span, (usize, Edit)>,
}

impl Taken {
    /// Takes all edits or none; the winner that stands in the way otherwise.
    fn claim(&mut self, owner: usize, edits: &[Edit]) -> Result<(), usize> {
        for edit in edits {
            if let Some(winner) = self.conflict(edit.span) {
                return Err(winner);
            }
        }
        for edit in edits {
            self.edits.insert(edit.span, (owner, edit.clone()));
        }
        Ok(())
    }

    fn conflict(&self, span: Span) -> Option<usize> {
        // Taken spans are disjoint, so only the neighbors can be in the way:
        // at most two before `span.end` start before it and reach into it,
        // since an insertion may touch the end of another edit.
        let upto = Span { start: span.end, end: usize::MAX };
        self.edits.range(..=upto).rev().take(3).find(|(taken, _)| taken.overlaps(span)).map(|(_, &(owner, _))| owner).or_else(|| {
            self.edits
                .range(Span { start: span.start, end: 0 }..=upto)
                .find(|(taken, _)| taken.overlaps(span))
                .map(|(_, &(owner, _))| owner)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{ConfidenceOrigin, Fix, Phase};

    fn finding(text: &str, rule: &str, span: Span, new: &str, confidence: f64) -> Finding {
        Finding::new(rule, Class::LookAlike, Phase::Characters, text, span, Message::new("", ""))
            .with_fix(Fix::one(Message::new("", ""), Edit { span, replacement: new.to_owned() }))
            .with_trust(Safety::Automatic, confidence, ConfidenceOrigin::Author)
    }

    #[test]
    fn the_more_confident_of_two_overlapping_fixes_wins_in_any_order() {
        let text = "abcdef";
        let low = finding(text, "a/low", Span::new(0, 3), "x", 0.6);
        let high = finding(text, "z/high", Span::new(2, 4), "y", 0.9);
        for findings in [vec![low.clone(), high.clone()], vec![high, low]] {
            let (verdicts, edits) = resolve(&findings, &[], &Policy::default(), |_| None);
            assert_eq!(edits.len(), 1);
            assert_eq!(edits[0].replacement, "y");
            assert_eq!(verdicts.iter().filter(|verdict| verdict.outcome == Outcome::Skipped).count(), 1);
        }
    }

    #[test]
    fn what_somebody_accepted_goes_before_all_others_whatever_its_tier() {
        let text = "abcdef";
        let mut flagged = finding(text, "a/flagged", Span::new(0, 3), "x", 0.1);
        flagged.safety = Safety::Flagged;
        let sure = finding(text, "z/sure", Span::new(2, 4), "y", 0.9);
        let by = Message::new("甲", "A");
        let (verdicts, edits) = resolve(&[sure, flagged], &[], &Policy::default(), |one| (one.rule == "a/flagged").then_some(&by));
        assert_eq!(edits.iter().map(|edit| edit.replacement.as_str()).collect::<Vec<_>>(), ["x"]);
        assert_eq!(verdicts[1].reason, Reason::Accepted(by.clone()));
    }

    #[test]
    fn a_copy_that_goes_needs_no_repairs() {
        let text = "abcdef";
        let repair = finding(text, "a/repair", Span::new(2, 3), "x", 0.99);
        let mut removal = finding(text, "z/copy", Span::new(1, 5), "", 0.98);
        removal.class = Class::DuplicateBlock;
        let (_, edits) = resolve(&[repair, removal], &[], &Policy::default(), |_| None);
        assert_eq!(edits.len(), 1);
        assert_eq!(edits[0].span, Span::new(1, 5));
    }

    #[test]
    fn a_pack_name_selects_its_rules_and_no_namesake() {
        let selection = Selection { select: vec!["places".into()], ignore: vec!["places/bad".into()], suppressed: Vec::new() };
        assert!(selection.allows("places/one"));
        assert!(!selection.allows("places/bad"));
        assert!(!selection.allows("placesque/one"));
    }

    #[test]
    fn protected_places_are_left_alone() {
        let text = "abcdef";
        let (verdicts, edits) =
            resolve(&[finding(text, "a/b", Span::new(2, 4), "x", 0.9)], &[Span::new(3, 5)], &Policy::default(), |_| None);
        assert!(edits.is_empty());
        assert_eq!(verdicts[0].outcome, Outcome::Rejected);
    }
}

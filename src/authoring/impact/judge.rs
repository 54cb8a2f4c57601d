use std::collections::BTreeMap;

use serde::Serialize;

use super::Place;
use crate::decision::{Decision, Verdict};

/// Characters on either side by which a decision knows its place again.
const KEY_CHARS: usize = 4;

/// What an edit did, as far as that is known. The worst comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Judgement {
    /// The place is farther from what was printed.
    Wrong,
    /// One error became another.
    Neither,
    /// Nobody knows.
    Unknown,
    /// The place is nearer to what was printed.
    Right,
}

impl Judgement {
    /// From how many errors fewer there are.
    #[must_use]
    pub fn of_gain(gain: isize) -> Self {
        match gain {
            1.. => Self::Right,
            0 => Self::Neither,
            _ => Self::Wrong,
        }
    }
}

/// The smallest change that makes `to` of `from`, with its nearest
/// surroundings.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Change {
    left: String,
    old: String,
    right: String,
}

/// What people decided, by changed characters and surroundings, whatever rule
/// had found the place.
#[derive(Clone, Debug, Default)]
pub struct Known {
    by_change: BTreeMap<Change, Vec<(String, bool)>>,
}

impl Known {
    /// From settled decisions.
    #[must_use]
    pub fn new<'d>(decisions: impl IntoIterator<Item = &'d Decision>) -> Self {
        let mut known = Self::default();
        for decision in decisions {
            let Some(replacement) = &decision.replacement else { continue };
            let is_right = matches!(decision.decision, Verdict::Accept | Verdict::Custom);
            let (change, new) = change(&decision.before, &decision.observed, replacement, &decision.after);
            known.by_change.entry(change).or_default().push((new, is_right));
        }
        known
    }

    /// What is known of an edit.
    #[must_use]
    pub fn judge(&self, place: &Place) -> Judgement {
        let Some(fixed) = &place.fixed else { return Judgement::Unknown };
        let (change, new) = change(&place.before, &place.observed, fixed, &place.after);
        let words = self.by_change.get(&change).map_or(&[][..], Vec::as_slice);
        // Somebody said what stands here: anything else is wrong.
        match words.iter().find(|(known, _)| *known == new) {
            Some((_, true)) => Judgement::Right,
            Some((_, false)) => Judgement::Wrong,
            None if words.iter().any(|(_, is_right)| *is_right) => Judgement::Wrong,
            None => Judgement::Unknown,
        }
    }
}

fn change(before: &str, from: &str, to: &str, after: &str) -> (Change, String) {
    let prefix: usize = from.chars().zip(to.chars()).take_while(|(a, b)| a == b).map(|(c, _)| c.len_utf8()).sum();
    let suffix: usize =
        from[prefix..].chars().rev().zip(to[prefix..].chars().rev()).take_while(|(a, b)| a == b).map(|(c, _)| c.len_utf8()).sum();
    let left = format!("{before}{}", &from[..prefix]);
    let right = format!("{}{after}", &from[from.len() - suffix..]);
    let mut nearest: Vec<char> = left.chars().rev().filter(|c| !c.is_whitespace()).take(KEY_CHARS).collect();
    nearest.reverse();
    let change = Change {
        left: nearest.into_iter().collect(),
        old: from[prefix..from.len() - suffix].to_owned(),
        right: right.chars().filter(|c| !c.is_whitespace()).take(KEY_CHARS).collect(),
    };
    (change, to[prefix..to.len() - suffix].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Span;

    #[test]
    fn a_decision_judges_every_rule_that_makes_the_same_change_there() {
        let text = "昨天大家己经到了会场门口";
        let at = text.find('己').unwrap();
        let accepted = Decision::about(text, Span::new(at, at + 3), "core/x", Verdict::Accept).with_replacement("已");
        let known = Known::new([&accepted]);
        let place = |observed: &str, fixed: &str, before: &str, after: &str| Place {
            file: String::new(),
            at: 0,
            line: 1,
            column: 1,
            rule: "other/y".to_owned(),
            observed: observed.to_owned(),
            fixed: Some(fixed.to_owned()),
            before: before.to_owned(),
            after: after.to_owned(),
            judgement: Judgement::Unknown,
        };
        assert_eq!(known.judge(&place("己经", "已经", "昨天大家", "到了会场门口")), Judgement::Right);
        assert_eq!(known.judge(&place("己经", "巳经", "昨天大家", "到了会场门口")), Judgement::Wrong);
        assert_eq!(known.judge(&place("己经", "已经", "明天人们", "到了会场门口")), Judgement::Unknown);
        let rejected = Decision { decision: Verdict::Reject, ..accepted };
        assert_eq!(Known::new([&rejected]).judge(&place("己", "已", "昨天大家", "经到了会场门口")), Judgement::Wrong);
    }
}

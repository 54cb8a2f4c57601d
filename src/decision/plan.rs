use super::place::{Found, How};
use super::{Decision, Verdict};
use crate::finding::Edit;
use crate::text::Span;

/// Characters of a rejected place that are protected from every rule. Saying
/// no to a change of a whole passage says nothing about its characters.
const PROTECTED_CHARS_MAX: usize = 16;

/// What decisions make of one text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// Disjoint edits, sorted, each with the index of its decision.
    pub edits: Vec<(Edit, usize)>,
    /// Sorted disjoint spans that no rule may change.
    pub fixed: Vec<Span>,
    /// Places where the rule of a decision is to do nothing.
    pub held_back: Vec<(Span, usize)>,
    /// Places where what the rule of a decision proposes is to be done: fixes
    /// that reach beyond the place, of which the log has no text.
    pub forced: Vec<(Span, usize)>,
    /// Decisions that cannot be carried out beside another one, which came
    /// first by time.
    pub in_the_way: Vec<usize>,
}

/// Makes the plan for `text` of the decisions that hold on it. Where two
/// changes overlap, the later one does not happen.
#[must_use]
pub fn plan(text: &str, decisions: &[&Decision], found: &[Found]) -> Plan {
    let mut plan = Plan::default();
    let mut order: Vec<&Found> = found.iter().collect();
    order.sort_by_key(|found| (found.how, &decisions[found.decision].time, found.span));
    let mut kept = Vec::new();
    for Found { decision: idx, span, .. } in order {
        let decision = decisions[*idx];
        match (decision.decision, &decision.replacement) {
            (Verdict::Accept | Verdict::Custom, Some(replacement)) => {
                let edit = smallest(text, *span, replacement);
                if edit.span.is_empty() && edit.replacement.is_empty() {
                    continue;
                }
                let touches = |other: &Edit| {
                    other.span.overlaps(edit.span) || (other.span.start == edit.span.start && other.span.is_empty() && edit.span.is_empty())
                };
                match plan.edits.iter().find(|(other, _)| touches(other)) {
                    Some((other, _)) if *other == edit => {}
                    Some(_) => plan.in_the_way.push(*idx),
                    None => plan.edits.push((edit, *idx)),
                }
            }
            (Verdict::Accept, None) => plan.forced.push((*span, *idx)),
            (Verdict::Reject | Verdict::Keep, _) => {
                plan.held_back.push((*span, *idx));
                kept.extend(protected(text, *span));
            }
            (Verdict::Custom, None) | (Verdict::Ask | Verdict::Retract, _) => {}
        }
    }
    plan.edits.sort_by_key(|(edit, _)| edit.span);
    plan.in_the_way.sort_unstable();
    plan.in_the_way.dedup();
    // What somebody changed is no longer as another one found it right.
    kept.retain(|span| !plan.edits.iter().any(|(edit, _)| edit.span.overlaps(*span) || span.contains(edit.span)));
    kept.sort();
    for span in kept {
        match plan.fixed.last_mut() {
            Some(last) if last.end > span.start => *last = last.hull(span),
            _ => plan.fixed.push(span),
        }
    }
    plan
}

impl Found {
    /// True when the surroundings are not what they were.
    #[must_use]
    pub fn is_near(&self) -> bool {
        self.how == How::Near
    }
}

/// The change of `span` to `replacement` without the characters that stay at
/// either end: what is not changed may still be repaired by rules.
fn smallest(text: &str, span: Span, replacement: &str) -> Edit {
    let observed = span.of(text);
    let same = |(a, b): &(char, char)| a == b;
    let head: usize = observed.chars().zip(replacement.chars()).take_while(same).map(|(c, _)| c.len_utf8()).sum();
    let (left, new) = (&observed[head..], &replacement[head..]);
    let tail: usize = left.chars().rev().zip(new.chars().rev()).take_while(same).map(|(c, _)| c.len_utf8()).sum();
    Edit { span: Span::new(span.start + head, span.end - tail), replacement: new[..new.len() - tail].to_owned() }
}

/// What of a place that is right must stay: its characters, and its white space
/// only when there is nothing else.
fn protected(text: &str, span: Span) -> Vec<Span> {
    let observed = span.of(text);
    let n_chars = observed.chars().filter(|c| !c.is_whitespace()).count();
    match n_chars {
        0 if span.is_empty() => Vec::new(),
        0 => vec![span],
        1..=PROTECTED_CHARS_MAX => {
            let mut runs: Vec<Span> = Vec::new();
            for (at, c) in observed.char_indices().filter(|(_, c)| !c.is_whitespace()) {
                let here = Span::new(span.start + at, span.start + at + c.len_utf8());
                match runs.last_mut() {
                    Some(last) if last.end == here.start => last.end = here.end,
                    _ => runs.push(here),
                }
            }
            runs
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decision::Finder;

    fn about(text: &str, observed: &str, verdict: Verdict, replacement: Option<&str>, second: u8) -> Decision {
        let at = text.find(observed).unwrap();
        let decision = Decision::about(text, Span::new(at, at + observed.len()), "core/x", verdict)
            .by("甲", &format!("2026-01-01T00:00:{second:02}Z"));
        match replacement {
            Some(replacement) => decision.with_replacement(replacement),
            None => decision,
        }
    }

    fn planned(text: &str, decisions: &[Decision]) -> Plan {
        let finder = Finder::new(decisions.iter().collect());
        plan(text, finder.decisions(), &finder.find("", text))
    }

    #[test]
    fn changes_are_as_small_as_can_be_and_the_first_one_wins() {
        let text = "大家己\n经到了会场。";
        let first = about(text, "己\n经", Verdict::Accept, Some("已\n经"), 1);
        let second = about(text, "家己", Verdict::Custom, Some("家巳"), 2);
        let plan = planned(text, &[second, first]);
        assert_eq!(plan.edits, [(Edit::replacement(Span::new(6, 9), "已"), 1)]);
        assert_eq!(plan.in_the_way, [0]);
    }

    #[test]
    fn what_is_right_is_protected_but_for_its_line_breaks() {
        let text = "大家己\n经到了会场。";
        let plan = planned(text, &[about(text, "己\n经", Verdict::Reject, Some("已\n经"), 1)]);
        assert_eq!((plan.fixed, plan.held_back.len()), (vec![Span::new(6, 9), Span::new(10, 13)], 1));
        let at_break = planned(text, &[about(text, "\n", Verdict::Keep, Some(""), 1)]);
        assert_eq!(at_break.fixed, [Span::new(9, 10)]);
        let both =
            planned(text, &[about(text, "己", Verdict::Reject, Some("巳"), 1), about(text, "己\n经", Verdict::Accept, Some("已\n经"), 2)]);
        assert_eq!((both.edits.len(), both.fixed.len()), (1, 0));
        assert_eq!(planned(text, &[about(text, "到了", Verdict::Accept, None, 1)]).forced.len(), 1);
        assert_eq!(planned(text, &[about(text, "到了", Verdict::Ask, None, 1)]), Plan::default());
    }
}

use std::collections::BTreeMap;

use super::align::{align, distance, places};
use super::normal::paragraphs;
use super::reliability::Reliability;
use crate::finding::{Edit, Safety};
use crate::text::Span;

/// Characters on either side of a change that are compared with the truth.
const WINDOW: usize = 30;

/// One fix that was applied or held, in the coordinates of the input.
#[derive(Clone, Debug)]
pub struct Change {
    /// Whether it was applied.
    pub applied: bool,
    /// How far it is trusted.
    pub tier: Safety,
    /// The probability that it restores what was printed, where that was
    /// measured.
    pub probability: Option<f64>,
    /// Rule id.
    pub rule: String,
    /// Name of the class of damage.
    pub class: String,
    /// Its edits, sorted and disjoint.
    pub edits: Vec<Edit>,
}

/// What the applied fixes of a rule or a class did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct RuleCounts {
    /// Fixes after which the place is nearer to the truth.
    pub right: usize,
    /// Fixes after which it is farther from the truth.
    pub wrong: usize,
    /// Fixes that leave it as far: one error became another, or the truth has
    /// nothing to compare there.
    pub neither: usize,
}

impl RuleCounts {
    fn count(&mut self, gain: isize) {
        match gain {
            1.. => self.right += 1,
            0 => self.neither += 1,
            _ => self.wrong += 1,
        }
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.right += other.right;
        self.wrong += other.wrong;
        self.neither += other.neither;
    }
}

/// Counts by name of a rule or class.
pub type Named = BTreeMap<String, RuleCounts>;

/// What changes turned out to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Verdicts {
    /// Applied ones by rule.
    pub rules: Named,
    /// Applied ones by class.
    pub classes: Named,
    /// All by tier.
    pub tiers: BTreeMap<Safety, RuleCounts>,
    /// All whose probability was measured.
    pub reliability: Reliability,
}

/// Judges each change by itself: what is around it is compared with the truth
/// before and after that change alone. A line break counts as a character.
pub(super) fn judge(changes: &[Change], input: &str, truth: &str) -> Verdicts {
    let mut verdicts = Verdicts::default();
    if changes.is_empty() {
        return verdicts;
    }
    let page = Page::new(input, truth);
    for change in changes {
        let gain = page.gain(&change.edits);
        if change.applied {
            verdicts.rules.entry(change.rule.clone()).or_default().count(gain);
            verdicts.classes.entry(change.class.clone()).or_default().count(gain);
        }
        verdicts.tiers.entry(change.tier).or_default().count(gain);
        if let Some(probability) = change.probability {
            verdicts.reliability.count(probability, gain > 0);
        }
    }
    verdicts
}

/// How many errors fewer there are after each of `fixes` alone; negative:
/// more. The edits of a fix are sorted and disjoint.
#[must_use]
pub fn gains<'f>(input: &str, truth: &str, fixes: impl IntoIterator<Item = &'f [Edit]>) -> Vec<isize> {
    let page = Page::new(input, truth);
    fixes.into_iter().map(|edits| page.gain(edits)).collect()
}

/// The input as characters and line breaks, with its alignment to the truth.
struct Page<'a> {
    input: &'a str,
    truth: Vec<char>,
    /// Byte of every counted character, and the length at the end.
    offsets: Vec<usize>,
    /// Place in the truth of every counted character.
    in_truth: Vec<usize>,
}

impl<'a> Page<'a> {
    fn new(input: &'a str, truth: &str) -> Self {
        let (chars, mut offsets) = located(input);
        let truth = paragraphs(truth);
        let in_truth = places(&align(&chars, &truth), chars.len());
        offsets.push(input.len());
        Self { input, truth, offsets, in_truth }
    }

    /// How many errors fewer there are after the edits.
    fn gain(&self, edits: &[Edit]) -> isize {
        let mut gain = 0;
        let mut rest = edits;
        while let Some(first) = rest.first() {
            let mut window = self.window(first.span);
            let mut n_edits = 1;
            while let Some(next) = rest.get(n_edits) {
                let (start, end) = self.window(next.span);
                if start > window.1 {
                    break;
                }
                window.1 = end;
                n_edits += 1;
            }
            gain += self.gain_in(window, &rest[..n_edits]);
            rest = &rest[n_edits..];
        }
        gain
    }

    fn gain_in(&self, (start, end): (usize, usize), edits: &[Edit]) -> isize {
        let truth: String = self.truth[self.in_truth[start]..self.in_truth[end]].iter().collect();
        let truth = paragraphs(&truth);
        let (mut at, last) = (self.offsets[start], self.offsets[end]);
        let before = paragraphs(&self.input[at..last]);
        let mut after = String::new();
        for edit in edits {
            after.push_str(&self.input[at..edit.span.start]);
            after.push_str(&edit.replacement);
            at = edit.span.end;
        }
        after.push_str(&self.input[at..last.max(at)]);
        distance(&before, &truth).cast_signed() - distance(&paragraphs(&after), &truth).cast_signed()
    }

    /// The counted characters around a span.
    fn window(&self, span: Span) -> (usize, usize) {
        let first = self.offsets.partition_point(|&offset| offset <= span.start).saturating_sub(1);
        let last = self.offsets.partition_point(|&offset| offset < span.end);
        (first.saturating_sub(WINDOW), (last + WINDOW).min(self.offsets.len() - 1))
    }
}

/// The characters as [`paragraphs`] counts them, each with its byte; a line
/// break has the byte of the first newline.
fn located(text: &str) -> (Vec<char>, Vec<usize>) {
    let (mut chars, mut offsets) = (Vec::new(), Vec::new());
    let mut newline = None;
    for (offset, c) in text.char_indices() {
        if c.is_whitespace() {
            if c == '\n' || c == '\r' {
                newline = newline.or(Some(offset));
            }
            continue;
        }
        if let Some(offset) = newline.take().filter(|_| !chars.is_empty()) {
            chars.push('\n');
            offsets.push(offset);
        }
        chars.push(c);
        offsets.push(offset);
    }
    (chars, offsets)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(input: &str, edits: &[(&str, &str)], truth: &str) -> RuleCounts {
        let edits = edits
            .iter()
            .map(|(old, new)| {
                let start = input.find(old).unwrap();
                Edit { span: Span::new(start, start + old.len()), replacement: (*new).to_owned() }
            })
            .collect();
        let change = change(edits, true);
        judge(&[change], input, truth).rules["a/b"]
    }

    fn change(edits: Vec<Edit>, applied: bool) -> Change {
        let (rule, class) = ("a/b".to_owned(), "c".to_owned());
        Change { applied, tier: Safety::Suggested, probability: Some(0.75), rule, class, edits }
    }

    #[test]
    fn held_changes_count_by_tier_and_probability_alone() {
        let edits = vec![Edit { span: Span::new(3, 6), replacement: "已".to_owned() }];
        let verdicts = judge(&[change(edits.clone(), false), change(edits, true)], "他己经来了。", "他已经来了。");
        assert_eq!((verdicts.rules["a/b"].right, verdicts.classes["c"].right, verdicts.tiers[&Safety::Suggested].right), (1, 1, 2));
        let bin = verdicts.reliability.bins().find(|bin| bin.n > 0).unwrap();
        assert_eq!((bin.n, bin.right, bin.predicted()), (2, 2, Some(0.75)));
        assert_eq!(gains("他己经来了。", "他已经来了。", [[].as_slice()]), [0]);
    }

    #[test]
    fn one_change_is_right_wrong_or_neither() {
        let input = "他己经到石\n\n庄市来了。\n\n第二段从这里开始。";
        let truth = "他已经到石家庄市来了。\n\n第二段从这里开始。";
        assert_eq!(judged(input, &[("己", "已")], truth).right, 1);
        assert_eq!(judged(input, &[("石\n\n", "石家")], truth).right, 1);
        assert_eq!(judged(input, &[("。\n\n第", "。第")], truth).wrong, 1);
        assert_eq!(judged(input, &[("己", "巳")], truth).neither, 1);
    }

    #[test]
    fn a_move_and_a_removal_are_judged_over_all_their_edits() {
        let caption = "图为昨天的会议现场。某某摄\n\n";
        let input = format!("第一段文字从这里开始，\n\n{caption}在这里结束了。\n\n第三段。");
        let truth = format!("第一段文字从这里开始，在这里结束了。\n\n{caption}第三段。");
        let moved = judged(&input, &[(&format!("\n\n{caption}"), ""), ("第三段", &format!("{caption}第三段"))], &truth);
        assert_eq!(moved, RuleCounts { right: 1, wrong: 0, neither: 0 });
        let removed = judged(&truth, &[(caption, "")], &truth);
        assert_eq!(removed.wrong, 1);
    }
}

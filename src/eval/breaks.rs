use super::align::{Run, Tag, flipped, places};
use super::edits::LONG_RUN;
use super::normal::Broken;

/// How far, in characters, a break may lie from the true one.
const TOLERANCE: usize = 3;
/// How far a break of the input may lie from itself in the corrected text.
const SELF_TOLERANCE: usize = 2;

/// Right and wrong among things found, of things there are to find.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Found {
    /// Found and right.
    pub right: usize,
    /// Found and wrong.
    pub wrong: usize,
    /// All there was to find.
    pub there: usize,
}

impl Found {
    /// Share of the found that is right; `None` when nothing was found.
    #[must_use]
    pub fn precision(&self) -> Option<f64> {
        ratio(self.right, self.right + self.wrong)
    }

    /// Share of what there was that was found; `None` when there was nothing.
    #[must_use]
    pub fn recall(&self) -> Option<f64> {
        ratio(self.right, self.there)
    }

    /// Harmonic mean of both; `None` when either is.
    #[must_use]
    pub fn f1(&self) -> Option<f64> {
        let (precision, recall) = (self.precision()?, self.recall()?);
        Some(if precision + recall == 0.0 { 0.0 } else { 2.0 * precision * recall / (precision + recall) })
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.right += other.right;
        self.wrong += other.wrong;
        self.there += other.there;
    }
}

#[allow(clippy::cast_precision_loss)]
pub(super) fn ratio(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// What became of the line breaks, pooled over files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct BreakCounts {
    /// Removed breaks; `there` are the breaks of the input that are not in the
    /// truth.
    pub removed: Found,
    /// True breaks of the input.
    pub true_before: usize,
    /// Breaks of the input next to a long deletion, which are not judged.
    pub skipped: usize,
    /// New breaks; `there` counts nothing.
    pub added: Found,
    /// Breaks of the corrected text against those of the truth.
    pub last: Found,
}

impl BreakCounts {
    pub(super) fn add(&mut self, other: &Self) {
        self.removed.add(&other.removed);
        self.added.add(&other.added);
        self.last.add(&other.last);
        self.true_before += other.true_before;
        self.skipped += other.skipped;
    }
}

/// The three texts of a file and how they align, all without white space.
pub(super) struct Texts<'a> {
    pub input: &'a Broken,
    pub corrected: &'a Broken,
    /// The truth nearest to the input.
    pub truth: &'a Broken,
    pub to_truth: &'a [Run],
    pub to_corrected: &'a [Run],
}

impl BreakCounts {
    pub(super) fn of(texts: &Texts<'_>) -> Self {
        let mut counts = Self::default();
        let n_chars = texts.input.chars.len();
        let in_truth = places(texts.to_truth, n_chars);
        let in_corrected = places(texts.to_corrected, n_chars);
        let long_deletions: Vec<&Run> =
            texts.to_corrected.iter().filter(|run| run.tag == Tag::Delete && run.left_len() >= LONG_RUN).collect();
        for &at in &texts.input.breaks {
            let beside = |run: &&&Run| at + SELF_TOLERANCE >= run.left_start && at <= run.left_end + SELF_TOLERANCE;
            if long_deletions.iter().any(|run| beside(&run)) {
                counts.skipped += 1;
                continue;
            }
            let is_true = texts.truth.has_break_near(in_truth[at], TOLERANCE);
            let is_kept = texts.corrected.has_break_near(in_corrected[at], SELF_TOLERANCE);
            counts.true_before += usize::from(is_true);
            counts.removed.there += usize::from(!is_true);
            counts.removed.wrong += usize::from(is_true && !is_kept);
            counts.removed.right += usize::from(!is_true && !is_kept);
        }
        let in_input = places(&flipped(texts.to_corrected), texts.corrected.chars.len());
        for &at in &texts.corrected.breaks {
            if !texts.input.has_break_near(in_input[at], SELF_TOLERANCE) {
                let is_true = texts.truth.has_break_near(in_truth[in_input[at].min(n_chars)], TOLERANCE);
                counts.added.right += usize::from(is_true);
                counts.added.wrong += usize::from(!is_true);
            }
        }
        counts
    }
}

/// The breaks of `corrected` against those of `truth`.
pub(super) fn last_breaks(corrected: &Broken, truth: &Broken, runs: &[Run]) -> Found {
    let in_truth = places(runs, corrected.chars.len());
    let hits = corrected.breaks.iter().filter(|&&at| truth.has_break_near(in_truth[at], TOLERANCE)).count();
    let right = hits.min(truth.breaks.len());
    Found { right, wrong: corrected.breaks.len() - right, there: truth.breaks.len() }
}

#[cfg(test)]
mod tests {
    use super::super::align::align;
    use super::*;

    fn counts(input: &str, corrected: &str, truth: &str) -> BreakCounts {
        let (input, corrected, truth) = (Broken::new(input), Broken::new(corrected), Broken::new(truth));
        let to_truth = align(&input.chars, &truth.chars);
        let to_corrected = align(&input.chars, &corrected.chars);
        BreakCounts::of(&Texts { input: &input, corrected: &corrected, truth: &truth, to_truth: &to_truth, to_corrected: &to_corrected })
    }

    #[test]
    fn a_right_and_a_wrong_join() {
        let counts = counts(
            "第一段文字从这里开始，\n\n在这里结束。\n\n第二段文字从这里开始。\n\n第三段也在这里。",
            "第一段文字从这里开始，在这里结束。第二段文字从这里开始。\n\n第三段也在这里。",
            "第一段文字从这里开始，在这里结束。\n\n第二段文字从这里开始。\n\n第三段也在这里。",
        );
        assert_eq!(counts.removed, Found { right: 1, wrong: 1, there: 1 });
        assert_eq!(counts.true_before, 2);
    }

    #[test]
    fn a_new_break_is_judged_by_the_truth() {
        let (input, truth) = ("前一段的话说完了。后一段的话开始了。", "前一段的话说完了。\n后一段的话开始了。");
        let right = counts(input, "前一段的话说完了。\n后一段的话开始了。", truth).added;
        assert_eq!((right.right, right.wrong), (1, 0));
        let wrong = counts(input, "前一段的话说完了。后一段的话\n开始了。", truth).added;
        assert_eq!((wrong.right, wrong.wrong), (0, 1));
    }

    #[test]
    fn breaks_beside_a_removed_block_are_not_judged() {
        let block = "这一段在版面上重复出现了一次，应当删去。";
        let counts = counts(&format!("前文。\n\n{block}\n\n后文。"), "前文。\n\n后文。", &format!("前文。\n\n{block}\n\n后文。"));
        assert_eq!((counts.skipped, counts.true_before), (2, 0));
    }
}

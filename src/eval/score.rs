use std::collections::BTreeMap;

use serde::Serialize;

use super::align::{align, distance};
use super::blocks::removed_duplicates;
use super::breaks::{BreakCounts, Found, Texts, last_breaks, ratio};
use super::confusions::Confusions;
use super::edits::EditCounts;
use super::normal::{Broken, Measure};
use super::reliability::Reliability;
use super::rules::{Change, Named, RuleCounts, judge};
use crate::finding::Safety;

/// One file to score.
pub struct Sample<'a> {
    /// The text as it came from the engine.
    pub input: &'a str,
    /// The text after correction.
    pub corrected: &'a str,
    /// Accepted true texts, at least one; the one nearest to the text at hand
    /// counts, of equally near ones the first.
    pub truths: &'a [&'a str],
    /// The fixes that were applied or held, when they are known.
    pub changes: &'a [Change],
}

/// Errors and the length they are counted on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Rate {
    /// Least number of characters to replace, delete or insert.
    pub errors: usize,
    /// Characters of the truth.
    pub length: usize,
}

impl Rate {
    /// Errors by length; `None` for an empty truth.
    #[must_use]
    pub fn rate(&self) -> Option<f64> {
        ratio(self.errors, self.length)
    }

    fn of(text: &[char], truth: &[char]) -> Self {
        Self { errors: distance(text, truth), length: truth.len() }
    }

    fn add(&mut self, other: &Self) {
        self.errors += other.errors;
        self.length += other.length;
    }
}

/// A rate before and after correction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct BeforeAfter {
    /// Of the input.
    pub before: Rate,
    /// Of the corrected text.
    pub after: Rate,
}

/// All counts, of one file or pooled over many: sums, never means of rates.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Score {
    /// Files.
    pub files: usize,
    /// Files farther from the truth after correction than before (strict).
    pub files_worse: usize,
    /// Character error rates by name of the measure.
    pub cer: BTreeMap<&'static str, BeforeAfter>,
    /// Edits and characters, by name of the measure (strict, folded).
    pub edits: BTreeMap<&'static str, EditCounts>,
    /// Line breaks.
    pub breaks: BreakCounts,
    /// Duplicated blocks that are gone.
    pub duplicates: Found,
    /// Applied fixes by rule.
    pub rules: Named,
    /// Applied fixes by class.
    pub classes: Named,
    /// Fixes by tier, applied or held.
    pub tiers: BTreeMap<Safety, RuleCounts>,
    /// Fixes with a measured probability, applied or held.
    #[serde(skip)]
    pub reliability: Reliability,
    /// What was read for what was printed.
    #[serde(skip)]
    pub confusions: Confusions,
}

impl Score {
    /// The counts of one file.
    ///
    /// # Panics
    /// Without a truth: the caller pairs files first.
    #[must_use]
    pub fn of(sample: &Sample<'_>) -> Self {
        let truths: Vec<Broken> = sample.truths.iter().map(|truth| Broken::new(truth)).collect();
        let (input, corrected) = (Broken::new(sample.input), Broken::new(sample.corrected));
        let before = nearest(&input, &truths);
        let after = nearest(&corrected, &truths);
        let mut score = Self { files: 1, ..Self::default() };
        for measure in Measure::ALL {
            let of = |text, truth: usize| Rate::of(&measure.chars(text), &measure.chars(sample.truths[truth]));
            let change = BeforeAfter { before: of(sample.input, before), after: of(sample.corrected, after) };
            score.files_worse += usize::from(measure == Measure::Strict && change.after.errors > change.before.errors);
            score.cer.insert(measure.name(), change);
        }
        for measure in [Measure::Strict, Measure::Folded] {
            let chars = |text| measure.chars(text);
            let counts = EditCounts::of(&chars(sample.input), &chars(sample.corrected), &chars(sample.truths[after]));
            score.edits.insert(measure.name(), counts);
        }
        score.count_structure(&input, &corrected, &truths, (before, after));
        let truth = Measure::Strict.chars(sample.truths[after]);
        score.confusions = Confusions::of(&truth, &input.chars, &corrected.chars);
        let verdicts = judge(sample.changes, sample.input, sample.truths[after]);
        (score.rules, score.classes, score.tiers) = (verdicts.rules, verdicts.classes, verdicts.tiers);
        score.reliability = verdicts.reliability;
        score
    }

    fn count_structure(&mut self, input: &Broken, corrected: &Broken, truths: &[Broken], (before, after): (usize, usize)) {
        let to_corrected = align(&input.chars, &corrected.chars);
        let to_truth = align(&input.chars, &truths[before].chars);
        let texts = Texts { input, corrected, truth: &truths[before], to_truth: &to_truth, to_corrected: &to_corrected };
        self.breaks = BreakCounts::of(&texts);
        self.breaks.last = last_breaks(corrected, &truths[after], &align(&corrected.chars, &truths[after].chars));
        let shortest = truths.iter().min_by_key(|truth| truth.chars.len()).expect("a sample has a truth");
        let to_shortest = align(&input.chars, &shortest.chars);
        self.duplicates = removed_duplicates(&input.chars, &to_shortest, &to_corrected, &corrected.chars);
    }

    /// Adds the counts of other files.
    pub fn add(&mut self, other: &Self) {
        self.files += other.files;
        self.files_worse += other.files_worse;
        for (name, change) in &other.cer {
            let mine = self.cer.entry(name).or_default();
            mine.before.add(&change.before);
            mine.after.add(&change.after);
        }
        for (name, counts) in &other.edits {
            self.edits.entry(name).or_default().add(counts);
        }
        self.breaks.add(&other.breaks);
        self.duplicates.add(&other.duplicates);
        self.reliability.add(&other.reliability);
        self.confusions.add(&other.confusions);
        for (&tier, counts) in &other.tiers {
            self.tiers.entry(tier).or_default().add(counts);
        }
        for (mine, others) in [(&mut self.rules, &other.rules), (&mut self.classes, &other.classes)] {
            for (name, counts) in others {
                mine.entry(name.clone()).or_default().add(counts);
            }
        }
    }
}

fn nearest(text: &Broken, truths: &[Broken]) -> usize {
    let distances = truths.iter().map(|truth| distance(&text.chars, &truth.chars));
    distances.enumerate().min_by_key(|&(_, distance)| distance).expect("a sample has a truth").0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(input: &str, corrected: &str, truths: &[&str]) -> Score {
        Score::of(&Sample { input, corrected, truths, changes: &[] })
    }

    #[test]
    fn rates_are_pooled_not_averaged() {
        let mut total = score("甲乙丙丁", "甲乙丙丁", &["甲乙丙戊"]);
        total.add(&score("甲", "乙", &["乙"]));
        let strict = total.cer["strict"];
        assert_eq!(strict.before, Rate { errors: 2, length: 5 });
        assert_eq!(strict.after, Rate { errors: 1, length: 5 });
        assert_eq!(strict.after.rate(), Some(0.2));
    }

    #[test]
    fn the_nearest_accepted_truth_counts() {
        let (in_place, moved) = ("前半句，\n\n图说某某摄\n\n后半句完。", "前半句，后半句完。\n\n图说某某摄");
        let total = score(in_place, moved, &[in_place, moved]);
        assert_eq!(total.cer["strict"].before.errors, 0);
        assert_eq!(total.cer["strict"].after.errors, 0);
        assert_eq!(total.edits["strict"].harm, 0);
    }

    #[test]
    fn a_perfect_correction_needs_nothing_more() {
        let total = score("他己经\n\n来到石庄市。", "他已经来到石家庄市。", &["他已经来到石家庄市。"]);
        assert_eq!(total.breaks.removed, Found { right: 1, wrong: 0, there: 1 });
        assert_eq!(total.edits["strict"].needed, total.edits["strict"].right);
        assert_eq!(total.files_worse, 0);
    }

    #[test]
    fn empty_texts_score() {
        assert_eq!(score("", "", &[""]).cer["strict"].before.rate(), None);
        assert_eq!(score("甲", "", &["甲"]).edits["strict"].broken, 1);
    }
}

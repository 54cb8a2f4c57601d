use std::collections::BTreeSet;

use super::align::{Run, Tag, align, nearest_part};

/// Runs of this many characters or more that are missing on one side are lost
/// lines or removed blocks, not edits of characters.
pub(super) const LONG_RUN: usize = 12;

/// New text that is at least this much like a part of the page is moved text.
const ALIKE: f64 = 0.85;

/// The smallest change to a text that can be right or wrong by itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Atom {
    /// The character at a place becomes another.
    Replace(usize, char),
    /// A character at a place goes; the number tells equal neighbors apart.
    Delete(usize, usize),
    /// A text is put before a place.
    Insert(usize, String),
}

impl Atom {
    /// The place and the kind of change, whatever the new text.
    fn place(&self) -> (u8, usize, usize) {
        match self {
            Atom::Replace(at, _) => (0, *at, 0),
            Atom::Delete(at, nth) => (1, *at, *nth),
            Atom::Insert(at, _) => (2, *at, 0),
        }
    }
}

/// The changes of an alignment, deletions and insertions at the leftmost place
/// where they say the same. Long runs are left out.
pub(super) fn atoms(runs: &[Run], left: &[char], right: &[char]) -> BTreeSet<Atom> {
    let mut atoms = BTreeSet::new();
    for run in runs {
        match run.tag {
            Tag::Equal => {}
            Tag::Replace => {
                atoms.extend((0..run.left_len()).map(|offset| Atom::Replace(run.left_start + offset, right[run.right_start + offset])));
            }
            Tag::Delete if run.left_len() < LONG_RUN => {
                for at in run.left_start..run.left_end {
                    let first = (0..at).rev().take_while(|&before| left[before] == left[at]).last().unwrap_or(at);
                    let nth = (0..).find(|&nth| !atoms.contains(&Atom::Delete(first, nth))).unwrap_or_default();
                    atoms.insert(Atom::Delete(first, nth));
                }
            }
            Tag::Insert if run.right_len() < LONG_RUN => {
                let mut new: Vec<char> = right[run.right_start..run.right_end].to_vec();
                let mut at = run.left_start;
                while at > 0 && new.last() == Some(&left[at - 1]) {
                    new.rotate_right(1);
                    at -= 1;
                }
                atoms.insert(Atom::Insert(at, new.into_iter().collect()));
            }
            Tag::Delete | Tag::Insert => {}
        }
    }
    atoms
}

/// Counts of edits and characters under one measure, pooled over files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct EditCounts {
    /// Atoms that lead from the input to the truth.
    pub needed: usize,
    /// Atoms that lead from the input to the corrected text.
    pub made: usize,
    /// Atoms in both.
    pub right: usize,
    /// Atoms made at a place that needed that kind of change, whatever the
    /// new character.
    pub right_place: usize,
    /// Characters of the truth that the input lacks or has wrong.
    pub wrong_before: usize,
    /// Characters of the truth that the input has.
    pub right_before: usize,
    /// Wrong before and right after.
    pub fixed: usize,
    /// Right before and wrong after.
    pub broken: usize,
    /// Characters of the input that the truth does not have.
    pub spurious_before: usize,
    /// Characters of the corrected text that the truth does not have.
    pub spurious_after: usize,
    /// Broken and newly spurious characters, and long runs of new text that
    /// stand neither in the input nor in the truth.
    pub harm: usize,
}

impl EditCounts {
    /// The counts of one file under one measure, from its three texts.
    pub(super) fn of(input: &[char], corrected: &[char], truth: &[char]) -> Self {
        let made_runs = align(input, corrected);
        let needed_runs = align(input, truth);
        let needed = atoms(&needed_runs, input, truth);
        let made = atoms(&made_runs, input, corrected);
        let needed_places: BTreeSet<_> = needed.iter().map(Atom::place).collect();
        // Not the runs above turned around: of equally short alignments the
        // two directions may choose different ones, and an unchanged text must
        // come out unchanged.
        let before = Status::of(&align(truth, input), truth.len());
        let after = Status::of(&align(truth, corrected), truth.len());
        let both = || before.right.iter().zip(&after.right);
        let broken = both().filter(|&(before, after)| *before && !after).count();
        Self {
            needed: needed.len(),
            made: made.len(),
            right: made.intersection(&needed).count(),
            right_place: made.iter().map(Atom::place).collect::<BTreeSet<_>>().intersection(&needed_places).count(),
            wrong_before: before.right.iter().filter(|right| !**right).count(),
            right_before: before.right.iter().filter(|right| **right).count(),
            fixed: both().filter(|&(before, after)| !before && *after).count(),
            broken,
            spurious_before: before.spurious,
            spurious_after: after.spurious,
            harm: broken + after.spurious.saturating_sub(before.spurious) + invented(&made_runs, input, corrected, truth),
        }
    }

    /// Adds the counts of another file.
    pub(super) fn add(&mut self, other: &Self) {
        self.needed += other.needed;
        self.made += other.made;
        self.right += other.right;
        self.right_place += other.right_place;
        self.wrong_before += other.wrong_before;
        self.right_before += other.right_before;
        self.fixed += other.fixed;
        self.broken += other.broken;
        self.spurious_before += other.spurious_before;
        self.spurious_after += other.spurious_after;
        self.harm += other.harm;
    }

    /// Harm per 10,000 characters that were right.
    #[must_use]
    pub fn harm_per_10k(&self) -> f64 {
        per_10k(self.harm, self.right_before)
    }
}

/// `count` per 10,000 of `total`; 0 of nothing.
#[must_use]
#[allow(clippy::cast_precision_loss)]
pub fn per_10k(count: usize, total: usize) -> f64 {
    if total == 0 { 0.0 } else { 10_000.0 * count as f64 / total as f64 }
}

/// Which characters of the truth a text has.
struct Status {
    right: Vec<bool>,
    /// Characters the truth does not have, outside of long runs.
    spurious: usize,
}

impl Status {
    /// From an alignment of the truth with the text.
    fn of(runs: &[Run], truth_len: usize) -> Self {
        let mut status = Self { right: vec![false; truth_len], spurious: 0 };
        for run in runs {
            match run.tag {
                Tag::Equal => status.right[run.left_start..run.left_end].fill(true),
                Tag::Insert if run.right_len() < LONG_RUN => status.spurious += run.right_len(),
                _ => {}
            }
        }
        status
    }
}

/// Characters in long runs of new text that stand nowhere in the input or the
/// truth.
fn invented(runs: &[Run], input: &[char], corrected: &[char], truth: &[char]) -> usize {
    runs.iter()
        .filter(|run| run.tag == Tag::Insert && run.right_len() >= LONG_RUN)
        .map(|run| &corrected[run.right_start..run.right_end])
        .filter(|new| likeness(new, input).max(likeness(new, truth)) < ALIKE)
        .map(<[char]>::len)
        .sum()
}

/// How much of `part` stands in `text`, 0 to 1: one minus the distance to the
/// nearest part by its length.
#[allow(clippy::cast_precision_loss)]
pub(super) fn likeness(part: &[char], text: &[char]) -> f64 {
    if part.is_empty() {
        return 1.0;
    }
    let (_, _, distance) = nearest_part(part, text);
    1.0 - distance as f64 / part.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(input: &str, corrected: &str, truth: &str) -> EditCounts {
        let chars = |text: &str| text.chars().collect::<Vec<char>>();
        EditCounts::of(&chars(input), &chars(corrected), &chars(truth))
    }

    #[test]
    fn a_right_and_a_wrong_edit() {
        let counts = counts("他己经到石庄市来了", "他已经到石家庄市去了", "他已经到石家庄市来了");
        assert_eq!((counts.needed, counts.made, counts.right), (2, 3, 2));
        assert_eq!((counts.fixed, counts.broken, counts.harm), (2, 1, 1));
    }

    #[test]
    fn deleting_either_of_two_equal_characters_is_the_same_edit() {
        let left: Vec<char> = "举办办活动".chars().collect();
        let right: Vec<char> = "举办活动".chars().collect();
        let one = |at: usize| {
            let runs = [(Tag::Equal, 0, at, 0, at), (Tag::Delete, at, at + 1, at, at), (Tag::Equal, at + 1, 5, at, 4)];
            let runs: Vec<Run> = runs
                .map(|(tag, left_start, left_end, right_start, right_end)| Run { tag, left_start, left_end, right_start, right_end })
                .to_vec();
            atoms(&runs, &left, &right)
        };
        assert_eq!(one(1), one(2));
    }

    #[test]
    fn inserting_at_either_end_of_a_repetition_is_the_same_edit() {
        let (left, right): (Vec<char>, Vec<char>) = ("甲乙乙丙".chars().collect(), "甲乙乙乙丙".chars().collect());
        for at in 1..=3 {
            let runs = [Run { tag: Tag::Insert, left_start: at, left_end: at, right_start: at, right_end: at + 1 }];
            assert_eq!(atoms(&runs, &left, &right), BTreeSet::from([Atom::Insert(1, "乙".to_owned())]));
        }
    }

    #[test]
    fn a_right_place_with_a_wrong_character_counts_apart() {
        let counts = counts("他己经来了", "他巳经来了", "他已经来了");
        assert_eq!((counts.right, counts.right_place, counts.fixed, counts.broken), (0, 1, 0, 0));
    }

    #[test]
    fn invented_text_is_harm_and_moved_text_is_not() {
        let page = "市委书记昨天到基层调研并讲话图为调研现场记者某某摄影报道会议强调要抓好落实";
        let moved = "市委书记昨天到基层调研并讲话会议强调要抓好落实图为调研现场记者某某摄影报道";
        let invented = format!("{page}今年全市经济社会发展取得了新的成绩");
        assert_eq!(counts(page, moved, moved).harm, 0);
        assert_eq!(counts(page, &invented, page).harm, 17);
    }
}

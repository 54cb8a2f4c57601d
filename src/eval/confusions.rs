use std::collections::BTreeMap;

use super::align::{Tag, align};
use super::edits::LONG_RUN;

/// What became of one kind of misreading.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Confusion {
    /// Times the input has it.
    pub in_input: usize,
    /// Of them, put right.
    pub fixed: usize,
    /// Times the corrected text has it where the input was right.
    pub broken: usize,
}

/// Misreadings by what was printed and what was read, nothing for what was
/// lost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Confusions(BTreeMap<(char, Option<char>), Confusion>);

/// What a text has in the place of a character of the truth.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Has {
    Read(char),
    Nothing,
    /// The place is part of a lost line.
    Unknown,
}

impl Confusions {
    /// The misreadings of one file, from its three texts without white space.
    pub(super) fn of(truth: &[char], input: &[char], corrected: &[char]) -> Self {
        let mut all: BTreeMap<(char, Option<char>), Confusion> = BTreeMap::new();
        let (before, after) = (read(truth, input), read(truth, corrected));
        for ((&printed, before), after) in truth.iter().zip(before).zip(after) {
            let is_right = |has: Has| has == Has::Read(printed);
            let key = |has: Has| match has {
                Has::Read(c) => Some((printed, Some(c))),
                Has::Nothing => Some((printed, None)),
                Has::Unknown => None,
            };
            if is_right(before) {
                if let Some(key) = key(after).filter(|_| !is_right(after)) {
                    all.entry(key).or_default().broken += 1;
                }
            } else if let Some(key) = key(before) {
                let confusion = all.entry(key).or_default();
                confusion.in_input += 1;
                confusion.fixed += usize::from(is_right(after));
            }
        }
        Self(all)
    }

    /// Adds those of other files.
    pub(super) fn add(&mut self, other: &Self) {
        for (&key, others) in &other.0 {
            let mine = self.0.entry(key).or_default();
            mine.in_input += others.in_input;
            mine.fixed += others.fixed;
            mine.broken += others.broken;
        }
    }

    /// The most frequent ones, at most `n`: printed, read, counts. Of equally
    /// frequent ones the first by what was printed.
    #[must_use]
    pub fn most_frequent(&self, n: usize) -> Vec<(char, Option<char>, Confusion)> {
        let mut all: Vec<(char, Option<char>, Confusion)> =
            self.0.iter().map(|(&(printed, read), &confusion)| (printed, read, confusion)).collect();
        all.sort_by_key(|(printed, read, confusion)| (std::cmp::Reverse(confusion.in_input + confusion.broken), *printed, *read));
        all.truncate(n);
        all
    }
}

/// What `text` has for every character of the truth.
fn read(truth: &[char], text: &[char]) -> Vec<Has> {
    let mut all = vec![Has::Unknown; truth.len()];
    for run in align(truth, text) {
        for offset in 0..run.left_len() {
            all[run.left_start + offset] = match run.tag {
                Tag::Delete if run.left_len() < LONG_RUN => Has::Nothing,
                Tag::Delete | Tag::Insert => Has::Unknown,
                Tag::Equal | Tag::Replace => Has::Read(text[run.right_start + offset]),
            };
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misreadings_are_fixed_left_or_made() {
        let chars = |text: &str| text.chars().collect::<Vec<char>>();
        let truth = chars("他已经到石家庄市来了，他已经走了。");
        let found = Confusions::of(&truth, &chars("他己经到石庄市来了，他己经走了。"), &chars("他已经到石家庄市来丁，他己经走了。"));
        let table = found.most_frequent(9);
        let fixed = |in_input, fixed| Confusion { in_input, fixed, broken: 0 };
        assert_eq!(table[0], ('已', Some('己'), fixed(2, 1)));
        assert!(table.contains(&('家', None, fixed(1, 1))));
        assert!(table.contains(&('了', Some('丁'), Confusion { broken: 1, ..Confusion::default() })));
        assert_eq!(table.len(), 3);
        let mut twice = found.clone();
        twice.add(&found);
        assert_eq!(twice.most_frequent(1)[0].2, fixed(4, 2));
    }

    #[test]
    fn a_lost_line_is_no_confusion() {
        let truth: Vec<char> = "第一行文字在这里。这一整行的文字引擎完全没有读出来。".chars().collect();
        let input: Vec<char> = "第一行文字在这里。".chars().collect();
        assert_eq!(Confusions::of(&truth, &input, &input).most_frequent(5), []);
    }
}

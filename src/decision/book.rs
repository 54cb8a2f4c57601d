use std::collections::{BTreeMap, BTreeSet};

use super::{Decision, Log, Verdict};

/// A log that grows: what holds on each place is known at once.
#[derive(Clone, Debug, Default)]
pub struct Book {
    /// In the order of the log.
    decisions: Vec<Decision>,
    /// By fingerprint, the last word of each reviewer as an index.
    words: BTreeMap<String, BTreeMap<String, usize>>,
    /// By fingerprint, every line on it, so that a large act is taken back
    /// without going through the log for each of its places.
    lines: BTreeMap<String, Vec<usize>>,
    undone: BTreeSet<String>,
}

/// What holds on a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing<'b> {
    /// Nobody said anything, or everything was taken back.
    Open,
    /// All who said something agree; their newest word.
    Settled(&'b Decision),
    /// Somebody asks a colleague and none has answered; the newest such word.
    Asked(&'b Decision),
    /// They do not agree.
    Conflict(Vec<&'b Decision>),
}

impl From<Log> for Book {
    fn from(log: Log) -> Self {
        let mut book = Self::default();
        for decision in log.decisions {
            book.add(decision);
        }
        book
    }
}

impl Book {
    /// Takes in one more line.
    pub fn add(&mut self, decision: Decision) {
        self.undone.extend(decision.undoes.clone());
        let idx = self.decisions.len();
        let words = self.words.entry(decision.fingerprint.clone()).or_default();
        let is_newer = words.get(&decision.reviewer).is_none_or(|&last| self.decisions[last].time <= decision.time);
        if is_newer {
            words.insert(decision.reviewer.clone(), idx);
        }
        self.lines.entry(decision.fingerprint.clone()).or_default().push(idx);
        self.decisions.push(decision);
    }

    /// Every line, in the order of the log.
    #[must_use]
    pub fn decisions(&self) -> &[Decision] {
        &self.decisions
    }

    /// The last word of each reviewer on a place, by reviewer; what was taken
    /// back is left out.
    pub fn words(&self, fingerprint: &str) -> impl Iterator<Item = &Decision> {
        let last = self.words.get(fingerprint).into_iter().flat_map(BTreeMap::values);
        last.map(|&idx| &self.decisions[idx]).filter(|word| word.decision != Verdict::Retract)
    }

    /// The last word of one reviewer on a place.
    #[must_use]
    pub fn word_of(&self, fingerprint: &str, reviewer: &str) -> Option<&Decision> {
        self.words(fingerprint).find(|word| word.reviewer == reviewer)
    }

    /// Everything that was ever said on a place, oldest first.
    pub fn history(&self, fingerprint: &str) -> impl Iterator<Item = &Decision> {
        self.lines.get(fingerprint).into_iter().flatten().map(|&idx| &self.decisions[idx])
    }

    /// The places on which somebody said something, by fingerprint.
    pub fn places(&self) -> impl Iterator<Item = &str> {
        self.words.keys().map(String::as_str)
    }

    /// What holds on a place.
    #[must_use]
    pub fn standing(&self, fingerprint: &str) -> Standing<'_> {
        let mut words: Vec<&Decision> = self.words(fingerprint).collect();
        let is_question = |word: &Decision| word.decision == Verdict::Ask;
        // Whoever asked left it to others: what one of them says later answers.
        let answered: Vec<bool> = words
            .iter()
            .map(|one| {
                is_question(one) && words.iter().any(|other| !is_question(other) && other.reviewer != one.reviewer && other.time > one.time)
            })
            .collect();
        let mut answered = answered.into_iter();
        words.retain(|_| !answered.next().unwrap_or(false));
        let newest = |words: &[&'_ Decision]| words.iter().map(|word| word.time.clone()).max();
        let Some(first) = words.first() else { return Standing::Open };
        let asked: Vec<&Decision> = words.iter().copied().filter(|word| is_question(word)).collect();
        if let Some(time) = newest(&asked) {
            return asked.into_iter().find(|word| word.time == time).map_or(Standing::Open, Standing::Asked);
        }
        // An accepted fix that no single text states is known by its verdict.
        let says = |word: &Decision| (word.printed().map(str::to_owned), word.printed().is_none().then_some(word.decision));
        if words.iter().any(|word| says(word) != says(first)) {
            return Standing::Conflict(words);
        }
        let time = newest(&words);
        words.into_iter().find(|word| Some(&word.time) == time.as_ref()).map_or(Standing::Open, Standing::Settled)
    }

    /// The last act of a reviewer that was not taken back: its name and its
    /// lines.
    #[must_use]
    pub fn last_act(&self, reviewer: &str) -> Option<(&str, Vec<usize>)> {
        let own = |decision: &&Decision| decision.reviewer == reviewer && decision.undoes.is_none();
        let act = self
            .decisions
            .iter()
            .rev()
            .filter(own)
            .filter_map(|decision| decision.act.as_deref())
            .find(|act| !self.undone.contains(*act))?;
        let lines = self.decisions.iter().enumerate().filter(|(_, decision)| decision.act.as_deref() == Some(act));
        Some((act, lines.map(|(idx, _)| idx).collect()))
    }

    /// The lines that take back the last act of `reviewer`: each place gets the
    /// word again that it had before. They still lack the name of their own
    /// act.
    #[must_use]
    pub fn undo(&self, reviewer: &str, time: &str) -> Vec<Decision> {
        let Some((act, lines)) = self.last_act(reviewer) else { return Vec::new() };
        let mut seen = BTreeSet::new();
        let firsts = lines.into_iter().filter(|&idx| seen.insert(self.decisions[idx].fingerprint.as_str()));
        firsts
            .map(|idx| {
                let done = &self.decisions[idx];
                let of_place = self.lines.get(&done.fingerprint).map_or(&[][..], Vec::as_slice);
                let before = of_place.iter().rev().find(|&&before| before < idx && self.decisions[before].reviewer == reviewer);
                let mut back = match before {
                    Some(&before) => self.decisions[before].clone(),
                    None => Decision { decision: Verdict::Retract, replacement: None, note: None, ..done.clone() },
                };
                back.undoes = Some(act.to_owned());
                back.act = None;
                back.by(reviewer, time)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Span;

    fn word(reviewer: &str, second: u8, verdict: Verdict, act: &str) -> Decision {
        let mut word = Decision::about("大家己经到了会场", Span::new(6, 9), "core/x", verdict)
            .by(reviewer, &format!("2026-01-01T00:00:{second:02}Z"))
            .with_replacement("已");
        word.act = Some(act.to_owned());
        word
    }

    #[test]
    fn acts_are_taken_back_one_by_one_to_what_was_said_before() {
        let mut book = Book::default();
        for (second, verdict, act) in [(1, Verdict::Accept, "a"), (2, Verdict::Reject, "b"), (3, Verdict::Keep, "c")] {
            book.add(word("甲", second, verdict, act));
        }
        let place = book.decisions()[0].fingerprint.clone();
        for expected in [Some(Verdict::Reject), Some(Verdict::Accept), None, None] {
            for line in book.undo("甲", "2026-01-01T00:00:09Z") {
                book.add(line);
            }
            assert_eq!(book.word_of(&place, "甲").map(|word| word.decision), expected);
        }
        assert!(book.undo("甲", "2026-01-01T00:00:10Z").is_empty());
        book.add(word("甲", 11, Verdict::Accept, "d"));
        assert_eq!(book.undo("甲", "2026-01-01T00:00:12Z")[0].decision, Verdict::Retract);
        assert!(book.undo("乙", "2026-01-01T00:00:12Z").is_empty(), "nobody takes back what another one said");
    }

    #[test]
    fn reviewers_agree_differ_or_ask() {
        let mut book = Book::default();
        book.add(word("甲", 1, Verdict::Accept, "a"));
        let place = book.decisions()[0].fingerprint.clone();
        book.add(word("乙", 2, Verdict::Accept, "b"));
        assert!(matches!(book.standing(&place), Standing::Settled(newest) if newest.reviewer == "乙"));
        book.add(word("乙", 3, Verdict::Keep, "c"));
        assert!(matches!(book.standing(&place), Standing::Conflict(words) if words.len() == 2));
        book.add(word("丙", 4, Verdict::Ask, "d"));
        assert!(matches!(book.standing(&place), Standing::Asked(word) if word.reviewer == "丙"));
        // An answer ends the question; what was said before it is none.
        book.add(word("乙", 5, Verdict::Keep, "f"));
        assert!(matches!(book.standing(&place), Standing::Conflict(words) if words.len() == 2));
        book.add(word("甲", 6, Verdict::Keep, "g"));
        assert!(matches!(book.standing(&place), Standing::Settled(word) if word.decision == Verdict::Keep));
        book.add(word("丙", 7, Verdict::Ask, "h"));
        assert!(matches!(book.standing(&place), Standing::Asked(_)), "asked again");
        // A line that a merged log brings late does not count again.
        book.add(word("乙", 0, Verdict::Accept, "e"));
        assert_eq!(book.word_of(&place, "乙").map(|word| word.decision), Some(Verdict::Keep));
    }
}

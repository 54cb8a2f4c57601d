//! `measured.toml`: what rules did where that was judged. Written by
//! `rules impact --record` and read again with the pack, so that the trust in
//! a rule comes from counts and not from prose.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::read::{Problems, Table};
use super::rule::Rule;
use crate::finding::Message;

/// The name of the file in a pack.
pub(super) const NAME: &str = "measured.toml";

/// Judged places from which on the counts speak louder than the author: with
/// fewer, one lucky page would decide.
const ENOUGH: usize = 20;

/// What one rule did in one set of texts.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measured {
    /// The rule.
    pub rule: String,
    /// The digest of the rule as it was then.
    pub body: String,
    /// On what, for people.
    pub on: String,
    /// When: a date, `2026-01-31`.
    pub when: String,
    /// Characters of the texts, white space aside.
    pub characters: u64,
    /// Edits after which a place was nearer to what was printed.
    pub right: usize,
    /// Edits after which it was farther from it.
    pub wrong: usize,
    /// Edits that were neither: one error became another.
    pub neither: usize,
    /// Edits on which nobody has decided.
    pub unjudged: usize,
}

impl Measured {
    /// Judged edits; one that only made another error of one is not right.
    #[must_use]
    pub fn n_judged(&self) -> usize {
        self.right + self.wrong + self.neither
    }

    /// Share of right ones among the judged edits, 0..=1; `None` when none was
    /// judged.
    #[must_use]
    #[allow(clippy::cast_precision_loss)]
    pub fn precision(&self) -> Option<f64> {
        let n = self.n_judged();
        (n > 0).then(|| self.right as f64 / n as f64)
    }

    /// The probability that the next edit is right, as the counts have it
    /// (one right and one wrong were seen before any); `None` where too few
    /// were judged.
    #[must_use]
    #[allow(clippy::cast_precision_loss)]
    pub fn confidence(&self) -> Option<f64> {
        let n = self.n_judged();
        (n >= ENOUGH).then(|| (self.right + 1) as f64 / (n + 2) as f64)
    }

    /// The entry of a file for this record.
    #[must_use]
    pub fn entry(&self) -> String {
        let text = |text: &str| toml::Value::from(text).to_string();
        format!(
            "\n[[measured]]\nrule = {}\nbody = {}\non = {}\nwhen = {}\ncharacters = {}\nright = {}\nwrong = {}\nneither = {}\nunjudged = {}\n",
            text(&self.rule),
            text(&self.body),
            text(&self.on),
            text(&self.when),
            self.characters,
            self.right,
            self.wrong,
            self.neither,
            self.unjudged
        )
    }
}

/// The records of one file.
pub(super) fn read(problems: &mut Problems<'_>) -> Vec<Measured> {
    let Some(mut table) = Table::parse(problems) else { return Vec::new() };
    let records = table.take_tables("measured", problems);
    let place = Message::new("measured.toml ", "measured.toml");
    records.into_iter().filter_map(|record| record.read(&place, problems)).collect()
}

/// Gives every rule its record, and back those that fit none: the rule is gone
/// or has changed since.
pub(super) fn attach(records: Vec<Measured>, rules: &mut [Rule]) -> Vec<Measured> {
    let mut stale = Vec::new();
    let places: BTreeMap<String, usize> = rules.iter().enumerate().map(|(idx, rule)| (rule.head.id.clone(), idx)).collect();
    for record in records {
        match places.get(&record.rule).map(|&idx| &mut rules[idx]).filter(|rule| rule.head.body == record.body) {
            Some(rule) => rule.measured = Some(record),
            None => stale.push(record),
        }
    }
    stale
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_places_say_nothing_and_many_are_counted() {
        let record = |right, wrong| Measured {
            rule: String::new(),
            body: String::new(),
            on: String::new(),
            when: String::new(),
            characters: 0,
            right,
            wrong,
            neither: 0,
            unjudged: 0,
        };
        assert_eq!((record(3, 0).confidence(), record(3, 0).precision()), (None, Some(1.0)));
        assert_eq!(record(98, 0).confidence(), Some(0.99));
        assert_eq!(record(10, 10).confidence(), Some(0.5));
        assert_eq!(record(0, 0).precision(), None);
    }
}

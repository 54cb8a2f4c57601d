//! What rules would change in a corpus: the edits one set of rules makes and
//! another does not, by pattern, judged where that is known.

mod judge;
mod page;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use sha2::{Digest, Sha256};

pub use judge::{Judgement, Known};

use crate::finding::Message;

/// Places of a pattern that are kept to be shown.
const SHOWN_PLACES: usize = 5;

/// One place that a rule changes or shows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Place {
    /// The file, as reports name it.
    pub file: String,
    /// Byte of the place in the decoded text.
    pub at: usize,
    /// Line, from 1.
    pub line: usize,
    /// Column in code points, from 1.
    pub column: usize,
    /// The rule.
    pub rule: String,
    /// The matched text.
    pub observed: String,
    /// What becomes of it; `None` where it is only shown.
    pub fixed: Option<String>,
    /// The text before it, on the same line.
    pub before: String,
    /// The text after it, on the same line.
    pub after: String,
    /// What came of it.
    pub judgement: Judgement,
}

/// Counts by judgement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Nearer to what was printed.
    pub right: usize,
    /// Farther from it.
    pub wrong: usize,
    /// As far: one error became another.
    pub neither: usize,
    /// Nobody knows.
    pub unjudged: usize,
}

impl Counts {
    fn add(&mut self, judgement: Judgement) {
        match judgement {
            Judgement::Right => self.right += 1,
            Judgement::Wrong => self.wrong += 1,
            Judgement::Neither => self.neither += 1,
            Judgement::Unknown => self.unjudged += 1,
        }
    }

    /// All of them.
    #[must_use]
    pub fn total(&self) -> usize {
        self.right + self.wrong + self.neither + self.unjudged
    }

    /// Share of right ones among the judged, 0..=1; `None` when none is.
    #[must_use]
    #[allow(clippy::cast_precision_loss)]
    pub fn precision(&self) -> Option<f64> {
        let n = self.right + self.wrong + self.neither;
        (n > 0).then(|| self.right as f64 / n as f64)
    }
}

/// All places at which one rule makes one change.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Group {
    /// The rule.
    pub rule: String,
    /// The matched text.
    pub observed: String,
    /// What becomes of it.
    pub fixed: Option<String>,
    /// Places by judgement.
    pub counts: Counts,
    /// Files with such a place.
    pub files: usize,
    /// Some of the places, wrong ones first.
    pub places: Vec<Place>,
}

/// How the sample to look at is drawn: the same seed draws the same places.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// Places.
    pub size: usize,
    /// Any number.
    pub seed: u64,
}

/// What would change.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Impact {
    /// Files read.
    pub files: usize,
    /// Characters read, white space aside.
    pub characters: usize,
    /// Files in which something changes.
    pub files_changed: usize,
    /// New edits, by judgement.
    pub new: Counts,
    /// Edits that are no longer made, by judgement.
    pub vanished: Counts,
    /// New edits by rule.
    pub rules: BTreeMap<String, Counts>,
    /// Rules that change and show nothing anywhere.
    pub silent: Vec<String>,
    /// New edits by pattern, the most frequent first.
    pub new_groups: Vec<Group>,
    /// Vanished ones.
    pub vanished_groups: Vec<Group>,
    /// New edits to look at, drawn at random.
    pub sample: Vec<Place>,
}

impl Impact {
    /// What `after` has and `before` has not, and the other way round. `rules`
    /// are all rules that ran.
    #[must_use]
    pub fn between(before: &[Place], after: &[Place], rules: &[String], files: usize, characters: usize, sample: Sample) -> Self {
        let key = |place: &Place| (place.file.clone(), place.at, place.observed.clone(), place.fixed.clone());
        let (had, has): (BTreeSet<_>, BTreeSet<_>) = (before.iter().map(key).collect(), after.iter().map(key).collect());
        let new: Vec<&Place> = after.iter().filter(|place| !had.contains(&key(place))).collect();
        let vanished: Vec<&Place> = before.iter().filter(|place| !has.contains(&key(place))).collect();
        let mut by_rule: BTreeMap<String, Counts> = BTreeMap::new();
        for place in &new {
            by_rule.entry(place.rule.clone()).or_default().add(place.judgement);
        }
        let fired: BTreeSet<&str> = before.iter().chain(after).map(|place| place.rule.as_str()).collect();
        Self {
            files,
            characters,
            files_changed: new.iter().chain(&vanished).map(|place| place.file.as_str()).collect::<BTreeSet<_>>().len(),
            new: counts(&new),
            vanished: counts(&vanished),
            rules: by_rule,
            silent: rules.iter().filter(|id| !fired.contains(id.as_str())).cloned().collect(),
            new_groups: groups(&new),
            vanished_groups: groups(&vanished),
            sample: drawn(&new, sample),
        }
    }

    /// New edits per 10,000 characters.
    #[must_use]
    pub fn new_per_10k(&self) -> f64 {
        crate::eval::per_10k(self.new.total(), self.characters)
    }

    /// The whole as one page that opens from disk, in both languages. `title`
    /// names the rules, `on` the corpus.
    #[must_use]
    pub fn html(&self, title: &str, on: &Message, chinese: bool) -> String {
        page::render(self, title, on, chinese)
    }
}

fn counts(places: &[&Place]) -> Counts {
    let mut counts = Counts::default();
    places.iter().for_each(|place| counts.add(place.judgement));
    counts
}

fn groups(places: &[&Place]) -> Vec<Group> {
    let mut by_pattern: BTreeMap<(&str, &str, Option<&str>), Vec<&Place>> = BTreeMap::new();
    for place in places {
        by_pattern.entry((&place.rule, &place.observed, place.fixed.as_deref())).or_default().push(place);
    }
    let mut groups: Vec<Group> = by_pattern
        .into_iter()
        .map(|((rule, observed, fixed), mut places)| {
            places.sort_by(|a, b| a.judgement.cmp(&b.judgement).then_with(|| a.cmp(b)));
            Group {
                rule: rule.to_owned(),
                observed: observed.to_owned(),
                fixed: fixed.map(str::to_owned),
                counts: counts(&places),
                files: places.iter().map(|place| &place.file).collect::<BTreeSet<_>>().len(),
                places: places.into_iter().take(SHOWN_PLACES).cloned().collect(),
            }
        })
        .collect();
    groups.sort_by(|a, b| b.counts.total().cmp(&a.counts.total()).then_with(|| (&a.rule, &a.observed).cmp(&(&b.rule, &b.observed))));
    groups
}

/// The places whose hash with the seed is least.
fn drawn(places: &[&Place], sample: Sample) -> Vec<Place> {
    let mut numbered: Vec<([u8; 32], &Place)> = places
        .iter()
        .map(|place| {
            let mut hash = Sha256::new();
            hash.update(sample.seed.to_le_bytes());
            hash.update(place.file.as_bytes());
            hash.update((place.at as u64).to_le_bytes());
            hash.update(place.rule.as_bytes());
            (hash.finalize().into(), *place)
        })
        .collect();
    numbered.sort();
    let mut drawn: Vec<Place> = numbered.into_iter().take(sample.size).map(|(_, place)| place.clone()).collect();
    drawn.sort();
    drawn
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(file: &str, at: usize, judgement: Judgement) -> Place {
        Place {
            file: file.to_owned(),
            at,
            line: 1,
            column: at + 1,
            rule: "a/b".to_owned(),
            observed: "径河".to_owned(),
            fixed: Some("泾河".to_owned()),
            before: String::new(),
            after: "<b>".to_owned(),
            judgement,
        }
    }

    #[test]
    fn new_and_vanished_edits_are_told_apart() {
        let before = [place("1", 0, Judgement::Right), place("2", 0, Judgement::Wrong)];
        let after = [place("1", 0, Judgement::Right), place("1", 9, Judgement::Right), place("3", 0, Judgement::Unknown)];
        let rules = ["a/b".to_owned(), "a/c".to_owned()];
        let sample = Sample { size: 1, seed: 0 };
        let impact = Impact::between(&before, &after, &rules, 3, 10_000, sample);
        assert_eq!(impact.new, Counts { right: 1, wrong: 0, neither: 0, unjudged: 1 });
        assert_eq!((impact.vanished.wrong, impact.vanished.total(), impact.files_changed), (1, 1, 3));
        assert_eq!((impact.silent.as_slice(), impact.sample.len()), (&["a/c".to_owned()][..], 1));
        assert_eq!(impact.new.precision(), Some(1.0));
        let again = Impact::between(&before, &after, &rules, 3, 10_000, sample);
        assert_eq!(impact, again);
        let html = impact.html("a/b", &Message::new("语料", "corpus"), true);
        assert!(html.contains("径河") && html.contains("&lt;b&gt;") && !html.contains("<b>&lt"));
    }
}

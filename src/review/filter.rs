use serde::Deserialize;

use super::desk::{Desk, State};
use super::item::Item;
use crate::decision::Verdict;
use crate::finding::Outcome;

/// Which findings somebody wants to see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Wanted {
    /// Those that wait for a reader.
    #[default]
    Open,
    /// Those that the run applied and nobody looked at.
    Applied,
    /// All that were decided.
    Decided,
    /// Accepted.
    Accept,
    /// Rejected.
    Reject,
    /// Printed so.
    Keep,
    /// Edited.
    Custom,
    /// A colleague is asked.
    Ask,
    /// Reviewers disagree.
    Conflict,
    /// Decided on an earlier reading.
    Carried,
    /// A random sample, to estimate by.
    Sample,
    /// All of them.
    All,
}

/// In what order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Order {
    /// The most valuable first: likely to be right, at many places, harmful
    /// when it stays.
    #[default]
    Value,
    /// File and place.
    File,
    /// Rule, then file and place.
    Rule,
    /// Class, then file and place.
    Class,
    /// The most sure first.
    Confidence,
}

/// Findings of a sample.
const SAMPLE: usize = 200;

/// What somebody wants to see; what is not said does not restrict.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Filter {
    /// By state.
    pub status: Wanted,
    /// Rule id.
    pub rule: Option<String>,
    /// Class, by name.
    pub class: Option<String>,
    /// File, as reports name it.
    pub file: Option<String>,
    /// Key of a pattern.
    pub pattern: Option<String>,
    /// At least so sure, 0..=1.
    pub min: Option<f64>,
    /// At most so sure, 0..=1.
    pub max: Option<f64>,
    /// Stands at the place, in the proposal or in the name of the file.
    pub q: Option<String>,
    /// Decided by this reviewer.
    pub reviewer: Option<String>,
    /// In what order.
    pub sort: Order,
}

impl Desk {
    /// True when a finding waits for a reader, said nobody anything.
    #[must_use]
    pub fn waits(item: &Item) -> bool {
        item.outcome == Outcome::Held
    }

    /// The findings that `filter` lets through, in its order.
    #[must_use]
    pub fn view(&self, filter: &Filter) -> Vec<u32> {
        let index = |names: &[String], wanted: &Option<String>| wanted.as_ref().map(|wanted| names.iter().position(|name| name == wanted));
        let (rule, file) = (index(&self.rules, &filter.rule), index(&self.files, &filter.file));
        let pattern = filter.pattern.as_ref().map(|key| self.patterns.iter().position(|(pattern, _)| pattern.key() == *key));
        if [rule, file, pattern].contains(&Some(None)) {
            return Vec::new();
        }
        let (rule, file, pattern) = (rule.flatten(), file.flatten(), pattern.flatten());
        let said_by = |item: &Item, reviewer: &str| self.book().word_of(&item.fingerprint(), reviewer).is_some();
        let mut view: Vec<u32> = (0..u32::try_from(self.items.len()).unwrap_or(u32::MAX))
            .filter(|&idx| {
                let item = &self.items[idx as usize];
                self.is_wanted(filter.status, idx)
                    && rule.is_none_or(|rule| item.rule as usize == rule)
                    && file.is_none_or(|file| item.file as usize == file)
                    && pattern.is_none_or(|pattern| item.pattern as usize == pattern)
                    && filter.class.as_ref().is_none_or(|class| item.class.name() == class)
                    && filter.min.is_none_or(|min| item.confidence >= min)
                    && filter.max.is_none_or(|max| item.confidence <= max)
                    && filter.q.as_ref().is_none_or(|q| self.mentions(item, q))
                    && filter.reviewer.as_ref().is_none_or(|reviewer| said_by(item, reviewer))
            })
            .collect();
        if filter.status == Wanted::Sample {
            // A fingerprint is a hash: its order has nothing to do with the
            // content, and is the same for everybody.
            view.sort_by_key(|&idx| self.items[idx as usize].fingerprint);
            view.truncate(SAMPLE);
        } else {
            self.sort(&mut view, filter.sort);
        }
        view
    }

    fn is_wanted(&self, wanted: Wanted, idx: u32) -> bool {
        let (state, item) = (self.state(idx), &self.items[idx as usize]);
        match wanted {
            Wanted::Open => Self::waits(item) && matches!(state, State::Open),
            Wanted::Applied => item.outcome == Outcome::Applied && state == State::Open,
            Wanted::Decided => matches!(state, State::Settled(_)),
            Wanted::Accept => state == State::Settled(Verdict::Accept),
            Wanted::Reject => state == State::Settled(Verdict::Reject),
            Wanted::Keep => state == State::Settled(Verdict::Keep),
            Wanted::Custom => state == State::Settled(Verdict::Custom),
            Wanted::Ask => state == State::Asked,
            Wanted::Conflict => state == State::Conflict,
            Wanted::Carried => matches!(state, State::Carried(_)),
            Wanted::Sample => matches!(item.outcome, Outcome::Held | Outcome::Applied),
            Wanted::All => true,
        }
    }

    fn mentions(&self, item: &Item, q: &str) -> bool {
        item.observed.contains(q)
            || item.proposal.as_ref().is_some_and(|proposal| proposal.contains(q))
            || self.files[item.file as usize].contains(q)
    }

    /// What it is worth to decide a finding: the probability that it is right,
    /// times the open places of its pattern, times the harm when it stays.
    fn values(&self) -> Vec<f64> {
        let mut n_open = vec![0_u32; self.patterns.len()];
        for (idx, item) in (0_u32..).zip(&self.items) {
            n_open[item.pattern as usize] += u32::from(Self::waits(item) && self.state(idx) == State::Open);
        }
        self.items.iter().map(|item| item.confidence * f64::from(n_open[item.pattern as usize].max(1)) * item.harm()).collect()
    }

    fn sort(&self, view: &mut [u32], order: Order) {
        let item = |idx: u32| &self.items[idx as usize];
        let place = |idx: u32| (item(idx).file, item(idx).span, idx);
        match order {
            Order::Value => {
                let values = self.values();
                // What belongs together is decided together, by whatever its
                // best finding is worth.
                let mut best = vec![0.0_f64; self.patterns.len()];
                for &idx in view.iter() {
                    let best = &mut best[item(idx).pattern as usize];
                    *best = best.max(values[idx as usize]);
                }
                view.sort_by(|&a, &b| {
                    let (left, right) = (item(a), item(b));
                    best[right.pattern as usize]
                        .total_cmp(&best[left.pattern as usize])
                        .then_with(|| left.pattern.cmp(&right.pattern))
                        .then_with(|| right.confidence.total_cmp(&left.confidence))
                        .then_with(|| place(a).cmp(&place(b)))
                });
            }
            Order::File => view.sort_by_key(|&idx| place(idx)),
            Order::Rule => view.sort_by_key(|&idx| (&self.rules[item(idx).rule as usize], place(idx))),
            Order::Class => view.sort_by_key(|&idx| (item(idx).class, place(idx))),
            Order::Confidence => {
                view.sort_by(|&a, &b| item(b).confidence.total_cmp(&item(a).confidence).then_with(|| place(a).cmp(&place(b))));
            }
        }
    }
}

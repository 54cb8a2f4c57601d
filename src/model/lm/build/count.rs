//! Counts of n-grams, and the discounts that follow from them.
//!
//! Every position of the text gives one record: its symbol and those before it,
//! the nearest first. In that order the n-grams of every length that end alike
//! stand together, so that one pass over the sorted records gives the counts of
//! all lengths and the number of different symbols before each n-gram.

use std::io;

use super::super::{Id, MAX_ORDER};
use super::census::{Alphabet, Selection};
use super::sort::{Counted, Key, Merge, Scratch, Sorter};
use super::trie::Trie;

/// The second pass over the text.
pub struct Counter<S: Scratch> {
    alphabet: Alphabet,
    order: usize,
    selection: Selection,
    ids: Vec<Id>,
    sorter: Sorter<S>,
    memory: usize,
    scratch: S,
}

impl<S: Scratch + Clone> Counter<S> {
    /// A counter of n-grams of up to `order` symbols that uses about `memory`
    /// bytes and temporary files for the rest.
    pub fn new(alphabet: Alphabet, order: usize, memory: usize, scratch: S) -> Self {
        let sorter = Sorter::new(scratch.clone(), memory);
        Self { alphabet, order, selection: Selection::default(), ids: Vec::new(), sorter, memory, scratch }
    }

    /// Takes one paragraph, if the first pass took it: the paragraphs and
    /// shares must be the same, in the same order.
    ///
    /// # Errors
    /// When a temporary file fails.
    pub fn add(&mut self, paragraph: &str, share: f64) -> io::Result<()> {
        if !self.selection.takes(paragraph, share) {
            return Ok(());
        }
        self.ids.clear();
        self.ids.push(Id::BOUNDARY);
        self.ids.extend(paragraph.chars().filter_map(|c| self.alphabet.id(c)));
        self.ids.push(Id::BOUNDARY);
        for end in 1..self.ids.len() {
            let begin = (end + 1).saturating_sub(self.order);
            self.sorter.push(Key::new(self.ids[begin..=end].iter().rev().copied()), 1)?;
        }
        Ok(())
    }

    /// All n-grams that occurred often enough. `min_counts` by length, symbols
    /// first; a number smaller than the one before reads as that one, for an
    /// n-gram cannot be kept without its parts.
    ///
    /// # Errors
    /// When a temporary file fails.
    pub fn finish(self, min_counts: &[u32]) -> io::Result<Counts> {
        let mut cut = [1; MAX_ORDER];
        for len in 1..self.order {
            cut[len] = min_counts.get(len).copied().unwrap_or(1).max(cut[len - 1]);
        }
        let Self { alphabet, order, sorter, memory, scratch, .. } = self;
        let mut kept = Sorter::new(scratch, memory);
        let mut walk = Walk::new(order, cut);
        walk.over(sorter.merge()?, &mut kept)?;
        let mut merge = kept.merge()?;
        let mut trie = Trie::new(alphabet.n_symbols(), order);
        while let Some(Counted { key, count }) = merge.next()? {
            trie.push(key, count);
        }
        trie.link();
        Ok(Counts { alphabet, trie, discounts: walk.discounts(), min_counts: cut[..order].to_vec() })
    }
}

/// N-grams with their counts.
#[derive(Debug)]
pub struct Counts {
    pub(super) alphabet: Alphabet,
    pub(super) trie: Trie,
    /// By length.
    pub(super) discounts: Vec<Discounts>,
    pub(super) min_counts: Vec<u32>,
}

impl Counts {
    /// Number of n-grams by length, symbols first.
    #[must_use]
    pub fn n_grams(&self) -> Vec<usize> {
        self.trie.levels.iter().map(|level| level.raw.len()).collect()
    }
}

/// What an n-gram of count 1, 2, and 3 or more gives to those never met.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Discounts(pub(super) [f32; 3]);

impl Discounts {
    /// By the numbers of n-grams that were met once, twice, 3 and 4 times
    /// (Chen & Goodman 1998).
    fn new(n: [u64; 4]) -> Self {
        let n = n.map(|n| n as f64);
        let y = n[0] / (n[0] + 2.0 * n[1]);
        let discount = |c: usize| c as f64 - (c + 1) as f64 * y * n[c] / n[c - 1];
        let discounts = [discount(1), discount(2), discount(3)];
        let usable = discounts.iter().zip(1..).all(|(&d, c)| d > 0.0 && d < f64::from(c));
        // A text too small or too regular to tell: the usual values.
        Self(if usable { discounts.map(|d| d as f32) } else { [0.6, 1.0, 1.3] })
    }

    pub(super) fn times(self, factor: f32) -> Self {
        // No count is discounted more than it is.
        let [one, two, more] = self.0.map(|discount| discount * factor);
        Self([one.min(0.95), two.min(1.9), more.min(2.9)])
    }

    /// The discount of a count, which need not be whole.
    pub(super) fn of(self, count: f32) -> f32 {
        let [one, two, more] = self.0;
        match count {
            c if c <= 0.0 => 0.0,
            c if c < 1.0 => c * one,
            c if c < 2.0 => one + (c - 1.0) * (two - one),
            c if c < 3.0 => two + (c - 2.0) * (more - two),
            _ => more,
        }
    }
}

/// The pass over the sorted records.
struct Walk {
    order: usize,
    cut: [u32; MAX_ORDER],
    open: [Open; MAX_ORDER],
    /// Numbers of n-grams with 1, 2, 3 and 4 symbols before them, by length.
    n_counts: [[u64; 4]; MAX_ORDER],
}

/// An n-gram whose records are passing.
#[derive(Clone, Copy, Default)]
struct Open {
    raw: u32,
    n_before: u32,
}

impl Walk {
    fn new(order: usize, cut: [u32; MAX_ORDER]) -> Self {
        Self { order, cut, open: Default::default(), n_counts: Default::default() }
    }

    fn over<S: Scratch>(&mut self, mut records: Merge<S::File>, kept: &mut Sorter<S>) -> io::Result<()> {
        let mut ids: Vec<Id> = Vec::new();
        while let Some(Counted { key, count }) = records.next()? {
            let n_common = ids.iter().zip(key.ids()).take_while(|(a, b)| **a == *b).count();
            self.close(&ids, n_common, kept)?;
            ids.truncate(n_common);
            for id in key.ids().skip(n_common) {
                if let Some(shorter) = ids.len().checked_sub(1) {
                    self.open[shorter].n_before += 1;
                }
                self.open[ids.len()] = Open::default();
                ids.push(id);
            }
            for open in &mut self.open[..ids.len()] {
                open.raw = open.raw.saturating_add(count);
            }
        }
        self.close(&ids, 0, kept)
    }

    /// The n-grams that are longer than `n_common` are complete.
    fn close<S: Scratch>(&mut self, ids: &[Id], n_common: usize, kept: &mut Sorter<S>) -> io::Result<()> {
        for len in (n_common + 1..=ids.len()).rev() {
            let Open { raw, n_before } = self.open[len - 1];
            let begins = len > 1 && ids[len - 1] == Id::BOUNDARY;
            let adjusted = if len == self.order || begins { raw } else { n_before };
            if let Some(n) = (adjusted as usize).checked_sub(1).and_then(|at| self.n_counts[len - 1].get_mut(at)) {
                *n += 1;
            }
            if raw >= self.cut[len - 1] {
                kept.push(Key::new(ids[..len].iter().rev().copied()), raw)?;
            }
        }
        Ok(())
    }

    fn discounts(&self) -> Vec<Discounts> {
        self.n_counts[..self.order].iter().map(|&n| Discounts::new(n)).collect()
    }
}

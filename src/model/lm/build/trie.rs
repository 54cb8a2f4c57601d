use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};

use super::super::Id;
use super::sort::Key;

/// The n-grams that may become a model, with their counts.
#[derive(Clone, Debug)]
pub(super) struct Trie {
    pub(super) levels: Vec<Level>,
    n_symbols: usize,
}

/// The n-grams of one length, sorted by their symbols; those of length 1 stand
/// at the place of their id.
#[derive(Clone, Debug, Default)]
pub(super) struct Level {
    /// The last symbol.
    pub(super) last: Vec<u16>,
    /// How often the n-gram occurred.
    pub(super) raw: Vec<u32>,
    /// Where the n-grams that go on from this one begin in the next level; one
    /// more entry than there are n-grams. Empty in the last level.
    pub(super) first: Vec<u32>,
    /// The n-gram without its first symbol, in the level before. Empty in the
    /// first level.
    pub(super) suffix: Vec<u32>,
}

impl Level {
    pub(super) fn len(&self) -> usize {
        self.raw.len()
    }

    pub(super) fn children(&self, at: usize) -> std::ops::Range<usize> {
        self.first[at] as usize..self.first[at + 1] as usize
    }
}

impl Trie {
    pub(super) fn new(n_symbols: usize, order: usize) -> Self {
        Self { levels: vec![Level::default(); order], n_symbols }
    }

    /// Adds an n-gram. They come sorted, each after its prefixes.
    pub(super) fn push(&mut self, key: Key, raw: u32) {
        let ids: Vec<Id> = key.ids().collect();
        let (len, last) = (ids.len(), ids[ids.len() - 1]);
        if len == 1 {
            self.fill_to(last.index());
        }
        self.append(len - 1, last.0, raw);
    }

    fn append(&mut self, idx: usize, last: u16, raw: u32) {
        let n_next = self.levels.get(idx + 1).map(Level::len);
        let level = &mut self.levels[idx];
        level.last.push(last);
        level.raw.push(raw);
        if let Some(n_next) = n_next {
            level.first.push(n_next as u32);
        }
    }

    /// Symbols that never occurred have their place as well.
    fn fill_to(&mut self, n: usize) {
        for id in self.levels[0].len()..n {
            self.append(0, id as u16, 0);
        }
    }

    /// To be called when all n-grams are in.
    pub(super) fn link(&mut self) {
        self.fill_to(self.n_symbols);
        for idx in 0..self.levels.len() - 1 {
            let n_next = self.levels[idx + 1].len() as u32;
            self.levels[idx].first.push(n_next);
        }
        self.levels[1].suffix = self.levels[1].last.iter().map(|&id| u32::from(id)).collect();
        for idx in 2..self.levels.len() {
            self.levels[idx].suffix = self.suffixes(idx);
        }
    }

    /// Suffixes of the n-grams of a level: what follows an n-gram also follows
    /// its suffix.
    fn suffixes(&self, idx: usize) -> Vec<u32> {
        let (parents, shorter, level) = (&self.levels[idx - 1], &self.levels[idx - 2], &self.levels[idx]);
        let candidates = &self.levels[idx - 1].last;
        const CHUNK: usize = 1 << 16;
        let n_chunks = parents.len().div_ceil(CHUNK);
        let chunks: Vec<Vec<u32>> = (0..n_chunks)
            .into_par_iter()
            .with_max_len(1)
            .map(|chunk| {
                let mut suffixes = Vec::new();
                for parent in chunk * CHUNK..parents.len().min((chunk + 1) * CHUNK) {
                    let range = shorter.children(parents.suffix[parent] as usize);
                    let mut at = range.start;
                    for child in parents.children(parent) {
                        let wanted = level.last[child];
                        at += candidates[at..range.end].partition_point(|&last| last < wanted);
                        debug_assert!(at < range.end && candidates[at] == wanted, "no n-gram is kept without its suffix");
                        suffixes.push(at as u32);
                    }
                }
                suffixes
            })
            .collect();
        chunks.concat()
    }

    /// Keeps the n-grams marked in `keep`, by level; with one all its prefixes
    /// and suffixes must be marked.
    pub(super) fn retain(&mut self, keep: &[Vec<bool>]) {
        // Where the n-grams of each level go: the number of those kept before.
        let places: Vec<Vec<u32>> = keep.iter().map(|keep| running_count(keep)).collect();
        for (idx, level) in self.levels.iter_mut().enumerate() {
            let keep = &keep[idx];
            filter(&mut level.last, keep);
            filter(&mut level.raw, keep);
            if let Some(next) = places.get(idx + 1) {
                let end = next[next.len() - 1];
                for first in &mut level.first {
                    *first = next[*first as usize];
                }
                level.first.pop();
                filter(&mut level.first, keep);
                level.first.push(end);
            }
            if idx > 0 {
                for suffix in &mut level.suffix {
                    *suffix = places[idx - 1][*suffix as usize];
                }
                filter(&mut level.suffix, keep);
            }
        }
    }
}

/// How many are marked before each place, and at last in all.
fn running_count(marks: &[bool]) -> Vec<u32> {
    let mut n = 0;
    let mut counts = Vec::with_capacity(marks.len() + 1);
    for &mark in marks {
        counts.push(n);
        n += u32::from(mark);
    }
    counts.push(n);
    counts
}

fn filter<T>(values: &mut Vec<T>, keep: &[bool]) {
    let mut marks = keep.iter();
    values.retain(|_| *marks.next().expect("a mark for every n-gram"));
}

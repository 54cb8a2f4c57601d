use std::collections::HashSet;

use super::super::{Id, MAX_SYMBOLS, fold};

/// The first pass over the text: which characters there are, and which
/// paragraphs stand in it again.
#[derive(Debug, Default)]
pub struct Census {
    /// Occurrences of every folded character, by code point.
    counts: Vec<u64>,
    seen: HashSet<u64>,
    n_duplicates: u64,
}

/// What became of a paragraph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It counts.
    Counted {
        /// Its characters, without white space.
        n_chars: u64,
    },
    /// It is not in the sample.
    LeftOut,
    /// It stood in the text before.
    Duplicate,
    /// There is nothing in it.
    Empty,
}

impl Census {
    /// Takes one paragraph. `share` in (0, 1] says how many of the paragraphs
    /// of its source are taken; which ones depends on their text alone.
    pub fn add(&mut self, paragraph: &str, share: f64) -> Taken {
        let mut n_chars = 0;
        let mut hash = Hash::default();
        for c in paragraph.chars().filter(|&c| fold(c).is_some()) {
            n_chars += 1;
            hash.add(c);
        }
        let hash = hash.finish();
        if n_chars == 0 {
            return Taken::Empty;
        }
        if !in_sample(hash, share) {
            return Taken::LeftOut;
        }
        if !self.seen.insert(hash) {
            self.n_duplicates += 1;
            return Taken::Duplicate;
        }
        for c in paragraph.chars().filter_map(fold) {
            let at = c as usize;
            if at >= self.counts.len() {
                self.counts.resize(at.next_power_of_two().max(0x1_0000), 0);
            }
            self.counts[at] += 1;
        }
        Taken::Counted { n_chars }
    }

    /// Paragraphs that stood in the text again.
    #[must_use]
    pub fn n_duplicates(&self) -> u64 {
        self.n_duplicates
    }

    /// The characters that become symbols: those that occur at least
    /// `min_count` times, the most frequent ones if there are too many.
    #[must_use]
    pub fn alphabet(&self, min_count: u64, max_symbols: usize) -> Alphabet {
        let frequent = self.counts.iter().enumerate().filter(|&(_, &n)| n >= min_count.max(1));
        let mut chars: Vec<(u64, char)> = frequent.filter_map(|(code, &n)| Some((n, char::from_u32(code as u32)?))).collect();
        chars.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        chars.truncate(max_symbols.clamp(3, MAX_SYMBOLS) - 2);
        Alphabet::new(chars.into_iter().map(|(_, c)| c))
    }
}

/// The symbols of a model to be.
#[derive(Clone, Debug)]
pub struct Alphabet {
    /// Characters by id; U+0000 for the first two, which are none.
    pub(super) symbols: Vec<char>,
    ids: Vec<u16>,
}

impl Alphabet {
    /// Folded characters, in the order of their ids, all different.
    pub(super) fn new(chars: impl IntoIterator<Item = char>) -> Self {
        let symbols: Vec<char> = ['\0'; 2].into_iter().chain(chars).collect();
        let last = symbols.iter().max().map_or(0, |&c| c as usize);
        let mut ids = vec![Id::UNKNOWN.0; last + 1];
        for (id, &c) in symbols.iter().enumerate().skip(2) {
            ids[c as usize] = id as u16;
        }
        Self { symbols, ids }
    }

    /// Number of symbols.
    #[must_use]
    pub fn n_symbols(&self) -> usize {
        self.symbols.len()
    }

    /// The symbol of a character; `None` for what [`fold`] drops.
    #[must_use]
    pub fn id(&self, c: char) -> Option<Id> {
        fold(c).map(|c| Id(self.ids.get(c as usize).copied().unwrap_or(Id::UNKNOWN.0)))
    }
}

/// Whether a share of all hashes has this one.
fn in_sample(hash: u64, share: f64) -> bool {
    // Other bits than those a hash table looks at first.
    share >= 1.0 || ((hash >> 11) as f64) < share * (1_u64 << 53) as f64
}

#[derive(Default)]
struct Hash(u64);

impl Hash {
    fn add(&mut self, c: char) {
        self.0 = (self.0.rotate_left(23) ^ u64::from(u32::from(c))).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }

    fn finish(self) -> u64 {
        let mixed = (self.0 ^ (self.0 >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed ^ (mixed >> 32)
    }
}

/// The same selection in the second pass.
#[derive(Debug, Default)]
pub(super) struct Selection {
    seen: HashSet<u64>,
}

impl Selection {
    /// Whether a paragraph counts, as [`Census::add`] decided.
    pub(super) fn takes(&mut self, paragraph: &str, share: f64) -> bool {
        let mut hash = Hash::default();
        let mut is_empty = true;
        for c in paragraph.chars().filter(|&c| fold(c).is_some()) {
            is_empty = false;
            hash.add(c);
        }
        let hash = hash.finish();
        !is_empty && in_sample(hash, share) && self.seen.insert(hash)
    }
}

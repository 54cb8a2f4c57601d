use super::file::Level;
use super::{Id, LanguageModel, State};

/// Which symbols are known one after the other, as bits: the second level of
/// the trie once more, for questions that come a hundred times for each
/// character of a text.
#[derive(Debug)]
pub(super) struct Pairs {
    /// By first symbol: what follows it.
    after: Side,
    /// By second symbol: what it follows.
    before: Side,
    /// For each symbol, what one that is not known after it costs more than
    /// alone, in bits.
    backoffs: Vec<f32>,
}

/// The pairs by one of their symbols, each row in the order of the other.
#[derive(Debug)]
struct Side {
    /// Words in a row.
    n_words: usize,
    bits: Vec<u64>,
    /// For each word, the bits of its row before it.
    n_before: Vec<u16>,
    /// For each row, its first entry in `surprise`.
    begins: Vec<u32>,
    /// Quantized bits that the second symbol is more surprising than alone.
    surprise: Vec<u8>,
}

/// One row of a [`Side`].
#[derive(Clone, Copy)]
struct Row<'a> {
    bits: &'a [u64],
    n_before: &'a [u16],
    surprise: &'a [u8],
}

impl Side {
    /// The rows of sorted pairs (row, other symbol, surprise).
    fn new(n_symbols: usize, pairs: &[(u16, u16, u8)]) -> Self {
        let n_words = n_symbols.div_ceil(64);
        let mut bits = vec![0_u64; n_symbols * n_words];
        let mut begins = vec![0_u32; n_symbols + 1];
        for &(row, other, _) in pairs {
            bits[usize::from(row) * n_words + usize::from(other) / 64] |= 1 << (other % 64);
            begins[usize::from(row) + 1] += 1;
        }
        for row in 0..n_symbols {
            begins[row + 1] += begins[row];
        }
        let mut n_before = Vec::with_capacity(bits.len());
        for row in bits.chunks(n_words) {
            let mut sum = 0;
            for word in row {
                n_before.push(sum);
                sum += word.count_ones() as u16;
            }
        }
        Self { n_words, bits, n_before, begins, surprise: pairs.iter().map(|pair| pair.2).collect() }
    }

    fn row(&self, id: Id) -> Row<'_> {
        let words = id.index() * self.n_words..(id.index() + 1) * self.n_words;
        let begin = self.begins.get(id.index()).copied().unwrap_or_default() as usize;
        Row {
            bits: self.bits.get(words.clone()).unwrap_or_default(),
            n_before: self.n_before.get(words).unwrap_or_default(),
            surprise: self.surprise.get(begin..).unwrap_or_default(),
        }
    }

    #[inline]
    fn place(&self, row: Id, other: Id) -> Option<u16> {
        let at = row.index() * self.n_words + other.index() / 64;
        let (word, bit) = (self.bits[at], 1_u64 << (other.index() % 64));
        (word & bit != 0).then(|| self.n_before[at] + (word & (bit - 1)).count_ones() as u16)
    }
}

impl Row<'_> {
    /// The quantized surprise with another symbol, when the pair is known.
    #[inline]
    fn surprise(&self, other: Id) -> Option<u8> {
        let at = other.index() / 64;
        let (word, bit) = (*self.bits.get(at)?, 1_u64 << (other.index() % 64));
        if word & bit == 0 {
            return None;
        }
        let place = usize::from(self.n_before[at]) + (word & (bit - 1)).count_ones() as usize;
        self.surprise.get(place).copied()
    }
}

impl Pairs {
    /// The pairs of a model with `n_symbols`; what only a damaged file has
    /// (numbers beyond them, the same pair twice) is left out.
    pub(super) fn new(data: &[u8], symbols: &Level, pairs: &Level, n_symbols: usize) -> Self {
        let mut all = Vec::with_capacity(pairs.len());
        let mut backoffs = vec![0.0; n_symbols];
        for (first, backoff) in backoffs.iter_mut().enumerate() {
            let Some(children) = symbols.children(data, first) else { continue };
            *backoff = symbols.backoff_bits(children.backoff);
            for at in children.begin as usize..children.begin as usize + usize::from(children.n) {
                let second = pairs.rank(data, at);
                if usize::from(second) < n_symbols {
                    all.push((first as u16, second, pairs.quantized_surprise(data, at)));
                }
            }
        }
        all.sort_unstable_by_key(|pair| (pair.0, pair.1));
        all.dedup_by_key(|pair| (pair.0, pair.1));
        let after = Side::new(n_symbols, &all);
        for pair in &mut all {
            (pair.0, pair.1) = (pair.1, pair.0);
        }
        all.sort_unstable_by_key(|pair| (pair.0, pair.1));
        Self { after, before: Side::new(n_symbols, &all), backoffs }
    }

    /// The place of `second` among the symbols after `first`.
    #[inline]
    pub(super) fn place(&self, first: Id, second: Id) -> Option<u16> {
        self.after.place(first, second)
    }
}

/// Two symbols with a place between them: what pairs tell of a symbol there.
#[derive(Clone, Copy)]
pub struct Neighbours<'m> {
    model: &'m LanguageModel,
    after_left: Row<'m>,
    before_right: Row<'m>,
    left_backoff: f32,
    right_alone: f32,
}

impl Neighbours<'_> {
    /// Surprise of `id` after the left one, in bits, as far as pairs tell:
    /// quick, and near what the whole context says. `alone` is its own.
    #[inline]
    #[must_use]
    pub fn after_left(&self, id: Id, alone: f32) -> f32 {
        let more = self.after_left.surprise(id).map_or(self.left_backoff, |quantized| self.model.levels[1].bits_of(quantized));
        // Roundings of a sure thing may add up to less than nothing.
        (alone + more).max(0.0)
    }

    /// Surprise of the right one after `id`, in bits, as far as pairs tell.
    #[inline]
    #[must_use]
    pub fn right_after(&self, id: Id) -> f32 {
        let backoff = || self.model.pairs.backoffs.get(id.index()).copied().unwrap_or_default();
        let more = self.before_right.surprise(id).map_or_else(backoff, |quantized| self.model.levels[1].bits_of(quantized));
        (self.right_alone + more).max(0.0)
    }

    /// The symbols known beside both, by id.
    pub fn between(&self) -> impl Iterator<Item = Id> + '_ {
        let both = self.after_left.bits.iter().zip(self.before_right.bits).map(|(after, before)| after & before);
        each_bit(both).filter(|&id| id > Id::BOUNDARY)
    }
}

/// The symbols whose bits are set.
fn each_bit(words: impl Iterator<Item = u64>) -> impl Iterator<Item = Id> {
    (0_u16..).zip(words).flat_map(|(nth, mut word)| {
        std::iter::from_fn(move || {
            let bit = word.trailing_zeros();
            word &= word.wrapping_sub(1);
            (bit < 64).then_some(Id(64 * nth + bit as u16))
        })
    })
}

impl LanguageModel {
    /// Surprise of a symbol that nothing is known of before, in bits.
    #[must_use]
    pub fn alone(&self, id: Id) -> f32 {
        self.surprise(State::default(), id)
    }

    /// The place between two symbols.
    #[must_use]
    pub fn neighbours(&self, left: Id, right: Id) -> Neighbours<'_> {
        Neighbours {
            model: self,
            after_left: self.pairs.after.row(left),
            before_right: self.pairs.before.row(right),
            left_backoff: self.pairs.backoffs.get(left.index()).copied().unwrap_or_default(),
            right_alone: self.alone(right),
        }
    }
}

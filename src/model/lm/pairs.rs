use super::file::Level;
use super::{Id, LanguageModel, State};

/// Which symbols are known one after the other, as bits: the second level of
/// the trie once more, for questions that come a hundred times for each
/// character of a text.
#[derive(Debug)]
pub(super) struct Pairs {
    /// Words in a row or a column.
    n_words: usize,
    /// By first symbol: a bit for each symbol that follows it.
    after: Vec<u64>,
    /// By second symbol: a bit for each symbol that it follows.
    before: Vec<u64>,
    /// For each word of `after`, the bits of the row before it.
    n_before: Vec<u16>,
    /// For each symbol, its first pair in the second level.
    begins: Vec<u32>,
    /// For each symbol, what one that is not known after it costs more than
    /// alone, in bits.
    backoffs: Vec<f32>,
}

impl Pairs {
    /// The pairs of a model with `n_symbols`; numbers beyond them, which only a
    /// damaged file has, are left out.
    pub(super) fn new(data: &[u8], symbols: &Level, pairs: &Level, n_symbols: usize) -> Self {
        let n_words = n_symbols.div_ceil(64);
        let (mut after, mut before) = (vec![0_u64; n_symbols * n_words], vec![0_u64; n_symbols * n_words]);
        let (mut begins, mut backoffs) = (vec![0_u32; n_symbols], vec![0.0; n_symbols]);
        for first in 0..n_symbols {
            let Some(children) = symbols.children(data, first) else { continue };
            begins[first] = children.begin;
            backoffs[first] = symbols.backoff_bits(children.backoff);
            for place in 0..usize::from(children.n) {
                let second = usize::from(pairs.rank(data, children.begin as usize + place));
                if second < n_symbols {
                    after[first * n_words + second / 64] |= 1 << (second % 64);
                    before[second * n_words + first / 64] |= 1 << (first % 64);
                }
            }
        }
        let mut n_before = Vec::with_capacity(after.len());
        for row in after.chunks(n_words) {
            let mut sum = 0;
            for word in row {
                n_before.push(sum);
                sum += word.count_ones() as u16;
            }
        }
        Self { n_words, after, before, n_before, begins, backoffs }
    }

    /// The place of `second` among the symbols after `first`.
    #[inline]
    pub(super) fn place(&self, first: Id, second: Id) -> Option<u16> {
        let at = first.index() * self.n_words + second.index() / 64;
        let (word, bit) = (self.after[at], 1_u64 << (second.index() % 64));
        (word & bit != 0).then(|| self.n_before[at] + (word & (bit - 1)).count_ones() as u16)
    }

    fn row<'a>(&self, of: &'a [u64], id: Id) -> &'a [u64] {
        of.get(id.index() * self.n_words..(id.index() + 1) * self.n_words).unwrap_or_default()
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
    /// The symbols known to stand before `id` in pairs, by id.
    pub fn predecessors(&self, id: Id) -> impl Iterator<Item = Id> + '_ {
        each_bit(self.pairs.row(&self.pairs.before, id).iter().copied())
    }

    /// True when the model knows the two one after the other. What it does not
    /// know costs [`LanguageModel::alone`] and [`LanguageModel::backoff`].
    #[must_use]
    pub fn has_pair(&self, first: Id, second: Id) -> bool {
        first.index() < self.symbols.len() && second.index() < self.symbols.len() && self.pairs.place(first, second).is_some()
    }

    /// Surprise of a symbol that nothing is known of before, in bits.
    #[must_use]
    pub fn alone(&self, id: Id) -> f32 {
        self.surprise(State::default(), id)
    }

    /// Surprise of a symbol after another, in bits, as far as pairs tell: quick,
    /// and near what the whole context says. `alone` is that of the second.
    #[inline]
    #[must_use]
    pub fn pair_bits(&self, first: Id, second: Id, alone: f32) -> f32 {
        let place = if first.index().max(second.index()) < self.symbols.len() { self.pairs.place(first, second) } else { None };
        match place {
            Some(place) => {
                let at = self.pairs.begins[first.index()] as usize + usize::from(place);
                alone + self.levels[1].surprise(self.bytes.as_slice(), at)
            }
            None => alone + self.pairs.backoffs.get(first.index()).copied().unwrap_or(0.0),
        }
    }

    /// The symbols known both after `left` and before `right`, by id.
    pub fn between(&self, left: Id, right: Id) -> impl Iterator<Item = Id> + '_ {
        let after = self.pairs.row(&self.pairs.after, left);
        let before = self.pairs.row(&self.pairs.before, right);
        each_bit(after.iter().zip(before).map(|(after, before)| after & before)).filter(|&id| id > Id::BOUNDARY)
    }
}

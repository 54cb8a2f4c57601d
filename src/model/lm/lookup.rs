//! Lookups in the trie.
//!
//! An n-gram stands below its context, and the file holds with every n-gram
//! also the one without its first symbol. So a symbol is searched first after
//! the shortest context, then after longer ones until it is not found; what was
//! found last counts. The place among the successors of the shorter context is
//! the number to search for among those of the longer one.

use super::file::{Children, Level};
use super::{Id, LanguageModel, MAX_ORDER};

/// A context: what a model needs of the symbols before. Two contexts after
/// which the model says the same of every text are equal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct State {
    /// Suffixes of the context, the shortest first; they all have successors.
    suffixes: [Children; MAX_ORDER - 1],
    len: u8,
    /// The last symbol, when it has successors.
    last: Id,
}

impl State {
    /// Number of symbols of context that the model knows and can make use of.
    #[must_use]
    pub fn known(&self) -> usize {
        usize::from(self.len)
    }

    #[inline]
    fn push(&mut self, level: &Level, data: &[u8], at: usize) -> bool {
        let Some(children) = level.children(data, at) else { return false };
        self.suffixes[usize::from(self.len)] = children;
        self.len += 1;
        true
    }
}

/// One symbol scored in full: see [`LanguageModel::score_in_full`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scored {
    /// Surprise in bits.
    pub bits: f32,
    /// Length of the longest n-gram that was found, 1 to the order.
    pub found: usize,
    /// The context after the symbol.
    pub state: State,
}

impl LanguageModel {
    /// The context at the beginning of a paragraph.
    #[must_use]
    pub fn start(&self) -> State {
        self.state(&[Id::BOUNDARY])
    }

    /// The context after these symbols. With none it knows nothing, which is
    /// not the beginning of a paragraph.
    #[must_use]
    pub fn state(&self, context: &[Id]) -> State {
        let first = context.len().saturating_sub(self.order() - 1);
        context[first..].iter().fold(State::default(), |state, &id| self.score(state, id).1)
    }

    /// The surprise of `id` after `state`, in bits, and the context after it.
    /// [`Id::BOUNDARY`] asks for the end of the paragraph. An unknown character
    /// is surprising as one of all that are unknown; a number that is no symbol
    /// of this model counts as unknown.
    #[must_use]
    pub fn score(&self, state: State, id: Id) -> (f32, State) {
        let scored = self.score_in_full(state, id);
        (scored.bits, scored.state)
    }

    /// [`LanguageModel::score`], saying how much of the context was known.
    #[must_use]
    pub fn score_in_full(&self, state: State, id: Id) -> Scored {
        let data = self.bytes.as_slice();
        let id = if id.index() < self.symbols.len() { id } else { Id::UNKNOWN };
        let mut at = id.index();
        let mut rank = id.0;
        let mut next = State::default();
        let mut growing = next.push(&self.levels[0], data, at);
        if growing {
            next.last = id;
        }
        let mut bits = self.levels[0].surprise(data, at);
        let mut found = 1;
        let suffixes = &state.suffixes[..usize::from(state.len)];
        for suffix in suffixes {
            let level = &self.levels[found];
            let Some(place) = self.find(&state, found, rank) else { break };
            at = suffix.begin as usize + usize::from(place);
            rank = place;
            bits += level.surprise(data, at);
            found += 1;
            growing = growing && next.push(level, data, at);
        }
        // Roundings of a sure thing may add up to less than nothing.
        bits = bits.max(0.0);
        for (suffix, level) in suffixes.iter().zip(&self.levels).skip(found - 1) {
            bits += level.backoff_bits(suffix.backoff);
        }
        if id == Id::UNKNOWN {
            bits += self.unseen_bits;
        }
        Scored { bits, found, state: next }
    }

    /// The surprise of `id` after `state`, in bits, as [`LanguageModel::score`]
    /// says it, without the context after it: half the work.
    #[must_use]
    pub fn surprise(&self, state: State, id: Id) -> f32 {
        let data = self.bytes.as_slice();
        let id = if id.index() < self.symbols.len() { id } else { Id::UNKNOWN };
        let mut rank = id.0;
        let mut bits = self.levels[0].surprise(data, id.index());
        let mut found = 1;
        let suffixes = &state.suffixes[..usize::from(state.len)];
        for suffix in suffixes {
            let level = &self.levels[found];
            let Some(place) = self.find(&state, found, rank) else { break };
            rank = place;
            bits += level.surprise(data, suffix.begin as usize + usize::from(place));
            found += 1;
        }
        bits = bits.max(0.0);
        for (suffix, level) in suffixes.iter().zip(&self.levels).skip(found - 1) {
            bits += level.backoff_bits(suffix.backoff);
        }
        if id == Id::UNKNOWN { bits + self.unseen_bits } else { bits }
    }

    /// The place of a rank among the children of a suffix of `state`, from the
    /// shortest, which is 1.
    #[inline]
    fn find(&self, state: &State, suffix: usize, rank: u16) -> Option<u16> {
        if suffix == 1 {
            return self.pairs.place(state.last, Id(rank));
        }
        search(&self.levels[suffix], self.bytes.as_slice(), state.suffixes[suffix - 1], rank)
    }

    /// Surprise of all symbols one after the other, in bits.
    #[must_use]
    pub fn score_all(&self, state: State, ids: impl IntoIterator<Item = Id>) -> (f32, State) {
        ids.into_iter().fold((0.0, state), |(sum, state), id| {
            let (bits, state) = self.score(state, id);
            (sum + bits, state)
        })
    }

    /// The symbols known to follow a context of 1 to `order - 1` symbols, by
    /// id, each with its surprise in bits. Empty when the context is not known
    /// in its whole length, or is longer.
    #[must_use]
    pub fn successors(&self, context: &[Id]) -> Successors<'_> {
        let state = self.state(context);
        let known = state.known() == context.len();
        self.successors_of(state, if known { context.len() } else { 0 })
    }

    /// The symbols known to follow the last `n` symbols of a context, by id;
    /// empty when `n` is 0 or more than [`State::known`].
    #[must_use]
    pub fn successors_of(&self, state: State, n: usize) -> Successors<'_> {
        let n = if n > state.known() { 0 } else { n };
        let n_children = n.checked_sub(1).map_or(0, |last| state.suffixes[last].n);
        Successors { model: self, state, n, places: 0..n_children }
    }
}

/// The place among `children` of the entry with a rank.
#[inline]
fn search(level: &Level, data: &[u8], children: Children, rank: u16) -> Option<u16> {
    let begin = children.begin as usize;
    let (mut low, mut len) = (0, usize::from(children.n));
    while len > 1 {
        let half = len / 2;
        low += if level.rank(data, begin + low + half) <= rank { half } else { 0 };
        len -= half;
    }
    (len == 1 && level.rank(data, begin + low) == rank).then_some(low as u16)
}

/// Iterator of [`LanguageModel::successors`].
#[derive(Clone, Debug)]
pub struct Successors<'a> {
    model: &'a LanguageModel,
    state: State,
    /// Length of the context.
    n: usize,
    places: std::ops::Range<u16>,
}

impl Iterator for Successors<'_> {
    type Item = (Id, f32);

    fn next(&mut self) -> Option<Self::Item> {
        let mut rank = self.places.next()?;
        let data = self.model.bytes.as_slice();
        let (symbols, longer) = self.model.levels.split_first()?;
        let mut differences = [0.0; MAX_ORDER - 1];
        for at in (0..self.n).rev() {
            let children = self.state.suffixes[at];
            // A rank beyond the children cannot be in an undamaged file.
            let place = children.begin as usize + usize::from(rank.min(children.n - 1));
            differences[at] = longer[at].surprise(data, place);
            rank = longer[at].rank(data, place);
        }
        let id = if usize::from(rank) < self.model.symbols.len() { Id(rank) } else { Id::UNKNOWN };
        // In the order of `score`, so that both say the same to the last bit.
        let bits = differences[..self.n].iter().fold(symbols.surprise(data, id.index()), |bits, more| bits + more);
        let unseen = if id == Id::UNKNOWN { self.model.unseen_bits } else { 0.0 };
        Some((id, bits.max(0.0) + unseen))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.places.size_hint()
    }
}

impl ExactSizeIterator for Successors<'_> {}

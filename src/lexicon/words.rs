use super::MAX_WORD_CHARS;
use super::gap::{Completion, Sides, completions, completions_across};
use super::simplify::simplify;
use super::trie::{Bytes, Trie};
use crate::text::is_han;

/// Steps of [`Frequency`] per doubling.
const STEPS_PER_DOUBLING: f64 = 8.0;

/// How often a word stands in news text, in steps of about 9 %.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Frequency(u8);

impl Frequency {
    /// The step nearest to a number of occurrences per thousand million words.
    #[must_use]
    pub fn from_per_billion(per_billion: f64) -> Self {
        let step = (STEPS_PER_DOUBLING * (1.0 + per_billion.max(0.0)).log2()).round();
        // The float is clamped to the range of the target first.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        Self(step.clamp(0.0, 255.0) as u8)
    }

    /// Occurrences per thousand million words of text.
    #[must_use]
    pub fn per_billion(self) -> f64 {
        (f64::from(self.0) / STEPS_PER_DOUBLING).exp2() - 1.0
    }

    /// Occurrences per million words of text.
    #[must_use]
    pub fn per_million(self) -> f64 {
        self.per_billion() / 1000.0
    }

    /// Surprise of the word in bits: -log2 of its share of all words.
    #[must_use]
    pub fn bits(self) -> f64 {
        -((self.per_billion() + 0.5) / 1e9).log2()
    }

    /// The stored step, 0..=255.
    #[must_use]
    pub fn step(self) -> u8 {
        self.0
    }

    fn from_stored(value: u64) -> Self {
        Self(u8::try_from(value).unwrap_or(u8::MAX))
    }
}

/// What the lexicon says of a string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// A word, this often.
    Known(Frequency),
    /// The kind of string the lexicon lists, and it does not list this one.
    Absent,
    /// Not the kind of string the lexicon lists: empty, longer than
    /// [`MAX_WORD_CHARS`], or with a character that is not Han. Says nothing
    /// about the string.
    Unknown,
}

/// A word that lies across a boundary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Straddle {
    /// Code points of the word before the boundary, at least 1.
    pub left_chars: usize,
    /// Code points of the word after the boundary, at least 1.
    pub right_chars: usize,
    /// How often the word stands in text.
    pub frequency: Frequency,
}

impl Straddle {
    /// Length of the word in code points.
    #[must_use]
    pub fn n_chars(&self) -> usize {
        self.left_chars + self.right_chars
    }
}

/// Why a lexicon could not be opened.
#[derive(Debug, thiserror::Error)]
#[error("the word list is damaged: {0}")]
pub struct LexiconError(#[from] fst::Error);

/// Words of one to eight characters with their frequencies; simplified.
///
/// Lookups take about a microsecond and allocate nothing, except
/// [`Lexicon::complete_with_gap`], which takes some ten microseconds on common
/// characters. For traditional text, fold it first with [`simplify`], which
/// keeps every byte offset.
#[derive(Debug)]
pub struct Lexicon {
    words: Trie,
    /// Words of three characters and more, reversed.
    tails: Trie,
}

impl Lexicon {
    /// The word list inside the program: `models/lexicon.tsv.zst`, made into maps
    /// when the program is built.
    ///
    /// # Panics
    /// Never for a program whose tests passed: they check the embedded bytes.
    #[must_use]
    pub fn embedded() -> Self {
        Self::from_bytes(
            Bytes::Borrowed(include_bytes!(concat!(env!("OUT_DIR"), "/lexicon.fst"))),
            Bytes::Borrowed(include_bytes!(concat!(env!("OUT_DIR"), "/lexicon-tails.fst"))),
        )
        .expect("the embedded word list is checked by the tests")
    }

    /// Opens a word list: a finite-state map from words to frequency steps,
    /// and the same for the reversed words that end-of-word queries look at.
    ///
    /// # Errors
    /// When the bytes are not such a map. Checksums are left to
    /// [`Lexicon::verify`].
    pub fn from_bytes(words: Bytes, tails: Bytes) -> Result<Self, LexiconError> {
        Ok(Self { words: Trie::new(words)?, tails: Trie::new(tails)? })
    }

    /// Reads every byte and compares the checksums.
    ///
    /// # Errors
    /// When a checksum differs.
    pub fn verify(&self) -> Result<(), LexiconError> {
        self.words.verify()?;
        Ok(self.tails.verify()?)
    }

    /// Number of words.
    #[must_use]
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// True for a list without words.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What the list says of `word`.
    #[must_use]
    pub fn lookup(&self, word: &str) -> Lookup {
        if let Some(frequency) = self.frequency(word) {
            return Lookup::Known(frequency);
        }
        let listed_kind = !word.is_empty() && word.chars().all(is_han) && word.chars().count() <= MAX_WORD_CHARS;
        if listed_kind { Lookup::Absent } else { Lookup::Unknown }
    }

    /// The frequency of `word`, when it is one.
    #[must_use]
    pub fn frequency(&self, word: &str) -> Option<Frequency> {
        self.words.get(word).map(Frequency::from_stored)
    }

    /// The frequency of `word` as it is, or else as its simplified form.
    #[must_use]
    pub fn frequency_folded(&self, word: &str) -> Option<Frequency> {
        self.frequency(word).or_else(|| self.frequency(&simplify(word)))
    }

    /// True when `word` is in the list.
    #[must_use]
    pub fn contains(&self, word: &str) -> bool {
        self.words.get(word).is_some()
    }

    /// The words that start at byte `at` of `text`, shortest first: length in
    /// bytes and frequency. `at` is a character boundary.
    pub fn words_starting_at<'l>(&'l self, text: &'l str, at: usize) -> impl Iterator<Item = (usize, Frequency)> + 'l {
        let mut cursor = Some(self.words.root());
        let mut n_bytes = 0;
        text[at..]
            .chars()
            .take(MAX_WORD_CHARS)
            .map_while(move |c| {
                n_bytes += c.len_utf8();
                cursor = cursor.and_then(|cursor| self.words.step(cursor, c));
                cursor.map(|cursor| (n_bytes, self.words.value(cursor)))
            })
            .filter_map(|(n_bytes, value)| Some((n_bytes, Frequency::from_stored(value?))))
    }

    /// The words that end at byte `at` of `text`, shortest first: length in
    /// bytes and frequency. `at` is a character boundary.
    pub fn words_ending_at<'l>(&'l self, text: &'l str, at: usize) -> impl Iterator<Item = (usize, Frequency)> + 'l {
        let before = &text[..at];
        before
            .char_indices()
            .rev()
            .take(MAX_WORD_CHARS)
            .take_while(|&(_, c)| is_han(c) || c.is_alphanumeric())
            .filter_map(move |(start, _)| self.frequency(&before[start..]).map(|frequency| (at - start, frequency)))
    }

    /// The longest word with its first part at the end of `left` and its last
    /// part at the start of `right`; of equally long ones the most frequent.
    ///
    /// `None` says only that no word lies there: names and numbers are cut
    /// too.
    #[must_use]
    pub fn straddling(&self, left: &str, right: &str) -> Option<Straddle> {
        let mut best: Option<Straddle> = None;
        let mut start = left.len();
        for (left_idx, c) in left.chars().rev().take(MAX_WORD_CHARS - 1).enumerate() {
            start -= c.len_utf8();
            let Some(mut cursor) = self.words.walk(self.words.root(), left[start..].chars()) else { continue };
            for (right_idx, c) in right.chars().take(MAX_WORD_CHARS - 1 - left_idx).enumerate() {
                let Some(next) = self.words.step(cursor, c) else { break };
                cursor = next;
                if let Some(value) = self.words.value(cursor) {
                    let one = Straddle { left_chars: left_idx + 1, right_chars: right_idx + 1, frequency: Frequency::from_stored(value) };
                    if best.is_none_or(|best| (one.n_chars(), one.frequency) > (best.n_chars(), best.frequency)) {
                        best = Some(one);
                    }
                }
            }
        }
        best
    }

    /// Characters that, put between `left` and `right`, make a word of three
    /// or more characters with the text that touches the gap. Words that use
    /// both sides come first, then the longer, then the more frequent. At most
    /// 64; each character once, with the best word it makes.
    ///
    /// A character lost as the last of `left` or the first of `right` is the
    /// same query.
    #[must_use]
    pub fn complete_with_gap(&self, left: &str, right: &str) -> Vec<Completion<Frequency>> {
        let sides = Sides::new(left, right, MAX_WORD_CHARS);
        completions(
            &sides,
            MAX_WORD_CHARS,
            &self.words,
            &self.tails,
            |_, value, _| Some(Frequency::from_stored(value)),
            |frequency| u64::from(frequency.step()),
        )
    }

    /// Those of [`Lexicon::complete_with_gap`] that use both sides.
    #[must_use]
    pub fn complete_across(&self, left: &str, right: &str) -> Vec<Completion<Frequency>> {
        let sides = Sides::new(left, right, MAX_WORD_CHARS);
        completions_across(&sides, MAX_WORD_CHARS, &self.words, Frequency::from_stored, |frequency| u64::from(frequency.step()))
    }
}

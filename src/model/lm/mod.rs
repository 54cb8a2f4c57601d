//! How likely a character is after the ones before it.
//!
//! A character n-gram model (order 2 to 6, usually 5) with interpolated
//! modified Kneser–Ney smoothing, pruned to a size, read where it lies.
//! `docs/language-model.md` has the file format, `models/news.lm.md` the card
//! of the model inside the program.
//!
//! Start at [`LanguageModel::embedded`]: [`LanguageModel::start`] gives the
//! state at the beginning of a paragraph, [`LanguageModel::score`] the surprise
//! of one more symbol and the state after it. Characters become symbols by
//! [`fold`]; everything is in bits.

pub mod build;
mod bytes;
mod error;
mod file;
mod fold;
mod info;
mod lookup;
mod pairs;
#[cfg(test)]
mod tests;

pub use error::LanguageModelError;
pub use fold::fold;
pub use info::{Info, Source};
pub use lookup::{Scored, State, Successors};
pub use pairs::Neighbours;

use std::sync::OnceLock;

use bytes::Bytes;
use file::Level;
use pairs::Pairs;

/// Lowest and highest order of a model.
pub const ORDERS: std::ops::RangeInclusive<usize> = 2..=MAX_ORDER;

/// Highest order: symbols of context and the one they predict.
pub const MAX_ORDER: usize = 6;

/// Most symbols a model can have, [`Id::UNKNOWN`] and [`Id::BOUNDARY`] among
/// them.
pub const MAX_SYMBOLS: usize = 16_384;

/// A symbol of a model: a folded character, or one of two that are none.
/// Numbers of different models mean different characters. After the two
/// constants they are ordered by frequency, the most frequent first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id(pub u16);

impl Id {
    /// Any character the model does not know.
    pub const UNKNOWN: Id = Id(0);
    /// The beginning and the end of a paragraph.
    pub const BOUNDARY: Id = Id(1);

    /// The number, to index tables with.
    #[must_use]
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// A language model: a file of `jiaokan lm build`, looked up in place.
///
/// Memory beside the file's bytes is about a fifth of them, and *V*²/4 bytes for
/// the pairs of *V* symbols. Nothing in here allocates while it scores.
#[derive(Debug)]
pub struct LanguageModel {
    bytes: Bytes,
    info: Info,
    /// Levels by order: unigrams first.
    levels: Vec<Level>,
    /// Characters by id; the two that are none are U+0000.
    symbols: Vec<char>,
    /// Id by character of the basic plane, folded.
    basic: Vec<u16>,
    /// The same for the other planes, sorted.
    astral: Vec<(char, u16)>,
    /// Bits that tell one unknown character from the others.
    unseen_bits: f32,
    pairs: Pairs,
}

impl LanguageModel {
    /// The model inside the program: `models/news.lm.zst`, unpacked when the
    /// program is built.
    #[must_use]
    pub fn embedded() -> &'static LanguageModel {
        static MODEL: OnceLock<LanguageModel> = OnceLock::new();
        MODEL.get_or_init(|| {
            Self::open(Bytes::Static(include_bytes!(concat!(env!("OUT_DIR"), "/news.lm"))), file::Check::Structure)
                .expect("a test reads the embedded model with its checksum")
        })
    }

    /// Reads a model from bytes: `&'static [u8]` or `Vec<u8>`.
    ///
    /// # Errors
    /// When they are not a whole, undamaged model of this version; the message
    /// says what was found, what was expected and what to do.
    pub fn from_bytes(bytes: impl Into<std::borrow::Cow<'static, [u8]>>) -> Result<Self, LanguageModelError> {
        let bytes = match bytes.into() {
            std::borrow::Cow::Borrowed(bytes) => Bytes::Static(bytes),
            std::borrow::Cow::Owned(bytes) => Bytes::Owned(bytes),
        };
        Self::open(bytes, file::Check::All)
    }

    /// Reads a model where its file is mapped. The map is looked through once,
    /// for the checksum; later only what lookups touch is read.
    ///
    /// # Errors
    /// As [`LanguageModel::from_bytes`].
    pub fn from_map(map: memmap2::Mmap) -> Result<Self, LanguageModelError> {
        Self::open(Bytes::Mapped(map), file::Check::All)
    }

    /// Symbols of context plus one.
    #[must_use]
    pub fn order(&self) -> usize {
        self.levels.len()
    }

    /// Number of symbols, the two that are no characters among them.
    #[must_use]
    pub fn n_symbols(&self) -> usize {
        self.symbols.len()
    }

    /// Number of n-grams by their length: symbols first.
    pub fn n_grams(&self) -> impl Iterator<Item = usize> + '_ {
        self.levels.iter().map(Level::len)
    }

    /// Length of the file in bytes.
    #[must_use]
    pub fn n_bytes(&self) -> usize {
        self.bytes.as_slice().len()
    }

    /// The checksum in the file's header: what tells this model from others.
    #[must_use]
    pub fn checksum(&self) -> u64 {
        file::stated_checksum(self.bytes.as_slice())
    }

    /// What the file says of its making.
    #[must_use]
    pub fn info(&self) -> &Info {
        &self.info
    }

    /// The symbol of a character, folded by [`fold`]. [`Id::UNKNOWN`] for
    /// characters the model does not know, and for those that [`fold`] drops:
    /// leave white space out, or use [`LanguageModel::ids`], which does.
    #[must_use]
    pub fn id(&self, c: char) -> Id {
        match self.basic.get(c as usize) {
            Some(&id) => Id(id),
            None => self.astral.binary_search_by_key(&c, |entry| entry.0).map_or(Id::UNKNOWN, |at| Id(self.astral[at].1)),
        }
    }

    /// The symbols of a text, white space left out.
    pub fn ids<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Id> + 'a {
        text.chars().filter(|&c| self.id(c) != Id::UNKNOWN || fold(c).is_some()).map(|c| self.id(c))
    }

    /// The folded character of a symbol; `None` for [`Id::UNKNOWN`],
    /// [`Id::BOUNDARY`] and numbers that are no symbol of this model.
    #[must_use]
    pub fn symbol(&self, id: Id) -> Option<char> {
        self.symbols.get(id.index()).copied().filter(|&c| c != '\0')
    }
}

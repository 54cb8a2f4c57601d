//! Words with their frequencies, and the places of China: facts to weigh
//! evidence with.
//!
//! Both come embedded ([`models/`]) and are read where they lie, without
//! copying or parsing. "Not in the list" and "the list cannot tell" are
//! different answers ([`Lookup`]). Nothing here judges a text: a word that is
//! absent is not an error, a word that is present may still be the wrong one.
//!
//! Start at [`Lexicon`] and [`Gazetteer`]; `models/lexicon.md` and
//! `models/gazetteer.md` say where the facts come from.
//!
//! [`models/`]: https://docs.rs/crate/jiaokan/latest/source/models/

mod gap;
mod places;
mod script;
mod simplify;
mod trie;
mod words;

pub use gap::Completion;
pub use places::{Gazetteer, GazetteerError, Level, Place};
pub use script::{Converter, ConverterError, ConverterKind, Script, Scripts};
pub use simplify::{simplified, simplify};
pub use words::{Frequency, Lexicon, LexiconError, Lookup, Straddle};

/// Longest word, in code points, that [`Lexicon`] holds and looks for. Longer
/// entries of the source are phrases, which no lookup needs.
pub const MAX_WORD_CHARS: usize = 8;

/// Longest place name, in code points, that [`Gazetteer`] holds.
pub const MAX_PLACE_CHARS: usize = 16;

#[cfg(test)]
mod tests;

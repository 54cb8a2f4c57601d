//! Offsets, spans, line positions and character classes of a text.
//!
//! Everything else in the crate is built on these; this module knows nothing
//! about findings, documents or files. Start at [`Span`].

mod chars;
mod line_index;
mod span;

pub use chars::{CharClass, char_class, is_closing, is_han, is_opening, is_pause, is_sentence_end, width_cells};
pub use line_index::{LineIndex, Position};
pub use span::{Span, floor_boundary};

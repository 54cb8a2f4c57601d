//! Edits become a new text, a map back to the old one, and an inverse.
//!
//! A [`Script`] is the whole change from one text to another: sorted disjoint
//! edits. Scripts compose, so that several phases end up as one script in the
//! coordinates of the decoded original. This module decides nothing about
//! which edits are right; see `resolve`.

mod map;
mod script;

pub use map::{Piece, SourceMap};
pub use script::Script;

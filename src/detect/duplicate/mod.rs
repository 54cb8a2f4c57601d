//! Passages that stand twice in one text, however the two readings differ.
//!
//! The text is read as a stream of letters without white space and punctuation
//! ([`stream`]); equal runs of letters are found by rolling hashes and chained
//! ([`seeds`]); chains are aligned to exact spans ([`align`], [`passage`]);
//! spans are brought back to lines ([`copy`]). Nothing here decides which copy
//! is one too many; see `detect::duplicate_block`. Start at [`passage::find`].

pub(super) mod align;
pub(super) mod copy;
pub(super) mod judge;
pub(super) mod landmark;
pub(super) mod passage;
pub(super) mod reading;
pub(super) mod removal;
pub(super) mod seeds;
pub(super) mod stream;

//! Bytes to text and back, losing nothing.
//!
//! A file is decoded to UTF-8 with a placeholder U+FFFD for every run of bytes
//! that is no text, and written back by splicing: what no edit touched is
//! copied from the original bytes, only edits are encoded. So untouched bytes
//! survive even where decoding is not one to one (GBK 0x80, the private-use
//! rows of GB18030, Big5 duplicates). Newlines are characters like any other
//! and are never changed here.
//!
//! Start at [`decode`] and [`splice`].

mod decode;
mod encode;
mod guess;
mod name;
#[cfg(test)]
mod tests;

pub use decode::{Decoded, Undecodable, decode};
pub use encode::{ByteEdit, EncodeError, Spliced, encode_str, splice};
pub use guess::Decision;
pub use name::{Encoding, UnknownEncoding};

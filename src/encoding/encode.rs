use encoding_rs::EncoderResult;

use super::decode::{Decoded, unit_chars, unit_len};
use super::name::Encoding;
use crate::text::Span;

/// Why a corrected text cannot be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    /// An edit puts in a character that the file's encoding cannot hold.
    #[error("{encoding} cannot hold {c:?} (U+{code:04X})", encoding = .encoding.name(), code = u32::from(*.c))]
    Unencodable {
        /// Byte offset in the decoded original where the edit starts.
        at: usize,
        /// The character.
        c: char,
        /// The file's encoding.
        encoding: Encoding,
    },
    /// An edit changes the placeholder of undecodable bytes.
    #[error("an edit would change undecodable bytes")]
    Untouchable {
        /// Byte offset of the placeholder in the decoded original.
        at: usize,
    },
}

impl EncodeError {
    /// The place, as a byte offset in the decoded original.
    #[must_use]
    pub fn at(&self) -> usize {
        match *self {
            EncodeError::Unencodable { at, .. } | EncodeError::Untouchable { at } => at,
        }
    }
}

/// An edit as it stands in the bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByteEdit {
    /// Bytes of the original file that went.
    pub original: Span,
    /// Bytes of the new file that came.
    pub corrected: Span,
}

/// A corrected file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spliced {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// One for each edit given, in order.
    pub edits: Vec<ByteEdit>,
}

/// Applies `edits` of the decoded text to the original bytes. Whatever no edit
/// covers is copied byte by byte.
///
/// `original` must be the bytes `decoded` was made from; `edits` are sorted
/// and disjoint, in the coordinates of `decoded.text`.
///
/// # Errors
/// The first character that the encoding cannot hold, or the first edit that
/// covers undecodable bytes.
pub fn splice(original: &[u8], decoded: &Decoded, edits: &[(Span, &str)]) -> Result<Spliced, EncodeError> {
    let mut walk = Walk::new(original, decoded);
    let grown: usize = edits.iter().map(|(_, new)| new.len()).sum();
    let mut bytes = Vec::with_capacity(original.len() + grown);
    let mut done = Vec::with_capacity(edits.len());
    let mut copied = 0;
    for &(span, new) in edits {
        // What an edit merely restates keeps its bytes, too.
        let (span, new) = trimmed(span, new, &decoded.text);
        let unencodable = |c| EncodeError::Unencodable { at: span.start, c, encoding: decoded.encoding };
        let start = walk.byte_at(span.start).map_err(unencodable)?;
        let end = walk.byte_at(span.end).map_err(unencodable)?;
        if let Some(run) = decoded.undecodable.iter().find(|run| run.span().overlaps(span)) {
            return Err(EncodeError::Untouchable { at: run.at });
        }
        bytes.extend_from_slice(&original[copied..start]);
        let from = bytes.len();
        encode_into(decoded.encoding, new, &mut bytes).map_err(unencodable)?;
        done.push(ByteEdit { original: Span::new(start, end), corrected: Span::new(from, bytes.len()) });
        copied = end;
    }
    bytes.extend_from_slice(&original[copied..]);
    Ok(Spliced { bytes, edits: done })
}

/// `text` in `encoding`, without a byte order mark.
///
/// # Errors
/// The first character that the encoding cannot hold.
pub fn encode_str(encoding: Encoding, text: &str) -> Result<Vec<u8>, char> {
    let mut bytes = Vec::with_capacity(text.len());
    encode_into(encoding, text, &mut bytes)?;
    Ok(bytes)
}

fn encode_into(encoding: Encoding, text: &str, out: &mut Vec<u8>) -> Result<(), char> {
    match encoding {
        Encoding::Utf8 => out.extend_from_slice(text.as_bytes()),
        // encoding_rs writes UTF-8 when asked for UTF-16.
        Encoding::Utf16Le => out.extend(text.encode_utf16().flat_map(u16::to_le_bytes)),
        Encoding::Utf16Be => out.extend(text.encode_utf16().flat_map(u16::to_be_bytes)),
        Encoding::Gb18030 => by_table(encoding_rs::GB18030, text, out)?,
        Encoding::Gbk => by_table(encoding_rs::GBK, text, out)?,
        Encoding::Big5 => by_table(encoding_rs::BIG5, text, out)?,
        Encoding::Gb2312 => {
            let from = out.len();
            by_table(encoding_rs::GBK, text, out)?;
            let mut at = from;
            for c in text.chars() {
                let length = unit_len(encoding, &out[at..]);
                if !in_gb2312(&out[at..at + length]) {
                    return Err(c);
                }
                at += length;
            }
        }
    }
    Ok(())
}

fn by_table(table: &'static encoding_rs::Encoding, text: &str, out: &mut Vec<u8>) -> Result<(), char> {
    let mut encoder = table.new_encoder();
    let mut at = 0;
    loop {
        let rest = &text[at..];
        let room = encoder.max_buffer_length_from_utf8_without_replacement(rest.len()).unwrap_or(4 * rest.len() + 4);
        out.reserve(room);
        let (result, n_read) = encoder.encode_from_utf8_to_vec_without_replacement(rest, out, true);
        match result {
            EncoderResult::InputEmpty => return Ok(()),
            EncoderResult::Unmappable(c) => return Err(c),
            EncoderResult::OutputFull => at += n_read,
        }
    }
}

/// True for a sequence of GB2312-80: rows 1-9 as far as they were filled, and
/// the Han rows 16-87.
fn in_gb2312(unit: &[u8]) -> bool {
    match *unit {
        [byte] => byte.is_ascii(),
        [0xa1 | 0xa3, 0xa1..=0xfe] => true,
        [0xa2, 0xb1..=0xe2 | 0xe5..=0xee | 0xf1..=0xfc] => true,
        [0xa4, 0xa1..=0xf3] | [0xa5, 0xa1..=0xf6] => true,
        [0xa6, 0xa1..=0xb8 | 0xc1..=0xd8] => true,
        [0xa7, 0xa1..=0xc1 | 0xd1..=0xf1] => true,
        [0xa8, 0xa1..=0xba | 0xc5..=0xe9] => true,
        [0xa9, 0xa4..=0xef] => true,
        [0xd7, trail] => matches!(trail, 0xa1..=0xf9),
        [0xb0..=0xf7, 0xa1..=0xfe] => true,
        _ => false,
    }
}

/// The edit without the characters that it replaces by themselves at its ends.
fn trimmed<'a>(span: Span, new: &'a str, text: &str) -> (Span, &'a str) {
    let old = span.of(text);
    let n_front: usize = old.chars().zip(new.chars()).take_while(|(a, b)| a == b).map(|(c, _)| c.len_utf8()).sum();
    let (old, new) = (&old[n_front..], &new[n_front..]);
    let n_back: usize = old.chars().rev().zip(new.chars().rev()).take_while(|(a, b)| a == b).map(|(c, _)| c.len_utf8()).sum();
    (Span::new(span.start + n_front, span.end - n_back), &new[..new.len() - n_back])
}

/// Finds the bytes of growing text offsets.
struct Walk<'a> {
    original: &'a [u8],
    decoded: &'a Decoded,
    text_at: usize,
    byte_at: usize,
    next_run: usize,
}

impl<'a> Walk<'a> {
    fn new(original: &'a [u8], decoded: &'a Decoded) -> Self {
        Self { original, decoded, text_at: 0, byte_at: decoded.bom_len(), next_run: 0 }
    }

    /// The offset in the bytes of `offset` in the text, which is not before the
    /// last one asked for; or the first of two characters of one
    /// sequence when `offset` lies between them.
    fn byte_at(&mut self, offset: usize) -> Result<usize, char> {
        while self.text_at < offset {
            let run = self.decoded.undecodable.get(self.next_run);
            if let Some(run) = run.filter(|run| run.at == self.text_at) {
                self.text_at = run.span().end;
                self.byte_at += run.bytes.len();
                self.next_run += 1;
                continue;
            }
            let upto = run.map_or(offset, |run| run.at.min(offset));
            self.over_good(upto)?;
        }
        Ok(self.byte_at)
    }

    /// Walks over decodable text up to `upto`.
    fn over_good(&mut self, upto: usize) -> Result<(), char> {
        let encoding = self.decoded.encoding;
        if encoding == Encoding::Utf8 {
            self.byte_at += upto - self.text_at;
            self.text_at = upto;
            return Ok(());
        }
        let mut chars = self.decoded.text[self.text_at..upto].chars();
        while let Some(first) = chars.next() {
            let rest = &self.original[self.byte_at..];
            let length = if rest[0].is_ascii() && encoding.table().is_some() { 1 } else { unit_len(encoding, rest) };
            for _ in 1..unit_chars(encoding, &rest[..length]) {
                chars.next().ok_or(first)?;
            }
            self.byte_at += length;
        }
        self.text_at = upto;
        Ok(())
    }
}

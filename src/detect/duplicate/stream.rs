use std::ops::Range;

use crate::text::{Span, is_han};

/// A text as its letters alone: Han characters, digits, Latin letters.
///
/// White space, punctuation and everything unreadable is left out, since that
/// is what two readings of one passage differ in first; full-width and ASCII
/// forms count as the same letter, and so do capitals and small letters.
pub struct Stream {
    /// One folded letter each. Characters outside the basic plane are folded
    /// into it: letters are only compared with each other, and a wrong match
    /// of two such rare characters is one letter in a passage.
    letters: Vec<u16>,
    /// Byte offset of every letter in the text.
    offsets: Vec<u32>,
}

impl Stream {
    /// Reads `text`; `None` when it is longer than offsets of 32 bits reach.
    pub fn new(text: &str) -> Option<Self> {
        u32::try_from(text.len()).ok()?;
        let mut stream = Stream { letters: Vec::with_capacity(text.len() / 3), offsets: Vec::with_capacity(text.len() / 3) };
        for (offset, c) in text.char_indices() {
            if let Some(letter) = fold(c) {
                stream.letters.push(letter);
                stream.offsets.push(u32::try_from(offset).expect("the text's length was checked"));
            }
        }
        Some(stream)
    }

    /// The folded letters.
    pub fn letters(&self) -> &[u16] {
        &self.letters
    }

    /// Byte offset of letter `idx`.
    pub fn offset(&self, idx: usize) -> usize {
        self.offsets[idx] as usize
    }

    /// Indexes of the letters inside `span`.
    pub fn range_of(&self, span: Span) -> Range<usize> {
        let at = |byte: usize| self.offsets.partition_point(|&offset| (offset as usize) < byte);
        at(span.start)..at(span.end)
    }
}

/// The letter `c` counts as, or `None` for white space, punctuation, controls.
fn fold(c: char) -> Option<u16> {
    let code = u32::from(c);
    let folded = match c {
        '\u{4e00}'..='\u{9fff}' => code,
        '0'..='9' | 'a'..='z' => code,
        'A'..='Z' => code + 0x20,
        '０'..='９' | 'ａ'..='ｚ' => code - 0xfee0,
        'Ａ'..='Ｚ' => code - 0xfee0 + 0x20,
        _ if is_han(c) => code ^ (code >> 16 << 8),
        _ => return None,
    };
    Some((folded & 0xffff) as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_out_space_and_marks_and_folds_widths() {
        let text = "第１ 版，\nＡ“b”\u{fffd}";
        let stream = Stream::new(text).unwrap();
        let plain = Stream::new("第1版ab").unwrap();
        assert_eq!(stream.letters(), plain.letters());
        assert_eq!(stream.offset(2), text.find('版').unwrap());
        assert_eq!(stream.range_of(Span::new(0, text.find('，').unwrap())), 0..3);
    }
}

//! What the character-level detectors share: a scan that stops only at
//! characters whose first byte is of interest, and looks at the neighborhood
//! of a place that never run further than a fixed number of characters.
//!
//! Start at [`LeadBytes`]. Nothing here judges a text.

use crate::text::{Span, is_han};

/// A set of first bytes of UTF-8 sequences.
///
/// A page is Han, full-width marks and digits almost throughout; what the
/// suspect-character detectors look for starts with other bytes. Looking for
/// them costs about a third of a nanosecond a byte, so each detector can afford
/// a search of its own.
pub(super) struct LeadBytes([bool; 256]);

impl LeadBytes {
    /// The set of all bytes in the inclusive ranges, none of which begins a
    /// sequence in its middle.
    pub(super) const fn of(ranges: &[(u8, u8)]) -> Self {
        let mut set = [false; 256];
        let mut range_idx = 0;
        while range_idx < ranges.len() {
            let (first, last) = ranges[range_idx];
            assert!(last < 0x80 || first >= 0xc0, "bytes inside of a sequence are never looked at as first ones");
            let mut byte = first as usize;
            while byte <= last as usize {
                set[byte] = true;
                byte += 1;
            }
            range_idx += 1;
        }
        Self(set)
    }

    /// The characters of `text` that start with a byte of the set, each with
    /// its byte offset.
    pub(super) fn chars<'t>(&'t self, text: &'t str) -> impl Iterator<Item = (usize, char)> + 't {
        let mut at = 0;
        std::iter::from_fn(move || {
            let start = at + text.as_bytes()[at..].iter().position(|&byte| self.0[byte as usize])?;
            let c = text[start..].chars().next()?;
            at = start + c.len_utf8();
            Some((start, c))
        })
    }
}

/// The span of the character `c` at byte `at`.
pub(super) fn char_span(at: usize, c: char) -> Span {
    Span::new(at, at + c.len_utf8())
}

/// The character that ends at byte `at`.
pub(super) fn before(text: &str, at: usize) -> Option<char> {
    text[..at].chars().next_back()
}

/// The character that starts at byte `at`.
pub(super) fn after(text: &str, at: usize) -> Option<char> {
    text[at..].chars().next()
}

/// The span of at most `n_chars` characters on either side of `span`, cut at
/// line ends.
pub(super) fn window(text: &str, span: Span, n_chars: usize) -> Span {
    let is_inside = |c: &char| !matches!(c, '\n' | '\r');
    let left: usize = text[..span.start].chars().rev().take(n_chars).take_while(is_inside).map(char::len_utf8).sum();
    let right: usize = text[span.end..].chars().take(n_chars).take_while(is_inside).map(char::len_utf8).sum();
    Span::new(span.start - left, span.end + right)
}

/// True when `c` belongs to Chinese running text: a Han character or a mark
/// that only Chinese type uses.
pub(super) fn is_chinese(c: char) -> bool {
    is_han(c)
        || matches!(
            c,
            '，' | '。'
                | '、'
                | '；'
                | '：'
                | '？'
                | '！'
                | '（'
                | '）'
                | '《'
                | '》'
                | '“'
                | '”'
                | '「'
                | '」'
                | '『'
                | '』'
                | '…'
        )
}

/// True for kana, hangul and their marks: the sign of a Japanese or Korean
/// passage.
pub(super) fn is_kana_or_hangul(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{309f}' | '\u{30a1}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' | '\u{ff66}'..='\u{ff9f}'
        | '\u{1100}'..='\u{11ff}' | '\u{3131}'..='\u{318e}' | '\u{ac00}'..='\u{d7a3}')
}

/// `U+4E00` and the like, for messages.
pub(super) fn code_point(c: char) -> String {
    format!("U+{:04X}", u32::from(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stops_only_at_chosen_first_bytes() {
        let leads = LeadBytes::of(&[(0xee, 0xee), (0xf0, 0xf4)]);
        let text = "石a，\u{e000}é𠀀。\u{10ffff}";
        let found: Vec<char> = leads.chars(text).map(|(_, c)| c).collect();
        assert_eq!(found, ['\u{e000}', '𠀀', '\u{10ffff}']);
        for (at, c) in leads.chars(text) {
            assert_eq!(after(text, at), Some(c));
        }
    }

    #[test]
    fn a_window_ends_at_line_ends_and_character_boundaries() {
        let text = "前一行\n石家庄市\r\n后";
        let span = Span::new(13, 16);
        assert_eq!(span.of(text), "家");
        assert_eq!(window(text, span, 9).of(text), "石家庄市");
        assert_eq!(window(text, span, 1).of(text), "石家庄");
    }
}

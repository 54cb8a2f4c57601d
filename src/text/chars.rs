use unicode_width::UnicodeWidthChar;

/// What a character is for the purposes of page repair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CharClass {
    /// A Han character, including 〇, 々 and the extension planes.
    Han,
    /// An ASCII or full-width digit.
    Digit,
    /// A Latin letter, ASCII or full-width.
    Latin,
    /// Punctuation or a symbol of any script.
    Punctuation,
    /// Space, tab, newline, ideographic space.
    Space,
    /// Anything else: other scripts, controls, private use.
    Other,
}

/// Classifies one character.
#[must_use]
pub fn char_class(c: char) -> CharClass {
    match c {
        _ if is_han(c) => CharClass::Han,
        '0'..='9' | '０'..='９' => CharClass::Digit,
        'a'..='z' | 'A'..='Z' | 'ａ'..='ｚ' | 'Ａ'..='Ｚ' | 'À'..='ɏ' => CharClass::Latin,
        _ if c.is_whitespace() => CharClass::Space,
        '!'..='~'
        | '\u{a1}'..='\u{bf}'
        | '\u{2010}'..='\u{2bff}'
        | '\u{3001}'..='\u{303f}'
        | '\u{fe10}'..='\u{fe6f}'
        | '\u{ff01}'..='\u{ff65}'
        | '\u{ffe0}'..='\u{ffee}' => CharClass::Punctuation,
        _ => CharClass::Other,
    }
}

/// True for Han characters: the unified ideographs with all extensions, the
/// compatibility ideographs, 〇 and 々.
#[must_use]
pub fn is_han(c: char) -> bool {
    matches!(c,
        '\u{4e00}'..='\u{9fff}'
        | '\u{3400}'..='\u{4dbf}'
        | '〇' | '々'
        | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{323af}')
}

/// True for a mark that can end a sentence: 。！？…；and their ASCII forms.
#[must_use]
pub fn is_sentence_end(c: char) -> bool {
    matches!(c, '。' | '！' | '？' | '…' | '!' | '?' | '．')
}

/// True for a mark at which a reader pauses: the ends of sentences and 、，；：
/// with their ASCII forms.
#[must_use]
pub fn is_pause(c: char) -> bool {
    is_sentence_end(c) || matches!(c, '、' | '，' | '；' | '：' | ',' | ';' | ':')
}

/// True for an opening quote, bracket or book-title mark.
#[must_use]
pub fn is_opening(c: char) -> bool {
    matches!(c, '“' | '‘' | '「' | '『' | '（' | '(' | '《' | '〈' | '【' | '〔' | '［' | '[' | '｛' | '{' | '〖')
}

/// True for a closing quote, bracket or book-title mark.
#[must_use]
pub fn is_closing(c: char) -> bool {
    matches!(c, '”' | '’' | '」' | '』' | '）' | ')' | '》' | '〉' | '】' | '〕' | '］' | ']' | '｝' | '}' | '〗')
}

/// Width in terminal cells, East Asian ambiguous characters counted as wide
/// (they are printed full-width in Chinese type). Controls are 0.
#[must_use]
pub fn width_cells(c: char) -> usize {
    match c {
        // Han characters are most of any page; the general table is slow.
        '\u{4e00}'..='\u{9fff}' => 2,
        _ if c.is_ascii() => usize::from(!c.is_ascii_control()),
        _ => c.width_cjk().unwrap_or(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_of_typical_characters() {
        for (c, class) in [
            ('石', CharClass::Han),
            ('〇', CharClass::Han),
            ('８', CharClass::Digit),
            ('Ａ', CharClass::Latin),
            ('。', CharClass::Punctuation),
            ('“', CharClass::Punctuation),
            ('②', CharClass::Punctuation),
            ('\u{3000}', CharClass::Space),
            ('\u{e000}', CharClass::Other),
            ('\u{fffd}', CharClass::Other),
        ] {
            assert_eq!(char_class(c), class, "{c:?}");
        }
    }
}

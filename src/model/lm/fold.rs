/// The form in which the language model sees a character; `None` for what it
/// does not see: white space, controls, invisible characters.
///
/// * A traditional character and its simplified form are one, character by
///   character ([`simplified`](crate::lexicon::simplified)).
/// * ASCII and full-width digits are `0`, Latin letters (with and without
///   accents, full-width) are `a`.
/// * The half-width and the full-width form of a mark are one, and so are the
///   dashes, the middle dots, the ellipses, the circles that stand for 〇.
/// * “「『〝 are `“`, ”」』〞 are `”`, 〈〔［【 and their fellows are `《` or `（`
///   with their partners. A straight quote says neither and stays itself; so
///   does a half-width full stop, which is a decimal point as often.
#[must_use]
pub fn fold(c: char) -> Option<char> {
    let folded = match c {
        '\u{4e00}'..='\u{9fff}' => crate::lexicon::simplified(c),
        '0'..='9' | '０'..='９' => '0',
        'a'..='z' | 'A'..='Z' | 'ａ'..='ｚ' | 'Ａ'..='Ｚ' => 'a',
        'À'..='Ö' | 'Ø'..='ö' | 'ø'..='ɏ' => 'a',
        '“' | '「' | '『' | '〝' | '｢' | '﹁' | '﹃' => '“',
        '”' | '」' | '』' | '〞' | '〟' | '｣' | '﹂' | '﹄' => '”',
        '"' | '＂' => '"',
        '‘' => '‘',
        '’' | '\'' | '＇' => '’',
        '(' | '（' | '〔' | '[' | '［' | '【' | '〖' | '{' | '｛' => '（',
        ')' | '）' | '〕' | ']' | '］' | '】' | '〗' | '}' | '｝' => '）',
        '《' | '〈' | '«' => '《',
        '》' | '〉' | '»' => '》',
        '.' | '．' => '.',
        '｡' => '。',
        '､' => '、',
        '·' | '•' | '・' | '‧' | '･' | '∙' | '⋅' => '·',
        '-' | '－' | '‐' | '‑' | '–' | '—' | '―' | '─' | '━' | '−' | '﹣' => '—',
        '~' | '～' | '〜' | '∼' => '～',
        '…' | '⋯' | '‥' => '…',
        '○' | '◯' | '〇' => '〇',
        '￥' | '¥' => '￥',
        // The other ASCII marks, in their full-width form.
        '!'..='/' | ':'..='@' | '\\' | '^'..='`' | '|' => char::from_u32(u32::from(c) + 0xFEE0)?,
        _ if is_invisible(c) => return None,
        _ => crate::lexicon::simplified(c),
    };
    Some(folded)
}

fn is_invisible(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{e0100}'..='\u{e01ef}')
}

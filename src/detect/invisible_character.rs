use super::scan::{self, LeadBytes};
use super::{Context, Detector, DetectorMeta};
use crate::finding::{Class, ConfidenceOrigin, Edit, Finding, Fix, Message, Phase, Safety};
use crate::text::{Span, is_han};

/// Finds zero-width and other characters that show nothing.
#[derive(Clone, Copy, Debug)]
pub struct InvisibleCharacter;

static META: DetectorMeta = DetectorMeta {
    id: "encoding/invisible-character",
    class: Class::Encoding,
    phase: Phase::Encoding,
    summary: ["看不见的字符混在字里", "an invisible character between the letters"],
    why: [
        "零宽空格、文中的 BOM、软连字符等看不见，却使同一个词检索不到；网页与 PDF 取字常留下它们",
        "zero-width spaces, a BOM inside the text, soft hyphens and the like do not show, and the word around them is no longer found; web pages and PDF extraction leave them behind",
    ],
    silent: [
        "表情符号里的零宽连接符和变体选择符、汉字后的异体字选择符（IVS）、数学符号和标点的标准变体、印度及阿拉伯系文字里的连接符、文件开头的 BOM",
        "Joiners and variation selectors in emoji, ideographic variation sequences after Han characters, standardized variants of signs, joiners in Indic and Arabic scripts, the BOM at the start",
    ],
    trust: ["删除是自动的：印出来的字一个不少", "Removal is automatic: no printed character goes"],
    sources: &[
        "Unicode Standard, chapters 23.2 Layout Controls and 23.4 Variation Selectors",
        "UTS #37, Unicode Ideographic Variation Database",
        "UTS #51, emoji ZWJ sequences",
    ],
    bad: &[
        ("全\u{200b}市工作会议", "全市工作会议"),
        ("全市\u{feff}工作会议", "全市工作会议"),
        ("全市\u{ad}工作会议", "全市工作会议"),
        ("全市\u{2060}\u{200b}工作会议", "全市工作会议"),
        ("，\u{fe0f}全市", "，全市"),
    ],
    good: &[
        "👩\u{200d}👩\u{200d}👧 一家",
        "葛\u{e0100}城",
        "❤\u{fe0f}",
        "1\u{fe0f}\u{20e3}",
        "クレジット",
        "می\u{200c}خواهم",
        "“\u{fe00}引\u{fe00}”\u{fe01}",
    ],
};

/// First bytes of U+00AD, U+034F, U+115F, U+17B4, U+180B, U+200B.., U+3164,
/// U+FE00.., U+FEFF, U+FFA0, U+1D173.., U+E0000.. .
static LEADS: LeadBytes = LeadBytes::of(&[(0xc2, 0xc2), (0xcd, 0xcd), (0xe1, 0xe3), (0xef, 0xf0), (0xf3, 0xf3)]);

impl Detector for InvisibleCharacter {
    fn meta(&self) -> &'static DetectorMeta {
        &META
    }

    fn detect(&self, context: &Context<'_>, sink: &mut Vec<Finding>) {
        let text = context.text;
        let mut done = 0;
        for (at, c) in LEADS.chars(text) {
            if at < done || !is_invisible(c) || belongs(text, at, c) {
                continue;
            }
            let mut end = at + c.len_utf8();
            while let Some(next) = scan::after(text, end).filter(|&next| is_invisible(next) && !belongs(text, end, next)) {
                end += next.len_utf8();
            }
            done = end;
            let span = Span::new(at, end);
            let message = Message::new(
                format!("看不见的字符 {}，没有印在纸上；删去", scan::code_point(c)),
                format!("an invisible {}, never printed; remove it", scan::code_point(c)),
            );
            sink.push(
                Finding::new(META.id, META.class, META.phase, text, span, message)
                    .with_fix(Fix::one(Message::new("删去", "Remove"), Edit::deletion(span)))
                    .with_trust(Safety::Automatic, 0.99, ConfidenceOrigin::Author),
            );
        }
    }
}

fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}'                     // soft hyphen
        | '\u{34f}'                  // combining grapheme joiner
        | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' // hangul fillers
        | '\u{180b}'..='\u{180e}'    // Mongolian selectors and vowel separator
        | '\u{200b}'..='\u{200d}'    // zero-width space, non-joiner, joiner
        | '\u{2060}'..='\u{2064}'    // word joiner, invisible operators
        | '\u{feff}'                 // byte order mark inside
        | '\u{fff9}'..='\u{fffb}'    // interlinear annotation
        | '\u{1d173}'..='\u{1d17a}') // musical beams
        || is_selector(c)
        || matches!(c, '\u{e0001}' | '\u{e0020}'..='\u{e007f}') // tags
}

fn is_selector(c: char) -> bool {
    matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

/// True where the invisible character `c` at `at` does what it is for.
fn belongs(text: &str, at: usize, c: char) -> bool {
    let before = scan::before(text, at);
    let after = scan::after(text, at + c.len_utf8());
    match c {
        '\u{feff}' => at == 0,
        // Mojibake: the byte AD of another encoding, which must not be lost.
        '\u{ad}' => [before, after].into_iter().flatten().any(|c| matches!(c, '\u{80}'..='\u{ff}')),
        '\u{e0100}'..='\u{e01ef}' => before.is_some_and(is_han),
        '\u{fe00}'..='\u{fe0e}' => before.is_some_and(|base| is_han(base) || is_sign(base)),
        '\u{fe0f}' => before.is_some_and(|base| is_emoji(base) || base.is_ascii_digit() || matches!(base, '#' | '*')),
        '\u{200d}' => {
            before.is_some_and(|base| is_emoji(base) || base == '\u{fe0f}' || joins(base))
                && after.is_some_and(|next| is_emoji(next) || joins(next))
        }
        '\u{200c}' => before.is_some_and(joins) && after.is_some_and(joins),
        '\u{180b}'..='\u{180e}' => before.is_some_and(|base| matches!(base, '\u{1800}'..='\u{18af}')),
        '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' => {
            before.is_some_and(scan::is_kana_or_hangul) || after.is_some_and(scan::is_kana_or_hangul)
        }
        '\u{e0020}'..='\u{e007f}' => before.is_some_and(|base| base == '\u{1f3f4}' || matches!(base, '\u{e0020}'..='\u{e007f}')),
        _ => false,
    }
}

/// Pictographs, and the signs older than them that have an emoji form.
fn is_emoji(c: char) -> bool {
    matches!(c, '\u{1f000}'..='\u{1faff}' | '\u{2190}'..='\u{21ff}' | '\u{2300}'..='\u{27bf}' | '\u{2900}'..='\u{297f}' | '\u{2b00}'..='\u{2bff}'
        | '\u{203c}' | '\u{2049}' | '\u{2122}' | '\u{2139}' | '\u{3030}' | '\u{303d}' | '\u{3297}' | '\u{3299}' | '©' | '®')
}

/// Signs and marks with standardized variants: operators, quotes, 、。 and
/// full-width forms.
fn is_sign(c: char) -> bool {
    is_emoji(c)
        || matches!(c, '0' | '\u{2010}'..='\u{2bff}' | '\u{3001}' | '\u{3002}' | '\u{ff01}'..='\u{ff1f}' | '\u{1000}'..='\u{109f}' | '\u{a840}'..='\u{a87f}')
}

/// Scripts whose letters join, where a joiner or non-joiner is spelling.
fn joins(c: char) -> bool {
    matches!(c, '\u{600}'..='\u{8ff}' | '\u{900}'..='\u{109f}' | '\u{1780}'..='\u{18af}' | '\u{fb50}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}')
}

#[cfg(test)]
mod tests {
    use super::super::testing::{automatic, keeps_its_examples, silent};
    use super::*;

    #[test]
    fn examples() {
        keeps_its_examples(InvisibleCharacter);
    }

    #[test]
    fn what_is_spelling_stays_beside_what_is_not() {
        automatic(InvisibleCharacter, "👩\u{200d}👧\u{200b}和葛\u{e0100}\u{200b}城", "👩\u{200d}👧和葛\u{e0100}城");
        automatic(InvisibleCharacter, "甲\u{200d}乙", "甲乙");
        automatic(InvisibleCharacter, "甲\u{e0100}乙，\u{e0100}", "甲\u{e0100}乙，");
        silent(InvisibleCharacter, "\u{feff}文首的标记不动");
        silent(InvisibleCharacter, "🏴\u{e0067}\u{e0062}\u{e007f}");
    }
}

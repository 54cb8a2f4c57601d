use super::scan::{self, LeadBytes};
use super::{Context, Detector, DetectorMeta};
use crate::finding::{Class, ConfidenceOrigin, Edit, Evidence, Finding, Fix, Message, Phase, Safety};
use crate::text::Span;

/// Finds private-use characters: what they mean only their font knew.
#[derive(Clone, Copy, Debug)]
pub struct PrivateUse;

static META: DetectorMeta = DetectorMeta {
    id: "encoding/private-use",
    class: Class::Encoding,
    phase: Phase::Encoding,
    summary: ["私用区字符：只有原字体知道它是什么字", "a private-use character, which only its font could name"],
    why: [
        "私用区的码位没有公认的字；排版系统自造的字、GB18030 旧映射和符号字体会留下它们",
        "private-use code points have no agreed character; they are left by characters a typesetting system made for itself, by old GB18030 mappings and by symbol fonts",
    ],
    silent: ["没有私用区字符的文字", "Text without private-use characters"],
    trust: [
        "GB18030 标准表中有公认对应字的码位给出建议；其他只标出",
        "Code points for which the GB18030 standard names a character are suggested; all others are only flagged",
    ],
    sources: &[
        "GB 18030-2005 and GB 18030-2022, mappings of the 24 former private-use code points",
        "WHATWG Encoding Standard, index gb18030",
    ],
    bad: &[("全市\u{e863}作会议", "全市䶮作会议"), ("他叫\u{e000}明", "他叫\u{e000}明"), ("\u{f0b7}全市工作会议", "\u{f0b7}全市工作会议")],
    good: &["全市工作会议", "他叫䶮明", "喆𠮷"],
};

/// Former private-use code points of GB18030 and GBK fonts, with the
/// characters the later standards put there; see `sources`.
const GB18030_ASSIGNED: [(char, char); 24] = [
    ('\u{e78d}', '\u{fe10}'),
    ('\u{e78e}', '\u{fe12}'),
    ('\u{e78f}', '\u{fe11}'),
    ('\u{e790}', '\u{fe13}'),
    ('\u{e791}', '\u{fe14}'),
    ('\u{e792}', '\u{fe15}'),
    ('\u{e793}', '\u{fe16}'),
    ('\u{e794}', '\u{fe17}'),
    ('\u{e795}', '\u{fe18}'),
    ('\u{e796}', '\u{fe19}'),
    ('\u{e816}', '\u{20087}'),
    ('\u{e817}', '\u{20089}'),
    ('\u{e818}', '\u{200cc}'),
    ('\u{e81e}', '\u{9fb4}'),
    ('\u{e826}', '\u{9fb5}'),
    ('\u{e82b}', '\u{9fb6}'),
    ('\u{e82c}', '\u{9fb7}'),
    ('\u{e831}', '\u{215d7}'),
    ('\u{e832}', '\u{9fb8}'),
    ('\u{e83b}', '\u{2298f}'),
    ('\u{e843}', '\u{9fb9}'),
    ('\u{e854}', '\u{9fba}'),
    ('\u{e855}', '\u{241fe}'),
    ('\u{e864}', '\u{9fbb}'),
];

/// U+E815..=U+E864 stood for the two-byte codes FE50..=FEA0 (without FE7F) as
/// long as Unicode lacked their characters; most of them have long had their
/// own, 䶮 (U+4DAE) in people's names among them.
const OLDER_FIRST: u32 = 0xe815;

/// First bytes of U+E000..U+FFFF and of planes 15 and 16.
static LEADS: LeadBytes = LeadBytes::of(&[(0xee, 0xef), (0xf3, 0xf4)]);

impl Detector for PrivateUse {
    fn meta(&self) -> &'static DetectorMeta {
        &META
    }

    fn detect(&self, context: &Context<'_>, sink: &mut Vec<Finding>) {
        let text = context.text;
        let mut done = 0;
        for (at, c) in LEADS.chars(text) {
            if at < done || !is_private(c) {
                continue;
            }
            if let Some(standard) = standard_character(c) {
                done = at + c.len_utf8();
                sink.push(suggestion(text, at, c, standard));
                continue;
            }
            let run: usize =
                text[at..].chars().take_while(|&next| is_private(next) && standard_character(next).is_none()).map(char::len_utf8).sum();
            done = at + run;
            let message = Message::new(
                format!("私用区字符 {}：没有字体就不知道是什么字，须对照原版", scan::code_point(c)),
                format!("private-use {}: without its font nobody knows what it is; compare with the page", scan::code_point(c)),
            );
            sink.push(Finding::new(META.id, META.class, META.phase, text, Span::new(at, done), message).with_trust(
                Safety::Flagged,
                1.0,
                ConfidenceOrigin::Author,
            ));
        }
    }
}

fn suggestion(text: &str, at: usize, c: char, standard: char) -> Finding {
    let span = scan::char_span(at, c);
    let message = Message::new(
        format!("私用区字符 {} 在 GB18030 中是「{standard}」；核对后改正", scan::code_point(c)),
        format!("private-use {} is 「{standard}」 in GB18030; check and replace", scan::code_point(c)),
    );
    Finding::new(META.id, META.class, META.phase, text, span, message)
        .with_fix(Fix::one(
            Message::new(format!("改为「{standard}」"), format!("Replace with 「{standard}」")),
            Edit::replacement(span, standard),
        ))
        .with_evidence(Evidence::said("standard", "GB18030 对照表", "the table of GB18030"))
        .with_trust(Safety::Suggested, 0.9, ConfidenceOrigin::Author)
}

fn standard_character(c: char) -> Option<char> {
    GB18030_ASSIGNED.iter().find(|(private, _)| *private == c).map(|&(_, standard)| standard).or_else(|| older_character(c))
}

fn older_character(c: char) -> Option<char> {
    let offset = u32::from(c).checked_sub(OLDER_FIRST).filter(|&offset| offset < 0x50)?;
    let trail = 0x50 + offset + u32::from(0x50 + offset >= 0x7f);
    let code = [0xfe, u8::try_from(trail).ok()?];
    let (decoded, _) = encoding_rs::GB18030.decode_without_bom_handling(&code);
    decoded.chars().next().filter(|&standard| standard != '\u{fffd}' && !is_private(standard))
}

fn is_private(c: char) -> bool {
    matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{ffffd}' | '\u{100000}'..='\u{10fffd}')
}

#[cfg(test)]
mod tests {
    use super::super::testing::{keeps_its_examples, made, silent};
    use super::*;

    #[test]
    fn examples() {
        keeps_its_examples(PrivateUse);
    }

    #[test]
    fn a_run_of_unknown_ones_is_one_finding() {
        let problems = made(Box::new(PrivateUse), "甲\u{e000}\u{f8ff}乙\u{100000}", Safety::Suggested).problems;
        assert_eq!(problems.len(), 2);
    }

    #[test]
    fn code_points_of_older_tables_are_named() {
        assert_eq!(standard_character('\u{e863}'), Some('䶮'));
        assert_eq!(standard_character('\u{e81a}'), Some('\u{3473}'));
        assert_eq!(standard_character('\u{e865}'), None);
        assert_eq!(standard_character('\u{e814}'), None);
    }

    #[test]
    fn neighbors_of_the_private_use_area_are_not_private() {
        silent(PrivateUse, "\u{d7ff}\u{f900}，：\u{fb01}Ａ\u{1f600}");
    }
}

use memchr::memmem;

use super::scan;
use super::{Context, Detector, DetectorMeta};
use crate::finding::{Class, ConfidenceOrigin, Finding, Message, Phase, Safety};
use crate::text::Span;

/// Finds U+FFFD and other placeholders of characters that were lost.
#[derive(Clone, Copy, Debug)]
pub struct ReplacementCharacter;

static META: DetectorMeta = DetectorMeta {
    id: "encoding/replacement-character",
    class: Class::Encoding,
    phase: Phase::Encoding,
    summary: ["替代字符：原字已丢失", "a replacement character stands for a lost character"],
    why: [
        "U+FFFD 表示某个程序没能读出原来的字节；U+FFFC 是图片等对象的占位。印在纸上的字不在文本里了",
        "U+FFFD says that some program could not read the bytes; U+FFFC stands for a picture or another object. What was printed is no longer in the text",
    ],
    silent: ["从不改动；□、■ 等印刷符号不在此列", "Never changes anything; printed signs such as □ and ■ are not meant"],
    trust: ["只标出：丢了的字要看原版", "Only flagged: the lost character has to be read from the page"],
    sources: &["Unicode Standard, chapter 23.8 Specials"],
    bad: &[("全市\u{fffd}作会议", "全市\u{fffd}作会议"), ("见\u{fffc}图", "见\u{fffc}图")],
    good: &["全市工作会议", "□本报记者", "■链接"],
};

impl Detector for ReplacementCharacter {
    fn meta(&self) -> &'static DetectorMeta {
        &META
    }

    fn detect(&self, context: &Context<'_>, sink: &mut Vec<Finding>) {
        let text = context.text;
        // Both share their first two bytes; a lone U+FFFC or a run of U+FFFD
        // is one finding.
        let mut done = 0;
        for at in memmem::find_iter(text.as_bytes(), b"\xef\xbf") {
            let Some(c) = scan::after(text, at).filter(|c| at >= done && matches!(c, '\u{fffd}' | '\u{fffc}')) else { continue };
            let run: usize = text[at..].chars().take_while(|&next| next == c).map(char::len_utf8).sum();
            done = at + run;
            let span = Span::new(at, done);
            let n_lost = run / c.len_utf8();
            let message = if c == '\u{fffd}' {
                Message::new(
                    format!("{n_lost} 个替代字符（U+FFFD）：原字节读不出来，须对照原版补字"),
                    format!("{n_lost} replacement character(s) (U+FFFD): the bytes could not be read; restore from the page"),
                )
            } else {
                Message::new(
                    "对象占位符（U+FFFC）：此处原有图片或其他对象，须对照原版",
                    "an object placeholder (U+FFFC): a picture or other object stood here; compare with the page",
                )
            };
            sink.push(Finding::new(META.id, META.class, META.phase, text, span, message).with_trust(
                Safety::Flagged,
                1.0,
                ConfidenceOrigin::Author,
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{keeps_its_examples, made, only_flags};
    use super::*;

    #[test]
    fn examples() {
        keeps_its_examples(ReplacementCharacter);
    }

    #[test]
    fn a_run_is_one_finding_and_stays() {
        let text = "甲\u{fffd}\u{fffd}\u{fffd}乙\u{fffd}";
        only_flags(ReplacementCharacter, text);
        let problems = made(Box::new(ReplacementCharacter), text, Safety::Suggested).problems;
        assert_eq!(problems.iter().map(|finding| finding.observed.chars().count()).collect::<Vec<_>>(), [3, 1]);
    }
}

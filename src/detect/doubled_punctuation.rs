use super::scan::{self, LeadBytes};
use super::{Context, Detector, DetectorMeta};
use crate::finding::{Class, ConfidenceOrigin, Edit, Finding, Fix, Message, Phase, Safety};
use crate::text::{Span, is_han};

/// Finds marks that stand twice, or beside another that excludes them.
#[derive(Clone, Copy, Debug)]
pub struct DoubledPunctuation;

static META: DetectorMeta = DetectorMeta {
    id: "punctuation/doubled",
    class: Class::Punctuation,
    phase: Phase::Marks,
    summary: ["标点重出或相冲（，， 。，）", "a mark that stands twice, or two that exclude each other (，， 。，)"],
    why: [
        "点号不能连用；OCR 把墨点、断开的笔画读成标点，接栏时也会多出一个",
        "pausing marks never follow one another; OCR reads specks and broken strokes as marks, and joins leave one too many",
    ],
    silent: [
        "省略号 ……、破折号 ——、叹号问号连用 ！！ ？！、引号括号前后的点号、网络用语里的 。。。 独占一行",
        "Ellipsis ……, dash ——, emphasis such as ！！ and ？！, marks around quotes and brackets, 。。。 alone on a line",
    ],
    trust: [
        "同一个点号重出：建议留一个（连出三个以上多是其间漏了字，只标出）；「。。。」建议改省略号；全角点号旁多出的半角点：建议删半角的；两个不同的全角点号：只标出",
        "The same mark twice: keeping one is suggested (three or more mostly had words between them: flagged); 。。。 as an ellipsis is suggested; a half-width dot beside a full-width mark: removing it is suggested; two different full-width marks: flagged",
    ],
    sources: &["GB/T 15834-2011 标点符号用法, 5.1.1"],
    bad: &[
        ("会议召开，，部署工作。", "会议召开，部署工作。"),
        ("会议结束。。", "会议结束。"),
        ("他没有说下去。。。", "他没有说下去……"),
        ("会议期间.，代表们讨论了报告", "会议期间，代表们讨论了报告"),
        ("会议召开，。部署工作", "会议召开，。部署工作"),
        ("工业、、农业", "工业、农业"),
    ],
    good: &[
        "太好了！！",
        "真的吗？！",
        "他说：“好。”，然后走了。",
        "等等……。",
        "一、二、三。",
        "（一）、（二）",
        "——，",
        "甲、《乙》、丙。",
    ],
};

/// First bytes of 。、 and of ，；： , and the half-width dots.
static LEADS: LeadBytes = LeadBytes::of(&[(b',', b','), (b'.', b'.'), (b':', b';'), (0xe3, 0xe3), (0xef, 0xef)]);

impl Detector for DoubledPunctuation {
    fn meta(&self) -> &'static DetectorMeta {
        &META
    }

    fn detect(&self, context: &Context<'_>, sink: &mut Vec<Finding>) {
        let text = context.text;
        let mut done = 0;
        for (at, c) in LEADS.chars(text) {
            let next_at = at + c.len_utf8();
            if at < done || !is_dot(c) || !scan::after(text, next_at).is_some_and(is_dot) {
                continue;
            }
            let length: usize = text[at..].chars().take_while(|&next| is_dot(next)).map(char::len_utf8).sum();
            let span = Span::new(at, at + length);
            done = span.end;
            sink.extend(judge(text, span));
        }
    }
}

/// 点号 that pause, both widths; ？ and ！ may follow one another.
fn is_dot(c: char) -> bool {
    is_full(c) || is_half(c)
}

fn is_full(c: char) -> bool {
    matches!(c, '，' | '。' | '、' | '；' | '：')
}

fn is_half(c: char) -> bool {
    matches!(c, ',' | '.' | ';' | ':')
}

fn judge(text: &str, span: Span) -> Option<Finding> {
    let run = span.of(text);
    let mut full = run.chars().filter(|&c| is_full(c));
    let first = full.next()?;
    let n_half = run.chars().filter(|&c| is_half(c)).count();
    let n_marks = run.chars().count();
    let left = scan::before(text, span.start)?;
    if matches!(left, '\n' | '\r') {
        return None;
    }
    let (kept, safety, confidence) = match full.find(|&c| c != first) {
        // Two different full-width marks.
        Some(_) => (None, Safety::Flagged, 0.8),
        // Commas that stand three times were printed around words the engine
        // could not read: “嘭嚓，嘭嚓，” comes out as “，，，”.
        None if n_half == 0 && n_marks >= 3 && !matches!(first, '。' | '、') => (None, Safety::Flagged, 0.8),
        // 。。。 is how people type an ellipsis.
        None if n_half == 0 && n_marks >= 3 && matches!(first, '。' | '、') => (Some("……".to_owned()), Safety::Suggested, 0.7),
        None if n_half > 0 && !is_han(left) && !scan::is_chinese(left) && !matches!(left, '%' | '％' | '0'..='9') => return None,
        None => (Some(first.to_string()), Safety::Suggested, if n_half > 0 { 0.7 } else { 0.9 }),
    };
    let message = match &kept {
        Some(kept) => {
            Message::new(format!("「{run}」多出标点；改为「{kept}」"), format!("「{run}」 has a mark too many; make it 「{kept}」"))
        }
        None => Message::new(
            format!("「{run}」里的标点不能连用，或其间漏了字，须对照原版"),
            format!("the marks of 「{run}」 exclude each other, or words between them were lost; see on the page which"),
        ),
    };
    let finding = Finding::new(META.id, META.class, META.phase, text, span, message);
    let finding = match kept {
        Some(kept) => finding
            .with_fix(Fix::one(Message::new(format!("改为「{kept}」"), format!("Replace with 「{kept}」")), Edit::replacement(span, kept))),
        None => finding,
    };
    Some(finding.with_trust(safety, confidence, ConfidenceOrigin::Author))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{keeps_its_examples, only_flags, silent};
    use super::*;

    #[test]
    fn examples() {
        keeps_its_examples(DoubledPunctuation);
    }

    #[test]
    fn what_follows_legitimately() {
        for text in ["好！？", "……”", "。。。", "他说……，又说", "a.:b", "http://a.b,;", "1.2.3.", "C::d", "见“甲”、“乙”、（丙）。"]
        {
            silent(DoubledPunctuation, text);
        }
        only_flags(DoubledPunctuation, "开会、，部署");
        only_flags(DoubledPunctuation, "开会。；部署");
        only_flags(DoubledPunctuation, "弓弦起落，，，满屋白毛");
    }
}

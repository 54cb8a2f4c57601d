use memchr::memmem;

use super::{Context, Detector, DetectorMeta, page_lines};
use crate::document::{Kind, dateline_prefix};
use crate::finding::{Class, ConfidenceOrigin, Edit, Finding, Fix, Message, Phase, Safety};
use crate::text::{Span, is_closing, is_opening, is_sentence_end};

/// Finds datelines with credits (本报讯（记者 某某）) inside a line: glued to a
/// headline, or to the article before.
#[derive(Clone, Copy, Debug)]
pub struct FusedDateline;

static META: DetectorMeta = DetectorMeta {
    id: "structure/fused-dateline",
    class: Class::Heading,
    phase: Phase::Structure,
    summary: ["电头粘在标题或上一段后面", "a dateline is stuck to a headline or to the paragraph before"],
    why: [
        "「本报讯（记者 某某）」开始一篇报道；粘在标题或上一段后面，标题就成了正文，或两篇报道连成一篇",
        "本报讯（记者 …） begins an article; stuck to a headline, the headline becomes text, stuck to a paragraph, two articles become one",
    ],
    silent: [
        "行首的电头、没有记者或通讯员括号的电头、引号里的电头、句子里提到的电头",
        "Datelines at the start of a line, without a bracket of names, in quotation marks, or spoken of in a sentence",
    ],
    trust: [
        "电头须有记者或通讯员的括号，前面须是句末，或者是没有标点的一行标题；建议分行。没有标注样本可供校准，所以从不自动",
        "The dateline must have its bracket of names and follow the end of a sentence, or a headline without punctuation; setting it apart is suggested. There are no labelled pages to calibrate on, so it is never automatic",
    ],
    sources: &["docs/damage.md: heading, byline or dateline"],
    bad: &[
        (
            "清淤提前收工本报讯（记者 祁连）截至昨天，九条河道的清淤工程全部完成。",
            "清淤提前收工\n本报讯（记者 祁连）截至昨天，九条河道的清淤工程全部完成。",
        ),
        (
            "两岸开始种树。新华社江城9月2日电（记者 庞石）昨天上午，新桥通车。\n\n次日",
            "两岸开始种树。\n\n新华社江城9月2日电（记者 庞石）昨天上午，新桥通车。\n\n次日",
        ),
        ("他说：“今年总算不用搬沙袋了。”滨湖晚报訊 (記者 祁連)昨天上午", "他说：“今年总算不用搬沙袋了。”\n滨湖晚报訊 (記者 祁連)昨天上午"),
    ],
    good: &[
        "本报讯（记者 祁连）截至昨天，九条河道的清淤工程全部完成。",
        "他念道：“本报讯（记者 祁连）昨天上午……”",
        "两岸开始种树。本报讯没有提到这件事。",
        "消息的第一句是，本报讯（记者 祁连）昨天上午新桥通车。",
        "全市停电（记者注：仅限城东）。",
        "新桥昨天通车。（记者 祁连）",
    ],
};

/// The word of the author: no labelled page has one.
const LIKELY: f64 = 0.85;
/// Bytes before the bracket in which the dateline begins.
const MAX_HEAD_BYTES: usize = 96;
/// Characters of a headline, at least and at most.
const HEADLINE_CHARS: std::ops::RangeInclusive<usize> = 4..=30;

impl Detector for FusedDateline {
    fn meta(&self) -> &'static DetectorMeta {
        &META
    }

    fn detect(&self, context: &Context<'_>, sink: &mut Vec<Finding>) {
        let text = context.text;
        let full_width = memmem::find_iter(text.as_bytes(), "（");
        let brackets = full_width.chain(memchr::memchr_iter(b'(', text.as_bytes()));
        let mut starts: Vec<usize> = brackets.filter_map(|bracket| dateline_before(context, bracket)).collect();
        starts.sort_unstable();
        sink.extend(starts.into_iter().filter_map(|start| finding(context, start)));
    }
}

/// Where the dateline begins whose bracket of names opens at `bracket`, when
/// that is inside a line of text.
fn dateline_before(context: &Context<'_>, bracket: usize) -> Option<usize> {
    let text = context.text;
    let head = text[..bracket].trim_end_matches([' ', '\u{3000}']);
    if !head.ends_with(['讯', '訊', '电', '電']) {
        return None;
    }
    let line = &context.layout.lines[context.layout.line_at(bracket)?];
    if !matches!(line.kind, Kind::Body | Kind::Heading | Kind::Caption) {
        return None;
    }
    let from = crate::text::floor_boundary(text, line.span.start.max(bracket.saturating_sub(MAX_HEAD_BYTES)));
    let before = &text[line.span.start..bracket];
    let window = &text[from..bracket];
    window.char_indices().map(|(at, _)| from + at).filter(|&at| at > line.span.start).find(|&at| {
        let lead = &before[..at - line.span.start];
        let starts_here = follows_sentence(lead) || names_itself(&text[at..]) && is_headline(lead);
        // Names without a bracket are spoken of in sentences as well.
        starts_here && dateline_prefix(&text[at..line.span.end]).is_some_and(|prefix| at + prefix.end > bracket)
    })
}

/// True when `lead` is at least one whole sentence, outside of quotation.
fn follows_sentence(lead: &str) -> bool {
    let body = lead.trim_end_matches(|c| is_closing(c) || matches!(c, ' ' | '\u{3000}'));
    let quoted = lead.matches('“').count() > lead.matches('”').count() || lead.matches('「').count() > lead.matches('」').count();
    !quoted && body.chars().next_back().is_some_and(is_sentence_end)
}

/// True where the words begin that only a dateline begins with; the end of a
/// headline cannot be told from a place or the name of a paper.
fn names_itself(rest: &str) -> bool {
    const OWN: [&str; 12] = ["本报", "本報", "本刊", "本台", "本臺", "本网", "本網", "本社", "据新华社", "新华社", "新華社", "中新社"];
    OWN.iter().any(|own| rest.starts_with(own))
}

/// True when `lead` can be a whole headline: some words and no punctuation of
/// a sentence.
fn is_headline(lead: &str) -> bool {
    let lead = lead.trim();
    let sentence =
        |c: char| is_sentence_end(c) || is_opening(c) && c != '“' && c != '《' || matches!(c, '，' | ',' | '：' | ':' | '；' | ';' | '、');
    let introduces = ["据", "據", "的", "是", "和", "与", "與", "由", "为", "為", "在"].iter().any(|word| lead.ends_with(word));
    let open = lead.matches('“').count() != lead.matches('”').count() || lead.matches('《').count() != lead.matches('》').count();
    HEADLINE_CHARS.contains(&lead.chars().count()) && !lead.contains(sentence) && !introduces && !open
}

fn finding(context: &Context<'_>, start: usize) -> Option<Finding> {
    let text = context.text;
    let line = context.layout.lines[context.layout.line_at(start)?].span;
    let prefix = dateline_prefix(&text[start..line.end])?;
    let span = Span::new(start + prefix.start, start + prefix.end);
    let message = Message::new(
        "电头粘在标题或上一段后面；它开始新的一段",
        "a dateline is stuck to a headline or to the paragraph before; it begins a paragraph",
    );
    let end_of_lead = text[..span.start].trim_end_matches([' ', '\u{3000}']).len();
    let edit = Edit { span: Span::new(end_of_lead, span.start), replacement: page_lines::paragraph_break(context.layout) };
    let fix = Fix::one(Message::new("电头另起一段", "Begin a paragraph with the dateline"), edit);
    let finding = Finding::new(META.id, META.class, META.phase, text, span, message).with_fix(fix);
    Some(finding.with_trust(Safety::Suggested, LIKELY, ConfidenceOrigin::Author))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{automatic, keeps_its_examples, silent};
    use super::*;

    #[test]
    fn examples() {
        keeps_its_examples(FusedDateline);
    }

    #[test]
    fn never_unattended() {
        let text = "清淤提前收工本报讯（记者 祁连）截至昨天，清淤完成。";
        automatic(FusedDateline, text, text);
    }

    #[test]
    fn silent_where_a_dateline_is_spoken_of() {
        for text in [
            "“两岸开始种树。本报讯（记者 祁连）昨天”，他念着。",
            "这条消息据本报讯（记者 祁连）整理",
            "作者是《本报讯（记者 祁连）》",
            "本报记者祁连、本报讯（记者庞石）",
            "公报讯（记者 祁连）",
        ] {
            silent(FusedDateline, text);
        }
    }
}

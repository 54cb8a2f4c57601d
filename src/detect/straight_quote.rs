use memchr::{memchr_iter, memchr2, memrchr2};

use super::scan;
use super::{Context, Detector, DetectorMeta};
use crate::finding::{Class, ConfidenceOrigin, Edit, Finding, Fix, Message, Phase, Safety};
use crate::text::{Span, is_han};

/// Finds straight quotes in Chinese text.
#[derive(Clone, Copy, Debug)]
pub struct StraightQuote;

static META: DetectorMeta = DetectorMeta {
    id: "punctuation/straight-quote",
    class: Class::Punctuation,
    phase: Phase::Marks,
    summary: ["中文里的直引号 \"", "a straight quote \" in Chinese text"],
    why: [
        "中文报纸印弯引号「“ ”」；OCR 有时读成不分左右的 \"",
        "Chinese newspapers print “ and ”; OCR sometimes reads the \" that does not tell left from right",
    ],
    silent: [
        "英文引语、代码、英寸与角秒（19\"）、内无汉字的一对",
        "English quotations, code, inches and seconds (19\"), pairs without a Han character inside",
    ],
    trust: [
        "一行里成对、内有汉字的，以及与弯引号配成一对的，建议；不成对的只标出",
        "Pairs of one line with Han inside, and one that makes a pair with a curly quote: suggested; without a partner: flagged",
    ],
    sources: &["GB/T 15834-2011 标点符号用法, 4.8"],
    bad: &[
        ("他说\"明天再来\"。", "他说“明天再来”。"),
        ("共建\"一带一路”合作", "共建“一带一路”合作"),
        ("共建“一带一路\"合作", "共建“一带一路”合作"),
        ("他说\"明天再来。", "他说\"明天再来。"),
        ("\"甲\"和\"乙\"", "“甲”和“乙”"),
    ],
    good: &["He said \"no\".", "19\"显示器", "print(\"ok\")", "“甲”与“乙”", "<a href=\"x\">"],
};

/// Longest quotation that is looked for: a few sentences.
const MAX_QUOTE_CHARS: usize = 150;

impl Detector for StraightQuote {
    fn meta(&self) -> &'static DetectorMeta {
        &META
    }

    fn detect(&self, context: &Context<'_>, sink: &mut Vec<Finding>) {
        let text = context.text;
        let mut done = 0;
        for at in memchr_iter(b'"', text.as_bytes()) {
            if at < done {
                continue;
            }
            let line_end = memchr2(b'\n', b'\r', &text.as_bytes()[at..]).map_or(text.len(), |length| at + length);
            let line_start = memrchr2(b'\n', b'\r', &text.as_bytes()[..at]).map_or(0, |end| end + 1);
            done = line_end;
            line(text, Span::new(line_start, line_end), sink);
        }
    }
}

/// Pairs the quotes of one line that has a straight one.
fn line(text: &str, line: Span, sink: &mut Vec<Finding>) {
    let quotes: Vec<(usize, char)> =
        line.of(text).char_indices().filter(|(_, c)| matches!(c, '"' | '“' | '”')).map(|(at, c)| (line.start + at, c)).collect();
    let mut idx = 0;
    while idx < quotes.len() {
        let (open_at, open) = quotes[idx];
        let partner = quotes.get(idx + 1).copied();
        match (open, partner) {
            // A curly quote that opens: its partner may be straight.
            ('“', Some((close_at, '"'))) => {
                sink.extend(pair(text, Span::new(open_at, close_at + 1), open, '"'));
                idx += 2;
            }
            ('"', Some((close_at, close))) if close != '“' && makes_a_pair(text, open_at, close_at) => {
                sink.extend(pair(text, Span::new(open_at, close_at + close.len_utf8()), open, close));
                idx += 2;
            }
            ('“', Some((_, '”'))) => idx += 2,
            ('"', _) => {
                sink.extend(alone(text, open_at));
                idx += 1;
            }
            _ => idx += 1,
        }
    }
}

fn makes_a_pair(text: &str, open_at: usize, close_at: usize) -> bool {
    let inside = &text[open_at + 1..close_at];
    !inside.is_empty() && inside.chars().take(MAX_QUOTE_CHARS + 1).count() <= MAX_QUOTE_CHARS
}

fn pair(text: &str, span: Span, open: char, close: char) -> Option<Finding> {
    let inside = &text[span.start + open.len_utf8()..span.end - close.len_utf8()];
    let outside = [scan::before(text, span.start), scan::after(text, span.end)];
    let is_code =
        outside.into_iter().flatten().any(|c| matches!(c, '=' | '<' | '>' | '[' | ']' | '{' | '}' | '\\' | '(' | ')' | ':' | ','));
    let is_inch = open == '"' && outside[0].is_some_and(|c| c.is_ascii_digit());
    if is_code || is_inch || !inside.chars().any(is_han) {
        return None;
    }
    let mut edits = Vec::with_capacity(2);
    if open == '"' {
        edits.push(Edit::replacement(Span::new(span.start, span.start + 1), "“"));
    }
    if close == '"' {
        edits.push(Edit::replacement(Span::new(span.end - 1, span.end), "”"));
    }
    let message = Message::new("中文里的直引号；改为「“ ”」", "straight quotes in Chinese text; make them “ and ”");
    Some(
        Finding::new(META.id, META.class, META.phase, text, span, message)
            .with_fix(Fix::many(Message::new("改为弯引号", "Replace with curly quotes"), edits))
            .with_trust(Safety::Suggested, 0.9, ConfidenceOrigin::Author),
    )
}

/// A straight quote without a partner, between Han characters or marks.
fn alone(text: &str, at: usize) -> Option<Finding> {
    let beside = [scan::before(text, at), scan::after(text, at + 1)];
    let n_chinese = beside.into_iter().flatten().filter(|&c| scan::is_chinese(c)).count();
    let message = Message::new(
        "直引号不成对：可能是引号失了一半，也可能是污点；对照原版",
        "a straight quote without a partner: half of a pair, or a speck; compare with the page",
    );
    (n_chinese == 2).then(|| {
        Finding::new(META.id, META.class, META.phase, text, Span::new(at, at + 1), message).with_trust(
            Safety::Flagged,
            0.8,
            ConfidenceOrigin::Author,
        )
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{keeps_its_examples, made, only_flags, silent};
    use super::*;

    #[test]
    fn examples() {
        keeps_its_examples(StraightQuote);
    }

    #[test]
    fn pairs_do_not_reach_over_lines() {
        only_flags(StraightQuote, "他说\"明天\n再来\"吧");
        assert_eq!(made(Box::new(StraightQuote), "“甲”\"乙\"丙", Safety::Suggested).text, "“甲”“乙”丙");
    }

    #[test]
    fn code_and_english_keep_theirs() {
        silent(StraightQuote, "name=\"张三\"");
        silent(StraightQuote, "[\"甲\", \"乙\"]");
        silent(StraightQuote, "The word \"OCR\" means 识别");
        silent(StraightQuote, "屏幕15\"到17\"不等");
    }
}

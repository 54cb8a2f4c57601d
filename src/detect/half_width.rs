use memchr::memmem;

use super::scan::{self, LeadBytes};
use super::{Context, Detector, DetectorMeta};
use crate::finding::{Class, ConfidenceOrigin, Edit, Evidence, Finding, Fix, Message, Phase, Safety};
use crate::text::{CharClass, Span, char_class, is_closing, is_han};

/// Finds half-width punctuation in Chinese running text.
#[derive(Clone, Copy, Debug)]
pub struct HalfWidth;

static META: DetectorMeta = DetectorMeta {
    id: "punctuation/half-width",
    class: Class::Punctuation,
    phase: Phase::Marks,
    summary: ["中文里的半角标点", "half-width punctuation in Chinese text"],
    why: [
        "中文报纸印全角标点；Tesseract 等引擎常把「，」「（」读成半角的 , 和 (",
        "Chinese newspapers print full-width marks; Tesseract and others often read ， and （ as , and (",
    ],
    silent: [
        "数字或字母之间（3.4、10:30、1,000、1:2）、网址与代码、英文句子、条目编号（1. 或 (1)）",
        "Between digits or Latin letters (3.4, 10:30, 1,000, 1:2), in addresses and code, English sentences, item numbers such as 1. and (1)",
    ],
    trust: [
        "逗号、内有汉字的成对括号：全文另有全角标点时自动改（只改宽度，60 页上印的都不是半角；是同一个标点的，逗号占 96%，括号占 99%）。分号、问号、叹号、段末的句点、引出语后的冒号：建议。汉字之间的 . 和其他 : 可能是「。，、；」中任何一个，只标出",
        "Comma, and paired brackets with Han inside: automatic when the text has full-width marks too (only the width changes; the print had no half-width one on 60 pages, and the same mark in 96 % of the commas, 99 % of the brackets). Semicolon, question and exclamation mark, a period ending a paragraph, a colon after a word of saying: suggested. A period between Han characters and any other colon may be any of 。，、；: flagged",
    ],
    sources: &["GB/T 15834-2011 标点符号用法, 5.1", "60 OCR pages aligned with their printed text (30 by Tesseract 5, 30 by PP-OCRv4)"],
    bad: &[
        ("市里召开会议,部署工作。", "市里召开会议，部署工作。"),
        ("市里召开会议(电视电话),部署工作。", "市里召开会议（电视电话），部署工作。"),
        ("增长148%,高于上年;降幅收窄。", "增长148%，高于上年；降幅收窄。"),
        ("他说:“好!”", "他说：“好！”"),
        ("会议今天闭幕.", "会议今天闭幕。"),
        ("推动改革.扩大开放", "推动改革.扩大开放"),
        ("山水相依:人文相亲", "山水相依:人文相亲"),
        ("他想了想...没有说话", "他想了想……没有说话"),
    ],
    good: &[
        "10:30开会，比分3:2，共1,000人，增长3.4%。",
        "网址http://www.example.com/a,b?c=d(主页)",
        "He said, \"no\"; then left (early).",
        "1.加强领导",
        "(1)加强领导",
        "函数f(x)连续",
        "用Python,Java写成",
        "全角标点，一切正常。（完）",
    ],
};

static LEADS: LeadBytes = LeadBytes::of(&[(b'!', b'!'), (b'(', b')'), (b',', b','), (b'.', b'.'), (b':', b';'), (b'?', b'?')]);

/// Full-width marks a text must have before its half-width ones count as
/// misread: one may be a stray, two are a habit of the page.
const MIN_FULL_WIDTH_MARKS: usize = 2;

/// How far a closing bracket is searched: a parenthesis of more than about
/// three printed lines is mostly an opening bracket that was never closed.
const MAX_BRACKET_CHARS: usize = 60;

/// Characters on either side that decide whether a passage is Chinese.
const CONTEXT_CHARS: usize = 6;

/// Words after which a colon is a colon: speech, captions and the labels of
/// bylines and notices.
const COLON_WORDS: [&str; 26] = [
    "说",
    "道",
    "问",
    "答",
    "写",
    "称",
    "指出",
    "表示",
    "强调",
    "认为",
    "介绍",
    "如下",
    "例如",
    "图为",
    "记者",
    "编辑",
    "责编",
    "通讯员",
    "摄影",
    "地址",
    "电话",
    "时间",
    "地点",
    "主题",
    "来源",
    "注",
];

impl Detector for HalfWidth {
    fn meta(&self) -> &'static DetectorMeta {
        &META
    }

    fn detect(&self, context: &Context<'_>, sink: &mut Vec<Finding>) {
        let text = context.text;
        let mut habit = None;
        let mut brackets_done = 0;
        let mut dots_done = 0;
        for (at, c) in LEADS.chars(text) {
            let place = Place::at(text, at);
            match c {
                '(' if at >= brackets_done => {
                    if let Some((found, end)) = bracket_pair(text, at, &mut habit) {
                        brackets_done = end;
                        sink.extend(found);
                    }
                }
                ')' if at >= brackets_done => sink.extend(closing_of_full_width(text, at, &mut habit)),
                '(' | ')' => {}
                '.' if at < dots_done => {}
                '.' if text[at..].starts_with("..") => {
                    dots_done = at + text[at..].bytes().take_while(|&byte| byte == b'.').count();
                    sink.extend(ellipsis(text, Span::new(at, dots_done)));
                }
                _ => sink.extend(single(text, at, c, &place, &mut habit)),
            }
        }
    }
}

/// What stands beside a mark, one space overlooked.
struct Place {
    left: Option<char>,
    right: Option<char>,
}

impl Place {
    fn at(text: &str, at: usize) -> Self {
        let skip = |chars: &mut dyn Iterator<Item = char>| {
            let first = chars.next();
            if first == Some(' ') { chars.next() } else { first }
        };
        Self { left: skip(&mut text[..at].chars().rev()), right: skip(&mut text[at + 1..].chars()) }
    }

    fn ends_line(&self) -> bool {
        matches!(self.right, None | Some('\n' | '\r'))
    }

    /// Han on both sides, or on one side with a digit, a letter, a percent sign
    /// or a closing mark on the other.
    fn is_chinese(&self) -> bool {
        let (Some(left), Some(right)) = (self.left, self.right) else { return false };
        let left_side = is_side(left) || is_closing(left) || matches!(left, '%' | '％' | '℃' | '‰');
        let right_side = is_side(right) || matches!(right, '“' | '‘' | '《' | '「' | '『' | '（');
        (is_han(left) || is_han(right) || (scan::is_chinese(left) && scan::is_chinese(right))) && left_side && right_side
    }
}

fn is_side(c: char) -> bool {
    is_han(c) || matches!(char_class(c), CharClass::Digit | CharClass::Latin)
}

/// True when the text uses full-width marks as well; counted once, and only
/// when something was found at all.
fn has_full_width_habit(text: &str, habit: &mut Option<bool>) -> bool {
    *habit.get_or_insert_with(|| {
        let marks = ["，", "。", "、", "；"].iter().map(|mark| memmem::find_iter(text.as_bytes(), mark).take(MIN_FULL_WIDTH_MARKS).count());
        marks.sum::<usize>() >= MIN_FULL_WIDTH_MARKS
    })
}

/// True when most letters and digits around are Han.
fn is_chinese_passage(text: &str, span: Span) -> bool {
    let (mut n_han, mut n_other) = (0, 0);
    for c in scan::window(text, span, CONTEXT_CHARS).of(text).chars() {
        match char_class(c) {
            CharClass::Han => n_han += 1,
            CharClass::Latin => n_other += 1,
            _ => {}
        }
    }
    n_han > n_other
}

fn single(text: &str, at: usize, c: char, place: &Place, habit: &mut Option<bool>) -> Option<Finding> {
    let left = place.left?;
    let span = Span::new(at, at + 1);
    if c == '.' && place.ends_line() && is_han(left) {
        return Some(widened(text, span, "。", Safety::Suggested, 0.9));
    }
    if !(place.is_chinese() || matches!(c, '?' | '!') && is_han(left)) || !is_chinese_passage(text, span) {
        return None;
    }
    match c {
        ',' if has_full_width_habit(text, habit) => Some(widened(text, span, "，", Safety::Automatic, 0.96)),
        ',' => Some(widened(text, span, "，", Safety::Suggested, 0.9)),
        ';' => Some(widened(text, span, "；", Safety::Suggested, 0.7)),
        '?' if asks(text, at) => Some(widened(text, span, "？", Safety::Suggested, 0.8)),
        '!' => Some(widened(text, span, "！", Safety::Suggested, 0.7)),
        ':' if COLON_WORDS.iter().any(|word| text[..at].trim_end_matches(' ').ends_with(word)) => {
            Some(widened(text, span, "：", Safety::Suggested, 0.8))
        }
        // A digit beside a colon or period is a time, a ratio, a number.
        ':' | '.' if is_han(left) && place.right.is_some_and(is_han) => Some(ambiguous(text, span, c)),
        _ => None,
    }
}

/// True when the clause before a question mark asks; without such a word the
/// mark is mostly a misread character (5 of 7 on the aligned pages).
fn asks(text: &str, at: usize) -> bool {
    const ASKING: [char; 16] = ['吗', '呢', '吧', '么', '何', '谁', '哪', '怎', '几', '否', '岂', '啥', '孰', '嗎', '麼', '誰'];
    const CLAUSE_CHARS: usize = 20;
    text[..at].chars().rev().take(CLAUSE_CHARS).take_while(|c| !matches!(c, '。' | '\n' | '？' | '?')).any(|c| ASKING.contains(&c))
}

/// `(…)` or `(…）` with Han inside. Returns the byte after the closing bracket
/// as well, so that nothing inside is looked at twice.
fn bracket_pair(text: &str, open: usize, habit: &mut Option<bool>) -> Option<(Option<Finding>, usize)> {
    let (close, c) = text[open + 1..]
        .char_indices()
        .take(MAX_BRACKET_CHARS)
        .take_while(|(_, c)| !matches!(c, '\n' | '\r' | '(' | '（'))
        .find(|(_, c)| matches!(c, ')' | '）'))?;
    let close = open + 1 + close;
    let inside = &text[open + 1..close];
    let end = close + c.len_utf8();
    let mut edits = vec![Edit::replacement(Span::new(open, open + 1), "（")];
    if c == ')' {
        edits.push(Edit::replacement(Span::new(close, end), "）"));
    }
    let between_han = scan::before(text, open).is_some_and(is_han) && scan::after(text, end).is_some_and(scan::is_chinese);
    let is_code = inside.contains(['"', '\'', '=', '<', '>', '{', '}']);
    // After a Latin word the brackets may belong to an address or to code; what
    // follows them tells.
    let after_latin = scan::before(text, open).is_some_and(|c| c.is_ascii_alphabetic());
    if is_code || after_latin && !scan::after(text, end).is_some_and(scan::is_chinese) {
        return Some((None, end));
    }
    let safety = match (inside.chars().any(is_han), between_han) {
        (true, _) if has_full_width_habit(text, habit) => Safety::Automatic,
        (true, _) => Safety::Suggested,
        // Latin and digits between half-width brackets are a common house
        // style, 世界贸易组织(WTO), in texts that have full-width brackets too.
        (false, true) if !inside.is_empty() && memmem::find(text.as_bytes(), "（".as_bytes()).is_none() => Safety::Suggested,
        (false, _) => return Some((None, end)),
    };
    Some((Some(bracket(text, Span::new(open, end), edits, safety)), end))
}

/// A half-width closing bracket whose opening one is full-width.
fn closing_of_full_width(text: &str, close: usize, habit: &mut Option<bool>) -> Option<Finding> {
    let (open, _) = text[..close]
        .char_indices()
        .rev()
        .take(MAX_BRACKET_CHARS)
        .take_while(|(_, c)| !matches!(c, '\n' | '\r' | ')' | '）'))
        .find(|(_, c)| *c == '（')?;
    let safety = if has_full_width_habit(text, habit) { Safety::Automatic } else { Safety::Suggested };
    let edits = vec![Edit::replacement(Span::new(close, close + 1), "）")];
    Some(bracket(text, Span::new(open, close + 1), edits, safety))
}

fn bracket(text: &str, span: Span, edits: Vec<Edit>, safety: Safety) -> Finding {
    let message = Message::new("中文里的半角括号；改为全角（ ）", "half-width brackets in Chinese text; make them full-width （ ）");
    Finding::new(META.id, META.class, META.phase, text, span, message)
        .with_fix(Fix::many(Message::new("改为全角括号", "Replace with full-width brackets"), edits))
        .with_evidence(measured())
        .with_trust(safety, 0.99, ConfidenceOrigin::Calibrated)
}

fn widened(text: &str, span: Span, full: &str, safety: Safety, confidence: f64) -> Finding {
    let message = Message::new(
        format!("中文里的半角「{}」；改为「{full}」", span.of(text)),
        format!("a half-width 「{}」 in Chinese text; replace with 「{full}」", span.of(text)),
    );
    Finding::new(META.id, META.class, META.phase, text, span, message)
        .with_fix(Fix::one(Message::new(format!("改为「{full}」"), format!("Replace with 「{full}」")), Edit::replacement(span, full)))
        .with_evidence(measured())
        .with_trust(safety, confidence, ConfidenceOrigin::Calibrated)
}

fn measured() -> Evidence {
    Evidence::said("aligned-pages", "在 60 个对照页上统计", "counted on 60 pages aligned with their print")
}

fn ambiguous(text: &str, span: Span, c: char) -> Finding {
    let message = Message::new(
        format!("汉字之间的半角「{c}」多是误认，可能是「。」「，」「、」「；」「·」；对照原版"),
        format!("a half-width 「{c}」 between Han characters is mostly a misread 。 ， 、 ； or ·; compare with the page"),
    );
    Finding::new(META.id, META.class, META.phase, text, span, message).with_trust(Safety::Flagged, 0.9, ConfidenceOrigin::Calibrated)
}

/// Three or more periods after a Han character; two are mostly dirt.
fn ellipsis(text: &str, span: Span) -> Option<Finding> {
    let after_han = scan::before(text, span.start).is_some_and(is_han);
    let before_chinese = scan::after(text, span.end).is_none_or(|c| scan::is_chinese(c) || c == '\n' || c == '\r');
    (after_han && before_chinese && span.len() >= 3).then(|| widened(text, span, "……", Safety::Suggested, 0.8))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{automatic, keeps_its_examples, made, only_flags, silent};
    use super::*;

    #[test]
    fn examples() {
        keeps_its_examples(HalfWidth);
    }

    #[test]
    fn commas_are_widened_unattended_only_in_a_full_width_text() {
        automatic(HalfWidth, "甲乙丙,丁。戊、己,庚", "甲乙丙，丁。戊、己，庚");
        automatic(HalfWidth, "甲乙丙,丁戊己", "甲乙丙,丁戊己");
    }

    #[test]
    fn a_bracket_takes_the_width_of_its_partner() {
        automatic(HalfWidth, "会议（电视电话)召开，一、二。", "会议（电视电话）召开，一、二。");
        automatic(HalfWidth, "会议(电视电话）召开，一、二。", "会议（电视电话）召开，一、二。");
        automatic(HalfWidth, "会议(电视电话召开，一、二。", "会议(电视电话召开，一、二。");
        automatic(HalfWidth, "世贸组织(WTO)成员，一、二。", "世贸组织(WTO)成员，一、二。");
    }

    #[test]
    fn latin_in_half_width_brackets_is_a_style_where_full_width_ones_stand_beside() {
        silent(HalfWidth, "世界卫生组织(WHO)和粮农组织（FAO）发布报告。");
        assert_eq!(made(Box::new(HalfWidth), "世界卫生组织(WHO)发布报告。", Safety::Suggested).text, "世界卫生组织（WHO）发布报告。");
    }

    #[test]
    fn numbers_addresses_and_code_keep_theirs() {
        for text in [
            "共1,234,567人，0.5个百分点，2:1获胜，08:30开始。",
            "邮箱zhang.san@example.com，网址www.example.com。",
            "if (a) { b(\"中\", \"文\"); }",
            "见第3.2.1节，Fig.2。",
            "Mr. Wang said, (in English)",
            "a.中 b.英",
        ] {
            silent(HalfWidth, text);
        }
    }

    #[test]
    fn a_mark_that_may_be_several_is_left_to_the_reader() {
        only_flags(HalfWidth, "谢尔盖.拉夫罗夫");
        only_flags(HalfWidth, "优势互补:合作共赢");
        silent(HalfWidth, "中部地区?综合交通");
    }
}

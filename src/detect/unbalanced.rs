use super::scan::{self, LeadBytes};
use super::{Context, Detector, DetectorMeta};
use crate::finding::{Class, ConfidenceOrigin, Edit, Finding, Fix, Message, Phase, Safety};
use crate::text::{CharClass, Span, char_class, is_han};

/// Finds quotes, brackets and book-title marks without a partner.
#[derive(Clone, Copy, Debug)]
pub struct Unbalanced;

static META: DetectorMeta = DetectorMeta {
    id: "punctuation/unbalanced",
    class: Class::Punctuation,
    phase: Phase::Marks,
    summary: ["引号、括号、书名号不成对", "a quote, bracket or book-title mark without its partner"],
    why: [
        "成对的标点失了一半，多是 OCR 漏字或误认；也常是接栏处丢字的迹象",
        "half of a pair is missing, mostly lost or misread by OCR; often a trace of characters lost at a join",
    ],
    silent: [
        "连续几段的引文每段开头都有「“」而只有末段有「”」；编号 1） 一）；字母后的 ’；颜文字",
        "Quotations of several paragraphs that open each and close the last; item numbers 1） and 一）; the apostrophe",
    ],
    trust: [
        "缺的一半原在何处不得而知，只标出，并指出最近可能的位置；一行里只因一个引号方向反了而不成对的，建议改方向；〈…）【…） 建议改（），括着记者、通讯员的自动改（对照页上 31 处全对）",
        "Where the missing half stood is not known: flagged, with the nearest likely place; when one quote turned the wrong way is all that keeps a line from balancing, turning it is suggested; 〈…） and 【…） become （） as a suggestion, automatically around a byline (right in all 31 on the aligned pages)",
    ],
    sources: &["GB/T 15834-2011 标点符号用法, 4.8, 4.9, 4.14"],
    bad: &[
        ("他说：“明天再来。", "他说：“明天再来。"),
        ("发布了《规划纲要，部署工作", "发布了《规划纲要，部署工作"),
        ("会议（电视电话召开。", "会议（电视电话召开。"),
        ("这项规划》已经发布。", "这项规划》已经发布。"),
        ("所谓“新常态“是什么？", "所谓“新常态”是什么？"),
        ("所谓”新常态”是什么？", "所谓“新常态”是什么？"),
        ("所谓”新常态“是什么？", "所谓“新常态”是什么？"),
        ("本报讯《记者 张三）昨天", "本报讯（记者 张三）昨天"),
        ("各省【区、市)政府", "各省（区、市）政府"),
        ("印发《意见）强调", "印发《意见）强调"),
    ],
    good: &[
        "他说：“明天再来。”",
        "《论“持久战”（节选）》",
        "他说：“第一段。\n“第二段。\n“第三段。”",
        "1）加强领导；2）狠抓落实",
        "一）加强领导",
        "It’s the ’90s",
        "他说：“‘新常态’是什么？”",
    ],
};

/// First bytes of the paired marks: U+2000.., U+3000.., full-width forms.
static LEADS: LeadBytes = LeadBytes::of(&[(b'(', b')'), (0xe2, 0xe3), (0xef, 0xef)]);

/// One kind of pair, with the longest text it plausibly holds, in code points
/// (quotations run over paragraphs, titles do not run over clauses).
struct Pair {
    open: char,
    close: char,
    max_chars: usize,
}

const PAIRS: [Pair; 11] = [
    Pair { open: '“', close: '”', max_chars: 1500 },
    Pair { open: '‘', close: '’', max_chars: 300 },
    Pair { open: '「', close: '」', max_chars: 1500 },
    Pair { open: '『', close: '』', max_chars: 1500 },
    Pair { open: '（', close: '）', max_chars: 300 },
    Pair { open: '《', close: '》', max_chars: 80 },
    Pair { open: '〈', close: '〉', max_chars: 80 },
    Pair { open: '【', close: '】', max_chars: 60 },
    Pair { open: '〔', close: '〕', max_chars: 60 },
    Pair { open: '［', close: '］', max_chars: 60 },
    Pair { open: '〖', close: '〗', max_chars: 60 },
];

/// A mark on the page.
#[derive(Clone, Copy, Debug)]
struct Mark {
    at: usize,
    c: char,
    /// Index into [`PAIRS`].
    pair: usize,
    opens: bool,
}

impl Mark {
    fn end(self) -> usize {
        self.at + self.c.len_utf8()
    }

    fn span(self) -> Span {
        Span::new(self.at, self.end())
    }
}

/// Longest text between two quotes of which one is turned the wrong way: a
/// name or phrase; between two lost halves anything may stand.
const MAX_TURNED_CHARS: usize = 30;

/// Longest text between two halves that may be one misread pair: a byline
/// with several names.
const MAX_MISREAD_CHARS: usize = 60;

impl Detector for Unbalanced {
    fn meta(&self) -> &'static DetectorMeta {
        &META
    }

    fn detect(&self, context: &Context<'_>, sink: &mut Vec<Finding>) {
        let text = context.text;
        let mut lonely: Vec<Vec<Mark>> = vec![Vec::new(); PAIRS.len()];
        let mut open: Vec<Vec<Mark>> = vec![Vec::new(); PAIRS.len()];
        for (at, c) in LEADS.chars(text) {
            let Some(mark) = mark_at(text, at, c) else { continue };
            let (open, lonely) = (&mut open[mark.pair], &mut lonely[mark.pair]);
            let reach_bytes = PAIRS[mark.pair].max_chars * '。'.len_utf8();
            while open.first().is_some_and(|first| mark.at - first.at > reach_bytes) {
                lonely.push(open.remove(0));
            }
            if mark.opens {
                // Each paragraph of a long quotation opens anew.
                if starts_paragraph(text, mark.at) {
                    open.retain(|other| !starts_quotation(other.c));
                }
                open.push(mark);
            } else if open.pop().is_none() && !is_item_number(text, mark) {
                lonely.push(mark);
            }
        }
        let mut rest: Vec<Mark> = Vec::new();
        for (mut lonely, open) in lonely.into_iter().zip(open) {
            lonely.extend(open);
            lonely.retain(|mark| !mark.c.is_ascii() || is_beside_han(text, *mark));
            lonely.sort_unstable_by_key(|mark| mark.at);
            let pairs = pair_up(&mut lonely, |first, second| turned(text, first, second));
            sink.extend(pairs);
            rest.extend(lonely);
        }
        rest.sort_unstable_by_key(|mark| mark.at);
        sink.extend(pair_up(&mut rest, |first, second| misread(text, first, second)));
        sink.extend(rest.into_iter().map(|mark| alone(text, mark)));
    }
}

/// The paired mark `c` at `at`, unless it is an apostrophe.
fn mark_at(text: &str, at: usize, c: char) -> Option<Mark> {
    let wide = match c {
        '(' => '（',
        ')' => '）',
        _ => c,
    };
    let pair = PAIRS.iter().position(|pair| pair.open == wide || pair.close == wide)?;
    let is_beside = |of: fn(char) -> bool| scan::before(text, at).is_some_and(of) || scan::after(text, at + c.len_utf8()).is_some_and(of);
    let is_word = |c| matches!(char_class(c), CharClass::Latin | CharClass::Digit);
    if matches!(c, '‘' | '’') && is_beside(is_word) {
        return None;
    }
    Some(Mark { at, c, pair, opens: PAIRS[pair].open == wide })
}

/// An ASCII bracket elsewhere is code, a formula, an emoticon.
fn is_beside_han(text: &str, mark: Mark) -> bool {
    scan::before(text, mark.at).is_some_and(is_han) || scan::after(text, mark.end()).is_some_and(is_han)
}

fn starts_quotation(c: char) -> bool {
    matches!(c, '“' | '‘' | '「' | '『')
}

fn starts_paragraph(text: &str, at: usize) -> bool {
    text[..at].chars().rev().find(|c| !matches!(c, ' ' | '\t' | '\u{3000}')).is_none_or(|c| matches!(c, '\n' | '\r'))
}

/// `1）`, `（一` lost its first half by design: items of a list.
fn is_item_number(text: &str, mark: Mark) -> bool {
    const NUMBERS: &str = "一二三四五六七八九十①②③④⑤⑥⑦⑧⑨⑩";
    matches!(mark.c, '）' | ')')
        && scan::before(text, mark.at).is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, '０'..='９') || NUMBERS.contains(c))
        && {
            let label: usize = text[..mark.at]
                .chars()
                .rev()
                .take(3)
                .take_while(|&c| c.is_ascii_alphanumeric() || NUMBERS.contains(c))
                .map(char::len_utf8)
                .sum();
            scan::before(text, mark.at - label).is_none_or(|c| c.is_whitespace() || matches!(c, '。' | '；' | '：' | '，' | '、'))
        }
}

/// Takes neighbors out of `lonely` wherever `judge` makes a pair of them.
fn pair_up(lonely: &mut Vec<Mark>, judge: impl Fn(Mark, Mark) -> Option<Finding>) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut idx = 0;
    while idx + 1 < lonely.len() {
        if let Some(finding) = judge(lonely[idx], lonely[idx + 1]) {
            found.push(finding);
            lonely.drain(idx..idx + 2);
        } else {
            idx += 1;
        }
    }
    found
}

/// `〈记者…）`: an opening and a closing mark of different kinds, of which one
/// was misread. A closing bracket is the more reliable half: 〈, 【 or 《 before
/// it was a bracket in 39 of 41 pairs of the aligned pages, and in all 31 that
/// open a byline.
fn misread(text: &str, first: Mark, second: Mark) -> Option<Finding> {
    if !first.opens || second.opens || second.at - first.at > MAX_MISREAD_CHARS * '。'.len_utf8() {
        return None;
    }
    let inside = &text[first.end()..second.at];
    let bracket = PAIRS.iter().position(|pair| pair.open == '（')?;
    if inside.contains(['\n', '\r', '。']) {
        return None;
    }
    let starts_byline = ["记者", "通讯员", "本报", "据新华社", "記者", "本報"].iter().any(|word| inside.trim_start().starts_with(word));
    let (right, safety, confidence) = match (PAIRS[first.pair].open, PAIRS[second.pair].open) {
        ('《' | '〈' | '【', '（') if starts_byline => (bracket, Safety::Automatic, 0.97),
        ('〈' | '【', '（') | ('（', '【' | '〈') => (bracket, Safety::Suggested, 0.9),
        // A title or an aside: 《…） may be either.
        _ => return None,
    };
    let edits: Vec<Edit> = [(first, PAIRS[right].open), (second, PAIRS[right].close)]
        .into_iter()
        .filter(|(mark, c)| mark.c != *c)
        .map(|(mark, c)| Edit::replacement(mark.span(), c))
        .collect();
    let span = Span::new(first.at, second.end());
    let message = Message::new(
        format!("「{}…{}」前后不是一种标点，一半是误认；改为「（…）」", first.c, second.c),
        format!("the halves of 「{}…{}」 are of different kinds, one was misread; make them （…）", first.c, second.c),
    );
    Some(
        Finding::new(META.id, META.class, META.phase, text, span, message)
            .with_fix(Fix::many(Message::new("改为「（）」", "Replace with （ ）"), edits))
            .with_trust(safety, confidence, ConfidenceOrigin::Calibrated),
    )
}

/// Two lonely quotes of a line with a phrase between them, of which turning one
/// or both makes a pair.
fn turned(text: &str, first: Mark, second: Mark) -> Option<Finding> {
    if !starts_quotation(PAIRS[first.pair].open) {
        return None;
    }
    let inside = &text[first.end()..second.at];
    let is_phrase = !inside.is_empty()
        && inside.chars().take(MAX_TURNED_CHARS + 1).count() <= MAX_TURNED_CHARS
        && !inside.contains(['\n', '\r', '。', '！', '？'])
        && !inside.starts_with(['，', '、', '；', '：', '…', '—']);
    // After 他说， or 他说： the second mark opens what is said next, and the
    // close of the quotation before it was lost.
    let opens_speech = second.opens && inside.ends_with(['，', '：']);
    // A mark that belongs to a neighbor would leave a clause cut off.
    let pair = &PAIRS[first.pair];
    let (open, close) = (pair.open.to_string(), pair.close.to_string());
    let edits: Vec<Edit> = [(first, open), (second, close)]
        .into_iter()
        .filter(|(mark, right)| mark.c.to_string() != *right)
        .map(|(mark, right)| Edit::replacement(mark.span(), right))
        .collect();
    if !is_phrase || opens_speech || edits.is_empty() {
        return None;
    }
    let span = Span::new(first.at, second.end());
    let message = Message::new(
        format!("「{}」的引号方向反了，改正后全行配成对", span.of(text)),
        format!("a quote of 「{}」 is turned the wrong way; turned, the line balances", span.of(text)),
    );
    Some(
        Finding::new(META.id, META.class, META.phase, text, span, message)
            .with_fix(Fix::many(Message::new("改引号方向", "Turn the quotes"), edits))
            .with_trust(Safety::Suggested, 0.8, ConfidenceOrigin::Author),
    )
}

/// A mark without a partner, with the nearest place where that may have stood.
fn alone(text: &str, mark: Mark) -> Finding {
    let pair = &PAIRS[mark.pair];
    let missing = if mark.opens { pair.close } else { pair.open };
    let place = if mark.opens { likely_close(text, mark) } else { likely_open(text, mark) };
    let near = scan::window(text, Span::empty(place), 4);
    let message = Message::new(
        format!("「{}」缺「{missing}」，可能原在「{}」一带；对照原版", mark.c, near.of(text)),
        format!("「{}」 lacks its 「{missing}」, which may have stood about 「{}」; compare with the page", mark.c, near.of(text)),
    );
    Finding::new(META.id, META.class, META.phase, text, mark.span(), message).with_related(Span::empty(place), "likely-partner").with_trust(
        Safety::Flagged,
        0.8,
        ConfidenceOrigin::Author,
    )
}

/// Quotations end after a sentence, everything else before the next mark.
fn likely_close(text: &str, mark: Mark) -> usize {
    let max = PAIRS[mark.pair].max_chars;
    let rest = text[mark.end()..].char_indices().take(max).map(|(at, c)| (mark.end() + at, c));
    let is_quote = starts_quotation(mark.c);
    for (at, c) in rest {
        match c {
            '\n' | '\r' => return at,
            '。' | '！' | '？' if is_quote => return at + c.len_utf8(),
            '，' | '。' | '；' | '：' | '、' | '！' | '？' if !is_quote => return at,
            _ => {}
        }
    }
    text[mark.end()..].char_indices().nth(max).map_or(text.len(), |(at, _)| mark.end() + at)
}

/// After the mark before, or at the start of the line.
fn likely_open(text: &str, mark: Mark) -> usize {
    let max = PAIRS[mark.pair].max_chars;
    let mut place = mark.at;
    for (at, c) in text[..mark.at].char_indices().rev().take(max) {
        if matches!(c, '\n' | '\r' | '，' | '。' | '；' | '：' | '、' | '！' | '？') {
            return at + c.len_utf8();
        }
        place = at;
    }
    place
}

#[cfg(test)]
mod tests {
    use super::super::testing::{automatic, keeps_its_examples, made, only_flags, silent};
    use super::*;

    #[test]
    fn examples() {
        keeps_its_examples(Unbalanced);
    }

    #[test]
    fn the_place_of_the_missing_half_is_named() {
        let text = "会议（电视电话召开，部署《工作。";
        let problems = made(Box::new(Unbalanced), text, Safety::Suggested).problems;
        let places: Vec<&str> = problems.iter().map(|finding| &text[..finding.related[0].span.start]).collect();
        assert_eq!(places, ["会议（电视电话召开", "会议（电视电话召开，部署《工作"]);
    }

    #[test]
    fn each_kind_is_balanced_for_itself() {
        silent(Unbalanced, "他说：“（笑）好”，《甲（乙）》（《丙》）【图】〔2024〕5号");
        only_flags(Unbalanced, "他说：“（笑好”，走了。");
        silent(Unbalanced, "function f(x) { return (x); } :)");
        silent(Unbalanced, "见（附件1)，会议(电视电话）召开");
    }

    #[test]
    fn only_the_bracket_of_a_byline_is_repaired_unattended() {
        automatic(Unbalanced, "本报讯〈记者张三 通讯员李四)昨天", "本报讯（记者张三 通讯员李四）昨天");
        automatic(Unbalanced, "各省【区、市)政府", "各省【区、市)政府");
        automatic(Unbalanced, "见《记者手记》和《记者张三。李四）", "见《记者手记》和《记者张三。李四）");
    }

    #[test]
    fn what_follows_a_comma_was_quoted_before() {
        only_flags(Unbalanced, "说：甲乙”，丙丁”。");
        only_flags(Unbalanced, "“甲乙。丙丁“戊己");
        only_flags(Unbalanced, "“还能坐下喝口热水，他说，“收费没有变。");
    }
}

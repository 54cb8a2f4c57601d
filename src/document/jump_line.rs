//! 转版提示: `>>>下转A2版②`, `（上接第一版）`, `▲紧接01版`, `详见本版`.

use super::compact::{Compact, circled, has_at, numeral};
use crate::text::Span;

/// Where a jump line sends the reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// 下转: the article goes on there.
    To,
    /// 上接, 紧接, 接: the article began there.
    From,
    /// 详见, 见: a teaser; the whole article stands there.
    See,
}

impl Direction {
    /// The stable name used in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Direction::To => "to",
            Direction::From => "from",
            Direction::See => "see",
        }
    }
}

/// A page of an issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PageLabel {
    /// 本版: the page the line stands on.
    Same,
    /// `A2`, `A02`, `第三版`, `01`: a section letter, if any, and a number in
    /// 1..=99.
    Page {
        /// `A`–`Z`.
        section: Option<char>,
        /// Without leading zeros, so that `A02` and `A2` are one page.
        number: u8,
    },
}

impl std::fmt::Display for PageLabel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            PageLabel::Same => f.write_str("same"),
            PageLabel::Page { section: Some(section), number } => write!(f, "{section}{number}"),
            PageLabel::Page { section: None, number } => write!(f, "{number}"),
        }
    }
}

/// What a jump line says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JumpLine {
    /// Which way it points.
    pub direction: Direction,
    /// The page it names; `None` when the OCR left no legible number.
    pub page: Option<PageLabel>,
    /// The number ①–⑳ that tells several jumps of one page apart. A plain
    /// digit after 版 is taken for a damaged one.
    pub mark: Option<u8>,
}

/// A jump phrase and where it stands in the text it was looked for in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JumpPhrase {
    /// Brackets, arrows and mark included.
    pub span: Span,
    /// What it says.
    pub jump: JumpLine,
    /// Brackets on both sides or arrows before it: nobody writes that in
    /// running text.
    pub decorated: bool,
    /// Nothing but the phrase stands on its line.
    pub whole_line: bool,
}

/// Characters, white space aside, of the longest line taken for a jump line.
const MAX_LINE_CHARS: usize = 20;
/// Evidence a line needs, see [`Parsed::strength`].
const MIN_STRENGTH: i32 = 4;

/// Reads `line` as a jump line. At most two characters of OCR rubbish may
/// stand before or after it, and only where the rest is beyond doubt.
#[must_use]
pub fn jump_line(line: &str) -> Option<JumpLine> {
    if line.len() > 4 * 2 * MAX_LINE_CHARS {
        return None;
    }
    let mut compact = Compact::default();
    if !compact.read(line, MAX_LINE_CHARS) { None } else { of_compact(&compact.chars) }
}

pub(super) fn of_compact(chars: &[char]) -> Option<JumpLine> {
    if chars.len() > MAX_LINE_CHARS || chars.len() < 3 {
        return None;
    }
    if !chars.iter().any(|c| matches!(c, '转' | '接' | '见' | '续' | '版')) {
        return None;
    }
    (0..chars.len().min(9)).find_map(|at| whole_line_at(chars, at))
}

fn whole_line_at(chars: &[char], core_at: usize) -> Option<JumpLine> {
    let parsed = parse_at(chars, core_at)?;
    let rest = &chars[parsed.end..];
    let n_rest = rest.iter().filter(|&&c| !is_decoration(c) && !is_stray(c)).count();
    let before = &chars[..parsed.start];
    let sentence_before = before.iter().any(|&c| matches!(c, '。' | ',' | '、' | ';' | '”' | '!' | '?'));
    let clean = before.is_empty() && n_rest == 0;
    let junk_allowed = if parsed.core == Core::Exact && parsed.page_kind == PageKind::Full { 2 } else { 1 };
    if sentence_before || before.len() > junk_allowed || n_rest > junk_allowed.min(1) {
        return None;
    }
    (parsed.strength() + i32::from(clean) >= MIN_STRENGTH).then_some(parsed.jump)
}

/// Finds the jump phrases of `text`, on lines of their own and glued into
/// other lines, in order.
///
/// Inside a line a phrase counts only with an undamaged 下转/上接/紧接 and
/// page label, and with brackets or arrows around it or at the very start or
/// end of the line. In quotation marks it is talked about, not used.
#[must_use]
pub fn find_jump_phrases(text: &str) -> Vec<JumpPhrase> {
    let mut phrases: Vec<JumpPhrase> = Vec::new();
    let mut compact = Compact::default();
    for at in memchr::memmem::find_iter(text.as_bytes(), "版") {
        if phrases.last().is_some_and(|last| at < last.span.end) {
            continue;
        }
        let window = window_around(text, at);
        compact.read_with_spans(window.of(text), MAX_WINDOW_CHARS);
        let n_before = compact.chars.len() - count_from(&compact, at - window.start);
        phrases.extend(phrase_in(text, window, &compact, n_before));
    }
    phrases
}

/// Characters looked at on both sides of a 版: decoration, 下转第, the label;
/// mark and closing decoration.
const CHARS_BEFORE: usize = 24;
const CHARS_AFTER: usize = 10;
const MAX_WINDOW_CHARS: usize = CHARS_BEFORE + CHARS_AFTER;

/// The part of the line around byte `at` that can belong to a phrase.
fn window_around(text: &str, at: usize) -> Span {
    let start =
        text[..at].char_indices().rev().take(CHARS_BEFORE).take_while(|&(_, c)| !is_newline(c)).last().map_or(at, |(start, _)| start);
    let end = text[at..]
        .char_indices()
        .take(CHARS_AFTER)
        .take_while(|&(_, c)| !is_newline(c))
        .last()
        .map_or(at, |(offset, c)| at + offset + c.len_utf8());
    Span::new(start, end)
}

fn count_from(compact: &Compact, byte: usize) -> usize {
    (0..compact.chars.len()).filter(|&idx| compact.span(idx, idx + 1).start >= byte).count()
}

fn phrase_in(text: &str, window: Span, compact: &Compact, label_end: usize) -> Option<JumpPhrase> {
    let chars = &compact.chars;
    let parsed = (label_end.saturating_sub(7)..label_end).find_map(|at| parse_at(chars, at).filter(|parsed| parsed.end > label_end))?;
    if parsed.core != Core::Exact || parsed.page_kind != PageKind::Full {
        return None;
    }
    let mut end = parsed.end;
    let opened = is_opening_bracket(chars[parsed.start]);
    end += usize::from(opened && chars.get(end).is_some_and(|&c| is_closing_bracket(c)));
    while matches!(chars.get(end), Some('>' | '»' | '→' | '▶' | '►')) {
        end += 1;
    }
    let local = compact.span(parsed.start, end);
    let span = Span::new(window.start + local.start, window.start + local.end);
    let before = text[..span.start].chars().rev().take_while(|&c| !is_newline(c)).find(|c| !c.is_whitespace());
    let after = text[span.end..].chars().take_while(|&c| !is_newline(c)).find(|c| !c.is_whitespace());
    let quoted =
        before.is_some_and(|c| matches!(c, '“' | '‘' | '「' | '『')) || after.is_some_and(|c| matches!(c, '”' | '’' | '」' | '』'));
    let bracketed = opened && is_closing_bracket(chars[end - 1]);
    let decorated = bracketed || (parsed.start < parsed.core_at && is_arrow(chars[parsed.core_at - 1]));
    let at_edge = before.is_none() || after.is_none();
    if quoted || !(decorated || at_edge) {
        return None;
    }
    Some(JumpPhrase { span, jump: parsed.jump, decorated, whole_line: before.is_none() && after.is_none() })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Core {
    /// 下转, 上接, 紧接, 详见.
    Exact,
    /// One of the two characters is a look-alike.
    Damaged,
    /// 接, 转, 见, 续 alone.
    Weak,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PageKind {
    /// A legible label with 版.
    Full,
    /// 版 is lost or damaged, or something stands in the label.
    Damaged,
}

/// One reading of a jump phrase; indexes count characters.
#[derive(Clone, Copy, Debug)]
struct Parsed {
    /// Decoration before the core included.
    start: usize,
    core_at: usize,
    end: usize,
    core: Core,
    page_kind: PageKind,
    decorated: bool,
    jump: JumpLine,
}

impl Parsed {
    /// 下转 and a page with 版 suffice (4); what is damaged must be made up
    /// for by brackets, arrows, a mark, or by standing alone.
    fn strength(&self) -> i32 {
        let core = if self.core == Core::Exact { 2 } else { 1 };
        let page = if self.page_kind == PageKind::Full { 2 } else { 1 };
        core + page + i32::from(self.decorated) + i32::from(self.jump.mark.is_some() && self.core == Core::Exact)
    }
}

fn parse_at(chars: &[char], core_at: usize) -> Option<Parsed> {
    let (direction, core, core_len) = core_of(chars, core_at)?;
    let (page, page_kind, page_end) = page_of(chars, core_at + core_len)?;
    let (mark, end) = mark_of(chars, page_end);
    let start = decoration_start(chars, core_at);
    let decorated = start < core_at;
    Some(Parsed { start, core_at, end, core, page_kind, decorated, jump: JumpLine { direction, page: Some(page), mark } })
}

/// Where the arrows and opening brackets before the core begin. A single 》
/// closes a title; only several, or one that starts the line, are arrows.
fn decoration_start(chars: &[char], core_at: usize) -> usize {
    let mut start = core_at;
    while start > 0 {
        let c = chars[start - 1];
        let single_title_mark = matches!(c, '》' | '〉') && start >= 2 && chars[start - 2] != c && (start == core_at || chars[start] != c);
        if single_title_mark || !(is_arrow(c) || is_opening_bracket(c)) {
            break;
        }
        start -= 1;
    }
    start
}

/// Direction, certainty and length of 下转 and its kin at `at`. Look-alikes
/// are those of small type: 卜/丅/丁 for 下, 专/传 for 转, 土/止/工/1 for 上,
/// 按/妾 for 接.
fn core_of(chars: &[char], at: usize) -> Option<(Direction, Core, usize)> {
    let second = chars.get(at + 1).copied().unwrap_or('\0');
    let found = match (chars[at], second) {
        ('下', '转' | '接') => (Direction::To, Core::Exact, 2),
        ('上' | '紧', '接') => (Direction::From, Core::Exact, 2),
        ('详', '见') => (Direction::See, Core::Exact, 2),
        ('卜' | '丅' | '丁' | 'T', '转') | ('下', '专' | '传' | '轻') => (Direction::To, Core::Damaged, 2),
        ('卜' | '土' | '止' | '工' | '1' | 'l' | '士', '接') | ('上' | '紧', '按' | '妾' | '楼') => {
            (Direction::From, Core::Damaged, 2)
        }
        ('转', _) => (Direction::To, Core::Weak, 1),
        ('接' | '续', _) => (Direction::From, Core::Weak, 1),
        ('见', _) => (Direction::See, Core::Weak, 1),
        _ => return None,
    };
    Some(found)
}

/// The page label at `at` and the index behind it.
fn page_of(chars: &[char], at: usize) -> Option<(PageLabel, PageKind, usize)> {
    if has_at(chars, at, "本版") {
        return Some((PageLabel::Same, PageKind::Full, at + 2));
    }
    let mut idx = at;
    let ordinal = chars.get(idx) == Some(&'第');
    idx += usize::from(ordinal);
    let section = chars.get(idx).filter(|c| c.is_ascii_uppercase() && !matches!(c, 'O' | 'I')).copied();
    idx += usize::from(section.is_some());
    let (number, after_number) = page_number(chars, idx)?;
    let page = PageLabel::Page { section, number };
    idx = after_number;
    if matches!(chars.get(idx), Some('、' | ',' | '-' | '和' | '至'))
        && let Some((_, after)) = page_number(chars, idx + 1)
    {
        idx = after;
    }
    match (chars.get(idx), chars.get(idx + 1)) {
        (Some('版'), _) => Some((page, PageKind::Full, idx + 1)),
        (Some('板' | '坂' | '贩' | '敌' | '厂' | '皈' | '饭'), _) => Some((page, PageKind::Damaged, idx + 1)),
        (Some(_), Some('版')) => Some((page, PageKind::Damaged, idx + 2)),
        _ if section.is_some() || ordinal => Some((page, PageKind::Damaged, idx)),
        _ => None,
    }
}

/// A page number at `at`, with the letters that OCR takes digits for.
fn page_number(chars: &[char], at: usize) -> Option<(u8, usize)> {
    let digits: Vec<char> = chars[at.min(chars.len())..]
        .iter()
        .take(3)
        .map_while(|&c| match c {
            'O' | 'o' | 'D' | 'Q' => Some('0'),
            'l' | 'I' | 'i' | '|' => Some('1'),
            '0'..='9' | '一' | '二' | '三' | '四' | '五' | '六' | '七' | '八' | '九' | '十' => Some(c),
            _ => None,
        })
        .collect();
    let (number, length) = (1..=digits.len()).rev().find_map(|length| Some((numeral(&digits[..length])?, length)))?;
    (number > 0).then_some((number, at + length))
}

/// The mark after the label and the index behind it; a sign that can only be
/// a damaged mark is passed over.
fn mark_of(chars: &[char], at: usize) -> (Option<u8>, usize) {
    match chars.get(at) {
        Some(&c) if circled(c).is_some() => (circled(c), at + 1),
        Some(&c @ '1'..='9') => {
            let more = chars.get(at + 1).is_some_and(char::is_ascii_digit);
            if more { (None, at) } else { (u8::try_from(c as u32 - '0' as u32).ok(), at + 1) }
        }
        Some('@' | '©' | '®' | '○' | '〇' | '◎' | '⊙') => (None, at + 1),
        _ => (None, at),
    }
}

fn is_newline(c: char) -> bool {
    matches!(c, '\n' | '\r')
}

fn is_arrow(c: char) -> bool {
    matches!(c, '>' | '<' | '》' | '《' | '»' | '«' | '〉' | '〈' | '→' | '←' | '↑' | '↓' | '⇒' | '⇐' | '➡' | '⬅' | '➤' | '➔')
        || ('\u{25a0}'..='\u{25ff}').contains(&c)
        || matches!(c, '★' | '☆' | '☞' | '☜' | '◘' | '*')
}

fn is_opening_bracket(c: char) -> bool {
    matches!(c, '(' | '[' | '{' | '〔' | '【' | '〈' | '《' | '<')
}

fn is_closing_bracket(c: char) -> bool {
    matches!(c, ')' | ']' | '}' | '〕' | '】' | '〉' | '》' | '>')
}

fn is_decoration(c: char) -> bool {
    is_arrow(c) || is_opening_bracket(c) || is_closing_bracket(c)
}

/// Marks that OCR leaves around small type.
fn is_stray(c: char) -> bool {
    matches!(c, '.' | ',' | '、' | '·' | '\'' | '"' | '_' | '-' | '~' | '|' | ':' | ';' | '。' | '@' | '?' | '°' | '`' | '…')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(section: Option<char>, number: u8) -> Option<PageLabel> {
        Some(PageLabel::Page { section, number })
    }

    #[test]
    fn reads_jump_lines_in_many_spellings() {
        for (line, direction, label, mark) in [
            ("下转A2版", Direction::To, page(Some('A'), 2), None),
            (">>> 下转 A02 版②", Direction::To, page(Some('A'), 2), Some(2)),
            ("（下转第三版）", Direction::To, page(None, 3), None),
            ("(下轉第十二版)", Direction::To, page(None, 12), None),
            ("▲上接01版", Direction::From, page(None, 1), None),
            ("（紧接第一版）", Direction::From, page(None, 1), None),
            ("接1版", Direction::From, page(None, 1), None),
            ("》》》上接B08版⑪", Direction::From, page(Some('B'), 8), Some(11)),
            ("（下转A2版@）", Direction::To, page(Some('A'), 2), None),
            ("(上接01版", Direction::From, page(None, 1), None),
            ("(上接01版)。", Direction::From, page(None, 1), None),
            ("卜转第4版", Direction::To, page(None, 4), None),
            ("（土接C1版）", Direction::From, page(Some('C'), 1), None),
            ("(下转Al版)", Direction::To, page(Some('A'), 1), None),
            ("下转03版3", Direction::To, page(None, 3), Some(3)),
            ("(上 接 A0l 版 1)", Direction::From, page(Some('A'), 1), Some(1)),
            ("（下转D3厂）", Direction::To, page(Some('D'), 3), None),
            ("→转四版", Direction::To, page(None, 4), None),
            ("（详见本版）", Direction::See, Some(PageLabel::Same), None),
            ("下转第二、三版", Direction::To, page(None, 2), None),
        ] {
            let expected = JumpLine { direction, page: label, mark };
            assert_eq!(jump_line(line), Some(expected), "{line}");
        }
    }

    #[test]
    fn leaves_other_lines_alone() {
        for line in [
            "下转",
            "转眼三年",
            "上接天线下接地气",
            "详见公告",
            "接待一版编辑",
            "见面会",
            "头版头条",
            "第三版",
            "A2版",
            "他翻到第三版",
            "稿件下转第三版是常事",
            "按惯例，下转第三版",
            "编辑部把它下转第三版续完",
            "转载请注明出处",
            "接力赛第一棒",
            "见第二版的说明文字",
            "1接2连3",
            "续写新篇",
            "下接地气",
            "第1版第3次印刷",
        ] {
            assert_eq!(jump_line(line), None, "{line}");
        }
    }

    fn phrases(text: &str) -> Vec<&str> {
        find_jump_phrases(text).into_iter().map(|phrase| phrase.span.of(text)).collect()
    }

    #[test]
    fn finds_phrases_glued_into_lines() {
        for (text, expected) in [
            ("全市上下齐心协力，推动工程（下转A2版②）", vec!["（下转A2版②）"]),
            ("推动项目落地见效下转第三版", vec!["下转第三版"]),
            ("（上接第1版）市长在会上说，要抓好落实。", vec!["（上接第1版）"]),
            ("上接A1版③市长在会上说", vec!["上接A1版③"]),
            ("共建美好家园 >>>下转02版\n\n下一条", vec![">>>下转02版"]),
            ("齐心协力（下转A2版）把路修通", vec!["（下转A2版）"]),
            ("（下转2版）\n正文\n（上接1版）", vec!["（下转2版）", "（上接1版）"]),
        ] {
            assert_eq!(phrases(text), expected, "{text}");
        }
    }

    #[test]
    fn a_phrase_that_is_talked_about_is_not_used() {
        for text in [
            "报纸上印着“（下转第三版）”几个字。",
            "这篇稿子太长，编辑只好下转第三版，读者很不方便。",
            "文章下转第三版。",
            "消息刊登在第三版。",
            "他在A2版的位置上画了一个圈。",
            "请接第一版的同志来开会",
            "头版转二版的稿件",
            "下转的稿件都排在第三版",
            "他主编《晨光》下转第三版以后",
        ] {
            assert!(phrases(text).is_empty(), "{text}: {:?}", phrases(text));
        }
    }
}

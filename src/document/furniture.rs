//! 版面附件: mast-head, date line, page number, editor line, hotline, weather,
//! 未完/待续.

use super::compact::{any_at, ends_with, has_at, position_of};
use super::furniture_words::{CONTACTS, DUTIES, PAPER_ENDS, SECTIONS};
use crate::text::is_han;

/// Characters, white space aside, of the longest line taken for furniture.
pub(super) const MAX_CHARS: usize = 80;

/// Which piece of furniture a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FurnitureKind {
    /// 2024年9月2日 星期一 农历…
    DateLine,
    /// A2, 第三版, 03 要闻.
    PageNumber,
    /// 责编：… 美编：… 校对：…
    EditorLine,
    /// Hotline, website, address, subscription.
    Contact,
    /// The paper's name, its registration and issue numbers.
    Masthead,
    /// A weather box.
    Weather,
    /// （未完）, （待续）.
    Continuation,
}

impl FurnitureKind {
    /// The stable name used in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            FurnitureKind::DateLine => "date-line",
            FurnitureKind::PageNumber => "page-number",
            FurnitureKind::EditorLine => "editor-line",
            FurnitureKind::Contact => "contact",
            FurnitureKind::Masthead => "masthead",
            FurnitureKind::Weather => "weather",
            FurnitureKind::Continuation => "continuation",
        }
    }
}

/// Reads the folded, space-free `chars` of a whole line. `isolated`: empty
/// lines (or the ends of the page) lie on both sides; some pieces are too
/// short to be told apart without that.
pub(super) fn furniture(chars: &[char], isolated: bool) -> Option<FurnitureKind> {
    if chars.is_empty() || chars.len() > MAX_CHARS {
        return None;
    }
    let signs = Signs::of(chars);
    // The order is that of certainty; the signs only save work.
    let judged: [(bool, Test, FurnitureKind); 5] = [
        (chars.len() <= 8, is_continuation, FurnitureKind::Continuation),
        (signs.year, is_date_line, FurnitureKind::DateLine),
        (chars.len() <= 12 && isolated, is_page_number_alone, FurnitureKind::PageNumber),
        (chars.len() <= 12 && (signs.page || signs.n_digits > 0), is_page_number, FurnitureKind::PageNumber),
        (true, is_editor_line, FurnitureKind::EditorLine),
    ];
    if let Some((.., kind)) = judged.into_iter().find(|(possible, test, _)| *possible && test(chars)) {
        return Some(kind);
    }
    if (signs.colon || signs.dot || signs.n_digits >= 5) && is_contact(chars) {
        Some(FurnitureKind::Contact)
    } else if signs.degree && is_weather(chars) {
        Some(FurnitureKind::Weather)
    } else if (isolated || signs.n_digits > 0) && chars.len() <= 36 && is_masthead(chars, isolated) {
        Some(FurnitureKind::Masthead)
    } else {
        None
    }
}

type Test = fn(&[char]) -> bool;

/// Which characters a line holds, read in one pass.
#[derive(Default)]
struct Signs {
    year: bool,
    page: bool,
    colon: bool,
    dot: bool,
    degree: bool,
    n_digits: usize,
}

impl Signs {
    fn of(chars: &[char]) -> Self {
        let mut signs = Signs::default();
        for &c in chars {
            match c {
                '0'..='9' => signs.n_digits += 1,
                ':' => signs.colon = true,
                '.' => signs.dot = true,
                '年' => signs.year = true,
                '版' => signs.page = true,
                '℃' | '°' => signs.degree = true,
                _ => {}
            }
        }
        signs
    }
}

fn is_page_number_alone(chars: &[char]) -> bool {
    page_number(chars, true)
}

fn is_page_number(chars: &[char]) -> bool {
    page_number(chars, false)
}

fn is_continuation(chars: &[char]) -> bool {
    let inner: Vec<char> = chars.iter().copied().filter(|c| !matches!(c, '(' | ')' | '[' | ']' | '【' | '】' | '。' | '·' | '…')).collect();
    ["未完", "待续", "未完待续", "续完", "未完转载", "明日续"]
        .iter()
        .any(|note| inner.len() == note.chars().count() && has_at(&inner, 0, note))
}

/// A whole date with a weekday, a lunar date or an issue number and little
/// else. A bare date is not one: letters and notices are signed so.
fn is_date_line(chars: &[char]) -> bool {
    if chars.len() > 60 || chars.iter().any(|&c| matches!(c, '。' | '!' | '?' | ';')) {
        return false;
    }
    let Some(length) = (0..chars.len().min(24)).find_map(|at| date_len(&chars[at..])) else { return false };
    let others = ["星期", "农历", "礼拜", "总第", "今日"];
    let weekday = others.iter().any(|word| position_of(chars, word, 0).is_some())
        || position_of(chars, "第", 0).is_some_and(|at| chars[at..].iter().any(|&c| c == '期' || c == '号'));
    let n_commas = chars.iter().filter(|&&c| c == ',').count();
    weekday && n_commas <= 1 && chars.len() <= length + 42
}

/// The length of 2024年9月2日 (digits or Chinese numerals) or 中华民国…年… at
/// the start of `chars`.
fn date_len(chars: &[char]) -> Option<usize> {
    let digit = |c: &char| c.is_ascii_digit() || "〇零○一二三四五六七八九十廿".contains(*c);
    let year = chars.iter().take_while(|c| digit(c)).count();
    if !(2..=4).contains(&year) || chars.get(year) != Some(&'年') {
        return None;
    }
    let month = chars[year + 1..].iter().take_while(|c| digit(c)).count();
    let day_from = year + 1 + month + 1;
    if !(1..=2).contains(&month) || chars.get(day_from - 1) != Some(&'月') {
        return None;
    }
    let day = chars[day_from..].iter().take_while(|c| digit(c)).count();
    ((1..=3).contains(&day) && matches!(chars.get(day_from + day), Some('日' | '号'))).then_some(day_from + day + 1)
}

fn page_number(chars: &[char], isolated: bool) -> bool {
    let chars = trim(chars);
    if chars.is_empty() || chars.len() > 12 {
        return false;
    }
    if let Some(rest) = without_label(chars) {
        let labelled = ends_with(&chars[..chars.len() - rest.len()], "版") || !rest.is_empty();
        return if rest.is_empty() { labelled || isolated } else { is_section(trim(rest)) && (isolated || labelled) };
    }
    // 要闻 A2
    (2..chars.len()).any(|at| is_section(trim(&chars[..at])) && without_label(trim(&chars[at..])).is_some_and(<[char]>::is_empty))
}

/// What follows a page label (`A2`, `03`, `第三版`, `A02版`) at the start.
fn without_label(chars: &[char]) -> Option<&[char]> {
    let mut at = usize::from(chars.first() == Some(&'第'));
    let ordinal = at == 1;
    let section = chars.get(at).is_some_and(|c| ('A'..='D').contains(c));
    at += usize::from(section);
    let digits = chars[at..].iter().take_while(|c| c.is_ascii_digit()).count();
    let numerals = if digits == 0 { chars[at..].iter().take_while(|c| "一二三四五六七八九十".contains(**c)).count() } else { 0 };
    let n_digits = digits + numerals;
    if !(1..=2).contains(&n_digits) {
        return None;
    }
    let zero_led = chars[at] == '0' && digits == 2;
    at += n_digits;
    let page = chars.get(at) == Some(&'版');
    at += usize::from(page);
    (page || section && digits > 0 || zero_led && !ordinal).then(|| &chars[at..])
}

pub(super) fn is_section(chars: &[char]) -> bool {
    SECTIONS.is(chars)
}

pub(super) fn trim(chars: &[char]) -> &[char] {
    let edge = |c: &char| {
        matches!(c, '-' | '·' | '—' | '|' | '/' | '.' | ':' | '■' | '▲' | '◆' | '●' | '(' | ')' | '[' | ']' | '【' | '】' | '>' | '<' | '_')
    };
    let start = chars.iter().take_while(|c| edge(c)).count();
    let end = chars.iter().rev().take_while(|c| edge(c)).count();
    if start + end >= chars.len() { &[] } else { &chars[start..chars.len() - end] }
}

/// 责编：… or two duties on one line, names and nothing else between.
fn is_editor_line(chars: &[char]) -> bool {
    let chars = trim(chars);
    if chars.iter().any(|&c| matches!(c, '。' | '!' | '?' | '”' | '“')) {
        return false;
    }
    let Some(first) = duty_at(chars, 0) else { return false };
    let separated = matches!(chars.get(first), Some(':' | '/' | '|'));
    let mut n_duties = 1;
    let mut n_names = 0;
    let mut at = first;
    while at < chars.len() {
        if let Some(length) = duty_at(chars, at) {
            n_duties += 1;
            at += length;
        } else {
            n_names += usize::from(is_han(chars[at]));
            at += 1;
        }
    }
    let strong = any_at(chars, 0, &["责编", "责任编辑", "美编", "责任校对", "本版责编", "本版编辑", "值班编委", "值班总编"]).is_some();
    let names_fit = n_names <= 5 * n_duties;
    names_fit && n_names >= 2 && (separated && (strong || n_duties >= 2 || chars.len() <= 8) || strong && n_duties >= 2)
}

fn duty_at(chars: &[char], at: usize) -> Option<usize> {
    DUTIES.at(chars, at)
}

/// A label followed by a number, an address of the net, or a colon.
fn is_contact(chars: &[char]) -> bool {
    let chars = trim(chars);
    let Some((at, length)) = (0..chars.len().min(14)).find_map(|at| Some((at, CONTACTS.at(chars, at)?))) else {
        return position_of(chars, "www.", 0).is_some_and(|at| at <= 10) && chars.len() <= 60 || position_of(chars, "http", 0) == Some(0);
    };
    if chars.iter().filter(|&&c| matches!(c, '。' | '!' | '?')).count() > usize::from(chars.last() == Some(&'。')) {
        return false;
    }
    let rest = &chars[at + length..];
    let separated = matches!(rest.first(), Some(':' | '(')) || rest.first().is_some_and(char::is_ascii_digit);
    let n_digits = rest.iter().filter(|c| c.is_ascii_digit()).count();
    let net = rest.contains(&'@') || position_of(rest, "www", 0).is_some() || position_of(rest, ".c", 0).is_some();
    let n_labels = (0..chars.len()).filter(|&at| CONTACTS.at(chars, at).is_some()).count();
    let head_is_label = at == 0 || chars[..at].iter().all(|&c| is_han(c)) && at <= 8;
    head_is_label && separated && (n_digits >= 5 || net || n_labels >= 3)
        || at == 0 && matches!(rest.first(), Some(':')) && (n_labels >= 2 || n_digits >= 3 || net)
}

fn is_weather(chars: &[char]) -> bool {
    let n_degrees = chars.iter().filter(|&&c| c == '℃' || c == '°').count();
    let sky = chars.iter().any(|&c| matches!(c, '晴' | '阴' | '云' | '雨' | '雪' | '雾' | '霾'));
    let n_stops = chars.iter().filter(|&&c| c == '。').count();
    n_degrees >= 1
        && sky
        && n_stops <= 1
        && chars.len() <= 60
        && any_at(chars, 0, &["今日", "今天", "明日", "明天", "今晚", "天气", "本市", "市区"]).is_some()
        && chars.len() <= 24 + 12 * n_degrees
}

fn is_masthead(chars: &[char], isolated: bool) -> bool {
    let chars = trim(chars);
    let n_chars = chars.len();
    let all_han = chars.iter().all(|&c| is_han(c));
    let paper = PAPER_ENDS.at_end(chars).is_some();
    let registered = any_at(chars, 0, &["国内统一连续出版物号", "国内统一刊号", "国内统一", "CN", "总第", "今日", "新第"]).is_some()
        && chars.iter().filter(|c| c.is_ascii_digit()).count() >= 1
        && (has_at(chars, 0, "国内统一")
            || has_at(chars, 0, "CN") && chars.get(2).is_some_and(|c| c.is_ascii_digit() || *c == '-')
            || ends_with(chars, "期")
            || ends_with(chars, "版"))
        && n_chars <= 30;
    isolated && paper && all_han && (3..=7).contains(&n_chars) || registered
}

#[cfg(test)]
mod tests {
    use super::super::compact::Compact;
    use super::*;

    fn read(line: &str) -> Option<FurnitureKind> {
        furniture(&Compact::of(line, 100).chars, true)
    }

    #[test]
    fn recognizes_furniture() {
        for (line, kind) in [
            ("2024年9月2日 星期一 农历七月三十", FurnitureKind::DateLine),
            ("江城日报 2024年9月2日 星期一", FurnitureKind::DateLine),
            ("中華民國十九年四月六日　星期日", FurnitureKind::DateLine),
            ("A2", FurnitureKind::PageNumber),
            ("第三版", FurnitureKind::PageNumber),
            ("03 要闻", FurnitureKind::PageNumber),
            ("要闻 A2", FurnitureKind::PageNumber),
            ("副刊·07版", FurnitureKind::PageNumber),
            ("责编：何俊 美编：赵敏 校对：孙珊", FurnitureKind::EditorLine),
            ("责任编辑 何俊 版式 赵敏", FurnitureKind::EditorLine),
            ("新闻热线：0700-8812345", FurnitureKind::Contact),
            ("網址：www.example.com 郵箱：news@example.com", FurnitureKind::Contact),
            ("今日天气 晴转多云 18℃～26℃", FurnitureKind::Weather),
            ("江城日报", FurnitureKind::Masthead),
            ("国内统一连续出版物号 CN 00-0000", FurnitureKind::Masthead),
            ("（未完）", FurnitureKind::Continuation),
            ("（待續）", FurnitureKind::Continuation),
        ] {
            assert_eq!(read(line), Some(kind), "{line}");
        }
    }

    #[test]
    fn leaves_text_alone() {
        for line in [
            "2024年9月2日",
            "2024年9月2日，星期一，城东新桥正式通车，数千名市民前来观看。",
            "第三版方案获得通过",
            "A2驾驶证",
            "2024",
            "15",
            "要闻回顾",
            "编辑部的故事",
            "编辑：一个被遗忘的职业",
            "校对是一门学问",
            "电话铃响了",
            "电话：一百年的变迁",
            "他说，热线电话12345一天能接到上百个来电。",
            "地址不详",
            "今天天气晴朗，气温回升到20℃，公园里游人如织，孩子们在草地上奔跑嬉戏，老人们坐在长椅上晒太阳。",
            "日报",
            "今日三版皆有看点",
            "完",
            "值班的老王",
            "视觉：眼睛看到的世界并不总是真的",
        ] {
            assert_eq!(read(line), None, "{line}");
        }
    }
}

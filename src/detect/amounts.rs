//! Reading printed quantities, `16.77万亿元`, for the detectors that compute
//! with them, and the ways in which an engine misreads a figure.

use super::{numbers, scan};
use crate::text::{Span, is_han};

/// A quantity in digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Amount<'t> {
    /// The digits as one number, the point left out.
    digits: u64,
    /// Digits it is written with.
    pub(super) n_digits: u32,
    /// Digits behind the point.
    pub(super) n_decimals: u32,
    /// Power of ten of 千, 万, 亿.
    exponent: u32,
    /// The figure alone.
    pub(super) figure: Span,
    /// Figure, 万 or 亿, and unit.
    pub(super) span: Span,
    /// What is counted or measured; `%` for both percent signs, empty when it
    /// is no unit of the list.
    pub(super) unit: &'t str,
    /// True for 近300人, 300多人.
    pub(super) is_vague: bool,
}

impl<'t> Amount<'t> {
    /// The value in its unit.
    pub(super) fn value(&self) -> f64 {
        self.digits as f64 * self.step()
    }

    /// What one more in the last digit is worth.
    pub(super) fn step(&self) -> f64 {
        10_f64.powi(self.exponent as i32 - self.n_decimals as i32)
    }

    /// The figure as it is written.
    pub(super) fn written(&self, text: &'t str) -> &'t str {
        self.figure.of(text)
    }

    /// True when both are the same quantity, however written.
    pub(super) fn equals(&self, other: &Amount<'_>) -> bool {
        self.unit == other.unit && (self.value() - other.value()).abs() < 1e-9 * self.value().abs().max(1.0)
    }

    /// The figures that an engine may have made this one of, each with its
    /// value: one digit misread as one that looks like it, or a lost point.
    pub(super) fn misread_from(&self, text: &str) -> Vec<(String, f64)> {
        let written = self.written(text);
        let mut found = Vec::new();
        for (at, c) in written.char_indices() {
            let Some(digit) = numbers::digit(c) else { continue };
            let unit = 10_f64.powi(written[at + c.len_utf8()..].chars().filter(|&c| numbers::digit(c).is_some()).count() as i32);
            for &like in ALIKE[digit as usize] {
                // A figure does not begin with 0.
                if at == 0 && like == 0 && self.n_digits > self.n_decimals + 1 {
                    continue;
                }
                // The same width as what was read.
                let Some(new) = char::from_u32(u32::from(c) - digit + like) else { continue };
                let figure = format!("{}{new}{}", &written[..at], &written[at + c.len_utf8()..]);
                found.push((figure, (self.digits as f64 + (f64::from(like) - f64::from(digit)) * unit) * self.step()));
            }
        }
        if self.n_decimals == 0 && self.n_digits > 1 {
            let (last, c) = written.char_indices().next_back().expect("a figure has digits");
            let point = if c.is_ascii() { '.' } else { '．' };
            found.push((format!("{}{point}{}", &written[..last], &written[last..]), self.value() / 10.0));
        }
        found
    }
}

/// Digits that print alike: what an engine may have had before it where it
/// gave the index.
const ALIKE: [&[u32]; 10] =
    [&[6, 8, 9], &[4, 7], &[7], &[5, 8, 9], &[1, 9], &[3, 6, 8], &[0, 5, 8], &[1, 2], &[0, 3, 5, 6, 9], &[0, 3, 4, 8]];

/// True when one figure may be the other with one digit misread: as long, and
/// one pair of digits that look alike.
pub(super) fn are_one_digit_apart(a: &str, b: &str) -> bool {
    let mut differing = a.chars().zip(b.chars()).filter(|(a, b)| a != b);
    let first = differing.next().and_then(|(a, b)| Some((numbers::digit(a)?, numbers::digit(b)?)));
    let is_alike = first.is_some_and(|(a, b)| ALIKE[a as usize].contains(&b));
    is_alike && differing.next().is_none() && a.chars().count() == b.chars().count()
}

/// Units, the longest first where one begins another.
const UNITS: [&str; 64] = [
    "平方公里",
    "立方米",
    "平方米",
    "千瓦时",
    "人次",
    "美元",
    "港元",
    "日元",
    "欧元",
    "英镑",
    "公里",
    "千米",
    "厘米",
    "毫米",
    "公顷",
    "公斤",
    "千克",
    "千瓦",
    "小时",
    "分钟",
    "元",
    "人",
    "户",
    "亩",
    "吨",
    "米",
    "克",
    "斤",
    "岁",
    "年",
    "天",
    "个",
    "件",
    "家",
    "台",
    "辆",
    "艘",
    "架",
    "名",
    "位",
    "所",
    "条",
    "座",
    "项",
    "次",
    "场",
    "种",
    "头",
    "只",
    "股",
    "份",
    "套",
    "幢",
    "栋",
    "间",
    "倍",
    "枚",
    "册",
    "篇",
    "块",
    "张",
    "株",
    "棵",
    "箱",
];

/// Words that make a quantity one of many.
const VAGUE_BEFORE: [char; 9] = ['近', '约', '超', '逾', '过', '余', '满', '足', '数'];
const VAGUE_AFTER: [char; 5] = ['多', '余', '来', '几', '左'];

/// The quantities of `span` that are written in digits, in order. What is part
/// of a code, a range, a score or a time is none; nor is what is longer than
/// fifteen digits.
pub(super) fn all(text: &str, span: Span) -> Vec<Amount<'_>> {
    let mut found = Vec::new();
    let mut at = span.start;
    while let Some(start) = text[at..span.end].find(|c| numbers::digit(c).is_some()).map(|offset| at + offset) {
        let (amount, end) = read(text, start, span.end);
        found.extend(amount);
        at = end;
    }
    found
}

/// The quantity at `start`, where a digit stands, and where to go on.
fn read(text: &str, start: usize, end: usize) -> (Option<Amount<'_>>, usize) {
    let mut digits = 0_u64;
    let (mut n_digits, mut n_decimals) = (0, 0);
    let mut has_point = false;
    let mut at = start;
    while let Some(c) = text[at..end].chars().next() {
        let next_is_digit = |skip: usize| text[at + skip..end].chars().next().is_some_and(|c| numbers::digit(c).is_some());
        if let Some(digit) = numbers::digit(c) {
            digits = digits.saturating_mul(10).saturating_add(u64::from(digit));
            n_digits += 1;
            n_decimals += u32::from(has_point);
        } else if matches!(c, '.' | '．') && !has_point && next_is_digit(c.len_utf8()) {
            has_point = true;
        } else if c != ',' || has_point || !is_thousand(&text[at + 1..end]) {
            break;
        }
        at += c.len_utf8();
    }
    let figure = Span::new(start, at);
    let before = scan::before(text, start);
    let joins = |c: char| {
        c.is_ascii_alphanumeric() || matches!(c, '-' | '—' | '－' | '~' | '～' | '/' | '／' | ':' | '：' | '∶' | '.' | '．' | '第')
    };
    let is_score = |c: Option<char>| matches!(c, Some('：' | '∶')) && n_digits <= 3;
    let is_code = before.is_some_and(|c| joins(c) && c != '：')
        || (before == Some('：') && text[..start - 3].ends_with(|c| numbers::digit(c).is_some()));
    let rest = &text[at..end];
    let after = rest.chars().next();
    if n_digits > 15 || is_code || is_score(after) || after.is_some_and(|c| joins(c) && c != '：' && c != '第') {
        return (None, at);
    }
    let magnitude_len = magnitude(rest);
    let exponent = rest[..magnitude_len].chars().map(exponent_of).sum();
    let mut rest = &rest[magnitude_len..];
    let mut is_vague = text[..start].ends_with(VAGUE_BEFORE);
    if rest.starts_with(VAGUE_AFTER) {
        is_vague = true;
        rest = rest.trim_start_matches(['多', '余', '来', '几']);
    }
    let unit = match rest.chars().next() {
        Some('%' | '％') => "%",
        _ => UNITS.iter().find(|unit| rest.starts_with(**unit)).map_or("", |unit| &rest[..unit.len()]),
    };
    let unit_len = if unit == "%" { rest.chars().next().map_or(0, char::len_utf8) } else { unit.len() };
    let unit_end = end - rest.len() + unit_len;
    is_vague |= text[unit_end..].starts_with("左右") || text[unit_end..].starts_with("以上") || text[unit_end..].starts_with('多');
    (Some(Amount { digits, n_digits, n_decimals, exponent, figure, span: Span::new(start, unit_end), unit, is_vague }), unit_end)
}

/// True when `rest` begins with exactly three digits.
fn is_thousand(rest: &str) -> bool {
    rest.chars().take(4).take_while(char::is_ascii_digit).count() == 3
}

/// Length in bytes of the 百, 千, 万, 亿 that `rest` begins with.
fn magnitude(rest: &str) -> usize {
    let mut len = 0;
    for c in rest.chars() {
        let after = &rest[len + c.len_utf8()..];
        // 千瓦, 千米, 千克 are units; 百 of 百分点 is none.
        let is_unit = c == '千' && after.starts_with(['瓦', '米', '克', '卡', '伏', '帕', '赫']) || c == '百' && after.starts_with('分');
        if exponent_of(c) == 0 || is_unit {
            break;
        }
        len += c.len_utf8();
    }
    len
}

fn exponent_of(c: char) -> u32 {
    match c {
        '百' => 2,
        '千' => 3,
        '万' | '萬' => 4,
        '亿' | '億' => 8,
        _ => 0,
    }
}

/// The sentences of `text` that hold a digit: runs without 。！？； and line
/// ends.
pub(super) fn sentences(text: &str) -> impl Iterator<Item = Span> + '_ {
    let mut start = 0;
    let ends = |c: char| matches!(c, '。' | '！' | '？' | '；' | '\n' | '\r' | '\u{2029}');
    std::iter::from_fn(move || {
        let rest = text.get(start..).filter(|rest| !rest.is_empty())?;
        let end = rest.find(ends).map_or(text.len(), |offset| start + offset);
        let span = Span::new(start, end);
        start = end + text[end..].chars().next().map_or(1, char::len_utf8);
        Some(span)
    })
    .filter(|span| span.of(text).contains(|c| numbers::digit(c).is_some()))
}

/// The Han characters that end at byte `at`, at most `n_chars`.
pub(super) fn han_before(text: &str, at: usize, n_chars: usize) -> &str {
    let len: usize = text[..at].chars().rev().take(n_chars).take_while(|&c| is_han(c)).map(char::len_utf8).sum();
    &text[at - len..at]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_all(text: &str) -> Vec<(f64, &str)> {
        all(text, Span::new(0, text.len())).iter().map(|amount| (amount.value(), amount.unit)).collect()
    }

    #[test]
    fn reads_figures_magnitudes_and_units() {
        assert_eq!(
            read_all("总值16.77万亿元，增长4.7％，共1,234人、５６户、3千万吨、20千瓦。"),
            [(16.77e12, "元"), (4.7, "%"), (1234.0, "人"), (56.0, "户"), (3e7, "吨"), (20.0, "千瓦")]
        );
        let text = "近300人，50多户，12辆";
        let vague: Vec<bool> = all(text, Span::new(0, text.len())).iter().map(|amount| amount.is_vague).collect();
        assert_eq!(vague, [true, true, false]);
        assert_eq!(all("12辆", Span::new(0, 5))[0].span.of("12辆"), "12辆");
    }

    #[test]
    fn codes_scores_and_ranges_are_no_quantities() {
        for text in ["G50高速", "25:18", "3—5人", "第12届", "555-0123", "7：30"] {
            let values = read_all(text);
            assert!(values.len() < 2 && values.iter().all(|(_, unit)| *unit == "人" || unit.is_empty()), "{text}: {values:?}");
        }
        assert!(read_all("第12届").is_empty() && read_all("G50高速").is_empty());
    }

    #[test]
    fn knows_what_a_figure_may_be_misread_from() {
        let text = "86人";
        let from: Vec<String> = all(text, Span::new(0, text.len()))[0].misread_from(text).into_iter().map(|(figure, _)| figure).collect();
        assert!(from.contains(&"80".to_owned()) && from.contains(&"36".to_owned()) && from.contains(&"8.6".to_owned()), "{from:?}");
        assert!(!from.contains(&"06".to_owned()));
        let value = all("1.86亿元", Span::new(0, "1.86亿元".len()))[0].misread_from("1.86亿元");
        assert!(value.iter().any(|(figure, value)| figure == "1.88" && (value - 1.88e8).abs() < 1.0), "{value:?}");
        assert!(are_one_digit_apart("4.7", "4.1") && !are_one_digit_apart("4.7", "4.3") && !are_one_digit_apart("47", "4.7"));
        assert!(!are_one_digit_apart("4.7", "4.7"));
    }

    #[test]
    fn sentences_with_figures() {
        let text = "甲。乙3人，丙4人；丁5人\n戊";
        let found: Vec<&str> = sentences(text).map(|span| span.of(text)).collect();
        assert_eq!(found, ["乙3人，丙4人", "丁5人"]);
        assert_eq!(han_before("增长，同比3", "增长，同比".len(), 6), "同比");
    }
}

//! Reading numbers beside a place, for the detectors of impossible figures.
//!
//! Digits may be ASCII or full-width; printed figures use both.

use super::scan;

/// A number of digits and where it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Number {
    /// Its value.
    pub(super) value: u32,
    /// Digits it is written with.
    pub(super) n_digits: usize,
    /// Its first byte.
    pub(super) start: usize,
    /// One past its last byte.
    pub(super) end: usize,
}

/// Longer runs of digits are no dates, times or shares.
const MAX_DIGITS: usize = 6;

/// The value of an ASCII or full-width digit.
pub(super) fn digit(c: char) -> Option<u32> {
    match c {
        '0'..='9' => Some(c as u32 - '0' as u32),
        '０'..='９' => Some(c as u32 - '０' as u32),
        _ => None,
    }
}

/// The whole run of digits that ends at byte `at`.
pub(super) fn ending_at(text: &str, at: usize) -> Option<Number> {
    let mut number = Number { value: 0, n_digits: 0, start: at, end: at };
    let mut unit = 1;
    for c in text[..at].chars().rev() {
        let Some(digit) = digit(c) else { break };
        if number.n_digits == MAX_DIGITS {
            return None;
        }
        number.value += unit * digit;
        unit *= 10;
        number.n_digits += 1;
        number.start -= c.len_utf8();
    }
    (number.n_digits > 0).then_some(number)
}

/// The whole run of digits that begins at byte `at`.
pub(super) fn starting_at(text: &str, at: usize) -> Option<Number> {
    let mut number = Number { value: 0, n_digits: 0, start: at, end: at };
    for c in text[at..].chars() {
        let Some(digit) = digit(c) else { break };
        if number.n_digits == MAX_DIGITS {
            return None;
        }
        number.value = 10 * number.value + digit;
        number.n_digits += 1;
        number.end += c.len_utf8();
    }
    (number.n_digits > 0).then_some(number)
}

/// True when the digits that begin at byte `at` go on a longer figure: a
/// decimal, a thousand, a phone number.
pub(super) fn goes_on_before(text: &str, at: usize) -> bool {
    let mut before = text[..at].chars().rev();
    let is_mark = |c: char| matches!(c, '.' | ',' | '．' | '，' | '·' | '-' | '/' | ':' | '：');
    before.next().is_some_and(is_mark) && before.next().is_some_and(|c| digit(c).is_some())
}

/// The year that ends before byte `at` with 年: four digits, or fewer after
/// 民国. `None` where no year can be read.
pub(super) fn year_before(text: &str, at: usize) -> Option<u16> {
    let end = text[..at].strip_suffix('年')?.len();
    let number = ending_at(text, end)?;
    let value = u16::try_from(number.value).ok()?;
    let of_republic = text[..number.start].ends_with(['国', '國']);
    match number.n_digits {
        1..=3 if of_republic => Some(value + 1911),
        4 if (1000..2200).contains(&value) => Some(value),
        _ => None,
    }
}

/// True when the lunar calendar is spoken of before byte `at`.
pub(super) fn is_lunar(text: &str, at: usize) -> bool {
    let line = scan::window(text, crate::text::Span::empty(at), 14);
    let before = &text[line.start..at];
    ["农历", "農曆", "阴历", "陰曆", "旧历", "舊曆", "夏历", "夏曆", "古历", "古曆"].iter().any(|name| before.contains(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_both_ways() {
        let text = "2024年１３月5日";
        let month = ending_at(text, text.find('月').unwrap()).unwrap();
        assert_eq!((month.value, month.n_digits, month.start), (13, 2, 7));
        assert_eq!(year_before(text, month.start), Some(2024));
        assert_eq!(starting_at(text, text.find('5').unwrap()).unwrap().value, 5);
        assert_eq!(starting_at(text, 4), None);
        assert_eq!(year_before("民國19年", "民國19年".len()), Some(1930));
        assert_eq!(ending_at("1234567月", 7), None);
        assert!(goes_on_before("1.5月", 2) && !goes_on_before("，5月", 3));
    }
}

//! What a line of page furniture says: which page, which day, which section.

use super::compact::{Compact, any_at, circled, ends_with, has_at, numeral};
use super::furniture::{self, FurnitureKind};
use super::{Date, PageLabel};

/// A line of page furniture, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FurnitureFields {
    /// Which piece it is.
    pub kind: FurnitureKind,
    /// The page it names.
    pub page: Option<PageLabel>,
    /// The day of the issue; 民国 years are counted from 1912. `None` for a
    /// day that does not exist.
    pub date: Option<Date>,
    /// The section of a page line, such as 要闻, in simplified characters.
    pub section: Option<String>,
}

/// Reads `line` as page furniture. `isolated`: empty lines (or the ends of the
/// page) lie on both sides of it.
#[must_use]
pub fn furniture_fields(line: &str, isolated: bool) -> Option<FurnitureFields> {
    let mut compact = Compact::default();
    if line.len() > 8 * furniture::MAX_CHARS || !compact.read(line, furniture::MAX_CHARS) {
        return None;
    }
    let chars = &compact.chars;
    let kind = furniture::furniture(chars, isolated)?;
    let (mut page, mut date, mut section) = (None, None, None);
    match kind {
        FurnitureKind::PageNumber => {
            let chars = furniture::trim(chars);
            if let Some((from, to, label)) = (0..chars.len()).find_map(|at| label_at(chars, at, true)) {
                page = Some(label);
                let named = [&chars[to..], &chars[..from]].map(furniture::trim).into_iter().find(|part| furniture::is_section(part));
                section = named.map(|part| part.iter().collect());
            }
        }
        FurnitureKind::DateLine | FurnitureKind::Masthead => {
            date = date_in(chars);
            let closed = (0..chars.len()).find_map(|at| label_at(chars, at, false)).map(|(.., label)| label);
            page = closed.or_else(|| (0..chars.len()).find_map(|at| lettered_at(chars, at)));
        }
        FurnitureKind::EditorLine | FurnitureKind::Contact | FurnitureKind::Weather | FurnitureKind::Continuation => {}
    }
    Some(FurnitureFields { kind, page, date, section })
}

/// The page label at `from`: where it begins and ends and what it says.
/// `bare`: A2 and 03 count without a 版.
fn label_at(chars: &[char], from: usize, bare: bool) -> Option<(usize, usize, PageLabel)> {
    let mut at = from + usize::from(chars[from] == '第');
    let section = chars.get(at).copied().filter(char::is_ascii_uppercase);
    at += usize::from(section.is_some());
    let is_digit = |c: &&char| c.is_ascii_digit() || "一二三四五六七八九十".contains(**c);
    let n_digits = chars[at..].iter().take_while(is_digit).count();
    // ②版 is what some papers print and what OCR makes of a number in a box.
    let circled = chars.get(at).and_then(|&c| circled(c)).filter(|_| section.is_none() && has_at(chars, at + 1, "版"));
    let number = circled.or_else(|| numeral(&chars[at..at + n_digits])).filter(|&number| number > 0)?;
    at += if circled.is_some() { 1 } else { n_digits };
    let closed = chars.get(at) == Some(&'版');
    // 今日8版 counts the pages of the issue.
    let counted = from > 0 && section.is_none() && any_at(chars, from - 1, &["日", "共"]).is_some();
    (closed && !counted || bare && !closed).then_some((from, at + usize::from(closed), PageLabel::Page { section, number }))
}

/// `A2`–`D99` at `at` with no letter, digit or sign of a number beside it:
/// among a date and the name of a paper that is the page.
fn lettered_at(chars: &[char], at: usize) -> Option<PageLabel> {
    let section = chars.get(at).copied().filter(|c| ('A'..='D').contains(c))?;
    let n_digits = chars[at + 1..].iter().take_while(|c| c.is_ascii_digit()).count();
    let joins = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '/' | '~');
    let alone = !at.checked_sub(1).is_some_and(|before| joins(&chars[before])) && !chars.get(at + 1 + n_digits).is_some_and(joins);
    let number = numeral(&chars[at + 1..at + 1 + n_digits]).filter(|&number| alone && number > 0)?;
    Some(PageLabel::Page { section: Some(section), number })
}

/// The first date of a line with year, month and day.
fn date_in(chars: &[char]) -> Option<Date> {
    (0..chars.len()).filter(|&at| chars[at] == '年').find_map(|at| {
        let is_digit = |c: &&char| c.is_ascii_digit() || "〇零○一二三四五六七八九十廿卅".contains(**c);
        let n_year = chars[..at].iter().rev().take_while(is_digit).count();
        let era = if ends_with(&chars[..at - n_year], "民国") { 1911 } else { 0 };
        let year = year(&chars[at - n_year..at], era > 0)? + era;
        let month = chars[at + 1..].iter().take_while(is_digit).count();
        let day_from = at + 1 + month + 1;
        let day = chars.get(day_from..)?.iter().take_while(is_digit).count();
        let marked = has_at(chars, day_from - 1, "月") && any_at(chars, day_from + day, &["日", "号"]).is_some();
        let date = Date::new(year, day_numeral(&chars[at + 1..at + 1 + month])?, day_numeral(&chars[day_from..day_from + day])?);
        date.filter(|_| marked)
    })
}

/// 2024, 二〇二四, and after 民国 also 十九.
fn year(chars: &[char], of_republic: bool) -> Option<u16> {
    if of_republic {
        // 民国 years go on in Taiwan: 110 is 2021.
        let digits = (chars.len() <= 3 && chars.iter().all(char::is_ascii_digit)).then(|| chars.iter().collect::<String>());
        return digits.map_or_else(|| day_numeral(chars).map(u16::from), |digits| digits.parse().ok());
    }
    let digit = |c: char| c.to_digit(10).or_else(|| "〇一二三四五六七八九".chars().position(|d| d == c).map(|d| d as u32));
    let digits: Option<Vec<u32>> = chars.iter().map(|&c| digit(if matches!(c, '零' | '○') { '〇' } else { c })).collect();
    digits.filter(|digits| digits.len() == 4).and_then(|digits| u16::try_from(digits.iter().fold(0, |sum, d| sum * 10 + d)).ok())
}

/// A numeral up to 99, with 廿 and 卅 for 二十 and 三十.
fn day_numeral(chars: &[char]) -> Option<u8> {
    let tens = match chars.first() {
        Some('廿') => 20,
        Some('卅') => 30,
        _ => return numeral(chars),
    };
    let unit = if chars.len() == 1 { 0 } else { numeral(&chars[1..]).filter(|&unit| unit <= 9)? };
    Some(tens + unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields() {
        for (line, page, date, section) in [
            ("滨湖晚报  2018年6月8日  星期五  第A6版  民生", Some("A6"), Some("2018-06-08"), None),
            ("中華民國十九年四月廿六日　星期六", None, Some("1930-04-26"), None),
            ("二〇二四年九月二日 星期一 今日8版", None, Some("2024-09-02"), None),
            ("２０２４年２月３０日　星期五", None, None, None),
            ("府城日日　中華民國110年3月19日　星期五　地方版　B2", Some("B2"), Some("2021-03-19"), None),
            ("A2 城事 滨湖晚报 2024年9月2日 星期一", Some("A2"), Some("2024-09-02"), None),
            ("陇东乡讯 2019年4月26日 第12号 ②版", Some("2"), Some("2019-04-26"), None),
            ("滨湖晚报 2024年9月2日 星期一 国内统一刊号 CN00-0001", None, Some("2024-09-02"), None),
            ("2024年9月2日 星期一 新闻热线 A12345678", None, Some("2024-09-02"), None),
            ("A02", Some("A2"), None, None),
            ("副刊·07版", Some("7"), None, Some("副刊")),
            ("要聞 第三版", Some("3"), None, Some("要闻")),
            ("03 综合新闻", Some("3"), None, Some("综合新闻")),
            ("责编：何俊 美编：赵敏", None, None, None),
        ] {
            let fields = furniture_fields(line, true).unwrap_or_else(|| panic!("{line}"));
            assert_eq!(fields.page.map(|page| page.to_string()).as_deref(), page, "{line}");
            assert_eq!(fields.date.map(|date| date.to_string()).as_deref(), date, "{line}");
            assert_eq!(fields.section.as_deref(), section, "{line}");
        }
        assert_eq!(furniture_fields("昨天上午，城东新桥正式通车。", true), None);
    }
}

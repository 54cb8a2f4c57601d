use memchr::memmem;

use super::numbers::{self, Number};
use super::{Context, Detector, DetectorMeta, scan};
use crate::document::days_in_month;
use crate::finding::{Class, ConfidenceOrigin, Finding, Message, Phase, Safety};
use crate::text::Span;

/// Finds dates that no calendar has.
#[derive(Clone, Copy, Debug)]
pub struct ImpossibleDate;

static META: DetectorMeta = DetectorMeta {
    id: "number/impossible-date",
    class: Class::Digits,
    phase: Phase::Marks,
    summary: ["不存在的日期（13月、2月30日）", "a date that does not exist (month 13, 30 February)"],
    why: [
        "日期里有一个数字读错或多读、漏读了；单从文字看不出是哪一个",
        "A digit of the date was misread, doubled or lost; the text alone does not say which",
    ],
    silent: [
        "农历日期（农历二月三十）、月数（13个月、18月龄）、小数、编号；年份不明时的2月29日",
        "Lunar dates, numbers of months (13个月, 18月龄), decimals, reference numbers; 29 February of an unknown year",
    ],
    trust: ["只标出，从不改动", "Flagged, never changed"],
    sources: &["the Gregorian calendar"],
    bad: &[
        ("旧桥定于13月5日封闭。", "旧桥定于13月5日封闭。"),
        ("２月３０日开工", "２月３０日开工"),
        ("2023年2月29日，会议召开。", "2023年2月29日，会议召开。"),
        ("4月28日至31日举行", "4月28日至31日举行"),
        ("1至14月份销量", "1至14月份销量"),
        ("签于2024-13-05。", "签于2024-13-05。"),
    ],
    good: &[
        "2024年2月29日至3月31日",
        "2月29日出生的人",
        "农历2月30日",
        "13个月后，18月龄的孩子",
        "12月31日24时",
        "第13届12月5日开幕，9月2日至10月31日展出",
        "编号2024-13-0512",
        "月13日发工资",
    ],
};

/// The word of the author: the 500 dates of 480,000 characters of clean text
/// all exist.
const SURE: f64 = 0.95;

impl Detector for ImpossibleDate {
    fn meta(&self) -> &'static DetectorMeta {
        &META
    }

    fn detect(&self, context: &Context<'_>, sink: &mut Vec<Finding>) {
        let text = context.text;
        for at in memmem::find_iter(text.as_bytes(), "月") {
            if let Some(month) = numbers::ending_at(text, at).filter(|month| !numbers::goes_on_before(text, month.start)) {
                sink.extend(of_month(text, month, at + "月".len()));
            }
        }
        for at in memchr::memchr2_iter(b'-', b'/', text.as_bytes()) {
            sink.extend(of_figures(text, at));
        }
    }
}

/// Judges the month `month`, which 月 follows up to byte `end`.
fn of_month(text: &str, month: Number, end: usize) -> Option<Finding> {
    let day = numbers::starting_at(text, end).filter(|day| is_day(text, day.end));
    let year = numbers::year_before(text, month.start);
    let Some(days) = u8::try_from(month.value).ok().and_then(|month| days_in_month(year, month)) else {
        // 18月龄 and 13月大 count months; a day, a year or a part of the month says that a date is meant.
        let is_date = day.is_some() || year.is_some() || text[end..].starts_with(['份', '初', '底', '末', '上', '中', '下']);
        let whole = Span::new(month.start, day.map_or(end, |day| day.end + "日".len()));
        let message = Message::new(
            format!("没有{}月；月份或它前后的数字读错，请对照原版", month.value),
            format!("there is no month {}; it or a figure beside it was misread, compare with the page", month.value),
        );
        return is_date.then(|| finding(text, whole, message));
    };
    let day = day?;
    if numbers::is_lunar(text, month.start) {
        return None;
    }
    let last = last_day(text, day);
    let wrong = [day, last].into_iter().find(|day| !(1..=u32::from(days)).contains(&day.value))?;
    let of_year = year.filter(|_| month.value == 2 && wrong.value == 29).map(|year| year.to_string());
    let message = Message::new(
        format!(
            "{}{}月没有{}日；数字读错，请对照原版",
            of_year.clone().map_or(String::new(), |year| year + "年"),
            month.value,
            wrong.value
        ),
        format!(
            "{} has no day {}; a figure was misread, compare with the page",
            of_year.map_or(format!("month {}", month.value), |year| format!("February {year}")),
            wrong.value
        ),
    );
    Some(finding(text, Span::new(month.start, last.end + "日".len()), message))
}

/// True when 日 follows at `end` and does not begin another word.
fn is_day(text: &str, end: usize) -> bool {
    text[end..].strip_prefix('日').is_some_and(|rest| !rest.starts_with(['元', '圆', '圓', '均']))
}

/// The second day of `28日至31日`, or the first when there is no second.
fn last_day(text: &str, day: Number) -> Number {
    let rest = &text[day.end + "日".len()..];
    let joint: usize = rest.chars().next().filter(|c| matches!(c, '至' | '到' | '—' | '-' | '~' | '～' | '、')).map_or(0, char::len_utf8);
    let from = day.end + "日".len() + joint;
    numbers::starting_at(text, from).filter(|last| joint > 0 && is_day(text, last.end)).unwrap_or(day)
}

/// Judges `2024-13-05` by its first hyphen or stroke at `at`.
fn of_figures(text: &str, at: usize) -> Option<Finding> {
    let mark = scan::after(text, at)?;
    let year = numbers::ending_at(text, at).filter(|year| year.n_digits == 4 && (1800..2200).contains(&year.value))?;
    let is_apart = scan::before(text, year.start).is_none_or(|c| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '/' | '.' | '〕' | '号'));
    let month = numbers::starting_at(text, at + 1).filter(|month| month.n_digits == 2 && is_apart)?;
    let day_from = text[month.end..].starts_with(mark).then_some(month.end + 1)?;
    let day = numbers::starting_at(text, day_from).filter(|day| day.n_digits == 2)?;
    if scan::after(text, day.end).is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '/' | '.')) {
        return None;
    }
    // One wrong digit leaves the other half possible; 2013-40-50 is no date at all.
    if !(1..=12).contains(&month.value) && !(1..=31).contains(&day.value) {
        return None;
    }
    let days = days_in_month(u16::try_from(year.value).ok(), u8::try_from(month.value).ok()?);
    if days.is_some_and(|days| (1..=u32::from(days)).contains(&day.value)) {
        return None;
    }
    let whole = Span::new(year.start, day.end);
    let message = Message::new(
        format!("没有「{}」这一天；数字读错，请对照原版", whole.of(text)),
        format!("there is no day {}; a figure was misread, compare with the page", whole.of(text)),
    );
    Some(finding(text, whole, message))
}

fn finding(text: &str, span: Span, message: Message) -> Finding {
    Finding::new(META.id, META.class, META.phase, text, span, message).with_trust(Safety::Flagged, SURE, ConfidenceOrigin::Author)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{keeps_its_examples, only_flags, silent};
    use super::*;

    #[test]
    fn examples() {
        keeps_its_examples(ImpossibleDate);
    }

    #[test]
    fn the_year_decides_about_29_february() {
        only_flags(ImpossibleDate, "民國20年2月29日");
        silent(ImpossibleDate, "民國21年2月29日");
        only_flags(ImpossibleDate, "1900年2月29日");
        only_flags(ImpossibleDate, "0月5日");
    }

    #[test]
    fn silent_about_other_figures() {
        for text in [
            "每月15日、30日发放",
            "1.13月5日",
            "2月30元",
            "8—15月龄",
            "5月35日均产量",
            "全长2013-40-50米",
            "电话2024-31-4567",
            "GB/T 2013-35-40",
            "比分2024/31",
            "阴历九月初二",
        ] {
            silent(ImpossibleDate, text);
        }
    }
}

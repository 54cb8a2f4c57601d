use memchr::memmem;

use super::{Context, Detector, DetectorMeta, numbers, scan};
use crate::document::Date;
use crate::finding::{Class, ConfidenceOrigin, Evidence, Finding, Message, Phase, Safety};
use crate::text::Span;

/// Finds a day of the week that does not go with its date.
#[derive(Clone, Copy, Debug)]
pub struct WrongWeekday;

static META: DetectorMeta = DetectorMeta {
    id: "number/wrong-weekday",
    class: Class::Digits,
    phase: Phase::Marks,
    summary: ["日期与星期不符", "a day of the week that does not go with its date"],
    why: [
        "年、月、日和星期互相印证；不符，就有一个字读错了，或者原版就印错了",
        "Year, month, day and weekday prove each other; where they disagree one was misread, or misprinted",
    ],
    silent: [
        "没有四位年份的日期、农历日期、不紧接日期的星期",
        "Dates without a year, lunar dates, weekdays that do not follow a date at once",
    ],
    trust: ["只标出，从不改动", "Flagged, never changed"],
    sources: &["the Gregorian calendar"],
    bad: &[
        ("江城日报 2024年9月2日 星期二", "江城日报 2024年9月2日 星期二"),
        ("2024年9月3日（星期一）上午", "2024年9月3日（星期一）上午"),
        ("2024年9月2日(周日)", "2024年9月2日(周日)"),
    ],
    good: &[
        "2024年9月2日 星期一",
        "2024年9月2日（星期一）",
        "9月2日星期三",
        "2024年9月2日是建厂五周年",
        "2024年9月2日周三去世",
        "农历2024年9月2日 星期三",
        "2024年9月2日，星期三的票已售完",
    ],
};

/// A weekday after a date with only this between.
const BETWEEN: [char; 5] = [' ', '\u{3000}', '（', '(', '\t'];

impl Detector for WrongWeekday {
    fn meta(&self) -> &'static DetectorMeta {
        &META
    }

    fn detect(&self, context: &Context<'_>, sink: &mut Vec<Finding>) {
        for name in ["星期", "周", "週"] {
            for at in memmem::find_iter(context.text.as_bytes(), name) {
                sink.extend(judge(context.text, at, name));
            }
        }
    }
}

/// Judges the weekday that `name` at byte `at` begins.
fn judge(text: &str, at: usize, name: &str) -> Option<Finding> {
    let before = text[..at].trim_end_matches(BETWEEN);
    let end = before.strip_suffix('日').map(str::len)?;
    let said = scan::after(text, at + name.len())?;
    let n_weekday = "日一二三四五六天".chars().position(|c| c == said)? % 7;
    // 周一 after a bare date may begin 周一围: only in brackets is it a day.
    if name != "星期" && !text[before.len()..at].contains(['（', '(']) {
        return None;
    }
    let day = numbers::ending_at(text, end)?;
    let month = numbers::ending_at(text, text[..day.start].strip_suffix('月')?.len())?;
    let year = numbers::year_before(text, month.start)?;
    let date = Date::new(year, u8::try_from(month.value).ok()?, u8::try_from(day.value).ok()?)?;
    let n_right = usize::from(date.weekday());
    if n_right == n_weekday || numbers::is_lunar(text, month.start) {
        return None;
    }
    let right = "日一二三四五六".chars().nth(n_right)?;
    let span = Span::new(month.start, at + name.len() + said.len_utf8());
    let message = Message::new(
        format!("{date} 是星期{right}，不是星期{said}；日期或星期读错，请对照原版"),
        format!("{date} was a {}, not what stands here; the date or the weekday was misread, compare with the page", ENGLISH[n_right]),
    );
    Some(
        Finding::new(META.id, META.class, META.phase, text, span, message)
            .with_evidence(Evidence::said("weekday", format!("星期{right}"), ENGLISH[n_right]))
            .with_trust(Safety::Flagged, 0.9, ConfidenceOrigin::Author),
    )
}

const ENGLISH: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

#[cfg(test)]
mod tests {
    use super::super::testing::{keeps_its_examples, only_flags, silent};
    use super::*;

    #[test]
    fn examples() {
        keeps_its_examples(WrongWeekday);
    }

    #[test]
    fn every_weekday_but_one_is_wrong() {
        for (idx, weekday) in "日一二三四五六".chars().enumerate() {
            let text = format!("民國１９年４月６日　星期{weekday}");
            if idx == 0 { silent(WrongWeekday, &text) } else { only_flags(WrongWeekday, &text) }
        }
        silent(WrongWeekday, "2024年9月1日 星期天");
    }
}

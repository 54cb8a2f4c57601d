use memchr::memmem;

use super::numbers::{self, Number};
use super::{Context, Detector, DetectorMeta, scan};
use crate::finding::{Class, ConfidenceOrigin, Finding, Message, Phase, Safety};
use crate::text::Span;

/// Finds times of day that no clock shows.
#[derive(Clone, Copy, Debug)]
pub struct ImpossibleTime;

static META: DetectorMeta = DetectorMeta {
    id: "number/impossible-time",
    class: Class::Digits,
    phase: Phase::Marks,
    summary: ["不存在的时刻（24:70、25时10分）", "a time that does not exist (24:70, 25时10分)"],
    why: [
        "时刻里有一个数字读错或多读了；单从文字看不出是哪一个",
        "A digit of the time was misread or doubled; the text alone does not say which",
    ],
    silent: [
        "比分（95:88）、比例（1:100）、章节、经文、用时（历时25时10分）；前后看不出是时刻的一律不管；24时、24:00",
        "Scores (95:88), ratios (1:100), chapter and verse, durations; anything that nothing shows to be a time; 24时, 24:00",
    ],
    trust: ["只标出，从不改动", "Flagged, never changed"],
    sources: &["GB/T 7408, 24 hours of 60 minutes"],
    bad: &[
        ("末班车的时间是24:70。", "末班车的时间是24:70。"),
        ("上午8:30—17:80开放", "上午8:30—17:80开放"),
        ("9月2日15时75分到站", "9月2日15时75分到站"),
        ("定于25时10分起飞", "定于25时10分起飞"),
    ],
    good: &[
        "比赛时间9月2日，以95:88获胜",
        "下午24:00，24时00分，23:59",
        "比例为1:100",
        "21:85落后",
        "历时25时10分",
        "用时31时20分",
        "按1:75配制，早晚各一次",
        "《约翰福音》12:65",
    ],
};

/// Words right before a time of day.
const BEFORE: [&str; 22] = [
    "上午",
    "下午",
    "凌晨",
    "早上",
    "早晨",
    "清晨",
    "中午",
    "晚上",
    "晚间",
    "傍晚",
    "夜间",
    "深夜",
    "今晚",
    "昨晚",
    "明晚",
    "当晚",
    "今早",
    "时间",
    "时间是",
    "时间为",
    "时间：",
    "时间:",
];

impl Detector for ImpossibleTime {
    fn meta(&self) -> &'static DetectorMeta {
        &META
    }

    fn detect(&self, context: &Context<'_>, sink: &mut Vec<Finding>) {
        let text = context.text;
        for colon in [":", "：", "∶"] {
            for at in memmem::find_iter(text.as_bytes(), colon) {
                sink.extend(with_colon(text, at, colon.len()));
            }
        }
        for at in memmem::find_iter(text.as_bytes(), "时").chain(memmem::find_iter(text.as_bytes(), "時")) {
            sink.extend(in_words(text, at));
        }
    }
}

/// Judges `24:70` by its colon of `colon_len` bytes at `at`.
fn with_colon(text: &str, at: usize, colon_len: usize) -> Option<Finding> {
    let (hour, minute) = hour_and_minute(text, at, colon_len)?;
    if is_time(hour, minute) || !(is_said_before(text, hour.start) || ends_a_range(text, hour.start)) {
        return None;
    }
    Some(finding(text, Span::new(hour.start, minute.end)))
}

/// One or two digits, a colon, two digits, and no figure around them.
fn hour_and_minute(text: &str, at: usize, colon_len: usize) -> Option<(Number, Number)> {
    let hour = numbers::ending_at(text, at).filter(|hour| hour.n_digits <= 2)?;
    let minute = numbers::starting_at(text, at + colon_len).filter(|minute| minute.n_digits == 2)?;
    let runs_on = scan::after(text, minute.end).is_some_and(|c| matches!(c, '.' | ':' | '：' | '%' | '％' | '·'));
    let part = scan::before(text, hour.start).is_some_and(|c| matches!(c, '.' | ':' | '：' | '·'));
    (!runs_on && !part).then_some((hour, minute))
}

fn is_time(hour: Number, minute: Number) -> bool {
    hour.value < 24 && minute.value < 60 || hour.value == 24 && minute.value == 0
}

fn is_said_before(text: &str, at: usize) -> bool {
    let before = text[..at].trim_end_matches(' ');
    BEFORE.iter().any(|word| before.ends_with(word))
}

/// True when a possible time and a dash stand right before `at`: the end of
/// opening hours. Scores are not written so.
fn ends_a_range(text: &str, at: usize) -> bool {
    let before = text[..at].trim_end_matches(['-', '—', '–', '~', '～', '至', '到', ' ']);
    if before.len() == at || !before.ends_with(|c| numbers::digit(c).is_some()) {
        return false;
    }
    let Some(minute) = numbers::ending_at(text, before.len()).filter(|minute| minute.n_digits == 2) else { return false };
    let colon = text[..minute.start].chars().next_back().filter(|c| matches!(c, ':' | '：' | '∶'));
    let hour = colon.and_then(|colon| numbers::ending_at(text, minute.start - colon.len_utf8()));
    hour.is_some_and(|hour| hour.n_digits <= 2 && is_time(hour, minute) && is_said_before(text, hour.start))
}

/// Judges `25时10分` by its 时 at `at`.
fn in_words(text: &str, at: usize) -> Option<Finding> {
    let hour = numbers::ending_at(text, at).filter(|hour| hour.n_digits <= 2 && !numbers::goes_on_before(text, hour.start))?;
    let minute = numbers::starting_at(text, at + "时".len()).filter(|minute| minute.n_digits <= 2)?;
    text[minute.end..].strip_prefix('分').filter(|rest| !rest.starts_with(['之', '钟', '鐘', '米']))?;
    let is_duration = text[..hour.start].ends_with(['历', '用', '耗', '共', '为', '需', '差', '过', '時', '时', '天', '計', '计']);
    if is_time(hour, minute) || is_duration {
        return None;
    }
    Some(finding(text, Span::new(hour.start, minute.end + "分".len())))
}

fn finding(text: &str, span: Span) -> Finding {
    let time = span.of(text);
    let message = Message::new(
        format!("没有「{time}」这个时刻；数字读错，请对照原版"),
        format!("there is no time {time}; a figure was misread, compare with the page"),
    );
    Finding::new(META.id, META.class, META.phase, text, span, message).with_trust(Safety::Flagged, 0.9, ConfidenceOrigin::Author)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{keeps_its_examples, only_flags, silent};
    use super::*;

    #[test]
    fn examples() {
        keeps_its_examples(ImpossibleTime);
    }

    #[test]
    fn full_width_and_other_colons() {
        for text in ["今晚２５：３０开演", "下午3∶75", "上午 9:60", "晚上7:00至9:72"] {
            only_flags(ImpossibleTime, text);
        }
    }

    #[test]
    fn silent_about_scores_and_ratios() {
        for text in ["下午以3:75.2的汇率", "上午12:34:75", "小组赛15:21、21:70", "70:66-80:95", "甲乙时70分", "共25时61分"]
        {
            silent(ImpossibleTime, text);
        }
    }
}

use memchr::memmem;

use super::{Context, Detector, DetectorMeta, numbers, scan};
use crate::finding::{Class, ConfidenceOrigin, Evidence, Finding, Message, Phase, Safety};
use crate::text::Span;

/// Finds ages that nobody reaches and ages that do not go with the years
/// beside them.
#[derive(Clone, Copy, Debug)]
pub struct WrongAge;

static META: DetectorMeta = DetectorMeta {
    id: "number/wrong-age",
    class: Class::Digits,
    phase: Phase::Marks,
    summary: [
        "年龄与生卒年份不符，或没有人活到这个岁数",
        "an age that does not go with the years of birth and death, or that nobody reaches",
    ],
    why: [
        "生年、卒年和享年互相印证；不符，就有一个数字读错，或原版就印错",
        "The years of birth and death and the age prove each other; where they disagree one was misread, or misprinted",
    ],
    silent: [
        "周岁、虚岁相差一两岁的，没有写明年份的，树龄、建筑的年岁，约数",
        "A difference of one or two years, which ways of counting explain; ages without years; trees and buildings; approximate ages",
    ],
    trust: ["只标出，从不改动", "Flagged, never changed"],
    sources: &["docs/damage.md: digits and Latin letters; 周岁 and 虚岁"],
    bad: &[
        ("老船工（1912年—1994年）享年32岁。", "老船工（1912年—1994年）享年32岁。"),
        ("他生于1931年，2019年病逝，享年68岁。", "他生于1931年，2019年病逝，享年68岁。"),
        ("老人今年189岁，眼不花耳不聋。", "老人今年189岁，眼不花耳不聋。"),
    ],
    good: &[
        "老船工（1912年—1994年）享年82岁。",
        "他生于1931年，2019年病逝，享年89岁。",
        "村口的银杏今年189岁。",
        "老人今年139岁，眼不花耳不聋。",
        "他生于1931年，2019年立碑，碑文说他享年68岁。",
    ],
};

/// The longest life on record is 122 years; newspapers have reported some more
/// for people whose birth nobody can prove.
const OLDEST: u32 = 150;

/// Years by which a stated age may differ: 虚岁 adds up to two, an unreached
/// birthday takes one.
const FEWER: i64 = 1;
const MORE: i64 = 2;

impl Detector for WrongAge {
    fn meta(&self) -> &'static DetectorMeta {
        &META
    }

    fn detect(&self, context: &Context<'_>, sink: &mut Vec<Finding>) {
        let text = context.text;
        for at in memmem::find_iter(text.as_bytes(), "岁") {
            let Some(age) = numbers::ending_at(text, at).filter(|age| !numbers::goes_on_before(text, age.start)) else { continue };
            let span = Span::new(age.start, at + "岁".len());
            if !text[span.end..].starts_with('月') {
                sink.extend(too_old(text, age.value, span).or_else(|| of_years(text, age.value, span)));
            }
        }
    }
}

/// The clause part right before byte `at`, at most `n_chars` characters.
fn before(text: &str, at: usize, n_chars: usize) -> &str {
    &text[scan::window(text, Span::empty(at), n_chars).start..at]
}

/// An age above that of everybody, of somebody.
fn too_old(text: &str, age: u32, span: Span) -> Option<Finding> {
    let lead = before(text, span.start, 8);
    let of_somebody = ["享年", "终年", "现年", "时年", "年仅", "终年"].iter().any(|word| lead.ends_with(word))
        || lead.ends_with("今年")
            && ["老人", "老汉", "大爷", "大娘", "奶奶", "爷爷", "先生", "女士"].iter().any(|word| lead.contains(word));
    if age <= OLDEST || !of_somebody {
        return None;
    }
    let message = Message::new(
        format!("没有人活到 {age} 岁；数字读错，请对照原版"),
        format!("nobody is {age} years old; a figure was misread, compare with the page"),
    );
    Some(finding(
        text,
        span,
        message,
        Evidence::weighed("oldest", f64::from(OLDEST), "见报的最长寿命不过如此", "no newspaper reports a longer life, in years"),
    ))
}

/// An age at death against the two years told before it in the sentence.
fn of_years(text: &str, age: u32, span: Span) -> Option<Finding> {
    let sentence_start =
        text[..span.start].rfind(['。', '！', '？', '；', '\n']).map_or(0, |at| at + text[at..].chars().next().map_or(1, char::len_utf8));
    let sentence = &text[sentence_start..span.start];
    if !["享年", "终年", "卒年"].iter().any(|word| sentence.ends_with(word)) {
        return None;
    }
    let years = years(text, sentence_start, span.start);
    let [(born, born_span), (died, died_span)] = years[..] else { return None };
    let after_birth = &text[born_span.end..died_span.start];
    let is_life =
        is_range(after_birth) || is_birth(text, sentence_start, born_span, died_span) && is_death(text, died_span.end, span.start);
    let lived = i64::from(died) - i64::from(born);
    let age = i64::from(age);
    if !is_life || lived < 0 || (lived - FEWER..=lived + MORE).contains(&age) {
        return None;
    }
    let message = Message::new(
        format!("{born} 年到 {died} 年是 {lived} 年，与 {age} 岁不符；有一个数字读错，或原版如此，请对照原版"),
        format!("from {born} to {died} are {lived} years, not {age}; a figure was misread or misprinted, compare with the page"),
    );
    let reason = Evidence::weighed("years", lived as f64, format!("{died} − {born}"), format!("{died} − {born}"));
    Some(finding(text, span, message, reason).with_related(born_span, "evidence").with_related(died_span, "evidence"))
}

/// The years of four digits in `from..to`, with 年 behind or in brackets.
fn years(text: &str, from: usize, to: usize) -> Vec<(u32, Span)> {
    let mut found = Vec::new();
    let mut at = from;
    while let Some(start) = text[at..to].find(|c| numbers::digit(c).is_some()).map(|offset| at + offset) {
        let Some(number) = numbers::starting_at(text, start) else {
            at = start + text[start..].chars().take_while(|&c| numbers::digit(c).is_some()).map(char::len_utf8).sum::<usize>();
            continue;
        };
        let is_year = text[number.end..].starts_with(['年', '—', '－', '-', '–', '～', '）', ')']);
        if number.n_digits == 4 && (1700..2200).contains(&number.value) && is_year {
            found.push((number.value, Span::new(number.start, number.end)));
        }
        at = number.end;
    }
    found
}

/// 年— between two years.
fn is_range(between: &str) -> bool {
    let inner = between.trim_matches(|c: char| matches!(c, '年' | ' ' | '月' | '日') || numbers::digit(c).is_some());
    !inner.is_empty() && inner.chars().all(|c| matches!(c, '—' | '－' | '-' | '–' | '～' | '─' | '至'))
}

fn is_birth(text: &str, from: usize, born: Span, died: Span) -> bool {
    text[from..born.start].ends_with("生于") || text[born.end..died.start].chars().take(8).collect::<String>().contains("生")
}

/// True when `from..to` ends in a word for dying, a place at most after it.
fn is_death(text: &str, from: usize, to: usize) -> bool {
    let words = &text[from..to];
    let at = ["逝世", "去世", "病逝", "辞世", "病故", "牺牲", "身亡"].iter().filter_map(|word| Some(words.rfind(word)? + word.len())).max();
    at.is_some_and(|at| words[at..].chars().count() <= 8 && !words[at..].contains('的'))
}

fn finding(text: &str, span: Span, message: Message, reason: Evidence) -> Finding {
    Finding::new(META.id, META.class, META.phase, text, span, message).with_evidence(reason).with_trust(
        Safety::Flagged,
        0.85,
        ConfidenceOrigin::Author,
    )
}

#[cfg(test)]
mod tests {
    use super::super::testing::{keeps_its_examples, only_flags, silent};
    use super::*;

    #[test]
    fn examples() {
        keeps_its_examples(WrongAge);
    }

    #[test]
    fn ways_of_counting_are_no_error() {
        for age in 81..=84 {
            silent(WrongAge, &format!("老船工生于1912年3月，1994年去世，享年{age}岁。"));
        }
        for age in [18, 80, 85, 28] {
            only_flags(WrongAge, &format!("老船工生于1912年3月，1994年去世，享年{age}岁。"));
        }
        only_flags(WrongAge, "老船工（1912—1994）享年２８岁。");
    }

    #[test]
    fn silent_where_the_years_are_others() {
        for text in [
            "他1950年参军，1994年去世，享年80岁。",
            "他生于1912年，1950年参军，1994年去世，享年60岁。",
            "享年82岁。他生于1931年，2019年病逝。",
            "孩子3岁，2019年生，2020年随母亲病逝的外公享年68岁",
            "这座塔现年189年，老树今年1189岁",
        ] {
            silent(WrongAge, text);
        }
    }
}

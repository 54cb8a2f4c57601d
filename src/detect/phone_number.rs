use std::sync::LazyLock;

use regex::Regex;

use super::{Context, Detector, DetectorMeta};
use crate::finding::{Class, ConfidenceOrigin, Edit, Evidence, Finding, Fix, Message, Phase, Safety};
use crate::text::Span;

/// Finds telephone numbers with too few or too many digits, or with letters.
#[derive(Clone, Copy, Debug)]
pub struct PhoneNumber;

static META: DetectorMeta = DetectorMeta {
    id: "number/phone",
    class: Class::Digits,
    phase: Phase::Marks,
    summary: ["电话号码位数不对，或夹有字母", "a telephone number with a wrong number of digits, or with letters in it"],
    why: [
        "手机号码十一位，固定电话是区号加七八位；多一位少一位就拨不通，字母是数字读成的",
        "A mobile number has eleven digits, a fixed one an area code and seven or eight; letters were digits in print",
    ],
    silent: [
        "没有「电话」「热线」「手机」引出的数字、短号、分机号、隐去的号码（138****0000）、外国和旧时的号码",
        "Digits that no word for telephone leads in, short numbers, extensions, masked numbers, foreign and old ones",
    ],
    trust: [
        "位数不对只标出；字母换成数字后号码完整的，建议改动",
        "A wrong count is flagged; a change is suggested where the number is whole with digits for the letters",
    ],
    sources: &["工业和信息化部《电信网编号计划》（2017）"],
    bad: &[
        ("报名请拨打手机1395550123。", "报名请拨打手机1395550123。"),
        ("联系电话：139555501234", "联系电话：139555501234"),
        ("咨询电话：O55O-555O123", "咨询电话：0550-5550123"),
        ("热线电话010-655501234", "热线电话010-655501234"),
        ("手机：l3955550123", "手机：13955550123"),
    ],
    good: &[
        "报名请拨打手机13955550123。",
        "咨询电话：0550-5550123、5550124转8006",
        "热线12345，客服电话95555",
        "电话：400-555-0123，传真（010）65550123",
        "联系电话：139****0123",
        "合同编号1395550123",
        "电话：+1-202-555-0123，电话22334",
    ],
};

/// The word, at most a colon and a bracket, and the number.
static NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(手机号码|手机号|手机|电话号码|电话|热线)(?:是|为)?[：:]?[（(]?([0-9０-９OolI][0-9０-９OolI\-—－（）() ]{5,22})")
        .expect("a test compiles it")
});

impl Detector for PhoneNumber {
    fn meta(&self) -> &'static DetectorMeta {
        &META
    }

    fn detect(&self, context: &Context<'_>, sink: &mut Vec<Finding>) {
        for found in NUMBER.captures_iter(context.text) {
            let (word, number) = (found.get(1).map_or("", |word| word.as_str()), found.get(2));
            sink.extend(number.and_then(|number| judge(context.text, word, number.start(), number.as_str())));
        }
    }
}

/// Judges what follows `word` at byte `at`.
fn judge(text: &str, word: &str, at: usize, number: &str) -> Option<Finding> {
    let number = number.trim_end_matches(|c: char| !c.is_alphanumeric());
    let number = number.split(' ').next().unwrap_or(number);
    let span = Span::new(at, at + number.len());
    // Masked, an extension, a list, a date, letters of a word.
    let goes_on =
        text[span.end..].starts_with(|c: char| c.is_alphanumeric() && !crate::text::is_han(c) || matches!(c, '*' | '＊' | '×' | '.' | '/'));
    if goes_on || number.is_empty() {
        return None;
    }
    let read: Vec<(usize, char)> = number.char_indices().filter(|(_, c)| c.is_alphanumeric()).collect();
    let digits: String = read.iter().map(|&(_, c)| plain(c)).collect();
    let letters: Vec<(usize, char)> = read.iter().copied().filter(|(_, c)| c.is_ascii_alphabetic()).collect();
    let is_whole = is_mobile(&digits) || is_fixed(&digits, number);
    if !letters.is_empty() {
        return (3 * letters.len() < read.len() + 3 && read.len() >= 7).then(|| with_letters(text, span, &letters, is_whole));
    }
    let mobile_like =
        digits.starts_with('1') && !digits[1..].starts_with(['0', '1', '2']) && !number.contains(|c: char| !c.is_alphanumeric());
    let is_wrong = match digits.len() {
        10 | 12 | 13 => mobile_like,
        _ if word.starts_with("手机") => mobile_like && digits.len() == 9,
        _ => false,
    } || has_wrong_local(number);
    if is_wrong && !is_whole {
        let n = digits.len();
        let message = Message::new(
            format!("电话号码「{number}」有 {n} 位数字，多读或漏读了；请对照原版"),
            format!("the telephone number 「{number}」 has {n} digits, one was added or lost; compare with the page"),
        );
        return Some(
            Finding::new(META.id, META.class, META.phase, text, span, message)
                .with_evidence(Evidence::weighed(
                    "digits",
                    n as f64,
                    "手机十一位；区号三四位加七八位",
                    "a mobile number has 11; an area code 3 or 4, and 7 or 8 more",
                ))
                .with_trust(Safety::Flagged, 0.85, ConfidenceOrigin::Author),
        );
    }
    None
}

/// The digit that `c` is or was.
fn plain(c: char) -> char {
    match c {
        'O' | 'o' => '0',
        'l' | 'I' => '1',
        _ => super::numbers::digit(c).and_then(|digit| char::from_digit(digit, 10)).unwrap_or(c),
    }
}

fn is_mobile(digits: &str) -> bool {
    digits.len() == 11 && digits.starts_with('1') && !digits[1..].starts_with(['0', '1', '2'])
}

/// An area code with seven or eight more, a number without one, or one of the
/// services of ten digits.
fn is_fixed(digits: &str, number: &str) -> bool {
    let has_parts = number.contains(|c: char| !c.is_alphanumeric());
    match digits.len() {
        10 if digits.starts_with("400") || digits.starts_with("800") => true,
        10..=12 => digits.starts_with('0') && !has_wrong_local(number),
        7 | 8 => !has_parts || !digits.starts_with('0'),
        _ => false,
    }
}

/// True for `010-655501234`: an area code and more than eight digits. Fewer
/// were common once.
fn has_wrong_local(number: &str) -> bool {
    let parts: Vec<String> = number
        .split(|c: char| !c.is_alphanumeric())
        .filter(|part| !part.is_empty())
        .map(|part| part.chars().map(plain).collect())
        .collect();
    let [code, local] = &parts[..] else { return false };
    let is_code =
        code.starts_with('0') && (code.len() == 3 && code.starts_with(['0']) && code[1..].starts_with(['1', '2']) || code.len() == 4);
    is_code && (9..=10).contains(&local.len())
}

/// The finding for a number with letters.
fn with_letters(text: &str, span: Span, letters: &[(usize, char)], is_whole: bool) -> Finding {
    let number = span.of(text);
    let message = Message::new(
        format!("电话号码「{number}」里夹有字母，是数字读成的；请对照原版"),
        format!("the telephone number 「{number}」 has letters in it, which were digits in print; compare with the page"),
    );
    let finding = Finding::new(META.id, META.class, META.phase, text, span, message);
    if !is_whole {
        return finding.with_trust(Safety::Flagged, 0.85, ConfidenceOrigin::Author);
    }
    let edits = letters
        .iter()
        .map(|&(at, c)| Edit::replacement(Span::new(span.start + at, span.start + at + c.len_utf8()), plain(c).to_string()))
        .collect();
    finding
        .with_fix(Fix::many(Message::new("字母改为数字", "Digits for the letters"), edits))
        .with_evidence(Evidence::said("whole-number", "改后位数正好", "with digits the number is whole"))
        .with_trust(Safety::Suggested, 0.9, ConfidenceOrigin::Author)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{keeps_its_examples, only_flags, silent};
    use super::*;

    #[test]
    fn examples() {
        keeps_its_examples(PhoneNumber);
    }

    #[test]
    fn counts_whatever_the_width() {
        only_flags(PhoneNumber, "手机：１３９５５５５０１２");
        silent(PhoneNumber, "手机：１３９５５５５０１２３");
        only_flags(PhoneNumber, "电话：（0550）555501234");
    }

    #[test]
    fn silent_about_other_numbers() {
        for text in [
            "电话：0550-555012",
            "热线：96555 网址：www.example.org",
            "电话：5550123（白天）5550124（夜间）",
            "手机银行2024年推出",
            "电话I期工程2024-2026年完工",
            "电话号码升至8位",
            "电话：13955550123/13955550124",
        ] {
            silent(PhoneNumber, text);
        }
    }
}

use super::amounts::{self, Amount};
use super::{Context, Detector, DetectorMeta};
use crate::finding::{Class, ConfidenceOrigin, Evidence, Finding, Message, Phase, Safety};

/// Finds percentages that are not those of the figures they come from.
#[derive(Clone, Copy, Debug)]
pub struct WrongRatio;

static META: DetectorMeta = DetectorMeta {
    id: "number/wrong-ratio",
    class: Class::Digits,
    phase: Phase::Marks,
    summary: ["百分比与它所由算出的数不符", "a percentage that is not the one of the figures beside it"],
    why: [
        "「由……增加到……，增长……%」「共……，……占……%」三个数互相印证；不符，就有一个读错，或原版就算错",
        "Two figures and the percentage made of them prove each other; where they disagree one was misread, or misprinted",
    ],
    silent: [
        "约数、年均增长、同比（基数不在文中）、百分点、单位不同的、可由四舍五入解释的",
        "Approximate figures, yearly means, growth over a base that is not told, percentage points, other units, what rounding explains",
    ],
    trust: [
        "只标出，从不改动：三个数里哪一个错，单看这里不能知道",
        "Flagged, never changed: which of the three is wrong cannot be told here",
    ],
    sources: &["arithmetic"],
    bad: &[
        ("藏书由20万册增加到30万册，增长80%。", "藏书由20万册增加到30万册，增长80%。"),
        ("全村共有240户，其中60户装了太阳能，占35%。", "全村共有240户，其中60户装了太阳能，占35%。"),
        ("客流从1250人次下降到1000人次，下降了30％。", "客流从1250人次下降到1000人次，下降了30％。"),
    ],
    good: &[
        "藏书由20万册增加到30万册，增长50%。",
        "全村共有240户，其中60户装了太阳能，占25%。",
        "客流从1250人次下降到1000人次，下降了20％。",
        "藏书由20万册增加到30万册，年均增长8%。",
        "藏书由近20万册增加到30万册，增长80%。",
        "产值由2.1亿元增加到3.4亿元，增长62%。",
    ],
};

impl Detector for WrongRatio {
    fn meta(&self) -> &'static DetectorMeta {
        &META
    }

    fn detect(&self, context: &Context<'_>, sink: &mut Vec<Finding>) {
        let text = context.text;
        for sentence in amounts::sentences(text) {
            let words = sentence.of(text);
            if !words.contains(['%', '％', '倍']) {
                continue;
            }
            let all = amounts::all(text, sentence);
            for three in all.windows(3) {
                let Some([first, second, ratio]) = three.first_chunk() else { continue };
                let is_exact = three.iter().all(|amount| !amount.is_vague) && first.unit == second.unit && !first.unit.is_empty();
                if is_exact && first.unit != "%" && first.value() > 0.0 {
                    let stated = growth(text, sentence.start, first, second, ratio).or_else(|| share(text, first, second, ratio));
                    sink.extend(stated.and_then(|stated| judge(text, first, second, ratio, &stated)));
                }
            }
        }
    }
}

/// What a percentage is said to be.
struct Stated {
    /// The least and the greatest that the figures allow.
    range: (f64, f64),
    /// The formula, for the reader.
    formula: String,
}

/// The values that a printed figure may have been rounded from.
fn range_of(amount: &Amount<'_>) -> (f64, f64) {
    // Round figures are rounded to more than their last digit.
    let (value, half) = (amount.value(), 0.5 * amount.step());
    (value - half, value + half)
}

/// 由 A 增加到 B，增长 Z: when that is what stands here, what Z should be.
fn growth(text: &str, from: usize, first: &Amount<'_>, second: &Amount<'_>, ratio: &Amount<'_>) -> Option<Stated> {
    let opening = last_chars(&text[from..first.span.start], 16);
    let middle = &text[first.span.end..second.span.start];
    let closing = &text[second.span.end..ratio.span.start];
    let rises = ["增", "升", "提高", "扩大", "上涨", "发展"];
    let falls = ["减", "降", "下跌", "缩小"];
    let any = |words: &[&str], place: &str| words.iter().any(|word| place.contains(word));
    let opens = opening.rsplit(['由', '从']).next().is_some_and(|after| after.len() < opening.len() && !after.contains(is_digit));
    let opens = opens && middle.chars().count() <= 14;
    let leads = middle.ends_with(['到', '至', '为']) || ["到", "至", "为"].iter().any(|word| last_chars(middle, 6).contains(word));
    let other_base = ["均", "每", "同比", "比", "平均", "连续", "其中", "分别", "、", "占", "累计", "翻"];
    if !opens
        || !leads
        || closing.chars().count() > 10
        || any(&other_base, closing)
        || any(&other_base, middle)
        || middle.contains(['；', '，'])
    {
        return None;
    }
    let (a, b) = (range_of(first), range_of(second));
    let unit = if ratio.unit == "%" { 100.0 } else { 1.0 };
    let up = any(&rises, middle) && any(&["增长", "增加", "上升", "提高", "增幅", "上涨"], closing);
    let down = any(&falls, middle) && any(&["减少", "下降", "降低", "降幅", "下跌"], closing);
    let formula = |zh: &str| format!("({} {zh} {}) / {}", second.span.of(text), first.span.of(text), first.span.of(text));
    match ratio.unit {
        "%" | "倍" if up && second.value() > first.value() => {
            Some(Stated { range: (unit * (b.0 / a.1 - 1.0), unit * (b.1 / a.0.max(f64::MIN_POSITIVE) - 1.0)), formula: formula("−") })
        }
        "%" if down && second.value() < first.value() => Some(Stated {
            range: (unit * (1.0 - b.1 / a.0.max(f64::MIN_POSITIVE)), unit * (1.0 - b.0 / a.1)),
            formula: format!("({0} − {1}) / {0}", first.span.of(text), second.span.of(text)),
        }),
        _ => None,
    }
}

/// 共 A，其中 B，占 Z: when that is what stands here, what Z should be.
fn share(text: &str, whole: &Amount<'_>, part: &Amount<'_>, ratio: &Amount<'_>) -> Option<Stated> {
    let opening = amounts::han_before(text, whole.span.start, 4);
    let middle = &text[whole.span.end..part.span.start];
    let closing = &text[part.span.end..ratio.span.start];
    let is_total = opening.contains('共') || opening.contains('总');
    let leads =
        (middle.starts_with("，其中") || middle.starts_with(",其中")) && middle.chars().count() <= 12 && !middle.contains(['、', '%']);
    let after = closing.rsplit_once('占').map(|(before, after)| (before, after.trim_start_matches(['了', '到', '比', '为'])));
    let of_total = after.is_some_and(|(before, after)| {
        let of_all = ["", "总数的", "总数", "全部的", "总人数的", "总户数的", "总量的", "总额的"].contains(&after);
        of_all && before.chars().count() <= 12 && !before.contains(['、', '；'])
    });
    if ratio.unit != "%" || !is_total || !leads || !of_total || part.value() > whole.value() {
        return None;
    }
    let (a, b) = (range_of(whole), range_of(part));
    let formula = format!("{} / {}", part.span.of(text), whole.span.of(text));
    Some(Stated { range: (100.0 * b.0 / a.1, 100.0 * b.1 / a.0.max(f64::MIN_POSITIVE)), formula })
}

fn is_digit(c: char) -> bool {
    super::numbers::digit(c).is_some()
}

/// The last `n` characters of `text`.
fn last_chars(text: &str, n: usize) -> &str {
    text.char_indices().rev().nth(n - 1).map_or(text, |(at, _)| &text[at..])
}

/// Compares the percentage with what it should be.
fn judge(text: &str, first: &Amount<'_>, second: &Amount<'_>, ratio: &Amount<'_>, stated: &Stated) -> Option<Finding> {
    let (least, greatest) = stated.range;
    // Writers cut as well as they round, and say 倍 loosely.
    let step = ratio.step().max(1e-9);
    let slack = step + 0.01 * ratio.value() + if ratio.unit == "倍" { 1.0 } else { 0.0 };
    if !least.is_finite() || !greatest.is_finite() || ratio.value() >= least - slack && ratio.value() <= greatest + slack {
        return None;
    }
    let middle = (least + greatest) / 2.0;
    let rounded = (middle * 10.0).round() / 10.0;
    let unit = if ratio.unit == "%" { "%" } else { "倍" };
    let said = ratio.span.of(text);
    let formula = &stated.formula;
    let message = Message::new(
        format!("按前面的数算，这里约为 {rounded}{unit}，不是 {said}；有一个数读错，或原版如此，请对照原版"),
        format!("the figures before give about {rounded}{unit}, not {said}; one was misread or misprinted, compare with the page"),
    );
    Some(
        Finding::new(META.id, META.class, META.phase, text, ratio.span, message)
            .with_evidence(Evidence::weighed("ratio", rounded, formula.clone(), formula.clone()))
            .with_related(first.span, "evidence")
            .with_related(second.span, "evidence")
            .with_trust(Safety::Flagged, 0.85, ConfidenceOrigin::Author),
    )
}

#[cfg(test)]
mod tests {
    use super::super::testing::{keeps_its_examples, made, only_flags, silent};
    use super::*;

    #[test]
    fn examples() {
        keeps_its_examples(WrongRatio);
    }

    #[test]
    fn tells_what_the_figures_give() {
        let made = made(Box::new(WrongRatio), "门店由８０家增加到１００家，增长３５％。", Safety::Suggested);
        assert_eq!(made.problems.len(), 1);
        assert_eq!(made.problems[0].observed, "３５％");
        assert!(made.problems[0].message.zh.contains("25%"), "{}", made.problems[0].message.zh);
        assert_eq!(made.problems[0].related.len(), 2);
    }

    #[test]
    fn multiples_are_told_loosely() {
        silent(WrongRatio, "门店由20家增加到60家，增长2倍。");
        silent(WrongRatio, "门店由20家增加到60家，增长了3倍。");
        only_flags(WrongRatio, "门店由20家增加到60家，增长8倍。");
    }

    #[test]
    fn silent_about_other_bases() {
        for text in [
            "门店由80家增加到100家，同比增长35%。",
            "门店由80家、职工90人增加到100人，增长35%。",
            "门店由80家增加到100家，其中新区增长35%。",
            "共有240户，其中60户搬迁，占贫困户的75%。",
            "产量由80吨增加到100吨，利润增长35倍多。",
        ] {
            silent(WrongRatio, text);
        }
    }
}

use super::amounts::{self, Amount};
use super::{Context, Detector, DetectorMeta};
use crate::finding::{Class, ConfidenceOrigin, Edit, Evidence, Finding, Fix, Message, Phase, Safety};
use crate::text::Span;

/// Finds totals that are not the sum of their items.
#[derive(Clone, Copy, Debug)]
pub struct WrongSum;

static META: DetectorMeta = DetectorMeta {
    id: "number/wrong-sum",
    class: Class::Digits,
    phase: Phase::Marks,
    summary: ["分项之和与总数不符，或其中一项大于总数", "items that do not sum to their total, or an item above the total"],
    why: [
        "「共……，其中男……、女……」「甲……、乙……，共计……」互相印证；不符，就有一个数读错，或原版就印错",
        "A total and all of its items prove each other; where they disagree one was misread, or misprinted",
    ],
    silent: [
        "约数、单位不同的、未列全的分项、跨句的、「其中」之后又另起一事的",
        "Approximate figures, other units, items that are not the whole, other sentences",
    ],
    trust: [
        "只标出；改一个形近数字便相符、而且改后的数在全文别处另有记载时，建议改动",
        "Flagged; a change is suggested where one look-alike digit makes the sum right and the new figure stands elsewhere in the text",
    ],
    sources: &["arithmetic"],
    bad: &[
        ("全班共有46人，其中男生26人，女生28人。", "全班共有46人，其中男生26人，女生28人。"),
        ("东村12户、西村25户、北村9户，共计48户。", "东村12户、西村25户、北村9户，共计48户。"),
        ("今年投资30亿元，其中技改投资42亿元。", "今年投资30亿元，其中技改投资42亿元。"),
        (
            "报名46人，结业45人。全班共有46人，其中男生26人，女生28人。女生的28人里有4人来自外地。男生26人。",
            "报名46人，结业45人。全班共有46人，其中男生26人，女生28人。女生的28人里有4人来自外地。男生26人。",
        ),
        ("男生18人坐东边。全班共有46人，其中男生16人，女生28人。", "男生18人坐东边。全班共有46人，其中男生18人，女生28人。"),
    ],
    good: &[
        "全班共有46人，其中男生18人，女生28人。",
        "东村12户、西村25户、北村9户，共计46户。",
        "今年投资30亿元，其中技改投资12亿元。",
        "共有46人，其中男生近20人，女生28人。",
        "东村12户、西村25户，共计收入48万元。",
        "共种树300棵，其中杨树120棵、柳树90棵。",
    ],
};

/// Words that a total follows.
const TOTALS: [&str; 6] = ["共计", "总计", "合计", "一共", "总共", "共"];

/// Characters between such a word and its figure.
const TO_FIGURE: usize = 4;

impl Detector for WrongSum {
    fn meta(&self) -> &'static DetectorMeta {
        &META
    }

    fn detect(&self, context: &Context<'_>, sink: &mut Vec<Finding>) {
        let text = context.text;
        for sentence in amounts::sentences(text) {
            let words = sentence.of(text);
            if !words.contains('共') && !words.contains('计') && !words.contains("其中") {
                continue;
            }
            let all = amounts::all(text, sentence);
            for total in 0..all.len() {
                let before = items_before(text, &all, total);
                let after = if before.is_empty() { halves_after(text, &all, total) } else { Vec::new() };
                let items = if before.is_empty() { after } else { before };
                if items.len() >= 2 {
                    sink.extend(judge(text, &all[total], &items));
                }
                sink.extend(greater_part(text, &all, total));
            }
        }
    }
}

/// True when `amount` is said to be a total.
fn is_total(text: &str, amount: &Amount<'_>) -> bool {
    let before = text[..amount.span.start].trim_end_matches(['有', '为', '达', '是', '到', '了']);
    let near = amounts::han_before(text, before.len(), TO_FIGURE);
    !amount.is_vague && TOTALS.iter().any(|word| near.ends_with(word)) && !near.ends_with("公共") && !near.ends_with("中共")
}

/// The items that the total at `idx` sums up: the quantities of its unit right
/// before it, set apart by 、 alone.
fn items_before<'t>(text: &str, all: &[Amount<'t>], idx: usize) -> Vec<Amount<'t>> {
    let total = &all[idx];
    if total.unit.is_empty() || total.unit == "%" || !is_total(text, total) {
        return Vec::new();
    }
    let mut items: Vec<Amount<'t>> = Vec::new();
    for item in all[..idx].iter().rev() {
        let next = items.last().map_or(total.span.start, |next| next.span.start);
        let between = &text[item.span.end..next];
        let is_list = match items.last() {
            None => {
                let clause = between.trim_start_matches(['，', ',']);
                clause.len() < between.len() && clause.chars().count() <= TO_FIGURE + 4 && !clause.contains(['，', '、'])
            }
            Some(_) => between.contains('、') && !between.contains(['，', '：']) && between.chars().count() <= 12,
        };
        if !is_list || item.unit != total.unit || item.is_vague {
            // What else the list has is not known to be left out.
            let goes_on = is_list && !items.is_empty();
            return if goes_on { Vec::new() } else { items };
        }
        items.push(*item);
    }
    items
}

/// The two halves after the total at `idx`: men and women, of its unit.
fn halves_after<'t>(text: &str, all: &[Amount<'t>], idx: usize) -> Vec<Amount<'t>> {
    let total = &all[idx];
    let Some([first, second]) = all.get(idx + 1..idx + 3) else { return Vec::new() };
    let start_of = |amount: &Amount<'_>, from: usize| text[from..amount.span.start].to_owned();
    let (before_first, before_second) = (start_of(first, total.span.end), start_of(second, first.span.end));
    let fits = |words: &str, sex: char, max: usize| words.contains(sex) && words.chars().count() <= max;
    let is_pair =
        fits(&before_first, '男', 10) && fits(&before_second, '女', 8) || fits(&before_first, '女', 10) && fits(&before_second, '男', 8);
    // 男孩、女孩 and 男、女青年 may be parts of the people in question.
    let is_whole = before_first.starts_with(['，', ',', '（', '(']) && !before_first.contains("孩");
    let same_unit = [first, second].iter().all(|item| item.unit == total.unit && !item.is_vague);
    if is_pair && is_whole && same_unit && is_total(text, total) { vec![*first, *second] } else { Vec::new() }
}

/// Compares the sum of `items` with `total`.
fn judge(text: &str, total: &Amount<'_>, items: &[Amount<'_>]) -> Option<Finding> {
    let sum: f64 = items.iter().map(Amount::value).sum();
    let rounding = rounding(total, items);
    if (sum - total.value()).abs() <= rounding {
        return None;
    }
    let list = items.iter().map(|item| item.span.of(text)).collect::<Vec<_>>().join("＋");
    let said = total.span.of(text);
    let message = Message::new(
        format!("分项之和不等于总数 {said}；有一个数读错，或原版如此，请对照原版"),
        format!("the items do not sum to {said}; a figure was misread or misprinted, compare with the page"),
    );
    let hull = items.iter().fold(total.span, |hull, item| hull.hull(item.span));
    let mut finding = Finding::new(META.id, META.class, META.phase, text, hull, message)
        .with_evidence(Evidence::weighed(
            "sum",
            sum / unit_of(total),
            format!("{list} 之和"),
            format!("sum of {list}, in the unit of the total"),
        ))
        .with_trust(Safety::Flagged, 0.9, ConfidenceOrigin::Author);
    let mut proven = proven(text, total, items, hull);
    if let (Some((amount, figure)), None) = (proven.next(), proven.next()) {
        let read = amount.written(text);
        let title = Message::new(format!("改为「{figure}」"), format!("Change to 「{figure}」"));
        finding = finding
            .with_fix(Fix::one(title, Edit::replacement(amount.figure, figure.clone())))
            .with_evidence(Evidence::said(
                "repeated-figure",
                format!("「{read}」读作「{figure}」则总数相符，{figure}{} 在本文别处另有记载", amount.unit),
                format!("with 「{figure}」 for 「{read}」 the sum is right, and {figure}{} stands elsewhere in the text", amount.unit),
            ))
            .with_trust(Safety::Suggested, 0.85, ConfidenceOrigin::Author);
    }
    Some(finding)
}

/// How much a sum may differ for rounding alone.
fn rounding(total: &Amount<'_>, items: &[Amount<'_>]) -> f64 {
    let half = |amount: &Amount<'_>| if amount.step() == 1.0 { 0.0 } else { 0.51 * amount.step() };
    half(total) + items.iter().map(half).sum::<f64>() + 1e-9 * total.value()
}

/// 万 or 亿 of the total, so that sums are told in it.
fn unit_of(total: &Amount<'_>) -> f64 {
    total.step() * 10_f64.powi(total.n_decimals as i32)
}

/// The changes of one digit that make the sum right and give a figure which
/// stands, with its unit, outside of `hull`.
fn proven<'a>(
    text: &'a str,
    total: &'a Amount<'a>,
    items: &'a [Amount<'a>],
    hull: Span,
) -> impl Iterator<Item = (&'a Amount<'a>, String)> + 'a {
    let sum: f64 = items.iter().map(Amount::value).sum();
    let rounding = rounding(total, items);
    items.iter().chain(std::iter::once(total)).flat_map(move |amount| {
        let wanted = if std::ptr::eq(amount, total) { sum } else { amount.value() + total.value() - sum };
        amount
            .misread_from(text)
            .into_iter()
            .filter(move |(_, value)| (value - wanted).abs() <= rounding)
            .filter(move |(figure, _)| stands_elsewhere(text, figure, amount, hull))
            .map(move |(figure, _)| (amount, figure))
    })
}

/// True when `figure` with the 万 or 亿 and the unit of `amount` stands outside
/// of `hull` as a quantity of its own.
fn stands_elsewhere(text: &str, figure: &str, amount: &Amount<'_>, hull: Span) -> bool {
    let wanted = format!("{figure}{}", &text[amount.figure.end..amount.span.end]);
    text.match_indices(&wanted).any(|(at, _)| {
        let is_whole = !text[..at].ends_with(|c: char| c.is_numeric() || matches!(c, '.' | '．' | ','));
        is_whole && !Span::new(at, at + wanted.len()).overlaps(hull)
    })
}

/// The quantity right after 其中 when it is greater than the one right before,
/// of which it is a part.
fn greater_part(text: &str, all: &[Amount<'_>], idx: usize) -> Option<Finding> {
    let (whole, part) = (&all[idx], all.get(idx + 1)?);
    let between = &text[whole.span.end..part.span.start];
    let clause = between.strip_prefix(['，', ',', '（', '('])?.strip_prefix("其中")?;
    let is_part = whole.unit == part.unit && !whole.unit.is_empty() && !matches!(whole.unit, "%" | "岁" | "年" | "次" | "倍");
    let is_short = clause.chars().count() <= 10 && !clause.contains(['，', '比', '每', '最', '增', '高', '低', '长', '第']);
    let lead = &text[super::scan::window(text, Span::empty(whole.span.start), 12).start..whole.span.start];
    // 单产, 均价 are no wholes.
    if lead.contains(['均', '单', '每', '价']) || clause.contains(['均', '单', '价']) {
        return None;
    }
    if !is_part || !is_short || whole.is_vague || part.is_vague || part.value() <= whole.value() {
        return None;
    }
    let (a, b) = (part.span.of(text), whole.span.of(text));
    let message = Message::new(
        format!("「其中」的 {a} 大于总数 {b}；有一个数读错，或原版如此，请对照原版"),
        format!("the part, {a}, is more than the whole, {b}; a figure was misread or misprinted, compare with the page"),
    );
    Some(
        Finding::new(META.id, META.class, META.phase, text, whole.span.hull(part.span), message)
            .with_evidence(Evidence::said("part-of-whole", format!("{a} > {b}"), format!("{a} > {b}")))
            .with_trust(Safety::Flagged, 0.85, ConfidenceOrigin::Author),
    )
}

#[cfg(test)]
mod tests {
    use super::super::testing::{keeps_its_examples, made, only_flags, silent};
    use super::*;

    #[test]
    fn examples() {
        keeps_its_examples(WrongSum);
    }

    #[test]
    fn a_change_needs_the_sum_and_the_figure_elsewhere() {
        let text = "甲厂产煤１２０吨。乙厂１２０吨、丙厂６０吨，共计１００吨，丙厂６０吨。";
        // 180 is not one look-alike digit away from 100 with a mention elsewhere.
        only_flags(WrongSum, text);
        let made = made(Box::new(WrongSum), "乙厂１２０吨、丙厂６０吨，共计１３０吨。两厂的１８０吨已运走。", Safety::Suggested);
        assert_eq!(made.text, "乙厂１２０吨、丙厂６０吨，共计１８０吨。两厂的１８０吨已运走。");
        assert_eq!(made.problems[0].safety, Safety::Suggested);
    }

    #[test]
    fn rounding_is_no_error() {
        silent(WrongSum, "东线1.26亿元、西线2.35亿元，共计3.6亿元。");
        only_flags(WrongSum, "东线1.26亿元、西线2.35亿元，共计3.9亿元。");
    }

    #[test]
    fn silent_where_the_list_is_not_the_whole() {
        for text in [
            "投资300万元，种树20棵、修渠5条，共投工600个。",
            "东村等12户、西村25户，另有3家，共计48户。",
            "产煤30吨，其中最高日产42吨。",
            "平均亩产375公斤，其中东村亩产399公斤。",
            "谷子单产375公斤，其中东村单产399公斤。",
            "公共汽车12辆、卡车5辆，公共设施30个。",
            "参赛46人，其中男选手比去年多60人。",
        ] {
            silent(WrongSum, text);
        }
    }
}

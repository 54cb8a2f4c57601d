use super::{Context, Detector, DetectorMeta, numbers, scan};
use crate::finding::{Class, ConfidenceOrigin, Evidence, Finding, Message, Phase, Safety};
use crate::text::Span;

/// Finds lists of shares that cannot sum to what they sum to.
#[derive(Clone, Copy, Debug)]
pub struct PercentageSum;

static META: DetectorMeta = DetectorMeta {
    id: "number/percentage-sum",
    class: Class::Digits,
    phase: Phase::Marks,
    summary: ["各项占比之和不是100%，补上一个小数点便是", "shares that do not sum to 100%, but would with a decimal point"],
    why: [
        "小数点小，最易漏读：34.7% 读成 347%；一组占比之和应为100%，能看出漏了一个，未必看得出别的",
        "The decimal point is small and easily lost: 34.7% becomes 347%; shares of a whole sum to 100%, which shows that one is missing",
    ],
    silent: [
        "增长率、不足三项的、有「其中」等交叉项的、补小数点也不等于100%的",
        "Growth rates, fewer than three shares, overlapping ones, lists that no decimal point brings to 100%",
    ],
    trust: [
        "只标出并列出可能，从不改动：也可能另有一处读错",
        "Flagged with what would fit, never changed: another figure may be wrong as well",
    ],
    sources: &["docs/damage.md: digits and Latin letters"],
    bad: &[
        ("受访的家长中，赞成的占62.5%，反对的占311%，没有意见的占6.4%。", "受访的家长中，赞成的占62.5%，反对的占311%，没有意见的占6.4%。"),
        ("甲类占25.5％，乙类占40.1％，丙类占344％。", "甲类占25.5％，乙类占40.1％，丙类占344％。"),
        ("甲占625%，乙占311%，丙占64%。", "甲占625%，乙占311%，丙占64%。"),
    ],
    good: &[
        "赞成的占62.5%，反对的占31.1%，没有意见的占6.4%。",
        "产量增长311%，产值增长62.5%，利润增长6.4%。",
        "甲占62.5%，乙占311%。",
        "债务占311%，出口占62.5%，进口占26%。",
        "男性占48%，其中老人占12%，儿童占9%。",
    ],
};

/// Fewer shares sum to 100 by accident.
const MIN_SHARES: usize = 3;
/// More than a sentence of a report has.
const MAX_SHARES: usize = 24;
/// Rounding of the shares, in hundredths of a percent.
const ROUNDING: u32 = 15;
const WHOLE: u32 = 10_000;

/// One `占31.1%`, in hundredths of a percent.
#[derive(Clone, Copy)]
struct Share {
    value: u32,
    n_decimals: usize,
    span: Span,
}

impl Detector for PercentageSum {
    fn meta(&self) -> &'static DetectorMeta {
        &META
    }

    fn detect(&self, context: &Context<'_>, sink: &mut Vec<Finding>) {
        let text = context.text;
        let mut shares: Vec<Share> = Vec::new();
        for at in percent_signs(text) {
            let Some(share) = share(text, at) else { continue };
            let goes_on = shares.last().is_some_and(|last| is_one_list(text, last.span.end, share.span.start)) && shares.len() < MAX_SHARES;
            if !goes_on {
                sink.extend(judge(text, &shares));
                shares.clear();
            }
            shares.push(share);
        }
        sink.extend(judge(text, &shares));
    }
}

/// The places of `%` and `％`, in order.
fn percent_signs(text: &str) -> impl Iterator<Item = usize> + '_ {
    // ％ is EF BC 85; 0x85 is rare as a last byte of other characters.
    memchr::memchr2_iter(b'%', 0x85, text.as_bytes()).filter_map(|at| match text.as_bytes()[at] {
        b'%' => Some(at),
        _ => at.checked_sub(2).filter(|&start| text.as_bytes()[start..].starts_with("％".as_bytes())),
    })
}

/// The share before the sign at `at`: a number up to six digits that 占 (and
/// at most 了, 总数的, 到) stands right before.
fn share(text: &str, at: usize) -> Option<Share> {
    let last = numbers::ending_at(text, at)?;
    let point = scan::before(text, last.start).filter(|c| matches!(c, '.' | '．' | '·'));
    let (value, n_decimals, start) = match point {
        Some(point) => {
            let whole = numbers::ending_at(text, last.start - point.len_utf8())?;
            let scale = match last.n_digits {
                1 => 10,
                2 => 1,
                _ => return None,
            };
            (100 * whole.value + scale * last.value, last.n_digits, whole.start)
        }
        None => (100 * last.value, 0, last.start),
    };
    let before = text[..start].trim_end_matches(['了', '到', '约', '的', '数', '总']);
    let sign_len = scan::after(text, at).map_or(1, char::len_utf8);
    before.ends_with(['占', '佔']).then_some(Share { value, n_decimals, span: Span::new(start, at + sign_len) })
}

/// True when `from..to` stays in one sentence, is short, and does not say that
/// the next share is a part of the last.
fn is_one_list(text: &str, from: usize, to: usize) -> bool {
    const MAX_BYTES: usize = 120;
    let between = text.get(from..to).filter(|between| between.len() <= MAX_BYTES);
    between.is_some_and(|between| {
        !between.contains(['。', '！', '？', '\n', '\r']) && !["其中", "而", "比", "同期"].iter().any(|word| between.contains(word))
    })
}

/// Judges the shares of one list.
fn judge(text: &str, shares: &[Share]) -> Option<Finding> {
    if shares.len() < MIN_SHARES {
        return None;
    }
    let sum: u32 = shares.iter().map(|share| share.value).sum();
    let is_whole = |sum: u32| sum.abs_diff(WHOLE) <= ROUNDING;
    if is_whole(sum) {
        return None;
    }
    let lost_all = shares.iter().all(|share| share.n_decimals == 0) && is_whole(sum / 10) && sum.is_multiple_of(10);
    // 311 for 31.1 among shares with a decimal.
    let n_exact = shares.iter().filter(|share| share.n_decimals > 0).count();
    let mut fitting = shares.iter().filter(|share| {
        share.n_decimals == 0 && share.value >= 1000 && n_exact + 1 >= shares.len() && is_whole(sum - share.value + share.value / 10)
    });
    let one = fitting.next().filter(|_| fitting.next().is_none());
    let figures: Vec<&str> = shares.iter().map(|share| share.span.of(text)).collect();
    let (span, guess) = match one {
        Some(share) => (share.span, with_point(share.span.of(text))),
        None if lost_all => {
            (shares[0].span.hull(shares[shares.len() - 1].span), figures.iter().map(|f| with_point(f)).collect::<Vec<_>>().join("、"))
        }
        None => return None,
    };
    let total = f64::from(sum) / 100.0;
    let message = Message::new(
        format!("各项占比之和为 {total}%，疑漏小数点：读作 {guess} 则合为100%；请对照原版"),
        format!("the shares sum to {total}%; a decimal point may be lost: with {guess} they make 100%. Compare with the page"),
    );
    let mut finding = Finding::new(META.id, META.class, META.phase, text, span, message)
        .with_evidence(Evidence::weighed("sum", total, format!("{} 之和", figures.join("、")), format!("sum of {}", figures.join(", "))))
        .with_trust(Safety::Flagged, 0.9, ConfidenceOrigin::Author);
    for share in shares.iter().filter(|share| !span.contains(share.span)) {
        finding = finding.with_related(share.span, "evidence");
    }
    Some(finding)
}

/// `31.1%` for `311%`.
fn with_point(figure: &str) -> String {
    let digits: Vec<char> = figure.chars().filter(|&c| numbers::digit(c).is_some()).collect();
    let (whole, tenth) = digits.split_at(digits.len().saturating_sub(1));
    format!("{}.{}%", if whole.is_empty() { "0".to_owned() } else { whole.iter().collect() }, tenth.iter().collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{keeps_its_examples, made, silent};
    use super::*;

    #[test]
    fn examples() {
        keeps_its_examples(PercentageSum);
    }

    #[test]
    fn tells_which_figure_would_fit() {
        let made = made(Box::new(PercentageSum), "甲占62.5%，乙占31.1%，丙占64%。", Safety::Suggested);
        assert_eq!(made.problems.len(), 1);
        assert_eq!(made.problems[0].observed, "64%");
        assert!(made.problems[0].message.zh.contains("6.4%"), "{}", made.problems[0].message.zh);
        assert_eq!(made.problems[0].related.len(), 2);
    }

    #[test]
    fn silent_where_nothing_proves_it() {
        for text in [
            "甲占62.5%，乙占31.1%，丙占6%。",
            "甲占30%，乙占30%，丙占30%。",
            "占40%的甲，占35%的乙，占55%的丙",
            "甲占62.5%。乙占311%。丙占6.4%。",
        ] {
            silent(PercentageSum, text);
        }
    }
}

use super::amounts::{self, Amount};
use super::{Context, Detector, DetectorMeta};
use crate::document::Kind;
use crate::finding::{Class, ConfidenceOrigin, Evidence, Finding, Message, Phase, Safety};
use crate::text::Span;

/// Finds figures of a headline that the text below has otherwise.
#[derive(Clone, Copy, Debug)]
pub struct RepeatedFigure;

static META: DetectorMeta = DetectorMeta {
    id: "number/repeated-figure",
    class: Class::Digits,
    phase: Phase::Marks,
    summary: ["标题与正文里同一个数不一致", "a figure that headline and text have differently"],
    why: [
        "标题里的数取自正文；同样的说法、同样的单位，只差一个形近数字、一个小数点或「万」「亿」，必有一处读错",
        "A headline takes its figures from the text; with the same words and unit and one look-alike digit, a point or 万 for 亿 between them, one was misread",
    ],
    silent: [
        "正文里也有标题那个数的、约数、单位或说法不同的、位数少于两位的",
        "Figures that the text has as well, approximate ones, other units or words, single digits",
    ],
    trust: ["只标出两处，从不改动：哪一处读错要看原版", "Both places are shown, nothing is changed: the page says which one is wrong"],
    sources: &["docs/damage.md: digits and Latin letters"],
    bad: &[
        (
            "全市秋粮增产12.8%\n\n本报讯（记者 祁连）据市农业局统计，全市秋粮比去年增产12.6%，是五年来最多的一年。",
            "全市秋粮增产12.8%\n\n本报讯（记者 祁连）据市农业局统计，全市秋粮比去年增产12.6%，是五年来最多的一年。",
        ),
        (
            "新桥投资3.47亿元\n\n本报讯（记者 祁连）城东新桥昨天通车。新桥投资3.47万元，长八百米，双向四车道。",
            "新桥投资3.47亿元\n\n本报讯（记者 祁连）城东新桥昨天通车。新桥投资3.47万元，长八百米，双向四车道。",
        ),
    ],
    good: &[
        "全市秋粮增产12.8%\n\n本报讯（记者 祁连）据市农业局统计，全市秋粮比去年增产12.8%，是五年来最多的一年。",
        "全市秋粮增产12.8%\n\n本报讯（记者 祁连）据市农业局统计，全市秋粮增产12.8%，其中东县增产12.6%，居第一位。",
        "全市秋粮增产12.8%\n\n本报讯（记者 祁连）市农业局昨天说，农户的化肥用量减少12.6%，是五年来最少的一年。",
    ],
};

/// Lines below a headline that are its text: until the next headline, at most.
const MAX_LINES: usize = 60;

/// Characters around a figure that are compared.
const CONTEXT_CHARS: usize = 8;

impl Detector for RepeatedFigure {
    fn meta(&self) -> &'static DetectorMeta {
        &META
    }

    fn detect(&self, context: &Context<'_>, sink: &mut Vec<Finding>) {
        let (text, lines) = (context.text, &context.layout.lines);
        for (idx, line) in lines.iter().enumerate().filter(|(_, line)| line.kind == Kind::Heading) {
            let headline = amounts::all(text, line.span);
            if headline.is_empty() {
                continue;
            }
            let below = lines[idx + 1..].iter().skip_while(|line| matches!(line.kind, Kind::Heading | Kind::Byline));
            let article = below.take_while(|line| line.kind != Kind::Heading).take(MAX_LINES);
            let body: Vec<Amount<'_>> = article
                .filter(|line| matches!(line.kind, Kind::Body | Kind::Caption | Kind::ListItem))
                .flat_map(|line| amounts::all(text, line.span))
                .collect();
            for figure in &headline {
                sink.extend(judge(text, figure, line.span, &body));
            }
        }
    }
}

/// Compares a figure of the headline `line` with those of the text.
fn judge(text: &str, figure: &Amount<'_>, line: Span, body: &[Amount<'_>]) -> Option<Finding> {
    if figure.n_digits < 2 || figure.is_vague || figure.unit.is_empty() || figure.unit == "年" || is_round(text, figure) {
        return None;
    }
    // Elsewhere the text may round, or count in 万 what the headline counts in 亿.
    let is_there = |other: &Amount<'_>| {
        other.equals(figure)
            || other.unit == figure.unit && (other.value() - figure.value()).abs() <= 0.51 * figure.step() && other.step() < figure.step()
    };
    if body.iter().any(is_there) {
        return None;
    }
    let mut other = body.iter().filter(|other| other.unit == figure.unit && !other.is_vague && is_misreading(text, figure, other));
    let one = other.next().filter(|_| other.next().is_none())?;
    let shared = shared_words(text, figure, line, one)?;
    let (a, b) = (figure.span.of(text), one.span.of(text));
    let message = Message::new(
        format!("标题作「{a}」，正文作「{b}」，只差一处形近；必有一处读错，请对照原版"),
        format!("the headline has 「{a}」 and the text 「{b}」, alike but for one place; one was misread, compare with the page"),
    );
    Some(
        Finding::new(META.id, META.class, META.phase, text, one.span, message)
            .with_evidence(Evidence::said(
                "headline",
                format!("两处都说「{shared}」，正文里没有「{a}」"),
                format!("both speak of 「{shared}」, and the text has no 「{a}」"),
            ))
            .with_related(figure.span, "evidence")
            .with_trust(Safety::Flagged, 0.85, ConfidenceOrigin::Author),
    )
}

/// True for 300 and 5000, which a headline has rounded.
fn is_round(text: &str, figure: &Amount<'_>) -> bool {
    figure.n_decimals == 0 && figure.written(text).ends_with(['0', '０'])
}

/// True when one figure may be a misreading of the other: one digit, a lost
/// point, or 万 for 亿.
fn is_misreading(text: &str, a: &Amount<'_>, b: &Amount<'_>) -> bool {
    let (one, other) = (a.written(text), b.written(text));
    let without_point = |figure: &str| figure.replace(['.', '．'], "");
    let magnitude = |amount: &Amount<'_>| text[amount.figure.end..amount.span.end].to_owned();
    if one == other {
        // The same figure with 万 here and 亿 there: three digits are no accident.
        return a.n_digits >= 3 && magnitude(a) != magnitude(b);
    }
    let lost_point = a.n_decimals != b.n_decimals && without_point(one) == without_point(other);
    magnitude(a) == magnitude(b) && (amounts::are_one_digit_apart(one, other) || lost_point)
}

/// Two or more characters right before both figures, or in the headline and
/// near before the other, that say the same.
fn shared_words(text: &str, figure: &Amount<'_>, line: Span, other: &Amount<'_>) -> Option<String> {
    let label = amounts::han_before(text, figure.span.start, 4);
    let label = if text[..figure.span.start].len() - label.len() < line.start { &text[line.start..figure.span.start] } else { label };
    let near = super::scan::window(text, Span::empty(other.span.start), CONTEXT_CHARS);
    let before_other = &text[near.start..other.span.start];
    let tail: String = label.chars().rev().take(2).collect::<Vec<_>>().into_iter().rev().collect();
    (tail.chars().count() == 2 && before_other.contains(&tail)).then_some(tail)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{keeps_its_examples, made, only_flags, silent};
    use super::*;

    const BODY: &str = "本报讯（记者 祁连）据市交通局统计，今年前五个月，轮渡的客流同比增长{}，是开航以来最多的一年，下半年还要添两条船。";

    #[test]
    fn examples() {
        keeps_its_examples(RepeatedFigure);
    }

    #[test]
    fn a_digit_or_a_point_apart() {
        for figure in ["4.1％", "47％"] {
            let text = format!("轮渡客流同比增长4.7％\n\n{}", BODY.replace("{}", figure));
            only_flags(RepeatedFigure, &text);
            let made = made(Box::new(RepeatedFigure), &text, Safety::Suggested);
            assert_eq!(made.problems[0].observed, figure);
        }
        for figure in ["4.7％", "4.68％", "5.2％", "近4.1％", "14.7％"] {
            silent(RepeatedFigure, &format!("轮渡客流同比增长4.7％\n\n{}", BODY.replace("{}", figure)));
        }
    }

    #[test]
    fn the_text_ends_at_the_next_headline() {
        let text =
            format!("轮渡客流同比增长4.7％\n\n{}\n\n公交客流同比增长4.1％\n\n{}", BODY.replace("{}", "4.7％"), BODY.replace("{}", "4.1％"));
        silent(RepeatedFigure, &text);
    }
}

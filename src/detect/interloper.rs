use std::ops::Range;

use super::join::{JoinScorer, ends_paragraph, joint, threshold};
use super::{Context, Detector, DetectorMeta, page_lines};
use crate::document::{Direction, Kind, Layout, jump_line};
use crate::finding::{Class, ConfidenceOrigin, Edit, Evidence, Finding, Fix, Message, Phase, Safety};
use crate::text::{Span, is_closing, is_opening, is_sentence_end};

/// Finds paragraphs that go on behind a caption, a jump line or a pull-quote,
/// and puts what stands inside after the paragraph.
pub struct Interloper {
    scorer: &'static JoinScorer,
}

impl Interloper {
    /// The detector with the scorer inside the program.
    #[must_use]
    pub fn embedded() -> Self {
        Self { scorer: JoinScorer::embedded() }
    }

    /// The detector with another scorer: for cross-validation.
    #[must_use]
    pub fn with_scorer(scorer: &'static JoinScorer) -> Self {
        Self { scorer }
    }
}

static META: DetectorMeta = DetectorMeta {
    id: "structure/interloper",
    class: Class::Interloper,
    phase: Phase::Structure,
    summary: ["图说、转版提示或摘句插进了段落中间", "a caption, jump line or pull-quote stands inside a paragraph"],
    why: [
        "图片和框文排在两栏之间，识别时夹进了正文，一段话因此断成两截，图说又混进文章。",
        "Pictures and boxes stand between columns; recognition reads them in the middle of the text, which cuts a paragraph in two and puts the caption into the article.",
    ],
    silent: [
        "段落在图说之前已经结束；图说之后另起一段；插入的是正文、标题、「上接」提示或列表。",
        "The paragraph ends before the caption; another one begins after it; what stands between is running text, a headline, 上接 or a list.",
    ],
    trust: [
        "前后两截相接的概率与“段落被切断”用同一个校准过的判别式；0.95 以上自动移动，0.8（段末没有句号或空行时 0.92）以上建议移动；转版提示 0.95 以上也只建议。插入的文字原样排在该段之后，一字不删。",
        "How likely the two halves run on is said by the same calibrated scorer as for broken joins; moved automatically from 0.95, suggested from 0.8 (from 0.92 where no full stop or empty line shows the end of the paragraph); a jump line is only suggested, from 0.95. What stood inside follows the paragraph, whole.",
    ],
    sources: &["models/join.md"],
    bad: &[(
        "新修的环湖公路昨天正式通车，全长三十四公\n\n图为通车后的环湖公路。 本报记者 李明 摄\n\n里的路面全部铺设了透水沥青，沿线还建起了十二座观景台。\n\n附近的村民说，出门方便多了。",
        "新修的环湖公路昨天正式通车，全长三十四公里的路面全部铺设了透水沥青，沿线还建起了十二座观景台。\n\n图为通车后的环湖公路。 本报记者 李明 摄\n\n附近的村民说，出门方便多了。",
    )],
    good: &[
        "新修的环湖公路昨天正式通车。\n\n图为通车后的环湖公路。 本报记者 李明 摄\n\n附近的村民说，出门方便多了。",
        "水渠清淤昨天全部完成，沿线居民都说好。\n\n下转第三版\n\n县图书馆的新馆也在同一天开门迎客，馆长说，往后周末也不闭馆。",
    ],
};

/// From these probabilities on moving is suggested and automatic: a caption
/// set down in the wrong place is worse than one left where it was read, and
/// than a wrong join.
const MOVED: f64 = 0.8;
const MOVED_UNATTENDED: f64 = 0.95;
/// The same for suggesting it where the paragraph's end is a guess: no full stop,
/// or no empty line.
const MOVED_TO_A_GUESS: f64 = 0.92;

/// Lines that may stand between the halves: longer than any caption is wide.
const MAX_LINES: usize = 8;

impl Detector for Interloper {
    fn meta(&self) -> &'static DetectorMeta {
        &META
    }

    fn detect(&self, context: &Context<'_>, sink: &mut Vec<Finding>) {
        let (text, layout) = (context.text, context.layout);
        let mut candidates = candidates(text, layout).peekable();
        if candidates.peek().is_none() {
            return;
        }
        let page = context.page();
        let runs_on = |left_idx: usize, right_idx: usize| self.scorer.between(page, left_idx, right_idx);
        for (left_idx, right_idx) in candidates {
            let halves = runs_on(left_idx, right_idx);
            let touches = runs_on(left_idx, left_idx + 1).max(runs_on(right_idx - 1, right_idx));
            if halves < threshold::FLAGGED || halves <= touches {
                continue;
            }
            // The paragraph may be cut again further down; where it ends must
            // be as sure as that it runs on.
            let mut probability = halves;
            let mut last_idx = right_idx;
            while last_idx + 1 < layout.lines.len() {
                if ends_paragraph(text, layout, last_idx) {
                    break;
                }
                let next = runs_on(last_idx, last_idx + 1);
                if is_rest(text, layout, last_idx + 1) {
                    last_idx += 1;
                    break;
                }
                if next < threshold::SUGGESTED || ends_short(text, layout, last_idx) {
                    probability *= 1.0 - next;
                    break;
                }
                probability *= next;
                last_idx += 1;
            }
            if probability >= threshold::FLAGGED {
                sink.push(finding(context, left_idx, right_idx, last_idx, probability));
            }
        }
    }
}

/// True for the last characters of a paragraph on a printed line of their own.
fn is_rest(text: &str, layout: &Layout, line_idx: usize) -> bool {
    const MAX_CHARS: usize = 4;
    let line = &layout.lines[line_idx];
    line.n_chars <= MAX_CHARS && !layout.breaks[line_idx - 1].blank && ends_sentence(layout.line_text(text, line_idx))
}

/// True for a line that ends a sentence before its column does: what seems to
/// run on from there is no place to carry a caption over.
fn ends_short(text: &str, layout: &Layout, line_idx: usize) -> bool {
    !layout.fills_column(line_idx) && ends_sentence(layout.line_text(text, line_idx))
}

fn ends_sentence(line: &str) -> bool {
    line.trim_end_matches(is_closing).ends_with(is_sentence_end)
}

/// Pairs of body lines with only lines between them that can be set into a
/// paragraph by accident.
fn candidates<'t>(text: &'t str, layout: &'t Layout) -> impl Iterator<Item = (usize, usize)> + 't {
    let interlopes = |line_idx: usize| match layout.lines[line_idx].kind {
        Kind::Caption | Kind::JumpLine | Kind::Furniture => true,
        Kind::Heading => is_pull_quote(text, layout, line_idx),
        _ => false,
    };
    (0..layout.lines.len()).filter_map(move |left_idx| {
        if layout.lines[left_idx].kind != Kind::Body {
            return None;
        }
        let n_between = (left_idx + 1..layout.lines.len()).take(MAX_LINES + 1).take_while(|&line_idx| interlopes(line_idx)).count();
        let right_idx = left_idx + 1 + n_between;
        let right = layout.lines.get(right_idx)?;
        // A box of its own is set apart on both sides or on neither.
        let fits = right.kind == Kind::Body
            && (1..=MAX_LINES).contains(&n_between)
            && !begins_other_text(text, layout, left_idx + 1..right_idx)
            && layout.breaks[left_idx].blank == layout.breaks[right_idx - 1].blank;
        fits.then_some((left_idx, right_idx))
    })
}

/// True for lines after which another text begins, whatever the characters on
/// both sides say: 上接, which sets off what began on another page, and a
/// heading with anything beside it. A pull-quote stands alone.
fn begins_other_text(text: &str, layout: &Layout, mut lines: Range<usize>) -> bool {
    let has_heading = lines.clone().any(|line_idx| layout.lines[line_idx].kind == Kind::Heading);
    has_heading && lines.len() > 1
        || lines.any(|line_idx| jump_line(layout.line_text(text, line_idx)).is_some_and(|jump| jump.direction == Direction::From))
}

/// A heading-like line that the text around it says as well: a headline may
/// stand between any two lines, a pull-quote repeats the article it stands in.
fn is_pull_quote(text: &str, layout: &Layout, line_idx: usize) -> bool {
    const NEAR_LINES: usize = 40;
    const MIN_CHARS: usize = 8;
    let quote = layout.line_text(text, line_idx).trim_matches(|c: char| is_opening(c) || is_closing(c) || is_sentence_end(c));
    let from = layout.lines[line_idx.saturating_sub(NEAR_LINES)].span.start;
    let to = layout.lines[(line_idx + NEAR_LINES).min(layout.lines.len() - 1)].span.end;
    let line = layout.lines[line_idx].span;
    quote.chars().count() >= MIN_CHARS && (text[from..line.start].contains(quote) || text[line.end..to].contains(quote))
}

fn finding(context: &Context<'_>, left_idx: usize, right_idx: usize, last_idx: usize, probability: f64) -> Finding {
    let (text, layout) = (context.text, context.layout);
    let (left, right, last) = (layout.lines[left_idx].span, layout.lines[right_idx].span, layout.lines[last_idx].span);
    let moved = Span::new(layout.lines[left_idx + 1].span.start, layout.lines[right_idx - 1].span.end);
    let gap = Span::new(left.end, right.start);
    let joined = joint(text, gap);
    let join = if joined.is_empty() { Edit::deletion(gap) } else { Edit::replacement(gap, joined) };
    let after = Edit::insertion(last.end, page_lines::paragraph_break(layout) + moved.of(text));
    // Where printed lines were joined, a paragraph may end in a line that was
    // left over; an empty line says that it was set so.
    let is_certain_end = layout.breaks.get(last_idx).is_none_or(|gap| gap.blank);
    // 下转 ends what is printed of an article here: the next line runs on only
    // where a column was read before the one it follows.
    let has_jump_line = (left_idx + 1..right_idx).any(|line_idx| layout.lines[line_idx].kind == Kind::JumpLine);
    let suggested = match (has_jump_line, is_certain_end && ends_sentence(last.of(text))) {
        (true, _) => MOVED_UNATTENDED,
        (false, false) => MOVED_TO_A_GUESS,
        (false, true) => MOVED,
    };
    let safety = match probability {
        p if p >= MOVED_UNATTENDED && is_certain_end && !has_jump_line => Safety::Automatic,
        p if p >= suggested => Safety::Suggested,
        _ => Safety::Flagged,
    };
    let what = name(layout.lines[left_idx + 1].kind);
    let message = Message::new(
        format!("{}插在一段话中间，应移到该段之后，前后两截接排", what.zh),
        format!("{} stands inside a paragraph; move it after the paragraph and join the halves", what.en),
    );
    let title = Message::new("移到段后并接排", "move it after the paragraph and join");
    Finding::new(META.id, META.class, Phase::Structure, text, moved, message)
        .with_fix(Fix::many(title, vec![join, after]))
        .with_related(left, "join-left")
        .with_related(right, "join-right")
        .with_trust(safety, probability, ConfidenceOrigin::Calibrated)
        .with_evidence(Evidence::weighed(
            "runs-on",
            (probability * 100.0).round() / 100.0,
            format!("前后两截相接、段落止于此处的概率 {probability:.2}"),
            format!("the halves run on and the paragraph ends where it seems to with probability {probability:.2}"),
        ))
}

fn name(kind: Kind) -> Message {
    match kind {
        Kind::JumpLine => Message::new("转版提示", "a jump line"),
        Kind::Furniture => Message::new("版面文字", "page furniture"),
        Kind::Heading => Message::new("摘句或插题", "a pull-quote or inserted heading"),
        _ => Message::new("图说", "a caption"),
    }
}

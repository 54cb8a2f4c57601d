use super::copy::{Copy, Role, Side};
use super::landmark::{Landmark, ends_sentence, of_phrase, starts_report};
use super::passage::Passage;
use crate::document::{Kind, Layout};
use crate::finding::Edit;
use crate::text::Span;

/// A line between two stretches of which this share of the letters stands in
/// the other copy, aligned or not, is the copy's own text read badly; of a
/// caption the other copy has nothing.
const MIN_COUNTERPART: f64 = 0.5;
/// The same, for letters that are aligned.
const MIN_PARTLY: f64 = 0.25;

/// Letters of a heading with its byline and jump line.
const MAX_HEAD_LETTERS: usize = 100;
/// Characters of a subheading.
const MAX_SUBHEADING_CHARS: usize = 24;
/// Letters by which an alignment may miss the end of a heading.
const MAX_HEAD_SLACK: usize = 1;

/// The lines of one copy that would go with it.
#[derive(Clone, Debug)]
pub struct Body {
    /// Indexes of the layout's lines, ascending.
    pub lines: Vec<usize>,
    /// Their letters.
    pub n_letters: usize,
    /// Headings, bylines and the like that the two copies share.
    pub n_display: usize,
    /// Letters of lines in the copy's reach that are running text of something
    /// else.
    pub n_foreign: usize,
    /// It has a comma, a full stop or the like: running text, no heading.
    pub has_clauses: bool,
}

impl Body {
    /// Sorts the lines of `copy`, whose running text begins at letter
    /// `body_start`.
    pub fn new(passage: &Passage, copy: &Copy, side: Side, body_start: usize, layout: &Layout, text: &str) -> Body {
        let mut body = Body { lines: Vec::new(), n_letters: 0, n_display: 0, n_foreign: 0, has_clauses: false };
        // From the last line up: a line in mid-sentence goes with the next.
        let mut next_belongs = false;
        for line in copy.lines.iter().rev() {
            let belongs = line.role == Role::Copied
                || is_garbled(passage, side, line)
                || (next_belongs && !is_insert(layout, line.line) && is_run_on(layout, text, line.line));
            let is_head = line.letters.end <= body_start + MAX_HEAD_SLACK;
            next_belongs = belongs && !is_head && !is_insert(layout, line.line);
            if is_head || is_insert(layout, line.line) {
                body.n_display += usize::from(belongs);
            } else if belongs {
                body.lines.push(line.line);
                body.n_letters += line.letters.len();
                body.has_clauses |= layout.line_text(text, line.line).contains(['，', '。', '；', ',', ';']);
            } else {
                body.n_foreign += line.letters.len();
            }
        }
        body.lines.reverse();
        body
    }
}

/// Lines that may stand in the middle of an article and are no part of it.
fn is_insert(layout: &Layout, line: usize) -> bool {
    matches!(layout.lines[line].kind, Kind::Caption | Kind::JumpLine | Kind::Furniture)
}

/// True for a line in mid-sentence whose next line follows without an empty
/// line: the two are printed lines of one paragraph.
fn is_run_on(layout: &Layout, text: &str, line: usize) -> bool {
    layout.breaks.get(line).is_some_and(|after| !after.blank) && !ends_sentence(layout.line_text(text, line))
}

/// The letter at which the running text of each copy begins: after headings,
/// bylines and jump lines. What one copy shows clearly holds for the other.
pub fn body_starts(passage: &Passage, copies: &[Copy; 2], layout: &Layout, text: &str) -> [usize; 2] {
    let heads = [0, 1].map(|side: usize| Head::new(&copies[side], layout, text));
    let runs = || passage.stretches.iter().flat_map(|stretch| &stretch.equal);
    let b_in_a = runs().take_while(|run| run.b < heads[1].end).last().map_or(0, |run| run.a + run.len.min(heads[1].end - run.b));
    let a_in_b = runs().take_while(|run| run.a < heads[0].end).last().map_or(0, |run| run.b + run.len.min(heads[0].end - run.a));
    let settle = |own: &Head, other: &Head, mapped: usize| match (own.is_certain, other.is_certain) {
        (true, false) => own.end,
        (false, true) => mapped,
        _ => own.end.max(mapped),
    };
    [settle(&heads[0], &heads[1], b_in_a), settle(&heads[1], &heads[0], a_in_b)]
}

/// The lines above the running text of a copy.
struct Head {
    /// The letter after the last of them.
    end: usize,
    /// Something only a head has stood there: a byline, 上接, or the first
    /// words of a report right below.
    is_certain: bool,
}

impl Head {
    fn new(copy: &Copy, layout: &Layout, text: &str) -> Head {
        let mut head = Head { end: copy.letters.start, is_certain: false };
        let mut block = None;
        for line in copy.lines.iter().take_while(|line| line.letters.end <= copy.letters.start + MAX_HEAD_LETTERS) {
            let line_text = layout.line_text(text, line.line);
            if starts_report(line_text) {
                // What stands above a dateline is the heading, whatever it
                // looks like.
                return Head { end: line.letters.start.max(head.end), is_certain: true };
            }
            let touches = head.end + MAX_HEAD_SLACK >= line.letters.start;
            let kind = layout.lines[line.line].kind;
            let own_block = layout.lines[line.line].block;
            // A second block that looks like a heading is one if the line is
            // short: paragraphs that lost their full stop look so too.
            let is_heading =
                kind == Kind::Heading && !head.is_certain && (block.is_none_or(|block| block == own_block) || is_short(line_text));
            if kind == Kind::Byline || of_phrase(line_text) == Some(Landmark::Here) {
                head = Head { end: line.letters.end, is_certain: head.end > copy.letters.start || kind == Kind::Byline };
            } else if touches && (is_heading || is_insert(layout, line.line)) {
                head.end = line.letters.end;
                block = Some(own_block);
            }
        }
        head
    }
}

/// True for a line as short as a subheading.
fn is_short(line: &str) -> bool {
    line.chars().count() <= MAX_SUBHEADING_CHARS && !line.contains('，')
}

/// True when the other copy has about as many letters in the place of `line`
/// as the line has, although they do not agree.
fn is_garbled(passage: &Passage, side: Side, line: &super::copy::CopiedLine) -> bool {
    let n = line.letters.len() as f64;
    if n == 0.0 {
        return false;
    }
    if line.n_covered as f64 >= MIN_PARTLY * n {
        return true;
    }
    let (mut lo, mut hi) = (0, usize::MAX);
    for run in passage.stretches.iter().flat_map(|stretch| &stretch.equal) {
        let (own, other) = if side == Side::A { (run.a, run.b) } else { (run.b, run.a) };
        if own + run.len <= line.letters.start {
            lo = lo.max(other + run.len);
        } else if own >= line.letters.end {
            hi = hi.min(other);
        }
    }
    lo > 0 && hi < usize::MAX && hi.saturating_sub(lo) as f64 >= MIN_COUNTERPART * n
}

/// The edits that take `lines` out and leave the text before and after with
/// the wider of the two breaks around each gap.
pub fn deletions(layout: &Layout, lines: &[usize]) -> Vec<Edit> {
    let mut edits = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let mut end = at + 1;
        while end < lines.len() && lines[end] == lines[end - 1] + 1 {
            end += 1;
        }
        edits.push(Edit::deletion(gap(layout, lines[at], lines[end - 1])));
        at = end;
    }
    edits
}

/// The span of lines `first..=last` with one of the breaks around them.
fn gap(layout: &Layout, first: usize, last: usize) -> Span {
    let own = layout.lines[first].span.hull(layout.lines[last].span);
    let before = first.checked_sub(1).map(|idx| layout.breaks[idx]);
    let after = layout.breaks.get(last).copied();
    match (before, after) {
        // The break before stays, the one after goes, unless that one is the
        // blank line.
        (Some(before), Some(after)) if after.blank && !before.blank => Span::new(before.span.start, own.end),
        (_, Some(after)) => Span::new(own.start, after.span.end),
        (Some(before), None) => Span::new(before.span.start, own.end),
        (None, None) => own,
    }
}

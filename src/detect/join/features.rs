//! What the join scorer looks at: for every break of a page, a row of numbers.
//!
//! All evidence comes from the text alone: the characters around the break, the
//! lengths of the lines near it (a column's width shows in them), kinds, marks
//! left open, how often this page's lines keep their final mark, and whether
//! the same characters stand together elsewhere on the page.

use std::ops::Deref;

use super::boxes::{BoxRow, Boxes};
use super::elsewhere::Elsewhere;
use crate::document::{Kind, Layout, dateline_prefix};
use crate::lexicon::{Lexicon, Straddle, simplify};
use crate::model::{BoundaryModel, BoundaryScore, CONTEXT_CHARS, fold_char};
use crate::text::{CharClass, char_class, is_closing, is_opening};

/// Names of the features, in the order of a row. The table of trees names its
/// columns, and loading it checks them against this list.
pub const NAMES: [&str; N_FEATURES] = [
    "before",
    "after",
    "across",
    "total",
    "total_previous",
    "total_next",
    "blank",
    "block_lines_left",
    "block_lines_right",
    "width_left",
    "width_right",
    "fill_left",
    "fill_right",
    "fill_previous",
    "evenness",
    "page_fill_left",
    "page_evenness",
    "indent_left",
    "indent_right",
    "kind_left",
    "kind_right",
    "last_class",
    "first_class",
    "open_left",
    "closes_right",
    "page_final_marks",
    "page_multiline",
    "elsewhere_joined",
    "elsewhere_ended",
    "digits_meet",
    "garbage_left",
    "garbage_right",
    "mean_total",
    "width_left_page_rank",
    "word_bits",
    "word_chars",
    "dateline_right",
    "since_mark_left",
    "until_mark_right",
    "marked_ends",
];

/// Length of a row.
pub const N_FEATURES: usize = 40;

/// Places in a row that others read.
pub(super) mod index {
    /// See [`super::NAMES`].
    pub const TOTAL: usize = 3;
    /// See [`super::NAMES`].
    pub const FILL_LEFT: usize = 11;
    /// See [`super::NAMES`].
    pub const EVENNESS: usize = 14;
    /// See [`super::NAMES`].
    pub const OPEN_LEFT: usize = 23;
    /// See [`super::NAMES`].
    pub const ELSEWHERE_JOINED: usize = 27;
    /// See [`super::NAMES`].
    pub const WORD_BITS: usize = 34;
}

/// One break as the scorer sees it.
pub type Row = [f32; N_FEATURES];

/// Lines on either side that make up the neighborhood in which a column's
/// width is read.
const NEIGHBORHOOD_LINES: usize = 6;

/// Rows for all breaks of `layout`.
#[must_use]
pub fn rows(text: &str, layout: &Layout, lexicon: &Lexicon) -> Vec<Row> {
    let page = PageView::new(text, layout, lexicon);
    (0..page.n_breaks()).map(|break_idx| page.row(break_idx, break_idx + 1)).collect()
}

/// Rows for all breaks of `layout` between lines with boxes, with the index of
/// the break.
#[must_use]
pub fn rows_with_boxes(text: &str, layout: &Layout, lexicon: &Lexicon) -> Vec<(usize, Row, BoxRow)> {
    let page = PageView::new(text, layout, lexicon);
    (0..page.n_breaks()).filter_map(|idx| Some((idx, page.row(idx, idx + 1), page.box_row(idx, idx + 1)?))).collect()
}

/// The scores of the characters alone, for all breaks of `layout`.
fn boundary_scores(ends: &[Ends]) -> Vec<BoundaryScore> {
    let model = BoundaryModel::embedded();
    ends.windows(2).map(|pair| model.score(&pair[0].last, &pair[1].first)).collect()
}

/// The folded characters at both ends of a line, and the outermost ones as
/// they are.
struct Ends {
    first: Folded,
    last: Folded,
    first_printed: Option<char>,
    last_printed: Option<char>,
}

/// A few folded characters in reading order.
#[derive(Clone, Copy, Default)]
struct Folded {
    chars: [char; CONTEXT_CHARS],
    n: usize,
}

impl Folded {
    fn of(chars: impl Iterator<Item = char>) -> Self {
        let mut folded = Self::default();
        for (slot, c) in folded.chars.iter_mut().zip(chars) {
            *slot = fold_char(c);
            folded.n += 1;
        }
        folded
    }

    fn reversed(mut self) -> Self {
        self.chars[..self.n].reverse();
        self
    }
}

impl Deref for Folded {
    type Target = [char];

    fn deref(&self) -> &[char] {
        &self.chars[..self.n]
    }
}

/// A page as the scorer sees it.
pub(in crate::detect) struct PageView<'a> {
    text: &'a str,
    layout: &'a Layout,
    lexicon: &'a Lexicon,
    ends: Vec<Ends>,
    scores: Vec<BoundaryScore>,
    /// Unclosed opening marks at the end of each line, counted from the start
    /// of its run of lines.
    open_after: Vec<i32>,
    /// Closing marks of each line that nothing before them in it opens.
    closes: Vec<i32>,
    garbage: Vec<f32>,
    elsewhere: Elsewhere,
    final_marks: f32,
    page_width: f32,
    page_evenness: f32,
    mean_total: f32,
    /// Widths of all lines, sorted.
    sorted_widths: Vec<usize>,
    boxes: Option<Boxes<'a>>,
}

impl<'a> PageView<'a> {
    /// Reads a page once for all its rows.
    pub(in crate::detect) fn new(text: &'a str, layout: &'a Layout, lexicon: &'a Lexicon) -> Self {
        let ends: Vec<Ends> = (0..layout.lines.len()).map(|line_idx| ends_of(layout.line_text(text, line_idx))).collect();
        let scores = boundary_scores(&ends);
        let (open_after, closes) = open_marks(text, layout);
        let mut sorted_widths: Vec<usize> = layout.lines.iter().map(|line| line.width_cells).collect();
        sorted_widths.sort_unstable();
        let page_width = quantile(&sorted_widths, 0.85);
        let body = layout.lines.iter().filter(|line| line.n_chars >= 8);
        let (mut n_body, mut n_marked) = (0_u32, 0_u32);
        for line in body {
            n_body += 1;
            let last = line.span.of(text).chars().next_back();
            n_marked += u32::from(last.is_some_and(|c| matches!(fold_char(c), '。' | '！' | '？' | '”' | '）')));
        }
        let near_full = layout.lines.iter().filter(|line| (line.width_cells as f32 - page_width).abs() <= 2.0).count();
        Self {
            text,
            layout,
            lexicon,
            elsewhere: Elsewhere::new(text, ends.iter().map(|ends| (&*ends.first, &*ends.last))),
            mean_total: scores.iter().map(|score| score.total()).sum::<f32>() / scores.len().max(1) as f32,
            scores,
            ends,
            open_after,
            closes,
            garbage: (0..layout.lines.len()).map(|line_idx| garbage(layout.line_text(text, line_idx))).collect(),
            final_marks: n_marked as f32 / n_body.max(1) as f32,
            page_width,
            page_evenness: near_full as f32 / layout.lines.len().max(1) as f32,
            boxes: Boxes::new(layout),
            sorted_widths,
        }
    }

    /// Breaks of the page.
    pub(in crate::detect) fn n_breaks(&self) -> usize {
        self.layout.breaks.len()
    }

    /// What the boxes of the two lines say; `None` where one has none.
    pub(super) fn box_row(&self, left_idx: usize, right_idx: usize) -> Option<BoxRow> {
        self.boxes.as_ref()?.row(left_idx, right_idx)
    }

    /// The row for line `left_idx` running on in line `right_idx` further
    /// down, whatever stands between them.
    pub(in crate::detect) fn row(&self, left_idx: usize, right_idx: usize) -> Row {
        let lines = &self.layout.lines;
        let (left, right) = (&lines[left_idx], &lines[right_idx]);
        let score = self.score(left_idx, right_idx);
        let total = |idx: Option<usize>| idx.and_then(|idx| self.scores.get(idx)).map_or(0.0, |score| score.total());
        let column = self.column(left_idx, right_idx);
        let fill = |width: usize| width as f32 / column.width.max(1.0);
        let block_lines = |line_idx: usize| self.layout.blocks[lines[line_idx].block].len() as f32;
        let (left_text, right_text) = (left.span.of(self.text), right.span.of(self.text));
        let word = self.word_across(left_text, right_text);
        let (last, first) = (self.ends[left_idx].last.last().copied(), self.ends[right_idx].first.first().copied());
        [
            score.before,
            score.after,
            score.across,
            score.total(),
            total(left_idx.checked_sub(1)),
            total(Some(right_idx)),
            f32::from(u8::from(self.layout.breaks[left_idx].blank)),
            block_lines(left_idx).min(40.0),
            block_lines(right_idx).min(40.0),
            left.width_cells.min(400) as f32,
            right.width_cells.min(400) as f32,
            fill(left.width_cells),
            fill(right.width_cells),
            left_idx.checked_sub(1).map_or(1.0, |idx| fill(lines[idx].width_cells)),
            column.evenness,
            left.width_cells as f32 / self.page_width.max(1.0),
            self.page_evenness,
            left.indent_cells.min(8) as f32,
            right.indent_cells.min(8) as f32,
            kind_code(left.kind),
            kind_code(right.kind),
            class_code(self.ends[left_idx].last_printed),
            class_code(self.ends[right_idx].first_printed),
            self.open_after[left_idx].clamp(0, 3) as f32,
            self.closes[right_idx].clamp(0, 3) as f32,
            self.final_marks,
            f32::from(u8::from(self.layout.has_multiline_blocks)),
            f32::from(u8::from(self.elsewhere.joined(&self.ends[left_idx].last, &self.ends[right_idx].first))),
            f32::from(u8::from(self.elsewhere.ended(&self.ends[left_idx].last))),
            f32::from(u8::from(last == Some('0') && first == Some('0'))),
            self.garbage[left_idx],
            self.garbage[right_idx],
            self.mean_total,
            self.sorted_widths.partition_point(|&width| width < left.width_cells) as f32 / self.sorted_widths.len() as f32,
            word.map_or(0.0, |word| word.frequency.bits() as f32),
            word.map_or(0.0, |word| word.n_chars() as f32),
            f32::from(u8::from(dateline_prefix(right_text).is_some())),
            left_text.chars().rev().take(60).position(is_mark).unwrap_or(60) as f32,
            right_text.chars().take(60).position(is_mark).unwrap_or(60) as f32,
            column.marked_ends,
        ]
    }

    fn score(&self, left_idx: usize, right_idx: usize) -> BoundaryScore {
        if right_idx == left_idx + 1 {
            return self.scores[left_idx];
        }
        BoundaryModel::embedded().score(&self.ends[left_idx].last, &self.ends[right_idx].first)
    }

    /// A word of the lexicon that the break cuts in two.
    fn word_across(&self, left: &str, right: &str) -> Option<Straddle> {
        let start = left.char_indices().rev().nth(6).map_or(0, |(at, _)| at);
        let end = right.char_indices().nth(7).map_or(right.len(), |(at, _)| at);
        self.lexicon.straddling(&simplify(&left[start..]), &simplify(&right[..end]))
    }

    /// The column around a break: its width as the widest of the lines near by
    /// (the second widest where there are several: one line may run over), the
    /// share of those lines that fill it, and the share that end in a mark:
    /// nearly all lines of verse do, and few that a column's width cut.
    fn column(&self, left_idx: usize, right_idx: usize) -> Column {
        let before = (left_idx + 1).saturating_sub(NEIGHBORHOOD_LINES)..left_idx + 1;
        let after = right_idx..(right_idx + NEIGHBORHOOD_LINES).min(self.layout.lines.len());
        let near = before.chain(after);
        let marked = near.clone().filter(|&line_idx| self.ends[line_idx].last.last().copied().is_some_and(is_mark)).count();
        let (mut widths, mut n_near) = ([0; 2 * NEIGHBORHOOD_LINES], 0);
        for (slot, line_idx) in widths.iter_mut().zip(near) {
            *slot = self.layout.lines[line_idx].width_cells;
            n_near += 1;
        }
        let widths = &mut widths[..n_near];
        widths.sort_unstable_by(|a, b| b.cmp(a));
        let width = widths[usize::from(widths.len() > 4)] as f32;
        let full = widths.iter().filter(|&&other| (other as f32 - width).abs() <= 2.5).count();
        Column { width, evenness: full as f32 / widths.len() as f32, marked_ends: marked as f32 / widths.len() as f32 }
    }
}

/// A mark that ends a sentence or a clause.
fn is_mark(c: char) -> bool {
    matches!(c, '。' | '，' | '；' | '！' | '？' | '：' | ',' | ';' | '!' | '?' | ':')
}

struct Column {
    width: f32,
    evenness: f32,
    marked_ends: f32,
}

fn quantile(sorted: &[usize], share: f64) -> f32 {
    if sorted.is_empty() { 0.0 } else { sorted[((sorted.len() - 1) as f64 * share) as usize] as f32 }
}

fn ends_of(line: &str) -> Ends {
    let visible = |c: &char| !c.is_whitespace();
    let first = Folded::of(line.chars().filter(visible));
    let last = Folded::of(line.chars().rev().filter(visible)).reversed();
    Ends { first, last, first_printed: line.chars().find(visible), last_printed: line.chars().rev().find(visible) }
}

fn kind_code(kind: Kind) -> f32 {
    match kind {
        Kind::Body => 0.0,
        Kind::Heading => 1.0,
        Kind::Byline => 2.0,
        Kind::Caption => 3.0,
        Kind::JumpLine => 4.0,
        Kind::Furniture => 5.0,
        Kind::ListItem => 6.0,
        Kind::TableRow => 7.0,
        Kind::Verse => 8.0,
    }
}

/// Classes of characters that matter at a line's end or start.
fn class_code(c: Option<char>) -> f32 {
    match c {
        None => 0.0,
        Some(c) if is_opening(c) => 5.0,
        Some(c) if is_closing(c) => 4.0,
        Some(c) => match fold_char(c) {
            '。' | '！' | '？' | '…' => 1.0,
            '，' | '、' | '；' => 2.0,
            '：' => 3.0,
            _ => by_script(c),
        },
    }
}

fn by_script(c: char) -> f32 {
    match char_class(c) {
        CharClass::Han => 6.0,
        CharClass::Digit => 7.0,
        CharClass::Latin => 8.0,
        _ => 9.0,
    }
}

/// Unclosed opening marks at each line's end, and closing marks in each line
/// without an opening one in it. The count starts anew after a line that is
/// not running text and never looks back over more than a few lines, so that
/// one lost mark cannot speak for a whole page.
fn open_marks(text: &str, layout: &Layout) -> (Vec<i32>, Vec<i32>) {
    let (mut open_after, mut closes) = (Vec::with_capacity(layout.lines.len()), Vec::with_capacity(layout.lines.len()));
    for line_idx in 0..layout.lines.len() {
        let (mut depth, mut unopened) = (0, 0);
        // Han characters are most of any line, and no marks.
        for c in layout.line_text(text, line_idx).chars().filter(|c| !matches!(c, '\u{4e00}'..='\u{9fff}')) {
            if is_opening(c) {
                depth += 1;
            } else if is_closing(c) && depth > 0 {
                depth -= 1;
            } else if is_closing(c) {
                unopened += 1;
            }
        }
        open_after.push(depth);
        closes.push(unopened);
    }
    (open_after, closes)
}

/// Share of a line's characters that a reading engine prints when it sees
/// nothing it knows: stray marks, lone letters, symbols.
fn garbage(line: &str) -> f32 {
    let (mut n, mut n_odd) = (0_u32, 0_u32);
    for c in line.chars().take(200) {
        n += 1;
        let odd = match char_class(c) {
            CharClass::Other => true,
            CharClass::Punctuation => !matches!(
                fold_char(c),
                '，' | '。' | '、' | '；' | '：' | '“' | '”' | '（' | '）' | '《' | '》' | '％' | '！' | '？' | '·' | '—'
            ),
            CharClass::Latin => true,
            _ => false,
        };
        n_odd += u32::from(odd);
    }
    n_odd as f32 / n.max(1) as f32
}

use std::ops::Range;

use super::landmark::ends_sentence;
use super::passage::Passage;
use super::stream::Stream;
use crate::document::{Kind, Layout};

/// The share of a line's letters that must lie in the passage for the line to
/// belong to the copy.
const MIN_COVERED: f64 = 0.6;
/// Letters at the end or start of a line that may be missing from the
/// alignment and still belong to the copy: OCR rubbish at a column's edge. At
/// most this many, and at most [`MAX_LOOSE_SHARE`] of the line.
const MAX_LOOSE: usize = 15;
const MAX_LOOSE_SHARE: f64 = 0.15;
/// Letters of a last printed line that an alignment may miss altogether.
const MAX_REST: usize = 4;

/// Which of the two places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The earlier.
    A,
    /// The later.
    B,
}

impl Side {
    /// The other one.
    pub fn other(self) -> Side {
        match self {
            Side::A => Side::B,
            Side::B => Side::A,
        }
    }
}

/// What a line in the reach of a copy is to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It belongs to the copy.
    Copied,
    /// Something else that stands between: a caption, a jump line.
    Between,
}

/// One line in the reach of a copy.
#[derive(Clone, Debug)]
pub struct CopiedLine {
    /// Index in the layout.
    pub line: usize,
    /// Its letters.
    pub letters: Range<usize>,
    /// Letters of it inside the passage's stretches.
    pub n_covered: usize,
    /// What it is.
    pub role: Role,
}

/// One copy of a passage, on the lines of the text.
#[derive(Clone, Debug)]
pub struct Copy {
    /// All lines from the first to the last the passage touches.
    pub lines: Vec<CopiedLine>,
    /// Letters before the copy on its first line that are something else.
    pub n_head: usize,
    /// Letters after the copy on its last line that are something else.
    pub n_tail: usize,
    /// Where the passage starts and ends inside its first and last line.
    pub letters: Range<usize>,
}

impl Copy {
    /// Puts one side of `passage` on the lines of `layout`.
    pub fn new(passage: &Passage, side: Side, layout: &Layout, stream: &Stream, text: &str) -> Copy {
        let stretches: Vec<Range<usize>> =
            passage.stretches.iter().map(|stretch| if side == Side::A { stretch.a.clone() } else { stretch.b.clone() }).collect();
        let letters = stretches[0].start..stretches[stretches.len() - 1].end;
        let first = layout.line_at(stream.offset(letters.start)).expect("a letter stands on a line");
        let last = layout.line_at(stream.offset(letters.end - 1)).expect("a letter stands on a line");
        let lines: Vec<CopiedLine> = (first..=last)
            .map(|line| {
                let on_line = stream.range_of(layout.lines[line].span);
                let n_covered = stretches.iter().map(|stretch| overlap(stretch, &on_line)).sum();
                let is_copied = n_covered > 0 && n_covered as f64 >= MIN_COVERED * on_line.len() as f64;
                CopiedLine { line, letters: on_line, n_covered, role: if is_copied { Role::Copied } else { Role::Between } }
            })
            .collect();
        let lines = with_rest(lines, layout, stream, text);
        let strict = |loose: usize, line: &CopiedLine| if is_loose(loose, line.letters.len()) { 0 } else { loose };
        let n_head = strict(letters.start - lines[0].letters.start, &lines[0]);
        let last = &lines[lines.len() - 1];
        let n_tail = strict(last.letters.end.saturating_sub(letters.end), last);
        Copy { lines, n_head, n_tail, letters }
    }

    /// The line before the copy's first.
    pub fn line_before(&self) -> Option<usize> {
        self.lines[0].line.checked_sub(1)
    }

    /// The line after the copy's last, if the text has one.
    pub fn line_after(&self, layout: &Layout) -> Option<usize> {
        let after = self.lines[self.lines.len() - 1].line + 1;
        (after < layout.lines.len()).then_some(after)
    }
}

/// Adds the rest of a paragraph that the alignment did not reach: a short last
/// printed line, of which a garbled letter is much.
fn with_rest(mut lines: Vec<CopiedLine>, layout: &Layout, stream: &Stream, text: &str) -> Vec<CopiedLine> {
    let last = &lines[lines.len() - 1];
    let (line, is_whole) = (last.line, last.role == Role::Copied);
    let runs_on = layout.breaks.get(line).is_some_and(|after| !after.blank) && !ends_sentence(layout.line_text(text, line));
    if is_whole && runs_on && layout.lines[line + 1].kind == Kind::Body {
        let ends_block = layout.breaks.get(line + 1).is_none_or(|after| after.blank) || layout.lines[line + 2].kind == Kind::JumpLine;
        let letters = stream.range_of(layout.lines[line + 1].span);
        if ends_block && letters.len() <= MAX_REST {
            lines.push(CopiedLine { line: line + 1, letters, n_covered: 0, role: Role::Copied });
        }
    }
    lines
}

fn is_loose(loose: usize, line_letters: usize) -> bool {
    loose <= 2 || (loose <= MAX_LOOSE && loose as f64 <= MAX_LOOSE_SHARE * line_letters as f64)
}

fn overlap(a: &Range<usize>, b: &Range<usize>) -> usize {
    a.end.min(b.end).saturating_sub(a.start.max(b.start))
}

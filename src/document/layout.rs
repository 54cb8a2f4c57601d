use std::ops::Range;
use std::sync::Arc;

use super::{Columns, Geometry, Kind, columns, heading};
use crate::text::{Span, width_cells};

/// One line with something on it.
#[derive(Clone, Debug)]
pub struct Line {
    /// The line without leading and trailing white space.
    pub span: Span,
    /// Width of the white space before it, in terminal cells (an ideographic
    /// space is 2).
    pub indent_cells: usize,
    /// Width of the line, in terminal cells.
    pub width_cells: usize,
    /// Length in code points.
    pub n_chars: usize,
    /// What the line is.
    pub kind: Kind,
    /// Index of its block in [`Layout::blocks`].
    pub block: usize,
}

/// The white space between two lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Break {
    /// From the end of the line before to the start of the line after:
    /// trailing spaces, newlines, indent.
    pub span: Span,
    /// True when at least one empty line lies between.
    pub blank: bool,
}

/// The lines and blocks of one text.
///
/// `breaks[i]` lies between `lines[i]` and `lines[i + 1]`.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    /// The non-empty lines, in order.
    pub lines: Vec<Line>,
    /// The breaks between them; one fewer than lines.
    pub breaks: Vec<Break>,
    /// Runs of lines without an empty line between, as ranges of line indexes.
    pub blocks: Vec<Range<usize>>,
    /// The end-of-line mark most lines of the text use.
    pub newline: &'static str,
    /// True when some block has more than one line, that is, when empty lines
    /// separate blocks and single newlines separate lines or paragraphs.
    pub has_multiline_blocks: bool,
    /// Printed columns, where lines are printed lines.
    pub columns: Columns,
    /// Where the lines stand on the page, for files that say so.
    pub geometry: Option<Arc<Geometry>>,
    /// For every line its printed lines, as a range of the geometry's; empty
    /// without one.
    pub printed: Vec<Option<Range<usize>>>,
    /// Byte offsets of characters with the engine's confidence in them, 0 to 1,
    /// in the order of the text, where the file has one for each character.
    pub confidence: Vec<(usize, f32)>,
}

impl Layout {
    /// Reads the lines of `text` and their kinds.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let mut layout = Layout { newline: newline_of(text), ..Layout::default() };
        let mut blank_before = false;
        for line in raw_lines(text) {
            let content = line.of(text);
            let trimmed_start = content.trim_start();
            let trimmed = trimmed_start.trim_end();
            if trimmed.is_empty() {
                blank_before = true;
                continue;
            }
            let start = line.end - trimmed_start.len();
            let span = Span::new(start, start + trimmed.len());
            let line_idx = layout.lines.len();
            if let Some(previous) = layout.lines.last() {
                layout.breaks.push(Break { span: Span::new(previous.span.end, span.start), blank: blank_before });
            }
            if blank_before || layout.blocks.is_empty() {
                layout.blocks.push(line_idx..line_idx);
            }
            let block = layout.blocks.len() - 1;
            layout.blocks[block].end = line_idx + 1;
            layout.lines.push(Line {
                span,
                indent_cells: text[line.start..start].chars().map(width_cells).sum(),
                width_cells: trimmed.chars().map(width_cells).sum(),
                n_chars: trimmed.chars().count(),
                kind: Kind::Body,
                block,
            });
            blank_before = false;
        }
        layout.has_multiline_blocks = layout.blocks.iter().any(|block| block.len() > 1);
        layout.columns = Columns::new(&layout.lines, &layout.blocks);
        super::kind::classify(&mut layout, text);
        layout
    }

    /// Adds where the lines of `text` stand on the page, and how sure the
    /// engine was of their characters. `to_read` says which span of the text
    /// that `geometry` knows a span of this one came from.
    pub fn place(&mut self, text: &str, geometry: &Arc<Geometry>, to_read: impl Fn(Span) -> Span) {
        self.printed = self.lines.iter().map(|line| geometry.lines_of(to_read(line.span))).collect();
        if geometry.is_sure_of_characters() {
            let chars = self.lines.iter().flat_map(|line| {
                let start = line.span.start;
                line.span.of(text).char_indices().map(move |(at, c)| (start + at, c))
            });
            // A character that was put in the place of another is no longer
            // the one that the engine doubted.
            self.confidence = chars
                .filter_map(|(at, c)| {
                    let sure = geometry.sure_at(to_read(Span::new(at, at + c.len_utf8())).start)?;
                    (sure.c == c).then_some((at, sure.share))
                })
                .collect();
        }
        self.geometry = Some(Arc::clone(geometry));
    }

    /// The text of line `line_idx`.
    #[must_use]
    pub fn line_text<'t>(&self, text: &'t str, line_idx: usize) -> &'t str {
        self.lines[line_idx].span.of(text)
    }

    /// The span of block `block_idx`, from the start of its first line to the
    /// end of its last.
    #[must_use]
    pub fn block_span(&self, block_idx: usize) -> Span {
        let lines = &self.blocks[block_idx];
        Span::new(self.lines[lines.start].span.start, self.lines[lines.end - 1].span.end)
    }

    /// True when line `line_idx` is a printed line that ended because its
    /// column was full; `false` also where lines are paragraphs.
    #[must_use]
    pub fn fills_column(&self, line_idx: usize) -> bool {
        let line = &self.lines[line_idx];
        let starts_block = line_idx == self.blocks[line.block].start;
        // Engines leave out the indent of a paragraph's first line.
        let indent = if starts_block { line.indent_cells.max(4) } else { line.indent_cells };
        self.columns.block_cells[line.block].is_some_and(|column| columns::is_full(line.width_cells + indent, column))
    }

    /// True when lines `line_idx` and `line_idx + 1` are one heading or byline
    /// that took two printed lines.
    #[must_use]
    pub fn heading_goes_on(&self, text: &str, line_idx: usize) -> bool {
        heading::goes_on(self, text, line_idx)
    }

    /// How sure the engine was of the character at byte `offset`, where the file
    /// says so for each.
    #[must_use]
    pub fn sure_at(&self, offset: usize) -> Option<f32> {
        self.confidence.binary_search_by_key(&offset, |&(at, _)| at).ok().map(|idx| self.confidence[idx].1)
    }

    /// The index of the line that holds byte `offset`, or of the last line
    /// that starts before it.
    #[must_use]
    pub fn line_at(&self, offset: usize) -> Option<usize> {
        self.lines.partition_point(|line| line.span.start <= offset).checked_sub(1)
    }
}

/// Spans of the lines, without their end marks (`\n`, `\r\n`, `\r`).
fn raw_lines(text: &str) -> impl Iterator<Item = Span> + '_ {
    let bytes = text.as_bytes();
    let mut at = 0;
    let mut done = false;
    std::iter::from_fn(move || {
        if done {
            return None;
        }
        let start = at;
        match memchr::memchr2(b'\n', b'\r', &bytes[at..]) {
            Some(length) => {
                let end = start + length;
                at = end + if bytes[end] == b'\r' && bytes.get(end + 1) == Some(&b'\n') { 2 } else { 1 };
                Some(Span::new(start, end))
            }
            None => {
                done = true;
                Some(Span::new(start, bytes.len()))
            }
        }
    })
}

/// The end-of-line mark of the first line; `\n` for a text of one line.
fn newline_of(text: &str) -> &'static str {
    match memchr::memchr2(b'\n', b'\r', text.as_bytes()) {
        Some(at) if text.as_bytes()[at] == b'\n' => "\n",
        Some(at) if text.as_bytes().get(at + 1) == Some(&b'\n') => "\r\n",
        Some(_) => "\r",
        None => "\n",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_lines_and_breaks() {
        let text = "标题\r\n\r\n　　第一段\r\n第二行\r\n \r\n末段";
        let layout = Layout::new(text);
        assert_eq!(layout.newline, "\r\n");
        let lines: Vec<&str> = (0..layout.lines.len()).map(|idx| layout.line_text(text, idx)).collect();
        assert_eq!(lines, ["标题", "第一段", "第二行", "末段"]);
        assert_eq!(layout.blocks, vec![0..1, 1..3, 3..4]);
        assert_eq!(layout.breaks.iter().map(|b| b.blank).collect::<Vec<_>>(), [true, false, true]);
        assert_eq!(layout.lines[1].indent_cells, 4);
        assert_eq!(layout.breaks[0].span.of(text), "\r\n\r\n　　");
    }
}

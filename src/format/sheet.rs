//! What every reader fills: the blocks, lines and characters of a file.

use super::Format;
use super::extract::{Extract, Picture};
use super::pieces::Pieces;
use crate::document::{Bounds, Geometry, PrintedLine, Sure};
use crate::text::{CharClass, Span, char_class, width_cells};

/// A character of a line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Glyph {
    pub(super) c: char,
    /// Where it stands in the file; `None` for a space between words that is
    /// none there.
    pub(super) source: Option<Span>,
    /// The engine's confidence, 0 to 1.
    pub(super) confidence: Option<f32>,
    /// The smallest box of the file around it that is less than its line's.
    pub(super) bounds: Option<Bounds>,
}

/// The glyphs of one line.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    pub(super) glyphs: Vec<Glyph>,
    pub(super) bounds: Option<Bounds>,
    /// The same line as other elements of the file say it: words, glyphs, the
    /// block. A copy with other characters is none.
    pub(super) copies: Vec<Vec<(char, Span)>>,
}

impl Row {
    /// Adds the space that markup between two words stands for: none beside a
    /// Chinese character, where engines cut words without one.
    pub(super) fn word_gap(&mut self) {
        let spaced = |c: char| matches!(char_class(c), CharClass::Latin | CharClass::Digit);
        if self.glyphs.last().is_some_and(|last| spaced(last.c)) {
            self.glyphs.push(Glyph { c: ' ', source: None, confidence: None, bounds: None });
        }
    }

    /// Takes out the spaces of [`Row::word_gap`] that nothing Latin followed.
    fn settle(&mut self) {
        let spaced = |c: char| matches!(char_class(c), CharClass::Latin | CharClass::Digit);
        let next: Vec<Option<char>> = self.glyphs.iter().skip(1).map(|glyph| Some(glyph.c)).chain([None]).collect();
        let mut next = next.into_iter();
        self.glyphs.retain(|glyph| {
            let following = next.next().flatten();
            glyph.source.is_some() || glyph.c != ' ' || following.is_some_and(spaced)
        });
    }
}

/// Lines that the file has in one block.
#[derive(Clone, Debug, Default)]
pub(super) struct Region {
    pub(super) rows: Vec<Row>,
    pub(super) page: usize,
}

/// All blocks, in reading order.
#[derive(Clone, Debug, Default)]
pub(super) struct Sheet {
    pub(super) regions: Vec<Region>,
    /// What it says of each page's picture, as far as it does.
    pub(super) pictures: Vec<Picture>,
}

impl Sheet {
    /// The text, with an empty line between blocks and a newline between the
    /// lines of each.
    pub(super) fn extract(self, format: Format, content: &str) -> Extract {
        let mut out = Assembly::default();
        for (block, region) in self.regions.into_iter().enumerate() {
            let mut first = true;
            for mut row in region.rows {
                row.settle();
                if row.glyphs.iter().all(|glyph| glyph.c.is_whitespace()) {
                    continue;
                }
                if !out.text.is_empty() {
                    out.text.push_str(if first { "\n\n" } else { "\n" });
                }
                first = false;
                out.row(&row, block, region.page);
            }
        }
        if !out.text.is_empty() {
            out.text.push('\n');
        }
        Extract {
            format,
            content_len: content.len(),
            text: out.text,
            geometry: Geometry { lines: out.lines, confidence: out.confidence },
            boxes: out.boxes,
            pictures: self.pictures,
            layers: std::iter::once(out.main).chain(out.copies).filter(|layer| !layer.is_empty()).collect(),
        }
    }
}

#[derive(Default)]
struct Assembly {
    text: String,
    lines: Vec<PrintedLine>,
    confidence: Vec<Sure>,
    boxes: Vec<(Span, Bounds)>,
    main: Pieces,
    copies: Vec<Pieces>,
}

impl Assembly {
    fn row(&mut self, row: &Row, block: usize, page: usize) {
        let start = self.text.len();
        let mut places = Vec::with_capacity(row.glyphs.len());
        for glyph in &row.glyphs {
            let at = self.text.len();
            self.text.push(glyph.c);
            let place = Span::new(at, self.text.len());
            if let Some(source) = glyph.source {
                self.main.push(place, source);
            }
            if let Some(share) = glyph.confidence {
                self.confidence.push(Sure { at, c: glyph.c, share });
            }
            if let Some(bounds) = glyph.bounds {
                self.in_box(place, bounds);
            }
            if !glyph.c.is_whitespace() {
                places.push((glyph.c, place));
            }
        }
        for (idx, copy) in row.copies.iter().enumerate() {
            let same = copy.iter().filter(|(c, _)| !c.is_whitespace());
            if !same.clone().map(|(c, _)| c).eq(places.iter().map(|(c, _)| c)) {
                continue;
            }
            if self.copies.len() <= idx {
                self.copies.resize_with(idx + 1, Pieces::default);
            }
            for ((_, source), (_, place)) in same.zip(&places) {
                self.copies[idx].push(*place, *source);
            }
        }
        let width_cells = row.glyphs.iter().map(|glyph| width_cells(glyph.c)).sum();
        self.lines.push(PrintedLine { span: Span::new(start, self.text.len()), bounds: row.bounds, block, page, width_cells });
    }

    /// Notes that `place` stands in a box; characters of one word share theirs.
    fn in_box(&mut self, place: Span, bounds: Bounds) {
        match self.boxes.last_mut() {
            Some((run, own)) if *own == bounds && run.end == place.start => run.end = place.end,
            _ => self.boxes.push((place, bounds)),
        }
    }
}

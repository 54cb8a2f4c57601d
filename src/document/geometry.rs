use std::ops::Range;

use crate::text::Span;

/// A rectangle on the page, in the pixels or units of the file; x grows to the
/// right, y downwards.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// x of the left edge.
    pub left: f32,
    /// y of the upper edge.
    pub top: f32,
    /// x of the right edge.
    pub right: f32,
    /// y of the lower edge.
    pub bottom: f32,
}

impl Bounds {
    /// A rectangle that can be one: finite, and not turned inside out.
    #[must_use]
    pub fn new(left: f32, top: f32, right: f32, bottom: f32) -> Option<Self> {
        let finite = [left, top, right, bottom].iter().all(|edge| edge.is_finite() && edge.abs() < 1e7);
        (finite && left < right && top < bottom).then_some(Self { left, top, right, bottom })
    }

    /// The smallest rectangle around both.
    #[must_use]
    pub fn hull(self, other: Self) -> Self {
        Self {
            left: self.left.min(other.left),
            top: self.top.min(other.top),
            right: self.right.max(other.right),
            bottom: self.bottom.max(other.bottom),
        }
    }

    /// Its width.
    #[must_use]
    pub fn width(&self) -> f32 {
        self.right - self.left
    }

    /// Its height.
    #[must_use]
    pub fn height(&self) -> f32 {
        self.bottom - self.top
    }
}

/// A line as it was printed.
#[derive(Clone, Debug, PartialEq)]
pub struct PrintedLine {
    /// Where it stands in the text.
    pub span: Span,
    /// Where it stands on the page; `None` when the file does not say.
    pub bounds: Option<Bounds>,
    /// The block of the file it belongs to, counted from 0.
    pub block: usize,
    /// The page of the file, counted from 0.
    pub page: usize,
    /// Its width in terminal cells: two for a Chinese character.
    pub width_cells: usize,
}

/// What a file with boxes says of its text: where the lines stand on the page,
/// and how sure the engine was of its characters.
///
/// In the coordinates of the text as it was read; [`super::Layout`] keeps the
/// way there.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Geometry {
    /// The printed lines, in the order of the text.
    pub lines: Vec<PrintedLine>,
    /// How sure the engine was of characters, in the order of the text.
    pub confidence: Vec<Sure>,
}

/// How sure an engine was of a character.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sure {
    /// The byte of the text it begins at.
    pub at: usize,
    /// What was read.
    pub c: char,
    /// The engine's confidence, 0 to 1.
    pub share: f32,
}

/// Of the lines long enough to tell, the share whose characters must differ in
/// confidence for it to be one of characters.
const LEAST_VARIED: f64 = 0.5;

/// Characters from which on a line is long enough to tell.
const LONG_LINE_CHARS: usize = 6;

impl Geometry {
    /// The printed lines from the one that holds `span.start` to the one that
    /// holds the last byte of `span`; `None` when either is no place of a line.
    #[must_use]
    pub fn lines_of(&self, span: Span) -> Option<Range<usize>> {
        let at = |offset: usize| self.lines.partition_point(|line| line.span.start <= offset).checked_sub(1);
        let first = at(span.start)?;
        let last = at(span.end.max(span.start + 1) - 1)?;
        Some(first..last + 1)
    }

    /// How sure the engine was of what it read at `offset`.
    #[must_use]
    pub fn sure_at(&self, offset: usize) -> Option<Sure> {
        self.confidence.binary_search_by_key(&offset, |sure| sure.at).ok().map(|idx| self.confidence[idx])
    }

    /// True when the confidences are those of characters or short words. Some
    /// engines give one for a whole line: the mean of all, which says nothing
    /// of the one that was misread.
    #[must_use]
    pub fn is_sure_of_characters(&self) -> bool {
        let (mut n_long, mut n_varied) = (0_usize, 0_usize);
        let mut rest = self.confidence.as_slice();
        for line in &self.lines {
            let start = rest.partition_point(|sure| sure.at < line.span.start);
            let end = rest.partition_point(|sure| sure.at < line.span.end);
            let here = &rest[start..end];
            rest = &rest[end..];
            if here.len() >= LONG_LINE_CHARS {
                n_long += 1;
                n_varied += usize::from(here.iter().any(|sure| sure.share != here[0].share));
            }
        }
        n_long > 0 && n_varied as f64 >= LEAST_VARIED * n_long as f64
    }

    /// The rectangle around the printed lines of `span`, where all lie on one page.
    #[must_use]
    pub fn bounds_of(&self, span: Span) -> Option<Bounds> {
        let lines = &self.lines[self.lines_of(span)?];
        lines.iter().filter_map(|line| line.bounds).reduce(Bounds::hull)
    }

    /// Rectangles around the printed lines of `span`, one for each stretch of a
    /// column: a line that stands below the one before and under it goes on.
    #[must_use]
    pub fn stretches_of(&self, span: Span) -> Vec<Bounds> {
        let lines = self.lines_of(span).map_or(&[][..], |lines| &self.lines[lines]);
        let mut stretches: Vec<Bounds> = Vec::new();
        let mut before: Option<(usize, Bounds)> = None;
        for (page, bounds) in lines.iter().filter_map(|line| Some((line.page, line.bounds?))) {
            let goes_on = before.is_some_and(|(page_before, above)| {
                page == page_before && above.left < bounds.right && bounds.left < above.right && above.top < bounds.top
            });
            match stretches.last_mut() {
                Some(last) if goes_on => *last = last.hull(bounds),
                _ => stretches.push(bounds),
            }
            before = Some((page, bounds));
        }
        stretches
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rectangle_that_cannot_be_one_is_none() {
        assert!(Bounds::new(0.0, 0.0, 1.0, 1.0).is_some());
        for (left, top, right, bottom) in
            [(1.0, 0.0, 0.0, 1.0), (0.0, f32::NAN, 1.0, 1.0), (0.0, 0.0, f32::INFINITY, 1.0), (3.0, 3.0, 3.0, 9.0)]
        {
            assert_eq!(Bounds::new(left, top, right, bottom), None);
        }
    }

    #[test]
    fn spans_find_their_lines() {
        let line = |start, end| PrintedLine { span: Span::new(start, end), bounds: None, block: 0, page: 0, width_cells: 4 };
        let geometry = Geometry {
            lines: vec![line(0, 6), line(7, 13), line(15, 21)],
            confidence: vec![Sure { at: 0, c: '城', share: 0.9 }, Sure { at: 3, c: '末', share: 0.4 }],
        };
        assert_eq!(geometry.lines_of(Span::new(0, 6)), Some(0..1));
        assert_eq!(geometry.lines_of(Span::new(3, 18)), Some(0..3));
        assert_eq!(geometry.sure_at(3).map(|sure| sure.share), Some(0.4));
        assert_eq!(geometry.sure_at(1), None);
    }

    #[test]
    fn a_span_over_two_columns_has_two_rectangles() {
        let line = |start, left: f32, top: f32| PrintedLine {
            span: Span::new(start, start + 6),
            bounds: Bounds::new(left, top, left + 100.0, top + 20.0),
            block: 0,
            page: 0,
            width_cells: 4,
        };
        let lines = vec![line(0, 10.0, 500.0), line(7, 12.0, 530.0), line(14, 150.0, 80.0), line(21, 150.0, 110.0)];
        let geometry = Geometry { lines, confidence: Vec::new() };
        let stretches = geometry.stretches_of(Span::new(0, 27));
        assert_eq!(stretches, [Bounds::new(10.0, 500.0, 112.0, 550.0).unwrap(), Bounds::new(150.0, 80.0, 250.0, 130.0).unwrap()]);
        assert_eq!(geometry.stretches_of(Span::new(7, 12)).len(), 1);
        assert!(Geometry::default().stretches_of(Span::new(0, 6)).is_empty());
    }

    #[test]
    fn a_confidence_of_lines_is_none_of_characters() {
        let line = |start| PrintedLine { span: Span::new(start, start + 6), bounds: None, block: 0, page: 0, width_cells: 6 };
        let page = |share: fn(usize) -> f32| Geometry {
            lines: vec![line(0), line(7)],
            confidence: (0..13).map(|at| Sure { at, c: 'a', share: share(at) }).collect(),
        };
        assert!(page(|at| at as f32 / 13.0).is_sure_of_characters());
        assert!(!page(|at| if at < 6 { 0.75 } else { 0.5 }).is_sure_of_characters());
        assert!(!Geometry::default().is_sure_of_characters());
    }
}

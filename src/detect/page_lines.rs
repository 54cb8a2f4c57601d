//! Edits that detectors of whole lines share.

use crate::document::Layout;
use crate::finding::Edit;
use crate::text::Span;

/// What separates paragraphs of this text: an empty line where the text has
/// any, a line end otherwise.
pub(super) fn paragraph_break(layout: &Layout) -> String {
    let n_newlines = if layout.breaks.iter().any(|gap| gap.blank) { 2 } else { 1 };
    layout.newline.repeat(n_newlines)
}

/// Takes line `line_idx` out with one of the breaks beside it, so that the
/// other and wider one stays between its neighbors.
pub(super) fn removal(layout: &Layout, line_idx: usize) -> Edit {
    let line = layout.lines[line_idx].span;
    let before = line_idx.checked_sub(1).map(|idx| layout.breaks[idx]);
    let after = layout.breaks.get(line_idx).copied();
    let span = match (before, after) {
        (None, None) => line,
        (Some(before), None) => before.span.hull(line),
        (Some(before), Some(after)) if after.blank && !before.blank => before.span.hull(line),
        (_, Some(after)) => Span::new(line.start, after.span.end),
    };
    Edit::deletion(span)
}

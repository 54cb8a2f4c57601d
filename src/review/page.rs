use std::collections::BTreeMap;

use serde::Serialize;

use crate::finding::Edit;
use crate::text::Span;

/// A run of a page: as it is, or changed, or suspect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Segment<'t> {
    /// As it was read.
    pub old: &'t str,
    /// What stands there instead; `None` where nothing changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<&'t str>,
    /// Finding of the change or the suspicion, by index.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finding: Option<u32>,
}

/// What stands there instead, and the finding that says so.
type Mark<'t> = (Option<&'t str>, Option<u32>);

/// The part `window` of a text as segments, in order. `changes` are what is
/// done, `suspects` what is only shown; of two that overlap, the earlier one in
/// the list is shown.
#[must_use]
pub fn page<'t>(text: &'t str, window: Span, changes: &'t [(Edit, Option<u32>)], suspects: &[(Span, u32)]) -> Vec<Segment<'t>> {
    let mut marks: Vec<(Span, Mark<'_>)> = Vec::new();
    let changed = changes.iter().map(|(edit, finding)| (edit.span, Some(edit.replacement.as_str()), *finding));
    for (span, new, finding) in changed.chain(suspects.iter().map(|&(span, finding)| (span, None, Some(finding)))) {
        if window.contains(span) && text.get(span.start..span.end).is_some() {
            marks.push((span, (new, finding)));
        }
    }
    let mut taken: BTreeMap<(usize, usize), Mark<'_>> = BTreeMap::new();
    for (span, mark) in marks {
        let before = taken.range(..=(span.start, usize::MAX)).next_back();
        let free_before = before.is_none_or(|(&(start, end), _)| end <= span.start && (start, end) != (span.start, span.end));
        let after = taken.range((span.start, span.end)..).next();
        if free_before && after.is_none_or(|(&(start, _), _)| span.end <= start) {
            taken.insert((span.start, span.end), mark);
        }
    }
    let mut segments = Vec::with_capacity(2 * taken.len() + 1);
    let mut at = window.start;
    for ((start, end), (new, finding)) in taken {
        if at < start {
            segments.push(Segment { old: &text[at..start], new: None, finding: None });
        }
        segments.push(Segment { old: &text[start..end], new, finding });
        at = end;
    }
    if at < window.end {
        segments.push(Segment { old: &text[at..window.end], new: None, finding: None });
    }
    segments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_the_whole_window_in_order() {
        let text = "甲乙丙丁戊";
        let changes = [(Edit::replacement(Span::new(3, 6), "己"), Some(7)), (Edit::insertion(9, "庚"), None)];
        let suspects = [(Span::new(3, 9), 1), (Span::new(12, 15), 2)];
        let segments = page(text, Span::new(0, 15), &changes, &suspects);
        let old: String = segments.iter().map(|segment| segment.old).collect();
        let new: String = segments.iter().map(|segment| segment.new.unwrap_or(segment.old)).collect();
        assert_eq!((old.as_str(), new.as_str()), (text, "甲己丙庚丁戊"));
        assert_eq!(segments.iter().filter_map(|segment| segment.finding).collect::<Vec<_>>(), [7, 2]);
        assert_eq!(page(text, Span::new(3, 9), &changes[..1], &[])[1].old, "丙");
    }
}

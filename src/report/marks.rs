//! Which characters of a passage change, and how.
//!
//! The one place that turns edits into strokes of ink; the terminal, the
//! unified diff and the page only dress them.

use std::borrow::Cow;

use similar::{Algorithm, DiffOp, capture_diff_slices};

use crate::finding::Edit;
use crate::text::Span;

/// Longest side, in code points, that is compared character by character.
/// Above it, only the common ends are found: the comparison is quadratic in
/// the number of differences, and nobody reads marks over such a stretch.
const COMPARE_CHARS: usize = 4000;

/// What happens to a run of characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ink {
    /// Stays.
    Kept,
    /// Goes.
    Deleted,
    /// Comes.
    Inserted,
}

/// A run of characters of one fate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stroke<'a> {
    /// The characters; empty only for a place between two characters.
    pub(super) text: Cow<'a, str>,
    /// What happens to them.
    pub(super) ink: Ink,
    /// Indexes into the edits given: the one that deletes or inserts it.
    pub(super) edit: Option<usize>,
    /// Indexes into the places given: those that cover it.
    pub(super) places: Vec<usize>,
}

/// What leads from `old` to `new`, with as many characters kept as make
/// sense to a reader.
pub(super) fn compare<'a>(old: &'a str, new: &'a str) -> Vec<(Ink, &'a str)> {
    let prefix = common_prefix(old, new);
    let (old_rest, new_rest) = (&old[prefix..], &new[prefix..]);
    let suffix = common_suffix(old_rest, new_rest);
    let (old_middle, new_middle) = (&old_rest[..old_rest.len() - suffix], &new_rest[..new_rest.len() - suffix]);
    let mut strokes = Vec::new();
    let mut put = |ink, text: &'a str| {
        if !text.is_empty() {
            strokes.push((ink, text));
        }
    };
    put(Ink::Kept, &old[..prefix]);
    for (ink, text) in compare_middle(old_middle, new_middle) {
        put(ink, text);
    }
    put(Ink::Kept, &old_rest[old_rest.len() - suffix..]);
    strokes
}

fn compare_middle<'a>(old: &'a str, new: &'a str) -> Vec<(Ink, &'a str)> {
    let whole = vec![(Ink::Deleted, old), (Ink::Inserted, new)];
    if old.is_empty() || new.is_empty() {
        return whole;
    }
    let old_at: Vec<(usize, char)> = old.char_indices().collect();
    let new_at: Vec<(usize, char)> = new.char_indices().collect();
    if old_at.len().max(new_at.len()) > COMPARE_CHARS {
        return whole;
    }
    let chars = |at: &[(usize, char)]| at.iter().map(|&(_, c)| c).collect::<Vec<char>>();
    let ops = capture_diff_slices(Algorithm::Myers, &chars(&old_at), &chars(&new_at));
    let kept: usize = ops.iter().map(|op| if let DiffOp::Equal { len, .. } = op { *len } else { 0 }).sum();
    // A few characters in common between two different wordings are chance;
    // marks around them would be confetti.
    if kept * 3 < old_at.len().max(new_at.len()) {
        return whole;
    }
    let slice = |text: &'a str, at: &[(usize, char)], range: std::ops::Range<usize>| {
        let end = |idx: usize| at.get(idx).map_or(text.len(), |&(offset, _)| offset);
        &text[end(range.start)..end(range.end)]
    };
    let mut strokes = Vec::new();
    for op in ops {
        match op {
            DiffOp::Equal { .. } => strokes.push((Ink::Kept, slice(old, &old_at, op.old_range()))),
            _ => {
                strokes.push((Ink::Deleted, slice(old, &old_at, op.old_range())));
                strokes.push((Ink::Inserted, slice(new, &new_at, op.new_range())));
            }
        }
    }
    strokes
}

fn common_prefix(a: &str, b: &str) -> usize {
    a.chars().zip(b.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum()
}

fn common_suffix(a: &str, b: &str) -> usize {
    a.chars().rev().zip(b.chars().rev()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum()
}

/// The strokes of `window` of `text` under `edits` (sorted, disjoint, none
/// crossing an end of the window), with `places` told apart.
///
/// A place without characters gets a stroke of its own with an empty text.
pub(super) fn strokes<'a>(text: &'a str, window: Span, edits: &'a [Edit], places: &[Span]) -> Vec<Stroke<'a>> {
    let mut out = Vec::new();
    let mut at = window.start;
    let from = edits.partition_point(|edit| edit.span.start < window.start);
    for (idx, edit) in edits.iter().enumerate().skip(from).take_while(|(_, edit)| edit.span.end <= window.end) {
        cut(text, Span::new(at, edit.span.start), Ink::Kept, None, places, &mut out);
        at = edit.span.start;
        for (ink, piece) in compare(edit.span.of(text), &edit.replacement) {
            if ink == Ink::Inserted {
                out.push(Stroke { text: Cow::Borrowed(piece), ink, edit: Some(idx), places: Vec::new() });
            } else {
                let span = Span::new(at, at + piece.len());
                cut(text, span, ink, (ink == Ink::Deleted).then_some(idx), places, &mut out);
                at = span.end;
            }
        }
        at = edit.span.end;
    }
    cut(text, Span::new(at, window.end), Ink::Kept, None, places, &mut out);
    out
}

/// Adds `span` to `out`, in pieces that every place covers whole or not.
fn cut<'a>(text: &'a str, span: Span, ink: Ink, edit: Option<usize>, places: &[Span], out: &mut Vec<Stroke<'a>>) {
    let mut bounds = vec![span.start, span.end];
    for place in places {
        bounds.extend([place.start, place.end].into_iter().filter(|&at| span.start < at && at < span.end));
    }
    bounds.sort_unstable();
    bounds.dedup();
    let mut points: Vec<usize> = (0..places.len()).filter(|&idx| places[idx].is_empty() && span.start <= places[idx].start).collect();
    points.retain(|&idx| places[idx].start < span.end || (span.is_empty() && places[idx].start == span.start));
    points.sort_by_key(|&idx| places[idx].start);
    let mut points = points.into_iter().peekable();
    for pair in bounds.windows(2) {
        let piece = Span::new(pair[0], pair[1]);
        while let Some(idx) = points.next_if(|&idx| places[idx].start <= piece.start) {
            out.push(Stroke { text: Cow::Borrowed(""), ink, edit: None, places: vec![idx] });
        }
        let covering = (0..places.len()).filter(|&idx| !places[idx].is_empty() && places[idx].contains(piece)).collect();
        out.push(Stroke { text: Cow::Borrowed(piece.of(text)), ink, edit, places: covering });
    }
}

/// `text` with characters that show nothing, or would break a line, replaced
/// by visible ones: ⏎ for a newline (with or without carriage return), ␉ for a
/// tab, ␀… for controls, code points for other invisible characters.
pub(super) fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(needs_sign) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' if chars.peek() == Some(&'\n') => {}
            '\n' | '\r' | '\u{2028}' | '\u{2029}' => out.push('⏎'),
            '\0'..='\u{1f}' => out.push(char::from_u32(0x2400 + u32::from(c)).expect("the control pictures are a block of their own")),
            '\u{7f}' => out.push('␡'),
            _ if needs_sign(c) => out.push_str(&format!("⟨U+{:04X}⟩", u32::from(c))),
            _ => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// True for characters that are invisible or would reorder what stands
/// around them on a screen.
fn needs_sign(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wdiff(old: &str, new: &str) -> String {
        compare(old, new)
            .into_iter()
            .map(|(ink, text)| match ink {
                Ink::Kept => text.to_owned(),
                Ink::Deleted => format!("[-{text}-]"),
                Ink::Inserted => format!("{{+{text}+}}"),
            })
            .collect()
    }

    #[test]
    fn marks_the_characters_that_change_and_no_others() {
        assert_eq!(wdiff("柳\n湾镇", "柳树湾镇"), "柳[-\n-]{+树+}湾镇");
        assert_eq!(wdiff("自己经历", "自已经历"), "自[-己-]{+已+}经历");
        assert_eq!(wdiff("同", "同"), "同");
        assert_eq!(wdiff("", "新"), "{+新+}");
    }

    #[test]
    fn two_wordings_are_not_cut_to_confetti() {
        assert_eq!(wdiff("春天的早晨下雨", "学校在山的那边"), "[-春天的早晨下雨-]{+学校在山的那边+}");
    }

    #[test]
    fn strokes_give_back_both_texts() {
        let text = "甲乙丙丁戊己";
        let edits =
            vec![Edit { span: Span::new(3, 6), replacement: "二".into() }, Edit { span: Span::new(12, 12), replacement: "又".into() }];
        let places = [Span::new(6, 12), Span::empty(9), Span::new(0, 18)];
        let strokes = strokes(text, Span::new(0, 18), &edits, &places);
        let old: String = strokes.iter().filter(|stroke| stroke.ink != Ink::Inserted).map(|stroke| &*stroke.text).collect();
        let new: String = strokes.iter().filter(|stroke| stroke.ink != Ink::Deleted).map(|stroke| &*stroke.text).collect();
        assert_eq!(old, text);
        assert_eq!(new, "甲二丙丁又戊己");
        assert_eq!(strokes.iter().filter(|stroke| stroke.text.is_empty() && stroke.places == [1]).count(), 1);
    }

    #[test]
    fn invisible_characters_get_signs() {
        assert_eq!(visible("石\r\n家\u{200b}庄\t"), "石⏎家⟨U+200B⟩庄␉");
        assert!(matches!(visible("石家庄　"), Cow::Borrowed(_)));
    }
}

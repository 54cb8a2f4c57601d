use super::Script;
use crate::finding::Edit;
use crate::text::Span;

/// A run of a new text: kept from the old one, or new.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// These bytes of the old text.
    Kept(Span),
    /// Text that the old one did not have here.
    Inserted(String),
}

impl Piece {
    fn len(&self) -> usize {
        match self {
            Piece::Kept(span) => span.len(),
            Piece::Inserted(text) => text.len(),
        }
    }
}

/// Says for every byte of a new text where it comes from in the old one.
///
/// Kept pieces are in the order of the old text (monotone): a moved passage is
/// a deletion and an insertion.
#[derive(Clone, Debug)]
pub struct SourceMap {
    pieces: Vec<Piece>,
    /// Start of every piece in the new text.
    starts: Vec<usize>,
    new_len: usize,
    old_len: usize,
}

impl SourceMap {
    /// The map of an unchanged text of `len` bytes.
    #[must_use]
    pub fn identity(len: usize) -> Self {
        let pieces = if len == 0 { Vec::new() } else { vec![Piece::Kept(Span::new(0, len))] };
        Self::from_pieces(pieces, len)
    }

    pub(super) fn from_pieces(pieces: Vec<Piece>, old_len: usize) -> Self {
        let mut starts = Vec::with_capacity(pieces.len());
        let mut new_len = 0;
        for piece in &pieces {
            starts.push(new_len);
            new_len += piece.len();
        }
        Self { pieces, starts, new_len, old_len }
    }

    /// This map followed by `next`, which is in the coordinates of this map's
    /// new text.
    #[must_use]
    pub fn then(&self, next: &Script) -> SourceMap {
        let mut pieces = Vec::with_capacity(self.pieces.len() + 2 * next.edits().len());
        let mut at = 0;
        for edit in next.edits() {
            self.copy(Span::new(at, edit.span.start), &mut pieces);
            push(&mut pieces, Piece::Inserted(edit.replacement.clone()));
            at = edit.span.end;
        }
        self.copy(Span::new(at, self.new_len), &mut pieces);
        SourceMap::from_pieces(pieces, self.old_len)
    }

    /// The whole change as one script in the coordinates of the old text.
    #[must_use]
    pub fn script(&self) -> Script {
        let mut edits = Vec::new();
        let mut at = 0;
        let mut inserted = String::new();
        let mut flush = |from: usize, to: usize, inserted: &mut String| {
            if from < to || !inserted.is_empty() {
                edits.push(Edit { span: Span::new(from, to), replacement: std::mem::take(inserted) });
            }
        };
        for piece in &self.pieces {
            match piece {
                Piece::Inserted(text) => inserted.push_str(text),
                Piece::Kept(span) => {
                    flush(at, span.start, &mut inserted);
                    at = span.end;
                }
            }
        }
        flush(at, self.old_len, &mut inserted);
        Script::new(edits).expect("pieces are in the order of the old text, so their gaps are disjoint")
    }

    /// The smallest span of the old text that `span` of the new text came
    /// from. Text that was inserted counts as coming from the gap it fills.
    #[must_use]
    pub fn to_old(&self, span: Span) -> Span {
        let (start, end) = (self.old_start(span.start), self.old_end(span.end, span.is_empty()));
        if span.is_empty() {
            return Span::empty(start.min(self.old_len));
        }
        Span::new(start.min(end), end.max(start))
    }

    /// An edit of the new text as an edit of the old one, exact: where it
    /// touches inserted text, the whole gap is restated.
    #[must_use]
    pub fn edit_to_old(&self, edit: &Edit, new_text: &str) -> Edit {
        let mut span = edit.span;
        if let Some(piece_idx) = self.inserted_piece_at(span.start, span.is_empty()) {
            span.start = self.starts[piece_idx];
            if span.end < span.start + self.pieces[piece_idx].len() {
                span.end = span.start + self.pieces[piece_idx].len();
            }
        }
        if let Some(piece_idx) = self.inserted_piece_before(span.end) {
            span.end = span.end.max(self.starts[piece_idx] + self.pieces[piece_idx].len());
            span.start = span.start.min(self.starts[piece_idx]);
        }
        let before = &new_text[span.start..edit.span.start];
        let after = &new_text[edit.span.end..span.end];
        Edit { span: self.to_old(span), replacement: format!("{before}{}{after}", edit.replacement) }
    }

    /// The pieces, in the order of the new text.
    #[must_use]
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    fn piece_at(&self, offset: usize) -> Option<usize> {
        (offset < self.new_len).then(|| self.starts.partition_point(|&start| start <= offset) - 1)
    }

    fn inserted_piece_at(&self, offset: usize, point: bool) -> Option<usize> {
        let piece_idx = self.piece_at(offset)?;
        let strictly_inside = self.starts[piece_idx] < offset;
        (matches!(self.pieces[piece_idx], Piece::Inserted(_)) && (strictly_inside || !point)).then_some(piece_idx)
    }

    fn inserted_piece_before(&self, end: usize) -> Option<usize> {
        let piece_idx = self.piece_at(end.checked_sub(1)?)?;
        let reaches_into = end < self.starts[piece_idx] + self.pieces[piece_idx].len();
        (matches!(self.pieces[piece_idx], Piece::Inserted(_)) && reaches_into).then_some(piece_idx)
    }

    fn old_start(&self, offset: usize) -> usize {
        let Some(piece_idx) = self.piece_at(offset) else {
            return self.old_len_after(self.pieces.len());
        };
        match &self.pieces[piece_idx] {
            Piece::Kept(span) => span.start + (offset - self.starts[piece_idx]),
            Piece::Inserted(_) => self.old_len_after(piece_idx),
        }
    }

    fn old_end(&self, offset: usize, point: bool) -> usize {
        if point || offset == 0 {
            return self.old_start(offset);
        }
        let piece_idx = self.piece_at(offset - 1).expect("a span lies inside its text");
        match &self.pieces[piece_idx] {
            Piece::Kept(span) => span.start + (offset - self.starts[piece_idx]),
            Piece::Inserted(_) => self.pieces[piece_idx + 1..]
                .iter()
                .find_map(|piece| if let Piece::Kept(span) = piece { Some(span.start) } else { None })
                .unwrap_or(self.old_len),
        }
    }

    /// End in the old text of the last kept piece before `piece_idx`.
    fn old_len_after(&self, piece_idx: usize) -> usize {
        self.pieces[..piece_idx]
            .iter()
            .rev()
            .find_map(|piece| if let Piece::Kept(span) = piece { Some(span.end) } else { None })
            .unwrap_or(0)
    }

    fn copy(&self, span: Span, out: &mut Vec<Piece>) {
        let Some(mut piece_idx) = self.piece_at(span.start).filter(|_| !span.is_empty()) else { return };
        let mut at = span.start;
        while at < span.end {
            let (start, piece) = (self.starts[piece_idx], &self.pieces[piece_idx]);
            let end = span.end.min(start + piece.len());
            match piece {
                Piece::Kept(old) => push(out, Piece::Kept(Span::new(old.start + at - start, old.start + end - start))),
                Piece::Inserted(text) => push(out, Piece::Inserted(text[at - start..end - start].to_owned())),
            }
            at = end;
            piece_idx += 1;
        }
    }
}

fn push(out: &mut Vec<Piece>, piece: Piece) {
    match (out.last_mut(), piece) {
        (_, piece) if piece.len() == 0 => {}
        (Some(Piece::Inserted(last)), Piece::Inserted(text)) => last.push_str(&text),
        (Some(Piece::Kept(last)), Piece::Kept(span)) if last.end == span.start => last.end = span.end,
        (_, piece) => out.push(piece),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(edits: &[(usize, usize, &str)]) -> Script {
        Script::new(edits.iter().map(|&(start, end, new)| Edit { span: Span::new(start, end), replacement: new.to_owned() }).collect())
            .unwrap()
    }

    #[test]
    fn two_phases_compose_into_one_script() {
        let old = "abcdefgh";
        let first = script(&[(1, 3, "XY"), (5, 5, "--")]);
        let middle = first.apply(old);
        assert_eq!(middle, "aXYde--fgh");
        let second = script(&[(2, 4, "q"), (6, 8, "")]);
        let new = second.apply(&middle);
        let map = first.source_map(old.len()).then(&second);
        assert_eq!(map.script().apply(old), new);
        assert_eq!(map.script().inverse(old).apply(&new), old);
    }

    #[test]
    fn an_edit_inside_inserted_text_restates_the_gap() {
        let old = "石\n庄市";
        let map = script(&[(3, 4, "家")]).source_map(old.len());
        let new = map.script().apply(old);
        let edit = Edit { span: Span::new(3, 6), replacement: "傢".to_owned() };
        let back = map.edit_to_old(&edit, &new);
        assert_eq!(back, Edit { span: Span::new(3, 4), replacement: "傢".to_owned() });
    }
}

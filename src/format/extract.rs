use super::Format;
use super::pieces::Pieces;
use crate::document::Geometry;
use crate::text::Span;

/// The text of a file with boxes, and the way back into it.
#[derive(Clone, Debug, PartialEq)]
pub struct Extract {
    /// What the file is written in.
    pub format: Format,
    /// The text: a line for each printed line, an empty line between blocks,
    /// all in reading order.
    pub text: String,
    /// Where its lines stand on the page.
    pub geometry: Geometry,
    pub(super) content_len: usize,
    /// The text and its copies in the file, the text first.
    pub(super) layers: Vec<Pieces>,
}

impl Extract {
    /// The characters that stand for `spans` of the file's content, which
    /// nobody may change.
    #[must_use]
    pub fn untouchable(&self, spans: &[Span]) -> Vec<Span> {
        let Some(main) = self.layers.first() else { return Vec::new() };
        let mut untouchable: Vec<Span> = Vec::new();
        for piece in main.iter() {
            for span in spans.iter().filter(|span| span.overlaps(piece.source)) {
                let start = piece.text.start + span.start.saturating_sub(piece.source.start);
                let length = if piece.text.len() == piece.source.len() { span.len() } else { piece.text.len() };
                untouchable.push(Span::new(start, (start + length).min(piece.text.end)));
            }
        }
        untouchable.sort();
        untouchable
    }

    /// The spans of the file's content that `span` of the text came from, in
    /// the order of the text; runs that follow each other are one.
    #[must_use]
    pub fn sources(&self, span: Span) -> Vec<Span> {
        let mut sources: Vec<Span> = Vec::new();
        let Some(main) = self.layers.first() else { return sources };
        for piece in main.iter() {
            let start = piece.text.start.max(span.start);
            let end = piece.text.end.min(span.end);
            if start >= end {
                continue;
            }
            let source = if piece.text.len() == piece.source.len() {
                Span::new(piece.source.start + (start - piece.text.start), piece.source.start + (end - piece.text.start))
            } else {
                piece.source
            };
            match sources.last_mut() {
                Some(last) if last.end == source.start => last.end = source.end,
                _ => sources.push(source),
            }
        }
        sources
    }
}

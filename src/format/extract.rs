use super::Format;
use super::pieces::Pieces;
use crate::document::{Bounds, Geometry};
use crate::text::Span;

/// What a file says of the picture of one of its pages.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Picture {
    /// Its file, as the file names it: often a path on the machine where the
    /// page was read.
    pub name: Option<String>,
    /// The rectangle that the whole picture fills, in the unit of the boxes.
    pub bounds: Option<Bounds>,
}

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
    /// Where words or characters have boxes of their own: runs of the text, in
    /// its order, each with its box.
    pub boxes: Vec<(Span, Bounds)>,
    /// The picture of each page, counted from 0; a page that the file says
    /// nothing about may be missing at the end.
    pub pictures: Vec<Picture>,
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

    /// Every place of the file's content in which a change of `span` of the
    /// text lands: of each element that says it, and for what no element holds
    /// (a line's end, the place between two characters) where text is put in.
    #[must_use]
    pub fn places(&self, span: Span) -> Vec<Span> {
        let mut places: Vec<Span> = Vec::new();
        for layer in &self.layers {
            let mut n_bytes = 0;
            for (at, c) in span.of(&self.text).char_indices() {
                let own = Span::new(span.start + at, span.start + at + c.len_utf8());
                let Some(source) = layer.source_of(own) else { continue };
                n_bytes += own.len();
                match places.last_mut() {
                    Some(last) if last.end == source.start => last.end = source.end,
                    _ => places.push(source),
                }
            }
            if n_bytes < span.len() || span.is_empty() {
                places.extend(self.insertion_place(layer, span.start).map(Span::empty));
            }
        }
        places
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

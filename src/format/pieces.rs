use crate::text::Span;

/// How a format writes a character that is syntax to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Escape {
    None,
    Xml,
    Json,
}

impl Escape {
    /// `text` as it stands in a file.
    pub(super) fn apply(self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        for c in text.chars() {
            match (self, c) {
                (Escape::Xml, '&') => out.push_str("&amp;"),
                (Escape::Xml, '<') => out.push_str("&lt;"),
                (Escape::Xml, '>') => out.push_str("&gt;"),
                (Escape::Xml, '"') => out.push_str("&quot;"),
                (Escape::Xml, '\'') => out.push_str("&#39;"),
                (Escape::Json, '"') => out.push_str("\\\""),
                (Escape::Json, '\\') => out.push_str("\\\\"),
                (Escape::Json, c) if c < ' ' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
                (_, c) => out.push(c),
            }
        }
        out
    }
}

/// A run of the text and where it stands in the file. As long in both, it
/// stands there letter by letter; otherwise it is one character and its escape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) text: Span,
    pub(super) source: Span,
}

/// The pieces of one copy of the text, in the order of the text. What no piece
/// covers stands for markup: line ends, spaces between words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Pieces(Vec<Piece>);

impl Pieces {
    /// Adds a character of the text behind the last one.
    pub(super) fn push(&mut self, text: Span, source: Span) {
        let letter = |piece: &Piece| piece.text.len() == piece.source.len();
        if let Some(last) = self.0.last_mut()
            && last.text.end == text.start
            && last.source.end == source.start
            && letter(last)
            && text.len() == source.len()
        {
            last.text.end = text.end;
            last.source.end = source.end;
            return;
        }
        self.0.push(Piece { text, source });
    }

    /// Where the character at `text` stands in the file.
    pub(super) fn source_of(&self, text: Span) -> Option<Span> {
        let idx = self.0.partition_point(|piece| piece.text.start <= text.start).checked_sub(1)?;
        let piece = &self.0[idx];
        if text.end > piece.text.end {
            return None;
        }
        if piece.text.len() != piece.source.len() {
            return Some(piece.source);
        }
        let start = piece.source.start + (text.start - piece.text.start);
        Some(Span::new(start, start + text.len()))
    }

    /// Where text is put in that comes behind the character that ends at
    /// `offset`, or else before the one that starts there.
    pub(super) fn insertion_at(&self, offset: usize) -> Option<usize> {
        let after = self.0.partition_point(|piece| piece.text.start < offset);
        if let Some(piece) = after.checked_sub(1).map(|idx| self.0[idx])
            && piece.text.end >= offset
        {
            return Some(if piece.text.end == offset { piece.source.end } else { piece.source.start + (offset - piece.text.start) });
        }
        self.0.get(after).filter(|piece| piece.text.start == offset).map(|piece| piece.source.start)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Piece> {
        self.0.iter()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_find_their_places() {
        let mut pieces = Pieces::default();
        pieces.push(Span::new(0, 3), Span::new(10, 13));
        pieces.push(Span::new(3, 6), Span::new(13, 16));
        pieces.push(Span::new(6, 7), Span::new(16, 21));
        pieces.push(Span::new(8, 11), Span::new(40, 43));
        assert_eq!(pieces.0.len(), 3);
        assert_eq!(pieces.source_of(Span::new(3, 6)), Some(Span::new(13, 16)));
        assert_eq!(pieces.source_of(Span::new(6, 7)), Some(Span::new(16, 21)));
        assert_eq!(pieces.source_of(Span::new(7, 8)), None);
        assert_eq!(pieces.insertion_at(3), Some(13));
        assert_eq!(pieces.insertion_at(7), Some(21));
        assert_eq!(pieces.insertion_at(8), Some(40));
    }

    #[test]
    fn syntax_is_escaped() {
        assert_eq!(Escape::Xml.apply("甲<乙&\"'>"), "甲&lt;乙&amp;&quot;&#39;&gt;");
        assert_eq!(Escape::Json.apply("甲\"\\\u{1}"), "甲\\\"\\\\\\u0001");
    }
}

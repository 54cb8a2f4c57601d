use serde::{Deserialize, Serialize};

use super::Message;
use crate::text::Span;

/// Replaces the text under `span` by `replacement`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Edit {
    /// What is replaced; empty for an insertion.
    pub span: Span,
    /// What stands there afterwards; empty for a deletion.
    pub replacement: String,
}

impl Edit {
    /// Puts `replacement` in the place of a non-empty span.
    ///
    /// # Panics
    /// On an empty span or replacement: those are insertions and deletions.
    pub fn replacement(span: Span, replacement: impl Into<String>) -> Self {
        let replacement = replacement.into();
        assert!(!span.is_empty() && !replacement.is_empty(), "a replacement has text on both sides");
        Self { span, replacement }
    }

    /// Removes a non-empty span.
    ///
    /// # Panics
    /// On an empty span.
    #[must_use]
    pub fn deletion(span: Span) -> Self {
        assert!(!span.is_empty(), "a deletion removes something");
        Self { span, replacement: String::new() }
    }

    /// Puts `text` at byte `at`.
    ///
    /// # Panics
    /// On an empty text.
    pub fn insertion(at: usize, text: impl Into<String>) -> Self {
        let replacement = text.into();
        assert!(!replacement.is_empty(), "an insertion adds something");
        Self { span: Span::empty(at), replacement }
    }
}

/// One proposed repair: disjoint edits, sorted, applied all or none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fix {
    /// What applying it does.
    pub title: Message,
    /// Sorted by span; no two overlap.
    pub edits: Vec<Edit>,
}

impl Fix {
    /// A fix of one edit.
    #[must_use]
    pub fn one(title: Message, edit: Edit) -> Self {
        Self { title, edits: vec![edit] }
    }

    /// A fix of several edits, sorted here.
    ///
    /// # Panics
    /// When two edits overlap: such a fix has no meaning.
    #[must_use]
    pub fn many(title: Message, mut edits: Vec<Edit>) -> Self {
        edits.sort_by_key(|edit| edit.span);
        assert!(
            edits.windows(2).all(|pair| !pair[0].span.overlaps(pair[1].span) && pair[0].span.end <= pair[1].span.start),
            "edits of one fix are disjoint"
        );
        Self { title, edits }
    }

    /// The smallest span that holds all edits.
    #[must_use]
    pub fn hull(&self) -> Option<Span> {
        self.edits.iter().map(|edit| edit.span).reduce(Span::hull)
    }
}

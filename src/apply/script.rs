use serde::{Deserialize, Serialize};

use super::{Piece, SourceMap};
use crate::finding::Edit;
use crate::text::Span;

/// The change from one text to another: sorted, disjoint, non-empty edits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Script {
    edits: Vec<Edit>,
}

impl Script {
    /// A script from edits in any order.
    ///
    /// Touching edits are allowed; several insertions at one place are not
    /// (their order would be a guess).
    ///
    /// # Errors
    /// Two edits that overlap, as a pair.
    pub fn new(mut edits: Vec<Edit>) -> Result<Self, Box<(Edit, Edit)>> {
        edits.retain(|edit| !(edit.span.is_empty() && edit.replacement.is_empty()));
        edits.sort_by_key(|edit| edit.span);
        for pair in edits.windows(2) {
            if pair[0].span.overlaps(pair[1].span) || pair[0].span.end > pair[1].span.start {
                return Err(Box::new((pair[0].clone(), pair[1].clone())));
            }
        }
        Ok(Self { edits })
    }

    /// The edits, sorted.
    #[must_use]
    pub fn edits(&self) -> &[Edit] {
        &self.edits
    }

    /// True when the script changes nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.edits.is_empty()
    }

    /// The text after the script.
    #[must_use]
    pub fn apply(&self, text: &str) -> String {
        let grown: usize = self.edits.iter().map(|edit| edit.replacement.len()).sum();
        let mut out = String::with_capacity(text.len() + grown);
        let mut at = 0;
        for edit in &self.edits {
            out.push_str(&text[at..edit.span.start]);
            out.push_str(&edit.replacement);
            at = edit.span.end;
        }
        out.push_str(&text[at..]);
        out
    }

    /// The script that leads from the new text back to `text`.
    #[must_use]
    pub fn inverse(&self, text: &str) -> Script {
        let mut edits = Vec::with_capacity(self.edits.len());
        let (mut removed, mut added) = (0, 0);
        for edit in &self.edits {
            let start = edit.span.start + added - removed;
            edits.push(Edit { span: Span::new(start, start + edit.replacement.len()), replacement: edit.span.of(text).to_owned() });
            removed += edit.span.len();
            added += edit.replacement.len();
        }
        Script { edits }
    }

    /// Where every part of the new text comes from. `old_len` is the length in
    /// bytes of the text the script is for.
    #[must_use]
    pub fn source_map(&self, old_len: usize) -> SourceMap {
        let mut pieces = Vec::with_capacity(2 * self.edits.len() + 1);
        let mut at = 0;
        for edit in &self.edits {
            if at < edit.span.start {
                pieces.push(Piece::Kept(Span::new(at, edit.span.start)));
            }
            if !edit.replacement.is_empty() {
                pieces.push(Piece::Inserted(edit.replacement.clone()));
            }
            at = edit.span.end;
        }
        if at < old_len {
            pieces.push(Piece::Kept(Span::new(at, old_len)));
        }
        SourceMap::from_pieces(pieces, old_len)
    }
}

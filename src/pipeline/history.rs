use std::collections::HashSet;

use crate::finding::{Edit, Finding};

/// What a run has done so far, in the coordinates of the original.
#[derive(Debug, Default)]
pub(super) struct History {
    done: HashSet<Vec<Edit>>,
}

impl History {
    /// Adds a finding whose first fix was applied.
    pub fn add(&mut self, finding: &Finding) {
        self.done.extend(finding.fixes.first().map(|fix| fix.edits.clone()));
    }

    /// True when `edits` lead back to a state the place was in before: to the
    /// original, or to what an earlier repair made of it and a later one
    /// changed.
    pub fn is_undone_by(&self, edits: &[Edit], original: &str) -> bool {
        !self.done.is_empty() && (edits.iter().all(|edit| edit.replacement == edit.span.of(original)) || self.done.contains(edits))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Span;

    fn edit(start: usize, end: usize, replacement: &str) -> Edit {
        Edit { span: Span::new(start, end), replacement: replacement.to_owned() }
    }

    #[test]
    fn knows_the_original_and_what_was_done() {
        let mut history = History::default();
        assert!(!history.is_undone_by(&[edit(0, 1, "a")], "abc"), "nothing was done yet");
        history.done.insert(vec![edit(0, 1, "x")]);
        for (edits, undone) in [
            (vec![edit(0, 1, "a")], true),
            (vec![edit(3, 3, "")], true),
            (vec![edit(0, 1, "x")], true),
            (vec![edit(0, 1, "y")], false),
            (vec![edit(0, 1, "a"), edit(1, 2, "y")], false),
        ] {
            assert_eq!(history.is_undone_by(&edits, "abc"), undone, "{edits:?}");
        }
    }
}

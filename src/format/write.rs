//! A change of the text brought back into its file.

use std::collections::BTreeMap;

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::extract::Extract;
use super::pieces::Pieces;
use crate::apply::Script;
use crate::finding::Edit;
use crate::text::Span;

/// A script of the text as one of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Edits of the file's content.
    pub script: Script,
    /// Joined lines and blocks, spaces and line ends: what the file's lines
    /// are no place for. The lines stay as they were printed.
    pub n_joins: usize,
    /// Passages that moved; in the file they stay where they were printed.
    pub n_moves: usize,
}

/// Characters from which on an inserted passage can be one that went elsewhere.
const MOVED_CHARS: usize = 5;

impl Extract {
    /// `script`, a change of [`Extract::text`], as a change of the file this
    /// was read from. Characters are changed where they stand; what only a
    /// text has (a join, a moved caption) is counted and left out.
    ///
    /// # Panics
    /// When `script` is one of another text.
    #[must_use]
    pub fn write(&self, script: &Script) -> Written {
        let mut change = Change::default();
        let (moved, n_moves) = moves(script, &self.text);
        for (edit, moved) in script.edits().iter().zip(moved) {
            let old = edit.span.of(&self.text);
            match moved {
                Moved::No => self.edit(edit.span.start, old, &edit.replacement, &mut change),
                // The passage stays in its lines; what else the edit does to
                // the place where it went is done.
                Moved::Away => {}
                Moved::Here(rest) => self.edit(edit.span.start, old, &rest, &mut change),
            }
        }
        let n_joins = change.n_joins;
        Written { script: change.script(self.content_len), n_joins, n_moves }
    }

    fn edit(&self, start: usize, old: &str, new: &str, change: &mut Change) {
        let olds: Vec<(usize, char)> = old.char_indices().collect();
        let old_chars: Vec<char> = olds.iter().map(|&(_, c)| c).collect();
        let new_chars: Vec<char> = new.chars().collect();
        let place = |idx: usize| {
            let (at, c) = olds[idx];
            Span::new(start + at, start + at + c.len_utf8())
        };
        let before = |idx: usize| start + olds.get(idx).map_or(old.len(), |&(at, _)| at);
        let text_of = |from: usize, n: usize| new_chars[from..from + n].iter().collect::<String>();
        let mut joined = false;
        for op in capture_diff_slices(Algorithm::Myers, &old_chars, &new_chars) {
            match op {
                DiffOp::Equal { .. } => {}
                DiffOp::Delete { old_index, old_len, .. } => {
                    joined |= (old_index..old_index + old_len).any(|idx| old_chars[idx] == '\n');
                    for idx in old_index..old_index + old_len {
                        self.replace(place(idx), "", change);
                    }
                }
                DiffOp::Insert { old_index, new_index, new_len } => {
                    self.insert(before(old_index), &text_of(new_index, new_len), change);
                }
                DiffOp::Replace { old_index, old_len, new_index, new_len } => {
                    joined |= (old_index..old_index + old_len).any(|idx| old_chars[idx] == '\n');
                    self.substitute(&olds[old_index..old_index + old_len], start, &text_of(new_index, new_len), change);
                }
            }
        }
        change.n_joins += usize::from(joined);
    }

    /// Some characters for others, one for one as far as they go.
    fn substitute(&self, olds: &[(usize, char)], start: usize, new: &str, change: &mut Change) {
        let mut new: Vec<char> = new.chars().filter(|&c| c != '\n' && c != '\r').collect();
        let in_file: Vec<Span> = olds
            .iter()
            .map(|&(at, c)| Span::new(start + at, start + at + c.len_utf8()))
            .filter(|&place| self.layers.first().is_some_and(|main| main.source_of(place).is_some()))
            .collect();
        let Some(&last) = in_file.last() else {
            let (at, _) = olds[0];
            return self.insert(start + at, &new.into_iter().collect::<String>(), change);
        };
        for place in in_file {
            let n = if place == last { new.len() } else { new.len().min(1) };
            let here: String = new.drain(..n).collect();
            self.replace(place, &here, change);
        }
    }

    fn replace(&self, place: Span, new: &str, change: &mut Change) {
        for layer in &self.layers {
            if let Some(source) = layer.source_of(place) {
                change.put(source, &self.format.escape().apply(new));
            }
        }
    }

    fn insert(&self, offset: usize, new: &str, change: &mut Change) {
        let new: String = new.chars().filter(|&c| c != '\n' && c != '\r').collect();
        if new.trim().is_empty() && self.is_between_lines(offset) || new.is_empty() {
            return;
        }
        let escaped = self.format.escape().apply(&new);
        for layer in &self.layers {
            if let Some(at) = self.insertion_place(layer, offset) {
                change.put(Span::empty(at), &escaped);
            }
        }
    }

    /// What is put in between two lines goes to the end of the first.
    pub(super) fn insertion_place(&self, layer: &Pieces, offset: usize) -> Option<usize> {
        layer.insertion_at(offset).or_else(|| {
            let before = self.text[..offset].trim_end().len();
            layer.insertion_at(before)
        })
    }

    fn is_between_lines(&self, offset: usize) -> bool {
        self.text[offset..].starts_with('\n') || self.text[..offset].ends_with('\n')
    }
}

/// What became of an edit's passage.
enum Moved {
    No,
    /// It was taken out here and put in elsewhere.
    Away,
    /// It was put in here; what else the edit puts in.
    Here(String),
}

/// Pairs passages that were taken out with those that were put in.
fn moves(script: &Script, text: &str) -> (Vec<Moved>, usize) {
    let bare = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    let out: Vec<String> = script.edits().iter().map(|edit| bare(edit.span.of(text))).collect();
    let into: Vec<String> = script.edits().iter().map(|edit| bare(&edit.replacement)).collect();
    let mut moved: Vec<Moved> = out.iter().map(|_| Moved::No).collect();
    let mut n_moves = 0;
    for (to, put) in into.iter().enumerate() {
        if put.chars().count() < MOVED_CHARS + out[to].chars().count() {
            continue;
        }
        let from = (0..out.len()).find(|&from| {
            from != to && matches!(moved[from], Moved::No) && out[from].chars().count() >= MOVED_CHARS && is_in(&out[from], put)
        });
        if let Some(from) = from {
            n_moves += 1;
            moved[from] = Moved::Away;
            moved[to] = Moved::Here(without(script.edits()[to].replacement.trim(), &out[from]));
        }
    }
    (moved, n_moves)
}

/// True when nearly all of `passage` stands in `put`, in order.
fn is_in(passage: &str, put: &str) -> bool {
    let (passage, put): (Vec<char>, Vec<char>) = (passage.chars().collect(), put.chars().collect());
    let n_equal: usize = capture_diff_slices(Algorithm::Myers, &passage, &put)
        .iter()
        .map(|op| if let DiffOp::Equal { len, .. } = op { *len } else { 0 })
        .sum();
    100 * n_equal >= 85 * passage.len()
}

/// What `put` has besides `passage`, by its longest line that is none of it.
fn without(put: &str, passage: &str) -> String {
    put.split('\n').filter(|line| !line.trim().is_empty() && !is_in(&line.split_whitespace().collect::<String>(), passage)).collect()
}

/// Edits of the content, by place: several at one place follow each other.
#[derive(Default)]
struct Change {
    edits: BTreeMap<Span, String>,
    n_joins: usize,
}

impl Change {
    fn put(&mut self, source: Span, new: &str) {
        self.edits.entry(source).or_default().push_str(new);
    }

    fn script(self, content_len: usize) -> Script {
        let mut edits: Vec<Edit> = Vec::new();
        for (span, replacement) in self.edits {
            assert!(span.end <= content_len, "an edit beyond the file");
            match edits.last_mut() {
                Some(last) if last.span.end == span.start && (last.span.is_empty() || span.is_empty()) => {
                    last.span.end = span.end;
                    last.replacement.push_str(&replacement);
                }
                _ => edits.push(Edit { span, replacement }),
            }
        }
        Script::new(edits).expect("characters of a file do not overlap")
    }
}

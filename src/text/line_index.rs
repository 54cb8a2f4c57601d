/// A place in a text as people name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Line, counted from 1; lines end at `\n`.
    pub line: usize,
    /// Column in code points, counted from 1.
    pub column: usize,
    /// Code points before this place in the whole text, counted from 0.
    pub char_offset: usize,
}

/// Turns byte offsets of one text into lines and columns.
///
/// Building is linear in the text; a lookup is a binary search plus the length
/// of one line.
pub struct LineIndex<'a> {
    text: &'a str,
    /// For every line: byte offset of its first byte, code points before it.
    starts: Vec<(usize, usize)>,
}

impl<'a> LineIndex<'a> {
    /// Indexes `text`.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        let mut starts = vec![(0, 0)];
        let mut n_chars = 0;
        for (offset, c) in text.char_indices() {
            n_chars += 1;
            if c == '\n' {
                starts.push((offset + 1, n_chars));
            }
        }
        Self { text, starts }
    }

    /// The position of byte `offset`, which must be a character boundary of
    /// the indexed text.
    #[must_use]
    pub fn position(&self, offset: usize) -> Position {
        let line_idx = self.starts.partition_point(|&(start, _)| start <= offset) - 1;
        let (start, chars_before) = self.starts[line_idx];
        let column_chars = self.text[start..offset].chars().count();
        Position { line: line_idx + 1, column: column_chars + 1, char_offset: chars_before + column_chars }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_code_points_not_bytes() {
        let index = LineIndex::new("石家\n庄市");
        assert_eq!(index.position(10), Position { line: 2, column: 2, char_offset: 4 });
        assert_eq!(index.position(0), Position { line: 1, column: 1, char_offset: 0 });
    }
}

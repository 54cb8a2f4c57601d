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

/// Bytes between two points where the code points before are known.
const STRIDE_BYTES: usize = 1024;

/// Turns byte offsets of one text into lines and columns.
///
/// Building is linear in the text; a lookup is a binary search and a count
/// over at most a kilobyte, however long the line.
pub struct LineIndex<'a> {
    text: &'a str,
    /// For every line: byte offset of its first byte, code points before it.
    starts: Vec<(usize, usize)>,
    /// Code points that start before byte `idx * STRIDE_BYTES`.
    strides: Vec<usize>,
}

impl<'a> LineIndex<'a> {
    /// Indexes `text`.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        let mut starts = vec![(0, 0)];
        let mut strides = Vec::with_capacity(text.len() / STRIDE_BYTES + 1);
        let mut n_chars = 0;
        for chunk in text.as_bytes().chunks(STRIDE_BYTES) {
            let from = strides.len() * STRIDE_BYTES;
            strides.push(n_chars);
            let mut counted = 0;
            for newline in memchr::memchr_iter(b'\n', chunk) {
                n_chars += count_chars(&chunk[counted..=newline]);
                counted = newline + 1;
                starts.push((from + newline + 1, n_chars));
            }
            n_chars += count_chars(&chunk[counted..]);
        }
        strides.push(n_chars);
        Self { text, starts, strides }
    }

    /// The line of byte `offset`, from 1: all that many callers need, and
    /// quicker than counting characters.
    #[must_use]
    pub fn line(&self, offset: usize) -> usize {
        self.starts.partition_point(|&(start, _)| start <= offset)
    }

    /// The position of byte `offset`, which must be a character boundary of
    /// the indexed text.
    #[must_use]
    pub fn position(&self, offset: usize) -> Position {
        let line_idx = self.line(offset) - 1;
        let stride_idx = offset / STRIDE_BYTES;
        let char_offset = self.strides[stride_idx] + count_chars(&self.text.as_bytes()[stride_idx * STRIDE_BYTES..offset]);
        Position { line: line_idx + 1, column: char_offset - self.starts[line_idx].1 + 1, char_offset }
    }
}

/// Code points that start in `bytes` of a UTF-8 text.
fn count_chars(bytes: &[u8]) -> usize {
    bytes.iter().filter(|&&byte| byte & 0xc0 != 0x80).count()
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

    #[test]
    fn agrees_with_counting_from_the_start_over_long_lines() {
        let text = format!("{}\n{}a\n", "石家庄".repeat(500), "市x".repeat(700));
        let index = LineIndex::new(&text);
        for (offset, _) in text.char_indices().chain([(text.len(), ' ')]) {
            let before = &text[..offset];
            let line_start = before.rfind('\n').map_or(0, |at| at + 1);
            let expected = Position {
                line: before.matches('\n').count() + 1,
                column: text[line_start..offset].chars().count() + 1,
                char_offset: before.chars().count(),
            };
            assert_eq!(index.position(offset), expected);
        }
    }
}

use std::collections::HashMap;

/// Bits of one machine word: rows of the table that are worked on at once.
const WORD: usize = 64;

/// Largest table, in words, that is kept whole to read an alignment from it;
/// above, the table is halved first.
const MAX_TABLE_WORDS: usize = 1 << 17;

/// What an alignment does with a run of characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Tag {
    /// The same on both sides.
    Equal,
    /// As many other characters on the right side.
    Replace,
    /// Missing on the right side.
    Delete,
    /// Missing on the left side.
    Insert,
}

/// One run of an alignment: `left` becomes `right`, both in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// What happens.
    pub tag: Tag,
    /// First character on the left.
    pub left_start: usize,
    /// One past the last character on the left.
    pub left_end: usize,
    /// First character on the right.
    pub right_start: usize,
    /// One past the last character on the right.
    pub right_end: usize,
}

impl Run {
    /// Characters on the left.
    #[must_use]
    pub fn left_len(&self) -> usize {
        self.left_end - self.left_start
    }

    /// Characters on the right.
    #[must_use]
    pub fn right_len(&self) -> usize {
        self.right_end - self.right_start
    }
}

/// The least number of characters to replace, delete or insert to make `right`
/// of `left`.
///
/// Time grows with length times distance; a page of 100 kB takes some
/// milliseconds.
#[must_use]
pub fn distance(left: &[char], right: &[char]) -> usize {
    let (left, right) = numbered(left, right);
    bounded_distance(&left, &right)
}

/// An alignment with the least distance, as runs in order that cover both
/// texts. Memory grows with the length alone.
#[must_use]
pub fn align(left: &[char], right: &[char]) -> Vec<Run> {
    let (left, right) = numbered(left, right);
    let bound = bounded_distance(&left, &right);
    let mut steps = Vec::with_capacity(left.len().max(right.len()));
    align_into(&left, &right, bound, &mut steps);
    runs(&steps)
}

/// The alignment seen from the other side.
#[must_use]
pub fn flipped(runs: &[Run]) -> Vec<Run> {
    runs.iter()
        .map(|run| Run {
            tag: match run.tag {
                Tag::Delete => Tag::Insert,
                Tag::Insert => Tag::Delete,
                same => same,
            },
            left_start: run.right_start,
            left_end: run.right_end,
            right_start: run.left_start,
            right_end: run.left_end,
        })
        .collect()
}

/// Where every place of the left text (0..=length) is on the right.
#[must_use]
pub fn places(runs: &[Run], left_len: usize) -> Vec<usize> {
    let mut places = vec![0; left_len + 1];
    for run in runs {
        for offset in 0..run.left_len() {
            places[run.left_start + offset] = run.right_start + if run.tag == Tag::Delete { 0 } else { offset };
        }
    }
    places[left_len] = runs.last().map_or(0, |run| run.right_end);
    places
}

/// The part of `text` that is nearest to `pattern`: start, end, distance. The
/// first of equally near ones.
#[must_use]
pub fn nearest_part(pattern: &[char], text: &[char]) -> (usize, usize, usize) {
    let (pattern, text) = numbered(pattern, text);
    let (end, distance) = nearest_end(&pattern, &text);
    let reversed_pattern: Vec<u32> = pattern.iter().rev().copied().collect();
    let reversed_text: Vec<u32> = text[..end].iter().rev().copied().collect();
    // The same distance again, so the reversed search ends where the part starts.
    let (length, _) = nearest_end(&reversed_pattern, &reversed_text[..reversed_text.len().min(pattern.len() + distance)]);
    (end - length, end, distance)
}

/// Both texts with small numbers for characters.
fn numbered(left: &[char], right: &[char]) -> (Vec<u32>, Vec<u32>) {
    let mut numbers: HashMap<char, u32> = HashMap::new();
    let mut number = |c: &char| {
        let next = u32::try_from(numbers.len()).expect("there are fewer characters than 32 bits count");
        *numbers.entry(*c).or_insert(next)
    };
    (left.iter().map(&mut number).collect(), right.iter().map(&mut number).collect())
}

/// Tries bounds until one holds: the cost is that of the last one, twice.
fn bounded_distance(left: &[u32], right: &[u32]) -> usize {
    let most = left.len().max(right.len());
    let mut bound = left.len().abs_diff(right.len()).max(WORD);
    loop {
        let bound_now = bound.min(most);
        let distance = if left.is_empty() { right.len() } else { Scan::run(left, right, bound_now, None).at(left.len()) };
        if distance <= bound_now || bound_now == most {
            return distance.min(most);
        }
        bound *= 2;
    }
}

/// Adds the steps of an alignment of distance `bound`, which is the least.
fn align_into(left: &[u32], right: &[u32], bound: usize, steps: &mut Vec<Tag>) {
    let prefix = left.iter().zip(right).take_while(|(a, b)| a == b).count();
    let (left, right) = (&left[prefix..], &right[prefix..]);
    let suffix = left.iter().rev().zip(right.iter().rev()).take_while(|(a, b)| a == b).count();
    let (left, right) = (&left[..left.len() - suffix], &right[..right.len() - suffix]);
    steps.extend(std::iter::repeat_n(Tag::Equal, prefix));
    if left.is_empty() || right.is_empty() {
        steps.extend(std::iter::repeat_n(Tag::Delete, left.len()));
        steps.extend(std::iter::repeat_n(Tag::Insert, right.len()));
    } else if Band::new(left.len(), right.len(), bound).n_words() * right.len() <= MAX_TABLE_WORDS || right.len() == 1 {
        trace(left, right, bound, steps);
    } else {
        let middle = right.len() / 2;
        let (row, first, second) = split(left, right, middle, bound);
        align_into(&left[..row], &right[..middle], first, steps);
        align_into(&left[row..], &right[middle..], second, steps);
    }
    steps.extend(std::iter::repeat_n(Tag::Equal, suffix));
}

/// Where a best alignment crosses column `middle`: row, distance before,
/// distance after.
fn split(left: &[u32], right: &[u32], middle: usize, bound: usize) -> (usize, usize, usize) {
    let band = Band::new(left.len(), right.len(), bound);
    let forward = Scan::run_in(left, &right[..middle], band, None);
    let reversed_left: Vec<u32> = left.iter().rev().copied().collect();
    let reversed_right: Vec<u32> = right[middle..].iter().rev().copied().collect();
    let backward = Scan::run_in(&reversed_left, &reversed_right, band, None);
    let before = forward.all(left.len());
    let after = backward.all(left.len());
    (0..=left.len())
        .filter_map(|row| {
            let (first, second) = (before[row]?, after[left.len() - row]?);
            Some((row, first, second))
        })
        .min_by_key(|(_, first, second)| first + second)
        .expect("the band holds at least one row of every column")
}

/// Reads an alignment back from the whole table.
fn trace(left: &[u32], right: &[u32], bound: usize, steps: &mut Vec<Tag>) {
    let mut table = Table::default();
    Scan::run(left, right, bound, Some(&mut table));
    let (mut row, mut column) = (left.len(), right.len());
    let mut backward = Vec::with_capacity(row.max(column));
    while row > 0 && column > 0 {
        if table.bit(&table.grows, column, row) {
            row -= 1;
            backward.push(Tag::Delete);
        } else if column > 1 && table.bit(&table.falls, column - 1, row) {
            column -= 1;
            backward.push(Tag::Insert);
        } else {
            row -= 1;
            column -= 1;
            backward.push(if left[row] == right[column] { Tag::Equal } else { Tag::Replace });
        }
    }
    backward.extend(std::iter::repeat_n(Tag::Delete, row));
    backward.extend(std::iter::repeat_n(Tag::Insert, column));
    steps.extend(backward.into_iter().rev());
}

fn runs(steps: &[Tag]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let (mut left, mut right) = (0, 0);
    for &tag in steps {
        let (left_end, right_end) = (left + usize::from(tag != Tag::Insert), right + usize::from(tag != Tag::Delete));
        match runs.last_mut() {
            Some(run) if run.tag == tag => (run.left_end, run.right_end) = (left_end, right_end),
            _ => runs.push(Run { tag, left_start: left, left_end, right_start: right, right_end }),
        }
        (left, right) = (left_end, right_end);
    }
    runs
}

/// The rows of each column that an alignment within the bound can pass.
#[derive(Clone, Copy)]
struct Band {
    n_rows: usize,
    /// Row minus column, least and greatest.
    low: isize,
    high: isize,
}

impl Band {
    fn new(n_rows: usize, n_columns: usize, bound: usize) -> Self {
        let (rows, columns, bound) = (n_rows.cast_signed(), n_columns.cast_signed(), bound.cast_signed());
        let slope = rows - columns;
        Self { n_rows, low: (slope - bound).div_euclid(2), high: (slope + bound).div_euclid(2) + 1 }
    }

    /// First and last word of column `column`, counted from 1.
    fn words(&self, column: usize) -> (usize, usize) {
        let column = column.cast_signed();
        let clamp = |row: isize| (row.max(1).cast_unsigned().min(self.n_rows) - 1) / WORD;
        (clamp(column + self.low), clamp(column + self.high))
    }

    fn n_words(&self) -> usize {
        ((self.high - self.low).cast_unsigned() / WORD + 2).min(self.n_rows.div_ceil(WORD))
    }
}

/// Columns of the table of distances, one after the other, as differences of
/// neighboring rows in bit vectors (Myers 1999, in words as by Hyyrö 2003).
struct Scan {
    /// Bit set: this row is one more than the row above.
    grows: Vec<u64>,
    /// Bit set: this row is one less than the row above.
    falls: Vec<u64>,
    /// Value of the last row of each word.
    bottom: Vec<usize>,
    /// Words of the last column.
    first: usize,
    last: usize,
}

impl Scan {
    fn run(left: &[u32], right: &[u32], bound: usize, table: Option<&mut Table>) -> Self {
        Self::run_in(left, right, Band::new(left.len(), right.len(), bound), table)
    }

    /// All columns of `right` against the rows of `left`. Values within the
    /// bound of the band are exact, others at least as great as the true ones.
    fn run_in(left: &[u32], right: &[u32], band: Band, mut table: Option<&mut Table>) -> Self {
        let matches = Matches::new(left);
        let n_words = left.len().div_ceil(WORD);
        let mut scan = Self {
            grows: vec![u64::MAX; n_words],
            falls: vec![0; n_words],
            bottom: (1..=n_words).map(|word| word * WORD).collect(),
            first: 0,
            last: band.words(0).1,
        };
        for (column_idx, &c) in right.iter().enumerate() {
            let (first, last) = band.words(column_idx + 1);
            for word in scan.last + 1..=last {
                scan.bottom[word] = scan.bottom[word - 1] + WORD;
            }
            (scan.first, scan.last) = (first, last.max(scan.last));
            let mut carry = 1;
            for word in first..=scan.last {
                carry = scan.advance(word, matches.of(c, word), carry);
            }
            if let Some(table) = table.as_deref_mut() {
                table.push(&scan);
            }
        }
        scan
    }

    /// One word of the next column. `carry` is the difference to the column
    /// before in the row above; returned is that in the word's last row.
    fn advance(&mut self, word: usize, mut equal: u64, carry: isize) -> isize {
        let (grows, falls) = (self.grows[word], self.falls[word]);
        let vertical = equal | falls;
        equal |= u64::from(carry < 0);
        let horizontal = ((equal & grows).wrapping_add(grows) ^ grows) | equal;
        let up = falls | !(horizontal | grows);
        let down = grows & horizontal;
        let out = (up >> (WORD - 1)).cast_signed() as isize - (down >> (WORD - 1)).cast_signed() as isize;
        let up = up << 1 | u64::from(carry > 0);
        let down = down << 1 | u64::from(carry < 0);
        self.grows[word] = down | !(vertical | up);
        self.falls[word] = up & vertical;
        self.bottom[word] = self.bottom[word].wrapping_add_signed(out);
        out
    }

    /// The value of `row` (from 1) in the last column; its word is in the band.
    fn at(&self, row: usize) -> usize {
        let word = (row - 1) / WORD;
        let above = (WORD - 1) - (row - 1) % WORD;
        let mask = if above == 0 { 0 } else { u64::MAX << (WORD - above) };
        let rise = (self.grows[word] & mask).count_ones() as usize;
        let fall = (self.falls[word] & mask).count_ones() as usize;
        self.bottom[word] + fall - rise
    }

    /// The values of all rows 0..=`n_rows` in the last column; `None` outside
    /// of the band.
    fn all(&self, n_rows: usize) -> Vec<Option<usize>> {
        let mut values = vec![None; n_rows + 1];
        let rows = self.first * WORD + 1..=((self.last + 1) * WORD).min(n_rows);
        for (value, row) in values[rows.clone()].iter_mut().zip(rows) {
            *value = Some(self.at(row));
        }
        let first_row = self.first * WORD;
        if let Some(Some(next)) = values.get(first_row + 1).copied() {
            let grows = self.grows[self.first] & 1 == 1;
            let falls = self.falls[self.first] & 1 == 1;
            values[first_row] = Some(next + usize::from(falls) - usize::from(grows));
        }
        values
    }
}

/// For every character of the rows, the rows where it stands.
struct Matches {
    n_words: usize,
    /// Number of a character → its row in `bits`, 0 for characters that do not
    /// occur.
    rows: Vec<u32>,
    bits: Vec<u64>,
}

impl Matches {
    fn new(left: &[u32]) -> Self {
        let n_words = left.len().div_ceil(WORD);
        let most = left.iter().max().map_or(0, |&c| c as usize + 1);
        let mut rows = vec![0; most];
        let mut n_rows = 1;
        for &c in left {
            if rows[c as usize] == 0 {
                rows[c as usize] = n_rows;
                n_rows += 1;
            }
        }
        let mut bits = vec![0; n_rows as usize * n_words];
        for (idx, &c) in left.iter().enumerate() {
            bits[rows[c as usize] as usize * n_words + idx / WORD] |= 1 << (idx % WORD);
        }
        Self { n_words, rows, bits }
    }

    fn of(&self, c: u32, word: usize) -> u64 {
        let row = self.rows.get(c as usize).copied().unwrap_or(0) as usize;
        self.bits[row * self.n_words + word]
    }
}

/// The bit vectors of all columns, within the band.
#[derive(Default)]
struct Table {
    grows: Vec<u64>,
    falls: Vec<u64>,
    /// Per column: first word, last word, offset of the first word.
    columns: Vec<(usize, usize, usize)>,
}

impl Table {
    fn push(&mut self, scan: &Scan) {
        self.columns.push((scan.first, scan.last, self.grows.len()));
        self.grows.extend(&scan.grows[scan.first..=scan.last]);
        self.falls.extend(&scan.falls[scan.first..=scan.last]);
    }

    /// The bit of `row` in `column`, both from 1; 0 outside of the band.
    fn bit(&self, bits: &[u64], column: usize, row: usize) -> bool {
        let (first, last, offset) = self.columns[column - 1];
        let word = (row - 1) / WORD;
        (first..=last).contains(&word) && bits[offset + word - first] >> ((row - 1) % WORD) & 1 == 1
    }
}

/// The end of the part of `text` that is nearest to `pattern`, and its
/// distance; the first of equally near ones.
fn nearest_end(pattern: &[u32], text: &[u32]) -> (usize, usize) {
    if pattern.is_empty() {
        return (0, 0);
    }
    let matches = Matches::new(pattern);
    let n_words = pattern.len().div_ceil(WORD);
    let mut scan = Scan {
        grows: vec![u64::MAX; n_words],
        falls: vec![0; n_words],
        bottom: (1..=n_words).map(|word| word * WORD).collect(),
        first: 0,
        last: n_words - 1,
    };
    let mut best = (0, pattern.len());
    for (idx, &c) in text.iter().enumerate() {
        // The part may start anywhere: the row above the first is all zero.
        let mut carry = 0;
        for word in 0..n_words {
            carry = scan.advance(word, matches.of(c, word), carry);
        }
        let distance = scan.at(pattern.len());
        if distance < best.1 {
            best = (idx + 1, distance);
        }
    }
    best
}

#[cfg(test)]
mod tests;

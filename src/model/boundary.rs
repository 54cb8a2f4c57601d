//! Says from the characters on both sides of a break whether the text runs on.
//!
//! A logistic model over hashed character n-grams around the break: what stands
//! before it (does a paragraph end like this?), after it (does one begin like
//! this?), and across it (do these characters follow each other?). Its three
//! parts are kept apart, because layout evidence weighs them differently.
//! Trained by `xtask boundary` on clean running text with simulated damage
//! (lost final marks, a character lost at the cut, misread characters); see
//! `models/boundary.md`.
//!
//! It does not know lines, columns or kinds; that is for `detect/join`.

use std::sync::OnceLock;

use crate::lexicon::simplified;

/// Characters of context on either side.
pub const CONTEXT_CHARS: usize = 6;

/// Buckets of the table; a power of two.
const N_BUCKETS: usize = 1 << 18;

/// Entries of a bucket.
const BUCKET_ENTRIES: usize = 8;

/// Levels of a weight on either side of 0. Coarser ones pack better and show: with
/// 31, a cut paragraph of the corpus stays apart.
const LEVELS: f32 = 127.0;

/// The file header: format name and version.
const MAGIC: &[u8; 8] = b"JKBND\x03\0\0";

/// Bytes of the header: name, step, bias.
const HEADER_LEN: usize = MAGIC.len() + 8;

/// Bytes of the table: a fingerprint and a weight for each entry.
const TABLE_LEN: usize = N_BUCKETS * BUCKET_ENTRIES * 2;

/// Evidence in nats, positive where the text runs on.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct BoundaryScore {
    /// From the characters before the break.
    pub before: f32,
    /// From the characters after it.
    pub after: f32,
    /// From characters of both sides together.
    pub across: f32,
}

impl BoundaryScore {
    /// All evidence together: the log odds that the text runs on, at equal
    /// prior odds.
    #[must_use]
    pub fn total(self) -> f32 {
        self.before + self.after + self.across
    }
}

/// The model: a table of n-gram fingerprints and weights.
///
/// A bucket holds eight fingerprints, ascending, then their eight weights as
/// signed bytes; fingerprint 0 is an empty entry. An n-gram that is not in the
/// table weighs nothing, but for one in some fifty that meets a foreign
/// fingerprint.
///
/// In the file, which is packed to be published, all fingerprints stand before
/// all weights, each as the difference to the one before it in its bucket.
#[derive(Debug)]
pub struct BoundaryModel {
    table: Box<[u8]>,
    step: f32,
    bias: f32,
}

/// Why a model file was refused.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum BoundaryModelError {
    /// It does not begin with the format's name and version.
    #[error("not a boundary model of this version")]
    Format,
    /// It is shorter or longer than its header says.
    #[error("{found} bytes where {expected} were expected")]
    Length {
        /// Bytes expected.
        expected: usize,
        /// Bytes found.
        found: usize,
    },
}

impl BoundaryModel {
    /// The model inside the program.
    #[must_use]
    pub fn embedded() -> &'static BoundaryModel {
        static MODEL: OnceLock<BoundaryModel> = OnceLock::new();
        MODEL.get_or_init(|| {
            Self::from_bytes(include_bytes!(concat!(env!("OUT_DIR"), "/boundary.bin"))).expect("a test reads the embedded model")
        })
    }

    /// Reads a model: header, `f32` step, `f32` bias (little-endian), table.
    ///
    /// # Errors
    /// When the bytes are not such a file.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BoundaryModelError> {
        let expected = HEADER_LEN + TABLE_LEN;
        if !bytes.starts_with(MAGIC) {
            return Err(BoundaryModelError::Format);
        }
        if bytes.len() != expected {
            return Err(BoundaryModelError::Length { expected, found: bytes.len() });
        }
        let number = |at: usize| f32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes"));
        let (fingerprints, weights) = bytes[HEADER_LEN..].split_at(TABLE_LEN / 2);
        let mut table = Vec::with_capacity(TABLE_LEN);
        for (steps, weights) in fingerprints.chunks_exact(BUCKET_ENTRIES).zip(weights.chunks_exact(BUCKET_ENTRIES)) {
            let mut at = 0_u8;
            table.extend(steps.iter().map(|&step| {
                at = if step == 0 { 0 } else { at.wrapping_add(step) };
                at
            }));
            table.extend_from_slice(weights);
        }
        Ok(Self { table: table.into(), step: number(8), bias: number(12) })
    }

    /// Writes the file that [`BoundaryModel::from_bytes`] reads, from n-gram
    /// hashes with their weights. Where a bucket overflows, its smallest
    /// weights are left out; of n-grams that cannot be told apart the weaker
    /// counts. The number of those left out is the second value.
    #[must_use]
    pub fn to_bytes(weights: &[(u64, f32)], bias: f32) -> (Vec<u8>, usize) {
        let mut buckets: Vec<Vec<(u8, f32)>> = vec![Vec::new(); N_BUCKETS];
        for &(feature, weight) in weights {
            buckets[bucket_of(feature)].push((fingerprint_of(feature), weight));
        }
        // The few largest weights are clipped: finer steps for all others are
        // worth more.
        let mut sizes: Vec<f32> = weights.iter().map(|(_, weight)| weight.abs()).collect();
        sizes.sort_by(f32::total_cmp);
        let step = sizes.get(sizes.len() * 9_995 / 10_000).copied().unwrap_or(1.0) / LEVELS;
        let mut bytes = MAGIC.to_vec();
        bytes.extend(step.to_le_bytes());
        bytes.extend(bias.to_le_bytes());
        let (mut steps, mut levels) = (Vec::with_capacity(TABLE_LEN / 2), Vec::with_capacity(TABLE_LEN / 2));
        let mut n_left_out = 0;
        for mut bucket in buckets {
            let n_all = bucket.len();
            bucket.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()).then(a.0.cmp(&b.0)));
            bucket.truncate(BUCKET_ENTRIES);
            bucket.reverse();
            bucket.sort_by_key(|entry| entry.0);
            bucket.dedup_by_key(|entry| entry.0);
            n_left_out += n_all - bucket.len();
            let mut before = 0;
            for &(fingerprint, weight) in &bucket {
                steps.push(fingerprint - before);
                levels.push(((weight / step).round().clamp(-LEVELS, LEVELS) as i8).to_le_bytes()[0]);
                before = fingerprint;
            }
            steps.resize(steps.len() + BUCKET_ENTRIES - bucket.len(), 0);
            levels.resize(levels.len() + BUCKET_ENTRIES - bucket.len(), 0);
        }
        bytes.extend(steps);
        bytes.extend(levels);
        (bytes, n_left_out)
    }

    fn weight(&self, feature: u64) -> i32 {
        let at = bucket_of(feature) * BUCKET_ENTRIES * 2;
        let bucket = &self.table[at..at + BUCKET_ENTRIES * 2];
        let wanted = fingerprint_of(feature);
        let mut weight = 0;
        for entry in 0..BUCKET_ENTRIES {
            if bucket[entry] == wanted {
                weight = i32::from(i8::from_le_bytes([bucket[BUCKET_ENTRIES + entry]]));
            }
        }
        weight
    }

    /// Scores the break between `before` and `after`. Both are folded
    /// characters (see [`fold_char`]) without white space: the nearest
    /// [`CONTEXT_CHARS`] of each side, in reading order.
    #[must_use]
    pub fn score(&self, before: &[char], after: &[char]) -> BoundaryScore {
        let mut parts = [0_i32; 3];
        for_each_feature(before, after, |part, feature| parts[part as usize] += self.weight(feature));
        let value = |part: i32| part as f32 * self.step;
        BoundaryScore { before: value(parts[0]), after: value(parts[1]), across: value(parts[2]) + self.bias }
    }

    /// [`BoundaryScore::across`] alone.
    #[must_use]
    pub fn across(&self, before: &[char], after: &[char]) -> f32 {
        let mut across = 0;
        for_each_feature(before, after, |part, feature| across += if part == Part::Across { self.weight(feature) } else { 0 });
        across as f32 * self.step + self.bias
    }
}

/// Which part of the score a feature belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Only characters before the break.
    Before = 0,
    /// Only characters after it.
    After = 1,
    /// Characters of both sides.
    Across = 2,
}

fn bucket_of(feature: u64) -> usize {
    (feature >> (64 - N_BUCKETS.trailing_zeros())) as usize
}

/// Eight bits that the bucket does not tell; never 0.
fn fingerprint_of(feature: u64) -> u8 {
    ((feature & 0xFF) as u8).max(1)
}

/// Calls `each` for every feature of a break.
pub fn for_each_feature(before: &[char], after: &[char], mut each: impl FnMut(Part, u64)) {
    // Positions outside of the text read as U+0000, so that short lines have
    // features of their own.
    let b = |n: usize| before.len().checked_sub(n).map_or('\0', |idx| before[idx]);
    let a = |n: usize| after.get(n - 1).copied().unwrap_or('\0');
    let (b1, b2, b3, b4) = (b(1), b(2), b(3), b(4));
    let (a1, a2, a3, a4) = (a(1), a(2), a(3), a(4));
    let mut tag = 0;
    let mut add = |part: Part, chars: &[char]| {
        tag += 1;
        each(part, hash(tag, chars));
    };
    add(Part::Before, &[b1]);
    add(Part::Before, &[b2, b1]);
    add(Part::Before, &[b3, b2, b1]);
    add(Part::Before, &[b4, b3, b2, b1]);
    add(Part::Before, &[b2]);
    add(Part::Before, &[b3, b2]);
    add(Part::After, &[a1]);
    add(Part::After, &[a1, a2]);
    add(Part::After, &[a1, a2, a3]);
    add(Part::After, &[a1, a2, a3, a4]);
    add(Part::After, &[a2, a3]);
    add(Part::After, &[a(5), a4, a3, a2, a1]);
    add(Part::Across, &[b1, a1]);
    add(Part::Across, &[b2, b1, a1]);
    add(Part::Across, &[b1, a1, a2]);
    add(Part::Across, &[b2, b1, a1, a2]);
    add(Part::Across, &[b3, b2, b1, a1]);
    add(Part::Across, &[b1, a1, a2, a3]);
    // A character lost or misread at the cut.
    add(Part::Across, &[b2, a1]);
    add(Part::Across, &[b1, a2]);
    add(Part::Across, &[b3, b2, a1, a2]);
    add(Part::Across, &[b2, b1, a2, a3]);
}

fn hash(tag: u64, chars: &[char]) -> u64 {
    let mut state = tag;
    for &c in chars {
        state = (state.rotate_left(23) ^ u64::from(u32::from(c))).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
    (state ^ (state >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9)
}

/// The form in which the model sees a character: digits are one, Latin letters
/// are one, half-width and full-width punctuation are one, a traditional
/// character and its simplified form are one.
#[must_use]
pub fn fold_char(c: char) -> char {
    // Han characters are most of any page.
    if matches!(c, '\u{3400}'..='\u{9fff}') {
        return simplified(c);
    }
    match c {
        '0'..='9' | '０'..='９' => '0',
        'a'..='z' | 'A'..='Z' | 'ａ'..='ｚ' | 'Ａ'..='Ｚ' => 'a',
        ',' | '，' => '，',
        '.' | '。' | '．' | '｡' | '°' => '。',
        ';' | '；' => '；',
        ':' | '：' => '：',
        '!' | '！' => '！',
        '?' | '？' => '？',
        '(' | '（' => '（',
        ')' | '）' => '）',
        '%' | '％' => '％',
        '"' | '”' | '“' | '」' | '「' | '『' | '』' | '＂' => '”',
        '\'' | '’' | '‘' => '’',
        '-' | '—' | '－' | '–' | '―' => '—',
        '〈' => '《',
        '〉' => '》',
        _ => simplified(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_truncated_or_foreign_file_is_refused() {
        assert_eq!(BoundaryModel::from_bytes(b"something else").unwrap_err(), BoundaryModelError::Format);
        let short = [MAGIC.as_slice(), &[0; 20]].concat();
        assert!(matches!(BoundaryModel::from_bytes(&short), Err(BoundaryModelError::Length { found: 28, .. })));
    }

    #[test]
    fn what_is_written_is_read_again() {
        let weights: Vec<(u64, f32)> = (1..2_000_u64).map(|n| (n.wrapping_mul(0x9E37_79B9_7F4A_7C15), (n % 31) as f32 - 15.0)).collect();
        let (bytes, n_left_out) = BoundaryModel::to_bytes(&weights, 0.5);
        assert_eq!(n_left_out, 0);
        let model = BoundaryModel::from_bytes(&bytes).unwrap();
        for (feature, weight) in weights {
            assert!((model.weight(feature) as f32 * model.step - weight).abs() <= model.step / 2.0 + 1e-6, "{feature}: {weight}");
        }
    }

    #[test]
    fn features_do_not_depend_on_far_context() {
        let near: Vec<char> = "今天上午在市".chars().collect();
        let mut hashes = Vec::new();
        for_each_feature(&near, &near, |_, feature| hashes.push(feature));
        assert_eq!(hashes.len(), 22);
        hashes.sort_unstable();
        hashes.dedup();
        assert_eq!(hashes.len(), 22, "no two features of one break collide");
    }
}

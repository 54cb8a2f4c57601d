//! How alike two characters look in print.
//!
//! Each character of the table has a descriptor of [`DIMENSIONS`] signed bytes,
//! made from its shapes in several typefaces by `xtask glyphs`
//! (`models/glyphs.md`): the nearer two descriptors, the more alike the
//! characters. A table in the file turns distances into similarities. Beside
//! it stands how common the character is in print, for engines know common
//! characters best.

use std::sync::OnceLock;

use crate::lexicon::simplified;

/// Numbers of one descriptor.
pub const DIMENSIONS: usize = 64;

/// Steps of the table from distances to similarities.
const LADDER_LEN: usize = 4096;

/// The file header: format name and version.
const MAGIC: &[u8; 8] = b"JKGLY\x02\0\0";

/// Bytes of the header: name, number of characters, dimensions, shift.
const HEADER_LEN: usize = MAGIC.len() + 4;

/// Steps of commonness in a bit.
const STEPS_PER_BIT: f32 = 8.0;

/// Commonness of a character that the table lacks, in bits.
const UNKNOWN_BITS: f32 = 28.0;

/// Dimensions that are compared first.
const N_COARSE: usize = 16;

/// Stands where a character has no place in the table.
const NO_PLACE: u16 = u16::MAX;

/// The value of the ladder that stands for 1.
const LADDER_ONE: f32 = 65_535.0;

/// The descriptors of all characters a Chinese newspaper prints.
#[derive(Clone, Debug)]
pub struct Glyphs {
    /// In code point order.
    chars: Vec<char>,
    /// By character of the basic plane, its place in `chars`.
    places: Vec<u16>,
    descriptors: Vec<[i8; DIMENSIONS]>,
    /// Bits of commonness, of the character itself and in the script it belongs
    /// to.
    bits: Vec<f32>,
    own_script_bits: Vec<f32>,
    /// Similarity by squared distance, in steps of `1 << shift`; falls.
    ladder: Vec<f32>,
    shift: u32,
}

/// One character as [`Glyphs::to_bytes`] writes it.
#[derive(Clone, Copy, Debug)]
pub struct Glyph {
    /// The character.
    pub c: char,
    /// −log2 of its share of printed characters.
    pub bits: f32,
    /// How it looks.
    pub descriptor: [i8; DIMENSIONS],
}

/// Why a file of descriptors was refused.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum GlyphsError {
    /// It does not begin with the format's name and version.
    #[error("not a table of glyph descriptors of this version")]
    Format,
    /// It is shorter or longer than its header says.
    #[error("{found} bytes where {expected} were expected")]
    Length {
        /// Bytes expected.
        expected: usize,
        /// Bytes found.
        found: usize,
    },
    /// Its characters are not in code point order, or none at all.
    #[error("entry {entry} of the characters is out of order")]
    Order {
        /// Entry, from 0.
        entry: usize,
    },
}

/// Characters of a table to look for look-alikes among.
#[derive(Clone, Debug)]
pub struct Chosen {
    /// Their places in the table, in order.
    places: Vec<u16>,
    /// The first dimensions of each, which hold most of what tells them apart.
    coarse: Vec<[i16; N_COARSE]>,
}

impl Glyphs {
    /// The table inside the program.
    #[must_use]
    pub fn embedded() -> &'static Glyphs {
        static GLYPHS: OnceLock<Glyphs> = OnceLock::new();
        GLYPHS.get_or_init(|| Self::from_bytes(include_bytes!("../../../models/glyphs.bin")).expect("a test reads the embedded table"))
    }

    /// Reads a table: header; the distance of each character's code point to
    /// the one before (`u16`, the first from 0); commonness (`u8`, eighths of a
    /// bit); descriptors dimension by dimension; the ladder of similarities
    /// (`u16`). Little-endian.
    ///
    /// # Errors
    /// When the bytes are not such a file.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, GlyphsError> {
        if !bytes.starts_with(MAGIC) || bytes.len() < HEADER_LEN || usize::from(bytes[10]) != DIMENSIONS {
            return Err(GlyphsError::Format);
        }
        let short = |at: usize| u16::from_le_bytes([bytes[at], bytes[at + 1]]);
        let n_chars = usize::from(short(8));
        let shift = u32::from(bytes[11]).min(31);
        let commonness_at = HEADER_LEN + 2 * n_chars;
        let descriptors_at = commonness_at + n_chars;
        let ladder_at = descriptors_at + DIMENSIONS * n_chars;
        let expected = ladder_at + 2 * LADDER_LEN;
        if bytes.len() != expected {
            return Err(GlyphsError::Length { expected, found: bytes.len() });
        }
        let mut chars = Vec::with_capacity(n_chars);
        let mut code = 0_u32;
        for entry in 0..n_chars {
            let step = u32::from(short(HEADER_LEN + 2 * entry));
            code += step;
            match char::from_u32(code) {
                Some(c) if step > 0 => chars.push(c),
                _ => return Err(GlyphsError::Order { entry }),
            }
        }
        let mut descriptors = vec![[0_i8; DIMENSIONS]; n_chars];
        for dimension in 0..DIMENSIONS {
            let column = &bytes[descriptors_at + dimension * n_chars..][..n_chars];
            for (descriptor, byte) in descriptors.iter_mut().zip(column) {
                descriptor[dimension] = i8::from_le_bytes([*byte]);
            }
        }
        let bits: Vec<f32> = bytes[commonness_at..descriptors_at].iter().map(|&steps| f32::from(steps) / STEPS_PER_BIT).collect();
        let of_simplified = |c: char| chars.binary_search(&simplified(c)).map_or(UNKNOWN_BITS, |idx| bits[idx]);
        let own_script_bits = chars.iter().zip(&bits).map(|(&c, bits)| bits.min(of_simplified(c))).collect();
        let mut ladder: Vec<f32> = (0..LADDER_LEN).map(|step| f32::from(short(ladder_at + 2 * step)) / LADDER_ONE).collect();
        // A table that rises somewhere would make far characters alike.
        for step in 1..LADDER_LEN {
            ladder[step] = ladder[step].min(ladder[step - 1]);
        }
        let mut places = vec![NO_PLACE; 0x1_0000];
        for (place, &c) in (0_u16..).zip(&chars) {
            if let Some(entry) = places.get_mut(c as usize) {
                *entry = place;
            }
        }
        Ok(Self { chars, places, descriptors, bits, own_script_bits, ladder, shift })
    }

    /// Writes the file that [`Glyphs::from_bytes`] reads, from characters in
    /// code point order, and the similarity at every squared distance
    /// `step << shift`.
    ///
    /// # Panics
    /// When the characters are out of order or farther apart than 65,535 code
    /// points, or more than that many: the builder chooses them.
    #[must_use]
    pub fn to_bytes(table: &[Glyph], similarity: impl Fn(u32) -> f32, shift: u8) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend(u16::try_from(table.len()).expect("the table has at most 65,535 characters").to_le_bytes());
        bytes.extend([u8::try_from(DIMENSIONS).expect("a byte holds the number of dimensions"), shift]);
        let mut code = 0;
        for glyph in table {
            let step = u32::from(glyph.c).checked_sub(code).expect("characters are in code point order");
            bytes.extend(u16::try_from(step).expect("characters are near each other").to_le_bytes());
            code = u32::from(glyph.c);
        }
        bytes.extend(table.iter().map(|glyph| (glyph.bits * STEPS_PER_BIT).round().clamp(0.0, 255.0) as u8));
        for dimension in 0..DIMENSIONS {
            bytes.extend(table.iter().map(|glyph| glyph.descriptor[dimension].to_le_bytes()[0]));
        }
        for step in 0..LADDER_LEN as u32 {
            bytes.extend(((similarity(step << shift).clamp(0.0, 1.0) * LADDER_ONE).round() as u16).to_le_bytes());
        }
        bytes
    }

    /// All characters of the table, in code point order.
    #[must_use]
    pub fn chars(&self) -> &[char] {
        &self.chars
    }

    /// True when the table has the character.
    #[must_use]
    pub fn contains(&self, c: char) -> bool {
        self.index(c).is_some()
    }

    /// How common a character is in print: −log2 of its share of all
    /// characters, 0 to 32. A traditional character counts as somewhat rarer
    /// than its simplified form; one that the table lacks as very rare.
    #[must_use]
    pub fn bits(&self, c: char) -> f32 {
        self.index(c).map_or(UNKNOWN_BITS, |idx| self.bits_at(idx))
    }

    /// The same in the script that the character belongs to: a traditional one
    /// counts as its simplified form, which engines for traditional pages know
    /// as little worse as other engines know that.
    #[must_use]
    pub fn own_script_bits(&self, c: char) -> f32 {
        self.index(c).map_or(UNKNOWN_BITS, |idx| self.own_script_bits[idx])
    }

    pub(super) fn bits_at(&self, idx: usize) -> f32 {
        self.bits[idx]
    }

    pub(super) fn own_script_bits_at(&self, idx: usize) -> f32 {
        self.own_script_bits[idx]
    }

    /// The place of a character in [`Glyphs::chars`].
    pub(super) fn index(&self, c: char) -> Option<usize> {
        match self.places.get(c as usize) {
            Some(&NO_PLACE) => None,
            Some(&place) => Some(usize::from(place)),
            None => self.chars.binary_search(&c).ok(),
        }
    }

    /// How alike two characters look, 0 to 1; the same both ways round, 1 for
    /// a character and itself, 0 when the table lacks one of two.
    ///
    /// The number says how few characters of the table are that near to each
    /// other: 1 − ln(1 + m) / ln(1 + n), where n characters are in the table and
    /// an average one has m others at the distance of these two. So 0.75 is as
    /// near as the tenth neighbor, 0.5 as the hundredth, 0.25 as the
    /// thousandth; of pairs taken at random, ten of eleven are below 0.25.
    #[must_use]
    pub fn similarity(&self, a: char, b: char) -> f32 {
        if a == b {
            return 1.0;
        }
        match (self.index(a), self.index(b)) {
            (Some(a), Some(b)) => self.similarity_at(a, b),
            _ => 0.0,
        }
    }

    pub(super) fn similarity_at(&self, a: usize, b: usize) -> f32 {
        self.at_distance(distance(&self.descriptors[a], &self.descriptors[b]))
    }

    /// The `n` characters that look most like `c`, with their similarities,
    /// falling; without `c` itself. Empty when the table lacks it. Reads the
    /// whole table: some 0.1 ms.
    #[must_use]
    pub fn nearest(&self, c: char, n: usize) -> Vec<(char, f32)> {
        self.nearest_of(&self.choose(|_| true), c, n)
    }

    /// Some characters of the table, to look for look-alikes among.
    #[must_use]
    pub fn choose(&self, mut keep: impl FnMut(char) -> bool) -> Chosen {
        let places: Vec<u16> = (0_u16..).zip(&self.chars).filter(|&(_, &c)| keep(c)).map(|(place, _)| place).collect();
        let coarse = |&place: &u16| std::array::from_fn(|dimension| i16::from(self.descriptors[usize::from(place)][dimension]));
        Chosen { coarse: places.iter().map(coarse).collect(), places }
    }

    /// [`Glyphs::nearest`] among the chosen characters only, which must be of
    /// this table.
    #[must_use]
    pub fn nearest_of(&self, chosen: &Chosen, c: char, n: usize) -> Vec<(char, f32)> {
        let Some(own_idx) = self.index(c) else {
            return Vec::new();
        };
        let own = &self.descriptors[own_idx];
        let own_coarse: [i16; N_COARSE] = std::array::from_fn(|dimension| i16::from(own[dimension]));
        // The number of a character is the order of its code point, so equally
        // near ones stand in that order.
        let mut keys: Vec<u64> = Vec::with_capacity(2 * n + 2);
        let mut farthest = u32::MAX;
        for (coarse, &place) in chosen.coarse.iter().zip(&chosen.places) {
            if coarse_distance(&own_coarse, coarse) > farthest || usize::from(place) == own_idx {
                continue;
            }
            keys.push(u64::from(distance(own, &self.descriptors[usize::from(place)])) << 16 | u64::from(place));
            if keys.len() > 2 * n + 1 {
                keys.select_nth_unstable(n);
                keys.truncate(n);
                farthest = keys.iter().max().map_or(0, |key| (key >> 16) as u32);
            }
        }
        keys.sort_unstable();
        keys.truncate(n);
        keys.iter().map(|key| (self.chars[(key & 0xffff) as usize], self.at_distance((key >> 16) as u32))).collect()
    }

    /// Calls `each` with every character of the table but `c` itself and its
    /// similarity to `c`; with none when the table lacks `c`.
    pub fn for_each_similarity(&self, c: char, mut each: impl FnMut(char, f32)) {
        self.for_each(c, |idx, similarity| each(self.chars[idx], similarity));
    }

    /// As [`Glyphs::for_each_similarity`], with places in [`Glyphs::chars`].
    pub(super) fn for_each(&self, c: char, mut each: impl FnMut(usize, f32)) {
        let Some(own_idx) = self.index(c) else {
            return;
        };
        let own = &self.descriptors[own_idx];
        for (idx, other) in self.descriptors.iter().enumerate() {
            if idx != own_idx {
                each(idx, self.at_distance(distance(own, other)));
            }
        }
    }

    fn at_distance(&self, squared: u32) -> f32 {
        self.ladder[((squared >> self.shift) as usize).min(LADDER_LEN - 1)]
    }
}

/// The part that the first dimensions have in the distance.
#[inline]
fn coarse_distance(a: &[i16; N_COARSE], b: &[i16; N_COARSE]) -> u32 {
    let squares = a.iter().zip(b).map(|(a, b)| i32::from(a.wrapping_sub(*b)) * i32::from(a.wrapping_sub(*b)));
    squares.sum::<i32>().cast_unsigned()
}

/// The squared distance of two descriptors.
#[inline]
fn distance(a: &[i8], b: &[i8]) -> u32 {
    let mut sum = 0_i32;
    // In blocks of one length, so that they are summed side by side.
    for (a, b) in a.as_chunks::<16>().0.iter().zip(b.as_chunks::<16>().0) {
        sum += a.iter().zip(b).map(|(a, b)| i32::from(i16::from(*a) - i16::from(*b)).pow(2)).sum::<i32>();
    }
    sum.cast_unsigned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A small table: 甲乙丙 on a line, 10 apart.
    fn small() -> Vec<u8> {
        let glyph = |c, x: i8| {
            let mut descriptor = [0; DIMENSIONS];
            descriptor[0] = x;
            Glyph { c, bits: 12.5, descriptor }
        };
        let table = [glyph('丙', 20), glyph('乙', 10), glyph('甲', 0)];
        Glyphs::to_bytes(&table, |squared| 1.0 - squared as f32 / 1000.0, 0)
    }

    #[test]
    fn a_table_is_read_as_it_was_written() {
        let glyphs = Glyphs::from_bytes(&small()).unwrap();
        assert_eq!(glyphs.chars(), ['丙', '乙', '甲']);
        assert!((glyphs.similarity('甲', '乙') - 0.9).abs() < 1e-4);
        assert!((glyphs.similarity('甲', '丙') - 0.6).abs() < 1e-4);
        assert_eq!(glyphs.nearest('甲', 9).iter().map(|near| near.0).collect::<String>(), "乙丙");
        assert_eq!(glyphs.nearest('甲', 1).len(), 1);
        assert_eq!(glyphs.nearest('丁', 9), []);
        assert_eq!(glyphs.bits('甲'), 12.5);
        assert!(glyphs.bits('丁') > 20.0);
        assert_eq!(glyphs.similarity('丁', '甲'), 0.0);
        assert_eq!(glyphs.similarity('丁', '丁'), 1.0);
    }

    #[test]
    fn a_truncated_or_foreign_file_is_refused() {
        assert_eq!(Glyphs::from_bytes(b"something else").unwrap_err(), GlyphsError::Format);
        let mut bytes = small();
        bytes.pop();
        assert!(matches!(Glyphs::from_bytes(&bytes).unwrap_err(), GlyphsError::Length { .. }));
        let mut bytes = small();
        bytes[HEADER_LEN + 2] = 0;
        bytes[HEADER_LEN + 3] = 0;
        assert_eq!(Glyphs::from_bytes(&bytes).unwrap_err(), GlyphsError::Order { entry: 1 });
    }

    #[test]
    fn look_alikes_are_near_and_others_far() {
        let glyphs = Glyphs::embedded();
        for (a, b) in [('己', '已'), ('末', '未'), ('土', '士'), ('戌', '戍'), ('淞', '凇'), ('藉', '籍')] {
            assert!(glyphs.similarity(a, b) > 0.6, "{a} {b} {}", glyphs.similarity(a, b));
        }
        for (a, b) in [('的', '国'), ('一', '龘'), ('人', '疆'), ('，', '龍')] {
            assert!(glyphs.similarity(a, b) < 0.35, "{a} {b} {}", glyphs.similarity(a, b));
        }
    }

    #[test]
    fn the_table_holds_both_scripts_names_and_marks() {
        let glyphs = Glyphs::embedded();
        for c in "的龟龜裏裡爲為著喆堃祎凇。，、“”（）《》〇０9aＺ—…·□■".chars() {
            assert!(glyphs.contains(c), "{c}");
        }
    }

    proptest! {
        #[test]
        fn similarity_is_symmetric_and_within_bounds(a: char, b in "\\PC") {
            let glyphs = Glyphs::embedded();
            let b = b.chars().next().unwrap();
            let similarity = glyphs.similarity(a, b);
            prop_assert!((0.0..=1.0).contains(&similarity));
            prop_assert_eq!(similarity, glyphs.similarity(b, a));
        }

        #[test]
        fn garbled_tables_never_panic(mut bytes in Just(small()), cuts in prop::collection::vec((0_usize..9000, any::<u8>()), 0..9), len in 0_usize..9000) {
            for (at, byte) in cuts {
                let at = at % bytes.len();
                bytes[at] = byte;
            }
            bytes.truncate(len.max(8));
            if let Ok(glyphs) = Glyphs::from_bytes(&bytes) {
                for c in glyphs.chars().to_vec() {
                    let _ = glyphs.nearest(c, 3);
                }
            }
        }
    }
}

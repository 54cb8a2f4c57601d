//! How ordinary a Han character is, from the encodings themselves: the first
//! levels of GB 2312 (3,755 characters, the everyday simplified ones) and of
//! Big5 (5,401 characters, the everyday traditional ones) were chosen by
//! frequency, and every conversion table carries them.

use std::sync::LazyLock;

use encoding_rs::{BIG5, Encoding, GBK};

const FIRST: u32 = 0x4e00;
const N_WORDS: usize = (0xa000 - 0x4e00) / 64;

/// A set of characters of the basic Han block.
pub(super) struct HanSet([u64; N_WORDS]);

static GB2312_LEVEL_1: LazyLock<HanSet> = LazyLock::new(|| HanSet::decoded(GBK, 0xb0..=0xd7, 0xa1..=0xfe));
static EVERYDAY: LazyLock<HanSet> = LazyLock::new(|| {
    let mut both = big5_level_1();
    for (word, more) in both.0.iter_mut().zip(&GB2312_LEVEL_1.0) {
        *word |= more;
    }
    both
});

fn big5_level_1() -> HanSet {
    HanSet::decoded(BIG5, 0xa4..=0xc6, 0x40..=0xfe)
}

impl HanSet {
    /// The Han characters `encoding` has at the given two-byte codes. Codes
    /// without a character are passed over.
    fn decoded(encoding: &'static Encoding, leads: std::ops::RangeInclusive<u8>, trails: std::ops::RangeInclusive<u8>) -> Self {
        let mut words = [0; N_WORDS];
        for lead in leads {
            for trail in trails.clone().filter(|trail| !(0x7f..=0xa0).contains(trail)) {
                // Level 1 of Big5 ends at C67E.
                if encoding == BIG5 && lead == 0xc6 && trail > 0x7e {
                    continue;
                }
                let code = [lead, trail];
                let (decoded, malformed) = encoding.decode_without_bom_handling(&code);
                let offset = decoded.chars().next().and_then(|c| u32::from(c).checked_sub(FIRST));
                if let Some(offset) = offset.filter(|&offset| !malformed && (offset as usize) < N_WORDS * 64) {
                    words[offset as usize / 64] |= 1 << (offset % 64);
                }
            }
        }
        Self(words)
    }

    /// True when the set has `c`.
    pub(super) fn contains(&self, c: char) -> bool {
        let offset = u32::from(c).wrapping_sub(FIRST) as usize;
        offset < N_WORDS * 64 && self.0[offset / 64] >> (offset % 64) & 1 == 1
    }
}

/// True for the everyday characters of simplified text (GB 2312, level 1).
pub(super) fn is_everyday_simplified(c: char) -> bool {
    GB2312_LEVEL_1.contains(c)
}

/// The everyday characters of simplified and of traditional text. For loops
/// over whole texts, which look the set up only once.
pub(super) fn everyday() -> &'static HanSet {
    &EVERYDAY
}

/// True for the everyday characters of simplified or traditional text.
pub(super) fn is_everyday(c: char) -> bool {
    EVERYDAY.contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sets_have_the_size_the_standards_give() {
        let size = |set: &HanSet| set.0.iter().map(|word| word.count_ones()).sum::<u32>();
        assert_eq!(size(&GB2312_LEVEL_1), 3755);
        assert_eq!(size(&big5_level_1()), 5401);
    }

    #[test]
    fn everyday_and_rare() {
        for c in "我们的城市國家會議".chars() {
            assert!(is_everyday(c), "{c}");
        }
        for c in "犲鎴戜鐨勪ロ".chars().filter(|&c| c != '勪') {
            assert!(!is_everyday_simplified(c), "{c}");
        }
        assert!(!is_everyday_simplified('國'));
    }
}

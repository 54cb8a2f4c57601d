//! The envelope of compiled lists: parts of bytes behind one another, with a
//! checksum, so that a file that was cut short or changed is noticed and made
//! anew.

use std::ops::Range;

/// How the bytes begin; the number goes up when anything in them changes its
/// meaning.
const MAGIC: &[u8; 8] = b"jklist1\n";
/// Bytes before those that the checksum is of.
const UNCHECKED: usize = MAGIC.len() + 8;

/// Parts of bytes.
#[derive(Debug)]
pub(crate) struct Compiled {
    bytes: Vec<u8>,
    parts: Vec<Range<usize>>,
}

impl Compiled {
    /// Puts `parts` into one envelope with the name `key`.
    pub fn new(key: &str, parts: &[Vec<u8>]) -> Self {
        let mut bytes = Vec::with_capacity(parts.iter().map(|part| part.len() + 8).sum::<usize>() + key.len() + 64);
        bytes.extend(MAGIC);
        bytes.extend([0; 8]);
        for number in [key.len(), parts.len()].into_iter().chain(parts.iter().map(Vec::len)) {
            bytes.extend((number as u64).to_le_bytes());
        }
        bytes.extend(key.as_bytes());
        let mut ranges = Vec::new();
        for part in parts {
            ranges.push(bytes.len()..bytes.len() + part.len());
            bytes.extend(part);
        }
        let sum = checksum(&bytes[UNCHECKED..]).to_le_bytes();
        bytes[MAGIC.len()..UNCHECKED].copy_from_slice(&sum);
        Self { bytes, parts: ranges }
    }

    /// The envelope in `bytes`; `None` when they are not one, whole, with this
    /// name.
    pub fn open(key: &str, bytes: Vec<u8>) -> Option<Self> {
        let number = |at: usize| -> Option<usize> {
            let chunk = bytes.get(at..)?.first_chunk()?;
            usize::try_from(u64::from_le_bytes(*chunk)).ok()
        };
        let sum = bytes.get(MAGIC.len()..UNCHECKED)?;
        if !bytes.starts_with(MAGIC) || sum != checksum(bytes.get(UNCHECKED..)?).to_le_bytes() {
            return None;
        }
        let (n_key, n_parts) = (number(UNCHECKED)?, number(UNCHECKED + 8)?);
        let mut at = UNCHECKED.checked_add(16)?.checked_add(n_parts.checked_mul(8)?)?;
        if bytes.get(at..at.checked_add(n_key)?)? != key.as_bytes() {
            return None;
        }
        at += n_key;
        let mut parts = Vec::new();
        for idx in 0..n_parts {
            let end = at.checked_add(number(UNCHECKED + 16 + 8 * idx)?)?;
            bytes.get(at..end)?;
            parts.push(at..end);
            at = end;
        }
        (at == bytes.len()).then_some(Self { bytes, parts })
    }

    /// All of it, as it is kept.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The `idx`-th part; nothing when there is none.
    pub fn part(&self, idx: usize) -> &[u8] {
        self.parts.get(idx).and_then(|range| self.bytes.get(range.clone())).unwrap_or_default()
    }
}

/// A sum that changes with any byte. It guards against accidents, for which
/// four lanes of multiplications are enough, at the speed of reading.
fn checksum(bytes: &[u8]) -> u64 {
    const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
    let step = |sum: u64, word: [u8; 8]| (sum ^ u64::from_le_bytes(word)).wrapping_mul(ODD).rotate_left(29);
    let mut lanes = [1u64, 2, 3, 4];
    let (blocks, rest) = bytes.as_chunks::<32>();
    for block in blocks {
        for (lane, word) in lanes.iter_mut().zip(block.as_chunks::<8>().0) {
            *lane = step(*lane, *word);
        }
    }
    let rest = rest.iter().fold(bytes.len() as u64, |sum, &byte| step(sum, [byte; 8]));
    lanes.into_iter().fold(rest, |sum, lane| step(sum, lane.to_le_bytes()))
}

/// Numbers as a part.
pub(crate) fn part_of(numbers: impl IntoIterator<Item = u32>) -> Vec<u8> {
    numbers.into_iter().flat_map(u32::to_le_bytes).collect()
}

/// The numbers of a part.
pub(crate) fn numbers_in(part: &[u8]) -> impl Iterator<Item = u32> + '_ {
    part.as_chunks::<4>().0.iter().map(|chunk| u32::from_le_bytes(*chunk))
}

/// The `idx`-th number of a part.
#[inline]
pub(crate) fn u32_at(part: &[u8], idx: usize) -> Option<u32> {
    let at = idx.checked_mul(4)?;
    part.get(at..)?.first_chunk().map(|chunk| u32::from_le_bytes(*chunk))
}

/// The `idx`-th number of eight bytes.
#[inline]
pub(crate) fn u64_at(part: &[u8], idx: usize) -> Option<u64> {
    let at = idx.checked_mul(8)?;
    part.get(at..)?.first_chunk().map(|chunk| u64::from_le_bytes(*chunk))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_packed_is_read() {
        let made = Compiled::new("名", &[part_of([1, 2, 3]), Vec::new(), b"text".to_vec()]);
        let read = Compiled::open("名", made.bytes().to_vec()).unwrap();
        assert_eq!(numbers_in(read.part(0)).collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!((read.part(1), read.part(2), read.part(3)), (&b""[..], &b"text"[..], &b""[..]));
        assert!(Compiled::open("别的", made.bytes().to_vec()).is_none());
    }

    #[test]
    fn a_byte_that_is_another_or_missing_is_noticed() {
        let made = Compiled::new("key", &[(0..200).collect(), part_of(0..50)]);
        for cut in 0..made.bytes().len() {
            assert!(Compiled::open("key", made.bytes()[..cut].to_vec()).is_none(), "cut at {cut}");
        }
        for at in 0..made.bytes().len() {
            for flip in [1, 0x80, 0xff] {
                let mut bytes = made.bytes().to_vec();
                bytes[at] ^= flip;
                assert!(Compiled::open("key", bytes).is_none(), "byte {at} with {flip}");
            }
        }
        let longer = [made.bytes(), &[0]].concat();
        assert!(Compiled::open("key", longer).is_none());
    }
}

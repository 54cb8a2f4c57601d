//! An index of very many literals: where in a text does one of them stand?
//!
//! Plain bytes that are used where they lie, so that what was built once can
//! be read from a file. Three parts:
//!
//! - a filter, bits by a hash of the first three characters of each literal
//!   (of all, where it has fewer): one look into it rejects nearly every place
//!   of a text, whatever the number of literals;
//! - a directory, by a hash of the whole literal: where its postings begin;
//! - the postings, numbers of whoever built the index.
//!
//! The index holds no texts. Whoever searches gets candidates and compares
//! them with the literal, so that a wrong byte in it can hide a literal and
//! never make one up.

use super::compiled::{u32_at, u64_at};

/// Characters of the longest literal that can be searched for.
pub(crate) const MAX_CHARS: usize = 64;

/// Characters the filter knows; three code points fill one number.
const PREFIX_CHARS: usize = 3;
const CHAR_BITS: u32 = 21;
/// Filter bits for each literal: with two bits set, one look in a hundred is
/// in vain.
const FILTER_BITS: usize = 16;
/// Bytes before the filter: the lengths that occur, and the sizes of the parts.
const HEAD: usize = 32;
/// Buckets of a directory, as a power of two.
const MAX_BUCKET_BITS: u32 = 30;
/// Characters that are looked at together. The tables are larger than what a
/// processor keeps near, and it waits for many places at once as long as for
/// one: so all hashes come first, then all looks into the filter, then all
/// into the directory.
const BATCH: usize = 256;

/// An index, ready to search.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Index<'b> {
    /// Bit n-1: some literal has n characters.
    lengths: u64,
    filter: &'b [[u8; 8]],
    directory: &'b [u8],
    shift: u32,
    postings: &'b [u8],
    /// Bits of a posting that are its number; those above are a check of the
    /// literal, so that few candidates are compared in vain.
    number_bits: u32,
}

/// Literals that may stand at a place: their bucket there.
#[derive(Clone, Copy, Default)]
struct Place {
    start: usize,
    end: usize,
    hash: u64,
    bucket: (u32, u32),
}

/// The bytes of an index of `literals`, each with its posting, to look whole
/// texts up in it.
pub(crate) fn build_whole<'t>(literals: impl Iterator<Item = (&'t str, u32)>) -> Vec<u8> {
    let hashed: Vec<(u64, u32)> = literals.map(|(text, posting)| (hash(text), posting)).collect();
    write(0, &[], &hashed)
}

/// The bytes of an index of `literals`, to search texts for them; `None` when
/// one is empty or too long.
pub(crate) fn build<'t>(literals: impl Iterator<Item = (&'t str, u32)>) -> Option<Vec<u8>> {
    let mut lengths = 0;
    let mut hashed = Vec::new();
    let mut prefixes = Vec::new();
    for (text, posting) in literals {
        let n_chars = text.chars().count();
        if n_chars == 0 || n_chars > MAX_CHARS {
            return None;
        }
        lengths |= 1 << (n_chars - 1);
        hashed.push((hash(text), posting));
        prefixes.push(start_of(text).0);
    }
    let n_words = (prefixes.len() * FILTER_BITS / 64).next_power_of_two();
    let mut filter = vec![0u64; n_words];
    for prefix in prefixes {
        let (word, bits) = in_filter(prefix, n_words as u64);
        filter[word] |= bits;
    }
    Some(write(lengths, &filter, &hashed))
}

#[allow(clippy::cast_possible_truncation)]
fn write(lengths: u64, filter: &[u64], hashed: &[(u64, u32)]) -> Vec<u8> {
    let bits = hashed.len().next_power_of_two().trailing_zeros().clamp(1, MAX_BUCKET_BITS);
    let shift = u64::BITS - bits;
    let number_bits = u32::BITS - hashed.iter().map(|(_, posting)| posting).max().copied().unwrap_or(0).leading_zeros();
    // Counting sort, in the order given within a bucket.
    let mut starts = vec![0u32; (1 << bits) + 1];
    for (hash, _) in hashed {
        starts[(hash >> shift) as usize + 1] += 1;
    }
    for idx in 1..starts.len() {
        starts[idx] += starts[idx - 1];
    }
    let mut next = starts.clone();
    let mut postings = vec![0u32; hashed.len()];
    for &(hash, posting) in hashed {
        let at = &mut next[(hash >> shift) as usize];
        postings[*at as usize] = posting | check(hash, number_bits);
        *at += 1;
    }
    let mut bytes = Vec::with_capacity(HEAD + 8 * filter.len() + 4 * (starts.len() + postings.len()));
    bytes.extend(lengths.to_le_bytes());
    bytes.extend((filter.len() as u64).to_le_bytes());
    bytes.extend(u64::from(bits).to_le_bytes());
    bytes.extend(u64::from(number_bits).to_le_bytes());
    bytes.extend(filter.iter().flat_map(|word| word.to_le_bytes()));
    bytes.extend(starts.iter().flat_map(|start| start.to_le_bytes()));
    bytes.extend(postings.iter().flat_map(|posting| posting.to_le_bytes()));
    bytes
}

impl<'b> Index<'b> {
    /// The index in `bytes`; `None` when they are none.
    pub fn open(bytes: &'b [u8]) -> Option<Self> {
        let (lengths, n_words, bits) = (u64_at(bytes, 0)?, u64_at(bytes, 1)?, u64_at(bytes, 2)?);
        let bits = u32::try_from(bits).ok().filter(|bits| (1..=MAX_BUCKET_BITS).contains(bits))?;
        let number_bits = u32::try_from(u64_at(bytes, 3)?).ok().filter(|bits| *bits <= u32::BITS)?;
        let n_filter = usize::try_from(n_words).ok()?.checked_mul(8)?;
        let (filter, rest) = bytes.get(HEAD..)?.split_at_checked(n_filter)?;
        let (directory, postings) = rest.split_at_checked(((1usize << bits) + 1) * 4)?;
        let filter = filter.as_chunks().0;
        let is_sound = (lengths == 0 || filter.len().is_power_of_two()) && postings.len() % 4 == 0;
        is_sound.then_some(Self { lengths, filter, directory, shift: u64::BITS - bits, postings, number_bits })
    }

    /// The postings that `text` may have, in the order they were given.
    pub fn candidates(&self, text: &str) -> impl Iterator<Item = u32> + use<'b> {
        let hash = hash(text);
        self.postings(hash, self.bucket(hash))
    }

    /// Calls `candidate` with start, end and posting of whatever may stand in
    /// `text`. The places come in no order.
    pub fn search(&self, text: &str, mut candidate: impl FnMut(usize, usize, u32)) {
        if self.lengths & 1 != 0 {
            self.search_prefixes::<1>(text, &mut candidate);
        }
        if self.lengths & 2 != 0 {
            self.search_prefixes::<2>(text, &mut candidate);
        }
        if self.lengths >> 2 != 0 {
            self.search_prefixes::<PREFIX_CHARS>(text, &mut candidate);
        }
    }

    /// Looks for the literals whose first `N` characters the filter knows.
    fn search_prefixes<const N: usize>(&self, text: &str, candidate: &mut impl FnMut(usize, usize, u32)) {
        let mask = (1u64 << (CHAR_BITS * N as u32)) - 1;
        let mut last = 0u64;
        // Where the last characters begin; at the start of the text there are
        // not yet so many.
        let mut starts = [usize::MAX; N];
        let mut passed = [(0usize, 0u64); BATCH];
        let (mut places, mut longer) = (Vec::new(), Vec::new());
        let mut chars = text.char_indices();
        let mut is_over = false;
        while !is_over {
            let mut n_passed = 0;
            while n_passed < BATCH {
                let Some((at, c)) = chars.next() else {
                    is_over = true;
                    break;
                };
                last = (last << CHAR_BITS | u64::from(u32::from(c))) & mask;
                starts.rotate_left(1);
                starts[N - 1] = at;
                let prefix = mix(last);
                // Written whether it counts or not: a processor that guesses
                // wrong waits for what it has not asked for yet.
                passed[n_passed] = (starts[0], prefix);
                n_passed += usize::from(self.may_begin(prefix) && starts[0] != usize::MAX);
            }
            places.clear();
            places.extend(passed[..n_passed].iter().map(|&(start, hash)| {
                let length = text[start..].chars().take(N).map(char::len_utf8).sum::<usize>();
                Place { start, end: start + length, hash, bucket: (0, 0) }
            }));
            let mut found = &mut places;
            if N == PREFIX_CHARS && self.lengths >> PREFIX_CHARS != 0 {
                longer.clear();
                found.iter().for_each(|place| self.lengthen(text, *place, &mut longer));
                found = &mut longer;
            }
            for place in found.iter_mut() {
                place.bucket = self.bucket(place.hash);
            }
            for place in found {
                self.postings(place.hash, place.bucket).for_each(|posting| candidate(place.start, place.end, posting));
            }
        }
    }

    /// The places of all lengths that occur and begin with the characters at
    /// `place`.
    fn lengthen(&self, text: &str, mut place: Place, out: &mut Vec<Place>) {
        let mut lengths = self.lengths >> (PREFIX_CHARS - 1);
        let mut rest = text[place.end..].chars();
        loop {
            if lengths & 1 != 0 {
                out.push(place);
            }
            lengths >>= 1;
            if lengths == 0 {
                return;
            }
            let Some(c) = rest.next() else { return };
            place.hash = step(place.hash, c);
            place.end += c.len_utf8();
        }
    }

    #[inline]
    fn may_begin(&self, prefix: u64) -> bool {
        let (word, bits) = in_filter(prefix, self.filter.len() as u64);
        self.filter.get(word).is_some_and(|word| u64::from_le_bytes(*word) & bits == bits)
    }

    #[allow(clippy::cast_possible_truncation)]
    #[inline]
    fn bucket(&self, hash: u64) -> (u32, u32) {
        let bucket = (hash >> self.shift) as usize;
        u32_at(self.directory, bucket).zip(u32_at(self.directory, bucket + 1)).unwrap_or_default()
    }

    #[inline]
    fn postings(&self, hash: u64, (start, end): (u32, u32)) -> impl Iterator<Item = u32> + use<'b> {
        let postings = self.postings.get(4 * start as usize..4 * end as usize).unwrap_or_default();
        let check = check(hash, self.number_bits);
        let postings = postings.chunks_exact(4).map(|bytes| u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]));
        let number_bits = self.number_bits;
        postings
            .filter(move |posting| posting.checked_shr(number_bits) == check.checked_shr(number_bits))
            .map(move |posting| posting ^ check)
    }
}

/// The hash of the first characters of `text`, and what follows them.
fn start_of(text: &str) -> (u64, std::str::Chars<'_>) {
    let mut chars = text.chars();
    let first = chars.by_ref().take(PREFIX_CHARS).fold(0u64, |packed, c| packed << CHAR_BITS | u64::from(u32::from(c)));
    (mix(first), chars)
}

/// The hash of a whole text; it begins as that of its first characters.
fn hash(text: &str) -> u64 {
    let (prefix, rest) = start_of(text);
    rest.fold(prefix, step)
}

/// Spreads a number over all bits.
fn mix(number: u64) -> u64 {
    let number = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    number ^ (number >> 32)
}

fn step(hash: u64, c: char) -> u64 {
    mix(hash.rotate_left(23) ^ u64::from(u32::from(c)))
}

/// The bits above the number of a posting, for a literal with this hash.
#[allow(clippy::cast_possible_truncation)]
#[inline]
fn check(hash: u64, number_bits: u32) -> u32 {
    (hash as u32).checked_shl(number_bits).unwrap_or(0)
}

/// The word of the filter for a hash, and the two bits in it. The directory
/// takes the upper bits of a hash, this the lower ones.
#[allow(clippy::cast_possible_truncation)]
#[inline]
fn in_filter(hash: u64, n_words: u64) -> (usize, u64) {
    let word = (hash >> 12) & n_words.wrapping_sub(1);
    (word as usize, 1 << (hash & 63) | 1 << ((hash >> 6) & 63))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All occurrences, by trying every literal at every place.
    fn slowly(literals: &[&str], text: &str) -> Vec<(usize, usize, u32)> {
        let mut found = Vec::new();
        for (literal, posting) in literals.iter().zip(0u32..) {
            let starts = text.char_indices().map(|(at, _)| at).filter(|&at| text[at..].starts_with(literal));
            found.extend(starts.map(|at| (at, at + literal.len(), posting)));
        }
        found.sort_unstable();
        found
    }

    #[test]
    fn every_literal_is_found_wherever_it_stands_and_nothing_else() {
        let literals = ["径河", "径", "径河公园昨日", "a", "公园", "园昨日", "径河", "日。", "𠀀径", "径河公园昨日开"];
        let bytes = build(literals.iter().copied().zip(0u32..)).unwrap();
        let index = Index::open(&bytes).unwrap();
        for text in ["", "径", "径河", "a径河公园昨日开放。径径河公园昨a𠀀径\n径河", "河径公园"] {
            let mut found = Vec::new();
            index.search(text, |start, end, posting| {
                if literals[posting as usize] == &text[start..end] {
                    found.push((start, end, posting));
                }
            });
            found.sort_unstable();
            assert_eq!(found, slowly(&literals, text), "{text}");
        }
        assert_eq!(index.candidates("径河").filter(|&idx| literals[idx as usize] == "径河").collect::<Vec<_>>(), [0, 6]);
    }

    #[test]
    fn nearly_every_place_is_rejected_at_once() {
        let words: Vec<String> = (0..20_000u32).map(|n| format!("{}字{n}", char::from_u32(0x4e00 + n).unwrap())).collect();
        let bytes = build(words.iter().map(String::as_str).zip(0..)).unwrap();
        let index = Index::open(&bytes).unwrap();
        let text: String = (0..20_000u32).filter_map(|n| char::from_u32(0x4e00 + n * 7 % 20_000)).collect();
        let mut n_candidates = 0;
        index.search(&text, |_, _, _| n_candidates += 1);
        assert!(n_candidates < 1000, "{n_candidates} candidates in 20,000 places without a literal");
    }

    #[test]
    fn what_cannot_be_searched_for_is_refused() {
        let long = "长".repeat(MAX_CHARS + 1);
        assert!(build([("", 0)].into_iter()).is_none());
        assert!(build([(long.as_str(), 0)].into_iter()).is_none());
        let bytes = build_whole([(long.as_str(), 7)].into_iter());
        let index = Index::open(&bytes).unwrap();
        assert_eq!(index.candidates(&long).collect::<Vec<_>>(), [7]);
        index.search(&long, |_, _, _| panic!("it is for whole texts"));
    }

    #[test]
    fn any_bytes_are_opened_or_refused_without_a_panic() {
        let good = build([("径河", 0), ("晴天", 1)].into_iter()).unwrap();
        for cut in 0..good.len() {
            if let Some(index) = Index::open(&good[..cut]) {
                index.search("径河晴天", |_, _, _| {});
            }
        }
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 0xff;
            if let Some(index) = Index::open(&bad) {
                index.search("径河晴天", |_, _, _| {});
            }
        }
    }
}

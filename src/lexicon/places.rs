use std::borrow::Cow;

use super::MAX_PLACE_CHARS;
use super::gap::{Completion, Sides, completions, completions_across};
use super::trie::{Bytes, Trie};

/// First bytes of the file; the digit is the format's version.
const MAGIC: &[u8; 4] = b"JKG1";
/// Magic, four entry bounds, number of names, two lengths.
const HEADER_BYTES: usize = 4 + 4 * 7;
/// In the parent column: no parent.
const NO_PARENT: u16 = u16::MAX;

/// The level of an administrative division.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// 省, 自治区, 直辖市, 特别行政区.
    Province,
    /// 地级市, 自治州, 地区, 盟.
    City,
    /// 县, 县级市, 市辖区, 旗.
    County,
    /// 镇, 乡, 街道, 苏木.
    Town,
}

impl Level {
    /// The word for the level: Chinese, English.
    #[must_use]
    pub fn name(self) -> [&'static str; 2] {
        match self {
            Level::Province => ["省级", "province"],
            Level::City => ["地级", "city"],
            Level::County => ["县级", "county or district"],
            Level::Town => ["乡级", "town or subdistrict"],
        }
    }
}

/// Why a gazetteer could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum GazetteerError {
    /// The bytes are not of this format, are cut short, or point outside
    /// themselves.
    #[error("the gazetteer is damaged: {0}")]
    Damaged(&'static str),
    /// One of the two name maps is damaged.
    #[error("the names of the gazetteer are damaged: {0}")]
    Names(#[from] fst::Error),
}

/// The administrative divisions of China down to towns and subdistricts, by
/// full name (石家庄市) and, above the towns, by short name (石家庄).
///
/// One name may belong to several places: 朝阳区 is in Beijing and in
/// Changchun. Towns have no short names here: 和平镇 without 镇 is an ordinary
/// word.
#[derive(Debug)]
pub struct Gazetteer {
    /// Name → its rank among all names in byte order.
    names: Trie,
    /// The names reversed; values say nothing.
    tails: Trie,
    /// `n_names + 1` starts into `postings`, 16 bits each.
    starts: Bytes,
    /// Entry numbers, 16 bits each.
    postings: Bytes,
    /// Rank of the full name and number of the parent, 16 bits each.
    entries: Bytes,
    /// Entry number at which provinces, cities, counties, towns end.
    bounds: [u16; 4],
}

/// One administrative division.
#[derive(Clone, Copy)]
pub struct Place<'g> {
    gazetteer: &'g Gazetteer,
    entry: u16,
}

impl Gazetteer {
    /// The gazetteer inside the program.
    ///
    /// # Panics
    /// Never for a program whose tests passed: they check the embedded bytes.
    #[must_use]
    pub fn embedded() -> Self {
        Self::from_bytes(Cow::Borrowed(include_bytes!("../../models/gazetteer.bin")))
            .expect("the embedded gazetteer is checked by the tests")
    }

    /// Opens a gazetteer made by `xtask gazetteer`.
    ///
    /// Layout, all numbers little-endian: `JKG1`; seven 32-bit numbers: where
    /// provinces, cities, counties and towns end, how many names, the lengths
    /// in bytes of the map of names and of the map of reversed names; then
    /// starts, postings and entries in 16-bit numbers; then the two maps.
    ///
    /// # Errors
    /// When the bytes are not that.
    pub fn from_bytes(bytes: Bytes) -> Result<Self, GazetteerError> {
        if bytes.len() < HEADER_BYTES || &bytes[..4] != MAGIC {
            return Err(GazetteerError::Damaged("not a file of this format"));
        }
        let number = |idx: usize| u32::from_le_bytes(std::array::from_fn(|byte| bytes[4 + 4 * idx + byte])) as usize;
        let mut bounds = [0; 4];
        for (idx, bound) in bounds.iter_mut().enumerate() {
            *bound = u16::try_from(number(idx)).map_err(|_| GazetteerError::Damaged("too many places"))?;
        }
        let (n_names, names_len, tails_len) = (number(4), number(5), number(6));
        let n_entries = usize::from(bounds[3]);
        let starts_end = HEADER_BYTES + 2 * (n_names + 1);
        if bytes.len() < starts_end {
            return Err(GazetteerError::Damaged("cut short"));
        }
        let n_postings = usize::from(number16(&bytes[HEADER_BYTES..starts_end], n_names));
        let postings_end = starts_end + 2 * n_postings;
        let entries_end = postings_end + 4 * n_entries;
        let names_end = entries_end + names_len;
        if bytes.len() != names_end + tails_len {
            return Err(GazetteerError::Damaged("its length is not what its header says"));
        }
        let gazetteer = Self {
            names: Trie::new(part(&bytes, entries_end, names_end))?,
            tails: Trie::new(part(&bytes, names_end, names_end + tails_len))?,
            starts: part(&bytes, HEADER_BYTES, starts_end),
            postings: part(&bytes, starts_end, postings_end),
            entries: part(&bytes, postings_end, entries_end),
            bounds,
        };
        if gazetteer.names.len() != n_names {
            return Err(GazetteerError::Damaged("the number of names differs"));
        }
        Ok(gazetteer)
    }

    /// Reads everything: checksums, order and range of all numbers.
    ///
    /// # Errors
    /// When something is out of place.
    pub fn verify(&self) -> Result<(), GazetteerError> {
        self.names.verify()?;
        self.tails.verify()?;
        let n_names = self.names.len();
        let n_postings = self.postings.len() / 2;
        let starts: Vec<usize> = (0..=n_names).map(|idx| usize::from(number16(&self.starts, idx))).collect();
        if starts.windows(2).any(|pair| pair[0] >= pair[1]) || starts.last() != Some(&n_postings) {
            return Err(GazetteerError::Damaged("a name without a place"));
        }
        if (0..n_postings).any(|idx| number16(&self.postings, idx) >= self.bounds[3]) {
            return Err(GazetteerError::Damaged("a name of no place"));
        }
        for entry in 0..self.bounds[3] {
            let parent = number16(&self.entries, 2 * usize::from(entry) + 1);
            let place = Place { gazetteer: self, entry };
            if usize::from(number16(&self.entries, 2 * usize::from(entry))) >= n_names
                || (parent != NO_PARENT && (parent >= entry || Place { gazetteer: self, entry: parent }.level() >= place.level()))
            {
                return Err(GazetteerError::Damaged("a place outside of its parent"));
            }
        }
        Ok(())
    }

    /// Number of places.
    #[must_use]
    pub fn len(&self) -> usize {
        usize::from(self.bounds[3])
    }

    /// True for a gazetteer without places.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// True when `name` is the full or short name of a place.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.names.get(name).is_some()
    }

    /// The places of that full or short name, higher levels first.
    pub fn places(&self, name: &str) -> impl Iterator<Item = Place<'_>> {
        self.postings_of(self.names.get(name))
    }

    /// The length in bytes of every place name that starts at byte `at` of
    /// `text`, shortest first. `at` is a character boundary.
    pub fn names_starting_at<'g>(&'g self, text: &'g str, at: usize) -> impl Iterator<Item = usize> + 'g {
        let mut cursor = self.names.root();
        let mut n_bytes = 0;
        text[at..]
            .chars()
            .take(MAX_PLACE_CHARS)
            .map_while(move |c| {
                n_bytes += c.len_utf8();
                cursor = self.names.step(cursor, c)?;
                Some((n_bytes, self.names.value(cursor)))
            })
            .filter_map(|(n_bytes, value)| value.map(|_| n_bytes))
    }

    /// The longest place name with its first part at the end of `left` and
    /// its last part at the start of `right`: code points on either side.
    #[must_use]
    pub fn straddling(&self, left: &str, right: &str) -> Option<(usize, usize)> {
        let mut best = None;
        let mut start = left.len();
        for (left_idx, c) in left.chars().rev().take(MAX_PLACE_CHARS - 1).enumerate() {
            start -= c.len_utf8();
            let Some(mut cursor) = self.names.walk(self.names.root(), left[start..].chars()) else { continue };
            for (right_idx, c) in right.chars().take(MAX_PLACE_CHARS - 1 - left_idx).enumerate() {
                let Some(next) = self.names.step(cursor, c) else { break };
                cursor = next;
                let n_chars = left_idx + right_idx + 2;
                if self.names.value(cursor).is_some() && best.is_none_or(|(left, right)| n_chars > left + right) {
                    best = Some((left_idx + 1, right_idx + 1));
                }
            }
        }
        best
    }

    /// Characters that, put between `left` and `right`, make a place name of
    /// three or more characters with the text that touches the gap; the value
    /// is the highest-level place of that name. Order and bounds as for
    /// [`super::Lexicon::complete_with_gap`], higher levels first.
    #[must_use]
    pub fn complete_with_gap(&self, left: &str, right: &str) -> Vec<Completion<Place<'_>>> {
        let sides = Sides::new(left, right, MAX_PLACE_CHARS);
        let rank = |rank: Option<u64>| rank.and_then(|rank| self.postings_of(Some(rank)).next());
        let found = completions(
            &sides,
            MAX_PLACE_CHARS,
            &self.names,
            &self.tails,
            // A reversed name tells only that it is one; its rank is looked up
            // below, once for each completion that survives.
            |_, value, reversed| Some(if reversed { None } else { Some(value) }),
            |value| rank(value).map_or(0, |place| u64::from(u16::MAX - place.entry)),
        );
        found
            .into_iter()
            .filter_map(|one| {
                let value = one.value.or_else(|| self.names.get(&one.word(left, right)));
                let Completion { missing, left_chars, right_chars, .. } = one;
                Some(Completion { missing, left_chars, right_chars, value: rank(value)? })
            })
            .collect()
    }

    /// Those of [`Gazetteer::complete_with_gap`] that use both sides.
    #[must_use]
    pub fn complete_across(&self, left: &str, right: &str) -> Vec<Completion<Place<'_>>> {
        let sides = Sides::new(left, right, MAX_PLACE_CHARS);
        let place_of = |rank: u64| self.postings_of(Some(rank)).next();
        let found = completions_across(&sides, MAX_PLACE_CHARS, &self.names, place_of, |place| {
            place.map_or(0, |place| u64::from(u16::MAX - place.entry))
        });
        found
            .into_iter()
            .filter_map(|Completion { missing, left_chars, right_chars, value }| {
                Some(Completion { missing, left_chars, right_chars, value: value? })
            })
            .collect()
    }

    fn postings_of(&self, rank: Option<u64>) -> impl Iterator<Item = Place<'_>> {
        let range = rank
            .and_then(|rank| usize::try_from(rank).ok())
            .map_or(0..0, |rank| usize::from(number16(&self.starts, rank))..usize::from(number16(&self.starts, rank + 1)));
        range.map(|idx| Place { gazetteer: self, entry: number16(&self.postings, idx) })
    }
}

impl<'g> Place<'g> {
    /// The full name, e.g. 石家庄市.
    #[must_use]
    pub fn name(&self) -> String {
        let rank = number16(&self.gazetteer.entries, 2 * usize::from(self.entry));
        self.gazetteer.names.key_of(u64::from(rank)).unwrap_or_default()
    }

    /// The level.
    #[must_use]
    pub fn level(&self) -> Level {
        let [provinces, cities, counties, _] = self.gazetteer.bounds;
        match self.entry {
            entry if entry < provinces => Level::Province,
            entry if entry < cities => Level::City,
            entry if entry < counties => Level::County,
            _ => Level::Town,
        }
    }

    /// The division it belongs to; `None` for a province. The parent of a
    /// county may be a province (直辖).
    #[must_use]
    pub fn parent(&self) -> Option<Place<'g>> {
        let parent = number16(&self.gazetteer.entries, 2 * usize::from(self.entry) + 1);
        (parent != NO_PARENT).then_some(Place { gazetteer: self.gazetteer, entry: parent })
    }

    /// The place and all it belongs to, the smallest first.
    pub fn chain(self) -> impl Iterator<Item = Place<'g>> {
        std::iter::successors(Some(self), Place::parent)
    }

    /// The chain in words, the largest first: 安徽省宣城市泾县.
    #[must_use]
    pub fn full_path(&self) -> String {
        let mut names: Vec<String> = self.chain().map(|place| place.name()).collect();
        names.reverse();
        names.concat()
    }
}

impl PartialEq for Place<'_> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.gazetteer, other.gazetteer) && self.entry == other.entry
    }
}

impl Eq for Place<'_> {}

impl std::fmt::Debug for Place<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Place({})", self.full_path())
    }
}

/// The `idx`-th 16-bit number; the largest one past the end, which no range
/// check lets through.
fn number16(bytes: &[u8], idx: usize) -> u16 {
    bytes.get(2 * idx..2 * idx + 2).map_or(u16::MAX, |two| u16::from_le_bytes([two[0], two[1]]))
}

fn part(bytes: &Bytes, start: usize, end: usize) -> Bytes {
    match bytes {
        Cow::Borrowed(bytes) => Cow::Borrowed(&bytes[start..end]),
        Cow::Owned(bytes) => Cow::Owned(bytes[start..end].to_vec()),
    }
}

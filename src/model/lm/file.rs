//! The file: writing it, and checking it when it is opened.
//!
//! `docs/language-model.md` describes the layout.

use std::cmp::Ordering;

use super::build::Bins;
use super::bytes::Bytes;
use super::pairs::Pairs;
use super::{Id, Info, LanguageModel, LanguageModelError, MAX_SYMBOLS, ORDERS, fold};

/// Version of the format, the eighth byte of the file.
pub(super) const VERSION: u8 = 1;

const NAME: &[u8; 7] = b"JIAOKLM";

/// Bytes before those the checksum is of.
const CHECKED_FROM: usize = 24;

/// A number of children that may not fit its byte; the list beside has it.
const OVERFLOW: u8 = 255;

/// Entries for which the position of the first child is kept in memory.
const BLOCK: usize = 16;

/// Marks a block with a number of children that did not fit.
const HAS_OVERFLOW: u32 = 1 << 31;

/// Most bits a number in a table can stand for.
const MAX_BITS: f32 = 1000.0;

/// How much of a file is looked at when it is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Check {
    /// All that lookups rely on.
    Structure,
    /// The checksum as well.
    All,
}

/// One level of the trie: the n-grams of one length. Columns are offsets into
/// the file.
#[derive(Debug)]
pub(super) struct Level {
    len: usize,
    rank_low: usize,
    rank_high: usize,
    surprise: usize,
    surprise_bits: Box<[f32; 256]>,
    /// `None` in the last level.
    branches: Option<Branches>,
}

/// What follows the n-grams of a level.
#[derive(Debug)]
struct Branches {
    /// Column of the numbers of children.
    children: usize,
    /// Column of the backoffs of those that have children.
    backoff: usize,
    backoff_bits: Box<[f32; 256]>,
    blocks: Vec<Block>,
    overflow: Vec<(u32, u16)>,
}

/// What comes before every [`BLOCK`]th entry of a level.
#[derive(Clone, Copy, Debug)]
struct Block {
    /// Children; with [`HAS_OVERFLOW`] if a number in the block did not fit.
    n_children: u32,
    /// Entries that have children.
    n_parents: u32,
}

/// The children of an entry: a range of the next level, and the backoff after
/// which shorter contexts speak.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Children {
    pub(super) begin: u32,
    pub(super) n: u16,
    /// Quantized, for [`Level::backoff_bits`].
    pub(super) backoff: u8,
}

impl Level {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// The rank of an entry among the children of its context's suffix; in the
    /// second level, the id.
    #[inline]
    pub(super) fn rank(&self, data: &[u8], at: usize) -> u16 {
        u16::from(data[self.rank_high + at]) << 8 | u16::from(data[self.rank_low + at])
    }

    /// Bits of surprise more than those of the n-gram without its first symbol;
    /// in the first level, all.
    #[inline]
    pub(super) fn surprise(&self, data: &[u8], at: usize) -> f32 {
        self.bits_of(self.quantized_surprise(data, at))
    }

    #[inline]
    pub(super) fn quantized_surprise(&self, data: &[u8], at: usize) -> u8 {
        data[self.surprise + at]
    }

    #[inline]
    pub(super) fn bits_of(&self, quantized: u8) -> f32 {
        self.surprise_bits[usize::from(quantized)]
    }

    pub(super) fn backoff_bits(&self, quantized: u8) -> f32 {
        self.branches.as_ref().map_or(0.0, |branches| branches.backoff_bits[usize::from(quantized)])
    }

    /// The children of an entry; none in the last level.
    #[inline]
    pub(super) fn children(&self, data: &[u8], at: usize) -> Option<Children> {
        let branches = self.branches.as_ref()?;
        let n = data[branches.children + at];
        if n == 0 {
            return None;
        }
        let (block, n_before) = (at / BLOCK, at % BLOCK);
        let (sum, parents) = sums_before(data, branches.children + at - n_before, n_before);
        let Block { n_children, n_parents } = branches.blocks[block];
        let begin = (n_children & !HAS_OVERFLOW) + sum;
        let parent = n_parents + parents;
        let children = Children { begin, n: u16::from(n), backoff: data[branches.backoff + parent as usize] };
        Some(if n_children & HAS_OVERFLOW == 0 { children } else { branches.overflown(children, block, at) })
    }
}

/// The sum of the first `n` bytes of the block that begins at `start`, and how
/// many of them are not 0; without a loop, for this is much of a lookup.
#[inline]
fn sums_before(data: &[u8], start: usize, n: usize) -> (u32, u32) {
    const EVEN: u64 = 0x00FF_00FF_00FF_00FF;
    const ONES: u64 = 0x0101_0101_0101_0101;
    let block = data[start..].first_chunk::<BLOCK>().copied().unwrap_or_else(|| {
        let mut padded = [0; BLOCK];
        padded[..data.len() - start].copy_from_slice(&data[start..]);
        padded
    });
    let bytes = u128::from_le_bytes(block) & ((1 << (8 * n)) - 1);
    let halves = [bytes as u64, (bytes >> 64) as u64];
    let sum = |half: u64| ((half & EVEN) + (half >> 8 & EVEN)).wrapping_mul(0x0001_0001_0001_0001) >> 48;
    let not_zero = |half: u64| {
        let high_bits = ((half & (0x7F * ONES)) + 0x7F * ONES) | half;
        (high_bits >> 7 & ONES).wrapping_mul(ONES) >> 56
    };
    ((sum(halves[0]) + sum(halves[1])) as u32, (not_zero(halves[0]) + not_zero(halves[1])) as u32)
}

impl Branches {
    /// Sets right what the bytes of a block could not hold.
    fn overflown(&self, mut children: Children, block: usize, at: usize) -> Children {
        let from = self.overflow.partition_point(|entry| (entry.0 as usize) < block * BLOCK);
        for &(place, n) in &self.overflow[from..] {
            match (place as usize).cmp(&at) {
                Ordering::Less => children.begin += u32::from(n) - u32::from(OVERFLOW),
                Ordering::Equal => children.n = n,
                Ordering::Greater => break,
            }
        }
        children
    }

    /// Reads the numbers of children and checks that they cover the next level
    /// exactly, so that no lookup can leave it. Gives the number of entries
    /// that have children.
    fn index(&mut self, column: &[u8], next_len: usize) -> Result<usize, &'static str> {
        let mut overflow = self.overflow.iter().peekable();
        let (mut n_children, mut n_parents) = (0_u64, 0_u32);
        self.blocks.reserve_exact(column.len().div_ceil(BLOCK));
        for (idx, block) in column.chunks(BLOCK).enumerate() {
            let has_overflow = block.contains(&OVERFLOW);
            let mark = if has_overflow { HAS_OVERFLOW } else { 0 };
            self.blocks.push(Block { n_children: n_children as u32 | mark, n_parents });
            n_children += u64::from(block.iter().map(|&n| u32::from(n)).sum::<u32>());
            n_parents += block.iter().map(|&n| u32::from(n != 0)).sum::<u32>();
            for (place, _) in block.iter().enumerate().filter(|(_, n)| **n == OVERFLOW) {
                let expected = idx * BLOCK + place;
                match overflow.next() {
                    Some(&(place, n)) if place as usize == expected && n >= u16::from(OVERFLOW) => {
                        n_children += u64::from(n - u16::from(OVERFLOW));
                    }
                    _ => return Err("a large number of successors is missing"),
                }
            }
            if n_children > next_len as u64 {
                return Err("there are more successors than n-grams");
            }
        }
        if n_children != next_len as u64 || overflow.next().is_some() {
            return Err("there are fewer successors than n-grams");
        }
        Ok(n_parents as usize)
    }
}

impl LanguageModel {
    pub(super) fn open(bytes: Bytes, check: Check) -> Result<Self, LanguageModelError> {
        let data = bytes.as_slice();
        let mut cursor = Cursor { data, at: 0 };
        check_frame(&mut cursor, check)?;
        let [order, _] = *cursor.array::<2>()?;
        let order = usize::from(order);
        let n_symbols = usize::from(u16::from_le_bytes(*cursor.array()?));
        if !ORDERS.contains(&order) || !(2..=MAX_SYMBOLS).contains(&n_symbols) {
            return Err(LanguageModelError::Structure(format!("order {order} with {n_symbols} symbols")));
        }
        let info_len = cursor.u32()? as usize;
        let lens = (0..order).map(|_| cursor.u32()).collect::<Result<Vec<u32>, _>>()?;
        let n_overflow = (1..order).map(|_| cursor.u32()).collect::<Result<Vec<u32>, _>>()?;
        if lens[0] as usize != n_symbols || lens.iter().any(|&len| len >= HAS_OVERFLOW) {
            return Err(LanguageModelError::Structure(format!("{n_symbols} symbols and {lens:?} n-grams")));
        }
        let info: Info = serde_json::from_slice(cursor.take(info_len)?)
            .map_err(|error| LanguageModelError::Structure(format!("the description of its making: {error}")))?;
        let symbols = symbols(cursor.take(n_symbols * 3)?, n_symbols)?;
        let mut levels = Vec::with_capacity(order);
        for idx in 0..order {
            levels.push(level(&mut cursor, &lens, &n_overflow, idx)?);
        }
        if cursor.at != data.len() {
            return Err(LanguageModelError::Length { expected: cursor.at as u64, found: data.len() as u64 });
        }
        let (basic, astral) = ids_of_chars(&symbols);
        let pairs = Pairs::new(data, &levels[0], &levels[1], n_symbols);
        let unseen_bits = (info.n_unseen.max(1) as f32).log2();
        Ok(Self { bytes, info, levels, symbols, basic, astral, unseen_bits, pairs })
    }
}

/// Name, version, length and checksum.
fn check_frame(cursor: &mut Cursor<'_>, check: Check) -> Result<(), LanguageModelError> {
    let data = cursor.data;
    if !data.starts_with(NAME) {
        return Err(LanguageModelError::Format { found: data[..data.len().min(8)].to_vec() });
    }
    let found = data.len() as u64;
    if data.len() < CHECKED_FROM {
        return Err(LanguageModelError::Length { expected: CHECKED_FROM as u64, found });
    }
    if data[7] != VERSION {
        return Err(LanguageModelError::Version { found: data[7] });
    }
    cursor.at = 8;
    let expected = u64::from_le_bytes(*cursor.array()?);
    if expected != found {
        return Err(LanguageModelError::Length { expected, found });
    }
    let expected = u64::from_le_bytes(*cursor.array()?);
    if check == Check::All {
        let found = checksum(&data[CHECKED_FROM..]);
        if found != expected {
            return Err(LanguageModelError::Checksum { expected, found });
        }
    }
    Ok(())
}

fn level(cursor: &mut Cursor<'_>, lens: &[u32], n_overflow: &[u32], idx: usize) -> Result<Level, LanguageModelError> {
    let len = lens[idx] as usize;
    let surprise_bits = cursor.table()?;
    let mut column = |wanted: bool| if wanted { cursor.skip(len) } else { Ok(0) };
    let (rank_low, rank_high) = (column(idx > 0)?, column(idx > 0)?);
    let surprise = column(true)?;
    let mut level = Level { len, rank_low, rank_high, surprise, surprise_bits, branches: None };
    let Some(&n_overflow) = n_overflow.get(idx) else { return Ok(level) };
    let backoff_bits = cursor.table()?;
    let children = cursor.skip(len)?;
    let places = cursor.take((n_overflow as usize).saturating_mul(4))?.as_chunks::<4>().0;
    let numbers = cursor.take((n_overflow as usize).saturating_mul(2))?.as_chunks::<2>().0;
    let overflow = places.iter().zip(numbers).map(|(place, n)| (u32::from_le_bytes(*place), u16::from_le_bytes(*n))).collect();
    let mut branches = Branches { children, backoff: 0, backoff_bits, blocks: Vec::new(), overflow };
    let n_parents = branches
        .index(&cursor.data[children..children + len], lens[idx + 1] as usize)
        .map_err(|wrong| LanguageModelError::Structure(format!("{wrong}, at length {}", idx + 1)))?;
    branches.backoff = cursor.skip(n_parents)?;
    level.branches = Some(branches);
    Ok(level)
}

fn symbols(planes: &[u8], n: usize) -> Result<Vec<char>, LanguageModelError> {
    let mut symbols = Vec::with_capacity(n);
    for at in 0..n {
        let code = u32::from_le_bytes([planes[at], planes[n + at], planes[2 * n + at], 0]);
        let valid = char::from_u32(code).filter(|&c| if at < 2 { c == '\0' } else { fold(c) == Some(c) });
        symbols.push(valid.ok_or_else(|| LanguageModelError::Structure(format!("symbol {at} is U+{code:04X}")))?);
    }
    let mut sorted = symbols[2..].to_vec();
    sorted.sort_unstable();
    match sorted.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(LanguageModelError::Structure(format!("the symbol {} stands twice", pair[0]))),
        None => Ok(symbols),
    }
}

/// Ids by character: a table for the basic plane, a sorted list for the others.
fn ids_of_chars(symbols: &[char]) -> (Vec<u16>, Vec<(char, u16)>) {
    let mut direct = vec![Id::UNKNOWN.0; 0x10000];
    let mut astral = Vec::new();
    for (id, &c) in symbols.iter().enumerate().skip(2) {
        match direct.get_mut(c as usize) {
            Some(entry) => *entry = id as u16,
            None => astral.push((c, id as u16)),
        }
    }
    astral.sort_unstable();
    let folded = |code: u32| char::from_u32(code).and_then(fold).and_then(|c| direct.get(c as usize)).copied();
    let basic = (0..0x10000).map(|code| folded(code).unwrap_or(Id::UNKNOWN.0)).collect();
    (basic, astral)
}

/// The checksum that the header states.
pub(super) fn stated_checksum(file: &[u8]) -> u64 {
    file.get(CHECKED_FROM - 8..CHECKED_FROM).and_then(|bytes| bytes.try_into().ok()).map_or(0, u64::from_le_bytes)
}

/// A checksum that notices damage, 8 bytes at a time; not a defence against
/// forgery.
fn checksum(bytes: &[u8]) -> u64 {
    const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;
    let mix = |state: u64, word: u64| (state.rotate_left(29) ^ word).wrapping_mul(FACTOR);
    let mut lanes = [1_u64, 2, 3, 4];
    let (chunks, rest) = bytes.as_chunks::<32>();
    for chunk in chunks {
        for (lane, word) in lanes.iter_mut().zip(chunk.as_chunks::<8>().0) {
            *lane = mix(*lane, u64::from_le_bytes(*word));
        }
    }
    for &byte in rest {
        lanes[0] = mix(lanes[0], u64::from(byte));
    }
    let sum = lanes.into_iter().fold(bytes.len() as u64, mix);
    (sum ^ (sum >> 32)).wrapping_mul(FACTOR)
}

struct Cursor<'a> {
    data: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    fn take(&mut self, n: usize) -> Result<&'a [u8], LanguageModelError> {
        let end = self.at.checked_add(n).filter(|&end| end <= self.data.len());
        let Some(end) = end else {
            let expected = (self.at as u64).saturating_add(n as u64);
            return Err(LanguageModelError::Length { expected, found: self.data.len() as u64 });
        };
        let bytes = &self.data[self.at..end];
        self.at = end;
        Ok(bytes)
    }

    fn skip(&mut self, n: usize) -> Result<usize, LanguageModelError> {
        let at = self.at;
        self.take(n).map(|_| at)
    }

    fn array<const N: usize>(&mut self) -> Result<&'a [u8; N], LanguageModelError> {
        Ok(self.take(N)?.first_chunk().expect("as many bytes were taken"))
    }

    fn u32(&mut self) -> Result<u32, LanguageModelError> {
        Ok(u32::from_le_bytes(*self.array()?))
    }

    /// A table of bits; numbers beyond it read as its last.
    fn table(&mut self) -> Result<Box<[f32; 256]>, LanguageModelError> {
        let [last] = *self.array::<1>()?;
        let mut table = Box::new([0.0; 256]);
        for entry in 0..=usize::from(last) {
            let bits = f32::from_le_bytes(*self.array()?);
            if !bits.is_finite() || bits.abs() > MAX_BITS {
                return Err(LanguageModelError::Structure(format!("{bits} bits")));
            }
            table[entry..].fill(bits);
        }
        Ok(table)
    }
}

/// What a file is written from: one level.
#[derive(Clone, Debug, Default)]
pub(super) struct Columns {
    /// Ranks, see [`Level::rank`]; empty in the first level.
    pub(super) rank: Vec<u16>,
    pub(super) surprise: Vec<u8>,
    pub(super) surprise_bits: Vec<f32>,
    /// Empty in the last level, as are the two below.
    pub(super) children: Vec<u16>,
    /// Of the n-grams that have children.
    pub(super) backoff: Vec<u8>,
    pub(super) backoff_bits: Vec<f32>,
}

/// Writes a file. `symbols` are the characters by id, U+0000 for the first two.
pub(super) fn write(info: &Info, symbols: &[char], levels: &[Columns]) -> Vec<u8> {
    let info = serde_json::to_vec(info).expect("names and numbers are JSON");
    let mut out = NAME.to_vec();
    out.push(VERSION);
    out.extend([0; 16]);
    out.extend([levels.len() as u8, 0]);
    out.extend((symbols.len() as u16).to_le_bytes());
    out.extend((info.len() as u32).to_le_bytes());
    for level in levels {
        out.extend((level.surprise.len() as u32).to_le_bytes());
    }
    let inner = &levels[..levels.len() - 1];
    for level in inner {
        let n = level.children.iter().filter(|&&n| n >= u16::from(OVERFLOW)).count();
        out.extend((n as u32).to_le_bytes());
    }
    out.extend(info);
    for shift in [0, 8, 16] {
        out.extend(symbols.iter().map(|&c| (u32::from(c) >> shift) as u8));
    }
    for (idx, level) in levels.iter().enumerate() {
        write_level(&mut out, level, idx == levels.len() - 1);
    }
    seal(&mut out);
    out
}

/// Writes length and checksum.
pub(super) fn seal(file: &mut [u8]) {
    let len = file.len() as u64;
    file[8..16].copy_from_slice(&len.to_le_bytes());
    let sum = checksum(&file[CHECKED_FROM..]);
    file[16..24].copy_from_slice(&sum.to_le_bytes());
}

fn write_level(out: &mut Vec<u8>, level: &Columns, is_last: bool) {
    let table = |out: &mut Vec<u8>, bits: &[f32]| {
        out.push((bits.len() - 1) as u8);
        out.extend(bits.iter().flat_map(|bits| bits.to_le_bytes()));
    };
    table(out, &level.surprise_bits);
    out.extend(level.rank.iter().map(|&rank| rank as u8));
    out.extend(level.rank.iter().map(|&rank| (rank >> 8) as u8));
    out.extend(&level.surprise);
    if is_last {
        return;
    }
    table(out, &level.backoff_bits);
    out.extend(level.children.iter().map(|&n| n.min(u16::from(OVERFLOW)) as u8));
    let overflow = || level.children.iter().enumerate().filter(|&(_, &n)| n >= u16::from(OVERFLOW));
    out.extend(overflow().flat_map(|(at, _)| (at as u32).to_le_bytes()));
    out.extend(overflow().flat_map(|(_, n)| n.to_le_bytes()));
    out.extend(&level.backoff);
}

/// Bytes of an n-gram of a length (1 to `order`) in the file: its columns, and
/// one more when others go on from it. Lists for large numbers are aside.
pub(super) const fn bytes_of_entry(len: usize, order: usize, has_children: bool) -> usize {
    let rank = if len > 1 { 2 } else { 3 };
    rank + 1 + if len < order { 1 } else { 0 } + has_children as usize
}

/// The most bytes of a file that are no n-grams, when `n_large` entries have
/// more children than a byte holds.
pub(super) fn bytes_beside(info: &Info, order: usize, bins: Bins, n_large: usize) -> usize {
    let info = serde_json::to_vec(info).map_or(0, |info| info.len());
    let tables = (1 + 4 * 256) + (order - 1) * (2 + 4 * (bins.surprise + bins.backoff));
    CHECKED_FROM + 8 + 8 * order + info + tables + 6 * n_large
}

//! Counting more n-grams than memory holds: sorted runs on the side, merged.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};

use rayon::slice::ParallelSliceMut;

use super::super::{Id, MAX_ORDER};

/// Up to [`MAX_ORDER`] symbols, compared one after the other; a shorter one
/// stands before those that go on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key([u32; MAX_ORDER / 2]);

impl Key {
    /// The key of the symbols in this order.
    pub(super) fn new(ids: impl IntoIterator<Item = Id>) -> Self {
        let mut key = Self::default();
        for (at, id) in ids.into_iter().enumerate() {
            // 0 is the place of no symbol.
            key.0[at / 2] |= (u32::from(id.0) + 1) << if at % 2 == 0 { 16 } else { 0 };
        }
        key
    }

    /// The symbol at a place, if there is one.
    pub(super) fn get(self, at: usize) -> Option<Id> {
        let half = self.0.get(at / 2)? >> if at.is_multiple_of(2) { 16 } else { 0 };
        ((half & 0xFFFF) as u16).checked_sub(1).map(Id)
    }

    /// The symbols in order.
    pub(super) fn ids(self) -> impl Iterator<Item = Id> {
        (0..MAX_ORDER).map_while(move |at| self.get(at))
    }

    fn order_by(self) -> (u64, u32) {
        (u64::from(self.0[0]) << 32 | u64::from(self.0[1]), self.0[2])
    }
}

/// A key and how often it was met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Counted {
    pub(super) key: Key,
    pub(super) count: u32,
}

/// Bytes of a [`Counted`], in memory and on the side.
const RECORD: usize = size_of::<Counted>();

/// Makes the places where runs lie: a temporary file each.
pub trait Scratch {
    /// A place to write to and read from again.
    type File: Read + Write + Seek;

    /// A new, empty one.
    ///
    /// # Errors
    /// When there is none to be had.
    fn make(&mut self) -> io::Result<Self::File>;
}

/// Sorts keys and adds up their counts.
pub(super) struct Sorter<S: Scratch> {
    scratch: S,
    buffer: Vec<Counted>,
    capacity: usize,
    runs: Vec<S::File>,
}

impl<S: Scratch> Sorter<S> {
    /// Memory in bytes, of which a sorter uses no more.
    pub(super) fn new(scratch: S, memory: usize) -> Self {
        Self { scratch, buffer: Vec::new(), capacity: (memory / RECORD).max(1024), runs: Vec::new() }
    }

    pub(super) fn push(&mut self, key: Key, count: u32) -> io::Result<()> {
        if self.buffer.len() == self.capacity {
            self.spill()?;
        }
        if self.buffer.capacity() == 0 {
            self.buffer.reserve_exact(self.capacity);
        }
        self.buffer.push(Counted { key, count });
        Ok(())
    }

    fn sort(&mut self) {
        self.buffer.par_sort_unstable_by_key(|counted| counted.key.order_by());
        self.buffer.dedup_by(|later, first| {
            let same = later.key == first.key;
            if same {
                first.count = first.count.saturating_add(later.count);
            }
            same
        });
    }

    fn spill(&mut self) -> io::Result<()> {
        self.sort();
        let mut file = BufWriter::with_capacity(1 << 18, self.scratch.make()?);
        for Counted { key, count } in self.buffer.drain(..) {
            let mut record = [0; RECORD];
            for (bytes, word) in record.chunks_exact_mut(4).zip(key.0.into_iter().chain([count])) {
                bytes.copy_from_slice(&word.to_le_bytes());
            }
            file.write_all(&record)?;
        }
        let mut file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.rewind()?;
        self.runs.push(file);
        Ok(())
    }

    /// All keys in order, each once, with its count.
    pub(super) fn merge(mut self) -> io::Result<Merge<S::File>> {
        self.sort();
        let share = (self.capacity * RECORD / (2 * self.runs.len() + 1)).clamp(1 << 12, 1 << 22);
        let files = self.runs.into_iter().map(|file| Run::File(BufReader::with_capacity(share, file)));
        let mut runs: Vec<Run<S::File>> = files.collect();
        runs.push(Run::Memory(self.buffer.into_iter()));
        let mut heads = BinaryHeap::new();
        for (idx, run) in runs.iter_mut().enumerate() {
            if let Some(head) = run.next()? {
                heads.push(Reverse((head.key, idx, head.count)));
            }
        }
        Ok(Merge { runs, heads })
    }
}

enum Run<F> {
    File(BufReader<F>),
    Memory(std::vec::IntoIter<Counted>),
}

impl<F: Read> Run<F> {
    fn next(&mut self) -> io::Result<Option<Counted>> {
        let file = match self {
            Run::Memory(entries) => return Ok(entries.next()),
            Run::File(file) => file,
        };
        let mut record = [0; RECORD];
        let (first, rest) = record.split_at_mut(1);
        if file.read(first)? == 0 {
            return Ok(None);
        }
        file.read_exact(rest)?;
        let word = |at: usize| u32::from_le_bytes([record[at], record[at + 1], record[at + 2], record[at + 3]]);
        Ok(Some(Counted { key: Key([word(0), word(4), word(8)]), count: word(12) }))
    }
}

/// The sorted runs as one.
pub(super) struct Merge<F> {
    runs: Vec<Run<F>>,
    heads: BinaryHeap<Reverse<(Key, usize, u32)>>,
}

impl<F: Read> Merge<F> {
    pub(super) fn next(&mut self) -> io::Result<Option<Counted>> {
        let Some((key, mut count)) = self.pop()? else { return Ok(None) };
        while self.heads.peek().is_some_and(|head| head.0.0 == key) {
            let more = self.pop()?.map_or(0, |entry| entry.1);
            count = count.saturating_add(more);
        }
        Ok(Some(Counted { key, count }))
    }

    fn pop(&mut self) -> io::Result<Option<(Key, u32)>> {
        let Some(mut head) = self.heads.peek_mut() else { return Ok(None) };
        let Reverse((key, idx, count)) = *head;
        match self.runs[idx].next()? {
            Some(next) => *head = Reverse((next.key, idx, next.count)),
            None => drop(std::collections::binary_heap::PeekMut::pop(head)),
        }
        Ok(Some((key, count)))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use std::io::Cursor;

    /// Runs in memory.
    #[derive(Clone, Copy, Debug)]
    pub(in super::super) struct InMemory;

    impl Scratch for InMemory {
        type File = Cursor<Vec<u8>>;
        fn make(&mut self) -> io::Result<Self::File> {
            Ok(Cursor::default())
        }
    }

    #[test]
    fn keys_hold_their_symbols_and_shorter_ones_come_first() {
        let ids = [Id(0), Id(7), Id(16_383)];
        assert_eq!(Key::new(ids).ids().collect::<Vec<_>>(), ids);
        assert!(Key::new([Id(3)]) < Key::new([Id(3), Id(0)]));
        assert!(Key::new([Id(3), Id(9), Id(9), Id(9), Id(9), Id(9)]) < Key::new([Id(4)]));
        assert_eq!(Key::new(ids).cmp(&Key::new([Id(0), Id(8)])), Key::new(ids).order_by().cmp(&Key::new([Id(0), Id(8)]).order_by()));
    }

    #[test]
    fn runs_add_up_to_what_memory_would_hold() {
        let mut sorter = Sorter::new(InMemory, 0);
        let mut expected = BTreeMap::new();
        let mut number = 1_u64;
        for _ in 0..20_000 {
            number = number.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(1);
            let key = Key::new([Id((number >> 60) as u16), Id((number >> 56) as u16 & 15), Id((number >> 40) as u16 & 31)]);
            *expected.entry(key).or_insert(0) += 2;
            sorter.push(key, 2).unwrap();
        }
        assert!(sorter.runs.len() > 10);
        let mut merge = sorter.merge().unwrap();
        let mut got = Vec::new();
        while let Some(Counted { key, count }) = merge.next().unwrap() {
            got.push((key, count));
        }
        assert_eq!(got, expected.into_iter().collect::<Vec<_>>());
    }
}

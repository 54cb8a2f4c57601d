use std::borrow::Cow;
use std::ops::RangeInclusive;
use std::sync::OnceLock;

use fst::raw::{Fst, Output};

/// The bytes of an embedded or loaded map.
pub(super) type Bytes = Cow<'static, [u8]>;

/// A finite-state map from strings to numbers, walked character by character.
pub(super) struct Trie {
    fst: Fst<Bytes>,
    root: usize,
    /// Address and output after each common Han character as the first of a
    /// key, [`NOWHERE`] where no key begins so; empty when they are too large.
    /// The root has so many branches that steps from it cost the most, and
    /// every walk begins there.
    after_first: OnceLock<Vec<(u32, u32)>>,
}

/// The characters of [`Trie::after_first`].
const COMMON_HAN: RangeInclusive<char> = '\u{4e00}'..='\u{9fff}';

/// The address of no node.
const NOWHERE: u32 = u32::MAX;

/// A place in a [`Trie`]: the characters read so far.
#[derive(Clone, Copy)]
pub(super) struct Cursor {
    addr: usize,
    output: Output,
}

impl Trie {
    pub(super) fn new(bytes: Bytes) -> Result<Self, fst::Error> {
        let fst = Fst::new(bytes)?;
        Ok(Self { root: fst.root().addr(), fst, after_first: OnceLock::new() })
    }

    pub(super) fn len(&self) -> usize {
        self.fst.len()
    }

    /// Checks the checksum over all bytes; linear in the size of the map.
    pub(super) fn verify(&self) -> Result<(), fst::Error> {
        self.fst.verify()
    }

    pub(super) fn get(&self, key: &str) -> Option<u64> {
        self.value(self.walk(self.root(), key.chars())?)
    }

    /// The key of `value`; right only for maps whose values grow with the keys.
    pub(super) fn key_of(&self, value: u64) -> Option<String> {
        String::from_utf8(self.fst.get_key(value)?).ok()
    }

    pub(super) fn root(&self) -> Cursor {
        Cursor { addr: self.root, output: Output::zero() }
    }

    /// The place after one more character, when some key goes on like that.
    pub(super) fn step(&self, cursor: Cursor, c: char) -> Option<Cursor> {
        if cursor.addr == self.root
            && COMMON_HAN.contains(&c)
            && let Some(&(addr, output)) =
                self.after_first.get_or_init(|| self.read_after_first()).get(c as usize - *COMMON_HAN.start() as usize)
        {
            return (addr != NOWHERE).then(|| Cursor { addr: addr as usize, output: Output::new(u64::from(output)) });
        }
        let mut utf8 = [0; 4];
        c.encode_utf8(&mut utf8).bytes().try_fold(cursor, |cursor, byte| self.step_byte(cursor, byte))
    }

    /// The place after all of `text`.
    pub(super) fn walk(&self, cursor: Cursor, mut text: impl Iterator<Item = char>) -> Option<Cursor> {
        text.try_fold(cursor, |cursor, c| self.step(cursor, c))
    }

    /// The value of the key read so far, when it is one.
    pub(super) fn value(&self, cursor: Cursor) -> Option<u64> {
        let node = self.fst.node(cursor.addr);
        node.is_final().then(|| cursor.output.cat(node.final_output()).value())
    }

    /// Calls `found` with every character of three bytes (all common Han
    /// characters) that can follow, in code point order.
    pub(super) fn each_next(&self, cursor: Cursor, found: &mut impl FnMut(char, Cursor)) {
        let lead = self.fst.node(cursor.addr);
        for first in lead.transitions().filter(|transition| transition.inp & 0xf0 == 0xe0) {
            let second_node = self.fst.node(first.addr);
            for second in second_node.transitions() {
                let third_node = self.fst.node(second.addr);
                for third in third_node.transitions() {
                    let code = u32::from(first.inp & 0x0f) << 12 | u32::from(second.inp & 0x3f) << 6 | u32::from(third.inp & 0x3f);
                    if let Some(c) = char::from_u32(code) {
                        let output = cursor.output.cat(first.out).cat(second.out).cat(third.out);
                        found(c, Cursor { addr: third.addr, output });
                    }
                }
            }
        }
    }

    fn read_after_first(&self) -> Vec<(u32, u32)> {
        let mut after_first = vec![(NOWHERE, 0); *COMMON_HAN.end() as usize - *COMMON_HAN.start() as usize + 1];
        let mut all_fit = true;
        self.each_next(self.root(), &mut |c, Cursor { addr, output }| {
            if COMMON_HAN.contains(&c) {
                let place = u32::try_from(addr).ok().filter(|&addr| addr != NOWHERE).zip(u32::try_from(output.value()).ok());
                all_fit &= place.is_some();
                after_first[c as usize - *COMMON_HAN.start() as usize] = place.unwrap_or((NOWHERE, 0));
            }
        });
        if all_fit { after_first } else { Vec::new() }
    }

    fn step_byte(&self, cursor: Cursor, byte: u8) -> Option<Cursor> {
        let node = self.fst.node(cursor.addr);
        let transition = node.transition(node.find_input(byte)?);
        Some(Cursor { addr: transition.addr, output: cursor.output.cat(transition.out) })
    }
}

impl std::fmt::Debug for Trie {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Trie").field("len", &self.fst.len()).field("bytes", &self.fst.size()).finish()
    }
}

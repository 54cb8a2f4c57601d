use std::borrow::Cow;

use fst::raw::{Fst, Output};

/// The bytes of an embedded or loaded map.
pub(super) type Bytes = Cow<'static, [u8]>;

/// A finite-state map from strings to numbers, walked character by character.
pub(super) struct Trie {
    fst: Fst<Bytes>,
}

/// A place in a [`Trie`]: the characters read so far.
#[derive(Clone, Copy)]
pub(super) struct Cursor {
    addr: usize,
    output: Output,
}

impl Trie {
    pub(super) fn new(bytes: Bytes) -> Result<Self, fst::Error> {
        Ok(Self { fst: Fst::new(bytes)? })
    }

    pub(super) fn len(&self) -> usize {
        self.fst.len()
    }

    /// Checks the checksum over all bytes; linear in the size of the map.
    pub(super) fn verify(&self) -> Result<(), fst::Error> {
        self.fst.verify()
    }

    pub(super) fn get(&self, key: &str) -> Option<u64> {
        self.fst.get(key).map(Output::value)
    }

    /// The key of `value`; right only for maps whose values grow with the keys.
    pub(super) fn key_of(&self, value: u64) -> Option<String> {
        String::from_utf8(self.fst.get_key(value)?).ok()
    }

    pub(super) fn root(&self) -> Cursor {
        Cursor { addr: self.fst.root().addr(), output: Output::zero() }
    }

    /// The place after one more character, when some key goes on like that.
    pub(super) fn step(&self, cursor: Cursor, c: char) -> Option<Cursor> {
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

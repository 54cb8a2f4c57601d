//! What the loader asks of whoever calls it: a place that keeps bytes from one
//! run to the next, and hands for work that can be shared out. Rules know no
//! file system and no threads; a set is the same whoever the host is.

use sha2::{Digest, Sha256};

use super::compiled::Compiled;

/// Whoever has rules loaded.
pub trait Host: Sync {
    /// The bytes that were kept under `key`; `None` when there are none.
    /// Whatever comes back is checked before it is believed.
    fn kept(&self, key: &str) -> Option<Vec<u8>>;

    /// Keeps `bytes` under `key`, or does not: nothing depends on it.
    fn keep(&self, key: &str, bytes: &[u8]);

    /// Calls `job` once with every number below `n`, in any order.
    fn each(&self, n: usize, job: &(dyn Fn(usize) + Sync));
}

/// A host that keeps nothing and does one thing after the other.
#[derive(Clone, Copy, Debug)]
pub struct Alone;

impl Host for Alone {
    fn kept(&self, _key: &str) -> Option<Vec<u8>> {
        None
    }

    fn keep(&self, _key: &str, _bytes: &[u8]) {}

    fn each(&self, n: usize, job: &(dyn Fn(usize) + Sync)) {
        (0..n).for_each(job);
    }
}

/// Lines from which on a list has an index of its own. With ten thousand words
/// in it, the automaton of the phase reads as fast as with few, and more than
/// twice as fast as with an index beside it; a million words take it seconds to
/// build, every time.
const LARGE_LIST: usize = 16_384;

/// How to load.
#[derive(Clone, Copy)]
pub(crate) struct Means<'h> {
    pub host: &'h dyn Host,
    /// Lines from which on a list is a large one.
    pub large: usize,
}

impl<'h> Means<'h> {
    pub fn of(host: &'h dyn Host) -> Self {
        Self { host, large: LARGE_LIST }
    }

    /// What is kept under `key`, or else is made, and kept for the next time;
    /// `None` when it cannot be made.
    pub fn compiled(&self, key: &str, make: impl FnOnce() -> Option<Vec<Vec<u8>>>) -> Option<Compiled> {
        if let Some(compiled) = self.host.kept(key).and_then(|bytes| Compiled::open(key, bytes)) {
            return Some(compiled);
        }
        let compiled = Compiled::new(key, &make()?);
        self.host.keep(key, compiled.bytes());
        Some(compiled)
    }
}

/// The name of something compiled: a digest of all that it depends on, the
/// program included.
pub(crate) struct Key(Sha256);

impl Key {
    pub fn new(what: &str) -> Self {
        Self(Sha256::new()).with(env!("CARGO_PKG_VERSION").as_bytes()).with(what.as_bytes())
    }

    pub fn with(mut self, bytes: &[u8]) -> Self {
        self.0.update((bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
        self
    }

    pub fn name(self) -> String {
        self.0.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

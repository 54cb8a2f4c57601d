//! Making a model from text.
//!
//! Two passes over the same paragraphs: [`Census`] counts characters, which
//! gives the [`Alphabet`]; [`Counter`] counts n-grams. Then [`Counts::model`]
//! smooths, prunes and packs them. The result depends on the paragraphs and
//! the recipe alone, not on memory or threads.

mod census;
mod count;
mod pack;
mod prune;
mod quantize;
mod smooth;
mod sort;
mod trie;

pub use census::{Alphabet, Census, Taken};
pub use count::{Counter, Counts};
pub use sort::Scratch;

use super::Info;
use super::file;

/// How many values surprises and backoffs are rounded to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bins {
    /// Surprises of n-grams, by length; symbols always have 256.
    pub surprise: usize,
    /// Backoffs.
    pub backoff: usize,
}

impl Default for Bins {
    fn default() -> Self {
        Self { surprise: 48, backoff: 32 }
    }
}

/// Steps in which n-grams are pruned; counts are set right after each.
const STEPS: i32 = 4;

/// Han characters of the basic block of Unicode.
const N_HAN: usize = 20_992;

impl Counts {
    /// The model as a file of at most `size` bytes (whatever is in it for
    /// `None`), the text of `info` and long lists of successors aside.
    #[must_use]
    pub fn model(&self, info: Info, size: Option<usize>, bins: Bins) -> Vec<u8> {
        let mut trie = self.trie.clone();
        let mut estimates = smooth::estimate(&trie, &self.discounts);
        let n_symbols = self.alphabet.n_symbols();
        if let Some(size) = size {
            let all: usize =
                trie.levels.iter().zip(1..).map(|(level, len)| level.len() * file::bytes_of_entry(len, trie.levels.len())).sum();
            let ratio = (size as f64 / all as f64).powf(1.0 / f64::from(STEPS));
            for step in 1..=STEPS {
                let losses = prune::losses(&trie, &estimates);
                let goal = if step == STEPS { size } else { (all as f64 * ratio.powi(step)) as usize };
                trie.retain(&prune::choose(&losses, n_symbols, goal.max(size)));
                estimates = smooth::estimate(&trie, &self.discounts);
            }
        }
        let n_han = self.alphabet.symbols.iter().filter(|&&c| ('\u{4e00}'..='\u{9fff}').contains(&c)).count();
        let n_unseen = N_HAN.saturating_sub(n_han).max(1000) as u32;
        let info = Info { min_counts: self.min_counts.clone(), n_unseen, ..info };
        file::write(&info, &self.alphabet.symbols, &pack::pack(&trie, &estimates, bins))
    }
}

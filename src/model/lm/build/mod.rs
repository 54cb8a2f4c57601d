//! Making a model from text.
//!
//! Two passes over the same paragraphs: [`Census`] counts characters, which
//! gives the [`Alphabet`]; [`Counter`] counts n-grams. Then [`Counts::model`]
//! smooths, prunes and packs them. The result depends on the paragraphs and
//! the recipe alone, not on memory or threads.

mod arpa;
mod census;
mod count;
mod pack;
mod prune;
mod quantize;
mod smooth;
mod sort;
mod trie;

#[cfg(test)]
pub(super) mod tests;

pub use arpa::{Arpa, ArpaError};
pub use census::{Alphabet, Census, Taken};
pub use count::{Counter, Counts};
pub use sort::Scratch;

use super::Info;
use super::file;
use count::Discounts;
use pack::{Packing, pack};
use trie::Trie;

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

/// What a step of pruning keeps; estimates are made anew after each. Larger
/// steps are measurably worse, smaller ones hardly better.
const KEEP: f64 = 0.9;

/// A pruned model discounts more: what was counted in the many n-grams that are
/// gone is spread over more symbols than Kneser–Ney assumes. Measured on
/// held-out news; 1 and 2 are worse.
const PRUNED_DISCOUNT: f32 = 1.4;

/// Bits of an n-gram in a packed file, nearly.
const PACKED_BITS: f32 = 14.0;

/// Han characters of the basic block of Unicode.
const N_HAN: usize = 20_992;

impl Counts {
    /// The model as a file of at most `size` bytes, or with all n-grams there
    /// are. A size smaller than that of the symbols alone leaves those.
    #[must_use]
    pub fn model(&self, info: Info, size: Option<usize>, bins: Bins) -> Vec<u8> {
        let info = Info { min_counts: self.min_counts.clone(), n_unseen: n_unseen(&self.alphabet), ..info };
        let mut trie = self.trie.clone();
        let mut discounts = self.discounts.clone();
        let mut packing = Packing { bins, price: 0.0, normalize: true };
        if let Some(size) = size {
            let n_large = trie.levels.iter().flat_map(|level| level.first.windows(2)).filter(|pair| pair[1] - pair[0] >= 255).count();
            let beside = file::bytes_beside(&info, trie.levels.len(), bins, n_large);
            discounts = discounts.into_iter().map(|discounts| discounts.times(PRUNED_DISCOUNT)).collect();
            packing.price = prune(&mut trie, &discounts, size.saturating_sub(beside)) / PACKED_BITS;
        }
        let estimates = smooth::estimate(&trie, &discounts);
        file::write(&info, &self.alphabet.symbols, &pack(&trie, &estimates, packing))
    }
}

/// Leaves as many n-grams as fit in a number of bytes, step by step. Gives the
/// worth of the last one that was left out, in bits of surprise.
fn prune(trie: &mut Trie, discounts: &[Discounts], size: usize) -> f32 {
    let mut worth = 0.0_f32;
    loop {
        let now = prune::size_of(trie);
        if now <= size {
            break;
        }
        let goal = ((now as f64 * KEEP) as usize).max(size);
        let losses = prune::losses(trie, &smooth::estimate(trie, discounts));
        let choice = prune::choose(trie, &losses, goal);
        trie.retain(&choice.keep);
        worth = choice.worth;
        if trie.levels[1].len() == 0 {
            break;
        }
    }
    worth.max(0.0)
}

/// How many characters share the probability of the unknown one: the Han
/// characters of the basic block that are no symbols.
fn n_unseen(alphabet: &Alphabet) -> u32 {
    let n_han = alphabet.symbols.iter().filter(|&&c| ('\u{4e00}'..='\u{9fff}').contains(&c)).count();
    N_HAN.saturating_sub(n_han).max(1000) as u32
}

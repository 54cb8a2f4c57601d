//! Which n-grams a smaller model keeps.

use rayon::slice::ParallelSliceMut;

use super::super::file::bytes_of_entry;
use super::smooth::Estimates;
use super::trie::Trie;

/// What the text would lose, in bits, if an n-gram were left out: by level; the
/// first one is empty, for symbols always stay.
///
/// It is the relative entropy of Stolcke (1998), with the counts of the
/// contexts as they are in the text. An n-gram that others need is worth at
/// least as much as they.
pub(super) fn losses(trie: &Trie, estimates: &[Estimates]) -> Vec<Vec<f32>> {
    let order = trie.levels.len();
    let mut all = vec![Vec::new(); order];
    for idx in 1..order {
        all[idx] = losses_of_level(trie, idx, &estimates[idx - 1], &estimates[idx]);
    }
    for idx in (2..order).rev() {
        let (shorter, longer) = all.split_at_mut(idx);
        let (losses, longer) = (&mut shorter[idx - 1], &longer[0]);
        for (&suffix, &loss) in trie.levels[idx].suffix.iter().zip(longer) {
            losses[suffix as usize] = losses[suffix as usize].max(loss);
        }
        for parent in 0..losses.len() {
            let needed = longer[trie.levels[idx - 1].children(parent)].iter().copied().fold(losses[parent], f32::max);
            losses[parent] = needed;
        }
    }
    all
}

fn losses_of_level(trie: &Trie, idx: usize, shorter: &Estimates, estimates: &Estimates) -> Vec<f32> {
    let (parents, level) = (&trie.levels[idx - 1], &trie.levels[idx]);
    let mut losses = vec![0.0; level.len()];
    for parent in 0..parents.len() {
        let children = parents.children(parent);
        let known: f64 = estimates.probability[children.clone()].iter().map(|&p| f64::from(p)).sum();
        let unknown = (1.0 - known).max(0.0);
        let left_over = f64::from(shorter.left_over[parent]);
        for child in children {
            let probability = f64::from(estimates.probability[child]);
            let suffix = f64::from(shorter.probability[level.suffix[child] as usize]);
            let own = (probability - left_over * suffix).max(0.0);
            let left_without = left_over + own;
            let without = left_without * suffix;
            let loss = probability * (probability / without).log2() - unknown * (left_without / left_over).log2();
            losses[child] = (f64::from(parents.raw[parent]) * loss) as f32;
        }
    }
    losses
}

/// What a smaller model keeps.
#[derive(Clone, Debug)]
pub(super) struct Choice {
    /// The n-grams to keep, by level.
    pub(super) keep: Vec<Vec<bool>>,
    /// The most that an n-gram was worth that is not kept, in bits.
    pub(super) worth: f32,
}

/// The most valuable n-grams that fit in `size` bytes.
pub(super) fn choose(trie: &Trie, losses: &[Vec<f32>], size: usize) -> Choice {
    let order = losses.len();
    let n_symbols = trie.levels[0].len();
    // What each loss pays for: an n-gram, or its first successor.
    let mut costs: Vec<(f32, u8)> = Vec::new();
    for idx in 0..order {
        let bytes = bytes_of_entry(idx + 1, order, false) as u8;
        costs.extend(losses[idx].iter().map(|&loss| (loss, bytes)));
        let Some(longer) = losses.get(idx + 1) else { break };
        let parents = (0..trie.levels[idx].len()).map(|at| trie.levels[idx].children(at));
        costs.extend(parents.filter_map(|children| longer[children].iter().copied().reduce(f32::max)).map(|loss| (loss, 1)));
    }
    costs.par_sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let mut used = n_symbols * bytes_of_entry(1, order, false);
    let threshold = costs.iter().find(|cost| {
        used += usize::from(cost.1);
        used > size
    });
    let worth = threshold.map_or(f32::NEG_INFINITY, |cost| cost.0);
    let mut keep: Vec<Vec<bool>> = losses.iter().map(|losses| losses.iter().map(|&loss| loss > worth).collect()).collect();
    keep[0] = vec![true; n_symbols];
    Choice { keep, worth }
}

/// Bytes of all n-grams of a trie.
pub(super) fn size_of(trie: &Trie) -> usize {
    let order = trie.levels.len();
    let n_parents = |first: &[u32]| first.windows(2).filter(|pair| pair[0] < pair[1]).count();
    let sizes = trie.levels.iter().zip(1..);
    sizes.map(|(level, len)| level.len() * bytes_of_entry(len, order, false) + n_parents(&level.first)).sum()
}

//! Which n-grams a smaller model keeps.

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

/// The n-grams to keep, by level: the most valuable ones that fit in a file of
/// `size` bytes.
pub(super) fn choose(losses: &[Vec<f32>], n_symbols: usize, size: usize) -> Vec<Vec<bool>> {
    let order = losses.len();
    let budget = size.saturating_sub(n_symbols * bytes_of_entry(1, order));
    let mut ranked: Vec<(f32, u8)> =
        losses.iter().enumerate().skip(1).flat_map(|(idx, losses)| losses.iter().map(move |&loss| (loss, idx as u8))).collect();
    rayon::slice::ParallelSliceMut::par_sort_unstable_by(&mut ranked[..], |a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let mut used = 0;
    let mut threshold = f32::NEG_INFINITY;
    for &(loss, idx) in &ranked {
        used += bytes_of_entry(usize::from(idx) + 1, order);
        if used > budget {
            threshold = loss;
            break;
        }
    }
    let marks = |losses: &Vec<f32>| losses.iter().map(|&loss| loss > threshold).collect();
    let mut keep: Vec<Vec<bool>> = losses.iter().map(marks).collect();
    keep[0] = vec![true; n_symbols];
    keep
}

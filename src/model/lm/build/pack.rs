//! From estimates to the columns of a file.

use super::super::file::Columns;
use super::Bins;
use super::quantize::round;
use super::smooth::Estimates;
use super::trie::Trie;

/// How estimates become bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Packing {
    pub(super) bins: Bins,
    /// What a bit of the packed file is worth, in bits of surprise over the
    /// whole text.
    pub(super) price: f32,
    /// Compute what is left over again after rounding, so that the rounded
    /// distributions sum to one.
    pub(super) normalize: bool,
}

/// The columns of all levels. Surprises are rounded as the difference to that
/// of the suffix, as rounded, which is a small number.
pub(super) fn pack(trie: &Trie, estimates: &[Estimates], packing: Packing) -> Vec<Columns> {
    let order = trie.levels.len();
    let Packing { bins, price, normalize } = packing;
    let mut columns = vec![Columns::default(); order];
    // Bits of all n-grams as a reader of the file will have them.
    let mut read: Vec<Vec<f32>> = Vec::with_capacity(order);
    for (idx, columns) in columns.iter_mut().enumerate() {
        let shorter: Vec<f32> = match read.last() {
            None => vec![0.0; trie.levels[0].len()],
            Some(shorter) => trie.levels[idx].suffix.iter().map(|&suffix| shorter[suffix as usize]).collect(),
        };
        let differences = estimates[idx].probability.iter().zip(&shorter).map(|(&p, shorter)| -p.max(1e-30).log2() - shorter);
        let differences: Vec<f32> = differences.collect();
        // A count as Kneser–Ney has it is how often the n-gram is made use of.
        let weights: Vec<f32> = estimates[idx].count.iter().map(|&count| count.max(0.5)).collect();
        let rounded = match idx {
            0 => round(&differences, &weights, 256, 0.0),
            _ => round(&differences, &weights, bins.surprise, price),
        };
        read.push(rounded.entries.iter().zip(&shorter).map(|(&entry, shorter)| rounded.table[usize::from(entry)] + shorter).collect());
        (columns.surprise_bits, columns.surprise) = (rounded.table, rounded.entries);
        columns.rank = if idx == 0 { Vec::new() } else { ranks(trie, idx) };
        if idx + 1 < order {
            columns.children = trie.levels[idx].first.windows(2).map(|pair| (pair[1] - pair[0]) as u16).collect();
        }
    }
    for idx in 0..order - 1 {
        let (bits, weights) = backoffs(trie, idx, &estimates[idx], normalize.then_some(&read));
        let rounded = round(&bits, &weights, bins.backoff, price);
        (columns[idx].backoff_bits, columns[idx].backoff) = (rounded.table, rounded.entries);
    }
    columns
}

/// The rank of every n-gram of a level: its place among those that follow the
/// suffix of its context; the symbol itself where the suffix is empty.
fn ranks(trie: &Trie, idx: usize) -> Vec<u16> {
    let level = &trie.levels[idx];
    if idx == 1 {
        return level.last.clone();
    }
    let (parents, shorter) = (&trie.levels[idx - 1], &trie.levels[idx - 2]);
    let mut ranks = Vec::with_capacity(level.len());
    for parent in 0..parents.len() {
        let begin = shorter.first[parents.suffix[parent] as usize];
        ranks.extend(level.suffix[parents.children(parent)].iter().map(|&suffix| (suffix - begin) as u16));
    }
    ranks
}

/// Bits of backoff of the n-grams of a level that have children, and how often
/// they are made use of.
fn backoffs(trie: &Trie, idx: usize, estimates: &Estimates, rounded: Option<&Vec<Vec<f32>>>) -> (Vec<f32>, Vec<f32>) {
    let (level, next) = (&trie.levels[idx], &trie.levels[idx + 1]);
    let mut bits = Vec::new();
    let mut weights = Vec::new();
    for at in (0..level.len()).filter(|&at| !level.children(at).is_empty()) {
        let mut left_over = f64::from(estimates.left_over[at]);
        weights.push((f64::from(level.raw[at]) * left_over).max(0.5) as f32);
        if let Some(rounded) = rounded {
            let probability = |idx: usize, at: usize| f64::from(-rounded[idx][at]).exp2();
            let (mut known, mut backed) = (0.0, 0.0);
            for child in level.children(at) {
                known += probability(idx + 1, child);
                backed += probability(idx, next.suffix[child] as usize);
            }
            // Where nearly everything is known, the difference is mostly error.
            if known < 0.99 && backed < 0.99 {
                left_over = ((1.0 - known) / (1.0 - backed)).clamp(left_over / 4.0, left_over * 4.0);
            }
        }
        bits.push(-left_over.log2() as f32);
    }
    (bits, weights)
}

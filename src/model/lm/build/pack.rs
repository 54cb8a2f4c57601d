//! From estimates to the columns of a file.

use super::super::file::Columns;
use super::Bins;
use super::quantize::{learn, nearest};
use super::smooth::Estimates;
use super::trie::Trie;

/// The columns of all levels. Probabilities are quantized first; what is left
/// over is then computed again, so that the quantized distributions sum to one
/// as nearly as the second quantization allows.
pub(super) fn pack(trie: &Trie, estimates: &[Estimates], bins: Bins) -> Vec<Columns> {
    let order = trie.levels.len();
    let mut columns = vec![Columns::default(); order];
    for idx in 0..order {
        let (bits, quantized) = surprises(&estimates[idx], if idx == 0 { 256 } else { bins.surprise });
        columns[idx].surprise_bits = bits;
        columns[idx].surprise = quantized;
        columns[idx].rank = if idx == 0 { Vec::new() } else { ranks(trie, idx) };
        if idx + 1 < order {
            let first = &trie.levels[idx].first;
            columns[idx].children = first.windows(2).map(|pair| (pair[1] - pair[0]) as u16).collect();
        }
    }
    for idx in 0..order - 1 {
        let (bits, quantized) = backoffs(trie, idx, estimates, &columns, bins.backoff);
        columns[idx].backoff_bits = bits;
        columns[idx].backoff = quantized;
    }
    columns
}

fn surprises(estimates: &Estimates, n: usize) -> (Vec<f32>, Vec<u8>) {
    let bits: Vec<f32> = estimates.probability.iter().map(|&p| (-p.max(1e-30).log2()).max(0.0)).collect();
    // A count as Kneser–Ney has it is how often the n-gram is made use of.
    let weights: Vec<f32> = estimates.count.iter().map(|&count| count.max(0.5)).collect();
    let table = learn(&bits, &weights, n);
    let quantized = bits.iter().map(|&bits| nearest(&table, bits) as u8).collect();
    (table, quantized)
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

fn backoffs(trie: &Trie, idx: usize, estimates: &[Estimates], columns: &[Columns], n: usize) -> (Vec<f32>, Vec<u8>) {
    let (level, next) = (&trie.levels[idx], &trie.levels[idx + 1]);
    let probability = |idx: usize, at: usize| {
        let Columns { surprise, surprise_bits, .. } = &columns[idx];
        f64::from(-surprise_bits[usize::from(surprise[at])]).exp2()
    };
    let mut bits = Vec::new();
    let mut weights = Vec::new();
    for at in (0..level.len()).filter(|&at| !level.children(at).is_empty()) {
        let (mut known, mut backed) = (0.0, 0.0);
        for child in level.children(at) {
            known += probability(idx + 1, child);
            backed += probability(idx, next.suffix[child] as usize);
        }
        let left_over = f64::from(estimates[idx].left_over[at]);
        // Where nearly everything is known, the difference is mostly error.
        let normal = if known < 0.99 && backed < 0.99 { (1.0 - known) / (1.0 - backed) } else { left_over };
        bits.push((-normal.clamp(left_over / 4.0, (left_over * 4.0).min(1.0)).log2()) as f32);
        weights.push((f64::from(level.raw[at]) * left_over).max(0.5) as f32);
    }
    let table = learn(&bits, &weights, n);
    let mut bits = bits.into_iter();
    let mut quantize = |at: usize| {
        if level.children(at).is_empty() { 0 } else { nearest(&table, bits.next().expect("one for each")) as u8 }
    };
    let quantized = (0..level.len()).map(&mut quantize).collect();
    (table, quantized)
}

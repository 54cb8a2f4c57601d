//! Interpolated modified Kneser–Ney over a trie that may have lost n-grams.
//!
//! An n-gram that was left out, for being rare or for being pruned, gives its
//! count to the shorter one, as Kneser–Ney lets it do for one that was kept
//! with a part of its count (Siivola, Hirsimäki & Virpioja 2007). So the
//! shorter n-grams fit what is left for them to predict, whatever was pruned,
//! and every distribution sums to one by construction.

use super::count::Discounts;
use super::trie::Trie;

/// The estimates for one level of a trie.
#[derive(Clone, Debug, Default)]
pub(super) struct Estimates {
    /// Counts as Kneser–Ney has them: what longer n-grams leave over.
    pub(super) count: Vec<f32>,
    /// Probability of the last symbol after the others.
    pub(super) probability: Vec<f32>,
    /// Probability that n-grams beginning with this one leave to shorter ones.
    /// Empty in the last level.
    pub(super) left_over: Vec<f32>,
}

/// Counts and probabilities of all n-grams.
pub(super) fn estimate(trie: &Trie, discounts: &[Discounts]) -> Vec<Estimates> {
    let order = trie.levels.len();
    let mut all = vec![Estimates::default(); order];
    for idx in (0..order).rev() {
        all[idx].count = match all.get(idx + 1) {
            None => trie.levels[idx].raw.iter().map(|&n| n as f32).collect(),
            Some(longer) => counts(trie, idx, &longer.count),
        };
    }
    let first = &mut all[0];
    let total: f64 = first.count.iter().map(|&n| f64::from(n)).sum();
    let discounted = |n: f32| f64::from((n - discounts[0].of(n)).max(0.0));
    let kept: f64 = first.count.iter().map(|&n| discounted(n)).sum();
    let rest = if total > 0.0 { 1.0 - kept / total } else { 1.0 };
    let even = rest / first.count.len() as f64;
    first.probability = first.count.iter().map(|&n| (discounted(n) / total.max(1.0) + even) as f32).collect();
    for idx in 1..order {
        let (shorter, longer) = all.split_at_mut(idx);
        level(trie, idx, discounts[idx], &mut shorter[idx - 1], &mut longer[0]);
    }
    all
}

/// The counts of a level, from those of the next one.
fn counts(trie: &Trie, idx: usize, longer: &[f32]) -> Vec<f32> {
    let mut counts: Vec<f64> = trie.levels[idx].raw.iter().map(|&n| f64::from(n)).collect();
    let next = &trie.levels[idx + 1];
    for ((&suffix, &raw), &count) in next.suffix.iter().zip(&next.raw).zip(longer) {
        // Of an n-gram that is kept, one occurrence is left for its suffix.
        counts[suffix as usize] += f64::from(count.min(1.0)) - f64::from(raw);
    }
    counts.into_iter().map(|n| n.max(0.0) as f32).collect()
}

/// The probabilities of level `idx`.
fn level(trie: &Trie, idx: usize, discounts: Discounts, shorter: &mut Estimates, estimates: &mut Estimates) {
    let (parents, level) = (&trie.levels[idx - 1], &trie.levels[idx]);
    estimates.probability = vec![0.0; level.len()];
    shorter.left_over = vec![1.0; parents.len()];
    for parent in 0..parents.len() {
        let children = parents.children(parent);
        if children.is_empty() {
            continue;
        }
        let (mut total, mut kept) = (f64::from(parents.raw[parent]), 0.0);
        for child in children.clone() {
            let count = estimates.count[child];
            total += f64::from(count) - f64::from(level.raw[child]);
            kept += f64::from((count - discounts.of(count)).max(0.0));
        }
        let left_over = if total > 0.0 { (1.0 - kept / total).clamp(1e-6, 1.0) } else { 1.0 };
        shorter.left_over[parent] = left_over as f32;
        for child in children {
            let count = estimates.count[child];
            let own = if total > 0.0 { f64::from((count - discounts.of(count)).max(0.0)) / total } else { 0.0 };
            let backed = left_over * f64::from(shorter.probability[level.suffix[child] as usize]);
            estimates.probability[child] = (own + backed) as f32;
        }
    }
}

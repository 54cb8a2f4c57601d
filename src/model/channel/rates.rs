//! Rates from counts.

use std::collections::BTreeMap;

use super::habits::{ALIKE_STEPS, Class, Habit, Habits, Pairing, Place};

/// The smallest probability: what was never seen is dear, not impossible.
const LEAST: f64 = 1e-9;

/// Steps of the finely divided ladder.
const FINE: usize = 1024;

/// Members a class is taken to have, where one of them was never seen.
const CLASS_SIZE: f64 = 4000.0;

/// −log2 of a probability, as a cost: finite, 0 or more.
pub(super) fn bits(probability: f64) -> f32 {
    -probability.clamp(LEAST, 1.0).log2() as f32 + 0.0
}

/// The cost of a misreading by how alike the characters look: falls as the
/// similarity rises.
#[derive(Clone, Debug)]
pub(super) struct Ladder {
    /// For each pairing, bits at similarities `0/FINE ..= FINE/FINE`.
    bits: [Vec<f32>; 2],
}

impl Ladder {
    pub(super) fn new(habits: &Habits) -> Self {
        Self { bits: Pairing::ALL.map(|pairing| fine(&rising(&observed(habits, pairing)))) }
    }

    /// Bits for a pair of this similarity.
    pub(super) fn bits(&self, pairing: Pairing, similarity: f32) -> f32 {
        self.bits[pairing as usize][((similarity * FINE as f32) as usize).min(FINE)]
    }
}

/// Rate and weight at every step.
fn observed(habits: &Habits, pairing: Pairing) -> Vec<(f64, f64)> {
    (0..ALIKE_STEPS)
        .map(|step| {
            let alike = habits.alike.get(&(pairing, step)).copied().unwrap_or_default();
            let possible = alike.possible as f64;
            if possible == 0.0 { (0.0, 0.0) } else { ((alike.confused as f64 / possible).min(1.0), possible) }
        })
        .collect()
}

/// The rising rates nearest to these (pool adjacent violators).
fn rising(observed: &[(f64, f64)]) -> Vec<f64> {
    let mut pools: Vec<(f64, f64, usize)> = Vec::new();
    for &(rate, weight) in observed {
        pools.push((rate, weight, 1));
        while let [.., (left, left_weight, left_steps), (right, right_weight, right_steps)] = pools[..]
            && left >= right
        {
            let weight = left_weight + right_weight;
            let rate = if weight == 0.0 { left } else { (left * left_weight + right * right_weight) / weight };
            pools.truncate(pools.len() - 2);
            pools.push((rate, weight, left_steps + right_steps));
        }
    }
    pools.iter().flat_map(|&(rate, _, steps)| std::iter::repeat_n(rate, steps)).collect()
}

/// Costs between the steps, so that of two unequally alike pairs one is always
/// cheaper; steps of one height slope by a tenth of a bit each.
fn fine(rates: &[f64]) -> Vec<f32> {
    let mut knots: Vec<f32> = rates.iter().map(|&rate| bits(rate)).collect();
    for step in 1..knots.len() {
        knots[step] = knots[step].min(knots[step - 1] - 0.1).max(0.0);
    }
    (0..=FINE)
        .map(|at| {
            let place = (at as f32 / FINE as f32 * ALIKE_STEPS as f32 - 0.5).clamp(0.0, (ALIKE_STEPS - 1) as f32);
            let (step, part) = (place as usize, place.fract());
            let next = knots[(step + 1).min(ALIKE_STEPS - 1)];
            knots[step] * (1.0 - part) + next * part
        })
        .collect()
}

/// Rates of whole classes.
#[derive(Clone, Debug)]
pub(super) struct ClassRates {
    misread: [f64; Class::ALL.len()],
    /// Rate at which one certain member appears from nowhere.
    spurious: [f64; Class::ALL.len()],
}

impl ClassRates {
    pub(super) fn new(habits: &Habits) -> Self {
        let printed: u64 = habits.sums.values().map(|sums| sums.printed).fold(0, u64::saturating_add);
        let sums = |class: Class| habits.sums.get(&class).copied().unwrap_or_default();
        Self {
            misread: Class::ALL.map(|class| rate(sums(class).misread, sums(class).printed)),
            spurious: Class::ALL.map(|class| rate(sums(class).spurious, printed) / if class == Class::Han { CLASS_SIZE } else { 40.0 }),
        }
    }

    pub(super) fn misread(&self, class: Class) -> f64 {
        self.misread[class as usize]
    }

    pub(super) fn spurious_one(&self, class: Class) -> f64 {
        self.spurious[class as usize]
    }
}

/// A share, a little off 0 and 1: one event in twice as many is allowed for.
fn rate(count: u64, of: u64) -> f64 {
    (count as f64 + 0.5) / (of as f64 + 1.0).max(count as f64 + 1.0)
}

/// Rates of lost characters.
#[derive(Clone, Debug)]
pub(super) struct LossRates {
    classes: [f64; Class::ALL.len()],
    chars: BTreeMap<char, f64>,
    /// For each class, and for each mark by itself: how much likelier a loss is
    /// at such a place than anywhere.
    factors: BTreeMap<(Class, Option<char>, Place), f64>,
}

impl LossRates {
    pub(super) fn new(habits: &Habits, class_weight: f64) -> Self {
        let classes = Class::ALL.map(|class| {
            let sums = habits.sums.get(&class).copied().unwrap_or_default();
            rate(sums.lost, sums.printed)
        });
        let mut by_char: BTreeMap<char, u64> = BTreeMap::new();
        let mut by_place: BTreeMap<(Class, Option<char>, Place), u64> = BTreeMap::new();
        let mut by_class: BTreeMap<(Class, Option<char>), u64> = BTreeMap::new();
        for (habit, tally) in &habits.tallies {
            if let Habit::Lost { printed, place } = *habit {
                let (class, mark) = key(printed);
                for sum in [
                    by_char.entry(printed).or_default(),
                    by_place.entry((class, mark, place)).or_default(),
                    by_class.entry((class, mark)).or_default(),
                ] {
                    *sum = sum.saturating_add(tally.count);
                }
            }
        }
        let mut chars = BTreeMap::new();
        for (&c, &n_printed) in &habits.printed {
            let lost = by_char.get(&c).copied().unwrap_or_default() as f64;
            chars.insert(c, (lost + class_weight * classes[Class::of(c) as usize]) / (n_printed as f64 + class_weight));
        }
        let mut all: BTreeMap<(Class, Option<char>), u64> = BTreeMap::new();
        for (&(class, mark, _), &count) in &habits.places {
            let sum = all.entry((class, mark)).or_default();
            *sum = sum.saturating_add(count);
        }
        let mut factors = BTreeMap::new();
        for (&(class, mark, place), &n_printed) in &habits.places {
            let lost = by_class.get(&(class, mark)).copied().unwrap_or_default();
            let average = rate(lost, all.get(&(class, mark)).copied().unwrap_or_default());
            let here = by_place.get(&(class, mark, place)).copied().unwrap_or_default() as f64;
            let own = (here + class_weight * average) / (n_printed as f64 + class_weight);
            factors.insert((class, mark, place), own / average);
        }
        Self { classes, chars, factors }
    }

    /// The rate of a character anywhere.
    pub(super) fn of(&self, printed: char) -> f64 {
        self.chars.get(&printed).copied().unwrap_or(self.classes[Class::of(printed) as usize]).min(0.99)
    }

    /// The rate of a character between such neighbors.
    pub(super) fn at(&self, printed: char, place: Place) -> f64 {
        let (class, mark) = key(printed);
        let factor = self.factors.get(&(class, mark, place)).copied().unwrap_or(1.0);
        (self.of(printed) * factor).min(0.99)
    }
}

/// Marks are counted each by itself.
fn key(c: char) -> (Class, Option<char>) {
    let class = Class::of(c);
    (class, (class == Class::Mark).then_some(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_that_fall_are_pooled() {
        assert_eq!(rising(&[(0.125, 1.0), (0.5, 1.0), (0.25, 1.0), (0.75, 1.0)]), [0.125, 0.375, 0.375, 0.75]);
        assert_eq!(rising(&[(0.0, 0.0), (0.0, 0.0)]), [0.0, 0.0]);
    }

    #[test]
    fn the_ladder_falls_strictly_where_it_can() {
        let ladder = Ladder::new(&Habits::default());
        let costs: Vec<f32> = (0..=20).map(|at| ladder.bits(Pairing::Han, at as f32 / 20.0)).collect();
        assert!(costs.windows(2).all(|pair| pair[0] >= pair[1]), "{costs:?}");
        assert!(costs[0] > costs[20]);
    }

    #[test]
    fn bits_are_finite_and_never_below_zero() {
        for probability in [0.0, 1.0, 2.0, -1.0, f64::INFINITY, 1e-300] {
            assert!(bits(probability).is_finite() && bits(probability) >= 0.0);
            assert!(bits(probability).is_sign_positive());
        }
    }
}

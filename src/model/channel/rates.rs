//! Rates from counts.

use std::collections::{BTreeMap, HashMap};

use foldhash::fast::FixedState;

use super::habits::{Class, Habit, Habits, Place, Sums};

/// The smallest probability: what was never seen is dear, not impossible.
const LEAST: f64 = 1e-9;

/// −log2 of a probability, as a cost: finite, 0 or more.
pub(super) fn bits(probability: f64) -> f32 {
    -probability.clamp(LEAST, 1.0).log2() as f32 + 0.0
}

/// Occasions by which a count is held back: two of two is not always.
const HOLD_BACK: f64 = 20.0;

/// How often something that was seen `count` times happens, of so many
/// occasions.
pub(super) fn share(count: u64, of: u64) -> f64 {
    count as f64 / ((of as f64).max(count as f64) + HOLD_BACK)
}

/// The rate of a class of which nothing is known.
const NOTHING_KNOWN: f64 = 0.005;

/// A rate of what is not counted one by one: never quite 0 or 1.
fn rest(count: u64, of: u64) -> f64 {
    if count == 0 && of == 0 {
        return NOTHING_KNOWN;
    }
    (count as f64 + 0.5) / ((of as f64).max(count as f64) + 1.0)
}

/// What whole classes suffer beyond the habits of their characters.
#[derive(Clone, Debug)]
pub(super) struct ClassRates {
    misread: [f64; Class::ALL.len()],
    lost: [f64; Class::ALL.len()],
    /// Rate at which one certain member appears from nowhere.
    spurious: [f64; Class::ALL.len()],
}

impl ClassRates {
    pub(super) fn new(habits: &Habits) -> Self {
        let mut known: BTreeMap<Class, Sums> = BTreeMap::new();
        for (habit, tally) in &habits.tallies {
            let sum = match *habit {
                Habit::Misread { printed, .. } | Habit::Split { printed, .. } | Habit::Merged { printed: [printed, _], .. } => {
                    &mut known.entry(Class::of(printed)).or_default().misread
                }
                Habit::Lost { printed, .. } => &mut known.entry(Class::of(printed)).or_default().lost,
                Habit::Spurious { read } => &mut known.entry(Class::of(read)).or_default().spurious,
            };
            *sum = sum.saturating_add(tally.count);
        }
        let n_printed = habits.n_printed();
        let rates = |class: Class| {
            let all = habits.sums.get(&class).copied().unwrap_or_default();
            let known = known.get(&class).copied().unwrap_or_default();
            (
                rest(all.misread.saturating_sub(known.misread), all.printed),
                rest(all.lost.saturating_sub(known.lost), all.printed),
                rest(all.spurious.saturating_sub(known.spurious), n_printed) / class_size(class),
            )
        };
        Self {
            misread: Class::ALL.map(|class| rates(class).0),
            lost: Class::ALL.map(|class| rates(class).1),
            spurious: Class::ALL.map(|class| rates(class).2),
        }
    }

    pub(super) fn misread(&self, class: Class) -> f64 {
        self.misread[class as usize]
    }

    pub(super) fn spurious_one(&self, class: Class) -> f64 {
        self.spurious[class as usize]
    }
}

/// Members that a class is taken to have.
fn class_size(class: Class) -> f64 {
    match class {
        Class::Han => 4000.0,
        Class::Digit => 10.0,
        Class::Latin => 52.0,
        Class::Break | Class::Mark | Class::Other => 60.0,
    }
}

/// Rates of lost characters.
#[derive(Clone, Debug)]
pub(super) struct LossRates {
    classes: [f64; Class::ALL.len()],
    chars: HashMap<char, f64, FixedState>,
    /// For each class, and for each mark by itself: how much likelier a loss is
    /// at such a place than anywhere.
    factors: HashMap<(Class, Option<char>, Place), f64, FixedState>,
}

impl LossRates {
    pub(super) fn new(habits: &Habits, classes: &ClassRates) -> Self {
        let mut by_char: BTreeMap<char, u64> = BTreeMap::new();
        let mut by_place: BTreeMap<(Class, Option<char>, Place), u64> = BTreeMap::new();
        let mut anywhere: BTreeMap<(Class, Option<char>), (u64, u64)> = BTreeMap::new();
        for (habit, tally) in &habits.tallies {
            if let Habit::Lost { printed, place } = *habit {
                let (class, mark) = key(printed);
                let sums = [
                    by_char.entry(printed).or_default(),
                    by_place.entry((class, mark, place)).or_default(),
                    &mut anywhere.entry((class, mark)).or_default().0,
                ];
                for sum in sums {
                    *sum = sum.saturating_add(tally.count);
                }
            }
        }
        for (&(class, mark, _), &count) in &habits.places {
            let sum = &mut anywhere.entry((class, mark)).or_default().1;
            *sum = sum.saturating_add(count);
        }
        let of = |c: &char| habits.printed.get(c).copied().unwrap_or_default();
        let chars = by_char.iter().map(|(c, &lost)| (*c, share(lost, of(c)) + classes.lost[Class::of(*c) as usize]));
        let factor = |(&(class, mark, place), &n_printed): (&(Class, Option<char>, Place), &u64)| {
            let least = classes.lost[class as usize];
            let (lost, printed) = anywhere.get(&(class, mark)).copied().unwrap_or_default();
            let here = by_place.get(&(class, mark, place)).copied().unwrap_or_default();
            ((class, mark, place), (share(here, n_printed) + least) / (share(lost, printed) + least))
        };
        Self { classes: classes.lost, chars: chars.collect(), factors: habits.places.iter().map(factor).collect() }
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
    fn bits_are_finite_and_never_below_zero() {
        for probability in [0.0, 1.0, 2.0, -1.0, f64::INFINITY, 1e-300] {
            assert!(bits(probability).is_finite() && bits(probability) >= 0.0);
            assert!(bits(probability).is_sign_positive());
        }
    }
}

//! How often characters are confused that were never seen to be: by how alike
//! they look and how common each is.

use std::collections::BTreeMap;

use super::glyphs::Glyphs;
use super::habits::{Class, Habit, Habits, Tally};
use super::rates::bits;

/// Steps of similarity in which confusions are counted.
pub const ALIKE_STEPS: usize = 20;

/// Steps of commonness in which they are counted.
pub const COMMON_STEPS: usize = 6;

/// Bits at which the second step of commonness begins, and width of a step.
const COMMON_FROM: f32 = 9.0;
const COMMON_WIDTH: f32 = 3.0;

/// Which pairs are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Pairing {
    /// Han characters read as Han characters.
    Han,
    /// All others: marks, digits, letters, and across classes.
    Rest,
}

impl Pairing {
    /// Both, in order.
    pub const ALL: [Pairing; 2] = [Pairing::Han, Pairing::Rest];

    /// The pairing of two characters.
    #[must_use]
    pub fn of(a: char, b: char) -> Self {
        if Class::of(a) == Class::Han && Class::of(b) == Class::Han { Pairing::Han } else { Pairing::Rest }
    }

    /// The name in files of habits.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Pairing::Han => "han",
            Pairing::Rest => "rest",
        }
    }
}

/// Pairs of characters that are equally alike and equally common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Likeness {
    /// Which kind of pairs.
    pub pairing: Pairing,
    /// Step of similarity, below [`ALIKE_STEPS`]; the last is the most alike.
    pub similarity: usize,
    /// Step of commonness of what was printed, below [`COMMON_STEPS`]; the
    /// first is the commonest.
    pub printed: usize,
    /// The same of what was read.
    pub read: usize,
}

impl Likeness {
    /// The likeness of two characters.
    #[must_use]
    pub fn of(read: char, printed: char, glyphs: &Glyphs) -> Self {
        Self::at(Pairing::of(read, printed), glyphs.similarity(read, printed), glyphs.own_script_bits(printed), glyphs.bits(read))
    }

    /// The likeness of two characters of which that is known: similarity,
    /// commonness of what was printed and read in bits.
    pub(super) fn at(pairing: Pairing, similarity: f32, printed: f32, read: f32) -> Self {
        Self {
            pairing,
            similarity: ((similarity * ALIKE_STEPS as f32) as usize).min(ALIKE_STEPS - 1),
            printed: common_step(printed),
            read: common_step(read),
        }
    }
}

/// The step that a commonness in bits belongs to.
fn common_step(bits: f32) -> usize {
    (((bits - COMMON_FROM) / COMMON_WIDTH + 1.0).max(0.0) as usize).min(COMMON_STEPS - 1)
}

impl Glyphs {
    /// How many characters of the table have each likeness to one that is
    /// printed; none when the table lacks it.
    #[must_use]
    pub fn likenesses(&self, printed: char) -> Vec<(Likeness, u64)> {
        let printed_bits = self.own_script_bits(printed);
        let mut counts = Vec::new();
        let mut cells = [[[0_u64; COMMON_STEPS]; ALIKE_STEPS]; Pairing::ALL.len()];
        self.for_each(printed, |idx, similarity| {
            let likeness = Likeness::at(Pairing::of(printed, self.chars()[idx]), similarity, printed_bits, self.bits_at(idx));
            cells[likeness.pairing as usize][likeness.similarity][likeness.read] += 1;
        });
        for (pairing, cells) in Pairing::ALL.into_iter().zip(cells) {
            let printed = common_step(printed_bits);
            for (similarity, cells) in cells.into_iter().enumerate() {
                for (read, count) in cells.into_iter().enumerate().filter(|(_, count)| *count > 0) {
                    counts.push((Likeness { pairing, similarity, printed, read }, count));
                }
            }
        }
        counts
    }
}

/// Confusions of pairs that are no habits, and how many there could have been:
/// what may be expected of pairs that were never seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Alike {
    /// Times that one was read for the other, the pair being too rare for a
    /// [`Habit`].
    pub confused: u64,
    /// Times that it could have been: for every character printed, the
    /// characters of the glyph table that are so like it.
    pub possible: u64,
}

/// Misreadings by likeness.
pub(super) fn confused<'a>(tallies: impl Iterator<Item = (&'a Habit, &'a Tally)>, glyphs: &Glyphs) -> BTreeMap<Likeness, u64> {
    let mut sums: BTreeMap<Likeness, u64> = BTreeMap::new();
    for (habit, tally) in tallies {
        if let Habit::Misread { read, printed } = *habit {
            let sum = sums.entry(Likeness::of(read, printed, glyphs)).or_default();
            *sum = sum.saturating_add(tally.count);
        }
    }
    sums
}

/// Rounds of fitting; the factors hardly move after three.
const N_ROUNDS: usize = 6;

/// Confusions that every factor of commonness is taken to have had on top, just
/// as expected: few seen ones move it little.
const PRIOR_CONFUSIONS: f64 = 3.0;

/// The least bits of a misreading that was never seen, however alike the two.
const LEAST_BITS: f32 = 2.0;

/// Steps of the finely divided cost of looks.
const FINE: usize = 1024;

/// The rate of a confusion as a product: one factor for how alike the two look,
/// one for how common each is.
#[derive(Clone, Debug)]
pub(super) struct LikenessCosts {
    /// By pairing, bits at similarities `0/FINE ..= FINE/FINE`; fall.
    looks: [Vec<f32>; 2],
    /// By pairing, bits by step of commonness, of what was printed and what was
    /// read.
    printed: [[f32; COMMON_STEPS]; 2],
    read: [[f32; COMMON_STEPS]; 2],
    /// Bits of the average printed character's factor.
    average: f32,
}

impl LikenessCosts {
    pub(super) fn new(habits: &Habits, glyphs: &Glyphs) -> Self {
        // Pairs seen on a single page foretell those that were not seen.
        let once = confused(habits.tallies.iter().filter(|(_, tally)| tally.pages <= 1), glyphs);
        let mut cells: BTreeMap<Likeness, (f64, f64)> = BTreeMap::new();
        for (&likeness, alike) in &habits.alike {
            cells.insert(likeness, (alike.confused as f64, alike.possible as f64));
        }
        for (&likeness, &count) in &once {
            cells.entry(likeness).or_default().0 += count as f64;
        }
        let of = |pairing: Pairing| {
            cells.iter().filter(move |(likeness, _)| likeness.pairing == pairing).map(|(likeness, cell)| (*likeness, *cell))
        };
        let han = Factors::fit(&of(Pairing::Han).collect::<Vec<_>>());
        let rest = Factors::fit(&of(Pairing::Rest).collect::<Vec<_>>());
        Self {
            looks: [fine(&han.looks), fine(&rest.looks)],
            printed: [han.printed.map(signed_bits), rest.printed.map(signed_bits)],
            read: [han.read.map(signed_bits), rest.read.map(signed_bits)],
            average: signed_bits(han.average(of(Pairing::Han))),
        }
    }

    /// Bits of reading one character for the other, of which the similarity and
    /// the commonness in bits are known: of the printed one in its own script.
    pub(super) fn bits(&self, pairing: Pairing, similarity: f32, printed: f32, read: f32) -> f32 {
        let looks = self.looks[pairing as usize][((similarity * FINE as f32) as usize).min(FINE)];
        let common = between(&self.printed[pairing as usize], printed) + between(&self.read[pairing as usize], read);
        (looks + common).max(LEAST_BITS)
    }

    /// How much oftener than the average printed Han character one of this
    /// commonness is misread.
    pub(super) fn frailty(&self, printed: f32) -> f64 {
        f64::from(self.average - between(&self.printed[Pairing::Han as usize], printed)).exp2()
    }
}

/// −log2 of a factor, which may be above one.
fn signed_bits(factor: f64) -> f32 {
    -factor.max(1e-6).log2() as f32
}

/// The value at a commonness, on straight lines between the middles of the
/// steps.
fn between(steps: &[f32; COMMON_STEPS], bits: f32) -> f32 {
    let place = ((bits - COMMON_FROM) / COMMON_WIDTH + 0.5).clamp(0.0, (COMMON_STEPS - 1) as f32);
    let (step, part) = (place as usize, place.fract());
    steps[step] * (1.0 - part) + steps[(step + 1).min(COMMON_STEPS - 1)] * part
}

struct Factors {
    looks: Vec<f64>,
    printed: [f64; COMMON_STEPS],
    read: [f64; COMMON_STEPS],
}

impl Factors {
    /// The factors whose products agree with the counts on every step of each
    /// (iterative proportional fitting); that of looks rises.
    fn fit(cells: &[(Likeness, (f64, f64))]) -> Self {
        let mut factors = Self { looks: vec![1.0; ALIKE_STEPS], printed: [1.0; COMMON_STEPS], read: [1.0; COMMON_STEPS] };
        for _ in 0..N_ROUNDS {
            let mut looks = vec![(0.0, 0.0); ALIKE_STEPS];
            for (likeness, (confused, possible)) in cells {
                let sum: &mut (f64, f64) = &mut looks[likeness.similarity];
                sum.0 += confused;
                sum.1 += possible * factors.printed[likeness.printed] * factors.read[likeness.read];
            }
            let observed: Vec<(f64, f64)> = looks
                .iter()
                .map(|&(confused, expected)| (if expected > 0.0 { (confused / expected).min(1.0) } else { 0.0 }, expected))
                .collect();
            factors.looks = rising(&observed);
            factors.printed = factors.refit(cells, |likeness| likeness.printed, &factors.printed);
            factors.read = factors.refit(cells, |likeness| likeness.read, &factors.read);
        }
        factors
    }

    /// The mean of the printed factor over all that was printed: every printed
    /// character could have been read as any other.
    fn average(&self, cells: impl Iterator<Item = (Likeness, (f64, f64))>) -> f64 {
        let (sum, weight) = cells.fold((0.0, 0.0), |(sum, weight), (likeness, (_, possible))| {
            (sum + possible * self.printed[likeness.printed], weight + possible)
        });
        if weight > 0.0 { sum / weight } else { 1.0 }
    }

    /// One factor of commonness, the others as they are.
    fn refit(&self, cells: &[(Likeness, (f64, f64))], step: impl Fn(&Likeness) -> usize, own: &[f64; COMMON_STEPS]) -> [f64; COMMON_STEPS] {
        let mut sums = [(PRIOR_CONFUSIONS, PRIOR_CONFUSIONS); COMMON_STEPS];
        for (likeness, (confused, possible)) in cells {
            let product = self.looks[likeness.similarity] * self.printed[likeness.printed] * self.read[likeness.read];
            let sum = &mut sums[step(likeness)];
            sum.0 += confused;
            sum.1 += possible * product / own[step(likeness)];
        }
        sums.map(|(confused, expected)| confused / expected)
    }
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

/// Costs between the steps, so that of two unequally alike pairs the more alike
/// is always cheaper; steps of one height slope by a fifth of a bit each.
fn fine(rates: &[f64]) -> Vec<f32> {
    let mut knots: Vec<f32> = rates.iter().map(|&rate| bits(rate)).collect();
    for step in 1..knots.len() {
        knots[step] = knots[step].min(knots[step - 1] - 0.2);
    }
    (0..=FINE)
        .map(|at| {
            let place = (at as f32 / FINE as f32 * ALIKE_STEPS as f32 - 0.5).clamp(0.0, (ALIKE_STEPS - 1) as f32);
            let (step, part) = (place as usize, place.fract());
            knots[step] * (1.0 - part) + knots[(step + 1).min(ALIKE_STEPS - 1)] * part
        })
        .collect()
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
    fn costs_of_looks_fall_even_when_nothing_was_learned() {
        let costs = LikenessCosts::new(&Habits::default(), Glyphs::embedded());
        let looks: Vec<f32> = (0..=20).map(|at| costs.bits(Pairing::Han, at as f32 / 20.0, 12.0, 12.0)).collect();
        assert!(looks.windows(2).all(|pair| pair[0] >= pair[1]) && looks[0] > looks[20], "{looks:?}");
    }

    #[test]
    fn factors_of_a_product_are_found_again() {
        let looks: Vec<f64> = (0..ALIKE_STEPS).map(|step| 1e-6 * 1.5_f64.powi(step as i32)).collect();
        let (printed, read) = ([0.25, 0.5, 1.0, 2.0, 4.0, 8.0], [8.0, 4.0, 2.0, 1.0, 0.5, 0.25]);
        let mut cells = Vec::new();
        for (similarity, looks) in looks.iter().enumerate() {
            for (p, of_printed) in printed.iter().enumerate() {
                for (r, of_read) in read.iter().enumerate() {
                    let possible = 1e9;
                    cells.push((
                        Likeness { pairing: Pairing::Han, similarity, printed: p, read: r },
                        (possible * looks * of_printed * of_read, possible),
                    ));
                }
            }
        }
        let factors = Factors::fit(&cells);
        for (similarity, looks) in looks.iter().enumerate() {
            let found = factors.looks[similarity] * factors.printed[1] * factors.read[4];
            assert!((found / (looks * printed[1] * read[4]) - 1.0).abs() < 0.01, "{similarity}");
        }
    }
}

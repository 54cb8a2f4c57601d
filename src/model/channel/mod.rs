//! How likely an OCR engine gives one character where another was printed.
//!
//! Two sources are weighed together: how alike characters look ([`Glyphs`],
//! from typefaces) and what an engine was seen to do ([`Habits`], from pages
//! whose print is known). [`Channel`] gives the cost in bits of every error an
//! engine can make. Both are tables beside any language model, so that the one
//! can change without the other; sounds play no part, because an engine does
//! not hear. Nothing here judges a text.
//!
//! Start at [`Channel::embedded`]; `docs/channel.md` says what is computed.

mod glyphs;
mod habits;
mod habits_file;
mod rates;

use std::collections::BTreeMap;
use std::sync::OnceLock;

pub use glyphs::{DIMENSIONS, Glyphs, GlyphsError};
pub use habits::{ALIKE_STEPS, Alike, Class, Habit, Habits, Pairing, Place, Sums, Tally, alike_step};
pub use habits_file::{HABITS_HEADER, HabitsError};
use rates::{ClassRates, Ladder, LossRates, bits};

/// Printed characters that the shape's word on a misreading is worth: with so
/// many seen, what was counted and what the shape says weigh the same.
const SHAPE_WEIGHT: f64 = 100.0;

/// The same for the average of the class, where it stands in for a character.
const CLASS_WEIGHT: f64 = 100.0;

/// Costs of what an engine does, in bits: −log2 of its probability.
///
/// Every cost is finite and 0 or more.
#[derive(Clone, Debug)]
pub struct Channel {
    glyphs: &'static Glyphs,
    /// For each character of the glyph table: bits to add to the shape's cost,
    /// because the character was printed often and seldom misread.
    seen_bits: Vec<f32>,
    ladder: Ladder,
    printed: BTreeMap<char, u64>,
    /// By what was read: what was printed, and how often.
    misread: BTreeMap<char, BTreeMap<char, u64>>,
    /// How often a printed character was misread.
    misread_of: BTreeMap<char, u64>,
    splits: BTreeMap<[char; 2], BTreeMap<char, u64>>,
    merges: BTreeMap<char, BTreeMap<[char; 2], u64>>,
    spurious: BTreeMap<char, u64>,
    n_printed: u64,
    classes: ClassRates,
    losses: LossRates,
}

impl Channel {
    /// The channel inside the program: the glyphs and the habits of the
    /// engines in `models/habits.md`.
    #[must_use]
    pub fn embedded() -> &'static Channel {
        static CHANNEL: OnceLock<Channel> = OnceLock::new();
        CHANNEL.get_or_init(|| Self::new(Habits::embedded()))
    }

    /// The embedded glyphs with these habits.
    #[must_use]
    pub fn new(habits: &Habits) -> Self {
        Self::with_glyphs(Glyphs::embedded(), habits)
    }

    /// These glyphs with these habits.
    #[must_use]
    pub fn with_glyphs(glyphs: &'static Glyphs, habits: &Habits) -> Self {
        let n_seen = |c: &char| habits.printed.get(c).copied().unwrap_or_default();
        let mut channel = Self {
            glyphs,
            seen_bits: glyphs.chars().iter().map(|c| bits(SHAPE_WEIGHT / (SHAPE_WEIGHT + n_seen(c) as f64))).collect(),
            ladder: Ladder::new(habits),
            printed: habits.printed.clone(),
            misread: BTreeMap::new(),
            misread_of: BTreeMap::new(),
            splits: BTreeMap::new(),
            merges: BTreeMap::new(),
            spurious: BTreeMap::new(),
            n_printed: habits.sums.values().map(|sums| sums.printed).fold(0, u64::saturating_add),
            classes: ClassRates::new(habits),
            losses: LossRates::new(habits, CLASS_WEIGHT),
        };
        for (habit, tally) in &habits.tallies {
            match *habit {
                Habit::Misread { read, printed } => {
                    channel.misread.entry(read).or_default().insert(printed, tally.count);
                    let sum = channel.misread_of.entry(printed).or_default();
                    *sum = sum.saturating_add(tally.count);
                }
                Habit::Split { read, printed } => {
                    channel.splits.entry(read).or_default().insert(printed, tally.count);
                }
                Habit::Merged { read, printed } => {
                    channel.merges.entry(read).or_default().insert(printed, tally.count);
                }
                Habit::Spurious { read } => {
                    channel.spurious.insert(read, tally.count);
                }
                Habit::Lost { .. } => {}
            }
        }
        channel
    }

    /// The glyphs this channel goes by.
    #[must_use]
    pub fn glyphs(&self) -> &'static Glyphs {
        self.glyphs
    }

    /// The cost of reading `read` where `printed` stood. For a pair that was
    /// never seen it is the cost of a pair that looks so alike; for the same
    /// character it is [`Channel::cost_correct`].
    #[must_use]
    pub fn cost(&self, read: char, printed: char) -> f32 {
        if read == printed {
            return self.cost_correct(printed);
        }
        let shape = f64::from(-self.ladder.bits(Pairing::of(read, printed), self.glyphs.similarity(read, printed))).exp2();
        let seen = self.misread.get(&read).and_then(|printed_counts| printed_counts.get(&printed)).copied().unwrap_or_default();
        bits((seen as f64 + SHAPE_WEIGHT * shape) / (self.n_printed_of(printed) + SHAPE_WEIGHT))
    }

    /// The cost of reading a printed character as itself.
    #[must_use]
    pub fn cost_correct(&self, c: char) -> f32 {
        let misread = self.misread_of.get(&c).copied().unwrap_or_default() as f64;
        let rate = (misread + CLASS_WEIGHT * self.classes.misread(Class::of(c))) / (self.n_printed_of(c) + CLASS_WEIGHT);
        bits((1.0 - rate - self.losses.of(c)).max(0.01))
    }

    /// The cost of losing a printed character, wherever it stands.
    #[must_use]
    pub fn cost_lost(&self, printed: char) -> f32 {
        bits(self.losses.of(printed))
    }

    /// The cost of losing a printed character between such neighbors; of a mark
    /// at the end of a paragraph it is far less than inside one.
    #[must_use]
    pub fn cost_lost_at(&self, printed: char, place: Place) -> f32 {
        bits(self.losses.at(printed, place))
    }

    /// The cost of a character that was not printed, at any one gap between
    /// characters.
    #[must_use]
    pub fn cost_spurious(&self, read: char) -> f32 {
        let seen = self.spurious.get(&read).copied().unwrap_or_default() as f64;
        bits((seen + self.classes.spurious_one(Class::of(read)) * CLASS_WEIGHT) / (self.n_printed as f64 + CLASS_WEIGHT))
    }

    /// The characters that may have been printed where `read` was read, each
    /// with its cost, the likeliest first; at most `n`, without `read` itself.
    ///
    /// For a character that the glyph table lacks these are only the habits.
    /// Reads the whole table: callers keep the answer.
    #[must_use]
    pub fn candidates(&self, read: char, n: usize) -> Vec<(char, f32)> {
        self.candidates_by(read, n, |_| Some(0.0))
    }

    /// As [`Channel::candidates`], ordered with what `extra` knows: bits to add
    /// for a printed character (a language model's cost of it, say), or `None`
    /// to leave it out (by script, by vocabulary). The costs in the answer have
    /// the extra bits in them.
    pub fn candidates_by(&self, read: char, n: usize, mut extra: impl FnMut(char) -> Option<f32>) -> Vec<(char, f32)> {
        let known = self.misread.get(&read);
        let mut found: Vec<(f32, char)> = Vec::new();
        let read_is_han = Class::of(read) == Class::Han;
        self.glyphs.for_each(read, |idx, similarity| {
            let printed = self.glyphs.chars()[idx];
            if known.is_some_and(|known| known.contains_key(&printed)) {
                return;
            }
            if let Some(more) = extra(printed) {
                let pairing = if read_is_han { Pairing::of(read, printed) } else { Pairing::Rest };
                found.push((self.ladder.bits(pairing, similarity) + self.seen_bits[idx] + more, printed));
            }
        });
        for &printed in known.into_iter().flat_map(BTreeMap::keys).filter(|&&printed| printed != read) {
            if let Some(more) = extra(printed) {
                found.push((self.cost(read, printed) + more, printed));
            }
        }
        let order = |a: &(f32, char), b: &(f32, char)| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1));
        if n < found.len() {
            found.select_nth_unstable_by(n, order);
            found.truncate(n);
        }
        found.sort_unstable_by(order);
        found.into_iter().map(|(cost, printed)| (printed, cost)).collect()
    }

    /// The characters that were seen printed where `read` was read, whatever
    /// they look like.
    pub fn seen(&self, read: char) -> impl Iterator<Item = char> + '_ {
        self.misread.get(&read).into_iter().flat_map(BTreeMap::keys).copied()
    }

    /// What two characters that were read were seen to be one of in print, with
    /// costs, the likeliest first.
    #[must_use]
    pub fn splits(&self, read: [char; 2]) -> Vec<(char, f32)> {
        let seen = self.splits.get(&read).into_iter().flatten();
        by_cost(seen.map(|(&printed, &count)| (printed, self.whole_cost(count, self.n_printed_of(printed)))))
    }

    /// What one character that was read was seen to be two of in print, with
    /// costs, the likeliest first.
    #[must_use]
    pub fn merges(&self, read: char) -> Vec<([char; 2], f32)> {
        let seen = self.merges.get(&read).into_iter().flatten();
        by_cost(seen.map(|(&printed, &count)| {
            let n_printed = printed.map(|c| self.n_printed_of(c));
            (printed, self.whole_cost(count, n_printed[0].min(n_printed[1])))
        }))
    }

    fn whole_cost(&self, count: u64, n_printed: f64) -> f32 {
        bits(count as f64 / (n_printed.max(count as f64) + SHAPE_WEIGHT))
    }

    fn n_printed_of(&self, c: char) -> f64 {
        self.printed.get(&c).copied().unwrap_or_default() as f64
    }
}

fn by_cost<T: Ord + Copy>(found: impl Iterator<Item = (T, f32)>) -> Vec<(T, f32)> {
    let mut found: Vec<(T, f32)> = found.collect();
    found.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
    found
}

impl Habits {
    /// The habits inside the program; `models/habits.md` says whose they are.
    #[must_use]
    pub fn embedded() -> &'static Habits {
        static HABITS: OnceLock<Habits> = OnceLock::new();
        HABITS.get_or_init(|| {
            Self::load("models/habits.tsv", include_str!("../../../models/habits.tsv")).expect("a test reads the embedded habits")
        })
    }
}

#[cfg(test)]
mod tests;

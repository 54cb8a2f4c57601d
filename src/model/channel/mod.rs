//! How likely an OCR engine gives one character where another was printed.
//!
//! Two sources are weighed together: how alike characters look ([`Glyphs`],
//! from typefaces) and what an engine was seen to do ([`Habits`], from pages
//! whose print is known). [`Channel`] gives the cost in bits of every error an
//! engine can make. Both are tables beside any language model, so that the one
//! can change without the other. An engine does not hear: sounds ([`Sounds`])
//! play a part only where a text is said to have been typed by them. Nothing
//! here judges a text.
//!
//! Start at [`Channel::embedded`]; `docs/channel.md` says what is computed.

mod glyphs;
mod habits;
mod habits_file;
mod likeness;
mod rates;
mod sounds;

use std::collections::{BTreeMap, HashMap};
use std::sync::OnceLock;

use foldhash::fast::FixedState;
pub use glyphs::{Chosen, DIMENSIONS, Glyph, Glyphs, GlyphsError};
pub use habits::{Class, Habit, Habits, Place, Sums, Tally};
pub use habits_file::{HABITS_HEADER, HabitsError};
use likeness::LikenessCosts;
pub use likeness::{ALIKE_STEPS, Alike, COMMON_STEPS, Likeness, Pairing};
use rates::{ClassRates, LossRates, bits, share};
pub use sounds::{Sound, Sounds, SoundsError};

/// Costs of what an engine does, in bits: −log2 of its probability.
///
/// Every cost is finite and 0 or more.
#[derive(Clone, Debug)]
pub struct Channel {
    glyphs: &'static Glyphs,
    /// For each character of the glyph table.
    is_han: Vec<bool>,
    likeness: LikenessCosts,
    printed: BTreeMap<char, u64>,
    /// By what was read: what was printed, and how often.
    misread: BTreeMap<char, BTreeMap<char, u64>>,
    /// By what was read and what was printed: the share of the printed.
    seen: HashMap<(char, char), f64, FixedState>,
    /// How often a printed character was misread.
    misread_of: BTreeMap<char, u64>,
    splits: BTreeMap<[char; 2], BTreeMap<char, u64>>,
    merges: BTreeMap<char, BTreeMap<[char; 2], u64>>,
    spurious: BTreeMap<char, u64>,
    n_printed: u64,
    classes: ClassRates,
    losses: LossRates,
    /// What is read alike, in typed text.
    sounds: Option<&'static Sounds>,
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
        let classes = ClassRates::new(habits);
        let mut channel = Self {
            glyphs,
            is_han: glyphs.chars().iter().map(|&c| Class::of(c) == Class::Han).collect(),
            likeness: LikenessCosts::new(habits, glyphs),
            printed: habits.printed.clone(),
            misread: BTreeMap::new(),
            seen: HashMap::default(),
            misread_of: BTreeMap::new(),
            splits: BTreeMap::new(),
            merges: BTreeMap::new(),
            spurious: BTreeMap::new(),
            n_printed: habits.n_printed(),
            losses: LossRates::new(habits, &classes),
            classes,
            sounds: None,
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
        let share_of = |(&read, printed): (&char, &BTreeMap<char, u64>)| -> Vec<((char, char), f64)> {
            printed.iter().map(|(&printed, &count)| ((read, printed), share(count, channel.n_printed_of(printed)))).collect()
        };
        channel.seen = channel.misread.iter().flat_map(share_of).collect();
        channel
    }

    /// The same for text that was typed by sound.
    #[must_use]
    pub fn with_sounds(self, sounds: &'static Sounds) -> Self {
        Self { sounds: Some(sounds), ..self }
    }

    /// The sounds this channel goes by, when the text was typed.
    #[must_use]
    pub fn sounds(&self) -> Option<&'static Sounds> {
        self.sounds
    }

    /// The characters that sound like `read` or nearly so; none but for typed
    /// text.
    pub fn homophones(&self, read: char) -> impl Iterator<Item = char> + '_ {
        self.sounds.into_iter().flat_map(move |sounds| sounds.like(read))
    }

    /// The glyphs this channel goes by.
    #[must_use]
    pub fn glyphs(&self) -> &'static Glyphs {
        self.glyphs
    }

    /// The cost of reading `read` where `printed` stood: how often that was
    /// seen, and how often characters that look so alike are confused without
    /// having been seen before. For the same character it is
    /// [`Channel::cost_correct`].
    #[must_use]
    pub fn cost(&self, read: char, printed: char) -> f32 {
        if read == printed {
            return self.cost_correct(printed);
        }
        let alike = match (self.glyphs.index(read), self.glyphs.index(printed)) {
            (Some(read), Some(printed)) => {
                let pairing = if self.is_han[read] && self.is_han[printed] { Pairing::Han } else { Pairing::Rest };
                let similarity = self.glyphs.similarity_at(read, printed);
                self.likeness.bits(pairing, similarity, self.glyphs.own_script_bits_at(printed), self.glyphs.bits_at(read))
            }
            _ => self.likeness.bits(Pairing::of(read, printed), 0.0, self.glyphs.own_script_bits(printed), self.glyphs.bits(read)),
        };
        let heard = self.sounds.map_or(0.0, |sounds| sounds.rate(read, printed));
        match self.seen.get(&(read, printed)) {
            None if heard == 0.0 => alike,
            rate => bits(rate.copied().unwrap_or_default() + heard + f64::from(-alike).exp2()),
        }
    }

    /// The cost of reading a printed character as itself.
    #[must_use]
    pub fn cost_correct(&self, c: char) -> f32 {
        let misread = self.misread_of.get(&c).copied().unwrap_or_default();
        let class = Class::of(c);
        let frailty = if class == Class::Han { self.likeness.frailty(self.glyphs.own_script_bits(c)) } else { 1.0 };
        let rate = share(misread, self.n_printed_of(c)) + self.classes.misread(class) * frailty;
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
        let seen = self.spurious.get(&read).copied().unwrap_or_default();
        bits(share(seen, self.n_printed) + self.classes.spurious_one(Class::of(read)))
    }

    /// The characters that may have been printed where `read` was read, the
    /// likeliest first by how common they are and what the engine does; at most
    /// `n`, without `read` itself. With each stands its [`Channel::cost`], in
    /// which how common it is has no part: that is a language model's to say.
    ///
    /// For a character that the glyph table lacks these are only the habits.
    /// Reads the whole table: callers keep the answer.
    #[must_use]
    pub fn candidates(&self, read: char, n: usize) -> Vec<(char, f32)> {
        self.candidates_by(read, n, |printed| Some(self.glyphs.bits(printed)))
    }

    /// As [`Channel::candidates`], but ordered by the cost and the bits that
    /// `prior` gives for what was printed (a language model's cost of it), and
    /// without characters for which it is `None` (of the other script, outside
    /// a vocabulary).
    pub fn candidates_by(&self, read: char, n: usize, mut prior: impl FnMut(char) -> Option<f32>) -> Vec<(char, f32)> {
        let known = self.misread.get(&read);
        let mut found: Vec<Candidate> = Vec::new();
        let read_is_han = Class::of(read) == Class::Han;
        let read_bits = self.glyphs.bits(read);
        self.glyphs.for_each(read, |idx, similarity| {
            let printed = self.glyphs.chars()[idx];
            if let Some(more) = prior(printed) {
                let pairing = if read_is_han && self.is_han[idx] { Pairing::Han } else { Pairing::Rest };
                let cost = self.likeness.bits(pairing, similarity, self.glyphs.own_script_bits_at(idx), read_bits);
                found.push(Candidate { total: cost + more, cost, printed });
            }
        });
        for &printed in known.into_iter().flat_map(BTreeMap::keys).filter(|&&printed| printed != read) {
            let Some(more) = prior(printed) else { continue };
            let cost = self.cost(read, printed);
            let candidate = Candidate { total: cost + more, cost, printed };
            // The table's candidates stand in code point order.
            match found.binary_search_by_key(&printed, |candidate| candidate.printed) {
                Ok(at) => found[at] = candidate,
                Err(at) => found.insert(at, candidate),
            }
        }
        if n < found.len() {
            found.select_nth_unstable_by(n, Candidate::order);
            found.truncate(n);
        }
        found.sort_unstable_by(Candidate::order);
        found.into_iter().map(|candidate| (candidate.printed, candidate.cost)).collect()
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
        by_cost(seen.map(|(&printed, &count)| (printed, bits(share(count, self.n_printed_of(printed))))))
    }

    /// What one character that was read was seen to be two of in print, with
    /// costs, the likeliest first.
    #[must_use]
    pub fn merges(&self, read: char) -> Vec<([char; 2], f32)> {
        let seen = self.merges.get(&read).into_iter().flatten();
        by_cost(seen.map(|(&printed, &count)| {
            let n_printed = printed.map(|c| self.n_printed_of(c));
            (printed, bits(share(count, n_printed[0].min(n_printed[1]))))
        }))
    }

    fn n_printed_of(&self, c: char) -> u64 {
        self.printed.get(&c).copied().unwrap_or_default()
    }
}

struct Candidate {
    /// Cost and prior together.
    total: f32,
    cost: f32,
    printed: char,
}

impl Candidate {
    fn order(&self, other: &Self) -> std::cmp::Ordering {
        self.total.total_cmp(&other.total).then(self.printed.cmp(&other.printed))
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

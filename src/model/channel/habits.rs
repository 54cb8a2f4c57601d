use std::collections::BTreeMap;
use std::fmt;

use super::glyphs::Glyphs;
use super::likeness::{Alike, Likeness, confused};
use crate::text::{CharClass, char_class};

/// What stands at a place, as far as an engine's habits depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Class {
    /// A line break of the text, its start or its end.
    Break,
    /// A Han character.
    Han,
    /// A digit.
    Digit,
    /// A Latin letter.
    Latin,
    /// Punctuation or a symbol.
    Mark,
    /// Any other character.
    Other,
}

impl Class {
    /// All classes, in order.
    pub const ALL: [Class; 6] = [Class::Break, Class::Han, Class::Digit, Class::Latin, Class::Mark, Class::Other];

    /// The class of a character; white space is a break.
    #[must_use]
    pub fn of(c: char) -> Self {
        match char_class(c) {
            CharClass::Han => Class::Han,
            CharClass::Digit => Class::Digit,
            CharClass::Latin => Class::Latin,
            CharClass::Punctuation => Class::Mark,
            CharClass::Space => Class::Break,
            CharClass::Other => Class::Other,
        }
    }

    /// The name in files of habits.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Class::Break => "break",
            Class::Han => "han",
            Class::Digit => "digit",
            Class::Latin => "latin",
            Class::Mark => "mark",
            Class::Other => "other",
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The neighbors of a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// Before it.
    pub left: Class,
    /// After it.
    pub right: Class,
}

/// One thing an engine did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Habit {
    /// One character read as another.
    Misread {
        /// What the engine gave.
        read: char,
        /// What was printed.
        printed: char,
    },
    /// A printed character that was not read.
    Lost {
        /// What was printed.
        printed: char,
        /// Its neighbors in print.
        place: Place,
    },
    /// A character that was not printed.
    Spurious {
        /// What the engine gave.
        read: char,
    },
    /// One character read as two, as 好 for 女子.
    Split {
        /// What the engine gave.
        read: [char; 2],
        /// What was printed.
        printed: char,
    },
    /// Two characters read as one.
    Merged {
        /// What the engine gave.
        read: char,
        /// What was printed.
        printed: [char; 2],
    },
}

/// How often something was seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Times.
    pub count: u64,
    /// Pages it was seen on.
    pub pages: u64,
}

impl Tally {
    fn add(&mut self, other: Tally) {
        self.count = self.count.saturating_add(other.count);
        self.pages = self.pages.saturating_add(other.pages);
    }
}

/// What became of the printed characters of one class, with all that was too
/// rare or too garbled to be a [`Habit`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Characters printed.
    pub printed: u64,
    /// Of them, read as something else.
    pub misread: u64,
    /// Of them, not read.
    pub lost: u64,
    /// Characters of the class that were read and not printed.
    pub spurious: u64,
}

/// How an engine errs, counted on pages whose print is known.
///
/// Counts only; [`super::Channel`] makes rates of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Habits {
    /// Pages learned from.
    pub pages: u64,
    /// What was seen, each with its counts.
    pub tallies: BTreeMap<Habit, Tally>,
    /// How often a character was printed. Characters that are absent were
    /// printed seldom; how often is not known.
    pub printed: BTreeMap<char, u64>,
    /// How often something was printed between such neighbors: each mark by
    /// itself, other characters (`None`) by their class.
    pub places: BTreeMap<(Class, Option<char>, Place), u64>,
    /// Sums by class.
    pub sums: BTreeMap<Class, Sums>,
    /// Confusions of pairs that are no habit.
    pub alike: BTreeMap<Likeness, Alike>,
}

impl Habits {
    /// Adds what was learned from other pages.
    pub fn merge(&mut self, other: &Habits) {
        fn add(mine: &mut u64, others: u64) {
            *mine = mine.saturating_add(others);
        }
        add(&mut self.pages, other.pages);
        for (&habit, &tally) in &other.tallies {
            self.tallies.entry(habit).or_default().add(tally);
        }
        for (&c, &count) in &other.printed {
            add(self.printed.entry(c).or_default(), count);
        }
        for (&place, &count) in &other.places {
            add(self.places.entry(place).or_default(), count);
        }
        for (&class, sums) in &other.sums {
            let mine = self.sums.entry(class).or_default();
            add(&mut mine.printed, sums.printed);
            add(&mut mine.misread, sums.misread);
            add(&mut mine.lost, sums.lost);
            add(&mut mine.spurious, sums.spurious);
        }
        for (&likeness, alike) in &other.alike {
            let mine = self.alike.entry(likeness).or_default();
            add(&mut mine.confused, alike.confused);
            add(&mut mine.possible, alike.possible);
        }
    }

    /// All characters printed on the pages learned from.
    #[must_use]
    pub fn n_printed(&self) -> u64 {
        self.sums.values().map(|sums| sums.printed).fold(0, u64::saturating_add)
    }

    /// Without what was seen on fewer than `min_pages` pages, so that no
    /// page's own accidents are taken for habits; and without the counts of
    /// characters that were printed fewer than `min_printed` times and have no
    /// habit. Sums keep everything; the misreadings that are left out count as
    /// what characters so alike may suffer.
    #[must_use]
    pub fn pruned(mut self, min_pages: u64, min_printed: u64, glyphs: &Glyphs) -> Self {
        let (kept, rare): (BTreeMap<_, _>, BTreeMap<_, _>) =
            std::mem::take(&mut self.tallies).into_iter().partition(|(_, tally)| tally.pages >= min_pages);
        self.tallies = kept;
        for (likeness, confused) in confused(rare.iter(), glyphs) {
            let sum = &mut self.alike.entry(likeness).or_default().confused;
            *sum = sum.saturating_add(confused);
        }
        let involved: std::collections::BTreeSet<char> = self
            .tallies
            .keys()
            .flat_map(|habit| match *habit {
                Habit::Misread { printed, .. } | Habit::Lost { printed, .. } | Habit::Split { printed, .. } => vec![printed],
                Habit::Merged { printed, .. } => printed.to_vec(),
                Habit::Spurious { .. } => Vec::new(),
            })
            .collect();
        self.printed.retain(|c, count| *count >= min_printed || involved.contains(c));
        self
    }
}

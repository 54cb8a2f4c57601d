//! The noisy-channel reading of a line: what may have been printed, given what
//! an engine read.
//!
//! A language model says how a text goes on, a channel model what an engine
//! makes of a printed character. Where both are surprised, the line is opened:
//! every character of the stretch gets a few alternatives (others in its
//! place, none, one more before it, one for two, two for one), all ways
//! through are weighed together in a beam, and each alternative gets the share
//! it has among them. Where nothing is surprising, nothing is opened, and the
//! line costs one look-up a character.
//!
//! This decides nothing: alternatives go to a detector, which knows the page.
//! Start at [`Decoder::read`].

mod beam;
mod candidates;
mod recurrence;

use super::channel::Channel;
use super::lm::{Id, LanguageModel, State, fold};
use crate::lexicon::simplified;
use crate::text::{CharClass, char_class, is_han};
pub use candidates::LookAlikes;
pub use recurrence::Recurrence;

/// A stretch of text without white space and invisible characters: a paragraph, or a line where
/// lines are not joined.
#[derive(Clone, Debug, Default)]
pub struct Passage {
    /// The characters as they were read.
    pub chars: Vec<char>,
    /// Their symbols in the language model.
    pub ids: Vec<Id>,
    /// The byte of the text each begins at.
    pub at: Vec<usize>,
    /// Bits by which the engine itself speaks against each having been printed,
    /// compared with a character it says nothing of; 0 where it says nothing.
    pub doubt: Vec<f32>,
}

impl Passage {
    /// Adds the characters of `text`, which stands at byte `from` of the page.
    pub fn push(&mut self, lm: &LanguageModel, text: &str, from: usize) {
        for (at, c) in text.char_indices().filter(|&(_, c)| fold(c).is_some()) {
            self.chars.push(c);
            self.ids.push(lm.id(c));
            self.at.push(from + at);
            self.doubt.push(0.0);
        }
    }

    /// Number of characters.
    #[must_use]
    pub fn len(&self) -> usize {
        self.chars.len()
    }

    /// True without characters.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.chars.is_empty()
    }

    /// Empties the passage, keeping its memory.
    pub fn clear(&mut self) {
        self.chars.clear();
        self.ids.clear();
        self.at.clear();
        self.doubt.clear();
    }
}

/// What may have been printed at a place instead of what was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Change {
    /// Another character in the place of one.
    Substitute(char),
    /// A character before one, or at the end of the passage.
    Insert(char),
    /// Nothing.
    Delete,
    /// One character in the place of two.
    Merge(char),
    /// Two characters in the place of one.
    Split(char, char),
}

impl Change {
    /// Characters of the passage that the change takes away.
    #[must_use]
    pub fn n_taken(self) -> usize {
        match self {
            Change::Insert(_) => 0,
            Change::Merge(_) => 2,
            Change::Substitute(_) | Change::Delete | Change::Split(..) => 1,
        }
    }

    /// The characters it puts there.
    pub fn put(self) -> impl Iterator<Item = char> + Clone {
        let (first, second) = match self {
            Change::Substitute(c) | Change::Insert(c) | Change::Merge(c) => (Some(c), None),
            Change::Split(a, b) => (Some(a), Some(b)),
            Change::Delete => (None, None),
        };
        first.into_iter().chain(second)
    }
}

/// A change with what speaks for it and against it.
#[derive(Clone, Copy, Debug)]
pub struct Proposal {
    /// Index of the place in the passage; the length of the passage is its end.
    pub idx: usize,
    /// What may have been printed.
    pub change: Change,
    /// Share, 0..=1, of all ways through the stretch that make this change.
    pub share: f32,
    /// Share of the ways that leave the place as it was read.
    pub share_kept: f32,
    /// Share of the likeliest other change at the place.
    pub share_next: f32,
    /// Bits by which the likeliest way with the change beats the likeliest
    /// without any at this place.
    pub margin_kept: f32,
    /// Bits by which it beats the likeliest way with another change here.
    pub margin_next: f32,
    /// Bits the channel asks for the change (-log2 of its probability).
    pub channel_bits: f32,
    /// Characters of the stretch that was opened.
    pub n_open: u16,
}

/// How surprising a passage is, symbol by symbol.
#[derive(Clone, Debug, Default)]
pub struct Surprise {
    /// Bits of each symbol after those before it; one more than characters,
    /// the last being the end of the passage.
    pub bits: Vec<f32>,
    states: Vec<State>,
    /// True when the passage does not end in a mark that ends a sentence, so
    /// that one may have been lost, whatever the language model thinks.
    ends_open: bool,
}

impl Surprise {
    /// What the language model remembers before the symbol at `idx`, at most
    /// the end of the passage.
    #[must_use]
    pub fn state(&self, idx: usize) -> State {
        self.states[idx]
    }
}

/// A passage with what is known of it.
#[derive(Clone, Copy, Debug)]
pub struct Reading<'a> {
    /// The passage.
    pub passage: &'a Passage,
    /// How surprising it is.
    pub surprise: &'a Surprise,
    /// What its page has more than once.
    pub page: &'a Recurrence,
    /// The script the page is printed in.
    pub script: PageScript,
}

/// The script of a page. The language model sees one form of every character;
/// what is put into a text must be of the page's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PageScript {
    /// 简体.
    Simplified,
    /// 繁体.
    Traditional,
}

impl PageScript {
    /// The script of a page with these characters: traditional when one Han
    /// character in twenty has another, simplified form. A simplified page has
    /// such characters only in names and quotations, a traditional one has four
    /// in ten.
    #[must_use]
    pub fn of<'c>(chars: impl Iterator<Item = &'c char>) -> Self {
        let (mut n_han, mut n_traditional) = (0_usize, 0_usize);
        for &c in chars.filter(|&&c| is_han(c)) {
            n_han += 1;
            n_traditional += usize::from(simplified(c) != c);
        }
        if 20 * n_traditional > n_han { PageScript::Traditional } else { PageScript::Simplified }
    }
}

/// True for marks behind which no full stop is missing.
fn ends_sentence(c: char) -> bool {
    matches!(
        c,
        '。' | '！'
            | '？'
            | '…'
            | '!'
            | '?'
            | '”'
            | '’'
            | '」'
            | '』'
            | '：'
            | ':'
            | '；'
            | ';'
            | '》'
            | '〉'
            | '）'
            | ')'
            | '｡'
            | '|'
    )
}

/// Thresholds and sizes of the decoder.
///
/// The gate was chosen on labelled pages: it looks at 99 % of the misread Han
/// characters and at one in four of a correct text.
#[derive(Clone, Copy, Debug)]
pub struct Tuning {
    /// Places whose weighted surprise is less are not looked at.
    pub gate_bits: f32,
    /// The same for marks that may be others.
    pub mark_gate_bits: f32,
    /// The same for places where a mark may have been lost.
    pub lost_mark_gate_bits: f32,
    /// Ways kept at each place.
    pub beam: usize,
    /// Alternatives weighed at each place.
    pub n_candidates: usize,
    /// Bits by which keeping what was read may beat the best change of a place
    /// for the place still to be worth opening. What is beaten by more than ten
    /// has less than a hundredth of the ways even where the neighbors are wrong
    /// as well.
    pub contending_bits: f32,
    /// Proposals with a smaller share than this are not made.
    pub min_share: f32,
}

impl Default for Tuning {
    fn default() -> Self {
        Self {
            gate_bits: 22.0,
            mark_gate_bits: 13.0,
            lost_mark_gate_bits: 17.0,
            beam: 16,
            n_candidates: 10,
            contending_bits: 10.0,
            min_share: 0.01,
        }
    }
}

impl Tuning {
    /// For pages of which the engine says what it doubted: that keeps most of the
    /// text closed, so that what is open can be searched farther. On labelled
    /// pages it brings a tenth more of the right changes into sight, and would
    /// make correct text without such a say four times as slow.
    #[must_use]
    pub fn with_doubts() -> Self {
        Self { gate_bits: 16.0, beam: 48, n_candidates: 24, contending_bits: 16.0, min_share: 0.003, ..Self::default() }
    }
}

/// Reads passages with a language model and a channel.
#[derive(Clone, Copy, Debug)]
pub struct Decoder<'m> {
    /// How texts go on.
    pub lm: &'m LanguageModel,
    /// What engines make of characters.
    pub channel: &'m Channel,
    /// Thresholds.
    pub tuning: Tuning,
}

impl Decoder<'_> {
    /// How surprising `passage` is, into `surprise`.
    pub fn surprise(&self, passage: &Passage, surprise: &mut Surprise) {
        surprise.bits.clear();
        surprise.states.clear();
        surprise.ends_open = passage.chars.last().is_some_and(|&c| !ends_sentence(c));
        let mut state = self.lm.start();
        for &id in passage.ids.iter().chain(std::iter::once(&Id::BOUNDARY)) {
            surprise.states.push(state);
            let (bits, next) = self.lm.score(state, id);
            surprise.bits.push(bits);
            state = next;
        }
    }

    /// What is worth looking for at a place.
    fn look(&self, passage: &Passage, surprise: &Surprise, idx: usize) -> Look {
        let bits = |behind: usize| surprise.bits.get(idx + behind).copied().unwrap_or(0.0);
        if idx == passage.len() {
            return if surprise.ends_open { Look::Marks } else { Look::Away };
        }
        let sum: f32 = GATE_WEIGHTS.iter().enumerate().map(|(behind, weight)| weight * bits(behind)).sum();
        let sum = sum + DOUBT_WEIGHT * passage.doubt[idx];
        let is_mark = char_class(passage.chars[idx]) == CharClass::Punctuation;
        if sum >= self.tuning.gate_bits {
            Look::All
        } else if sum >= if is_mark { self.tuning.mark_gate_bits } else { self.tuning.lost_mark_gate_bits } {
            Look::Marks
        } else {
            Look::Away
        }
    }

    /// What may have been printed in the places of a passage that read badly,
    /// in order of place; at most one change of a character and one insertion
    /// before it for each place.
    #[must_use]
    pub fn read(&self, reading: &Reading<'_>, look_alikes: &LookAlikes) -> Vec<Proposal> {
        let mut proposals = Vec::new();
        let mut stretch = beam::Stretch::default();
        for idx in 0..reading.surprise.bits.len() {
            let look = self.look(reading.passage, reading.surprise, idx);
            if look == Look::Away {
                continue;
            }
            let choices = candidates::choices(self, look_alikes, reading, idx, look);
            if choices.len() > 1 {
                if !stretch.reaches(idx) {
                    stretch.weigh(self, reading, &mut proposals);
                    stretch = beam::Stretch::default();
                }
                stretch.open(idx, choices);
            }
        }
        stretch.weigh(self, reading, &mut proposals);
        proposals
    }
}

/// How closely a place is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    /// Not at all.
    Away,
    /// For marks that were lost or misread; they surprise little, for there are
    /// few of them.
    Marks,
    /// For everything.
    All,
}

/// What the surprise of a symbol and of those after it say of the symbol: a
/// wrong one does not fit what stands before it, and what stands after it does
/// not fit it. Fitted to the misread characters of labelled pages.
const GATE_WEIGHTS: [f32; 4] = [1.0, 0.95, 0.5, 0.3];

/// What the engine's own doubt adds to them.
const DOUBT_WEIGHT: f32 = 1.5;

use super::page::Setting;
use crate::detect::Resources;
use crate::document::Kind;
use crate::lexicon::simplify;
use crate::model::lattice::{Change, Passage, Proposal, Reading, Recurrence};
use crate::model::lm::{Id, LanguageModel, State};
use crate::model::{BoundaryModel, CONTEXT_CHARS};
use crate::text::{CharClass, char_class, is_sentence_end};

/// What the scorer sees of a proposal; the names are those of the table.
pub const NAMES: [&str; N_FEATURES] = [
    "kind",
    "share",
    "share_kept",
    "share_next",
    "margin_kept",
    "margin_next",
    "channel",
    "similarity",
    "n_open",
    "model_gain",
    "bits_read",
    "bits_after",
    "bits_new",
    "bits_new_after",
    "bits_before",
    "bits_behind",
    "common_read",
    "common_new",
    "page_read",
    "page_new",
    "page_read_triple",
    "page_new_triple",
    "word_read_chars",
    "word_read_bits",
    "word_new_chars",
    "word_new_bits",
    "place_read_chars",
    "place_new_chars",
    "to_start",
    "to_end",
    "length",
    "line_kind",
    "ends_like_paragraph",
    "runs_on",
    "next_kind",
    "open_before",
    "open_behind",
    "page_bits",
    "page_open",
];

/// Number of features.
pub const N_FEATURES: usize = 39;

/// One proposal in numbers.
pub type Row = [f32; N_FEATURES];

/// The column of a feature.
pub(super) fn index(name: &str) -> usize {
    NAMES.iter().position(|known| *known == name).expect("a name of the list")
}

/// The features that are known only when the whole page was read.
const PAGE_BITS: usize = N_FEATURES - 2;

/// Characters on either side that words and places are looked for in.
const REACH: usize = 8;

/// Symbols after a change whose surprise it alters.
const MEMORY: usize = 4;

/// Writes what is known of the page as a whole into a row.
pub(super) fn finish(row: &mut Row, mean_bits: f32, share_open: f32) {
    row[PAGE_BITS] = mean_bits;
    row[PAGE_BITS + 1] = share_open;
}

/// The first of the four counts of the page.
const PAGE_COUNTS: usize = 18;

/// Writes into a row how often the page has, elsewhere, what was read (pairs,
/// triple) and what would be new.
pub(super) fn count(row: &mut Row, lm: &LanguageModel, passage: &Passage, page: &Recurrence, proposal: &Proposal) {
    let (idx, n_taken) = (proposal.idx, proposal.change.n_taken());
    let ids = &passage.ids;
    let left = idx.checked_sub(1).map(|left| ids[left]);
    let right = ids.get(idx + n_taken).copied();
    let counts = |middle: &[Id], n_own: u32| -> (f32, f32) {
        let all: Vec<Id> = left.into_iter().chain(middle.iter().copied()).chain(right).collect();
        let least = |counts: &mut dyn Iterator<Item = u32>| {
            counts.map(|count| count.saturating_sub(n_own) as f32).reduce(f32::min).unwrap_or(0.0).ln_1p()
        };
        (
            least(&mut all.windows(2).map(|pair| page.pair(pair[0], pair[1]))),
            least(&mut all.windows(3).map(|triple| page.triple(triple[0], triple[1], triple[2]))),
        )
    };
    let read = counts(&ids[idx..idx + n_taken], 1);
    let new: Vec<Id> = proposal.change.put().map(|c| lm.id(c)).collect();
    let new = counts(&new, 0);
    row[PAGE_COUNTS..PAGE_COUNTS + 4].copy_from_slice(&[read.0, new.0, read.1, new.1]);
}

/// What the features are taken from.
pub(super) struct View<'a> {
    pub(super) resources: &'a Resources,
    pub(super) reading: Reading<'a>,
    pub(super) setting: &'a Setting<'a>,
}

impl View<'_> {
    /// The row of `proposal`, but for what [`count`] and [`finish`] add.
    pub(super) fn row(&self, proposal: &Proposal) -> Row {
        let change = proposal.change;
        let idx = proposal.idx;
        let n_taken = change.n_taken();
        let read: Vec<char> = self.reading.passage.chars[idx..idx + n_taken].to_vec();
        let new: Vec<char> = change.put().collect();
        let bits = |idx: usize| self.reading.surprise.bits.get(idx).copied().unwrap_or(0.0);
        let (gain, bits_new, bits_new_after) = self.model_gain(proposal);
        let words = self.words(idx, n_taken, &new);
        let similarity = match (read.first(), new.first()) {
            (Some(&read), Some(&new)) => self.resources.channel.glyphs().similarity(read, new),
            _ => 0.0,
        };
        let length = self.reading.passage.len();
        let open = |from: usize, to: usize| (from..to).filter(|&idx| bits(idx) >= OPEN_BITS).count() as f32;
        let mean = |from: usize, to: usize| if from < to { (from..to).map(bits).sum::<f32>() / (to - from) as f32 } else { 0.0 };
        let behind = idx + n_taken;
        [
            code(change, read.first().copied()),
            proposal.share,
            proposal.share_kept,
            proposal.share_next,
            proposal.margin_kept,
            proposal.margin_next,
            proposal.channel_bits,
            similarity,
            f32::from(proposal.n_open),
            gain,
            bits(idx),
            bits(idx + 1),
            bits_new,
            bits_new_after,
            mean(idx.saturating_sub(8), idx),
            mean((behind + 1).min(length), (behind + 9).min(length)),
            read.first().map_or(0.0, |&c| self.commonness(c)),
            new.first().map_or(0.0, |&c| self.commonness(c)),
            0.0,
            0.0,
            0.0,
            0.0,
            words[0],
            words[1],
            words[2],
            words[3],
            words[4],
            words[5],
            idx.min(40) as f32,
            (length - idx).min(40) as f32,
            length.min(200) as f32,
            number(Some(self.setting.kind)),
            self.ends_like_paragraph(idx, ""),
            self.ends_like_paragraph(idx, self.setting.next),
            if idx == length { number(self.setting.next_kind) } else { -1.0 },
            open(idx.saturating_sub(6), idx),
            open((behind + 1).min(length), (behind + 7).min(length)),
            0.0,
            0.0,
        ]
    }

    /// Bits the language model saves by this change alone, and its bits for
    /// what is new and for the symbol after that.
    fn model_gain(&self, proposal: &Proposal) -> (f32, f32, f32) {
        let lm = self.resources.lm;
        let (idx, n_taken) = (proposal.idx, proposal.change.n_taken());
        let ids = &self.reading.passage.ids;
        let behind = idx + n_taken;
        let rest = ids[behind..].iter().copied().chain(std::iter::once(Id::BOUNDARY)).take(MEMORY);
        let before: f32 = self.reading.surprise.bits[idx..(behind + MEMORY).min(ids.len() + 1)].iter().sum();
        let mut state = self.reading.surprise.state(idx);
        let (mut bits_new, mut bits_rest, mut bits_after) = (0.0, 0.0, 0.0);
        for c in proposal.change.put() {
            let (bits, next) = lm.score(state, lm.id(c));
            bits_new += bits;
            state = next;
        }
        for (nth, id) in rest.enumerate() {
            let (bits, next) = lm.score(state, id);
            bits_rest += bits;
            if nth == 0 {
                bits_after = bits;
            }
            state = next;
        }
        (before - bits_new - bits_rest, bits_new, bits_after)
    }

    /// How common a character is: bits without any context.
    fn commonness(&self, c: char) -> f32 {
        self.resources.lm.surprise(State::default(), self.resources.lm.id(c))
    }

    /// The longest word and place over what was read and over what is new:
    /// length and frequency of the words, lengths of the places.
    fn words(&self, idx: usize, n_taken: usize, new: &[char]) -> [f32; 6] {
        let chars = &self.reading.passage.chars;
        let from = idx.saturating_sub(REACH);
        let to = (idx + n_taken + REACH).min(chars.len());
        let before: String = chars[from..idx].iter().collect();
        let after: String = chars[idx + n_taken..to].iter().collect();
        let read: String = chars[idx..idx + n_taken].iter().collect();
        let new: String = new.iter().collect();
        let mut all = [0.0; 6];
        for (nth, middle) in [read, new].into_iter().enumerate() {
            let text = format!("{before}{middle}{after}");
            let simple = simplify(&text);
            let (start, end) = (before.len(), before.len() + middle.len());
            let mut word = (0, 0.0);
            let mut place = 0;
            for (at, _) in simple[..end.max(start)].char_indices().chain((start == end).then_some((start, ' '))) {
                // With nothing in the middle, what lies across the gap counts.
                let covers = |stop: usize| stop >= end && stop > start && at <= start && (start < end || at < start);
                for (n_bytes, frequency) in self.resources.lexicon.words_starting_at(&simple, at) {
                    if covers(at + n_bytes) && n_bytes > word.0 {
                        word = (n_bytes, frequency.bits());
                    }
                }
                for n_bytes in self.resources.gazetteer.names_starting_at(&simple, at) {
                    if covers(at + n_bytes) {
                        place = place.max(n_bytes);
                    }
                }
            }
            all[2 * nth] = (word.0 / 3) as f32;
            all[2 * nth + 1] = word.1 as f32;
            all[4 + nth] = (place / 3) as f32;
        }
        all
    }

    /// Evidence, in nats, that a paragraph ends with the passage and does not
    /// run on in the line `next`; 0 elsewhere than at its end.
    fn ends_like_paragraph(&self, idx: usize, next: &str) -> f32 {
        let chars = &self.reading.passage.chars;
        if idx < chars.len() || chars.last().is_some_and(|&c| is_sentence_end(c)) {
            return 0.0;
        }
        let from = chars.len().saturating_sub(CONTEXT_CHARS);
        let next: Vec<char> = next.chars().take(CONTEXT_CHARS).collect();
        let score = BoundaryModel::embedded().score(&chars[from..], &next);
        -if next.is_empty() { score.before } else { score.total() }
    }
}

/// A kind of line as a number.
fn number(kind: Option<Kind>) -> f32 {
    kind.and_then(|kind| Kind::ALL.iter().position(|&known| known == kind)).map_or(-1.0, |idx| idx as f32)
}

/// A symbol from this many bits on counts as surprising.
const OPEN_BITS: f32 = 9.0;

/// The kind of a change as a number.
fn code(change: Change, read: Option<char>) -> f32 {
    let han = |c: char| char_class(c) == CharClass::Han;
    let code = match (change, read) {
        (Change::Substitute(new), Some(read)) => match (han(read), han(new)) {
            (true, true) => 0,
            (true, false) => 1,
            (false, true) => 2,
            (false, false) => 3,
        },
        (Change::Insert(new), _) => 4 + u8::from(!han(new)),
        (Change::Delete, Some(read)) => match char_class(read) {
            CharClass::Han => 6,
            CharClass::Digit | CharClass::Latin => 8,
            _ => 7,
        },
        (Change::Merge(_), _) => 9,
        (Change::Split(..), _) => 10,
        (Change::Substitute(_) | Change::Delete, None) => 11,
    };
    f32::from(code)
}

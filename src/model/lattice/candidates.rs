use std::collections::HashMap;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use super::{Change, Decoder, Look, PageScript, Passage, Reading};
use crate::model::channel::{Chosen, Class, Place};
use crate::model::lm::{Id, LanguageModel, Neighbours, State};
use crate::text::{CharClass, char_class, is_han};

/// One way to go on from a place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Choice {
    /// `None`: as it was read.
    pub(super) change: Option<Change>,
    /// Characters of the passage it goes past: 1 or 2.
    pub(super) n_taken: usize,
    /// The symbols the language model sees.
    pub(super) put: [Id; 2],
    /// How many of them.
    pub(super) n_put: usize,
    /// Bits of the channel.
    pub(super) bits: f32,
}

/// Characters nearest in shape that may be look-alikes.
const N_IN_SHAPE: usize = 120;

/// Look-alikes of a character that are looked at.
const N_NEAREST: usize = 60;

/// The marks of running text, each in the form that the language model sees.
const MARKS: [char; 14] = ['，', '。', '、', '；', '：', '？', '！', '“', '”', '（', '）', '《', '》', '—'];

/// Lost characters weighed before a place.
const N_LOST: usize = 6;

/// Look-alikes that were looked up before: every page asks for the same ones
/// again. Shared by all threads; what is in it depends on the models alone.
#[derive(Debug, Default)]
pub struct LookAlikes {
    lists: RwLock<Lists>,
    simplified: OnceLock<Chosen>,
    traditional: OnceLock<Chosen>,
}

type Lists = HashMap<(char, PageScript), Arc<[LookAlike]>, foldhash::fast::FixedState>;

/// A character that may have been printed where another was read.
#[derive(Clone, Copy, Debug)]
struct LookAlike {
    c: char,
    id: Id,
    /// Bits the channel asks for it.
    channel: f32,
    /// How rare it is.
    alone: f32,
}

impl LookAlikes {
    /// The characters of a script that are likeliest to have been printed where
    /// `read` was read, for all that is known without the context, with their
    /// costs.
    fn of(&self, decoder: &Decoder<'_>, read: char, script: PageScript) -> Arc<[LookAlike]> {
        let key = (read, script);
        let known = self.lists.read().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        known.unwrap_or_else(|| {
            let found = look_alikes(decoder, self.chosen(decoder, script), read, script);
            self.lists.write().unwrap_or_else(PoisonError::into_inner).insert(key, Arc::clone(&found));
            found
        })
    }
}

impl LookAlikes {
    /// The characters that a page of a script may have, as far as the language
    /// model knows them.
    fn chosen(&self, decoder: &Decoder<'_>, script: PageScript) -> &Chosen {
        let lm = decoder.lm;
        let known = |c: char| lm.id(c) != Id::UNKNOWN && !is_locked(c);
        let choose = |keep: &dyn Fn(char) -> bool| decoder.channel.glyphs().choose(keep);
        match script {
            PageScript::Simplified => {
                self.simplified.get_or_init(|| choose(&|c| known(c) && (!is_han(c) || lm.symbol(lm.id(c)) == Some(c))))
            }
            PageScript::Traditional => self.traditional.get_or_init(|| choose(&known)),
        }
    }
}

/// The characters nearest in shape and those an engine was seen to confuse,
/// in the form of the page's script.
fn look_alikes(decoder: &Decoder<'_>, chosen: &Chosen, read: char, script: PageScript) -> Arc<[LookAlike]> {
    let (lm, channel) = (decoder.lm, decoder.channel);
    let near = channel.glyphs().nearest_of(chosen, read, N_IN_SHAPE).into_iter().map(|(c, _)| c);
    let mut all: Vec<char> = near
        .chain(channel.seen(read))
        .chain(channel.homophones(read))
        .map(|c| match lm.symbol(lm.id(c)) {
            Some(simple) if script == PageScript::Simplified && is_han(c) => simple,
            _ => c,
        })
        .filter(|&c| c != read && !is_locked(c) && lm.id(c) != Id::UNKNOWN)
        .collect();
    all.sort_unstable();
    all.dedup();
    let mut weighed: Vec<LookAlike> = all
        .into_iter()
        .map(|c| {
            let id = lm.id(c);
            LookAlike { c, id, channel: channel.cost(read, c), alone: lm.alone(id) }
        })
        .collect();
    weighed.sort_by(|a, b| (a.channel + a.alone).total_cmp(&(b.channel + b.alone)).then(a.c.cmp(&b.c)));
    weighed.truncate(if channel.sounds().is_some() { 2 * N_NEAREST } else { N_NEAREST });
    weighed.into()
}

/// The ways to go on from place `idx`: first as it was read, then the changes
/// that could be right, if any.
pub(super) fn choices(decoder: &Decoder<'_>, look_alikes: &LookAlikes, reading: &Reading<'_>, idx: usize, look: Look) -> Vec<Choice> {
    let as_read = as_read(decoder, reading, idx);
    let mut all = vec![as_read];
    let bits = |idx: usize| reading.surprise.bits.get(idx).copied().unwrap_or(0.0);
    let bound = as_read.bits + bits(idx) + bits(idx + 1) + decoder.tuning.contending_bits;
    let worth = |c: char| look == Look::All && !is_locked(c) || char_class(c) == CharClass::Punctuation;
    if let Some(&read) = reading.passage.chars.get(idx).filter(|&&read| worth(read) && !is_notation(reading.passage, idx)) {
        substitutes(decoder, &look_alikes.of(decoder, read, reading.script), reading, idx, bound, look, &mut all);
        // What goes makes the next one follow the one before.
        let spurious = decoder.channel.cost_spurious(read);
        let next = reading.passage.ids.get(idx + 1).copied().unwrap_or(Id::BOUNDARY);
        if spurious + decoder.lm.score(reading.surprise.states[idx], next).0 <= bound {
            all.push(Choice { change: Some(Change::Delete), n_put: 0, bits: spurious, ..as_read });
        }
        halves(decoder, reading.passage, idx, read, &mut all);
    }
    lost(decoder, reading, idx, as_read, look, &mut all);
    all
}

/// The way on that changes nothing.
pub(super) fn as_read(decoder: &Decoder<'_>, reading: &Reading<'_>, idx: usize) -> Choice {
    let id = reading.passage.ids.get(idx).copied().unwrap_or(Id::BOUNDARY);
    let bits = reading.passage.chars.get(idx).map_or(0.0, |&read| decoder.channel.cost_correct(read) + reading.passage.doubt[idx]);
    Choice { change: None, n_taken: 1, put: [id, id], n_put: 1, bits }
}

/// Digits, letters and numbers of every kind (①, ㈡, Ⅳ), which a language model
/// knows nothing about.
fn is_locked(c: char) -> bool {
    matches!(char_class(c), CharClass::Digit | CharClass::Latin) || !is_han(c) && c.is_numeric()
}

/// A mark that is part of a number or of a list rather than of a sentence: one
/// between digits, and one a line begins with.
fn is_notation(passage: &Passage, idx: usize) -> bool {
    let is_digit = |idx: Option<usize>| idx.and_then(|idx| passage.chars.get(idx)).is_some_and(|&c| is_locked(c));
    let is_mark = char_class(passage.chars[idx]) == CharClass::Punctuation;
    is_mark && (idx == 0 || is_digit(idx.checked_sub(1)) && is_digit(Some(idx + 1)))
}

/// A candidate with what it costs: the channel, the channel and the language
/// model at its own place, and both there and at the next.
#[derive(Clone, Copy)]
struct Candidate {
    c: char,
    id: Id,
    channel: f32,
    here: f32,
    both: f32,
}

/// A place with its neighbors, and what a candidate for it may cost.
struct Gap<'a> {
    lm: &'a LanguageModel,
    state: State,
    after: Id,
    pairs: Neighbours<'a>,
    /// Bits of the channel and both symbols that may not be exceeded.
    bound: f32,
    /// The same for the channel and the first symbol, where the next one may
    /// be wrong itself and has no say; below 0 where it has.
    unaided: f32,
    /// Candidates that are weighed in their whole context.
    n_weighed: usize,
    /// What the pairs on both sides tell: candidates that may be worth more.
    rough: Vec<Candidate>,
}

/// Bits that longer contexts may save over pairs.
const LONGER_CONTEXTS_BITS: f32 = 6.0;

/// What the channel asks for a character that is no look-alike, or was lost, at
/// the least.
const LEAST_FILLER_BITS: f32 = 8.0;

/// Fillers that the channel is asked for.
const N_FILLERS: usize = 24;

impl<'a> Gap<'a> {
    fn new(decoder: &Decoder<'a>, state: State, before: Id, after: Id, bound: f32, unaided: f32) -> Self {
        let (lm, n_weighed) = (decoder.lm, decoder.tuning.n_candidates);
        Self { lm, state, after, pairs: lm.neighbours(before, after), bound, unaided, n_weighed, rough: Vec::new() }
    }

    /// Takes a candidate in when pairs do not speak against it. `alone`: how
    /// rare it is.
    fn consider(&mut self, c: char, id: Id, channel: f32, alone: f32) {
        let here = channel + self.pairs.after_left(id, alone);
        if here > self.bound + LONGER_CONTEXTS_BITS {
            return;
        }
        let both = here + self.pairs.right_after(id);
        if both <= self.bound + LONGER_CONTEXTS_BITS || here <= self.unaided + LONGER_CONTEXTS_BITS {
            self.rough.push(Candidate { c, id, channel, here, both });
        }
    }

    /// Takes in what the language model knows between the neighbors.
    fn consider_fillers(&mut self, mut channel: impl FnMut(char) -> Option<f32>) {
        let (lm, pairs) = (self.lm, self.pairs);
        let most = self.bound + LONGER_CONTEXTS_BITS - LEAST_FILLER_BITS;
        let mut fillers: Vec<(f32, Id, f32)> = pairs
            .between()
            .filter_map(|id| {
                let alone = lm.alone(id);
                let bits = pairs.after_left(id, alone) + pairs.right_after(id);
                (bits <= most).then_some((bits, id, alone))
            })
            .collect();
        if fillers.len() > N_FILLERS {
            fillers.select_nth_unstable_by(N_FILLERS, |a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            fillers.truncate(N_FILLERS);
        }
        for (_, id, alone) in fillers {
            if let Some(c) = lm.symbol(id)
                && let Some(channel) = channel(c)
            {
                self.consider(c, id, channel, alone);
            }
        }
    }

    /// The candidates that the whole context speaks for, each once.
    fn weigh(mut self) -> Vec<Candidate> {
        let by = |key: fn(&Candidate) -> f32| move |a: &Candidate, b: &Candidate| key(a).total_cmp(&key(b)).then(a.c.cmp(&b.c));
        self.rough.sort_by(by(|candidate| candidate.both));
        self.rough.dedup_by_key(|candidate| candidate.c);
        if self.rough.len() > self.n_weighed {
            let mut others = self.rough.split_off(self.n_weighed);
            others.retain(|candidate| candidate.here <= self.unaided + LONGER_CONTEXTS_BITS);
            others.sort_by(by(|candidate| candidate.here));
            self.rough.extend(others.into_iter().take(self.n_weighed / 2));
        }
        let mut found = Vec::with_capacity(self.rough.len());
        for mut candidate in self.rough {
            let (bits, state) = self.lm.score(self.state, candidate.id);
            candidate.here = candidate.channel + bits;
            candidate.both = candidate.here + self.lm.surprise(state, self.after);
            if candidate.both <= self.bound || candidate.here <= self.unaided {
                found.push(candidate);
            }
        }
        found.sort_by(by(|candidate| candidate.both));
        found
    }
}

/// Adds the likeliest other characters in the place of `idx`, as far as they
/// cost no more than `bound`.
fn substitutes(
    decoder: &Decoder<'_>,
    look_alikes: &[LookAlike],
    reading: &Reading<'_>,
    idx: usize,
    bound: f32,
    look: Look,
    all: &mut Vec<Choice>,
) {
    let (lm, channel, passage) = (decoder.lm, decoder.channel, reading.passage);
    let read = passage.chars[idx];
    let own = lm.id(read);
    let before = idx.checked_sub(1).map_or(Id::BOUNDARY, |before| passage.ids[before]);
    let after = passage.ids.get(idx + 1).copied().unwrap_or(Id::BOUNDARY);
    // The next character may be wrong as well; then it says nothing.
    let next_is_open = look == Look::All && decoder.look(passage, reading.surprise, idx + 1) == Look::All;
    let unaided = if next_is_open { reading.surprise.bits[idx] + decoder.tuning.contending_bits } else { f32::NEG_INFINITY };
    let mut gap = Gap::new(decoder, reading.surprise.states[idx], before, after, bound, unaided);
    let cost = |c: char| (lm.id(c) != own && lm.id(c) != Id::UNKNOWN && !is_locked(c)).then(|| channel.cost(read, c));
    let mut consider = |c: char| {
        if let Some(channel) = cost(c) {
            gap.consider(c, lm.id(c), channel, lm.alone(lm.id(c)));
        }
    };
    if look == Look::Marks || char_class(read) == CharClass::Punctuation {
        MARKS.into_iter().for_each(&mut consider);
    }
    // What the page itself has there, and what the language model expects.
    reading.page.between(before, after).filter_map(|(id, _)| lm.symbol(id)).for_each(consider);
    if look == Look::All {
        gap.consider_fillers(cost);
        for &LookAlike { c, id, channel, alone } in look_alikes.iter().filter(|other| other.id != own) {
            gap.consider(c, id, channel, alone);
        }
    }
    let n = decoder.tuning.n_candidates;
    let mut found = gap.weigh();
    let mut chosen: Vec<Candidate> = found.iter().filter(|candidate| candidate.both <= bound).take(2 * n / 3).copied().collect();
    if next_is_open {
        found.retain(|candidate| candidate.here <= unaided && !chosen.iter().any(|other| other.c == candidate.c));
        found.sort_by(|a, b| a.here.total_cmp(&b.here).then(a.c.cmp(&b.c)));
        chosen.extend(found.into_iter().take(n - chosen.len()));
    }
    all.extend(chosen.into_iter().map(|Candidate { c, id, channel, .. }| Choice {
        change: Some(Change::Substitute(c)),
        n_taken: 1,
        put: [id, id],
        n_put: 1,
        bits: channel,
    }));
}

/// One character for two halves of it that were read, and two characters for
/// one, where an engine was seen to do so.
fn halves(decoder: &Decoder<'_>, passage: &Passage, idx: usize, read: char, all: &mut Vec<Choice>) {
    let (lm, channel) = (decoder.lm, decoder.channel);
    if let Some(&next) = passage.chars.get(idx + 1) {
        all.extend(channel.splits([read, next]).into_iter().take(2).map(|(c, bits)| {
            let id = lm.id(c);
            Choice { change: Some(Change::Merge(c)), n_taken: 2, put: [id, id], n_put: 1, bits }
        }));
    }
    all.extend(channel.merges(read).into_iter().take(2).map(|([a, b], bits)| Choice {
        change: Some(Change::Split(a, b)),
        n_taken: 1,
        put: [lm.id(a), lm.id(b)],
        n_put: 2,
        bits,
    }));
}

/// Adds the likeliest characters lost before place `idx`.
fn lost(decoder: &Decoder<'_>, reading: &Reading<'_>, idx: usize, as_read: Choice, look: Look, all: &mut Vec<Choice>) {
    let (lm, channel, passage) = (decoder.lm, decoder.channel, reading.passage);
    let class = |idx: Option<usize>| idx.and_then(|idx| passage.chars.get(idx)).map_or(Class::Break, |&c| Class::of(c));
    let place = Place { left: class(idx.checked_sub(1)), right: class(Some(idx)) };
    let at_end = idx == passage.len();
    let bound = if at_end { f32::INFINITY } else { reading.surprise.bits[idx] + decoder.tuning.contending_bits };
    let before = idx.checked_sub(1).map_or(Id::BOUNDARY, |before| passage.ids[before]);
    let after = as_read.put[0];
    let mut gap = Gap::new(decoder, reading.surprise.states[idx], before, after, bound, f32::NEG_INFINITY);
    let cost = |c: char| (!is_locked(c)).then(|| channel.cost_lost_at(c, place));
    let mut consider = |c: char| {
        if let Some(channel) = cost(c) {
            gap.consider(c, lm.id(c), channel, lm.alone(lm.id(c)));
        }
    };
    if at_end {
        // At the end of a passage only what ends sentences is worth a thought.
        consider('。');
    } else {
        MARKS.into_iter().for_each(&mut consider);
        if look == Look::All {
            reading.page.between(before, after).filter_map(|(id, _)| lm.symbol(id)).for_each(&mut consider);
            gap.consider_fillers(cost);
        }
    }
    let found = gap.weigh();
    all.extend(found.into_iter().take(N_LOST).map(|Candidate { c, id, channel, .. }| Choice {
        change: Some(Change::Insert(c)),
        put: [id, as_read.put[0]],
        n_put: 2,
        bits: channel + as_read.bits,
        ..as_read
    }));
}

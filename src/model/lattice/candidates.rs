use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use super::{Change, Decoder, Look, PageScript, Passage, Reading};
use crate::model::channel::{Class, Place};
use crate::model::lm::{Id, State};
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
const N_IN_SHAPE: usize = 200;

/// Look-alikes of a character that are looked at.
const N_NEAREST: usize = 60;

/// The marks of running text, each in the form that the language model sees.
const MARKS: [char; 14] = ['，', '。', '、', '；', '：', '？', '！', '“', '”', '（', '）', '《', '》', '—'];

/// Lost characters weighed before a place.
const N_LOST: usize = 6;

/// Look-alikes that were looked up before: every page asks for the same ones
/// again. Shared by all threads; what is in it depends on the models alone.
#[derive(Debug, Default)]
pub struct LookAlikes(RwLock<Lists>);

type Lists = HashMap<(char, PageScript), Arc<[(char, f32)]>, foldhash::fast::FixedState>;

impl LookAlikes {
    /// The characters of a script that are likeliest to have been printed where
    /// `read` was read, for all that is known without the context, with their
    /// costs.
    fn of(&self, decoder: &Decoder<'_>, read: char, script: PageScript) -> Arc<[(char, f32)]> {
        let key = (read, script);
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        known.unwrap_or_else(|| {
            let found = look_alikes(decoder, read, script);
            self.0.write().unwrap_or_else(PoisonError::into_inner).insert(key, Arc::clone(&found));
            found
        })
    }
}

/// The characters nearest in shape and those an engine was seen to confuse,
/// in the form of the page's script.
fn look_alikes(decoder: &Decoder<'_>, read: char, script: PageScript) -> Arc<[(char, f32)]> {
    let (lm, channel) = (decoder.lm, decoder.channel);
    let near = channel.glyphs().nearest(read, N_IN_SHAPE).into_iter().map(|(c, _)| c);
    let mut all: Vec<char> = near
        .chain(channel.seen(read))
        .map(|c| match lm.symbol(lm.id(c)) {
            Some(simple) if script == PageScript::Simplified && is_han(c) => simple,
            _ => c,
        })
        .filter(|&c| c != read && !is_locked(c) && lm.id(c) != Id::UNKNOWN)
        .collect();
    all.sort_unstable();
    all.dedup();
    let mut weighed: Vec<(f32, char, f32)> = all
        .into_iter()
        .map(|c| {
            let bits = channel.cost(read, c);
            (bits + lm.surprise(State::default(), lm.id(c)), c, bits)
        })
        .collect();
    weighed.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    weighed.into_iter().take(N_NEAREST).map(|(_, c, bits)| (c, bits)).collect()
}

/// Bits by which keeping what was read may beat the best change of a place for
/// the place still to be worth opening. What is beaten by more has less than a
/// hundredth of the ways even where the neighbors are wrong as well.
const CONTENDING_BITS: f32 = 10.0;

/// The ways to go on from place `idx`: first as it was read, then the changes
/// that could be right, if any.
pub(super) fn choices(decoder: &Decoder<'_>, look_alikes: &LookAlikes, reading: &Reading<'_>, idx: usize, look: Look) -> Vec<Choice> {
    let as_read = as_read(decoder, reading, idx);
    let mut all = vec![as_read];
    let bits = |idx: usize| reading.surprise.bits.get(idx).copied().unwrap_or(0.0);
    let bound = as_read.bits + bits(idx) + bits(idx + 1) + CONTENDING_BITS;
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
    let bits = reading.passage.chars.get(idx).map_or(0.0, |&read| decoder.channel.cost_correct(read));
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

/// Adds the likeliest other characters in the place of `idx`, as far as they
/// cost no more than `bound`.
fn substitutes(
    decoder: &Decoder<'_>,
    look_alikes: &[(char, f32)],
    reading: &Reading<'_>,
    idx: usize,
    bound: f32,
    look: Look,
    all: &mut Vec<Choice>,
) {
    let (lm, channel, passage) = (decoder.lm, decoder.channel, reading.passage);
    let read = passage.chars[idx];
    let here = lm.id(read);
    let state = reading.surprise.states[idx];
    let after = passage.ids.get(idx + 1).copied().unwrap_or(Id::BOUNDARY);
    let mut found: Vec<Candidate> = Vec::new();
    let mut weigh = |c: char, channel_bits: Option<f32>| {
        let id = lm.id(c);
        if id == here || id == Id::UNKNOWN || is_locked(c) {
            return;
        }
        let bits = lm.surprise(state, id);
        if bits >= bound {
            return;
        }
        let channel_bits = channel_bits.unwrap_or_else(|| channel.cost(read, c));
        let own = channel_bits + bits;
        if own < bound {
            let both = own + lm.surprise(lm.score(state, id).1, after);
            found.push(Candidate { c, id, channel: channel_bits, here: own, both });
        }
    };
    let marks = if look == Look::Marks || char_class(read) == CharClass::Punctuation { &MARKS[..] } else { &[] };
    for &c in marks {
        weigh(c, None);
    }
    let look_alikes = if look == Look::All { look_alikes } else { &[] };
    for &(c, bits) in look_alikes {
        weigh(c, Some(bits));
    }
    // What the page itself has there, and what the language model expects.
    let before = idx.checked_sub(1).map_or(Id::BOUNDARY, |before| passage.ids[before]);
    for c in reading.page.between(before, after).filter_map(|(id, _)| lm.symbol(id)) {
        weigh(c, None);
    }
    if look == Look::All {
        for c in lm.between(state, after).filter_map(|id| lm.symbol(id)) {
            weigh(c, None);
        }
    }
    let n = decoder.tuning.n_candidates;
    found.sort_by(|a, b| a.both.total_cmp(&b.both).then(a.c.cmp(&b.c)));
    found.dedup_by_key(|candidate| candidate.c);
    let likely = found.iter().filter(|candidate| candidate.both <= bound).take(2 * n / 3).copied();
    let mut chosen: Vec<Candidate> = likely.collect();
    // The next character may be wrong as well; then it says nothing.
    if look == Look::All && decoder.look(passage, reading.surprise, idx + 1) == Look::All {
        let unaided = reading.surprise.bits[idx] + CONTENDING_BITS;
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
    let state = reading.surprise.states[idx];
    let at_end = idx == passage.len();
    let bound = reading.surprise.bits[idx] + CONTENDING_BITS;
    let mut found: Vec<Candidate> = Vec::new();
    let mut weigh = |id: Id| {
        let Some(c) = lm.symbol(id).filter(|&c| !is_locked(c)) else { return };
        let channel = channel.cost_lost_at(c, place);
        let here = channel + lm.surprise(state, id);
        if at_end || here < bound {
            let both = here + lm.surprise(lm.score(state, id).1, as_read.put[0]);
            found.push(Candidate { c, id, channel, here, both });
        }
    };
    if at_end {
        // At the end of a passage only what ends sentences is worth a thought.
        weigh(lm.id('。'));
    } else {
        let before = idx.checked_sub(1).map_or(Id::BOUNDARY, |before| passage.ids[before]);
        MARKS.iter().for_each(|&c| weigh(lm.id(c)));
        if look == Look::All {
            reading.page.between(before, as_read.put[0]).for_each(|(id, _)| weigh(id));
            lm.between(state, as_read.put[0]).for_each(&mut weigh);
        }
        found.retain(|candidate| candidate.both <= bound);
    }
    found.sort_by(|a, b| a.both.total_cmp(&b.both).then(a.c.cmp(&b.c)));
    found.dedup_by_key(|candidate| candidate.c);
    all.extend(found.into_iter().take(N_LOST).map(|Candidate { c, id, channel, .. }| Choice {
        change: Some(Change::Insert(c)),
        put: [id, as_read.put[0]],
        n_put: 2,
        bits: channel + as_read.bits,
        ..as_read
    }));
}

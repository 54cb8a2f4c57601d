//! Two copies are two readings of one text. Where they differ, the copy that
//! stays takes over what only the other one read, or read better.

use std::ops::Range;

use super::copy::Side;
use super::judge::Case;
use super::landmark::starts_report;
use super::passage::{Passage, is_numeral};
use super::seeds::Run;
use super::stream::Stream;
use crate::document::{Layout, is_in_names};
use crate::finding::Edit;
use crate::lexicon::{Lexicon, simplify};
use crate::text::{Span, is_han};

/// Equal letters that make sure that what stands between two runs is the same
/// place of the text in both copies.
const ANCHOR_LETTERS: usize = 3;
/// Letters of a differing place that are compared; more is no misreading but
/// another text.
const MAX_LETTERS: usize = 60;
/// Equal letters on either side that are read together with a differing place.
const CONTEXT_LETTERS: usize = 3;
/// By how many bits the reading that goes must make better words than the one
/// that stays. On the measuring pages 47 of 48 readings taken so were better.
const MIN_GAIN_BITS: f64 = 5.0;
/// Letters that one copy has more than the other before they count as lost
/// there, not as read otherwise.
const MIN_LOST_LETTERS: usize = 6;
/// Surprise of a Han character, and of another letter, that is no word.
const UNKNOWN_HAN_BITS: f64 = 22.0;
const UNKNOWN_BITS: f64 = 10.0;
/// Characters on either side that tell whether a place is in a name.
const NEAR_CHARS: usize = 20;

/// The text, its lines and its letters: what a reading is taken from.
pub struct Page<'a> {
    /// The text.
    pub text: &'a str,
    /// Its lines.
    pub layout: &'a Layout,
    /// Its letters.
    pub stream: &'a Stream,
    /// The words readings are weighed by.
    pub lexicon: &'a Lexicon,
}

/// The edits that put the better readings of the copy that leaves into the
/// other one; sorted and disjoint, all on lines of the copy that stays.
pub fn better_readings(passage: &Passage, case: &Case, leaves: Side, page: &Page<'_>) -> Vec<Edit> {
    let lines = |side: Side| &case.bodies[side as usize].lines[..];
    let runs: Vec<Run> = passage
        .stretches
        .iter()
        .flat_map(|stretch| &stretch.equal)
        // From here on `a` is the copy that stays.
        .map(|run| if leaves == Side::B { *run } else { Run { a: run.b, b: run.a, len: run.len } })
        .collect();
    let mut edits: Vec<Edit> = page.lost_dateline(lines(leaves.other()), lines(leaves), &runs).into_iter().collect();
    let is_anchor = |run: &Run| run.len >= ANCHOR_LETTERS;
    let mut rest = &runs[runs.iter().position(is_anchor).unwrap_or(runs.len())..];
    while let Some((anchor, after)) = rest.split_first() {
        edits.extend(page.lost_marks(*anchor));
        let n_inner = after.iter().position(is_anchor).unwrap_or(after.len());
        if let Some(next) = after.get(n_inner) {
            edits.extend(page.readings_between(*anchor, &after[..n_inner], *next, lines(leaves)));
        }
        rest = &after[n_inner..];
    }
    edits.retain(|edit| page.is_within(edit.span, lines(leaves.other())) && !page.touches(edit.span, lines(leaves)));
    edits.sort_by_key(|edit| edit.span);
    edits.dedup_by(|next, edit| next.span.start < edit.span.end);
    edits
}

/// Letters between two anchors: equal ones, or a differing place.
struct Piece {
    /// Letters of the copy that stays.
    stays: Range<usize>,
    /// Letters of the copy that goes.
    goes: Range<usize>,
    /// The reading of the copy that goes is the better one.
    is_taken: bool,
}

impl Page<'_> {
    /// The places between two anchors that the copy that goes, on the lines
    /// `goes`, reads better.
    fn readings_between(&self, anchor: Run, inner: &[Run], next: Run, goes: &[usize]) -> Vec<Edit> {
        let start = (anchor.a + anchor.len, anchor.b + anchor.len);
        let (Some(n_stays), Some(n_goes)) = (next.a.checked_sub(start.0), next.b.checked_sub(start.1)) else { return Vec::new() };
        if n_stays.max(n_goes) > MAX_LETTERS || n_stays + n_goes == 0 {
            return Vec::new();
        }
        let is_lost = n_goes >= n_stays + MIN_LOST_LETTERS && n_goes >= 2 * n_stays;
        let mut pieces = if is_lost { pieces(start, &[], next) } else { pieces(start, inner, next) };
        let before = self.letters(start.0 - CONTEXT_LETTERS..start.0);
        let after = self.letters(next.a..next.a + CONTEXT_LETTERS);
        // As many letters in both: they stand for each other one by one, and
        // none is lost, whatever the alignment says.
        let is_even = n_stays == n_goes;
        // A place taken over may give the one beside it its word.
        for _ in 0..2 {
            for idx in 0..pieces.len() {
                let piece = &pieces[idx];
                let fits = !is_even || piece.stays.len() == piece.goes.len();
                if fits && !piece.is_taken && !piece.is_equal(self.stream) && !self.is_other_number(piece) {
                    let before = before.clone() + &self.current(&pieces[..idx]);
                    let after = self.current(&pieces[idx + 1..]) + &after;
                    pieces[idx].is_taken = self.reads_better(piece, &before, &after);
                }
            }
        }
        let taken = pieces.iter().filter(|piece| piece.is_taken);
        taken.filter_map(|piece| if is_lost { self.filled_in(piece, goes) } else { self.taken_over(piece, goes) }).collect()
    }

    /// The letters of `pieces`, each in its better reading.
    fn current(&self, pieces: &[Piece]) -> String {
        pieces.iter().map(|piece| self.letters(if piece.is_taken { piece.goes.clone() } else { piece.stays.clone() })).collect()
    }

    /// True when the copy that goes makes better words at `piece`, and more of
    /// it, by the average letter: what one copy lost would else cost it
    /// nothing.
    fn reads_better(&self, piece: &Piece, before: &str, after: &str) -> bool {
        if self.is_in_names(piece.stays.start) || self.n_stops(&piece.stays) > self.n_stops(&piece.goes) {
            return false;
        }
        let before = before.char_indices().rev().nth(CONTEXT_LETTERS - 1).map_or(before, |(at, _)| &before[at..]);
        let after: String = after.chars().take(CONTEXT_LETTERS).collect();
        let read = |letters: &Range<usize>| [before, &self.letters(letters.clone()), &after].concat();
        let (stays, goes) = (read(&piece.stays), read(&piece.goes));
        let (n_stays, n_goes) = (stays.chars().count() as f64, goes.chars().count() as f64);
        let (stays, goes) = (self.reading(&stays), self.reading(&goes));
        let gain = (stays.bits / n_stays - goes.bits / n_goes) * n_stays.max(n_goes);
        gain >= MIN_GAIN_BITS && goes.n_in_words as f64 / n_goes > stays.n_in_words as f64 / n_stays
    }

    /// True in the name of a person, of which no word list says how it is
    /// written.
    fn is_in_names(&self, letter: usize) -> bool {
        let at = self.stream.offset(letter);
        let shown = |c: &char| !c.is_whitespace();
        let mut near: Vec<char> = self.text[..at].chars().rev().filter(shown).take(NEAR_CHARS).collect();
        near.reverse();
        let idx = near.len();
        near.extend(self.text[at..].chars().filter(shown).take(NEAR_CHARS));
        is_in_names(&near, idx)
    }

    /// Stops inside `letters`: a reading with fewer of them lost some.
    fn n_stops(&self, letters: &Range<usize>) -> usize {
        let Some(last) = letters.clone().next_back() else { return 0 };
        self.text[self.stream.offset(letters.start)..self.stream.offset(last)].matches(['，', '、', '。', '；']).count()
    }

    /// True when the copies differ in a numeral, unless the place with it is
    /// missing altogether: which number was printed no word list knows.
    fn is_other_number(&self, piece: &Piece) -> bool {
        let numerals = |letters: &Range<usize>| -> Vec<u16> {
            self.stream.letters()[letters.clone()].iter().copied().filter(|&letter| is_numeral(letter)).collect()
        };
        let (stays, goes) = (numerals(&piece.stays), numerals(&piece.goes));
        let is_lost = stays.is_empty() && piece.goes.len() >= piece.stays.len() + MIN_LOST_LETTERS;
        stays != goes && !is_lost
    }

    /// The letters as they are printed.
    fn letters(&self, letters: Range<usize>) -> String {
        letters.filter_map(|idx| self.text[self.stream.offset(idx)..].chars().next()).collect()
    }

    /// `letters` cut into the likeliest words.
    fn reading(&self, letters: &str) -> Reading {
        let folded = simplify(letters);
        let mut least = vec![Reading { bits: f64::INFINITY, n_in_words: 0 }; folded.len() + 1];
        least[0].bits = 0.0;
        for (at, c) in folded.char_indices() {
            let here = least[at];
            let unknown = (c.len_utf8(), if is_han(c) { UNKNOWN_HAN_BITS } else { UNKNOWN_BITS });
            let words = self.lexicon.words_starting_at(&folded, at).map(|(n_bytes, frequency)| (n_bytes, frequency.bits()));
            for (n_bytes, bits) in words.chain([unknown]) {
                let end = &mut least[at + n_bytes];
                if here.bits + bits < end.bits {
                    let n_letters = folded[at..at + n_bytes].chars().count();
                    let in_words = if n_letters > 1 { n_letters } else { 0 };
                    *end = Reading { bits: here.bits + bits, n_in_words: here.n_in_words + in_words };
                }
            }
        }
        least[folded.len()]
    }

    /// What the copy that stays has at `piece` becomes what the other one has;
    /// the marks around it stay. `None` where the other reading is not all
    /// running text of the copy, whose lines are `goes`.
    fn taken_over(&self, piece: &Piece, goes: &[usize]) -> Option<Edit> {
        let letters = |letters: &Range<usize>| {
            let end = letters.clone().next_back().map(|last| self.end_of(last))?;
            Some(Span::new(self.stream.offset(letters.start), end))
        };
        match (letters(&piece.stays), letters(&piece.goes)) {
            (Some(own), Some(other)) if self.is_within(other, goes) => Some(Edit::replacement(own, self.like(own, other))),
            (Some(own), None) => Some(Edit::deletion(own)),
            (None, Some(_)) => self.filled_in(piece, goes),
            _ => None,
        }
    }

    /// The same for letters that the copy that stays lost: with the marks on
    /// both sides.
    fn filled_in(&self, piece: &Piece, goes: &[usize]) -> Option<Edit> {
        let span = |letters: &Range<usize>| Span::new(self.end_of(letters.start - 1), self.stream.offset(letters.end));
        let (own, other) = (span(&piece.stays), span(&piece.goes));
        if !self.is_within(other, goes) {
            return None;
        }
        let other = self.like(own, other);
        Some(if own.is_empty() { Edit::insertion(own.start, other) } else { Edit::replacement(own, other) })
    }

    /// The text of `other`, without its breaks where `own` has none.
    fn like(&self, own: Span, other: Span) -> String {
        let (own, other) = (own.of(self.text), other.of(self.text));
        if own.contains('\n') { other.to_owned() } else { on_one_line(other) }
    }

    /// The byte after letter `idx`.
    fn end_of(&self, idx: usize) -> usize {
        let at = self.stream.offset(idx);
        at + self.text[at..].chars().next().map_or(0, char::len_utf8)
    }

    /// Marks inside equal letters that only the copy that goes has: engines
    /// lose small marks, they do not make up 、 and 。.
    fn lost_marks(&self, equal: Run) -> impl Iterator<Item = Edit> + '_ {
        (0..equal.len - 1).filter_map(move |idx| {
            let own = Span::new(self.end_of(equal.a + idx), self.stream.offset(equal.a + idx + 1));
            let other = Span::new(self.end_of(equal.b + idx), self.stream.offset(equal.b + idx + 1)).of(self.text);
            (own.is_empty() && matches!(other, "，" | "、" | "。")).then(|| Edit::insertion(own.start, other))
        })
    }

    /// 本报讯（记者…） that only the copy that goes begins with.
    fn lost_dateline(&self, stays: &[usize], goes: &[usize], runs: &[Run]) -> Option<Edit> {
        let start = |lines: &[usize]| lines.first().map(|&line| self.layout.lines[line].span.start);
        let (own, other) = (start(stays)?, start(goes)?);
        let first_letter = |byte: usize| self.stream.range_of(Span::new(0, byte)).end;
        let (own_letter, other_letter) = (first_letter(own), first_letter(other));
        let anchor = runs.iter().find(|run| run.len >= ANCHOR_LETTERS && run.a >= own_letter && run.b >= other_letter)?;
        let (n_own, n_other) = (anchor.a - own_letter, anchor.b - other_letter);
        let own = Span::new(own, self.stream.offset(anchor.a));
        let other = Span::new(other, self.stream.offset(anchor.b));
        let is_lost = n_other >= n_own + MIN_LOST_LETTERS && n_other <= MAX_LETTERS && self.is_within(other, goes);
        let begins = |at: usize| self.layout.line_at(at).is_some_and(|line| starts_report(self.layout.line_text(self.text, line)));
        if !is_lost || !begins(other.start) || begins(own.start) {
            return None;
        }
        let head = on_one_line(other.of(self.text));
        Some(if own.is_empty() { Edit::insertion(own.start, head) } else { Edit::replacement(own, head) })
    }

    /// True when everything from the start of `span` to its end stands on one
    /// of `lines`.
    fn is_within(&self, span: Span, lines: &[usize]) -> bool {
        let ends = self.layout.line_at(span.start).zip(self.layout.line_at(span.end));
        ends.is_some_and(|(first, last)| (first..=last).all(|line| lines.contains(&line)))
    }

    /// True when `span` reaches into one of `lines`.
    fn touches(&self, span: Span, lines: &[usize]) -> bool {
        lines.iter().any(|&line| {
            let own = self.layout.lines[line].span;
            own.start <= span.end && span.start <= own.end
        })
    }
}

/// How letters read.
#[derive(Clone, Copy)]
struct Reading {
    /// Surprise of the words, in bits.
    bits: f64,
    /// Letters in words of several letters.
    n_in_words: usize,
}

impl Piece {
    fn is_equal(&self, stream: &Stream) -> bool {
        stream.letters()[self.stays.clone()] == stream.letters()[self.goes.clone()]
    }
}

/// The letters from `start` to `next`, cut at the runs between.
fn pieces(start: (usize, usize), inner: &[Run], next: Run) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut at = start;
    for run in inner.iter().copied().chain([Run { len: 0, ..next }]) {
        let after = (run.a + run.len, run.b + run.len);
        for (stays, goes) in [(at.0..run.a, at.1..run.b), (run.a..after.0, run.b..after.1)] {
            if !stays.is_empty() || !goes.is_empty() {
                pieces.push(Piece { stays, goes, is_taken: false });
            }
        }
        at = after;
    }
    pieces
}

/// `text` without breaks.
fn on_one_line(text: &str) -> String {
    if text.contains('\n') { text.split_whitespace().collect() } else { text.to_owned() }
}

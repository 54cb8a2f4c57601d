//! `lexicon`: terms that stand in the text with a character or two misread.
//!
//! The distance is an edit distance in which a substitution by a look-alike
//! costs half. A term is cut into one more piece than it may have edits, so
//! that one piece always stands unharmed; the pieces are what the automaton
//! looks for, and only around them is anything compared.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Deserialize;
use toml::Spanned;

use super::{About, Kind, place};
use crate::finding::{Message, Safety};
use crate::rules::error::RuleErrorKind;
use crate::rules::look_alikes::LookAlikes;
use crate::rules::program::{Found, Hit, Matcher, Page, Trigger};
use crate::rules::raw::fields_of;
use crate::rules::read::{Problems, Table};
use crate::rules::sides::{RawSides, Sides};
use crate::text::Span;

pub(super) const KIND: Kind = Kind { name: "lexicon", keys: fields_of::<RawLexicon>, check };

/// Cost of reading a character as one that looks like it; any other edit
/// costs 1.
const LOOK_ALIKE_COST: f64 = 0.5;
/// The rule's confidence is multiplied by this for a substitution between
/// characters that do not look alike, and by the next for a lost or added
/// one. An author's order of trust, not measured; such fixes are never
/// automatic.
const CERTAINTY_UNLIKE: f64 = 0.8;
const CERTAINTY_LENGTH: f64 = 0.7;
/// Edits beyond which a term is no longer recognized, whatever they cost.
const MAX_EDITS: usize = 2;
/// Triggers carry the term and the piece in one number.
const MAX_PIECES: usize = MAX_EDITS + 1;

/// The body as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLexicon {
    terms: Spanned<Vec<Spanned<String>>>,
    max_distance: Option<Spanned<f64>>,
    edits: Option<Spanned<String>>,
    #[serde(default)]
    context: RawSides,
}

/// Which edits count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Edits {
    /// One character for another.
    Substitution,
    /// Also a lost or an added one.
    Any,
}

#[derive(Debug)]
struct Terms {
    terms: Vec<Term>,
    /// All terms, to know them when they stand unharmed.
    known: BTreeSet<Vec<char>>,
    max_cost: f64,
    edits: Edits,
    sides: Sides,
    look_alikes: Arc<LookAlikes>,
}

#[derive(Debug)]
struct Term {
    text: String,
    chars: Vec<char>,
    /// Start and length of the pieces, in code points.
    pieces: Vec<(usize, usize)>,
}

fn check(body: Table<'_>, about: &About<'_>, problems: &mut Problems<'_>) -> Option<Box<dyn Matcher>> {
    let before = problems.len();
    let raw: RawLexicon = body.read(&place("lexicon"), problems)?;
    let max_cost = raw.max_distance.as_ref().map_or(1.0, |cost| *cost.get_ref());
    if !(LOOK_ALIKE_COST..=2.0).contains(&max_cost) {
        let span = raw.max_distance.as_ref().map_or(0..0, Spanned::span);
        problems.bad_value(
            span,
            Message::new(
                format!("max_distance 是 {max_cost}，应在 0.5 到 2 之间"),
                format!("max_distance is {max_cost}, expected 0.5 to 2"),
            ),
            Message::new("0.5 是一个形近字，1 是任意一个字", "0.5 is one look-alike, 1 is any one character"),
        );
    }
    let edits = match raw.edits.as_ref().map(|edits| (edits.get_ref().as_str(), edits.span())) {
        None | Some(("substitution", _)) => Edits::Substitution,
        Some(("any", _)) => Edits::Any,
        Some((other, span)) => {
            let valid = vec!["substitution".to_owned(), "any".to_owned()];
            problems.push(span, RuleErrorKind::UnknownValue { value: other.to_owned(), key: "edits", valid });
            return None;
        }
    };
    let max_edits = ((max_cost / LOOK_ALIKE_COST) as usize).min(MAX_EDITS);
    let terms: Vec<Term> = raw.terms.get_ref().iter().filter_map(|term| Term::check(term, max_edits, problems)).collect();
    if raw.terms.get_ref().is_empty() {
        problems.push(raw.terms.span(), RuleErrorKind::MissingKey { key: "terms" });
    }
    let sides = raw.context.check("terms", raw.terms.span(), problems)?;
    let known = terms.iter().map(|term| term.chars.clone()).collect();
    let look_alikes = Arc::clone(about.look_alikes);
    (problems.len() == before).then(|| Box::new(Terms { terms, known, max_cost, edits, sides, look_alikes }) as Box<dyn Matcher>)
}

impl Term {
    fn check(term: &Spanned<String>, max_edits: usize, problems: &mut Problems<'_>) -> Option<Self> {
        let text = term.get_ref().clone();
        let chars: Vec<char> = text.chars().collect();
        let n_pieces = max_edits + 1;
        if chars.len() < 2 * n_pieces || chars.iter().any(|c| c.is_whitespace()) {
            problems.bad_value(
                term.span(),
                Message::new(
                    format!("「{text}」不足 {} 个字，容错 {max_edits} 个字就会认错别的词", 2 * n_pieces),
                    format!("「{text}」 has fewer than {} characters; with {max_edits} edits it would match other words", 2 * n_pieces),
                ),
                Message::new(
                    "换更长的词，减小 max_distance，或写进 confusion 规则",
                    "take a longer term, a smaller max_distance, or a confusion rule",
                ),
            );
            return None;
        }
        let bound = |piece: usize| piece * chars.len() / n_pieces;
        let pieces = (0..n_pieces).map(|piece| (bound(piece), bound(piece + 1) - bound(piece))).collect();
        Some(Self { text, chars, pieces })
    }
}

impl Matcher for Terms {
    fn triggers(&self) -> Vec<Trigger> {
        let mut triggers = Vec::new();
        for (term_idx, term) in self.terms.iter().enumerate() {
            for (piece_idx, &(start, length)) in term.pieces.iter().enumerate() {
                let text = term.chars[start..start + length].iter().collect();
                triggers.push(Trigger { text, payload: term_idx * MAX_PIECES + piece_idx });
            }
        }
        triggers
    }

    fn visit(&self, hit: Hit, page: &Page<'_>, out: &mut Vec<Found>) -> usize {
        let term = &self.terms[hit.payload / MAX_PIECES];
        let (offset, _) = term.pieces[hit.payload % MAX_PIECES];
        let n_chars = term.chars.len();
        if let Some(window) = window(page.text, hit.span.start, offset, n_chars) {
            match self.substitutions(term, window.of(page.text)) {
                Some(0) => return 0,
                Some(n_unlike) => return self.found(window, term, n_unlike > 1, page, out),
                None => {}
            }
        }
        if self.edits == Edits::Any && self.max_cost >= 1.0 {
            // The character was lost or added right of the piece, or left.
            for (offset, length) in
                [(offset, n_chars - 1), (offset, n_chars + 1), (offset.wrapping_sub(1), n_chars - 1), (offset + 1, n_chars + 1)]
            {
                if let Some(window) =
                    window(page.text, hit.span.start, offset, length).filter(|window| one_edit(term, window.of(page.text)))
                {
                    let mut found = Found::fixed_string(page.text, window, &term.text);
                    found.certainty = CERTAINTY_LENGTH;
                    found.at_most = Safety::Suggested;
                    self.push(found, page, out);
                    break;
                }
            }
        }
        0
    }
}

impl Terms {
    /// How `observed`, of the length of `term`, differs from it: `Some(0)` not
    /// at all, `Some(1)` by look-alikes only, `Some(2)` otherwise; `None`
    /// where it differs too much or is another term.
    fn substitutions(&self, term: &Term, observed: &str) -> Option<u8> {
        let mut cost = 0.0;
        let mut n_edits = 0;
        let mut sort = 0;
        for (seen, &printed) in observed.chars().zip(&term.chars) {
            if seen != printed {
                let alike = self.look_alikes.holds(seen, printed);
                cost += if alike { LOOK_ALIKE_COST } else { 1.0 };
                n_edits += 1;
                sort = sort.max(if alike { 1 } else { 2 });
                if cost > self.max_cost || n_edits > MAX_EDITS {
                    return None;
                }
            }
        }
        let is_other = sort > 0 && self.known.contains(&observed.chars().collect::<Vec<char>>());
        (!is_other).then_some(sort)
    }

    fn found(&self, window: Span, term: &Term, unlike: bool, page: &Page<'_>, out: &mut Vec<Found>) -> usize {
        let mut found = Found::fixed_string(page.text, window, &term.text);
        if unlike {
            found.certainty = CERTAINTY_UNLIKE;
            found.at_most = Safety::Suggested;
        }
        self.push(found, page, out);
        0
    }

    fn push(&self, found: Found, page: &Page<'_>, out: &mut Vec<Found>) {
        if self.sides.allow(page.text, found.span.start, found.span.end) {
            out.push(found);
        }
    }
}

/// The `n_chars` code points of one line that begin `offset` code points
/// before byte `at`; `None` where the line is too short.
fn window(text: &str, at: usize, offset: usize, n_chars: usize) -> Option<Span> {
    let start = match offset {
        0 => at,
        usize::MAX => at + text[at..].chars().next()?.len_utf8(),
        _ => text[..at].char_indices().rev().nth(offset - 1)?.0,
    };
    let (last, c) = text[start..].char_indices().nth(n_chars - 1)?;
    let span = Span::new(start, start + last + c.len_utf8());
    (!span.of(text).contains(['\n', '\r'])).then_some(span)
}

/// True when `observed` is `term` with one character lost or added inside:
/// the first and the last still stand, else it is another phrase.
fn one_edit(term: &Term, observed: &str) -> bool {
    let observed: Vec<char> = observed.chars().collect();
    observed.first() == term.chars.first()
        && observed.last() == term.chars.last()
        && strsim::generic_levenshtein(&observed, &term.chars) == 1
}

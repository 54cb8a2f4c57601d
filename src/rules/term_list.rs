//! The terms of a `lexicon` rule: where each stands in the text they were
//! written in, an index of the whole terms, and, where they are many, one of
//! their pieces. Nothing is held for a single term but its place.

use std::sync::Arc;

use toml::Spanned;

use super::SourceFile;
use super::compiled::{Compiled, part_of, u32_at};
use super::host::Key;
use super::index::{self, Index};
use super::look_alikes::lines_of;
use super::program::Trigger;
use super::read::Problems;
use super::rule::digest_of;
use crate::finding::Message;
use crate::text::Span;

/// Edits beyond which a term is no longer recognized, whatever they cost.
pub(crate) const MAX_EDITS: usize = 2;
/// Postings carry the term and the piece in one number.
const MAX_PIECES: usize = MAX_EDITS + 1;

/// Terms, ready to be looked for.
#[derive(Debug)]
pub(crate) struct TermList {
    text: Arc<str>,
    n_pieces: usize,
    /// Starts and ends in `text`; an index of the terms; one of their pieces,
    /// empty where the automaton of the phase looks for them; a digest of the
    /// terms.
    compiled: Compiled,
}

const PLACES: usize = 0;
const TERMS: usize = 1;
const PIECES: usize = 2;
const DIGEST: usize = 3;

/// A piece of a term.
pub(crate) struct Piece<'l> {
    /// The term.
    pub term: &'l str,
    /// Characters before the piece.
    pub offset: usize,
    /// The piece.
    pub text: &'l str,
}

impl TermList {
    /// The terms of a rule and those in its file, one a line; `None` when one
    /// is wrong (told). With `n_pieces` pieces a term may have one edit fewer.
    pub fn read(terms: &[Spanned<String>], file: Option<&SourceFile>, n_pieces: usize, problems: &mut Problems<'_>) -> Option<Self> {
        let before = problems.len();
        for term in terms {
            if let Some((message, advice)) = wrong(term.get_ref(), n_pieces) {
                problems.bad_value(term.span(), message, advice);
            }
        }
        let listed = file.map_or("", |file| file.text.as_str());
        let written = terms.iter().map(|term| term.get_ref().as_str()).collect::<Vec<_>>();
        let text: Arc<str> = if written.is_empty() { Arc::from(listed) } else { Arc::from(format!("{}\n{listed}", written.join("\n"))) };
        if u32::try_from(text.len()).is_err() {
            super::pack::list_too_large(file.unwrap_or(problems.file()), problems);
        }
        if problems.len() > before {
            return None;
        }
        let means = problems.means();
        let is_large = terms.len() + memchr::memchr_iter(b'\n', listed.as_bytes()).count() >= means.large;
        let mut make = || {
            let places = places(&written, file, text.len() - listed.len(), n_pieces, problems);
            (problems.len() == before).then(|| compile(&text, &places, n_pieces, is_large))
        };
        let compiled = if is_large {
            let written = written.iter().fold(Key::new("terms").with(&n_pieces.to_le_bytes()), |key, term| key.with(term.as_bytes()));
            means.compiled(&written.with(listed.as_bytes()).name(), make)
        } else {
            make().map(|parts| Compiled::new("", &parts))
        };
        Some(Self { text, n_pieces, compiled: compiled? })
    }

    /// True when there is none.
    pub fn is_empty(&self) -> bool {
        self.compiled.part(PLACES).is_empty()
    }

    /// A digest of the terms.
    pub fn digest(&self) -> String {
        String::from_utf8_lossy(self.compiled.part(DIGEST)).into_owned()
    }

    /// True when it looks for its pieces itself.
    pub fn has_own_index(&self) -> bool {
        !self.compiled.part(PIECES).is_empty()
    }

    /// True when `text` is one of the terms.
    pub fn contains(&self, text: &str) -> bool {
        let index = Index::open(self.compiled.part(TERMS));
        index.is_some_and(|index| index.candidates(text).any(|idx| self.term(idx) == Some(text)))
    }

    /// The pieces to look for, where they are not so many that the list does
    /// it itself.
    pub fn triggers(&self) -> Vec<Trigger> {
        if self.has_own_index() {
            return Vec::new();
        }
        let n_terms = self.compiled.part(PLACES).len() / 8;
        let payloads = (0..n_terms).flat_map(|term| (0..self.n_pieces).map(move |piece| term * MAX_PIECES + piece));
        payloads.filter_map(|payload| Some(Trigger { text: self.piece(payload)?.text.to_owned(), payload })).collect()
    }

    /// Where pieces stand in `text`, with their payloads, in the order in
    /// which an automaton tells of them: by their end, longer ones first.
    pub fn search(&self, text: &str) -> Vec<(Span, usize)> {
        let Some(index) = Index::open(self.compiled.part(PIECES)) else { return Vec::new() };
        let mut hits = Vec::new();
        index.search(text, |start, end, payload| {
            let payload = payload as usize;
            if self.piece(payload).is_some_and(|piece| piece.text == &text[start..end]) {
                hits.push((end, start, payload));
            }
        });
        hits.sort_unstable();
        hits.into_iter().map(|(end, start, payload)| (Span::new(start, end), payload)).collect()
    }

    /// The piece with this payload.
    pub fn piece(&self, payload: usize) -> Option<Piece<'_>> {
        let term = self.term(u32::try_from(payload / MAX_PIECES).ok()?)?;
        let (offset, text) = piece(term, payload % MAX_PIECES, self.n_pieces);
        Some(Piece { term, offset, text })
    }

    fn term(&self, idx: u32) -> Option<&str> {
        let places = self.compiled.part(PLACES);
        let place = u32_at(places, 2 * idx as usize)? as usize..u32_at(places, 2 * idx as usize + 1)? as usize;
        self.text.get(place)
    }
}

/// Where the terms stand: those that were written in the rule, each in a line,
/// and behind them those of the file, from byte `offset` on.
#[allow(clippy::cast_possible_truncation)]
fn places(written: &[&str], file: Option<&SourceFile>, offset: usize, n_pieces: usize, problems: &mut Problems<'_>) -> Vec<(u32, u32)> {
    let mut at = 0;
    let mut places = Vec::new();
    for term in written {
        places.push((at as u32, (at + term.len()) as u32));
        at += term.len() + 1;
    }
    let Some(file) = file else { return places };
    let before = problems.len();
    for (start, term) in lines_of(&file.text) {
        if let Some((message, advice)) = wrong(term, n_pieces) {
            problems.bad_line(file, start..start + term.len(), message, advice);
            if problems.is_enough(before) {
                break;
            }
        }
        places.push(((offset + start) as u32, (offset + start + term.len()) as u32));
    }
    places
}

#[allow(clippy::cast_possible_truncation)]
fn compile(text: &str, places: &[(u32, u32)], n_pieces: usize, is_large: bool) -> Vec<Vec<u8>> {
    let term = |&(start, end): &(u32, u32)| &text[start as usize..end as usize];
    let pieces = places.iter().enumerate().flat_map(|(term_idx, place)| {
        (0..n_pieces).map(move |piece_idx| (piece(term(place), piece_idx, n_pieces).1, (term_idx * MAX_PIECES + piece_idx) as u32))
    });
    // Terms as long as passages are left to the automaton.
    let pieces = is_large.then(|| index::build(pieces)).flatten();
    vec![
        part_of(places.iter().flat_map(|&(start, end)| [start, end])),
        index::build_whole(places.iter().map(term).zip(0u32..)),
        pieces.unwrap_or_default(),
        digest_of(places.iter().map(|place| Some(term(place)))).into_bytes(),
    ]
}

/// The `idx`-th of `n_pieces` pieces of `term`, and how many characters stand
/// before it.
fn piece(term: &str, idx: usize, n_pieces: usize) -> (usize, &str) {
    let n_chars = term.chars().count();
    let (start, end) = (idx * n_chars / n_pieces, (idx + 1) * n_chars / n_pieces);
    let mut bounds = term.char_indices().map(|(at, _)| at).chain([term.len()]);
    let from = bounds.nth(start).unwrap_or(term.len());
    let to = if end == start { from } else { bounds.nth(end - start - 1).unwrap_or(term.len()) };
    (start, &term[from..to])
}

/// What is wrong with a term, and what to do.
fn wrong(term: &str, n_pieces: usize) -> Option<(Message, Message)> {
    let (least, max_edits) = (2 * n_pieces, n_pieces - 1);
    let is_good = term.chars().count() >= least && !term.contains(char::is_whitespace);
    (!is_good).then(|| {
        (
            Message::new(
                format!("「{term}」不足 {least} 个字，容错 {max_edits} 个字就会认错别的词"),
                format!("「{term}」 has fewer than {least} characters; with {max_edits} edits it would match other words"),
            ),
            Message::new(
                "换更长的词，减小 max_distance，或写进 confusion 规则",
                "take a longer term, a smaller max_distance, or a confusion rule",
            ),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_the_whole_term_in_order() {
        for (term, n_pieces) in [("医疗保险", 2), ("居民委员会", 2), ("住房公积金管理", 3), ("a医b疗c", 2)] {
            let all: Vec<(usize, &str)> = (0..n_pieces).map(|idx| piece(term, idx, n_pieces)).collect();
            assert_eq!(all.iter().map(|(_, text)| *text).collect::<String>(), term);
            let mut before = 0;
            for (offset, text) in all {
                assert_eq!(offset, before);
                before += text.chars().count();
            }
        }
    }
}

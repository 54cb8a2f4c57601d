//! `lexicon`: terms that stand in the text with a character or two misread.
//!
//! The distance is an edit distance in which a substitution by a look-alike
//! costs half. A term is cut into one more piece than it may have edits, so
//! that one piece always stands unharmed; the pieces are what the automaton
//! looks for, and only around them is anything compared. Many terms stand in a
//! file of their own, one a line, and have an index of their own.

use std::sync::Arc;

use serde::Deserialize;
use toml::Spanned;

use super::{About, Kind, place};
use crate::finding::{Message, Safety};
use crate::rules::SourceFile;
use crate::rules::error::RuleErrorKind;
use crate::rules::look_alikes::LookAlikes;
use crate::rules::program::{Found, Hit, Matcher, Page, Trigger};
use crate::rules::raw::fields_of;
use crate::rules::read::{Problems, Table};
use crate::rules::sides::{RawSides, Sides};
use crate::rules::term_list::{MAX_EDITS, Piece, TermList};
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

/// The body as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLexicon {
    terms: Option<Spanned<Vec<Spanned<String>>>>,
    terms_file: Option<Spanned<String>>,
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
    list: TermList,
    /// Whether the list stands in a file.
    is_filed: bool,
    max_cost: f64,
    edits: Edits,
    sides: Sides,
    look_alikes: Arc<LookAlikes>,
}

fn check(body: Table<'_>, about: &About<'_>, problems: &mut Problems<'_>) -> Option<Box<dyn Matcher>> {
    let before = problems.len();
    let whole = body.span.clone();
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
    let span = match (&raw.terms, &raw.terms_file) {
        (Some(terms), _) => terms.span(),
        (None, Some(name)) => name.span(),
        (None, None) => {
            problems.bad_value(
                whole,
                Message::new("lexicon 类规则要有 terms 或 terms_file", "a rule of kind lexicon has terms or terms_file"),
                Message::new(
                    "词写在 terms 里；词多的，一行一个写进文件，在 terms_file 里写文件名",
                    "write the terms in terms, or many of them one a line into a file, and its name in terms_file",
                ),
            );
            return None;
        }
    };
    let file = match &raw.terms_file {
        Some(name) => Some(list_file(name, about.files, problems)?),
        None => None,
    };
    let terms = raw.terms.as_ref().map_or(&[][..], |terms| terms.get_ref());
    let list = TermList::read(terms, file, max_edits + 1, problems);
    if list.as_ref().is_some_and(TermList::is_empty) {
        match &raw.terms_file {
            None => problems.push(span.clone(), RuleErrorKind::MissingKey { key: "terms" }),
            Some(name) => problems.bad_value(
                name.span(),
                Message::new(format!("「{}」里一个词也没有", name.get_ref()), format!("`{}` holds no term", name.get_ref())),
                Message::new("一行写一个词", "write one term a line"),
            ),
        }
    }
    let sides = raw.context.check("terms", span, problems)?;
    let (list, look_alikes) = (list?, Arc::clone(about.look_alikes));
    let is_filed = file.is_some();
    (problems.len() == before).then(|| Box::new(Terms { list, is_filed, max_cost, edits, sides, look_alikes }) as Box<dyn Matcher>)
}

/// The file of the pack that `terms_file` names; `None` when there is none
/// (told).
fn list_file<'a>(name: &Spanned<String>, files: &'a [SourceFile], problems: &mut Problems<'_>) -> Option<&'a SourceFile> {
    let wanted = name.get_ref().as_str();
    if wanted.contains(['/', '\\', ':']) {
        problems.bad_value(
            name.span(),
            Message::new(format!("「{wanted}」不在规则包的文件夹里"), format!("`{wanted}` does not lie in the folder of the pack")),
            Message::new("词表放在 pack.toml 旁边，只写文件名", "put the list beside pack.toml and write its name only"),
        );
        return None;
    }
    let lists = || files.iter().map(SourceFile::name).filter(|name| name.ends_with(".txt"));
    let found = files.iter().find(|file| file.name() == wanted && wanted.ends_with(".txt"));
    if found.is_none() {
        let valid = lists().map(str::to_owned).collect();
        problems.push(name.span(), RuleErrorKind::NoSuchFile { name: wanted.to_owned(), valid });
    }
    found
}

impl Matcher for Terms {
    fn triggers(&self) -> Vec<Trigger> {
        self.list.triggers()
    }

    fn has_own_index(&self) -> bool {
        self.list.has_own_index()
    }

    fn list_digest(&self) -> Option<String> {
        self.is_filed.then(|| self.list.digest())
    }

    fn visit_page(&self, page: &Page<'_>, out: &mut Vec<Found>) {
        for (span, payload) in self.list.search(page.text) {
            self.visit(Hit { payload, span }, page, out);
        }
    }

    fn visit(&self, hit: Hit, page: &Page<'_>, out: &mut Vec<Found>) -> usize {
        let Some(Piece { term, offset, .. }) = self.list.piece(hit.payload) else { return 0 };
        let n_chars = term.chars().count();
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
                    let mut found = Found::fixed_string(page.text, window, term);
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
    fn substitutions(&self, term: &str, observed: &str) -> Option<u8> {
        let mut cost = 0.0;
        let mut n_edits = 0;
        let mut sort = 0;
        for (seen, printed) in observed.chars().zip(term.chars()) {
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
        let is_other = sort > 0 && self.list.contains(observed);
        (!is_other).then_some(sort)
    }

    fn found(&self, window: Span, term: &str, unlike: bool, page: &Page<'_>, out: &mut Vec<Found>) -> usize {
        let mut found = Found::fixed_string(page.text, window, term);
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
fn one_edit(term: &str, observed: &str) -> bool {
    let (observed, term): (Vec<char>, Vec<char>) = (observed.chars().collect(), term.chars().collect());
    observed.first() == term.first() && observed.last() == term.last() && strsim::generic_levenshtein(&observed, &term) == 1
}

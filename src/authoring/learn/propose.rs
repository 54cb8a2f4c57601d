use std::collections::{BTreeMap, BTreeSet};

use super::evidence::{self, ByClass, Counts, Form};
use super::{Learner, Limits, Witness};
use crate::authoring::{Draft, free_id};
use crate::finding::{Message, Safety};
use crate::rules::Status;
use crate::text::{Span, is_han};

/// Examples of a proposal, of each sort.
const MAX_EXAMPLES: usize = 3;
/// Characters of an example on either side of the place.
const EXAMPLE_CHARS: usize = 10;
/// Places from which on a rule by classes of neighbors is tried: it reaches
/// farther than what was seen.
const CLASS_SUPPORT: usize = 12;
/// Share of the places between two classes of neighbors that must have been
/// corrected so; the others were mostly other errors.
const CLASS_SHARE: f64 = 0.97;
/// Texts in which a mark must be corrected so beside given characters: marks
/// are taken for one another in more ways than characters.
const MARK_TEXTS: usize = 4;
/// Times more places are asked of such a form.
const MARK_FACTOR: usize = 3;
/// Times more places are asked of a form of which the word list knows nothing.
const UNKNOWN_FACTOR: usize = 2;
/// Places from which on a proposal may be automatic, when nothing spoke
/// against it.
const AUTOMATIC_SUPPORT: usize = 20;

/// Places, by witness and byte.
type Places = BTreeSet<(usize, usize)>;

/// A proposed rule with what speaks for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposal {
    /// The rule.
    pub draft: Draft,
    /// Places at which people made this correction.
    pub support: usize,
    /// Texts with such a place.
    pub texts: usize,
    /// Places at which the changed characters stand and were left alone, in
    /// other contexts.
    pub elsewhere: usize,
}

pub(super) fn propose(learner: &Learner, limits: Limits, pack: &str, taken: impl Fn(&str) -> bool) -> Vec<Proposal> {
    let witnesses = &learner.witnesses;
    let forms = evidence::forms(witnesses, limits.min_support);
    let mut by_change: BTreeMap<(String, String), Vec<(&Form, &Counts)>> = BTreeMap::new();
    for (form, counts) in &forms {
        by_change.entry(core_of(form)).or_default().push((form, counts));
    }
    let mut drafts: Vec<(Draft, BTreeSet<(usize, usize)>)> = Vec::new();
    for (change, sites) in evidence::by_change(witnesses) {
        let texts =
            |places: &BTreeSet<(usize, usize)>| places.iter().map(|&(idx, _)| witnesses[idx].text_idx).collect::<BTreeSet<_>>().len();
        let mut covered = BTreeSet::new();
        for (draft, places) in by_classes(witnesses, &change, &sites) {
            covered.extend(places.iter().copied());
            drafts.push((draft, places));
        }
        let mut chosen: Vec<(&Form, BTreeSet<(usize, usize)>)> = Vec::new();
        let mut candidates = by_change.remove(&change).unwrap_or_default();
        // The most general first; what it covers needs no longer form.
        candidates.sort_by(|(a, x), (b, y)| (a.n_context, y.places.len(), a).cmp(&(b.n_context, x.places.len(), b)));
        for (form, counts) in candidates {
            // A place is named by its change, not by where a form begins.
            let places: BTreeSet<(usize, usize)> = counts.places.iter().map(|&(idx, at)| (idx, at + shared_prefix(form))).collect();
            let left: BTreeSet<_> = places.difference(&covered).copied().collect();
            let (needed, min_texts) = if is_mark(&change.0) {
                (limits.min_support * MARK_FACTOR, limits.min_texts.max(MARK_TEXTS))
            } else {
                (needed_support(learner, form, limits.min_support), limits.min_texts)
            };
            if counts.against == 0 && left.len() >= needed && texts(&places) >= min_texts {
                covered.extend(left);
                chosen.push((form, places));
            }
        }
        if let Some((first, more)) = chosen.split_first() {
            let mut draft = Draft::new("", &first.0.observed, Some(&first.0.printed));
            draft.more = more.iter().map(|(form, _)| (form.observed.clone(), form.printed.clone())).collect();
            drafts.push((draft, chosen.iter().flat_map(|(_, places)| places.iter().copied()).collect()));
        }
    }
    let mut proposals: Vec<Proposal> = Vec::new();
    for (mut draft, places) in drafts {
        let id = free_id(pack, &draft.observed, |id| taken(id) || proposals.iter().any(|known: &Proposal| known.draft.id == id));
        draft.id = id;
        proposals.extend(finish(learner, draft, &places));
    }
    proposals.sort_by(|a, b| b.support.cmp(&a.support).then_with(|| a.draft.id.cmp(&b.draft.id)));
    proposals
}

/// The changed characters of a form, on both sides.
fn core_of(form: &Form) -> (String, String) {
    let prefix = shared_prefix(form);
    let (from, to) = (&form.observed[prefix..], &form.printed[prefix..]);
    let suffix: usize = from.chars().rev().zip(to.chars().rev()).take_while(|(a, b)| a == b).map(|(c, _)| c.len_utf8()).sum();
    (from[..from.len() - suffix].to_owned(), to[..to.len() - suffix].to_owned())
}

/// Bytes before the first changed character.
fn shared_prefix(form: &Form) -> usize {
    form.observed.chars().zip(form.printed.chars()).take_while(|(a, b)| a == b).map(|(c, _)| c.len_utf8()).sum()
}

/// How many places it takes to believe in a form. Where the printed text is a
/// word and the read one is none, the least will do; where the read text may
/// be right by what the word list knows, a few pages say little.
fn needed_support(learner: &Learner, form: &Form, least: usize) -> usize {
    let (from, to) = core_of(form);
    let start = shared_prefix(form);
    let is_word = |text: &str, core: Span| {
        text.char_indices().any(|(at, _)| {
            learner.lexicon.words_starting_at(text, at).any(|(length, _)| {
                let word = Span::new(at, at + length);
                word.contains(core) && text[at..at + length].chars().count() > 1
            })
        })
    };
    let reads_as_word = is_word(&form.observed, Span::new(start, start + from.len()));
    let printed_is_word = is_word(&form.printed, Span::new(start, start + to.len()));
    match (printed_is_word, reads_as_word) {
        (true, false) => least,
        (false, false) => least * UNKNOWN_FACTOR,
        // Both are words: only context tells them apart, and much of it.
        (_, true) if form.n_context >= 3 => least * UNKNOWN_FACTOR,
        (_, true) => least * UNKNOWN_FACTOR * UNKNOWN_FACTOR,
    }
}

/// True for punctuation and the like.
fn is_mark(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| !is_han(c) && !c.is_whitespace() && !c.is_alphanumeric())
}

/// Rules by the classes of the neighbors, for a change that was made wherever
/// the character stood between such characters.
#[allow(clippy::cast_precision_loss)]
fn by_classes(witnesses: &[Witness], change: &(String, String), sites: &[(usize, usize)]) -> Vec<(Draft, BTreeSet<(usize, usize)>)> {
    let (observed, printed) = change;
    // A Chinese character is told by its words, not by what sort of thing
    // stands beside it.
    if sites.len() < CLASS_SUPPORT || !is_mark(observed) {
        return Vec::new();
    }
    let counts = evidence::by_class(witnesses, observed, sites);
    let holds = |count: &ByClass| {
        let n = count.places.len();
        n >= CLASS_SUPPORT / 2 && n as f64 >= CLASS_SHARE * (n + count.against) as f64
    };
    let mut by_left: BTreeMap<&str, (Vec<String>, Places)> = BTreeMap::new();
    for ((left, right), count) in counts.iter().filter(|(_, count)| holds(count)) {
        let (rights, places) = by_left.entry(left).or_default();
        rights.push((*right).to_owned());
        places.extend(count.places.iter().copied());
    }
    by_left
        .into_iter()
        .map(|(left, (rights, places))| {
            let mut draft = Draft::new("", observed, Some(printed));
            draft.sides.left = vec![left.to_owned()];
            draft.sides.right = rights;
            draft.class = "punctuation".to_owned();
            draft.phase = "marks".to_owned();
            (draft, places)
        })
        .collect()
}

/// The proposal with examples out of the evidence; `None` where none can be
/// shown.
#[allow(clippy::cast_precision_loss)]
fn finish(learner: &Learner, mut draft: Draft, places: &BTreeSet<(usize, usize)>) -> Option<Proposal> {
    let witnesses = &learner.witnesses;
    let rows: Vec<(String, String)> =
        std::iter::once((draft.observed.clone(), draft.printed.clone().unwrap_or_default())).chain(draft.more.iter().cloned()).collect();
    for &(witness_idx, at) in places {
        let witness = &witnesses[witness_idx];
        let Some(site) = witness.sites.iter().find(|site| site.span.start == at) else { continue };
        let around = line_part(&witness.text, site.span);
        let (before, after) = (&witness.text[around.start..site.span.start], &witness.text[site.span.end..around.end]);
        let (text, fixed) = (around.of(&witness.text).to_owned(), format!("{before}{}{after}", site.printed));
        // The rule repairs every form it knows, so the example must hold one.
        let occurrences: usize = rows.iter().map(|(from, _)| text.matches(from.as_str()).count()).sum();
        if occurrences == 1 && !draft.bad.iter().any(|(known, _)| *known == text) {
            draft.bad.push((text, fixed));
        }
        if draft.bad.len() == MAX_EXAMPLES {
            break;
        }
    }
    let core = core_of(&Form { observed: rows[0].0.clone(), printed: rows[0].1.clone(), n_context: 0 }).0;
    let mut elsewhere = 0;
    for witness in witnesses.iter().filter(|witness| !core.is_empty() && !witness.only_sites) {
        for (at, found) in witness.text.match_indices(core.as_str()) {
            let span = Span::new(at, at + found.len());
            if witness.sites.iter().any(|site| site.span.overlaps(span)) {
                continue;
            }
            elsewhere += 1;
            let around = line_part(&witness.text, span);
            let text = around.of(&witness.text);
            let is_clean = !witness.sites.iter().any(|site| site.span.overlaps(around))
                && rows.iter().all(|(from, _)| !text.contains(from.as_str()) || !draft.sides.is_empty());
            if draft.good.len() < MAX_EXAMPLES && is_clean && text.chars().count() > 4 && !draft.good.iter().any(|known| known == text) {
                draft.good.push(text.to_owned());
            }
        }
    }
    let texts = places.iter().map(|&(idx, _)| witnesses[idx].text_idx).collect::<BTreeSet<_>>().len();
    let support = places.len();
    draft.good.extend(draft.bad.first().map(|(_, fixed)| fixed.clone()));
    draft.confidence = (100.0 * (support + 1) as f64 / (support + 2) as f64).floor() / 100.0;
    if support >= AUTOMATIC_SUPPORT {
        draft.safety = Safety::Automatic;
    }
    draft.status = Status::Shadow;
    draft.source = format!("{texts} 份文本中 {support} 处同样的改正");
    draft.why = Message::new(
        "审校时反复作同样的改正，别处没有相反的",
        "reviewers made the same correction again and again, and nowhere the opposite",
    );
    (!draft.bad.is_empty()).then_some(Proposal { draft, support, texts, elsewhere })
}

/// A part of the line around `span`, for an example.
fn line_part(text: &str, span: Span) -> Span {
    let wide = crate::authoring::correction::widened(text, span, EXAMPLE_CHARS);
    let start = text[wide.start..span.start].rfind(['\n', '\r']).map_or(wide.start, |at| wide.start + at + 1);
    let end = text[span.end..wide.end].find(['\n', '\r']).map_or(wide.end, |at| span.end + at);
    Span::new(start, end)
}

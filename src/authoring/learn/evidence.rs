//! Counts: where a form was corrected, and where it was left alone.

use std::collections::{BTreeMap, BTreeSet};

use daachorse::CharwiseDoubleArrayAhoCorasick;

use super::{Site, Witness};
use crate::text::{CharClass, Span, char_class};

/// Characters of context, both sides together, that a form is tried with.
const MAX_CONTEXT_CHARS: usize = 4;

/// A form: the misread characters with literal context.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Form {
    /// The text as it is read.
    pub observed: String,
    /// The text as it was printed.
    pub printed: String,
    /// Characters of context in it.
    pub n_context: usize,
}

/// What is known of a form.
#[derive(Clone, Debug, Default)]
pub(super) struct Counts {
    /// Places, by witness and byte, at which it was corrected so.
    pub places: BTreeSet<(usize, usize)>,
    /// Places at which the same text was left alone, or became another.
    pub against: usize,
}

/// Every site, by what became of what.
pub(super) fn by_change(witnesses: &[Witness]) -> BTreeMap<(String, String), Vec<(usize, usize)>> {
    let mut changes: BTreeMap<(String, String), Vec<(usize, usize)>> = BTreeMap::new();
    for (witness_idx, witness) in witnesses.iter().enumerate() {
        for (site_idx, site) in witness.sites.iter().enumerate() {
            let key = (site.span.of(&witness.text).to_owned(), site.printed.clone());
            changes.entry(key).or_default().push((witness_idx, site_idx));
        }
    }
    changes
}

/// The forms in which a site may be told: with up to a few characters of its
/// line on either side.
fn forms_at(witness: &Witness, site: &Site) -> Vec<(Form, usize)> {
    let text = &witness.text;
    let usable = |c: &char| !c.is_whitespace() && *c != '\u{fffd}';
    let left: Vec<char> = text[..site.span.start].chars().rev().take_while(usable).take(MAX_CONTEXT_CHARS).collect();
    let right: Vec<char> = text[site.span.end..].chars().take_while(usable).take(MAX_CONTEXT_CHARS).collect();
    // Another correction in the context would make it a form of two errors.
    let is_clear = |span: Span| !witness.sites.iter().any(|other| other != site && other.span.overlaps(span) && !other.span.is_empty());
    let observed = site.span.of(text);
    let mut forms = Vec::new();
    for n_left in 0..=left.len() {
        for n_right in 0..=right.len() {
            let n_context = n_left + n_right;
            // What was lost between two characters needs both of them.
            let needed = if observed.is_empty() { n_left > 0 && n_right > 0 } else { n_context > 0 || observed.chars().count() > 1 };
            if n_context > MAX_CONTEXT_CHARS || !needed {
                continue;
            }
            let before: String = left[..n_left].iter().rev().collect();
            let after: String = right[..n_right].iter().collect();
            let start = site.span.start - before.len();
            let form =
                Form { observed: format!("{before}{observed}{after}"), printed: format!("{before}{}{after}", site.printed), n_context };
            if is_clear(Span::new(start, site.span.end + after.len())) {
                forms.push((form, start));
            }
        }
    }
    forms
}

/// All forms with at least `min_support` places, with their counts.
pub(super) fn forms(witnesses: &[Witness], min_support: usize) -> BTreeMap<Form, Counts> {
    let mut forms: BTreeMap<Form, Counts> = BTreeMap::new();
    for (witness_idx, witness) in witnesses.iter().enumerate() {
        for site in &witness.sites {
            for (form, start) in forms_at(witness, site) {
                forms.entry(form).or_default().places.insert((witness_idx, start));
            }
        }
    }
    forms.retain(|_, counts| counts.places.len() >= min_support);
    count_against(witnesses, &mut forms);
    forms
}

fn count_against(witnesses: &[Witness], forms: &mut BTreeMap<Form, Counts>) {
    let mut by_text: BTreeMap<String, Vec<Form>> = BTreeMap::new();
    for form in forms.keys() {
        by_text.entry(form.observed.clone()).or_default().push(form.clone());
    }
    if by_text.is_empty() {
        return;
    }
    let texts: Vec<&String> = by_text.keys().collect();
    let automaton: CharwiseDoubleArrayAhoCorasick<u32> =
        CharwiseDoubleArrayAhoCorasick::with_values(texts.iter().zip(0u32..)).expect("forms are distinct, not empty, and few enough");
    for (witness_idx, witness) in witnesses.iter().enumerate().filter(|(_, witness)| !witness.only_sites) {
        for hit in automaton.find_overlapping_iter(&witness.text) {
            for form in &by_text[texts[hit.value() as usize]] {
                let counts = forms.get_mut(form).expect("the form stands in the map");
                counts.against += usize::from(!counts.places.contains(&(witness_idx, hit.start())));
            }
        }
    }
}

/// What stands beside a place, as rule files name it.
pub(super) fn neighbor(c: Option<char>) -> Option<&'static str> {
    let Some(c) = c.filter(|c| !matches!(c, '\n' | '\r')) else { return Some("<edge>") };
    Some(match char_class(c) {
        CharClass::Han => "<han>",
        CharClass::Digit => "<digit>",
        CharClass::Latin => "<latin>",
        CharClass::Punctuation => "<punct>",
        CharClass::Space => "<space>",
        _ => return None,
    })
}

/// Places of a change by the classes of its neighbors: corrected so, and left
/// alone or made another.
#[derive(Clone, Debug, Default)]
pub(super) struct ByClass {
    /// Places, by witness and byte.
    pub places: BTreeSet<(usize, usize)>,
    pub against: usize,
}

/// Counts a change of one character by the classes beside it.
pub(super) fn by_class(witnesses: &[Witness], observed: &str, sites: &[(usize, usize)]) -> BTreeMap<(&'static str, &'static str), ByClass> {
    let corrected: BTreeSet<(usize, usize)> =
        sites.iter().map(|&(witness_idx, site_idx)| (witness_idx, witnesses[witness_idx].sites[site_idx].span.start)).collect();
    let mut counts: BTreeMap<_, ByClass> = BTreeMap::new();
    for (witness_idx, witness) in witnesses.iter().enumerate() {
        for (at, found) in witness.text.match_indices(observed) {
            let beside = (neighbor(witness.text[..at].chars().next_back()), neighbor(witness.text[at + found.len()..].chars().next()));
            let (Some(left), Some(right)) = beside else { continue };
            let count = counts.entry((left, right)).or_default();
            if corrected.contains(&(witness_idx, at)) {
                count.places.insert((witness_idx, at));
            } else if !witness.only_sites {
                count.against += 1;
            }
        }
    }
    counts
}

//! Checks that need all rules at once: ids, cycles of replacements, literals
//! that something else always changes first.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use super::SourceFile;
use super::error::{RuleError, RuleErrorKind};
use super::host::Means;
use super::index::{self, Index};
use super::listed::{Misreadings, Pool};
use super::literal::LiteralEntry;
use super::rule::Rule;
use crate::finding::{Message, Safety};

/// One literal of one rule.
#[derive(Clone, Copy)]
struct Entry<'r> {
    rule_idx: usize,
    rule: &'r Rule,
    literal: &'r LiteralEntry,
}

/// An entry whose text stands in a form of another.
struct Part {
    /// Where in the form.
    start: usize,
    end: usize,
    /// The entry.
    idx: usize,
}

/// The entries that stand in the forms of each: all forms are searched at
/// once, as one text.
struct Parts {
    /// In the damaged form, by place.
    in_from: Vec<Vec<Part>>,
    /// In the printed form.
    in_to: Vec<Vec<Part>>,
}

impl Parts {
    #[allow(clippy::cast_possible_truncation)]
    fn of(entries: &[Entry<'_>]) -> Self {
        let mut text = String::new();
        let mut starts = Vec::new();
        for entry in entries {
            for form in [entry.literal.from.as_str(), entry.literal.to.as_deref().unwrap_or_default()] {
                starts.push(text.len());
                text += form;
                text.push('\n');
            }
        }
        let words = entries.iter().map(|entry| entry.literal.from.as_str()).zip(0u32..);
        let index = index::build(words).unwrap_or_default();
        let mut forms: Vec<Vec<Part>> = starts.iter().map(|_| Vec::new()).collect();
        if let Some(index) = Index::open(&index) {
            index.search(&text, |start, end, idx| {
                let idx = idx as usize;
                if entries[idx].literal.from == text[start..end] {
                    let form = starts.partition_point(|&at| at <= start) - 1;
                    forms[form].push(Part { start: start - starts[form], end: end - starts[form], idx });
                }
            });
        }
        let (mut in_from, mut in_to) = (Vec::new(), Vec::new());
        for (idx, mut parts) in forms.into_iter().enumerate() {
            parts.sort_by_key(|part| (part.start, part.end, part.idx));
            if idx % 2 == 0 { in_from.push(parts) } else { in_to.push(parts) }
        }
        Self { in_from, in_to }
    }
}

/// Adds what is wrong between the rules; `places` are their files and byte
/// ranges, in step.
pub(super) fn check(rules: &[Rule], places: &[(&SourceFile, Range<usize>)], means: Means<'_>, errors: &mut Vec<RuleError>) {
    let mut firsts: BTreeMap<&str, (&str, usize)> = BTreeMap::new();
    for (rule, (file, span)) in rules.iter().zip(places) {
        let place = (rule.head.path.as_str(), rule.head.line);
        let (path, line) = *firsts.entry(rule.head.id.as_str()).or_insert(place);
        if (path, line) != place {
            let kind = RuleErrorKind::DuplicateId { id: rule.head.id.clone(), first: format!("{path}:{line}") };
            errors.push(RuleError::new(file, span.clone(), kind));
        }
    }
    let literals = literals(rules, means);
    let with_rule = rules.iter().enumerate().zip(&literals);
    let entries: Vec<Entry<'_>> =
        with_rule.flat_map(|((rule_idx, rule), literals)| literals.iter().map(move |literal| Entry { rule_idx, rule, literal })).collect();
    let parts = Parts::of(&entries);
    let mut tell = |entry: &Entry<'_>, kind| {
        errors.push(RuleError::new(places[entry.rule_idx].0, entry.literal.span.clone(), kind));
    };
    for (idx, entry) in entries.iter().enumerate() {
        if let Some(kind) = shadow(idx, entry, &entries, &parts.in_from[idx]) {
            tell(entry, kind);
        }
    }
    for steps in cycles(&entries, &parts.in_to) {
        let texts = steps.iter().map(|&idx| entries[idx].literal.from.clone()).collect();
        tell(&entries[steps[0]], RuleErrorKind::Cycle { steps: texts });
    }
}

/// The literals of every rule; of large lists those that can have to do with
/// others.
fn literals<'r>(rules: &'r [Rule], means: Means<'_>) -> Vec<Cow<'r, [LiteralEntry]>> {
    let mut literals: Vec<Cow<'_, [LiteralEntry]>> = rules
        .iter()
        .map(|rule| if rule.matcher.misreadings().is_some() { Cow::Borrowed(&[][..]) } else { rule.matcher.literals() })
        .collect();
    let mut lists: Vec<&Arc<Misreadings>> = Vec::new();
    for listed in rules.iter().filter_map(|rule| rule.matcher.misreadings()) {
        if !lists.iter().any(|list| Arc::ptr_eq(list, &listed.list)) {
            lists.push(&listed.list);
        }
    }
    if lists.is_empty() {
        return literals;
    }
    let pool = Pool::of(literals.iter().flat_map(|of_rule| of_rule.iter()));
    for list in &lists {
        let others: Vec<&Misreadings> = lists.iter().filter(|other| !Arc::ptr_eq(other, list)).map(|other| other.as_ref()).collect();
        let entangled = list.entangled(&pool, &others, means);
        for (rule, literals) in rules.iter().zip(&mut literals) {
            if let Some(listed) = rule.matcher.misreadings().filter(|listed| Arc::ptr_eq(&listed.list, list)) {
                *literals = Cow::Owned(listed.entries(&entangled));
            }
        }
    }
    literals
}

/// Why the entry can never fire, when that is so.
fn shadow(idx: usize, entry: &Entry<'_>, entries: &[Entry<'_>], parts: &[Part]) -> Option<RuleErrorKind> {
    let text = entry.literal.from.as_str();
    for Part { start, end, idx: other_idx } in parts {
        let (part, other_idx) = (&text[*start..*end], *other_idx);
        let other = &entries[other_idx];
        // A pack must not stop loading because another one has learned
        // the same word; `rules lint` tells of those.
        if other_idx == idx || other.rule.head.pack() != entry.rule.head.pack() {
            continue;
        }
        let same = part == text;
        let place = || format!("{}:{} ({})", other.rule.head.path, other.rule.head.line, other.rule.head.id);
        let reason =
            if same && other_idx < idx && other.rule.head.phase == entry.rule.head.phase && other.literal.sides == entry.literal.sides {
                let place = place();
                Message::new(format!("{place} 已经写了同样的文字"), format!("{place} has the same text already"))
            } else if other.rule.head.phase < entry.rule.head.phase && always_changes(other, entry.rule.head.safety) {
                let place = place();
                Message::new(
                    format!("其中的「{part}」总在更早的阶段被 {place} 改掉"),
                    format!("the 「{part}」 in it is always changed in an earlier phase by {place}"),
                )
            } else {
                continue;
            };
        let advice = Message::new("删去这一项，或合到那一条里", "remove the entry, or merge it with that one");
        return Some(RuleErrorKind::NeverFires { pattern: text.to_owned(), reason, advice });
    }
    None
}

/// True when wherever a fix of tier `tier` is applied, `entry` has been.
fn always_changes(entry: &Entry<'_>, tier: Safety) -> bool {
    entry.literal.to.is_some()
        && entry.literal.sides.is_empty()
        && entry.rule.exceptions.is_empty()
        && entry.rule.head.safety >= tier
        && entry.rule.head.safety > Safety::Flagged
}

/// Circles of replacements: a leads to b when b's text stands in the result of
/// a, unless what stands around it there is no context of b. Each circle is told
/// once, from its first entry.
fn cycles(entries: &[Entry<'_>], in_to: &[Vec<Part>]) -> Vec<Vec<usize>> {
    let is_replaced = |idx: &usize| entries[*idx].literal.to.is_some();
    let goes_on = |entry: &Entry<'_>, part: &Part| {
        let to = entry.literal.to.as_deref().unwrap_or_default();
        entries[part.idx].literal.sides.may_allow(&to[..part.start], &to[part.end..])
    };
    let next: Vec<BTreeSet<usize>> = entries
        .iter()
        .zip(in_to)
        .map(|(entry, parts)| parts.iter().filter(|part| goes_on(entry, part)).map(|part| part.idx).filter(is_replaced).collect())
        .collect();
    let mut cycles = Vec::new();
    let mut done = vec![false; entries.len()];
    for start in 0..entries.len() {
        if done[start] || next[start].is_empty() {
            continue;
        }
        if let Some(mut path) = way_back(start, &next) {
            for &idx in &path {
                done[idx] = true;
            }
            path.push(start);
            cycles.push(path);
        }
    }
    cycles
}

/// The shortest way from `start` back to itself.
fn way_back(start: usize, next: &[BTreeSet<usize>]) -> Option<Vec<usize>> {
    let mut from: BTreeMap<usize, usize> = BTreeMap::new();
    let mut queue = std::collections::VecDeque::from([start]);
    while let Some(idx) = queue.pop_front() {
        for &to in &next[idx] {
            if to == start {
                let mut path = vec![idx];
                let mut at = idx;
                while at != start {
                    at = from[&at];
                    path.push(at);
                }
                path.reverse();
                return Some(path);
            }
            if let std::collections::btree_map::Entry::Vacant(vacant) = from.entry(to) {
                vacant.insert(idx);
                queue.push_back(to);
            }
        }
    }
    None
}

/// Every non-empty substring, on character boundaries.
pub(super) fn substrings(text: &str) -> impl Iterator<Item = &str> {
    let starts = text.char_indices().map(|(at, _)| at);
    starts.flat_map(move |start| text[start..].char_indices().map(move |(at, c)| &text[start..start + at + c.len_utf8()]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn substrings_of_a_word() {
        assert_eq!(substrings("未来人").collect::<Vec<_>>(), ["未", "未来", "未来人", "来", "来人", "人"]);
    }

    #[test]
    fn the_shortest_way_back_is_told() {
        let next = [BTreeSet::from([1]), BTreeSet::from([2]), BTreeSet::from([0]), BTreeSet::new()];
        assert_eq!(way_back(0, &next), Some(vec![0, 1, 2]));
        assert_eq!(way_back(3, &next), None);
    }
}

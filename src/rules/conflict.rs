//! Checks that need all rules at once: ids, cycles of replacements, literals
//! that something else always changes first.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;

use foldhash::fast::FixedState;

use super::SourceFile;
use super::error::{RuleError, RuleErrorKind};
use super::literal::LiteralEntry;
use super::load::first_places;
use super::rule::Rule;
use crate::finding::{Message, Safety};

/// One literal of one rule.
#[derive(Clone, Copy)]
struct Entry<'r> {
    rule_idx: usize,
    rule: &'r Rule,
    literal: &'r LiteralEntry,
}

/// The entries by their text. A pack may list a hundred thousand, and every
/// part of each is looked up, so parts of a length that none has are not.
struct ByText<'r> {
    entries: HashMap<&'r str, Vec<usize>, FixedState>,
    lengths: BTreeSet<usize>,
}

impl<'r> ByText<'r> {
    fn new(entries: &[Entry<'r>]) -> Self {
        let mut by_text: HashMap<&str, Vec<usize>, FixedState> = HashMap::default();
        for (idx, entry) in entries.iter().enumerate() {
            by_text.entry(entry.literal.from.as_str()).or_default().push(idx);
        }
        let lengths = entries.iter().map(|entry| entry.literal.from.len()).collect();
        Self { entries: by_text, lengths }
    }

    fn get(&self, text: &str) -> &[usize] {
        if !self.lengths.contains(&text.len()) {
            return &[];
        }
        self.entries.get(text).map_or(&[], Vec::as_slice)
    }
}

/// Adds what is wrong between the rules; `places` are their files and byte
/// ranges, in step.
pub(super) fn check(rules: &[Rule], places: &[(&SourceFile, Range<usize>)], errors: &mut Vec<RuleError>) {
    let firsts = first_places(rules);
    for (rule, (file, span)) in rules.iter().zip(places) {
        let first = &firsts[rule.head.id.as_str()];
        if *first != format!("{}:{}", rule.head.path, rule.head.line) {
            let kind = RuleErrorKind::DuplicateId { id: rule.head.id.clone(), first: first.clone() };
            errors.push(RuleError::new(file, span.clone(), kind));
        }
    }
    let entries: Vec<Entry<'_>> = rules
        .iter()
        .enumerate()
        .flat_map(|(rule_idx, rule)| rule.matcher.literals().iter().map(move |literal| Entry { rule_idx, rule, literal }))
        .collect();
    let by_text = ByText::new(&entries);
    let mut tell = |entry: &Entry<'_>, kind| {
        errors.push(RuleError::new(places[entry.rule_idx].0, entry.literal.span.clone(), kind));
    };
    for (idx, entry) in entries.iter().enumerate() {
        if let Some(kind) = shadow(idx, entry, &entries, &by_text) {
            tell(entry, kind);
        }
    }
    for steps in cycles(&entries, &by_text) {
        let texts = steps.iter().map(|&idx| entries[idx].literal.from.clone()).collect();
        tell(&entries[steps[0]], RuleErrorKind::Cycle { steps: texts });
    }
}

/// Why the entry can never fire, when that is so.
fn shadow(idx: usize, entry: &Entry<'_>, entries: &[Entry<'_>], by_text: &ByText<'_>) -> Option<RuleErrorKind> {
    let text = entry.literal.from.as_str();
    for part in substrings(text) {
        for &other_idx in by_text.get(part).iter().filter(|&&other_idx| other_idx != idx) {
            let other = &entries[other_idx];
            // A pack must not stop loading because another one has learned
            // the same word; `rules lint` tells of those.
            if other.rule.head.pack() != entry.rule.head.pack() {
                continue;
            }
            let same = part == text;
            let place = format!("{}:{} ({})", other.rule.head.path, other.rule.head.line, other.rule.head.id);
            let reason = if same
                && other_idx < idx
                && other.rule.head.phase == entry.rule.head.phase
                && other.literal.sides == entry.literal.sides
            {
                Message::new(format!("{place} 已经写了同样的文字"), format!("{place} has the same text already"))
            } else if other.rule.head.phase < entry.rule.head.phase && always_changes(other, entry.rule.head.safety) {
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
/// a, contexts aside. Each circle is told once, from its first entry.
fn cycles(entries: &[Entry<'_>], by_text: &ByText<'_>) -> Vec<Vec<usize>> {
    let next: Vec<BTreeSet<usize>> = entries
        .iter()
        .map(|entry| {
            let to = entry.literal.to.as_deref().unwrap_or_default();
            substrings(to).flat_map(|part| by_text.get(part).iter().copied()).filter(|&idx| entries[idx].literal.to.is_some()).collect()
        })
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

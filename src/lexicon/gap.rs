use super::trie::Trie;
use crate::text::is_han;

/// Most completions a query returns; the best come first, so that nothing of
/// weight is cut off.
const MAX_COMPLETIONS: usize = 64;

/// A character that makes a word or a place of the text on both sides of a
/// gap.
#[derive(Clone, Debug, PartialEq)]
pub struct Completion<V> {
    /// The character that fills the gap.
    pub missing: char,
    /// Code points of the word before the gap.
    pub left_chars: usize,
    /// Code points of the word after the gap.
    pub right_chars: usize,
    /// What the list knows of the word.
    pub value: V,
}

impl<V> Completion<V> {
    /// Length of the completed word in code points.
    #[must_use]
    pub fn n_chars(&self) -> usize {
        self.left_chars + 1 + self.right_chars
    }

    /// The completed word, when `left` and `right` are the texts of the query.
    #[must_use]
    pub fn word(&self, left: &str, right: &str) -> String {
        let mut word: Vec<char> = left.chars().rev().take(self.left_chars).collect();
        word.reverse();
        word.push(self.missing);
        word.extend(right.chars().take(self.right_chars));
        word.into_iter().collect()
    }
}

/// The characters next to a gap, nearest first on the left.
pub(super) struct Sides {
    left: Vec<char>,
    right: Vec<char>,
}

impl Sides {
    /// Takes the Han characters that touch the gap, at most `max_chars - 1` on
    /// either side.
    pub(super) fn new(left: &str, right: &str, max_chars: usize) -> Self {
        let side = |chars: &mut dyn Iterator<Item = char>| chars.take_while(|&c| is_han(c)).take(max_chars - 1).collect();
        Self { left: side(&mut left.chars().rev()), right: side(&mut right.chars()) }
    }
}

/// The completions of `sides` with text of both sides in the word, as
/// [`completions`] has them, without the work for the others.
pub(super) fn completions_across<V: Copy>(
    sides: &Sides,
    max_chars: usize,
    forward: &Trie,
    value_of: impl Fn(u64) -> V,
    rank: impl Fn(V) -> u64,
) -> Vec<Completion<V>> {
    let mut found: Vec<Completion<V>> = Vec::new();
    if sides.right.is_empty() {
        return found;
    }
    for left_chars in 1..=sides.left.len().min(max_chars - 2) {
        let word_start = sides.left[..left_chars].iter().rev().copied();
        let Some(cursor) = forward.walk(forward.root(), word_start) else { continue };
        let right = &sides.right[..sides.right.len().min(max_chars - 1 - left_chars)];
        forward.each_next(cursor, &mut |missing, mut cursor| {
            for (right_idx, &c) in right.iter().enumerate() {
                let Some(next) = forward.step(cursor, c) else { return };
                cursor = next;
                if let Some(value) = forward.value(cursor).filter(|_| is_han(missing)) {
                    found.push(Completion { missing, left_chars, right_chars: right_idx + 1, value: value_of(value) });
                }
            }
        });
    }
    best_first(found, rank)
}

/// All completions of `sides`: for every character the longest word it makes.
/// Longest first, then by `rank` (greater first), then by character.
///
/// `forward` holds the words, `tails` the same words (or the better part of
/// them) with their characters reversed; a word all of which stands on one
/// side counts only with two characters or more there, since any character
/// makes a word with some neighbor.
pub(super) fn completions<V: Copy>(
    sides: &Sides,
    max_chars: usize,
    forward: &Trie,
    tails: &Trie,
    value_of: impl Fn(&Trie, u64, bool) -> Option<V>,
    rank: impl Fn(V) -> u64,
) -> Vec<Completion<V>> {
    let mut found: Vec<Completion<V>> = Vec::new();
    let mut add = |missing: char, left_chars: usize, right_chars: usize, value: V| {
        if is_han(missing) && left_chars + right_chars >= 2 {
            found.push(Completion { missing, left_chars, right_chars, value });
        }
    };
    for left_chars in 1..=sides.left.len() {
        let word_start = sides.left[..left_chars].iter().rev().copied();
        let Some(cursor) = forward.walk(forward.root(), word_start) else { continue };
        forward.each_next(cursor, &mut |missing, cursor| {
            let mut here = Some(cursor);
            let mut right_chars = 0;
            while let Some(cursor) = here {
                if let Some(value) = forward.value(cursor).and_then(|value| value_of(forward, value, false)) {
                    add(missing, left_chars, right_chars, value);
                }
                if right_chars + left_chars + 1 >= max_chars || right_chars >= sides.right.len() {
                    break;
                }
                here = forward.step(cursor, sides.right[right_chars]);
                right_chars += 1;
            }
        });
    }
    for right_chars in 2..=sides.right.len().min(max_chars - 1) {
        let word_end = sides.right[..right_chars].iter().rev().copied();
        let Some(cursor) = tails.walk(tails.root(), word_end) else { continue };
        tails.each_next(cursor, &mut |missing, cursor| {
            if let Some(value) = tails.value(cursor).and_then(|value| value_of(tails, value, true)) {
                add(missing, 0, right_chars, value);
            }
        });
    }
    best_first(found, rank)
}

fn best_first<V: Copy>(mut found: Vec<Completion<V>>, rank: impl Fn(V) -> u64) -> Vec<Completion<V>> {
    let key =
        |one: &Completion<V>| (std::cmp::Reverse((one.left_chars > 0 && one.right_chars > 0, one.n_chars(), rank(one.value))), one.missing);
    found.sort_by_key(|one| (one.missing, key(one)));
    found.dedup_by_key(|one| one.missing);
    found.sort_by_key(key);
    found.truncate(MAX_COMPLETIONS);
    found
}

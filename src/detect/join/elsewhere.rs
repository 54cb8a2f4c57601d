//! Whether the same characters stand together, or end a line, elsewhere on a
//! page.

use crate::model::fold_char;

/// Characters of each side of a break that make its key.
const SIDE_CHARS: usize = 3;

/// Characters that make the key of a line's end.
const END_CHARS: usize = 5;

/// Bits of a code point.
const CHAR_BITS: u32 = 21;

/// Six code points in a row.
const KEY_MASK: u128 = (1 << (2 * SIDE_CHARS as u32 * CHAR_BITS)) - 1;

/// Short strings of the page, for "the same characters stand together
/// elsewhere".
pub(super) struct Elsewhere {
    /// Keys of the breaks, sorted, each once.
    breaks: Vec<u128>,
    /// Which of them were met inside a line.
    met: Vec<bool>,
    /// Keys of the line ends that more than one line has, sorted.
    ended: Vec<u128>,
}

impl Elsewhere {
    /// Reads a page whose lines begin and end with these folded characters.
    pub(super) fn new<'e>(text: &str, ends: impl Iterator<Item = (&'e [char], &'e [char])> + Clone) -> Self {
        let pairs = ends.clone().zip(ends.clone().skip(1));
        let mut breaks: Vec<u128> = pairs.filter_map(|((_, left), (right, _))| break_key(left, right)).collect();
        breaks.sort_unstable();
        breaks.dedup();
        let met = met_inside(text, &breaks);
        let mut line_ends: Vec<u128> = ends.filter_map(|(_, last)| end_key(last)).collect();
        line_ends.sort_unstable();
        let mut ended: Vec<u128> = line_ends.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
        ended.dedup();
        Self { breaks, met, ended }
    }

    /// True when the end of `left` and the start of `right` stand together
    /// inside some line.
    pub(super) fn joined(&self, left: &[char], right: &[char]) -> bool {
        break_key(left, right).and_then(|key| self.breaks.binary_search(&key).ok()).is_some_and(|idx| self.met[idx])
    }

    /// True when another line ends like `left`.
    pub(super) fn ended(&self, left: &[char]) -> bool {
        end_key(left).is_some_and(|key| self.ended.binary_search(&key).is_ok())
    }
}

fn break_key(left: &[char], right: &[char]) -> Option<u128> {
    let before = left.len().checked_sub(SIDE_CHARS)?;
    Some(key(left[before..].iter().chain(right.get(..SIDE_CHARS)?)))
}

fn end_key(last: &[char]) -> Option<u128> {
    Some(key(last[last.len().checked_sub(END_CHARS)?..].iter()))
}

/// The code points side by side.
fn key<'c>(chars: impl Iterator<Item = &'c char>) -> u128 {
    chars.fold(0, |key, &c| key << CHAR_BITS | u128::from(u32::from(c)))
}

/// For each of the sorted `breaks`, whether its characters stand together
/// inside a line of `text`.
fn met_inside(text: &str, breaks: &[u128]) -> Vec<bool> {
    let mut met = vec![false; breaks.len()];
    if breaks.is_empty() {
        return met;
    }
    // Sixteen bits a key reject almost every place before the search.
    let n_bits = (16 * breaks.len()).next_power_of_two().max(64);
    let bit_of = |key: u128| (mixed(key) >> (64 - n_bits.trailing_zeros())) as usize;
    let mut filter = vec![0_u64; n_bits / 64];
    for &key in breaks {
        let bit = bit_of(key);
        filter[bit / 64] |= 1 << (bit % 64);
    }
    let (mut key, mut n) = (0, 0);
    for c in text.chars() {
        if c == '\n' {
            n = 0;
        }
        if c.is_whitespace() {
            continue;
        }
        key = (key << CHAR_BITS | u128::from(u32::from(fold_char(c)))) & KEY_MASK;
        n += 1;
        if n >= 2 * SIDE_CHARS {
            let bit = bit_of(key);
            if filter[bit / 64] >> (bit % 64) & 1 == 1
                && let Ok(idx) = breaks.binary_search(&key)
            {
                met[idx] = true;
            }
        }
    }
    met
}

fn mixed(key: u128) -> u64 {
    let folded = (key >> 63) as u64 ^ (key as u64).rotate_left(20);
    folded.wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_what_stands_inside_a_line_and_what_ends_two() {
        let lines = ["城东新桥昨天正式", "通车，热闹非常。", "新桥正式通车以后", "大家说热闹非常。", "短"];
        let chars: Vec<Vec<char>> = lines.iter().map(|line| line.chars().map(fold_char).collect()).collect();
        let text = format!("{}\n桥昨天正式通车，\n昨天 正式\n", lines.join("\n"));
        let page = Elsewhere::new(&text, chars.iter().map(|line| (line.as_slice(), line.as_slice())));
        assert!(page.joined(&chars[0], &chars[1]), "天正式通车， stands inside the line after the last");
        assert!(!page.joined(&chars[1], &chars[2]));
        assert!(!page.joined(&chars[3], &chars[4]), "too short a line");
        assert_eq!(chars.iter().map(|line| page.ended(line)).collect::<Vec<_>>(), [false, true, false, true, false]);
    }
}

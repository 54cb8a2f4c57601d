use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use foldhash::fast::FixedState;

use super::glyphs::Glyphs;

/// How two characters sound beside each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sound {
    /// They have a syllable in common, tones aside.
    Same,
    /// Syllables that many speakers do not tell apart: zh and z, n and l, in
    /// and ing.
    Near,
}

/// Which characters are read alike: for text that people typed by sound.
///
/// A table of syllables, tones aside, with the characters read so. How probable
/// it is that one was typed for another follows from how common it is: an input
/// method offers the common ones first.
#[derive(Debug)]
pub struct Sounds {
    syllables: Vec<Syllable>,
    /// The syllables of each character, as indices.
    of: HashMap<char, Vec<u16>, FixedState>,
}

#[derive(Debug)]
struct Syllable {
    name: String,
    /// Characters with the share each has of all occurrences of the syllable.
    chars: Vec<(char, f64)>,
    /// Syllables that are near, as indices.
    near: Vec<u16>,
}

/// Why a table was refused.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("line {line}: found {found:?}, expected a syllable in small letters, a tab and its characters")]
pub struct SoundsError {
    /// Line, counted from 1.
    pub line: usize,
    /// What stands there.
    pub found: String,
}

/// Share of characters for which another one of the same sound was typed.
const TYPED_WRONG: f64 = 0.004;

/// How much rarer it is that one of a near sound was typed.
const NEAR_SHARE: f64 = 0.125;

impl Sounds {
    /// The table inside the program; `models/sounds.md` says where it is from.
    #[must_use]
    pub fn embedded() -> &'static Sounds {
        static SOUNDS: LazyLock<Sounds> = LazyLock::new(|| {
            Sounds::parse(include_str!("../../../models/sounds.tsv"), Glyphs::embedded()).expect("a test reads the embedded table")
        });
        &SOUNDS
    }

    /// Reads a table of lines `syllable <tab> characters`; `#` begins a
    /// comment. How common a character is comes from `glyphs`.
    ///
    /// # Errors
    /// At the first line that is no such line.
    pub fn parse(table: &str, glyphs: &Glyphs) -> Result<Self, SoundsError> {
        let mut syllables: Vec<Syllable> = Vec::new();
        let mut of: HashMap<char, Vec<u16>, FixedState> = HashMap::default();
        for (line_idx, line) in table.lines().enumerate().filter(|(_, line)| !line.is_empty() && !line.starts_with('#')) {
            let wrong = || SoundsError { line: line_idx + 1, found: line.to_owned() };
            let (name, chars) = line.split_once('\t').ok_or_else(wrong)?;
            let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase());
            if !is_name || chars.is_empty() || syllables.iter().any(|known| known.name == name) {
                return Err(wrong());
            }
            let idx = u16::try_from(syllables.len()).map_err(|_| wrong())?;
            let mass = |c: char| f64::from(-glyphs.bits(c)).exp2();
            let all: f64 = chars.chars().map(mass).sum();
            for c in chars.chars() {
                of.entry(c).or_default().push(idx);
            }
            let chars = chars.chars().map(|c| (c, mass(c) / all)).collect();
            syllables.push(Syllable { name: name.to_owned(), chars, near: Vec::new() });
        }
        let mut by_key: BTreeMap<String, Vec<u16>> = BTreeMap::new();
        for (idx, syllable) in (0..).zip(&syllables) {
            by_key.entry(blurred(&syllable.name)).or_default().push(idx);
        }
        for (idx, syllable) in (0..).zip(&mut syllables) {
            syllable.near = by_key[&blurred(&syllable.name)].iter().copied().filter(|&other| other != idx).collect();
        }
        Ok(Self { syllables, of })
    }

    /// How `a` and `b` sound beside each other, and a syllable of `b` for which
    /// that is so; `None` when they differ or one is not in the table.
    #[must_use]
    pub fn relation(&self, a: char, b: char) -> Option<(Sound, &str)> {
        let (of_a, of_b) = (self.of.get(&a)?, self.of.get(&b)?);
        let name = |idx: u16| self.syllables[usize::from(idx)].name.as_str();
        if let Some(&same) = of_b.iter().find(|idx| of_a.contains(idx)) {
            return Some((Sound::Same, name(same)));
        }
        let is_near = |idx: u16| self.syllables[usize::from(idx)].near.iter().any(|near| of_a.contains(near));
        of_b.iter().copied().find(|&idx| is_near(idx)).map(|idx| (Sound::Near, name(idx)))
    }

    /// The characters that sound like `c` or nearly so, without `c`, some of
    /// them twice.
    pub fn like(&self, c: char) -> impl Iterator<Item = char> + '_ {
        let own = self.of.get(&c).into_iter().flatten();
        let all = own.flat_map(|&idx| std::iter::once(idx).chain(self.syllables[usize::from(idx)].near.iter().copied()));
        all.flat_map(|idx| self.syllables[usize::from(idx)].chars.iter().map(|&(other, _)| other)).filter(move |&other| other != c)
    }

    /// How probable it is, 0 to 1, that `typed` was typed for `meant` because
    /// they sound alike.
    #[must_use]
    pub fn rate(&self, typed: char, meant: char) -> f64 {
        let (Some(of_typed), Some(of_meant)) = (self.of.get(&typed), self.of.get(&meant)) else { return 0.0 };
        let share_in = |idx: u16| {
            let chars = &self.syllables[usize::from(idx)].chars;
            chars.iter().find(|(c, _)| *c == typed).map_or(0.0, |(_, share)| *share)
        };
        let of_one = |idx: u16| {
            if of_typed.contains(&idx) {
                return share_in(idx);
            }
            let near = self.syllables[usize::from(idx)].near.iter().filter(|near| of_typed.contains(near));
            NEAR_SHARE * near.map(|&near| share_in(near)).fold(0.0, f64::max)
        };
        TYPED_WRONG * of_meant.iter().map(|&idx| of_one(idx)).fold(0.0, f64::max)
    }
}

/// A syllable as a speaker says it who tells neither zh from z, ch from c, sh
/// from s, n from l, nor ang from an, eng from en, ing from in.
fn blurred(syllable: &str) -> String {
    let n_initial = syllable.find(['a', 'e', 'i', 'o', 'u', 'v']).unwrap_or(syllable.len());
    let (initial, rest) = syllable.split_at(n_initial);
    let initial = match initial {
        "zh" => "z",
        "ch" => "c",
        "sh" => "s",
        "n" => "l",
        other => other,
    };
    let rest = match rest.strip_suffix('g') {
        Some(open) if ["an", "en", "in", "ian", "uan"].contains(&open) => open,
        _ => rest,
    };
    format!("{initial}{rest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sounds() -> &'static Sounds {
        Sounds::embedded()
    }

    #[test]
    fn the_embedded_table_knows_sounds_and_readings() {
        assert_eq!(sounds().relation('在', '再'), Some((Sound::Same, "zai")));
        assert_eq!(sounds().relation('航', '行'), Some((Sound::Same, "hang")));
        assert_eq!(sounds().relation('形', '行'), Some((Sound::Same, "xing")));
        assert_eq!(sounds().relation('绿', '律'), Some((Sound::Same, "lv")));
        assert_eq!(sounds().relation('在', '。'), None);
        assert_eq!(sounds().relation('海', '诲'), None);
    }

    #[test]
    fn near_sounds_are_those_that_speakers_confuse() {
        for (a, b) in [('诗', '思'), ('兰', '南'), ('金', '京'), ('根', '更'), ('班', '帮')] {
            assert_eq!(sounds().relation(a, b).map(|found| found.0), Some(Sound::Near), "{a}{b}");
        }
        assert_eq!(sounds().relation('东', '敦'), None);
    }

    #[test]
    fn common_characters_are_typed_for_others_and_not_the_other_way_round() {
        let (common, rare) = (sounds().rate('在', '载'), sounds().rate('载', '在'));
        assert!(common > 10.0 * rare && rare > 0.0, "{common} {rare}");
        assert!(sounds().rate('在', '载') <= TYPED_WRONG);
        assert!(sounds().rate('金', '京') < sounds().rate('经', '京'));
        assert_eq!(sounds().rate('海', '诲'), 0.0);
        assert!(sounds().like('在').any(|c| c == '再') && !sounds().like('在').any(|c| c == '在'));
        assert_eq!(sounds().like('a').count(), 0);
    }

    #[test]
    fn a_line_that_is_none_is_told() {
        let error = |table: &str| Sounds::parse(table, Glyphs::embedded()).unwrap_err().line;
        assert_eq!(error("# 注\nzai\t在再\nzai\t载\n"), 3);
        assert_eq!(error("zài\t在\n"), 1);
        assert_eq!(error("zai在\n"), 1);
    }
}

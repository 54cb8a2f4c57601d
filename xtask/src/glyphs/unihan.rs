//! Facts of the Unihan database, read from the folder of Debian's package
//! `unicode-data` (the files are packed with bzip2).

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use crate::Failure;

/// A fact that fewer characters share tells nothing about likeness.
const MIN_SHARING: usize = 3;

/// The characters of the General Standard (通用规范汉字表, 2013) in the Basic
/// Multilingual Plane.
pub fn general_standard(unicode_data: &Path) -> Result<Vec<char>, Failure> {
    let rows = fields(unicode_data, "Unihan_OtherMappings.txt.bz2", "kTGH")?;
    Ok(rows.into_keys().filter(|&c| c <= '\u{ffff}').collect())
}

/// What a character is made of, one row of numbers for each of `chars`.
pub struct Makeup {
    /// Shapes of the four corners, each alone and in pairs from left to right.
    pub corners: Vec<Vec<f32>>,
    /// The radical.
    pub radical: Vec<Vec<f32>>,
    /// Logarithm of the number of strokes.
    pub strokes: Vec<Vec<f32>>,
}

impl Makeup {
    pub fn of(chars: &[char], unicode_data: &Path) -> Result<Self, Failure> {
        let corners = fields(unicode_data, "Unihan_DictionaryLikeData.txt.bz2", "kFourCornerCode")?;
        let radicals = fields(unicode_data, "Unihan_IRGSources.txt.bz2", "kRSUnicode")?;
        let strokes = fields(unicode_data, "Unihan_IRGSources.txt.bz2", "kTotalStrokes")?;
        let first = |table: &BTreeMap<char, String>, c: char| table.get(&c).and_then(|value| value.split(' ').next()).map(str::to_owned);
        Ok(Self {
            corners: shared(chars, |c| first(&corners, c).map_or_else(Vec::new, |code| corner_facts(&code))),
            radical: shared(chars, |c| {
                let radical = first(&radicals, c).and_then(|value| Some(value.split_once('.')?.0.trim_end_matches('\'').to_owned()));
                radical.into_iter().collect()
            }),
            strokes: chars.iter().map(|&c| vec![first(&strokes, c).and_then(|n| n.parse::<f32>().ok()).map_or(0.0, f32::ln)]).collect(),
        })
    }
}

/// The digits of a four-corner code with their places, and the upper and the
/// lower pair.
fn corner_facts(code: &str) -> Vec<String> {
    let digits: Vec<char> = code.chars().filter(char::is_ascii_digit).take(4).collect();
    let mut facts: Vec<String> = digits.iter().enumerate().map(|(at, digit)| format!("{at}{digit}")).collect();
    if let [a, b, c, d] = digits[..] {
        facts.extend([format!("upper{a}{b}"), format!("lower{c}{d}")]);
    }
    facts
}

/// For every character one number per fact: 1 where it holds. Rare facts are
/// left out.
fn shared(chars: &[char], facts: impl Fn(char) -> Vec<String>) -> Vec<Vec<f32>> {
    let of_chars: Vec<BTreeSet<String>> = chars.iter().map(|&c| facts(c).into_iter().collect()).collect();
    let mut counts: BTreeMap<&String, usize> = BTreeMap::new();
    for fact in of_chars.iter().flatten() {
        *counts.entry(fact).or_default() += 1;
    }
    let known: Vec<&String> = counts.iter().filter(|(_, count)| **count >= MIN_SHARING).map(|(fact, _)| *fact).collect();
    of_chars.iter().map(|facts| known.iter().map(|fact| if facts.contains(*fact) { 1.0 } else { 0.0 }).collect()).collect()
}

/// The values of one field of one file.
pub fn fields(unicode_data: &Path, file: &str, wanted: &str) -> Result<BTreeMap<char, String>, Failure> {
    let path = unicode_data.join(file);
    let unpacked = Command::new("bzcat").arg(&path).output().map_err(|error| format!("bzcat: {error}"))?;
    if !unpacked.status.success() {
        return Err(format!("{}: {}", path.display(), String::from_utf8_lossy(&unpacked.stderr)).into());
    }
    let text = String::from_utf8(unpacked.stdout)?;
    let row = |line: &str| {
        let mut columns = line.split('\t');
        let c = u32::from_str_radix(columns.next()?.strip_prefix("U+")?, 16).ok().and_then(char::from_u32)?;
        let (field, value) = (columns.next()?, columns.next()?);
        (field == wanted).then(|| (c, value.to_owned()))
    };
    Ok(text.lines().filter(|line| !line.starts_with('#')).filter_map(row).collect())
}

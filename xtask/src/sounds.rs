//! `models/sounds.tsv`: which characters are read alike, from Unihan.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;

use jiaokan::model::channel::Glyphs;

use crate::Failure;
use crate::glyphs::unihan;

#[derive(clap::Args)]
pub struct Arguments {
    /// The folder of Debian's package unicode-data; its files are unpacked with bzcat.
    #[arg(long, default_value = "/usr/share/unicode")]
    unicode_data: PathBuf,
    /// The file to write.
    #[arg(short, long, default_value = "models/sounds.tsv")]
    output: PathBuf,
}

/// A reading that the frequency list has less often than this share of all
/// readings of its character is left out: people do not type a word by it.
const LEAST_SHARE: f64 = 0.02;

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let usual = unihan::fields(&arguments.unicode_data, "Unihan_Readings.txt.bz2", "kMandarin")?;
    let counted = unihan::fields(&arguments.unicode_data, "Unihan_Readings.txt.bz2", "kHanyuPinlu")?;
    let mut by_syllable: BTreeMap<String, BTreeSet<char>> = BTreeMap::new();
    for &c in Glyphs::embedded().chars() {
        let usual = usual.get(&c).into_iter().flat_map(|value| value.split(' ')).map(str::to_owned);
        let readings = usual.chain(counted.get(&c).into_iter().flat_map(|value| frequent(value)));
        for syllable in readings.filter_map(|reading| toneless(&reading)) {
            by_syllable.entry(syllable).or_default().insert(c);
        }
    }
    let mut table =
        String::from("# Syllable without tone (ü is v), tab, the characters read so (Unihan, Unicode-3.0); see models/sounds.md.\n");
    for (syllable, chars) in &by_syllable {
        writeln!(table, "{syllable}\t{}", chars.iter().collect::<String>())?;
    }
    std::fs::write(&arguments.output, &table)?;
    let n_readings: usize = by_syllable.values().map(BTreeSet::len).sum();
    println!("{} syllables, {n_readings} readings, {} bytes in {}", by_syllable.len(), table.len(), arguments.output.display());
    Ok(())
}

/// The readings of a value such as `háng(389) xíng(1063)` that are not rare.
fn frequent(value: &str) -> Vec<String> {
    let counts: Vec<(&str, f64)> = value
        .split(' ')
        .filter_map(|entry| {
            let (reading, count) = entry.trim_end_matches(')').split_once('(')?;
            Some((reading, count.parse().ok()?))
        })
        .collect();
    let all: f64 = counts.iter().map(|(_, count)| count).sum();
    counts.into_iter().filter(|(_, count)| *count >= LEAST_SHARE * all).map(|(reading, _)| reading.to_owned()).collect()
}

/// A reading without its tone in plain letters; `None` for readings without a
/// vowel (ḿ, ǹg), which nobody types.
fn toneless(reading: &str) -> Option<String> {
    let plain: String = reading
        .chars()
        .map(|c| match c {
            'ā' | 'á' | 'ǎ' | 'à' => 'a',
            'ē' | 'é' | 'ě' | 'è' => 'e',
            'ī' | 'í' | 'ǐ' | 'ì' => 'i',
            'ō' | 'ó' | 'ǒ' | 'ò' => 'o',
            'ū' | 'ú' | 'ǔ' | 'ù' => 'u',
            'ü' | 'ǖ' | 'ǘ' | 'ǚ' | 'ǜ' => 'v',
            other => other,
        })
        .collect();
    (plain.contains(['a', 'e', 'i', 'o', 'u', 'v']) && plain.chars().all(|c| c.is_ascii_lowercase())).then_some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tones_go_and_rare_readings_are_left_out() {
        assert_eq!(toneless("lǜ").as_deref(), Some("lv"));
        assert_eq!(toneless("zhuāng").as_deref(), Some("zhuang"));
        assert_eq!(toneless("ḿ"), None);
        assert_eq!(frequent("háng(389) xíng(1063) hàng(3)"), ["háng", "xíng"]);
    }
}

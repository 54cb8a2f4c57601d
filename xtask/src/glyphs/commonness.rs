//! How common characters are in print.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use jiaokan::lexicon::simplified;

use crate::Failure;

/// Bits by which a traditional character counts as rarer than its simplified
/// form in the (simplified) texts: what is left when all its uses are shared
/// out between the two scripts' pages.
const TRADITIONAL_BITS: f32 = 3.0;

/// Occurrences that every character is taken to have had on top, per thousand
/// million.
const FLOOR_PER_BILLION: f64 = 10.0;

/// −log2 of each character's share of all characters, averaged over the texts.
pub fn bits(chars: &[char], texts: &[PathBuf]) -> Result<Vec<f32>, Failure> {
    let mut shares: BTreeMap<char, f64> = BTreeMap::new();
    for text in texts {
        let counts = count(text)?;
        let total: u64 = counts.values().sum();
        for (c, count) in counts {
            *shares.entry(c).or_default() += count as f64 / total.max(1) as f64 / texts.len() as f64;
        }
    }
    let own = |c: char| -(shares.get(&c).copied().unwrap_or_default() + FLOOR_PER_BILLION / 1e9).log2() as f32;
    Ok(chars.iter().map(|&c| own(c).min(own(simplified(c)) + if simplified(c) == c { 0.0 } else { TRADITIONAL_BITS })).collect())
}

/// Characters of one file, without white space.
fn count(path: &Path) -> Result<BTreeMap<char, u64>, Failure> {
    let failed = |error: std::io::Error| format!("{}: {error}", path.display());
    let file = std::fs::File::open(path).map_err(failed)?;
    let mut text = String::new();
    if path.extension().is_some_and(|extension| extension == "zst") {
        zstd::Decoder::new(file).map_err(failed)?.read_to_string(&mut text).map_err(failed)?;
    } else {
        std::io::BufReader::new(file).read_to_string(&mut text).map_err(failed)?;
    }
    let mut counts: BTreeMap<char, u64> = BTreeMap::new();
    for c in text.chars().filter(|c| !c.is_whitespace()) {
        *counts.entry(c).or_default() += 1;
    }
    Ok(counts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_weighs_the_same_and_traditional_forms_follow_simplified_ones() -> Result<(), Failure> {
        let folder = tempfile::tempdir()?;
        let (long, short) = (folder.path().join("long.txt"), folder.path().join("short.txt"));
        std::fs::write(&long, "国".repeat(3000))?;
        std::fs::write(&short, "人 民\n国 国")?;
        let bits = bits(&['人', '国', '國', '龘'], &[long, short])?;
        assert!((bits[0] - 3.0).abs() < 0.01, "an eighth: {}", bits[0]);
        assert!((bits[1] + 0.75_f32.log2()).abs() < 0.01, "{}", bits[1]);
        assert!((bits[2] - bits[1] - TRADITIONAL_BITS).abs() < 0.01);
        assert!(bits[3] > 25.0);
        Ok(())
    }
}

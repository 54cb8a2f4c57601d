//! `models/lexicon.tsv.zst` from a dictionary with counts and from clean text.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use jiaokan::lexicon::{Frequency, Lexicon, MAX_WORD_CHARS};
use jiaokan::text::is_han;
use rayon::prelude::*;

use crate::Failure;

/// Occurrences per thousand million that a dictionary word without any count
/// in the text keeps, so that "rare" stays apart from "absent".
const MIN_PER_BILLION: f64 = 1.0;

/// Level of compression: the list is packed to be published.
const STRONGEST: i32 = 22;

#[derive(clap::Args)]
pub struct Arguments {
    /// Dictionary, `word count tag` a line (dict.txt of the crate jieba-rs).
    #[arg(long)]
    dict: PathBuf,
    /// Clean texts, one paragraph a line, plain or `.zst`; their words are
    /// counted. Files are read in the order of their names.
    #[arg(long, num_args = 0..)]
    text: Vec<PathBuf>,
    /// The list of words with their frequency steps.
    #[arg(long, default_value = "models/lexicon.tsv.zst")]
    out: PathBuf,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let dictionary = read_dictionary(&arguments.dict)?;
    let dictionary_total: f64 = dictionary.values().sum();
    println!("{} words in the dictionary", dictionary.len());
    let plain: BTreeMap<&str, u8> = dictionary
        .iter()
        .map(|(word, count)| (word.as_str(), Frequency::from_per_billion(1e9 * count / dictionary_total).step()))
        .collect();
    let (counts, counts_total) = count_words(&plain, &arguments.text)?;
    let mut steps: BTreeMap<&str, u8> = BTreeMap::new();
    for (word, count) in &dictionary {
        let listed = 1e9 * count / dictionary_total;
        let per_billion = match counts_total {
            0 => listed,
            total => (listed + 1e9 * counts.get(word.as_str()).copied().unwrap_or(0) as f64 / total as f64) / 2.0,
        };
        steps.insert(word, Frequency::from_per_billion(per_billion.max(MIN_PER_BILLION)).step());
    }
    let list: String = steps.iter().map(|(word, step)| format!("{word}\t{step}\n")).collect();
    std::fs::write(&arguments.out, zstd::encode_all(list.as_bytes(), STRONGEST)?)?;
    println!("{counts_total} words counted in {} texts", arguments.text.len());
    println!("{} words, {} bytes in {}", steps.len(), list.len(), arguments.out.display());
    Ok(())
}

/// The words of Han characters only, with their counts.
fn read_dictionary(path: &Path) -> Result<BTreeMap<String, f64>, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut words = BTreeMap::new();
    for (line_idx, line) in text.lines().enumerate() {
        let mut fields = line.split_whitespace();
        let (Some(word), Some(count)) = (fields.next(), fields.next()) else { continue };
        let count: f64 = count.parse().map_err(|_| format!("{}:{}: {count:?} is not a count", path.display(), line_idx + 1))?;
        if word.chars().all(is_han) && word.chars().count() <= MAX_WORD_CHARS {
            words.insert(word.to_owned(), count);
        }
    }
    Ok(words)
}

/// How often every word stands in the texts, each paragraph cut into the words
/// that are likeliest by the dictionary's counts.
fn count_words(plain: &BTreeMap<&str, u8>, texts: &[PathBuf]) -> Result<(BTreeMap<String, u64>, u64), Failure> {
    let mut paths: Vec<&PathBuf> = texts.iter().collect();
    paths.sort();
    if paths.is_empty() {
        return Ok((BTreeMap::new(), 0));
    }
    let lexicon = Lexicon::from_bytes(build(plain)?.into(), build(&BTreeMap::<String, u8>::new())?.into())?;
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for path in paths {
        let paragraphs = read_lines(path)?;
        let partial: Vec<BTreeMap<&str, u64>> = paragraphs
            .par_chunks(20_000)
            .map(|chunk| {
                let mut counts = BTreeMap::new();
                for word in chunk.iter().flat_map(|paragraph| cut(&lexicon, paragraph)) {
                    *counts.entry(word).or_insert(0) += 1;
                }
                counts
            })
            .collect();
        for (word, count) in partial.into_iter().flatten() {
            *counts.entry(word.to_owned()).or_insert(0) += count;
        }
    }
    let total = counts.values().sum();
    Ok((counts, total))
}

/// The likeliest words of one paragraph; what is not Han is left out.
fn cut<'t>(lexicon: &Lexicon, paragraph: &'t str) -> Vec<&'t str> {
    // best[at]: least bits from byte `at` to the end, and the next word's end.
    let mut best: Vec<(f64, usize)> = vec![(0.0, 0); paragraph.len() + 1];
    for (at, c) in paragraph.char_indices().rev() {
        let unlisted = at + c.len_utf8();
        best[at] = (best[unlisted].0 + 40.0, unlisted);
        if !is_han(c) {
            best[at].0 = best[unlisted].0;
            continue;
        }
        for (n_bytes, frequency) in lexicon.words_starting_at(paragraph, at) {
            let bits = best[at + n_bytes].0 + frequency.bits();
            if bits < best[at].0 {
                best[at] = (bits, at + n_bytes);
            }
        }
    }
    let mut words = Vec::new();
    let mut at = 0;
    while at < paragraph.len() {
        let end = best[at].1;
        if paragraph[at..end].chars().all(is_han) {
            words.push(&paragraph[at..end]);
        }
        at = end;
    }
    words
}

fn build<S: AsRef<str> + Ord>(steps: &BTreeMap<S, u8>) -> Result<Vec<u8>, Failure> {
    let mut builder = fst::MapBuilder::memory();
    for (word, step) in steps {
        builder.insert(word.as_ref(), u64::from(*step))?;
    }
    Ok(builder.into_inner()?)
}

fn read_lines(path: &Path) -> Result<Vec<String>, Failure> {
    let file = std::fs::File::open(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let reader: Box<dyn BufRead> = if path.extension().is_some_and(|extension| extension == "zst") {
        Box::new(BufReader::new(zstd::Decoder::new(file)?))
    } else {
        Box::new(BufReader::new(file))
    };
    reader.lines().map(|line| line.map_err(|error| format!("{}: {error}", path.display()).into())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_into_the_likeliest_words() {
        let steps = BTreeMap::from([("研究", 150), ("研究生", 120), ("生命", 140), ("命", 100), ("起源", 130)]);
        let lexicon = Lexicon::from_bytes(build(&steps).unwrap().into(), build(&BTreeMap::<String, u8>::new()).unwrap().into()).unwrap();
        assert_eq!(cut(&lexicon, "研究生命起源，3项"), ["研究", "生命", "起源", "项"]);
    }
}

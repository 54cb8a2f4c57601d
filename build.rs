//! Unpacks what the program holds from what the repository and the published
//! crate have room for.
//!
//! `models/lexicon.tsv.zst` is a list (`zstdcat` shows it); the program looks
//! words up in finite-state maps, which are twice as large to publish and say
//! nothing new. So they are made here: one from words to frequency steps, and
//! one of the reversed words that end-of-word queries look at.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::Read;
use std::path::Path;

/// Frequency step a word of three or more characters needs to be found by its
/// end alone, that is 60 in a thousand million: such a query has no left
/// context, and rare words drown it.
const MIN_TAIL_STEP: u64 = 47;

/// The language model, which is mapped as it is.
const MODEL: &str = "models/news.lm.zst";

/// The model of the breaks between lines.
const BOUNDARY: &str = "models/boundary.bin.zst";

const WORDS: &str = "models/lexicon.tsv.zst";

fn main() -> Result<(), Box<dyn Error>> {
    for source in [MODEL, BOUNDARY, WORDS] {
        println!("cargo::rerun-if-changed={source}");
    }
    let out = std::env::var("OUT_DIR")?;
    std::io::copy(&mut unpacked(MODEL)?, &mut std::fs::File::create(Path::new(&out).join("news.lm"))?)?;
    std::io::copy(&mut unpacked(BOUNDARY)?, &mut std::fs::File::create(Path::new(&out).join("boundary.bin"))?)?;
    let mut list = String::new();
    unpacked(WORDS)?.read_to_string(&mut list)?;
    let words = read(&list)?;
    let tails: BTreeMap<String, u64> = words
        .iter()
        .filter(|(word, step)| **step >= MIN_TAIL_STEP && word.chars().count() >= 3)
        .map(|(word, step)| (word.chars().rev().collect(), *step))
        .collect();
    write(&Path::new(&out).join("lexicon.fst"), words)?;
    write(&Path::new(&out).join("lexicon-tails.fst"), tails)
}

fn unpacked(path: &str) -> Result<impl Read, Box<dyn Error>> {
    Ok(ruzstd::decoding::StreamingDecoder::new(std::fs::File::open(path)?)?)
}

/// Lines of a word, a tab and its frequency step.
fn read(list: &str) -> Result<BTreeMap<&str, u64>, Box<dyn Error>> {
    let mut words = BTreeMap::new();
    for (line_idx, line) in list.lines().enumerate() {
        let wrong = || format!("{WORDS}:{}: {line:?} is not a word, a tab and a step of 0 to 255", line_idx + 1);
        let (word, step) = line.split_once('\t').ok_or_else(wrong)?;
        let step: u8 = step.parse().map_err(|_| wrong())?;
        if words.insert(word, step.into()).is_some() {
            return Err(format!("{WORDS}:{}: {word} is listed twice", line_idx + 1).into());
        }
    }
    Ok(words)
}

fn write<S: AsRef<str>>(path: &Path, words: BTreeMap<S, u64>) -> Result<(), Box<dyn Error>> {
    let mut builder = fst::MapBuilder::new(std::io::BufWriter::new(std::fs::File::create(path)?))?;
    for (word, step) in words {
        builder.insert(word.as_ref(), step)?;
    }
    Ok(builder.finish()?)
}

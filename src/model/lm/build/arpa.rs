//! Models of other tools, in the ARPA format.

use std::collections::BTreeMap;
use std::io::{self, BufRead};

use super::super::{Id, Info, MAX_SYMBOLS, ORDERS, file, fold};
use super::census::Alphabet;
use super::pack::{Packing, pack};
use super::smooth::Estimates;
use super::sort::Key;
use super::trie::Trie;
use super::{Bins, n_unseen};

/// Why an ARPA file was refused.
#[derive(Debug, thiserror::Error)]
pub enum ArpaError {
    /// It could not be read.
    #[error("{0}")]
    Read(#[from] io::Error),
    /// A line is not what the format has there.
    #[error("line {line}: {found:?}, where {expected} was expected")]
    Syntax {
        /// Its number, from 1.
        line: u64,
        /// What stands there, cut if long.
        found: String,
        /// What should.
        expected: &'static str,
    },
    /// A word is not one character.
    #[error("line {line}: the word {word:?} is not one character; train on characters set apart by spaces (`jiaokan lm fold`)")]
    Word {
        /// Number of the line, from 1.
        line: u64,
        /// The word.
        word: String,
    },
    /// Two n-grams are one after folding, or stand twice.
    #[error("line {line}: {gram:?} stands there before, as this program reads it; fold the text before training (`jiaokan lm fold`)")]
    Twice {
        /// Number of the line, from 1.
        line: u64,
        /// The n-gram.
        gram: String,
    },
    /// The numbers of symbols or the order are out of bounds.
    #[error("{0}")]
    Size(String),
}

/// An n-gram of the file: base-10 logarithms.
#[derive(Clone, Copy, Debug)]
struct Gram {
    /// `None` for one that the file does not have, but others need.
    probability: Option<f64>,
    backoff: f64,
}

/// A model in the ARPA format, as `jiaokan lm import` reads it.
#[derive(Debug)]
pub struct Arpa {
    alphabet: Alphabet,
    /// By length.
    grams: Vec<BTreeMap<Key, Gram>>,
}

impl Arpa {
    /// Reads a model of characters. `<s>` and `</s>` are the paragraph
    /// boundary, `<unk>` is the unknown character; any other word must be one
    /// character, folded or not.
    ///
    /// # Errors
    /// With the line, when the file is not such a model.
    pub fn read(file: impl BufRead) -> Result<Self, ArpaError> {
        let mut lines = Lines { lines: file.lines(), number: 0, line: String::new() };
        let order = order(&mut lines)?;
        let (alphabet, symbols) = alphabet(&mut lines, order)?;
        let mut grams = vec![symbols];
        for len in 2..=order {
            let section = section(&mut lines, len, order, &mut |words, line| {
                let ids: Vec<Id> = words.iter().map(|word| id_of(word, line, &alphabet)).collect::<Result<_, _>>()?;
                Ok(Key::new(ids))
            })?;
            grams.push(section);
        }
        let mut arpa = Self { alphabet, grams };
        arpa.complete();
        Ok(arpa)
    }

    /// Number of n-grams by length, with those that were added because others
    /// need them.
    #[must_use]
    pub fn n_grams(&self) -> Vec<usize> {
        self.grams.iter().map(BTreeMap::len).collect()
    }

    /// The model as a file of this program.
    #[must_use]
    pub fn model(&self, info: Info, bins: Bins) -> Vec<u8> {
        let order = self.grams.len();
        let mut trie = Trie::new(self.alphabet.n_symbols(), order);
        let mut sorted: Vec<Key> = self.grams.iter().flat_map(|grams| grams.keys().copied()).collect();
        sorted.sort_unstable();
        for key in sorted {
            trie.push(key, 1);
        }
        trie.link();
        let estimates = self.estimates(&trie);
        let info = Info { n_unseen: n_unseen(&self.alphabet), min_counts: Vec::new(), ..info };
        file::write(&info, &self.alphabet.symbols, &pack(&trie, &estimates, Packing { bins, price: 0.0, normalize: false }))
    }

    /// Adds the n-grams without which others cannot be found: what an n-gram
    /// begins with, and what it ends with.
    fn complete(&mut self) {
        const MISSING: Gram = Gram { probability: None, backoff: 0.0 };
        for len in (2..self.grams.len() + 1).rev() {
            let (shorter, longer) = self.grams.split_at_mut(len - 1);
            let shorter = &mut shorter[len - 2];
            for key in longer[0].keys() {
                let ids: Vec<Id> = key.ids().collect();
                for part in [&ids[..len - 1], &ids[1..]] {
                    shorter.entry(Key::new(part.iter().copied())).or_insert(MISSING);
                }
            }
        }
    }

    fn estimates(&self, trie: &Trie) -> Vec<Estimates> {
        let mut all: Vec<Estimates> = Vec::new();
        for (idx, grams) in self.grams.iter().enumerate() {
            let level = &trie.levels[idx];
            let mut estimates = Estimates { count: vec![1.0; level.len()], ..Estimates::default() };
            for (at, (key, gram)) in grams.iter().enumerate() {
                let parent = idx.checked_sub(1).map(|idx| {
                    let ids: Vec<Id> = key.ids().collect();
                    self.grams[idx].get(&Key::new(ids[..ids.len() - 1].iter().copied())).map_or(0.0, |parent| parent.backoff)
                });
                let probability = gram.probability.map_or_else(
                    || parent.map_or(1e-9, |backoff| 10_f64.powf(backoff) * f64::from(all[idx - 1].probability[level.suffix[at] as usize])),
                    |log| 10_f64.powf(log),
                );
                estimates.probability.push(probability as f32);
                estimates.left_over.push(10_f64.powf(gram.backoff) as f32);
            }
            all.push(estimates);
        }
        all
    }
}

struct Lines<B: BufRead> {
    lines: io::Lines<B>,
    number: u64,
    line: String,
}

impl<B: BufRead> Lines<B> {
    /// The next line that is not empty; `false` at the end.
    fn next(&mut self) -> Result<bool, ArpaError> {
        loop {
            self.number += 1;
            match self.lines.next() {
                None => return Ok(false),
                Some(line) => self.line = line?,
            }
            if !self.line.trim().is_empty() {
                return Ok(true);
            }
        }
    }

    fn wrong(&self, expected: &'static str) -> ArpaError {
        ArpaError::Syntax { line: self.number, found: self.line.chars().take(60).collect(), expected }
    }
}

/// The header, up to the first section.
fn order<B: BufRead>(lines: &mut Lines<B>) -> Result<usize, ArpaError> {
    while lines.next()? && lines.line.trim() != "\\data\\" {}
    if lines.line.trim() != "\\data\\" {
        return Err(lines.wrong("\\data\\"));
    }
    let mut order = 0;
    while lines.next()? && lines.line.starts_with("ngram ") {
        order += 1;
    }
    if !ORDERS.contains(&order) {
        return Err(ArpaError::Size(format!("a model of order {order}; from 2 to 6 can be read")));
    }
    if lines.line.trim() != "\\1-grams:" {
        return Err(lines.wrong("\\1-grams:"));
    }
    Ok(order)
}

/// The key of the words of a line, given with its number.
type KeyOf<'a> = dyn FnMut(&[&str], u64) -> Result<Key, ArpaError> + 'a;

/// One section, from the line after its heading to the next heading.
fn section<B: BufRead>(lines: &mut Lines<B>, len: usize, order: usize, key_of: &mut KeyOf<'_>) -> Result<BTreeMap<Key, Gram>, ArpaError> {
    let mut grams = BTreeMap::new();
    while lines.next()? && !lines.line.starts_with('\\') {
        let fields: Vec<&str> = lines.line.split_ascii_whitespace().collect();
        let number = |at: usize| fields.get(at).map(|field| field.parse::<f64>().ok().filter(|number| number.is_finite()));
        let (Some(Some(probability)), backoff @ (None | Some(Some(_)))) = (number(0), number(len + 1)) else {
            return Err(lines.wrong("a logarithm, words and perhaps another logarithm"));
        };
        if fields.len() <= len || fields.len() > len + 2 {
            return Err(lines.wrong("as many words as the heading says"));
        }
        let words = &fields[1..=len];
        let key = key_of(words, lines.number)?;
        let gram = Gram { probability: Some(probability), backoff: backoff.flatten().unwrap_or(0.0) };
        if grams.insert(key, gram).is_some() {
            return Err(ArpaError::Twice { line: lines.number, gram: words.join(" ") });
        }
    }
    let next = if len == order { "\\end\\".to_owned() } else { format!("\\{}-grams:", len + 1) };
    if lines.line.trim() == next { Ok(grams) } else { Err(lines.wrong("the next heading, or \\end\\")) }
}

/// What a word of an ARPA file is.
enum Word {
    Begin,
    End,
    Unknown,
    Char(char),
}

fn word(word: &str, line: u64) -> Result<Word, ArpaError> {
    let mut chars = word.chars();
    match (word, chars.next().and_then(fold), chars.next()) {
        ("<s>", ..) => Ok(Word::Begin),
        ("</s>", ..) => Ok(Word::End),
        ("<unk>" | "<UNK>", ..) => Ok(Word::Unknown),
        (_, Some(c), None) => Ok(Word::Char(c)),
        _ => Err(ArpaError::Word { line, word: word.to_owned() }),
    }
}

fn id_of(given: &str, line: u64, alphabet: &Alphabet) -> Result<Id, ArpaError> {
    Ok(match word(given, line)? {
        Word::Begin | Word::End => Id::BOUNDARY,
        Word::Unknown => Id::UNKNOWN,
        Word::Char(c) => alphabet.id(c).unwrap_or(Id::UNKNOWN),
    })
}

/// The section of single words, which gives the symbols: the most probable
/// first.
fn alphabet<B: BufRead>(lines: &mut Lines<B>, order: usize) -> Result<(Alphabet, BTreeMap<Key, Gram>), ArpaError> {
    let (mut chars, mut boundary, mut unknown) = (Vec::new(), Gram { probability: None, backoff: 0.0 }, None);
    let mut place = 0_u32;
    let listed = section(lines, 1, order, &mut |words, line| {
        // A provisional key, the place in the file.
        place += 1;
        let key = Key::new([Id((place >> 14) as u16), Id((place & 0x3FFF) as u16)]);
        chars.push((word(words[0], line)?, line));
        Ok(key)
    })?;
    let mut known: BTreeMap<char, (Gram, u64)> = BTreeMap::new();
    for ((word, line), gram) in chars.into_iter().zip(listed.into_values()) {
        match word {
            Word::Begin => boundary.backoff = gram.backoff,
            Word::End => boundary.probability = gram.probability,
            Word::Unknown => unknown = Some(gram),
            Word::Char(c) => {
                if known.insert(c, (gram, line)).is_some() {
                    return Err(ArpaError::Twice { line, gram: c.to_string() });
                }
            }
        }
    }
    if known.is_empty() || known.len() + 2 > MAX_SYMBOLS {
        return Err(ArpaError::Size(format!("{} characters; from 1 to {} can be read", known.len(), MAX_SYMBOLS - 2)));
    }
    let mut by_frequency: Vec<(char, Gram)> = known.into_iter().map(|(c, (gram, _))| (c, gram)).collect();
    let probability = |gram: &Gram| gram.probability.unwrap_or(f64::NEG_INFINITY);
    by_frequency.sort_by(|a, b| probability(&b.1).total_cmp(&probability(&a.1)));
    // A file without unknown characters gets the chance of a rare one for them.
    let rarest = by_frequency.last().map_or(-9.0, |last| probability(&last.1));
    let unknown = unknown.unwrap_or(Gram { probability: Some(rarest), backoff: 0.0 });
    boundary.probability = boundary.probability.or(Some(rarest));
    let alphabet = Alphabet::new(by_frequency.iter().map(|&(c, _)| c));
    let grams = [unknown, boundary].into_iter().chain(by_frequency.into_iter().map(|(_, gram)| gram));
    let keys = (0..).map(|id| Key::new([Id(id)]));
    Ok((alphabet, keys.zip(grams).collect()))
}

#[cfg(test)]
mod tests {
    use super::super::super::LanguageModel;
    use super::*;

    const MODEL: &str = "\\data\\\nngram 1=5\nngram 2=3\nngram 3=2\n\n\\1-grams:\n-99\t<s>\t-0.2\n-1.0\t</s>\n-0.5\t海\t-0.3\n\
                         -0.6\t洋\t-0.1\n-2.0\t<unk>\n\n\\2-grams:\n-0.4\t<s> 海\t-0.25\n-0.1\t海 洋\n-0.7\t洋 海\n\n\
                         \\3-grams:\n-0.05\t<s> 海 洋\n-0.2\t海 洋 </s>\n\n\\end\\\n";

    fn read(text: &str) -> Result<LanguageModel, ArpaError> {
        let arpa = Arpa::read(text.as_bytes())?;
        Ok(LanguageModel::from_bytes(arpa.model(Info::default(), Bins::default())).unwrap())
    }

    fn bits(log10: f64) -> f32 {
        (-log10 / 2_f64.log10()) as f32
    }

    #[test]
    fn figures_are_those_of_the_file() {
        let model = read(MODEL).unwrap();
        let [sea, ocean] = ['海', '洋'].map(|c| model.id(c));
        let check = |context: &[Id], id: Id, log10: f64| {
            let got = model.score(model.state(context), id).0;
            assert!((got - bits(log10)).abs() < 1e-3, "{context:?} {id:?}: {got} for {}", bits(log10));
        };
        check(&[Id::BOUNDARY], sea, -0.4);
        check(&[Id::BOUNDARY, sea], ocean, -0.05);
        check(&[sea, ocean], Id::BOUNDARY, -0.2);
        // Backoff of "<s> 海", then of 海.
        check(&[Id::BOUNDARY, sea], sea, -0.25 - 0.3 - 0.5);
        // 洋 </s> is not in the file: it is added with what the file says of it.
        check(&[ocean], Id::BOUNDARY, -0.1 - 1.0);
        check(&[], Id::BOUNDARY, -1.0);
    }

    #[test]
    fn what_is_no_model_of_characters_is_refused_with_its_line() {
        let error = |text: &str| read(text).map(|_| ()).unwrap_err().to_string();
        assert!(error("").contains("\\data\\"));
        assert!(error(&MODEL.replace("\t海\t", "\t海洋\t")).starts_with("line 9: the word \"海洋\""));
        assert!(error(&MODEL.replace("\t洋\t", "\t海\t")).starts_with("line 10: \"海\" stands there before"));
        assert!(error(&MODEL.replace("-0.1\t海 洋", "x\t海 洋")).starts_with("line 15: \"x"));
        assert!(error(&MODEL.replace("-0.1\t海 洋", "-0.1\t海")).starts_with("line 15"));
        assert!(error(&MODEL.replace("\\end\\\n", "")).contains("next heading"));
        assert!(error(&MODEL.replace("ngram 2=3\nngram 3=2\n", "")).contains("order 1"));
    }
}

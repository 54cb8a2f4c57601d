//! `xtask lost-features`: cuts clean text, loses a character at some cuts, and
//! prints every candidate with whether it was the lost one.

use std::collections::HashSet;
use std::io::{BufRead, BufReader};

use jiaokan::detect::Resources;
use jiaokan::detect::join::{LOST_NAMES, LostCandidate, WholeElsewhere, unranked_candidates};

use crate::boundary::Random;
use jiaokan::text::is_han;

#[derive(clap::Args)]
pub struct Arguments {
    /// Clean text, one paragraph a line (.zst).
    #[arg(long, num_args = 1.., required = true)]
    text: Vec<String>,
    /// Keep one cut in so many; those that a place, a long word or the page
    /// itself speaks to are all kept.
    #[arg(long, default_value_t = 10)]
    every: usize,
}

/// Share of cuts that lose a character; what tight crops on scanned pages do.
const LOST_SHARE: f64 = 0.14;

/// Share of characters near a cut that an engine misreads.
const MISREAD: f64 = 0.05;

/// Share of marks at a cut that an engine loses: crops are tight there.
const LOST_MARK: f64 = 0.45;

/// Characters on either side that are spoilt.
const SPOILT: usize = 8;

/// Cuts tried in one paragraph.
const CUTS_PER_PARAGRAPH: usize = 6;

/// Further cuts of which only those in a long place name are kept: such names
/// are too rare in running text to be met by chance.
const PLACE_CUTS_PER_PARAGRAPH: usize = 30;

pub fn run(arguments: &Arguments) -> Result<(), crate::Failure> {
    let mut cutter = Cutter { random: Random(7), n_cuts: 0, seen: HashSet::new(), resources: Resources::embedded() };
    println!("cut\tlost\tmissing\tright\t{}", LOST_NAMES.join("\t"));
    for path in &arguments.text {
        let reader =
            BufReader::new(zstd::stream::read::Decoder::new(std::fs::File::open(path).map_err(|error| format!("{path}: {error}"))?)?);
        let mut article: Vec<String> = Vec::new();
        for line in reader.lines() {
            let line: String = line?.chars().filter(|c| !c.is_whitespace()).collect();
            if line.is_empty() || article.len() >= 20 {
                article.clear();
            }
            if line.chars().count() >= 30 {
                for _ in 0..CUTS_PER_PARAGRAPH {
                    let keep = if cutter.random.below(arguments.every) == 0 { Keep::All } else { Keep::Speaking };
                    cutter.cut(&line, &article, keep);
                }
                for _ in 0..PLACE_CUTS_PER_PARAGRAPH {
                    cutter.cut(&line, &article, Keep::LongPlaces);
                }
            }
            article.push(line);
        }
    }
    Ok(())
}

/// Which cuts are kept. Chosen by what is seen of a cut, never by what was
/// lost there, so that the shares of right candidates stay true.
#[derive(Clone, Copy, PartialEq)]
enum Keep {
    All,
    /// Those with evidence that is rare in running text.
    Speaking,
    /// Those that a place of four or more characters may lie across.
    LongPlaces,
}

struct Cutter {
    random: Random,
    n_cuts: usize,
    seen: HashSet<String>,
    resources: &'static Resources,
}

impl Cutter {
    /// Cuts one paragraph once.
    fn cut(&mut self, paragraph: &str, article: &[String], keep: Keep) {
        let chars: Vec<char> = paragraph.chars().collect();
        let at = 10 + self.random.below(chars.len() - 20);
        let lost = self.random.chance(LOST_SHARE);
        let (left, right): (String, String) = (chars[..at].iter().collect(), chars[at + usize::from(lost)..].iter().collect());
        let (left, right) = (self.spoil_end(left), self.spoil_start(right));
        if keep == Keep::LongPlaces && !self.in_a_long_place(&chars[at - 8..at], &right) {
            return;
        }
        // Set phrases stand in the same news thousands of times and would
        // speak for all others.
        if !self.seen.insert(chars[at - 3..at + 3].iter().collect()) {
            return;
        }
        let whole = WholeElsewhere::new(&article.join("\n"), WholeElsewhere::key(&left, &right).into_iter());
        let found = unranked_candidates(&left, &right, &whole, self.resources);
        if keep == Keep::Speaking && !found.iter().any(speaks) {
            return;
        }
        self.n_cuts += 1;
        let n_cuts = self.n_cuts;
        if lost && found.is_empty() {
            println!("{n_cuts}\t1\t-\t0{}", "\t0".repeat(LOST_NAMES.len()));
        }
        for candidate in found {
            let right_one = lost && candidate.missing == chars[at];
            let row: Vec<String> = candidate.row.iter().map(|value| format!("{value:.3}")).collect();
            println!("{n_cuts}\t{}\t{}\t{}\t{}", u8::from(lost), candidate.missing, u8::from(right_one), row.join("\t"));
        }
    }

    /// What an engine makes of the text before a cut.
    fn spoil_end(&mut self, left: String) -> String {
        let mut chars: Vec<char> = left.chars().collect();
        if chars.last().is_some_and(|&c| !is_han(c)) && self.random.chance(LOST_MARK) {
            chars.pop();
        }
        let from = chars.len().saturating_sub(SPOILT);
        self.misread(&mut chars[from..]);
        chars.into_iter().collect()
    }

    /// What an engine makes of the text after a cut.
    fn spoil_start(&mut self, right: String) -> String {
        let mut chars: Vec<char> = right.chars().collect();
        if chars.first().is_some_and(|&c| !is_han(c)) && self.random.chance(LOST_MARK) {
            chars.remove(0);
        }
        let to = chars.len().min(SPOILT);
        self.misread(&mut chars[..to]);
        chars.into_iter().collect()
    }

    fn misread(&mut self, chars: &mut [char]) {
        for c in chars.iter_mut().filter(|c| is_han(**c)) {
            if self.random.chance(MISREAD) {
                let alike = self.resources.channel.glyphs().nearest(*c, 12);
                *c = alike.get(self.random.below(alike.len().max(1))).map_or(*c, |&(other, _)| other);
            }
        }
    }

    fn in_a_long_place(&self, left: &[char], right: &str) -> bool {
        let left: String = left.iter().collect();
        let end = right.char_indices().nth(8).map_or(right.len(), |(at, _)| at);
        let found = self.resources.gazetteer.complete_with_gap(&left, &right[..end]);
        found.iter().any(|one| one.left_chars > 0 && one.right_chars > 0 && one.n_chars() >= 4)
    }
}

fn speaks(candidate: &LostCandidate) -> bool {
    candidate.place.is_some() || candidate.page_count > 0 || candidate.completes.as_ref().is_some_and(|word| word.chars().count() >= 4)
}

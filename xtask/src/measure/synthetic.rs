//! Damage put into correct sentences, of which the truth is known exactly.

use std::collections::BTreeMap;
use std::path::Path;

use jiaokan::eval::HabitLearner;
use jiaokan::model::channel::{Glyphs, Habit};
use jiaokan::text::is_han;

use super::table::{Figure, Goal};
use super::tool::Tool;
use crate::Failure;

/// Sentences to a document.
const PAGE: usize = 40;

/// A sequence of numbers that is the same everywhere.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, n: u64) -> u64 {
        // xorshift64*
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % n
    }
}

/// Both figures.
pub fn measure(kit: &Path, tool: &Tool, work: &Path) -> Result<Vec<Figure>, Failure> {
    let mut sentences = Vec::new();
    let mut paths: Vec<_> = std::fs::read_dir(kit.join("clean"))?.map(|entry| Ok(entry?.path())).collect::<Result<_, std::io::Error>>()?;
    paths.sort();
    for path in paths {
        sentences.extend(std::fs::read_to_string(path)?.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned));
    }
    let mut figures = joins(&sentences, tool, &work.join("seams"))?;
    figures.extend(noise(kit, &sentences, tool, &work.join("noise"))?);
    Ok(figures)
}

/// Sentences cut in two by a line break, one character lost at every second
/// break: how often the character comes back, and how often one is put in where
/// none was lost. Two seams a sentence, each in a document with others.
fn joins(sentences: &[String], tool: &Tool, work: &Path) -> Result<Vec<Figure>, Failure> {
    let mut dice = Dice(20_190_307);
    let mut damaged = Vec::new();
    for round in 0..2 {
        for (nth, sentence) in sentences.iter().enumerate() {
            let chars: Vec<char> = sentence.chars().collect();
            let is_lost = (nth + round) % 2 == 0;
            let places: Vec<usize> = (6..chars.len().saturating_sub(6))
                .filter(|&at| is_han(chars[at - 1]) && is_han(chars[at]) && is_han(chars[at + 1]))
                .collect();
            if places.is_empty() {
                continue;
            }
            let at = places[dice.roll(places.len() as u64) as usize];
            let text = |chars: &[char]| chars.iter().collect::<String>();
            damaged.push((is_lost, format!("{}\n{}", text(&chars[..at]), text(&chars[at + usize::from(is_lost)..])), sentence.as_str()));
        }
    }
    let texts: Vec<&str> = damaged.iter().map(|one| one.1.as_str()).collect();
    let corrected = fix(&texts, tool, work, "automatic")?;
    let (mut restored, mut lost, mut inserted, mut whole) = (0, 0, 0, 0);
    let bare = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    for ((is_lost, before, sentence), after) in damaged.iter().zip(&corrected) {
        if *is_lost {
            lost += 1;
            restored += usize::from(bare(after) == bare(sentence));
        } else {
            whole += 1;
            inserted += usize::from(bare(after).chars().count() > bare(before).chars().count());
        }
    }
    println!("synthetic joins: {lost} with a lost character, {restored} restored; {whole} without, {inserted} with one put in");
    let percent = |part: usize, of: usize| Some(100.0 * part as f64 / (of as f64).max(1.0));
    let figure = |name: &str, value, goal| Figure { name: format!("synthetic joins automatic: {name}"), value, goal: Some(goal), note: "" };
    Ok(vec![
        figure("lost characters restored, %", percent(restored, lost), Goal::AtLeast(45.0)),
        figure("put in where none was lost, %", percent(inserted, whole), Goal::AtMost(0.1)),
    ])
}

/// One Han character in ten replaced by what engines were seen to read for it:
/// the share that is right afterwards.
fn noise(kit: &Path, sentences: &[String], tool: &Tool, work: &Path) -> Result<Vec<Figure>, Failure> {
    let confusions = confusions(&kit.join("dev"))?;
    let mut dice = Dice(19_490_101);
    let mut damaged = Vec::new();
    for sentence in sentences {
        let noisy = |c: char| match confusions.get(&c).filter(|_| is_han(c)) {
            Some(read) if dice.roll(10) == 0 => read[dice.roll(read.len() as u64) as usize],
            _ => c,
        };
        damaged.push(sentence.chars().map(noisy).collect::<String>());
    }
    let texts: Vec<&str> = damaged.iter().map(String::as_str).collect();
    let corrected = fix(&texts, tool, work, "suggested")?;
    let (mut n, mut before, mut after) = (0, 0, 0);
    for ((sentence, noisy), corrected) in sentences.iter().zip(&damaged).zip(&corrected) {
        let han = |text: &str| text.chars().filter(|&c| is_han(c)).collect::<Vec<char>>();
        let (truth, noisy, corrected) = (han(sentence), han(noisy), han(corrected));
        n += truth.len();
        before += truth.len() - strsim::generic_levenshtein(&truth, &noisy).min(truth.len());
        after += truth.len() - strsim::generic_levenshtein(&truth, &corrected).min(truth.len());
    }
    let percent = |part: usize| Some(100.0 * part as f64 / (n as f64).max(1.0));
    println!("look-alike noise: {n} Han characters, {before} right before, {after} after");
    let figure = |name: &str, value, goal| Figure { name: format!("look-alike noise: {name}"), value, goal, note: "confusions of dev" };
    Ok(vec![
        figure("right before, %", percent(before), None),
        figure("right after suggested, %", percent(after), Some(Goal::AtLeast(97.0))),
    ])
}

/// What engines read for a printed character, each as often as it was seen, on
/// the aligned pages of a set.
fn confusions(set: &Path) -> Result<BTreeMap<char, Vec<char>>, Failure> {
    let mut learner = HabitLearner::new();
    let mut pages: Vec<_> = std::fs::read_dir(set)?.map(|entry| Ok(entry?.path())).collect::<Result<_, std::io::Error>>()?;
    pages.sort();
    for page in pages.iter().filter(|page| page.join("ocr.txt").is_file()) {
        let read = |name: &str| std::fs::read_to_string(page.join(name));
        learner.add_page(&read("ocr.txt")?, &[&read("truth.txt")?]);
    }
    let mut confusions: BTreeMap<char, Vec<char>> = BTreeMap::new();
    for (habit, tally) in &learner.finish(Glyphs::embedded()).tallies {
        if let Habit::Misread { read, printed } = *habit
            && is_han(read)
            && is_han(printed)
        {
            let seen = confusions.entry(printed).or_default();
            seen.extend(std::iter::repeat_n(read, usize::try_from(tally.count).unwrap_or(1)));
        }
    }
    Ok(confusions)
}

/// Corrects sentences, [`PAGE`] to a document; a sentence keeps its place.
fn fix(texts: &[&str], tool: &Tool, work: &Path, level: &str) -> Result<Vec<String>, Failure> {
    let (input, out) = (work.join("in"), work.join("out"));
    std::fs::create_dir_all(&input)?;
    for (nth, page) in texts.chunks(PAGE).enumerate() {
        std::fs::write(input.join(format!("{nth:05}.txt")), page.join("\n\n") + "\n")?;
    }
    tool.fix(&input, &out, &["--level", level])?;
    let mut corrected = Vec::with_capacity(texts.len());
    for (nth, page) in texts.chunks(PAGE).enumerate() {
        let text = std::fs::read_to_string(out.join(format!("{nth:05}.txt")))?;
        let mut blocks: Vec<String> = text.split("\n\n").map(|block| block.trim_end().to_owned()).collect();
        // Where blocks were joined or split, none of the page can be told apart.
        if blocks.len() != page.len() {
            println!("page {nth}: {} sentences became {}; counted as they were", page.len(), blocks.len());
            blocks = page.iter().map(|text| (*text).to_owned()).collect();
        }
        corrected.extend(blocks);
    }
    Ok(corrected)
}

//! At which place of the nearest glyphs, and of the channel's candidates, the
//! printed character of true confusions stands.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiaokan::eval::HabitLearner;
use jiaokan::model::channel::{Channel, Glyphs, Habit, Habits};
use jiaokan::text::is_han;
use rayon::prelude::*;

use crate::Failure;

/// Places that are reported.
const PLACES: [usize; 5] = [10, 30, 100, 300, 1000];

/// Parts that the pages are divided into: habits are learned from the others.
const N_FOLDS: usize = 5;

#[derive(clap::Args)]
pub struct Arguments {
    /// Folder of pages, each a folder with ocr.txt, its truths and meta.json
    /// (of which the key `engine` is read).
    #[arg(long)]
    pages: Option<PathBuf>,
    /// Lines of equal length with errors: number, read, printed.
    #[arg(long)]
    lines: Option<PathBuf>,
    /// A table of descriptors in place of the embedded one.
    #[arg(long)]
    glyphs: Option<PathBuf>,
}

/// A character read for another, with its number.
type Confusions = BTreeMap<(char, char), u64>;

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let glyphs: &'static Glyphs = match &arguments.glyphs {
        Some(path) => Box::leak(Box::new(Glyphs::from_bytes(&std::fs::read(path)?)?)),
        None => Glyphs::embedded(),
    };
    println!("{:<34} {:>6}  {}", "", "number", PLACES.map(|place| format!("{place:>5}")).join(" "));
    if let Some(folder) = &arguments.pages {
        let pages = pages(folder)?;
        let engines: std::collections::BTreeSet<&str> = pages.iter().map(|page| page.engine.as_str()).collect();
        for engine in engines {
            let of_engine: Vec<&Page> = pages.iter().filter(|page| page.engine == engine).collect();
            let confusions = han(&learned(&of_engine, |_| true, glyphs));
            print(&format!("{engine}, nearest"), &confusions, |read, printed| rank(&glyphs.nearest(read, usize::MAX), printed));
        }
        let folds: Vec<(Channel, usize)> = (0..N_FOLDS)
            .map(|fold| {
                let all: Vec<&Page> = pages.iter().collect();
                (Channel::with_glyphs(glyphs, &learned(&all, |at| at % N_FOLDS != fold, glyphs).pruned(2, 20, glyphs)), fold)
            })
            .collect();
        let engines: std::collections::BTreeSet<&str> = pages.iter().map(|page| page.engine.as_str()).collect();
        for engine in engines {
            report_channel(engine, &pages, &folds, glyphs);
        }
    }
    if let Some(path) = &arguments.lines {
        let confusions = lines(path)?;
        print("lines, nearest", &confusions, |read, printed| rank(&glyphs.nearest(read, usize::MAX), printed));
        let channel = Channel::with_glyphs(glyphs, Habits::embedded());
        print("lines, embedded habits", &confusions, |read, printed| rank(&channel.candidates(read, usize::MAX), printed));
    }
    Ok(())
}

/// Candidates of channels that have not seen the page.
fn report_channel(engine: &str, pages: &[Page], folds: &[(Channel, usize)], glyphs: &Glyphs) {
    let mut ranks: Vec<(usize, u64)> = Vec::new();
    let mut bits = 0.0;
    for (channel, fold) in folds {
        let held_out: Vec<&Page> =
            pages.iter().enumerate().filter(|(at, page)| at % N_FOLDS == *fold && page.engine == engine).map(|(_, page)| page).collect();
        let confusions = han(&learned(&held_out, |_| true, glyphs));
        ranks.extend(ranked(&confusions, |read, printed| rank(&channel.candidates(read, usize::MAX), printed)));
        bits += confusions.iter().map(|(&(read, printed), &count)| f64::from(channel.cost(read, printed)) * count as f64).sum::<f64>();
    }
    print_ranks(&format!("{engine}, candidates"), &ranks);
    println!("{:<34} {:>6.2} bits a confusion", format!("{engine}, cost"), bits / ranks.iter().map(|rank| rank.1).sum::<u64>() as f64);
}

struct Page {
    engine: String,
    read: String,
    truths: Vec<String>,
}

fn pages(folder: &Path) -> Result<Vec<Page>, Failure> {
    let mut folders: Vec<PathBuf> = std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<_, std::io::Error>>()?;
    folders.retain(|path| path.is_dir());
    folders.sort();
    let page = |path: &PathBuf| {
        let meta: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path.join("meta.json"))?)?;
        let truths =
            ["truth.txt", "truth_order.txt", "truth_dedup.txt"].iter().filter_map(|name| std::fs::read_to_string(path.join(name)).ok());
        Ok(Page {
            engine: meta["engine"].as_str().unwrap_or("?").to_owned(),
            read: std::fs::read_to_string(path.join("ocr.txt"))?,
            truths: truths.collect(),
        })
    };
    folders.iter().map(page).collect()
}

fn learned(pages: &[&Page], keep: impl Fn(usize) -> bool, glyphs: &Glyphs) -> Habits {
    let mut learner = HabitLearner::new();
    for (_, page) in pages.iter().enumerate().filter(|(at, _)| keep(*at)) {
        learner.add_page(&page.read, &page.truths.iter().map(String::as_str).collect::<Vec<_>>());
    }
    learner.finish(glyphs)
}

/// The confusions between Han characters.
fn han(habits: &Habits) -> Confusions {
    let pair = |habit: &Habit| match *habit {
        Habit::Misread { read, printed } if is_han(read) && is_han(printed) => Some((read, printed)),
        _ => None,
    };
    habits.tallies.iter().filter_map(|(habit, tally)| Some((pair(habit)?, tally.count))).collect()
}

fn lines(path: &Path) -> Result<Confusions, Failure> {
    let mut confusions = Confusions::new();
    for line in std::fs::read_to_string(path)?.lines() {
        let columns: Vec<Vec<char>> = line.split('\t').map(|column| column.chars().collect()).collect();
        if let [_, read, printed] = &columns[..]
            && read.len() == printed.len()
        {
            for (&read, &printed) in
                read.iter().zip(printed).filter(|(read, printed)| read != printed && is_han(**read) && is_han(**printed))
            {
                *confusions.entry((read, printed)).or_default() += 1;
            }
        }
    }
    Ok(confusions)
}

/// The place of the printed character, from 1.
fn rank(candidates: &[(char, f32)], printed: char) -> usize {
    candidates.iter().position(|candidate| candidate.0 == printed).map_or(usize::MAX, |at| at + 1)
}

fn ranked(confusions: &Confusions, rank: impl Fn(char, char) -> usize + Sync) -> Vec<(usize, u64)> {
    confusions.par_iter().map(|(&(read, printed), &count)| (rank(read, printed), count)).collect()
}

fn print(name: &str, confusions: &Confusions, rank: impl Fn(char, char) -> usize + Sync) {
    print_ranks(name, &ranked(confusions, rank));
}

fn print_ranks(name: &str, ranks: &[(usize, u64)]) {
    let total: u64 = ranks.iter().map(|rank| rank.1).sum();
    let share = |place: usize| {
        let within: u64 = ranks.iter().filter(|rank| rank.0 <= place).map(|rank| rank.1).sum();
        format!("{:5.1}", 100.0 * within as f64 / total.max(1) as f64)
    };
    println!("{name:<34} {total:>6}  {}", PLACES.map(share).join(" "));
}

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::process::Command;

use serde::Deserialize;

use super::table::{Figure, Goal};
use super::tool::{Tool, succeed};
use crate::Failure;

/// Headlines that are this like the printed one are found.
const LIKENESS: f64 = 0.8;
/// Characters from which on a paragraph can be told from others.
const LEAST_CHARS: usize = 12;

/// What of `truth.json` counts here.
#[derive(Deserialize)]
struct Truth {
    segs: Vec<Segment>,
}

#[derive(Deserialize)]
struct Segment {
    kind: String,
    /// The article.
    art: String,
    text: String,
    /// Set for both copies of what was printed twice.
    dup: Option<String>,
}

/// What of a record of `--articles` counts here.
#[derive(Deserialize)]
struct Record {
    kicker: String,
    headline: String,
    subheadline: String,
    body: Vec<Block>,
    captions: Vec<Block>,
}

#[derive(Deserialize)]
struct Block {
    text: String,
    sources: Vec<Source>,
}

#[derive(Deserialize)]
struct Source {
    file: String,
}

impl Record {
    fn page(&self) -> Option<&str> {
        let source = self.body.iter().chain(&self.captions).find_map(|block| block.sources.first())?;
        source.file.split('.').next()
    }

    fn heading(&self) -> String {
        bare(&format!("{}{}{}", self.kicker, self.headline, self.subheadline))
    }
}

/// Paragraphs that are put into the articles they were printed in, and
/// headlines that are found, on the pages of `dev`, with the whole program.
pub fn measure(kit: &Path, tool: &Tool, work: &Path) -> Result<Vec<Figure>, Failure> {
    let set = kit.join("dev");
    let mut figures = Vec::new();
    for (input, group) in [("ocr.txt", "articles"), ("page.hocr", "articles hocr")] {
        let staged = work.join(group.replace(' ', "-"));
        succeed(Command::new("python3").arg(kit.join("stage.py")).arg(&set).arg(input).arg(&staged))?;
        for level in ["automatic", "suggested"] {
            let file = work.join("articles.jsonl");
            let shown = file.display().to_string();
            tool.fix(&staged, &work.join(format!("{group}-{level}")), &["--level", level, "--articles", &shown])?;
            let mut records: BTreeMap<String, Vec<Record>> = BTreeMap::new();
            for line in std::fs::read_to_string(&file)?.lines() {
                let record: Record = serde_json::from_str(line)?;
                if let Some(page) = record.page() {
                    records.entry(page.to_owned()).or_default().push(record);
                }
            }
            let mut counts = Counts::default();
            for entry in std::fs::read_dir(&set)? {
                let folder = entry?.path();
                let Ok(truth) = std::fs::read_to_string(folder.join("truth.json")) else { continue };
                let truth: Truth = serde_json::from_str(&truth).map_err(|error| format!("{}: {error}", folder.display()))?;
                let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
                counts.add(&truth, records.get(&name).map_or(&[], Vec::as_slice));
            }
            figures.extend(counts.figures(group, level));
        }
    }
    Ok(figures)
}

#[derive(Default)]
struct Counts {
    /// Pairs of paragraphs of one article: put together, put together wrongly,
    /// and torn apart.
    right: u64,
    wrong: u64,
    torn: u64,
    headlines: u64,
    found: u64,
}

impl Counts {
    fn add(&mut self, truth: &Truth, records: &[Record]) {
        let profiles: Vec<HashMap<[char; 3], usize>> = records.iter().map(|record| profile(&all_text(record))).collect();
        let paragraphs = truth.segs.iter().filter(|one| one.kind == "body" && one.dup.is_none() && one.text.chars().count() >= LEAST_CHARS);
        let placed: Vec<(&str, Option<usize>)> = paragraphs.map(|one| (one.art.as_str(), nearest(&one.text, &profiles))).collect();
        for (idx, (article, record)) in placed.iter().enumerate() {
            for (other_article, other_record) in &placed[..idx] {
                match (article == other_article, record == other_record) {
                    (true, true) => self.right += 1,
                    (false, true) => self.wrong += 1,
                    (true, false) => self.torn += 1,
                    (false, false) => {}
                }
            }
        }
        for headline in truth.segs.iter().filter(|one| one.kind == "headline" && one.dup.is_none()) {
            self.headlines += 1;
            let printed = bare(&headline.text);
            self.found += u64::from(records.iter().any(|record| strsim::normalized_levenshtein(&printed, &record.heading()) >= LIKENESS));
        }
    }

    fn figures(&self, group: &str, level: &str) -> Vec<Figure> {
        let share = |part: u64, rest: u64| (part + rest > 0).then(|| part as f64 / (part + rest) as f64);
        let (precision, recall) = (share(self.right, self.wrong), share(self.right, self.torn));
        let f1 = precision.zip(recall).map(|(p, r)| 2.0 * p * r / (p + r));
        let rows: [(&str, Option<f64>, Option<Goal>); 4] = [
            ("pairs of paragraphs precision", precision, None),
            ("pairs of paragraphs recall", recall, None),
            ("pairs of paragraphs F", f1, None),
            ("headlines found", share(self.found, self.headlines - self.found), None),
        ];
        rows.into_iter()
            .map(|(name, value, goal)| Figure {
                name: format!("{group} {level}: {name}"),
                value,
                goal,
                note: "pages the scorers learned from",
            })
            .collect()
    }
}

fn all_text(record: &Record) -> String {
    let blocks = record.body.iter().chain(&record.captions);
    blocks.map(|block| block.text.as_str()).collect::<Vec<_>>().join("\n")
}

fn bare(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// How often a text has each three characters in a row.
fn profile(text: &str) -> HashMap<[char; 3], usize> {
    let chars: Vec<char> = bare(text).chars().collect();
    let mut profile = HashMap::new();
    for window in chars.windows(3) {
        *profile.entry([window[0], window[1], window[2]]).or_default() += 1;
    }
    profile
}

/// The record that has most of a paragraph.
fn nearest(text: &str, profiles: &[HashMap<[char; 3], usize>]) -> Option<usize> {
    let own = profile(text);
    let shared =
        |other: &HashMap<[char; 3], usize>| -> usize { own.iter().map(|(three, &n)| n.min(other.get(three).copied().unwrap_or(0))).sum() };
    let best = (0..profiles.len()).map(|idx| (shared(&profiles[idx]), std::cmp::Reverse(idx))).max()?;
    (best.0 > 0).then_some(best.1.0)
}

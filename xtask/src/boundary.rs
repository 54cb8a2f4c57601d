//! `xtask boundary`: trains the boundary model.
//!
//! Every paragraph of clean text gives cuts where the text runs on; every pair
//! of neighboring paragraphs gives one where it does not. Both are damaged the
//! way scans are, then a logistic model is fitted by stochastic gradient steps
//! with per-weight rates (AdaGrad). One thread and a fixed seed: the same
//! sources give the same bytes.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;

use jiaokan::model::{BoundaryModel, CONTEXT_CHARS, fold_char, for_each_feature};

#[derive(clap::Args)]
pub struct Arguments {
    /// Clean text, one paragraph a line (.txt or .zst); a file may be followed
    /// by `=SHARE` to take only that share of its paragraphs.
    #[arg(long, num_args = 1.., required = true)]
    text: Vec<String>,
    /// Passes over the text.
    #[arg(long, default_value_t = 2)]
    epochs: usize,
    /// Where the model goes.
    #[arg(short, long)]
    output: PathBuf,
}

/// How samples are damaged. Shares are probabilities; sources are the counts
/// of lost marks and misread characters on scanned newspaper pages.
mod damage {
    /// A paragraph's final mark is lost or misread.
    pub const LOST_FINAL_MARK: f64 = 0.45;
    /// Of those, it is read as another mark instead of lost.
    pub const WRONG_FINAL_MARK: f64 = 0.2;
    /// A character is lost at a cut, on one side or the other.
    pub const LOST_AT_CUT: f64 = 0.14;
    /// A character of the context is misread.
    pub const MISREAD: f64 = 0.05;
    /// A comma or full stop inside the context is lost.
    pub const LOST_MARK: f64 = 0.12;
}

/// A small, seeded generator (SplitMix64).
pub struct Random(pub u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
    pub fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.next()) * n as u128) >> 64) as usize
    }
    pub fn chance(&mut self, p: f64) -> bool {
        (self.next() >> 11) as f64 / ((1_u64 << 53) as f64) < p
    }
}

pub fn run(arguments: &Arguments) -> Result<(), crate::Failure> {
    let mut random = Random(20_240_902);
    let documents = read_all(&arguments.text, &mut random)?;
    let n_paragraphs: usize = documents.iter().map(Vec::len).sum();
    eprintln!("{n_paragraphs} paragraphs in {} documents", documents.len());
    let mut trainer = Trainer::new(noise_pool(&documents));
    for epoch in 0..arguments.epochs {
        let mut order: Vec<usize> = (0..documents.len()).collect();
        for i in (1..order.len()).rev() {
            order.swap(i, random.below(i + 1));
        }
        for doc_idx in order {
            trainer.document(&documents[doc_idx], &mut random);
        }
        eprintln!("epoch {epoch}: loss {:.4} over the last {} samples", trainer.recent.0 / trainer.recent.1 as f64, trainer.recent.1);
        trainer.recent = (0.0, 0);
    }
    let bytes = trainer.quantized();
    std::fs::write(&arguments.output, bytes)?;
    Ok(())
}

/// Runs of paragraphs in the order of the source; an empty line ends a run.
fn read_all(sources: &[String], random: &mut Random) -> Result<Vec<Vec<Vec<char>>>, crate::Failure> {
    let mut documents = Vec::new();
    for source in sources {
        let (path, share) =
            source.split_once('=').map_or(Ok((source.as_str(), 1.0)), |(path, share)| share.parse().map(|share| (path, share)))?;
        let file = std::fs::File::open(path).map_err(|error| format!("{path}: {error}"))?;
        let reader: Box<dyn std::io::Read> =
            if path.ends_with(".zst") { Box::new(zstd::stream::read::Decoder::new(file)?) } else { Box::new(file) };
        let mut run: Vec<Vec<char>> = Vec::new();
        let mut keep = random.chance(share);
        for line in BufReader::new(reader).lines() {
            let line = line?;
            let paragraph: Vec<char> = line.chars().filter(|c| !c.is_whitespace()).map(fold_char).collect();
            if paragraph.is_empty() || run.len() >= 40 {
                if run.len() > 1 && keep {
                    documents.push(std::mem::take(&mut run));
                }
                run.clear();
                keep = random.chance(share);
            }
            if paragraph.len() >= 3 {
                run.push(paragraph);
            }
        }
        if run.len() > 1 && keep {
            documents.push(run);
        }
    }
    Ok(documents)
}

/// Characters in proportion to their frequency, for misreadings.
fn noise_pool(documents: &[Vec<Vec<char>>]) -> Vec<char> {
    let mut counts: BTreeMap<char, usize> = BTreeMap::new();
    for c in documents.iter().step_by(17).flatten().flatten() {
        *counts.entry(*c).or_default() += 1;
    }
    let total: usize = counts.values().sum();
    counts.into_iter().flat_map(|(c, count)| std::iter::repeat_n(c, (count * 65_536).div_ceil(total))).collect()
}

/// A weight in training.
#[derive(Clone, Copy, Default)]
struct Weight {
    /// The n-gram that owns the slot; others that hash here go without.
    feature: u64,
    value: f32,
    /// Sum of squared gradients.
    squares: f32,
    /// Samples it was part of.
    count: u32,
}

/// Slots while training; far more than n-grams are kept.
const TRAINING_SLOTS_LOG2: u32 = 26;

/// N-grams in fewer samples than this are left out of the model: what is rare
/// says little, and no passage can be read back.
const MIN_COUNT: u32 = 5;

/// Weights the model keeps.
const MAX_KEPT: usize = 1_600_000;

struct Trainer {
    weights: Vec<Weight>,
    bias: f32,
    noise: Vec<char>,
    recent: (f64, usize),
}

impl Trainer {
    /// Step size of the gradient descent.
    const RATE: f32 = 0.08;
    /// Pull to zero of every weight a sample touches.
    const SHRINK: f32 = 2e-6;

    fn new(noise: Vec<char>) -> Self {
        Self { weights: vec![Weight::default(); 1 << TRAINING_SLOTS_LOG2], bias: 0.0, noise, recent: (0.0, 0) }
    }

    fn document(&mut self, paragraphs: &[Vec<char>], random: &mut Random) {
        for (idx, paragraph) in paragraphs.iter().enumerate() {
            if let Some(next) = paragraphs.get(idx + 1) {
                self.boundary(paragraph, next, random);
            }
            // As many cuts as boundaries, more in long paragraphs.
            for _ in 0..1 + paragraph.len() / 80 {
                self.cut(paragraph, random);
            }
            // Weight of boundaries: repeat with fresh damage.
            if let Some(next) = paragraphs.get(idx + 1).filter(|_| paragraph.len() > 80) {
                for _ in 0..paragraph.len() / 80 {
                    self.boundary(paragraph, next, random);
                }
            }
        }
    }

    fn boundary(&mut self, left: &[char], right: &[char], random: &mut Random) {
        let mut before = tail(left, 0);
        if before.last().is_some_and(|&c| matches!(c, '。' | '；' | '！' | '？')) && random.chance(damage::LOST_FINAL_MARK) {
            before.pop();
            if random.chance(damage::WRONG_FINAL_MARK) {
                before.push(['，', '。', '·', '：', '—', '”'][random.below(6)]);
            }
        }
        let after = right[..right.len().min(CONTEXT_CHARS + 2)].to_vec();
        self.sample(before, after, false, random);
    }

    fn cut(&mut self, paragraph: &[char], random: &mut Random) {
        if paragraph.len() < 10 {
            return;
        }
        let mut at = 3 + random.below(paragraph.len() - 6);
        // A printed line never begins with a closing mark.
        while at < paragraph.len() - 2 && matches!(paragraph[at], '。' | '，' | '、' | '；' | '：' | '！' | '？' | '）' | '》' | '％')
        {
            at += 1;
        }
        let mut before = tail(paragraph, paragraph.len() - at);
        let mut after = paragraph[at..paragraph.len().min(at + CONTEXT_CHARS + 2)].to_vec();
        if random.chance(damage::LOST_AT_CUT) {
            if random.chance(0.5) {
                before.pop();
            } else {
                after.remove(0);
            }
        }
        self.sample(before, after, true, random);
    }

    fn sample(&mut self, mut before: Vec<char>, mut after: Vec<char>, runs_on: bool, random: &mut Random) {
        for side in [&mut before, &mut after] {
            side.retain(|c| !matches!(c, '，' | '。' | '、') || !random.chance(damage::LOST_MARK));
            for c in side.iter_mut() {
                if random.chance(damage::MISREAD) {
                    *c = self.noise[random.below(self.noise.len())];
                }
            }
        }
        let before = &before[before.len().saturating_sub(CONTEXT_CHARS)..];
        let after = &after[..after.len().min(CONTEXT_CHARS)];
        self.learn(before, after, runs_on);
    }

    fn learn(&mut self, before: &[char], after: &[char], runs_on: bool) {
        let mut slots = [0_usize; 32];
        let mut n = 0;
        for_each_feature(before, after, |_, feature| {
            let slot = (feature >> (64 - TRAINING_SLOTS_LOG2)) as usize;
            let weight = &mut self.weights[slot];
            if weight.count == 0 {
                weight.feature = feature;
            }
            if weight.feature == feature {
                weight.count += 1;
                slots[n] = slot;
                n += 1;
            }
        });
        let score = self.bias + slots[..n].iter().map(|&slot| self.weights[slot].value).sum::<f32>();
        let probability = 1.0 / (1.0 + (-score).exp());
        let target = f32::from(u8::from(runs_on));
        let gradient = probability - target;
        self.recent.0 -= f64::from(if runs_on { probability } else { 1.0 - probability }.max(1e-6)).ln();
        self.recent.1 += 1;
        self.bias -= Self::RATE * 0.01 * gradient;
        for &slot in &slots[..n] {
            let weight = &mut self.weights[slot];
            weight.squares += gradient * gradient;
            weight.value -= Self::RATE * gradient / (weight.squares + 1e-2).sqrt() + Self::SHRINK * weight.value;
        }
    }

    fn quantized(&self) -> Vec<u8> {
        let mut kept: Vec<(u64, f32)> =
            self.weights.iter().filter(|weight| weight.count >= MIN_COUNT).map(|weight| (weight.feature, weight.value)).collect();
        let n_candidates = kept.len();
        kept.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()).then(a.0.cmp(&b.0)));
        kept.truncate(MAX_KEPT);
        let smallest = kept.last().map_or(0.0, |entry| entry.1.abs());
        let (bytes, n_left_out) = BoundaryModel::to_bytes(&kept, self.bias);
        eprintln!(
            "{n_candidates} n-grams in at least {MIN_COUNT} samples, {} kept (smallest weight {smallest:.4}), {n_left_out} of them left out of full buckets, bias {:.4}",
            kept.len(),
            self.bias
        );
        bytes
    }
}

/// The last characters of `text` before the last `skip`, with room for damage.
fn tail(text: &[char], skip: usize) -> Vec<char> {
    let end = text.len() - skip;
    text[end.saturating_sub(CONTEXT_CHARS + 2)..end].to_vec()
}

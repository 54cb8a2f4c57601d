//! `jiaokan eval`: how near the texts are to their truth.

mod groups;
pub(super) mod pairs;
mod show;
mod tables;

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use rayon::prelude::*;

use super::args::{Global, ModelArgs, RunArgs};
use super::engine;
use super::exit::{Exit, Trouble};
use super::models::Models;
use super::packs;
use super::settings;
use super::voice::Voice;
use super::walk::Input;
use crate::detect::RunEvidence;
use crate::encoding::{Encoding, decode};
use crate::eval::{Change, Sample, Score};
use crate::finding::{ConfidenceOrigin, Edit, Message, Outcome, Safety};
use crate::pipeline::{Engine, Judged, Run};
use crate::report::Failure;
use pairs::Pair;

#[derive(Debug, clap::Args)]
pub(crate) struct EvalArgs {
    /// OCR 文本所在的文件夹 · Folder with the texts as the engine gave them
    #[arg(long, value_name = "DIR")]
    input: PathBuf,
    /// 正确文本所在的文件夹；可给多个，取最接近者 · Folder with the true texts; of several the nearest counts, file by file
    #[arg(long, value_name = "DIR", required = true, num_args = 1..)]
    truth: Vec<PathBuf>,
    /// 修复后文本所在的文件夹；不给则现场修复 · Folder with corrected texts; without it the tool corrects now
    #[arg(long, value_name = "DIR")]
    corrected: Option<PathBuf>,
    /// 修复时写下的报告文件夹，用于按规则统计 · Report of the run that corrected them, for the counts by rule
    #[arg(long, value_name = "DIR", requires = "corrected")]
    report: Option<PathBuf>,
    /// 输出格式 · Output format
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    format: EvalFormat,
    /// 列出最常见的几种误认，0 为不列 · How many of the most frequent misreadings to list
    #[arg(long, value_name = "N", default_value_t = 20)]
    confusions: usize,
    /// 分组表（每行：文件、制表符、组名，例如识别引擎），各组另计 · Groups of files, counted apart: a file, a tab and its group a line
    #[arg(long, value_name = "FILE")]
    groups: Option<PathBuf>,
    /// 逐个文件列出 · List every file as well
    #[arg(long)]
    per_file: bool,
    /// 应用到哪一级，默认 automatic · What is applied: automatic fixes, or suggested ones as well
    #[arg(long, value_name = "LEVEL", value_parser = ["automatic", "suggested"], conflicts_with = "corrected", help_heading = "规则 Rules")]
    level: Option<String>,
    /// 把握低于此值（0 至 1）的修复保留待审 · Hold fixes below this confidence (0 to 1)
    #[arg(long, value_name = "X", conflicts_with = "corrected", help_heading = "规则 Rules")]
    min_confidence: Option<f64>,
    /// 只用这些规则或规则包，可重复 · Only these rules or packs; may be repeated
    #[arg(long, value_name = "RULE|PACK", value_delimiter = ',', conflicts_with = "corrected", help_heading = "规则 Rules")]
    select: Vec<String>,
    /// 不用这些规则或规则包，可重复 · Leave out these rules or packs; may be repeated
    #[arg(long, value_name = "RULE|PACK", value_delimiter = ',', conflicts_with = "corrected", help_heading = "规则 Rules")]
    ignore: Vec<String>,
    /// 输入编码，默认 auto · Encoding of all texts; decided file by file when not given
    #[arg(long, value_name = "NAME")]
    encoding: Option<String>,
    #[command(flatten)]
    models: ModelArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum EvalFormat {
    /// 供人阅读的表格 · Tables for people
    Human,
    /// 一个 JSON 对象 · One JSON object
    Json,
}

/// `jiaokan eval`.
///
/// Ends with 0 when every pair was scored, however well; with 2 when a file
/// could not be read or a corrected text is missing.
pub(super) fn eval(args: &EvalArgs, global: &Global, voice: &Voice) -> Result<Exit, Trouble> {
    let settings = settings::load(global, Some(&run_args(args)))?;
    let config = &settings.config;
    let voice = &voice.with_config(config);
    let pairing = pairs::pair(&args.input, &args.truth, args.corrected.as_deref(), config)?;
    for note in &pairing.notes {
        voice.note(note);
    }
    let engine = match args.corrected {
        Some(_) => None,
        None => {
            let rule_files = packs::load(&settings.pack_folders()?)?;
            Some(engine::build(config, &rule_files, &Models::load(&settings, voice)?)?)
        }
    };
    let groups = args.groups.as_deref().map(groups::read).transpose()?.unwrap_or_default();
    let changes = args.report.as_deref().map(read_changes).transpose()?.unwrap_or_default();
    let bench = Bench { engine: engine.as_ref(), encoding: config.encoding, changes: &changes };
    let scored: Vec<Result<Score, Failure>> = pairing.pairs.par_iter().map(|pair| bench.score(pair)).collect();
    let mut total = Score::default();
    let mut files: Vec<(&str, Score)> = Vec::new();
    let mut by_group: BTreeMap<&str, Score> = BTreeMap::new();
    let mut exit = if pairing.missing > 0 { Exit::Error } else { Exit::Done };
    for (pair, result) in pairing.pairs.iter().zip(scored) {
        match result {
            Ok(score) => {
                total.add(&score);
                if let Some(group) = groups.get(&pair.key) {
                    by_group.entry(group.as_str()).or_default().add(&score);
                }
                files.push((&pair.key, score));
            }
            Err(failure) => {
                voice.failure(&failure);
                exit = Exit::Error;
            }
        }
    }
    if !args.per_file {
        files.clear();
    }
    let shown = show::Shown { total: &total, files: &files, groups: &by_group, n_confusions: args.confusions };
    let text = match args.format {
        EvalFormat::Human => show::human(&shown, voice.lang),
        EvalFormat::Json => show::json(&shown),
    };
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Trouble::io("", &error)),
        _ => Ok(exit),
    }
}

/// The options of a run that this verb shares, as such.
fn run_args(args: &EvalArgs) -> RunArgs {
    RunArgs {
        paths: vec![args.input.clone()],
        encoding: args.encoding.clone(),
        level: args.level.clone(),
        min_confidence: args.min_confidence,
        select: args.select.clone(),
        ignore: args.ignore.clone(),
        models: args.models.clone(),
        ..RunArgs::default()
    }
}

/// What scoring one pair needs.
struct Bench<'a> {
    /// Corrects the texts, when no corrected ones are given.
    engine: Option<&'a Engine>,
    encoding: Option<Encoding>,
    /// Applied fixes of a report, by key of the file.
    changes: &'a BTreeMap<String, Vec<Change>>,
}

impl Bench<'_> {
    fn score(&self, pair: &Pair) -> Result<Score, Failure> {
        let bytes = read(&pair.input)?;
        let input = decode(&bytes, self.encoding);
        let truths = pair.truths.iter().map(|truth| self.text(truth)).collect::<Result<Vec<String>, Failure>>()?;
        let truths: Vec<&str> = truths.iter().map(String::as_str).collect();
        let (corrected, changes) = match (self.engine, &pair.corrected) {
            (Some(engine), _) => {
                let run = engine.run(&input.text, &input.untouchable(), &RunEvidence::default());
                let changes = proposed(&run);
                (run.corrected, changes)
            }
            (None, Some(corrected)) => (self.text(corrected)?, self.changes.get(&pair.key).cloned().unwrap_or_default()),
            (None, None) => (input.text.clone(), Vec::new()),
        };
        Ok(Score::of(&Sample { input: &input.text, corrected: &corrected, truths: &truths, changes: &changes }))
    }

    fn text(&self, input: &Input) -> Result<String, Failure> {
        Ok(decode(&read(input)?, self.encoding).text)
    }
}

fn read(input: &Input) -> Result<Vec<u8>, Failure> {
    input.bytes().map_err(|message| Failure { path: input.given.clone(), position: None, message })
}

/// The fixes a run applied or held.
fn proposed(run: &Run) -> Vec<Change> {
    let change = |judged: &Judged| {
        let (finding, outcome) = (&judged.finding, judged.verdict.outcome);
        let applied = outcome == Outcome::Applied;
        let edits = finding.fixes.first().filter(|_| applied || outcome == Outcome::Held)?.edits.clone();
        let probability = (finding.confidence_origin == ConfidenceOrigin::Calibrated).then_some(finding.confidence);
        let (rule, class) = (finding.rule.clone(), finding.class.name().to_owned());
        Some(Change { applied, tier: finding.safety, probability, rule, class, edits })
    };
    run.findings.iter().filter_map(change).collect()
}

/// The fixes in `findings.jsonl` of a report folder that were applied or held.
fn read_changes(folder: &Path) -> Result<BTreeMap<String, Vec<Change>>, Trouble> {
    let path = folder.join("findings.jsonl");
    let shown = path.display().to_string();
    let text = fs::read_to_string(&path).map_err(|error| Trouble::io(&shown, &error))?;
    let mut changes: BTreeMap<String, Vec<Change>> = BTreeMap::new();
    for (line_idx, line) in text.lines().enumerate() {
        let finding: Reported = serde_json::from_str(line).map_err(|error| {
            let place = format!("{shown}:{}", line_idx + 1);
            Trouble(Message::new(
                format!("{place}：不是 jiaokan 的问题记录（{error}）"),
                format!("{place}: no finding of jiaokan ({error})"),
            ))
        })?;
        let applied = finding.outcome == "applied";
        if (applied || finding.outcome == "held")
            && let Some(fix) = finding.fixes.into_iter().next()
        {
            let probability = (finding.confidence_origin == ConfidenceOrigin::Calibrated).then_some(finding.confidence);
            let (tier, rule, class) = (finding.safety, finding.rule, finding.class);
            let change = Change { applied, tier, probability, rule, class, edits: fix.edits };
            changes.entry(pairs::key(Path::new(&finding.file))).or_default().push(change);
        }
    }
    Ok(changes)
}

/// What is read of a line of `findings.jsonl`.
#[derive(serde::Deserialize)]
struct Reported {
    file: String,
    rule: String,
    class: String,
    outcome: String,
    safety: Safety,
    confidence: f64,
    confidence_origin: ConfidenceOrigin,
    fixes: Vec<ReportedFix>,
}

#[derive(serde::Deserialize)]
struct ReportedFix {
    edits: Vec<Edit>,
}

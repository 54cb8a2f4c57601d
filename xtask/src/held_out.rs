//! `xtask held-out`: corrects a folder of pages, each with scorers that have
//! not seen it, so that a cross-validated figure is one of the tool itself.

use std::path::PathBuf;
use std::sync::Arc;

use jiaokan::detect::join::{BrokenJoin, JoinScorer};
use jiaokan::detect::misread::{Misread, MisreadScorer};
use jiaokan::detect::{Interloper, Resources, RunEvidence, Settings, registry};
use jiaokan::finding::{Outcome, Safety};
use jiaokan::format::Format;
use jiaokan::model::channel::{Channel, Habits};
use jiaokan::pipeline::Engine;
use jiaokan::resolve::{Policy, Selection};
use rayon::prelude::*;

/// Scorers that have not seen the pages they are used on: PREFIX.fold0 and so
/// on, as the scripts that fit them write with `--folds-out PREFIX`.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Folds {
    /// The tables of `join_scorer.py --folds-out PREFIX`.
    #[arg(long)]
    pub tables: Option<String>,
    /// The tables of `join_boxes.py --folds-out PREFIX`, for files with boxes;
    /// their text is written.
    #[arg(long)]
    pub boxes: Option<String>,
    /// The tables and habits of `misread_scorer.py --folds-out PREFIX`.
    #[arg(long)]
    pub misread: Option<String>,
    /// The tables of `misread_confidence.py --folds-out PREFIX`, for files that
    /// say how sure the engine was.
    #[arg(long)]
    pub confidence: Option<String>,
}

impl Folds {
    /// True when every scorer is the one inside the program.
    pub fn are_none(&self) -> bool {
        let Folds { tables, boxes, misread, confidence } = self;
        [tables, boxes, misread, confidence].into_iter().all(Option::is_none)
    }
}

#[derive(clap::Args)]
pub struct Arguments {
    /// A folder of texts named after the pages of a measuring kit.
    pub folder: PathBuf,
    #[command(flatten)]
    pub folds: Folds,
    /// Engine habits in the place of those of `--misread`: the tables
    /// PREFIX.habits0 and so on; `none` for an engine nobody knows.
    #[arg(long)]
    pub habits: Option<String>,
    /// Prints what the character models saw of each page: `jiaokan::model::estimate::INPUTS`.
    #[arg(long)]
    pub gauge: bool,
    /// Only rules of this id or group; repeatable.
    #[arg(long)]
    pub select: Vec<String>,
    /// `automatic` or `suggested`.
    #[arg(long, default_value = "suggested")]
    pub level: String,
    /// Prints what was applied: page, rule, confidence, what was read.
    #[arg(long)]
    pub show: bool,
    /// Where the corrected texts go.
    #[arg(short, long)]
    pub output: PathBuf,
}

/// Folds of `join_scorer.py`.
const N_FOLDS: usize = 5;

pub fn run(arguments: &Arguments) -> Result<(), crate::Failure> {
    std::fs::create_dir_all(&arguments.output)?;
    let level = if arguments.level == "automatic" { Safety::Automatic } else { Safety::Suggested };
    let engines: Vec<Engine> = (0..N_FOLDS).map(|fold| engine(arguments, fold, level)).collect::<Result<_, _>>()?;
    let paths: Vec<PathBuf> =
        std::fs::read_dir(&arguments.folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    paths.par_iter().try_for_each(|path| -> Result<(), crate::Failure> {
        let content = std::fs::read_to_string(path)?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let engine = &engines[fold_of(&name)];
        let (run, target) = match Format::detect(&content).read(&content)? {
            None => (engine.run(&content, &[], &RunEvidence::default()), path.clone()),
            Some(page) => {
                let geometry = Arc::new(page.geometry);
                (engine.run_with(&page.text, &[], Some(&geometry), &RunEvidence::default()), path.with_extension("txt"))
            }
        };
        for judged in run.findings.iter().filter(|judged| arguments.show && judged.verdict.outcome == Outcome::Applied) {
            let finding = &judged.finding;
            println!("{name}\t{}\t{:.3}\t{}\t{:?}", finding.rule, finding.confidence, finding.span.start, finding.observed);
        }
        if arguments.gauge
            && let Some(inputs) = run.gauge.and_then(|gauge| gauge.inputs())
        {
            let inputs: Vec<String> = inputs.iter().map(|input| format!("{input:.5}")).collect();
            println!("{name}\t{}", inputs.join("\t"));
        }
        std::fs::write(arguments.output.join(target.file_name().unwrap_or_default()), run.corrected)?;
        Ok(())
    })
}

/// The fold in which `join_scorer.py` put a page: by its number, or by the
/// sum of its name's code points.
fn fold_of(page: &str) -> usize {
    let number = page.strip_prefix("dev").and_then(|number| number.parse::<usize>().ok());
    number.unwrap_or_else(|| page.chars().map(|c| c as usize).sum()) % N_FOLDS
}

fn engine(arguments: &Arguments, fold: usize, level: Safety) -> Result<Engine, crate::Failure> {
    let mut detectors = registry();
    let mut resources = Resources::embedded();
    if arguments.folds.tables.is_some() || arguments.folds.boxes.is_some() {
        let table = arguments.folds.tables.as_ref().map_or_else(|| "models/join.tsv".to_owned(), |prefix| format!("{prefix}.fold{fold}"));
        let mut scorer = JoinScorer::parse(&read(&table)?)?;
        if let Some(prefix) = &arguments.folds.boxes {
            scorer = scorer.with_boxes(&read(&format!("{prefix}.fold{fold}"))?)?;
        }
        let scorer: &'static JoinScorer = Box::leak(Box::new(scorer));
        detectors.retain(|detector| !matches!(detector.meta().id, "structure/broken-join" | "structure/interloper"));
        detectors.push(Box::new(BrokenJoin::with_scorer(scorer)));
        detectors.push(Box::new(Interloper::with_scorer(scorer)));
    }
    if let Some(prefix) = &arguments.folds.misread {
        let mut scorer = MisreadScorer::parse(&read(&format!("{prefix}.fold{fold}"))?)?;
        if let Some(prefix) = &arguments.folds.confidence {
            scorer = scorer.with_confidence(&read(&format!("{prefix}.fold{fold}"))?)?;
        }
        let scorer: &'static MisreadScorer = Box::leak(Box::new(scorer));
        detectors.retain(|detector| detector.meta().id != "character/misread");
        detectors.push(Box::new(Misread::with_scorer(scorer)));
        resources = crate::misread_rows::resources(Some(format!("{prefix}.habits{fold}").as_ref()))?;
    }
    match arguments.habits.as_deref() {
        None => {}
        Some("none") => {
            let channel: &'static Channel = Box::leak(Box::new(Channel::new(&Habits::default())));
            resources = Box::leak(Box::new(Resources::with_channel(channel)));
        }
        Some(prefix) => resources = crate::misread_rows::resources(Some(format!("{prefix}.habits{fold}").as_ref()))?,
    }
    Ok(Engine {
        detectors,
        settings: Settings::default(),
        selection: Selection { select: arguments.select.clone(), ignore: Vec::new(), suppressed: Vec::new() },
        policy: Policy { level, min_confidence: 0.0 },
        resources,
    })
}

fn read(path: &str) -> Result<String, crate::Failure> {
    std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}").into())
}

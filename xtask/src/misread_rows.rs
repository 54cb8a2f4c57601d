//! `xtask misread-rows`: prints what the models propose for a folder of texts,
//! each text first corrected by every other rule, with what the scorer sees; of
//! files with boxes also what it sees of the engine's confidence.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use jiaokan::apply::SourceMap;
use jiaokan::detect::{Resources, RunEvidence, Settings, misread, registry};
use jiaokan::document::Layout;
use jiaokan::finding::Safety;
use jiaokan::format::Format;
use jiaokan::model::channel::{Channel, Habits};
use jiaokan::pipeline::Engine;
use jiaokan::resolve::{Policy, Selection};
use rayon::prelude::*;

#[derive(clap::Args)]
pub struct Arguments {
    /// A folder of texts.
    folder: PathBuf,
    /// Engine habits in the place of those inside the program.
    #[arg(long)]
    habits: Option<PathBuf>,
}

pub fn run(arguments: &Arguments) -> Result<(), crate::Failure> {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(&arguments.folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    paths.sort();
    let resources = resources(arguments.habits.as_deref())?;
    let mut detectors = registry();
    detectors.retain(|detector| detector.meta().id != "character/misread");
    let engine = Engine {
        detectors,
        settings: Settings::default(),
        selection: Selection::default(),
        policy: Policy { level: Safety::Automatic, min_confidence: 0.0 },
        resources,
    };
    let printed: Vec<String> = paths.par_iter().map(|path| page(path, &engine)).collect::<Result<_, crate::Failure>>()?;
    let mut out = std::io::stdout().lock();
    for page in printed {
        out.write_all(page.as_bytes())?;
    }
    Ok(())
}

/// The resources inside the program, with other habits where given.
pub fn resources(habits: Option<&std::path::Path>) -> Result<&'static Resources, crate::Failure> {
    let Some(path) = habits else { return Ok(Resources::embedded()) };
    let table = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let habits = Habits::load(&path.to_string_lossy(), &table)?;
    Ok(Box::leak(Box::new(Resources::with_channel(Box::leak(Box::new(Channel::new(&habits)))))))
}

fn page(path: &std::path::Path, engine: &Engine) -> Result<String, crate::Failure> {
    let content = std::fs::read_to_string(path)?;
    let (text, layout) = match Format::detect(&content).read(&content)? {
        None => {
            let text = engine.run(&content, &[], &RunEvidence::default()).corrected;
            let layout = Layout::new(&text);
            (text, layout)
        }
        Some(page) => {
            let geometry = Arc::new(page.geometry);
            let run = engine.run_with(&page.text, &[], Some(&geometry), &RunEvidence::default());
            let map = SourceMap::identity(page.text.len()).then(&run.script);
            let mut layout = Layout::new(&run.corrected);
            layout.place(&run.corrected, &geometry, |span| map.to_old(span));
            (run.corrected, layout)
        }
    };
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let suspects: Vec<serde_json::Value> = misread::suspects(&text, &layout, engine.resources, &mut misread::Memory::default())
        .into_iter()
        .map(|suspect| {
            let start = text[..suspect.span.start].chars().count();
            let end = start + suspect.span.of(&text).chars().count();
            let rounded = |row: &[f32]| row.iter().map(|&value| (f64::from(value) * 1e4).round() / 1e4).collect::<Vec<f64>>();
            serde_json::json!({
                "start": start, "end": end, "put": suspect.put, "row": rounded(&suspect.row),
                "confidence": suspect.confidence.as_ref().map(|row| rounded(row)),
            })
        })
        .collect();
    let startled = misread::startled_by(&text, &layout, engine.resources).map(|one| [one.least_sure, one.surest]);
    Ok(serde_json::json!({ "page": name, "startled": startled, "text": text, "names": misread::NAMES.as_slice(), "confidence_names": misread::CONFIDENCE_NAMES.as_slice(), "suspects": suspects }).to_string() + "\n")
}

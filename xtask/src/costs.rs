use std::path::PathBuf;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use jiaokan::detect::{Context, Memory, Resources, RunEvidence, Settings, Shared, registry};
use jiaokan::document::Layout;
use jiaokan::encoding::decode;
use jiaokan::finding::Safety;
use jiaokan::pipeline::Engine;
use jiaokan::resolve::{Policy, Selection};
use jiaokan::rules::RuleSet;

use crate::Failure;

#[derive(clap::Args)]
pub struct Arguments {
    /// The text to run over.
    text: PathBuf,
    /// The best of this many tries counts.
    #[arg(long, default_value_t = 5)]
    tries: usize,
    /// Only detectors whose id holds this.
    #[arg(long, default_value = "")]
    only: String,
}

/// What a run costs, detector by detector, in milliseconds for each megabyte
/// of the text: once on the text as it is and once on what becomes of it,
/// which is what a run's second round sees.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let bytes = std::fs::read(&arguments.text)?;
    let megabytes = bytes.len() as f64 / 1e6;
    let tell = |name: &str, (milliseconds, n_found): (f64, usize)| println!("{:9.2}  {name}  {n_found}", milliseconds / megabytes);
    let engine = Engine {
        detectors: registry().into_iter().chain(RuleSet::shipped().detectors()).collect(),
        settings: Settings::default(),
        selection: Selection::default(),
        policy: Policy { level: Safety::Suggested, min_confidence: 0.0 },
        resources: Resources::embedded(),
    };
    let text = decode(&bytes, None).text;
    let evidence = RunEvidence::default();
    let corrected = engine.run(&text, &[], &evidence).corrected;
    println!("ms per MB, of what, number found");
    tell("decode", best(arguments, || decode(&bytes, None).text.len()));
    tell("whole run", best(arguments, || engine.run(&text, &[], &evidence).findings.len()));
    for (name, text) in [("as it is", &text), ("corrected", &corrected)] {
        println!("{name}:");
        let mut layout = Layout::new(text);
        tell("layout", best(arguments, || Layout::new(text).lines.len()));
        tell("layout, protected words, rules' kinds", best(arguments, || read(&engine, text, &mut layout)));
        let mut costs = Vec::new();
        for detector in engine.detectors.iter().filter(|detector| detector.meta().id.contains(&arguments.only)) {
            let phase = detector.meta().phase;
            let (resources, settings, evidence) = (engine.resources, &engine.settings, &evidence);
            let cost = best(arguments, || {
                let (shared, memory) = (Shared::default(), &Memory::default());
                let context = Context { text, layout: &layout, untouchable: &[], phase, resources, settings, evidence, shared, memory };
                let mut found = Vec::new();
                detector.detect(&context, &mut found);
                found.len()
            });
            costs.push((cost, detector.meta().id));
        }
        costs.sort_by(|a, b| b.0.0.total_cmp(&a.0.0));
        costs.iter().for_each(|&(cost, id)| tell(id, cost));
    }
    Ok(())
}

/// Reads a text as a run does before each phase.
fn read(engine: &Engine, text: &str, layout: &mut Layout) -> usize {
    *layout = Layout::new(text);
    let mut protected = Vec::new();
    for detector in &engine.detectors {
        detector.classify(text, layout);
        detector.protect(text, &mut protected);
    }
    protected.len()
}

/// What this thread has computed so far, where the system tells (the machine
/// may have other work), else the time that passed.
fn processor_time() -> Duration {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let told = told.and_then(|told| told.split_whitespace().next()?.parse().ok());
    told.map_or_else(|| START.elapsed(), Duration::from_nanos)
}

/// The least time in milliseconds, and what `work` said.
fn best(arguments: &Arguments, mut work: impl FnMut() -> usize) -> (f64, usize) {
    let mut least = f64::MAX;
    let mut said = 0;
    for _ in 0..arguments.tries.max(1) {
        let start = processor_time();
        said = work();
        least = least.min((processor_time() - start).as_secs_f64() * 1e3);
    }
    (least, said)
}

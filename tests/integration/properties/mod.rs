//! The properties that hold everywhere, over generated pages and with every
//! detector and every shipped rule.
//!
//! Pages are lists of parts (`tests/support/newspaper.rs`), so a failing case
//! shrinks to the few parts that matter.

mod encodings;
mod repairs;
mod scripts;

use std::sync::LazyLock;

use jiaokan::detect::{Detector, Resources, RunEvidence, Settings, registry};
use jiaokan::finding::Safety;
use jiaokan::pipeline::{Engine, Run};
use jiaokan::resolve::{Policy, Selection};
use jiaokan::rules::RuleSet;
use proptest::prelude::*;

#[path = "../../support/newspaper.rs"]
mod newspaper;

use newspaper::Part;

static AUTOMATIC: LazyLock<Engine> = LazyLock::new(|| engine(Safety::Automatic, detectors()));
static SUGGESTED: LazyLock<Engine> = LazyLock::new(|| engine(Safety::Suggested, detectors()));

fn detectors() -> Vec<Box<dyn Detector>> {
    let mut detectors = registry();
    detectors.extend(RuleSet::shipped().detectors());
    detectors
}

fn engine(level: Safety, detectors: Vec<Box<dyn Detector>>) -> Engine {
    Engine {
        detectors,
        settings: Settings::default(),
        selection: Selection::default(),
        policy: Policy { level, min_confidence: 0.0 },
        resources: Resources::embedded(),
    }
}

/// Both levels.
fn engines() -> [&'static Engine; 2] {
    [&AUTOMATIC, &SUGGESTED]
}

fn run(engine: &Engine, text: &str) -> Run {
    engine.run(text, &[], &RunEvidence::default())
}

fn configured() -> ProptestConfig {
    ProptestConfig { cases: 32, max_shrink_iters: 200, failure_persistence: None, ..ProptestConfig::default() }
}

fn parts() -> impl Strategy<Value = Vec<(Part, u64)>> {
    prop::collection::vec((prop::sample::select(Part::ALL.to_vec()), any::<u64>()), 1..12)
}

/// A page with any parts and any line ends.
fn pages() -> impl Strategy<Value = String> {
    (parts(), prop::sample::select(vec!["\n\n", "\n"]), prop::sample::select(vec!["\n", "\r\n"]), any::<bool>()).prop_map(
        |(parts, separator, newline, last)| {
            let mut page = newspaper::page_of(&parts, separator);
            if last {
                page.push('\n');
            }
            page.replace('\n', newline)
        },
    )
}

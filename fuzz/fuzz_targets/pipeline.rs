//! Any text through every detector and every shipped rule: no panic, repairs
//! come to an end, and the script makes the corrected text and its inverse the
//! original.
#![no_main]

use std::sync::LazyLock;

use jiaokan::detect::{FurnitureHandling, Resources, RunEvidence, Settings, registry};
use jiaokan::finding::Safety;
use jiaokan::pipeline::Engine;
use jiaokan::resolve::{Policy, Selection};
use jiaokan::rules::RuleSet;
use libfuzzer_sys::fuzz_target;

fn engine(level: Safety, furniture: FurnitureHandling) -> Engine {
    let mut detectors = registry();
    detectors.extend(RuleSet::shipped().detectors());
    Engine {
        detectors,
        settings: Settings { jump_lines: furniture, furniture, ..Settings::default() },
        selection: Selection::default(),
        policy: Policy { level, min_confidence: 0.0 },
        resources: Resources::embedded(),
    }
}

static ENGINES: LazyLock<[Engine; 2]> =
    LazyLock::new(|| [engine(Safety::Suggested, FurnitureHandling::Keep), engine(Safety::Automatic, FurnitureHandling::Metadata)]);

fuzz_target!(|data: &[u8]| {
    // Mutations cut characters in two; what is left of the text still counts.
    let text: &str = &data.utf8_chunks().map(|chunk| chunk.valid()).collect::<String>();
    for engine in ENGINES.iter() {
        let run = engine.run(text, &[], &RunEvidence::default());
        assert!(run.converged, "repairs never end");
        assert_eq!(run.script.apply(text), run.corrected);
        assert_eq!(run.script.inverse(text).apply(&run.corrected), text);
        for judged in &run.findings {
            assert_eq!(judged.finding.observed, judged.finding.span.of(text));
        }
    }
});

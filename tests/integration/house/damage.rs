//! `docs/damage.md` says what the program does with its examples.

use std::sync::LazyLock;

use jiaokan::detect::{Resources, RunEvidence, Settings, registry};
use jiaokan::finding::{Class, Safety, Severity};
use jiaokan::pipeline::{Engine, Run};
use jiaokan::resolve::{Policy, Selection};
use jiaokan::rules::RuleSet;

use super::read;

const GUIDES: [&str; 2] = ["docs/damage.md", "docs/damage.zh.md"];

static ENGINES: LazyLock<[Engine; 2]> = LazyLock::new(|| [Safety::Automatic, Safety::Suggested].map(engine));

fn engine(level: Safety) -> Engine {
    let mut detectors = registry();
    detectors.extend(RuleSet::shipped().detectors());
    Engine {
        detectors,
        settings: Settings::default(),
        selection: Selection::default(),
        policy: Policy { level, min_confidence: 0.0 },
        resources: Resources::embedded(),
    }
}

/// An example of the guide: its class, its label, the text, what becomes of it.
struct Example {
    class: Class,
    label: String,
    text: String,
    becomes: Option<String>,
}

fn examples(guide: &str) -> Vec<Example> {
    let mut found = Vec::new();
    for section in guide.split("\n## ").skip(1) {
        let name = section.lines().next().unwrap().split('`').nth(1).expect("the name of a class");
        let class: Class = name.parse().unwrap_or_else(|()| panic!("{name} is no class"));
        for block in section.split("\n```").skip(1).step_by(2) {
            let (label, text) = block.split_once('\n').unwrap();
            let (text, becomes) = text.split_once("\n→\n").map_or((text, None), |(text, becomes)| (text, Some(becomes.to_owned())));
            found.push(Example { class, label: label.to_owned(), text: text.to_owned(), becomes });
        }
    }
    found
}

fn classes(run: &Run) -> Vec<Class> {
    let problems = run.findings.iter().filter(|judged| judged.finding.severity == Severity::Problem);
    problems.map(|judged| judged.finding.class).collect()
}

fn told(text: &str, level: Safety) -> Run {
    ENGINES[usize::from(level == Safety::Suggested)].run(text, &[], &RunEvidence::default())
}

#[test]
fn the_examples_of_the_guide_come_out_as_it_says() {
    let examples = examples(&read(GUIDES[0]));
    assert!(examples.len() > 15, "examples are found");
    for Example { class, label, text, becomes } in examples {
        let level = if label == "automatic" { Safety::Automatic } else { Safety::Suggested };
        let run = told(&text, level);
        match (label.as_str(), becomes) {
            ("automatic" | "suggested", Some(becomes)) => {
                assert_eq!(run.corrected, becomes, "{label}");
                assert!(classes(&run).contains(&class), "{text}: no finding of the class {}", class.name());
            }
            ("flagged", None) => {
                assert_eq!(run.corrected, text);
                assert!(classes(&run).contains(&class), "{text}: no finding of the class {}", class.name());
            }
            ("silent", None) => assert_eq!((run.corrected.as_str(), classes(&run)), (text.as_str(), Vec::new())),
            ("unseen", Some(becomes)) => assert!(run.corrected == text || run.corrected == becomes, "{text}: {}", run.corrected),
            (label, becomes) => panic!("{label} with {becomes:?}: no such example"),
        }
    }
}

#[test]
fn the_guide_has_the_same_examples_in_both_languages() {
    let blocks = |path| -> Vec<(String, String)> {
        examples(&read(path)).into_iter().map(|example| (example.label, format!("{}{:?}", example.text, example.becomes))).collect()
    };
    assert_eq!(blocks(GUIDES[0]), blocks(GUIDES[1]));
}

#[test]
fn the_guide_has_every_class_in_order() {
    for (path, zh) in [(GUIDES[0], false), (GUIDES[1], true)] {
        let text = read(path);
        let headings: Vec<&str> = text.lines().filter(|line| line.starts_with("## ")).collect();
        let heading =
            |(idx, class): (usize, &Class)| format!("## {}. {} `{}`", idx + 1, if zh { class.zh() } else { class.en() }, class.name());
        let expected: Vec<String> = Class::ALL.iter().enumerate().map(heading).collect();
        assert_eq!(headings, expected, "{path}");
    }
}

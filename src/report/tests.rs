use std::fs;
use std::path::Path;
use std::process::Command;

use jsonschema::Validator;
use proptest::prelude::*;
use serde_json::Value;

use super::fixture::{Files, Shared, Sheet, edited, play, sheets};
use super::{Color, FORMATS, Format, Lang, folder, renderer};
use crate::detect::Gauge;

fn rendered(name: &str, lang: Lang, color: Color) -> String {
    rendered_of(name, lang, color, &sheets())
}

fn rendered_of(name: &str, lang: Lang, color: Color, sheets: &[Sheet]) -> String {
    let sink = Shared::default();
    let format = Format::named(name).unwrap();
    play(&mut *renderer(format, Box::new(sink.clone()), lang, color), sheets);
    sink.text()
}

fn validator(schema: &str) -> Validator {
    let schema: Value = serde_json::from_str(schema).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

fn assert_valid(validator: &Validator, value: &Value) {
    let errors: Vec<String> = validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert_eq!(errors, [""; 0], "{value:#}");
}

#[test]
fn every_format_renders_the_fixture() {
    for format in FORMATS {
        insta::assert_snapshot!(format.name, rendered(format.name, Lang::Zh, Color::Plain));
    }
    insta::assert_snapshot!("human-en", rendered("human", Lang::En, Color::Plain));
    insta::assert_snapshot!("human-ansi", rendered("human", Lang::Zh, Color::Ansi).replace('\u{1b}', "␛"));
    insta::assert_snapshot!("diff-ansi", rendered("diff", Lang::Zh, Color::Ansi).replace('\u{1b}', "␛"));
}

#[test]
fn every_format_is_found_by_its_name() {
    for format in FORMATS {
        assert_eq!(Format::named(format.name).unwrap().name, format.name);
    }
    assert!(Format::named("pdf").is_none());
}

#[test]
fn findings_keep_their_schema() {
    let validator = validator(include_str!("../../docs/schema/findings.schema.json"));
    let lines = rendered("jsonl", Lang::Zh, Color::Plain);
    let findings: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(findings.len(), 11);
    for finding in &findings {
        assert_valid(&validator, finding);
    }
    let mut wrong = findings[0].clone();
    wrong["outcome"] = "perhaps".into();
    assert!(!validator.is_valid(&wrong));
    wrong = findings[0].clone();
    wrong.as_object_mut().unwrap().remove("fingerprint");
    assert!(!validator.is_valid(&wrong));
}

#[test]
fn spans_of_findings_name_the_observed_text() {
    let sheets = sheets();
    for line in rendered("jsonl", Lang::Zh, Color::Plain).lines() {
        let finding: Value = serde_json::from_str(line).unwrap();
        let sheet = sheets.iter().find(|sheet| sheet.path == finding["file"]).unwrap();
        let at = |key: &str, end: &str| finding[key][end].as_u64().unwrap() as usize;
        let observed = finding["observed"].as_str().unwrap();
        assert_eq!(&sheet.text[at("span", "start")..at("span", "end")], observed);
        let by_chars: String =
            sheet.text.chars().skip(at("char_span", "start")).take(at("char_span", "end") - at("char_span", "start")).collect();
        assert_eq!(by_chars, observed);
    }
}

#[test]
fn ids_are_unique_and_fingerprints_ignore_what_stands_elsewhere() {
    let sheets = sheets();
    let names = sheets[0].report().names().to_vec();
    let mut ids: Vec<&str> = names.iter().map(|names| &*names.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), names.len());
}

#[test]
fn the_json_document_is_one_value_with_every_finding_and_the_summary() {
    let document: Value = serde_json::from_str(&rendered("json", Lang::Zh, Color::Plain)).unwrap();
    let findings = validator(include_str!("../../docs/schema/findings.schema.json"));
    let summary = validator(include_str!("../../docs/schema/summary.schema.json"));
    for file in document["files"].as_array().unwrap() {
        for finding in file["findings"].as_array().unwrap() {
            assert_valid(&findings, finding);
        }
    }
    assert_valid(&summary, &document["summary"]);
}

#[test]
fn the_summary_counts_add_up() {
    let files = Files::default();
    play(&mut *folder(files.open()).unwrap(), &sheets());
    let summary: Value = serde_json::from_str(&files.text("summary.json")).unwrap();
    assert_valid(&validator(include_str!("../../docs/schema/summary.schema.json")), &summary);
    let n = |value: &Value, key: &str| value[key].as_u64().unwrap();
    let outcomes = ["applied", "held", "rejected", "skipped"];
    for table in ["classes", "rules"] {
        for outcome in outcomes {
            let sum: u64 = summary[table].as_array().unwrap().iter().map(|row| n(row, outcome)).sum();
            assert_eq!(sum, n(&summary["problems"], outcome), "{table} {outcome}");
        }
    }
    let lines = files.text("findings.jsonl").lines().count() as u64;
    assert_eq!(n(&summary["problems"], "total") + n(&summary, "information"), lines);
    insta::assert_snapshot!("summary.json", files.text("summary.json"));
}

#[test]
fn what_is_left_is_told_for_each_file_and_the_run() {
    let mut sheets = sheets();
    for (sheet, expected) in sheets.iter_mut().zip([2.0, 40.0]) {
        sheet.run.gauge = Some(Gauge { symbols: 2000.0, expected, expected_first: expected, ..Gauge::default() });
    }
    let files = Files::default();
    play(&mut *folder(files.open()).unwrap(), &sheets);
    let summary: Value = serde_json::from_str(&files.text("summary.json")).unwrap();
    assert_valid(&validator(include_str!("../../docs/schema/summary.schema.json")), &summary);
    let rate = |value: &Value| value["per_10k"].as_f64().unwrap();
    let left = &summary["estimated_left"];
    let (first, second) = (&left["files"][0], &left["files"][1]);
    assert_eq!((first["file"].as_str(), left["files"].as_array().unwrap().len()), (Some(sheets[0].path), 2));
    assert!(rate(first) < rate(&left["run"]) && rate(&left["run"]) < rate(second), "{left}");
    assert!(second["low"].as_f64().unwrap() < rate(second) && rate(second) < second["high"].as_f64().unwrap(), "{left}");
    let told = rendered_of("human", Lang::En, Color::Plain, &sheets);
    let worst = told.split("errors per 10,000 characters are left").nth(1).unwrap();
    assert!(worst.find(sheets[1].path) < worst.find(sheets[0].path), "the worst first: {told}");
    let page = files.text("report.html");
    assert!(page.contains("估计尚余") && page.contains("估计每万字尚余"));
}

#[test]
fn a_workflow_command_stays_on_its_line() {
    let lines = rendered("github", Lang::Zh, Color::Plain);
    assert_eq!(lines.lines().count(), 12);
    assert!(lines.lines().all(|line| line.starts_with("::warning file=") || line.starts_with("::notice ") || line.starts_with("::error ")));
}

#[test]
fn nothing_from_a_text_can_steer_a_terminal() {
    for name in ["human", "diff"] {
        let shown = rendered(name, Lang::Zh, Color::Ansi);
        assert!(!shown.contains("\u{1b}[31m\n") && !shown.contains('\u{202e}'), "{name}");
    }
    assert!(!rendered("human", Lang::Zh, Color::Plain).contains('\u{1b}'));
}

/// Writes `text` under `path`, lets `tool` apply `patch`, and reads it back.
fn patched(tool: &[&str], sheet: &Sheet, patch: &str) -> Option<String> {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join(sheet.path);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    let bom = if sheet.bom { "\u{feff}" } else { "" };
    fs::write(&file, format!("{bom}{}", sheet.text)).unwrap();
    let patch_file = dir.path().join("changes.diff");
    fs::write(&patch_file, patch).unwrap();
    let output = run(tool, &patch_file, dir.path())?;
    assert!(output.status.success(), "{tool:?}: {output:?}\n{patch}");
    let text = fs::read_to_string(&file).unwrap();
    Some(text.strip_prefix(bom).unwrap().to_owned())
}

/// `None` where the tool is not installed.
fn run(tool: &[&str], patch_file: &Path, dir: &Path) -> Option<std::process::Output> {
    Command::new(tool[0]).args(&tool[1..]).arg(patch_file).current_dir(dir).output().ok()
}

const TOOLS: [&[&str]; 2] = [&["patch", "-p1", "--binary", "-f", "-i"], &["git", "apply", "--whitespace=nowarn"]];

#[test]
fn patch_and_git_apply_take_the_diff() {
    for sheet in sheets() {
        if sheet.run.script.is_empty() {
            continue;
        }
        let sheets = [sheet];
        let patch = rendered_of("diff", Lang::Zh, Color::Plain, &sheets);
        for tool in TOOLS {
            if let Some(text) = patched(tool, &sheets[0], &patch) {
                assert_eq!(text, sheets[0].run.corrected, "{tool:?}\n{patch}");
            }
        }
    }
}

#[test]
fn the_diff_is_valid_at_the_ends_of_a_file() {
    type Case<'c> = (&'c str, &'c [(usize, usize, &'c str)]);
    let cases: [Case<'_>; 8] = [
        ("一\n二", &[(3, 4, "")]),
        ("一\n二", &[(7, 7, "\n")]),
        ("一\n二\n", &[(7, 8, "")]),
        ("一\n二\n", &[(0, 8, "")]),
        ("一", &[(0, 3, "")]),
        ("一\n二\n三\n", &[(0, 4, "")]),
        ("一\n二\n三\n", &[(0, 0, "〇\n"), (12, 12, "四\n")]),
        ("一\r\n二\r三\n四", &[(3, 5, ""), (8, 9, "")]),
    ];
    for (text, edits) in cases {
        let sheets = [edited("页.txt", text, edits)];
        let patch = rendered_of("diff", Lang::Zh, Color::Plain, &sheets);
        for tool in TOOLS {
            // `patch` removes a file that becomes empty.
            if let Some(new) = (!sheets[0].run.corrected.is_empty()).then(|| patched(tool, &sheets[0], &patch)).flatten() {
                assert_eq!(new, sheets[0].run.corrected, "{tool:?} {text:?} {edits:?}\n{patch}");
            }
        }
    }
}

/// Applies a unified diff the plain way, trusting only its line numbers.
fn apply_by_line_numbers(text: &str, patch: &str) -> String {
    let old: Vec<&str> = text.split_inclusive('\n').collect();
    let mut new: Vec<String> = Vec::new();
    let mut at = 0;
    let lines: Vec<&str> = patch.split_inclusive('\n').collect();
    for (idx, line) in lines.iter().enumerate().skip(2) {
        let body = || {
            let line = &line[1..];
            let unended = lines.get(idx + 1).is_some_and(|next| next.starts_with('\\'));
            if unended { line.strip_suffix('\n').unwrap() } else { line }
        };
        match line.as_bytes()[0] {
            b'@' => {
                let header = line.split(" @@").next().unwrap();
                let range = header.trim_start_matches("@@ -").split(' ').next().unwrap();
                let (start, count) = range.split_once(',').unwrap();
                let start: usize = start.parse().unwrap();
                let from = if count == "0" { start } else { start - 1 };
                new.extend(old[at..from].iter().map(ToString::to_string));
                let plus: usize = header.split('+').nth(1).unwrap().split(',').next().unwrap().parse().unwrap();
                let empty = header.ends_with(",0");
                assert_eq!(new.len(), if empty { plus } else { plus - 1 }, "{patch}");
                at = from;
            }
            b' ' => {
                assert_eq!(old[at], body(), "{patch}");
                new.push(body().to_owned());
                at += 1;
            }
            b'-' => {
                assert_eq!(old[at], body(), "{patch}");
                at += 1;
            }
            b'+' => new.push(body().to_owned()),
            _ => assert!(line.starts_with("\\ No newline"), "{line:?}"),
        }
    }
    new.extend(old[at..].iter().map(ToString::to_string));
    new.concat()
}

proptest! {
    #[test]
    fn the_diff_leads_from_the_original_to_the_corrected_text(
        text in "([一二三a]|\\n|\\r\\n){0,40}",
        cuts in prop::collection::btree_set(0_usize..60, 0..12),
        news in prop::collection::vec("([四b]|\\n){0,3}", 6),
    ) {
        let bounds: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        let points: Vec<usize> = cuts.into_iter().filter_map(|idx| bounds.get(idx).copied()).collect();
        let edits: Vec<(usize, usize, &str)> = points.chunks_exact(2).zip(&news).map(|(pair, new)| (pair[0], pair[1], &**new)).collect();
        prop_assume!(!edits.is_empty());
        let sheets = [edited("页.txt", &text, &edits)];
        let patch = rendered_of("diff", Lang::Zh, Color::Plain, &sheets);
        if sheets[0].run.corrected == text {
            prop_assert_eq!(patch, "");
        } else {
            prop_assert_eq!(apply_by_line_numbers(&text, &patch), sheets[0].run.corrected.clone());
        }
    }
}

//! What the documents show of the command line is what the program does.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::process::Command;

use super::{files, read, root};

fn jiaokan() -> Command {
    Command::new(env!("CARGO_BIN_EXE_jiaokan"))
}

/// What the program prints for the command at the top of the `README`.
fn fix_of_the_samples(lang: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let samples = root().join("corpus/samples");
    let output = jiaokan()
        .args(["--lang", lang, "fix"])
        .arg(samples)
        .args(["--out-dir", "out", "--report", "report"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(folder.path().join("report/report.html").is_file());
    let mut told = String::from_utf8(output.stdout).unwrap();
    told.push_str(&String::from_utf8(output.stderr).unwrap());
    told
}

/// `JIAOKAN_UPDATE=1 cargo test --test integration readme` writes the figures
/// anew.
#[test]
fn the_readmes_show_what_the_program_prints() {
    const COMMAND: &str = "$ cargo run --release -- fix corpus/samples --out-dir out --report report\n";
    for (path, lang) in [("README.md", "en"), ("README.zh.md", "zh")] {
        let text = read(path);
        let start = text.find(COMMAND).expect("the command is at the top") + COMMAND.len();
        let end = start + text[start..].find("\n$ ").expect("a second command follows") + 1;
        let told = fix_of_the_samples(lang);
        if std::env::var_os("JIAOKAN_UPDATE").is_some() {
            std::fs::write(root().join(path), format!("{}{told}{}", &text[..start], &text[end..])).unwrap();
        } else {
            assert_eq!(&text[start..end], told, "{path}");
        }
    }
}

/// The commands that a document shows: lines of its code blocks, and what it
/// quotes in a sentence.
fn commands(text: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    let mut in_block = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            in_block = !in_block;
        } else if in_block {
            found.extend(line.split(" | ").map(str::to_owned));
        } else {
            found.extend(line.split('`').skip(1).step_by(2).map(str::to_owned));
        }
    }
    let own = |command: &String| -> Option<Vec<String>> {
        let command = command.trim().trim_start_matches("$ ").split(" #").next().unwrap_or_default();
        let rest = command.strip_prefix("jiaokan ").or_else(|| {
            let (cargo, rest) = command.split_once(" -- ")?;
            (cargo.starts_with("cargo run") && !cargo.contains("-p ") && !cargo.contains("--example")).then_some(rest)
        })?;
        Some(rest.split_whitespace().map(str::to_owned).collect())
    };
    found.iter().filter_map(own).collect()
}

#[test]
fn every_command_in_the_documents_has_its_options() {
    let mut pages: BTreeMap<Vec<String>, Option<String>> = BTreeMap::new();
    let mut help = |verb: &[String]| -> Option<String> {
        let page = || {
            let output = jiaokan().args(verb).arg("--help").output().unwrap();
            output.status.success().then(|| String::from_utf8(output.stdout).unwrap())
        };
        pages.entry(verb.to_vec()).or_insert_with(page).clone()
    };
    let mut wrong = String::new();
    let mut n_commands = 0;
    for path in files("", "md") {
        for command in commands(&read(&path)) {
            let lower = |word: &&String| word.chars().all(|c| c.is_ascii_lowercase());
            let words: Vec<String> = command.iter().take_while(lower).take(2).cloned().collect();
            let Some(first) = words.first() else { continue };
            let verb = if ["rules", "lm", "channel", "decisions", "help"].contains(&first.as_str()) { &words[..] } else { &words[..1] };
            n_commands += 1;
            let Some(page) = help(verb) else {
                writeln!(wrong, "{path}: there is no {verb:?}").unwrap();
                continue;
            };
            for option in command.iter().filter(|word| word.starts_with("--")) {
                let option = option.split('=').next().unwrap_or_default();
                if !page.contains(option) {
                    writeln!(wrong, "{path}: {verb:?} has no {option}").unwrap();
                }
            }
        }
    }
    assert!(n_commands > 30, "commands are found");
    assert!(wrong.is_empty(), "{wrong}");
}

/// `.ci/run` is what a change must pass, so it runs what the README says.
#[test]
fn the_script_of_a_change_runs_the_test_command_of_the_readmes() {
    let script = read(".ci/run");
    for path in ["README.md", "README.zh.md"] {
        let text = read(path);
        let command = text.lines().filter_map(|line| line.strip_prefix("$ ")).find(|command| command.starts_with("cargo test"));
        let command = command.expect("a test command is shown");
        assert!(script.lines().any(|line| line == command), "{path}: {command} is not run");
    }
}

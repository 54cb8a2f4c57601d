//! A run that was killed goes on where it was, and nobody can tell afterwards.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::cli_cases::tree;

/// Kills of one run of the test; more with `JIAOKAN_KILLS=50`.
const KILLS: u64 = 2;

/// Sample pages of a run.
const PAGES: usize = 5;

const SAMPLE: &str = "corpus/samples";

fn fix(folder: &Path, to: &str, more: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_jiaokan"));
    command.current_dir(folder).env("LANG", "en_US.UTF-8").env_remove("LC_ALL");
    command.args(["fix", "in", "--quiet", "--exit-zero", "--jobs", "2", "--out-dir", &format!("{to}/out")]);
    command.args(["--report", &format!("{to}/report")]);
    command.args(["--articles", &format!("{to}/articles.jsonl"), "--rejects", &format!("{to}/rejects.jsonl")]);
    command.args(more).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

/// The sample pages, each under several names.
fn pages(folder: &Path) {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join(SAMPLE);
    for file in tree(&samples).into_iter().filter(|file| file.ends_with(".txt")).take(PAGES) {
        let bytes = fs::read(samples.join(&file)).unwrap();
        // Part of a page is enough, where it can be cut.
        let text = match String::from_utf8(bytes) {
            Ok(text) => text.chars().take(300).collect::<String>().into_bytes(),
            Err(error) => error.into_bytes(),
        };
        for copy in 0..2 {
            let path = folder.join("in").join(format!("{copy}/{file}"));
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, &text).unwrap();
        }
    }
}

fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    tree(folder).into_iter().map(|file| (file.clone(), fs::read(folder.join(file)).unwrap())).collect()
}

/// Numbers without a pattern, the same in every run of the test.
fn random(state: &mut u64) -> u64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *state >> 33
}

fn assert_same(expected: &BTreeMap<String, Vec<u8>>, folder: &Path, when: &str) {
    let now = contents(folder);
    assert_eq!(expected.keys().collect::<Vec<_>>(), now.keys().collect::<Vec<_>>(), "{when}");
    let differ: Vec<&String> = expected.keys().filter(|file| expected[*file] != now[*file]).collect();
    assert!(differ.is_empty(), "{when}: {differ:?} differ");
}

#[test]
fn a_killed_run_goes_on_and_leaves_what_an_uninterrupted_one_does() {
    let root = tempfile::tempdir().unwrap();
    pages(root.path());
    for context in [&[][..], &["--context", "run"]] {
        fs::create_dir_all(root.path().join("whole")).unwrap();
        let started = Instant::now();
        assert!(fix(root.path(), "whole", context).status().unwrap().success());
        let needed = started.elapsed();
        let expected = contents(&root.path().join("whole"));
        assert!(expected.keys().any(|file| file.starts_with("report/")) && expected.contains_key("articles.jsonl"));
        let kills = std::env::var("JIAOKAN_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(KILLS);
        let mut state = 20_240_902;
        for kill in 0..kills {
            let killed = root.path().join("killed");
            fs::create_dir_all(&killed).unwrap();
            // One and the same run may be killed more than once.
            let times = 1 + random(&mut state) % 2;
            for time in 0..times {
                let resume: &[&str] = if time > 0 { &["--resume"] } else { &[] };
                let mut child = fix(root.path(), "killed", &[context, resume].concat()).spawn().unwrap();
                thread::sleep(Duration::from_millis(random(&mut state) % (needed.as_millis() as u64 + 1)));
                // SIGKILL on Unix.
                let _ = child.kill();
                child.wait().unwrap();
                if !killed.join("articles.jsonl").exists() {
                    assert!(!killed.join("report/summary.json").exists(), "reports appear together, at the end");
                }
            }
            let ended = fix(root.path(), "killed", &[context, &["--resume"]].concat()).output().unwrap();
            assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
            assert_same(&expected, &killed, &format!("kill {kill}, {context:?}"));
            fs::remove_dir_all(&killed).unwrap();
        }
        fs::remove_dir_all(root.path().join("whole")).unwrap();
    }
}

#[test]
fn what_changed_is_done_again_and_nothing_else() {
    let root = tempfile::tempdir().unwrap();
    pages(root.path());
    let files = tree(&root.path().join("in"));
    let (n, first) = (files.len(), files.first().unwrap().clone());
    let told = |more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_jiaokan"));
        command.current_dir(root.path()).env("LANG", "en_US.UTF-8").env_remove("LC_ALL");
        command.args(["fix", "in", "--out-dir", "out", "--exit-zero", "--resume"]).args(more);
        let output = command.output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        let line = stderr.lines().find(|line| line.contains("had been done"));
        line.map_or(0, |line| line.split(' ').nth(1).unwrap().parse::<usize>().unwrap())
    };
    assert_eq!(told(&[]), 0);
    assert_eq!(told(&[]), n);
    // Another page.
    let page = root.path().join("in").join(&first);
    fs::write(&page, "甲\u{200b}乙\n").unwrap();
    assert_eq!(told(&[]), n - 1);
    // Other settings, and back: what is kept is of the last run.
    assert_eq!(told(&["--level", "suggested"]), 0);
    assert_eq!(told(&["--level", "suggested"]), n);
    // Another rule.
    fs::create_dir(root.path().join("mine")).unwrap();
    fs::write(root.path().join("mine/pack.toml"), "name = \"mine\"\nversion = \"1.0.0\"\n\n[message]\nzh = \"自己的\"\nen = \"Our own\"\n")
        .unwrap();
    fs::write(root.path().join("jiaokan.toml"), "[rules]\npacks = [\"mine\"]\n").unwrap();
    assert_eq!(told(&["--level", "suggested"]), 0);
    // With the evidence of the run, another page is other evidence.
    assert_eq!(told(&["--context", "run"]), 0);
    assert_eq!(told(&["--context", "run"]), n);
    fs::write(&page, "新桥通车之后，两岸居民往来方便多了，孩子们上学也不用再绕远路。\n".repeat(4)).unwrap();
    assert_eq!(told(&["--context", "run"]), 0);
    // What somebody took away or changed in the output is written again.
    let written = root.path().join("out").join(&first);
    let expected = fs::read(&written).unwrap();
    fs::write(&written, "另有人改").unwrap();
    assert_eq!(told(&["--context", "run"]), n);
    assert_eq!(fs::read(&written).unwrap(), expected);
}

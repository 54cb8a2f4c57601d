//! Compiled lists on the disk: found again, made anew when they are spoilt,
//! and of no influence on results.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::cli_cases::feed;

const RULE: &str = r#"[[rule]]
id = "ours/name-misread"
kind = "lexicon"
class = "look-alike"
phase = "words"
message = { zh = "「{observed}」应为「{fixed}」", en = "「{observed}」: 「{fixed}」 was printed" }
why = { zh = "名录里的名称", en = "a name of the list" }
source = "名录"
safety = "automatic"
confidence = 0.98
max_distance = 0.5
terms_file = "names.txt"
bad = [["去末央供销社了", "去未央供销社了"]]
good = ["去未央供销社了"]
"#;

/// A pack with two lists that are large, and a page with damage.
fn folder() -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("ours/pack.toml", "name = \"ours\"\nversion = \"1\"\nmessage = { zh = \"本报\", en = \"ours\" }\n");
    write("ours/names.toml", RULE);
    let (mut names, mut bad) = ("# 名录\n未央供销社\n".to_owned(), "径河 泾河\n".to_owned());
    for idx in 0..17_000 {
        writeln!(names, "第{idx}供销社").unwrap();
        writeln!(bad, "径河{idx}号 泾河{idx}号").unwrap();
    }
    write("ours/names.txt", &names);
    write("ours/known-bad.txt", &bad);
    write("jiaokan.toml", "[rules]\npacks = [\"ours\"]\nselect = [\"ours\"]\n");
    write("page.txt", "昨天，末央供销社迁到径河17号。\n径河公园今日开放。\n");
    root
}

fn run(root: &Path, cache: &Path, args: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_jiaokan"));
    command.args(args).current_dir(root).env("LANG", "en_US.UTF-8").env_remove("LC_ALL").env("JIAOKAN_CACHE", cache);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let output = feed(command, b"");
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn kept(cache: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files: Vec<PathBuf> = fs::read_dir(cache).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.into_iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

#[test]
fn compiled_lists_are_kept_and_change_no_result() {
    let root = folder();
    let cache = root.path().join("a cache/of lists");
    let check = |cache: &Path| run(root.path(), cache, &["check", "page.txt", "--level", "suggested", "--format", "jsonl", "--exit-zero"]);
    let without = check(Path::new(""));
    for fixed in ["未央供销社", "泾河17号", "泾河"] {
        assert!(without.contains(fixed), "{fixed} is not in {without}");
    }
    assert_eq!(check(&cache), without);
    let made = kept(&cache);
    assert!(made.len() >= 2, "{} files", made.len());
    assert_eq!(check(&cache), without);
    assert_eq!(kept(&cache), made);
    for (path, bytes) in &made {
        let mut spoilt = bytes.clone();
        let middle = spoilt.len() / 2;
        spoilt[middle] ^= 1;
        fs::write(path, if path == &made[0].0 { &bytes[..middle] } else { &spoilt }).unwrap();
    }
    assert_eq!(check(&cache), without);
    assert_eq!(kept(&cache), made, "what was spoilt is made anew");
    let examples = run(root.path(), &cache, &["rules", "test", "ours/name-misread"]);
    assert!(examples.contains("2 examples validated, 0 failed"), "{examples}");
}

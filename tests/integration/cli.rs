//! What cases as data cannot say: threads, pipes, permissions, schemas.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};

use super::cli_cases::{feed, tree};

fn jiaokan(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_jiaokan"));
    command.args(args).current_dir(folder).env("LANG", "en_US.UTF-8").env_remove("LC_ALL");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Pages of very different length, so that threads finish out of order.
fn pages(folder: &Path, n: usize) {
    for idx in 0..n {
        let lines = 1 + (idx * 37) % 40;
        let text: String = (0..lines).map(|line| format!("第{line}行，甲\u{200b}乙丙丁\u{200b}。\n")).collect();
        let path = folder.join(format!("第{}版/{idx}.txt", idx % 4));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

#[test]
fn one_and_eight_threads_give_identical_bytes() {
    let root = tempfile::tempdir().unwrap();
    pages(&root.path().join("in"), 30);
    let run = |jobs: &str, format: &str| {
        let out = format!("out{jobs}");
        let report = format!("report{jobs}");
        let args = ["fix", "in", "--out-dir", &out, "--report", &report, "--format", format, "--jobs", jobs, "-q"];
        let output = feed(jiaokan(root.path(), &args), b"");
        assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
        (output.status.code(), output.stdout)
    };
    for format in ["human", "sarif"] {
        let (one, eight) = (run("1", format), run("8", format));
        assert!(one.1.len() > 1000);
        assert_eq!(one, eight, "{format}");
    }
    for pair in [("out1", "out8"), ("report1", "report8")] {
        let (one, eight) = (root.path().join(pair.0), root.path().join(pair.1));
        assert_eq!(tree(&one), tree(&eight));
        for file in tree(&one) {
            assert_eq!(fs::read(one.join(&file)).unwrap(), fs::read(eight.join(&file)).unwrap(), "{file}");
        }
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let root = tempfile::tempdir().unwrap();
    pages(&root.path().join("in"), 60);
    let mut child = jiaokan(root.path(), &["check", "in", "--format", "jsonl"]).spawn().unwrap();
    let mut first = [0];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stderr.is_empty());
}

#[cfg(unix)]
#[test]
fn permissions_survive_a_change_in_place_and_an_undo() {
    use std::os::unix::fs::PermissionsExt;
    let root = tempfile::tempdir().unwrap();
    let file = root.path().join("a.txt");
    fs::write(&file, "甲\u{200b}乙\n").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    let mode = || fs::metadata(&file).unwrap().permissions().mode() & 0o777;
    let fixed = feed(jiaokan(root.path(), &["fix", "a.txt", "--write"]), b"");
    assert_eq!((fixed.status.code(), mode()), (Some(0), 0o640));
    assert_eq!(fs::read_to_string(&file).unwrap(), "甲乙\n");
    let undone = feed(jiaokan(root.path(), &["undo", "a.txt"]), b"");
    assert_eq!((undone.status.code(), mode()), (Some(0), 0o640));
    assert_eq!(fs::read_to_string(&file).unwrap(), "甲\u{200b}乙\n");
}

#[cfg(unix)]
#[test]
fn new_files_can_be_read_by_others() {
    use std::os::unix::fs::PermissionsExt;
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("a.txt"), "甲\n").unwrap();
    feed(jiaokan(root.path(), &["fix", "a.txt", "--out-dir", "out"]), b"");
    fs::write(root.path().join("plain"), "").unwrap();
    let mode = |path: &str| fs::metadata(root.path().join(path)).unwrap().permissions().mode();
    assert_eq!(mode("out/a.txt"), mode("plain"));
    assert_eq!(mode("out/.jiaokan/a.txt.patch.json"), mode("plain"));
}

#[test]
fn patches_follow_their_schema() {
    let schema = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schema/patch.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("a.txt"), b"\xef\xbb\xbf\xe7\x94\xb2\xe2\x80\x8b\xff\xe4\xb9\x99\xe2\xbc\x80\n").unwrap();
    let fix = |rule| feed(jiaokan(root.path(), &["fix", "a.txt", "--write", "--select", rule]), b"");
    let patch = root.path().join(".jiaokan/a.txt.patch.json");
    let read = || -> serde_json::Value { serde_json::from_str(&fs::read_to_string(&patch).unwrap()).unwrap() };
    fix("encoding/invisible-character");
    assert_eq!((read()["bom"].as_bool(), read()["undecodable"][0]["raw"].as_str()), (Some(true), Some("ff")));
    assert!(read().get("previous").is_none());
    assert!(validator.is_valid(&read()));
    fix("encoding/radical-for-ideograph");
    assert_eq!(read()["previous"]["undecodable"], serde_json::json!([{ "original": 6, "corrected": 3, "raw": "ff" }]));
    assert!(validator.is_valid(&read()));
    assert!(!validator.is_valid(&serde_json::json!({ "format": "jiaokan-patch" })));
}

//! Files that want to do harm, too large or too odd for a case as data: each is
//! one clear error or none, and everything else is done.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn fix(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_jiaokan"));
    command.args(["fix", "in", "--out-dir", "out", "--select", "encoding", "--quiet"]).args(args);
    command.current_dir(folder).env("LANG", "en_US.UTF-8").env_remove("LC_ALL").stdin(Stdio::null());
    command.output().unwrap()
}

fn errors(output: &Output) -> Vec<String> {
    String::from_utf8_lossy(&output.stderr).lines().map(str::to_owned).collect()
}

/// Files beside one that is to come out right whatever the others do.
fn with(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir(root.path().join("in")).unwrap();
    for (name, bytes) in files.iter().chain(&[("good.txt", "甲\u{200b}乙\n".as_bytes())]) {
        fs::write(root.path().join("in").join(name), bytes).unwrap();
    }
    root
}

fn is_good(root: &tempfile::TempDir) -> bool {
    fs::read(root.path().join("out/good.txt")).unwrap() == "甲乙\n".as_bytes()
}

#[test]
fn elements_without_end_are_one_error() {
    let deep = |open: &str, close: &str| format!("<div class='ocr_page'>{}甲{}</div>", open.repeat(50_000), close.repeat(50_000));
    let root = with(&[("deep.hocr", deep("<div>", "</div>").as_bytes()), ("open.hocr", deep("<span>", "").as_bytes())]);
    let output = fix(root.path(), &[]);
    assert_eq!((output.status.code(), errors(&output).len()), (Some(2), 2), "{:?}", errors(&output));
    assert!(errors(&output).iter().all(|line| line.contains("hocr:1:")), "{:?}", errors(&output));
    assert!(is_good(&root) && !root.path().join("out/deep.hocr").exists());
}

#[test]
fn empty_files_and_wrong_declarations_are_no_errors() {
    let wrong = "<?xml version='1.0' encoding='big5'?><alto><TextLine ID='a'><String ID='a' CONTENT='新\u{200b}桥'/></TextLine></alto>";
    let boxes = "<div class='ocr_page'><span class='ocr_line' id='x' title='bbox 90 -4 nan 1e99'>丙\u{200b}丁</span>\
                 <span class='ocr_line' id='x' title='bbox -9 -9 -99 -99; x_wconf NaN'>戊己</span></div>";
    let root = with(&[("a.txt", b""), ("b.hocr", b""), ("c.xml", wrong.as_bytes()), ("d.hocr", boxes.as_bytes())]);
    let output = fix(root.path(), &[]);
    assert_eq!(output.status.code(), Some(0), "{:?}", errors(&output));
    let out = |name: &str| fs::read_to_string(root.path().join("out").join(name)).unwrap();
    assert_eq!([out("a.txt"), out("b.hocr")], ["", ""]);
    let note = "<ALTERNATIVE PURPOSE=\"jiaokan encoding/invisible-character\">新\u{200b}桥</ALTERNATIVE>";
    assert_eq!(out("c.xml"), wrong.replace("'新\u{200b}桥'/>", &format!("'新桥'>{note}</String>")));
    let noted = boxes.replace("nan 1e99'", "nan 1e99; x_jiaokan encoding/invisible-character'");
    assert_eq!(out("d.hocr"), noted.replace('\u{200b}', ""));
    assert!(is_good(&root));
}

#[test]
fn a_line_beyond_all_bounds_is_copied_and_told() {
    let mut dump = b"{\"t\":\"".to_vec();
    dump.resize(150 << 20, b'x');
    dump.extend_from_slice("\"}\n{\"t\":\"甲\u{200b}乙\"}\n".as_bytes());
    let root = with(&[("dump.jsonl", &dump)]);
    let output = fix(root.path(), &["--text-column", "t"]);
    let told = errors(&output);
    assert_eq!((output.status.code(), told.len()), (Some(2), 1), "{told:?}");
    assert!(told[0].contains("dump.jsonl:1:1: this line is longer than 64 MiB"), "{told:?}");
    let written = fs::read(root.path().join("out/dump.jsonl")).unwrap();
    let end = "{\"t\":\"甲乙\"}\n".as_bytes();
    assert!(written.ends_with(end) && written.len() == dump.len() - 3);
    assert!(is_good(&root));
}

#[test]
fn a_dump_of_bad_rows_is_told_in_some_lines() {
    let rows = "no json\n".repeat(5000);
    let root = with(&[("dump.jsonl", rows.as_bytes())]);
    let output = fix(root.path(), &["--text-column", "t"]);
    let told = errors(&output);
    assert_eq!((output.status.code(), told.len()), (Some(2), 21), "{told:?}");
    assert!(told[20].contains("4980 more lines"), "{told:?}");
    assert_eq!(fs::read(root.path().join("out/dump.jsonl")).unwrap(), rows.as_bytes());
    assert!(is_good(&root));
}

#[cfg(unix)]
#[test]
fn folders_that_lead_back_to_themselves_are_not_followed() {
    let root = with(&[]);
    std::os::unix::fs::symlink("..", root.path().join("in/loop")).unwrap();
    let output = fix(root.path(), &[]);
    assert_eq!(output.status.code(), Some(0), "{:?}", errors(&output));
    assert!(is_good(&root));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error() {
    let root = with(&[]);
    let mut command = Command::new(env!("CARGO_BIN_EXE_jiaokan"));
    command.args(["fix", "-", "--quiet", "--select", "encoding"]).current_dir(root.path()).env("LANG", "en_US.UTF-8").env_remove("LC_ALL");
    command.stdin(File::open(root.path().join("in/good.txt")).unwrap()).stdout(File::create("/dev/full").unwrap());
    let output = command.stderr(Stdio::piped()).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(errors(&output)[0].contains("the disk is full"), "{:?}", errors(&output));
}

#[cfg(unix)]
#[test]
fn a_place_that_cannot_be_written_fails_one_file() {
    let root = with(&[("a.txt", "甲\u{200b}\n".as_bytes())]);
    // A folder stands where the text is to go: an error for whoever runs it.
    fs::create_dir_all(root.path().join("out/a.txt/x")).unwrap();
    let output = fix(root.path(), &[]);
    assert_eq!((output.status.code(), errors(&output).len()), (Some(2), 1), "{:?}", errors(&output));
    assert!(is_good(&root));
    let left: Vec<_> = fs::read_dir(root.path().join("out")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().ends_with(".part")), "{left:?}");
}

#[cfg(unix)]
#[test]
fn a_file_that_nobody_may_read_is_an_error() {
    use std::os::unix::fs::PermissionsExt;
    let root = with(&[("a.txt", b"x"), ("b.zip", b"PK")]);
    for name in ["a.txt", "b.zip"] {
        fs::set_permissions(root.path().join("in").join(name), fs::Permissions::from_mode(0o000)).unwrap();
    }
    // Nothing is hidden from the administrator.
    if File::open(root.path().join("in/a.txt")).is_ok() {
        return;
    }
    let output = fix(root.path(), &[]);
    let told = errors(&output);
    assert_eq!((output.status.code(), told.len()), (Some(2), 2), "{told:?}");
    assert!(told.iter().all(|line| line.contains("permission denied")), "{told:?}");
    assert!(is_good(&root));
}

#[cfg(unix)]
#[test]
fn a_file_that_vanishes_during_the_run_is_an_error() {
    let root = with(&[("b.txt", b"x")]);
    // The run waits for the first file until somebody writes it: by then it
    // knows of the second one and has not read it.
    let pipe = root.path().join("in/a.txt");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let mut command = Command::new(env!("CARGO_BIN_EXE_jiaokan"));
    command.args(["fix", "in/a.txt", "in/b.txt", "in/good.txt", "--out-dir", "out", "--select", "encoding", "--quiet", "--jobs", "1"]);
    command.current_dir(root.path()).env("LANG", "en_US.UTF-8").env_remove("LC_ALL").stdin(Stdio::null()).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    let mut writer = fs::OpenOptions::new().write(true).open(&pipe).unwrap();
    fs::remove_file(root.path().join("in/b.txt")).unwrap();
    writer.write_all("丙\u{200b}丁\n".as_bytes()).unwrap();
    drop(writer);
    let output = child.wait_with_output().unwrap();
    let told = errors(&output);
    assert_eq!((output.status.code(), told.len()), (Some(2), 1), "{told:?}");
    assert!(told[0].contains("b.txt: no such file or folder"), "{told:?}");
    assert_eq!(fs::read_to_string(root.path().join("out/a.txt")).unwrap(), "丙丁\n");
    assert!(is_good(&root) && !root.path().join("out/b.txt").exists());
}

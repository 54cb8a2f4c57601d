//! `jiaokan calibrate` on pages whose truth is known, and what comes of its
//! file.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Characters of a page at least: fewer are no page for the models.
const PAGE_CHARS: usize = 400;

/// Pages, the fewest that are calibrated on.
const N_PAGES: usize = 10;

/// Every so many characters one is misread, where it has a look-alike here.
const EVERY: usize = 2;

/// Printed and read.
const LOOK_ALIKES: [(char, char); 24] = [
    ('已', '己'),
    ('人', '入'),
    ('大', '太'),
    ('日', '曰'),
    ('土', '士'),
    ('未', '末'),
    ('天', '夫'),
    ('千', '干'),
    ('体', '休'),
    ('王', '玉'),
    ('本', '木'),
    ('间', '问'),
    ('市', '巿'),
    ('令', '今'),
    ('乌', '鸟'),
    ('的', '旳'),
    ('有', '冇'),
    ('住', '往'),
    ('么', '幺'),
    ('从', '丛'),
    ('由', '田'),
    ('目', '日'),
    ('师', '帅'),
    ('折', '拆'),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn jiaokan(folder: &Path, threads: &str, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_jiaokan"));
    command
        .args(args)
        .current_dir(folder)
        .env("LANG", "en_US.UTF-8")
        .env_remove("LC_ALL")
        .env("RAYON_NUM_THREADS", threads)
        .output()
        .unwrap()
}

fn texts(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { texts(&path, found) } else { found.push(path) }
    }
}

/// Pages of the true texts of `corpus`, and the same with some characters
/// misread.
fn lay_out(folder: &Path) {
    let mut paths = Vec::new();
    texts(&root().join("corpus/truth"), &mut paths);
    paths.sort();
    let mut pages = vec![String::new()];
    for line in paths.iter().map(|path| fs::read_to_string(path).unwrap()).collect::<String>().lines() {
        if pages.last().is_some_and(|page| page.chars().count() > PAGE_CHARS) {
            pages.push(String::new());
        }
        let page = pages.last_mut().unwrap();
        page.push_str(line);
        page.push('\n');
    }
    pages.retain(|page| page.chars().count() > PAGE_CHARS);
    pages.truncate(N_PAGES);
    for (nth, truth) in pages.iter().enumerate() {
        let mut n_alike = 0;
        let misread = |printed: char| {
            let Some(&(_, read)) = LOOK_ALIKES.iter().find(|(one, _)| *one == printed) else { return printed };
            n_alike += 1;
            if n_alike % EVERY == 0 { read } else { printed }
        };
        let read: String = truth.chars().map(misread).collect();
        for (side, text) in [("ocr", &read), ("truth", truth)] {
            fs::create_dir_all(folder.join(side)).unwrap();
            fs::write(folder.join(side).join(format!("第{nth:02}页.txt")), text).unwrap();
        }
    }
}

#[test]
fn a_calibration_is_the_same_on_any_number_of_threads_and_holds_for_its_models_alone() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    lay_out(folder);
    let made = |threads: &str| {
        let output = jiaokan(folder, threads, &["calibrate", "--input", "ocr", "--truth", "truth", "-o", &format!("{threads}.toml")]);
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        (String::from_utf8(output.stdout).unwrap(), fs::read_to_string(folder.join(format!("{threads}.toml"))).unwrap())
    };
    let (told, written) = made("1");
    assert_eq!((told.clone(), written.clone()), made("8"));
    assert!(told.starts_with(&format!("{N_PAGES} pages, ")) && told.contains("suggested: from 0."), "{told}");
    assert!(written.contains("misread\\t") && written.contains("\"第00页\""), "{written}");

    let check = |options: &[&str]| {
        let output = jiaokan(folder, "2", &[&["check", "ocr/第00页.txt", "-q", "--exit-zero"], options].concat());
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    assert_eq!(check(&["--calibration", "1.toml"]), (Some(0), String::new()));
    let refused = |options: &[&str], reason: &str| {
        let (code, said) = check(options);
        assert!(code == Some(2) && said.contains(reason), "{code:?} {said}");
    };
    refused(&["--calibration", "1.toml", "--sound"], "measured without --sound");
    fs::write(folder.join("habits.tsv"), "# jiaokan habits 1\n").unwrap();
    refused(&["--calibration", "1.toml", "--channel", "habits.tsv"], "holds the engine's habits already");
    let other = written.replacen("scorer = \"", "scorer = \"0", 1);
    fs::write(folder.join("other.toml"), other).unwrap();
    refused(&["--calibration", "other.toml"], "whose scorer is another one");
}

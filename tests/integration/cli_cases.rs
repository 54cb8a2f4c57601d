//! Runs the cases in `tests/cli/*.toml`: files, commands, and what is expected
//! on standard output and error, as exit code, and on the disk.
//! `tests/cli/README.md` describes the format.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use jiaokan::encoding::{Encoding, encode_str};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// What the case shows.
    about: String,
    #[serde(default, rename = "file")]
    files: Vec<FileSpec>,
    #[serde(rename = "run")]
    runs: Vec<RunSpec>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileSpec {
    path: String,
    text: Option<String>,
    encoding: Option<String>,
    #[serde(default)]
    bom: bool,
    hex: Option<String>,
    /// The same bytes as this file of the case.
    same_as: Option<String>,
    /// A symbolic link to this path.
    link: Option<String>,
    #[serde(default)]
    absent: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RunSpec {
    args: Vec<String>,
    /// Folder to run in, below the case's.
    #[serde(default)]
    folder: String,
    #[serde(default)]
    env: std::collections::BTreeMap<String, String>,
    /// Written before the run.
    #[serde(default)]
    before: Vec<FileSpec>,
    stdin: Option<String>,
    stdin_encoding: Option<String>,
    exit: i32,
    stdout: Option<String>,
    stdout_encoding: Option<String>,
    stderr: Option<String>,
    /// All files there are after the run.
    tree: Option<Vec<String>>,
    /// Files after the run.
    #[serde(default, rename = "file")]
    files: Vec<FileSpec>,
}

impl FileSpec {
    fn bytes(&self, root: &Path) -> Vec<u8> {
        if let Some(other) = &self.same_as {
            return fs::read(root.join(other)).unwrap_or_else(|error| panic!("{other}: {error}"));
        }
        if let Some(hex) = &self.hex {
            let digits: Vec<u32> = hex.chars().filter_map(|c| c.to_digit(16)).collect();
            return digits.chunks(2).map(|pair| (16 * pair[0] + pair[1]) as u8).collect();
        }
        let encoding = encoding(self.encoding.as_deref());
        let mark = if self.bom { encoding.bom() } else { &[] };
        [mark, &encode_str(encoding, self.text.as_deref().unwrap_or_default()).unwrap()].concat()
    }

    fn write(&self, root: &Path) {
        let path = root.join(&self.path);
        if self.absent {
            fs::remove_file(&path).unwrap();
            return;
        }
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        match &self.link {
            #[cfg(unix)]
            Some(to) => std::os::unix::fs::symlink(to, &path).unwrap(),
            #[cfg(not(unix))]
            Some(_) => panic!("links are for unix only"),
            None => fs::write(&path, self.bytes(root)).unwrap(),
        }
    }

    fn check(&self, root: &Path, problems: &mut Vec<String>) {
        let found = fs::read(root.join(&self.path)).ok();
        let expected = (!self.absent).then(|| self.bytes(root));
        if found != expected {
            let show = |bytes: &Option<Vec<u8>>| {
                bytes.as_ref().map_or("no file".to_owned(), |bytes| format!("{:?}", String::from_utf8_lossy(bytes)))
            };
            problems.push(format!("{}: expected {}, found {}", self.path, show(&expected), show(&found)));
        }
    }
}

fn encoding(name: Option<&str>) -> Encoding {
    name.map_or(Encoding::Utf8, |name| name.parse().unwrap())
}

impl RunSpec {
    fn command(&self, root: &Path) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_jiaokan"));
        command.args(&self.args).current_dir(root.join(&self.folder));
        for name in ["LC_ALL", "LC_MESSAGES", "NO_COLOR", "TERM"] {
            command.env_remove(name);
        }
        command.env("LANG", "en_US.UTF-8").envs(&self.env);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn check(&self, root: &Path, problems: &mut Vec<String>) {
        for file in &self.before {
            file.write(root);
        }
        let stdin = encode_str(encoding(self.stdin_encoding.as_deref()), self.stdin.as_deref().unwrap_or_default()).unwrap();
        let output = feed(self.command(root), &stdin);
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        if output.status.code() != Some(self.exit) {
            problems.push(format!("exit: expected {}, found {:?}; on standard error:\n{stderr}", self.exit, output.status.code()));
        }
        if let Some(expected) = &self.stdout {
            match self.stdout_encoding.as_deref() {
                Some(name) => {
                    if encode_str(encoding(Some(name)), expected).unwrap() != output.stdout {
                        problems.push(format!("standard output: {:?} is not {expected:?} in {name}", output.stdout));
                    }
                }
                None => compare("standard output", expected, &String::from_utf8_lossy(&output.stdout), problems),
            }
        }
        if let Some(expected) = &self.stderr {
            compare("standard error", expected, &stderr, problems);
        }
        if let Some(expected) = &self.tree {
            let expected: BTreeSet<String> = expected.iter().cloned().collect();
            let found = tree(root);
            if found != expected {
                problems.push(format!("files: expected {expected:?}, found {found:?}"));
            }
        }
        for file in &self.files {
            file.check(root, problems);
        }
    }
}

/// Runs `command` on `stdin`, which it need not read.
pub(crate) fn feed(mut command: Command, stdin: &[u8]) -> Output {
    let mut child = command.spawn().unwrap();
    let mut pipe = child.stdin.take().unwrap();
    let bytes = stdin.to_vec();
    let writer = std::thread::spawn(move || drop(pipe.write_all(&bytes)));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}

/// Files and links below `root`, with `/`.
pub(crate) fn tree(root: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.is_symlink() {
                folders.push(path);
            } else {
                let parts: Vec<String> =
                    path.strip_prefix(root).unwrap().components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
                found.insert(parts.join("/"));
            }
        }
    }
    found
}

/// `[..]` in the expectation stands for any text within a line, a line `...`
/// for any lines.
fn compare(what: &str, expected: &str, found: &str, problems: &mut Vec<String>) {
    let pattern = snapbox::Data::text(expected.to_owned());
    if let Err(error) = snapbox::Assert::new().normalize_paths(false).try_eq(Some(&what), snapbox::Data::text(found.to_owned()), pattern) {
        problems.push(error.to_string());
    }
}

fn run_case(path: &Path) -> Vec<String> {
    let case: Case = toml::from_str(&fs::read_to_string(path).unwrap()).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let root = tempfile::tempdir().unwrap();
    for file in &case.files {
        file.write(root.path());
    }
    let mut problems = Vec::new();
    for (idx, run) in case.runs.iter().enumerate() {
        let mut here = Vec::new();
        run.check(root.path(), &mut here);
        problems.extend(here.into_iter().map(|problem| format!("{} ({}), run {}: {problem}", path.display(), case.about, idx + 1)));
    }
    problems
}

#[test]
fn every_case_does_what_it_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli");
    let mut cases: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    cases.sort();
    assert!(!cases.is_empty());
    let problems: Vec<String> = cases.iter().flat_map(|path| run_case(path)).collect();
    assert!(problems.is_empty(), "{}", problems.join("\n\n"));
}

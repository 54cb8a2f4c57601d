//! The house rules that `ARCHITECTURE.md` and `CONTRIBUTING.md` promise, read
//! from the files themselves. What may import what, and which words are not
//! used, stands in `ARCHITECTURE.md` alone; the tests read it there.

mod code;
mod damage;
mod documents;
mod readme;
mod registry;

use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Files with `extension` below `folder` of the repository, with `/` and
/// sorted; what Git ignores here is left out, and so is what begins with a dot.
fn files(folder: &str, extension: &str) -> Vec<String> {
    const IGNORED: [&str; 6] = ["target", "out", "report", "fuzz/target", "fuzz/corpus", "fuzz/artifacts"];
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = relative(&path);
            if IGNORED.contains(&name.as_str()) || path.file_name().unwrap().to_string_lossy().starts_with('.') {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                found.push(name);
            }
        }
    }
    found.sort();
    found
}

fn relative(path: &Path) -> String {
    let parts: Vec<_> = path.strip_prefix(root()).unwrap().iter().map(|part| part.to_string_lossy().into_owned()).collect();
    parts.join("/")
}

/// The rows of the first Markdown table after the line `heading`, as cells.
fn table(document: &str, heading: &str) -> Vec<Vec<String>> {
    let start = document.find(&format!("\n{heading}\n")).unwrap_or_else(|| panic!("no heading {heading:?}"));
    let lines = document[start + 1..].lines().skip(1).skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|'));
    let cells = |line: &str| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
    lines.skip(2).map(cells).collect()
}

/// The words in backticks.
fn quoted(text: &str) -> Vec<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn exists(path: &str) -> bool {
    PathBuf::from(root()).join(path).exists()
}

//! The direction of imports, what only `cli` may touch, and the size of files.

use std::collections::{BTreeMap, BTreeSet};

use super::{files, quoted, read, table};

/// Lines of a file above which it is two files.
const LINES_MAX: usize = 500;

/// The module of a file below `src`: `detect` of `src/detect/join/mod.rs`.
fn module(path: &str) -> &str {
    path.strip_prefix("src/").unwrap().split('/').next().unwrap().trim_end_matches(".rs")
}

/// The part of a file that is not compiled for tests alone. Unit tests come
/// last in a file; whole test files are named for it.
fn without_tests<'t>(path: &str, text: &'t str) -> &'t str {
    let name = path.rsplit('/').next().unwrap();
    if ["tests.rs", "testing.rs", "fixture.rs"].contains(&name) {
        return "";
    }
    text.split("#[cfg(test)]\nmod tests {").next().unwrap()
}

/// The code of a line, without a comment that fills the line.
fn is_code(line: &&str) -> bool {
    !line.trim_start().starts_with("//")
}

/// What every module may import, from the table of `ARCHITECTURE.md`.
fn allowed() -> BTreeMap<String, BTreeSet<String>> {
    table(&read("ARCHITECTURE.md"), "## Who may import whom")
        .into_iter()
        .map(|row| (quoted(&row[0]).remove(0), quoted(&row[1]).into_iter().collect()))
        .collect()
}

#[test]
fn imports_go_one_way() {
    let allowed = allowed();
    let modules: BTreeSet<&str> = allowed.keys().map(String::as_str).collect();
    let mut wrong = Vec::new();
    for path in files("src", "rs") {
        let own = module(&path);
        if own == "lib" || own == "main" {
            continue;
        }
        let Some(allowed) = allowed.get(own) else { panic!("{own} is not in the table of ARCHITECTURE.md") };
        let text = read(&path);
        for line in without_tests(&path, &text).lines().filter(is_code) {
            for imported in line.split("crate::").skip(1) {
                let imported = imported.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap();
                if imported.is_empty() {
                    wrong.push(format!("{path}: a grouped import hides its modules: {line}"));
                } else if imported != own && modules.contains(imported) && !allowed.contains(imported) {
                    wrong.push(format!("{path}: {own} may not import {imported}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_table_of_imports_has_every_module_and_no_circle() {
    let allowed = allowed();
    let modules: BTreeSet<String> = files("src", "rs").iter().map(|path| module(path).to_owned()).collect();
    let modules: BTreeSet<String> = modules.into_iter().filter(|name| name != "lib" && name != "main").collect();
    assert_eq!(allowed.keys().cloned().collect::<BTreeSet<_>>(), modules);
    // Take away what imports nothing that is left, until nothing is left.
    let mut left = allowed;
    while !left.is_empty() {
        let names: BTreeSet<String> = left.keys().cloned().collect();
        left.retain(|name, imports| imports.iter().any(|import| import != name && names.contains(import)));
        assert!(left.len() < names.len(), "a circle among {names:?}");
    }
}

#[test]
fn only_the_command_line_touches_the_world() {
    const WORLD: [&str; 16] = [
        "std::fs",
        "fs::",
        "std::env::",
        "env::args",
        "env::var",
        "std::process",
        "std::net",
        "std::thread",
        "std::{",
        "println!",
        "print!(",
        "SystemTime",
        "Instant::now",
        "thread_local!",
        "static mut",
        "rayon",
    ];
    let mut wrong = Vec::new();
    for path in files("src", "rs").into_iter().filter(|path| module(path) != "cli" && path != "src/main.rs") {
        let text = read(&path);
        for (idx, line) in without_tests(&path, &text).lines().enumerate().filter(|(_, line)| is_code(line)) {
            // Models are built on many threads; the bytes do not depend on it.
            let builds = path.starts_with("src/model/lm/build/");
            let known = |word: &&&str| line.contains(**word) && !(builds && **word == "rayon");
            if let Some(word) = WORLD.iter().find(known) {
                wrong.push(format!("{path}:{}: {word}", idx + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn files_stay_short() {
    let long: Vec<String> = ["src", "tests", "xtask", "fuzz", "benches", "examples"]
        .iter()
        .flat_map(|folder| files(folder, "rs"))
        .filter_map(|path| {
            let n_lines = read(&path).lines().count();
            (n_lines > LINES_MAX).then(|| format!("{path}: {n_lines} lines"))
        })
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

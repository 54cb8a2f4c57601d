use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::exit::{Trouble, io_message};
use super::rule_cache;
use crate::finding::Message;
use crate::rules::{PackSource, RuleError, RuleSet, SourceFile, shipped_packs};

/// The shipped packs and those in `folders`.
///
/// # Errors
/// When a folder cannot be read, or a rule in it is wrong.
pub(super) fn load(folders: &[PathBuf]) -> Result<Arc<RuleSet>, Trouble> {
    if folders.is_empty() {
        return Ok(RuleSet::shipped());
    }
    compile(&sources(folders)?)
}

/// The files of the shipped packs and of those in `folders`.
///
/// # Errors
/// When a folder cannot be read.
pub(super) fn sources(folders: &[PathBuf]) -> Result<Vec<PackSource>, Trouble> {
    Ok(with_shipped(folders.iter().map(|folder| read(folder)).collect::<Result<Vec<_>, _>>()?))
}

/// Checks and compiles packs.
///
/// # Errors
/// When a rule in them is wrong.
pub(super) fn compile(sources: &[PackSource]) -> Result<Arc<RuleSet>, Trouble> {
    if sources.iter().all(|source| source.origin.starts_with("rules/")) && *sources == shipped_packs() {
        return Ok(RuleSet::shipped());
    }
    rule_cache::load(sources).map(Arc::new).map_err(|errors| wrong(&errors))
}

/// The shipped packs and `brought`; one of those that has the name of a
/// shipped pack takes its place, so that a copy can be worked on.
pub(super) fn with_shipped(brought: Vec<PackSource>) -> Vec<PackSource> {
    let taken: Vec<Option<String>> = brought.iter().map(pack_name).collect();
    let mut sources = shipped_packs();
    sources.retain(|pack| !taken.contains(&pack_name(pack)));
    sources.extend(brought);
    sources
}

/// The name a pack gives itself, when its `pack.toml` can be read.
pub(super) fn pack_name(pack: &PackSource) -> Option<String> {
    let file = pack.files.iter().find(|file| file.path.ends_with("pack.toml"))?;
    let table: toml::Table = file.text.parse().ok()?;
    table.get("name")?.as_str().map(str::to_owned)
}

/// The pack in a folder, or a single rule file as a pack of its folder.
///
/// # Errors
/// When it cannot be read.
pub(super) fn read(folder: &Path) -> Result<PackSource, Trouble> {
    let failed = |path: &Path, error: &std::io::Error| Trouble(io_message(&path.display().to_string(), error));
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| failed(folder, &error))? {
        let path = entry.map_err(|error| failed(folder, &error))?.path();
        let is_rule_file = path.extension().is_some_and(|extension| extension == "toml" || extension == "txt");
        if is_rule_file && path.is_file() {
            paths.push(path);
        }
    }
    paths.sort();
    let mut files = Vec::new();
    for path in paths {
        let bytes = fs::read(&path).map_err(|error| failed(&path, &error))?;
        let text = String::from_utf8(bytes).map_err(|error| no_utf8(&path, &error))?;
        files.push(SourceFile { path: slashed(&path), text });
    }
    Ok(PackSource { origin: slashed(folder), files })
}

/// A rule file in another encoding, with the line of the first byte that is no
/// UTF-8.
fn no_utf8(path: &Path, error: &std::string::FromUtf8Error) -> Trouble {
    let valid = error.utf8_error().valid_up_to();
    let line = error.as_bytes()[..valid].iter().filter(|&&byte| byte == b'\n').count() + 1;
    let shown = path.display();
    Trouble::new(
        format!("{shown}:{line}：不是 UTF-8；规则文件须存为 UTF-8，请在编辑器里另存"),
        format!("{shown}:{line}: not UTF-8; rule files are UTF-8, save the file so in your editor"),
    )
}

/// All errors of the rule files as one.
pub(super) fn wrong(errors: &[RuleError]) -> Trouble {
    let all: Vec<Message> = errors.iter().map(RuleError::message).collect();
    let (zh, en): (Vec<&str>, Vec<&str>) = all.iter().map(|one| (one.zh.trim_end(), one.en.trim_end())).unzip();
    let n = errors.len();
    let plural = if n == 1 { "" } else { "s" };
    Trouble::new(format!("规则文件有 {n} 处错误\n{}", zh.join("\n")), format!("{n} error{plural} in rule files\n{}", en.join("\n")))
}

fn slashed(path: &Path) -> String {
    path.display().to_string().replace('\\', "/")
}

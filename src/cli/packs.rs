use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::exit::{Trouble, io_message};
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
    let brought = folders.iter().map(|folder| read(folder)).collect::<Result<Vec<_>, _>>()?;
    RuleSet::load(&with_shipped(brought)).map(Arc::new).map_err(|errors| wrong(&errors))
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
        let text = fs::read_to_string(&path).map_err(|error| failed(&path, &error))?;
        files.push(SourceFile { path: slashed(&path), text });
    }
    Ok(PackSource { origin: slashed(folder), files })
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

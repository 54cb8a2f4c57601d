use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::super::exit::Trouble;
use super::super::walk::{self, Filter, Input, Item, shown};
use crate::config::Config;
use crate::finding::Message;

/// How many names a note lists before it only counts.
const MAX_NAMES: usize = 3;

/// The files of one text.
pub(in crate::cli) struct Pair {
    /// The relative path without extension.
    pub(in crate::cli) key: String,
    pub(in crate::cli) input: Input,
    pub(in crate::cli) truths: Vec<Input>,
    pub(in crate::cli) corrected: Option<Input>,
}

/// All pairs, in path order.
pub(in crate::cli) struct Pairing {
    pub(in crate::cli) pairs: Vec<Pair>,
    /// Inputs whose corrected text is missing; they are scored unchanged.
    pub(in crate::cli) missing: usize,
    /// What did not pair.
    pub(in crate::cli) notes: Vec<Message>,
}

/// The name by which files pair: the relative path without its extension.
pub(in crate::cli) fn key(relative: &Path) -> String {
    shown(&relative.with_extension(""))
}

/// Pairs the files of the folders.
///
/// # Errors
/// When a folder cannot be read, two of its files have one key, or no input
/// has a truth.
pub(in crate::cli) fn pair(input: &Path, truths: &[PathBuf], corrected: Option<&Path>, config: &Config) -> Result<Pairing, Trouble> {
    let inputs = files(input, config)?;
    let mut truth_files: Vec<BTreeMap<String, Input>> = truths.iter().map(|truth| files(truth, config)).collect::<Result<_, _>>()?;
    let mut corrected_files = corrected.map(|folder| files(folder, config)).transpose()?;
    let mut pairing = Pairing { pairs: Vec::new(), missing: 0, notes: Vec::new() };
    let (mut alone, mut missing) = (Vec::new(), Vec::new());
    for (key, input) in inputs {
        let truths: Vec<Input> = truth_files.iter_mut().filter_map(|files| files.remove(&key)).collect();
        if truths.is_empty() {
            alone.push(input.name);
            continue;
        }
        let corrected = corrected_files.as_mut().and_then(|files| files.remove(&key));
        if corrected_files.is_some() && corrected.is_none() {
            missing.push(input.name.clone());
        }
        pairing.pairs.push(Pair { key, input, truths, corrected });
    }
    if pairing.pairs.is_empty() {
        return Err(nothing(input, truths, &alone));
    }
    let left: Vec<String> = truth_files.into_iter().flat_map(|files| files.into_values().map(|input| input.name)).collect();
    pairing.missing = missing.len();
    for (names, zh, en) in [
        (alone, "没有正确文本，未计入", "without a truth, not scored"),
        (left, "正确文本没有对应的输入，未计入", "truths without an input, not scored"),
        (missing, "没有修复后的文本，按未改动计", "without a corrected text, scored as unchanged"),
    ] {
        if !names.is_empty() {
            let (n_names, names) = (names.len(), listed(&names));
            pairing.notes.push(Message::new(format!("{n_names} 个文件{zh}：{names}"), format!("{n_names} files {en}: {names}")));
        }
    }
    Ok(pairing)
}

/// The texts of a folder by key.
fn files(folder: &Path, config: &Config) -> Result<BTreeMap<String, Input>, Trouble> {
    if !folder.is_dir() {
        let place = shown(folder);
        return Err(Trouble::new(format!("{place}：须是文件夹"), format!("{place}: this must be a folder")));
    }
    let filter = Filter { extensions: &config.extensions, exclude: &config.exclude, outputs: Vec::new() };
    let walked = walk::walk(&[folder.to_owned()], &filter)?;
    let mut files: BTreeMap<String, Input> = BTreeMap::new();
    for item in walked.items {
        match item {
            Item::Text(input) => {
                let key = key(&input.relative);
                if let Some(first) = files.get(&key) {
                    return Err(Trouble::new(
                        format!("{} 与 {} 只有扩展名不同，无法配对；请移走一个", first.given, input.given),
                        format!("{} and {} differ in nothing but their extension; move one away", first.given, input.given),
                    ));
                }
                files.insert(key, input);
            }
            Item::Failed(failure) => {
                let Message { zh, en } = failure.message;
                return Err(Trouble::new(format!("{}：{zh}", failure.path), format!("{}: {en}", failure.path)));
            }
        }
    }
    Ok(files)
}

fn nothing(input: &Path, truths: &[PathBuf], alone: &[String]) -> Trouble {
    let truths: Vec<String> = truths.iter().map(|truth| shown(truth)).collect();
    let (input, truths) = (shown(input), truths.join(" "));
    if alone.is_empty() {
        return Trouble::new(format!("{input} 中没有文本文件"), format!("there are no texts in {input}"));
    }
    let names = listed(alone);
    Trouble::new(
        format!("{input} 与 {truths} 没有一个文件配对；配对看相对路径，不计扩展名（输入中有 {names}）"),
        format!("no file of {input} pairs with one of {truths}; files pair by relative path, extension aside (the input has {names})"),
    )
}

fn listed(names: &[String]) -> String {
    let mut listed = names.iter().take(MAX_NAMES).map(String::as_str).collect::<Vec<_>>().join(", ");
    if names.len() > MAX_NAMES {
        listed.push_str(", …");
    }
    listed
}

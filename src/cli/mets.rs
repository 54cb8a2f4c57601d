//! METS files among the inputs: they are no text, and put the pages in order.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::walk::{Input, Item};
use crate::encoding::decode;
use crate::finding::Message;
use crate::format::{MetsPages, declared_encoding, is_mets, mets_pages};
use crate::report::Failure;
use crate::text::LineIndex;

/// Names of missing pages that are told.
const MAX_NAMES: usize = 5;

/// True for a name that METS files have. Nobody opens a million files to see
/// which of them is one.
fn is_called_mets(path: &Path) -> bool {
    let has = |extension: &str| path.extension().is_some_and(|own| own.eq_ignore_ascii_case(extension));
    has("mets") || has("xml") && path.file_stem().is_some_and(|stem| stem.to_string_lossy().to_lowercase().contains("mets"))
}

/// Takes the METS files out of `items`, which are in path order, and puts the
/// pages that they name in their order: all where the first of them stood. Of
/// a page that is not there, the file that names it says so. `is_text` tells
/// the texts among all the files of a page.
pub(super) fn put_in_order(items: &mut Vec<Item>, is_text: impl Fn(&Path) -> bool) {
    let mut all = Vec::new();
    for item in std::mem::take(items) {
        match &item {
            Item::Text(input) if is_called_mets(&input.relative) => match content(input) {
                Some(content) => all.push((input.given.clone(), content)),
                None => items.push(item),
            },
            _ => items.push(item),
        }
    }
    for (given, content) in all {
        match mets_pages(&content) {
            Ok(pages) => {
                let missing = order(items, &given, &pages, &is_text);
                if !missing.is_empty() {
                    items.push(Item::Failed(Failure { path: given, position: None, message: told(&missing) }));
                }
            }
            Err(error) => {
                let position = Some(LineIndex::new(&content).position(error.at));
                items.push(Item::Failed(Failure { path: given, position, message: error.message }));
            }
        }
    }
}

/// The content, of a METS file alone.
fn content(input: &Input) -> Option<String> {
    let bytes = input.bytes().ok()?;
    Some(decode(&bytes, declared_encoding(&bytes)).text).filter(|content| is_mets(content))
}

/// The texts of pages of which none is among the inputs.
fn order(items: &mut Vec<Item>, given: &str, pages: &MetsPages, is_text: impl Fn(&Path) -> bool) -> Vec<String> {
    let folder = given.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut at: BTreeMap<&str, usize> = BTreeMap::new();
    for (idx, item) in items.iter().enumerate() {
        if let Item::Text(input) = item {
            at.insert(&input.given, idx);
        }
    }
    let (mut listed, mut seen, mut missing) = (Vec::new(), BTreeSet::new(), Vec::new());
    for page in pages {
        let texts: Vec<&String> = page.iter().filter(|href| is_text(Path::new(href))).collect();
        let found: Vec<usize> = texts.iter().filter_map(|href| at.get(below(folder, href).as_str()).copied()).collect();
        if found.is_empty() {
            missing.extend(texts.first().map(|href| (*href).clone()));
        }
        listed.extend(found.into_iter().filter(|&idx| seen.insert(idx)));
    }
    let Some(&first) = seen.first() else { return missing };
    let mut rest: Vec<Option<Item>> = std::mem::take(items).into_iter().map(Some).collect();
    let pages: Vec<Item> = listed.iter().filter_map(|&idx| rest[idx].take()).collect();
    let behind = rest.split_off(first);
    items.extend(rest.into_iter().flatten());
    items.extend(pages);
    items.extend(behind.into_iter().flatten());
    missing
}

/// A reference from a file in `folder`, as inputs are named.
fn below(folder: &str, href: &str) -> String {
    let is_absolute = href.starts_with('/');
    let mut parts: Vec<&str> = if is_absolute { vec![""] } else { folder.split('/').filter(|_| !folder.is_empty()).collect() };
    for part in href.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| !matches!(*last, "" | "..")) => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

fn told(missing: &[String]) -> Message {
    let mut names = missing.iter().take(MAX_NAMES).map(String::as_str).collect::<Vec<_>>().join(", ");
    if missing.len() > MAX_NAMES {
        names.push_str(", …");
    }
    let n = missing.len();
    Message::new(
        format!("所列的版中有 {n} 个不在输入之中：{names}"),
        format!("{n} of the pages it names are not among the inputs: {names}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_resolved_as_inputs_are_named() {
        for (folder, href, expected) in [
            ("in/a.zip", "./ocr/1.xml", "in/a.zip/ocr/1.xml"),
            ("in/meta", "../ocr//1.xml", "in/ocr/1.xml"),
            ("", "ocr/1.xml", "ocr/1.xml"),
            ("", "../1.xml", "../1.xml"),
            ("/x", "../../1.xml", "/../1.xml"),
            ("in", "/abs/1.xml", "/abs/1.xml"),
        ] {
            assert_eq!(below(folder, href), expected);
        }
    }
}

//! The texts of a folder, decoded, in path order.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::super::eval::pairs;
use super::super::exit::Trouble;
use super::super::settings::Settings;
use super::super::walk::{self, Filter, Input, Item};
use crate::encoding::decode;
use crate::finding::Message;
use crate::text::Span;

/// A text with what it is called.
pub(super) struct Text {
    /// Its name in reports.
    pub(super) name: String,
    /// Its content.
    pub(super) text: String,
    /// Bytes that could not be decoded.
    pub(super) untouchable: Vec<Span>,
    /// What was printed, when that is known; of several the caller takes the
    /// nearest.
    pub(super) truths: Vec<String>,
}

/// Reads every text under `folder` (or the one file it names).
///
/// # Errors
/// When it cannot be read or holds no text.
pub(super) fn read(folder: &Path, settings: &Settings) -> Result<Vec<Text>, Trouble> {
    let config = &settings.config;
    let filter = Filter { extensions: &config.extensions, exclude: &config.exclude, outputs: Vec::new() };
    let mut texts = Vec::new();
    for item in walk::walk(&[folder.to_owned()], &filter)?.items {
        match item {
            Item::Text(input) => texts.push(text(&input, settings)?),
            Item::Failed(failure) => {
                let Message { zh, en } = failure.message;
                return Err(Trouble::new(format!("{}：{zh}", failure.path), format!("{}: {en}", failure.path)));
            }
        }
    }
    if texts.is_empty() {
        let shown = folder.display();
        return Err(Trouble::new(format!("{shown} 中没有文本文件"), format!("there are no texts in {shown}")));
    }
    Ok(texts)
}

/// The same with true texts, which pair by relative path without extension. A
/// text without a truth has none; `truth` must have one at least.
pub(super) fn with_truth(folder: &Path, truth: &[PathBuf], settings: &Settings) -> Result<Vec<Text>, Trouble> {
    let mut texts = read(folder, settings)?;
    if truth.is_empty() {
        return Ok(texts);
    }
    let pairing = pairs::pair(folder, truth, None, &settings.config)?;
    let mut truths: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for pair in pairing.pairs {
        let of = pair.truths.iter().map(|truth| Ok(text(truth, settings)?.text)).collect::<Result<Vec<_>, Trouble>>()?;
        truths.insert(pair.input.name, of);
    }
    for text in &mut texts {
        text.truths = truths.remove(&text.name).unwrap_or_default();
    }
    Ok(texts)
}

fn text(input: &Input, settings: &Settings) -> Result<Text, Trouble> {
    let told = |message: Message| {
        let Message { zh, en } = message;
        Trouble::new(format!("{}：{zh}", input.given), format!("{}: {en}", input.given))
    };
    let bytes = input.bytes().map_err(told)?;
    let decoded = decode(&bytes, settings.config.encoding);
    Ok(Text { name: input.name.clone(), untouchable: decoded.untouchable(), text: decoded.text, truths: Vec::new() })
}

//! Reading texts to learn from: one paragraph a line, packed or not.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::PathBuf;

use indicatif::ProgressBar;

use super::super::exit::Trouble;
use super::super::unpack::unpack;

/// A file, and the share of its paragraphs that is read.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Text {
    pub(super) path: PathBuf,
    pub(super) share: f64,
}

impl Text {
    /// `FILE` or `FILE=SHARE`.
    pub(super) fn parse(given: &str) -> Result<Self, Trouble> {
        let whole = Self { path: PathBuf::from(given), share: 1.0 };
        let Some((path, share)) = given.rsplit_once('=').filter(|_| !whole.path.exists()) else { return Ok(whole) };
        match share.parse::<f64>() {
            Ok(share) if share > 0.0 && share <= 1.0 => Ok(Self { path: PathBuf::from(path), share }),
            _ => Err(Trouble::new(
                format!("{given}：= 后面应是大于 0、不大于 1 的份额，如 0.3"),
                format!("{given}: what follows = is a share above 0 and up to 1, such as 0.3"),
            )),
        }
    }

    /// The name without folders.
    pub(super) fn name(&self) -> String {
        self.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// Bytes to read, for a progress bar.
    pub(super) fn len(&self) -> u64 {
        self.path.metadata().map_or(0, |metadata| metadata.len())
    }

    /// Calls `each` for every line; for `.jsonl`, for every line of the value
    /// of `field`.
    pub(super) fn each_paragraph(
        &self,
        field: &str,
        bar: &ProgressBar,
        mut each: impl FnMut(&str) -> Result<(), Trouble>,
    ) -> Result<(), Trouble> {
        let shown = self.path.display().to_string();
        let trouble = |error: io::Error| Trouble::io(&shown, &error);
        let file = File::open(&self.path).map_err(trouble)?;
        let (unpacked, name) = unpack(bar.wrap_read(file), &self.path).map_err(trouble)?;
        let is_json = name.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("jsonl"));
        let mut lines = BufReader::with_capacity(1 << 18, unpacked);
        let mut line = Vec::new();
        for number in 1_u64.. {
            line.clear();
            if lines.read_until(b'\n', &mut line).map_err(trouble)? == 0 {
                break;
            }
            let text = std::str::from_utf8(&line).map_err(|_| {
                Trouble::new(
                    format!("{shown}:{number}：这一行不是 UTF-8；请先转换编码"),
                    format!("{shown}:{number}: not UTF-8; convert the file first"),
                )
            })?;
            if is_json {
                for paragraph in field_of(text, field).map_err(|(zh, en)| at_line(&shown, number, zh, en))?.lines() {
                    each(paragraph)?;
                }
            } else {
                each(text)?;
            }
        }
        Ok(())
    }
}

fn at_line(shown: &str, number: u64, zh: String, en: String) -> Trouble {
    Trouble::new(format!("{shown}:{number}：{zh}"), format!("{shown}:{number}: {en}"))
}

/// The text in a line of JSON; an empty line has none.
fn field_of(line: &str, field: &str) -> Result<String, (String, String)> {
    if line.trim().is_empty() {
        return Ok(String::new());
    }
    let value: serde_json::Value =
        serde_json::from_str(line).map_err(|error| (format!("不是 JSON：{error}"), format!("not JSON: {error}")))?;
    match value.get(field).and_then(serde_json::Value::as_str) {
        Some(text) => Ok(text.to_owned()),
        None => {
            Err((format!("没有文本字段「{field}」；用 --field 指明"), format!("no text in the field \"{field}\"; name it with --field")))
        }
    }
}

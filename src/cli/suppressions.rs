//! `suppressions.toml` beside `jiaokan.toml`: places at which somebody said no
//! for good.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use serde::Deserialize;
use toml::Spanned;

use super::exit::Trouble;
use super::settings::Settings;
use super::voice::Voice;
use crate::finding::Message;
use crate::resolve::Suppression;
use crate::text::LineIndex;

/// Where it lies, as seen from the settings.
const NAME: &str = "suppressions.toml";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    #[serde(default)]
    suppress: Vec<Spanned<RawOne>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawOne {
    rule: String,
    observed: String,
    #[serde(default)]
    before: String,
    #[serde(default)]
    after: String,
    reason: String,
}

/// The list, when there is one.
pub(super) struct Suppressions {
    path: PathBuf,
    pub(super) list: Vec<Suppression>,
}

/// Reads the list beside the settings.
///
/// # Errors
/// When it is there and cannot be read.
pub(super) fn read(settings: &Settings) -> Result<Suppressions, Trouble> {
    let path = settings.base().join(NAME);
    if !path.is_file() {
        return Ok(Suppressions { path, list: Vec::new() });
    }
    let shown = path.display().to_string();
    let text = fs::read_to_string(&path).map_err(|error| Trouble::io(&shown, &error))?;
    let lines = LineIndex::new(&text);
    let raw: Raw = toml::from_str(&text).map_err(|error| {
        let position = lines.position(error.span().map_or(0, |span| crate::text::floor_boundary(&text, span.start)));
        let (line, column, words) = (position.line, position.column, error.message());
        Trouble::new(
            format!("{shown}:{line}:{column}：写法不对：{words}；每项写 rule、observed、reason，可加 before、after"),
            format!("{shown}:{line}:{column}: {words}; each entry has rule, observed and reason, and may have before and after"),
        )
    })?;
    let mut list = Vec::new();
    for one in raw.suppress {
        let line = lines.position(crate::text::floor_boundary(&text, one.span().start)).line;
        let one = one.into_inner();
        if one.observed.is_empty() || one.reason.trim().is_empty() {
            return Err(Trouble::new(
                format!("{shown}:{line}：observed 和 reason 都要写"),
                format!("{shown}:{line}: both observed and reason are needed"),
            ));
        }
        list.push(Suppression { rule: one.rule, observed: one.observed, before: one.before, after: one.after, reason: one.reason, line });
    }
    Ok(Suppressions { path, list })
}

impl Suppressions {
    /// Tells which entries no finding was held back by.
    pub(super) fn tell_unused(&self, used: &BTreeSet<usize>, voice: &Voice) {
        let shown = self.path.display();
        for one in self.list.iter().filter(|one| !used.contains(&one.line)) {
            let (line, observed, rule) = (one.line, &one.observed, &one.rule);
            voice.note(&Message::new(
                format!("{shown}:{line}：没有用到（{rule}「{observed}」）；文本改过或规则不再命中，可删去"),
                format!("{shown}:{line}: unused ({rule} 「{observed}」); the text or the rule changed, it can be removed"),
            ));
        }
    }
}

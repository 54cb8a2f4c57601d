use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::super::exit::{Exit, Trouble};
use super::super::settings::Settings;
use super::super::voice::Voice;
use super::chosen::Chosen;
use super::texts;
use crate::document::Layout;
use crate::eval::per_10k;
use crate::finding::Message;
use crate::rules::{Lint, LintKind};
use crate::text::LineIndex;

/// Correct texts in which rules are tried.
pub(super) struct Clean<'a> {
    pub(super) folder: Option<&'a PathBuf>,
    /// Finds allowed per 10,000 characters.
    pub(super) allowed: f64,
}

pub(super) fn lint(chosen: &Chosen, clean: &Clean<'_>, settings: &Settings, voice: &Voice, out: &mut dyn Write) -> Result<Exit, Trouble> {
    let mut lints = chosen.set.lint(|rule| chosen.holds(rule));
    if let Some(folder) = clean.folder {
        lints.extend(too_broad(chosen, folder, clean.allowed, settings)?);
    }
    tell(&lints, chosen, voice, out).map_err(|error| Trouble::io("", &error))
}

fn tell(lints: &[Lint], chosen: &Chosen, voice: &Voice, out: &mut dyn Write) -> io::Result<Exit> {
    for lint in lints {
        let file = chosen.sources.iter().flat_map(|pack| &pack.files).find(|file| file.path == lint.path);
        let place = match (lint.at, file) {
            (Some(at), Some(file)) => {
                let position = LineIndex::new(&file.text).position(at);
                format!("{}:{}", position.line, position.column)
            }
            _ => lint.line.to_string(),
        };
        writeln!(out, "{}:{place}: {}: {}", lint.path, lint.rule, voice.lang.of(&lint.kind.message()))?;
    }
    let n = lints.len();
    let total = Message::new(format!("{n} 处可以改进"), format!("{n} things to improve"));
    writeln!(out, "{}", voice.lang.of(&total))?;
    Ok(if lints.is_empty() { Exit::Done } else { Exit::Left })
}

/// Rules that find too much in texts in which nothing is wrong.
fn too_broad(chosen: &Chosen, folder: &Path, allowed: f64, settings: &Settings) -> Result<Vec<Lint>, Trouble> {
    let mut found: BTreeMap<String, usize> = BTreeMap::new();
    let mut n_chars = 0;
    for text in texts::read(folder, settings)? {
        n_chars += text.text.chars().filter(|c| !c.is_whitespace()).count();
        let layout = Layout::new(&text.text);
        for finding in chosen.set.phases().flat_map(|phase| chosen.set.find(phase, &text.text, &layout)) {
            *found.entry(finding.rule).or_default() += 1;
        }
    }
    let rules = chosen.set.rules().iter().filter(|rule| chosen.holds(rule));
    Ok(rules
        .filter_map(|rule| {
            let rate = per_10k(found.get(&rule.head.id).copied().unwrap_or(0), n_chars);
            (rate > allowed).then(|| Lint::of(rule, None, LintKind::TooBroad(rate, allowed)))
        })
        .collect())
}

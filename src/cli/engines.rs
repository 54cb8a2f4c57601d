//! Packs that hold for some files only: an engine for every combination.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use globset::{Glob, GlobSet, GlobSetBuilder};

use super::engine;
use super::exit::Trouble;
use super::models::Models;
use super::packs;
use super::walk::{Input, Item, Walked};
use crate::config::Config;
use crate::pipeline::Engine;
use crate::rules::{PackSource, RuleSet};

/// The engine of every input.
pub(super) struct Engines<'a> {
    /// With all packs.
    whole: &'a Engine,
    /// Without some of them.
    others: Vec<Engine>,
    /// Which of `others` an input needs, by its index.
    of_input: BTreeMap<usize, usize>,
}

impl<'a> Engines<'a> {
    /// Builds what the inputs need beside `whole`.
    ///
    /// # Errors
    /// On a pattern that is none, or packs that do not load without those that
    /// are left out.
    pub(super) fn new(whole: &'a Engine, config: &Config, sources: &[PackSource], set: &RuleSet, walked: &Walked) -> Result<Self, Trouble> {
        let mut engines = Self { whole, others: Vec::new(), of_input: BTreeMap::new() };
        let mut scoped: Vec<(&str, GlobSet)> = Vec::new();
        for pack in set.packs().iter().filter(|pack| !pack.paths.is_empty()) {
            scoped.push((&pack.name, globs(&pack.path, &pack.paths)?));
        }
        if scoped.is_empty() {
            return Ok(engines);
        }
        let models = Models { resources: whole.resources, trust: whole.settings.trust };
        let mut known: BTreeMap<BTreeSet<&str>, usize> = BTreeMap::new();
        for (idx, item) in walked.items.iter().enumerate() {
            let Item::Text(input) = item else { continue };
            let left_out: BTreeSet<&str> = scoped.iter().filter(|(_, globs)| !is_for(globs, input)).map(|(name, _)| *name).collect();
            if left_out.is_empty() {
                continue;
            }
            let engine_idx = match known.get(&left_out) {
                Some(&engine_idx) => engine_idx,
                None => {
                    let stays = |source: &&PackSource| packs::pack_name(source).is_none_or(|name| !left_out.contains(name.as_str()));
                    let left: Vec<PackSource> = sources.iter().filter(stays).cloned().collect();
                    let mut engine = engine::with_rules(config, &packs::compile(&left)?, &models)?;
                    engine.selection.suppressed.clone_from(&whole.selection.suppressed);
                    engines.others.push(engine);
                    known.insert(left_out, engines.others.len() - 1);
                    engines.others.len() - 1
                }
            };
            engines.of_input.insert(idx, engine_idx);
        }
        Ok(engines)
    }

    /// The engine of the `idx`-th input.
    pub(super) fn of(&self, idx: usize) -> &Engine {
        self.of_input.get(&idx).map_or(self.whole, |&engine_idx| &self.others[engine_idx])
    }
}

fn globs(pack: &str, patterns: &[String]) -> Result<GlobSet, Trouble> {
    let wrong = |pattern: &str, error: &globset::Error| {
        Trouble::new(
            format!("{pack}：paths 里的「{pattern}」不是合法的文件模式：{error}"),
            format!("{pack}: \"{pattern}\" of paths is no file pattern: {error}"),
        )
    };
    let mut builder = GlobSetBuilder::new();
    for pattern in patterns {
        builder.add(Glob::new(pattern).map_err(|error| wrong(pattern, &error))?);
    }
    builder.build().map_err(|error| wrong(&patterns.join(", "), &error))
}

/// A pattern is about the path as it was given or below the folder that was
/// given.
fn is_for(globs: &GlobSet, input: &Input) -> bool {
    globs.is_match(&input.relative) || globs.is_match(Path::new(&input.given)) || globs.is_match(Path::new(&input.name))
}

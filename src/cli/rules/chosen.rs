use std::path::Path;
use std::sync::Arc;

use super::super::exit::Trouble;
use super::super::packs;
use super::super::rule_cache;
use super::super::settings;
use crate::rules::{PackSource, Rule, RuleSet, shipped_packs};

/// The rules that were named, and the set they stand in.
pub(super) struct Chosen {
    pub(super) set: Arc<RuleSet>,
    pub(super) names: Vec<String>,
    /// Rule files whose path begins so.
    pub(super) folders: Vec<String>,
    /// What the set was made of.
    pub(super) sources: Vec<PackSource>,
}

impl Chosen {
    /// Folders bring their packs along; one that has the name of a shipped
    /// pack takes its place, so that a copy can be worked on.
    pub(super) fn new(given: &[String], settings: &settings::Settings) -> Result<Self, Trouble> {
        let (paths, names): (Vec<&String>, Vec<&String>) = given.iter().partition(|name| Path::new(name).is_dir());
        let names: Vec<String> = names.into_iter().cloned().collect();
        let mut brought = Vec::new();
        // A folder that was given may be one of the settings too.
        let mut seen = Vec::new();
        let mut n_given = 0;
        for (idx, path) in paths.iter().map(|path| Path::new(path.as_str()).to_owned()).chain(settings.pack_folders()?).enumerate() {
            let place = path.canonicalize().unwrap_or_else(|_| path.clone());
            if !seen.contains(&place) {
                brought.push(packs::read(&path)?);
                seen.push(place);
            }
            if idx < paths.len() {
                n_given = brought.len();
            }
        }
        let folders = brought.iter().take(n_given).map(|pack| format!("{}/", pack.origin.trim_end_matches('/'))).collect();
        if brought.is_empty() {
            let chosen = Self { set: RuleSet::shipped(), names, folders, sources: shipped_packs() };
            return chosen.checked();
        }
        let sources = packs::with_shipped(brought);
        let set = rule_cache::load(&sources).map_err(|errors| packs::wrong(&errors))?;
        Self { set: Arc::new(set), names, folders, sources }.checked()
    }

    /// Refuses names of nothing.
    fn checked(self) -> Result<Self, Trouble> {
        for name in &self.names {
            let known =
                || self.set.rules().iter().map(|rule| rule.head.id.as_str()).chain(self.set.packs().iter().map(|pack| pack.name.as_str()));
            if !known().any(|known| known == name) {
                let hint = crate::config::nearest(name, known());
                let zh = hint.map_or(String::new(), |hint| format!("，是否为「{hint}」？"));
                let en = hint.map_or(String::new(), |hint| format!("; did you mean \"{hint}\"?"));
                return Err(Trouble::new(
                    format!("没有规则、规则包或文件夹「{name}」{zh}"),
                    format!("no rule, pack or folder \"{name}\"{en}"),
                ));
            }
        }
        Ok(self)
    }

    pub(super) fn holds(&self, rule: &Rule) -> bool {
        let head = &rule.head;
        (self.names.is_empty() && self.folders.is_empty())
            || self.names.iter().any(|name| *name == head.id || name == head.pack())
            || self.folders.iter().any(|folder| head.path.starts_with(folder))
    }

    /// True for a rule of a pack that was named, whole or in part; in another
    /// version of it the rules may be others.
    pub(super) fn holds_pack_of(&self, rule: &Rule) -> bool {
        let packs = self.set.rules().iter().filter(|known| self.holds(known)).map(|known| known.head.pack());
        let of_pack = packs.into_iter().any(|pack| pack == rule.head.pack());
        of_pack
            && (self.names.is_empty()
                || !self.folders.is_empty()
                || self.names.iter().any(|name| *name == rule.head.id || name == rule.head.pack()))
    }
}

//! The kinds of rules: one file each, one line each in [`KINDS`].

mod confusion;
mod flag;
mod layout;
mod lexicon;
mod replace;

use std::sync::Arc;

use super::SourceFile;
use super::look_alikes::LookAlikes;
use super::program::Matcher;
use super::read::{Problems, Table};
use crate::finding::Safety;

/// A kind of rule.
pub(crate) struct Kind {
    /// Its name in rule files.
    pub name: &'static str,
    /// Its keys, beside those that all rules have.
    pub keys: fn() -> &'static [&'static str],
    /// Checks the body of a rule; `None` when it cannot be used (told).
    pub check: fn(body: Table<'_>, about: &About<'_>, problems: &mut Problems<'_>) -> Option<Box<dyn Matcher>>,
}

/// What a kind may know of the rule whose body it checks.
pub(crate) struct About<'a> {
    /// How far the rule may be trusted.
    pub safety: Safety,
    /// Groups of characters that look alike, of all packs.
    pub look_alikes: &'a Arc<LookAlikes>,
    /// The files of the pack.
    pub files: &'a [SourceFile],
}

/// Every kind. A new one is a line here.
pub(crate) static KINDS: [Kind; 5] = [replace::KIND, confusion::KIND, lexicon::KIND, layout::KIND, flag::KIND];

/// What an error calls a rule of this kind.
pub(crate) fn place(kind: &str) -> crate::finding::Message {
    crate::finding::Message::new(format!("{kind} 类规则"), format!("a rule of kind {kind}"))
}

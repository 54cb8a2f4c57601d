//! Rule files: what editors may add without touching Rust.
//!
//! A folder is a pack; its TOML files are read ([`load`]), checked against each
//! other and against themselves, and compiled into one automaton per phase
//! ([`program`]). Large lists have an index of their own ([`index`]), which is
//! kept from one run to the next ([`host`]). A rule proposes; it never changes a
//! text. No file system here: whoever reads folders hands over
//! [`PackSource`]s. The language is explained in `docs/rules.md`.
//!
//! Start at [`RuleSet::load`].

mod compiled;
mod conflict;
mod dictionary;
mod error;
mod examples;
mod host;
mod index;
mod kind;
mod lint;
mod listed;
mod literal;
mod load;
mod look_alikes;
mod measured;
mod pack;
mod pattern;
mod program;
mod raw;
mod read;
mod rule;
mod shipped;
mod sides;
mod term_list;
mod word_list;

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use daachorse::CharwiseDoubleArrayAhoCorasick;

pub use error::{RuleError, RuleErrorKind};
pub use examples::{ExampleOutcome, ExampleReport};
pub use host::{Alone, Host};
pub use lint::{Lint, LintKind};
pub use measured::Measured;
pub use pack::{Override, Pack, Requirement};
pub use rule::{Example, Exception, Head, Rule, Status};
pub use shipped::shipped_packs;

use crate::document::Layout;
use crate::finding::{Finding, Phase};
use crate::text::Span;
use host::Means;
use program::{Page, Program};

/// The keys that rules of any kind may have.
#[must_use]
pub fn keys_of_every_rule() -> &'static [&'static str] {
    raw::fields_of::<raw::RawHead>()
}

/// Every kind of rule with the keys it has beside those.
#[must_use]
pub fn keys_of_kinds() -> Vec<(&'static str, &'static [&'static str])> {
    kind::KINDS.iter().map(|kind| (kind.name, (kind.keys)())).collect()
}

/// The files of one pack, as they were read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackSource {
    /// The folder, for messages.
    pub origin: String,
    /// Its files; those that are neither rules nor lists are passed over.
    pub files: Vec<SourceFile>,
}

/// A text file of a pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// Its path, with `/`, for messages; the last part decides what it is.
    pub path: String,
    /// Its content.
    pub text: String,
}

impl SourceFile {
    /// The last part of the path.
    fn name(&self) -> &str {
        self.path.rsplit(['/', '\\']).next().unwrap_or(&self.path)
    }
}

/// Checked rules of any number of packs, ready to run.
pub struct RuleSet {
    packs: Vec<Pack>,
    rules: Vec<Rule>,
    programs: BTreeMap<Phase, Program>,
    /// The rules that say what lines are; they run on every new layout.
    classifiers: Option<Program>,
    protected: Option<CharwiseDoubleArrayAhoCorasick<u32>>,
    /// Records of measurements that fit no rule.
    stale: Vec<Measured>,
}

impl std::fmt::Debug for RuleSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RuleSet").field("packs", &self.packs).field("n_rules", &self.rules.len()).finish_non_exhaustive()
    }
}

impl RuleSet {
    /// Checks and compiles `packs`. The examples in them are not run: see
    /// [`RuleSet::run_examples`].
    ///
    /// # Errors
    /// Everything that is wrong in any of the files, in the order of the files.
    pub fn load(packs: &[PackSource]) -> Result<Self, Vec<RuleError>> {
        Self::load_with(packs, &Alone)
    }

    /// The same, with what `host` has kept of large lists and with its hands.
    ///
    /// # Errors
    /// Everything that is wrong in any of the files, in the order of the files.
    pub fn load_with(packs: &[PackSource], host: &dyn Host) -> Result<Self, Vec<RuleError>> {
        Self::load_by(packs, Means::of(host))
    }

    fn load_by(packs: &[PackSource], means: Means<'_>) -> Result<Self, Vec<RuleError>> {
        let loaded = load::load(packs, means)?;
        let mut protected = loaded.protected;
        protected.sort();
        protected.dedup();
        let protected = (!protected.is_empty()).then(|| {
            CharwiseDoubleArrayAhoCorasick::with_values(protected.iter().zip(0u32..))
                .expect("protected words are distinct, not empty, and few enough")
        });
        Ok(Self {
            programs: program::programs(&loaded.rules, means.host),
            classifiers: Program::new(&loaded.rules, |rule| rule.head.status == Status::Active && rule.matcher.is_classifier()),
            packs: loaded.packs,
            rules: loaded.rules,
            protected,
            stale: loaded.stale,
        })
    }

    /// The packs inside the program, loaded once.
    #[must_use]
    pub fn shipped() -> Arc<RuleSet> {
        static SHIPPED: OnceLock<Arc<RuleSet>> = OnceLock::new();
        let load = || Arc::new(RuleSet::load(&shipped_packs()).expect("the shipped packs load; a test holds that"));
        Arc::clone(SHIPPED.get_or_init(load))
    }

    /// The packs, in the order given.
    #[must_use]
    pub fn packs(&self) -> &[Pack] {
        &self.packs
    }

    /// The rules, by pack, file and place.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The rule `id`.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.head.id == id)
    }

    /// Records of measurements whose rule is gone or was changed since.
    #[must_use]
    pub fn stale_measurements(&self) -> &[Measured] {
        &self.stale
    }

    /// Makes these rules active, as if they were no shadow rules.
    pub fn activate(&mut self, ids: &[String]) {
        for rule in self.rules.iter_mut().filter(|rule| ids.contains(&rule.head.id)) {
            rule.head.status = Status::Active;
        }
        self.classifiers = Program::new(&self.rules, |rule| rule.head.status == Status::Active && rule.matcher.is_classifier());
    }

    /// The phases in which some rule runs.
    pub fn phases(&self) -> impl Iterator<Item = Phase> + '_ {
        self.programs.keys().copied()
    }

    /// What the rules of `phase` find in `text`, by place.
    #[must_use]
    pub fn find(&self, phase: Phase, text: &str, layout: &Layout) -> Vec<Finding> {
        let Some(program) = self.programs.get(&phase) else { return Vec::new() };
        let page = Page { text, layout };
        program.find(&self.rules, &page).iter().map(|(rule_idx, found)| program::finding(&self.rules[*rule_idx], found, text)).collect()
    }

    /// Sets the kinds of the lines that a rule knows better.
    pub fn classify(&self, text: &str, layout: &mut Layout) {
        let Some(program) = &self.classifiers else { return };
        let found = program.find(&self.rules, &Page { text, layout });
        for (_, found) in found {
            let Some(becomes) = found.becomes else { continue };
            for line in layout.lines.iter_mut().filter(|line| found.span.contains(line.span)) {
                line.kind = becomes;
            }
        }
    }

    /// The places of the protected words in `text`; they may overlap.
    #[must_use]
    pub fn protected_spans(&self, text: &str) -> Vec<Span> {
        let Some(automaton) = &self.protected else { return Vec::new() };
        automaton.find_overlapping_iter(text).map(|hit| Span::new(hit.start(), hit.end())).collect()
    }
}

#[cfg(test)]
mod list_tests;
#[cfg(test)]
mod tests;

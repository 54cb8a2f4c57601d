//! The rule files, as one detector per phase.
//!
//! Findings carry the ids of their rules (`core/…`, `newspaper/…`); the meta
//! here describes the adaptor, and the pages of the rules themselves come from
//! the rule files.

use std::sync::Arc;

use super::{Context, Detector, DetectorMeta};
use crate::document::Layout;
use crate::finding::{Class, Finding, Phase};
use crate::rules::RuleSet;
use crate::text::Span;

/// All rules of one phase.
struct RuleFiles {
    set: Arc<RuleSet>,
    phase: Phase,
}

impl RuleSet {
    /// One detector for every phase in which some rule runs.
    #[must_use]
    pub fn detectors(self: &Arc<Self>) -> Vec<Box<dyn Detector>> {
        self.phases().map(|phase| Box::new(RuleFiles { set: Arc::clone(self), phase }) as Box<dyn Detector>).collect()
    }
}

impl Detector for RuleFiles {
    fn meta(&self) -> &'static DetectorMeta {
        match self.phase {
            Phase::Encoding => &ENCODING,
            Phase::Structure => &STRUCTURE,
            Phase::Characters => &CHARACTERS,
            Phase::Words => &WORDS,
            Phase::Marks => &MARKS,
        }
    }

    fn rules(&self) -> &'static [&'static str] {
        &[]
    }

    fn detect(&self, context: &Context<'_>, sink: &mut Vec<Finding>) {
        sink.extend(self.set.find(self.phase, context.text, context.layout));
    }

    fn classify(&self, text: &str, layout: &mut Layout) {
        // Rules that say what lines are belong to the structure phase.
        if self.phase == Phase::Structure {
            self.set.classify(text, layout);
        }
    }

    fn protect(&self, text: &str, spans: &mut Vec<Span>) {
        // The set has one list for all phases; its first detector tells it.
        if self.set.phases().next() == Some(self.phase) {
            spans.extend(self.set.protected_spans(text));
        }
    }
}

const fn meta(
    id: &'static str,
    class: Class,
    phase: Phase,
    bad: &'static [(&'static str, &'static str)],
    good: &'static [&'static str],
) -> DetectorMeta {
    DetectorMeta {
        id,
        class,
        phase,
        summary: ["规则文件所写的错字、错词、错号", "what the rule files describe"],
        why: ["每条规则自己说明为什么；见 explain 加规则编号", "every rule says for itself; ask explain with the id of the rule"],
        silent: [
            "规则里 good 的例子、列出的例外、保护词，以及语境不合之处",
            "in the rules' good examples, their exceptions, protected words, and wherever the context does not fit",
        ],
        trust: [
            "由规则的作者定；标为 automatic 的，例子全部通过才随程序发布",
            "set by the rule's author; what is marked automatic ships only while all its examples pass",
        ],
        sources: &["rules/"],
        bad,
        good,
    }
}

static ENCODING: DetectorMeta = meta("rules/encoding", Class::Encoding, Phase::Encoding, &[], &[]);
static STRUCTURE: DetectorMeta = meta("rules/structure", Class::Heading, Phase::Structure, &[], &[]);
static CHARACTERS: DetectorMeta = meta("rules/characters", Class::LookAlike, Phase::Characters, &[], &[]);
static WORDS: DetectorMeta = meta("rules/words", Class::LookAlike, Phase::Words, &[], &[]);
static MARKS: DetectorMeta = meta("rules/marks", Class::Punctuation, Phase::Marks, &[], &[]);

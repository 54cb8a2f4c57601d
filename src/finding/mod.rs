//! What a detector says: findings, the fixes they propose, and how sure they
//! are. Pure data; nothing here changes a text or decides what is applied.
//!
//! Start at [`Finding`].

mod class;
mod edit;
mod estimate;
mod fingerprint;
mod safety;

use serde::{Deserialize, Serialize};

pub use class::Class;
pub use edit::{Edit, Fix};
pub use estimate::{Estimate, Thresholds};
pub use fingerprint::{CONTEXT_CHARS, finding_id, fingerprint, fingerprint_of, surroundings};
pub use safety::{ConfidenceOrigin, Outcome, Phase, Safety, Severity};

use crate::text::Span;

/// A text for readers, in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Message {
    /// A message from its two texts.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: zh.into(), en: en.into() }
    }
}

/// One reason for a finding, in words and, where there is one, with a number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// Short stable name: `lexicon`, `column-width`, `context-bits`…
    pub kind: String,
    /// Strength in the unit the kind names (bits, counts, a ratio); sign says
    /// for (+) or against (-).
    pub weight: Option<f64>,
    /// The reason in words.
    pub text: Message,
}

impl Evidence {
    /// Evidence with a number.
    pub fn weighed(kind: &str, weight: f64, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { kind: kind.to_owned(), weight: Some(weight), text: Message::new(zh, en) }
    }

    /// Evidence in words only.
    pub fn said(kind: &str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { kind: kind.to_owned(), weight: None, text: Message::new(zh, en) }
    }
}

/// Another place that belongs to a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Related {
    /// The file of the place, when it is another one; `None` is the same file.
    pub file: Option<String>,
    /// The place, in the coordinates of that file's text.
    pub span: Span,
    /// What it is: `other-copy`, `join-left`, `join-right`, `evidence`…
    pub role: String,
}

/// One thing found in a text.
///
/// Spans are those of the text the detector looked at; the pipeline maps them
/// to the decoded original before anyone else sees them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Rule id, `pack/defect`: names the defect, not the cure.
    pub rule: String,
    /// Kind of damage.
    pub class: Class,
    /// Phase that found it.
    pub phase: Phase,
    /// The damaged place.
    pub span: Span,
    /// `span` as it read when found.
    pub observed: String,
    /// What is wrong, why, and what to do.
    pub message: Message,
    /// Proposed repairs, best first; empty when there is only something to
    /// look at. Each is all-or-nothing.
    pub fixes: Vec<Fix>,
    /// Other places involved.
    pub related: Vec<Related>,
    /// Kind of change: how far it may be trusted unattended.
    pub safety: Safety,
    /// Estimated probability in 0..=1 that applying the first fix restores
    /// the printed text (without a fix: that something is wrong here).
    pub confidence: f64,
    /// Where that number comes from.
    pub confidence_origin: ConfidenceOrigin,
    /// Problem, or mere information such as a recognized jump line.
    pub severity: Severity,
    /// Reasons.
    pub evidence: Vec<Evidence>,
}

impl Finding {
    /// A flagged problem without a fix; the `with_…` methods add the rest.
    ///
    /// `text` is the text `span` was made from.
    pub fn new(rule: &str, class: Class, phase: Phase, text: &str, span: Span, message: Message) -> Self {
        Self {
            rule: rule.to_owned(),
            class,
            phase,
            span,
            observed: span.of(text).to_owned(),
            message,
            fixes: Vec::new(),
            related: Vec::new(),
            safety: Safety::Flagged,
            confidence: 0.5,
            confidence_origin: ConfidenceOrigin::None,
            severity: Severity::Problem,
            evidence: Vec::new(),
        }
    }

    /// Adds a fix; the first one added is the one that is applied. Findings are
    /// kept by the ten thousand and have one fix mostly: no room for more is
    /// taken in advance.
    #[must_use]
    pub fn with_fix(mut self, fix: Fix) -> Self {
        self.fixes.reserve_exact(1);
        self.fixes.push(fix);
        self
    }

    /// Sets how far the first fix may be trusted and on whose word.
    #[must_use]
    pub fn with_trust(mut self, safety: Safety, confidence: f64, origin: ConfidenceOrigin) -> Self {
        self.safety = safety;
        self.confidence = confidence;
        self.confidence_origin = origin;
        self
    }

    /// Adds a reason.
    #[must_use]
    pub fn with_evidence(mut self, evidence: Evidence) -> Self {
        self.evidence.reserve_exact(1);
        self.evidence.push(evidence);
        self
    }

    /// Adds another place of the same text.
    #[must_use]
    pub fn with_related(mut self, span: Span, role: &str) -> Self {
        self.related.push(Related { file: None, span, role: role.to_owned() });
        self
    }

    /// Marks the finding as information that needs no work.
    #[must_use]
    pub fn as_information(mut self) -> Self {
        self.severity = Severity::Information;
        self
    }
}

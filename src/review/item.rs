use std::borrow::Cow;

use serde::Deserialize;

use crate::finding::{Class, Edit, Outcome, Safety, Severity};
use crate::text::Span;

/// The version of `findings.jsonl` that is read.
const SCHEMA_VERSION: u32 = 1;
/// Characters of a place that are kept in memory; the line has them all.
const SHOWN_CHARS: usize = 60;

/// What a list shows of a finding, and where the rest of it is.
#[derive(Clone, Debug)]
pub struct Item {
    /// Its id: 16 hexadecimal digits.
    pub id: u64,
    /// Its fingerprint: 32 hexadecimal digits.
    pub fingerprint: u128,
    /// Index of its file.
    pub file: u32,
    /// Index of its rule.
    pub rule: u32,
    /// Index of what it has in common with others.
    pub pattern: u32,
    /// Kind of damage.
    pub class: Class,
    /// The place, in the decoded original.
    pub span: Span,
    /// From 1.
    pub line: u32,
    /// From 1.
    pub column: u32,
    /// The beginning of the text at the place.
    pub observed: Box<str>,
    /// The beginning of what the first fix puts there; `None` without one, and
    /// for a fix that reaches beyond the place.
    pub proposal: Option<Box<str>>,
    /// True when there is a fix, of whatever reach.
    pub has_fix: bool,
    /// How far it is trusted.
    pub safety: Safety,
    /// 0..=1.
    pub confidence: f64,
    /// What became of it in the run.
    pub outcome: Outcome,
    /// Where its line begins in the report, in bytes.
    pub at: usize,
    /// Length of the line.
    pub len: usize,
}

/// A line of `findings.jsonl`, as far as lists need it.
#[derive(Debug, Deserialize)]
pub struct Line<'l> {
    schema_version: u32,
    #[serde(borrow)]
    id: Cow<'l, str>,
    #[serde(borrow)]
    fingerprint: Cow<'l, str>,
    /// The file, as reports name it.
    #[serde(borrow)]
    pub file: Cow<'l, str>,
    /// Rule id.
    #[serde(borrow)]
    pub rule: Cow<'l, str>,
    class: Class,
    /// Problem or mere information.
    pub severity: Severity,
    span: Span,
    line: u32,
    column: u32,
    #[serde(borrow)]
    pub(super) observed: Cow<'l, str>,
    fixes: Vec<LineFix>,
    safety: Safety,
    confidence: f64,
    outcome: Outcome,
}

#[derive(Debug, Deserialize)]
struct LineFix {
    edits: Vec<Edit>,
}

/// What is wrong with a line of a report.
#[derive(Debug, thiserror::Error)]
pub enum LineError {
    /// It is no finding.
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    /// It was written by a version with another format.
    #[error("schema_version is {0}, this program reads {SCHEMA_VERSION}")]
    Version(u32),
    /// Its id or fingerprint is none.
    #[error("the id or the fingerprint is no hexadecimal number")]
    Name,
}

impl<'l> Line<'l> {
    /// Reads one line.
    ///
    /// # Errors
    /// When it is no finding.
    pub fn read(line: &'l [u8]) -> Result<Self, LineError> {
        let read: Self = serde_json::from_slice(line)?;
        if read.schema_version != SCHEMA_VERSION {
            return Err(LineError::Version(read.schema_version));
        }
        Ok(read)
    }

    /// What the first fix makes of the place; `None` without one and where it
    /// reaches beyond the place.
    #[must_use]
    pub fn proposal(&self) -> Option<String> {
        fixed(&self.observed, self.span, &self.fixes.first()?.edits)
    }

    /// The item of the line, which stands at byte `at` of the report and is
    /// `len` bytes long. Indices of file, rule and pattern are set by whoever
    /// counts them.
    ///
    /// # Errors
    /// When its names are none.
    pub fn item(&self, at: usize, len: usize) -> Result<Item, LineError> {
        Ok(Item {
            id: u64::from_str_radix(&self.id, 16).map_err(|_| LineError::Name)?,
            fingerprint: u128::from_str_radix(&self.fingerprint, 16).map_err(|_| LineError::Name)?,
            file: 0,
            rule: 0,
            pattern: 0,
            class: self.class,
            span: self.span,
            line: self.line,
            column: self.column,
            observed: shown(&self.observed),
            proposal: self.proposal().map(|proposal| shown(&proposal)),
            has_fix: self.fixes.first().is_some_and(|fix| !fix.edits.is_empty()),
            safety: self.safety,
            confidence: self.confidence,
            outcome: self.outcome,
            at,
            len,
        })
    }
}

/// What `edits` make of `observed`, which stands at `span`; `None` where they
/// reach beyond it.
#[must_use]
pub fn fixed(observed: &str, span: Span, edits: &[Edit]) -> Option<String> {
    let mut fixed = String::new();
    let mut at = span.start;
    let part = |from: usize, to: usize| observed.get(from.checked_sub(span.start)?..to.checked_sub(span.start)?);
    for edit in edits {
        fixed += part(at, edit.span.start)?;
        fixed += &edit.replacement;
        at = edit.span.end;
    }
    fixed += part(at, span.end)?;
    (!edits.is_empty()).then_some(fixed)
}

fn shown(text: &str) -> Box<str> {
    text.char_indices().nth(SHOWN_CHARS).map_or(text, |(at, _)| &text[..at]).into()
}

impl Item {
    /// Its id as people see it.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{:016x}", self.id)
    }

    /// Its fingerprint as logs have it.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        format!("{:032x}", self.fingerprint)
    }

    /// What the first fix makes of the place, where it is kept whole.
    #[must_use]
    pub fn whole_proposal(&self) -> Option<&str> {
        self.proposal.as_deref().filter(|proposal| proposal.chars().count() < SHOWN_CHARS)
    }

    /// How much harm it does when it stays wrong: a number or a name that is
    /// wrong misleads, a mark that is wrong is ugly.
    #[must_use]
    pub fn harm(&self) -> f64 {
        let is_space = |proposal: &str| {
            let solid = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            !self.observed.contains('\n') && solid(&self.observed) == solid(proposal)
        };
        if self.proposal.as_deref().is_some_and(is_space) {
            return 0.5;
        }
        match self.class {
            Class::Digits | Class::InconsistentName => 4.0,
            Class::DuplicateBlock | Class::Hallucination | Class::ReadingOrder => 3.0,
            Class::LookAlike
            | Class::SystematicConfusion
            | Class::LostAtJoin
            | Class::LostDoubledSpurious
            | Class::Interloper
            | Class::MixedScript => 2.0,
            Class::BrokenJoin | Class::Heading | Class::Encoding | Class::HardWrap => 1.0,
            Class::Punctuation | Class::JumpLine | Class::Furniture => 0.5,
        }
    }
}

//! What people decided about single places, as an append-only log of JSON
//! lines: one decision a line, never changed, never moved.
//!
//! A decision is known by its content (rule, observed text, surroundings), not
//! by a place, so that it survives a second run, edits elsewhere and a second
//! reading of the page. No file system and no clock here: callers hand in the
//! text of the log and the time. `docs/decisions.md` has the format. Start at
//! [`Log`].

mod book;
mod exchange;
mod log;
mod place;
mod plan;

use serde::{Deserialize, Serialize};

pub use book::{Book, Standing};
pub use exchange::{ExchangeError, ExchangeFormat, Task, export, import, label_studio_settings};
pub use log::{Log, LogError};
pub use place::{Finder, Found, How};
pub use plan::{Plan, plan};

use crate::finding::{Message, fingerprint_of, surroundings};
use crate::text::Span;

/// Version of the shape of a line. Fields may be added under the same number;
/// a change of meaning or a removal raises it.
pub const SCHEMA_VERSION: u32 = 1;

/// What was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The proposed replacement is what was printed.
    Accept,
    /// The text is right as it stands: the rule is wrong here.
    Reject,
    /// The text is as it was printed, and the print was wrong: an error of the
    /// original, which stays.
    Keep,
    /// Something is wrong here, and `replacement` is what was printed.
    Custom,
    /// Somebody else is to look at it.
    Ask,
    /// The last word of the same reviewer on this place is taken back.
    Retract,
}

impl Verdict {
    /// All of them, in the order of the documentation.
    pub const ALL: [Verdict; 6] = [Self::Accept, Self::Reject, Self::Keep, Self::Custom, Self::Ask, Self::Retract];

    /// The stable name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Reject => "reject",
            Self::Keep => "keep",
            Self::Custom => "custom",
            Self::Ask => "ask",
            Self::Retract => "retract",
        }
    }

    /// The name for readers.
    #[must_use]
    pub fn words(self) -> Message {
        match self {
            Self::Accept => Message::new("采纳", "accepted"),
            Self::Reject => Message::new("不改", "rejected"),
            Self::Keep => Message::new("原报如此", "printed so"),
            Self::Custom => Message::new("另改", "edited"),
            Self::Ask => Message::new("请教", "asked"),
            Self::Retract => Message::new("收回", "taken back"),
        }
    }
}

impl std::str::FromStr for Verdict {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|verdict| verdict.name() == name).ok_or(())
    }
}

/// One line of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Shape of the line: [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// When, in UTC: `2026-01-31T08:00:00Z`. Compared as text.
    pub time: String,
    /// Who.
    pub reviewer: String,
    /// The id of the finding in the report that was looked at; `None` for a
    /// change that no rule had found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finding: Option<String>,
    /// [`fingerprint_of`] of rule, observed text and surroundings: the key.
    pub fingerprint: String,
    /// Rule id; empty for a change that no rule had found.
    pub rule: String,
    /// The text at the place, as it was read.
    pub observed: String,
    /// What stands there after the fix; for `custom` what the reviewer wrote.
    /// `None` where nothing was proposed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replacement: Option<String>,
    /// The verdict.
    pub decision: Verdict,
    /// The nearest characters before the place, white space aside.
    pub before: String,
    /// The nearest characters after it.
    pub after: String,
    /// The file, as reports name it: for people, not part of the key.
    pub file: String,
    /// A word to others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The act of deciding that wrote the line: the lines of one act are taken
    /// back together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act: Option<String>,
    /// The act that this line takes back, by saying again what was said
    /// before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undoes: Option<String>,
}

impl Decision {
    /// A decision about `text[span]`, found by `rule`.
    #[must_use]
    pub fn about(text: &str, span: Span, rule: &str, decision: Verdict) -> Self {
        let (before, after) = surroundings(text, span);
        let observed = span.of(text).to_owned();
        Self {
            schema_version: SCHEMA_VERSION,
            time: String::new(),
            reviewer: String::new(),
            finding: None,
            fingerprint: fingerprint_of(rule, &observed, &before, &after),
            rule: rule.to_owned(),
            observed,
            replacement: None,
            decision,
            before,
            after,
            file: String::new(),
            note: None,
            act: None,
            undoes: None,
        }
    }

    /// Says who decided and when.
    #[must_use]
    pub fn by(mut self, reviewer: &str, time: &str) -> Self {
        self.reviewer = reviewer.to_owned();
        self.time = time.to_owned();
        self
    }

    /// Says what stands there after the fix.
    #[must_use]
    pub fn with_replacement(mut self, replacement: &str) -> Self {
        self.replacement = Some(replacement.to_owned());
        self
    }

    /// Says in which file.
    #[must_use]
    pub fn in_file(mut self, file: &str) -> Self {
        self.file = file.to_owned();
        self
    }

    /// The line of the log, with its newline.
    #[must_use]
    pub fn line(&self) -> String {
        let mut line = serde_json::to_string(self).expect("a decision is texts and numbers");
        line.push('\n');
        line
    }

    /// The text that was printed at the place, as far as the decision says:
    /// `None` where it leaves that open.
    #[must_use]
    pub fn printed(&self) -> Option<&str> {
        match self.decision {
            Verdict::Accept | Verdict::Custom => self.replacement.as_deref(),
            Verdict::Reject | Verdict::Keep => Some(&self.observed),
            Verdict::Ask | Verdict::Retract => None,
        }
    }

    /// True when the same was decided about the same place; time, reviewer and
    /// file aside.
    #[must_use]
    pub fn agrees_with(&self, other: &Self) -> bool {
        self.fingerprint == other.fingerprint && self.printed() == other.printed() && self.decision == other.decision
    }
}

use serde::{Deserialize, Serialize};

/// How far a kind of change may be trusted without a reader. Ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Safety {
    /// Only shown.
    Flagged,
    /// Applied when asked for with `--level suggested`.
    Suggested,
    /// Applied unattended.
    Automatic,
}

/// Where a confidence comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ConfidenceOrigin {
    /// Measured on labelled pages.
    Calibrated,
    /// The word of a rule's author, whose examples pass.
    Author,
    /// Nobody measured it; such a finding is never automatic.
    None,
}

/// A stage of the pipeline; the phases run in this order, each on the text
/// that the one before it left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// Invisible, private, compatibility characters; mojibake.
    Encoding,
    /// Joins, duplicates, jump lines, furniture.
    Structure,
    /// Single characters.
    Characters,
    /// Words and names.
    Words,
    /// Numbers and punctuation.
    Marks,
}

impl Phase {
    /// All phases in running order.
    pub const ALL: [Phase; 5] = [Phase::Encoding, Phase::Structure, Phase::Characters, Phase::Words, Phase::Marks];

    /// The stable name used in reports and rule files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Phase::Encoding => "encoding",
            Phase::Structure => "structure",
            Phase::Characters => "characters",
            Phase::Words => "words",
            Phase::Marks => "marks",
        }
    }
}

/// Whether a finding asks for work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// A recognized thing that is as it should be.
    Information,
    /// Damage, or a suspicion of it.
    Problem,
}

/// What became of a finding. Every finding ends in exactly one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Its first fix is in the corrected text.
    Applied,
    /// Not trusted enough for the level of this run, or without a fix.
    Held,
    /// A reader or a protect list said no.
    Rejected,
    /// Another fix took the place.
    Skipped,
}

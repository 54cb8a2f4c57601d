use serde::{Deserialize, Serialize};

use crate::finding::{Edit, Message};
use crate::text::Span;

/// What the field `format` says.
pub(super) const FORMAT: &str = "jiaokan-patch";

/// Version of the JSON. Fields may be added under the same number; a change of
/// meaning or a removal raises it.
pub const VERSION: u32 = 1;

/// A patch as it is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Patch {
    /// Always `jiaokan-patch`.
    pub format: String,
    /// [`VERSION`] of the program that wrote it.
    pub version: u32,
    /// That program and its version.
    pub tool: String,
    /// The file's path in reports.
    pub path: String,
    /// Name of the encoding of both texts.
    pub encoding: String,
    /// True when both files start with a byte order mark.
    pub bom: bool,
    /// The file before.
    pub original: Side,
    /// The file after.
    pub corrected: Side,
    /// The change: sorted disjoint edits of the decoded original.
    pub edits: Vec<Edit>,
    /// The way back, one for each edit, in the same order.
    pub inverse: Vec<InverseEdit>,
    /// Runs of bytes that are no text; they stand in both files.
    pub undecodable: Vec<Kept>,
    /// Two characters for every code point of the corrected text: a running
    /// check sum that finds the first place where another text differs.
    pub seal: String,
    /// Who or what made the change, by place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<Cause>,
    /// The patch of an earlier run on the same file, whose corrected text is
    /// this one's original.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<Box<Patch>>,
}

/// Why part of a text was changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cause {
    /// The changed places of the decoded original; an edit that touches one of
    /// them comes from here. Edits of several causes may have become one.
    pub spans: Vec<Span>,
    /// Where the file notes that the change came from here, in a format that
    /// has a place for that: such an edit changes none of its text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Span>,
    /// The rule that proposed the change; empty for a change that somebody
    /// made by hand.
    pub rule: String,
    /// What the rule says; `None` for a change by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Message>,
    /// How sure the rule was, 0..=1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f64>,
    /// Who decided so; `None` for what was done unattended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reviewer: Option<String>,
    /// When, in UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// What was decided, by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<String>,
    /// What was said to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// What identifies a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Side {
    /// Its length.
    pub bytes: usize,
    /// SHA-256 of its bytes, 64 hexadecimal digits.
    pub sha256: String,
}

/// One edit of the corrected text that leads back to the original.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InverseEdit {
    /// In the decoded corrected text.
    #[serde(flatten)]
    pub edit: Edit,
    /// The bytes of the corrected file that go. May be shorter than the edit:
    /// what it merely restates keeps its bytes.
    pub bytes: Span,
    /// The bytes of the original file that come, as hexadecimal digits.
    pub raw: String,
}

/// A run of undecodable bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Byte offset of its placeholder U+FFFD in the decoded original.
    pub original: usize,
    /// The same in the decoded corrected text.
    pub corrected: usize,
    /// The bytes, as hexadecimal digits.
    pub raw: String,
}

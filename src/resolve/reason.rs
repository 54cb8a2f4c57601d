use std::fmt;

use serde::{Deserialize, Serialize};

use crate::finding::{Message, Safety};

/// Why a finding ended as it did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// Applied: a fix of this tier, which the run applies.
    AtLevel(Safety),
    /// Held: something recognized that needs no work.
    InformationOnly,
    /// Held: the place is suspect, but no repair is certain.
    NoRepairKnown,
    /// Held: a fix of this tier, which the run does not apply; no run applies a
    /// flagged one.
    BelowLevel(Safety),
    /// Held: less sure than the run asks for. Both in 0..=1.
    BelowConfidence {
        /// Of the finding.
        confidence: f64,
        /// Asked for.
        minimum: f64,
    },
    /// Rejected: undecodable bytes, or words a list protects.
    Protected,
    /// Rejected: somebody said so, at this line of the list of suppressions.
    Suppressed {
        /// From 1.
        line: usize,
        /// Why.
        reason: String,
    },
    /// Rejected: somebody said no to this place; who and when.
    Decided(Message),
    /// Applied: somebody accepted it; who and when.
    Accepted(Message),
    /// Rejected: an earlier repair of the run put the place as it is, from what
    /// this fix would make of it.
    Undoes,
    /// Held: so many errors are thought to be left on the page that repairs are
    /// guesses. Errors per 10,000 characters.
    PageDamaged {
        /// As the models estimate them.
        per_10k: f64,
        /// From which on a page is left alone.
        from: f64,
    },
    /// Held: as good as nothing is wrong with the page. Errors per 10,000
    /// characters.
    PageClean {
        /// As the models estimate them.
        per_10k: f64,
        /// Up to which a page is left alone.
        up_to: f64,
    },
    /// Skipped: the rule of this id makes the same change.
    SameChange(String),
    /// Skipped: the rule of this id changes part of the same place.
    Overlaps(String),
}

impl Reason {
    /// A stable short name without particulars, for counting and filtering.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Reason::AtLevel(_) => "at-level",
            Reason::InformationOnly => "information-only",
            Reason::NoRepairKnown => "no-repair-known",
            Reason::BelowLevel(Safety::Flagged) => "only-flagged",
            Reason::BelowLevel(_) => "below-level",
            Reason::BelowConfidence { .. } => "below-confidence",
            Reason::Protected => "protected",
            Reason::Suppressed { .. } => "suppressed",
            Reason::Decided(_) => "decided",
            Reason::Accepted(_) => "accepted",
            Reason::Undoes => "undoes",
            Reason::PageDamaged { .. } => "page-damaged",
            Reason::PageClean { .. } => "page-clean",
            Reason::SameChange(_) => "same-change",
            Reason::Overlaps(_) => "overlaps",
        }
    }

    /// The reason in words.
    #[must_use]
    pub fn message(&self) -> Message {
        match self {
            Reason::AtLevel(safety) => {
                Message::new(format!("{}级修复，本次运行予以应用", zh(*safety)), format!("{} fix at the level of this run", en(*safety)))
            }
            Reason::InformationOnly => Message::new("仅供参考，无须处理", "information only"),
            Reason::NoRepairKnown => Message::new("没有把握确定的改法，请对照原版面", "no certain repair is known"),
            Reason::BelowLevel(Safety::Flagged) => Message::new("存疑，只标出，从不应用", "only flagged, never applied"),
            Reason::BelowLevel(safety) => Message::new(
                format!("{}级修复，低于本次运行的级别", zh(*safety)),
                format!("{} fix, below the level of this run", en(*safety)),
            ),
            Reason::BelowConfidence { confidence, minimum } => Message::new(
                format!("把握 {confidence:.2} 低于要求的 {minimum:.2}"),
                format!("confidence {confidence:.2} is below the minimum {minimum:.2}"),
            ),
            Reason::Protected => Message::new("此处受保护，不作改动", "the place is protected"),
            Reason::Suppressed { line, reason } => Message::new(
                format!("按 suppressions.toml 第 {line} 行不改：{reason}"),
                format!("suppressed by line {line} of suppressions.toml: {reason}"),
            ),
            Reason::Decided(by) => Message::new(format!("有人决定不改：{}", by.zh), format!("decided against: {}", by.en)),
            Reason::Accepted(by) => Message::new(format!("有人采纳：{}", by.zh), format!("accepted: {}", by.en)),
            Reason::Undoes => {
                Message::new("会把本次运行已作的修复改回去，不予应用", "it would take back what an earlier repair of this run did")
            }
            Reason::PageDamaged { per_10k, from } => Message::new(
                format!("全页损坏过重，不作改动：估计每万字有 {per_10k:.0} 处错误（{from:.0} 处起不改）"),
                format!(
                    "the page is too damaged to trust a repair: about {per_10k:.0} errors per 10,000 characters ({from:.0} and more are left alone)"
                ),
            ),
            Reason::PageClean { per_10k, up_to } => Message::new(
                format!("全页几无错误，不作改动：估计每万字 {per_10k:.0} 处（{up_to:.0} 处以内不改）"),
                format!("the page is clean: about {per_10k:.0} errors per 10,000 characters (up to {up_to:.0} it is left alone)"),
            ),
            Reason::SameChange(rule) => Message::new(format!("与 {rule} 的改动相同"), format!("the same change as {rule}")),
            Reason::Overlaps(rule) => Message::new(format!("与 {rule} 的修复重叠"), format!("overlaps the fix of {rule}")),
        }
    }
}

/// In English: the stable phrase programs read.
impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message().en)
    }
}

fn zh(safety: Safety) -> &'static str {
    match safety {
        Safety::Flagged => "存疑",
        Safety::Suggested => "建议",
        Safety::Automatic => "自动",
    }
}

fn en(safety: Safety) -> &'static str {
    match safety {
        Safety::Flagged => "flagged",
        Safety::Suggested => "suggested",
        Safety::Automatic => "automatic",
    }
}

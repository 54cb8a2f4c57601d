use crate::finding::{ConfidenceOrigin, Message, Outcome, Phase, Safety};

/// The language people are spoken to in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lang {
    /// Chinese.
    #[default]
    Zh,
    /// English.
    En,
}

impl Lang {
    /// The text of `message` in this language.
    #[must_use]
    pub fn of(self, message: &Message) -> &str {
        self.pick(&message.zh, &message.en)
    }

    /// One of two texts.
    #[must_use]
    pub fn pick<'t>(self, zh: &'t str, en: &'t str) -> &'t str {
        match self {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }
}

/// The stable name of an outcome.
pub(super) fn outcome_name(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Applied => "applied",
        Outcome::Held => "held",
        Outcome::Rejected => "rejected",
        Outcome::Skipped => "skipped",
    }
}

/// An outcome for readers: Chinese, English. In a run that writes nothing, an
/// applied fix is one that would be.
pub(super) fn outcome_words(outcome: Outcome) -> [&'static str; 2] {
    match outcome {
        Outcome::Applied => ["已修复", "applied"],
        Outcome::Held => ["待审", "held"],
        Outcome::Rejected => ["不改", "rejected"],
        Outcome::Skipped => ["让位", "skipped"],
    }
}

/// The stable name of a tier.
pub(super) fn safety_name(safety: Safety) -> &'static str {
    match safety {
        Safety::Flagged => "flagged",
        Safety::Suggested => "suggested",
        Safety::Automatic => "automatic",
    }
}

/// A tier for readers: Chinese, English.
pub(super) fn safety_words(safety: Safety) -> [&'static str; 2] {
    match safety {
        Safety::Flagged => ["存疑", "flagged"],
        Safety::Suggested => ["建议", "suggested"],
        Safety::Automatic => ["自动", "automatic"],
    }
}

/// Where a confidence comes from, for readers: Chinese, English.
pub(super) fn origin_words(origin: ConfidenceOrigin) -> [&'static str; 2] {
    match origin {
        ConfidenceOrigin::Calibrated => ["在标注版面上校准", "calibrated on labelled pages"],
        ConfidenceOrigin::Author => ["规则作者判定，例句全部通过", "its author's word; its examples pass"],
        ConfidenceOrigin::None => ["未经测定", "not measured"],
    }
}

/// A phase for readers: Chinese, English.
pub(super) fn phase_words(phase: Phase) -> [&'static str; 2] {
    match phase {
        Phase::Encoding => ["编码", "encoding"],
        Phase::Structure => ["版式结构", "structure"],
        Phase::Characters => ["单字", "characters"],
        Phase::Words => ["词语与名称", "words and names"],
        Phase::Marks => ["数字与标点", "numbers and marks"],
    }
}

/// What another place is to a finding, for readers: Chinese, English. Roles
/// without words here are shown by their name.
pub(super) fn role_words(role: &str) -> Option<[&'static str; 2]> {
    Some(match role {
        "other-copy" => ["另一处相同文字", "the other copy"],
        "join-left" => ["接缝前半", "before the join"],
        "join-right" => ["接缝后半", "after the join"],
        "first-copy" => ["首次出现处", "where it first stands"],
        "likely-partner" => ["另一半可能原在此处", "where the other half may have stood"],
        "evidence" => ["旁证", "evidence"],
        "move-to" => ["移至此处", "moved to here"],
        "opening" => ["与之成对的前半", "the opening mark"],
        "closing" => ["与之成对的后半", "the closing mark"],
        _ => return None,
    })
}

/// Why a finding ended as it did, by the code of the reason, without
/// particulars: Chinese.
pub(super) fn reason_zh(code: &str) -> Option<&'static str> {
    Some(match code {
        "at-level" => "本次运行予以应用",
        "information-only" => "仅供参考，无须处理",
        "no-repair-known" => "没有把握确定的改法，请对照原版面",
        "below-level" => "低于本次运行的级别",
        "only-flagged" => "存疑，只标出，从不应用",
        "below-confidence" => "把握低于本次运行的要求",
        "page-damaged" => "全页损坏过重，不作改动",
        "page-clean" => "全页几无错误，不作改动",
        "protected" => "此处受保护，不作改动",
        "undoes" => "会把本次运行已作的修复改回去",
        "suppressed" => "列在 suppressions.toml 里，不改",
        "decided" => "有人决定不改",
        "accepted" => "有人采纳",
        "same-change" => "另一条规则作了同样的改动",
        "overlaps" => "与另一条规则的修复重叠",
        _ => return None,
    })
}

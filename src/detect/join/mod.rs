//! Broken joins: paragraphs cut at column ends, and hard-wrapped lines.
//!
//! One scorer, learned and calibrated on labelled pages, says for every break
//! of a page how likely a paragraph was cut there ([`JoinScorer`]); this
//! detector turns that into findings. Kinds that stand alone (headings,
//! bylines, captions…) are evidence like any other.

mod features;

use std::sync::LazyLock;

pub use features::{N_FEATURES, NAMES, Row, rows};

use super::{Context, Detector, DetectorMeta};
use crate::document::Layout;
use crate::finding::{Class, ConfidenceOrigin, Edit, Evidence, Finding, Fix, Message, Phase, Safety};
use crate::lexicon::Lexicon;
use crate::model::{Trees, TreesError};
use crate::text::{CharClass, Span, char_class};

/// Probabilities that separate the tiers, read off the cross-validated curve
/// in `models/join.md`.
mod threshold {
    /// From here on a join is automatic.
    pub const AUTOMATIC: f64 = 0.93;
    /// From here on it is suggested: more likely than not.
    pub const SUGGESTED: f64 = 0.5;
    /// From here on it is shown.
    pub const FLAGGED: f64 = 0.3;
}

/// The probability that a paragraph was cut, for every break of a page.
#[derive(Debug)]
pub struct JoinScorer {
    trees: Trees,
}

impl JoinScorer {
    /// The scorer inside the program.
    #[must_use]
    pub fn embedded() -> &'static JoinScorer {
        static SCORER: LazyLock<JoinScorer> =
            LazyLock::new(|| JoinScorer::parse(include_str!("../../../models/join.tsv")).expect("a test reads the embedded table"));
        &SCORER
    }

    /// A scorer from a table as `xtask/join_scorer.py` writes it.
    ///
    /// # Errors
    /// At the first line of the table that does not fit.
    pub fn parse(table: &str) -> Result<Self, TreesError> {
        Ok(Self { trees: Trees::parse(table, &NAMES)? })
    }

    /// One value in 0..=1 for every break of `layout`, with the row it was
    /// read from.
    #[must_use]
    pub fn score(&self, text: &str, layout: &Layout, lexicon: &Lexicon) -> Vec<(f64, Row)> {
        rows(text, layout, lexicon).into_iter().map(|row| (self.trees.probability(&row), row)).collect()
    }
}

/// Finds paragraphs that were cut by a column end or a printed line's end.
pub struct BrokenJoin {
    scorer: &'static JoinScorer,
}

impl BrokenJoin {
    /// The detector with the scorer inside the program.
    #[must_use]
    pub fn embedded() -> Self {
        Self { scorer: JoinScorer::embedded() }
    }

    /// The detector with another scorer: for cross-validation.
    #[must_use]
    pub fn with_scorer(scorer: &'static JoinScorer) -> Self {
        Self { scorer }
    }
}

static META: DetectorMeta = DetectorMeta {
    id: "structure/broken-join",
    class: Class::BrokenJoin,
    phase: Phase::Structure,
    summary: ["段落在栏末、框末或印刷行末被切断", "A paragraph is cut at a column, box or line end"],
    why: [
        "报纸文字分栏排印，识别结果在栏末和行末换行，句子、词语、人名和数字因此断成两截，检索不到，也读不通。",
        "Newspapers are set in columns; recognition breaks the text at column and line ends, so that sentences, words, names and numbers fall apart and cannot be found.",
    ],
    silent: [
        "标题、小标题、署名、电头、图说、转版提示、诗行、列表和表格；真正的段落结尾，即使识别丢了句号。",
        "Headings, sub-headings, bylines, datelines, captions, jump lines, verse, lists and tables; true paragraph ends, even when the final mark was lost.",
    ],
    trust: [
        "概率由断点两侧的字、行长与栏宽、块的种类、引号括号、全文其他出处共同得出，按版面交叉验证校准；0.93 以上自动合并，0.5 以上建议合并。",
        "The probability comes from the characters on both sides, line lengths against the column's width, block kinds, open marks and other occurrences, calibrated by page-wise cross-validation; automatic from 0.93, suggested from 0.5.",
    ],
    sources: &["models/join.md", "models/boundary.md"],
    bad: &[(
        "市政府昨天召开会议，研究部署今年冬季取暖工作，要求各区县在十月底以前完成全部供热管\n\n网的检修任务，确保居民按时用上暖气。\n\n会议强调，要加强煤炭储备。",
        "市政府昨天召开会议，研究部署今年冬季取暖工作，要求各区县在十月底以前完成全部供热管网的检修任务，确保居民按时用上暖气。\n\n会议强调，要加强煤炭储备。",
    )],
    good: &[
        "我市举行秋季运动会\n\n本报讯（记者 张明）昨天上午，我市秋季运动会在市体育场开幕，来自全市的三千多名运动员参加了比赛。",
        "他说，今年的收成比去年好。\n\n村里的老人们都很高兴。",
    ],
};

impl Detector for BrokenJoin {
    fn meta(&self) -> &'static DetectorMeta {
        &META
    }

    fn detect(&self, context: &Context<'_>, sink: &mut Vec<Finding>) {
        let (text, layout) = (context.text, context.layout);
        for (break_idx, (probability, row)) in self.scorer.score(text, layout, &context.resources.lexicon).into_iter().enumerate() {
            let keep = context.settings.keep_lines && !layout.breaks[break_idx].blank;
            if probability >= threshold::FLAGGED && !keep {
                sink.push(finding(text, layout, break_idx, probability, &row));
            }
        }
    }
}

/// The finding for one break that probably cuts a paragraph.
fn finding(text: &str, layout: &Layout, break_idx: usize, probability: f64, row: &Row) -> Finding {
    let gap = layout.breaks[break_idx];
    let (class, message) = if gap.blank || row[features::index::EVENNESS] < 0.4 {
        (Class::BrokenJoin, Message::new("段落在此处被切断，应与下文接排", "a paragraph is cut here; join it with the text that follows"))
    } else {
        (Class::HardWrap, Message::new("印刷行末的换行，应与下行接排", "a printed line ends here, not a paragraph; join it with the next"))
    };
    let safety = match probability {
        p if p >= threshold::AUTOMATIC => Safety::Automatic,
        p if p >= threshold::SUGGESTED => Safety::Suggested,
        _ => Safety::Flagged,
    };
    let replacement = joint(text, gap.span);
    let edit = if replacement.is_empty() { Edit::deletion(gap.span) } else { Edit::replacement(gap.span, replacement) };
    let mut finding = Finding::new(META.id, class, Phase::Structure, text, gap.span, message)
        .with_fix(Fix::one(Message::new("接排", "join"), edit))
        .with_trust(safety, probability, ConfidenceOrigin::Calibrated);
    finding.evidence = evidence(row);
    finding
}

/// What stands between two halves of a paragraph once they are joined: a space
/// between Latin words, nothing otherwise.
fn joint(text: &str, gap: Span) -> &'static str {
    let latin = |c: Option<char>| c.is_some_and(|c| char_class(c) == CharClass::Latin);
    let before = text[..gap.start].chars().next_back();
    let after = text[gap.end..].chars().next();
    let english_mark =
        before.is_some_and(|c| matches!(c, ',' | '.' | ';' | ':' | '!' | '?')) && latin(text[..gap.start].chars().rev().nth(1));
    if latin(after) && (latin(before) || english_mark) { " " } else { "" }
}

/// The reasons in words, strongest first.
fn evidence(row: &Row) -> Vec<Evidence> {
    use features::index;
    let bits = f64::from(row[index::TOTAL]) / std::f64::consts::LN_2;
    let mut reasons = vec![Evidence::weighed(
        "context-bits",
        (bits * 10.0).round() / 10.0,
        format!("断点两侧的字相连的可能：{bits:+.1} 比特"),
        format!("the characters on both sides run on: {bits:+.1} bits"),
    )];
    let fill = f64::from(row[index::FILL_LEFT]);
    if row[index::EVENNESS] >= 0.4 {
        let percent = (fill * 100.0).round();
        reasons.push(Evidence::weighed(
            "line-fill",
            percent,
            format!("本行占栏宽 {percent}%"),
            format!("the line fills {percent} % of its column"),
        ));
    }
    if row[index::WORD_BITS] > 0.0 {
        reasons.push(Evidence::said("word-across", "词语跨在断点两侧", "a word lies across the break"));
    }
    if row[index::ELSEWHERE_JOINED] > 0.0 {
        reasons.push(Evidence::said(
            "whole-elsewhere",
            "同样的字在本文别处连在一起",
            "the same characters stand together elsewhere on the page",
        ));
    }
    if row[index::OPEN_LEFT] > 0.0 {
        reasons.push(Evidence::said(
            "left-open",
            "断点前有未关闭的引号、括号或书名号",
            "a quote, bracket or title mark is open before the break",
        ));
    }
    reasons
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latin_words_keep_a_space_and_han_does_not() {
        let joint_of = |text: &str| joint(text, Span::new(text.find('\n').unwrap(), text.rfind('\n').unwrap() + 1));
        assert_eq!(joint_of("the United\nNations"), " ");
        assert_eq!(joint_of("联合\n国"), "");
        assert_eq!(joint_of("9月2\n3日"), "");
        assert_eq!(joint_of("使用GPS\n定位"), "");
    }

    #[test]
    fn the_embedded_table_fits_the_features() {
        assert!(JoinScorer::parse(include_str!("../../../models/join.tsv")).is_ok());
    }
}

//! Broken joins: paragraphs cut at column ends, and hard-wrapped lines.
//!
//! One scorer, learned and calibrated on labelled pages, says for every break
//! of a page how likely a paragraph was cut there ([`JoinScorer`]); this
//! detector turns that into findings. Kinds that stand alone (headings,
//! bylines, captions…) are evidence like any other.

mod boxes;
mod column;
mod elsewhere;
mod features;
mod lost;
mod proposal;

use std::collections::HashSet;
use std::sync::LazyLock;

use column::Column;

pub use boxes::{BOX_NAMES, BoxRow, N_BOX_FEATURES};
pub(super) use features::PageView;
pub use features::{N_FEATURES, NAMES, Row, rows, rows_with_boxes};
pub use lost::{LOST_NAMES, LostCandidate, N_LOST_FEATURES, WholeElsewhere, lost_candidates, unranked_candidates};
pub(super) use proposal::joint;

use super::{Context, Detector, DetectorMeta};
use crate::document::{Break, Kind, Layout, dateline_prefix};
use crate::finding::{Class, Finding, Phase, Safety};
use crate::model::{Trees, TreesError};
use crate::text::{is_closing, is_sentence_end};

/// Probabilities that separate the tiers, read off the cross-validated curve
/// in `models/join.md`.
pub(super) mod threshold {
    /// From here on a join is automatic.
    pub const AUTOMATIC: f64 = 0.92;
    /// The same between printed lines of one column, which are joined by the
    /// hundred and where the column's width speaks as well: of those above,
    /// more than 99 in 100 were right.
    pub const AUTOMATIC_WRAPPED: f64 = 0.8;
    /// The same between lines with boxes, whose edges show where a paragraph
    /// begins and ends.
    pub const AUTOMATIC_BOXES: f64 = 0.8;
    /// From here on a join between lines with boxes is suggested.
    pub const SUGGESTED_BOXES: f64 = 0.5;
    /// From here on it is suggested: of those above, nine in ten were right.
    pub const SUGGESTED: f64 = 0.6;
    /// From here on it is shown.
    pub const FLAGGED: f64 = 0.3;
}

/// The probability that a paragraph was cut, for every break of a page.
#[derive(Debug)]
pub struct JoinScorer {
    trees: Trees,
    /// The same for breaks between lines with boxes: the features of the text
    /// and those of the boxes.
    with_boxes: Option<Trees>,
}

impl JoinScorer {
    /// The scorer inside the program.
    #[must_use]
    pub fn embedded() -> &'static JoinScorer {
        static SCORER: LazyLock<JoinScorer> = LazyLock::new(|| {
            JoinScorer::parse(include_str!("../../../models/join.tsv"))
                .and_then(|scorer| scorer.with_boxes(include_str!("../../../models/join_boxes.tsv")))
                .expect("a test reads the embedded tables")
        });
        &SCORER
    }

    /// A scorer from a table as `xtask/join_scorer.py` writes it.
    ///
    /// # Errors
    /// At the first line of the table that does not fit.
    pub fn parse(table: &str) -> Result<Self, TreesError> {
        Ok(Self { trees: Trees::parse(table, &NAMES)?, with_boxes: None })
    }

    /// The same with a table for lines with boxes, as `xtask/join_boxes.py`
    /// writes it.
    ///
    /// # Errors
    /// At the first line of the table that does not fit.
    pub fn with_boxes(mut self, table: &str) -> Result<Self, TreesError> {
        let names: Vec<&str> = NAMES.into_iter().chain(BOX_NAMES).collect();
        self.with_boxes = Some(Trees::parse(table, &names)?);
        Ok(self)
    }

    /// Estimated probability that line `left_idx` of `page` runs on in line
    /// `right_idx`.
    pub(super) fn between(&self, page: &PageView<'_>, left_idx: usize, right_idx: usize) -> f64 {
        let row = page.row(left_idx, right_idx);
        self.by_boxes(page, left_idx, right_idx, &row).unwrap_or_else(|| self.trees.probability(&row))
    }

    /// The same where both lines have boxes.
    fn by_boxes(&self, page: &PageView<'_>, left_idx: usize, right_idx: usize, row: &Row) -> Option<f64> {
        let (trees, boxes) = (self.with_boxes.as_ref()?, page.box_row(left_idx, right_idx)?);
        let mut both = [0.0; N_FEATURES + N_BOX_FEATURES];
        both[..N_FEATURES].copy_from_slice(row);
        both[N_FEATURES..].copy_from_slice(&boxes);
        Some(trees.probability(&both))
    }

    /// Calls `each` for every break of `page`, with its index, its value in
    /// 0..=1 and the row that was read from. A few rows at a time are kept.
    pub(super) fn each_break(&self, page: &PageView<'_>, mut each: impl FnMut(usize, f64, &Row)) {
        const ROWS: usize = 64;
        let mut rows: Vec<Row> = Vec::with_capacity(ROWS);
        for from in (0..page.n_breaks()).step_by(ROWS) {
            let to = page.n_breaks().min(from + ROWS);
            rows.clear();
            rows.extend((from..to).map(|break_idx| page.row(break_idx, break_idx + 1)));
            for ((probability, row), break_idx) in self.trees.probabilities(&rows).into_iter().zip(&rows).zip(from..) {
                let by_boxes = self.by_boxes(page, break_idx, break_idx + 1, row);
                each(break_idx, by_boxes.unwrap_or(probability), row);
            }
        }
    }
}

/// A break that probably cuts a paragraph.
struct Cut {
    gap: Break,
    probability: f64,
    row: Row,
    /// The probability is one of lines with boxes.
    by_boxes: bool,
    /// How far joining can be trusted whatever the characters say.
    at_most: Safety,
}

/// Finds paragraphs that were cut by a column end or a printed line's end.
#[derive(Clone, Copy, Debug)]
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
    summary: ["段落在栏末、框末或印刷行末被切断", "a paragraph is cut at a column, box or line end"],
    why: [
        "报纸文字分栏排印，识别结果在栏末和行末换行，句子、词语、人名和数字因此断成两截，检索不到，也读不通。",
        "Newspapers are set in columns; recognition breaks the text at column and line ends, so that sentences, words, names and numbers fall apart and cannot be found.",
    ],
    silent: [
        "标题、小标题、署名、电头、图说、转版提示、诗行、列表和表格；真正的段落结尾，即使识别丢了句号。",
        "Headings, sub-headings, bylines, datelines, captions, jump lines, verse, lists and tables; true paragraph ends, even when the final mark was lost.",
    ],
    trust: [
        "概率由断点两侧的字、行长与栏宽、块的种类、引号括号、全文其他出处共同得出，按版面交叉验证校准；0.92 以上自动合并（同栏印刷行之间 0.8），0.6 以上建议合并；一行即一段的文本里、两个短行之间（窄栏正文除外）只建议，空行之前已有句末标点的只提示。",
        "The probability comes from the characters on both sides, line lengths against the column's width, block kinds, open marks and other occurrences, calibrated by page-wise cross-validation; automatic from 0.92 (between printed lines of one column from 0.8), suggested from 0.6; only suggested where each line is a paragraph and between two short lines outside a narrow column of prose, and flagged where a sentence ends above an empty line.",
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
        let standing = repeated_headings(text, layout);
        let mut cuts: Vec<Cut> = Vec::new();
        self.scorer.each_break(context.page(), |break_idx, probability, row| {
            let keep = context.settings.keep_lines && !layout.breaks[break_idx].blank;
            let stays = keep
                || is_refrain(text, layout, break_idx)
                || stands_apart(text, layout, break_idx)
                || layout.lines[break_idx + 1].kind == Kind::Body && standing.contains(layout.line_text(text, break_idx));
            if probability >= threshold::FLAGGED && !stays {
                let by_boxes = context.page().box_row(break_idx, break_idx + 1).is_some();
                let at_most = if by_boxes { Safety::Automatic } else { at_most(text, layout, break_idx, row) };
                cuts.push(Cut { gap: layout.breaks[break_idx], probability, row: *row, by_boxes, at_most });
            }
        });
        let whole = WholeElsewhere::of_cuts(text, cuts.iter().map(|cut| cut.gap.span));
        sink.extend(cuts.iter().map(|cut| proposal::of_cut(text, cut, &whole, context.resources)));
    }
}

/// What is known of a break before its characters are weighed.
fn at_most(text: &str, layout: &Layout, break_idx: usize, row: &Row) -> Safety {
    let column = || Column::around(layout, break_idx);
    let may_be_apart = !layout.breaks[break_idx].blank
        && (are_short(layout, break_idx) && !column().is_prose(text, layout)
            || are_long(layout, break_idx) && !is_even(row) && !column().is_set());
    match (ends_paragraph(text, layout, break_idx), may_be_apart) {
        (true, _) => Safety::Flagged,
        (false, true) => Safety::Suggested,
        (false, false) => Safety::Automatic,
    }
}

/// True in a column of even width, most of whose lines fill it.
fn is_even(row: &Row) -> bool {
    row[features::index::EVENNESS] >= 0.4
}

/// True between two lines shorter than most columns of running text: rows of a
/// table or verse, and little stands in them to tell.
fn are_short(layout: &Layout, break_idx: usize) -> bool {
    const WIDEST_CELLS: usize = 14;
    let is_short = |line_idx: usize| layout.lines[line_idx].width_cells <= WIDEST_CELLS;
    is_short(break_idx) && is_short(break_idx + 1)
}

/// True where the lines around a break are longer than a column is wide: each
/// is a paragraph, or what was read of it, and the engine set the newline
/// between them for a reason.
fn are_long(layout: &Layout, break_idx: usize) -> bool {
    const WIDEST_COLUMN_CELLS: usize = 60;
    let block = layout.blocks[layout.lines[break_idx].block].clone();
    block.map(|line_idx| layout.lines[line_idx].width_cells).max().is_some_and(|width| width > WIDEST_COLUMN_CELLS)
}

/// True for a line that ends a sentence above an empty line. One paragraph in
/// a hundred is cut just there; joining it is left to a reader.
pub(super) fn ends_paragraph(text: &str, layout: &Layout, line_idx: usize) -> bool {
    let line = layout.line_text(text, line_idx).trim_end_matches(is_closing);
    line.ends_with(is_sentence_end) && layout.breaks.get(line_idx).is_none_or(|gap| gap.blank)
}

/// True between a line and its like: a refrain, or what a reading model
/// repeats; neither is one paragraph.
fn is_refrain(text: &str, layout: &Layout, break_idx: usize) -> bool {
    layout.line_text(text, break_idx).trim() == layout.line_text(text, break_idx + 1).trim()
}

/// True beside a jump line, which is no part of a paragraph, and before a
/// dateline with its names, which begins one: other rules would set them apart
/// again.
fn stands_apart(text: &str, layout: &Layout, break_idx: usize) -> bool {
    let beside_jump_line = [break_idx, break_idx + 1].iter().any(|&line_idx| layout.lines[line_idx].kind == Kind::JumpLine);
    let right = layout.line_text(text, break_idx + 1);
    beside_jump_line || dateline_prefix(right).is_some_and(|prefix| prefix.of(right).ends_with(['）', ')']))
}

/// Headings that stand more than once in the text, word for word: those of a
/// teaser and its article, or standing heads. Where the beginning of the
/// article was lost, the heading seems to run on in what is left of it.
fn repeated_headings<'t>(text: &'t str, layout: &Layout) -> HashSet<&'t str> {
    const MIN_CHARS: usize = 6;
    let (mut seen, mut repeated) = (HashSet::new(), HashSet::new());
    for (line_idx, line) in layout.lines.iter().enumerate() {
        let line_text = layout.line_text(text, line_idx);
        if line.kind == Kind::Heading && line.n_chars >= MIN_CHARS && !seen.insert(line_text) {
            repeated.insert(line_text);
        }
    }
    repeated
}

#[cfg(test)]
mod tests {
    use super::super::testing::silent;
    use super::*;

    #[test]
    fn a_line_does_not_run_on_in_its_like() {
        silent(BrokenJoin::embedded(), "小船轻轻漂在水面上，\n小船轻轻漂在水面上，\n小船轻轻漂在水面上，\n");
    }

    #[test]
    fn jump_lines_and_datelines_are_never_joined() {
        silent(BrokenJoin::embedded(), "社区昨天办了首届旧书交换：八\n（下转A2版②）\n地里。\n");
        silent(BrokenJoin::embedded(), "清淤提前收工\n本报讯（记者 祁连）截至昨天，九条河道的清淤工程全部完成。");
    }

    #[test]
    fn a_heading_that_stands_twice_does_not_run_on_in_what_is_left_of_its_article() {
        let article = "厂的职工代表一致同意推迟放假，把最后一批车床装上火车，再回家过年。";
        let text = format!("机床厂赶在年前交货\n\n（下转第三版）\n\n菜场冬储白菜上市\n\n机床厂赶在年前交货\n\n{article}\n");
        silent(BrokenJoin::embedded(), &text);
    }

    #[test]
    fn a_sentence_that_ends_above_an_empty_line_ends_its_paragraph() {
        let text = "水位在六分钟内升高三米。”\n\n船工们解开缆绳。\n船队驶向上游。";
        let layout = Layout::new(text);
        let over: Vec<bool> = (0..3).map(|line_idx| ends_paragraph(text, &layout, line_idx)).collect();
        assert_eq!(over, [true, false, true]);
    }

    #[test]
    fn the_embedded_table_fits_the_features() {
        let text = JoinScorer::parse(include_str!("../../../models/join.tsv")).unwrap();
        assert!(text.with_boxes(include_str!("../../../models/join_boxes.tsv")).is_ok());
    }
}

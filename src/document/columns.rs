use std::ops::Range;

use super::Line;

/// Lines of the smallest block whose width says anything.
const MIN_LINES: usize = 3;
/// Widest printed column, in cells (about 45 Han characters): a line longer
/// than that is a paragraph.
const MAX_COLUMN_CELLS: usize = 90;
/// Share of the column from which a line counts as full: a printed line loses
/// a cell or two to punctuation and to characters the OCR missed.
const FULL_PERCENT: usize = 85;

/// The printed columns of a text, as far as its lines show them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Columns {
    /// For every block the width in cells of its printed lines; `None` where
    /// lines are whole paragraphs.
    pub block_cells: Vec<Option<usize>>,
    /// True when most lines of the text are printed lines.
    pub wrapped: bool,
}

impl Columns {
    pub(super) fn new(lines: &[Line], blocks: &[Range<usize>]) -> Self {
        let own: Vec<Option<usize>> = blocks.iter().map(|block| column_of(&lines[block.clone()])).collect();
        let in_large = |wanted: bool| -> usize {
            blocks
                .iter()
                .zip(&own)
                .filter(|(block, own)| block.len() >= MIN_LINES && own.is_some() == wanted)
                .map(|(block, _)| block.len())
                .sum()
        };
        let wrapped = in_large(true) > in_large(false);
        let mut widths: Vec<usize> = own.iter().copied().flatten().collect();
        widths.sort_unstable();
        let usual = widths.get(widths.len() / 2).copied().filter(|_| wrapped);
        let block_cells = blocks
            .iter()
            .zip(own)
            .map(|(block, own)| {
                own.or(usual.filter(|&usual| lines[block.clone()].iter().all(|line| line.width_cells <= usual + usual / 2)))
            })
            .collect();
        Self { block_cells, wrapped }
    }
}

/// The column width of one block, when all but the paragraph ends among its
/// lines are about equally long.
fn column_of(lines: &[Line]) -> Option<usize> {
    if lines.len() < MIN_LINES {
        return None;
    }
    let widest = lines.iter().map(|line| line.width_cells + line.indent_cells).max()?;
    let full = |line: &&Line| is_full(line.width_cells + line.indent_cells, widest);
    // The last line says nothing; short first ones may be headings.
    let n_heading = lines.iter().take(4).take_while(|line| !full(line)).count();
    let inner = &lines[n_heading.min(lines.len() - 2)..lines.len() - 1];
    let n_full = inner.iter().filter(full).count();
    (widest <= MAX_COLUMN_CELLS && 2 * n_full > inner.len()).then_some(widest)
}

/// True when a line of `width_cells`, indent included, fills a column of
/// `column_cells`.
pub(super) fn is_full(width_cells: usize, column_cells: usize) -> bool {
    100 * width_cells >= FULL_PERCENT * column_cells
}

#[cfg(test)]
mod tests {
    use super::super::Layout;

    #[test]
    fn printed_lines_show_their_column() {
        let layout =
            Layout::new("新桥通车\n\n昨天上午，城东新桥正\n式通车，附近的居民纷\n纷前来观看。\n通车以后，两岸往来只\n要五分钟。\n\n小标题");
        assert!(layout.columns.wrapped);
        assert_eq!(layout.columns.block_cells, [Some(20), Some(20), Some(20)]);
    }

    #[test]
    fn paragraphs_show_none() {
        let layout = Layout::new(
            "昨天上午，城东新桥正式通车，附近的居民纷纷前来观看，场面十分热闹，一直到中午人群才慢慢散去。\n通车以后，两岸往来只要五分钟。\n他说好。\n\n小标题",
        );
        assert!(!layout.columns.wrapped);
        assert_eq!(layout.columns.block_cells, [None, None]);
    }
}

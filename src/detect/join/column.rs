//! Lines set to one width around a break: a column, however narrow, and in a
//! block of several widths.

use std::collections::HashMap;
use std::ops::Range;

use crate::document::Layout;
use crate::text::is_pause;

/// The lines around a break that are as long as the one above it.
pub(super) struct Column {
    lines: Range<usize>,
    /// The line below the break is no longer than they are.
    holds_next: bool,
}

impl Column {
    /// The column that the line above a break belongs to.
    pub fn around(layout: &Layout, break_idx: usize) -> Self {
        const SLACK_CELLS: usize = 2;
        let width = |line_idx: usize| layout.lines[line_idx].width_cells;
        let fills = |line_idx: &usize| width(*line_idx).abs_diff(width(break_idx)) <= SLACK_CELLS;
        let block = layout.blocks[layout.lines[break_idx].block].clone();
        let n_above = (block.start..break_idx).rev().take_while(fills).count();
        let n_below = (break_idx + 1..block.end).take_while(fills).count();
        Self { lines: break_idx - n_above..break_idx + 1 + n_below, holds_next: width(break_idx + 1) <= width(break_idx) + SLACK_CELLS }
    }

    /// Enough lines to be no coincidence, and the next one fits.
    pub fn is_set(&self) -> bool {
        const FEWEST_LINES: usize = 3;
        self.lines.len() >= FEWEST_LINES && self.holds_next
    }

    /// The marks stand wherever they fall. Those of verse stand at the ends of
    /// lines, those of cells one below the other, if there are any.
    pub fn is_prose(&self, text: &str, layout: &Layout) -> bool {
        let (mut n_at_end, mut inside) = (0, HashMap::<usize, usize>::new());
        for line_idx in self.lines.clone() {
            let line = layout.line_text(text, line_idx).trim();
            n_at_end += usize::from(line.ends_with(is_pause));
            for (place, _) in line.trim_end_matches(is_pause).chars().enumerate().filter(|&(_, c)| is_pause(c)) {
                *inside.entry(place).or_default() += 1;
            }
        }
        let n_inside: usize = inside.values().sum();
        let most_in_one_place = inside.values().copied().max().unwrap_or(0);
        self.is_set() && n_inside > n_at_end && 2 * most_in_one_place <= n_inside
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str, break_idx: usize) -> (bool, bool) {
        let layout = Layout::new(text);
        let column = Column::around(&layout, break_idx);
        (column.is_set(), column.is_prose(text, &layout))
    }

    #[test]
    fn a_narrow_column_has_its_marks_anywhere() {
        assert_eq!(at("河水渐落，船只\n不能靠岸，货栈\n里堆着新米，等\n着过磅，工人们\n都歇了。", 1), (true, true));
    }

    #[test]
    fn verse_and_cells_are_no_prose() {
        assert_eq!(at("河水渐渐落下，\n船只不能靠岸，\n货栈堆着新米，\n工人都已歇下。", 1), (true, false));
        assert_eq!(at("北城：多云六度\n南城：小雨八度\n西关：有风七度\n东关：转晴九度", 1), (true, false));
    }

    #[test]
    fn two_lines_of_one_length_are_no_column() {
        assert_eq!(at("河水渐落，船只靠岸\n货栈里，堆着新米呢\n好", 0), (false, false));
        assert_eq!(at("河，水\n船只，不能靠岸了", 0), (false, false));
    }
}

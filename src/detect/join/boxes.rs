//! What the places of printed lines say of a break: a paragraph begins with an
//! indent and ends short of its column's edge; a headline is taller, a caption
//! narrower than what it stands in.

use crate::document::{Bounds, Geometry, Layout, PrintedLine};

/// Names of the features, in the order of a row.
pub const BOX_NAMES: [&str; N_BOX_FEATURES] = [
    "begin_gap_right",
    "end_gap_left",
    "begin_gap_left",
    "end_gap_right",
    "begin_gap_after",
    "height_ratio",
    "pitch_ratio",
    "height_left_page",
    "height_right_page",
    "pitch_left_page",
    "pitch_right_page",
    "same_block",
    "overlap",
    "drop",
    "drop_page",
    "shift",
    "rise",
    "column_ratio",
    "column_left",
    "column_right",
    "block_rows_left",
    "block_rows_right",
    "page_turn",
    "rows_near",
];

/// Length of a row.
pub const N_BOX_FEATURES: usize = 24;

/// One break as its boxes show it.
pub type BoxRow = [f32; N_BOX_FEATURES];

/// Printed lines before and behind that are looked at for the column of one.
const WINDOW: usize = 60;

/// Lines of a column whose edges are taken together: a page that was scanned
/// askew has other edges further down.
const NEAR: usize = 11;

/// The column a printed line stands in, in the units of the page.
#[derive(Clone, Copy, Debug)]
struct Column {
    left: f32,
    right: f32,
    /// Width of a Chinese character.
    em: f32,
    n: usize,
}

/// The columns of all printed lines of a page.
pub(super) struct Boxes<'a> {
    layout: &'a Layout,
    geometry: &'a Geometry,
    columns: Vec<Option<Column>>,
    block_rows: Vec<usize>,
    /// Medians of the file: the height of lines, their pitch, the space
    /// between them.
    height: f32,
    pitch: f32,
    leading: f32,
}

impl<'a> Boxes<'a> {
    /// Reads the columns; `None` for a text without boxes.
    pub(super) fn new(layout: &'a Layout) -> Option<Self> {
        let geometry = layout.geometry.as_deref()?;
        let lines = &geometry.lines;
        let boxes = || lines.iter().filter_map(|line| Some((line, line.bounds?)));
        let height = median(boxes().map(|(_, bounds)| bounds.height()).collect())?;
        let pitch = median(boxes().filter_map(|(line, _)| own_pitch(line)).collect()).unwrap_or(height);
        let drops = lines.windows(2).filter(|pair| pair[0].block == pair[1].block);
        let leading = median(drops.filter_map(|pair| Some(pair[1].bounds?.top - pair[0].bounds?.bottom)).collect()).unwrap_or(0.0);
        let mut block_rows = vec![0; lines.last().map_or(0, |line| line.block + 1)];
        for line in lines {
            block_rows[line.block] += 1;
        }
        let columns = (0..lines.len()).map(|idx| column(lines, idx, pitch)).collect();
        Some(Self { layout, geometry, columns, block_rows, height, pitch, leading })
    }

    /// The row for line `left_idx` running on in line `right_idx`; `None` where
    /// one of them has no box.
    pub(super) fn row(&self, left_idx: usize, right_idx: usize) -> Option<BoxRow> {
        let last = self.layout.printed.get(left_idx)?.as_ref()?.end - 1;
        let first = self.layout.printed.get(right_idx)?.as_ref()?.start;
        let (left, right) = (&self.geometry.lines[last], &self.geometry.lines[first]);
        let (a, b) = (left.bounds?, right.bounds?);
        let (column_a, column_b) = (self.columns[last]?, self.columns[first]?);
        let pitch_of = |line: &PrintedLine, column: &Column| own_pitch(line).unwrap_or(column.em);
        let (pitch_a, pitch_b) = (pitch_of(left, &column_a), pitch_of(right, &column_b));
        let begin_gap = |bounds: Bounds, column: &Column| ((bounds.left - column.left) / column.em).clamp(-4.0, 12.0);
        let end_gap = |bounds: Bounds, column: &Column| ((column.right - bounds.right) / column.em).clamp(-4.0, 40.0);
        let after = self.geometry.lines.get(first + 1).filter(|line| line.block == right.block).and_then(|line| line.bounds);
        let overlap = (a.right.min(b.right) - a.left.max(b.left)) / a.width().min(b.width());
        let drop = (b.top - a.bottom) / self.height;
        let width = |column: &Column| (column.right - column.left).max(column.em);
        Some([
            begin_gap(b, &column_b),
            end_gap(a, &column_a),
            begin_gap(a, &column_a),
            end_gap(b, &column_b),
            after.map_or(0.0, |after| begin_gap(after, &column_b)),
            (a.height() / b.height()).ln().clamp(-2.0, 2.0),
            (pitch_a / pitch_b).ln().clamp(-2.0, 2.0),
            (a.height() / self.height).min(8.0),
            (b.height() / self.height).min(8.0),
            (pitch_a / self.pitch).min(8.0),
            (pitch_b / self.pitch).min(8.0),
            f32::from(u8::from(left.block == right.block)),
            overlap.clamp(-1.0, 1.0),
            drop.clamp(-30.0, 12.0),
            (drop - self.leading / self.height).clamp(-30.0, 12.0),
            ((column_b.left - column_a.left) / width(&column_a)).clamp(-6.0, 6.0),
            ((b.top - a.top) / self.height).clamp(-60.0, 60.0),
            (width(&column_a) / width(&column_b)).ln().clamp(-3.0, 3.0),
            (width(&column_a) / column_a.em).min(90.0),
            (width(&column_b) / column_b.em).min(90.0),
            self.block_rows[left.block].min(40) as f32,
            self.block_rows[right.block].min(40) as f32,
            f32::from(u8::from(left.page != right.page)),
            column_a.n.min(column_b.n) as f32,
        ])
    }
}

/// Width of a Chinese character in a line, by its length; short lines do not
/// tell.
fn own_pitch(line: &PrintedLine) -> Option<f32> {
    const MIN_CELLS: usize = 8;
    let bounds = line.bounds?;
    (line.width_cells >= MIN_CELLS).then(|| 2.0 * bounds.width() / line.width_cells as f32)
}

/// The edges that the lines above and below show for line `idx`: most lines
/// begin and end there.
fn column(lines: &[PrintedLine], idx: usize, page_pitch: f32) -> Option<Column> {
    let own = &lines[idx];
    let bounds = own.bounds?;
    let middle = |bounds: Bounds| (bounds.top + bounds.bottom) / 2.0;
    let window = &lines[idx.saturating_sub(WINDOW)..(idx + WINDOW + 1).min(lines.len())];
    let mut near: Vec<(f32, &PrintedLine, Bounds)> = window
        .iter()
        .filter_map(|line| {
            let other = line.bounds.filter(|_| line.page == own.page)?;
            let overlap = bounds.right.min(other.right) - bounds.left.max(other.left);
            let alike = overlap > 0.6 * bounds.width().min(other.width()) && (0.6..1.67).contains(&(other.height() / bounds.height()));
            // What is twice as wide goes over several columns.
            let one_column = line.block == own.block || other.width().max(bounds.width()) < 1.6 * bounds.width().max(0.5 * other.width());
            (alike && one_column).then(|| ((middle(other) - middle(bounds)).abs(), line, other))
        })
        .collect();
    near.sort_by(|a, b| a.0.total_cmp(&b.0));
    near.truncate(NEAR);
    let at = |mut edges: Vec<f32>, share: f32| {
        edges.sort_by(f32::total_cmp);
        edges[((edges.len() - 1) as f32 * share) as usize]
    };
    let em = median(near.iter().filter_map(|(_, line, _)| own_pitch(line)).collect()).unwrap_or(page_pitch).max(1e-3);
    Some(Column {
        left: at(near.iter().map(|(_, _, bounds)| bounds.left).collect(), 0.25),
        right: at(near.iter().map(|(_, _, bounds)| bounds.right).collect(), 0.75),
        em,
        n: near.len(),
    })
}

fn median(mut values: Vec<f32>) -> Option<f32> {
    values.sort_by(f32::total_cmp);
    values.get(values.len() / 2).copied().filter(|value| value.is_finite())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::format::Format;

    fn value(row: &BoxRow, name: &str) -> f32 {
        row[BOX_NAMES.iter().position(|own| *own == name).unwrap()]
    }

    #[test]
    fn indents_and_short_lines_show() {
        // A column 200 wide of characters 20 wide; the third line is short and
        // the fourth indented by two characters.
        let lines = [
            (0, 200, "城东新桥昨天上午正式"),
            (0, 200, "通车附近居民纷纷前来"),
            (0, 60, "观看。"),
            (40, 200, "通车以后两岸往来"),
            (0, 200, "只要五分钟大家说很好"),
        ];
        let html: String = lines
            .iter()
            .enumerate()
            .map(|(idx, (left, right, text))| {
                format!("<p class='ocr_line' title='bbox {left} {} {right} {}'>{text}</p>", 30 * idx, 30 * idx + 20)
            })
            .collect();
        let page = Format::Hocr.read(&format!("<div class='ocr_page'>{html}</div>")).unwrap().unwrap();
        let mut layout = Layout::new(&page.text);
        layout.place(&page.text, &Arc::new(page.geometry), |span| span);
        let boxes = Boxes::new(&layout).unwrap();
        let row = |idx| boxes.row(idx, idx + 1).unwrap();
        assert_eq!(value(&row(2), "begin_gap_right"), 2.0);
        assert_eq!(value(&row(2), "end_gap_left"), 7.0);
        assert_eq!(value(&row(0), "begin_gap_right"), 0.0);
        assert_eq!(value(&row(0), "end_gap_left"), 0.0);
        assert_eq!(value(&row(3), "overlap"), 1.0);
    }

    #[test]
    fn a_text_without_boxes_has_no_rows() {
        assert!(Boxes::new(&Layout::new("甲\n乙")).is_none());
    }
}

//! How large the type of a line is, where the file has boxes: headlines are set
//! larger than what they stand above.

use crate::apply::SourceMap;
use crate::document::{Geometry, Layout, PrintedLine};

/// Sizes of the lines of a corrected page, in the size of its running text;
/// `None` where the file does not say.
pub type TypeSizes = Vec<Option<f32>>;

/// Cells from which on a line is long enough to tell how wide its characters
/// are, and to be one of running text.
const LEAST_CELLS: usize = 8;
const RUNNING_CELLS: usize = 16;

/// The sizes of the lines of `layout`. `map` leads back to the text whose
/// lines `geometry` knows. Of several printed lines that became one, the
/// smallest counts.
#[must_use]
pub fn type_sizes(layout: &Layout, map: &SourceMap, geometry: &Geometry) -> TypeSizes {
    let mut running: Vec<f32> = geometry.lines.iter().filter(|line| line.width_cells >= RUNNING_CELLS).filter_map(pitch).collect();
    running.sort_by(f32::total_cmp);
    let Some(&usual) = running.get(running.len() / 2) else { return vec![None; layout.lines.len()] };
    let size_of = |line: &crate::document::Line| {
        let printed = &geometry.lines[geometry.lines_of(map.to_old(line.span))?];
        printed.iter().filter(|line| line.width_cells >= LEAST_CELLS).filter_map(pitch).reduce(f32::min).map(|own| own / usual)
    };
    layout.lines.iter().map(size_of).collect()
}

/// Width of a character in a line that is set from left to right.
fn pitch(line: &PrintedLine) -> Option<f32> {
    let bounds = line.bounds.filter(|bounds| bounds.width() >= bounds.height())?;
    (line.width_cells > 0).then(|| 2.0 * bounds.width() / line.width_cells as f32)
}

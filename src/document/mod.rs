//! What stands on a page: lines, blocks and the breaks between them, each line
//! with its kind (heading, byline, caption, jump line, furniture, body…).
//!
//! Nothing here judges damage; detectors do. Start at [`Layout`].

mod kind;
mod layout;

mod byline;
mod calendar;
mod caption;
mod columns;
mod compact;
mod dateline;
mod furniture;
mod furniture_fields;
mod furniture_words;
mod geometry;
mod heading;
mod jump_line;
mod list;
mod name_list;
mod names;

pub use calendar::{Date, days_in_month};
pub use columns::Columns;
pub use dateline::dateline_prefix;
pub use furniture::FurnitureKind;
pub use furniture_fields::{FurnitureFields, furniture_fields};
pub use geometry::{Bounds, Geometry, PrintedLine, Sure};
pub use jump_line::{Direction, JumpLine, JumpPhrase, PageLabel, find_jump_phrases, jump_line};
pub use kind::Kind;
pub use layout::{Break, Layout, Line};
pub use name_list::is_in_names;
pub use names::{is_name, is_surname, segment_names, surnames};

/// The length in bytes of the list marker (`1.`, `（一）`, `三、`, `●`) that
/// `line` begins with.
#[must_use]
pub fn list_marker(line: &str) -> Option<usize> {
    let compact = compact::Compact::of(line, 8);
    list::list_marker(&compact.chars).map(|n_chars| compact.span(0, n_chars).end)
}

//! What stands on a page: lines, blocks and the breaks between them, each line
//! with its kind (heading, byline, caption, jump line, furniture, body…).
//!
//! Nothing here judges damage; detectors do. Start at [`Layout`].

mod kind;
mod layout;

mod byline;
mod caption;
mod columns;
mod compact;
mod dateline;
mod furniture;
mod heading;
mod jump_line;
mod list;
mod names;

pub use columns::Columns;
pub use dateline::dateline_prefix;
pub use furniture::FurnitureKind;
pub use jump_line::{Direction, JumpLine, JumpPhrase, PageLabel, find_jump_phrases, jump_line};
pub use kind::Kind;
pub use layout::{Break, Layout, Line};
pub use names::{is_name, is_surname, segment_names};

/// Which piece of page furniture `line` is. `isolated`: empty lines (or the
/// ends of the page) lie on both sides of it.
#[must_use]
pub fn furniture_kind(line: &str, isolated: bool) -> Option<FurnitureKind> {
    let mut compact = compact::Compact::default();
    if line.len() <= 8 * furniture::MAX_CHARS && compact.read(line, furniture::MAX_CHARS) {
        furniture::furniture(&compact.chars, isolated)
    } else {
        None
    }
}

/// The length in bytes of the list marker (`1.`, `（一）`, `三、`, `●`) that
/// `line` begins with.
#[must_use]
pub fn list_marker(line: &str) -> Option<usize> {
    let compact = compact::Compact::of(line, 8);
    list::list_marker(&compact.chars).map(|n_chars| compact.span(0, n_chars).end)
}

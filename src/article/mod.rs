//! Articles: what the corrected pages of an issue hold for an index or a
//! corpus.
//!
//! A file's name and masthead say which page of which issue it is
//! ([`PageName`]). [`segment`] cuts a page into pieces of articles, each with
//! its headline, byline, paragraphs and captions; [`stitch`] joins the pieces
//! that a jump line (`下转A2版②`, `上接A1版`) sends to each other; [`Record`]
//! is what an article looks like in the output. Nothing here changes a text.

mod byline;
mod cohesion;
mod issue;
mod record;
mod segment;
mod stitch;
#[cfg(test)]
mod tests;
mod type_size;

pub use byline::{Credit, credits};
pub use issue::{PageName, PagePattern, PagePatternError};
pub use record::{ARTICLE_SCHEMA_VERSION, PageSource, Record, Reject, records, rejects};
pub use segment::{Left, Part, Piece, Role, Segmented, segment};
pub use stitch::{Article, Jump, JumpStatus, Seam, stitch};
pub use type_size::{TypeSizes, type_sizes};

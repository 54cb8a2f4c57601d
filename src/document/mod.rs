//! What stands on a page: lines, blocks and the breaks between them, each line
//! with its kind (heading, byline, caption, jump line, furniture, body…).
//!
//! Nothing here judges damage; detectors do. Start at [`Layout`].

mod kind;
mod layout;

pub use kind::Kind;
pub use layout::{Break, Layout, Line};

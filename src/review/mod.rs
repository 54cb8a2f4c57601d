//! The desk of somebody who reviews findings: what is left to decide and in
//! what order, what findings have in common, what was said, how far one got.
//!
//! Pure data: reports, texts and the log are handed in. Start at [`Desk`].

mod desk;
mod filter;
mod item;
mod page;
mod pattern;
mod progress;
#[cfg(test)]
mod tests;

pub use desk::{Desk, DeskBuilder, Refused, State, Word};
pub use filter::{Filter, Order, Wanted};
pub use item::{Item, Line, LineError, fixed};
pub use page::{Segment, page};
pub use pattern::Pattern;
pub use progress::{Known, Progress, Range};

//! Statistical models: what follows what, and tables that turn evidence into
//! probabilities. All are small, embedded and immutable; `models/` has their
//! cards.

pub mod channel;
pub mod estimate;
pub mod lattice;
pub mod lm;
mod logistic;
mod seam;
mod trees;

pub use logistic::{Logistic, logistic, logit};
pub use seam::{CONTEXT_CHARS, SeamScore, Seams, fold_char};
pub use trees::{Trees, TreesError};

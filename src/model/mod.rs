//! Statistical models: what follows what, and tables that turn evidence into
//! probabilities. All are small, embedded and immutable; `models/` has their
//! cards.

mod boundary;
pub mod channel;
pub mod estimate;
pub mod lattice;
pub mod lm;
mod logistic;
mod trees;

pub use boundary::{BoundaryModel, BoundaryModelError, BoundaryScore, CONTEXT_CHARS, Part, fold_char, for_each_feature};
pub use logistic::{Logistic, logistic, logit};
pub use trees::{Trees, TreesError};

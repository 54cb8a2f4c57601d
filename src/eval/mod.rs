//! How near a text is to the truth, and what each rule did for that.
//!
//! Texts are compared as characters without white space under one of three
//! measures; line breaks and duplicated blocks are counted apart. Counts are
//! summed over files, and rates are made of the sums. `docs/measuring.md` has
//! every definition; this module reads no file and judges no rule by its name.
//!
//! Start at [`Score::of`].

mod align;
mod blocks;
mod breaks;
mod calibrate;
mod confusions;
mod edits;
mod habits;
mod normal;
mod reliability;
mod rules;
mod score;

pub use align::{Run, Tag, align, distance, flipped, nearest_part, places};
pub use breaks::{BreakCounts, Found};
pub use calibrate::{CalibrationFit, FOLDS, HARM_ALLOWED, MIN_OF_EITHER_KIND, MIN_PAGES, TierFit, TooFew, Tried, calibrate, fold_of};
pub use confusions::{Confusion, Confusions};
pub use edits::{EditCounts, per_10k};
pub use habits::HabitLearner;
pub use normal::Measure;
pub use reliability::{Bin, Reliability};
pub use rules::{Change, Named, RuleCounts, gains};
pub use score::{BeforeAfter, Rate, Sample, Score};

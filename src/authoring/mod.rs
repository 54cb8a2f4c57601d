//! Writing rules: from a correction somebody made to a tested rule, and from
//! many corrections to proposals; what a rule would do to an archive; the
//! reference of all rules.
//!
//! No file system and no clock here: callers hand in texts and packs. Start at
//! [`Draft`], [`learn`] and [`Impact`].

pub mod assist;
mod correction;
mod draft;
mod edit;
mod impact;
mod learn;
mod reference;
mod schema;

pub use correction::{Correction, corrections};
pub use draft::{Draft, DraftError, Sides, free_id};
pub use edit::{EditError, add_pack, append_rule, promote};
pub use impact::{Counts, Group, Impact, Judgement, Known, Place, Sample};
pub use learn::{Learner, Limits, Proposal};
pub use reference::reference;
pub use schema::rule_schema;

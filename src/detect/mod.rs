//! The detectors: one file each, one line each in [`registry`].
//!
//! A detector looks at a snapshot of the text and emits findings; it never
//! changes a text, never sees another detector's findings, and cannot fail.
//! Start at [`Detector`] and at any file beside this one.

mod amounts;
mod characters;
mod common_han;
mod compatibility_ideograph;
mod context;
mod control_character;
mod cross_file_copy;
mod doubled_character;
mod doubled_punctuation;
mod duplicate;
mod duplicate_block;
mod evidence;
mod foreign_look_alike;
mod furniture;
mod fused_dateline;
mod garbled;
mod half_width;
mod impossible_date;
mod impossible_time;
mod inconsistent_name;
mod interloper;
mod invisible_character;
pub mod join;
mod jump_line;
mod law_article;
pub mod misread;
mod mixed_script;
mod mojibake;
mod numbers;
mod page_lines;
mod percentage_sum;
mod phone_number;
mod private_use;
mod radical_for_ideograph;
mod recode;
mod repeated_figure;
mod repetition_loop;
mod replacement_character;
mod rule_files;
mod scan;
mod spaces_between_han;
mod straight_quote;
mod stray_mark;
mod systematic_confusion;
#[cfg(test)]
mod testing;
mod unbalanced;
mod wrong_age;
mod wrong_ratio;
mod wrong_sum;
mod wrong_weekday;

pub use context::{Context, FurnitureHandling, Memory, Resources, Settings, Shared};
pub use evidence::{CrossCopy, FileMarks, RunEvidence};
pub use interloper::Interloper;

pub use crate::model::estimate::Gauge;

use crate::document::Layout;
use crate::finding::{Class, Finding, Message, Phase};
use crate::text::Span;

/// What everybody may know of a detector: its page in the reference is made
/// of this, and so are `explain`, `rules list` and the registry tests.
#[derive(Debug)]
pub struct DetectorMeta {
    /// Rule id, `group/defect`.
    pub id: &'static str,
    /// Kind of damage.
    pub class: Class,
    /// When it runs.
    pub phase: Phase,
    /// One line: what it finds. Chinese, English.
    pub summary: [&'static str; 2],
    /// Why that is damage. Chinese, English.
    pub why: [&'static str; 2],
    /// When it must stay silent. Chinese, English.
    pub silent: [&'static str; 2],
    /// How far its fixes are trusted and how its confidence was estimated.
    pub trust: [&'static str; 2],
    /// Where the knowledge comes from.
    pub sources: &'static [&'static str],
    /// Damaged texts and what the detector alone makes of them at the level
    /// `suggested`; the same text twice means: found, but only flagged.
    pub bad: &'static [(&'static str, &'static str)],
    /// Texts about which it must say nothing but information.
    pub good: &'static [&'static str],
}

impl DetectorMeta {
    /// The summary in both languages.
    #[must_use]
    pub fn message(&self) -> Message {
        Message::new(self.summary[0], self.summary[1])
    }
}

/// Finds one kind of damage.
pub trait Detector: Send + Sync {
    /// Its description. One struct may serve several ids; `detect` then names
    /// each finding's own.
    fn meta(&self) -> &'static DetectorMeta;

    /// The ids its findings may have: it does not run when none of them takes
    /// part. Empty when it cannot say; then it always runs.
    fn rules(&self) -> &'static [&'static str] {
        std::slice::from_ref(&self.meta().id)
    }

    /// Adds what it finds in `context.text` to `sink`.
    fn detect(&self, context: &Context<'_>, sink: &mut Vec<Finding>);

    /// Sets the kinds of lines that it knows better than the layout does. Runs
    /// whenever a text has been read into lines, before anything looks at it.
    fn classify(&self, _text: &str, _layout: &mut Layout) {}

    /// Adds the places of `text` that nobody may change to `spans`, in any
    /// order.
    fn protect(&self, _text: &str, _spans: &mut Vec<Span>) {}
}

/// Every detector, in the order of the reference. A new one is a line here.
#[must_use]
pub fn registry() -> Vec<Box<dyn Detector>> {
    vec![
        Box::new(replacement_character::ReplacementCharacter),
        Box::new(private_use::PrivateUse),
        Box::new(control_character::ControlCharacter),
        Box::new(invisible_character::InvisibleCharacter),
        Box::new(compatibility_ideograph::CompatibilityIdeograph),
        Box::new(mojibake::Mojibake),
        Box::new(radical_for_ideograph::RadicalForIdeograph),
        Box::new(foreign_look_alike::ForeignLookAlike),
        Box::new(doubled_character::DoubledCharacter),
        Box::new(stray_mark::StrayMark),
        Box::new(spaces_between_han::SpacesBetweenHan),
        Box::new(mixed_script::MixedScript),
        Box::new(half_width::HalfWidth),
        Box::new(join::BrokenJoin::embedded()),
        Box::new(interloper::Interloper::embedded()),
        Box::new(jump_line::JumpLines),
        Box::new(furniture::Furniture),
        Box::new(fused_dateline::FusedDateline),
        Box::new(duplicate_block::DuplicateBlock),
        Box::new(repetition_loop::RepetitionLoop),
        Box::new(garbled::Garbled),
        Box::new(misread::Misread::embedded()),
        Box::new(systematic_confusion::SystematicConfusion),
        Box::new(inconsistent_name::InconsistentName),
        Box::new(doubled_punctuation::DoubledPunctuation),
        Box::new(straight_quote::StraightQuote),
        Box::new(unbalanced::Unbalanced),
        Box::new(impossible_date::ImpossibleDate),
        Box::new(impossible_time::ImpossibleTime),
        Box::new(wrong_weekday::WrongWeekday),
        Box::new(percentage_sum::PercentageSum),
        Box::new(wrong_sum::WrongSum),
        Box::new(wrong_ratio::WrongRatio),
        Box::new(repeated_figure::RepeatedFigure),
        Box::new(wrong_age::WrongAge),
        Box::new(law_article::LawArticle),
        Box::new(phone_number::PhoneNumber),
        Box::new(cross_file_copy::CrossFileCopy),
    ]
}

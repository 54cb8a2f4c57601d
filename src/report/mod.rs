//! What a run tells people and programs: one event stream, one renderer a file.
//!
//! A renderer gets one file after the other, in path order, and keeps no text
//! of a file it has seen, so that memory stays bound to the largest document.
//! Nothing here opens a file: whoever calls hands in the sinks. Start at
//! [`Reporter`]; a new format is a file beside this one and a line in
//! [`FORMATS`].

mod articles;
mod diff;
mod explain;
mod file;
mod folder;
mod github;
mod html;
mod human;
mod json;
mod jsonl;
mod marks;
mod pages;
#[cfg(feature = "parquet")]
mod rows;
mod sarif;
pub mod stats;
mod summary;
mod totals;
mod words;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io::{self, Write};

pub use articles::{RecordFormat, articles};
pub use explain::{FindError, Recorded};
pub use file::FileReport;
pub use folder::{Open, Tee, folder};
pub use totals::Totals;
pub use words::Lang;

use crate::finding::{Message, Safety};
use crate::text::Position;

/// Whether a renderer for terminals may use escape sequences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Color {
    /// Plain text; marks are drawn with characters.
    Plain,
    /// ANSI colors and underlines.
    Ansi,
}

/// How much a renderer for people says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verbosity {
    /// Failures and the closing count only.
    Quiet,
    /// Every problem.
    #[default]
    Normal,
    /// Information and all evidence as well.
    Verbose,
}

/// What is known before the first file.
#[derive(Clone, Debug)]
pub struct RunInfo {
    /// `check` or `fix`.
    pub verb: &'static str,
    /// The least trusted tier this run applies.
    pub level: Safety,
    /// Fixes below this confidence are held, in 0..=1.
    pub min_confidence: f64,
    /// How much people want to read; formats for programs ignore it.
    pub verbosity: Verbosity,
    /// What each rule finds, in one line, by rule id. A rule that is missing
    /// here is shown by its id alone.
    pub rules: BTreeMap<String, Message>,
}

/// A file that could not be processed; it was left alone.
#[derive(Clone, Debug)]
pub struct Failure {
    /// Its path.
    pub path: String,
    /// Where in it, when that is known.
    pub position: Option<Position>,
    /// What was found, what was expected, what to do.
    pub message: Message,
}

/// Writes one output format.
pub trait Reporter {
    /// Called once, first.
    ///
    /// # Errors
    /// When the sink cannot be written.
    fn begin(&mut self, info: &RunInfo) -> io::Result<()>;
    /// Called for every file read, in path order.
    ///
    /// # Errors
    /// When the sink cannot be written.
    fn file(&mut self, file: &FileReport<'_>) -> io::Result<()>;
    /// Called for every file that failed, in path order among the others.
    ///
    /// # Errors
    /// When the sink cannot be written.
    fn failure(&mut self, failure: &Failure) -> io::Result<()>;
    /// Called once, last.
    ///
    /// # Errors
    /// When the sink cannot be written.
    fn end(&mut self, totals: &Totals) -> io::Result<()>;
}

/// An output format by name.
#[derive(Debug)]
pub struct Format {
    /// What `--format` calls it.
    pub name: &'static str,
    make: fn(Box<dyn Write>, Lang, Color) -> Box<dyn Reporter>,
}

/// Every format of `--format`, in the order of the help text.
pub const FORMATS: &[Format] = &[
    Format { name: "human", make: |sink, lang, color| Box::new(human::Human::new(sink, lang, color)) },
    Format { name: "jsonl", make: |sink, _, _| Box::new(jsonl::Jsonl::new(sink)) },
    Format { name: "json", make: |sink, _, _| Box::new(json::Json::new(sink)) },
    Format { name: "sarif", make: |sink, _, _| Box::new(sarif::Sarif::new(sink)) },
    Format { name: "diff", make: |sink, _, color| Box::new(diff::Diff::new(sink, color)) },
    Format { name: "github", make: |sink, lang, _| Box::new(github::Github::new(sink, lang)) },
];

impl Format {
    /// The format called `name`.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Format> {
        FORMATS.iter().find(|format| format.name == name)
    }
}

/// A renderer that writes `format` to `sink`. `lang` and `color` matter to
/// formats for people; the others carry both languages or none.
#[must_use]
pub fn renderer(format: &Format, sink: Box<dyn Write>, lang: Lang, color: Color) -> Box<dyn Reporter> {
    (format.make)(sink, lang, color)
}

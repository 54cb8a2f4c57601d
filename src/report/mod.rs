//! What a run tells people and programs: one event stream, one renderer a file.
//!
//! A renderer gets one file after the other, in path order, and keeps no text
//! of a file it has seen, so that memory stays bound to the largest document.
//! Start at [`Reporter`].

use std::collections::BTreeMap;
use std::io;

use crate::finding::{Outcome, Safety};
use crate::pipeline::Run;
use crate::text::Position;

/// What is known before the first file.
#[derive(Clone, Debug)]
pub struct RunInfo {
    /// `check` or `fix`.
    pub verb: &'static str,
    /// The least trusted tier this run applies.
    pub level: Safety,
    /// Fixes below this confidence are held.
    pub min_confidence: f64,
}

/// One file of a run.
pub struct FileReport<'a> {
    /// Its path below the argument it was found under, with `/`.
    pub path: &'a str,
    /// The decoded original; every span of `run` points into it.
    pub text: &'a str,
    /// Findings, script, corrected text.
    pub run: &'a Run,
    /// Encoding label, e.g. `GB18030`, and how it was decided.
    pub encoding: &'a str,
}

/// A file that could not be processed; it was left alone.
#[derive(Clone, Debug)]
pub struct Failure {
    /// Its path.
    pub path: String,
    /// Where in it, when that is known.
    pub position: Option<Position>,
    /// What was found, what was expected, what to do.
    pub message: crate::finding::Message,
}

/// Counts over a whole run. `rules` and `classes` count findings by outcome.
#[derive(Clone, Debug, Default)]
pub struct Totals {
    /// Files read.
    pub files: usize,
    /// Files whose corrected text differs.
    pub files_changed: usize,
    /// Files that failed.
    pub files_failed: usize,
    /// Files of unknown type that were passed over.
    pub files_skipped: usize,
    /// Code points that are not white space, over all files read.
    pub chars: usize,
    /// Problems (not information), by rule id and outcome.
    pub rules: BTreeMap<String, BTreeMap<Outcome, usize>>,
    /// Problems by class name and outcome.
    pub classes: BTreeMap<String, BTreeMap<Outcome, usize>>,
    /// Why findings were held, rejected or skipped, and how often.
    pub reasons: BTreeMap<String, usize>,
    /// Informational findings.
    pub information: usize,
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

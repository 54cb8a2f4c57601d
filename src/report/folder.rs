use std::io::{self, Write};

use super::{Color, Failure, FileReport, Reporter, RunInfo, Totals, diff, html, jsonl, pages, summary};

/// Opens a file of the report folder by name, for writing.
pub type Open = Box<dyn FnMut(&str) -> io::Result<Box<dyn Write>>>;

/// The renderer behind `--report DIR`. `open` is called with the plain name of
/// every file it writes, each once.
///
/// # Errors
/// When a file cannot be opened.
pub fn folder(mut open: Open) -> io::Result<Box<dyn Reporter>> {
    Ok(Box::new(Tee(vec![
        Box::new(jsonl::Jsonl::new(open("findings.jsonl")?)),
        Box::new(pages::Pages::new(open("pages.jsonl")?)),
        Box::new(diff::Diff::new(open("changes.diff")?, Color::Plain)),
        Box::new(summary::Summary::new(open("summary.json")?)),
        Box::new(html::Html::new(open)?),
    ])))
}

/// Passes every event to several renderers, in order.
pub struct Tee(pub Vec<Box<dyn Reporter>>);

impl Reporter for Tee {
    fn begin(&mut self, info: &RunInfo) -> io::Result<()> {
        self.0.iter_mut().try_for_each(|reporter| reporter.begin(info))
    }

    fn file(&mut self, file: &FileReport<'_>) -> io::Result<()> {
        self.0.iter_mut().try_for_each(|reporter| reporter.file(file))
    }

    fn failure(&mut self, failure: &Failure) -> io::Result<()> {
        self.0.iter_mut().try_for_each(|reporter| reporter.failure(failure))
    }

    fn end(&mut self, totals: &Totals) -> io::Result<()> {
        self.0.iter_mut().try_for_each(|reporter| reporter.end(totals))
    }
}

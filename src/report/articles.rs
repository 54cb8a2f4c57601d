use std::io::{self, Write};

use serde::Serialize;

use super::{FileReport, Reporter, RunInfo, Totals};
use crate::article::{PageName, PagePattern, PageSource, records, rejects, segment};
use crate::document::Layout;
use crate::finding::{Outcome, Severity};

/// `--articles`: one record an article, one JSON object a line.
///
/// Holds the pages of one issue at a time: an issue ends with the first page of
/// another, so its pages must come one after the other, as folders are walked.
struct Articles {
    articles: Box<dyn Write>,
    rejects: Option<Box<dyn Write>>,
    patterns: Vec<PagePattern>,
    issue: Vec<PageSource>,
}

/// A renderer of articles to `articles`, and of the lines that belong to none
/// to `rejects`. `patterns` say which page of which issue a file is.
#[must_use]
pub fn articles(articles: Box<dyn Write>, rejects: Option<Box<dyn Write>>, patterns: Vec<PagePattern>) -> Box<dyn Reporter> {
    Box::new(Articles { articles, rejects, patterns, issue: Vec::new() })
}

impl Articles {
    fn close_issue(&mut self) -> io::Result<()> {
        let pages = std::mem::take(&mut self.issue);
        lines(&mut self.articles, records(&pages))?;
        match &mut self.rejects {
            Some(sink) => lines(sink, rejects(&pages)),
            None => Ok(()),
        }
    }
}

fn lines(sink: &mut dyn Write, rows: Vec<impl Serialize>) -> io::Result<()> {
    for row in rows {
        serde_json::to_writer(&mut *sink, &row)?;
        sink.write_all(b"\n")?;
    }
    Ok(())
}

impl Reporter for Articles {
    fn begin(&mut self, _: &RunInfo) -> io::Result<()> {
        Ok(())
    }

    fn file(&mut self, file: &FileReport<'_>) -> io::Result<()> {
        let text = file.run.corrected.clone();
        let layout = Layout::new(&text);
        let name = PageName::new(file.path, &self.patterns, &text, &layout);
        if self.issue.last().is_some_and(|last| last.name.issue != name.issue || file.record.is_some()) {
            self.close_issue()?;
        }
        let unsettled = file
            .run
            .findings
            .iter()
            .filter(|judged| judged.verdict.outcome == Outcome::Held && judged.finding.severity != Severity::Information);
        self.issue.push(PageSource {
            file: file.path.to_owned(),
            name,
            map: file.run.script.source_map(file.text.len()),
            unresolved: unsettled.map(|judged| judged.finding.span).collect(),
            errors_per_10k: file.left().map(|left| left.per_10k()),
            segmented: segment(&text, &layout),
            text,
        });
        Ok(())
    }

    fn failure(&mut self, _: &super::Failure) -> io::Result<()> {
        Ok(())
    }

    fn end(&mut self, _: &Totals) -> io::Result<()> {
        self.close_issue()?;
        self.articles.flush()?;
        self.rejects.as_mut().map_or(Ok(()), |sink| sink.flush())
    }
}

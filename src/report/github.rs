use std::io::{self, Write};

use super::words::Lang;
use super::{Failure, FileReport, Reporter, RunInfo, Totals};
use crate::finding::{Outcome, Severity};
use crate::pipeline::Judged;

/// Workflow commands that GitHub shows as annotations on a change: an error
/// for a failed file, a warning for what is left or would be repaired, a
/// notice for what needs no work.
pub(super) struct Github {
    sink: Box<dyn Write>,
    lang: Lang,
}

impl Github {
    pub(super) fn new(sink: Box<dyn Write>, lang: Lang) -> Self {
        Self { sink, lang }
    }

    fn finding(&mut self, file: &FileReport<'_>, judged: &Judged) -> io::Result<()> {
        let finding = &judged.finding;
        let command = match (finding.severity, judged.verdict.outcome) {
            (Severity::Problem, Outcome::Applied | Outcome::Held) => "warning",
            _ => "notice",
        };
        let (start, end) = (file.position(finding.span.start), file.position(finding.span.end));
        write!(self.sink, "::{command} file={},line={}", property(file.given), start.line)?;
        // GitHub takes columns only for a place on one line.
        if start.line == end.line {
            write!(self.sink, ",col={},endColumn={}", start.column, end.column)?;
        } else {
            write!(self.sink, ",endLine={}", end.line)?;
        }
        writeln!(self.sink, ",title={}::{}", property(&finding.rule), data(self.lang.of(&finding.message)))
    }
}

impl Reporter for Github {
    fn begin(&mut self, _info: &RunInfo) -> io::Result<()> {
        Ok(())
    }

    fn file(&mut self, file: &FileReport<'_>) -> io::Result<()> {
        file.run.findings.iter().try_for_each(|judged| self.finding(file, judged))
    }

    fn failure(&mut self, failure: &Failure) -> io::Result<()> {
        write!(self.sink, "::error file={}", property(&failure.path))?;
        if let Some(position) = failure.position {
            write!(self.sink, ",line={},col={}", position.line, position.column)?;
        }
        writeln!(self.sink, "::{}", data(self.lang.of(&failure.message)))
    }

    fn end(&mut self, _totals: &Totals) -> io::Result<()> {
        self.sink.flush()
    }
}

/// Escapes the text of a workflow command, which ends at the line end.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes a property of a workflow command, which ends at `,` or `:` too.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

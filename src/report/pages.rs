use std::io::{self, Write};

use serde::{Deserialize, Serialize};

use super::{Failure, FileReport, Reporter, RunInfo, Totals};
use crate::article::PageName;
use crate::document::Layout;
use crate::finding::{Outcome, Severity};
use crate::pipeline::Condition;

/// One page a line; `docs/report.md` describes it.
pub(super) struct Pages {
    sink: Box<dyn Write>,
}

impl Pages {
    pub(super) fn new(sink: Box<dyn Write>) -> Self {
        Self { sink }
    }
}

/// A page as JSON has it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct WirePage {
    pub(super) file: String,
    /// Code points that are not white space.
    pub(super) characters: usize,
    /// Problems that were repaired.
    pub(super) applied: usize,
    /// Problems that are left.
    pub(super) held: usize,
    /// Estimated errors left per 10,000 characters, one decimal.
    pub(super) estimated_left: Option<f64>,
    pub(super) condition: Condition,
    /// The program that read the page, where its file says so.
    pub(super) engine: Option<String>,
    /// The day of the issue, ISO 8601.
    pub(super) date: Option<String>,
}

impl WirePage {
    fn new(file: &FileReport<'_>) -> Self {
        let problems = |outcome: Outcome| {
            let all = file.run.findings.iter();
            all.filter(|judged| judged.verdict.outcome == outcome && judged.finding.severity == Severity::Problem).count()
        };
        let text = &file.run.corrected;
        let name = PageName::new(file.path, &[], text, &Layout::new(text));
        Self {
            file: file.path.to_owned(),
            characters: file.text.chars().filter(|c| !c.is_whitespace()).count(),
            applied: problems(Outcome::Applied),
            held: problems(Outcome::Held),
            estimated_left: file.left().map(|left| (left.per_10k() * 10.0).round() / 10.0),
            condition: file.run.condition,
            engine: file.engine.map(str::to_owned),
            date: name.date.map(|date| date.to_string()),
        }
    }
}

impl Reporter for Pages {
    fn begin(&mut self, _: &RunInfo) -> io::Result<()> {
        Ok(())
    }

    fn file(&mut self, file: &FileReport<'_>) -> io::Result<()> {
        serde_json::to_writer(&mut self.sink, &WirePage::new(file))?;
        self.sink.write_all(b"\n")
    }

    fn failure(&mut self, _: &Failure) -> io::Result<()> {
        Ok(())
    }

    fn end(&mut self, _: &Totals) -> io::Result<()> {
        self.sink.flush()
    }
}

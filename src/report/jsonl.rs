use std::io::{self, Write};

use serde::{Deserialize, Serialize};

use super::file::Names;
use super::words::outcome_name;
use super::{Failure, FileReport, Reporter, RunInfo, Totals};
use crate::finding::{ConfidenceOrigin, Evidence, Fix, Message, Phase, Related, Safety, Severity};
use crate::pipeline::Judged;
use crate::text::Span;

/// Version of the shape of a finding in JSON. Fields may be added under the
/// same number; a change of meaning or a removal raises it.
pub(super) const SCHEMA_VERSION: u32 = 1;

/// One finding a line; `docs/schema/findings.schema.json` describes it.
pub(super) struct Jsonl {
    sink: Box<dyn Write>,
}

impl Jsonl {
    pub(super) fn new(sink: Box<dyn Write>) -> Self {
        Self { sink }
    }
}

impl Reporter for Jsonl {
    fn begin(&mut self, _info: &RunInfo) -> io::Result<()> {
        Ok(())
    }

    fn file(&mut self, file: &FileReport<'_>) -> io::Result<()> {
        for (judged, names) in file.run.findings.iter().zip(file.names()) {
            serde_json::to_writer(&mut self.sink, &WireFinding::new(file, judged, names))?;
            self.sink.write_all(b"\n")?;
        }
        Ok(())
    }

    fn failure(&mut self, _failure: &Failure) -> io::Result<()> {
        Ok(())
    }

    fn end(&mut self, _totals: &Totals) -> io::Result<()> {
        self.sink.flush()
    }
}

/// A finding as JSON has it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct WireFinding {
    pub(super) schema_version: u32,
    pub(super) id: String,
    pub(super) fingerprint: String,
    pub(super) file: String,
    pub(super) record: Option<usize>,
    pub(super) page: Option<usize>,
    pub(super) rule: String,
    pub(super) class: String,
    pub(super) phase: Phase,
    pub(super) severity: Severity,
    pub(super) span: Span,
    pub(super) char_span: Span,
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) observed: String,
    pub(super) fixes: Vec<WireFix>,
    pub(super) related: Vec<Related>,
    pub(super) safety: Safety,
    pub(super) confidence: f64,
    pub(super) confidence_origin: ConfidenceOrigin,
    pub(super) outcome: String,
    pub(super) reason: String,
    pub(super) reason_code: String,
    pub(super) evidence: Vec<Evidence>,
    pub(super) message: Message,
}

/// A fix as JSON has it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct WireFix {
    #[serde(flatten)]
    pub(super) fix: Fix,
    /// Of the finding for its first fix; nobody estimates the others apart.
    pub(super) confidence: Option<f64>,
}

impl WireFinding {
    pub(super) fn new(file: &FileReport<'_>, judged: &Judged, names: &Names) -> Self {
        let finding = &judged.finding;
        let (start, end) = (file.position(finding.span.start), file.position(finding.span.end));
        let fix = |(idx, fix): (usize, &Fix)| WireFix { fix: fix.clone(), confidence: (idx == 0).then_some(finding.confidence) };
        // A place in the file itself is written with its path, so that a
        // reader of one line needs no rule for what an absent path means.
        let related = |related: &Related| Related { file: Some(related.file.clone().unwrap_or(file.file().to_owned())), ..related.clone() };
        Self {
            schema_version: SCHEMA_VERSION,
            id: names.id.clone(),
            fingerprint: names.fingerprint.clone(),
            file: file.file().to_owned(),
            record: file.record,
            page: file.page(finding.span.start),
            rule: finding.rule.clone(),
            class: finding.class.name().to_owned(),
            phase: finding.phase,
            severity: finding.severity,
            span: finding.span,
            char_span: Span::new(start.char_offset, end.char_offset),
            line: start.line,
            column: start.column,
            observed: finding.observed.clone(),
            fixes: finding.fixes.iter().enumerate().map(fix).collect(),
            related: finding.related.iter().map(related).collect(),
            safety: finding.safety,
            confidence: finding.confidence,
            confidence_origin: finding.confidence_origin,
            outcome: outcome_name(judged.verdict.outcome).to_owned(),
            reason: judged.verdict.reason.to_string(),
            reason_code: judged.verdict.reason.code().to_owned(),
            evidence: finding.evidence.clone(),
            message: finding.message.clone(),
        }
    }
}

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use serde_json::{Value, json};

use super::file::Names;
use super::words::{outcome_name, safety_name};
use super::{Failure, FileReport, Reporter, RunInfo, Totals};
use crate::finding::{Class, ConfidenceOrigin, Edit, Message, Outcome, Severity};
use crate::pipeline::Judged;
use crate::text::Span;

/// SARIF 2.1.0, one run. Results are written as they come; the tool with its
/// rules and the failures, which SARIF allows in any order, close the run.
pub(super) struct Sarif {
    sink: Box<dyn Write>,
    info: Option<RunInfo>,
    seen: BTreeMap<String, Class>,
    notifications: Vec<Value>,
    n_results: usize,
}

impl Sarif {
    pub(super) fn new(sink: Box<dyn Write>) -> Self {
        Self { sink, info: None, seen: BTreeMap::new(), notifications: Vec::new(), n_results: 0 }
    }
}

impl Reporter for Sarif {
    fn begin(&mut self, info: &RunInfo) -> io::Result<()> {
        self.info = Some(info.clone());
        self.sink.write_all(
            b"{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\",\"version\":\"2.1.0\",\"runs\":[{\
              \"columnKind\":\"unicodeCodePoints\",\"results\":[",
        )
    }

    fn file(&mut self, file: &FileReport<'_>) -> io::Result<()> {
        for (judged, names) in file.run.findings.iter().zip(file.names()) {
            self.seen.entry(judged.finding.rule.clone()).or_insert(judged.finding.class);
            self.sink.write_all(if self.n_results == 0 { b"\n" } else { b",\n" })?;
            self.n_results += 1;
            serde_json::to_writer(&mut self.sink, &result(file, judged, names))?;
        }
        Ok(())
    }

    fn failure(&mut self, failure: &Failure) -> io::Result<()> {
        let mut place = json!({ "artifactLocation": { "uri": uri(&failure.path) } });
        if let Some(position) = failure.position {
            place["region"] = json!({ "startLine": position.line, "startColumn": position.column });
        }
        self.notifications.push(json!({
            "level": "error",
            "message": text(&failure.message),
            "locations": [{ "physicalLocation": place }],
        }));
        Ok(())
    }

    fn end(&mut self, _totals: &Totals) -> io::Result<()> {
        let info = self.info.as_ref().expect("a run begins before it ends");
        let rules: Vec<Value> = self.seen.iter().map(|(id, class)| rule(id, *class, info.rules.get(id))).collect();
        let tool = json!({ "driver": { "name": "jiaokan", "version": env!("CARGO_PKG_VERSION"), "rules": rules } });
        let invocation = json!({
            "executionSuccessful": self.notifications.is_empty(),
            "toolExecutionNotifications": self.notifications,
        });
        write!(self.sink, "\n],\"invocations\":[{invocation}],\"tool\":{tool}}}]}}\n")?;
        self.sink.flush()
    }
}

fn rule(id: &str, class: Class, summary: Option<&Message>) -> Value {
    let fallback = Message::new(class.zh(), class.en());
    json!({
        "id": id,
        "shortDescription": text(summary.unwrap_or(&fallback)),
        "properties": { "class": class.name(), "tags": [class.name()] },
    })
}

fn result(file: &FileReport<'_>, judged: &Judged, names: &Names) -> Value {
    let finding = &judged.finding;
    let information = finding.severity == Severity::Information;
    let mut result = json!({
        "ruleId": finding.rule,
        "kind": if information { "informational" } else { "fail" },
        "level": if information { "none" } else if finding.fixes.is_empty() { "note" } else { "warning" },
        "message": text(&finding.message),
        "locations": [{ "physicalLocation": location(file, file.given, Some(finding.span)) }],
        "fingerprints": { "jiaokan/v1": names.fingerprint },
        "properties": {
            "id": names.id,
            "class": finding.class.name(),
            "phase": finding.phase.name(),
            "observed": finding.observed,
            "safety": safety_name(finding.safety),
            "confidence": finding.confidence,
            "confidenceOrigin": finding.confidence_origin,
            "outcome": outcome_name(judged.verdict.outcome),
            "reason": judged.verdict.reason.to_string(),
            "evidence": finding.evidence,
        },
    });
    if finding.confidence_origin != ConfidenceOrigin::None {
        result["rank"] = json!((finding.confidence * 1000.0).round() / 10.0);
    }
    if !finding.fixes.is_empty() {
        let fix = |fix: &crate::finding::Fix| {
            json!({
                "description": text(&fix.title),
                "artifactChanges": [{
                    "artifactLocation": { "uri": uri(file.given) },
                    "replacements": fix.edits.iter().map(|edit| replacement(file, edit)).collect::<Vec<_>>(),
                }],
            })
        };
        result["fixes"] = finding.fixes.iter().map(fix).collect();
    }
    if !finding.related.is_empty() {
        let place = |(idx, related): (usize, &crate::finding::Related)| {
            // Line and column of a place in another file are not known here;
            // the byte span still is.
            let (path, span) = match &related.file {
                None => (file.given, Some(related.span)),
                Some(other) => (other.as_str(), None),
            };
            json!({
                "id": idx,
                "message": { "text": related.role },
                "physicalLocation": location(file, path, span),
                "properties": { "role": related.role, "byteOffset": related.span.start, "byteLength": related.span.len() },
            })
        };
        result["relatedLocations"] = finding.related.iter().enumerate().map(place).collect();
    }
    if judged.verdict.outcome == Outcome::Rejected {
        result["suppressions"] = json!([{ "kind": "external", "justification": judged.verdict.reason.to_string() }]);
    }
    result
}

/// Both languages: SARIF has one text a message and viewers show it plainly.
fn text(message: &Message) -> Value {
    json!({ "text": format!("{}\n{}", message.zh, message.en) })
}

fn location(file: &FileReport<'_>, path: &str, span: Option<Span>) -> Value {
    let mut location = json!({ "artifactLocation": { "uri": uri(path) } });
    if let Some(span) = span {
        location["region"] = region(file, span);
    }
    location
}

fn region(file: &FileReport<'_>, span: Span) -> Value {
    let (start, end) = (file.position(span.start), file.position(span.end));
    json!({
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
        "charOffset": start.char_offset,
        "charLength": end.char_offset - start.char_offset,
    })
}

fn replacement(file: &FileReport<'_>, edit: &Edit) -> Value {
    json!({ "deletedRegion": region(file, edit.span), "insertedContent": { "text": edit.replacement } })
}

/// A relative path as a URI reference.
fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            _ => write!(out, "%{byte:02X}").expect("a string can always be written"),
        }
    }
    out
}

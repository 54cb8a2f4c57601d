use std::io::{self, Write};
use std::sync::Arc;

use serde_json::json;

use super::super::exit::Exit;
use super::super::voice::Voice;
use super::{ListFormat, safety_name};
use crate::detect::{self, DetectorMeta};
use crate::finding::{Message, Safety};
use crate::rules::{Rule, RuleSet, Status};

/// One row of the list: a rule of a file, or a detector.
struct Row<'a> {
    id: &'a str,
    class: &'static str,
    phase: &'static str,
    kind: &'static str,
    /// `None` for a detector, which decides case by case.
    safety: Option<Safety>,
    confidence: Option<f64>,
    status: &'static str,
    precision: Option<f64>,
    message: Message,
    source: String,
}

impl<'a> Row<'a> {
    fn of_rule(rule: &'a Rule) -> Self {
        let head = &rule.head;
        Self {
            id: &head.id,
            class: head.class.name(),
            phase: head.phase.name(),
            kind: head.kind,
            safety: Some(head.safety),
            confidence: Some(head.confidence),
            status: head.status.name(),
            precision: rule.measured.as_ref().and_then(crate::rules::Measured::precision),
            message: head.summary(),
            source: format!("{}:{}", head.path, head.line),
        }
    }

    fn of_detector(meta: &'static DetectorMeta) -> Self {
        Self {
            id: meta.id,
            class: meta.class.name(),
            phase: meta.phase.name(),
            kind: "detector",
            safety: None,
            confidence: None,
            status: Status::Active.name(),
            precision: None,
            message: meta.message(),
            source: String::new(),
        }
    }
}

pub(super) fn list(set: &Arc<RuleSet>, format: ListFormat, voice: &Voice, out: &mut dyn Write) -> io::Result<Exit> {
    let detectors = detect::registry();
    let mut rows: Vec<Row<'_>> = detectors.iter().map(|detector| Row::of_detector(detector.meta())).collect();
    rows.extend(set.rules().iter().map(Row::of_rule));
    rows.sort_by_key(|row| row.id);
    if format == ListFormat::Json {
        let all: Vec<serde_json::Value> = rows
            .iter()
            .map(|row| {
                json!({
                    "id": row.id,
                    "class": row.class,
                    "phase": row.phase,
                    "kind": row.kind,
                    "safety": row.safety,
                    "confidence": row.confidence,
                    "status": row.status,
                    "precision": row.precision,
                    "message": row.message,
                    "file": row.source,
                })
            })
            .collect();
        serde_json::to_writer_pretty(&mut *out, &all)?;
        writeln!(out)?;
        return Ok(Exit::Done);
    }
    let id_width = rows.iter().map(|row| row.id.len()).max().unwrap_or(0);
    let class_width = rows.iter().map(|row| row.class.len()).max().unwrap_or(0);
    for row in &rows {
        let safety = if row.status == "shadow" { "shadow" } else { row.safety.map_or("varies", safety_name) };
        writeln!(out, "{:id_width$}  {:class_width$}  {safety:9}  {}", row.id, row.class, voice.lang.of(&row.message))?;
    }
    Ok(Exit::Done)
}

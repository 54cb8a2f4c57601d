//! Texts in an editor: findings as diagnostics, fixes as code actions.

use std::collections::HashMap;

use lsp_types::{
    CodeAction, CodeActionKind, CodeActionOrCommand, Diagnostic, DiagnosticSeverity, NumberOrString, Range, TextEdit, Uri, WorkspaceEdit,
};
use serde_json::{Value, json};

use super::super::engine;
use super::super::exit::Trouble;
use super::super::models::Models;
use super::super::packs;
use super::super::settings::Settings;
use super::super::voice::Voice;
use super::Document;
use super::place::{byte, place};
use crate::detect::RunEvidence;
use crate::finding::{Finding, Safety, Severity};
use crate::pipeline::Engine;
use crate::report::Lang;

/// Checks texts as `jiaokan check` does.
pub(super) struct Checker {
    engine: Engine,
}

/// What was found in one text.
pub(super) struct Checked {
    text: String,
    findings: Vec<Finding>,
}

impl Checked {
    /// True when it is about this text.
    pub(super) fn is_of(&self, text: &str) -> bool {
        self.text == text
    }
}

impl Checker {
    pub(super) fn new(settings: &Settings, voice: &Voice) -> Result<Self, Trouble> {
        let set = packs::load(&settings.pack_folders()?)?;
        Ok(Self { engine: engine::build(&settings.config, &set, &Models::load(settings, voice)?)? })
    }

    pub(super) fn check(&self, text: &str) -> Checked {
        let run = self.engine.run(text, &[], &RunEvidence::default());
        Checked { text: text.to_owned(), findings: run.findings.into_iter().map(|judged| judged.finding).collect() }
    }
}

pub(super) fn diagnostics(document: &Document, lang: Lang) -> Vec<Diagnostic> {
    let Some(checked) = document.checked.as_ref().filter(|checked| checked.is_of(&document.text)) else { return Vec::new() };
    checked.findings.iter().map(|finding| diagnostic(finding, &checked.text, lang)).collect()
}

fn diagnostic(finding: &Finding, text: &str, lang: Lang) -> Diagnostic {
    let severity = match (finding.severity, finding.safety) {
        (Severity::Information, _) => DiagnosticSeverity::HINT,
        (Severity::Problem, Safety::Automatic) => DiagnosticSeverity::WARNING,
        (Severity::Problem, _) => DiagnosticSeverity::INFORMATION,
    };
    Diagnostic {
        range: place(text, finding.span.start..finding.span.end),
        severity: Some(severity),
        source: Some("jiaokan".to_owned()),
        code: Some(NumberOrString::String(finding.rule.clone())),
        message: lang.of(&finding.message).to_owned(),
        ..Diagnostic::default()
    }
}

/// The fixes of the findings that `range` touches; the first fix of a finding
/// is the preferred one.
pub(super) fn actions(uri: &Uri, document: &Document, range: Range, lang: Lang) -> Option<Value> {
    let checked = document.checked.as_ref().filter(|checked| checked.is_of(&document.text))?;
    let (start, end) = (byte(&document.text, range.start), byte(&document.text, range.end));
    let mut actions = Vec::new();
    for finding in checked.findings.iter().filter(|finding| finding.span.start <= end && finding.span.end >= start) {
        for (idx, fix) in finding.fixes.iter().enumerate() {
            let edits: Vec<TextEdit> = fix
                .edits
                .iter()
                .map(|edit| TextEdit { range: place(&checked.text, edit.span.start..edit.span.end), new_text: edit.replacement.clone() })
                .collect();
            // The protocol's own type; it has one entry, so it has no order.
            #[allow(clippy::mutable_key_type)]
            let changes: HashMap<Uri, Vec<TextEdit>> = HashMap::from([(uri.clone(), edits)]);
            actions.push(CodeActionOrCommand::CodeAction(CodeAction {
                title: format!("{} ({})", lang.of(&fix.title), finding.rule),
                kind: Some(CodeActionKind::QUICKFIX),
                diagnostics: Some(vec![diagnostic(finding, &checked.text, lang)]),
                edit: Some(WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() }),
                is_preferred: Some(idx == 0 && finding.safety != Safety::Flagged),
                ..CodeAction::default()
            }));
        }
    }
    Some(json!(actions))
}

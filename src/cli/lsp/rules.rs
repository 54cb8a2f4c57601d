//! Rule files in an editor.

use std::path::{Path, PathBuf};

use lsp_types::{
    CodeLens, Command, CompletionItem, CompletionItemKind, Diagnostic, DiagnosticSeverity, Documentation, Hover, HoverContents,
    MarkupContent, MarkupKind, NumberOrString, Position, Uri,
};
use serde_json::{Value, json};

use super::super::packs;
use super::super::rule_cache;
use super::super::settings::Settings;
use super::place::{byte, place};
use super::{Document, RUN_EXAMPLES};
use crate::authoring::assist::{self, Weight};
use crate::finding::Message;
use crate::report::Lang;
use crate::rules::{ExampleOutcome, PackSource};

/// True for a file of a pack: its folder has a `pack.toml`.
pub(super) fn is_rule_file(path: &Path) -> bool {
    // Any text beside a `pack.toml` is a list.
    let is_file = path.extension().is_some_and(|extension| extension == "toml" || extension == "txt");
    let is_pack = path.file_name().is_some_and(|name| name == "pack.toml");
    is_file && (is_pack || path.parent().is_some_and(|folder| folder.join("pack.toml").is_file()))
}

/// All packs, with what is open in the editor in the place of what is on the
/// disk.
fn sources(path: &Path, open: &[(PathBuf, String)], settings: &Settings) -> Option<(Vec<PackSource>, String)> {
    let folder = path.parent()?;
    let mut source = packs::read(folder).ok()?;
    let origin = source.origin.clone();
    for (path, text) in open.iter().filter(|(path, _)| path.parent() == Some(folder)) {
        let name = path.display().to_string().replace('\\', "/");
        match source.files.iter_mut().find(|file| file.path == name) {
            Some(file) => file.text.clone_from(text),
            None => source.files.push(crate::rules::SourceFile { path: name, text: text.clone() }),
        }
    }
    let here = folder.canonicalize().ok();
    let mut brought = Vec::new();
    for other in settings.pack_folders().ok()? {
        if other.canonicalize().ok() != here {
            brought.extend(packs::read(&other).ok());
        }
    }
    brought.push(source);
    Some((packs::with_shipped(brought), origin))
}

/// What is wrong in the files of the pack that `path` belongs to.
pub(super) fn diagnose(path: &Path, open: &[(PathBuf, String)], settings: &Settings, lang: Lang) -> Vec<(PathBuf, Diagnostic)> {
    let Some((sources, origin)) = sources(path, open, settings) else { return Vec::new() };
    let text_of = |path: &str| sources.iter().flat_map(|pack| &pack.files).find(|file| file.path == path).map(|file| file.text.as_str());
    assist::issues(&sources)
        .into_iter()
        .filter(|issue| issue.path.starts_with(&origin))
        .map(|issue| {
            let severity = match issue.weight {
                Weight::Error => DiagnosticSeverity::ERROR,
                Weight::Warning => DiagnosticSeverity::WARNING,
                Weight::Hint => DiagnosticSeverity::INFORMATION,
            };
            let diagnostic = Diagnostic {
                range: place(text_of(&issue.path).unwrap_or_default(), issue.span),
                severity: Some(severity),
                source: Some("jiaokan".to_owned()),
                code: Some(NumberOrString::String("rule-file".to_owned())),
                message: lang.of(&issue.message).to_owned(),
                ..Diagnostic::default()
            };
            (PathBuf::from(issue.path), diagnostic)
        })
        .collect()
}

pub(super) fn complete(document: &Document, position: Position, lang: Lang) -> Value {
    if !is_rule_file(&document.path) || document.path.extension().is_none_or(|extension| extension != "toml") {
        return Value::Null;
    }
    let items: Vec<CompletionItem> = assist::complete(&document.text, byte(&document.text, position))
        .into_iter()
        .map(|one| CompletionItem {
            insert_text: Some(if one.is_key { format!("{} = ", one.label) } else { one.label.clone() }),
            label: one.label,
            kind: Some(if one.is_key { CompletionItemKind::PROPERTY } else { CompletionItemKind::VALUE }),
            documentation: Some(Documentation::String(lang.of(&one.text).to_owned())),
            ..CompletionItem::default()
        })
        .collect();
    json!(items)
}

pub(super) fn hover(document: &Document, position: Position, lang: Lang) -> Option<Value> {
    let (span, message) = assist::hover(&document.text, byte(&document.text, position))?;
    let contents = MarkupContent { kind: MarkupKind::PlainText, value: lang.of(&message).to_owned() };
    Some(json!(Hover { contents: HoverContents::Markup(contents), range: Some(place(&document.text, span)) }))
}

/// A lens above every rule that runs its examples.
#[allow(clippy::cast_possible_truncation)]
pub(super) fn lenses(uri: &Uri, document: &Document, lang: Lang) -> Value {
    if !is_rule_file(&document.path) {
        return Value::Null;
    }
    let lenses: Vec<CodeLens> = assist::rules_in(&document.text)
        .into_iter()
        .map(|(line, id)| {
            let at = Position { line: line as u32, character: 0 };
            let command = Command {
                title: lang.pick("▶ 检验例子", "▶ run examples").to_owned(),
                command: RUN_EXAMPLES.to_owned(),
                arguments: Some(vec![json!(uri.as_str()), json!(id)]),
            };
            CodeLens { range: lsp_types::Range { start: at, end: at }, command: Some(command), data: None }
        })
        .collect();
    json!(lenses)
}

/// How the examples of one rule come out: for programs, in words, and whether
/// all is well.
pub(super) fn run_examples(path: &Path, rule: &str, open: &[(PathBuf, String)], settings: &Settings, lang: Lang) -> (Value, String, bool) {
    let failed = |message: Message| (json!({ "error": message.en }), lang.of(&message).to_owned(), false);
    let Some((sources, _)) = sources(path, open, settings) else {
        return failed(Message::new("读不到规则包", "the pack cannot be read"));
    };
    let set = match rule_cache::load(&sources) {
        Ok(set) => set,
        Err(errors) => {
            let n = errors.len();
            return failed(Message::new(
                format!("规则文件有 {n} 处错误，先改正"),
                format!("{n} errors in the rule files; correct them first"),
            ));
        }
    };
    if set.get(rule).is_none() {
        return failed(Message::new(format!("没有规则「{rule}」"), format!("no rule \"{rule}\"")));
    }
    let reports = set.run_examples(|one| one.head.id == rule);
    let bad: Vec<_> = reports.iter().filter(|report| report.outcome != ExampleOutcome::Validated).collect();
    let (n_ok, n_bad) = (reports.len() - bad.len(), bad.len());
    let mut text =
        Message::new(format!("{rule}：{n_ok} 个例子通过，{n_bad} 个不符"), format!("{rule}: {n_ok} examples validated, {n_bad} failed"));
    if let Some(first) = bad.first() {
        let (name, got, expected) = (first.outcome.name(), &first.got, &first.expected);
        text.zh += &format!("。{name}：应得「{expected}」，实得「{got}」");
        text.en += &format!("; {name}: expected 「{expected}」, got 「{got}」");
    }
    let all: Vec<Value> = reports
        .iter()
        .map(|one| json!({ "line": one.line, "text": one.text, "expected": one.expected, "got": one.got, "outcome": one.outcome.name() }))
        .collect();
    (json!({ "rule": rule, "examples": all }), lang.of(&text).to_owned(), bad.is_empty())
}

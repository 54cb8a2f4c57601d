//! `jiaokan lsp`: a language server over standard input and output. An author
//! of rules gets errors, failing examples, completion, hover and a lens that
//! runs a rule's examples; a reviewer of a text gets findings with their fixes
//! as code actions.

mod place;
mod rules;
mod texts;

use std::collections::BTreeMap;
use std::path::PathBuf;

use lsp_server::{Connection, ErrorCode, Message as Wire, Notification, Request, Response};
use lsp_types::{
    CodeActionParams, CodeActionProviderCapability, CodeLensOptions, CodeLensParams, CompletionOptions, CompletionParams, Diagnostic,
    DidChangeTextDocumentParams, DidCloseTextDocumentParams, DidOpenTextDocumentParams, DidSaveTextDocumentParams, ExecuteCommandOptions,
    ExecuteCommandParams, HoverParams, HoverProviderCapability, MessageType, PublishDiagnosticsParams, SaveOptions, ServerCapabilities,
    ShowMessageParams, TextDocumentSyncCapability, TextDocumentSyncKind, TextDocumentSyncOptions, TextDocumentSyncSaveOptions, Uri,
};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::args::Global;
use super::exit::{Exit, Trouble};
use super::settings::{self, Settings};
use super::voice::Voice;

/// The command behind the lens of a rule.
const RUN_EXAMPLES: &str = "jiaokan.runExamples";

/// An open document.
struct Document {
    path: PathBuf,
    text: String,
    version: i32,
    /// What was found in the text as it stood when it was last checked.
    checked: Option<texts::Checked>,
}

/// The state of a session.
struct Server<'a> {
    connection: &'a Connection,
    settings: Settings,
    voice: &'a Voice,
    documents: BTreeMap<String, Document>,
    /// The engine for texts, built when the first text is opened.
    checker: Option<texts::Checker>,
}

/// Serves until the client says `exit` or closes the stream.
pub(super) fn lsp(global: &Global, voice: &Voice) -> Result<Exit, Trouble> {
    let settings = settings::load(global, None)?;
    let voice = &voice.with_config(&settings.config);
    let (connection, threads) = Connection::stdio();
    let broken = |error: String| Trouble::new(format!("语言服务中断：{error}"), format!("the language server broke off: {error}"));
    let capabilities = serde_json::to_value(capabilities()).map_err(|error| broken(error.to_string()))?;
    if let Err(error) = connection.initialize(capabilities) {
        // A client that went away before it said anything has nothing to hear.
        return if error.channel_is_disconnected() { Ok(Exit::Done) } else { Err(broken(error.to_string())) };
    }
    let mut server = Server { connection: &connection, settings, voice, documents: BTreeMap::new(), checker: None };
    let served = server.serve();
    drop(server);
    drop(connection);
    threads.join().map_err(|error| broken(error.to_string()))?;
    served.map_err(broken).map(|()| Exit::Done)
}

fn capabilities() -> ServerCapabilities {
    ServerCapabilities {
        text_document_sync: Some(TextDocumentSyncCapability::Options(TextDocumentSyncOptions {
            open_close: Some(true),
            change: Some(TextDocumentSyncKind::FULL),
            save: Some(TextDocumentSyncSaveOptions::SaveOptions(SaveOptions { include_text: Some(false) })),
            ..TextDocumentSyncOptions::default()
        })),
        completion_provider: Some(CompletionOptions { trigger_characters: Some(vec!["\"".to_owned()]), ..CompletionOptions::default() }),
        hover_provider: Some(HoverProviderCapability::Simple(true)),
        code_lens_provider: Some(CodeLensOptions { resolve_provider: Some(false) }),
        code_action_provider: Some(CodeActionProviderCapability::Simple(true)),
        execute_command_provider: Some(ExecuteCommandOptions {
            commands: vec![RUN_EXAMPLES.to_owned()],
            ..ExecuteCommandOptions::default()
        }),
        ..ServerCapabilities::default()
    }
}

impl Server<'_> {
    fn serve(&mut self) -> Result<(), String> {
        for message in &self.connection.receiver {
            match message {
                Wire::Request(request) => {
                    if self.connection.handle_shutdown(&request).map_err(|error| error.to_string())? {
                        return Ok(());
                    }
                    let id = request.id.clone();
                    let response = match self.answer(request) {
                        Ok(value) => Response::new_ok(id, value),
                        Err((code, why)) => Response::new_err(id, code as i32, why),
                    };
                    self.send(Wire::Response(response))?;
                }
                Wire::Notification(notification) => self.take(notification)?,
                Wire::Response(_) => {}
            }
        }
        Ok(())
    }

    fn send(&self, message: Wire) -> Result<(), String> {
        self.connection.sender.send(message).map_err(|error| error.to_string())
    }

    fn answer(&mut self, request: Request) -> Result<Value, (ErrorCode, String)> {
        let params = request.params;
        let value = match request.method.as_str() {
            "textDocument/completion" => {
                let params: CompletionParams = read(params)?;
                let place = params.text_document_position;
                self.document(&place.text_document.uri).map(|document| rules::complete(document, place.position, self.voice.lang))
            }
            "textDocument/hover" => {
                let params: HoverParams = read(params)?;
                let place = params.text_document_position_params;
                let rule_file = self.document(&place.text_document.uri).filter(|document| rules::is_rule_file(&document.path));
                rule_file.and_then(|document| rules::hover(document, place.position, self.voice.lang))
            }
            "textDocument/codeLens" => {
                let params: CodeLensParams = read(params)?;
                let uri = &params.text_document.uri;
                self.document(uri).map(|document| rules::lenses(uri, document, self.voice.lang))
            }
            "textDocument/codeAction" => {
                let params: CodeActionParams = read(params)?;
                let uri = params.text_document.uri.clone();
                self.check_text(&uri, false);
                self.document(&uri).and_then(|document| texts::actions(&uri, document, params.range, self.voice.lang))
            }
            "workspace/executeCommand" => {
                let params: ExecuteCommandParams = read(params)?;
                Some(self.run_examples(&params)?)
            }
            other => return Err((ErrorCode::MethodNotFound, format!("no method {other}"))),
        };
        Ok(value.unwrap_or(Value::Null))
    }

    fn take(&mut self, notification: Notification) -> Result<(), String> {
        let params = notification.params;
        // A notification that cannot be read is no reason to end a session.
        match notification.method.as_str() {
            "textDocument/didOpen" => {
                let Ok(DidOpenTextDocumentParams { text_document }) = serde_json::from_value(params) else { return Ok(()) };
                let Some(path) = place::path(&text_document.uri) else { return Ok(()) };
                let document = Document { path, text: text_document.text, version: text_document.version, checked: None };
                self.documents.insert(text_document.uri.as_str().to_owned(), document);
                self.tell(&text_document.uri, true)
            }
            "textDocument/didChange" => {
                let Ok(params) = serde_json::from_value::<DidChangeTextDocumentParams>(params) else { return Ok(()) };
                let uri = params.text_document.uri;
                // The whole text is asked for, so the last change is the text.
                let Some(change) = params.content_changes.into_iter().next_back() else { return Ok(()) };
                if let Some(document) = self.documents.get_mut(uri.as_str()) {
                    document.text = change.text;
                    document.version = params.text_document.version;
                }
                self.tell(&uri, false)
            }
            "textDocument/didSave" => {
                let Ok(params) = serde_json::from_value::<DidSaveTextDocumentParams>(params) else { return Ok(()) };
                // A saved rule file changes what is found in texts.
                if self.document(&params.text_document.uri).is_some_and(|document| rules::is_rule_file(&document.path)) {
                    self.checker = None;
                }
                self.tell(&params.text_document.uri, true)
            }
            "textDocument/didClose" => {
                let Ok(params) = serde_json::from_value::<DidCloseTextDocumentParams>(params) else { return Ok(()) };
                self.documents.remove(params.text_document.uri.as_str());
                self.publish(&params.text_document.uri, Vec::new(), None)
            }
            _ => Ok(()),
        }
    }

    fn document(&self, uri: &Uri) -> Option<&Document> {
        self.documents.get(uri.as_str())
    }

    /// Tells what is wrong in a document; a text is checked when it was opened
    /// or saved, a rule file with every change.
    fn tell(&mut self, uri: &Uri, is_settled: bool) -> Result<(), String> {
        let Some(document) = self.document(uri) else { return Ok(()) };
        if rules::is_rule_file(&document.path) {
            let open: Vec<(PathBuf, String)> = self.documents.values().map(|one| (one.path.clone(), one.text.clone())).collect();
            let diagnostics = rules::diagnose(&document.path, &open, &self.settings, self.voice.lang);
            // Another file of the pack may be right or wrong by this one.
            let folder = document.path.parent().map(PathBuf::from);
            let others: Vec<String> = self
                .documents
                .iter()
                .filter(|(_, one)| rules::is_rule_file(&one.path) && one.path.parent().map(PathBuf::from) == folder)
                .map(|(uri, _)| uri.clone())
                .collect();
            for other in others {
                let document = &self.documents[&other];
                let own = diagnostics.iter().filter(|(path, _)| *path == document.path).map(|(_, one)| one.clone()).collect();
                let version = document.version;
                let uri: Uri = other.parse().map_err(|_| format!("bad uri {other}"))?;
                self.publish(&uri, own, Some(version))?;
            }
            return Ok(());
        }
        if !is_settled {
            return Ok(());
        }
        self.check_text(uri, true);
        let Some(document) = self.document(uri) else { return Ok(()) };
        let (diagnostics, version) = (texts::diagnostics(document, self.voice.lang), document.version);
        self.publish(uri, diagnostics, Some(version))
    }

    /// Checks a text unless that was done for the text as it stands.
    fn check_text(&mut self, uri: &Uri, anew: bool) {
        let Some(document) = self.documents.get_mut(uri.as_str()) else { return };
        let is_known = document.checked.as_ref().is_some_and(|checked| checked.is_of(&document.text));
        if rules::is_rule_file(&document.path) || (is_known && !anew) {
            return;
        }
        if self.checker.is_none() {
            self.checker = texts::Checker::new(&self.settings, self.voice).ok();
        }
        if let Some(checker) = &self.checker {
            document.checked = Some(checker.check(&document.text));
        }
    }

    fn publish(&self, uri: &Uri, diagnostics: Vec<Diagnostic>, version: Option<i32>) -> Result<(), String> {
        let params = PublishDiagnosticsParams { uri: uri.clone(), diagnostics, version };
        self.send(Wire::Notification(Notification::new("textDocument/publishDiagnostics".to_owned(), params)))
    }

    fn run_examples(&self, params: &ExecuteCommandParams) -> Result<Value, (ErrorCode, String)> {
        let wrong = || (ErrorCode::InvalidParams, format!("{RUN_EXAMPLES} takes a document and a rule"));
        if params.command != RUN_EXAMPLES {
            return Err((ErrorCode::InvalidParams, format!("no command {}", params.command)));
        }
        let [Value::String(uri), Value::String(rule)] = params.arguments.as_slice() else { return Err(wrong()) };
        let document = self.documents.get(uri).ok_or_else(wrong)?;
        let open: Vec<(PathBuf, String)> = self.documents.values().map(|one| (one.path.clone(), one.text.clone())).collect();
        let (value, text, is_good) = rules::run_examples(&document.path, rule, &open, &self.settings, self.voice.lang);
        let typ = if is_good { MessageType::INFO } else { MessageType::WARNING };
        let shown = ShowMessageParams { typ, message: text };
        let _ = self.send(Wire::Notification(Notification::new("window/showMessage".to_owned(), shown)));
        Ok(value)
    }
}

fn read<T: DeserializeOwned>(params: Value) -> Result<T, (ErrorCode, String)> {
    serde_json::from_value(params).map_err(|error| (ErrorCode::InvalidParams, error.to_string()))
}

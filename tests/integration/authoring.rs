//! What cases as data cannot say of writing rules: a language client, a
//! watcher, and a benchmark's worth of rules.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

const PACK: &str = "name = \"ours\"\nversion = \"1\"\nmessage = { zh = \"本报\", en = \"ours\" }\n";
const RULE: &str = r#"[[rule]]
id = "ours/river"
kind = "replace"
class = "look-alike"
phase = "words"
message = { zh = "「{observed}」应为「{fixed}」", en = "「{observed}」: 「{fixed}」 was printed" }
why = { zh = "河名", en = "the name of a river" }
source = "地名录"
safety = "automatic"
confidence = 0.98
table = [["径河", "泾河"]]
bad = [["径河水", "泾河水"]]
good = ["泾河水", "路径很长"]
"#;

fn start(folder: &Path, args: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_jiaokan"));
    command.args(args).current_dir(folder).env("LANG", "en_US.UTF-8").env_remove("LC_ALL");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn pack(folder: &Path) {
    fs::create_dir_all(folder.join("ours")).unwrap();
    fs::write(folder.join("ours/pack.toml"), PACK).unwrap();
    fs::write(folder.join("ours/a.toml"), RULE).unwrap();
    fs::write(folder.join("jiaokan.toml"), "[rules]\npacks = [\"ours\"]\nselect = [\"ours\"]\n").unwrap();
}

/// A client that frames messages as the protocol says.
struct Client {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    next_id: i64,
    /// Notifications that came before an answer.
    pending: Vec<Value>,
}

impl Client {
    fn new(folder: &Path) -> Self {
        let mut child = start(folder, &["lsp"]);
        let (to, from) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        Self { child, to, from, next_id: 0, pending: Vec::new() }
    }

    fn send(&mut self, message: &Value) {
        let body = message.to_string();
        write!(self.to, "Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
        self.to.flush().unwrap();
    }

    fn notify(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    fn read(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            assert!(self.from.read_line(&mut line).unwrap() > 0, "the server went away");
            match line.trim().strip_prefix("Content-Length: ") {
                Some(number) => length = number.parse().unwrap(),
                None if line.trim().is_empty() => break,
                None => {}
            }
        }
        let mut body = vec![0; length];
        self.from.read_exact(&mut body).unwrap();
        serde_json::from_slice(&body).unwrap()
    }

    fn request(&mut self, method: &str, params: Value) -> Value {
        self.next_id += 1;
        let id = self.next_id;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        loop {
            let message = self.read();
            if message["id"] == json!(id) {
                return message;
            }
            self.pending.push(message);
        }
    }

    fn notification(&mut self, method: &str) -> Value {
        if let Some(at) = self.pending.iter().position(|message| message["method"] == method) {
            return self.pending.remove(at)["params"].clone();
        }
        loop {
            let message = self.read();
            if message["method"] == method {
                return message["params"].clone();
            }
            self.pending.push(message);
        }
    }
}

fn uri(path: &Path) -> String {
    let path = path.canonicalize().unwrap();
    let encoded: String =
        path.to_str()
            .unwrap()
            .bytes()
            .map(|byte| {
                if byte.is_ascii_alphanumeric() || b"/-_.".contains(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }
            })
            .collect();
    format!("file://{encoded}")
}

#[test]
fn an_editor_is_helped_with_rules_and_texts() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("我的 报");
    pack(&folder);
    fs::write(folder.join("a.txt"), "第一行。\n他到径河边。\n").unwrap();
    let mut client = Client::new(&folder);
    let answer = client.request("initialize", json!({ "processId": null, "rootUri": null, "capabilities": {} }));
    assert_eq!(answer["result"]["capabilities"]["hoverProvider"], true);
    client.notify("initialized", json!({}));

    // A rule file: right at first, then with a slip, then with an example that
    // fails.
    let rules = uri(&folder.join("ours/a.toml"));
    let open = |uri: &str, text: &str, language: &str| json!({ "textDocument": { "uri": uri, "languageId": language, "version": 1, "text": text } });
    client.notify("textDocument/didOpen", open(&rules, RULE, "toml"));
    let shown = client.notification("textDocument/publishDiagnostics");
    assert_eq!((&shown["uri"], shown["diagnostics"].as_array().unwrap().len()), (&json!(rules), 0), "{shown}");
    let change =
        |version: i64, text: &str| json!({ "textDocument": { "uri": rules, "version": version }, "contentChanges": [{ "text": text }] });
    client.notify("textDocument/didChange", change(2, &RULE.replace("kind = \"replace\"", "kind = \"replce\"")));
    let slip = client.notification("textDocument/publishDiagnostics");
    let slip = &slip["diagnostics"][0];
    assert_eq!((&slip["severity"], &slip["range"]["start"]), (&json!(1), &json!({ "line": 2, "character": 7 })), "{slip}");
    client.notify("textDocument/didChange", change(3, &RULE.replace("泾河水\"]]", "渭河水\"]]")));
    let failing = client.notification("textDocument/publishDiagnostics");
    assert_eq!(
        (&failing["diagnostics"][0]["severity"], &failing["diagnostics"][0]["range"]["start"]["line"]),
        (&json!(2), &json!(11)),
        "{failing}"
    );

    let lenses = client.request("textDocument/codeLens", json!({ "textDocument": { "uri": rules } }));
    let command = &lenses["result"][0]["command"];
    let ran = client.request("workspace/executeCommand", json!({ "command": command["command"], "arguments": command["arguments"] }));
    assert!(ran["result"]["examples"].as_array().unwrap().iter().any(|one| one["outcome"] == "Wrong"), "{ran}");
    assert_eq!(client.notification("window/showMessage")["type"], 2);
    let hover =
        client.request("textDocument/hover", json!({ "textDocument": { "uri": rules }, "position": { "line": 4, "character": 2 } }));
    assert!(hover["result"]["contents"]["value"].as_str().unwrap().contains("when it runs"), "{hover}");
    let text = format!("{RULE}\n[[rule]]\nkind = \"flag\"\nsafety = \"");
    client.notify("textDocument/didChange", change(4, &text));
    let last = json!({ "line": text.lines().count() - 1, "character": 10 });
    let completed = client.request("textDocument/completion", json!({ "textDocument": { "uri": rules }, "position": last }));
    assert!(completed["result"].as_array().unwrap().iter().any(|item| item["label"] == "flagged"), "{completed}");
    client.notify("textDocument/didClose", json!({ "textDocument": { "uri": rules } }));

    // A text: the finding with its fix.
    let page = uri(&folder.join("a.txt"));
    client.notify("textDocument/didOpen", open(&page, "第一行。\n他到径河边。\n", "plaintext"));
    let found = loop {
        let shown = client.notification("textDocument/publishDiagnostics");
        if shown["uri"] == json!(page) {
            break shown["diagnostics"][0].clone();
        }
    };
    assert_eq!((&found["code"], &found["range"]["start"]), (&json!("ours/river"), &json!({ "line": 1, "character": 2 })), "{found}");
    let actions = client.request(
        "textDocument/codeAction",
        json!({ "textDocument": { "uri": page }, "range": found["range"], "context": { "diagnostics": [] } }),
    );
    let edit = &actions["result"][0]["edit"]["changes"][&page][0];
    assert_eq!((&edit["newText"], &edit["range"]["start"]["character"]), (&json!("泾"), &json!(2)), "{actions}");

    let unknown = client.request("textDocument/rename", json!({}));
    assert_eq!(unknown["error"]["code"], -32601);
    client.request("shutdown", Value::Null);
    client.notify("exit", Value::Null);
    assert!(client.child.wait().unwrap().success());
}

#[test]
fn a_saved_rule_is_tested_again() {
    let root = tempfile::tempdir().unwrap();
    pack(root.path());
    let mut child = start(root.path(), &["rules", "test", "ours", "--watch"]);
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let (told, heard) = std::sync::mpsc::channel();
    std::thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| told.send(line)));
    let until = |wanted: &str| {
        let mut seen = Vec::new();
        while let Ok(line) = heard.recv_timeout(Duration::from_secs(60)) {
            if line.contains(wanted) {
                return;
            }
            seen.push(line);
        }
        panic!("{wanted} did not come, but {seen:#?}");
    };
    until("5 examples validated, 0 failed");
    until("saves are tested again");
    fs::write(root.path().join("ours/a.toml"), RULE.replace("泾河水\"]]", "渭河水 \"]]")).unwrap();
    until("ours/a.toml:12: Wrong ours/river");
    until("4 examples validated, 1 failed");
    fs::write(root.path().join("ours/a.toml"), "[[rule]]\nid = 1\n").unwrap();
    until("ours/a.toml:2:6");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn the_schema_of_rule_files_is_the_documented_one_and_fits_the_shipped_packs() {
    let root = tempfile::tempdir().unwrap();
    let output = start(root.path(), &["rules", "schema"]).wait_with_output().unwrap();
    let printed: Value = serde_json::from_slice(&output.stdout).unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schema/rules.schema.json");
    if std::env::var_os("JIAOKAN_UPDATE").is_some() {
        fs::write(&path, &output.stdout).unwrap();
    }
    let documented: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!(printed, documented, "JIAOKAN_UPDATE=1 cargo test --test integration schema writes it anew");
    let validator = jsonschema::validator_for(&documented).unwrap();
    let mut n_files = 0;
    for pack in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("rules")).unwrap() {
        for file in fs::read_dir(pack.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            let name = path.file_name().unwrap();
            if path.extension().is_none_or(|extension| extension != "toml") || name == "pack.toml" || name == "measured.toml" {
                continue;
            }
            let table: toml::Table = fs::read_to_string(&path).unwrap().parse().unwrap();
            let value = serde_json::to_value(table).unwrap();
            let errors: Vec<String> = validator.iter_errors(&value).map(|error| format!("{}: {error}", error.instance_path())).collect();
            assert!(errors.is_empty(), "{}: {}", path.display(), errors.join("\n"));
            n_files += 1;
        }
    }
    assert!(n_files > 5);
    assert!(!validator.is_valid(&json!({ "rule": [{ "id": "a/b", "kind": "flag", "terms": ["x"], "bad": [["a", "a"]], "good": ["b"] }] })));
}

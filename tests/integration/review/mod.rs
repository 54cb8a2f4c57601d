//! The desk as a browser and other programs see it.

mod boxes;
mod browser;
mod safety;
mod speed;
mod webdriver;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

/// A desk over a folder, in a process of its own.
pub(crate) struct Desk {
    child: Child,
    /// `127.0.0.1:1234`.
    pub(crate) host: String,
    /// `/token`.
    pub(crate) base: String,
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {} {}", self.status, self.body))
    }
}

impl Desk {
    /// Starts one with the report in `folder/report`.
    pub(crate) fn open(folder: &Path, reviewer: &str) -> Self {
        let program = std::env::var_os("JIAOKAN_PROGRAM").unwrap_or_else(|| env!("CARGO_BIN_EXE_jiaokan").into());
        Self::run(Command::new(program), folder, reviewer)
    }

    /// The same with so many blocks for each file at most: as on a full disk.
    #[cfg(unix)]
    pub(crate) fn with_little_room(folder: &Path, reviewer: &str, n_blocks: u32) -> Self {
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("trap '' XFSZ; ulimit -f {n_blocks}; exec \"$0\" \"$@\""), env!("CARGO_BIN_EXE_jiaokan")]);
        Self::run(shell, folder, reviewer)
    }

    fn run(mut command: Command, folder: &Path, reviewer: &str) -> Self {
        let mut child = command
            .args(["review", ".", "--reviewer", reviewer, "--lang", "en"])
            .current_dir(folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("the desk is at http://").unwrap_or_else(|| panic!("{line}"));
        let (host, path) = address.split_once('/').unwrap();
        Self { child, host: host.to_owned(), base: format!("/{}", path.trim_end_matches('/')) }
    }

    pub(crate) fn address(&self) -> String {
        format!("http://{}{}/", self.host, self.base)
    }

    /// Waits for the end of one that was killed.
    fn kill_quietly(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send("GET", &format!("{}{path}", self.base), &[("Host", &self.host)], None).unwrap()
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Option<Answer> {
        let origin = format!("http://{}", self.host);
        let headers = [("Host", self.host.as_str()), ("Origin", &origin), ("Content-Type", "application/json")];
        self.send("POST", &format!("{}{path}", self.base), &headers, Some(&body.to_string()))
    }

    /// `None` when nothing came back.
    pub(crate) fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&str>) -> Option<Answer> {
        let mut stream = TcpStream::connect(&self.host).ok()?;
        let mut request = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
        for (name, value) in headers {
            request += &format!("{name}: {value}\r\n");
        }
        let body = body.unwrap_or_default();
        if method == "POST" {
            request += &format!("Content-Length: {}\r\n", body.len());
        }
        stream.write_all(format!("{request}\r\n{body}").as_bytes()).ok()?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).ok()?;
        let answer = String::from_utf8(answer).ok()?;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        let status = head.split(' ').nth(1)?.parse().ok()?;
        let length = head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ").map(str::to_owned));
        // An answer that was cut short is none.
        (length.and_then(|length| length.parse::<usize>().ok()) == Some(body.len())).then(|| Answer {
            status,
            head: head.to_ascii_lowercase(),
            body: body.to_owned(),
        })
    }

    /// The findings of a view.
    pub(crate) fn rows(&self, query: &str) -> Vec<Value> {
        self.get(&format!("/api/view?{query}")).json()["rows"].as_array().unwrap().clone()
    }
}

/// Writes texts and a report on them into `folder`.
pub(crate) fn check(folder: &Path, texts: &[(&str, &str)]) {
    for (name, text) in texts {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let run = Command::new(env!("CARGO_BIN_EXE_jiaokan"))
        .args(["check", ".", "--report", "report", "--exit-zero", "-q"])
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
}

/// Runs the program and gives what it printed.
pub(crate) fn jiaokan(folder: &Path, args: &[&str]) -> (Option<i32>, String, String) {
    let run = Command::new(env!("CARGO_BIN_EXE_jiaokan")).args(args).args(["--lang", "en"]).current_dir(folder).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (run.status.code(), text(run.stdout), text(run.stderr))
}

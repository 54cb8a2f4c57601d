//! As much of the protocol of browser drivers as the tests need, over plain
//! HTTP.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// A headless browser.
pub(crate) struct Browser {
    driver: Child,
    port: u16,
    session: String,
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.send("DELETE", "", None);
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

impl Browser {
    /// Starts one; `None` where there is no Chromium with its driver.
    pub(crate) fn start(profile: &Path) -> Option<Self> {
        let start = Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let Ok(mut driver) = start else {
            eprintln!("skipped: no chromium");
            return None;
        };
        let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
        let port = loop {
            let line = lines.next().expect("the driver says where it listens").unwrap();
            if let Some((_, port)) = line.split_once("successfully on port ") {
                break port.trim_end_matches('.').parse().unwrap();
            }
        };
        std::thread::spawn(move || lines.for_each(drop));
        let mut browser = Self { driver, port, session: String::new() };
        let profile = format!("--user-data-dir={}", profile.display());
        let args = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--lang=zh-CN",
            "--window-size=1440,960",
            &profile,
        ];
        let options = json!({ "args": args, "prefs": { "intl.accept_languages": "zh-CN" } });
        let capabilities = json!({ "capabilities": { "alwaysMatch": { "browserName": "chrome", "goog:chromeOptions": options } } });
        let session = browser.send("POST", "", Some(&capabilities));
        browser.session = format!("/{}", session["sessionId"].as_str().unwrap_or_else(|| panic!("no session: {session}")));
        Some(browser)
    }

    /// The value of an answer.
    fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Value {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let body = body.map_or_else(|| "{}".to_owned(), Value::to_string);
        let body = if method == "POST" { body } else { String::new() };
        let length = body.len();
        let request = format!(
            "{method} /session{}{path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}",
            self.session, self.port
        );
        stream.write_all(request.as_bytes()).unwrap();
        // The driver keeps the connection open, whatever it was asked for.
        let mut reader = BufReader::new(stream);
        let mut length = 0;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            if line.trim().is_empty() {
                break;
            }
            if let Some(number) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = number.trim().parse().unwrap();
            }
        }
        let mut answer = vec![0; length];
        reader.read_exact(&mut answer).unwrap();
        let value: Value = serde_json::from_slice(&answer).unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&answer)));
        value["value"].clone()
    }

    pub(crate) fn open(&self, address: &str) {
        self.send("POST", "/url", Some(&json!({ "url": address })));
    }

    /// What an expression of script is on the page.
    pub(crate) fn value(&self, expression: &str) -> Value {
        self.send("POST", "/execute/sync", Some(&json!({ "script": format!("return {expression};"), "args": [] })))
    }

    pub(crate) fn text(&self, selector: &str) -> String {
        self.value(&format!("document.querySelector({selector:?})?.textContent ?? ''")).as_str().unwrap_or_default().to_owned()
    }

    pub(crate) fn count(&self, selector: &str) -> u64 {
        self.value(&format!("document.querySelectorAll({selector:?}).length")).as_u64().unwrap_or_default()
    }

    /// Presses keys one after the other; names as in the protocol.
    pub(crate) fn press(&self, keys: &str) {
        let actions: Vec<Value> =
            keys.chars().flat_map(|key| ["keyDown", "keyUp"].map(|kind| json!({ "type": kind, "value": key.to_string() }))).collect();
        self.send("POST", "/actions", Some(&json!({ "actions": [{ "type": "key", "id": "keys", "actions": actions }] })));
    }

    /// Waits until an expression holds.
    pub(crate) fn wait(&self, expression: &str) {
        let until = Instant::now() + Duration::from_secs(20);
        while self.value(&format!("Boolean({expression})")) != json!(true) {
            assert!(Instant::now() < until, "{expression} did not come true; the page reads: {}", self.text("body"));
            std::thread::sleep(Duration::from_millis(30));
        }
    }

    /// Puts a picture of the page into a folder, when `JIAOKAN_SCREENSHOTS`
    /// names one.
    pub(crate) fn picture(&self, name: &str) {
        if let Some(folder) = std::env::var_os("JIAOKAN_SCREENSHOTS") {
            let data = self.send("GET", "/screenshot", None);
            std::fs::write(Path::new(&folder).join(format!("{name}.png.base64")), data.as_str().unwrap_or_default()).unwrap();
        }
    }
}

//! The desk over a large folder. Not among the tests that run by themselves:
//! `cargo test --test integration review::speed -- --ignored --nocapture`;
//! `JIAOKAN_PROGRAM` names another build to measure, `JIAOKAN_FINDINGS` says
//! how many there are, `JIAOKAN_FOLDER` keeps the folder.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use jiaokan::text::Span;
use serde_json::json;

use super::Desk;

/// Findings on a page.
const ON_PAGE: usize = 50;
/// What is read and what was printed; the last has no proposal.
const CHANGES: [(&str, Option<&str>, &str, &str); 8] = [
    ("己", Some("已"), "words/misread", "look-alike"),
    ("末", Some("未"), "words/misread", "look-alike"),
    ("曰", Some("日"), "words/look-alike", "look-alike"),
    ("，", Some("。"), "punctuation/lost", "punctuation"),
    ("千", Some("干"), "words/misread", "look-alike"),
    ("人", Some("入"), "words/misread", "look-alike"),
    (".", Some("。"), "punctuation/half-width", "punctuation"),
    ("三十日", None, "digits/impossible", "digits"),
];

/// Writes `n` findings and their texts below `folder`.
fn write(folder: &Path, n: usize) {
    fs::create_dir_all(folder.join("report")).unwrap();
    let mut lines = String::new();
    let mut characters = 0;
    for page in 0..n.div_ceil(ON_PAGE) {
        let name = format!("晨报/2031-{:02}-{:02}/A{}.txt", page / 28 % 12 + 1, page % 28 + 1, page / 336 + 1);
        let mut text = String::new();
        let mut places = Vec::new();
        for place in 0..ON_PAGE.min(n - page * ON_PAGE) {
            let change = CHANGES[(page * 7 + place * place) % CHANGES.len()];
            let _ = write!(text, "　　河湾两岸的稻子今年长得很好，{page}村{place}组农户");
            places.push((text.len(), change));
            let _ = writeln!(text, "{}收割之后，晒谷场上堆满了新谷，运粮的车一直排到村口的老槐树下。", change.0);
        }
        characters += text.chars().count();
        for (nth, (at, (observed, proposal, rule, class))) in places.into_iter().enumerate() {
            let span = Span::new(at, at + observed.len());
            let fixes: Vec<_> = proposal.iter().map(|new| json!({ "title": { "zh": format!("「{observed}」→「{new}」"), "en": format!("{observed} to {new}") }, "edits": [{ "span": span, "replacement": new }] })).collect();
            let evidence = |kind: &str, weight: f64| json!({ "kind": kind, "weight": weight, "text": { "zh": "语言模型：改后这一句更常见，字形也相近", "en": "the language model finds the sentence more common after the change, and the shapes are alike" } });
            let line = json!({
                "schema_version": 1, "id": format!("{:016x}", page * ON_PAGE + nth), "fingerprint": jiaokan::finding::fingerprint(rule, &text, span), "file": name,
                "rule": rule, "class": class, "phase": "words", "severity": "problem", "span": span, "line": nth + 1, "column": 30, "observed": observed, "fixes": fixes, "related": [],
                "safety": "suggested", "confidence": 0.2 + 0.01 * ((page * 31 + nth * 17) % 75) as f64, "confidence_origin": "calibrated", "outcome": if nth % 10 == 9 { "applied" } else { "held" },
                "message": { "zh": format!("「{observed}」像是别的字的误读"), "en": format!("{observed} seems to be misread") },
                "evidence": [evidence("language-model", 2.3), evidence("shape", 1.1), evidence("habit", -0.4)],
            });
            let _ = writeln!(lines, "{line}");
        }
        let path = folder.join(&name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    fs::write(folder.join("report/findings.jsonl"), lines).unwrap();
    fs::write(folder.join("report/summary.json"), json!({ "characters": characters, "run": { "level": "automatic" } }).to_string())
        .unwrap();
}

fn memory_mib(pid: u32) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.trim().strip_suffix(" kB")?.trim().parse::<f64>().ok()? / 1024.0)
}

fn told(what: &str, mut times: Vec<Duration>) {
    times.sort();
    let at = |share: f64| times[((times.len() - 1) as f64 * share).round() as usize];
    println!("{what}: median {:.1?}, p99 {:.1?}, most {:.1?} ({} times)", at(0.5), at(0.99), at(1.0), times.len());
}

#[test]
#[ignore = "measures; says how long everything takes"]
fn a_large_folder() {
    let n: usize = std::env::var("JIAOKAN_FINDINGS").ok().and_then(|n| n.parse().ok()).unwrap_or(100_000);
    let home = tempfile::tempdir().unwrap();
    let folder = std::env::var_os("JIAOKAN_FOLDER").map_or_else(|| home.path().to_owned(), PathBuf::from);
    write(&folder, n);
    let bytes = fs::metadata(folder.join("report/findings.jsonl")).unwrap().len();
    let clock = Instant::now();
    let desk = Desk::open(&folder, "li");
    println!("{n} findings in {} MB; the program listens after {:.1?}", bytes / 1_000_000, clock.elapsed());
    let timed = |ask: &mut dyn FnMut()| {
        let clock = Instant::now();
        ask();
        clock.elapsed()
    };
    let get = |path: &str| assert_eq!(desk.get(path).status, 200, "{path}");
    // What the page asks for until the first rows are there.
    let first =
        timed(&mut || ["/", "/style.css", "/app.js", "/words.js", "/api/state", "/api/view?limit=100"].iter().for_each(|path| get(path)));
    println!("the first rows after {first:.1?}, {:.0} MiB", memory_mib(desk.child.id()).unwrap_or_default());
    for path in [
        "/api/state",
        "/api/view?limit=100",
        "/api/view?limit=100&sort=file",
        "/api/view?limit=100&sort=rule",
        "/api/view?limit=100&q=A3",
        "/api/view?limit=100&class=digits",
        "/api/patterns",
        "/api/progress",
        "/api/view?status=sample",
    ] {
        told(path, (0..20).map(|_| timed(&mut || get(path))).collect());
    }
    let rows =
        |offset: usize| desk.get(&format!("/api/view?limit=300&offset={offset}&sort=file")).json()["rows"].as_array().unwrap().clone();
    let ids: Vec<String> = (0..4).flat_map(|nth| rows(nth * n / 5)).map(|row| row["id"].as_str().unwrap().to_owned()).collect();
    told("/api/finding", ids.iter().map(|id| timed(&mut || get(&format!("/api/finding?id={id}")))).collect());
    let post = |path: &str, body: serde_json::Value| assert_eq!(desk.post(path, &body).unwrap().status, 200);
    let decide = |id: &String| timed(&mut || post("/api/decide", json!({ "ids": [id], "verdict": "keep" })));
    told("decide", ids.iter().map(decide).collect());
    told("undo", ids.iter().take(200).map(|_| timed(&mut || post("/api/undo", json!({})))).collect());
    told("changes", (0..200).map(|_| timed(&mut || get("/api/changes?seen=0"))).collect());
    let all = timed(&mut || post("/api/decide", json!({ "ids": [rows(0)[0]["id"]], "verdict": "keep", "all_like": true })));
    let n_decided = desk.get("/api/view?status=keep").json()["total"].as_u64().unwrap();
    println!("{n_decided} alike decided in {all:.1?}, {:.0} MiB", memory_mib(desk.child.id()).unwrap_or_default());
    drop(desk);
    let clock = Instant::now();
    let desk = Desk::open(&folder, "li");
    println!("with the log, the program listens after {:.1?}", clock.elapsed());
    assert_eq!(desk.get("/api/view?status=keep").json()["total"].as_u64().unwrap(), n_decided);
}

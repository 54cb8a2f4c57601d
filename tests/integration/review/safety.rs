//! Who may ask, what texts cannot do, and what is left after a crash.

use std::collections::BTreeSet;
use std::fs;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use jiaokan::text::Span;
use serde_json::json;

use super::{Desk, check};

/// A page with so many places to decide.
fn page(n: usize) -> String {
    (0..n)
        .map(|idx| format!("第{idx}条：会场在城南{}街{idx}号，负责人说，2月30日开始。\n", "东西南北".chars().nth(idx % 4).unwrap()))
        .collect()
}

#[test]
fn a_request_from_elsewhere_gets_nothing() {
    let folder = tempfile::tempdir().unwrap();
    check(folder.path(), &[("a.txt", &page(3))]);
    fs::write(folder.path().join("secret.txt"), "密").unwrap();
    let desk = Desk::open(folder.path(), "li");
    let host = ("Host", desk.host.as_str());
    let ask = |path: &str, headers: &[(&str, &str)]| desk.send("GET", path, headers, None).unwrap();
    assert_eq!(desk.get("/").status, 200);
    assert!(desk.get("/").head.contains("content-security-policy: default-src 'none'; script-src 'self'"));
    assert!(!desk.get("/").body.contains("<script>"), "no script inside of the page");
    for (path, headers, status) in [
        ("/", vec![host], 403),
        ("/api/state", vec![host], 403),
        ("/0000/api/state", vec![host], 403),
        (&*format!("{}/api/state", desk.base), vec![("Host", "evil.example")], 421),
        (&*format!("{}/api/state", desk.base), vec![host, ("Origin", "http://evil.example")], 403),
    ] {
        assert_eq!(ask(path, &headers).status, status, "{path} {headers:?}");
    }
    for name in [
        "../a.txt",
        "%2e%2e/a.txt",
        "..%2fa.txt",
        "a.txt",
        "assets/app.js",
        "..\\a.txt",
        "/etc/passwd",
        "app.js/..",
        "report/findings.jsonl",
    ] {
        let answer = ask(&format!("{}/{name}", desk.base), &[host]);
        assert!(answer.status == 404 && !answer.body.contains("会场"), "{name}: {}", answer.status);
    }
    for file in ["secret.txt", "../a.txt", "/etc/passwd", "report/findings.jsonl", "%2e%2e%2fa.txt", "a.txt%00"] {
        assert_eq!(desk.get(&format!("/api/page?file={file}")).status, 404, "{file}: no finding is there");
    }
    let decide = json!({ "ids": ["0"], "verdict": "keep" }).to_string();
    let path = format!("{}/api/decide", desk.base);
    let headers = [host, ("Content-Type", "text/plain")];
    assert_eq!(desk.send("POST", &path, &headers, Some(&decide)).unwrap().status, 415);
    assert!(!folder.path().join(".jiaokan/decisions.jsonl").exists());
}

#[test]
fn a_hostile_page_is_text() {
    let folder = tempfile::tempdir().unwrap();
    let name = "<b>a&amp;.txt";
    let line = format!("{}二十五点{}", "甲乙丙丁".repeat(450_000), "戊己庚辛".repeat(450_000));
    let hostile = format!(
        "<script>document.title='x'</script><img src=x onerror=alert(1)>，\u{202e}倒着\u{2066}，二十五点\n{line}\n</textarea>二十五点"
    );
    assert!(line.len() > 10_000_000);
    fs::write(folder.path().join(name), &hostile).unwrap();
    fs::create_dir(folder.path().join("report")).unwrap();
    let finding = |nth: usize, (at, observed): (usize, &str)| {
        let span = Span::new(at, at + observed.len());
        let fingerprint = jiaokan::finding::fingerprint("core/<i>", &hostile, span);
        format!(
            "{}\n",
            json!({
                "schema_version": 1, "id": format!("{nth:016x}"), "fingerprint": fingerprint, "file": name, "rule": "core/<i>", "class": "digits",
                "severity": "problem", "span": span, "line": 1, "column": 1, "observed": observed, "fixes": [], "related": [],
                "safety": "flagged", "confidence": 0.5, "outcome": "held", "message": { "zh": "<b>", "en": "<b>" }, "evidence": [],
            })
        )
    };
    let places = hostile.match_indices("二十五点").chain([(0, &*hostile)]).enumerate();
    let lines: String = places.map(|(nth, place)| finding(nth, place)).collect();
    fs::write(folder.path().join("report/findings.jsonl"), lines).unwrap();
    let desk = Desk::open(folder.path(), "li");
    let rows = desk.rows("status=all");
    assert_eq!(rows.len(), 4);
    for row in &rows {
        let finding = desk.get(&format!("/api/finding?id={}", row["id"].as_str().unwrap()));
        assert_eq!(finding.status, 200);
        assert!(finding.head.contains("content-type: application/json"));
        assert!(finding.body.len() < 100_000, "{} bytes", finding.body.len());
        let decided = desk.post("/api/decide", &json!({ "ids": [row["id"]], "verdict": "keep" })).unwrap();
        assert_eq!(decided.status, 200, "{}", decided.body);
    }
    for from in [0, 7_000_001] {
        let page = desk.get(&format!("/api/page?file=%3Cb%3Ea%26amp%3B.txt&from={from}"));
        assert_eq!(page.status, 200);
        assert!(page.head.contains("content-type: application/json") && page.body.len() < 500_000);
    }
}

#[cfg(unix)]
#[test]
fn a_full_disk_is_told_and_nothing_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    check(folder.path(), &[("a.txt", &page(40))]);
    let log = folder.path().join(".jiaokan/decisions.jsonl");
    let noted = || jiaokan::decision::Log::read(&fs::read_to_string(&log).unwrap()).unwrap().decisions.len();
    let desk = Desk::with_little_room(folder.path(), "li", 6);
    let ids: Vec<String> = desk.rows("status=all").iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect();
    let keep = |desk: &Desk, ids: &[String]| desk.post("/api/decide", &json!({ "ids": ids, "verdict": "keep" })).unwrap();
    let n_kept = ids.iter().take_while(|id| keep(&desk, std::slice::from_ref(id)).status == 200).count();
    assert!((1..ids.len()).contains(&n_kept), "the disk is full after a few: {n_kept}");
    assert_eq!(noted(), n_kept);
    // Many at once are noted whole or not at all.
    let refused = keep(&desk, &ids[n_kept..]);
    assert_eq!((refused.status, noted()), (507, n_kept), "{}", refused.body);
    assert!(!refused.json()["error"]["zh"].as_str().unwrap().is_empty());
    // The page goes on; and where there is room, so do the decisions.
    assert_eq!(desk.rows("status=keep").len(), n_kept);
    drop(desk);
    let desk = Desk::open(folder.path(), "li");
    assert_eq!((keep(&desk, &ids[n_kept..]).status, desk.rows("status=keep&limit=300").len()), (200, ids.len()));
}

/// The desk is killed again and again while decisions arrive: what it said yes
/// to is in the log, and the log can be read. `JIAOKAN_KILLS` sets how often.
#[test]
fn no_acknowledged_decision_is_lost_when_the_program_is_killed() {
    let rounds: usize = std::env::var("JIAOKAN_KILLS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(6);
    let folder = tempfile::tempdir().unwrap();
    check(folder.path(), &[("a.txt", &page(60))]);
    let acknowledged = Mutex::new(BTreeSet::new());
    for round in 0..rounds {
        let mut desk = Desk::open(folder.path(), "li");
        let ids: Vec<String> = desk.rows("status=all&limit=100").iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect();
        assert!(ids.len() >= 60, "{}", ids.len());
        let until = Instant::now() + Duration::from_millis(60 + (round as u64 * 37) % 140);
        thread::scope(|scope| {
            for worker in 0..3 {
                let (desk, ids, acknowledged) = (&desk, &ids, &acknowledged);
                scope.spawn(move || {
                    for number in 0.. {
                        if Instant::now() > until {
                            break;
                        }
                        let note = format!("{round}-{worker}-{number}");
                        let body = json!({ "ids": [ids[(number * 3 + worker) % ids.len()]], "verdict": "keep", "note": note });
                        match desk.post("/api/decide", &body) {
                            Some(answer) if answer.status == 200 => acknowledged.lock().unwrap().insert(note),
                            _ => break,
                        };
                    }
                });
            }
            // The workers stop a little after the desk does.
            thread::sleep(until.saturating_duration_since(Instant::now()).mul_f32(0.8));
            let pid = desk.child.id();
            let _ = std::process::Command::new("kill").args(["-9", &pid.to_string()]).status();
        });
        desk.kill_quietly();
        let log = fs::read_to_string(folder.path().join(".jiaokan/decisions.jsonl")).unwrap_or_default();
        let log = jiaokan::decision::Log::read(&log).unwrap();
        let noted: BTreeSet<String> = log.decisions.iter().filter_map(|decision| decision.note.clone()).collect();
        let lost: Vec<String> = acknowledged.lock().unwrap().difference(&noted).cloned().collect();
        assert!(lost.is_empty(), "round {round}: {lost:?}");
    }
    assert!(acknowledged.into_inner().unwrap().len() >= rounds, "decisions were made");
}

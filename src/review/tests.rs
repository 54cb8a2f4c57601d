use std::sync::Arc;

use super::*;
use crate::decision::{Book, Verdict};
use crate::finding::fingerprint;
use crate::text::Span;

const PAGE: &str = "大家己经到了会场。他们己经走了。会期二月三十日，共3天。";

/// A line of a report about the `nth` place that reads `observed`.
fn line(nth: usize, observed: &str, class: &str, proposal: Option<&str>, outcome: &str) -> String {
    let at = PAGE.match_indices(observed).nth(nth).unwrap().0;
    let span = Span::new(at, at + observed.len());
    let fixes: Vec<_> = proposal.iter().map(|new| serde_json::json!({ "edits": [{ "span": span, "replacement": new }] })).collect();
    serde_json::json!({
        "schema_version": 1, "id": format!("{:016x}", 100 * at + nth), "fingerprint": fingerprint("core/x", PAGE, span), "file": "a.txt",
        "rule": "core/x", "class": class, "severity": "problem", "span": span, "line": 1, "column": 1 + at, "observed": observed,
        "fixes": fixes, "safety": "suggested", "confidence": 0.5, "outcome": outcome,
    })
    .to_string()
}

fn desk(lines: &[String]) -> Desk {
    let mut builder = DeskBuilder::default();
    for line in lines {
        let read = Line::read(line.as_bytes()).unwrap();
        let item = read.item(0, line.len()).unwrap();
        builder.add(&read, item);
    }
    builder.build(Book::default())
}

fn three() -> Desk {
    desk(&[
        line(0, "己经", "look-alike", Some("已经"), "held"),
        line(1, "己经", "look-alike", Some("已经"), "held"),
        line(0, "二月三十日", "digits", None, "held"),
        line(0, "3", "digits", Some("三"), "applied"),
    ])
}

fn word<'w>(verdict: Verdict, reviewer: &'w str, time: &'w str) -> Word<'w> {
    Word { verdict, printed: None, note: None, reviewer, time }
}

fn say(desk: &mut Desk, word: &Word<'_>, findings: &[u32]) {
    let proposal = |desk: &Desk, idx: u32| desk.items[idx as usize].proposal.as_deref().map(str::to_owned);
    let lines = desk.say(word, findings, |_| Some(Arc::from(PAGE)), |idx| proposal(desk, idx)).unwrap();
    lines.into_iter().for_each(|line| desk.take(line));
}

#[test]
fn every_state_follows_from_the_log() {
    let mut desk = three();
    say(&mut desk, &word(Verdict::Accept, "甲", "2026-01-01T00:00:01Z"), &[0, 1]);
    assert_eq!([0, 1, 2].map(|idx| desk.state(idx).name()), ["accept", "accept", "open"]);
    say(&mut desk, &word(Verdict::Keep, "乙", "2026-01-01T00:00:02Z"), &[1]);
    say(&mut desk, &word(Verdict::Ask, "乙", "2026-01-01T00:00:02Z"), &[2]);
    assert_eq!([0, 1, 2].map(|idx| desk.state(idx).name()), ["accept", "conflict", "ask"]);
    assert_eq!(desk.changed_since(2), [1, 2]);
    let undone = desk.book().decisions().len();
    let log: String = desk.book().decisions().iter().map(crate::decision::Decision::line).collect();
    let again = DeskBuilder::anew(desk).build(crate::decision::Log::read(&log).unwrap().into());
    assert_eq!([0, 1, 2].map(|idx| again.state(idx).name()), ["accept", "conflict", "ask"]);
    assert_eq!(undone, 4);
}

#[test]
fn a_place_whose_text_changed_is_not_decided() {
    let desk = three();
    let text = |text: &'static str| move |_| Some(Arc::from(text));
    let accept = word(Verdict::Accept, "甲", "2026-01-01T00:00:01Z");
    for changed in ["大家已经到了会场。", "", "大"] {
        assert_eq!(desk.say(&accept, &[0], text(changed), |_| None), Err(Refused::Outdated(0)));
    }
    assert_eq!(desk.say(&accept, &[0], |_| None, |_| None), Err(Refused::Outdated(0)));
    assert_eq!(desk.say(&accept, &[2], text(PAGE), |_| None), Err(Refused::NoProposal(2)), "nothing is proposed");
}

#[test]
fn what_is_worth_most_comes_first_and_what_belongs_together_stays_together() {
    let mut desk = three();
    let filter = |text: &str| serde_json::from_str::<Filter>(text).unwrap();
    // A wrong date does more harm than a look-alike, but there are two of them.
    desk.items[2].confidence = 0.9;
    assert_eq!(desk.view(&Filter::default()), [2, 0, 1]);
    desk.items[2].confidence = 0.4;
    assert_eq!(desk.view(&Filter::default()), [0, 1, 2]);
    assert_eq!(desk.view(&filter(r#"{"status":"applied"}"#)), [3]);
    assert_eq!(desk.view(&filter(r#"{"pattern":"己→已","sort":"file"}"#)), [0, 1]);
    assert_eq!(desk.view(&filter(r#"{"class":"digits","status":"all","sort":"file"}"#)), [2, 3]);
    assert_eq!(desk.view(&filter(r#"{"q":"三十"}"#)), [2]);
    assert_eq!(desk.view(&filter(r#"{"min":0.45}"#)), [0, 1]);
    for nowhere in [r#"{"file":"b.txt"}"#, r#"{"rule":"core/y"}"#, r#"{"pattern":"已→己"}"#, r#"{"reviewer":"甲"}"#] {
        assert!(desk.view(&filter(nowhere)).is_empty(), "{nowhere}");
    }
    say(&mut desk, &word(Verdict::Accept, "甲", "2026-01-01T00:00:01Z"), &[0]);
    assert_eq!(desk.view(&filter(r#"{"reviewer":"甲","status":"all"}"#)), [0]);
    assert_eq!(desk.view(&filter(r#"{"status":"sample"}"#)).len(), 4);
}

#[test]
fn the_sample_estimates_with_bounds_and_the_pace_leaves_pauses_out() {
    let mut desk = three();
    let known = Known { characters: 1000, left: None };
    let before = desk.progress(known, "甲");
    assert_eq!((before.to_decide, before.applied, before.before_by_sample), (3, 1, None));
    assert!((before.before_per_10k - 40.0).abs() < 1e-9);
    for (idx, second) in [(0, 0), (1, 3), (2, 6), (3, 9)] {
        let verdict = if idx == 1 {
            Verdict::Reject
        } else if idx == 2 {
            Verdict::Ask
        } else {
            Verdict::Accept
        };
        say(&mut desk, &word(verdict, "甲", &format!("2026-01-01T00:00:{second:02}Z")), &[idx]);
    }
    say(&mut desk, &word(Verdict::Keep, "甲", "2026-01-01T01:00:00Z"), &[2]);
    say(&mut desk, &word(Verdict::Keep, "甲", "2026-01-01T01:00:06Z"), &[1]);
    say(&mut desk, &word(Verdict::Reject, "甲", "2026-01-01T01:00:12Z"), &[1]);
    let after = desk.progress(known, "甲");
    assert_eq!((after.decided, after.sampled, after.applied_decided), (3, 4, 1));
    // One of three that waited was an error, and the one repair was right.
    let by_sample = after.before_by_sample.unwrap();
    assert!((by_sample.value - 20.0).abs() < 1e-9 && by_sample.low < 20.0 && by_sample.high > 20.0, "{by_sample:?}");
    assert_eq!(after.now_by_sample.unwrap().value, 0.0);
    // Five gaps of 21 seconds in all; the hour between does not count.
    assert!((after.pace.unwrap() - 60.0 * 5.0 / 21.0).abs() < 1e-9);
    // Many at once are one more decision.
    let last = desk.book().decisions().last().unwrap().clone();
    for _ in 0..50 {
        desk.take(crate::decision::Decision { act: Some("x".to_owned()), time: "2026-01-01T01:00:13Z".to_owned(), ..last.clone() });
    }
    assert!((desk.progress(known, "甲").pace.unwrap() - 60.0 * 6.0 / 22.0).abs() < 1e-9);
    assert_eq!(after.verdicts.iter().map(|&(_, n)| n).sum::<usize>(), 4);
}

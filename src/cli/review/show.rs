//! What the browser gets to see, as JSON. Texts stay texts: the page makes no
//! markup of them.

use serde_json::{Value, json};

use super::load::Room;
use super::scan;
use crate::decision::{Decision, Finder, Verdict};
use crate::finding::{Edit, Message, Outcome};
use crate::review::{Desk, State, page as segments};
use crate::text::{LineIndex, Span, floor_boundary};

/// Characters on either side of a place in a list.
const AROUND: usize = 18;
/// The same where one finding is looked at.
const AROUND_ONE: usize = 160;
/// Characters of another place that are shown.
const OTHER_CHARS: usize = 1500;
/// Bytes of a page in one answer.
const PAGE_BYTES: usize = 60_000;
/// Bytes of a place that are sent; whoever wants more has the file.
const PLACE_BYTES: usize = 20_000;

/// The text on either side of a place.
fn around(text: &str, span: Span, n_chars: usize) -> (&str, &str) {
    let from = text[..span.start].char_indices().rev().take(n_chars).last().map_or(span.start, |(at, _)| at);
    let to = text[span.end..].char_indices().nth(n_chars).map_or(text.len(), |(at, _)| span.end + at);
    (&text[from..span.start], &text[span.end..to])
}

fn word(decision: &Decision) -> Value {
    json!({
        "verdict": decision.decision, "reviewer": decision.reviewer, "time": decision.time, "note": decision.note,
        "printed": decision.replacement, "undoes": decision.undoes.is_some(),
    })
}

/// What is known of a finding: its state, and who said so.
pub(super) fn state_of(room: &Room, idx: u32) -> Value {
    let (desk, item) = (&room.desk, &room.desk.items[idx as usize]);
    let state = desk.state(idx);
    let mut words: Vec<Value> = desk.book().words(&item.fingerprint()).map(word).collect();
    let verdict = if let State::Carried(verdict) = state { Some(verdict.name()) } else { None };
    if words.is_empty() {
        words.extend(desk.inherited(idx).iter().map(word));
    }
    json!({ "name": state.name(), "verdict": verdict, "words": words })
}

/// How many findings wait.
pub(super) fn left(room: &Room) -> usize {
    (0_u32..).zip(&room.desk.items).filter(|(idx, item)| Desk::waits(item) && room.desk.state(*idx) == State::Open).count()
}

/// What the page needs to know first.
pub(super) fn state(room: &Room, generation: u64, reviewer: &str) -> Value {
    let desk = &room.desk;
    let mut of_file = vec![0_usize; desk.files.len()];
    let mut of_rule = vec![0_usize; desk.rules.len()];
    let mut of_class = std::collections::BTreeMap::new();
    for (idx, item) in (0_u32..).zip(&desk.items) {
        let waits = usize::from(Desk::waits(item) && desk.state(idx) == State::Open);
        of_file[item.file as usize] += waits;
        of_rule[item.rule as usize] += waits;
        *of_class.entry(item.class).or_insert(0) += waits;
    }
    let counted = |names: &[String], counts: &[usize]| -> Vec<Value> {
        names.iter().zip(counts).map(|(name, n)| json!({ "name": name, "open": n })).collect()
    };
    let classes: Vec<Value> =
        of_class.iter().map(|(class, n)| json!({ "name": class.name(), "zh": class.zh(), "en": class.en(), "open": n })).collect();
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "generation": generation,
        "folder": room.texts.root().file_name().map(|name| name.to_string_lossy().into_owned()),
        "reviewer": reviewer,
        "report": room.report().display().to_string(),
        "level": room.level,
        "total": desk.items.len(),
        "left": left(room),
        "files": counted(&desk.files, &of_file),
        "rules": counted(&desk.rules, &of_rule),
        "classes": classes,
        "seen": desk.n_changes(),
    })
}

/// A finding in a list.
pub(super) fn row(room: &mut Room, idx: u32) -> Value {
    let item = room.desk.items[idx as usize].clone();
    let text = room.text(item.file).ok().filter(|text| text.get(item.span.start..item.span.end).is_some());
    let (before, after) = text.as_deref().map_or(("", ""), |text| around(text, item.span, AROUND));
    let desk = &room.desk;
    json!({
        "id": item.id(),
        "file": desk.files[item.file as usize],
        "line": item.line,
        "column": item.column,
        "rule": desk.rules[item.rule as usize],
        "class": item.class.name(),
        "observed": item.observed,
        "proposal": item.proposal,
        "has_fix": item.has_fix,
        "before": before,
        "after": after,
        "is_text": text.is_some(),
        "confidence": item.confidence,
        "safety": item.safety,
        "outcome": item.outcome,
        "pattern": desk.patterns[item.pattern as usize].0.key(),
        "state": state_of(room, idx),
    })
}

/// All there is to say about one finding.
pub(super) fn finding(room: &mut Room, idx: u32) -> Result<Value, Message> {
    let item = room.desk.items[idx as usize].clone();
    let name = room.desk.files[item.file as usize].clone();
    let line: Value = serde_json::from_str(&room.line(idx)?).map_err(|error| Message::new(error.to_string(), error.to_string()))?;
    let mut value = row(room, idx);
    let text = room.text(item.file);
    let fixes = room.fixes(idx)?;
    let alternatives: Vec<Value> = fixes.iter().map(|(fix, text)| json!({ "title": fix.title, "text": text })).collect();
    let outside: Vec<Value> = match (&text, fixes.first()) {
        (Ok(text), Some((fix, None))) => fix.edits.iter().filter_map(|edit| beyond(text, edit)).collect(),
        _ => Vec::new(),
    };
    let related = line.get("related").and_then(Value::as_array).cloned().unwrap_or_default();
    let related: Vec<Value> = related.iter().filter_map(|place| other_place(room, place, item.span, &name)).collect();
    let desk = &room.desk;
    let n_like = (0_u32..)
        .zip(&desk.items)
        .filter(|(other, one)| one.pattern == item.pattern && desk.state(*other) == State::Open && Desk::waits(one))
        .count();
    let history: Vec<Value> = desk.book().history(&item.fingerprint()).map(word).collect();
    let is_current = text.as_ref().is_ok_and(|text| {
        let observed = line.get("observed").and_then(Value::as_str);
        text.get(item.span.start..item.span.end) == observed
    });
    if let (Ok(text), true) = (&text, is_current) {
        let (before, after) = around(text, item.span, AROUND_ONE);
        value["before"] = json!(before);
        value["after"] = json!(after);
        value["observed"] = json!(cut(item.span.of(text), PLACE_BYTES));
        value["scan"] = json!(scan::place(&mut room.texts, &name, item.span));
    }
    value["proposal"] = json!(fixes.first().and_then(|(_, text)| text.as_deref()).map(|text| cut(text, PLACE_BYTES)));
    value["is_text"] = json!(is_current);
    value["message"] = line.get("message").cloned().unwrap_or_default();
    value["evidence"] = line.get("evidence").cloned().unwrap_or_default();
    value["confidence_origin"] = line.get("confidence_origin").cloned().unwrap_or_default();
    value["reason_code"] = line.get("reason_code").cloned().unwrap_or_default();
    value["alternatives"] = json!(alternatives);
    value["outside"] = json!(outside);
    value["related"] = json!(related);
    value["twins"] = json!(desk.twins(idx).len());
    value["like"] = json!(n_like);
    value["history"] = json!(history);
    Ok(value)
}

fn cut(text: &str, bytes: usize) -> &str {
    &text[..floor_boundary(text, bytes.min(text.len()))]
}

/// An edit of a fix that reaches beyond the place of its finding.
fn beyond(text: &str, edit: &Edit) -> Option<Value> {
    text.get(edit.span.start..edit.span.end)?;
    let (before, after) = around(text, edit.span, AROUND);
    let line = LineIndex::new(text).position(edit.span.start).line;
    let removed = cut(edit.span.of(text), OTHER_CHARS);
    Some(json!({ "line": line, "before": before, "removed": removed, "added": cut(&edit.replacement, OTHER_CHARS), "after": after }))
}

/// Another place that belongs to a finding; of another copy, how the two
/// differ.
fn other_place(room: &mut Room, place: &Value, own: Span, own_file: &str) -> Option<Value> {
    let file = place.get("file").and_then(Value::as_str)?.to_owned();
    let span: Span = serde_json::from_value(place.get("span")?.clone()).ok()?;
    let role = place.get("role").and_then(Value::as_str).unwrap_or_default().to_owned();
    let text = room.texts.get(&file).ok()?;
    let there = text.get(span.start..span.end)?.to_owned();
    let line = LineIndex::new(&text).position(span.start).line;
    let mut value = json!({ "file": file, "line": line, "role": role, "text": cut(&there, OTHER_CHARS) });
    if role == "other-copy" {
        let here = room.texts.get(own_file).ok()?;
        let here = here.get(own.start..own.end)?;
        value["aligned"] = json!(aligned(cut(here, OTHER_CHARS), cut(&there, OTHER_CHARS)));
    }
    Some(value)
}

/// Two readings of a passage side by side: runs of this one and that one.
fn aligned(here: &str, there: &str) -> Vec<[String; 2]> {
    let diff = similar::TextDiff::from_chars(here, there);
    let mut runs: Vec<[String; 2]> = Vec::new();
    let mut last_equal = None;
    for change in diff.iter_all_changes() {
        let is_equal = change.tag() == similar::ChangeTag::Equal;
        if last_equal != Some(is_equal) {
            runs.push(Default::default());
            last_equal = Some(is_equal);
        }
        if let Some(run) = runs.last_mut() {
            match change.tag() {
                similar::ChangeTag::Equal => run.iter_mut().for_each(|side| side.push_str(change.value())),
                similar::ChangeTag::Delete => run[0].push_str(change.value()),
                similar::ChangeTag::Insert => run[1].push_str(change.value()),
            }
        }
    }
    runs
}

/// The patterns of the findings in a view, the most frequent first.
pub(super) fn patterns(room: &Room, view: &[u32]) -> Value {
    let desk = &room.desk;
    let mut counts: std::collections::BTreeMap<u32, (usize, usize, f64, u32)> = std::collections::BTreeMap::new();
    let mut last_file = std::collections::BTreeMap::new();
    for &idx in view {
        let item = &desk.items[idx as usize];
        let (n, n_files, confidence, first) = counts.entry(item.pattern).or_insert((0, 0, 0.0, idx));
        *n += 1;
        *confidence += item.confidence;
        *n_files += usize::from(last_file.insert((item.pattern, item.file), ()).is_none());
        *first = (*first).min(idx);
    }
    let mut rows: Vec<(u32, (usize, usize, f64, u32))> = counts.into_iter().collect();
    rows.sort_by_key(|&(pattern, (n, ..))| (std::cmp::Reverse(n), pattern));
    let total = rows.len();
    let rows: Vec<Value> = rows
        .into_iter()
        .take(2000)
        .map(|(pattern, (n, n_files, confidence, first))| {
            let item = &desk.items[first as usize];
            let (from, to, rule) = match &desk.patterns[pattern as usize].0 {
                crate::review::Pattern::Change { from, to } => (Some(from), Some(to), None),
                crate::review::Pattern::Suspect { rule, observed } => (Some(observed), None, Some(rule)),
                crate::review::Pattern::Passages { rule } => (None, None, Some(rule)),
            };
            // What has no text of its own is known by what its rule says.
            let message = from.is_none().then(|| room.reasons(first).ok()?.into_iter().next()).flatten();
            json!({
                "message": message, "key": desk.patterns[pattern as usize].0.key(), "from": from, "to": to, "rule": rule.unwrap_or(&desk.rules[item.rule as usize]),
                "class": item.class.name(), "n": n, "files": n_files, "confidence": confidence / n as f64, "first": item.id(),
            })
        })
        .collect();
    json!({ "total": total, "rows": rows, "findings": view.len() })
}

/// Part of a page: the original and what becomes of it.
pub(super) fn page(room: &mut Room, file: u32, from: usize) -> Result<Value, Message> {
    let text = room.text(file)?;
    let name = room.desk.files[file as usize].clone();
    let start = floor_boundary(&text, from.min(text.len()));
    let mut end = floor_boundary(&text, (start + PAGE_BYTES).min(text.len()));
    // A window ends with a line where that is near.
    if end < text.len()
        && let Some(at) = text[start..end].rfind('\n').filter(|at| *at > PAGE_BYTES / 2)
    {
        end = start + at + 1;
    }
    let window = Span::new(start, end);
    let here: Vec<u32> = (0_u32..)
        .zip(&room.desk.items)
        .filter(|(_, item)| item.file == file && item.span.end >= start && item.span.start <= end)
        .map(|(idx, _)| idx)
        .collect();
    let (mut decided, mut applied, mut suspects) = (Vec::new(), Vec::new(), Vec::new());
    for &idx in &here {
        let item = room.desk.items[idx as usize].clone();
        if text.get(item.span.start..item.span.end).is_none() {
            continue;
        }
        let fixes = room.fixes(idx)?;
        let edits = |fix: usize| fixes.get(fix).map(|(fix, _)| fix.edits.clone()).unwrap_or_default();
        let printed =
            room.desk.book().words(&item.fingerprint()).max_by(|a, b| a.time.cmp(&b.time)).and_then(|word| word.replacement.clone());
        match room.desk.state(idx) {
            State::Settled(Verdict::Accept | Verdict::Custom) | State::Carried(Verdict::Accept | Verdict::Custom) => {
                let chosen = fixes.iter().position(|(_, text)| *text == printed);
                let edits = match (chosen, printed) {
                    (Some(fix), _) => edits(fix),
                    (None, Some(printed)) => vec![Edit { span: item.span, replacement: printed }],
                    (None, None) => edits(0),
                };
                decided.extend(edits.into_iter().map(|edit| (edit, Some(idx))));
            }
            State::Open if item.outcome == Outcome::Applied => applied.extend(edits(0).into_iter().map(|edit| (edit, Some(idx)))),
            _ if item.outcome != Outcome::Skipped => suspects.push((item.span, idx)),
            _ => {}
        }
    }
    // What somebody changed where no rule had found anything.
    let book = room.desk.book();
    let by_hand: Vec<&Decision> =
        book.places().flat_map(|place| book.words(place)).filter(|word| word.rule.is_empty() && word.decision == Verdict::Custom).collect();
    let finder = Finder::new(by_hand);
    for found in finder.find(&name, &text) {
        let printed = finder.decisions()[found.decision].replacement.clone().unwrap_or_default();
        decided.push((Edit { span: found.span, replacement: printed }, None));
    }
    decided.extend(applied);
    let segments = segments(&text, window, &decided, &suspects);
    let findings: serde_json::Map<String, Value> = here
        .iter()
        .map(|&idx| {
            let item = &room.desk.items[idx as usize];
            let about = json!({
                "id": item.id(), "class": item.class.name(), "rule": room.desk.rules[item.rule as usize], "outcome": item.outcome,
                "state": state_of(room, idx),
            });
            (idx.to_string(), about)
        })
        .collect();
    let first_line = LineIndex::new(&text).position(start).line;
    let segments = json!(segments);
    Ok(
        json!({ "file": name, "from": start, "to": end, "length": text.len(), "line": first_line, "segments": segments, "findings": findings }),
    )
}

/// How far one got, and the numbers of each file.
pub(super) fn progress(room: &Room, reviewer: &str) -> Value {
    let mut value = json!(room.desk.progress(room.known, reviewer));
    let desk = &room.desk;
    let mut files: Vec<(usize, usize)> = vec![(0, 0); desk.files.len()];
    for (idx, item) in (0_u32..).zip(&desk.items).filter(|(_, item)| Desk::waits(item)) {
        let (all, open) = &mut files[item.file as usize];
        *all += 1;
        *open += usize::from(desk.state(idx) == State::Open);
    }
    let files: Vec<Value> =
        desk.files.iter().zip(files).map(|(name, (all, open))| json!({ "file": name, "to_decide": all, "open": open })).collect();
    value["files"] = json!(files);
    value["outdated"] = json!(desk.without_finding().filter(|place| desk.book().words(place).next().is_some()).count());
    value["reviewer"] = json!(reviewer);
    value["level"] = json!(room.level);
    value
}

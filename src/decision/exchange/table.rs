use std::collections::BTreeMap;

use super::{ExchangeError, Task, checked, is_time, verdict};
use crate::decision::{Decision, SCHEMA_VERSION, Verdict};
use crate::finding::Message;

/// What a person fills in comes first.
const COLUMNS: [&str; 17] = [
    "decision",
    "printed",
    "note",
    "file",
    "line",
    "column",
    "rule",
    "class",
    "before",
    "observed",
    "after",
    "proposal",
    "confidence",
    "reviewer",
    "time",
    "finding",
    "fingerprint",
];

/// Stands for an empty text that is meant: an empty cell says nothing.
const EMPTY: &str = "∅";

/// A byte order mark, without which spreadsheets take the text for another
/// encoding.
const MARK: char = '\u{feff}';

pub(super) fn write(tasks: &[Task], delimiter: u8) -> String {
    let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
    let sink = "a vector takes everything";
    writer.write_record(COLUMNS).expect(sink);
    for task in tasks {
        let decision = &task.decision;
        let text = |text: Option<&str>| text.map(|text| if text.is_empty() { EMPTY.to_owned() } else { cell(text) }).unwrap_or_default();
        let said = |text: &str| if task.is_decided { cell(text) } else { String::new() };
        let number = |number: usize| if number == 0 { String::new() } else { number.to_string() };
        writer
            .write_record([
                said(decision.decision.name()),
                if task.is_decided { text(decision.replacement.as_deref()) } else { String::new() },
                said(decision.note.as_deref().unwrap_or_default()),
                cell(&decision.file),
                number(task.line),
                number(task.column),
                cell(&decision.rule),
                task.class.clone(),
                cell(&decision.before),
                cell(&decision.observed),
                cell(&decision.after),
                text(task.proposal.as_deref()),
                task.confidence.map(|confidence| format!("{confidence:.3}")).unwrap_or_default(),
                said(&decision.reviewer),
                said(&decision.time),
                decision.finding.clone().unwrap_or_default(),
                decision.fingerprint.clone(),
            ])
            .expect(sink);
    }
    let bytes = writer.into_inner().unwrap_or_default();
    format!("{MARK}{}", String::from_utf8(bytes).expect("rows of texts are a text"))
}

/// A spreadsheet would compute what begins so.
fn is_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '\''])
}

fn cell(text: &str) -> String {
    if is_formula(text) { format!("'{text}") } else { text.to_owned() }
}

fn uncell(cell: &str) -> String {
    let text = if cell == EMPTY { "" } else { cell.strip_prefix('\'').filter(|rest| is_formula(rest)).unwrap_or(cell) };
    text.to_owned()
}

pub(super) fn read(text: &str, delimiter: u8, reviewer: &str, time: &str) -> Result<Vec<Decision>, ExchangeError> {
    let text = text.strip_prefix(MARK).unwrap_or(text);
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(text.as_bytes());
    let headers = reader.headers().map_err(|error| broken(&error))?.clone();
    let place: BTreeMap<&str, usize> = headers.iter().enumerate().map(|(idx, name)| (name.trim(), idx)).collect();
    let needed = ["decision", "printed", "file", "rule", "before", "observed", "after", "fingerprint"];
    if let Some(missing) = needed.iter().find(|name| !place.contains_key(*name)) {
        let found = headers.iter().collect::<Vec<_>>().join(", ");
        return Err(ExchangeError {
            line: 1,
            column: 1,
            message: Message::new(
                format!("第一行里没有「{missing}」这一列（有：{found}）；请用 decisions export 导出的表填写"),
                format!("the first line has no column \"{missing}\" (it has: {found}); fill in a table of decisions export"),
            ),
        });
    }
    let mut decisions = Vec::new();
    for row in reader.records() {
        let row = row.map_err(|error| broken(&error))?;
        let line = row.position().map_or(0, |position| usize::try_from(position.line()).unwrap_or(0));
        let get = |name: &str| place.get(name).and_then(|&idx| row.get(idx)).unwrap_or_default();
        if get("decision").trim().is_empty() {
            continue;
        }
        let wrong = |column: &str, message: Message| ExchangeError { line, column: place[column] + 1, message };
        let said = verdict(get("decision")).ok_or_else(|| {
            let found = get("decision");
            wrong(
                "decision",
                Message::new(
                    format!("decision 是「{found}」；可写 accept 采纳、reject 不改、keep 原报如此、custom 另改、ask 请教、retract 收回"),
                    format!("the decision is \"{found}\"; it can be accept, reject, keep, custom, ask or retract"),
                ),
            )
        })?;
        decisions.push(checked(decision(said, reviewer, time, get)).map_err(|message| wrong("decision", message))?);
    }
    Ok(decisions)
}

fn decision<'r>(verdict: Verdict, reviewer: &str, time: &str, get: impl Fn(&str) -> &'r str) -> Decision {
    let filled = |name: &str| Some(get(name)).filter(|cell| !cell.is_empty()).map(uncell);
    let replacement = filled("printed").or_else(|| if verdict == Verdict::Custom { None } else { filled("proposal") });
    Decision {
        schema_version: SCHEMA_VERSION,
        time: filled("time").filter(|time| is_time(time)).unwrap_or_else(|| time.to_owned()),
        reviewer: filled("reviewer").unwrap_or_else(|| reviewer.to_owned()),
        finding: filled("finding"),
        fingerprint: get("fingerprint").trim().to_owned(),
        rule: uncell(get("rule")),
        observed: uncell(get("observed")),
        replacement,
        decision: verdict,
        before: uncell(get("before")),
        after: uncell(get("after")),
        file: uncell(get("file")),
        note: filled("note"),
        act: None,
        undoes: None,
    }
}

fn broken(error: &csv::Error) -> ExchangeError {
    let line = error.position().map_or(1, |position| usize::try_from(position.line()).unwrap_or(1));
    ExchangeError {
        line, column: 1, message: Message::new(format!("表格读不通：{error}"), format!("the table cannot be read: {error}"))
    }
}

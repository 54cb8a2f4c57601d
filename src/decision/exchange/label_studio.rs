use serde_json::{Value, json};

use super::{ExchangeError, Task, checked, is_time, verdict};
use crate::decision::{Decision, Verdict};
use crate::finding::Message;

/// The labeling interface the tasks are made for.
pub(super) const SETTINGS: &str = r#"<View>
  <Header value="$file"/>
  <Text name="text" value="$text"/>
  <Text name="proposal" value="$shown"/>
  <Choices name="verdict" toName="text" choice="single" required="true">
    <Choice value="accept" alias="accept" hint="采纳 / the proposal was printed"/>
    <Choice value="reject" alias="reject" hint="不改 / the text is right"/>
    <Choice value="keep" alias="keep" hint="原报如此 / printed so, the print was wrong"/>
    <Choice value="custom" alias="custom" hint="另改 / write what was printed below"/>
    <Choice value="ask" alias="ask" hint="请教 / a colleague is to look"/>
  </Choices>
  <TextArea name="printed" toName="text" placeholder="印的是什么 / what was printed" maxSubmissions="1"/>
  <TextArea name="note" toName="text" placeholder="附注 / a note" maxSubmissions="1"/>
</View>
"#;

pub(super) fn write(tasks: &[Task]) -> String {
    let tasks: Vec<Value> = tasks.iter().map(task).collect();
    let mut text = serde_json::to_string_pretty(&tasks).expect("tasks are texts and numbers");
    text.push('\n');
    text
}

fn task(task: &Task) -> Value {
    let decision = &task.decision;
    let Decision { file, before, observed, after, .. } = decision;
    let shown = match &task.proposal {
        Some(proposal) => format!("「{observed}」→「{proposal}」  {}", decision.rule),
        None => format!("「{observed}」  {}", decision.rule),
    };
    let mut key = serde_json::to_value(decision).expect("a decision is texts and numbers");
    if let (Some(key), false) = (key.as_object_mut(), task.is_decided) {
        for said in ["decision", "reviewer", "time", "note"] {
            key.remove(said);
        }
    }
    let data = json!({ "text": format!("{before}【{observed}】{after}"), "shown": shown, "file": file, "line": task.line, "class": task.class, "jiaokan": key });
    if !task.is_decided {
        return json!({ "data": data });
    }
    let mut result = vec![part("verdict", "choices", &json!({ "choices": [decision.decision.name()] }))];
    result.extend(decision.replacement.as_ref().map(|printed| part("printed", "textarea", &json!({ "text": [printed] }))));
    result.extend(decision.note.as_ref().map(|note| part("note", "textarea", &json!({ "text": [note] }))));
    let annotation = json!({ "result": result, "completed_by": { "email": decision.reviewer }, "created_at": decision.time });
    json!({ "data": data, "annotations": [annotation] })
}

fn part(name: &str, kind: &str, value: &Value) -> Value {
    json!({ "from_name": name, "to_name": "text", "type": kind, "value": value })
}

pub(super) fn read(text: &str, reviewer: &str, time: &str) -> Result<Vec<Decision>, ExchangeError> {
    let tasks: Vec<Value> = serde_json::from_str(text).map_err(|error| ExchangeError {
        line: error.line(),
        column: error.column(),
        message: Message::new(
            format!("不是 Label Studio 导出的 JSON：{error}"),
            format!("this is no JSON export of Label Studio: {error}"),
        ),
    })?;
    let mut decisions = Vec::new();
    for (idx, task) in tasks.iter().enumerate() {
        // The text is one value; its tasks are counted, for lines say nothing.
        let wrong = |message: Message| ExchangeError { line: 1, column: 1, message: at_task(idx + 1, &message) };
        let key = task.pointer("/data/jiaokan").and_then(Value::as_object).ok_or_else(|| {
            wrong(Message::new(
                "没有 data.jiaokan：只能读回 decisions export --format label-studio 写出的任务",
                "there is no data.jiaokan: only tasks of decisions export --format label-studio can be read back",
            ))
        })?;
        let annotations = task.get("annotations").and_then(Value::as_array).into_iter().flatten();
        for annotation in annotations.filter(|annotation| annotation.get("was_cancelled") != Some(&Value::Bool(true))) {
            decisions.extend(annotated(key, annotation, reviewer, time).map_err(&wrong)?);
        }
    }
    Ok(decisions)
}

fn at_task(number: usize, message: &Message) -> Message {
    Message::new(format!("第 {number} 个任务：{}", message.zh), format!("task {number}: {}", message.en))
}

/// `None` for an annotation without a verdict.
fn annotated(key: &serde_json::Map<String, Value>, annotation: &Value, reviewer: &str, time: &str) -> Result<Option<Decision>, Message> {
    let results = || annotation.get("result").and_then(Value::as_array).into_iter().flatten();
    let value = |name: &str, pointer: &str| {
        let part = results().find(|part| part.get("from_name").and_then(Value::as_str) == Some(name))?;
        part.pointer(pointer).and_then(Value::as_str).map(str::to_owned)
    };
    let Some(word) = value("verdict", "/value/choices/0") else { return Ok(None) };
    let said = verdict(&word).ok_or_else(|| {
        Message::new(format!("「{word}」不是已知的决定"), format!("\"{word}\" is no decision; the choices are those of the settings file"))
    })?;
    let email = |who: &Value| who.get("email").and_then(Value::as_str).map(str::to_owned);
    let number = |who: &Value| who.as_i64().map(|number| format!("label-studio-{number}"));
    let who = annotation.get("completed_by").and_then(|who| email(who).or_else(|| number(who)));
    let when = ["updated_at", "created_at"].iter().find_map(|name| annotation.get(*name).and_then(Value::as_str)).map(utc);
    let mut fields = key.clone();
    fields.insert("decision".to_owned(), json!(said.name()));
    fields.insert("reviewer".to_owned(), json!(who.unwrap_or_else(|| reviewer.to_owned())));
    fields.insert("time".to_owned(), json!(when.filter(|when| is_time(when)).unwrap_or_else(|| time.to_owned())));
    let printed = value("printed", "/value/text/0");
    if let Some(printed) = printed {
        fields.insert("replacement".to_owned(), json!(printed));
    } else if said == Verdict::Custom {
        fields.remove("replacement");
    }
    match value("note", "/value/text/0") {
        Some(note) => fields.insert("note".to_owned(), json!(note)),
        None => fields.remove("note"),
    };
    let decision: Decision = serde_json::from_value(Value::Object(fields))
        .map_err(|error| Message::new(format!("data.jiaokan 读不通：{error}"), format!("data.jiaokan cannot be read: {error}")))?;
    checked(decision).map(Some)
}

/// `2026-01-31T08:00:00.123456Z` to the second.
fn utc(time: &str) -> String {
    match time.split_once('.') {
        Some((seconds, rest)) if rest.ends_with('Z') => format!("{seconds}Z"),
        _ => time.to_owned(),
    }
}

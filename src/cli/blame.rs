use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::exit::{Exit, Trouble, io_message};
use super::patches;
use super::sinks::{PipeState, stdout};
use super::voice::Voice;
use crate::apply::Script;
use crate::decision::Verdict;
use crate::encoding::{Encoding, decode};
use crate::patch::{Cause, Patch};
use crate::text::{LineIndex, Span};

#[derive(Debug, clap::Args)]
pub(super) struct BlameArgs {
    /// jiaokan 写出的文本，可加行号 · A text that jiaokan wrote, with the number of a line or without
    #[arg(value_name = "FILE[:LINE]")]
    place: PathBuf,
    /// 输出一个 JSON 数组 · As one JSON array
    #[arg(long)]
    json: bool,
}

/// One change of a text.
struct Changed<'p> {
    /// In the text as it is now.
    at: Span,
    before: &'p str,
    after: &'p str,
    causes: Vec<&'p Cause>,
}

/// `jiaokan blame`: who or what changed a text, when and why.
pub(super) fn blame(args: &BlameArgs, voice: &Voice) -> Result<Exit, Trouble> {
    let (path, line) = place(&args.place)?;
    let shown = path.display().to_string();
    let bytes = fs::read(&path).map_err(|error| Trouble::io(&shown, &error))?;
    let patch = patch_of(&path, &bytes)?;
    let encoding: Option<Encoding> = patch.encoding.parse().ok();
    let text = decode(&bytes, encoding).text;
    let lines = LineIndex::new(&text);
    let n_lines = lines.position(text.len()).line;
    if let Some(line) = line.filter(|&line| line == 0 || line > n_lines) {
        return Err(Trouble::new(
            format!("{shown} 有 {n_lines} 行，没有第 {line} 行"),
            format!("{shown} has {n_lines} lines, there is no line {line}"),
        ));
    }
    let script = Script::new(patch.edits.clone()).map_err(|_| Trouble::new("修复记录已损坏", "the patch is damaged"))?;
    let changes = changes(&patch, &script, &text);
    let of_line = |change: &&Changed<'_>| {
        let (from, to) = (lines.position(change.at.start).line, lines.position(change.at.end).line);
        line.is_none_or(|line| (from..=to).contains(&line))
    };
    let changes: Vec<&Changed<'_>> = changes.iter().filter(of_line).collect();
    let mut out = stdout(&PipeState::default());
    let told = |error: std::io::Error| Trouble::io("", &error);
    if args.json {
        let all: Vec<_> = changes.iter().map(|change| as_json(change, &lines)).collect();
        writeln!(out, "{:#}", serde_json::Value::from(all)).map_err(told)?;
    } else {
        for change in &changes {
            show(change, &lines, &patch, voice, &mut *out).map_err(told)?;
        }
        if changes.is_empty() {
            let words = voice.lang.pick("没有改动：与原文相同", "nothing was changed: it reads as it was");
            writeln!(out, "{words}").map_err(told)?;
        }
    }
    out.flush().map_err(told)?;
    Ok(Exit::Done)
}

/// A path and a line. A file whose name ends in `:3` is meant when it is there.
fn place(given: &Path) -> Result<(PathBuf, Option<usize>), Trouble> {
    if given.exists() {
        return Ok((given.to_owned(), None));
    }
    let text = given.to_string_lossy();
    match text.rsplit_once(':').and_then(|(path, line)| Some((path, line.parse().ok()?))) {
        Some((path, line)) => Ok((PathBuf::from(path), Some(line))),
        None => Err(Trouble(io_message(&text, &std::io::ErrorKind::NotFound.into()))),
    }
}

fn patch_of(path: &Path, bytes: &[u8]) -> Result<Patch, Trouble> {
    let shown = path.display();
    let places = patches::places(path).map_err(|error| Trouble::io(&shown.to_string(), &error))?;
    let mut is_edited = false;
    for place in &places {
        match patches::load(place) {
            Ok(patch) if patch.made(bytes) => return Ok(patch),
            Ok(_) => is_edited = true,
            Err(error) => return Err(Trouble::io(&place.display().to_string(), &error)),
        }
    }
    Err(if is_edited {
        Trouble::new(
            format!("{shown}：写出之后又被改动，修复记录对不上；用 decisions import --corrected 记下这些改动后重新 apply"),
            format!(
                "{shown}: edited since it was written, so its patch does not fit; take the edits in with decisions import --corrected and apply again"
            ),
        )
    } else {
        Trouble::new(
            format!("{shown}：没有修复记录；blame 只看 jiaokan 写出的文本"),
            format!("{shown}: there is no patch; blame is about texts that jiaokan wrote"),
        )
    })
}

fn changes<'p>(patch: &'p Patch, script: &'p Script, text: &'p str) -> Vec<Changed<'p>> {
    let mut changes = Vec::new();
    let (mut removed, mut added) = (0, 0);
    for (idx, edit) in script.edits().iter().enumerate() {
        let start = edit.span.start + added - removed;
        let at = Span::new(start, start + edit.replacement.len());
        let before = patch.inverse.get(idx).map_or("", |inverse| inverse.edit.replacement.as_str());
        if !patch.is_note(idx) {
            changes.push(Changed { at, before, after: at.of(text), causes: patch.causes_of(idx).collect() });
        }
        removed += edit.span.len();
        added += edit.replacement.len();
    }
    changes
}

fn as_json(change: &Changed<'_>, lines: &LineIndex<'_>) -> serde_json::Value {
    let position = lines.position(change.at.start);
    json!({ "line": position.line, "column": position.column, "span": change.at, "before": change.before, "after": change.after, "causes": change.causes })
}

fn show(change: &Changed<'_>, lines: &LineIndex<'_>, patch: &Patch, voice: &Voice, out: &mut dyn Write) -> std::io::Result<()> {
    let position = lines.position(change.at.start);
    let shown = |text: &str| text.replace("\r\n", "⏎").replace('\n', "⏎");
    writeln!(out, "{}:{}  「{}」→「{}」", position.line, position.column, shown(change.before), shown(change.after))?;
    if change.causes.is_empty() {
        writeln!(out, "    {}  {}", patch.tool, voice.lang.pick("（记录里没有写明是哪条规则）", "(the patch does not say which rule)"))?;
    }
    for cause in &change.causes {
        let rule = if cause.rule.is_empty() { voice.lang.pick("手改", "by hand") } else { &cause.rule };
        let who = match (&cause.reviewer, &cause.time) {
            (Some(reviewer), time) => {
                let said = cause.decision.as_deref().and_then(|name| name.parse::<Verdict>().ok()).map(|verdict| verdict.words());
                let said = said.as_ref().map_or("", |words| voice.lang.of(words));
                format!("{reviewer}  {}  {said}", time.as_deref().unwrap_or_default())
            }
            (None, _) => format!("{}  {}", patch.tool, voice.lang.pick("自动", "unattended")),
        };
        let confidence = cause.confidence.map(|confidence| format!("  {confidence:.2}")).unwrap_or_default();
        writeln!(out, "    {who}  {rule}{confidence}")?;
        if let Some(message) = &cause.message {
            writeln!(out, "      {}", shown(voice.lang.of(message)))?;
        }
        if let Some(note) = &cause.note {
            writeln!(out, "      # {}", shown(note))?;
        }
    }
    Ok(())
}

//! `jiaokan decisions` and the log of decisions on the disk: one file a verb.

mod corrected;
mod say;
mod store;
mod tell;
mod transfer;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::Subcommand;

use super::args::Global;
use super::exit::{Exit, Trouble};
use super::sinks::{PipeState, stdout};
use super::voice::Voice;
use crate::decision::Log;

pub(super) use store::{News, Store};

#[derive(Debug, clap::Args)]
pub(crate) struct DecisionsArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// 列出决定，过时的注明 · List decisions; those that fit the texts no more are marked
    List(tell::ListArgs),
    /// 按审校人、规则、日期计数 · Count by reviewer, rule and day
    Stats(tell::StatsArgs),
    /// 导出为表格、Label Studio 任务或记录 · Export as a table, as tasks of Label Studio or as a log
    Export(transfer::ExportArgs),
    /// 读回填好的表格、标注、别处的记录，或手工改过的文本 · Take in filled tables, annotations, logs, or texts edited by hand
    Import(transfer::ImportArgs),
    /// 只留各人各处最后一句话 · Keep only the last word of each reviewer on each place
    Compact(tell::CompactArgs),
    /// 采纳 · Accept findings
    Accept(say::SayArgs),
    /// 不改 · Reject findings
    Reject(say::SayArgs),
    /// 原报如此，照录 · Printed so: keep the error of the original
    Keep(say::SayArgs),
    /// 请教别人 · Ask a colleague
    Ask(say::SayArgs),
    /// 收回自己的话 · Take back one's own word
    Retract(say::SayArgs),
}

/// `jiaokan decisions`.
pub(super) fn decisions(args: &DecisionsArgs, global: &Global, voice: &Voice) -> Result<Exit, Trouble> {
    use crate::decision::Verdict;
    let settings = super::settings::load(global, None)?;
    let voice = &voice.with_config(&settings.config);
    let mut out = stdout(&PipeState::default());
    let out = &mut *out;
    match &args.verb {
        Verb::List(list) => tell::list(list, &settings, voice, out)?,
        Verb::Stats(stats) => tell::stats(stats, voice, out)?,
        Verb::Export(export) => transfer::export(export, &settings, voice, out)?,
        Verb::Import(import) => transfer::import(import, &settings, voice)?,
        Verb::Compact(compact) => tell::compact(compact, voice)?,
        Verb::Accept(say) => say::say(say, Verdict::Accept, &settings, voice)?,
        Verb::Reject(say) => say::say(say, Verdict::Reject, &settings, voice)?,
        Verb::Keep(say) => say::say(say, Verdict::Keep, &settings, voice)?,
        Verb::Ask(say) => say::say(say, Verdict::Ask, &settings, voice)?,
        Verb::Retract(say) => say::say(say, Verdict::Retract, &settings, voice)?,
    }
    out.flush().map_err(|error| Trouble::io("", &error))?;
    Ok(Exit::Done)
}

/// Reads a log.
///
/// # Errors
/// When it cannot be read, or a line is no decision.
pub(super) fn read(path: &Path) -> Result<Log, Trouble> {
    let text = fs::read_to_string(path).map_err(|error| Trouble::io(&path.display().to_string(), &error))?;
    parse(path, &text)
}

fn parse(path: &Path, text: &str) -> Result<Log, Trouble> {
    Log::read(text).map_err(|error| {
        let (shown, line) = (path.display(), error.line);
        Trouble::new(format!("{shown}:{line}：{}", error.message.zh), format!("{shown}:{line}: {}", error.message.en))
    })
}

/// Who decides: as given, or else who is logged in.
pub(super) fn reviewer(given: Option<&str>) -> String {
    let known = |name: &str| std::env::var(name).ok().filter(|name| !name.trim().is_empty());
    given.map(str::to_owned).or_else(|| known("USER")).or_else(|| known("USERNAME")).unwrap_or_else(|| "reviewer".to_owned())
}

/// A name for one act of deciding, which no other one has.
pub(super) fn new_act() -> Result<String, Trouble> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).map_err(|error| Trouble::io("", &io::Error::other(error.to_string())))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// A time as people write it: a day means its end.
///
/// # Errors
/// When it is none.
pub(super) fn end_of(time: &str) -> Result<String, Trouble> {
    let is_like = |pattern: &str| {
        time.len() == pattern.len() && time.bytes().zip(pattern.bytes()).all(|(b, p)| if p == b'0' { b.is_ascii_digit() } else { b == p })
    };
    if is_like("0000-00-00") {
        return Ok(format!("{time}T23:59:59Z"));
    }
    if is_like("0000-00-00T00:00:00Z") {
        return Ok(time.to_owned());
    }
    Err(Trouble::new(
        format!("「{time}」不是时间；写作 2026-01-31 或 2026-01-31T08:00:00Z"),
        format!("\"{time}\" is no time; write 2026-01-31 or 2026-01-31T08:00:00Z"),
    ))
}

/// The folder of a log, which has to be there.
fn folder(folder: &Path) -> Result<PathBuf, Trouble> {
    if folder.is_dir() {
        return Ok(folder.to_owned());
    }
    let shown = folder.display();
    Err(Trouble::new(format!("{shown}：没有这个文件夹"), format!("{shown}: no such folder")))
}

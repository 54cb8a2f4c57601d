use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use clap::{Subcommand, ValueEnum};
use serde_json::json;

use super::args::Global;
use super::exit::{Exit, Trouble};
use super::packs;
use super::settings;
use super::sinks::{PipeState, stdout};
use super::voice::Voice;
use crate::detect::{self, DetectorMeta};
use crate::finding::{Message, Safety};
use crate::rules::{ExampleOutcome, ExampleReport, PackSource, Rule, RuleSet, shipped_packs};

#[derive(Debug, clap::Args)]
pub(crate) struct RulesArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// 列出全部规则 · List all rules
    List {
        /// 输出格式 · Output format
        #[arg(long, value_name = "FORMAT", default_value = "human")]
        format: ListFormat,
    },
    /// 检验规则里的例子 · Run the examples in the rules
    Test(Which),
    /// 找出可以写得更好的规则 · Find rules that should be better
    Lint(Which),
}

#[derive(Debug, clap::Args)]
struct Which {
    /// 规则包名、规则编号或规则包文件夹；不给则为全部 · Packs, rules, or folders with a pack; all when not given
    #[arg(value_name = "PACK|RULE|PATH")]
    names: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ListFormat {
    /// 供人阅读的表格 · A table for people
    Human,
    /// 一个 JSON 数组 · One JSON array
    Json,
}

/// `jiaokan rules`.
///
/// `test` ends with 1 when an example fails, `lint` when it finds something.
pub(super) fn rules(args: &RulesArgs, global: &Global, voice: &Voice) -> Result<Exit, Trouble> {
    let settings = settings::load(global, None)?;
    let voice = &voice.with_config(&settings.config);
    let mut out = stdout(&PipeState::default());
    let exit = match &args.verb {
        Verb::List { format } => list(&packs::load(&settings.pack_folders())?, *format, voice, &mut out),
        Verb::Test(which) => {
            let chosen = Chosen::new(&which.names, &settings)?;
            test(&chosen, voice, &mut out)
        }
        Verb::Lint(which) => {
            let chosen = Chosen::new(&which.names, &settings)?;
            lint(&chosen, voice, &mut out)
        }
    };
    let exit = exit.map_err(|error| Trouble::io("", &error))?;
    out.flush().map_err(|error| Trouble::io("", &error))?;
    Ok(exit)
}

/// One row of the list: a rule of a file, or a detector.
struct Row<'a> {
    id: &'a str,
    class: &'static str,
    phase: &'static str,
    kind: &'static str,
    /// `None` for a detector, which decides case by case.
    safety: Option<Safety>,
    confidence: Option<f64>,
    message: Message,
    source: String,
}

impl<'a> Row<'a> {
    fn of_rule(rule: &'a Rule) -> Self {
        let head = &rule.head;
        Self {
            id: &head.id,
            class: head.class.name(),
            phase: head.phase.name(),
            kind: head.kind,
            safety: Some(head.safety),
            confidence: Some(head.confidence),
            message: head.summary(),
            source: format!("{}:{}", head.path, head.line),
        }
    }

    fn of_detector(meta: &'static DetectorMeta) -> Self {
        Self {
            id: meta.id,
            class: meta.class.name(),
            phase: meta.phase.name(),
            kind: "detector",
            safety: None,
            confidence: None,
            message: meta.message(),
            source: String::new(),
        }
    }
}

fn list(set: &Arc<RuleSet>, format: ListFormat, voice: &Voice, out: &mut dyn Write) -> io::Result<Exit> {
    let detectors = detect::registry();
    let mut rows: Vec<Row<'_>> = detectors.iter().map(|detector| Row::of_detector(detector.meta())).collect();
    rows.extend(set.rules().iter().map(Row::of_rule));
    rows.sort_by_key(|row| row.id);
    if format == ListFormat::Json {
        let all: Vec<serde_json::Value> = rows
            .iter()
            .map(|row| {
                json!({
                    "id": row.id,
                    "class": row.class,
                    "phase": row.phase,
                    "kind": row.kind,
                    "safety": row.safety,
                    "confidence": row.confidence,
                    "message": row.message,
                    "file": row.source,
                })
            })
            .collect();
        serde_json::to_writer_pretty(&mut *out, &all)?;
        writeln!(out)?;
        return Ok(Exit::Done);
    }
    let id_width = rows.iter().map(|row| row.id.len()).max().unwrap_or(0);
    let class_width = rows.iter().map(|row| row.class.len()).max().unwrap_or(0);
    for row in &rows {
        let safety = row.safety.map_or("varies", safety_name);
        writeln!(out, "{:id_width$}  {:class_width$}  {safety:9}  {}", row.id, row.class, voice.lang.of(&row.message))?;
    }
    Ok(Exit::Done)
}

pub(super) fn safety_name(safety: Safety) -> &'static str {
    match safety {
        Safety::Automatic => "automatic",
        Safety::Suggested => "suggested",
        Safety::Flagged => "flagged",
    }
}

/// The rules that were named, and the set they stand in.
struct Chosen {
    set: Arc<RuleSet>,
    names: Vec<String>,
    /// Rule files whose path begins so.
    folders: Vec<String>,
}

impl Chosen {
    /// Folders bring their packs along; one that has the name of a shipped
    /// pack takes its place, so that a copy can be worked on.
    fn new(given: &[String], settings: &settings::Settings) -> Result<Self, Trouble> {
        let (paths, names): (Vec<&String>, Vec<&String>) = given.iter().partition(|name| Path::new(name).is_dir());
        let names: Vec<String> = names.into_iter().cloned().collect();
        let mut brought = Vec::new();
        // A folder that was given may be one of the settings too.
        let mut seen = Vec::new();
        let mut n_given = 0;
        for (idx, path) in paths.iter().map(|path| Path::new(path.as_str()).to_owned()).chain(settings.pack_folders()).enumerate() {
            let place = path.canonicalize().unwrap_or_else(|_| path.clone());
            if !seen.contains(&place) {
                brought.push(packs::read(&path)?);
                seen.push(place);
            }
            if idx < paths.len() {
                n_given = brought.len();
            }
        }
        let folders = brought.iter().take(n_given).map(|pack| format!("{}/", pack.origin.trim_end_matches('/'))).collect();
        if brought.is_empty() {
            let chosen = Self { set: RuleSet::shipped(), names, folders };
            return chosen.checked();
        }
        let taken: Vec<Option<String>> = brought.iter().map(pack_name).collect();
        let mut sources: Vec<PackSource> = shipped_packs();
        sources.retain(|pack| !taken.contains(&pack_name(pack)));
        sources.extend(brought);
        let set = RuleSet::load(&sources).map_err(|errors| packs::wrong(&errors))?;
        Self { set: Arc::new(set), names, folders }.checked()
    }

    /// Refuses names of nothing.
    fn checked(self) -> Result<Self, Trouble> {
        for name in &self.names {
            let known =
                || self.set.rules().iter().map(|rule| rule.head.id.as_str()).chain(self.set.packs().iter().map(|pack| pack.name.as_str()));
            if !known().any(|known| known == name) {
                let hint = crate::config::nearest(name, known());
                let zh = hint.map_or(String::new(), |hint| format!("，是否为「{hint}」？"));
                let en = hint.map_or(String::new(), |hint| format!("; did you mean \"{hint}\"?"));
                return Err(Trouble::new(
                    format!("没有规则、规则包或文件夹「{name}」{zh}"),
                    format!("no rule, pack or folder \"{name}\"{en}"),
                ));
            }
        }
        Ok(self)
    }

    fn holds(&self, rule: &Rule) -> bool {
        let head = &rule.head;
        (self.names.is_empty() && self.folders.is_empty())
            || self.names.iter().any(|name| *name == head.id || name == head.pack())
            || self.folders.iter().any(|folder| head.path.starts_with(folder))
    }
}

/// The name a pack gives itself, when its `pack.toml` can be read.
fn pack_name(pack: &PackSource) -> Option<String> {
    let file = pack.files.iter().find(|file| file.path.ends_with("pack.toml"))?;
    let table: toml::Table = file.text.parse().ok()?;
    table.get("name")?.as_str().map(str::to_owned)
}

fn test(chosen: &Chosen, voice: &Voice, out: &mut dyn Write) -> io::Result<Exit> {
    let reports = chosen.set.run_examples(|rule| chosen.holds(rule));
    let failed: Vec<&ExampleReport> = reports.iter().filter(|report| report.outcome != ExampleOutcome::Validated).collect();
    for report in &failed {
        writeln!(out, "{}:{}: {} {}", report.path, report.line, report.outcome.name(), report.rule)?;
        let lines = [("原文", "text", &report.text), ("应得", "expected", &report.expected), ("实得", "got", &report.got)];
        for (zh, en, text) in lines {
            writeln!(out, "  {}: {text}", voice.lang.pick(zh, en))?;
        }
    }
    let (n_ok, n_failed) = (reports.len() - failed.len(), failed.len());
    let total = Message::new(format!("{n_ok} 个例子通过，{n_failed} 个不符"), format!("{n_ok} examples validated, {n_failed} failed"));
    writeln!(out, "{}", voice.lang.of(&total))?;
    Ok(if failed.is_empty() { Exit::Done } else { Exit::Left })
}

fn lint(chosen: &Chosen, voice: &Voice, out: &mut dyn Write) -> io::Result<Exit> {
    let lints = chosen.set.lint(|rule| chosen.holds(rule));
    for lint in &lints {
        writeln!(out, "{}:{}: {}: {}", lint.path, lint.line, lint.rule, voice.lang.of(&lint.kind.message()))?;
    }
    let n = lints.len();
    let total = Message::new(format!("{n} 处可以改进"), format!("{n} things to improve"));
    writeln!(out, "{}", voice.lang.of(&total))?;
    Ok(if lints.is_empty() { Exit::Done } else { Exit::Left })
}

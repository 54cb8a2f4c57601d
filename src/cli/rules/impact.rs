use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use clap::ValueEnum;
use rayon::prelude::*;

use super::super::decisions;
use super::super::engine;
use super::super::exit::{Exit, Trouble};
use super::super::models::Models;
use super::super::packs;
use super::super::rule_cache;
use super::super::settings::Settings;
use super::super::voice::Voice;
use super::super::write::{self, Mode};
use super::chosen::Chosen;
use super::measure;
use super::texts::{self, Text};
use crate::authoring::{Impact, Judgement, Known, Place, Sample};
use crate::config::Config;
use crate::detect::RunEvidence;
use crate::eval::gains;
use crate::finding::{Edit, Message, Outcome, Safety};
use crate::pipeline::Engine;
use crate::report::Lang;
use crate::rules::{PackSource, SourceFile};
use crate::text::LineIndex;

/// Characters of the line shown on either side of a place.
const CONTEXT_CHARS: usize = 16;

#[derive(Debug, clap::Args)]
pub(super) struct ImpactArgs {
    /// 规则编号、规则包名或规则包文件夹 · Rules, packs, or folders with a pack
    #[arg(value_name = "RULE|PACK|PATH", required = true)]
    names: Vec<String>,
    /// 在哪些文本上看 · The texts to look at
    #[arg(long, value_name = "DIR")]
    pub(super) on: PathBuf,
    /// 这些文本的正确文本，可给多个 · Their true texts; of several the nearest counts
    #[arg(long, value_name = "DIR", num_args = 1..)]
    truth: Vec<PathBuf>,
    /// 审校决定的记录 · A log of decisions, as truth where there is none
    #[arg(long, value_name = "FILE")]
    decisions: Option<PathBuf>,
    /// 与另一版比：规则包文件夹，或 git 版本 · Compare with another version: a pack's folder, or a git revision
    #[arg(long, value_name = "DIR|REV")]
    against: Option<String>,
    /// 连同其余全部规则和检测器一起运行（慢） · Run all other rules and detectors as well (slow)
    #[arg(long)]
    with_all: bool,
    /// 随机抽看几处 · Places drawn at random
    #[arg(long, value_name = "N", default_value_t = 10)]
    sample: usize,
    /// 抽样的种子 · Another number draws others
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// 输出格式 · Output format
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    format: ImpactFormat,
    /// 写入文件 · Write to this file
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// 把结果记入规则包的 measured.toml · Record the result in measured.toml of the pack
    #[arg(long)]
    record: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ImpactFormat {
    /// 供人阅读 · For people
    Human,
    /// JSON
    Json,
    /// 网页 · A page
    Html,
}

pub(super) fn impact(args: &ImpactArgs, settings: &Settings, voice: &Voice, out: &mut dyn Write) -> Result<Exit, Trouble> {
    let chosen = Chosen::new(&args.names, settings)?;
    let texts = texts::with_truth(&args.on, &args.truth, settings)?;
    let known = match &args.decisions {
        Some(path) => Known::new(decisions::read(path)?.settled()),
        None => Known::default(),
    };
    let ids: Vec<String> = chosen.set.rules().iter().filter(|rule| chosen.holds(rule)).map(|rule| rule.head.id.clone()).collect();
    let models = Models::load(settings, voice)?;
    let runner = Runner { config: &settings.config, models: &models, known: &known, with_all: args.with_all };
    let after = runner.places(&chosen.sources, &ids, &texts, true)?;
    let before = match &args.against {
        Some(version) => {
            let sources = other_version(version, &chosen)?;
            let set = rule_cache::load(&sources).map_err(|errors| packs::wrong(&errors))?;
            let old: Vec<String> = set.rules().iter().filter(|rule| chosen.holds_pack_of(rule)).map(|rule| rule.head.id.clone()).collect();
            runner.places(&sources, &old, &texts, true)?
        }
        None if args.with_all => runner.places(&chosen.sources, &ids, &texts, false)?,
        None => Vec::new(),
    };
    let n_chars = texts.iter().map(|text| text.text.chars().filter(|c| !c.is_whitespace()).count()).sum();
    let sample = Sample { size: args.sample, seed: args.seed };
    let impact = Impact::between(&before, &after, &ids, texts.len(), n_chars, sample);
    let shown = args.on.display();
    let on = Message::new(
        format!("{shown}（{} 个文件，{n_chars} 字）", texts.len()),
        format!("{shown} ({} files, {n_chars} characters)", texts.len()),
    );
    let rendered = match args.format {
        ImpactFormat::Human => human(&impact, &on, voice),
        ImpactFormat::Json => serde_json::to_string_pretty(&impact).expect("counts and texts") + "\n",
        ImpactFormat::Html => impact.html(&args.names.join(" "), &on, voice.lang == Lang::Zh),
    };
    match &args.out {
        Some(path) => {
            write::atomically(path, rendered.as_bytes(), &Mode::New).map_err(Trouble)?;
            let path = path.display();
            voice.note(&Message::new(format!("写入 {path}"), format!("wrote {path}")));
        }
        None => out.write_all(rendered.as_bytes()).map_err(|error| Trouble::io("", &error))?,
    }
    if args.record {
        measure::record(&impact, &chosen, &on.en, voice)?;
    }
    Ok(Exit::Done)
}

/// Runs rules over texts.
pub(super) struct Runner<'a> {
    pub(super) config: &'a Config,
    pub(super) models: &'a Models,
    pub(super) known: &'a Known,
    /// Together with everything else.
    pub(super) with_all: bool,
}

impl Runner<'_> {
    /// Every place at which one of the rules `ids` edits or shows something,
    /// as if they were active and asked for; `on` false: everything but them.
    pub(super) fn places(&self, sources: &[PackSource], ids: &[String], texts: &[Text], on: bool) -> Result<Vec<Place>, Trouble> {
        let mut set = rule_cache::load(sources).map_err(|errors| packs::wrong(&errors))?;
        set.activate(ids);
        let set = Arc::new(set);
        let mut config = self.config.clone();
        config.level = Safety::Suggested;
        config.min_confidence = 0.0;
        config.drop_cross_file = false;
        if self.with_all {
            if !on {
                config.ignore.extend(ids.iter().cloned());
            }
        } else {
            config.select = ids.to_vec();
            config.ignore.clear();
            if ids.is_empty() {
                return Ok(Vec::new());
            }
        }
        let mut engine = engine::build(&config, &set, self.models)?;
        if !self.with_all {
            engine.detectors = set.detectors();
            engine.policy.level = Safety::Flagged;
        }
        let places: Vec<Vec<Place>> = texts.par_iter().map(|text| self.places_in(&engine, text, ids)).collect();
        Ok(places.into_iter().flatten().collect())
    }

    fn places_in(&self, engine: &Engine, text: &Text, ids: &[String]) -> Vec<Place> {
        let run = engine.run(&text.text, &text.untouchable, &RunEvidence::default());
        let lines = LineIndex::new(&text.text);
        let (mut places, mut changes) = (Vec::new(), Vec::new());
        for judged in &run.findings {
            let finding = &judged.finding;
            let fix = finding.fixes.first().filter(|fix| !fix.edits.is_empty());
            let counts = match judged.verdict.outcome {
                Outcome::Applied => true,
                // What a rule only shows counts for that rule.
                _ => fix.is_none() && ids.contains(&finding.rule),
            };
            if !counts {
                continue;
            }
            let span = fix.and_then(|fix| fix.hull()).map_or(finding.span, |hull| hull.hull(finding.span));
            let mut fixed = fix.map(|_| String::new());
            if let (Some(fix), Some(fixed)) = (fix, &mut fixed) {
                let mut at = span.start;
                for edit in &fix.edits {
                    *fixed += &text.text[at..edit.span.start];
                    *fixed += &edit.replacement;
                    at = edit.span.end;
                }
                *fixed += &text.text[at..span.end];
                changes.push((places.len(), fix.edits.clone()));
            }
            let position = lines.position(span.start);
            let (before, after) = line_beside(&text.text, span.start, span.end);
            places.push(Place {
                file: text.name.clone(),
                at: span.start,
                line: position.line,
                column: position.column,
                rule: finding.rule.clone(),
                observed: span.of(&text.text).to_owned(),
                fixed,
                before,
                after,
                judgement: Judgement::Unknown,
            });
        }
        judge(&mut places, &changes, text, self.known);
        places
    }
}

/// Judges by the truth, the nearest of several, else by decisions.
fn judge(places: &mut [Place], changes: &[(usize, Vec<Edit>)], text: &Text, known: &Known) {
    if text.truths.is_empty() {
        for (place_idx, _) in changes {
            places[*place_idx].judgement = known.judge(&places[*place_idx]);
        }
        return;
    }
    // An edit is as good as the truth that likes it best: several truths are
    // accepted variants of one page.
    let mut best: Vec<Option<isize>> = vec![None; changes.len()];
    for truth in &text.truths {
        for (best, gain) in best.iter_mut().zip(gains(&text.text, truth, changes.iter().map(|(_, edits)| edits.as_slice()))) {
            *best = Some(best.map_or(gain, |so_far| so_far.max(gain)));
        }
    }
    for ((place_idx, _), gain) in changes.iter().zip(best) {
        let place = &mut places[*place_idx];
        if !only_spaces(&place.observed, place.fixed.as_deref().unwrap_or_default()) {
            place.judgement = gain.map_or(Judgement::Unknown, Judgement::of_gain);
        }
    }
}

/// True when two texts differ in spaces alone, which no comparison with the
/// truth counts. Line breaks are counted.
fn only_spaces(a: &str, b: &str) -> bool {
    let counted = |text: &str| text.chars().filter(|c| !c.is_whitespace() || *c == '\n').collect::<String>();
    counted(a) == counted(b)
}

/// The nearest characters on the same line.
fn line_beside(text: &str, start: usize, end: usize) -> (String, String) {
    let is_break = |c: &char| matches!(c, '\n' | '\r');
    let mut before: Vec<char> = text[..start].chars().rev().take_while(|c| !is_break(c)).take(CONTEXT_CHARS).collect();
    before.reverse();
    (before.into_iter().collect(), text[end..].chars().take_while(|c| !is_break(c)).take(CONTEXT_CHARS).collect())
}

/// The packs with another version of those that were named: a folder, or what
/// their folders held at a revision of git.
fn other_version(version: &str, chosen: &Chosen) -> Result<Vec<PackSource>, Trouble> {
    if Path::new(version).is_dir() {
        let other = packs::read(Path::new(version))?;
        let name = packs::pack_name(&other);
        let mut sources = chosen.sources.clone();
        sources.retain(|source| packs::pack_name(source) != name);
        sources.push(other);
        return Ok(sources);
    }
    let mut sources = chosen.sources.clone();
    let mut n_found = 0;
    for source in sources.iter_mut().filter(|source| Path::new(&source.origin).is_dir()) {
        let is_named = chosen.folders.iter().any(|folder| source.origin.trim_end_matches('/') == folder.trim_end_matches('/'))
            || chosen.names.iter().any(|name| packs::pack_name(source).is_some_and(|pack| name.split('/').next() == Some(&pack)));
        if is_named {
            *source = at_revision(version, &source.origin)?;
            n_found += 1;
        }
    }
    if n_found == 0 {
        return Err(Trouble::new(
            format!("「{version}」不是文件夹，所给的规则也不在文件夹里，没有版本可比"),
            format!("\"{version}\" is no folder, and the rules that were named lie in none, so there is no version to compare with"),
        ));
    }
    Ok(sources)
}

fn at_revision(revision: &str, folder: &str) -> Result<PackSource, Trouble> {
    let git = |args: &[&str]| {
        let failed = |why: String| {
            Trouble::new(
                format!("git 读不到 {folder} 的版本「{revision}」：{why}"),
                format!("git cannot read revision \"{revision}\" of {folder}: {why}"),
            )
        };
        let output = Command::new("git").arg("-C").arg(folder).args(args).output().map_err(|error| failed(error.to_string()))?;
        if !output.status.success() {
            return Err(failed(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
        }
        String::from_utf8(output.stdout).map_err(|error| failed(error.to_string()))
    };
    // A revision that looks like an option is none.
    let names = git(&["ls-tree", "--name-only", "-z", "--end-of-options", revision, "./"])?;
    let mut files = Vec::new();
    for name in names.split('\0').filter(|name| name.ends_with(".toml") || name.ends_with(".txt")) {
        let text = git(&["show", "--end-of-options", &format!("{revision}:./{name}")])?;
        files.push(SourceFile { path: format!("{folder}/{name}"), text });
    }
    Ok(PackSource { origin: folder.to_owned(), files })
}

fn human(impact: &Impact, on: &Message, voice: &Voice) -> String {
    let lang = voice.lang;
    let mut out = String::new();
    let mut line = |zh: String, en: String| {
        out += lang.pick(&zh, &en);
        out.push('\n');
    };
    let share = |share: Option<f64>| share.map_or_else(|| "–".to_owned(), |share| format!("{:.1} %", 100.0 * share));
    line(on.zh.clone(), on.en.clone());
    let (new, rate, files) = (impact.new, impact.new_per_10k(), impact.files_changed);
    line(
        format!("新增 {} 处（每万字 {rate:.2}），{files} 个文件有变化", new.total()),
        format!("{} new ({rate:.2} per 10,000 characters), {files} files change", new.total()),
    );
    let judged = |counts: crate::authoring::Counts| {
        let precision = share(counts.precision());
        (
            format!(
                "  改对 {}，改错 {}，错换错 {}，不知 {}；准确率 {precision}",
                counts.right, counts.wrong, counts.neither, counts.unjudged
            ),
            format!(
                "  {} right, {} wrong, {} another error, {} unknown; precision {precision}",
                counts.right, counts.wrong, counts.neither, counts.unjudged
            ),
        )
    };
    let (zh, en) = judged(new);
    line(zh, en);
    if impact.vanished.total() > 0 {
        let n = impact.vanished.total();
        line(format!("不再作的改动 {n} 处"), format!("{n} edits no longer made"));
        let (zh, en) = judged(impact.vanished);
        line(zh, en);
    }
    for (id, counts) in &impact.rules {
        let (n, right, wrong, precision) = (counts.total(), counts.right, counts.wrong + counts.neither, share(counts.precision()));
        line(
            format!("{id}：{n} 处，对 {right}，错 {wrong}，准确率 {precision}"),
            format!("{id}: {n}, {right} right, {wrong} wrong, precision {precision}"),
        );
    }
    for (groups, zh, en) in [
        (&impact.new_groups, "新增，按改法", "new, by pattern"),
        (&impact.vanished_groups, "不再作的，按改法", "no longer made, by pattern"),
    ] {
        if groups.is_empty() {
            continue;
        }
        line(format!("\n{zh}"), format!("\n{en}"));
        for group in groups.iter().take(40) {
            let fixed = group.fixed.as_ref().map_or_else(String::new, |fixed| format!(" → {fixed}"));
            let wrong = group.counts.wrong + group.counts.neither;
            let wrong_zh = if wrong > 0 { format!("，错 {wrong}") } else { String::new() };
            let wrong_en = if wrong > 0 { format!(", {wrong} wrong") } else { String::new() };
            let n = group.counts.total();
            line(format!("{n:6}  {}{fixed}{wrong_zh}", group.observed), format!("{n:6}  {}{fixed}{wrong_en}", group.observed));
        }
    }
    if !impact.sample.is_empty() {
        line("\n随机抽看".to_owned(), "\na random sample".to_owned());
        for place in &impact.sample {
            let fixed =
                place.fixed.as_deref().map_or_else(|| format!("[{}]", place.observed), |fixed| format!("[{}→{fixed}]", place.observed));
            let mark = match place.judgement {
                Judgement::Right => "✓",
                Judgement::Wrong | Judgement::Neither => "✗",
                Judgement::Unknown => "·",
            };
            let text = format!("  {mark} {}:{}:{}  {}{fixed}{}", place.file, place.line, place.column, place.before, place.after);
            line(text.clone(), text);
        }
    }
    if !impact.silent.is_empty() {
        let n = impact.silent.len();
        line(format!("\n{n} 条规则一次也没有命中"), format!("\n{n} rules never fired"));
        if n <= 20 {
            impact.silent.iter().for_each(|id| line(format!("  {id}"), format!("  {id}")));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_are_judged_by_nobody() {
        assert!(only_spaces("示 ，", "示，"));
        assert!(!only_spaces("示\n，", "示，"));
        assert!(!only_spaces("木报", "本报"));
    }
}

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::super::exit::Trouble;
use super::super::review::texts::{self, Texts};
use super::super::settings::Settings;
use super::super::voice::Voice;
use super::Store;
use crate::decision::{Book, Decision, Finder, How, Standing, Verdict};
use crate::finding::Message;
use crate::text::LineIndex;

/// Which decisions are meant; what is not said does not restrict.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct Which {
    /// 只要这条规则或规则包的 · Of this rule or pack
    #[arg(long, value_name = "RULE|PACK")]
    rule: Option<String>,
    /// 只要这个文件的 · About this file
    #[arg(long, value_name = "FILE")]
    file: Option<String>,
    /// 只要此人的 · Of this reviewer
    #[arg(long, value_name = "NAME")]
    reviewer: Option<String>,
    /// 只要这一种 · Of this kind
    #[arg(long, value_name = "VERDICT", value_parser = Verdict::ALL.map(Verdict::name))]
    verdict: Option<String>,
    /// 此时之后的（UTC，可只写日期） · After this time in UTC, or day
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// 此时之前的 · Before this time
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
}

impl Which {
    pub(super) fn has(&self, decision: &Decision) -> bool {
        let of_rule = |rule: &str| decision.rule == rule || decision.rule.strip_prefix(rule).is_some_and(|rest| rest.starts_with('/'));
        self.rule.as_deref().is_none_or(of_rule)
            && self.file.as_ref().is_none_or(|file| *file == decision.file)
            && self.reviewer.as_ref().is_none_or(|reviewer| *reviewer == decision.reviewer)
            && self.verdict.as_ref().is_none_or(|verdict| verdict == decision.decision.name())
            && self.since.as_ref().is_none_or(|since| decision.time.as_str() >= since.as_str())
            && self.until.as_ref().is_none_or(|until| decision.time.as_str() <= until.as_str())
    }
}

#[derive(Debug, clap::Args)]
pub(super) struct ListArgs {
    /// 文本所在的文件夹 · The folder of the texts
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    #[command(flatten)]
    which: Which,
    /// 只列过时的：文本里已找不到 · Only those that fit the texts no more
    #[arg(long)]
    outdated: bool,
    /// 只列各人说法不一的 · Only places on which reviewers disagree
    #[arg(long, conflicts_with = "outdated")]
    conflicts: bool,
    /// 输出格式 · Output format
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    format: ListFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ListFormat {
    /// 供人阅读 · For people
    Human,
    /// 记录里的各行 · Lines of the log
    Jsonl,
}

#[derive(Debug, clap::Args)]
pub(super) struct StatsArgs {
    /// 文本所在的文件夹 · The folder of the texts
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// 输出一个 JSON 对象 · As one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct CompactArgs {
    /// 文本所在的文件夹 · The folder of the texts
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

/// Where a decision stands in the texts.
#[derive(Clone, Debug)]
pub(super) enum Place {
    /// There, as `file:line:column`.
    At(String, How),
    /// Nowhere by now.
    Gone,
}

/// Where decisions stand in the texts of a folder: of several places, the
/// first one.
pub(super) fn places(folder: &Path, decisions: &[&Decision], settings: &Settings) -> Result<Vec<Place>, Trouble> {
    let mut places = vec![Place::Gone; decisions.len()];
    if decisions.is_empty() {
        return Ok(places);
    }
    let finder = Finder::new(decisions.to_vec());
    let mut texts = Texts::new(folder, settings.config.encoding)?;
    for name in texts::names(folder, settings)? {
        let Ok(text) = texts.get(&name) else { continue };
        let found = finder.find(&name, &text);
        if found.is_empty() {
            continue;
        }
        let lines = LineIndex::new(&text);
        for one in found {
            let position = lines.position(one.span.start);
            let is_better = matches!(&places[one.decision], Place::Gone)
                || matches!(&places[one.decision], Place::At(_, How::Near) if one.how == How::Exact)
                // The file it was made in goes before another one.
                || (decisions[one.decision].file == name && !matches!(&places[one.decision], Place::At(at, _) if at.starts_with(&name)));
            if is_better {
                places[one.decision] = Place::At(format!("{name}:{}:{}", position.line, position.column), one.how);
            }
        }
    }
    Ok(places)
}

pub(super) fn list(args: &ListArgs, settings: &Settings, voice: &Voice, out: &mut dyn Write) -> Result<(), Trouble> {
    let told = |error: std::io::Error| Trouble::io("", &error);
    let folder = super::folder(&args.folder)?;
    let book = Book::from(Store::of(&folder).read()?);
    // What was taken back is history; it is listed when asked for.
    let asked_for_retractions = args.which.verdict.as_deref() == Some(Verdict::Retract.name());
    let last: BTreeSet<*const Decision> = book.places().flat_map(|place| book.words(place)).map(std::ptr::from_ref).collect();
    let is_meant = |decision: &&Decision| {
        (asked_for_retractions || last.contains(&std::ptr::from_ref(*decision)))
            && args.which.has(decision)
            && (!args.conflicts || matches!(book.standing(&decision.fingerprint), Standing::Conflict(_)))
    };
    let decisions: Vec<&Decision> = book.decisions().iter().filter(is_meant).collect();
    let places = places(&folder, &decisions, settings)?;
    let mut n = 0;
    for (decision, place) in decisions.iter().zip(&places) {
        if args.outdated && !matches!(place, Place::Gone) {
            continue;
        }
        n += 1;
        match args.format {
            ListFormat::Jsonl => out.write_all(decision.line().as_bytes()),
            ListFormat::Human => writeln!(out, "{}", line(decision, place, &book, voice)),
        }
        .map_err(told)?;
    }
    let torn = Store::of(&folder).read()?.torn;
    if torn {
        voice.note(&Message::new(
            "记录的最后一行没有写完，已略过；下次写入时会清掉",
            "the last line of the log was cut short and is passed over; the next writing removes it",
        ));
    }
    voice.note(&Message::new(format!("{n} 条决定"), format!("{n} decisions")));
    Ok(())
}

fn line(decision: &Decision, place: &Place, book: &Book, voice: &Voice) -> String {
    let change = match (&decision.decision, &decision.replacement) {
        (Verdict::Accept | Verdict::Custom, Some(printed)) => format!("「{}」→「{printed}」", decision.observed),
        _ => format!("「{}」", decision.observed),
    };
    let change = change.replace('\n', "⏎").replace('\r', "");
    let at = match place {
        Place::At(at, How::Exact) => at.clone(),
        Place::At(at, How::Near) => format!("{at}  {}", voice.lang.pick("（上下文已不同）", "(its surroundings changed)")),
        Place::Gone => format!("{}  {}", decision.file, voice.lang.pick("（过时：文本里已找不到）", "(outdated: no longer in the texts)")),
    };
    let conflict = matches!(book.standing(&decision.fingerprint), Standing::Conflict(_));
    let conflict = if conflict { voice.lang.pick("  ！说法不一", "  ! reviewers disagree") } else { "" };
    let note = decision.note.as_ref().map(|note| format!("  # {}", note.replace('\n', " "))).unwrap_or_default();
    let words = decision.decision.words();
    let (time, who, rule) = (&decision.time, &decision.reviewer, &decision.rule);
    let rule = if rule.is_empty() { voice.lang.pick("手改", "by hand") } else { rule };
    format!("{time}  {who}  {}  {change}  {rule}  {at}{conflict}{note}", voice.lang.of(&words))
}

pub(super) fn stats(args: &StatsArgs, voice: &Voice, out: &mut dyn Write) -> Result<(), Trouble> {
    let told = |error: std::io::Error| Trouble::io("", &error);
    let book = Book::from(Store::of(&super::folder(&args.folder)?).read()?);
    let mut conflicts = 0;
    let mut tables: [BTreeMap<String, BTreeMap<&str, usize>>; 3] = Default::default();
    for place in book.places() {
        conflicts += usize::from(matches!(book.standing(place), Standing::Conflict(_)));
        for word in book.words(place) {
            let day = word.time.get(..10).unwrap_or(&word.time).to_owned();
            for (table, key) in tables.iter_mut().zip([word.reviewer.clone(), word.rule.clone(), day]) {
                *table.entry(key).or_default().entry(word.decision.name()).or_default() += 1;
            }
        }
    }
    let [reviewers, rules, days] = &tables;
    if args.json {
        let value = serde_json::json!({
            "lines": book.decisions().len(), "places": book.places().count(), "conflicts": conflicts,
            "reviewers": reviewers, "rules": rules, "days": days,
        });
        return writeln!(out, "{value:#}").map_err(told);
    }
    let titles = [("审校人", "reviewer"), ("规则", "rule"), ("日期", "day")];
    for ((zh, en), table) in titles.iter().zip(&tables) {
        writeln!(out, "{}", voice.lang.pick(zh, en)).map_err(told)?;
        for (key, counts) in table {
            let counts: Vec<String> = counts
                .iter()
                .filter_map(|(name, n)| name.parse::<Verdict>().ok().map(|verdict| format!("{} {n}", voice.lang.of(&verdict.words()))))
                .collect();
            let key = if key.is_empty() { voice.lang.pick("手改", "by hand") } else { key };
            writeln!(out, "  {key}  {}", counts.join(voice.lang.pick("，", ", "))).map_err(told)?;
        }
    }
    let (n, places) = (book.decisions().len(), book.places().count());
    let words = Message::new(
        format!("{n} 行记录，{places} 处，其中 {conflicts} 处说法不一"),
        format!("{n} lines about {places} places; on {conflicts} of them reviewers disagree"),
    );
    writeln!(out, "{}", voice.lang.of(&words)).map_err(told)
}

pub(super) fn compact(args: &CompactArgs, voice: &Voice) -> Result<(), Trouble> {
    let mut counts = (0, 0);
    Store::of(&super::folder(&args.folder)?).rewrite(|log| {
        let book = Book::from(log);
        let mut last: Vec<&Decision> = book.places().flat_map(|place| book.words(place)).collect();
        last.sort_by(|a, b| a.time.cmp(&b.time).then_with(|| a.line().cmp(&b.line())));
        counts = (book.decisions().len(), last.len());
        last.into_iter().map(Decision::line).collect()
    })?;
    let (before, after) = counts;
    voice.note(&Message::new(format!("{before} 行变为 {after} 行"), format!("{before} lines became {after}")));
    Ok(())
}

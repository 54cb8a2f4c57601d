use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::super::clock;
use super::super::exit::Trouble;
use super::super::review::load::{Room, report_of};
use super::super::settings::Settings;
use super::super::voice::Voice;
use super::super::write::{self, Mode};
use super::{Store, corrected};
use crate::decision::{Decision, ExchangeFormat, Task, Verdict, export as written, import as read, label_studio_settings};
use crate::finding::Message;
use crate::review::{Desk, Filter, Order, Wanted};

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum TransferFormat {
    /// 逗号分隔的表格 · Comma-separated values
    Csv,
    /// 制表符分隔的表格 · Tab-separated values
    Tsv,
    /// Label Studio 的任务 · Tasks of Label Studio
    LabelStudio,
    /// Label Studio 的标注界面 · The labeling interface for these tasks
    LabelStudioSettings,
    /// 决定的记录 · A log of decisions
    Jsonl,
}

impl TransferFormat {
    fn exchange(self) -> Option<ExchangeFormat> {
        match self {
            Self::Csv => Some(ExchangeFormat::Csv),
            Self::Tsv => Some(ExchangeFormat::Tsv),
            Self::LabelStudio => Some(ExchangeFormat::LabelStudio),
            Self::Jsonl => Some(ExchangeFormat::Jsonl),
            Self::LabelStudioSettings => None,
        }
    }

    /// What the name of a file says.
    fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "csv" => Some(Self::Csv),
            "tsv" => Some(Self::Tsv),
            "json" => Some(Self::LabelStudio),
            "jsonl" => Some(Self::Jsonl),
            _ => None,
        }
    }
}

#[derive(Debug, clap::Args)]
pub(super) struct ExportArgs {
    /// 文本所在的文件夹 · The folder of the texts
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// 格式 · Format
    #[arg(long, value_name = "FORMAT")]
    format: TransferFormat,
    /// 未决的也导出，供别人填写 · The undecided findings as well, for others to fill in
    #[arg(long)]
    open: bool,
    /// 报告所在的文件夹，默认 DIR/.jiaokan/report 或 DIR/report · The folder of the report
    #[arg(long, value_name = "DIR")]
    report: Option<PathBuf>,
    /// 写到这个文件，默认标准输出 · The file to write; standard output when not given
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(super) struct ImportArgs {
    /// 文本所在的文件夹 · The folder of the texts
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// 填好的表格、标注或记录 · A filled table, annotations or a log
    #[arg(value_name = "FILE", required_unless_present = "corrected")]
    file: Option<PathBuf>,
    /// 格式，默认看扩展名 · Its format; the extension says it when not given
    #[arg(long, value_name = "FORMAT", requires = "file")]
    format: Option<TransferFormat>,
    /// 手工改过的文本：与原文或 jiaokan 写出的文本不同之处成为决定
    /// · Texts edited by hand: where they differ from what was written, that was decided
    #[arg(long, value_name = "DIR", conflicts_with = "file")]
    corrected: Option<PathBuf>,
    /// 报告所在的文件夹 · The folder of the report
    #[arg(long, value_name = "DIR")]
    report: Option<PathBuf>,
    /// 没有写明是谁的，算在此人名下 · Who decided, where the file does not say
    #[arg(long, value_name = "NAME")]
    reviewer: Option<String>,
}

pub(super) fn export(args: &ExportArgs, settings: &Settings, voice: &Voice, out: &mut dyn Write) -> Result<(), Trouble> {
    let folder = super::folder(&args.folder)?;
    let (text, n) = match args.format.exchange() {
        None => (label_studio_settings().to_owned(), None),
        Some(format) => {
            let tasks = tasks(args, &folder, settings)?;
            (written(&tasks, format), Some(tasks.len()))
        }
    };
    match &args.output {
        Some(path) => write::atomically(path, text.as_bytes(), &Mode::New).map_err(Trouble)?,
        None => out.write_all(text.as_bytes()).map_err(|error| Trouble::io("", &error))?,
    }
    if let Some(n) = n {
        voice.note(&Message::new(format!("导出 {n} 行"), format!("{n} rows")));
    }
    Ok(())
}

fn tasks(args: &ExportArgs, folder: &Path, settings: &Settings) -> Result<Vec<Task>, Trouble> {
    let mut tasks = match report_of(folder, args.report.as_deref())? {
        Some(report) => from_report(&mut Room::open(folder, &report, settings.config.encoding)?, args.open)?,
        None if args.open => {
            let shown = folder.display();
            return Err(Trouble::new(
                format!("没有 {shown} 的报告，不知道有哪些未决；先运行 jiaokan check {shown} --report {shown}/.jiaokan/report"),
                format!(
                    "there is no report on {shown} to say what is undecided; run jiaokan check {shown} --report {shown}/.jiaokan/report"
                ),
            ));
        }
        None => Vec::new(),
    };
    // Decisions that no finding of the report has.
    let told: BTreeSet<String> = tasks.iter().filter(|task| task.is_decided).map(|task| task.decision.line()).collect();
    let book = crate::decision::Book::from(Store::of(folder).read()?);
    for place in book.places() {
        for word in book.words(place).filter(|word| !told.contains(&word.line())) {
            tasks.push(Task {
                decision: word.clone(),
                is_decided: true,
                line: 0,
                column: 0,
                class: String::new(),
                confidence: None,
                proposal: None,
            });
        }
    }
    Ok(tasks)
}

/// The findings of a report, decided ones and others.
fn from_report(room: &mut Room, with_open: bool) -> Result<Vec<Task>, Trouble> {
    let all = room.desk.view(&Filter { status: Wanted::All, sort: Order::File, ..Filter::default() });
    let mut tasks = Vec::new();
    for idx in all {
        let item = room.desk.items[idx as usize].clone();
        let words: Vec<Decision> = room.desk.book().words(&item.fingerprint()).cloned().collect();
        let waits = Desk::waits(&item);
        if words.is_empty() && !(with_open && waits) {
            continue;
        }
        let proposal = room.fixes(idx).map_err(Trouble)?.into_iter().next().and_then(|(_, text)| text);
        let task = |decision: Decision, is_decided: bool| Task {
            decision,
            is_decided,
            line: item.line as usize,
            column: item.column as usize,
            class: item.class.name().to_owned(),
            confidence: Some(item.confidence),
            proposal: proposal.clone(),
        };
        if words.is_empty() {
            let file = room.desk.files[item.file as usize].clone();
            let text = room.texts.get(&file).map_err(Trouble)?;
            if text.get(item.span.start..item.span.end).is_none() {
                continue;
            }
            let mut blank = Decision::about(&text, item.span, &room.desk.rules[item.rule as usize], Verdict::Ask).in_file(&file);
            blank.finding = Some(item.id());
            blank.replacement.clone_from(&proposal);
            tasks.push(task(blank, false));
        } else {
            tasks.extend(words.into_iter().map(|word| task(word, true)));
        }
    }
    Ok(tasks)
}

pub(super) fn import(args: &ImportArgs, settings: &Settings, voice: &Voice) -> Result<(), Trouble> {
    let folder = super::folder(&args.folder)?;
    let (who, time) = (super::reviewer(args.reviewer.as_deref()), clock::now());
    let mut decisions = match (&args.file, &args.corrected) {
        (Some(file), _) => from_file(file, args.format, &who, &time)?,
        (None, Some(edited)) => corrected::decisions(&folder, edited, args.report.as_deref(), settings, voice, &who, &time)?,
        (None, None) => Vec::new(),
    };
    let store = Store::of(&folder);
    let known: BTreeSet<String> = Store::of(&folder).read()?.decisions.iter().map(said).collect();
    let n_all = decisions.len();
    decisions.retain(|decision| !known.contains(&said(decision)));
    let act = super::new_act()?;
    decisions.iter_mut().filter(|decision| decision.act.is_none()).for_each(|decision| decision.act = Some(act.clone()));
    store.append(&decisions)?;
    let (n, n_known) = (decisions.len(), n_all - decisions.len());
    voice.note(&Message::new(
        format!("读入 {n} 条决定，另有 {n_known} 条已有"),
        format!("{n} decisions taken in, {n_known} were there already"),
    ));
    Ok(())
}

/// What is the same when a decision comes back from elsewhere.
fn said(decision: &Decision) -> String {
    Decision { act: None, undoes: None, finding: None, ..decision.clone() }.line()
}

fn from_file(path: &Path, format: Option<TransferFormat>, who: &str, time: &str) -> Result<Vec<Decision>, Trouble> {
    let shown = path.display();
    let format = format.or_else(|| TransferFormat::of(path)).and_then(TransferFormat::exchange).ok_or_else(|| {
        Trouble::new(
            format!("{shown}：看不出是什么格式；请用 --format csv、tsv、label-studio 或 jsonl 说明"),
            format!("{shown}: the extension says no format; give --format csv, tsv, label-studio or jsonl"),
        )
    })?;
    let text = fs::read_to_string(path).map_err(|error| Trouble::io(&shown.to_string(), &error))?;
    read(&text, format, who, time).map_err(|error| {
        let (line, column, message) = (error.line, error.column, error.message);
        Trouble::new(format!("{shown}:{line}:{column}：{}", message.zh), format!("{shown}:{line}:{column}: {}", message.en))
    })
}

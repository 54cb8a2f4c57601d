//! What a collection suffers from.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use super::args::{Global, RunArgs};
use super::exit::{Exit, Trouble};
use super::run;
use super::sinks::{self, PipeState};
use super::voice::Voice;
use super::write::{self, Mode};
use crate::report::stats::{Collection, NotOfAReport};

/// Where the pages of a report lie in its folder, and its findings.
const FILES: [&str; 2] = ["pages.jsonl", "findings.jsonl"];

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum StatsFormat {
    /// 表格 · Tables
    #[default]
    Table,
    /// 一个 JSON 对象 · One JSON object
    Json,
}

#[derive(Debug, clap::Args)]
pub(super) struct StatsArgs {
    /// 报告文件夹（--report 写出的），或文本所在的文件夹：先检查一遍 · Folder of a report (of --report), or of texts, which are checked first
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// 输出格式 · Output format
    #[arg(long, value_name = "FORMAT", value_enum, default_value = "table")]
    format: StatsFormat,
    /// 另把带图的网页写入此文件 · Write a page with plots to this file as well
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

/// `jiaokan stats`.
pub(super) fn stats(args: &StatsArgs, global: &Global, voice: &Voice) -> Result<Exit, Trouble> {
    fs::metadata(&args.folder).map_err(|error| Trouble::io(&args.folder.display().to_string(), &error))?;
    let report = |folder: &Path| FILES.iter().all(|name| folder.join(name).is_file());
    let collection = if report(&args.folder) {
        read(&args.folder)?
    } else {
        let checked = tempfile::tempdir().map_err(|error| Trouble::io("", &error))?;
        let run = RunArgs { paths: vec![args.folder.clone()], ..RunArgs::default() };
        let quiet = Global { quiet: true, ..global.clone() };
        run::check_for_review(&run, checked.path(), &quiet, &Voice::new(&quiet))?;
        read(checked.path())?
    };
    if let Some(file) = &args.html {
        write::atomically(file, collection.html(voice.lang).as_bytes(), &Mode::New).map_err(Trouble)?;
    }
    let told = match args.format {
        StatsFormat::Table => collection.table(voice.lang),
        StatsFormat::Json => format!("{:#}\n", collection.json()),
    };
    let mut out = sinks::stdout(&PipeState::default());
    out.write_all(told.as_bytes()).and_then(|()| out.flush()).map_err(|error| Trouble::io("", &error))?;
    Ok(Exit::Done)
}

fn read(folder: &Path) -> Result<Collection, Trouble> {
    let mut collection = Collection::default();
    each(&folder.join(FILES[0]), |line| collection.page(line))?;
    each(&folder.join(FILES[1]), |line| collection.finding(line))?;
    Ok(collection)
}

fn each(path: &Path, mut take: impl FnMut(&str) -> Result<(), NotOfAReport>) -> Result<(), Trouble> {
    let shown = path.display().to_string();
    let told = |error: &io::Error| Trouble::io(&shown, error);
    let file = File::open(path).map_err(|error| told(&error))?;
    for (idx, line) in BufReader::new(file).lines().enumerate() {
        take(&line.map_err(|error| told(&error))?).map_err(|error| {
            let place = format!("{shown}:{}", idx + 1);
            Trouble::new(
                format!("{place}：不是报告中的一行（{error}）；请重新写出报告"),
                format!("{place}: this is no line of a report ({error}); write the report again"),
            )
        })?;
    }
    Ok(())
}

//! `jiaokan channel`: what an OCR engine does to printed characters.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use clap::Subcommand;

use super::args::Global;
use super::eval::pairs::{self, Pair};
use super::exit::{Exit, Trouble};
use super::settings;
use super::voice::Voice;
use super::walk::{Input, shown};
use super::write::{self, Mode};
use crate::config::{Config, Origin, Value};
use crate::encoding::decode;
use crate::eval::HabitLearner;
use crate::finding::Message;
use crate::model::channel::{Glyphs, Habits};
use crate::report::Failure;

/// Pages that something must be seen on to be a habit.
pub(super) const MIN_PAGES: u64 = 2;

/// Times that a character without a habit must be printed to be counted.
pub(super) const MIN_PRINTED: u64 = 20;

#[derive(Debug, clap::Args)]
pub(crate) struct ChannelArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// 从成对的识别文本与正确文本学习引擎的习惯
    /// · Learn an engine's habits from its texts and the true texts
    Learn(LearnArgs),
}

#[derive(Debug, clap::Args)]
struct LearnArgs {
    /// OCR 文本所在的文件夹 · Folder with the texts as the engine gave them
    #[arg(long, value_name = "DIR")]
    input: PathBuf,
    /// 正确文本所在的文件夹；可给多个，取最接近者 · Folder with the true texts; of several the nearest counts, file by file
    #[arg(long, value_name = "DIR", required = true, num_args = 1..)]
    truth: Vec<PathBuf>,
    /// 写出的习惯表 · The table of habits to write
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// 只学这些文件（相对路径，不计扩展名），可重复 · Only these files, by relative path without extension; may be repeated
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    only: Vec<String>,
    /// 不学这些文件，可重复 · Leave out these files; may be repeated
    #[arg(long, value_name = "NAME", value_delimiter = ',', conflicts_with = "only")]
    except: Vec<String>,
    /// 并入这份先前学到的习惯表，可重复 · Add the habits of this table as well; may be repeated
    #[arg(long, value_name = "FILE")]
    merge: Vec<PathBuf>,
    /// 少于这么多页上出现的不算习惯 · What is seen on fewer pages is no habit
    #[arg(long, value_name = "N", default_value_t = MIN_PAGES)]
    min_pages: u64,
    /// 没有习惯、印得又比这少的字不记次数 · Do not count characters without a habit that were printed fewer times
    #[arg(long, value_name = "N", default_value_t = MIN_PRINTED)]
    min_printed: u64,
    /// 输入编码，默认 auto · Encoding of all texts; decided file by file when not given
    #[arg(long, value_name = "NAME")]
    encoding: Option<String>,
}

/// `jiaokan channel`.
///
/// `learn` ends with 2 when a file could not be read; nothing is written then.
pub(super) fn channel(args: &ChannelArgs, global: &Global, voice: &Voice) -> Result<Exit, Trouble> {
    let mut config = settings::load(global, None)?.config;
    let voice = &voice.with_config(&config);
    match &args.verb {
        Verb::Learn(learn) => {
            if let Some(name) = &learn.encoding {
                config.set("input.encoding", &Value::Text(name.clone()), Origin::CommandLine).map_err(|problem| {
                    let Message { zh, en } = problem.message();
                    Trouble::new(format!("--encoding：{zh}"), format!("--encoding: {en}"))
                })?;
            }
            learned(learn, &config, voice)
        }
    }
}

fn learned(args: &LearnArgs, config: &Config, voice: &Voice) -> Result<Exit, Trouble> {
    let pairing = pairs::pair(&args.input, &args.truth, None, config)?;
    for note in &pairing.notes {
        voice.note(note);
    }
    let chosen = chosen(args, pairing.pairs)?;
    let earlier: Vec<Habits> = args.merge.iter().map(|path| load(path)).collect::<Result<_, _>>()?;
    let mut learner = HabitLearner::new();
    for pair in &chosen {
        let read = text(&pair.input, config).map_err(told)?;
        let truths = pair.truths.iter().map(|truth| text(truth, config)).collect::<Result<Vec<String>, Failure>>().map_err(told)?;
        learner.add_page(&read, &truths.iter().map(String::as_str).collect::<Vec<&str>>());
    }
    let mut habits = learner.finish(Glyphs::embedded());
    for earlier in &earlier {
        habits.merge(earlier);
    }
    let habits = habits.pruned(args.min_pages, args.min_printed, Glyphs::embedded());
    write::atomically(&args.output, habits.to_tsv(&[]).as_bytes(), &Mode::New).map_err(Trouble)?;
    let (n_pages, n_habits, output) = (habits.pages, habits.tallies.len(), shown(&args.output));
    voice.note(&Message::new(
        format!("从 {n_pages} 页学到 {n_habits} 种习惯，已写入 {output}"),
        format!("{n_habits} habits of {n_pages} pages are in {output}"),
    ));
    Ok(Exit::Done)
}

/// The pairs that `--only` and `--except` leave.
fn chosen(args: &LearnArgs, pairs: Vec<Pair>) -> Result<Vec<Pair>, Trouble> {
    let known: BTreeSet<&str> = pairs.iter().map(|pair| pair.key.as_str()).collect();
    for (option, names) in [("--only", &args.only), ("--except", &args.except)] {
        if let Some(name) = names.iter().find(|name| !known.contains(name.as_str())) {
            let known: Vec<&str> = known.iter().copied().take(3).collect();
            let known = known.join(", ");
            return Err(Trouble::new(
                format!("{option}：没有「{name}」这一对文件；名字是相对路径，不带扩展名，例如 {known}"),
                format!("{option}: there is no pair 「{name}」; names are relative paths without extension, such as {known}"),
            ));
        }
    }
    let named = |names: &[String], pair: &Pair| names.contains(&pair.key);
    let keep = |pair: &Pair| (args.only.is_empty() || named(&args.only, pair)) && !named(&args.except, pair);
    let chosen: Vec<Pair> = pairs.into_iter().filter(keep).collect();
    if chosen.is_empty() {
        return Err(Trouble::new("--except 排除了全部文件，没有可学的", "--except leaves no file to learn from"));
    }
    Ok(chosen)
}

/// Reads a table of habits.
///
/// # Errors
/// When it cannot be read; the error says where and what to do.
pub(super) fn load(path: &Path) -> Result<Habits, Trouble> {
    let place = shown(path);
    let bytes = fs::read(path).map_err(|error| Trouble::io(&place, &error))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let line = error.as_bytes()[..error.utf8_error().valid_up_to()].iter().filter(|&&byte| byte == b'\n').count() + 1;
        Trouble::new(
            format!("{place}:{line}:1：不是 UTF-8；习惯表须是 UTF-8，请用 jiaokan channel learn 重新生成"),
            format!("{place}:{line}:1: not UTF-8, which a table of habits must be; make it again with jiaokan channel learn"),
        )
    })?;
    Habits::load(&place, &text).map_err(|error| Trouble(error.full_message()))
}

/// The text of one side of a pair.
pub(super) fn text(input: &Input, config: &Config) -> Result<String, Failure> {
    let bytes = input.bytes().map_err(|message| Failure { path: input.given.clone(), position: None, message })?;
    Ok(decode(&bytes, config.encoding).text)
}

/// A failure that ends the program: habits of half the pages are not what was
/// asked for.
pub(super) fn told(failure: Failure) -> Trouble {
    let Message { zh, en } = failure.message;
    Trouble::new(format!("{}：{zh}", failure.path), format!("{}: {en}", failure.path))
}

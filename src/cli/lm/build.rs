use std::fs::File;
use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::super::exit::{Exit, Trouble};
use super::super::voice::Voice;
use super::text::Text;
use crate::model::lm::build::{Bins, Census, Counter, Scratch, Taken};
use crate::model::lm::{Info, MAX_SYMBOLS, Source};

#[derive(Debug, clap::Args)]
pub(super) struct BuildArgs {
    /// 文本，一段一行：.txt、.jsonl，可为 .gz、.zst；FILE=0.3 只取三成 · Texts, a paragraph a line; FILE=0.3 takes a part
    #[arg(long, value_name = "FILE[=SHARE]", required = true, num_args = 1..)]
    text: Vec<String>,
    /// 模型文件 · The model to write
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// 阶数：连同被预测的字共几个字 · Length of the longest n-grams
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u8).range(2..=6))]
    order: u8,
    /// 模型大小，以百万字节计；不给则不裁剪 · Size of the model in million bytes; not pruned when not given
    #[arg(long, value_name = "MB")]
    size: Option<f64>,
    /// 出现不足此数的字作未登录字 · Characters that occur less often are unknown
    #[arg(long, value_name = "N", default_value_t = 5)]
    min_char: u64,
    /// 各阶的最低出现次数 · Occurrences an n-gram needs, by length
    #[arg(long, value_name = "N,N…", value_delimiter = ',', default_values_t = [1, 1, 2, 3, 3, 3])]
    min_count: Vec<u32>,
    /// 最多几个不同的字 · Most symbols
    #[arg(long, value_name = "N", default_value_t = MAX_SYMBOLS, value_parser = symbols)]
    max_symbols: usize,
    /// .jsonl 中正文的字段 · The field of .jsonl files with the text
    #[arg(long, value_name = "NAME", default_value = "text")]
    field: String,
    /// 计数所用内存，超出的放临时文件 · Memory for counting; temporary files hold the rest
    #[arg(long, value_name = "MB", default_value_t = 1024)]
    memory: usize,
    /// 概率分几级 · Steps of probabilities
    #[arg(long, value_name = "N", default_value_t = Bins::default().surprise, value_parser = bins)]
    bins: usize,
}

fn symbols(given: &str) -> Result<usize, String> {
    given.parse().ok().filter(|n| (3..=MAX_SYMBOLS).contains(n)).ok_or_else(|| format!("3..={MAX_SYMBOLS}"))
}

fn bins(given: &str) -> Result<usize, String> {
    given.parse().ok().filter(|n| (2..=256).contains(n)).ok_or_else(|| "2..=256".to_owned())
}

/// Temporary files of the system.
#[derive(Clone, Copy)]
struct TemporaryFiles;

impl Scratch for TemporaryFiles {
    type File = File;
    fn make(&mut self) -> io::Result<File> {
        tempfile::tempfile()
    }
}

/// `jiaokan lm build`.
pub(super) fn build(args: &BuildArgs, voice: &Voice) -> Result<Exit, Trouble> {
    let texts = args.text.iter().map(|given| Text::parse(given)).collect::<Result<Vec<Text>, Trouble>>()?;
    let bar = bar(&texts, voice);
    let (census, sources) = census(args, &texts, &bar)?;
    let alphabet = census.alphabet(args.min_char, args.max_symbols);
    if alphabet.n_symbols() == 2 {
        return Err(Trouble::new(
            format!("文本中没有出现 {} 次以上的字；请多给些文本，或降低 --min-char", args.min_char),
            format!("no character occurs {} times; give more text, or a lower --min-char", args.min_char),
        ));
    }
    let memory = args.memory.saturating_mul(1_000_000);
    let mut counter = Counter::new(alphabet, usize::from(args.order), memory, TemporaryFiles);
    let temporary = |error: io::Error| Trouble::io(voice.lang.pick("临时文件", "a temporary file"), &error);
    for text in &texts {
        text.each_paragraph(&args.field, &bar, |paragraph| counter.add(paragraph, text.share).map_err(temporary))?;
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    let counts = counter.finish(&args.min_count).map_err(temporary)?;
    let info = Info {
        made_by: format!("jiaokan {}", env!("CARGO_PKG_VERSION")),
        command: command(args, &texts),
        sources,
        n_duplicates: census.n_duplicates(),
        ..Info::default()
    };
    let bytes = counts.model(info, args.size.map(|size| (size * 1e6) as usize), Bins { surprise: args.bins, ..Bins::default() });
    bar.finish_and_clear();
    super::write(&args.output, &bytes, voice)
}

/// A bar on a terminal: every text is read twice.
fn bar(texts: &[Text], voice: &Voice) -> ProgressBar {
    let wanted = !voice.quiet && io::stderr().is_terminal();
    let target = if wanted { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let bar = ProgressBar::with_draw_target(Some(2 * texts.iter().map(Text::len).sum::<u64>()), target);
    bar.with_style(
        ProgressStyle::with_template("{spinner} {bar:40} {bytes}/{total_bytes} {elapsed}").expect("a template that a test has seen"),
    )
}

fn census(args: &BuildArgs, texts: &[Text], bar: &ProgressBar) -> Result<(Census, Vec<Source>), Trouble> {
    let mut census = Census::default();
    let mut sources = Vec::new();
    for text in texts {
        let mut source = Source { name: text.name(), share: text.share, ..Source::default() };
        text.each_paragraph(&args.field, bar, |paragraph| {
            if let Taken::Counted { n_chars } = census.add(paragraph, text.share) {
                source.n_paragraphs += 1;
                source.n_chars += n_chars;
            }
            Ok(())
        })?;
        sources.push(source);
    }
    Ok((census, sources))
}

/// The command as it can be repeated, without folders.
fn command(args: &BuildArgs, texts: &[Text]) -> String {
    let list = args.min_count.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
    let mut words = vec!["jiaokan lm build".to_owned(), format!("--order {} --min-char {} --min-count {list}", args.order, args.min_char)];
    words.extend(args.size.map(|size| format!("--size {size}")));
    if args.max_symbols != MAX_SYMBOLS {
        words.push(format!("--max-symbols {}", args.max_symbols));
    }
    if args.bins != Bins::default().surprise {
        words.push(format!("--bins {}", args.bins));
    }
    if args.field != "text" {
        words.push(format!("--field {}", args.field));
    }
    words.push("--text".to_owned());
    words.extend(texts.iter().map(|text| if text.share < 1.0 { format!("{}={}", text.name(), text.share) } else { text.name() }));
    words.join(" ")
}

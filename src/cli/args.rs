use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

/// 修复报纸扫描文本：断栏、丢字、重复段落、可疑字符
/// · Repairs the text of scanned Chinese newspapers
#[derive(Debug, Parser)]
#[command(name = "jiaokan", version, max_term_width = 100, subcommand_required = true, arg_required_else_help = true)]
#[command(after_help = "退出码：0 没有遗留，1 尚有遗留，2 出错\nExit codes: 0 nothing is left to do, 1 something is, 2 an error")]
pub struct Args {
    #[command(subcommand)]
    pub(super) command: Command,
    #[command(flatten)]
    pub(super) global: Global,
}

/// Options of every verb.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "通用 General")]
pub(super) struct Global {
    /// 设置文件，默认自当前文件夹逐级向上找 jiaokan.toml · Settings; found by walking up when not given
    #[arg(long, value_name = "FILE", global = true)]
    pub(super) config: Option<PathBuf>,
    /// 提示信息的语言，默认按系统区域设置 · Language of messages; the locale decides when not given
    #[arg(long, value_name = "LANG", global = true)]
    pub(super) lang: Option<LangArg>,
    /// 何时着色 · When to color
    #[arg(long, value_name = "WHEN", default_value = "auto", global = true)]
    pub(super) color: ColorArg,
    /// 少说 · Say less
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(super) quiet: bool,
    /// 多说，可重复 · Say more; may be repeated
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    pub(super) verbose: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum LangArg {
    /// 中文
    Zh,
    /// English
    En,
}

/// What a file with boxes is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Conversion {
    /// 全文，按阅读顺序 · The text, in reading order
    Txt,
    /// 每段一条记录，附坐标与出处 · A record for each paragraph, with its boxes and sources
    Jsonl,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum ColorArg {
    /// 在终端上着色，NO_COLOR 除外 · On a terminal, unless NO_COLOR is set
    #[default]
    Auto,
    /// 总是 · Always
    Always,
    /// 从不 · Never
    Never,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// 报告问题，不改任何文件 · Report what is found; change nothing
    Check(CheckArgs),
    /// 写出修复后的文本 · Write corrected text
    Fix(FixArgs),
    /// 以统一差异格式显示修复 · Show the corrections as a unified diff
    Diff(DiffArgs),
    /// 从修复记录恢复原文 · Restore the original text from its patch
    Undo(UndoArgs),
    /// 在浏览器里审校 · Review what was found, in the browser
    Review(super::review::ReviewArgs),
    /// 按审校决定写出成稿 · Write the texts with everything that was decided
    Apply(Box<super::apply::ApplyArgs>),
    /// 一处文字是谁、何时、因何改的 · Who or what changed a text, when and why
    Blame(super::blame::BlameArgs),
    /// 管理审校决定 · List, import, export and make decisions
    Decisions(super::decisions::DecisionsArgs),
    /// 在当前文件夹写一份带说明的 jiaokan.toml · Write a commented jiaokan.toml here
    Init,
    /// 查看生效的设置 · Look at the settings in effect
    Config(ConfigArgs),
    /// 对照正确文本计算各项指标 · Compare with true texts: error rates, edits, joins, duplicates
    Eval(super::eval::EvalArgs),
    /// 学习识别引擎的误认习惯 · Learn how an OCR engine errs
    Channel(super::channel::ChannelArgs),
    /// 用自己校对过的版面校准字符修复 · Measure on pages of one's own how far character repairs are to be trusted
    Calibrate(super::calibrate::CalibrateArgs),
    /// 训练、查看、衡量语言模型 · Make, show and measure language models
    Lm(super::lm::LmArgs),
    /// 一批文献有哪些毛病：类别、误认、最差的页、历年变化 · What a collection suffers from: damage, confusions, worst pages, trends over years
    Stats(super::stats::StatsArgs),
    /// 列出、检验规则 · List and test rules
    Rules(super::rules::RulesArgs),
    /// 说明一条规则或一处发现 · Explain a rule or a finding
    Explain(super::explain::ExplainArgs),
    /// 编辑器的语言服务：规则文件与报纸文本 · A language server for editors, over standard input and output
    Lsp,
    /// 输出命令行补全脚本 · Print a completion script
    Completions {
        /// 哪种 shell · For which shell
        shell: Shell,
    },
}

#[derive(Debug, clap::Args)]
pub(super) struct CheckArgs {
    #[command(flatten)]
    pub(super) run: RunArgs,
    /// 输出格式，默认 human · Output format; human when not given
    #[arg(long, value_name = "FORMAT", value_parser = formats())]
    pub(super) format: Option<String>,
    /// 把报告写入此文件夹 · Write a report to this folder
    #[arg(long, value_name = "DIR")]
    pub(super) report: Option<PathBuf>,
    /// 有发现也以 0 退出（出错仍为 2） · Exit with 0 whatever is found (errors: 2)
    #[arg(long)]
    pub(super) exit_zero: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct FixArgs {
    #[command(flatten)]
    pub(super) run: RunArgs,
    /// 修复后的文本写入此文件夹，保持相对路径 · Write corrected texts below this folder
    #[arg(long, value_name = "DIR", help_heading = "输出 Output")]
    pub(super) out_dir: Option<PathBuf>,
    /// 把版面文件写成文本：txt 全文，jsonl 每段一条记录（默认保持原格式） · Write files with boxes as text: txt, or jsonl with a record for each paragraph; in their own format when not given
    #[arg(long, value_name = "FORMAT", value_enum, help_heading = "输出 Output")]
    pub(super) to: Option<Conversion>,
    #[command(flatten)]
    pub(super) articles: ArticlesArgs,
    /// 就地改写输入文件 · Change the input files in place
    #[arg(long, conflicts_with = "out_dir", help_heading = "输出 Output")]
    pub(super) write: bool,
    /// 就地改写前把原文件留作 NAME.orig · Keep the original as NAME.orig
    #[arg(long, requires = "write", help_heading = "输出 Output")]
    pub(super) backup: bool,
    /// 只演示，不写文本和修复记录 · Write neither texts nor patches
    #[arg(long, help_heading = "输出 Output")]
    pub(super) dry_run: bool,
    /// 接着上一次（被中断的）运行做：未变的文件不再重做，结果与从头运行相同 · Go on where an earlier run with the same output folder ended; unchanged files are not done again, the result is the same
    #[arg(long, requires = "out_dir", conflicts_with = "dry_run", help_heading = "输出 Output")]
    pub(super) resume: bool,
    /// 输出格式，默认只报总数 · Output format; only totals when not given
    #[arg(long, value_name = "FORMAT", value_parser = formats(), help_heading = "输出 Output")]
    pub(super) format: Option<String>,
    /// 把报告写入此文件夹 · Write a report to this folder
    #[arg(long, value_name = "DIR", help_heading = "输出 Output")]
    pub(super) report: Option<PathBuf>,
    /// 有遗留也以 0 退出（出错仍为 2） · Exit with 0 whatever is left (errors: 2)
    #[arg(long, help_heading = "输出 Output")]
    pub(super) exit_zero: bool,
}

/// Articles besides texts.
#[derive(Debug, clap::Args)]
pub(super) struct ArticlesArgs {
    /// 把各版拆成文章、接上转版，每篇一条记录写入此文件（.jsonl 或 .parquet） · Write the articles of all pages to this file (.jsonl or .parquet), a record for each, jumps between pages stitched
    #[arg(long, value_name = "FILE", help_heading = "输出 Output")]
    pub(super) articles: Option<PathBuf>,
    /// 不属于任何文章的行（报头、版次等）连同缘由写入此文件 · Write the lines that belong to no article to this file, with the reason
    #[arg(long, value_name = "FILE", requires = "articles", help_heading = "输出 Output")]
    pub(super) rejects: Option<PathBuf>,
    /// 从文件路径读出期次与版次的正则，含命名组 date（或 year、month、day）、page、issue，可重复 · A regular expression that reads day and page from a path, with the groups date (or year, month, day), page, issue; may be repeated
    #[arg(long, value_name = "REGEX", requires = "articles", help_heading = "输出 Output")]
    pub(super) page_pattern: Vec<String>,
}

#[derive(Debug, clap::Args)]
pub(super) struct DiffArgs {
    #[command(flatten)]
    pub(super) run: RunArgs,
    /// 有差异也以 0 退出（出错仍为 2） · Exit with 0 whatever differs (errors: 2)
    #[arg(long)]
    pub(super) exit_zero: bool,
}

/// What is read and what is applied: the same for `check`, `fix` and `diff`.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct RunArgs {
    /// 文件或文件夹；- 为标准输入 · Files or folders; - is standard input
    #[arg(value_name = "PATH", required = true)]
    pub(super) paths: Vec<PathBuf>,
    /// 从标准输入读入时用的文件名 · Name of the text on standard input
    #[arg(long, value_name = "NAME", help_heading = "输入 Input")]
    pub(super) stdin_filename: Option<String>,
    /// 输入格式，默认按内容判定 · Format of the input; told by its content when not given
    #[arg(long, value_name = "FORMAT", value_parser = ["auto", "txt", "hocr", "alto", "page", "json"], help_heading = "输入 Input")]
    pub(super) input_format: Option<String>,
    /// 记录文件（.jsonl、.ndjson、.parquet）中正文所在的列 · The column with the text in files of records (.jsonl, .ndjson, .parquet)
    #[arg(long, value_name = "NAME", help_heading = "输入 Input")]
    pub(super) text_column: Option<String>,
    /// 不读的文件和文件夹，写法同 .gitignore，可重复 · What to leave out, as in .gitignore; may be repeated
    #[arg(long, value_name = "GLOB", help_heading = "输入 Input")]
    pub(super) exclude: Vec<String>,
    /// 输入编码，默认 auto · Encoding of the input: auto, utf-8, gb18030, gbk, gb2312, big5, utf-16le, utf-16be
    #[arg(long, value_name = "NAME", help_heading = "输入 Input")]
    pub(super) encoding: Option<String>,
    /// 旁证取自本文件（file）还是全部文件（run） · Evidence from the file alone, or from all files of the run
    #[arg(long, value_name = "SCOPE", value_parser = ["file", "run"], help_heading = "输入 Input")]
    pub(super) context: Option<String>,
    /// 删去与别的文件重复的段落（须 --context run） · Remove passages that stand in another file as well
    #[arg(long, help_heading = "输入 Input")]
    pub(super) drop_cross_file: bool,
    /// 应用到哪一级，默认 automatic · What is applied: automatic fixes, or suggested ones as well
    #[arg(long, value_name = "LEVEL", value_parser = ["automatic", "suggested"], help_heading = "规则 Rules")]
    pub(super) level: Option<String>,
    /// 把握低于此值（0 至 1）的修复保留待审 · Hold fixes below this confidence (0 to 1)
    #[arg(long, value_name = "X", help_heading = "规则 Rules")]
    pub(super) min_confidence: Option<f64>,
    /// 只用这些规则或规则包，可重复 · Only these rules or packs; may be repeated
    #[arg(long, value_name = "RULE|PACK", value_delimiter = ',', help_heading = "规则 Rules")]
    pub(super) select: Vec<String>,
    /// 不用这些规则或规则包，可重复 · Leave out these rules or packs; may be repeated
    #[arg(long, value_name = "RULE|PACK", value_delimiter = ',', help_heading = "规则 Rules")]
    pub(super) ignore: Vec<String>,
    /// 繁简转换器 · Simplified/traditional converter
    #[arg(long, value_name = "NAME", value_parser = ["ferrous", "opencc"], help_heading = "规则 Rules")]
    pub(super) converter: Option<String>,
    /// 保留印刷时的换行 · Keep printed lines
    #[arg(long, help_heading = "规则 Rules")]
    pub(super) keep_lines: bool,
    /// 转版提示：留、删、移出正文记入报告 · Jump lines: keep, drop, or drop and list their fields
    #[arg(long, value_name = "HOW", value_parser = ["keep", "drop", "metadata"], help_heading = "规则 Rules")]
    pub(super) jump_lines: Option<String>,
    /// 报头、版次、责编等版面附件，取值同上 · Page furniture: the same values
    #[arg(long, value_name = "HOW", value_parser = ["keep", "drop", "metadata"], help_heading = "规则 Rules")]
    pub(super) furniture: Option<String>,
    /// 并行数，默认为处理器核数 · Files at a time; one for each core when not given
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(super) jobs: Option<u16>,
    #[command(flatten)]
    pub(super) models: ModelArgs,
}

/// The models that read characters.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "模型 Models")]
pub(super) struct ModelArgs {
    /// 语言模型文件（jiaokan lm build），默认用内置的 · A language model of jiaokan lm build
    #[arg(long, value_name = "FILE")]
    pub(super) lm: Option<String>,
    /// 引擎习惯表（jiaokan channel learn），代替内置的 · Engine habits of jiaokan channel learn, in the place of those inside
    #[arg(long, value_name = "FILE")]
    pub(super) channel: Option<String>,
    /// 校准文件（jiaokan calibrate） · A calibration of jiaokan calibrate
    #[arg(long, value_name = "FILE")]
    pub(super) calibration: Option<String>,
    /// 文本是用拼音键入的：同音字也作候选 · The text was typed by sound: consider characters that sound alike
    #[arg(long)]
    pub(super) sound: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct UndoArgs {
    /// 由 jiaokan fix 写出的文本 · Texts that jiaokan fix wrote
    #[arg(value_name = "FILE", required = true)]
    pub(super) files: Vec<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(super) struct ConfigArgs {
    /// 列出各项设置及其来源 · List every setting and where it came from
    #[arg(long, required = true)]
    pub(super) show: bool,
}

fn formats() -> clap::builder::PossibleValuesParser {
    crate::report::FORMATS.iter().map(|format| format.name).collect::<Vec<_>>().into()
}

//! `jiaokan rules`: one file a verb.

mod ask;
mod chosen;
mod docs;
mod home;
mod impact;
mod learn;
mod lint;
mod list;
mod measure;
mod new;
mod promote;
mod test;
mod texts;

use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};

use super::args::Global;
use super::exit::{Exit, Trouble};
use super::packs;
use super::settings;
use super::sinks::{PipeState, stdout};
use super::voice::Voice;
use crate::finding::Safety;
use chosen::Chosen;

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
    /// 写一条新规则，连同例子 · Write a new rule with its examples
    New(Box<new::NewArgs>),
    /// 检验规则里的例子 · Run the examples in the rules
    Test {
        #[command(flatten)]
        which: Which,
        /// 保存规则文件时再验 · Test again whenever a rule file is saved
        #[arg(long)]
        watch: bool,
    },
    /// 找出可以写得更好的规则 · Find rules that should be better
    Lint {
        #[command(flatten)]
        which: Which,
        /// 无误的文本：规则在其中不应命中 · Correct texts, in which rules should find nothing
        #[arg(long, value_name = "DIR")]
        clean: Option<PathBuf>,
        /// 在无误的文本里每万字至多命中几次 · Finds allowed per 10,000 characters of them
        #[arg(long, value_name = "N", default_value_t = 0.1, requires = "clean")]
        max_per_10k: f64,
    },
    /// 启用规则会改变什么 · What would change if rules were on
    Impact(Box<impact::ImpactArgs>),
    /// 从审校的改正里归纳规则 · Propose rules from what people corrected
    Learn(Box<learn::LearnArgs>),
    /// 把全部规则做成一页可查找的网页 · Make one searchable page of all rules
    Docs(docs::DocsArgs),
    /// 输出规则文件的 JSON Schema · Print the JSON Schema of rule files
    Schema,
    /// 启用实测过关的试运行规则 · Make shadow rules active whose numbers hold
    Promote(promote::PromoteArgs),
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
    let told = |error: io::Error| Trouble::io("", &error);
    let exit = match &args.verb {
        Verb::List { format } => list::list(&packs::load(&settings.pack_folders()?)?, *format, voice, &mut out).map_err(told)?,
        Verb::New(new) => new::new(new, &settings, voice, &mut out)?,
        Verb::Test { which, watch: true } => return test::watch(&which.names, &settings, voice, out),
        Verb::Test { which, watch: false } => test::test(&Chosen::new(&which.names, &settings)?, voice, &mut out).map_err(told)?,
        Verb::Lint { which, clean, max_per_10k } => {
            let clean = lint::Clean { folder: clean.as_ref(), allowed: *max_per_10k };
            lint::lint(&Chosen::new(&which.names, &settings)?, &clean, &settings, voice, &mut out)?
        }
        Verb::Impact(impact) => impact::impact(impact, &settings, voice, &mut out)?,
        Verb::Learn(learn) => learn::learn(learn, &settings, voice, &mut out)?,
        Verb::Docs(docs) => docs::docs(docs, &settings, voice, &mut out)?,
        Verb::Schema => {
            serde_json::to_writer_pretty(&mut out, &crate::authoring::rule_schema()).map_err(|error| told(error.into()))?;
            writeln!(out).map_err(told)?;
            Exit::Done
        }
        Verb::Promote(promote) => promote::promote(promote, &settings, voice, &mut out)?,
    };
    out.flush().map_err(told)?;
    Ok(exit)
}

pub(super) fn safety_name(safety: Safety) -> &'static str {
    match safety {
        Safety::Automatic => "automatic",
        Safety::Suggested => "suggested",
        Safety::Flagged => "flagged",
    }
}

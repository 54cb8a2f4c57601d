use std::io::{self, Write};
use std::path::PathBuf;

use super::super::exit::{Exit, Trouble};
use super::super::sinks::{PipeState, stdout};
use super::super::voice::Voice;
use crate::model::lm::LanguageModel;

#[derive(Debug, clap::Args)]
pub(super) struct InfoArgs {
    /// 模型文件，不给则为程序内置的模型 · A model; the one inside the program when not given
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
}

/// `jiaokan lm info`.
pub(super) fn info(args: &InfoArgs, voice: &Voice) -> Result<Exit, Trouble> {
    let model = super::open(args.file.as_ref())?;
    let mut out = stdout(&PipeState::default());
    print(&model, voice, &mut out).and_then(|()| out.flush()).map_err(|error| Trouble::io("", &error))?;
    Ok(Exit::Done)
}

fn print(model: &LanguageModel, voice: &Voice, out: &mut dyn Write) -> io::Result<()> {
    let pick = |zh, en| voice.lang.pick(zh, en);
    let info = model.info();
    let grams: Vec<String> = model.n_grams().map(|n| n.to_string()).collect();
    let cuts: Vec<String> = info.min_counts.iter().map(u32::to_string).collect();
    writeln!(out, "{} {}", pick("阶数", "order"), model.order())?;
    writeln!(out, "{} {}", pick("字节", "bytes"), model.n_bytes())?;
    writeln!(out, "{} {}", pick("符号", "symbols"), model.n_symbols())?;
    writeln!(out, "{} {}", pick("各阶条数", "n-grams by length"), grams.join(" "))?;
    writeln!(out, "{} {}", pick("各阶最低次数", "occurrences needed by length"), cuts.join(" "))?;
    writeln!(out, "{} {}", pick("制作", "made by"), info.made_by)?;
    writeln!(out, "{} {}", pick("命令", "command"), info.command)?;
    writeln!(out, "{} {}", pick("重复的段落（只计一次）", "repeated paragraphs, counted once"), info.n_duplicates)?;
    writeln!(out, "{}", pick("来源（份额、段落、字符）", "sources (share, paragraphs, characters)"))?;
    for source in &info.sources {
        writeln!(out, "  {} {} {} {}", source.name, source.share, source.n_paragraphs, source.n_chars)?;
    }
    Ok(())
}

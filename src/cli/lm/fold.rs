use std::io::Write;
use std::path::PathBuf;

use indicatif::ProgressBar;

use super::super::exit::{Exit, Trouble};
use super::super::sinks::{PipeState, stdout};
use super::text::Text;
use crate::model::lm::fold as fold_char;

#[derive(Debug, clap::Args)]
pub(super) struct FoldArgs {
    /// 文本，写法同 build · Texts, as for build
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// .jsonl 中正文的字段 · The field of .jsonl files with the text
    #[arg(long, value_name = "NAME", default_value = "text")]
    field: String,
}

/// `jiaokan lm fold`: a paragraph a line, its characters set apart by spaces.
pub(super) fn fold(args: &FoldArgs) -> Result<Exit, Trouble> {
    let pipe = PipeState::default();
    let mut out = stdout(&pipe);
    for path in &args.files {
        let text = Text { path: path.clone(), share: 1.0 };
        text.each_paragraph(&args.field, &ProgressBar::hidden(), |paragraph| {
            let mut line = String::new();
            for c in paragraph.chars().filter_map(fold_char) {
                line.extend((!line.is_empty()).then_some(' '));
                line.push(c);
            }
            if line.is_empty() { Ok(()) } else { writeln!(out, "{line}").map_err(|error| Trouble::io("", &error)) }
        })?;
    }
    out.flush().map_err(|error| Trouble::io("", &error))?;
    Ok(Exit::Done)
}

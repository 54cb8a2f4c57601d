use std::fs::File;
use std::io::BufReader;
use std::path::PathBuf;

use super::super::exit::{Exit, Trouble};
use super::super::unpack::unpack;
use super::super::voice::Voice;
use crate::model::lm::build::{Arpa, ArpaError, Bins};
use crate::model::lm::{Info, Source};

#[derive(Debug, clap::Args)]
pub(super) struct ImportArgs {
    /// ARPA 格式的模型，可为 .gz、.zst · A model in the ARPA format, packed or not
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// 模型文件 · The model to write
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

/// `jiaokan lm import`.
pub(super) fn import(args: &ImportArgs, voice: &Voice) -> Result<Exit, Trouble> {
    let shown = args.file.display().to_string();
    let open = || unpack(File::open(&args.file)?, &args.file);
    let (file, _) = open().map_err(|error| Trouble::io(&shown, &error))?;
    let arpa = Arpa::read(BufReader::with_capacity(1 << 18, file)).map_err(|error| refused(&shown, &error))?;
    let name = args.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let info = Info {
        made_by: format!("jiaokan {}", env!("CARGO_PKG_VERSION")),
        command: format!("jiaokan lm import {name}"),
        sources: vec![Source { name, share: 1.0, ..Source::default() }],
        ..Info::default()
    };
    super::write(&args.output, &arpa.model(info, Bins { surprise: 256, backoff: 256 }), voice)
}

fn refused(shown: &str, error: &ArpaError) -> Trouble {
    let zh = match error {
        ArpaError::Read(error) => return Trouble::io(shown, error),
        ArpaError::Syntax { line, found, .. } => format!("第 {line} 行「{found}」不合 ARPA 格式"),
        ArpaError::Word { line, word } => {
            format!("第 {line} 行的词「{word}」不是一个字；请以空格分开的单字训练（jiaokan lm fold）")
        }
        ArpaError::Twice { line, gram } => format!("第 {line} 行的「{gram}」归并后已经有了；请先归并再训练（jiaokan lm fold）"),
        ArpaError::Size(what) => format!("不能读这样的模型：{what}"),
    };
    Trouble::new(format!("{shown}：{zh}"), format!("{shown}: {error}"))
}

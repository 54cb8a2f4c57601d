//! The first inputs of the fuzz targets, from the sample pages, the labelled
//! cases and the shipped rules.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use jiaokan::encoding::{Encoding, encode_str};

use crate::Failure;

/// Bytes of the longest seed: the targets run with `-max_len=4096`, and what a
/// mutation adds needs room.
const MAX_LEN: usize = 2400;

/// Pieces that pages and rules are made of, for the targets that read text:
/// libFuzzer hardly composes a Chinese character byte by byte.
const WORDS: &[&str] = &[
    "\n",
    "\n\n",
    "\r\n",
    "\u{c}",
    "。",
    "，",
    "：“",
    "”",
    "「",
    "」",
    "《",
    "》",
    "（",
    "）",
    "\u{3000}\u{3000}",
    "（下转A2版②）",
    "（上接第一版）",
    "▲紧接03版",
    ">>>",
    "详见本版",
    "第三版",
    "责编：何俊 校对：赵敏",
    "新闻热线：0700-8812345",
    "2024年9月2日 星期一",
    "13月32日",
    "24:70",
    "分别占30%、40%、50%",
    "本报讯（记者何俊）",
    "图为新桥。赵敏 摄",
    "（未完）",
    "石\n庄市",
    "石家庄市",
    "己经",
    "經濟",
    "锟斤拷",
    "\u{fffd}",
    "\u{200b}",
    "\u{e000}",
    "\u{2f00}",
    "\u{f900}",
    "[[rule]]",
    "[defaults]",
    "[[rule.pair]]",
    "kind = \"replace\"",
    "kind = \"confusion\"",
    "kind = \"lexicon\"",
    "kind = \"layout\"",
    "kind = \"flag\"",
    "\"\"\"",
    "safety = \"automatic\"",
];

#[derive(clap::Args)]
pub struct Arguments {
    /// Samples and labelled cases.
    #[arg(long, default_value = "corpus")]
    corpus: PathBuf,
    /// Rule packs.
    #[arg(long, default_value = "rules")]
    rules: PathBuf,
    /// The folder of the seeds: one folder for each target, and the word list
    /// `text.dict`.
    #[arg(long, default_value = "fuzz/corpus")]
    out: PathBuf,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let texts = texts(&arguments.corpus)?;
    let mut encoded: Vec<Vec<u8>> = texts.iter().map(|text| text.clone().into_bytes()).collect();
    for (idx, text) in texts.iter().enumerate() {
        let encoding = Encoding::ALL[idx % Encoding::ALL.len()];
        if let Ok(bytes) = encode_str(encoding, text) {
            encoded.push([encoding.bom(), &bytes].concat());
        }
    }
    for file in files(&arguments.corpus.join("samples"))? {
        encoded.push(fs::read(file)?.into_iter().take(MAX_LEN).collect());
    }
    // The first byte of a decode input is its encoding; past the last one, it
    // is left to the bytes.
    let guess = u8::try_from(Encoding::ALL.len())?;
    write(&arguments.out.join("decode"), encoded.iter().map(|bytes| [&[guess], &bytes[..]].concat()))?;
    write(&arguments.out.join("apply_undo"), encoded.iter().cloned())?;
    write(&arguments.out.join("pipeline"), texts.iter().map(|text| text.clone().into_bytes()))?;
    write(&arguments.out.join("rule_loader"), rule_files(&arguments.rules)?.into_iter().map(String::into_bytes))?;
    fs::write(arguments.out.join("text.dict"), dictionary())?;
    Ok(())
}

/// [`WORDS`] as libFuzzer reads them: printable ASCII, the rest in hexadecimal.
fn dictionary() -> String {
    let escaped = |byte: u8| match byte {
        b'"' | b'\\' => format!("\\{}", char::from(byte)),
        b' '..=b'~' => char::from(byte).to_string(),
        _ => format!("\\x{byte:02x}"),
    };
    WORDS.iter().map(|word| format!("\"{}\"\n", word.bytes().map(escaped).collect::<String>())).collect()
}

/// Pages in pieces, and every text of the labelled cases.
fn texts(corpus: &Path) -> Result<Vec<String>, Failure> {
    let mut texts = Vec::new();
    for file in files(&corpus.join("truth"))? {
        texts.extend(pieces(&fs::read_to_string(file)?));
    }
    for file in files(&corpus.join("samples"))? {
        // Those in other encodings are read by the target `decode`.
        texts.extend(fs::read_to_string(file).iter().flat_map(|text| pieces(text)));
    }
    for file in files(&corpus.join("cases"))? {
        // Every second part between three quotes is a text.
        let case = fs::read_to_string(file)?;
        texts.extend(case.split("\"\"\"").skip(1).step_by(2).flat_map(|text| pieces(text.trim_start_matches('\n'))));
    }
    Ok(texts)
}

/// The lines of `text` in pieces of at most [`MAX_LEN`] bytes.
fn pieces(text: &str) -> Vec<String> {
    let mut pieces = vec![String::new()];
    for line in text.split_inclusive('\n').filter(|line| line.len() <= MAX_LEN) {
        match pieces.last_mut() {
            Some(piece) if piece.len() + line.len() <= MAX_LEN => piece.push_str(line),
            _ => pieces.push(line.to_owned()),
        }
    }
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

/// Every rule as a file with the defaults of its own file; the last part is
/// the pack's, behind a form feed as the target reads it.
fn rule_files(rules: &Path) -> Result<Vec<String>, Failure> {
    let mut made = Vec::new();
    for file in files(rules)? {
        let is_rules = file.extension() == Some(OsStr::new("toml")) && file.file_name() != Some(OsStr::new("pack.toml"));
        if !is_rules {
            continue;
        }
        let pack = fs::read_to_string(file.with_file_name("pack.toml"))?;
        let text = fs::read_to_string(&file)?;
        let mut parts = text.split("[[rule]]\n");
        let defaults = parts.next().unwrap_or_default();
        let whole = parts.map(|rule| format!("{defaults}[[rule]]\n{rule}\u{c}{pack}"));
        made.extend(whole.filter(|rule| rule.len() <= MAX_LEN));
    }
    Ok(made)
}

/// All files below `folder`, in the order of their paths.
fn files(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn write(folder: &Path, seeds: impl Iterator<Item = Vec<u8>>) -> Result<(), Failure> {
    fs::create_dir_all(folder)?;
    let mut n_seeds = 0;
    for seed in seeds {
        fs::write(folder.join(format!("seed-{n_seeds:04}")), seed)?;
        n_seeds += 1;
    }
    println!("{n_seeds} seeds in {}", folder.display());
    Ok(())
}

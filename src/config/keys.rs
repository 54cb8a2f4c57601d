use super::{Config, Converter, Language, Problem, Scope, Value};
use crate::detect::FurnitureHandling;
use crate::encoding::Encoding;
use crate::finding::Safety;

/// One thing that can be set.
#[derive(Debug)]
pub struct Key {
    /// Dotted: `section.key`, or `key` at the top.
    pub name: &'static str,
    /// What values it takes.
    pub kind: Kind,
    /// What it does. Chinese, English.
    pub summary: [&'static str; 2],
}

/// The values a key takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A number from 0 to 1.
    Share,
    /// Errors per 10,000 characters, 0 to 10,000.
    Rate,
    /// `true` or `false`.
    Flag,
    /// A list of strings.
    List,
    /// A word of the user's; empty for none.
    Name,
    /// The path of a file, in the configuration relative to it; empty for none.
    Path,
}

const FURNITURE: Kind = Kind::Choice(&["keep", "drop", "metadata"]);

/// Every key, by section, in the order they are shown.
pub const KEYS: &[Key] = &[
    Key {
        name: "lang",
        kind: Kind::Choice(&["auto", "zh", "en"]),
        summary: ["提示信息的语言；auto 按系统区域设置", "language of messages; auto asks the locale"],
    },
    Key {
        name: "input.encoding",
        kind: Kind::Choice(&["auto", "utf-8", "gb18030", "gbk", "gb2312", "big5", "utf-16le", "utf-16be"]),
        summary: ["输入文件的编码；auto 按各文件的字节判定", "encoding of the input; auto decides by the bytes of each file"],
    },
    Key {
        name: "input.extensions",
        kind: Kind::List,
        summary: ["哪些扩展名是文本文件，其余跳过并计数", "extensions of text files; others are skipped and counted"],
    },
    Key {
        name: "input.exclude",
        kind: Kind::List,
        summary: ["不读的文件和文件夹，写法同 .gitignore", "files and folders to leave out, written as in .gitignore"],
    },
    Key {
        name: "input.text_column",
        kind: Kind::Name,
        summary: [
            "记录文件（.jsonl、.ndjson、.parquet）中正文所在的列；空为不读这类文件",
            "the column with the text in files of records (.jsonl, .ndjson, .parquet); empty: such files are not read",
        ],
    },
    Key {
        name: "rules.level",
        kind: Kind::Choice(&["automatic", "suggested"]),
        summary: [
            "应用到哪一级：automatic 只改有把握的，suggested 也改建议的",
            "what is applied: automatic fixes only, or suggested ones as well",
        ],
    },
    Key {
        name: "rules.min_confidence",
        kind: Kind::Share,
        summary: ["把握低于此值（0 至 1）的修复一律保留待审", "fixes below this confidence (0 to 1) are held"],
    },
    Key {
        name: "rules.select",
        kind: Kind::List,
        summary: ["只用这些规则或规则包；空为全部", "only these rules or packs; empty means all"],
    },
    Key { name: "rules.ignore", kind: Kind::List, summary: ["不用这些规则或规则包", "leave out these rules or packs"] },
    Key {
        name: "rules.packs",
        kind: Kind::List,
        summary: ["另外的规则包文件夹，相对于本文件", "more rule packs: folders, relative to this file"],
    },
    Key {
        name: "rules.converter",
        kind: Kind::Choice(&["ferrous", "opencc"]),
        summary: ["繁简转换用内置的 ferrous，还是系统的 OpenCC", "simplified/traditional converter: built in, or the system's OpenCC"],
    },
    Key {
        name: "layout.keep_lines",
        kind: Kind::Flag,
        summary: ["保留印刷时的换行，不接合段内断行", "keep printed lines: breaks inside a block are not joined"],
    },
    Key {
        name: "layout.jump_lines",
        kind: FURNITURE,
        summary: [
            "转版提示：keep 自成一行，drop 移出正文，metadata 移出正文并在报告中列出方向、版次、标记",
            "jump lines: keep on a line of their own, drop, or drop and list direction, page and mark in the report",
        ],
    },
    Key {
        name: "layout.furniture",
        kind: FURNITURE,
        summary: ["报头、版次、责编等版面附件，取值同上", "page furniture (masthead, page number, editors), the same values"],
    },
    Key {
        name: "context.scope",
        kind: Kind::Choice(&["file", "run"]),
        summary: ["旁证取自本文件，还是一次运行的全部文件", "evidence from the file itself, or from all files of the run"],
    },
    Key {
        name: "context.drop_cross_file",
        kind: Kind::Flag,
        summary: [
            "删去与别的文件重复的段落（须 scope = \"run\"）",
            "remove passages that stand in another file as well (needs scope = \"run\")",
        ],
    },
    Key {
        name: "triage.clean",
        kind: Kind::Rate,
        summary: [
            "估计每万字错误不超过此数、版式也无须整理的页，原样写出；0 为不判",
            "a page with at most so many estimated errors per 10,000 characters, and no line to put in order, is written as it is; 0: none is",
        ],
    },
    Key {
        name: "triage.damaged",
        kind: Kind::Rate,
        summary: [
            "估计每万字错误达到此数的页损坏过重，原样写出并列出；10000 为不判",
            "a page with so many estimated errors per 10,000 characters is too damaged: written as it is, and listed; 10000: none is",
        ],
    },
    Key {
        name: "models.lm",
        kind: Kind::Path,
        summary: [
            "语言模型文件，由 jiaokan lm build 训练；相对于本文件，空为内置的",
            "a language model of jiaokan lm build, relative to this file; empty means the one inside",
        ],
    },
    Key {
        name: "models.channel",
        kind: Kind::Path,
        summary: [
            "识别引擎的习惯表，由 jiaokan channel learn 学得；相对于本文件，代替内置的",
            "engine habits of jiaokan channel learn, relative to this file, in the place of those inside",
        ],
    },
    Key {
        name: "models.calibration",
        kind: Kind::Path,
        summary: [
            "校准文件，由 jiaokan calibrate 从自己校对过的版面得出",
            "a calibration of jiaokan calibrate, made from pages of one's own",
        ],
    },
    Key {
        name: "models.sound",
        kind: Kind::Flag,
        summary: [
            "文本是用拼音键入的：同音字、近音字也作候选",
            "the text was typed by sound: characters that sound alike are candidates as well",
        ],
    },
];

/// Puts a value in its place.
pub(super) fn assign(config: &mut Config, key: &'static Key, value: &Value) -> Result<(), Problem> {
    match (key.kind, value) {
        (Kind::Flag, Value::Flag(flag)) => assign_flag(config, key, *flag),
        (Kind::Name, Value::Text(name)) => config.text_column = (!name.is_empty()).then(|| name.clone()),
        (Kind::Path, Value::Text(path)) => assign_path(config, key, path),
        (Kind::List, Value::List(list)) => assign_list(config, key, list.clone()),
        (Kind::Share, Value::Number(number)) if (0.0..=1.0).contains(number) => config.min_confidence = *number,
        (Kind::Rate, Value::Number(number)) if (0.0..=10_000.0).contains(number) => match key.name {
            "triage.clean" => config.triage.clean = *number,
            _ => config.triage.damaged = *number,
        },
        (Kind::Choice(words), Value::Text(text)) => {
            let word = choice(key, words, text)?;
            assign_choice(config, key, word);
        }
        _ => return Err(Problem::bad_value(key, None)),
    }
    Ok(())
}

/// The word of `words` that `text` means; encodings have other names too.
fn choice(key: &'static Key, words: &[&'static str], text: &str) -> Result<&'static str, Problem> {
    let wanted = match text.parse::<Encoding>() {
        Ok(encoding) if key.name == "input.encoding" => encoding.name().to_ascii_lowercase(),
        _ => text.to_owned(),
    };
    words.iter().find(|word| **word == wanted).copied().ok_or_else(|| Problem::bad_value(key, Some(text)))
}

fn assign_path(config: &mut Config, key: &Key, path: &str) {
    let path = (!path.is_empty()).then(|| path.to_owned());
    match key.name {
        "models.lm" => config.lm = path,
        "models.channel" => config.channel = path,
        _ => config.calibration = path,
    }
}

fn assign_flag(config: &mut Config, key: &Key, flag: bool) {
    match key.name {
        "layout.keep_lines" => config.keep_lines = flag,
        "models.sound" => config.sound = flag,
        _ => config.drop_cross_file = flag,
    }
}

fn assign_list(config: &mut Config, key: &Key, list: Vec<String>) {
    match key.name {
        "input.extensions" => {
            config.extensions = list.into_iter().map(|name| name.trim_start_matches('.').to_lowercase()).collect();
        }
        "input.exclude" => config.exclude = list,
        "rules.select" => config.select = list,
        "rules.ignore" => config.ignore = list,
        _ => config.packs = list,
    }
}

fn assign_choice(config: &mut Config, key: &Key, word: &'static str) {
    match key.name {
        "lang" => {
            config.lang = match word {
                "zh" => Some(Language::Zh),
                "en" => Some(Language::En),
                _ => None,
            }
        }
        "input.encoding" => config.encoding = word.parse().ok(),
        "rules.level" => config.level = if word == "suggested" { Safety::Suggested } else { Safety::Automatic },
        "rules.converter" => config.converter = if word == "opencc" { Converter::Opencc } else { Converter::Ferrous },
        "layout.jump_lines" => config.jump_lines = furniture(word),
        "layout.furniture" => config.furniture = furniture(word),
        _ => config.scope = if word == "run" { Scope::Run } else { Scope::File },
    }
}

fn furniture(word: &str) -> FurnitureHandling {
    match word {
        "drop" => FurnitureHandling::Drop,
        "metadata" => FurnitureHandling::Metadata,
        _ => FurnitureHandling::Keep,
    }
}

fn furniture_name(handling: FurnitureHandling) -> &'static str {
    match handling {
        FurnitureHandling::Keep => "keep",
        FurnitureHandling::Drop => "drop",
        FurnitureHandling::Metadata => "metadata",
    }
}

/// The value of a key as TOML.
pub(super) fn show(config: &Config, key: &Key) -> String {
    let text = |text: &str| toml::Value::from(text).to_string();
    let list = |list: &[String]| toml::Value::from(list.to_vec()).to_string();
    match key.name {
        "lang" => text(match config.lang {
            None => "auto",
            Some(Language::Zh) => "zh",
            Some(Language::En) => "en",
        }),
        "input.encoding" => text(&config.encoding.map_or("auto".to_owned(), |encoding| encoding.name().to_ascii_lowercase())),
        "input.text_column" => text(config.text_column.as_deref().unwrap_or_default()),
        "input.extensions" => list(&config.extensions),
        "input.exclude" => list(&config.exclude),
        "rules.level" => text(if config.level == Safety::Suggested { "suggested" } else { "automatic" }),
        "rules.min_confidence" => toml::Value::from(config.min_confidence).to_string(),
        "rules.select" => list(&config.select),
        "rules.ignore" => list(&config.ignore),
        "rules.packs" => list(&config.packs),
        "rules.converter" => text(if config.converter == Converter::Opencc { "opencc" } else { "ferrous" }),
        "layout.keep_lines" => config.keep_lines.to_string(),
        "layout.jump_lines" => text(furniture_name(config.jump_lines)),
        "layout.furniture" => text(furniture_name(config.furniture)),
        "context.scope" => text(if config.scope == Scope::Run { "run" } else { "file" }),
        "triage.clean" => toml::Value::from(config.triage.clean).to_string(),
        "triage.damaged" => toml::Value::from(config.triage.damaged).to_string(),
        "models.lm" => text(config.lm.as_deref().unwrap_or_default()),
        "models.channel" => text(config.channel.as_deref().unwrap_or_default()),
        "models.calibration" => text(config.calibration.as_deref().unwrap_or_default()),
        "models.sound" => config.sound.to_string(),
        _ => config.drop_cross_file.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Origin;
    use super::*;

    #[test]
    fn every_key_shows_what_was_set_and_nothing_else_changes() {
        for key in KEYS {
            let values = match key.kind {
                Kind::Flag => vec![Value::Flag(true)],
                Kind::Rate => vec![Value::Number(12.5)],
                Kind::Share => vec![Value::Number(0.5)],
                Kind::Name | Kind::Path => vec![Value::Text("models/ours.lm".to_owned())],
                Kind::List => vec![Value::List(vec!["a".to_owned()])],
                Kind::Choice(words) => words.iter().map(|word| Value::Text((*word).to_owned())).collect(),
            };
            for value in values {
                let mut config = Config::default();
                config.set(key.name, &value, Origin::CommandLine).unwrap();
                let expected = match &value {
                    Value::Text(text) => format!("\"{text}\""),
                    Value::Number(number) => number.to_string(),
                    Value::Flag(flag) => flag.to_string(),
                    Value::List(_) => "[\"a\"]".to_owned(),
                };
                for ((row, shown, origin), (_, default, _)) in config.rows().zip(Config::default().rows()) {
                    if row.name == key.name {
                        assert_eq!((shown, origin), (expected.clone(), Origin::CommandLine), "{}", key.name);
                    } else {
                        assert_eq!((shown, origin), (default, Origin::Default), "{} changed {}", key.name, row.name);
                    }
                }
            }
        }
    }
}

use std::env;
use std::io::{self, IsTerminal, Write};

use super::args::{ColorArg, Global, LangArg};
use crate::config::{Config, Language};
use crate::finding::Message;
use crate::report::{Color, Failure, Lang};

/// Speaks to people on standard error.
#[derive(Clone, Debug)]
pub(super) struct Voice {
    pub(super) lang: Lang,
    fixed: bool,
    pub(super) quiet: bool,
    color: ColorArg,
}

impl Voice {
    pub(super) fn new(global: &Global) -> Self {
        let lang = match global.lang {
            Some(LangArg::Zh) => Lang::Zh,
            Some(LangArg::En) => Lang::En,
            None => lang_of_locale(),
        };
        Self { lang, fixed: global.lang.is_some(), quiet: global.quiet, color: global.color }
    }

    /// A voice for arguments that could not be read: `--lang` is looked for
    /// among them as they are.
    pub(super) fn of_arguments() -> Self {
        let words: Vec<String> = env::args_os().filter_map(|word| word.into_string().ok()).collect();
        let after = words.iter().position(|word| word == "--lang").and_then(|at| words.get(at + 1)).map(String::as_str);
        let lang = match after.or_else(|| words.iter().find_map(|word| word.strip_prefix("--lang="))) {
            Some("zh") => Lang::Zh,
            Some("en") => Lang::En,
            _ => lang_of_locale(),
        };
        Self { lang, fixed: true, quiet: false, color: ColorArg::Never }
    }

    /// Says in Chinese, to those who are spoken to in Chinese, what the parser
    /// of the arguments then explains in English.
    pub(super) fn usage(&self, zh: &str) {
        if self.lang == Lang::Zh {
            self.say(&format!("jiaokan: 错误：{zh}；用法见 --help"));
        }
    }

    /// The same voice in the language of the settings, unless the command line
    /// asked for another one.
    pub(super) fn with_config(&self, config: &Config) -> Self {
        let lang = match config.lang {
            Some(Language::Zh) if !self.fixed => Lang::Zh,
            Some(Language::En) if !self.fixed => Lang::En,
            _ => self.lang,
        };
        Self { lang, ..self.clone() }
    }

    pub(super) fn error(&self, message: &Message) {
        self.say(&format!("jiaokan: {}{}", self.lang.pick("错误：", "error: "), self.lang.of(message)));
    }

    pub(super) fn failure(&self, failure: &Failure) {
        let place = failure.position.map_or(String::new(), |position| format!(":{}:{}", position.line, position.column));
        let word = self.lang.pick("错误：", "error: ");
        let colon = self.lang.pick("：", ": ");
        self.say(&format!("jiaokan: {word}{}{place}{colon}{}", failure.path, self.lang.of(&failure.message)));
    }

    /// Says something useful that nobody needs to know.
    pub(super) fn note(&self, message: &Message) {
        if !self.quiet {
            self.say(&format!("jiaokan: {}", self.lang.of(message)));
        }
    }

    /// Says on standard output what somebody waits for.
    pub(super) fn say_out(&self, message: &Message) {
        let mut out = io::stdout().lock();
        // Whoever closed standard output does not want to hear it.
        let _ = writeln!(out, "{}", self.lang.of(message)).and_then(|()| out.flush());
    }

    fn say(&self, line: &str) {
        // Whoever closed standard error does not want to hear it.
        let _ = writeln!(io::stderr().lock(), "{line}");
    }

    /// Whether standard output, or standard error, gets colors.
    pub(super) fn color(&self, stream: &impl IsTerminal) -> Color {
        let colored = match self.color {
            ColorArg::Always => true,
            ColorArg::Never => false,
            ColorArg::Auto => {
                let dumb = env::var_os("TERM").is_some_and(|term| term == "dumb");
                stream.is_terminal() && !dumb && env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
            }
        };
        if colored { Color::Ansi } else { Color::Plain }
    }
}

/// Chinese for a Chinese locale, English otherwise: without a locale nobody
/// knows whether the terminal shows Chinese.
fn lang_of_locale() -> Lang {
    let set = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
    let locale = set("LC_ALL").or_else(|| set("LC_MESSAGES")).or_else(|| set("LANG")).unwrap_or_default();
    if locale.starts_with("zh") { Lang::Zh } else { Lang::En }
}

use std::io::{self, BufRead, Write};

use super::super::exit::Trouble;
use super::super::voice::Voice;
use crate::report::Lang;

/// Asks on standard error and reads the answers from standard input, a line
/// each. When it is off, it asks nothing and takes what is proposed.
pub(super) struct Asker {
    lang: Lang,
    on: bool,
}

impl Asker {
    pub(super) fn new(voice: &Voice, on: bool) -> Self {
        Self { lang: voice.lang, on }
    }

    pub(super) fn is_on(&self) -> bool {
        self.on
    }

    /// The answer without white space around it; `proposed` for an empty one.
    pub(super) fn ask(&mut self, zh: &str, en: &str, proposed: &str) -> Result<String, Trouble> {
        if !self.on {
            return Ok(proposed.to_owned());
        }
        let mut err = io::stderr().lock();
        let question = self.lang.pick(zh, en);
        let hint = if proposed.is_empty() { String::new() } else { format!(" [{proposed}]") };
        // Whoever closed standard error answers without the question.
        let _ = write!(err, "{question}{hint}{}", self.lang.pick("：", ": ")).and_then(|()| err.flush());
        let mut line = String::new();
        let n_read = io::stdin().lock().read_line(&mut line).map_err(|error| Trouble::io("stdin", &error))?;
        if n_read == 0 {
            let _ = writeln!(err);
            return Err(Trouble::new("回答到此为止，没有写入", "the answers ended here; nothing was written"));
        }
        let answer = line.trim();
        Ok(if answer.is_empty() { proposed.to_owned() } else { answer.to_owned() })
    }

    /// An answer of several words.
    pub(super) fn list(&mut self, zh: &str, en: &str) -> Result<Vec<String>, Trouble> {
        Ok(self.ask(zh, en, "")?.split([' ', '　', '、', '，', ',']).filter(|word| !word.is_empty()).map(str::to_owned).collect())
    }

    /// Yes unless the answer says no.
    pub(super) fn yes(&mut self, zh: &str, en: &str) -> Result<bool, Trouble> {
        let answer = self.ask(zh, en, "Y/n")?;
        Ok(!matches!(answer.to_lowercase().as_str(), "n" | "no" | "不" | "否"))
    }
}

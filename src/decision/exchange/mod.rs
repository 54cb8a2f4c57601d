//! Decisions and places to decide in the formats of other tools, both ways.

mod label_studio;
mod table;

use super::{Decision, Verdict};
use crate::finding::{Message, fingerprint_of};

/// A format of other tools.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExchangeFormat {
    /// Comma-separated values, for spreadsheets.
    Csv,
    /// The same with tabs.
    Tsv,
    /// Tasks and annotations of Label Studio, as JSON.
    LabelStudio,
    /// Lines of a log.
    Jsonl,
}

/// A place to decide, or that was decided.
#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    /// What was said about it; `decision` is what is asked for when
    /// `is_decided` is false, and then says nothing.
    pub decision: Decision,
    /// Whether somebody decided.
    pub is_decided: bool,
    /// Line in the file, from 1; 0 when unknown.
    pub line: usize,
    /// Column in the line, from 1; 0 when unknown.
    pub column: usize,
    /// The class of the finding, by name.
    pub class: String,
    /// How sure the rule is, 0..=1.
    pub confidence: Option<f64>,
    /// What the rule proposes; the decision may have another replacement.
    pub proposal: Option<String>,
}

/// What cannot be read back. Depends on the text alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExchangeError {
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1: of a table the number of the cell.
    pub column: usize,
    /// What was found, what was expected, what to do.
    pub message: Message,
}

/// `tasks` as a text in `format`.
#[must_use]
pub fn export(tasks: &[Task], format: ExchangeFormat) -> String {
    match format {
        ExchangeFormat::Csv => table::write(tasks, b','),
        ExchangeFormat::Tsv => table::write(tasks, b'\t'),
        ExchangeFormat::LabelStudio => label_studio::write(tasks),
        ExchangeFormat::Jsonl => tasks.iter().filter(|task| task.is_decided).map(|task| task.decision.line()).collect(),
    }
}

/// The decisions in a text that `export` wrote and people filled in. Who and
/// when is taken from the text, and where it does not say from `reviewer` and
/// `time`.
///
/// # Errors
/// On the first row that is no decision.
pub fn import(text: &str, format: ExchangeFormat, reviewer: &str, time: &str) -> Result<Vec<Decision>, ExchangeError> {
    match format {
        ExchangeFormat::Csv => table::read(text, b',', reviewer, time),
        ExchangeFormat::Tsv => table::read(text, b'\t', reviewer, time),
        ExchangeFormat::LabelStudio => label_studio::read(text, reviewer, time),
        ExchangeFormat::Jsonl => super::Log::read(text).map(|log| log.decisions).map_err(|error| ExchangeError {
            line: error.line,
            column: 1,
            message: error.message,
        }),
    }
}

/// The settings of a Label Studio project for its tasks.
#[must_use]
pub fn label_studio_settings() -> &'static str {
    label_studio::SETTINGS
}

/// A verdict as people write it, in either language.
fn verdict(word: &str) -> Option<Verdict> {
    let word = word.trim();
    Verdict::ALL.into_iter().find(|verdict| {
        let words = verdict.words();
        word.eq_ignore_ascii_case(verdict.name()) || word == words.zh || word.eq_ignore_ascii_case(&words.en)
    })
}

/// Checks that the key fits what it is the key of.
fn checked(decision: Decision) -> Result<Decision, Message> {
    let expected = fingerprint_of(&decision.rule, &decision.observed, &decision.before, &decision.after);
    if decision.fingerprint != expected {
        let found = &decision.fingerprint;
        return Err(Message::new(
            format!("fingerprint 是「{found}」，应为 {expected}：rule、observed、before、after 不要改，只填 decision、printed、note"),
            format!(
                "the fingerprint is \"{found}\", it should be {expected}: leave rule, observed, before and after as they are and fill in \
                 decision, printed and note only"
            ),
        ));
    }
    if decision.decision == Verdict::Custom && decision.replacement.is_none() {
        return Err(Message::new(
            "另改（custom）却没有写 printed：写上印的是什么，删去则写 ∅",
            "custom without printed: write what was printed, and ∅ for what is to go",
        ));
    }
    Ok(decision)
}

fn is_time(text: &str) -> bool {
    let pattern = "0000-00-00T00:00:00Z";
    text.len() == pattern.len() && text.bytes().zip(pattern.bytes()).all(|(b, p)| if p == b'0' { b.is_ascii_digit() } else { b == p })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Span;

    fn tasks() -> Vec<Task> {
        let task = |text: &str, span: Span, verdict: Option<Verdict>, proposal: Option<&str>| {
            let mut decision = Decision::about(text, span, "core/x", verdict.unwrap_or(Verdict::Ask))
                .by(if verdict.is_some() { "李" } else { "" }, if verdict.is_some() { "2026-01-02T03:04:05Z" } else { "" })
                .in_file("一版/a.txt");
            decision.replacement = proposal.map(str::to_owned);
            decision.note = verdict.map(|_| "=见原报\n\"头版\"".to_owned());
            Task {
                decision,
                is_decided: verdict.is_some(),
                line: 1,
                column: 3,
                class: "look-alike".to_owned(),
                confidence: Some(0.9),
                proposal: proposal.map(str::to_owned),
            }
        };
        vec![
            task("大家己经到了", Span::new(6, 9), Some(Verdict::Accept), Some("已")),
            task("大家己\n经,到了", Span::new(6, 13), Some(Verdict::Reject), Some("")),
            task("=大家\t到了", Span::new(0, 1), Some(Verdict::Keep), None),
            task("大家己经到了", Span::new(0, 6), None, Some("他们")),
        ]
    }

    #[test]
    fn what_goes_out_comes_back() {
        for format in [ExchangeFormat::Csv, ExchangeFormat::Tsv, ExchangeFormat::LabelStudio, ExchangeFormat::Jsonl] {
            let text = export(&tasks(), format);
            let back = import(&text, format, "王", "2026-02-01T00:00:00Z").unwrap_or_else(|error| panic!("{format:?}: {error:?}\n{text}"));
            let expected: Vec<Decision> = tasks().into_iter().filter(|task| task.is_decided).map(|task| task.decision).collect();
            assert_eq!(back, expected, "{format:?}");
        }
    }

    #[test]
    fn what_a_colleague_fills_in_is_taken_in() {
        let text = export(&tasks()[3..], ExchangeFormat::Csv);
        let (head, row) = text.trim_end().split_once('\n').unwrap();
        let filled = format!("{head}\n另改,我们,抄自原报{}\n", &row[2..]);
        let back = import(&filled, ExchangeFormat::Csv, "王", "2026-02-01T00:00:00Z").unwrap();
        assert_eq!((back[0].decision, back[0].printed(), back[0].reviewer.as_str()), (Verdict::Custom, Some("我们"), "王"));
        let error = |text: String| import(&text, ExchangeFormat::Csv, "王", "").unwrap_err();
        assert_eq!(error(filled.replace("另改,我们", "改一改,我们")).line, 2);
        assert_eq!(error(filled.replace("另改,我们", "另改,")).line, 2);
        assert_eq!(error(filled.replace("大家", "大众")).line, 2);
        assert_eq!(error(filled.replacen("decision", "verdict", 1)).line, 1);
        assert!(import("[{\"data\":3}]", ExchangeFormat::LabelStudio, "王", "").is_err());
    }
}

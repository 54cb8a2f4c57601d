use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::table::{Figure, Goal};
use super::tool::{Tool, succeed};
use crate::Failure;
use crate::held_out::{self, Folds};

/// Which of a page's files is corrected. Both are scored against the breaks of
/// the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// Text alone.
    Text,
    /// Boxes and the engine's confidence in each character.
    Hocr,
}

impl Input {
    /// How the names of its figures begin.
    pub fn group(self) -> &'static str {
        match self {
            Input::Text => "characters",
            Input::Hocr => "characters hocr",
        }
    }

    fn file(self) -> &'static str {
        match self {
            Input::Text => "ocr.txt",
            Input::Hocr => "page.hocr",
        }
    }
}

/// The whole program on the pages of `dev`: how much nearer to the truth their
/// characters come.
pub struct Characters<'a> {
    pub kit: &'a Path,
    pub tool: &'a Tool,
    pub folds: &'a Folds,
    pub work: &'a Path,
}

impl Characters<'_> {
    pub fn measure(&self, input: Input) -> Result<Vec<Figure>, Failure> {
        let set = self.kit.join("dev");
        let name = input.group().replace(' ', "-");
        let staged = self.work.join(&name);
        succeed(Command::new("python3").arg(self.kit.join("stage.py")).arg(&set).arg(input.file()).arg(&staged))?;
        let mut figures = Vec::new();
        for level in ["automatic", "suggested"] {
            let out = self.work.join(format!("{name}-{level}"));
            if self.folds.are_none() {
                self.tool.fix(&staged, &out, &["--level", level, "--to", "txt"])?;
            } else {
                held_out::run(&held_out::Arguments {
                    folder: staged.clone(),
                    folds: self.folds.clone(),
                    habits: None,
                    gauge: false,
                    select: Vec::new(),
                    level: level.to_owned(),
                    show: false,
                    output: out.clone(),
                })?;
            }
            let json = self.work.join(format!("{name}-{level}.json"));
            let mut score = Command::new("python3");
            score.arg(self.kit.join("score.py")).arg("--set").arg(&set).arg("--corrected").arg(&out).args(["--input", "ocr.txt"]);
            succeed(score.arg("--json").arg(&json))?;
            let value: Value = serde_json::from_str(&std::fs::read_to_string(&json)?)?;
            figures.extend(self.figures(input, level, &value));
        }
        Ok(figures)
    }

    fn figures(&self, input: Input, level: &str, value: &Value) -> Vec<Figure> {
        let is_held_out = self.folds.misread.is_some() && (input == Input::Text || self.folds.confidence.is_some());
        let note = if is_held_out { "cross-validated" } else { "pages the scorer learned from" };
        let goal = |automatic: Goal, suggested: Goal| Some(if level == "automatic" { automatic } else { suggested });
        let at_least = |automatic, suggested| goal(Goal::AtLeast(automatic), Goal::AtLeast(suggested));
        let han = if input == Input::Text { at_least(18.0, 35.0) } else { at_least(25.0, 45.0) };
        let (all, reduction) = (&value["all"], &value["reduction"]);
        let percent = |value: &Value| value.as_f64().map(|share| 100.0 * share);
        let harm = &all["chars_fold"];
        let bound =
            harm["harm"].as_f64().zip(harm["harm_per_10k"].as_f64()).map(|(n, rate)| if n > 0.0 { rate * upper(n) / n } else { 0.0 });
        let rows = [
            ("Han CER reduction, pooled, %", percent(&reduction["han"]), han),
            ("Han CER reduction, median of pages, %", percent(&reduction["han_median_of_units"]), han),
            ("strict CER reduction, %", percent(&reduction["strict"]), at_least(30.0, 45.0)),
            ("harm per 10,000", harm["harm_per_10k"].as_f64(), goal(Goal::AtMost(0.3), Goal::AtMost(8.0))),
            ("harm per 10,000, upper bound of 95 %", bound, None),
            ("lost and wrong marks restored, %", percent(&harm["punct_fixed_share"]), at_least(35.0, 50.0)),
            ("joins precision", all["joins"]["P"].as_f64(), at_least(0.97, 0.93)),
            ("joins recall", all["joins"]["R"].as_f64(), at_least(0.75, 0.90)),
            ("pages with more Han errors", value["units_worse_han"].as_f64(), goal(Goal::AtMost(0.0), Goal::AtMost(60.0))),
        ];
        rows.into_iter()
            .map(|(name, value, goal)| Figure { name: format!("{} {level}: {name}", input.group()), value, goal, note })
            .collect()
    }
}

/// The most events that are to be expected, by 95 %, where `n` were counted
/// (Poisson; Wilson and Hilferty's approximation).
fn upper(n: f64) -> f64 {
    let n = n + 1.0;
    n * (1.0 - 1.0 / (9.0 * n) + 1.645 / (3.0 * n.sqrt())).powi(3)
}

#[cfg(test)]
mod tests {
    #[test]
    fn upper_bounds_are_those_of_the_tables() {
        for (n, bound) in [(0.0, 2.996), (1.0, 4.744), (10.0, 16.96)] {
            assert!((super::upper(n) - bound).abs() < 0.05, "{n}: {}", super::upper(n));
        }
    }
}

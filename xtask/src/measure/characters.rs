use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::table::{Figure, Goal};
use super::tool::{Tool, succeed};
use crate::Failure;
use crate::held_out;

/// The whole program on the pages of `dev`: how much nearer to the truth their
/// characters come.
pub struct Characters<'a> {
    pub kit: &'a Path,
    pub tool: &'a Tool,
    /// Scorers and habits that have not seen the pages they are used on.
    pub misread: Option<&'a str>,
    pub tables: Option<&'a str>,
    pub work: &'a Path,
}

impl Characters<'_> {
    pub fn measure(&self) -> Result<Vec<Figure>, Failure> {
        let set = self.kit.join("dev");
        let staged = self.work.join("characters");
        succeed(Command::new("python3").arg(self.kit.join("stage.py")).arg(&set).arg("ocr.txt").arg(&staged))?;
        let mut figures = Vec::new();
        for level in ["automatic", "suggested"] {
            let out = self.work.join(format!("characters-{level}"));
            if self.misread.is_some() || self.tables.is_some() {
                held_out::run(&held_out::Arguments {
                    folder: staged.clone(),
                    tables: self.tables.map(str::to_owned),
                    boxes: None,
                    misread: self.misread.map(str::to_owned),
                    habits: None,
                    gauge: false,
                    select: Vec::new(),
                    level: level.to_owned(),
                    show: false,
                    output: out.clone(),
                })?;
            } else {
                self.tool.fix(&staged, &out, &["--level", level])?;
            }
            let json = self.work.join(format!("characters-{level}.json"));
            let mut score = Command::new("python3");
            score.arg(self.kit.join("score.py")).arg("--set").arg(&set).arg("--corrected").arg(&out);
            succeed(score.arg("--json").arg(&json))?;
            let value: Value = serde_json::from_str(&std::fs::read_to_string(&json)?)?;
            figures.extend(self.figures(level, &value));
        }
        Ok(figures)
    }

    fn figures(&self, level: &str, value: &Value) -> Vec<Figure> {
        let note = if self.misread.is_some() { "cross-validated" } else { "pages the scorer learned from" };
        let goal = |automatic: Goal, suggested: Goal| Some(if level == "automatic" { automatic } else { suggested });
        let at_least = |automatic, suggested| goal(Goal::AtLeast(automatic), Goal::AtLeast(suggested));
        let (all, reduction) = (&value["all"], &value["reduction"]);
        let percent = |value: &Value| value.as_f64().map(|share| 100.0 * share);
        let harm = &all["chars_fold"];
        let bound =
            harm["harm"].as_f64().zip(harm["harm_per_10k"].as_f64()).map(|(n, rate)| if n > 0.0 { rate * upper(n) / n } else { 0.0 });
        let rows = [
            ("Han CER reduction, pooled, %", percent(&reduction["han"]), at_least(18.0, 35.0)),
            ("Han CER reduction, median of pages, %", percent(&reduction["han_median_of_units"]), at_least(18.0, 35.0)),
            ("strict CER reduction, %", percent(&reduction["strict"]), at_least(30.0, 45.0)),
            ("harm per 10,000", harm["harm_per_10k"].as_f64(), goal(Goal::AtMost(0.3), Goal::AtMost(8.0))),
            ("harm per 10,000, upper bound of 95 %", bound, None),
            ("lost and wrong marks restored, %", percent(&harm["punct_fixed_share"]), at_least(35.0, 50.0)),
            ("joins precision", all["joins"]["P"].as_f64(), at_least(0.97, 0.93)),
            ("joins recall", all["joins"]["R"].as_f64(), at_least(0.75, 0.90)),
            ("pages with more Han errors", value["units_worse_han"].as_f64(), goal(Goal::AtMost(0.0), Goal::AtMost(60.0))),
        ];
        rows.into_iter().map(|(name, value, goal)| Figure { name: format!("characters {level}: {name}"), value, goal, note }).collect()
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

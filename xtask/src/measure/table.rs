use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use crate::Failure;

/// What a figure should be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Goal {
    AtLeast(f64),
    AtMost(f64),
}

impl Goal {
    fn holds(self, value: f64) -> bool {
        match self {
            Goal::AtLeast(goal) => value >= goal,
            Goal::AtMost(goal) => value <= goal,
        }
    }

    fn shown(self) -> String {
        match self {
            Goal::AtLeast(goal) => format!("≥ {goal:.3}"),
            Goal::AtMost(goal) => format!("≤ {goal:.3}"),
        }
    }
}

/// One figure.
pub struct Figure {
    pub name: String,
    /// `None`: there was nothing to measure.
    pub value: Option<f64>,
    pub goal: Option<Goal>,
    pub note: &'static str,
}

/// Figures of an earlier run, by name. A missing file has none.
pub fn read(path: &Path) -> Result<BTreeMap<String, f64>, Failure> {
    let Ok(text) = std::fs::read_to_string(path) else { return Ok(BTreeMap::new()) };
    let value: Value = serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
    let figures = value["figures"].as_object().ok_or_else(|| format!("{}: no \"figures\"", path.display()))?;
    Ok(figures.iter().filter_map(|(name, value)| Some((name.clone(), value.as_f64()?))).collect())
}

/// Prints the figures with their goals and what they were.
pub fn print(figures: &[Figure], baseline: &BTreeMap<String, f64>) {
    let width = figures.iter().map(|figure| figure.name.chars().count()).max().unwrap_or_default();
    println!("{:width$}  {:>9}  {:>9}  {:>9}  ", "figure", "value", "goal", "baseline");
    for figure in figures {
        let value = figure.value.map_or("–".to_owned(), |value| format!("{value:.4}"));
        let goal = figure.goal.map_or(String::new(), Goal::shown);
        let was = baseline.get(&figure.name).map_or(String::new(), |was| format!("{was:.4}"));
        let verdict = match (figure.value, figure.goal) {
            (Some(value), Some(goal)) if goal.holds(value) => "ok",
            (Some(_), Some(_)) => "MISSED",
            _ => "",
        };
        let line = format!("{:width$}  {value:>9}  {goal:>9}  {was:>9}  {verdict:6}  {}", figure.name, figure.note);
        println!("{}", line.trim_end());
    }
}

/// Writes the figures as the new baseline; figures that were not measured now
/// keep their old value.
pub fn write(path: &Path, figures: &[Figure], mut baseline: BTreeMap<String, f64>) -> Result<(), Failure> {
    for figure in figures {
        if let Some(value) = figure.value {
            baseline.insert(figure.name.clone(), (value * 1e4).round() / 1e4);
        }
    }
    let object = json!({
        "about": "Figures of `cargo run --release -p xtask -- measure`; docs/measuring.md says what they are.",
        "version": env!("CARGO_PKG_VERSION"),
        "figures": baseline,
    });
    std::fs::write(path, format!("{object:#}\n"))?;
    println!("written to {}", path.display());
    Ok(())
}

use std::path::{Path, PathBuf};
use std::process::Command;

use jiaokan::eval::{Sample, Score};
use serde_json::Value;

use super::table::{Figure, Goal};
use super::tool::{Tool, succeed};
use crate::Failure;
use crate::held_out::Folds;

/// The levels that are measured.
const LEVELS: [&str; 2] = ["automatic", "suggested"];

/// The pages of a measuring kit and how they are repaired.
pub struct Pages<'a> {
    pub kit: &'a Path,
    pub tool: &'a Tool,
    pub select: &'a [String],
    pub folds: &'a Folds,
    pub work: &'a Path,
}

impl Pages<'_> {
    /// Joins, duplicates and harm on one input of the pages of `dev`, by the
    /// kit's own scorer.
    pub fn dev(&self, input: &str) -> Result<Vec<Figure>, Failure> {
        let group = input.trim_end_matches(".txt");
        self.dev_as(input, group, input)
    }

    /// The same pages from files with boxes, against what the blocks alone say.
    pub fn hocr(&self) -> Result<Vec<Figure>, Failure> {
        self.dev_as("page.hocr", "hocr", "ocr.txt")
    }

    fn dev_as(&self, input: &str, group: &str, against: &str) -> Result<Vec<Figure>, Failure> {
        let staged = self.work.join(format!("dev-{group}"));
        let set = self.kit.join("dev");
        succeed(Command::new("python3").arg(self.kit.join("stage.py")).arg(&set).arg(input).arg(&staged))?;
        let mut figures = Vec::new();
        for level in LEVELS {
            let corrected = self.repair(&staged, level)?;
            let json = self.work.join(format!("{group}-{level}.json"));
            let mut score = Command::new("python3");
            score.arg(self.kit.join("score.py")).arg("--set").arg(&set).arg("--corrected").arg(&corrected);
            succeed(score.args(["--input", against, "--json"]).arg(&json))
                .map_err(|error| format!("{error}\nthe kit's scorer needs python3 with the package rapidfuzz"))?;
            let value: Value = serde_json::from_str(&std::fs::read_to_string(&json)?)?;
            figures.extend(self.dev_figures(group, level, &value["all"]));
        }
        Ok(figures)
    }

    fn dev_figures(&self, group: &str, level: &str, all: &Value) -> Vec<Figure> {
        if group == "hocr" {
            return self.hocr_figures(level, all);
        }
        let by_blocks = group == "ocr";
        let automatic = level == "automatic";
        let at_least = |goal: f64| Some(Goal::AtLeast(goal));
        let rows = [
            ("joins precision", "joins", "P", if by_blocks { at_least(if automatic { 0.95 } else { 0.85 }) } else { None }),
            ("joins recall", "joins", "R", if by_blocks && !automatic { at_least(0.80) } else { None }),
            ("paragraph breaks F", "breaks_final", "F", if by_blocks { None } else { at_least(0.93) }),
            ("duplicates precision", "dups", "precision", if by_blocks { at_least(1.0) } else { None }),
            ("duplicates recall", "dups", "recall", if by_blocks { at_least(0.95) } else { None }),
            ("harm per 10,000", "chars_fold", "harm_per_10k", if by_blocks && automatic { Some(Goal::AtMost(0.5)) } else { None }),
        ];
        rows.into_iter()
            .map(|(name, section, field, goal)| Figure {
                name: format!("dev {group} {level}: {name}"),
                value: all[section][field].as_f64(),
                goal,
                note: self.seen(),
            })
            .collect()
    }

    fn hocr_figures(&self, level: &str, all: &Value) -> Vec<Figure> {
        let goal = |goal: f64| (level == "automatic").then_some(Goal::AtLeast(goal));
        let rows = [
            ("joins precision", "joins", "P", goal(0.96)),
            ("joins recall", "joins", "R", goal(0.97)),
            ("paragraph breaks F", "breaks_final", "F", goal(0.97)),
            ("duplicates precision", "dups", "precision", goal(1.0)),
            ("duplicates recall", "dups", "recall", goal(0.95)),
            ("harm per 10,000", "chars_fold", "harm_per_10k", None),
        ];
        rows.into_iter()
            .map(|(name, section, field, goal)| Figure {
                name: format!("hocr {level}: {name}"),
                value: all[section][field].as_f64(),
                goal,
                note: if self.folds.boxes.is_some() { "cross-validated" } else { "pages the join scorer learned from" },
            })
            .collect()
    }

    /// Paragraph breaks of pages with one line for each printed line.
    pub fn republican(&self) -> Result<Vec<Figure>, Failure> {
        let set = self.kit.join("wrapped").join("republican");
        let staged = self.work.join("republican");
        std::fs::create_dir_all(&staged)?;
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&set).map_err(|error| format!("{}: {error}", set.display()))? {
            let folder = entry?.path();
            let Some(name) = folder.file_name().map(|name| name.to_string_lossy().into_owned()) else { continue };
            if folder.join("ocr_lines.txt").is_file() {
                std::fs::copy(folder.join("ocr_lines.txt"), staged.join(format!("{name}.txt")))?;
                names.push(name);
            }
        }
        names.sort();
        let mut figures = Vec::new();
        for level in LEVELS {
            let corrected = self.repair(&staged, level)?;
            let mut total = Score::default();
            for name in &names {
                let read = |path: PathBuf| std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()));
                let input = read(staged.join(format!("{name}.txt")))?;
                let after = read(corrected.join(format!("{name}.txt")))?;
                let truth = read(set.join(name).join("truth.txt"))?;
                total.add(&Score::of(&Sample { input: &input, corrected: &after, truths: &[&truth], changes: &[] }));
            }
            figures.push(Figure {
                name: format!("republican {level}: paragraph breaks F"),
                value: total.breaks.last.f1(),
                goal: Some(Goal::AtLeast(0.92)),
                note: self.seen(),
            });
            figures.push(Figure {
                name: format!("republican {level}: joins precision"),
                value: total.breaks.removed.precision(),
                goal: None,
                note: self.seen(),
            });
        }
        Ok(figures)
    }

    /// Corrects the texts of a folder; returns where they lie.
    fn repair(&self, staged: &Path, level: &str) -> Result<PathBuf, Failure> {
        let name = staged.file_name().unwrap_or_default().to_string_lossy();
        let out = self.work.join(format!("{name}-{level}"));
        if !self.folds.are_none() {
            crate::held_out::run(&crate::held_out::Arguments {
                folder: staged.to_owned(),
                folds: self.folds.clone(),
                habits: None,
                gauge: false,
                select: self.select.to_vec(),
                level: level.to_owned(),
                show: false,
                output: out.clone(),
            })?;
            return Ok(out);
        }
        let select = self.select.join(",");
        self.tool.fix(staged, &out, &["--level", level, "--select", &select, "--to", "txt"])?;
        Ok(out)
    }

    fn seen(&self) -> &'static str {
        if self.folds.tables.is_some() { "cross-validated" } else { "pages the join scorer learned from" }
    }
}

use std::path::Path;

use jiaokan::eval::{Sample, Score, per_10k};

use super::table::{Figure, Goal};
use super::tool::Tool;
use crate::Failure;

/// Correct sentences, one a line: whatever is changed there is wrong.
///
/// Every rule takes part. The sentences are documents of their own first, and
/// then paragraphs of one document, set apart by a newline or by an empty line.
pub fn measure(folder: &Path, tool: &Tool, work: &Path) -> Result<Vec<Figure>, Failure> {
    let mut paths: Vec<_> = std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<_, std::io::Error>>()?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    paths.sort();
    let mut texts: Vec<String> = Vec::new();
    for path in &paths {
        texts.push(std::fs::read_to_string(path)?);
    }
    let mut figures = Vec::new();
    for level in ["automatic", "suggested"] {
        figures.push(single_lines(&texts, tool, work, level)?);
        figures.extend(whole(&texts, tool, work, level)?);
    }
    Ok(figures)
}

/// Edits per 10,000 characters with every line a document.
fn single_lines(texts: &[String], tool: &Tool, work: &Path, level: &str) -> Result<Figure, Failure> {
    let input = work.join("clean-lines");
    let out = work.join(format!("clean-lines-{level}"));
    let lines: Vec<&str> = texts.iter().flat_map(|text| text.lines()).filter(|line| !line.trim().is_empty()).collect();
    std::fs::create_dir_all(&input)?;
    for (idx, line) in lines.iter().enumerate() {
        std::fs::write(input.join(format!("{idx:06}.txt")), format!("{line}\n"))?;
    }
    let report = work.join(format!("clean-lines-{level}-report"));
    tool.fix(&input, &out, &["--level", level, "--report", &report.to_string_lossy()])?;
    let findings = std::fs::read_to_string(report.join("findings.jsonl"))?;
    let mut n_edits = 0;
    for line in findings.lines() {
        let finding: serde_json::Value = serde_json::from_str(line)?;
        if finding["outcome"] == "applied" {
            n_edits += finding["fixes"][0]["edits"].as_array().map_or(0, Vec::len);
            println!("clean, {level}: {} {} → {}", finding["rule"], finding["observed"], finding["fixes"][0]["edits"][0]["replacement"]);
        }
    }
    let n_chars: usize = lines.iter().map(|line| line.chars().filter(|c| !c.is_whitespace()).count()).sum();
    Ok(Figure {
        name: format!("clean lines {level}: edits per 10,000"),
        value: Some(per_10k(n_edits, n_chars)),
        goal: Some(Goal::AtMost(if level == "automatic" { 0.1 } else { 2.0 })),
        note: "",
    })
}

/// Share of the breaks that are wrongly joined with all lines in one document.
fn whole(texts: &[String], tool: &Tool, work: &Path, level: &str) -> Result<Vec<Figure>, Failure> {
    let mut figures = Vec::new();
    for (name, separator) in [("newlines", "\n"), ("empty lines", "\n\n")] {
        let input = work.join(format!("clean-{}", separator.len()));
        let out = work.join(format!("clean-{}-{level}", separator.len()));
        std::fs::create_dir_all(&input)?;
        let mut total = Score::default();
        for (idx, text) in texts.iter().enumerate() {
            let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
            std::fs::write(input.join(format!("{idx}.txt")), lines.join(separator) + "\n")?;
        }
        tool.fix(&input, &out, &["--level", level])?;
        for idx in 0..texts.len() {
            let before = std::fs::read_to_string(input.join(format!("{idx}.txt")))?;
            let after = std::fs::read_to_string(out.join(format!("{idx}.txt")))?;
            total.add(&Score::of(&Sample { input: &before, corrected: &after, truths: &[&before], changes: &[] }));
        }
        #[allow(clippy::cast_precision_loss)]
        let share = 100.0 * total.breaks.removed.wrong as f64 / (total.breaks.true_before as f64).max(1.0);
        figures.push(Figure {
            name: format!("clean paragraphs, {name}, {level}: wrong joins %"),
            value: Some(share),
            goal: Some(Goal::AtMost(0.2)),
            note: "",
        });
    }
    Ok(figures)
}

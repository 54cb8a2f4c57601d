//! Writes a report with many changes, to see and measure it in a browser:
//! `cargo run --release --example large_report -- DIR [CHANGES]`.
//!
//! The texts are made up; `docs/report.md` has the figures.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::time::Instant;

use jiaokan::apply::Script;
use jiaokan::finding::{Class, ConfidenceOrigin, Edit, Evidence, Finding, Fix, Message, Outcome, Phase, Safety};
use jiaokan::pipeline::{Condition, Judged, Run};
use jiaokan::report::{FileReport, RunInfo, Totals, Verbosity, folder};
use jiaokan::resolve::{Reason, Verdict};
use jiaokan::text::Span;

/// Changes in one file.
const CHANGES_PER_FILE: usize = 50;

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args_os().skip(1);
    let dir = PathBuf::from(arguments.next().expect("the folder to write to is given"));
    let n_changes: usize = arguments.next().map_or(5000, |number| number.to_str().and_then(|text| text.parse().ok()).expect("a number"));
    fs::create_dir_all(&dir)?;
    let at = dir.clone();
    let mut reporter = folder(Box::new(move |name| Ok(Box::new(BufWriter::new(File::create(at.join(name))?)) as Box<dyn Write>)))?;
    let start = Instant::now();
    let mut totals = Totals::default();
    let rules = BTreeMap::from([("structure/broken-join".to_owned(), Message::new("段落在栏尾被切断", "a paragraph cut at a column end"))]);
    let info = RunInfo { verb: "fix", level: Safety::Automatic, min_confidence: 0.0, verbosity: Verbosity::Normal, rules };
    reporter.begin(&info)?;
    let encoding = Message::new("UTF-8，由用户指定", "UTF-8, as asked for");
    for number in 0..n_changes.div_ceil(CHANGES_PER_FILE) {
        let text = text(number);
        let run = run(&text);
        let path = format!("样报/第{number}版.txt");
        let file = FileReport::new(&path, &text, &run, &encoding);
        totals.add(&file);
        reporter.file(&file)?;
    }
    reporter.end(&totals)?;
    println!("{} changes in {:.2?}, {}", totals.problems(), start.elapsed(), dir.display());
    Ok(())
}

/// Paragraphs, each cut once, where a line ends without a full stop.
fn text(number: usize) -> String {
    let mut text = String::new();
    for paragraph in 0..CHANGES_PER_FILE {
        text.push_str(&format!(
            "　　第{number}版第{paragraph}段说，河湾两岸的稻子今年长得很好，农户们忙着收\n\n割，合作社的晒谷场上堆满了新谷，运粮的车一直排到村口的老槐树下。\
             入夜以后，码头上的灯还亮着，船工们把最后一批货物搬上岸，才坐下来吃晚饭。第二天清早，第一班渡船照常开往对岸。\n\n",
        ));
    }
    text
}

fn run(text: &str) -> Run {
    let mut findings = Vec::new();
    for (idx, (start, _)) in text.match_indices("\n\n割").enumerate() {
        let kinds = [
            ("structure/broken-join", Class::BrokenJoin, ""),
            ("structure/lost-at-join", Class::LostAtJoin, "获"),
            ("core/look-alike", Class::LookAlike, ""),
            ("punctuation/lost", Class::Punctuation, "，"),
        ];
        let (rule, class, replacement) = kinds[idx % kinds.len()];
        let span = Span::new(start, start + 2);
        let applied = idx % 5 != 4;
        let message = Message::new(
            "段落在栏尾被切断：「收割」一词分在两栏，接为一段",
            "a column end cuts the word 「收割」 in two: join the paragraph",
        );
        let finding = Finding::new(rule, class, Phase::Structure, text, span, message)
            .with_fix(Fix::one(Message::new("接为一段", "join the two parts"), Edit { span, replacement: replacement.to_owned() }))
            .with_trust(
                if applied { Safety::Automatic } else { Safety::Suggested },
                0.85 + (idx % 15) as f64 / 100.0,
                ConfidenceOrigin::Calibrated,
            )
            .with_evidence(Evidence::weighed("word-cut", 3.1, "「收割」是词表中的词", "「收割」 is a word of the lexicon"))
            .with_evidence(Evidence::said("column-width", "前一行正好排满栏宽", "the line before fills the column"));
        let verdict = if applied {
            Verdict { outcome: Outcome::Applied, reason: Reason::AtLevel(Safety::Automatic) }
        } else {
            Verdict { outcome: Outcome::Held, reason: Reason::BelowLevel(Safety::Suggested) }
        };
        findings.push(Judged { finding, verdict });
    }
    let applied = findings.iter().filter(|judged| judged.verdict.outcome == Outcome::Applied);
    let script = Script::new(applied.map(|judged| judged.finding.fixes[0].edits[0].clone()).collect()).expect("the cuts are apart");
    let corrected = script.apply(text);
    Run { findings, script, corrected, converged: true, gauge: None, condition: Condition::Fair }
}

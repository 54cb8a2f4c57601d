use std::path::Path;
use std::process::Child;
use std::time::{Duration, Instant};

use super::table::{Figure, Goal};
use super::tool::Tool;
use crate::Failure;

#[path = "../../../tests/support/newspaper.rs"]
mod newspaper;

/// Doublings of the page that is measured.
const DOUBLINGS: u32 = 4;
/// Bytes before the first doubling.
const BASE_BYTES: usize = 512 * 1024;
/// What the program may take besides its documents.
const BASE_MIB: f64 = 60.0;
/// How many times the largest document it may take on top.
const TIMES_DOCUMENT: f64 = 6.0;

/// Speed and peak memory of `jiaokan fix` with every rule and one thread, on a
/// page that is doubled again and again. Reading and writing count.
pub fn measure(tool: &Tool, work: &Path) -> Result<Vec<Figure>, Failure> {
    let mut figures = Vec::new();
    let mut speeds = Vec::new();
    let start_up = run(tool, work, "")?.0;
    for doubling in 0..=DOUBLINGS {
        let text = newspaper::page(BASE_BYTES << doubling, 1);
        let mib = mebibytes(text.len());
        let (time, peak) = run(tool, work, &text)?;
        let speed = text.len() as f64 / 1e6 / (time.saturating_sub(start_up)).as_secs_f64();
        speeds.push(speed);
        figures.push(Figure {
            name: format!("resources {mib:.1} MiB: MB/s, one thread"),
            value: Some(speed),
            goal: Some(Goal::AtLeast(5.0)),
            note: "",
        });
        figures.push(Figure {
            name: format!("resources {mib:.1} MiB: peak MiB"),
            value: peak,
            goal: Some(Goal::AtMost(BASE_MIB + TIMES_DOCUMENT * mib)),
            note: "",
        });
    }
    let (first, last) = (speeds[0], speeds[speeds.len() - 1]);
    figures.push(Figure {
        name: "resources: cost per MB, largest by smallest".to_owned(),
        value: Some(first / last),
        goal: Some(Goal::AtMost(1.5)),
        note: "",
    });
    Ok(figures)
}

#[allow(clippy::cast_precision_loss)]
fn mebibytes(bytes: usize) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

/// Wall time and peak resident memory in MiB of one run.
fn run(tool: &Tool, work: &Path, text: &str) -> Result<(Duration, Option<f64>), Failure> {
    let input = work.join("page.txt");
    std::fs::write(&input, text)?;
    let start = Instant::now();
    let mut child = tool.start_fix(&input, &work.join("page-out"), &["--jobs", "1", "--level", "suggested"])?;
    let mut peak = None;
    loop {
        if let Some(mib) = peak_of(&child) {
            peak = Some(mib);
        }
        if let Some(status) = child.try_wait()? {
            return match status.code() {
                Some(0 | 1) => Ok((start.elapsed(), peak)),
                _ => Err(format!("jiaokan fix ended with {status}").into()),
            };
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// The peak so far, where the system tells.
fn peak_of(child: &Child) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: f64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kib / 1024.0)
}

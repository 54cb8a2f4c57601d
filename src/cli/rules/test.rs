use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};
use std::{fs, thread};

use super::super::exit::{Exit, Trouble};
use super::super::settings::Settings;
use super::super::voice::Voice;
use super::chosen::Chosen;
use crate::finding::Message;
use crate::rules::{ExampleOutcome, ExampleReport};

/// How often the files are looked at: a save is seen within this.
const POLL: Duration = Duration::from_millis(40);

pub(super) fn test(chosen: &Chosen, voice: &Voice, out: &mut dyn Write) -> io::Result<Exit> {
    let reports = chosen.set.run_examples(|rule| chosen.holds(rule));
    tell(&reports, voice, out)
}

/// Tells what did not come out as its author said, and the totals.
pub(super) fn tell(reports: &[ExampleReport], voice: &Voice, out: &mut dyn Write) -> io::Result<Exit> {
    let failed: Vec<&ExampleReport> = reports.iter().filter(|report| report.outcome != ExampleOutcome::Validated).collect();
    for report in &failed {
        writeln!(out, "{}:{}: {} {}", report.path, report.line, report.outcome.name(), report.rule)?;
        let lines = [("原文", "text", &report.text), ("应得", "expected", &report.expected), ("实得", "got", &report.got)];
        for (zh, en, text) in lines {
            writeln!(out, "  {}: {text}", voice.lang.pick(zh, en))?;
        }
    }
    let (n_ok, n_failed) = (reports.len() - failed.len(), failed.len());
    let total = Message::new(format!("{n_ok} 个例子通过，{n_failed} 个不符"), format!("{n_ok} examples validated, {n_failed} failed"));
    writeln!(out, "{}", voice.lang.of(&total))?;
    Ok(if failed.is_empty() { Exit::Done } else { Exit::Left })
}

/// Tests again whenever a rule file is saved, until the program is stopped or
/// nobody reads any more.
pub(super) fn watch(names: &[String], settings: &Settings, voice: &Voice, mut out: Box<dyn Write>) -> Result<Exit, Trouble> {
    let told = |error: io::Error| Trouble::io("", &error);
    let mut folders: Vec<PathBuf> = names.iter().map(PathBuf::from).filter(|path| path.is_dir()).collect();
    folders.extend(settings.pack_folders()?);
    if folders.is_empty() {
        return Err(Trouble::new(
            "--watch 须有可看的文件夹：给出规则包文件夹，或在 jiaokan.toml 的 rules.packs 里写上",
            "--watch needs a folder to watch: name a pack's folder, or have one in rules.packs of jiaokan.toml",
        ));
    }
    let mut seen = None;
    loop {
        let stamp = stamp(&folders);
        if seen.as_ref() == Some(&stamp) {
            thread::sleep(POLL);
            continue;
        }
        seen = Some(stamp);
        let start = Instant::now();
        let ran = match Chosen::new(names, settings) {
            Ok(chosen) => test(&chosen, voice, &mut out).map(|_| ()),
            Err(trouble) => writeln!(out, "{}", voice.lang.of(&trouble.0)),
        };
        let n_ms = start.elapsed().as_millis();
        let end =
            Message::new(format!("—— {n_ms} 毫秒；保存后再验，Ctrl-C 结束"), format!("-- {n_ms} ms; saves are tested again, Ctrl-C ends"));
        ran.and_then(|()| writeln!(out, "{}", voice.lang.of(&end))).and_then(|()| out.flush()).map_err(told)?;
    }
}

/// What tells whether a file was saved: names, sizes and times.
fn stamp(folders: &[PathBuf]) -> Vec<(PathBuf, u64, Option<SystemTime>)> {
    let files = |folder: &Path| fs::read_dir(folder).into_iter().flatten().flatten();
    let mut stamp: Vec<_> = folders
        .iter()
        .flat_map(|folder| files(folder))
        .filter_map(|entry| {
            let meta = entry.metadata().ok()?;
            Some((entry.path(), meta.len(), meta.modified().ok()))
        })
        .collect();
    stamp.sort();
    stamp
}

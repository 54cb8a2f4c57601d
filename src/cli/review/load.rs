use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use rayon::prelude::*;
use serde::Deserialize;

use super::super::decisions::{News, Store};
use super::super::exit::Trouble;
use super::super::patches::FOLDER;
use super::texts::Texts;
use crate::decision::{Decision, Finder};
use crate::encoding::Encoding;
use crate::finding::{Evidence, Fix, Message};
use crate::review::{Desk, DeskBuilder, Item, Known, Line, Range, State, fixed};
use crate::text::Span;

/// The file of a report that is read.
pub(in crate::cli) const FINDINGS: &str = "findings.jsonl";

/// A folder under review: its findings, texts and log.
pub(in crate::cli) struct Room {
    pub(in crate::cli) desk: Desk,
    pub(in crate::cli) texts: Texts,
    pub(in crate::cli) store: Store,
    /// What the report says of the texts as a whole.
    pub(in crate::cli) known: Known,
    /// The level of the run that wrote it, by name.
    pub(in crate::cli) level: String,
    report: PathBuf,
    file: File,
    stamp: Stamp,
}

/// By which a changed report is recognized.
type Stamp = (u64, Option<SystemTime>);

/// The report on `folder`: as given, or where one is looked for. `None` when
/// there is none yet.
pub(in crate::cli) fn report_of(folder: &Path, given: Option<&Path>) -> Result<Option<PathBuf>, Trouble> {
    if let Some(given) = given {
        let shown = given.display();
        return if given.join(FINDINGS).is_file() {
            Ok(Some(given.to_owned()))
        } else {
            Err(Trouble::new(
                format!("{shown} 里没有 {FINDINGS}；先用 jiaokan check {} --report {shown} 写出报告", folder.display()),
                format!("there is no {FINDINGS} in {shown}; write a report first: jiaokan check {} --report {shown}", folder.display()),
            ))
        };
    }
    let own = folder.join(FOLDER).join("report");
    Ok([own, folder.join("report")].into_iter().find(|report| report.join(FINDINGS).is_file()))
}

impl Room {
    /// Opens `folder` with the report in `report`.
    ///
    /// # Errors
    /// When the report, the log or the folder cannot be read.
    pub(in crate::cli) fn open(folder: &Path, report: &Path, encoding: Option<Encoding>) -> Result<Self, Trouble> {
        let texts = Texts::new(folder, encoding)?;
        let mut store = Store::of(folder);
        let path = report.join(FINDINGS);
        let shown = path.display().to_string();
        let io = |error: std::io::Error| Trouble::io(&shown, &error);
        let mut file = File::open(&path).map_err(io)?;
        let stamp = stamp(&file).map_err(io)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(io)?;
        let builder = read(&bytes).map_err(|(line, error)| {
            Trouble::new(
                format!("{shown}:{line}：不是一处发现（{error}）；请重新写出报告"),
                format!("{shown}:{line}: this is no finding ({error}); write the report again"),
            )
        })?;
        drop(bytes);
        let book = store.read()?.into();
        let (known, level) = summary(report);
        let mut room = Self { desk: builder.build(book), texts, store, known, level, report: report.to_owned(), file, stamp };
        room.carry();
        Ok(room)
    }

    /// True when the report was written anew.
    pub(in crate::cli) fn is_stale(&self) -> bool {
        File::open(self.report.join(FINDINGS)).and_then(|file| stamp(&file)).is_ok_and(|stamp| stamp != self.stamp)
    }

    pub(in crate::cli) fn report(&self) -> &Path {
        &self.report
    }

    /// Takes in what others wrote into the log.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(in crate::cli) fn listen(&mut self) -> Result<(), Trouble> {
        match self.store.news()? {
            News::Lines(lines) => lines.into_iter().for_each(|line| self.desk.take(line)),
            News::Anew(log) => {
                let builder = DeskBuilder::anew(std::mem::take(&mut self.desk));
                self.desk = builder.build(log.into());
                self.carry();
            }
        }
        Ok(())
    }

    /// Writes lines into the log and takes them in.
    ///
    /// # Errors
    /// When they cannot be written; nothing was decided then.
    pub(in crate::cli) fn decide(&mut self, mut lines: Vec<Decision>) -> Result<String, Trouble> {
        let act = super::super::decisions::new_act()?;
        lines.iter_mut().for_each(|line| line.act = Some(act.clone()));
        self.store.append(&lines)?;
        self.listen()?;
        Ok(act)
    }

    /// The decoded original of a file of the report.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(in crate::cli) fn text(&mut self, file: u32) -> Result<Arc<str>, Message> {
        self.texts.get(&self.desk.files[file as usize])
    }

    /// The line of the report about a finding.
    ///
    /// # Errors
    /// When the report was changed meanwhile.
    pub(in crate::cli) fn line(&self, idx: u32) -> Result<String, Message> {
        let item = &self.desk.items[idx as usize];
        let read = || -> std::io::Result<String> {
            let mut file = &self.file;
            file.seek(SeekFrom::Start(item.at as u64))?;
            let mut line = vec![0; item.len];
            file.read_exact(&mut line)?;
            String::from_utf8(line).map_err(std::io::Error::other)
        };
        read().map_err(|error| super::super::exit::io_message(FINDINGS, &error))
    }

    /// The fixes of a finding, and what each makes of the place where it does
    /// not reach beyond.
    ///
    /// # Errors
    /// As [`Room::line`].
    pub(in crate::cli) fn fixes(&self, idx: u32) -> Result<Vec<(Fix, Option<String>)>, Message> {
        #[derive(Deserialize)]
        struct Fixes {
            span: Span,
            observed: String,
            fixes: Vec<Fix>,
        }
        let line = self.line(idx)?;
        let Fixes { span, observed, fixes } =
            serde_json::from_str(&line).map_err(|error| Message::new(error.to_string(), error.to_string()))?;
        let made = |fix: Fix| {
            let text = fixed(&observed, span, &fix.edits);
            (fix, text)
        };
        Ok(fixes.into_iter().map(made).collect())
    }

    /// What a finding says, and its reasons in words.
    ///
    /// # Errors
    /// As [`Room::line`].
    pub(in crate::cli) fn reasons(&self, idx: u32) -> Result<Vec<Message>, Message> {
        #[derive(Deserialize)]
        struct Said {
            message: Message,
            evidence: Vec<Evidence>,
        }
        let said: Said = serde_json::from_str(&self.line(idx)?).map_err(|error| Message::new(error.to_string(), error.to_string()))?;
        Ok(std::iter::once(said.message).chain(said.evidence.into_iter().map(|one| one.text)).collect())
    }

    /// Looks for the places of decisions on earlier readings of the pages.
    fn carry(&mut self) {
        let mut of_file: BTreeMap<String, Vec<Decision>> = BTreeMap::new();
        for place in self.desk.without_finding() {
            let word = self.desk.book().words(place).max_by(|a, b| a.time.cmp(&b.time));
            if let Some(word) = word {
                of_file.entry(word.file.clone()).or_default().push(word.clone());
            }
        }
        if of_file.is_empty() {
            return;
        }
        let mut at: HashMap<(u32, Span), Vec<u32>> = HashMap::new();
        for (idx, item) in (0_u32..).zip(&self.desk.items) {
            at.entry((item.file, item.span)).or_default().push(idx);
        }
        let mut found: Vec<(u32, String)> = Vec::new();
        for (file, decisions) in &of_file {
            let Some(file_idx) = (0_u32..).zip(&self.desk.files).find(|(_, name)| *name == file).map(|(idx, _)| idx) else { continue };
            let Ok(text) = self.texts.get(file) else { continue };
            let finder = Finder::new(decisions.iter().collect());
            for place in finder.find(file, &text) {
                let decision = &decisions[place.decision];
                let of_rule = |idx: &&u32| self.desk.rules[self.desk.items[**idx as usize].rule as usize] == decision.rule;
                let idx = at.get(&(file_idx, place.span)).and_then(|here| here.iter().find(of_rule)).copied();
                found.extend(idx.filter(|&idx| self.desk.state(idx) == State::Open).map(|idx| (idx, decision.fingerprint.clone())));
            }
        }
        for (idx, place) in found {
            let words = self.desk.book().words(&place).cloned().collect();
            self.desk.carry(idx, words);
        }
    }
}

fn stamp(file: &File) -> std::io::Result<Stamp> {
    let meta = file.metadata()?;
    Ok((meta.len(), meta.modified().ok()))
}

/// Reads the lines of a report on all cores; the number of the first line that
/// is none.
fn read(bytes: &[u8]) -> Result<DeskBuilder, (usize, String)> {
    let ends = memchr::memchr_iter(b'\n', bytes).chain((!bytes.ends_with(b"\n")).then_some(bytes.len()));
    let mut at = 0;
    let mut lines: Vec<(usize, usize)> = Vec::new();
    for end in ends {
        lines.push((at, end));
        at = end + 1;
    }
    let is_blank = |&(from, to): &(usize, usize)| bytes[from..to].iter().all(u8::is_ascii_whitespace);
    let read: Vec<Option<Result<(Line<'_>, Item), String>>> = lines
        .par_iter()
        .map(|line| {
            let (from, to) = *line;
            (!is_blank(line)).then(|| {
                let read = Line::read(&bytes[from..to]).and_then(|read| {
                    let item = read.item(from, to - from)?;
                    Ok((read, item))
                });
                read.map_err(|error| error.to_string())
            })
        })
        .collect();
    let mut builder = DeskBuilder::default();
    for (idx, line) in read.into_iter().enumerate() {
        if let Some(line) = line {
            let (line, item) = line.map_err(|error| (idx + 1, error))?;
            builder.add(&line, item);
        }
    }
    Ok(builder)
}

/// What `summary.json` says; a report without it is told less about.
fn summary(report: &Path) -> (Known, String) {
    #[derive(Deserialize)]
    struct Summary {
        characters: usize,
        run: Run,
        estimated_left: Option<Estimated>,
    }
    #[derive(Deserialize)]
    struct Run {
        level: String,
    }
    #[derive(Deserialize)]
    struct Estimated {
        run: Option<Left>,
    }
    #[derive(Deserialize)]
    struct Left {
        per_10k: f64,
        low: f64,
        high: f64,
    }
    let read = fs::read(report.join("summary.json")).ok().and_then(|bytes| serde_json::from_slice::<Summary>(&bytes).ok());
    let Some(Summary { characters, run, estimated_left }) = read else { return (Known::default(), "automatic".to_owned()) };
    let left = estimated_left.and_then(|left| left.run).map(|left| Range { value: left.per_10k, low: left.low, high: left.high });
    (Known { characters, left }, run.level)
}

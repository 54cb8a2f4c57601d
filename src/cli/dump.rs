//! Files of records, one JSON object a line, of which one column is a text:
//! read and written as they stream by, a batch of lines at a time.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::ops::ControlFlow;
use std::path::Path;

use super::exit::io_message;
use super::ordered::ordered;
use super::output::{self, Output};
use super::unpack;
use super::walk::Input;
use super::work::{Done, Workshop, failed};
use super::write::{Mode, Pending};
use crate::finding::Message;
use crate::format::Column;
use crate::report::Failure;
use crate::text::LineIndex;

/// Lines of a batch, and bytes from which on it is full.
const BATCH_LINES: usize = 512;
const BATCH_BYTES: usize = 8 << 20;
/// Bytes of the longest line that is read; a longer one is copied.
const LINE_MAX: usize = 64 << 20;
/// Bad lines of a file that are told one by one.
const TOLD_MAX: usize = 20;

/// True for a file of records, by its name.
pub(super) fn is_dump(path: &Path) -> bool {
    let path = unpack::inner_name(path);
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("jsonl") || extension.eq_ignore_ascii_case("ndjson"))
}

/// What came of one record.
pub(super) struct Row {
    /// The line, from 1.
    pub(super) record: usize,
    /// `None` where there was no text.
    pub(super) result: Result<Option<Done>, Failure>,
}

/// A line as it stands in the file.
struct Line {
    number: usize,
    bytes: Vec<u8>,
    part: Part,
}

/// How much of a line that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Whole,
    /// The beginning of one that is longer than can be read.
    Beginning,
    /// What follows of it.
    Rest,
}

/// How far a file was read.
#[derive(Default)]
struct Progress {
    number: usize,
    in_line: bool,
}

/// One file of records, the run's `idx`-th.
pub(super) struct Job<'a> {
    pub(super) shop: &'a Workshop<'a>,
    pub(super) column: &'a str,
    pub(super) idx: usize,
    pub(super) input: &'a Input,
    pub(super) jobs: usize,
}

/// Takes every record, in order; what it breaks off leaves nothing behind.
type Tell<'t> = &'t mut dyn FnMut(Row) -> ControlFlow<()>;

impl Job<'_> {
    /// Does everything with the file.
    pub(super) fn run(&self, stdout: &mut dyn Write, tell: Tell<'_>) -> Result<(), Failure> {
        let told =
            |place: &str, error: &io::Error| Failure { path: self.input.given.clone(), position: None, message: io_message(place, error) };
        let reader = open(self.input).map_err(|error| told("", &error))?;
        match (self.shop.output, &self.input.file) {
            (Output::Folder(folder), _) => {
                let target = output::target(folder, &self.input.relative, None);
                let mut is_whole = true;
                let pending = Pending::with(&target, &Mode::New, |out| {
                    is_whole = self.stream(reader, out, tell)?;
                    Ok(())
                });
                let shown = target.display().to_string();
                let pending = pending.map_err(|error| told(&shown, &error))?;
                if is_whole { pending.persist().map_err(|error| told(&shown, &error)) } else { Ok(()) }
            }
            (Output::InPlace { .. }, _) => Err(Failure {
                path: self.input.given.clone(),
                ..failed(Message::new(
                    "一行一条记录的文件不就地改写；请用 --out-dir",
                    "a file of records is not changed in place; use --out-dir",
                ))
            }),
            (Output::Stdout, _) => self.stream(reader, stdout, tell).map(|_| ()).map_err(|error| told("", &error)),
            (Output::Nowhere, _) => self.stream(reader, &mut io::sink(), tell).map(|_| ()).map_err(|error| told("", &error)),
        }
    }

    /// `false` when nobody listens any more.
    fn stream(&self, mut reader: Box<dyn BufRead + '_>, out: &mut dyn Write, tell: Tell<'_>) -> io::Result<bool> {
        let mut progress = Progress::default();
        let mut n_bad = 0;
        loop {
            let batch = read_batch(&mut reader, &mut progress)?;
            if batch.is_empty() {
                break;
            }
            let mut broken = None;
            let mut stopped = false;
            ordered(
                batch.len(),
                self.jobs,
                |at| (at, self.row(&batch[at])),
                |(at, (row, line))| {
                    let bytes = line.as_deref().map_or(&*batch[at].bytes, str::as_bytes);
                    if let Err(error) = out.write_all(bytes) {
                        broken = Some(error);
                        return ControlFlow::Break(());
                    }
                    if row.result.is_err() {
                        n_bad += 1;
                        if n_bad > TOLD_MAX {
                            return ControlFlow::Continue(());
                        }
                    }
                    let flow = tell(row);
                    stopped = flow.is_break();
                    flow
                },
            );
            if let Some(error) = broken {
                return Err(error);
            }
            if stopped {
                return Ok(false);
            }
        }
        if n_bad > TOLD_MAX {
            let n = n_bad - TOLD_MAX;
            let message = Message::new(
                format!("另有 {n} 行不能用，均原样写出"),
                format!("{n} more lines could not be used; all are written as they are"),
            );
            let failure = Failure { path: self.input.given.clone(), position: None, message };
            return Ok(tell(Row { record: progress.number, result: Err(failure) }).is_continue());
        }
        Ok(true)
    }

    /// Everything with one record, and its line where that changes.
    fn row(&self, line: &Line) -> (Row, Option<String>) {
        let failure = |column: usize, message: Message| Failure {
            path: self.input.given.clone(),
            position: Some(crate::text::Position { line: line.number, column, char_offset: 0 }),
            message,
        };
        let row = |result| Row { record: line.number, result };
        match line.part {
            Part::Whole => {}
            Part::Rest => return (row(Ok(None)), None),
            Part::Beginning => {
                let mib = LINE_MAX >> 20;
                let message = Message::new(
                    format!("这一行超过 {mib} MiB，原样写出"),
                    format!("this line is longer than {mib} MiB; it is written as it is"),
                );
                return (row(Err(failure(1, message))), None);
            }
        }
        let text = match std::str::from_utf8(&line.bytes) {
            Ok(text) => text,
            Err(error) => {
                let before = String::from_utf8_lossy(&line.bytes[..error.valid_up_to()]).chars().count();
                let message = Message::new("不是合法的 UTF-8，这一行原样写出", "this is no valid UTF-8; the line is written as it is");
                return (row(Err(failure(before + 1, message))), None);
            }
        };
        // A byte order mark belongs to the file, not to its first line.
        let mark = if line.number == 1 && text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let (mark, body) = text.split_at(mark);
        match Column::find(body, self.column) {
            Ok(None) => (row(Ok(None)), None),
            Err(error) => {
                let position = LineIndex::new(body).position(error.at);
                (row(Err(failure(position.column, error.message))), None)
            }
            Ok(Some(found)) => {
                let done = self.shop.process_text(self.idx, &self.input.name, &found.text).map_err(|trouble| failure(1, trouble.message));
                let changed = done.as_ref().ok().filter(|done| !done.run.script.is_empty());
                let written = changed.map(|done| {
                    let mark_of_text = if done.decoded.bom { "\u{feff}" } else { "" };
                    format!("{mark}{}", found.write(body, &format!("{mark_of_text}{}", done.run.corrected)))
                });
                (row(done.map(Some)), written)
            }
        }
    }
}

fn open(input: &Input) -> io::Result<Box<dyn BufRead>> {
    let Some(path) = &input.file else { return Ok(Box::new(BufReader::new(io::stdin()))) };
    let unpacked = match input.member {
        Some(member) => member.open(path)?,
        None => unpack::unpack(File::open(path)?, path)?.0,
    };
    Ok(Box::new(BufReader::with_capacity(1 << 18, unpacked)))
}

/// The next lines, each with its end. A line that is too long comes in parts,
/// none of which is read.
fn read_batch(reader: &mut dyn BufRead, progress: &mut Progress) -> io::Result<Vec<Line>> {
    let mut batch = Vec::new();
    let mut n_bytes = 0;
    while batch.len() < BATCH_LINES && n_bytes < BATCH_BYTES {
        let mut bytes = Vec::new();
        (&mut *reader).take(LINE_MAX as u64).read_until(b'\n', &mut bytes)?;
        if bytes.is_empty() {
            break;
        }
        n_bytes += bytes.len();
        let goes_on = bytes.len() == LINE_MAX && !bytes.ends_with(b"\n");
        let part = match (progress.in_line, goes_on) {
            (true, _) => Part::Rest,
            (false, true) => Part::Beginning,
            (false, false) => Part::Whole,
        };
        progress.number += usize::from(part != Part::Rest);
        progress.in_line = goes_on;
        batch.push(Line { number: progress.number, bytes, part });
    }
    Ok(batch)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_with_their_ends_and_numbers_in_batches() {
        let text = "{}\r\n\n".repeat(BATCH_LINES) + "x";
        let mut reader = text.as_bytes();
        let mut progress = Progress::default();
        let mut all = Vec::new();
        let mut n_batches = 0;
        loop {
            let batch = read_batch(&mut reader, &mut progress).unwrap();
            if batch.is_empty() {
                break;
            }
            assert!(batch.len() <= BATCH_LINES);
            n_batches += 1;
            all.extend(batch);
        }
        assert_eq!((n_batches, all.len()), (3, 2 * BATCH_LINES + 1));
        assert_eq!(all.iter().map(|line| line.number).collect::<Vec<_>>(), (1..=all.len()).collect::<Vec<_>>());
        assert_eq!(all.iter().flat_map(|line| line.bytes.clone()).collect::<Vec<_>>(), text.as_bytes());
    }
}

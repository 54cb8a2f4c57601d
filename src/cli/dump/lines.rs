//! One JSON object a line, read and written as they stream by, a batch of lines
//! at a time.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::ops::ControlFlow;

use super::{Job, Row, Teller};
use crate::cli::ordered::ordered;
use crate::cli::unpack;
use crate::cli::walk::Input;
use crate::finding::Message;
use crate::format::Column;
use crate::report::Failure;
use crate::text::LineIndex;

/// Lines of a batch, and bytes from which on it is full.
const BATCH_LINES: usize = 512;
const BATCH_BYTES: usize = 8 << 20;
/// Bytes of the longest line that is read; a longer one is copied.
const LINE_MAX: usize = 64 << 20;

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

/// Repairs one line after the other into `out`; `false` when nobody listens any
/// more.
pub(super) fn stream(job: &Job<'_>, mut reader: impl BufRead, out: &mut dyn Write, teller: &mut Teller<'_>) -> io::Result<bool> {
    let mut progress = Progress::default();
    loop {
        let batch = read_batch(&mut reader, &mut progress)?;
        if batch.is_empty() {
            return Ok(true);
        }
        let mut broken = None;
        let mut stopped = false;
        ordered(
            batch.len(),
            job.jobs,
            |at| (at, row(job, &batch[at])),
            |(at, (row, line))| {
                let bytes = line.as_deref().map_or(&*batch[at].bytes, str::as_bytes);
                if let Err(error) = out.write_all(bytes) {
                    broken = Some(error);
                    return ControlFlow::Break(());
                }
                let flow = teller.tell(row);
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
}

/// Everything with one record, and its line where that changes.
fn row(job: &Job<'_>, line: &Line) -> (Row, Option<String>) {
    let failure = |column: usize, message: Message| Failure {
        path: job.input.given.clone(),
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
    match Column::find(body, job.column) {
        Ok(None) => (row(Ok(None)), None),
        Err(error) => {
            let position = LineIndex::new(body).position(error.at);
            (row(Err(failure(position.column, error.message))), None)
        }
        Ok(Some(found)) => {
            let done = job.shop.process_text(job.idx, &job.input.name, &found.text).map_err(|trouble| failure(1, trouble.message));
            let changed = done.as_ref().ok().filter(|done| !done.run.script.is_empty());
            let written = changed.map(|done| {
                let mark_of_text = if done.decoded.bom { "\u{feff}" } else { "" };
                format!("{mark}{}", found.write(body, &format!("{mark_of_text}{}", done.run.corrected)))
            });
            (row(done.map(Some)), written)
        }
    }
}

/// The lines of `input`, unpacked.
pub(super) fn open(input: &Input) -> io::Result<Box<dyn BufRead>> {
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

//! Parquet files: row groups one after the other, their texts a batch at a time.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Seek, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

use bytes::Bytes;
use parquet::data_type::ByteArray;
use parquet::file::reader::ChunkReader;

use super::{Job, Row, Teller};
use crate::cli::exit::io_message;
use crate::cli::ordered::ordered;
use crate::cli::output::{self, Output};
use crate::cli::unpack;
use crate::cli::work::failed;
use crate::cli::write::Pending;
use crate::finding::Message;
use crate::format::table::{Rewriter, Table};
use crate::report::Failure;

/// Rows of a batch.
const BATCH_ROWS: usize = 512;

/// Repairs one file; `false` when nobody listens any more.
pub(super) fn repair(job: &Job<'_>, stdout: &mut dyn Write, teller: &mut Teller<'_>) -> Result<bool, Failure> {
    // The library checks most of what a damaged file may hold, and not all.
    catch_unwind(AssertUnwindSafe(|| into_place(job, stdout, teller))).unwrap_or_else(|_| {
        let message = Message::new("不是完好的 Parquet 文件", "this is no sound Parquet file");
        Err(Failure { path: job.input.given.clone(), ..failed(message) })
    })
}

/// Writes to where the output belongs, in one step.
fn into_place(job: &Job<'_>, stdout: &mut dyn Write, teller: &mut Teller<'_>) -> Result<bool, Failure> {
    match job.shop.output {
        Output::Folder(folder) => {
            let target = output::target(folder, &job.input.relative, None);
            let shown = target.display().to_string();
            let told = |error: io::Error| job.told(&shown, &error);
            let (pending, file) = Pending::open(&target).map_err(told)?;
            let is_whole = open(job, Some(file), teller)?;
            if is_whole {
                pending.persist().map_err(told)?;
            }
            Ok(is_whole)
        }
        Output::Stdout => {
            let told = |error: io::Error| job.told("", &error);
            let mut file = tempfile::tempfile().map_err(told)?;
            let is_whole = open(job, Some(file.try_clone().map_err(told)?), teller)?;
            if is_whole {
                file.rewind().and_then(|()| io::copy(&mut file, stdout)).map_err(told)?;
            }
            Ok(is_whole)
        }
        Output::InPlace { .. } | Output::Nowhere => open(job, None, teller),
    }
}

/// Reads from a file where it lies, and from memory what is packed or streams.
fn open(job: &Job<'_>, out: Option<File>, teller: &mut Teller<'_>) -> Result<bool, Failure> {
    let told = |error: io::Error| job.told("", &error);
    let packed = match (&job.input.file, job.input.member) {
        (Some(path), None) if !unpack::is_packed(path) => {
            // Opened anew each time: clones of a handle would share its place.
            let again = || File::open(path);
            return Repair { job, out, again, teller }.run(again().map_err(told)?);
        }
        (Some(path), None) => unpack::read(path),
        (Some(path), Some(member)) => member.open(path).and_then(unpack::all),
        (None, _) => unpack::all(io::stdin()),
    };
    let bytes = Bytes::from(packed.map_err(told)?);
    Repair { job, out, again: || Ok(bytes.clone()), teller }.run(bytes.clone())
}

/// The repair of one file.
struct Repair<'r, 't, A> {
    job: &'r Job<'r>,
    /// Where it is written; `None`: nowhere.
    out: Option<File>,
    /// The same file, to be read once more.
    again: A,
    teller: &'r mut Teller<'t>,
}

impl<R: ChunkReader + 'static, A: Fn() -> io::Result<R>> Repair<'_, '_, A> {
    fn run(mut self, source: R) -> Result<bool, Failure> {
        let path = &self.job.input.given;
        let told = |message: Message| Failure { path: path.clone(), ..failed(message) };
        let io = |error: io::Error| told(io_message("", &error));
        let table = Table::open(source, self.job.column).map_err(told)?;
        let mut writer = None;
        let mut n_rows = 0;
        for group in 0..table.n_groups() {
            let mut texts = table.texts(group).map_err(told)?;
            let mut changed = BTreeMap::new();
            let first = n_rows;
            loop {
                let batch = texts.next_batch(BATCH_ROWS).map_err(told)?;
                if batch.is_empty() {
                    break;
                }
                if !self.batch(&batch, first, n_rows, &mut changed) {
                    return Ok(false);
                }
                n_rows += batch.len();
            }
            if changed.is_empty() {
                if let Some(writer) = &mut writer {
                    let writer: &mut Rewriter<R, File> = writer;
                    writer.copy(group).map_err(told)?;
                }
                continue;
            }
            let Some(out) = &self.out else { continue };
            // What comes before the first change is written only now: a file
            // without any is copied as it stands.
            if writer.is_none() {
                let out = out.try_clone().map_err(io)?;
                let mut new = Rewriter::new(&table, (self.again)().map_err(io)?, out).map_err(told)?;
                (0..group).try_for_each(|before| new.copy(before)).map_err(told)?;
                writer = Some(new);
            }
            if let Some(writer) = &mut writer {
                writer.write(&table, group, &changed).map_err(told)?;
            }
        }
        match (writer, &mut self.out) {
            (Some(writer), _) => writer.finish().map_err(told)?,
            (None, Some(out)) => {
                let copy = |source: R| io::copy(&mut source.get_read(0).map_err(io::Error::other)?, out);
                (self.again)().and_then(copy).map_err(io)?;
            }
            (None, None) => {}
        }
        Ok(true)
    }

    /// Repairs some rows, the first of which is the file's `at`-th, in a row
    /// group that begins with the `first`-th; `false` when nobody listens.
    fn batch(&mut self, batch: &[Option<ByteArray>], first: usize, at: usize, changed: &mut BTreeMap<usize, String>) -> bool {
        let job = self.job;
        let mut goes_on = true;
        ordered(
            batch.len(),
            job.jobs,
            |idx| (at + idx, row(job, at + idx + 1, batch[idx].as_ref())),
            |(idx, (row, text))| {
                changed.extend(text.map(|text| (idx - first, text)));
                let flow = self.teller.tell(row);
                goes_on = flow.is_continue();
                flow
            },
        );
        goes_on
    }
}

/// Everything with one row, and its text where that changes.
fn row(job: &Job<'_>, record: usize, value: Option<&ByteArray>) -> (Row, Option<String>) {
    let failure = |message: Message| Failure { path: format!("{}#{record}", job.input.given), ..failed(message) };
    let row = |result| Row { record, result };
    let Some(value) = value else { return (row(Ok(None)), None) };
    let Ok(text) = std::str::from_utf8(value.data()) else {
        let message = Message::new("不是合法的 UTF-8，这一行原样写出", "this is no valid UTF-8; the row is written as it is");
        return (row(Err(failure(message))), None);
    };
    let done = job.shop.process_text(job.idx, &job.input.name, text).map_err(|trouble| failure(trouble.message));
    let changed = done.as_ref().ok().filter(|done| !done.run.script.is_empty());
    let written = changed.map(|done| format!("{}{}", if done.decoded.bom { "\u{feff}" } else { "" }, done.run.corrected));
    (row(done.map(Some)), written)
}

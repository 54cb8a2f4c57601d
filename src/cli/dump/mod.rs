//! Files of records, of which one column is a text: [`lines`] of JSON, and
//! [`table`]s of Parquet. Each record is a text of its own; whatever else the
//! file holds stays as it is.

mod lines;
#[cfg(feature = "parquet")]
mod table;

use std::io::{self, Write};
use std::ops::ControlFlow;
use std::path::Path;

use super::exit::io_message;
use super::output::{self, Output};
use super::unpack;
use super::walk::Input;
use super::work::{Done, Workshop, failed};
use super::write::{Mode, Pending};
use crate::finding::Message;
use crate::report::Failure;

/// The ends of the names of files of records.
pub(super) const EXTENSIONS: [&str; 3] = ["jsonl", "ndjson", "parquet"];

/// Bad records of a file that are told one by one.
const TOLD_MAX: usize = 20;

/// True for a file of records, by its name.
pub(super) fn is_dump(path: &Path) -> bool {
    EXTENSIONS.iter().any(|extension| ends_with(path, extension))
}

fn is_table(path: &Path) -> bool {
    ends_with(path, "parquet")
}

fn ends_with(path: &Path, wanted: &str) -> bool {
    unpack::inner_name(path).extension().is_some_and(|extension| extension.eq_ignore_ascii_case(wanted))
}

/// What came of one record.
pub(super) struct Row {
    /// Its line or row, from 1.
    pub(super) record: usize,
    /// `None` where there was no text.
    pub(super) result: Result<Option<Done>, Failure>,
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
        if matches!(self.shop.output, Output::InPlace { .. }) && self.input.file.is_some() {
            let message =
                Message::new("一条一条记录的文件不就地改写；请用 --out-dir", "a file of records is not changed in place; use --out-dir");
            return Err(Failure { path: self.input.given.clone(), ..failed(message) });
        }
        let mut teller = Teller { tell, given: &self.input.given, n_bad: 0, last: 0 };
        let is_whole = if is_table(&self.input.relative) { self.table(stdout, &mut teller) } else { self.lines(stdout, &mut teller) };
        if is_whole? {
            teller.finish();
        }
        Ok(())
    }

    fn lines(&self, stdout: &mut dyn Write, teller: &mut Teller<'_>) -> Result<bool, Failure> {
        let reader = lines::open(self.input).map_err(|error| self.told("", &error))?;
        match self.shop.output {
            Output::Folder(folder) => {
                let target = output::target(folder, &self.input.relative, None);
                let mut is_whole = true;
                let pending = Pending::with(&target, &Mode::New, |out| {
                    is_whole = lines::stream(self, reader, out, teller)?;
                    Ok(())
                });
                let shown = target.display().to_string();
                let pending = pending.map_err(|error| self.told(&shown, &error))?;
                if is_whole {
                    pending.persist().map_err(|error| self.told(&shown, &error))?;
                }
                Ok(is_whole)
            }
            Output::Stdout => lines::stream(self, reader, stdout, teller).map_err(|error| self.told("", &error)),
            Output::InPlace { .. } | Output::Nowhere => {
                lines::stream(self, reader, &mut io::sink(), teller).map_err(|error| self.told("", &error))
            }
        }
    }

    #[cfg(feature = "parquet")]
    fn table(&self, stdout: &mut dyn Write, teller: &mut Teller<'_>) -> Result<bool, Failure> {
        table::repair(self, stdout, teller)
    }

    #[cfg(not(feature = "parquet"))]
    fn table(&self, _: &mut dyn Write, _: &mut Teller<'_>) -> Result<bool, Failure> {
        let message = Message::new(
            "这个 jiaokan 编译时未含 Parquet；请用 cargo install jiaokan --features parquet 重新安装",
            "this jiaokan was built without Parquet; install it with: cargo install jiaokan --features parquet",
        );
        Err(Failure { path: self.input.given.clone(), ..failed(message) })
    }

    /// An error of the file, or of the one at `place`.
    fn told(&self, place: &str, error: &io::Error) -> Failure {
        Failure { path: self.input.given.clone(), position: None, message: io_message(place, error) }
    }
}

/// Hands on what came of the records, and only some of many bad ones.
struct Teller<'t> {
    tell: Tell<'t>,
    given: &'t str,
    n_bad: usize,
    last: usize,
}

impl Teller<'_> {
    fn tell(&mut self, row: Row) -> ControlFlow<()> {
        self.last = row.record;
        if row.result.is_err() {
            self.n_bad += 1;
            if self.n_bad > TOLD_MAX {
                return ControlFlow::Continue(());
            }
        }
        (self.tell)(row)
    }

    /// Says how many bad ones were not told.
    fn finish(self) {
        if self.n_bad > TOLD_MAX {
            let n = self.n_bad - TOLD_MAX;
            let message = Message::new(
                format!("另有 {n} 行不能用，均原样写出"),
                format!("{n} more lines could not be used; all are written as they are"),
            );
            let failure = Failure { path: self.given.to_owned(), position: None, message };
            let _ = (self.tell)(Row { record: self.last, result: Err(failure) });
        }
    }
}

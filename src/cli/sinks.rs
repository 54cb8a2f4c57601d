use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::args::ArticlesArgs;
use super::exit::Trouble;
use super::write::AtTheEnd;
use crate::article::PagePattern;
use crate::report::{self, RecordFormat, Reporter};

/// Tells whether the reader of standard output has gone.
#[derive(Clone, Debug, Default)]
pub(super) struct PipeState(Arc<AtomicBool>);

impl PipeState {
    pub(super) fn is_closed(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Standard output, buffered. When its reader has gone (`jiaokan … | head`),
/// that is no error: the rest is dropped and `state` says so.
pub(super) fn stdout(state: &PipeState) -> Box<dyn Write> {
    Box::new(BufWriter::new(Pipe { inner: io::stdout(), state: state.clone() }))
}

/// Standard error, buffered in the same way.
pub(super) fn stderr() -> Box<dyn Write> {
    Box::new(BufWriter::new(Pipe { inner: io::stderr(), state: PipeState::default() }))
}

struct Pipe<W> {
    inner: W,
    state: PipeState,
}

impl<W: Write> Pipe<W> {
    fn forgive<T>(&self, result: io::Result<T>, instead: T) -> io::Result<T> {
        match result {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.state.0.store(true, Ordering::Relaxed);
                Ok(instead)
            }
            other => other,
        }
    }
}

impl<W: Write> Write for Pipe<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.state.is_closed() {
            return Ok(bytes.len());
        }
        let result = self.inner.write(bytes);
        self.forgive(result, bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let result = self.inner.flush();
        self.forgive(result, ())
    }
}

/// The renderer of `--articles FILE`.
pub(super) fn articles(args: &ArticlesArgs, file: &Path, files: &AtTheEnd) -> Result<Box<dyn Reporter>, Trouble> {
    let patterns = args.page_pattern.iter().map(|pattern| {
        PagePattern::new(pattern).map_err(|error| {
            Trouble::new(format!("--page-pattern「{pattern}」不能用：{error}"), format!("--page-pattern \"{pattern}\": {error}"))
        })
    });
    let patterns = patterns.collect::<Result<Vec<_>, _>>()?;
    let told = |path: &Path, error: &io::Error| Trouble::io(&path.display().to_string(), error);
    let create = |path: &Path| Ok((files.create(path).map_err(|error| told(path, &error))?, record_format(path)?));
    let rejects = args.rejects.as_deref().map(create).transpose()?;
    report::articles(create(file)?, rejects, patterns).map_err(|error| told(file, &error))
}

/// What a file of articles is written as, by its name.
fn record_format(path: &Path) -> Result<RecordFormat, Trouble> {
    match path.extension() {
        #[cfg(feature = "parquet")]
        Some(extension) if extension.eq_ignore_ascii_case("parquet") => Ok(RecordFormat::Parquet),
        #[cfg(not(feature = "parquet"))]
        Some(extension) if extension.eq_ignore_ascii_case("parquet") => Err(Trouble::new(
            "这个 jiaokan 编译时未含 Parquet；请写 .jsonl，或用 cargo install jiaokan --features parquet 重新安装",
            "this jiaokan was built without Parquet; write .jsonl, or install it with: cargo install jiaokan --features parquet",
        )),
        _ => Ok(RecordFormat::Lines),
    }
}

/// The renderer of `--report DIR`; makes the folder.
pub(super) fn report_folder(folder: &Path, files: &AtTheEnd) -> Result<Box<dyn Reporter>, Trouble> {
    let shown = folder.display().to_string();
    fs::create_dir_all(folder).map_err(|error| Trouble::io(&shown, &error))?;
    let (at, files) = (folder.to_owned(), files.clone());
    report::folder(Box::new(move |name| Ok(files.create(&at.join(name))?))).map_err(|error| Trouble::io(&shown, &error))
}

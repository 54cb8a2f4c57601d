use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::super::exit::Trouble;
use super::super::patches::FOLDER;
use crate::decision::{Decision, Log};

/// Name of the log in the folder `.jiaokan`.
const NAME: &str = "decisions.jsonl";
/// Whoever writes the log holds a lock on this file.
const LOCK: &str = "decisions.lock";
/// Bytes before the place read last by which a log is recognized.
const MARK_BYTES: usize = 96;

/// The log of a folder. Others may write it as well.
#[derive(Debug)]
pub(in crate::cli) struct Store {
    path: PathBuf,
    /// Bytes read so far, always to the end of a line.
    seen: u64,
    /// What stood before them.
    mark: Vec<u8>,
}

/// What a log has that was not read before.
pub(in crate::cli) enum News {
    /// These lines.
    Lines(Vec<Decision>),
    /// It is another log by now, as after `decisions compact`.
    Anew(Log),
}

impl Store {
    /// The log of `folder`, whether it is there yet or not.
    pub(in crate::cli) fn of(folder: &Path) -> Self {
        Self { path: folder.join(FOLDER).join(NAME), seen: 0, mark: Vec::new() }
    }

    #[cfg(test)]
    fn path(&self) -> &Path {
        &self.path
    }

    /// Reads the log from its beginning.
    ///
    /// # Errors
    /// When it cannot be read, or a line is no decision.
    pub(in crate::cli) fn read(&mut self) -> Result<Log, Trouble> {
        (self.seen, self.mark) = (0, Vec::new());
        let text = match fs::read_to_string(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            other => other.map_err(|error| self.trouble(&error))?,
        };
        let log = super::parse(&self.path, &text)?;
        self.advance(text.as_bytes());
        Ok(log)
    }

    /// What was written since.
    ///
    /// # Errors
    /// As [`Store::read`].
    pub(in crate::cli) fn news(&mut self) -> Result<News, Trouble> {
        let bytes = self.tail().map_err(|error| self.trouble(&error))?;
        let Some(bytes) = bytes else { return self.read().map(News::Anew) };
        let whole = memchr::memrchr(b'\n', &bytes).map_or(0, |at| at + 1);
        let text = String::from_utf8_lossy(&bytes[..whole]).into_owned();
        let log = super::parse(&self.path, &text)?;
        self.advance(&bytes);
        Ok(News::Lines(log.decisions))
    }

    /// The bytes after those that were read; `None` when these are gone.
    fn tail(&self) -> io::Result<Option<Vec<u8>>> {
        let mut file = match File::open(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((self.seen == 0).then(Vec::new)),
            other => other?,
        };
        let length = file.metadata()?.len();
        if length < self.seen {
            return Ok(None);
        }
        let mark_len = self.mark.len() as u64;
        file.seek(SeekFrom::Start(self.seen - mark_len))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(bytes.strip_prefix(self.mark.as_slice()).map(<[u8]>::to_vec))
    }

    /// Notes that the lines of `bytes` were read.
    fn advance(&mut self, bytes: &[u8]) {
        let whole = memchr::memrchr(b'\n', bytes).map_or(0, |at| at + 1);
        self.seen += whole as u64;
        self.mark.extend_from_slice(&bytes[..whole]);
        let extra = self.mark.len().saturating_sub(MARK_BYTES);
        self.mark.drain(..extra);
    }

    /// Writes lines at the end of the log. When this returns, they are on the
    /// disk; after an error, none of them is in the log.
    ///
    /// # Errors
    /// When they cannot be written whole.
    pub(in crate::cli) fn append(&self, decisions: &[Decision]) -> Result<(), Trouble> {
        if decisions.is_empty() {
            return Ok(());
        }
        self.locked(|| {
            let is_new = !self.path.exists();
            let mut file = OpenOptions::new().read(true).append(true).create(true).open(&self.path)?;
            let length = mend(&mut file)?;
            let lines: String = decisions.iter().map(Decision::line).collect();
            let written = file.write_all(lines.as_bytes()).and_then(|()| file.sync_data());
            if let Err(error) = written {
                // What was written in part was not acknowledged; if it cannot
                // be taken back now, the next writing does.
                let _ = file.set_len(length);
                return Err(error);
            }
            if is_new {
                sync_folder(&self.path)?;
            }
            Ok(())
        })
        .map_err(|error| self.trouble(&error))
    }

    /// Puts another text in the place of the log, in one step.
    ///
    /// # Errors
    /// When it cannot be written; the log is then as it was.
    pub(in crate::cli) fn rewrite(&mut self, change: impl FnOnce(Log) -> String) -> Result<(), Trouble> {
        let path = self.path.clone();
        let mut broken = None;
        let done = Self::of_path(&path).locked(|| {
            let log = match self.read() {
                Ok(log) => log,
                Err(trouble) => {
                    broken = Some(trouble);
                    return Ok(());
                }
            };
            let folder = path.parent().unwrap_or(Path::new("."));
            let mut file = tempfile::NamedTempFile::new_in(folder)?;
            file.write_all(change(log).as_bytes())?;
            file.as_file().sync_all()?;
            file.persist(&path).map_err(|error| error.error)?;
            sync_folder(&path)
        });
        match broken {
            Some(trouble) => Err(trouble),
            None => done.map_err(|error| self.trouble(&error)),
        }
    }

    fn of_path(path: &Path) -> Self {
        Self { path: path.to_owned(), seen: 0, mark: Vec::new() }
    }

    /// Does something while nobody else writes the log.
    fn locked<T>(&self, work: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder)?;
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(folder.join(LOCK))?;
        lock.lock()?;
        let done = work();
        lock.unlock()?;
        done
    }

    fn trouble(&self, error: &io::Error) -> Trouble {
        Trouble::io(&self.path.display().to_string(), error)
    }
}

/// Ends the last line of a log, which a crash may have cut: what was cut was
/// never acknowledged and goes, a whole line without its newline gets one. The
/// length afterwards.
fn mend(file: &mut File) -> io::Result<u64> {
    let length = file.metadata()?.len();
    if length == 0 {
        return Ok(0);
    }
    file.seek(SeekFrom::Start(length - 1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    if last == *b"\n" {
        return Ok(length);
    }
    let mut text = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.read_to_end(&mut text)?;
    let whole = memchr::memrchr(b'\n', &text).map_or(0, |at| at + 1);
    let is_decision = std::str::from_utf8(&text[whole..]).is_ok_and(|line| Log::read(line).is_ok_and(|log| !log.torn));
    if is_decision {
        file.write_all(b"\n")?;
        return Ok(length + 1);
    }
    file.set_len(whole as u64)?;
    Ok(whole as u64)
}

/// A new file is there after a power failure only when its folder says so.
fn sync_folder(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()?;
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decision::Verdict;
    use crate::text::Span;

    fn line(reviewer: &str) -> Decision {
        Decision::about("大家己经到了", Span::new(6, 9), "core/x", Verdict::Accept).by(reviewer, "2026-01-01T00:00:00Z")
    }

    fn news(store: &mut Store) -> Vec<String> {
        match store.news().unwrap() {
            News::Lines(lines) => lines.into_iter().map(|line| line.reviewer).collect(),
            News::Anew(log) => [vec!["anew".to_owned()], log.decisions.into_iter().map(|line| line.reviewer).collect()].concat(),
        }
    }

    #[test]
    fn two_who_write_see_each_other() {
        let folder = tempfile::tempdir().unwrap();
        let (mut one, mut two) = (Store::of(folder.path()), Store::of(folder.path()));
        assert_eq!((one.read().unwrap().decisions.len(), news(&mut two)), (0, Vec::new()));
        one.append(&[line("甲")]).unwrap();
        two.append(&[line("乙"), line("丙")]).unwrap();
        assert_eq!(news(&mut one), ["甲", "乙", "丙"]);
        assert_eq!(news(&mut one), Vec::<String>::new());
        two.rewrite(|log| log.decisions[1..].iter().map(Decision::line).collect()).unwrap();
        assert_eq!(news(&mut one), ["anew", "乙", "丙"]);
    }

    #[test]
    fn what_a_crash_cut_is_dropped_before_more_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::of(folder.path());
        store.append(&[line("甲")]).unwrap();
        let text = fs::read_to_string(store.path()).unwrap();
        fs::write(store.path(), format!("{text}{}", &text[..40])).unwrap();
        assert!(store.read().unwrap().torn);
        store.append(&[line("乙")]).unwrap();
        let log = store.read().unwrap();
        assert_eq!((log.decisions.len(), log.torn), (2, false));
        fs::write(store.path(), text.trim_end()).unwrap();
        store.append(&[line("丙")]).unwrap();
        assert_eq!(store.read().unwrap().decisions.len(), 2, "a whole line is kept, whatever it lacks behind it");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_told_and_nothing_is_lost() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::of(folder.path());
        store.append(&[line("甲")]).unwrap();
        fs::remove_file(store.path()).unwrap();
        std::os::unix::fs::symlink("/dev/full", store.path()).unwrap();
        let trouble = store.append(&[line("乙")]).unwrap_err();
        assert!(trouble.0.en.contains("the disk is full"), "{}", trouble.0.en);
    }
}

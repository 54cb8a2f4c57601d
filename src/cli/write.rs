use std::cell::RefCell;
use std::fs::{self, File, Permissions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use super::exit::{Trouble, io_message};
use crate::finding::Message;

/// Whose permissions a written file gets.
#[derive(Clone, Debug)]
pub(super) enum Mode {
    /// Those that a new file gets here.
    New,
    /// These.
    Keep(Permissions),
}

/// A file that is written but not yet in its place.
#[derive(Debug)]
pub(super) struct Pending {
    file: NamedTempFile,
    target: PathBuf,
}

impl Pending {
    /// Writes `bytes` beside `target`; makes its folder.
    pub(super) fn new(target: &Path, bytes: &[u8], mode: &Mode) -> io::Result<Self> {
        Self::with(target, mode, |file| file.write_all(bytes))
    }

    /// The same for content that is made as it is written, so that it never
    /// stands in memory as a whole.
    pub(super) fn with(target: &Path, mode: &Mode, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<Self> {
        let folder = target.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        fs::create_dir_all(folder)?;
        let mut file = beside(target, folder)?;
        let mut buffered = io::BufWriter::new(file.as_file_mut());
        write(&mut buffered)?;
        buffered.flush()?;
        drop(buffered);
        if let Mode::Keep(permissions) = mode {
            fs::set_permissions(file.path(), permissions.clone())?;
        }
        Ok(Self { file, target: target.to_owned() })
    }

    /// An empty file beside `target`, which is written through the handle that
    /// comes with it.
    pub(super) fn open(target: &Path) -> io::Result<(Self, File)> {
        let folder = target.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let file = beside(target, folder)?;
        let handle = file.reopen()?;
        Ok((Self { file, target: target.to_owned() }, handle))
    }

    /// Puts the file in its place, in one step.
    pub(super) fn persist(self) -> io::Result<()> {
        self.file.persist(&self.target).map(|_| ()).map_err(|error| error.error)
    }
}

/// The temporary file of `target`. Its name follows from that of the target, so
/// that the next run puts its own in the place of what a killed one left; it is
/// short, for names may be as long as a file system takes.
fn beside(target: &Path, folder: &Path) -> io::Result<NamedTempFile> {
    let name = target.file_name().unwrap_or_default();
    let hash = Sha256::digest(name.as_encoded_bytes());
    let hash: String = hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let name = format!(".jiaokan-{hash}.part");
    match fs::remove_file(folder.join(&name)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut builder = tempfile::Builder::new();
    builder.prefix(&name).rand_bytes(0);
    // A temporary file is private by default; this one is to be the text.
    #[cfg(unix)]
    let builder = builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}

/// Files that a run writes as it goes and that get their names when it has come
/// to its end: what was killed or failed leaves the ones that were there.
#[derive(Clone, Debug, Default)]
pub(super) struct AtTheEnd(Rc<RefCell<Vec<Pending>>>);

impl AtTheEnd {
    /// A file that will be `target`.
    pub(super) fn create(&self, target: &Path) -> io::Result<Box<dyn Write + Send>> {
        let (pending, handle) = Pending::open(target)?;
        self.0.borrow_mut().push(pending);
        Ok(Box::new(io::BufWriter::new(handle)))
    }

    /// Puts all of them in their places. Whoever writes has flushed.
    pub(super) fn persist(&self) -> Result<(), Trouble> {
        for pending in self.0.take() {
            let target = pending.target.display().to_string();
            pending.persist().map_err(|error| Trouble::io(&target, &error))?;
        }
        Ok(())
    }
}

/// Writes a whole file in one step.
pub(super) fn atomically(target: &Path, bytes: &[u8], mode: &Mode) -> Result<(), Message> {
    Pending::new(target, bytes, mode).and_then(Pending::persist).map_err(|error| io_message(&target.display().to_string(), &error))
}

/// Refuses when `path` no longer reads `bytes`.
pub(super) fn unchanged(path: &Path, bytes: &[u8]) -> Result<(), Message> {
    let now = fs::read(path).map_err(|error| io_message("", &error))?;
    if now == bytes {
        return Ok(());
    }
    Err(Message::new("读入之后文件又被改动，未写入；请重新运行", "the file was changed after it was read; it was left alone. Run again"))
}

/// Keeps `bytes` as `NAME.orig`. An older one of other content is not
/// overwritten: it may be the only copy of a true original.
pub(super) fn backup(path: &Path, bytes: &[u8]) -> Result<(), Message> {
    let mut name = path.as_os_str().to_owned();
    name.push(".orig");
    let target = PathBuf::from(name);
    match fs::read(&target) {
        Ok(there) if there == bytes => Ok(()),
        Ok(_) => {
            let shown = target.display();
            Err(Message::new(
                format!("已有内容不同的备份 {shown}，未写入；请先移走它"),
                format!("there is another backup at {shown}; the file was left alone. Move the backup away first"),
            ))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let mode = fs::metadata(path).map_or(Mode::New, |meta| Mode::Keep(meta.permissions()));
            atomically(&target, bytes, &mode)
        }
        Err(error) => Err(io_message(&target.display().to_string(), &error)),
    }
}

/// Makes a folder, for an early error rather than one for every file.
pub(super) fn folder(path: &Path) -> Result<(), Trouble> {
    fs::create_dir_all(path).map_err(|error| Trouble::io(&path.display().to_string(), &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_was_changed_after_reading_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        fs::write(&path, "读入时").unwrap();
        assert!(unchanged(&path, "读入时".as_bytes()).is_ok());
        fs::write(&path, "另有人改").unwrap();
        assert!(unchanged(&path, "读入时".as_bytes()).is_err());
        fs::remove_file(&path).unwrap();
        assert!(unchanged(&path, "读入时".as_bytes()).is_err());
    }

    #[test]
    fn a_file_that_is_not_put_in_place_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("版/a.txt");
        drop(Pending::new(&target, b"x", &Mode::New).unwrap());
        assert_eq!(fs::read_dir(folder.path().join("版")).unwrap().count(), 0);
        atomically(&target, b"y", &Mode::New).unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"y");
        assert_eq!(fs::read_dir(folder.path().join("版")).unwrap().count(), 1);
    }

    #[test]
    fn what_a_killed_run_left_is_replaced_and_what_was_there_stays_to_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join(format!("{}.jsonl", "版".repeat(80)));
        fs::write(&target, b"earlier").unwrap();
        std::mem::forget(Pending::open(&target).unwrap());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
        let files = AtTheEnd::default();
        let mut sink = files.create(&target).unwrap();
        sink.write_all(b"new").unwrap();
        sink.flush().unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"earlier");
        files.persist().unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"new");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}

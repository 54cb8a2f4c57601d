use std::fs::{self, Permissions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

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
pub(super) struct Pending {
    file: tempfile::NamedTempFile,
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
        let mut builder = tempfile::Builder::new();
        builder.prefix(".jiaokan-");
        // A temporary file is private by default; this one is to be the text.
        #[cfg(unix)]
        let builder = builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let mut file = builder.tempfile_in(folder)?;
        let mut buffered = io::BufWriter::new(file.as_file_mut());
        write(&mut buffered)?;
        buffered.flush()?;
        drop(buffered);
        if let Mode::Keep(permissions) = mode {
            fs::set_permissions(file.path(), permissions.clone())?;
        }
        Ok(Self { file, target: target.to_owned() })
    }

    /// Puts the file in its place, in one step.
    pub(super) fn persist(self) -> io::Result<()> {
        self.file.persist(&self.target).map(|_| ()).map_err(|error| error.error)
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
}

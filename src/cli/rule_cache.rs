//! Where compiled rule lists are kept from one run to the next: files named by
//! a digest of all that they depend on. Whatever goes wrong here is no error:
//! the list is compiled again, and a run without a cache gives the same.

use std::env;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use crate::rules::{Host, PackSource, RuleError, RuleSet};

/// Names the folder; empty for none.
const VARIABLE: &str = "JIAOKAN_CACHE";

/// Bytes beyond which the oldest files go: some twenty lists of a million
/// terms each.
const MAX_BYTES: u64 = 1 << 30;

/// How the files end.
const EXTENSION: &str = "list";

/// Checks and compiles packs, with what is kept of their large lists.
///
/// # Errors
/// Everything that is wrong in any of the files.
pub(super) fn load(packs: &[PackSource]) -> Result<RuleSet, Vec<RuleError>> {
    RuleSet::load_with(packs, &Cache { folder: folder() })
}

/// A host of rule sets: a folder, if there is one, and all threads.
struct Cache {
    folder: Option<PathBuf>,
}

impl Host for Cache {
    fn kept(&self, key: &str) -> Option<Vec<u8>> {
        fs::read(self.path(key)?).ok()
    }

    fn keep(&self, key: &str, bytes: &[u8]) {
        if let Some(path) = self.path(key) {
            // Nothing is lost when that fails but time.
            drop(write(&path, bytes));
        }
    }

    fn each(&self, n: usize, job: &(dyn Fn(usize) + Sync)) {
        (0..n).into_par_iter().for_each(job);
    }
}

impl Cache {
    fn path(&self, key: &str) -> Option<PathBuf> {
        Some(self.folder.as_ref()?.join(key).with_extension(EXTENSION))
    }
}

/// Writes a file whole or not at all: another run may read it meanwhile.
fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    make_room(folder, bytes.len() as u64)?;
    let mut file = tempfile::Builder::new().prefix(".").tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.persist(path).map(drop).map_err(|error| error.error)
}

/// Removes the oldest files, so that lists that were edited again and again do
/// not fill the disk.
fn make_room(folder: &Path, n_bytes: u64) -> std::io::Result<()> {
    let mut files: Vec<(SystemTime, u64, PathBuf)> = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (path, about) = (entry.path(), entry.metadata()?);
        if about.is_file() && path.extension().is_some_and(|extension| extension == EXTENSION) {
            files.push((about.modified().unwrap_or(SystemTime::UNIX_EPOCH), about.len(), path));
        }
    }
    files.sort();
    let mut total = n_bytes + files.iter().map(|(_, length, _)| length).sum::<u64>();
    for (_, length, path) in files {
        if total <= MAX_BYTES {
            break;
        }
        fs::remove_file(path)?;
        total -= length;
    }
    Ok(())
}

/// The folder the user's cached files belong into, as the system has it.
fn folder() -> Option<PathBuf> {
    if let Some(named) = env::var_os(VARIABLE) {
        return (!named.is_empty()).then(|| PathBuf::from(named));
    }
    // A relative path would be another folder in every folder.
    let absolute = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let of_user = if cfg!(windows) {
        absolute("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        absolute("HOME").map(|home| home.join("Library/Caches"))
    } else {
        absolute("XDG_CACHE_HOME").or_else(|| absolute("HOME").map(|home| home.join(".cache")))
    };
    Some(of_user?.join("jiaokan"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_comes_back_and_the_oldest_go_first() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache { folder: Some(folder.path().join("new")) };
        assert_eq!(cache.kept("a"), None);
        cache.keep("a", b"one");
        cache.keep("a", b"two");
        assert_eq!(cache.kept("a").as_deref(), Some(&b"two"[..]));
        let old = SystemTime::UNIX_EPOCH;
        fs::File::options().write(true).open(cache.path("a").unwrap()).unwrap().set_modified(old).unwrap();
        cache.keep("b", b"new");
        make_room(cache.folder.as_ref().unwrap(), MAX_BYTES - 4).unwrap();
        assert_eq!((cache.kept("a"), cache.kept("b").as_deref()), (None, Some(&b"new"[..])));
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_no_cache() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let cache = Cache { folder: Some(file.path().join("below a file")) };
        cache.keep("a", b"one");
        assert_eq!(cache.kept("a"), None);
        let none = Cache { folder: None };
        none.keep("a", b"one");
        assert_eq!(none.kept("a"), None);
    }
}

use std::ffi::OsString;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::exit::io_message;
use super::write::{Mode, Pending};
use crate::finding::Message;
use crate::patch::Patch;

/// The folder that holds patches, beside the texts.
pub(super) const FOLDER: &str = ".jiaokan";

/// Patches of earlier runs in place that are kept for undoing one run after
/// the other; the oldest is dropped.
const HISTORY_MAX: usize = 8;

/// Where the patch of the text at `relative` below `root` lies.
pub(super) fn place(root: &Path, relative: &Path) -> PathBuf {
    let mut name = relative.file_name().map_or_else(OsString::new, OsString::from);
    name.push(".patch.json");
    root.join(FOLDER).join(relative).with_file_name(name)
}

/// Every place where the patch of `file` may lie: beside it, or below the
/// output folder it was written under, which is one of its parents.
pub(super) fn places(file: &Path) -> io::Result<Vec<PathBuf>> {
    let file = std::path::absolute(file)?;
    Ok(file
        .ancestors()
        .skip(1)
        .filter_map(|root| file.strip_prefix(root).ok().map(|relative| place(root, relative)))
        .filter(|path| path.is_file())
        .collect())
}

/// A patch that was stored, or why it is none.
pub(super) fn load(path: &Path) -> io::Result<Patch> {
    let text = fs::read_to_string(path)?;
    serde_json::from_str(&text).map_err(io::Error::from)
}

/// Writes a patch file in one step. A patch is about as long as its text.
pub(super) fn store(path: &Path, patch: &Patch) -> Result<(), Message> {
    let write = |file: &mut dyn Write| {
        serde_json::to_writer_pretty(&mut *file, patch)?;
        file.write_all(b"\n")
    };
    Pending::with(path, &Mode::New, write).and_then(Pending::persist).map_err(|error| io_message(&path.display().to_string(), &error))
}

/// The patch of a run in place that follows the run whose patch is stored at
/// `path`. `None`: keep the stored one, for this run changed nothing.
///
/// A stored patch that did not make the file as it was read says nothing
/// about it and is replaced.
pub(super) fn after(path: &Path, original: &[u8], mut patch: Patch) -> Option<Patch> {
    let Some(stored) = load(path).ok().filter(|stored| stored.made(original)) else {
        return Some(patch);
    };
    if patch.edits.is_empty() {
        return None;
    }
    patch.previous = Some(Box::new(stored));
    let mut last = &mut patch;
    for _ in 0..HISTORY_MAX {
        match &mut last.previous {
            Some(previous) => last = previous,
            None => return Some(patch),
        }
    }
    last.previous = None;
    Some(patch)
}

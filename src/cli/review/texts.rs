use std::collections::VecDeque;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::super::exit::{Trouble, io_message};
use super::super::patches;
use super::super::settings::Settings;
use super::super::walk::{self, Filter, Item};
use crate::encoding::{Encoding, decode};
use crate::finding::Message;

/// Texts kept in memory.
const KEPT: usize = 256;

/// The decoded originals of a folder, read when somebody asks. No file
/// outside of it is read, whatever a report names.
#[derive(Debug)]
pub(in crate::cli) struct Texts {
    /// Without links.
    root: PathBuf,
    encoding: Option<Encoding>,
    kept: VecDeque<(String, Arc<str>)>,
}

impl Texts {
    /// # Errors
    /// When there is no such folder.
    pub(in crate::cli) fn new(root: &Path, encoding: Option<Encoding>) -> Result<Self, Trouble> {
        let root = fs::canonicalize(root).map_err(|error| Trouble::io(&root.display().to_string(), &error))?;
        if !root.is_dir() {
            let shown = root.display();
            return Err(Trouble::new(format!("{shown} 不是文件夹"), format!("{shown} is no folder")));
        }
        Ok(Self { root, encoding, kept: VecDeque::new() })
    }

    pub(in crate::cli) fn root(&self) -> &Path {
        &self.root
    }

    /// The path of a file named in a report: below the root, links followed.
    ///
    /// # Errors
    /// When there is none, or it lies elsewhere.
    pub(in crate::cli) fn path(&self, name: &str) -> Result<PathBuf, Message> {
        let path = fs::canonicalize(self.root.join(name)).map_err(|error| io_message(name, &error))?;
        if path.starts_with(&self.root) && path.is_file() {
            return Ok(path);
        }
        Err(Message::new(format!("{name}：不在所审的文件夹里"), format!("{name}: it is not in the folder under review")))
    }

    /// The decoded original of a file: of a text that the program corrected,
    /// what it was before.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(in crate::cli) fn get(&mut self, name: &str) -> Result<Arc<str>, Message> {
        if let Some((_, text)) = self.kept.iter().find(|(kept, _)| kept == name) {
            return Ok(text.clone());
        }
        let path = self.path(name)?;
        let bytes = fs::read(&path).map_err(|error| io_message(name, &error))?;
        let bytes = original(&path, bytes);
        let text: Arc<str> = decode(&bytes, self.encoding).text.into();
        if self.kept.len() == KEPT {
            self.kept.pop_front();
        }
        self.kept.push_back((name.to_owned(), text.clone()));
        Ok(text)
    }

    /// Forgets what was read, for it may have changed.
    pub(in crate::cli) fn forget(&mut self) {
        self.kept.clear();
    }
}

/// The names of all texts below `folder`, in path order.
///
/// # Errors
/// When the folder cannot be walked.
pub(in crate::cli) fn names(folder: &Path, settings: &Settings) -> Result<Vec<String>, Trouble> {
    let config = &settings.config;
    let filter = Filter { extensions: &config.extensions, exclude: &config.exclude, outputs: Vec::new() };
    let walked = walk::walk(&[folder.to_owned()], &filter)?;
    let name = |item: Item| match item {
        Item::Text(input) => Some(input.name),
        Item::Failed(_) => None,
    };
    Ok(walked.items.into_iter().filter_map(name).collect())
}

/// The original of the file at `path`, which reads `bytes`: the bytes before
/// the last run, when one of ours made it what it is.
pub(in crate::cli) fn original(path: &Path, bytes: Vec<u8>) -> Vec<u8> {
    let places = patches::places(path).unwrap_or_default();
    let patch = places.iter().filter_map(|place| patches::load(place).ok()).find(|patch| patch.made(&bytes));
    patch.and_then(|patch| patch.undo(&bytes).ok()).unwrap_or(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn no_file_outside_of_the_folder_is_read() {
        let home = tempfile::tempdir().unwrap();
        let root = home.path().join("pages");
        fs::create_dir_all(root.join("版")).unwrap();
        fs::write(home.path().join("secret.txt"), "密").unwrap();
        fs::write(root.join("版/a.txt"), "甲").unwrap();
        std::os::unix::fs::symlink(home.path().join("secret.txt"), root.join("link.txt")).unwrap();
        std::os::unix::fs::symlink(home.path(), root.join("up")).unwrap();
        let mut texts = Texts::new(&root, None).unwrap();
        assert_eq!(texts.get("版/a.txt").unwrap().as_ref(), "甲");
        let absolute = home.path().join("secret.txt");
        for name in
            ["../secret.txt", "版/../../secret.txt", "link.txt", "up/secret.txt", "版", ".", "", "/etc/passwd", absolute.to_str().unwrap()]
        {
            assert!(texts.get(name).is_err(), "{name}");
        }
        assert!(texts.get("版/a.txt\0").is_err());
    }
}

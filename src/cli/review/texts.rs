use std::collections::VecDeque;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::super::archive;
use super::super::exit::{Trouble, io_message};
use super::super::extract;
use super::super::patches;
use super::super::settings::Settings;
use super::super::unpack;
use super::super::walk::{self, Filter, Item};
use crate::encoding::{Encoding, decode};
use crate::finding::Message;
use crate::format::{Extract, declared_encoding};

/// Texts kept in memory.
const KEPT: usize = 256;
/// What a packed file's name ends in; reports leave it out.
const PACKED: [&str; 2] = ["gz", "zst"];

/// A text of the folder, as `check` and `fix` read it.
#[derive(Debug)]
pub(in crate::cli) struct Page {
    /// The decoded original, or what stands in a file with boxes.
    pub(in crate::cli) text: Arc<str>,
    /// Of a file with boxes all the rest.
    pub(in crate::cli) extract: Option<Extract>,
    /// Its file, links followed.
    pub(in crate::cli) path: PathBuf,
}

/// The decoded originals of a folder, read when somebody asks. No file
/// outside of it is read, whatever a report names.
#[derive(Debug)]
pub(in crate::cli) struct Texts {
    /// Without links.
    root: PathBuf,
    /// As it was given, for names that begin with it.
    given: String,
    encoding: Option<Encoding>,
    kept: VecDeque<(String, Arc<Page>)>,
}

impl Texts {
    /// # Errors
    /// When there is no such folder.
    pub(in crate::cli) fn new(root: &Path, encoding: Option<Encoding>) -> Result<Self, Trouble> {
        let given = walk::shown(root);
        let root = fs::canonicalize(root).map_err(|error| Trouble::io(&root.display().to_string(), &error))?;
        if !root.is_dir() {
            let shown = root.display();
            return Err(Trouble::new(format!("{shown} 不是文件夹"), format!("{shown} is no folder")));
        }
        Ok(Self { root, given, encoding, kept: VecDeque::new() })
    }

    pub(in crate::cli) fn root(&self) -> &Path {
        &self.root
    }

    /// The path of a file named in a report: below the root, links followed.
    ///
    /// # Errors
    /// When there is none, or it lies elsewhere.
    pub(in crate::cli) fn path(&self, name: &str) -> Result<PathBuf, Message> {
        let there = |name: &str| fs::canonicalize(self.root.join(name));
        let packed = || PACKED.iter().find_map(|extension| there(&format!("{name}.{extension}")).ok());
        // Of two texts with one name, a report says where each was found.
        let given = || there(name.strip_prefix(&self.given)?.strip_prefix('/')?).ok();
        let archived = || fs::canonicalize(archive::split_name(&self.root, name)?.0).ok();
        let path = there(name)
            .or_else(|error| packed().or_else(given).or_else(archived).ok_or(error))
            .map_err(|error| io_message(name, &error))?;
        if path.starts_with(&self.root) && path.is_file() {
            return Ok(path);
        }
        Err(Message::new(format!("{name}：不在所审的文件夹里"), format!("{name}: it is not in the folder under review")))
    }

    /// The text of a file as it was read: of one that the program corrected,
    /// what it was before.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(in crate::cli) fn get(&mut self, name: &str) -> Result<Arc<str>, Message> {
        self.page(name).map(|page| page.text.clone())
    }

    /// The same with its boxes.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(in crate::cli) fn page(&mut self, name: &str) -> Result<Arc<Page>, Message> {
        if let Some((_, page)) = self.kept.iter().find(|(kept, _)| kept == name) {
            return Ok(page.clone());
        }
        let path = self.path(name)?;
        let bytes = original(&path, self.bytes(&path, name)?);
        let inside = if archive::is_archive(&path) { Path::new(name) } else { &path };
        let (text, extract) = content(inside, &decoded(&bytes, self.encoding))?;
        let page = Arc::new(Page { text: text.into(), extract, path });
        if self.kept.len() == KEPT {
            self.kept.pop_front();
        }
        self.kept.push_back((name.to_owned(), page.clone()));
        Ok(page)
    }

    /// The text of a file as it stands there now, whoever changed it.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(in crate::cli) fn now(&self, name: &str) -> Result<String, Message> {
        let path = self.path(name)?;
        Ok(content(&path, &decoded(&self.bytes(&path, name)?, self.encoding))?.0)
    }

    /// The decoded original of a file, markup and all.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(in crate::cli) fn markup(&self, name: &str) -> Result<String, Message> {
        let path = self.path(name)?;
        Ok(decoded(&original(&path, self.bytes(&path, name)?), self.encoding))
    }

    fn bytes(&self, path: &Path, name: &str) -> Result<Vec<u8>, Message> {
        match archive::split_name(&self.root, name).filter(|_| archive::is_archive(path)) {
            Some((_, member)) => archive::read_named(path, member),
            None => unpack::read(path).map_err(|error| io_message(name, &error)),
        }
    }

    /// Forgets what was read, for it may have changed.
    pub(in crate::cli) fn forget(&mut self) {
        self.kept.clear();
    }
}

fn decoded(bytes: &[u8], encoding: Option<Encoding>) -> String {
    decode(bytes, encoding.or_else(|| declared_encoding(bytes))).text
}

/// The text in the decoded content of the file at `path`, and of a file with
/// boxes the rest.
///
/// # Errors
/// When the file is not as its format has it.
pub(in crate::cli) fn content(path: &Path, decoded: &str) -> Result<(String, Option<Extract>), Message> {
    let extract = extract::of(decoded, None, &unpack::inner_name(path)).map_err(|failure| failure.message)?;
    let text = extract.as_ref().map_or_else(|| decoded.to_owned(), |extract| extract.text.clone());
    Ok((text, extract))
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

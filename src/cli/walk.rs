use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use ignore::WalkBuilder;
use ignore::overrides::{Override, OverrideBuilder};

use super::archive::{self, Entry, Member, Refusal};
use super::exit::{Trouble, io_message};
use super::extract;
use super::mets;
use super::unpack;
use crate::finding::Message;
use crate::report::Failure;

/// A text to read.
#[derive(Clone, Debug)]
pub(super) struct Input {
    /// The file; `None` is standard input. Of a member, its archive.
    pub(super) file: Option<PathBuf>,
    /// Where it lies in an archive.
    pub(super) member: Option<Member>,
    /// Its path below the argument it was found under.
    pub(super) relative: PathBuf,
    /// The same with `/`, for reports; the path as given where several inputs
    /// would share a name.
    pub(super) name: String,
    /// Its path as seen from the current folder, for people.
    pub(super) given: String,
}

impl Input {
    /// The whole content, unpacked.
    ///
    /// # Errors
    /// When it cannot be read, or is larger than any text.
    pub(super) fn bytes(&self) -> Result<Vec<u8>, Message> {
        match (&self.file, &self.member) {
            (Some(archive), Some(member)) => member.read(archive),
            (Some(path), None) => unpack::read(path).map_err(|error| io_message("", &error)),
            (None, _) => {
                let mut bytes = Vec::new();
                io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes).map_err(|error| io_message("", &error))
            }
        }
    }

    /// True for what is inside of a packed file or an archive, which nobody
    /// changes in place.
    pub(super) fn is_packed(&self) -> bool {
        self.member.is_some() || self.file.as_deref().is_some_and(unpack::is_packed)
    }
}

/// What was found under one argument.
#[derive(Clone, Debug)]
pub(super) enum Item {
    /// A text.
    Text(Input),
    /// A place that could not be looked at.
    Failed(Failure),
}

impl Item {
    fn name(&self) -> &str {
        match self {
            Item::Text(input) => &input.name,
            Item::Failed(failure) => &failure.path,
        }
    }
}

/// Everything a run reads, in path order, or that of a METS file.
#[derive(Debug, Default)]
pub(super) struct Walked {
    pub(super) items: Vec<Item>,
    /// Files of unknown type that were passed over.
    pub(super) n_skipped: usize,
}

/// What is read and what is not.
pub(super) struct Filter<'a> {
    /// Extensions of text files, in lower case.
    pub(super) extensions: &'a [String],
    /// Patterns as in `.gitignore`.
    pub(super) exclude: &'a [String],
    /// Folders that the run writes to.
    pub(super) outputs: Vec<PathBuf>,
}

impl Filter<'_> {
    fn knows(&self, path: &Path) -> bool {
        let path = unpack::inner_name(path);
        let extension = path.extension().map(|extension| extension.to_string_lossy().to_lowercase());
        extension.is_some_and(|extension| self.extensions.contains(&extension))
    }

    fn overrides(&self, root: &Path) -> Result<Override, Trouble> {
        let mut builder = OverrideBuilder::new(root);
        for glob in self.exclude {
            builder.add(&format!("!{glob}")).map_err(|error| {
                Trouble::new(format!("「{glob}」不是合法的文件模式：{error}"), format!("\"{glob}\" is no file pattern: {error}"))
            })?;
        }
        builder.build().map_err(|error| Trouble::new(error.to_string(), error.to_string()))
    }
}

/// Finds the inputs below `paths`. A file named on the command line is read
/// when its type is known or it has no extension; folders are walked.
///
/// # Errors
/// On a pattern that is none.
pub(super) fn walk(paths: &[PathBuf], filter: &Filter<'_>) -> Result<Walked, Trouble> {
    let mut walked = Walked::default();
    let mut seen = BTreeSet::new();
    let outputs: Vec<PathBuf> = filter.outputs.iter().filter_map(|folder| fs::canonicalize(folder).ok()).collect();
    for path in paths {
        match fs::metadata(path) {
            Err(error) => {
                walked.items.push(Item::Failed(Failure { path: shown(path), position: None, message: io_message("", &error) }));
            }
            Ok(meta) if meta.is_dir() => folder(path, filter, &outputs, &mut seen, &mut walked)?,
            Ok(_) => {
                let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
                let excluded = filter.overrides(parent)?.matched(path, false).is_ignore();
                let relative = path.file_name().map_or_else(|| path.clone(), PathBuf::from);
                if excluded {
                } else if archive::is_archive(path) {
                    members(path, &relative, filter, &filter.overrides(parent)?, &mut seen, &mut walked);
                } else if path.extension().is_none() || filter.knows(path) || extract::is_readable(path) {
                    add(path, relative, &mut seen, &mut walked);
                } else {
                    walked.n_skipped += 1;
                }
            }
        }
    }
    tell_apart(&mut walked.items);
    walked.items.sort_by(|a, b| a.name().cmp(b.name()));
    mets::put_in_order(&mut walked.items, |path| filter.knows(path) || extract::is_readable(path));
    Ok(walked)
}

fn folder(root: &Path, filter: &Filter<'_>, outputs: &[PathBuf], seen: &mut BTreeSet<PathBuf>, walked: &mut Walked) -> Result<(), Trouble> {
    let outputs = outputs.to_vec();
    let overrides = filter.overrides(root)?;
    // Only files that lie with the texts decide, not the habits of whoever
    // runs the program.
    let walk = WalkBuilder::new(root)
        .git_global(false)
        .git_exclude(false)
        .ignore(false)
        .require_git(false)
        .add_custom_ignore_filename(".jiaokanignore")
        .overrides(overrides.clone())
        .filter_entry(move |entry| {
            let folder = entry.file_type().is_some_and(|kind| kind.is_dir());
            !(folder && fs::canonicalize(entry.path()).is_ok_and(|path| outputs.contains(&path)))
        })
        .build();
    for entry in walk {
        match entry {
            Ok(entry) if entry.file_type().is_some_and(|kind| kind.is_file()) => {
                let path = entry.path();
                let relative = path.strip_prefix(root).unwrap_or(path).to_owned();
                if archive::is_archive(path) {
                    members(path, &relative, filter, &overrides, seen, walked);
                } else if filter.knows(path) {
                    add(path, relative, seen, walked);
                } else {
                    walked.n_skipped += 1;
                }
            }
            Ok(_) => {}
            Err(error) => walked.items.push(Item::Failed(walk_failure(root, &error))),
        }
    }
    Ok(())
}

fn walk_failure(root: &Path, error: &ignore::Error) -> Failure {
    let path = match error {
        ignore::Error::WithPath { path, .. } => path.as_path(),
        ignore::Error::WithDepth { err, .. } => match err.as_ref() {
            ignore::Error::WithPath { path, .. } => path.as_path(),
            _ => root,
        },
        _ => root,
    };
    let message = error.io_error().map_or_else(|| Message::new(error.to_string(), error.to_string()), |error| io_message("", error));
    Failure { path: shown(path), position: None, message }
}

/// Adds a file unless another argument found it already.
fn add(path: &Path, relative: PathBuf, seen: &mut BTreeSet<PathBuf>, walked: &mut Walked) {
    let identity = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    if seen.insert(identity) {
        let relative = unpack::inner_name(&relative);
        let name = shown(&relative);
        walked.items.push(Item::Text(Input { file: Some(path.to_owned()), member: None, relative, name, given: shown(path) }));
    }
}

/// Adds the members of an archive, as if it were a folder.
fn members(path: &Path, relative: &Path, filter: &Filter<'_>, overrides: &Override, seen: &mut BTreeSet<PathBuf>, walked: &mut Walked) {
    if !seen.insert(fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())) {
        return;
    }
    let failed = |path: &Path, message: Message| Item::Failed(Failure { path: shown(path), position: None, message });
    let (entries, broken) = match archive::entries(path) {
        Ok(found) => found,
        Err(message) => return walked.items.push(failed(path, message)),
    };
    walked.items.extend(broken.map(|message| failed(path, message)));
    for Entry { path: inside, member } in entries {
        let whole = path.join(&inside);
        // A pattern may mean a folder in the archive.
        let is_excluded = |at: &Path| overrides.matched(at, at != whole).is_ignore();
        if inside.ancestors().filter(|at| !at.as_os_str().is_empty()).any(|at| is_excluded(&path.join(at))) {
            continue;
        }
        match member {
            Err(Refusal::Name(message)) => walked.items.push(failed(&whole, message)),
            _ if !filter.knows(&inside) => walked.n_skipped += 1,
            Err(Refusal::Content(message)) => walked.items.push(failed(&whole, message)),
            Ok(member) => {
                let relative = unpack::inner_name(&relative.join(&inside));
                let (name, given) = (shown(&relative), shown(&whole));
                walked.items.push(Item::Text(Input { file: Some(path.to_owned()), member: Some(member), relative, name, given }));
            }
        }
    }
}

/// Names inputs that would share a name by their path as given.
fn tell_apart(items: &mut [Item]) {
    let mut n_of: BTreeMap<String, usize> = BTreeMap::new();
    for item in items.iter() {
        *n_of.entry(item.name().to_owned()).or_default() += 1;
    }
    for item in items {
        if let Item::Text(input) = item
            && n_of[&input.name] > 1
        {
            input.name = input.given.clone();
        }
    }
}

/// A path for people and reports: `/` on every system, no leading `./`.
pub(super) fn shown(path: &Path) -> String {
    let mut out = String::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::RootDir => out.push('/'),
            Component::Prefix(prefix) => out.push_str(&prefix.as_os_str().to_string_lossy()),
            Component::ParentDir | Component::Normal(_) => {
                if !out.is_empty() && !out.ends_with('/') {
                    out.push('/');
                }
                out.push_str(&part.as_os_str().to_string_lossy());
            }
        }
    }
    if out.is_empty() { ".".to_owned() } else { out }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_shown_with_slashes_and_without_dots() {
        for (path, expected) in [("./a/b.txt", "a/b.txt"), ("/a//b/", "/a/b"), (".", "."), ("../一版.txt", "../一版.txt"), ("a/./b", "a/b")]
        {
            assert_eq!(shown(Path::new(path)), expected);
        }
    }
}

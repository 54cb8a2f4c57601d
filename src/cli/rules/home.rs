use std::fs;
use std::path::{Path, PathBuf};

use super::super::exit::Trouble;
use super::super::packs;
use super::super::settings::{FILE_NAME, Settings};
use super::super::voice::Voice;
use super::super::write::{self, Mode};
use crate::authoring::{add_pack, append_rule};
use crate::finding::Message;
use crate::rules::{PackSource, SourceFile};

/// The pack that is made where none is named.
const DEFAULT_PACK: &str = "my-rules";

/// The pack that new rules go into.
pub(super) struct Home {
    folder: PathBuf,
    source: PackSource,
    name: String,
    /// It is not on the disk yet.
    is_new: bool,
    file: String,
}

impl Home {
    /// The pack that was named, else the one of the settings, else a new one.
    /// `file` is the rule file in it.
    pub(super) fn find(pack: Option<&Path>, file: &str, settings: &Settings) -> Result<Self, Trouble> {
        let folders = settings.pack_folders()?;
        let folder = match (pack, folders.as_slice()) {
            (Some(folder), _) => folder.to_owned(),
            (None, [one]) => one.clone(),
            (None, []) => settings.base().join(DEFAULT_PACK),
            (None, several) => {
                let names: Vec<String> = several.iter().map(|folder| folder.display().to_string()).collect();
                let names = names.join("、");
                return Err(Trouble::new(
                    format!("有几个规则包（{names}）：用 --pack 指出写到哪一个"),
                    format!("there are several packs ({names}): say with --pack which one"),
                ));
            }
        };
        if Path::new(file).components().count() != 1 || !file.ends_with(".toml") || ["pack.toml", "measured.toml"].contains(&file) {
            return Err(Trouble::new(
                format!("--file 是包里一个规则文件的名字，以 .toml 结尾：{file}"),
                format!("--file is the name of a rule file in the pack, ending in .toml: {file}"),
            ));
        }
        let mut source = if folder.is_dir() { packs::read(&folder)? } else { PackSource { origin: slashed(&folder), files: Vec::new() } };
        if let Some(name) = packs::pack_name(&source) {
            return Ok(Self { folder, source, name, is_new: false, file: file.to_owned() });
        }
        if source.files.iter().any(|file| file.path.ends_with("/pack.toml")) {
            let shown = folder.display();
            return Err(Trouble::new(format!("{shown}/pack.toml 里没有 name"), format!("{shown}/pack.toml has no name")));
        }
        let slug = folder.file_name().map(|name| name.to_string_lossy().to_lowercase().replace([' ', '_'], "-")).unwrap_or_default();
        let is_slug = !slug.is_empty() && slug.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        let name = if is_slug && !slug.starts_with('-') && !slug.ends_with('-') { slug } else { "local".to_owned() };
        let text = format!("name = \"{name}\"\nversion = \"1\"\nmessage = {{ zh = \"本报的规则\", en = \"rules of our paper\" }}\n");
        source.files.push(SourceFile { path: format!("{}/pack.toml", source.origin.trim_end_matches('/')), text });
        Ok(Self { folder, source, name, is_new: true, file: file.to_owned() })
    }

    /// The name of the pack: the first part of the ids of its rules.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// True when a rule of the pack has the id.
    pub(super) fn has(&self, id: &str) -> bool {
        self.source.files.iter().any(|file| file.text.contains(&format!("\"{id}\"")))
    }

    /// Where errors of the rules given to [`Home::among_others`] are told.
    pub(super) fn path_of_probe(&self) -> String {
        format!("{}/+{}", self.source.origin.trim_end_matches('/'), self.file)
    }

    /// All packs, this one with `rules` in a file of their own.
    pub(super) fn among_others(&self, rules: &str, settings: &Settings) -> Result<Vec<PackSource>, Trouble> {
        let mut brought = Vec::new();
        for folder in settings.pack_folders()? {
            if !same_place(&folder, &self.folder) {
                brought.push(packs::read(&folder)?);
            }
        }
        let mut source = self.source.clone();
        source.files.push(SourceFile { path: self.path_of_probe(), text: append_rule("", rules) });
        brought.push(source);
        Ok(packs::with_shipped(brought))
    }

    /// Adds `rules` to the file, makes the pack when it is new, and names it in
    /// the settings when they do not. Gives the file's path.
    pub(super) fn write_rules(&self, file: &str, rules: &str, settings: &Settings, voice: &Voice) -> Result<PathBuf, Trouble> {
        let put = |path: &Path, text: &str| write::atomically(path, text.as_bytes(), &Mode::New).map_err(Trouble);
        let path = self.folder.join(file);
        let known = self.source.files.iter().find(|one| one.path.ends_with(&format!("/{file}")));
        if let Some(known) = known {
            write::unchanged(&path, known.text.as_bytes()).map_err(Trouble)?;
        }
        if self.is_new {
            let pack = self.source.files.iter().find(|file| file.path.ends_with("/pack.toml"));
            put(&self.folder.join("pack.toml"), pack.map_or("", |file| &file.text))?;
        }
        put(&path, &append_rule(known.map_or("", |file| &file.text), rules))?;
        if settings.pack_folders()?.iter().any(|folder| same_place(folder, &self.folder)) {
            return Ok(path);
        }
        let config = settings.file.clone().unwrap_or_else(|| PathBuf::from(FILE_NAME));
        let shown = config.display();
        let old = if config.is_file() {
            fs::read_to_string(&config).map_err(|error| Trouble::io(&shown.to_string(), &error))?
        } else {
            String::new()
        };
        let named = relative(&self.folder, &settings.base());
        let new =
            add_pack(&old, &named).map_err(|error| Trouble::new(format!("{shown}：{}", error.0.zh), format!("{shown}: {}", error.0.en)))?;
        put(&config, &new)?;
        voice.note(&Message::new(
            format!("{shown} 的 rules.packs 里加上了「{named}」"),
            format!("\"{named}\" was added to rules.packs in {shown}"),
        ));
        Ok(path)
    }
}

/// A folder as the settings in `base` name it: relative where it lies below,
/// else in full.
fn relative(folder: &Path, base: &Path) -> String {
    let whole = |path: &Path| fs::canonicalize(if path.as_os_str().is_empty() { Path::new(".") } else { path });
    match (whole(folder), whole(base)) {
        (Ok(folder), Ok(base)) => slashed(folder.strip_prefix(&base).unwrap_or(&folder)),
        _ => slashed(folder),
    }
}

fn slashed(path: &Path) -> String {
    path.display().to_string().replace('\\', "/")
}

fn same_place(a: &Path, b: &Path) -> bool {
    a == b || matches!((fs::canonicalize(a), fs::canonicalize(b)), (Ok(a), Ok(b)) if a == b)
}

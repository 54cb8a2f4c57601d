use super::{PackSource, SourceFile};

/// The files inside the program, by path below `rules/`. A new file is a line
/// here; a test compares the list with the folder.
macro_rules! files {
    ($($path:literal),+ $(,)?) => { &[$(($path, include_str!(concat!("../../rules/", $path)))),+] };
}

static FILES: &[(&str, &str)] = files! {
    "core/everyday.toml",
    "core/look-alike-words.toml",
    "core/look-alikes.txt",
    "core/measured.toml",
    "core/pack.toml",
    "engines/pack.toml",
    "engines/signs.toml",
    "engines/taken-apart.toml",
    "newspaper/formulae.toml",
    "newspaper/institutions.toml",
    "newspaper/measured.toml",
    "newspaper/pack.toml",
    "numerals/dates.toml",
    "numerals/figures.toml",
    "numerals/measured.toml",
    "numerals/pack.toml",
    "places/long-names.toml",
    "places/measured.toml",
    "places/names.toml",
    "places/pack.toml",
    "punctuation/marks.toml",
    "punctuation/pack.toml",
    "republican/names.toml",
    "republican/pack.toml",
    "republican/protect.txt",
};

/// The packs inside the program, with paths as in the repository.
#[must_use]
pub fn shipped_packs() -> Vec<PackSource> {
    let mut packs: Vec<PackSource> = Vec::new();
    for &(path, text) in FILES {
        let origin = format!("rules/{}", path.split('/').next().unwrap_or(path));
        let file = SourceFile { path: format!("rules/{path}"), text: text.to_owned() };
        match packs.iter_mut().find(|pack| pack.origin == origin) {
            Some(pack) => pack.files.push(file),
            None => packs.push(PackSource { origin, files: vec![file] }),
        }
    }
    packs
}

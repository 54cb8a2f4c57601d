use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use super::args::{Global, RunArgs};
use super::exit::Trouble;
use crate::config::{Config, Origin, Value};

/// Name of the file that is looked for.
pub(super) const FILE_NAME: &str = "jiaokan.toml";

/// Where packs lie that are named and not kept with the texts.
pub(super) const LOCAL_PACKS: &str = ".jiaokan/packs";

/// The settings in effect, and the file they were read from.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) config: Config,
    pub(super) file: Option<PathBuf>,
}

impl Settings {
    /// The folder that paths of the settings are relative to.
    pub(super) fn base(&self) -> PathBuf {
        self.file.as_ref().and_then(|file| file.parent()).unwrap_or(Path::new("")).to_owned()
    }

    /// The folders of the further rule packs. An entry of the file is a path
    /// relative to it, else the name of a folder in [`LOCAL_PACKS`], else that
    /// of a shipped pack, which needs no folder.
    ///
    /// # Errors
    /// On an entry that is none of these.
    pub(super) fn pack_folders(&self) -> Result<Vec<PathBuf>, Trouble> {
        let base = self.base();
        let mut folders = Vec::new();
        for pack in &self.config.packs {
            let (path, local) = (base.join(pack), base.join(LOCAL_PACKS).join(pack));
            if path.is_dir() {
                folders.push(path);
            } else if local.is_dir() {
                folders.push(local);
            } else if !crate::rules::shipped_packs().iter().any(|shipped| shipped.origin == format!("rules/{pack}")) {
                let (path, local) = (path.display(), local.display());
                return Err(Trouble::new(
                    format!("rules.packs 里的「{pack}」找不到：没有文件夹 {path}，也没有 {local}，也不是随程序发布的包"),
                    format!(
                        "\"{pack}\" of rules.packs was not found: there is no folder {path}, no {local}, and no shipped pack of that name"
                    ),
                ));
            }
        }
        Ok(folders)
    }

    /// Where a file lies that `key` names as `path`: relative to the settings
    /// file when that says so.
    pub(super) fn path_of(&self, key: &str, path: &str) -> PathBuf {
        match self.config.origin(key) {
            Origin::File { .. } => self.base().join(path),
            Origin::Default | Origin::CommandLine => PathBuf::from(path),
        }
    }
}

/// Reads the configuration file, given or found by walking up from the current
/// folder, and lays the options of the command line over it.
pub(super) fn load(global: &Global, run: Option<&RunArgs>) -> Result<Settings, Trouble> {
    let file = match &global.config {
        Some(given) => Some(given.clone()),
        None => find(),
    };
    let mut config = Config::default();
    if let Some(path) = &file {
        let shown = path.display().to_string();
        let text = fs::read_to_string(path).map_err(|error| Trouble::io(&shown, &error))?;
        config.read(&text).map_err(|error| {
            let message = error.problem.message();
            let place = format!("{shown}:{}:{}", error.position.line, error.position.column);
            Trouble::new(format!("{place}：{}", message.zh), format!("{place}: {}", message.en))
        })?;
    }
    if let Some(run) = run {
        overlay(&mut config, run)?;
    }
    Ok(Settings { config, file })
}

fn find() -> Option<PathBuf> {
    let here = env::current_dir().ok()?;
    here.ancestors().map(|folder| folder.join(FILE_NAME)).find(|path| path.is_file())
}

fn overlay(config: &mut Config, run: &RunArgs) -> Result<(), Trouble> {
    let text = |value: &Option<String>| value.clone().map(Value::Text);
    let list = |values: &[String]| (!values.is_empty()).then(|| Value::List(values.to_vec()));
    let flag = |set: bool| set.then_some(Value::Flag(true));
    // Patterns add to those of the file; a selection replaces the file's.
    let exclude = list(&run.exclude).map(|_| Value::List(config.exclude.iter().chain(&run.exclude).cloned().collect()));
    let given = [
        ("input.encoding", "--encoding", text(&run.encoding)),
        ("input.exclude", "--exclude", exclude),
        ("input.text_column", "--text-column", text(&run.text_column)),
        ("rules.level", "--level", text(&run.level)),
        ("rules.min_confidence", "--min-confidence", run.min_confidence.map(Value::Number)),
        ("rules.select", "--select", list(&run.select)),
        ("rules.ignore", "--ignore", list(&run.ignore)),
        ("rules.converter", "--converter", text(&run.converter)),
        ("layout.keep_lines", "--keep-lines", flag(run.keep_lines)),
        ("layout.jump_lines", "--jump-lines", text(&run.jump_lines)),
        ("layout.furniture", "--furniture", text(&run.furniture)),
        ("context.scope", "--context", text(&run.context)),
        ("context.drop_cross_file", "--drop-cross-file", flag(run.drop_cross_file)),
        ("models.lm", "--lm", text(&run.models.lm)),
        ("models.channel", "--channel", text(&run.models.channel)),
        ("models.calibration", "--calibration", text(&run.models.calibration)),
        ("models.sound", "--sound", flag(run.models.sound)),
    ];
    for (key, option, value) in given {
        if let Some(value) = value {
            config.set(key, &value, Origin::CommandLine).map_err(|problem| {
                let message = problem.message();
                Trouble::new(format!("{option}：{}", message.zh), format!("{option}: {}", message.en))
            })?;
        }
    }
    Ok(())
}

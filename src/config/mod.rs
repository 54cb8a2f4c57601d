//! The file `jiaokan.toml` as checked settings, each with the place it came
//! from.
//!
//! Nothing here reads a file or an argument: callers hand in the text of a
//! file and the options of a command line, in that order, the later one wins.
//! [`KEYS`] is the one list of what can be set; the commented file of `init`,
//! the reference and the errors are made of it. Start at [`Config`].

mod calibration;
mod keys;
mod load;
mod template;

use std::collections::BTreeMap;

pub use calibration::{
    CALIBRATION_VERSION, Calibration, CalibrationError, MeasuredModels, Source, WrittenCurve, WrittenHabits, WrittenTier,
};
pub use keys::{KEYS, Key, Kind};
pub(crate) use load::nearest;
pub use load::{ConfigError, Problem};
pub use template::template;

use crate::detect::FurnitureHandling;
use crate::encoding::Encoding;
use crate::finding::{Safety, Thresholds};

/// Where a setting came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nobody set it.
    Default,
    /// A line of a configuration file.
    File {
        /// Counted from 1.
        line: usize,
    },
    /// An option of the command line.
    CommandLine,
}

/// Whose text is evidence for a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// Only its own: a file's result depends on that file alone.
    #[default]
    File,
    /// That of all files of the run, read in a first pass.
    Run,
}

/// The program that converts between simplified and traditional.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Converter {
    /// The built-in one.
    #[default]
    Ferrous,
    /// The C++ OpenCC; only in a program built with the feature `opencc`.
    Opencc,
}

/// The language messages are in, when it is fixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Chinese.
    Zh,
    /// English.
    En,
}

/// All settings, checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// `lang`; `None` asks the locale.
    pub lang: Option<Language>,
    /// `input.encoding`; `None` decides by the bytes of each file.
    pub encoding: Option<Encoding>,
    /// `input.extensions`: names of text files end like this, without the dot,
    /// in lower case.
    pub extensions: Vec<String>,
    /// `input.exclude`: patterns as in `.gitignore`.
    pub exclude: Vec<String>,
    /// `input.text_column`: where the text of a JSON record is.
    pub text_column: Option<String>,
    /// `rules.level`: the least trusted tier that is applied.
    pub level: Safety,
    /// `rules.min_confidence`, in 0..=1.
    pub min_confidence: f64,
    /// `rules.select`: rule ids and packs; empty means all.
    pub select: Vec<String>,
    /// `rules.ignore`: rule ids and packs.
    pub ignore: Vec<String>,
    /// `rules.packs`: folders with more rule files, as written.
    pub packs: Vec<String>,
    /// `rules.converter`.
    pub converter: Converter,
    /// `layout.keep_lines`.
    pub keep_lines: bool,
    /// `layout.jump_lines`.
    pub jump_lines: FurnitureHandling,
    /// `layout.furniture`.
    pub furniture: FurnitureHandling,
    /// `context.scope`.
    pub scope: Scope,
    /// `context.drop_cross_file`: remove copies of other files' passages.
    pub drop_cross_file: bool,
    /// `triage.clean` and `triage.damaged`.
    pub triage: Thresholds,
    /// `models.lm`: a language model file, as written.
    pub lm: Option<String>,
    /// `models.channel`: a table of engine habits, as written.
    pub channel: Option<String>,
    /// `models.calibration`: a calibration file, as written.
    pub calibration: Option<String>,
    /// `models.sound`: characters that sound alike are candidates.
    pub sound: bool,
    origins: BTreeMap<&'static str, Origin>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            lang: None,
            encoding: None,
            extensions: ["txt", "text", "hocr", "xml"].map(str::to_owned).to_vec(),
            exclude: Vec::new(),
            text_column: None,
            level: Safety::Automatic,
            min_confidence: 0.0,
            select: Vec::new(),
            ignore: Vec::new(),
            packs: Vec::new(),
            converter: Converter::default(),
            keep_lines: false,
            jump_lines: FurnitureHandling::default(),
            furniture: FurnitureHandling::default(),
            scope: Scope::default(),
            drop_cross_file: false,
            triage: Thresholds::default(),
            lm: None,
            channel: None,
            calibration: None,
            sound: false,
            origins: BTreeMap::new(),
        }
    }
}

/// A value before it is known to fit its key.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A string.
    Text(String),
    /// A number.
    Number(f64),
    /// `true` or `false`.
    Flag(bool),
    /// A list of strings.
    List(Vec<String>),
}

impl Config {
    /// Sets `key` (dotted, one of [`KEYS`]) and remembers where from.
    ///
    /// # Errors
    /// When the value does not fit: [`Problem::BadValue`] says what would.
    pub fn set(&mut self, key: &str, value: &Value, origin: Origin) -> Result<(), Problem> {
        let known = KEYS.iter().find(|known| known.name == key).ok_or_else(|| Problem::unknown_key(key))?;
        keys::assign(self, known, value)?;
        self.origins.insert(known.name, origin);
        Ok(())
    }

    /// Where the value of `key` came from.
    #[must_use]
    pub fn origin(&self, key: &str) -> Origin {
        self.origins.get(key).cloned().unwrap_or(Origin::Default)
    }

    /// Every key with its value as TOML and where it came from, in the order
    /// of [`KEYS`].
    pub fn rows(&self) -> impl Iterator<Item = (&'static Key, String, Origin)> + '_ {
        KEYS.iter().map(|key| (key, keys::show(self, key), self.origin(key.name)))
    }
}

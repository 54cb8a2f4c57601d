//! The models of a run: those inside the program, or those a user brings.

use std::fs;
use std::path::Path;

use super::exit::Trouble;
use super::settings::Settings;
use super::voice::Voice;
use super::walk::shown;
use super::{channel, lm};
use crate::config::Calibration;
use crate::detect::Resources;
use crate::detect::misread::{MisreadScorer, Trust};
use crate::finding::{Message, Safety};
use crate::model::Logistic;
use crate::model::channel::{Channel, Habits, Sounds};
use crate::model::lm::LanguageModel;

/// What reads the characters of a run. Made once; what was read from files
/// stays in memory to the end.
pub(super) struct Models {
    pub(super) resources: &'static Resources,
    pub(super) trust: Trust,
}

impl Models {
    /// The models that the settings name.
    ///
    /// # Errors
    /// When a file cannot be read, or a calibration was made with other models.
    pub(super) fn load(settings: &Settings, voice: &Voice) -> Result<Self, Trouble> {
        let config = &settings.config;
        let lm = match &config.lm {
            Some(path) => lm::load(&settings.path_of("models.lm", path))?,
            None => LanguageModel::embedded(),
        };
        let path = config.calibration.as_ref().map(|path| settings.path_of("models.calibration", path));
        let calibration = path.as_deref().map(|path| read(path).map(|read| (shown(path), read))).transpose()?;
        if let Some((place, calibration)) = &calibration {
            check(place, calibration, lm, config.sound)?;
        }
        let habits = match (&config.channel, &calibration) {
            (Some(_), Some((place, _))) => {
                return Err(Trouble::new(
                    format!("{place} 已含引擎习惯，不能再给 --channel（models.channel）；请去掉一个"),
                    format!("{place} holds the engine's habits already; leave --channel (models.channel) out, or the calibration"),
                ));
            }
            (Some(path), None) => {
                let habits = channel::load(&settings.path_of("models.channel", path))?;
                warn_of_few_pages(habits.pages, voice);
                Some(habits)
            }
            (None, Some((place, calibration))) => {
                Some(Habits::load(place, &calibration.habits.table).map_err(|error| Trouble(error.full_message()))?)
            }
            (None, None) => None,
        };
        let is_own = config.lm.is_some() || habits.is_some() || config.sound;
        let resources = if is_own { resources(lm, habits, config.sound) } else { Resources::embedded() };
        let trust = match &calibration {
            Some((_, calibration)) => trust(calibration),
            None => unmeasured(config.lm.is_some(), config.sound, voice),
        };
        Ok(Self { resources, trust })
    }
}

/// These models for as long as the program runs; the habits take the place of
/// those inside the program, which are of other engines: from about six pages
/// on, an engine's own ones alone were measured to be the better ones.
pub(super) fn resources(lm: &'static LanguageModel, habits: Option<Habits>, sound: bool) -> &'static Resources {
    let mut channel = match habits {
        None => Channel::embedded().clone(),
        Some(habits) => Channel::new(&habits),
    };
    if sound {
        channel = channel.with_sounds(Sounds::embedded());
    }
    Box::leak(Box::new(Resources::with_models(lm, Box::leak(Box::new(channel)))))
}

/// The checksum of a model as a calibration has it.
pub(super) fn checksum(lm: &LanguageModel) -> String {
    format!("{:016x}", lm.checksum())
}

/// Pages from which on an engine's own habits are better than those inside the
/// program.
const FEW_PAGES: u64 = 6;

fn warn_of_few_pages(pages: u64, voice: &Voice) {
    if pages < FEW_PAGES {
        voice.note(&Message::new(
            format!("--channel：习惯表只学自 {pages} 页；不足 {FEW_PAGES} 页时，内置的习惯往往更好"),
            format!("--channel: habits of {pages} pages only; with fewer than {FEW_PAGES} those inside the program are mostly better"),
        ));
    }
}

/// Without a calibration nobody knows how often another language model, or one
/// that hears, is right: its changes are suggestions.
fn unmeasured(lm: bool, sound: bool, voice: &Voice) -> Trust {
    let option = match (lm, sound) {
        (false, false) => return Trust::default(),
        (true, false) => "--lm",
        (false, true) => "--sound",
        (true, true) => "--lm, --sound",
    };
    voice.note(&Message::new(
        format!("{option}：字符修复至多为建议级，直到 jiaokan calibrate 量过其可信程度"),
        format!("{option}: repairs of characters are suggested at most, until jiaokan calibrate has measured them"),
    ));
    Trust { at_most: Safety::Suggested, ..Trust::default() }
}

fn trust(calibration: &Calibration) -> Trust {
    let suggested = calibration.suggested.from.unwrap_or(Trust::NEVER);
    Trust {
        curve: Some(Logistic { slope: calibration.curve.slope, offset: calibration.curve.offset }),
        automatic: calibration.automatic.from.unwrap_or(Trust::NEVER).max(suggested),
        suggested,
        flagged: Trust::default().flagged.min(suggested),
        at_most: Safety::Automatic,
    }
}

fn read(path: &Path) -> Result<Calibration, Trouble> {
    let place = shown(path);
    let bytes = fs::read(path).map_err(|error| Trouble::io(&place, &error))?;
    let text = String::from_utf8(bytes).map_err(|_| {
        Trouble::new(
            format!("{place}：不是 UTF-8 文本，不是校准文件；请用 jiaokan calibrate 生成"),
            format!("{place}: not UTF-8, so no calibration; make one with jiaokan calibrate"),
        )
    })?;
    Calibration::read(&text).map_err(|error| {
        let place = format!("{place}:{}:{}", error.position.line, error.position.column);
        Trouble::new(format!("{place}：{}", error.message.zh), format!("{place}: {}", error.message.en))
    })
}

/// Refuses a calibration that was measured with other models.
fn check(place: &str, calibration: &Calibration, lm: &LanguageModel, sound: bool) -> Result<(), Trouble> {
    let measured = &calibration.models;
    if measured.lm != checksum(lm) {
        let (theirs, ours) = (&measured.lm, checksum(lm));
        return Err(Trouble::new(
            format!("{place}：校准时的语言模型是 {theirs}，现在用的是 {ours}；请用同一个 --lm，或重新 jiaokan calibrate"),
            format!("{place}: measured with the language model {theirs}, not {ours}; name the same one with --lm, or calibrate again"),
        ));
    }
    if measured.sound != sound {
        let (zh, en) = if sound { ("没有 --sound", "without --sound") } else { ("带有 --sound", "with --sound") };
        return Err(Trouble::new(
            format!("{place}：校准时{zh}；请照样使用，或重新 jiaokan calibrate"),
            format!("{place}: measured {en}; do the same, or calibrate again"),
        ));
    }
    if measured.scorer != MisreadScorer::embedded_digest() {
        let version = &calibration.made_by;
        return Err(Trouble::new(
            format!("{place}：由另一版程序（{version}）得出，其评分表与本版不同；请重新 jiaokan calibrate"),
            format!("{place}: made by {version}, whose scorer is another one; calibrate again"),
        ));
    }
    Ok(())
}

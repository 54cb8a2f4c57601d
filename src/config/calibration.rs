use serde::{Deserialize, Serialize};

use crate::finding::Message;
use crate::text::{LineIndex, Position, floor_boundary};

/// Version of the file's shape.
pub const CALIBRATION_VERSION: u32 = 1;

/// A user's calibration, the file of `jiaokan calibrate`: how far the character
/// models are to be trusted on pages like theirs. `docs/own-models.md` describes
/// it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// [`CALIBRATION_VERSION`].
    pub version: u32,
    /// The program that made it.
    pub made_by: String,
    /// The models it was measured with; it holds for no others.
    pub models: MeasuredModels,
    /// The pages it was measured on.
    pub source: Source,
    /// What is laid over the scorer's probabilities.
    pub curve: WrittenCurve,
    /// The automatic tier.
    pub automatic: WrittenTier,
    /// The suggested tier, the automatic one within it.
    pub suggested: WrittenTier,
    /// The engine's habits.
    pub habits: WrittenHabits,
}

/// What a calibration was measured with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeasuredModels {
    /// Checksum of the language model, 16 hexadecimal digits.
    pub lm: String,
    /// Digest of the scorer's table, 16 hexadecimal digits.
    pub scorer: String,
    /// Whether characters that sound alike were candidates.
    pub sound: bool,
}

/// Where a calibration comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Names of the pages: relative paths without extension.
    pub pages: Vec<String>,
    /// Characters of their truth, white space aside.
    pub characters: usize,
    /// Errors of the pages as they were read.
    pub errors: usize,
    /// Changes that the models proposed on them.
    pub proposals: usize,
    /// Parts the pages were divided in for cross-validation.
    pub folds: usize,
}

/// A logistic curve: slope above 0, offset in nats.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenCurve {
    /// Factor of the logarithm of the odds.
    pub slope: f64,
    /// Added to it.
    pub offset: f64,
}

/// A tier with what it was measured to do, on pages that had no part in the
/// curve.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenTier {
    /// Probability from which on a change belongs to it; absent when none does.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub from: Option<f64>,
    /// Changes that bring the text nearer to its truth.
    pub right: usize,
    /// Changes that take it farther away.
    pub harmful: usize,
    /// Changes that do neither.
    pub neither: usize,
    /// Harmful ones per 10,000 characters.
    pub harm_per_10k: f64,
    /// The bound below which that lies in 95 of 100 cases.
    pub harm_per_10k_at_most: f64,
}

/// Habits of an engine as `jiaokan channel learn` writes them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenHabits {
    /// The table.
    pub table: String,
}

/// As much of a file as every version has.
#[derive(Default, Deserialize)]
struct Versioned {
    version: Option<i64>,
}

/// What is wrong with a calibration file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalibrationError {
    /// Where.
    pub position: Position,
    /// What was found, what was expected, what to do.
    pub message: Message,
}

impl Calibration {
    /// Reads a file.
    ///
    /// # Errors
    /// At the first thing that does not fit: no TOML, an unknown or missing
    /// key, another version, a number out of range.
    pub fn read(text: &str) -> Result<Self, CalibrationError> {
        let at = |offset: usize| LineIndex::new(text).position(floor_boundary(text, offset));
        // A newer file may have other keys.
        let Versioned { version } = toml::from_str(text).unwrap_or_default();
        if let Some(version) = version.filter(|version| *version != i64::from(CALIBRATION_VERSION)) {
            return Err(CalibrationError {
                position: at(text.find("version").unwrap_or(0)),
                message: Message::new(
                    format!("校准文件的版本是 {version}，本程序读 {CALIBRATION_VERSION}；请用 jiaokan calibrate 重新生成"),
                    format!(
                        "a calibration of version {version}, where this program reads {CALIBRATION_VERSION}; make it again with jiaokan calibrate"
                    ),
                ),
            });
        }
        let calibration: Self = toml::from_str(text).map_err(|error| {
            let position = at(error.span().map_or(0, |span| span.start));
            let said = error.message();
            CalibrationError {
                position,
                message: Message::new(
                    format!("不是完好的校准文件（{said}）；请用 jiaokan calibrate 重新生成"),
                    format!("no sound calibration ({said}); make it again with jiaokan calibrate"),
                ),
            }
        })?;
        let key = |section: &str, name: &str| {
            let from = text.find(&format!("[{section}]")).unwrap_or(0);
            at(text[from..].find(&format!("\n{name}")).map_or(from, |found| from + found + 1))
        };
        let wrong = |position, zh: String, en: String| Err(CalibrationError { position, message: Message::new(zh, en) });
        let WrittenCurve { slope, offset } = calibration.curve;
        if !(slope.is_finite() && slope > 0.0) {
            return wrong(key("curve", "slope"), format!("slope 是 {slope}，须大于 0"), format!("slope is {slope}; it must be above 0"));
        }
        if !offset.is_finite() {
            return wrong(
                key("curve", "offset"),
                format!("offset 是 {offset}，须是有限数"),
                format!("offset is {offset}; it must be finite"),
            );
        }
        for (section, tier) in [("automatic", calibration.automatic), ("suggested", calibration.suggested)] {
            if let Some(from) = tier.from.filter(|from| !(0.0..=1.0).contains(from)) {
                return wrong(
                    key(section, "from"),
                    format!("from 是 {from}，须在 0 与 1 之间"),
                    format!("from is {from}; it must be between 0 and 1"),
                );
            }
        }
        Ok(calibration)
    }

    /// The file.
    ///
    /// # Panics
    /// Never: the fields are strings, numbers and lists.
    #[must_use]
    pub fn write(&self) -> String {
        let body = toml::to_string_pretty(self).expect("strings, numbers and lists are TOML");
        format!(
            "# 校准：字符修复在这批版面上有多可信。由 jiaokan calibrate 写出，用 --calibration 或 models.calibration 读入。\n\
             # A calibration: how far character repairs are to be trusted on pages like these. Written by\n\
             # jiaokan calibrate, read with --calibration or models.calibration; docs/own-models.md.\n{body}"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calibration() -> Calibration {
        let tier = |from| WrittenTier { from, right: 90, harmful: 1, neither: 2, harm_per_10k: 0.2, harm_per_10k_at_most: 0.95 };
        Calibration {
            version: CALIBRATION_VERSION,
            made_by: "jiaokan".to_owned(),
            models: MeasuredModels { lm: "0".repeat(16), scorer: "1".repeat(16), sound: false },
            source: Source { pages: vec!["一版".to_owned()], characters: 50_000, errors: 700, proposals: 900, folds: 5 },
            curve: WrittenCurve { slope: 0.9, offset: -0.25 },
            automatic: tier(None),
            suggested: tier(Some(0.5)),
            habits: WrittenHabits { table: "# jiaokan habits 1\nmisread\t己\t已\t\t3\t2\nmark\t\\u{2e}\t。\t\t3\t2\n".to_owned() },
        }
    }

    #[test]
    fn what_was_written_is_read() {
        let written = calibration().write();
        assert_eq!(Calibration::read(&written).unwrap(), calibration(), "{written}");
        assert!(!written.contains("[automatic]\nfrom"));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        let written = calibration().write();
        let error = |from: &str, to: &str| {
            assert!(written.contains(from), "{written}");
            Calibration::read(&written.replacen(from, to, 1)).unwrap_err()
        };
        let line_of = |needle: &str| written.lines().position(|line| line.starts_with(needle)).unwrap() + 1;
        assert_eq!(error("version = 1", "version = 7").position.line, line_of("version"));
        assert_eq!(error("slope = 0.9", "slope = -0.9").position.line, line_of("slope"));
        assert_eq!(error("slope = 0.9", "slop = 0.9").position.line, line_of("slope"));
        assert_eq!(error("from = 0.5", "from = 5").position.line, line_of("from"));
        assert!(Calibration::read("校准").unwrap_err().message.en.contains("jiaokan calibrate"));
    }
}

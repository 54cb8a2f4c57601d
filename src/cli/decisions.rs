//! The decision log on the disk.

use std::fs;
use std::path::Path;

use super::exit::Trouble;
use crate::decision::Log;

/// Reads a log.
///
/// # Errors
/// When it cannot be read, or a line is no decision.
pub(super) fn read(path: &Path) -> Result<Log, Trouble> {
    let shown = path.display();
    let text = fs::read_to_string(path).map_err(|error| Trouble::io(&shown.to_string(), &error))?;
    Log::read(&text).map_err(|error| {
        let line = error.line;
        Trouble::new(format!("{shown}:{line}：{}", error.message.zh), format!("{shown}:{line}: {}", error.message.en))
    })
}

use std::io::{self, Write};

use super::args::{ConfigArgs, Global};
use super::exit::{Exit, Trouble};
use super::settings;
use super::sinks::{PipeState, stdout};
use super::voice::Voice;
use crate::config::Origin;

/// Prints every setting as TOML with the place it came from.
pub(super) fn show(_args: &ConfigArgs, global: &Global, voice: &Voice) -> Result<Exit, Trouble> {
    let settings = settings::load(global, None)?;
    let voice = voice.with_config(&settings.config);
    let file = settings.file.as_ref().map(|path| path.display().to_string());
    let rows: Vec<(String, String)> = settings
        .config
        .rows()
        .map(|(key, value, origin)| {
            let origin = match (origin, &file) {
                (Origin::File { line }, Some(file)) => format!("{file}:{line}"),
                (Origin::CommandLine, _) => voice.lang.pick("命令行", "command line").to_owned(),
                _ => voice.lang.pick("默认", "default").to_owned(),
            };
            (format!("{} = {value}", key.name), origin)
        })
        .collect();
    let width = rows.iter().map(|(setting, _)| setting.chars().count()).max().unwrap_or(0);
    let mut out = stdout(&PipeState::default());
    let print = |out: &mut dyn Write| -> io::Result<()> {
        for (setting, origin) in &rows {
            writeln!(out, "{setting:width$}  # {origin}")?;
        }
        out.flush()
    };
    print(&mut out).map_err(|error| Trouble::io("", &error))?;
    Ok(Exit::Done)
}

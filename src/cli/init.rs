use std::fs::OpenOptions;
use std::io::{self, Write};

use super::exit::{Exit, Trouble};
use super::settings::FILE_NAME;
use super::voice::Voice;
use crate::config;
use crate::finding::Message;

/// Writes a commented configuration file; never over an existing one.
pub(super) fn init(voice: &Voice) -> Result<Exit, Trouble> {
    let written =
        OpenOptions::new().write(true).create_new(true).open(FILE_NAME).and_then(|mut file| file.write_all(config::template().as_bytes()));
    match written {
        Ok(()) => {
            voice.note(&Message::new(format!("已写入 {FILE_NAME}"), format!("wrote {FILE_NAME}")));
            Ok(Exit::Done)
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(Trouble::new(
            format!("此处已有 {FILE_NAME}，未作改动；要重写请先移走它"),
            format!("there is a {FILE_NAME} here; it was left alone. Move it away to write a new one"),
        )),
        Err(error) => Err(Trouble::io(FILE_NAME, &error)),
    }
}

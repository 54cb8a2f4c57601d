use std::io;
use std::process::ExitCode;

use crate::finding::Message;

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Exit {
    /// Nothing is left to do.
    Done,
    /// Something at or above the level is left; `diff`: the texts differ.
    Left,
    /// An error, or an incomplete run.
    Error,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}

/// An error that ends the program, in both languages: what was found, what was
/// expected, what to do.
#[derive(Clone, Debug)]
pub(super) struct Trouble(pub(super) Message);

impl Trouble {
    pub(super) fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self(Message::new(zh, en))
    }

    /// An error of the system at a place, such as a path.
    pub(super) fn io(place: &str, error: &io::Error) -> Self {
        Self(io_message(place, error))
    }
}

/// The words for an error of the system at a place.
pub(super) fn io_message(place: &str, error: &io::Error) -> Message {
    let known = match error.kind() {
        io::ErrorKind::NotFound => Some(("没有这个文件或文件夹", "no such file or folder")),
        io::ErrorKind::PermissionDenied => Some(("没有权限", "permission denied")),
        io::ErrorKind::StorageFull => Some(("磁盘已满", "the disk is full")),
        io::ErrorKind::NotADirectory => Some(("路径中有一段不是文件夹", "part of the path is no folder")),
        io::ErrorKind::IsADirectory => Some(("这是文件夹", "this is a folder")),
        _ => None,
    };
    let (zh, en) = known.map_or_else(|| (error.to_string(), error.to_string()), |(zh, en)| (zh.to_owned(), en.to_owned()));
    if place.is_empty() { Message::new(zh, en) } else { Message::new(format!("{place}：{zh}"), format!("{place}: {en}")) }
}

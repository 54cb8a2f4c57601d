use crate::finding::Message;

/// Why a file was not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("byte {at}: {}", message.en)]
pub struct FormatError {
    /// Byte offset in the decoded content of the file.
    pub at: usize,
    /// What was found, what was expected, what to do.
    pub message: Message,
}

impl FormatError {
    pub(super) fn new(at: usize, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { at, message: Message::new(zh, en) }
    }
}

//! Places and paths, as editors count and name them.

use std::ops::Range;
use std::path::PathBuf;

use lsp_types::{Position, Range as Place, Uri};

/// The file behind a `file:` URI; `None` for another kind, such as a buffer
/// that was never saved.
pub(super) fn path(uri: &Uri) -> Option<PathBuf> {
    let rest = uri.as_str().strip_prefix("file://")?;
    let path = &rest[rest.find('/')?..];
    let mut bytes = Vec::with_capacity(path.len());
    let mut left = path.bytes();
    while let Some(byte) = left.next() {
        if byte == b'%' {
            let hex = [left.next()?, left.next()?];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&hex).ok()?, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    let path = String::from_utf8(bytes).ok()?;
    // `/C:/…` is `C:/…` where drives have letters.
    let has_drive = path.as_bytes().get(2) == Some(&b':') && path.as_bytes().get(1).is_some_and(u8::is_ascii_alphabetic);
    Some(PathBuf::from(if has_drive { &path[1..] } else { &path }))
}

/// The byte of a position, which counts UTF-16 units; beyond the end of a line
/// it is the end.
pub(super) fn byte(text: &str, position: Position) -> usize {
    let start: usize = text.split_inclusive('\n').take(position.line as usize).map(str::len).sum();
    let line = text[start..].split(['\n', '\r']).next().unwrap_or_default();
    let mut units = 0;
    for (at, c) in line.char_indices() {
        if units >= position.character as usize {
            return start + at;
        }
        units += c.len_utf16();
    }
    start + line.len()
}

/// The place of a byte range.
pub(super) fn place(text: &str, span: Range<usize>) -> Place {
    Place { start: position(text, span.start), end: position(text, span.end) }
}

#[allow(clippy::cast_possible_truncation)]
fn position(text: &str, at: usize) -> Position {
    let at = at.min(text.len());
    let line_start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let line = text[..line_start].matches('\n').count() as u32;
    Position { line, character: text[line_start..at].encode_utf16().count() as u32 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_utf16_units() {
        let text = "甲𠮷乙\r\n丙";
        let at = text.find('乙').unwrap();
        assert_eq!(position(text, at), Position { line: 0, character: 3 });
        assert_eq!(byte(text, Position { line: 0, character: 3 }), at);
        assert_eq!(byte(text, Position { line: 0, character: 99 }), text.find('\r').unwrap());
        assert_eq!(byte(text, Position { line: 1, character: 1 }), text.len());
        assert_eq!(byte(text, Position { line: 9, character: 1 }), text.len());
    }

    #[test]
    fn a_uri_is_a_path() {
        let of = |uri: &str| path(&uri.parse().unwrap());
        assert_eq!(of("file:///a/%E8%A7%84%20%E5%88%99/x.toml"), Some(PathBuf::from("/a/规 则/x.toml")));
        assert_eq!(of("file:///C:/a.toml"), Some(PathBuf::from("C:/a.toml")));
        assert_eq!(of("untitled:Untitled-1"), None);
    }
}

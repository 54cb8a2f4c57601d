//! JSON with the place of every string.

use serde_json::value::RawValue;

use super::error::FormatError;
use crate::text::Span;

/// Where a value stands in the content it was read from.
pub(super) fn place(content: &str, value: &RawValue) -> Span {
    let start = value.get().as_ptr() as usize - content.as_ptr() as usize;
    Span::new(start, start + value.get().len())
}

/// The characters of a string, escapes resolved, each with its place; `None`
/// for a value that is no string.
pub(super) fn characters(content: &str, value: &RawValue) -> Option<Vec<(char, Span)>> {
    let whole = place(content, value);
    let raw = value.get();
    let inner = raw.strip_prefix('"')?.strip_suffix('"')?;
    let mut out = Vec::with_capacity(inner.len());
    let mut at = whole.start + 1;
    let end = whole.end - 1;
    while at < end {
        let rest = &content[at..end];
        let c = rest.chars().next()?;
        if c != '\\' {
            out.push((c, Span::new(at, at + c.len_utf8())));
            at += c.len_utf8();
            continue;
        }
        let length = escape_len(rest)?;
        let value: String = serde_json::from_str(&format!("\"{}\"", &rest[..length])).ok()?;
        out.push((value.chars().next()?, Span::new(at, at + length)));
        at += length;
    }
    Some(out)
}

/// Length of the escape that `rest` begins with; a pair of surrogates is one.
fn escape_len(rest: &str) -> Option<usize> {
    if !rest.starts_with("\\u") {
        return Some(2);
    }
    let unit = u16::from_str_radix(rest.get(2..6)?, 16).ok()?;
    Some(if (0xd800..0xdc00).contains(&unit) { 12 } else { 6 })
}

/// Why serde_json refused `content`.
pub(super) fn broken(content: &str, error: &serde_json::Error) -> FormatError {
    let line_start: usize = content.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    let at = crate::text::floor_boundary(content, (line_start + error.column().saturating_sub(1)).min(content.len()));
    FormatError::new(at, format!("不是完整的 JSON：{error}"), format!("this is no whole JSON: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_have_their_places() {
        let content = r#" "甲\"\u4e59\ud83d\ude00丙" "#;
        let value: &RawValue = serde_json::from_str(content).unwrap();
        let chars = characters(content, value).unwrap();
        assert_eq!(chars.iter().map(|(c, _)| *c).collect::<String>(), "甲\"乙😀丙");
        assert_eq!(chars[2].1.of(content), "\\u4e59");
        assert_eq!(chars[3].1.of(content), "\\ud83d\\ude00");
        assert!(characters(content, serde_json::from_str("12").unwrap()).is_none());
    }
}

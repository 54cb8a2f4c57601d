//! One column of a line of JSON: where its value stands, and how it is written
//! back. All other bytes of the line are somebody else's.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::FormatError;
use crate::text::Span;

/// A text in a line of JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// The value, unescaped.
    pub text: String,
    /// Where it stands in the line, with its quotes.
    pub span: Span,
    /// Nothing in the line is beyond ASCII: what is written is not either.
    is_ascii: bool,
}

impl Column {
    /// The text under `name` of the JSON object in `line`; `None` where it is
    /// `null`, or the line is empty.
    ///
    /// # Errors
    /// When the line is no object, or has no text under that name, or two.
    pub fn find(line: &str, name: &str) -> Result<Option<Self>, FormatError> {
        if line.trim().is_empty() {
            return Ok(None);
        }
        let mut json = serde_json::Deserializer::from_str(line);
        let found = json.deserialize_map(Wanted(name)).and_then(|found| json.end().map(|()| found));
        let values = found.map_err(|error| broken(line, &error))?;
        let start_of = |raw: &RawValue| raw.get().as_ptr() as usize - line.as_ptr() as usize;
        let value = match values.as_slice() {
            [] => {
                return Err(FormatError::new(
                    0,
                    format!("这一行没有「{name}」这一列；列名用 --text-column 或 input.text_column 指定"),
                    format!("this line has no column \"{name}\"; name the one with the text with --text-column or input.text_column"),
                ));
            }
            [value] => *value,
            [_, second, ..] => {
                return Err(FormatError::new(
                    start_of(second),
                    format!("「{name}」在这一行出现两次，不知哪个是正文"),
                    format!("\"{name}\" stands twice in this line; nobody knows which one is the text"),
                ));
            }
        };
        let start = start_of(value);
        if value.get() == "null" {
            return Ok(None);
        }
        let text: String = serde_json::from_str(value.get())
            .map_err(|_| FormatError::new(start, format!("「{name}」不是字符串"), format!("\"{name}\" is no string")))?;
        Ok(Some(Self { text, span: Span::new(start, start + value.get().len()), is_ascii: line.is_ascii() }))
    }

    /// `line`, in which this was found, with another text.
    #[must_use]
    pub fn write(&self, line: &str, text: &str) -> String {
        let value = serde_json::Value::from(text).to_string();
        let value = if self.is_ascii { Cow::Owned(ascii(&value)) } else { Cow::Borrowed(&*value) };
        format!("{}{value}{}", &line[..self.span.start], &line[self.span.end..])
    }
}

/// What is beyond ASCII as escapes, the way of programs that write only that.
fn ascii(value: &str) -> String {
    let mut out = String::with_capacity(2 * value.len());
    let mut units = [0; 2];
    for c in value.chars() {
        if c.is_ascii() {
            out.push(c);
        } else {
            for unit in c.encode_utf16(&mut units) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    out
}

fn broken(line: &str, error: &serde_json::Error) -> FormatError {
    // serde counts bytes of the line, from 1.
    let at = crate::text::floor_boundary(line, error.column().saturating_sub(1));
    FormatError::new(at, "这一行不是 JSON 对象", format!("this line is no JSON object ({error})"))
}

/// Collects the values under one name.
struct Wanted<'n>(&'n str);

impl<'de> Visitor<'de> for Wanted<'_> {
    type Value = Vec<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = Vec::new();
        while let Some(Key(key)) = map.next_key()? {
            if key == self.0 {
                found.push(map.next_value()?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }
}

/// A key, copied only where it has escapes.
#[derive(serde::Deserialize)]
#[serde(transparent)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

#[cfg(test)]
mod tests {
    use super::*;

    fn rewritten(line: &str, text: &str) -> String {
        Column::find(line, "text").unwrap().unwrap().write(line, text)
    }

    #[test]
    fn only_the_value_is_written_anew() {
        let line = "{\"b\": 1.0e5 ,\"text\" :  \"甲\\n\\u4e59\" , \"a\":{\"text\":\"丙\"},\"n\":12345678901234567890}\r";
        assert_eq!(Column::find(line, "text").unwrap().unwrap().text, "甲\n乙");
        assert_eq!(rewritten(line, "丁\"\n"), line.replace("\"甲\\n\\u4e59\"", "\"丁\\\"\\n\""));
        assert_eq!(rewritten(r#"{"te\u0078t":"\u7532"}"#, "乙𠀀\u{7f}"), "{\"te\\u0078t\":\"\\u4e59\\ud840\\udc00\u{7f}\"}");
    }

    #[test]
    fn a_bad_line_is_told_with_its_place() {
        let told = |line: &str| Column::find(line, "text").unwrap_err();
        assert!(told("{\"a\":1}").message.en.contains("no column"));
        assert_eq!(told("{\"text\":1}").at, 8);
        assert_eq!(told("{\"text\":\"甲\",\"text\":\"乙\"}").at, 21);
        assert!(told("[1]").message.en.contains("no JSON object"));
        assert!(told("{\"text\":\"甲\"} x").at > 10);
        assert!(told("{\"text\":\"甲").message.en.contains("EOF"));
        assert!(told(&format!("{{\"a\":{}", "[".repeat(100_000))).message.en.contains("no JSON object"));
        assert_eq!(Column::find("  ", "text").unwrap(), None);
        assert_eq!(Column::find("{\"text\":null}", "text").unwrap(), None);
    }
}

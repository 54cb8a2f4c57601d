use toml::de::{DeTable, DeValue};

use super::{Config, KEYS, Key, Kind, Origin, Value};
use crate::finding::Message;
use crate::text::{LineIndex, Position, floor_boundary};

/// Names that differ in more than this share of their letters are not offered
/// as what was meant (normalized Damerau-Levenshtein similarity, 0..=1).
const LIKENESS_MIN: f64 = 0.5;

/// What is wrong with a setting. Depends on the configuration only, never on a
/// document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The text is no TOML; the parser's own words.
    Syntax(String),
    /// There is no such key.
    UnknownKey {
        /// As written, with its section.
        key: String,
        /// The most similar key there is.
        nearest: Option<&'static str>,
    },
    /// The value is of the wrong kind, or none of the words allowed.
    BadValue {
        /// The key.
        key: &'static str,
        /// As written, when it was a word.
        found: Option<String>,
        /// What the key takes.
        kind: Kind,
        /// The most similar word allowed.
        nearest: Option<&'static str>,
    },
}

impl Problem {
    pub(super) fn unknown_key(key: &str) -> Self {
        Problem::UnknownKey { key: key.to_owned(), nearest: nearest(key, KEYS.iter().map(|key| key.name)) }
    }

    pub(super) fn bad_value(key: &'static Key, found: Option<&str>) -> Self {
        let nearest = match (key.kind, found) {
            (Kind::Choice(words), Some(found)) => nearest(found, words.iter().copied()),
            _ => None,
        };
        Problem::BadValue { key: key.name, found: found.map(str::to_owned), kind: key.kind, nearest }
    }

    /// What was found, what was expected, what to do.
    #[must_use]
    pub fn message(&self) -> Message {
        match self {
            Problem::Syntax(words) => Message::new(format!("不是合法的 TOML：{words}"), format!("not valid TOML: {words}")),
            Problem::UnknownKey { key, nearest: Some(nearest) } => Message::new(
                format!("没有设置项「{key}」，是否为「{nearest}」？"),
                format!("unknown key \"{key}\"; did you mean \"{nearest}\"?"),
            ),
            Problem::UnknownKey { key, nearest: None } => Message::new(
                format!("没有设置项「{key}」；jiaokan config --show 列出全部设置项"),
                format!("unknown key \"{key}\"; jiaokan config --show lists all keys"),
            ),
            Problem::BadValue { key, found, kind, nearest } => {
                let (zh, en) = kind_words(*kind);
                let found =
                    found.as_ref().map_or((String::new(), String::new()), |found| (format!("「{found}」"), format!(" \"{found}\"")));
                let hint = nearest.map_or((String::new(), String::new()), |word| {
                    (format!("；是否为「{word}」？"), format!("; did you mean \"{word}\"?"))
                });
                Message::new(
                    format!("「{key}」的值{}不合适：应为{zh}{}", found.0, hint.0),
                    format!("bad value{} for \"{key}\": expected {en}{}", found.1, hint.1),
                )
            }
        }
    }
}

fn kind_words(kind: Kind) -> (String, String) {
    match kind {
        Kind::Choice(words) => (format!(" {} 之一", words.join("、")), format!("one of {}", words.join(", "))),
        Kind::Share => (" 0 至 1 的数".to_owned(), "a number from 0 to 1".to_owned()),
        Kind::Rate => (" 0 至 10000 的数".to_owned(), "a number from 0 to 10000".to_owned()),
        Kind::Flag => (" true 或 false".to_owned(), "true or false".to_owned()),
        Kind::List => ("字符串列表".to_owned(), "a list of strings".to_owned()),
        Kind::Name => ("字符串".to_owned(), "a string".to_owned()),
        Kind::Path => ("文件的路径".to_owned(), "the path of a file".to_owned()),
    }
}

/// A problem with its place in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// Where the key, the value or the syntax error stands.
    pub position: Position,
    /// What is wrong.
    pub problem: Problem,
}

impl Config {
    /// Sets everything that `text`, the content of a `jiaokan.toml`, sets.
    ///
    /// # Errors
    /// The first problem in the order of the file.
    pub fn read(&mut self, text: &str) -> Result<(), ConfigError> {
        let lines = LineIndex::new(text);
        let error = |at: usize, problem| ConfigError { position: lines.position(floor_boundary(text, at)), problem };
        let table = DeTable::parse(text)
            .map_err(|syntax| error(syntax.span().map_or(0, |span| span.start), Problem::Syntax(syntax.message().to_owned())))?;
        let mut settings = Vec::new();
        flatten("", table.get_ref(), &mut settings);
        settings.sort_by_key(|setting| setting.at);
        for Setting { at, key, value, value_at } in settings {
            let known = KEYS.iter().find(|known| known.name == key).ok_or_else(|| error(at, Problem::unknown_key(&key)))?;
            let value = value_of(value).ok_or_else(|| error(value_at, Problem::bad_value(known, None)))?;
            let origin = Origin::File { line: lines.position(at).line };
            self.set(&key, &value, origin).map_err(|problem| error(value_at, problem))?;
        }
        Ok(())
    }
}

struct Setting<'a> {
    at: usize,
    key: String,
    value: &'a DeValue<'a>,
    value_at: usize,
}

/// The keys of all sections, dotted. A table whose name is no section is
/// reported as an unknown key.
fn flatten<'a>(prefix: &str, table: &'a DeTable<'a>, out: &mut Vec<Setting<'a>>) {
    for (name, value) in table {
        let key = format!("{prefix}{}", name.get_ref());
        let section = format!("{key}.");
        match value.get_ref() {
            DeValue::Table(inner) if KEYS.iter().any(|known| known.name.starts_with(&section)) => flatten(&section, inner, out),
            other => out.push(Setting { at: name.span().start, key, value: other, value_at: value.span().start }),
        }
    }
}

fn value_of(value: &DeValue<'_>) -> Option<Value> {
    Some(match value {
        DeValue::String(text) => Value::Text(text.clone().into_owned()),
        DeValue::Boolean(flag) => Value::Flag(*flag),
        DeValue::Integer(number) => Value::Number(number.as_str().parse().ok()?),
        DeValue::Float(number) => Value::Number(number.as_str().parse().ok()?),
        DeValue::Array(items) => Value::List(items.iter().map(|item| item.get_ref().as_str().map(str::to_owned)).collect::<Option<_>>()?),
        DeValue::Datetime(_) | DeValue::Table(_) => return None,
    })
}

/// The most similar name, when one is similar enough to have been meant. For
/// dotted names the last part counts as well: `keep_line` finds
/// `layout.keep_lines`.
pub(crate) fn nearest<'n>(name: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let last = |name: &'_ str| name.rsplit(['.', '/']).next().unwrap_or_default().to_owned();
    let likeness = |known: &str| {
        let whole = strsim::normalized_damerau_levenshtein(name, known);
        whole.max(strsim::normalized_damerau_levenshtein(&last(name), &last(known)))
    };
    let mut best: Option<(f64, &str)> = None;
    for known in names {
        let likeness = likeness(known);
        if likeness >= LIKENESS_MIN && best.is_none_or(|(most, _)| likeness > most) {
            best = Some((likeness, known));
        }
    }
    best.map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Safety;

    fn problem(text: &str) -> (usize, usize, Problem) {
        let error = Config::default().read(text).unwrap_err();
        (error.position.line, error.position.column, error.problem)
    }

    #[test]
    fn what_the_file_sets_is_set_with_its_line() {
        let mut config = Config::default();
        config.read("# 注\n[rules]\nlevel = \"suggested\"\nignore = ['core']\n[input]\nencoding = \"CP936\"\n").unwrap();
        assert_eq!(config.level, Safety::Suggested);
        assert_eq!(config.ignore, ["core"]);
        assert_eq!(config.encoding, Some(crate::encoding::Encoding::Gbk));
        assert_eq!(config.origin("rules.level"), Origin::File { line: 3 });
        assert_eq!(config.origin("rules.select"), Origin::Default);
    }

    #[test]
    fn an_unknown_key_is_named_with_its_place_and_the_nearest_one() {
        let unknown = |key: &str, nearest| Problem::UnknownKey { key: key.to_owned(), nearest };
        assert_eq!(problem("[rules]\n  levle = 1\n"), (2, 3, unknown("rules.levle", Some("rules.level"))));
        assert_eq!(problem("keep_line = true\n"), (1, 1, unknown("keep_line", Some("layout.keep_lines"))));
        assert_eq!(problem("[\"字\"]\nx = 1\n"), (1, 2, unknown("字", None)));
    }

    #[test]
    fn a_wrong_value_says_what_would_do() {
        let (line, column, problem_) = problem("[rules]\nlevel = \"suggest\"\n");
        assert_eq!((line, column), (2, 9));
        assert_eq!(
            problem_.message().en,
            "bad value \"suggest\" for \"rules.level\": expected one of automatic, suggested; did you mean \"suggested\"?"
        );
        assert!(matches!(problem("[rules]\nmin_confidence = 2\n").2, Problem::BadValue { .. }));
        assert!(matches!(problem("[rules]\nselect = [1]\n").2, Problem::BadValue { .. }));
        assert!(matches!(problem("[layout.keep_lines]\n").2, Problem::BadValue { .. }));
    }

    #[test]
    fn a_syntax_error_has_its_place() {
        let (line, _, problem) = problem("lang = \"zh\"\n[rules\n");
        assert_eq!(line, 2);
        assert!(matches!(problem, Problem::Syntax(_)));
    }
}

use std::cell::OnceCell;
use std::ops::Range;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Deserializer};

use super::SourceFile;
use super::error::{RuleError, RuleErrorKind};
use super::host::{Alone, Means};
use super::look_alikes::LookAlikes;
use super::raw::fields_of;
use crate::finding::Message;
use crate::text::LineIndex;

/// Errors of one list after which reading it ends.
const MAX_LIST_ERRORS: usize = 100;

/// The errors found in one file so far.
pub(crate) struct Problems<'f> {
    file: &'f SourceFile,
    errors: Vec<RuleError>,
    /// What `~己` stands for.
    look_alikes: Arc<LookAlikes>,
    means: Means<'f>,
    /// Made when the first line is asked for: a file may have thousands of
    /// rules.
    lines: OnceCell<LineIndex<'f>>,
}

impl<'f> Problems<'f> {
    pub fn new(file: &'f SourceFile) -> Self {
        Self { file, errors: Vec::new(), look_alikes: Arc::default(), means: Means::of(&Alone), lines: OnceCell::new() }
    }

    /// The line of byte `at`, from 1.
    pub fn line(&self, at: usize) -> usize {
        self.lines.get_or_init(|| LineIndex::new(&self.file.text)).line(at)
    }

    /// Knows the groups of all packs.
    pub fn with_look_alikes(mut self, look_alikes: &Arc<LookAlikes>) -> Self {
        self.look_alikes = Arc::clone(look_alikes);
        self
    }

    /// Knows who has the rules loaded.
    pub fn with_means(mut self, means: Means<'f>) -> Self {
        self.means = means;
        self
    }

    pub fn means(&self) -> Means<'f> {
        self.means
    }

    /// `c` and what it is taken for, in order; `None`, told, when no group
    /// holds it.
    pub fn look_alikes_of(&mut self, c: char, span: &Range<usize>) -> Option<Vec<char>> {
        let group = self.look_alikes.group(c);
        if group.len() < 2 {
            self.bad_value(
                span.clone(),
                Message::new(
                    format!("没有「{c}」的形近字，「~{c}」就是它自己"),
                    format!("nothing looks like 「{c}」, so `~{c}` is only itself"),
                ),
                Message::new("在包里的 look-alikes.txt 加一组，或去掉 ~", "add a group to the pack's look-alikes.txt, or take the ~ away"),
            );
            return None;
        }
        Some(group)
    }

    pub fn len(&self) -> usize {
        self.errors.len()
    }

    pub fn file(&self) -> &'f SourceFile {
        self.file
    }

    pub fn push(&mut self, span: Range<usize>, kind: RuleErrorKind) {
        self.errors.push(RuleError::new(self.file, span, kind));
    }

    pub fn bad_value(&mut self, span: Range<usize>, message: Message, advice: Message) {
        self.push(span, RuleErrorKind::BadValue { message, advice });
    }

    /// Tells of a line of a list that a rule names.
    pub fn bad_line(&mut self, list: &SourceFile, span: Range<usize>, message: Message, advice: Message) {
        self.errors.push(RuleError::new(list, span, RuleErrorKind::BadValue { message, advice }));
    }

    /// True when a list has so many errors beyond the first `before` that
    /// nobody reads more of them: it is no such list.
    pub fn is_enough(&self, before: usize) -> bool {
        self.errors.len() >= before + MAX_LIST_ERRORS
    }

    pub fn into_errors(self) -> Vec<RuleError> {
        self.errors
    }

    /// Turns an error of the TOML reader into one of ours. serde names the
    /// unknown field and the valid ones between back-quotes.
    fn push_toml(&mut self, error: &toml::de::Error, fallback: Range<usize>, place: &Message) {
        let span = error.span().unwrap_or(fallback);
        let message = error.message();
        if message.starts_with("unknown field `") {
            let mut words = message.split('`').skip(1).step_by(2).map(str::to_owned);
            let key = words.next().unwrap_or_default();
            self.push(span, RuleErrorKind::UnknownKey { key, place: place.clone(), valid: words.collect() });
        } else {
            self.bad_value(
                span,
                Message::new(format!("写法不对：{message}"), message.to_owned()),
                Message::new("按 docs/rules.md 里的写法改正", "write it as docs/rules.md shows"),
            );
        }
    }
}

/// A table of a rule file with its place.
pub(crate) struct Table<'s> {
    pub span: Range<usize>,
    pub items: DeTable<'s>,
}

impl<'s> Table<'s> {
    /// The whole file; `None` when it is not TOML, and every syntax error told.
    pub fn parse(problems: &mut Problems<'s>) -> Option<Self> {
        let file = problems.file();
        let (table, errors) = DeTable::parse_recoverable(&file.text);
        for error in &errors {
            // An empty span marks where something is missing; the parser puts
            // some of them behind the newline.
            let span = error.span().unwrap_or(0..0);
            problems.push(span, RuleErrorKind::Syntax { message: error.message().replace('\n', "; ") });
        }
        errors.is_empty().then(|| Table { span: table.span(), items: table.into_inner() })
    }

    /// Takes `key` out; `None` when it is not there or not a table (told).
    pub fn take_table(&mut self, key: &str, problems: &mut Problems<'_>) -> Option<Table<'s>> {
        let (_, value) = self.items.remove_entry(key)?;
        let span = value.span();
        match value.into_inner() {
            DeValue::Table(items) => Some(Table { span, items }),
            other => {
                wrong_shape(problems, span, key, "a table", "一个表", other.type_str());
                None
            }
        }
    }

    /// Takes the tables of the array `key` out.
    pub fn take_tables(&mut self, key: &str, problems: &mut Problems<'_>) -> Vec<Table<'s>> {
        let Some((_, value)) = self.items.remove_entry(key) else { return Vec::new() };
        let span = value.span();
        let DeValue::Array(array) = value.into_inner() else {
            wrong_shape(problems, span, key, "an array of tables: [[rule]]", "表的数组：[[rule]]", "another type");
            return Vec::new();
        };
        let mut tables = Vec::new();
        for value in array {
            let span = value.span();
            match value.into_inner() {
                DeValue::Table(items) => tables.push(Table { span, items }),
                other => wrong_shape(problems, span, key, "a table", "一个表", other.type_str()),
            }
        }
        tables
    }

    /// The entries whose keys are fields of `T`, and the rest.
    pub fn split<T: DeserializeOwned>(self) -> (Table<'s>, Table<'s>) {
        let fields = fields_of::<T>();
        let mut of_type = Table { span: self.span.clone(), items: DeTable::new() };
        let mut rest = Table { span: self.span, items: DeTable::new() };
        for (key, value) in self.items {
            let known = fields.contains(&key.get_ref().as_ref());
            let side = if known { &mut of_type } else { &mut rest };
            side.items.insert(key, value);
        }
        (of_type, rest)
    }

    /// Tells every key that is neither a field of `T` nor one of `more`;
    /// true when there was none.
    pub fn check_keys<T: DeserializeOwned>(&self, more: &[&str], place: &Message, problems: &mut Problems<'_>) -> bool {
        let valid: Vec<String> = fields_of::<T>().iter().chain(more).map(|&key| key.to_owned()).collect();
        let before = problems.len();
        for key in self.items.keys() {
            if !valid.iter().any(|name| name == key.get_ref().as_ref()) {
                problems.push(
                    key.span(),
                    RuleErrorKind::UnknownKey { key: key.get_ref().to_string(), place: place.clone(), valid: valid.clone() },
                );
            }
        }
        problems.len() == before
    }

    /// The table as a `T`; `None` when it is not one (told).
    pub fn read<T: DeserializeOwned>(self, place: &Message, problems: &mut Problems<'_>) -> Option<T> {
        let span = self.span.clone();
        match T::deserialize(Deserializer::from(Spanned::new(self.span, self.items))) {
            Ok(value) => Some(value),
            Err(error) => {
                problems.push_toml(&error, span, place);
                None
            }
        }
    }
}

fn wrong_shape(problems: &mut Problems<'_>, span: Range<usize>, key: &str, en: &str, zh: &str, found: &str) {
    problems.bad_value(
        span,
        Message::new(format!("「{key}」应是{zh}"), format!("`{key}` is {found}, expected {en}")),
        Message::new("按 docs/rules.md 里的写法改正", "write it as docs/rules.md shows"),
    );
}

use std::fmt;
use std::ops::Range;

use super::SourceFile;
use crate::finding::Message;
use crate::text::{LineIndex, width_cells};

/// Code points of the offending line that an error shows at most.
const EXCERPT_CHARS: usize = 76;

/// What is wrong at one place of a rule file.
///
/// Errors depend on the rule files only, never on a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleError {
    /// The file, as the loader was given it.
    pub path: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in code points, from 1.
    pub column: usize,
    /// The offending line, cut to a readable length.
    pub excerpt: String,
    /// Terminal cells of `excerpt` before the offending place.
    pub offset_cells: usize,
    /// Terminal cells the offending place takes in `excerpt`.
    pub width_cells: usize,
    /// What is wrong there.
    pub kind: RuleErrorKind,
}

/// The ways a rule file can be wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RuleErrorKind {
    /// The file is not TOML.
    Syntax {
        /// The parser's own words.
        message: String,
    },
    /// A folder without `pack.toml`.
    NoPackFile,
    /// A key that nothing reads.
    UnknownKey {
        /// The key.
        key: String,
        /// What has no such key, e.g. `a rule of kind replace`.
        place: Message,
        /// The keys that would be read.
        valid: Vec<String>,
    },
    /// A value that is not in a closed list.
    UnknownValue {
        /// The value.
        value: String,
        /// The key it stands under.
        key: &'static str,
        /// The values that would be read.
        valid: Vec<String>,
    },
    /// A key that must be there and is not.
    MissingKey {
        /// The key.
        key: &'static str,
    },
    /// A value of the wrong type or shape, or out of its range.
    BadValue {
        /// What was found and what was expected.
        message: Message,
        /// What to do.
        advice: Message,
    },
    /// A rule id that does not read `pack/defect`.
    BadId {
        /// The id.
        id: String,
        /// The name of the pack it stands in.
        pack: String,
    },
    /// Two rules or two packs of one name.
    DuplicateId {
        /// The id.
        id: String,
        /// `file:line` of the first.
        first: String,
    },
    /// A regular expression that cannot be read.
    InvalidRegex {
        /// Position in the pattern, in code points from 1.
        at: usize,
        /// The reason.
        message: String,
    },
    /// A regular expression that would cost too much.
    TooComplex {
        /// The limit that was passed.
        limit: String,
    },
    /// A list that is not in the pack.
    NoSuchFile {
        /// Its name.
        name: String,
        /// The lists that are.
        valid: Vec<String>,
    },
    /// A pattern that matches the empty string, so it would match everywhere.
    MatchesEmpty {
        /// The pattern.
        pattern: String,
    },
    /// A replacement names a group the pattern does not have.
    NoSuchGroup {
        /// The name or number.
        group: String,
        /// The groups there are.
        valid: Vec<String>,
    },
    /// A pattern equal to its own result.
    SameAsResult {
        /// The pattern.
        pattern: String,
    },
    /// A rule that can never fire.
    NeverFires {
        /// The entry.
        pattern: String,
        /// Why.
        reason: Message,
        /// What to do.
        advice: Message,
    },
    /// Replacements that lead back to where they began.
    Cycle {
        /// The forms, in order; the last is the first again.
        steps: Vec<String>,
    },
}

impl RuleError {
    /// An error at byte range `span` of `file`.
    pub(super) fn new(file: &SourceFile, span: Range<usize>, kind: RuleErrorKind) -> Self {
        let text = file.text.as_str();
        let start = floor(text, span.start);
        let end = floor(text, span.end).max(start);
        let position = LineIndex::new(text).position(start);
        let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let line_end = text[start..].find(['\n', '\r']).map_or(text.len(), |at| start + at);
        let line: Vec<char> = text[line_start..line_end].chars().collect();
        let column_idx = position.column - 1;
        let from = if line.len() <= EXCERPT_CHARS { 0 } else { column_idx.saturating_sub(EXCERPT_CHARS / 3) };
        let shown: String = line.iter().skip(from).take(EXCERPT_CHARS).collect();
        let before = &line[from.min(column_idx)..column_idx];
        let marked = text[start..end.min(line_end)].chars().take(from + EXCERPT_CHARS - column_idx.min(from + EXCERPT_CHARS));
        Self {
            path: file.path.clone(),
            line: position.line,
            column: position.column,
            excerpt: shown,
            offset_cells: before.iter().map(|&c| width_cells(c)).sum(),
            width_cells: marked.map(width_cells).sum::<usize>().max(1),
            kind,
        }
    }

    /// The error in English, with its place and the offending line.
    #[must_use]
    pub fn render(&self) -> String {
        self.message().en
    }

    /// The error in each language, with its place and the offending line.
    #[must_use]
    pub fn message(&self) -> Message {
        let (what, advice) = (self.kind.what(), self.kind.advice());
        let zh = self.lines(&what.zh, &advice.zh, ["应为：", "最接近的是：", "改法："]);
        let en = self.lines(&what.en, &advice.en, ["expected: ", "nearest: ", "do: "]);
        Message { zh, en }
    }

    fn lines(&self, what: &str, advice: &str, [expected, near, action]: [&str; 3]) -> String {
        let number = self.line.to_string();
        let pad = " ".repeat(number.len());
        let mut out = format!("{}:{}:{}: {what}\n", self.path, self.line, self.column);
        out += &format!("  {number} | {}\n", self.excerpt);
        out += &format!("  {pad} | {}{}\n", " ".repeat(self.offset_cells), "^".repeat(self.width_cells));
        let valid = self.kind.valid();
        if !valid.is_empty() {
            out += &format!("  {expected}{}\n", valid.join(", "));
        }
        if let Some(nearest) = self.kind.nearest() {
            out += &format!("  {near}{nearest}\n");
        }
        out += &format!("  {action}{advice}\n");
        out
    }
}

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.render().trim_end())
    }
}

impl std::error::Error for RuleError {}

impl RuleErrorKind {
    /// What was found.
    #[must_use]
    pub fn what(&self) -> Message {
        match self {
            Self::Syntax { message } => Message::new(format!("TOML 语法有误：{message}"), format!("not valid TOML: {message}")),
            Self::NoPackFile => Message::new("规则包里没有 pack.toml", "the pack has no pack.toml"),
            Self::UnknownKey { key, place, .. } => {
                Message::new(format!("{}没有「{key}」这个键", place.zh), format!("{} has no key `{key}`", place.en))
            }
            Self::UnknownValue { value, key, .. } => {
                Message::new(format!("「{key}」没有「{value}」这个值"), format!("`{key}` has no value `{value}`"))
            }
            Self::MissingKey { key } => Message::new(format!("规则缺少「{key}」"), format!("the rule has no `{key}`")),
            Self::BadValue { message, .. } => message.clone(),
            Self::BadId { id, pack } => {
                Message::new(format!("编号「{id}」不是「{pack}/缺陷名」的形式"), format!("the id `{id}` does not read `{pack}/defect`"))
            }
            Self::DuplicateId { id, first } => {
                Message::new(format!("「{id}」已在 {first} 出现过"), format!("`{id}` already stands at {first}"))
            }
            Self::InvalidRegex { at, message } => Message::new(
                format!("正则式第 {at} 个字符处有误：{message}"),
                format!("the regular expression is wrong at its character {at}: {message}"),
            ),
            Self::TooComplex { limit } => {
                Message::new(format!("正则式过于复杂：{limit}"), format!("the regular expression is too complex: {limit}"))
            }
            Self::NoSuchFile { name, .. } => {
                Message::new(format!("规则包里没有词表「{name}」"), format!("there is no list `{name}` in the pack"))
            }
            Self::MatchesEmpty { pattern } => Message::new(
                format!("「{pattern}」能匹配空串，处处都会命中"),
                format!("`{pattern}` matches the empty string, that is, everywhere"),
            ),
            Self::NoSuchGroup { group, .. } => Message::new(
                format!("替换文本引用了正则式里没有的组「{group}」"),
                format!("the replacement names the group `{group}`, which the pattern does not have"),
            ),
            Self::SameAsResult { pattern } => {
                Message::new(format!("「{pattern}」替换后还是它自己"), format!("`{pattern}` is replaced by itself"))
            }
            Self::NeverFires { pattern, reason, .. } => {
                Message::new(format!("「{pattern}」永远不会命中：{}", reason.zh), format!("`{pattern}` can never fire: {}", reason.en))
            }
            Self::Cycle { steps } => Message::new(
                format!("替换兜了一圈：{}", steps.join(" → ")),
                format!("the replacements run in a circle: {}", steps.join(" → ")),
            ),
        }
    }

    /// What to do.
    #[must_use]
    pub fn advice(&self) -> Message {
        let nearest = self.nearest();
        match self {
            Self::Syntax { .. } => Message::new("照提示改正这一行的写法", "correct the line as the parser says"),
            Self::NoPackFile => {
                Message::new("加一个 pack.toml，写上 name、version、message", "add a pack.toml with name, version and message")
            }
            Self::UnknownKey { .. } | Self::UnknownValue { .. } | Self::NoSuchGroup { .. } => match nearest {
                Some(nearest) => Message::new(format!("改为「{nearest}」"), format!("write `{nearest}`")),
                None => Message::new("删去它，或从可用的里选一个", "remove it, or take one of the expected"),
            },
            Self::NoSuchFile { .. } => match nearest {
                Some(nearest) => Message::new(format!("改为「{nearest}」"), format!("write `{nearest}`")),
                None => Message::new("把词表（.txt）放在 pack.toml 旁边", "put the list (.txt) beside pack.toml"),
            },
            Self::MissingKey { key: "bad" | "good" } => Message::new(
                "每条规则都要有 bad（出错的例子和改后的样子）与 good（必须不动的例子）",
                "give every rule bad examples with their result and good ones that must stay silent",
            ),
            Self::MissingKey { key } => Message::new(
                format!("在规则里或本文件的 [defaults] 里写上 {key}"),
                format!("write {key} in the rule or in this file's [defaults]"),
            ),
            Self::BadValue { advice, .. } | Self::NeverFires { advice, .. } => advice.clone(),
            Self::BadId { pack, .. } => Message::new(
                format!("写成「{pack}/」加上缺陷的英文名，小写，用连字符"),
                format!("write `{pack}/` and the name of the defect, lower case, with hyphens"),
            ),
            Self::DuplicateId { .. } => Message::new("换一个编号，或把两条合为一条", "choose another id, or make one rule of the two"),
            Self::InvalidRegex { .. } => {
                Message::new("改正正则式；没有环视和反向引用", "correct the pattern; look-around and back-references do not exist here")
            }
            Self::TooComplex { .. } => Message::new("拆成几条，或去掉大的重复次数", "split it, or take out the large repetition counts"),
            Self::MatchesEmpty { .. } => {
                Message::new("要求至少一个字，例如把 * 改成 +", "require at least one character, for instance + in the place of *")
            }
            Self::SameAsResult { .. } => Message::new("删去这一项，或改正其中一边", "remove the entry, or correct one side"),
            Self::Cycle { .. } => Message::new("删去其中一步，或给它加上语境条件", "remove one of the steps, or restrict it to a context"),
        }
    }

    /// What would have been read in its place.
    #[must_use]
    pub fn valid(&self) -> &[String] {
        match self {
            Self::UnknownKey { valid, .. }
            | Self::UnknownValue { valid, .. }
            | Self::NoSuchGroup { valid, .. }
            | Self::NoSuchFile { valid, .. } => valid,
            _ => &[],
        }
    }

    /// The valid word nearest to what was written, when one is near.
    #[must_use]
    pub fn nearest(&self) -> Option<&str> {
        match self {
            Self::UnknownKey { key, valid, .. } => nearest(key, valid),
            Self::UnknownValue { value, valid, .. } => nearest(value, valid),
            Self::NoSuchGroup { group, valid } => nearest(group, valid),
            Self::NoSuchFile { name, valid } => nearest(name, valid),
            _ => None,
        }
    }
}

/// The candidate with the smallest edit distance to `word`, unless all are
/// further than a third of its length (at least two edits are forgiven).
pub(super) fn nearest<'a>(word: &str, candidates: &'a [String]) -> Option<&'a str> {
    let far = (word.chars().count() / 3).max(2);
    candidates
        .iter()
        .map(|candidate| (strsim::osa_distance(word, candidate), candidate.as_str()))
        .filter(|&(distance, _)| distance <= far)
        .min()
        .map(|(_, candidate)| candidate)
}

/// `at`, moved down to a character boundary of `text`.
fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_forgives_a_slip_and_no_more() {
        let valid = ["message".to_owned(), "source".to_owned()];
        assert_eq!(nearest("mesage", &valid), Some("message"));
        assert_eq!(nearest("pattern", &valid), None);
    }

    #[test]
    fn marks_the_place_in_terminal_cells() {
        let file = SourceFile { path: "p/x.toml".into(), text: "标题 = 1\n坏键 = 2\n".into() };
        let start = file.text.find("坏键").unwrap();
        let error = RuleError::new(&file, start..start + 6, RuleErrorKind::MissingKey { key: "id" });
        assert_eq!((error.line, error.column, error.offset_cells, error.width_cells), (2, 1, 0, 4));
        assert_eq!(error.excerpt, "坏键 = 2");
    }
}

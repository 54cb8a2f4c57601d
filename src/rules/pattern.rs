use std::collections::BTreeSet;
use std::ops::Range;

use regex::{Captures, Regex, RegexBuilder};
use regex_syntax::hir::{Class, Hir, HirKind};
use toml::Spanned;

use super::error::RuleErrorKind;
use super::program::{Found, Page, Trigger};
use super::read::Problems;
use super::sides::Sides;
use crate::document::surnames;
use crate::finding::Message;
use crate::text::{Span, is_han};

/// Code points a pattern may have.
const MAX_PATTERN_CHARS: usize = 400;
/// Bytes the compiled program may take. The engine is linear in the text with
/// this as the factor, so it bounds what a line can cost.
const MAX_PROGRAM_BYTES: usize = 256 * 1024;
/// How deep groups may be nested.
const MAX_NESTING: u32 = 24;
/// Literals that may stand for a pattern in the phase's automaton.
const MAX_TRIGGERS: usize = 64;
/// Matches in a row that go into one literal.
const MAX_REPEATED: u32 = 6;
/// Code points from which literals count as equally selective.
const LONG_ENOUGH: usize = 3;

/// A checked regular expression. It sees one line at a time, without the line
/// break.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    regex: Regex,
    /// One of these stands in every match; empty when none could be derived.
    required: Vec<String>,
}

impl Pattern {
    /// Checks a pattern; `None` when it cannot be used (told).
    pub fn check(source: &Spanned<String>, problems: &mut Problems<'_>) -> Option<Self> {
        let written = source.get_ref().as_str();
        let expanded = expand_names(written, &source.span(), problems)?;
        let pattern = expanded.as_str();
        let too_complex = |limit: String| RuleErrorKind::TooComplex { limit };
        if written.chars().count() > MAX_PATTERN_CHARS {
            problems
                .push(source.span(), too_complex(format!("more than {MAX_PATTERN_CHARS} characters / 超过 {MAX_PATTERN_CHARS} 个字符")));
            return None;
        }
        let hir = match regex_syntax::ParserBuilder::new().multi_line(true).nest_limit(MAX_NESTING).build().parse(pattern) {
            Ok(hir) => hir,
            Err(error) => {
                let (at, message) = syntax_error(&error);
                // Where a name was put in, places in it are no places in the file.
                let place =
                    if written == pattern { place_in(problems.file().text.as_str(), source.span(), pattern, at) } else { source.span() };
                let at_chars = pattern[..at.min(pattern.len())].chars().count() + 1;
                problems.push(place, RuleErrorKind::InvalidRegex { at: at_chars, message });
                return None;
            }
        };
        if hir.properties().minimum_len().is_none_or(|length| length == 0) {
            problems.push(source.span(), RuleErrorKind::MatchesEmpty { pattern: pattern.to_owned() });
            return None;
        }
        match RegexBuilder::new(pattern).multi_line(true).size_limit(MAX_PROGRAM_BYTES).nest_limit(MAX_NESTING).build() {
            Ok(regex) => {
                let required: Vec<String> = required(&hir).unwrap_or_default().into_iter().collect();
                if !required.is_empty() && required.iter().all(|text| text.contains(['\n', '\r'])) {
                    problems.push(source.span(), needs_line_break(pattern));
                    return None;
                }
                Some(Self { regex, required })
            }
            Err(regex::Error::CompiledTooBig(limit)) => {
                problems.push(source.span(), too_complex(format!("compiled to more than {limit} bytes / 编译后超过 {limit} 字节")));
                None
            }
            Err(error) => {
                problems.push(source.span(), RuleErrorKind::InvalidRegex { at: 1, message: error.to_string() });
                None
            }
        }
    }

    /// True when the replacement `template` names only groups that exist.
    pub fn check_template(&self, template: &Spanned<String>, problems: &mut Problems<'_>) -> bool {
        let before = problems.len();
        for group in groups_of(template.get_ref()) {
            let exists = match group.parse::<usize>() {
                Ok(number) => number < self.regex.captures_len(),
                Err(_) => self.regex.capture_names().flatten().any(|name| name == group),
            };
            if !exists {
                let numbered = (1..self.regex.captures_len()).map(|number| number.to_string());
                let named = self.regex.capture_names().flatten().map(str::to_owned);
                problems.push(template.span(), RuleErrorKind::NoSuchGroup { group, valid: numbered.chain(named).collect() });
            }
        }
        problems.len() == before
    }

    /// Literals of which one stands in every match, as triggers of the phase's
    /// automaton; none when the pattern shows none.
    pub fn triggers(&self) -> Vec<Trigger> {
        self.required.iter().map(|text| Trigger { text: text.clone(), payload: 0 }).collect()
    }

    /// All matches in the line `line` of `page` whose neighbors are as asked;
    /// `template` is what becomes of them, `None` flags.
    pub fn visit_line(&self, line: Span, template: Option<&str>, sides: &Sides, page: &Page<'_>, out: &mut Vec<Found>) {
        let content = line.of(page.text);
        let keep = |start: usize, end: usize| start < end && sides.allow(page.text, line.start + start, line.start + end);
        let Some(template) = template else {
            let found = self.regex.find_iter(content).filter(|found| keep(found.start(), found.end()));
            out.extend(found.map(|found| Found::flag(Span::new(line.start + found.start(), line.start + found.end()))));
            return;
        };
        if !self.regex.is_match(content) {
            return;
        }
        for captures in self.regex.captures_iter(content) {
            let whole = captures.get_match();
            if keep(whole.start(), whole.end()) {
                let span = Span::new(line.start + whole.start(), line.start + whole.end());
                let new = expand(&captures, template);
                if span.of(page.text) != new {
                    out.push(Found::replacement(page.text, span, &new));
                }
            }
        }
    }

    /// True when some part of `text` matches.
    pub fn is_match(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }

    /// The first match in `text` and its replacement.
    pub fn replace_first(&self, text: &str, template: &str) -> Option<(Range<usize>, String)> {
        let captures = self.regex.captures(text)?;
        Some((captures.get_match().range(), expand(&captures, template)))
    }
}

/// A Chinese or Arabic number, as a class of patterns.
const NUMBER: &str = "[0-9０-９〇零一二三四五六七八九十百千万亿两廿卅]+";

/// The pattern with `~己` as the class of what looks like 己 and `〈数字〉`,
/// `〈汉字〉`, `〈姓名〉` as what they stand for; `None` for another name (told).
fn expand_names(pattern: &str, span: &Range<usize>, problems: &mut Problems<'_>) -> Option<String> {
    let mut out = String::with_capacity(pattern.len());
    let mut rest = pattern;
    while let Some(at) = rest.find(['~', '〈']) {
        out += &rest[..at];
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix('~') {
            match after.chars().next().filter(|&c| is_han(c)) {
                Some(c) => {
                    let group: String = problems.look_alikes_of(c, span)?.into_iter().collect();
                    out += &format!("[{group}]");
                    rest = &after[c.len_utf8()..];
                }
                None => {
                    out.push('~');
                    rest = after;
                }
            }
            continue;
        }
        let Some(end) = rest.find('〉') else { break };
        let name = &rest[..end + '〉'.len_utf8()];
        match name {
            "〈数字〉" => out += NUMBER,
            "〈汉字〉" => out += r"\p{Han}",
            "〈姓名〉" => out += &format!(r"[{}]\p{{Han}}{{1,2}}", surnames()),
            "〈地名〉" => {
                problems.bad_value(
                    span.clone(),
                    Message::new("正则式里不能写〈地名〉", "〈地名〉 has no place in a regular expression"),
                    Message::new("写在 context 的 left、right 里", "write it into left or right of context"),
                );
                return None;
            }
            // Title marks of another kind are text.
            other => out += other,
        }
        rest = &rest[name.len()..];
    }
    Some(out + rest)
}

fn needs_line_break(pattern: &str) -> RuleErrorKind {
    RuleErrorKind::NeverFires {
        pattern: pattern.to_owned(),
        reason: Message::new("它要匹配换行，而规则一次只看一行", "it needs a line break, and a rule sees one line at a time"),
        advice: Message::new("去掉换行；断行由接段处理", "take the line break out; joins are made elsewhere"),
    }
}

fn expand(captures: &Captures<'_>, template: &str) -> String {
    let mut new = String::new();
    captures.expand(template, &mut new);
    new
}

/// The offset in the pattern and the reason of a syntax error.
fn syntax_error(error: &regex_syntax::Error) -> (usize, String) {
    match error {
        regex_syntax::Error::Parse(error) => (error.span().start.offset, error.kind().to_string()),
        regex_syntax::Error::Translate(error) => (error.span().start.offset, error.kind().to_string()),
        _ => (0, error.to_string()),
    }
}

/// Where byte `at` of the pattern stands in the file: exact for patterns
/// written without escapes (as TOML literal strings are), else the whole value.
fn place_in(file: &str, value: Range<usize>, pattern: &str, at: usize) -> Range<usize> {
    let written = &file[value.clone()];
    match written.find(pattern) {
        Some(offset) if at < pattern.len() => {
            let start = value.start + offset + at;
            start..start + pattern[at..].chars().next().map_or(0, char::len_utf8)
        }
        _ => value,
    }
}

/// The group names and numbers a replacement refers to, by the rules of
/// `regex`: `$1`, `${1}`, `$name`, `${name}`, `$$` for a dollar.
fn groups_of(template: &str) -> Vec<String> {
    let mut groups = Vec::new();
    let mut rest = template;
    while let Some(at) = rest.find('$') {
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('$') {
            rest = after;
        } else if let Some(braced) = rest.strip_prefix('{') {
            let end = braced.find('}').unwrap_or(braced.len());
            groups.push(braced[..end].to_owned());
            rest = &braced[end..];
        } else {
            let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
            if end > 0 {
                groups.push(rest[..end].to_owned());
            }
            rest = &rest[end..];
        }
    }
    groups
}

/// A set of strings one of which stands in every match, the most selective
/// that the structure of the pattern shows.
fn required(hir: &Hir) -> Option<BTreeSet<String>> {
    if let Some(set) = exact(hir) {
        return Some(set).filter(is_usable);
    }
    let set = match hir.kind() {
        HirKind::Repetition(repetition) if repetition.min > 0 => {
            repeated(&repetition.sub, repetition.min).or_else(|| required(&repetition.sub))?
        }
        HirKind::Capture(capture) => required(&capture.sub)?,
        HirKind::Concat(parts) => candidates(parts).into_iter().filter(is_usable).max_by_key(selectivity)?,
        HirKind::Alternation(parts) => {
            let mut union = BTreeSet::new();
            for part in parts {
                union.extend(required(part)?);
            }
            union
        }
        _ => return None,
    };
    Some(set).filter(is_usable)
}

fn is_usable(set: &BTreeSet<String>) -> bool {
    !set.is_empty() && set.len() <= MAX_TRIGGERS && !set.contains("")
}

/// All strings that `hir` matches, when they are few.
fn exact(hir: &Hir) -> Option<BTreeSet<String>> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Some(BTreeSet::from([String::new()])),
        HirKind::Literal(literal) => Some(BTreeSet::from([std::str::from_utf8(&literal.0).ok()?.to_owned()])),
        HirKind::Class(Class::Unicode(class)) => {
            let n_chars: usize = class.ranges().iter().map(regex_syntax::hir::ClassUnicodeRange::len).sum();
            (n_chars <= MAX_TRIGGERS)
                .then(|| class.ranges().iter().flat_map(|range| range.start()..=range.end()).map(String::from).collect())
        }
        HirKind::Repetition(repetition) if repetition.max == Some(repetition.min) => repeated(&repetition.sub, repetition.min),
        HirKind::Capture(capture) => exact(&capture.sub),
        HirKind::Concat(parts) => parts.iter().try_fold(BTreeSet::from([String::new()]), |so_far, part| product(&so_far, &exact(part)?)),
        HirKind::Alternation(parts) => {
            let mut union = BTreeSet::new();
            for part in parts {
                union.extend(exact(part)?);
            }
            (union.len() <= MAX_TRIGGERS).then_some(union)
        }
        _ => None,
    }
}

/// All strings of `min` matches of `sub` in a row, when they are few; of many
/// matches the first ones.
fn repeated(sub: &Hir, min: u32) -> Option<BTreeSet<String>> {
    let once = exact(sub)?;
    let mut row = once.clone();
    for _ in 1..min.min(MAX_REPEATED) {
        row = product(&row, &once)?;
    }
    (min > 0).then_some(row)
}

fn product(left: &BTreeSet<String>, right: &BTreeSet<String>) -> Option<BTreeSet<String>> {
    (left.len() * right.len() <= MAX_TRIGGERS)
        .then(|| left.iter().flat_map(|left| right.iter().map(move |right| format!("{left}{right}"))).collect())
}

/// The sets that a sequence of parts requires: runs of parts with few strings
/// each are taken together, since longer literals stand in fewer lines.
fn candidates(parts: &[Hir]) -> Vec<BTreeSet<String>> {
    let mut sets = Vec::new();
    let mut run: Option<BTreeSet<String>> = None;
    for part in parts {
        // At least so many matches stand here; more of them end the run.
        let (set, goes_on) = match part.kind() {
            HirKind::Repetition(repetition) if repetition.max != Some(repetition.min) => (repeated(&repetition.sub, repetition.min), false),
            _ => (exact(part), true),
        };
        let Some(set) = set else {
            sets.extend(run.take());
            sets.extend(required(part));
            continue;
        };
        let joined = run.as_ref().and_then(|run| product(run, &set));
        match joined {
            Some(joined) if goes_on => run = Some(joined),
            Some(joined) => {
                sets.push(joined);
                run = Some(set);
            }
            None => {
                sets.extend(run.replace(set));
            }
        }
    }
    sets.extend(run);
    sets
}

/// Characters that stand in nearly every line.
const COMMON: &str = "，。、：；“”的一是在了";

/// Longer literals stand in fewer lines; among equals, those without a very
/// common character, then those without ASCII, which stands for digits and
/// Latin words; then fewer literals.
fn selectivity(set: &BTreeSet<String>) -> (usize, bool, bool, std::cmp::Reverse<usize>) {
    let shortest = set.iter().map(|text| text.chars().count()).min().unwrap_or(0);
    let has_common = shortest == 1 && set.iter().any(|text| COMMON.contains(text.as_str()));
    (shortest.min(LONG_ENOUGH), !has_common, set.iter().all(|text| !text.is_ascii()), std::cmp::Reverse(set.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn required_of(pattern: &str) -> Vec<String> {
        let hir = regex_syntax::ParserBuilder::new().multi_line(true).build().parse(pattern).unwrap();
        required(&hir).unwrap_or_default().into_iter().collect()
    }

    #[test]
    fn derives_the_literals_every_match_needs() {
        assert_eq!(required_of(r"^(?:责编|责任编辑)\s*[:：]"), ["责任编辑", "责编"]);
        assert_eq!(required_of(r"\d+曰报?"), ["曰"]);
        assert_eq!(required_of(r"[（(]+\p{Han}+"), ["(", "（"]);
        assert!(required_of(r"\p{Han}+\d").is_empty());
        // Taken together, and as often as they must stand.
        assert_eq!(required_of(r"\p{Han}[。，]o"), ["。o", "，o"]);
        assert_eq!(required_of(r"\p{Han}(?:\.{5,9}|。{3,})"), [".....", "。。。"]);
        assert_eq!(required_of(r"(\p{Han}) +[，。]"), [" 。", " ，"]);
        assert_eq!(required_of(r"^[ 　]*一一(?:记|访)"), ["一一记", "一一访"]);
        assert!(required_of(r"(?:报|\d)").is_empty() || required_of(r"(?:报|\d)").len() <= MAX_TRIGGERS);
    }

    #[test]
    fn finds_the_groups_of_a_replacement() {
        assert_eq!(groups_of("$1版${name}$$5$_a"), ["1", "name", "_a"]);
    }
}

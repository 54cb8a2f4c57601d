//! Help while a rule file is written: what is wrong where, which keys and
//! words fit, what a key means. Places are byte ranges of the file.

use std::ops::Range;

use super::schema::{RULE_KEYS, key_doc};
use crate::finding::Message;
use crate::rules::{ExampleOutcome, PackSource, RuleSet, keys_of_every_rule, keys_of_kinds};
use crate::text::LineIndex;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// The pack does not load.
    Error,
    /// An example does not come out as it says.
    Warning,
    /// It works and should be better.
    Hint,
}

/// Something to tell about a rule file.
#[derive(Clone, Debug, PartialEq)]
pub struct Issue {
    /// The file, as the pack names it.
    pub path: String,
    /// Where in it.
    pub span: Range<usize>,
    /// How bad it is.
    pub weight: Weight,
    /// What, and what to do.
    pub message: Message,
}

/// What there is to say about the packs: errors, or else examples that fail
/// and what should be better.
#[must_use]
pub fn issues(packs: &[PackSource]) -> Vec<Issue> {
    let text_of =
        |path: &str| packs.iter().flat_map(|pack| &pack.files).find(|file| file.path == path).map_or("", |file| file.text.as_str());
    let set = match RuleSet::load(packs) {
        Ok(set) => set,
        Err(errors) => {
            return errors
                .iter()
                .map(|error| {
                    let (what, advice) = (error.kind.what(), error.kind.advice());
                    let message = Message::new(format!("{}。{}", what.zh, advice.zh), format!("{}; {}", what.en, advice.en));
                    let span = cells(text_of(&error.path), error.line, error.column, error.width_cells);
                    Issue { path: error.path.clone(), span, weight: Weight::Error, message }
                })
                .collect();
        }
    };
    let mut issues = Vec::new();
    for report in set.run_examples(|_| true).into_iter().filter(|report| report.outcome != ExampleOutcome::Validated) {
        let (name, got, expected) = (report.outcome.name(), &report.got, &report.expected);
        let message =
            Message::new(format!("{name}：应得「{expected}」，实得「{got}」"), format!("{name}: expected 「{expected}」, got 「{got}」"));
        issues.push(Issue { span: line(text_of(&report.path), report.line), path: report.path, weight: Weight::Warning, message });
    }
    for lint in set.lint(|_| true) {
        let text = text_of(&lint.path);
        let span = lint.at.map_or_else(|| line(text, lint.line), |at| at..at);
        issues.push(Issue { span, path: lint.path, weight: Weight::Hint, message: lint.kind.message() });
    }
    issues
}

/// Something that may be written at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// What is shown and written.
    pub label: String,
    /// What it means.
    pub text: Message,
    /// True for a key, false for a value.
    pub is_key: bool,
}

/// What fits at byte `at` of a rule file: words inside the quotes of a key that
/// takes one of a list, else the keys the rule does not have yet.
#[must_use]
pub fn complete(text: &str, at: usize) -> Vec<Completion> {
    let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let before = &text[start..at];
    if let Some((key, value)) = before.split_once('=') {
        let is_open = value.matches('"').count() % 2 == 1;
        let doc = key_doc(key.trim());
        return match doc.filter(|_| is_open || value.trim().is_empty()) {
            Some(doc) => doc
                .words()
                .into_iter()
                .map(|word| Completion {
                    label: if is_open { word.to_owned() } else { format!("\"{word}\"") },
                    text: Message::new(doc.text[0], doc.text[1]),
                    is_key: false,
                })
                .collect(),
            None => Vec::new(),
        };
    }
    if !before.trim().chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return Vec::new();
    }
    let rule = rule_at(text, at);
    let has = |key: &str| keys_in(&text[rule.clone()]).any(|known| known == key && !before.trim_start().starts_with(known));
    let kind = value_of(&text[rule.clone()], "kind");
    let of_kind = keys_of_kinds().into_iter().find(|(name, _)| Some(*name) == kind).map(|(_, keys)| keys);
    let fits = |key: &str| keys_of_every_rule().contains(&key) || of_kind.is_none_or(|keys| keys.contains(&key));
    RULE_KEYS
        .iter()
        .filter(|doc| fits(doc.key) && !has(doc.key))
        .map(|doc| Completion { label: doc.key.to_owned(), text: Message::new(doc.text[0], doc.text[1]), is_key: true })
        .collect()
}

/// What the key or word at byte `at` means, with its place.
#[must_use]
pub fn hover(text: &str, at: usize) -> Option<(Range<usize>, Message)> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let start = text[..at].char_indices().rev().take_while(|&(_, c)| is_part(c)).last().map_or(at, |(at, _)| at);
    let end = at + text[at..].find(|c| !is_part(c)).unwrap_or(text.len() - at);
    let word = &text[start..end];
    let line_start = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
    let line = text[line_start..].lines().next().unwrap_or_default();
    let key = line.split('=').next().unwrap_or_default().trim();
    let doc = key_doc(key)?;
    if word != key && !doc.words().contains(&word) {
        return None;
    }
    let words = doc.words();
    let list = if words.is_empty() { String::new() } else { format!("\n\n{}", words.join(", ")) };
    Some((start..end, Message::new(format!("{}{list}", doc.text[0]), format!("{}{list}", doc.text[1]))))
}

/// The rules of a file: the line of each id, from 0, and the id.
#[must_use]
pub fn rules_in(text: &str) -> Vec<(usize, String)> {
    let lines = text.lines().enumerate().filter(|(_, line)| line.trim_start().starts_with("id"));
    lines.filter_map(|(idx, line)| Some((idx, value_of(line, "id")?.to_owned()))).collect()
}

/// The table around byte `at`: from its header to the next one.
fn rule_at(text: &str, at: usize) -> Range<usize> {
    let is_header = |line: &str| line.trim_start().starts_with("[[rule]]") || line.trim_start().starts_with("[defaults]");
    let (mut start, mut end, mut offset) = (0, text.len(), 0);
    for line in text.split_inclusive('\n') {
        if is_header(line) {
            if offset >= at {
                end = offset;
                break;
            }
            start = offset;
        }
        offset += line.len();
    }
    start..end
}

fn keys_in(table: &str) -> impl Iterator<Item = &str> {
    table.lines().filter_map(|line| line.split_once('=')).map(|(key, _)| key.trim())
}

fn value_of<'t>(table: &'t str, key: &str) -> Option<&'t str> {
    let pairs = table.lines().filter_map(|line| line.split_once('='));
    let (_, value) = pairs.into_iter().find(|(known, _)| known.trim() == key)?;
    value.trim().strip_prefix('"')?.split('"').next()
}

/// The bytes of a line, from 1, without the white space around it.
fn line(text: &str, number: usize) -> Range<usize> {
    let start: usize = text.split_inclusive('\n').take(number.saturating_sub(1)).map(str::len).sum();
    let content = text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
    let indent = content.len() - content.trim_start().len();
    start + indent..start + content.trim_end().len().max(indent)
}

/// The bytes of so many terminal cells from a place, all from 1.
fn cells(text: &str, number: usize, column: usize, n_cells: usize) -> Range<usize> {
    let start: usize = text.split_inclusive('\n').take(number.saturating_sub(1)).map(str::len).sum();
    let content = text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
    let from = content.char_indices().nth(column.saturating_sub(1)).map_or(content.len(), |(at, _)| at);
    let mut left = n_cells;
    let mut end = from;
    for (at, c) in content[from..].char_indices() {
        if left == 0 {
            break;
        }
        left = left.saturating_sub(crate::text::width_cells(c).max(1));
        end = from + at + c.len_utf8();
    }
    debug_assert!(LineIndex::new(text).position((start + end).min(text.len())).line >= 1);
    start + from..start + end
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::SourceFile;

    const RULE: &str = "[[rule]]\nid = \"ours/river\"\nkind = \"replace\"\nclass = \"look-alike\"\nphase = \"words\"\n\
        message = { zh = \"「{observed}」应为「{fixed}」\", en = \"{fixed} was printed\" }\nwhy = { zh = \"河名\", en = \"a river\" }\nsource = \"地名\"\n\
        safety = \"suggested\"\nconfidence = 0.9\ntable = [[\"径河\", \"泾河\"]]\nbad = [[\"径河水\", \"泾河水\"]]\ngood = [\"泾河\"]\n";

    fn packs(rule: &str) -> Vec<PackSource> {
        let pack = "name = \"ours\"\nversion = \"1\"\nmessage = { zh = \"本报\", en = \"ours\" }\n";
        let file = |path: &str, text: &str| SourceFile { path: path.to_owned(), text: text.to_owned() };
        vec![PackSource { origin: "ours".to_owned(), files: vec![file("ours/pack.toml", pack), file("ours/a.toml", rule)] }]
    }

    #[test]
    fn errors_and_failing_examples_have_their_places() {
        assert!(issues(&packs(RULE)).iter().all(|issue| issue.weight == Weight::Hint));
        let wrong = RULE.replace("kind = \"replace\"", "kind = \"replce\"");
        let found = issues(&packs(&wrong));
        assert_eq!((found[0].weight, &wrong[found[0].span.clone()]), (Weight::Error, "\"replce\""));
        let failing = RULE.replace("泾河水\"]]", "渭河水\"]]");
        let found = issues(&packs(&failing));
        let warning = found.iter().find(|issue| issue.weight == Weight::Warning).unwrap();
        assert!(failing[warning.span.clone()].starts_with("bad = "));
    }

    #[test]
    fn keys_and_words_are_completed() {
        let labels = |text: &str| complete(text, text.len()).into_iter().map(|one| one.label).collect::<Vec<_>>();
        assert!(labels("[[rule]]\nkind = \"replace\"\nid = \"a/b\"\nta").contains(&"table".to_owned()));
        assert!(!labels("[[rule]]\nkind = \"replace\"\nid = \"a/b\"\nte").contains(&"terms".to_owned()));
        assert!(!labels("[[rule]]\nid = \"a/b\"\n").contains(&"id".to_owned()));
        assert!(labels("[[rule]]\nsafety = \"").contains(&"automatic".to_owned()));
        assert!(labels("[[rule]]\nsource = \"").is_empty());
    }

    #[test]
    fn a_key_is_explained() {
        let at = RULE.find("phase").unwrap() + 2;
        let (span, message) = hover(RULE, at).unwrap();
        assert_eq!(&RULE[span], "phase");
        assert!(message.en.contains("structure"), "{}", message.en);
        assert!(hover(RULE, RULE.find("河名").unwrap()).is_none());
        assert_eq!(rules_in(RULE), [(1, "ours/river".to_owned())]);
    }
}

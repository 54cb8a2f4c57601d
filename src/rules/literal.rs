use std::ops::Range;

use super::error::RuleErrorKind;
use super::program::{Found, Hit, Page, Trigger};
use super::read::Problems;
use super::sides::{RawSides, Sides};
use crate::finding::{Edit, Safety};
use crate::text::{Span, is_han};

/// Code points a literal may have; longer ones are passages, not words.
const MAX_LITERAL_CHARS: usize = 64;

/// One fixed string and what becomes of it.
#[derive(Clone, Debug)]
pub(crate) struct LiteralEntry {
    /// The damaged form.
    pub from: String,
    /// The printed form; `None` where it is only flagged.
    pub to: Option<String>,
    /// Further forms that may have been printed: a person decides.
    pub others: Vec<String>,
    /// What must stand around it.
    pub sides: Sides,
    /// Its place in the rule file.
    pub span: Range<usize>,
}

/// Fixed strings with their contexts: what `replace`, `confusion` and `flag`
/// have in common.
#[derive(Debug)]
pub(crate) struct Literals {
    pub entries: Vec<LiteralEntry>,
}

impl LiteralEntry {
    /// Checks one entry; `None` when it cannot be used (told).
    pub fn check(from: &str, to: Option<&str>, sides: &RawSides, span: Range<usize>, problems: &mut Problems<'_>) -> Option<Self> {
        Self::check_forms(from, to, &span, problems)?;
        let sides = sides.check(from, span.clone(), problems)?;
        Some(Self { from: from.to_owned(), to: to.map(str::to_owned), others: Vec::new(), sides, span })
    }

    /// Checks the two forms of an entry; `None` when they cannot be used
    /// (told).
    pub fn check_forms(from: &str, to: Option<&str>, span: &Range<usize>, problems: &mut Problems<'_>) -> Option<()> {
        let span = span.clone();
        if from.is_empty() {
            problems.push(span, RuleErrorKind::MatchesEmpty { pattern: String::new() });
            return None;
        }
        if to == Some(from) {
            problems.push(span, RuleErrorKind::SameAsResult { pattern: from.to_owned() });
            return None;
        }
        if from.chars().count() > MAX_LITERAL_CHARS {
            problems.bad_value(
                span,
                crate::finding::Message::new(
                    format!("文字超过 {MAX_LITERAL_CHARS} 个字"),
                    format!("a literal of more than {MAX_LITERAL_CHARS} characters"),
                ),
                crate::finding::Message::new("只写认错的词", "write the damaged word only"),
            );
            return None;
        }
        if from.contains(['\n', '\r']) || to.is_some_and(|to| to.contains(['\n', '\r'])) {
            problems.bad_value(
                span,
                crate::finding::Message::new("文字里有换行", "a line break in a literal"),
                crate::finding::Message::new("规则只看一行之内；断行由接段处理", "rules look inside a line; joins are made elsewhere"),
            );
            return None;
        }
        Some(())
    }
}

impl Literals {
    /// The strings to look for; the payload is the index of the entry.
    pub fn triggers(&self) -> Vec<Trigger> {
        self.entries.iter().enumerate().map(|(idx, entry)| Trigger { text: entry.from.clone(), payload: idx }).collect()
    }

    /// Judges one occurrence.
    pub fn visit(&self, hit: Hit, page: &Page<'_>, out: &mut Vec<Found>) {
        let entry = &self.entries[hit.payload];
        if entry.sides.allow(page.text, hit.span.start, hit.span.end) {
            out.push(match &entry.to {
                Some(to) if entry.others.is_empty() => Found::fixed_string(page.text, hit.span, to),
                Some(to) => Found {
                    others: entry.others.iter().filter_map(|to| minimal_edit(page.text, hit.span, to)).collect(),
                    at_most: Safety::Flagged,
                    ..Found::fixed_string(page.text, hit.span, to)
                },
                None => Found::flag(hit.span),
            });
        }
    }
}

/// Forms that one written form may stand for.
const MAX_SPELLINGS: usize = 64;

/// The forms that `from` stands for: every `~己` is any character that looks
/// like 己, itself included; what is printed in `to` is none of them. `None`
/// when that cannot be told (told).
pub(crate) fn spellings(from: &str, to: Option<&str>, span: &Range<usize>, problems: &mut Problems<'_>) -> Option<Vec<String>> {
    let mut forms = vec![String::new()];
    let mut chars = from.chars().peekable();
    let mut is_open = false;
    while let Some(c) = chars.next() {
        let group = match (c, chars.peek()) {
            ('~', Some(&next)) if is_han(next) => {
                chars.next();
                is_open = true;
                problems.look_alikes_of(next, span)?
            }
            _ => vec![c],
        };
        forms = forms.iter().flat_map(|form| group.iter().map(move |c| format!("{form}{c}"))).collect();
        if forms.len() > MAX_SPELLINGS {
            problems.bad_value(
                span.clone(),
                crate::finding::Message::new(
                    format!("「{from}」展开后超过 {MAX_SPELLINGS} 种写法"),
                    format!("`{from}` stands for more than {MAX_SPELLINGS} forms"),
                ),
                crate::finding::Message::new("少用几个 ~", "use fewer ~"),
            );
            return None;
        }
    }
    if is_open {
        forms.retain(|form| Some(form.as_str()) != to);
    }
    Some(forms)
}

/// The smallest edit that turns `text[span]` into `to`; `None` when they are
/// the same.
pub(crate) fn minimal_edit(text: &str, span: Span, to: &str) -> Option<Edit> {
    let from = span.of(text);
    if from == to {
        return None;
    }
    let prefix: usize = from.chars().zip(to.chars()).take_while(|(a, b)| a == b).map(|(c, _)| c.len_utf8()).sum();
    let suffix: usize =
        from[prefix..].chars().rev().zip(to[prefix..].chars().rev()).take_while(|(a, b)| a == b).map(|(c, _)| c.len_utf8()).sum();
    Some(Edit { span: Span::new(span.start + prefix, span.end - suffix), replacement: to[prefix..to.len() - suffix].to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_only_what_differs() {
        for (from, to, start, end, new) in [
            ("己经", "已经", 0, 3, "已"),
            ("举办办", "举办", 6, 9, ""),
            ("石庄市", "石家庄市", 3, 3, "家"),
            ("aXbYc", "aPbQc", 1, 4, "PbQ"),
        ] {
            let edit = minimal_edit(from, Span::new(0, from.len()), to).unwrap();
            assert_eq!((edit.span, edit.replacement.as_str()), (Span::new(start, end), new), "{from}");
        }
        assert_eq!(minimal_edit("已经", Span::new(0, 6), "已经"), None);
    }
}

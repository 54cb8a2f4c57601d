//! `replace`: fixed strings, as pairs or with contexts, or one regular
//! expression with captures.

use std::borrow::Cow;

use serde::Deserialize;
use toml::Spanned;

use super::{About, Kind, place};
use crate::finding::Message;
use crate::rules::literal::{LiteralEntry, Literals, spellings};
use crate::rules::pattern::Pattern;
use crate::rules::program::{Found, Hit, Matcher, Page, Trigger, line_around, lines};
use crate::rules::raw::fields_of;
use crate::rules::read::{Problems, Table};
use crate::rules::sides::{RawSides, Sides};

pub(super) const KIND: Kind = Kind { name: "replace", keys: fields_of::<RawReplace>, check };

/// The body as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawReplace {
    table: Option<Vec<Spanned<(String, RawPrinted)>>>,
    pattern: Option<Spanned<String>>,
    to: Option<Spanned<String>>,
    #[serde(default)]
    context: RawSides,
}

/// What was printed: one form, or several between which a person decides;
/// none at all flags.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum RawPrinted {
    One(String),
    Several(Vec<String>),
}

impl RawPrinted {
    fn forms(&self) -> &[String] {
        match self {
            Self::One(form) => std::slice::from_ref(form),
            Self::Several(forms) => forms,
        }
    }
}

/// A regular expression with its replacement.
#[derive(Debug)]
struct Substitution {
    pattern: Pattern,
    to: String,
    sides: Sides,
}

fn check(body: Table<'_>, _about: &About<'_>, problems: &mut Problems<'_>) -> Option<Box<dyn Matcher>> {
    let span = body.span.clone();
    let raw: RawReplace = body.read(&place("replace"), problems)?;
    match (&raw.table, &raw.pattern, &raw.to) {
        (Some(table), None, None) => {
            let before = problems.len();
            let mut entries: Vec<LiteralEntry> = Vec::new();
            for pair in table {
                let (from, printed) = pair.get_ref();
                let to = printed.forms().first().map(String::as_str);
                for form in spellings(from, to, &pair.span(), problems).into_iter().flatten() {
                    let Some(mut entry) = LiteralEntry::check(&form, to, &raw.context, pair.span(), problems) else { continue };
                    entry.others = printed.forms().iter().skip(1).cloned().collect();
                    entries.push(entry);
                }
            }
            (problems.len() == before && !entries.is_empty()).then(|| Box::new(Literals { entries }) as Box<dyn Matcher>)
        }
        (None, Some(pattern), Some(to)) => {
            let checked = Pattern::check(pattern, problems)?;
            let sides = raw.context.check(pattern.get_ref(), pattern.span(), problems)?;
            checked
                .check_template(to, problems)
                .then(|| Box::new(Substitution { pattern: checked, to: to.get_ref().clone(), sides }) as Box<dyn Matcher>)
        }
        _ => {
            problems.bad_value(
                span,
                Message::new(
                    "replace 类规则要么有 table，要么有 pattern 和 to",
                    "a rule of kind replace has either table, or pattern and to",
                ),
                Message::new("固定的词写在 table 里；正则式写在 pattern 里", "write fixed words in table, a regular expression in pattern"),
            );
            None
        }
    }
}

impl Matcher for Literals {
    fn triggers(&self) -> Vec<Trigger> {
        self.triggers()
    }

    fn visit(&self, hit: Hit, page: &Page<'_>, out: &mut Vec<Found>) -> usize {
        self.visit(hit, page, out);
        0
    }

    fn literals(&self) -> Cow<'_, [LiteralEntry]> {
        Cow::Borrowed(&self.entries)
    }
}

impl Matcher for Substitution {
    fn triggers(&self) -> Vec<Trigger> {
        self.pattern.triggers()
    }

    fn visit(&self, hit: Hit, page: &Page<'_>, out: &mut Vec<Found>) -> usize {
        let line = line_around(page.text, hit.span.start);
        self.pattern.visit_line(line, Some(&self.to), &self.sides, page, out);
        line.end
    }

    fn visit_page(&self, page: &Page<'_>, out: &mut Vec<Found>) {
        for line in lines(page.text) {
            self.pattern.visit_line(line, Some(&self.to), &self.sides, page, out);
        }
    }
}

//! `flag`: something to look at, without a repair.

use serde::Deserialize;
use toml::Spanned;

use super::{About, Kind, place};
use crate::finding::{Message, Safety};
use crate::rules::literal::{LiteralEntry, Literals, spellings};
use crate::rules::pattern::Pattern;
use crate::rules::program::{Found, Hit, Matcher, Page, Trigger, line_around, lines};
use crate::rules::raw::fields_of;
use crate::rules::read::{Problems, Table};
use crate::rules::sides::{RawSides, Sides};

pub(super) const KIND: Kind = Kind { name: "flag", keys: fields_of::<RawFlag>, check };

/// The body as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFlag {
    texts: Option<Vec<Spanned<String>>>,
    pattern: Option<Spanned<String>>,
    #[serde(default)]
    context: RawSides,
}

/// A regular expression whose matches are shown.
#[derive(Debug)]
struct Watch {
    pattern: Pattern,
    sides: Sides,
}

fn check(body: Table<'_>, about: &About<'_>, problems: &mut Problems<'_>) -> Option<Box<dyn Matcher>> {
    let span = body.span.clone();
    let raw: RawFlag = body.read(&place("flag"), problems)?;
    if about.safety != Safety::Flagged {
        problems.bad_value(
            span,
            Message::new("flag 类规则没有改法，safety 只能是 flagged", "a rule of kind flag repairs nothing, so its safety is flagged"),
            Message::new("写 safety = \"flagged\"，或改用 replace 类", "write safety = \"flagged\", or make it a rule of kind replace"),
        );
        return None;
    }
    match (&raw.texts, &raw.pattern) {
        (Some(texts), None) => {
            let before = problems.len();
            let mut entries: Vec<LiteralEntry> = Vec::new();
            for text in texts {
                for form in spellings(text.get_ref(), None, &text.span(), problems).into_iter().flatten() {
                    entries.extend(LiteralEntry::check(&form, None, &raw.context, text.span(), problems));
                }
            }
            (problems.len() == before && !entries.is_empty()).then(|| Box::new(Literals { entries }) as Box<dyn Matcher>)
        }
        (None, Some(pattern)) => {
            let checked = Pattern::check(pattern, problems)?;
            let sides = raw.context.check(pattern.get_ref(), pattern.span(), problems)?;
            Some(Box::new(Watch { pattern: checked, sides }))
        }
        _ => {
            problems.bad_value(
                span,
                Message::new("flag 类规则要么有 texts，要么有 pattern", "a rule of kind flag has either texts or pattern"),
                Message::new(
                    "固定的字写在 texts 里；正则式写在 pattern 里",
                    "write fixed strings in texts, a regular expression in pattern",
                ),
            );
            None
        }
    }
}

impl Matcher for Watch {
    fn triggers(&self) -> Vec<Trigger> {
        self.pattern.triggers()
    }

    fn visit(&self, hit: Hit, page: &Page<'_>, out: &mut Vec<Found>) -> usize {
        let line = line_around(page.text, hit.span.start);
        self.pattern.visit_line(line, None, &self.sides, page, out);
        line.end
    }

    fn visit_page(&self, page: &Page<'_>, out: &mut Vec<Found>) {
        for line in lines(page.text) {
            self.pattern.visit_line(line, None, &self.sides, page, out);
        }
    }
}

//! `layout`: what a line or a block is, where it stands, what stands beside
//! it, what it reads; then flag it, rewrite it, or say what it is.

use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;

use super::{About, Kind, place};
use crate::document;
use crate::finding::{Message, Safety};
use crate::rules::error::RuleErrorKind;
use crate::rules::pattern::Pattern;
use crate::rules::program::{Found, Hit, Matcher, Page, Trigger};
use crate::rules::raw::fields_of;
use crate::rules::read::{Problems, Table};
use crate::text::Span;

pub(super) const KIND: Kind = Kind { name: "layout", keys: fields_of::<RawLayout>, check };

/// The body as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLayout {
    unit: Option<Spanned<String>>,
    is: Option<Vec<Spanned<String>>>,
    is_not: Option<Vec<Spanned<String>>>,
    at: Option<Spanned<String>>,
    before: Option<Vec<Spanned<String>>>,
    after: Option<Vec<Spanned<String>>>,
    max_chars: Option<usize>,
    min_chars: Option<usize>,
    matches: Option<Spanned<String>>,
    action: Option<Spanned<String>>,
    to: Option<Spanned<String>>,
    becomes: Option<Spanned<String>>,
}

/// What the predicates are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Line,
    Block,
}

/// Where the unit stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    BlockStart,
    BlockEnd,
    PageStart,
    PageEnd,
}

#[derive(Debug)]
enum Action {
    Flag,
    Replace(String),
    Kind(document::Kind),
}

#[derive(Debug)]
struct Predicates {
    unit: Unit,
    is: Vec<document::Kind>,
    is_not: Vec<document::Kind>,
    at: Option<Place>,
    before: Vec<document::Kind>,
    after: Vec<document::Kind>,
    chars: Range<usize>,
    matches: Option<Pattern>,
    action: Action,
}

const UNITS: [(&str, Unit); 2] = [("line", Unit::Line), ("block", Unit::Block)];
const PLACES: [(&str, Place); 4] =
    [("block-start", Place::BlockStart), ("block-end", Place::BlockEnd), ("page-start", Place::PageStart), ("page-end", Place::PageEnd)];

fn check(body: Table<'_>, about: &About<'_>, problems: &mut Problems<'_>) -> Option<Box<dyn Matcher>> {
    let span = body.span.clone();
    let before = problems.len();
    let raw: RawLayout = body.read(&place("layout"), problems)?;
    let unit = one_of(raw.unit.as_ref(), "unit", &UNITS, problems).unwrap_or(Unit::Line);
    let at = one_of(raw.at.as_ref(), "at", &PLACES, problems);
    let kinds = document::Kind::ALL.map(|kind| (kind.name(), kind));
    let mut list = |raw: &Option<Vec<Spanned<String>>>, key| -> Vec<document::Kind> {
        raw.iter().flatten().filter_map(|name| one_of(Some(name), key, &kinds, problems)).collect()
    };
    let (is, is_not) = (list(&raw.is, "is"), list(&raw.is_not, "is_not"));
    let (next, previous) = (list(&raw.before, "before"), list(&raw.after, "after"));
    let matches = match &raw.matches {
        Some(source) => Some(Pattern::check(source, problems)?),
        None => None,
    };
    let action = action(&raw, matches.as_ref(), about, span.clone(), problems)?;
    let chars = raw.min_chars.unwrap_or(0)..raw.max_chars.map_or(usize::MAX, |max| max + 1);
    let never = |reason_zh: &str, reason_en: &str| RuleErrorKind::NeverFires {
        pattern: "layout".to_owned(),
        reason: Message::new(reason_zh, reason_en),
        advice: Message::new("放宽其中一个条件", "relax one of the two"),
    };
    if chars.is_empty() {
        problems.push(span.clone(), never("min_chars 大于 max_chars", "min_chars is greater than max_chars"));
    }
    if !is.is_empty() && is.iter().all(|kind| is_not.contains(kind)) {
        problems.push(span.clone(), never("is 里的种类全在 is_not 里", "every kind in is stands in is_not as well"));
    }
    if matches!(at, Some(Place::PageEnd)) && !next.is_empty() || matches!(at, Some(Place::PageStart)) && !previous.is_empty() {
        problems.push(span.clone(), never("页首之前、页尾之后没有别的", "nothing stands before the start or after the end of a page"));
    }
    let anything = is.is_empty() && at.is_none() && next.is_empty() && previous.is_empty() && matches.is_none() && raw.max_chars.is_none();
    if anything {
        problems.bad_value(
            span,
            Message::new("layout 类规则没有条件，会命中每一行", "a rule of kind layout without a condition matches every line"),
            Message::new(
                "至少写 is、at、before、after、matches、max_chars 之一",
                "give at least one of is, at, before, after, matches, max_chars",
            ),
        );
    }
    let predicates = Predicates { unit, is, is_not, at, before: next, after: previous, chars, matches, action };
    (problems.len() == before).then(|| Box::new(predicates) as Box<dyn Matcher>)
}

fn action(
    raw: &RawLayout,
    matches: Option<&Pattern>,
    about: &About<'_>,
    span: Range<usize>,
    problems: &mut Problems<'_>,
) -> Option<Action> {
    let names = [("flag", ()), ("replace", ()), ("kind", ())];
    let Some(name) = &raw.action else {
        problems.push(span, RuleErrorKind::MissingKey { key: "action" });
        return None;
    };
    one_of(Some(name), "action", &names, problems)?;
    let advice = Message::new("按 docs/rules.md 补齐或删去", "complete it, or remove it, as docs/rules.md shows");
    let action = match (name.get_ref().as_str(), &raw.to, &raw.becomes, matches) {
        ("flag", None, None, _) if about.safety == Safety::Flagged => Action::Flag,
        ("flag", None, None, _) => {
            let message = Message::new("action 是 flag，safety 就只能是 flagged", "the action flag goes with safety flagged only");
            problems.bad_value(name.span(), message, advice);
            return None;
        }
        ("replace", Some(to), None, Some(pattern)) => {
            if !pattern.check_template(to, problems) {
                return None;
            }
            Action::Replace(to.get_ref().clone())
        }
        ("kind", None, Some(becomes), _) => {
            let kinds = document::Kind::ALL.map(|kind| (kind.name(), kind));
            Action::Kind(one_of(Some(becomes), "becomes", &kinds, problems)?)
        }
        _ => {
            let message = Message::new(
                "action 与别的键不配：replace 要 matches 和 to，kind 要 becomes，flag 都不要",
                "the action and the other keys do not fit: replace takes matches and to, kind takes becomes, flag takes neither",
            );
            problems.bad_value(name.span(), message, advice);
            return None;
        }
    };
    Some(action)
}

fn one_of<T: Copy>(raw: Option<&Spanned<String>>, key: &'static str, table: &[(&str, T)], problems: &mut Problems<'_>) -> Option<T> {
    let raw = raw?;
    let found = table.iter().find(|(name, _)| name == raw.get_ref()).map(|&(_, value)| value);
    if found.is_none() {
        let valid = table.iter().map(|&(name, _)| name.to_owned()).collect();
        problems.push(raw.span(), RuleErrorKind::UnknownValue { value: raw.get_ref().clone(), key, valid });
    }
    found
}

impl Predicates {
    /// Judges the unit that holds line `line_idx`; the byte where it ends.
    fn judge(&self, line_idx: usize, page: &Page<'_>, out: &mut Vec<Found>) -> usize {
        let layout = page.layout;
        let block = layout.lines[line_idx].block;
        let (first, last, span) = match self.unit {
            Unit::Line => (line_idx, line_idx, layout.lines[line_idx].span),
            Unit::Block => (layout.blocks[block].start, layout.blocks[block].end - 1, layout.block_span(block)),
        };
        if self.applies(first, last, page) {
            self.act(span, page, out);
        }
        span.end
    }

    fn applies(&self, first: usize, last: usize, page: &Page<'_>) -> bool {
        let layout = page.layout;
        let kind = layout.lines[first].kind;
        let n_chars: usize = layout.lines[first..=last].iter().map(|line| line.n_chars).sum();
        let next = layout.lines.get(last + 1).map(|line| line.kind);
        let previous = first.checked_sub(1).map(|idx| layout.lines[idx].kind);
        let block = &layout.blocks[layout.lines[first].block];
        let placed = self.at.is_none_or(|at| match at {
            Place::BlockStart => first == block.start,
            Place::BlockEnd => last + 1 == block.end,
            Place::PageStart => first == 0,
            Place::PageEnd => last + 1 == layout.lines.len(),
        });
        placed
            && (self.is.is_empty() || self.is.contains(&kind))
            && !self.is_not.contains(&kind)
            && self.chars.contains(&n_chars)
            && (self.before.is_empty() || next.is_some_and(|kind| self.before.contains(&kind)))
            && (self.after.is_empty() || previous.is_some_and(|kind| self.after.contains(&kind)))
    }

    fn act(&self, span: Span, page: &Page<'_>, out: &mut Vec<Found>) {
        let text = span.of(page.text);
        if let (Action::Replace(template), Some(pattern)) = (&self.action, &self.matches) {
            let replaced = pattern.replace_first(text, template);
            if let Some((range, new)) = replaced.filter(|(range, new)| text[range.clone()] != **new) {
                let place = Span::new(span.start + range.start, span.start + range.end);
                out.push(Found::replacement(page.text, place, &new));
            }
            return;
        }
        if self.matches.as_ref().is_none_or(|pattern| pattern.is_match(text)) {
            let becomes = if let Action::Kind(kind) = self.action { Some(kind) } else { None };
            out.push(Found { becomes, ..Found::flag(span) });
        }
    }
}

impl Matcher for Predicates {
    fn triggers(&self) -> Vec<Trigger> {
        // Few lines stand where `at` says; to look at those is cheaper than to
        // look for a mark that every line holds.
        if self.at.is_some() {
            return Vec::new();
        }
        self.matches.as_ref().map_or(Vec::new(), Pattern::triggers)
    }

    fn visit(&self, hit: Hit, page: &Page<'_>, out: &mut Vec<Found>) -> usize {
        page.layout.line_at(hit.span.start).map_or(hit.span.end, |line_idx| self.judge(line_idx, page, out))
    }

    fn visit_page(&self, page: &Page<'_>, out: &mut Vec<Found>) {
        let mut line_idx = 0;
        while line_idx < page.layout.lines.len() {
            self.judge(line_idx, page, out);
            line_idx = match self.unit {
                Unit::Line => line_idx + 1,
                Unit::Block => page.layout.blocks[page.layout.lines[line_idx].block].end,
            };
        }
    }

    fn is_classifier(&self) -> bool {
        matches!(self.action, Action::Kind(_))
    }
}

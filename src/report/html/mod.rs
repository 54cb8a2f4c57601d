//! `report.html`: one self-contained page, opened from disk.
//!
//! The page is written as the run goes: a file's passages leave memory with
//! the file. The summary, which is known last, is the last thing on the page
//! (a few lines of script put it first). After [`PAGE_FINDINGS`] findings the
//! next passage goes to `report-2.html` and so on, each a complete page; the
//! first stays open for the summary. Every text reaches the page through the
//! template engine, which escapes it.

mod note;
mod passage;
mod view;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io::{self, Write};

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior, Value, context};
use serde::Serialize;

use self::view::{Counts, Ids};
use super::folder::Open;
use super::human::{held_advice, held_by_reason};
use super::{Failure, FileReport, Lang, Reporter, RunInfo, Totals};
use crate::finding::{Class, Message, Outcome};

/// Findings on one page. Five thousand load in about a second on a slow
/// machine; see `docs/report.md` for the measurement.
const PAGE_FINDINGS: usize = 5000;

/// Writes `report.html` and, beyond [`PAGE_FINDINGS`], the pages after it.
pub(super) struct Html {
    open: Open,
    templates: Environment<'static>,
    info: Option<RunInfo>,
    first: Box<dyn Write>,
    /// The page being written, when it is not the first.
    later: Option<Box<dyn Write>>,
    page: Page,
    /// Those of the first page, once it was turned.
    first_names: Option<Names>,
    ids: Ids,
    failures: Vec<Failure>,
    per_page: usize,
}

/// Rules and classes on a page, for its filters.
#[derive(Clone, Default, Serialize)]
struct Names {
    rules: BTreeMap<String, Option<Message>>,
    classes: BTreeMap<String, Message>,
}

/// The page being written.
struct Page {
    /// Counted from 1.
    number: usize,
    n_findings: usize,
    names: Names,
}

impl Page {
    fn new(number: usize) -> Self {
        Self { number, n_findings: 0, names: Names::default() }
    }
}

impl Html {
    /// # Errors
    /// When `report.html` cannot be opened.
    pub(super) fn new(open: Open) -> io::Result<Self> {
        Self::with_pages_of(PAGE_FINDINGS, open)
    }

    /// Like [`Html::new`], with another number of findings per page.
    pub(super) fn with_pages_of(per_page: usize, mut open: Open) -> io::Result<Self> {
        let first = open(&page_name(1))?;
        Ok(Self {
            open,
            templates: templates(),
            info: None,
            first,
            later: None,
            page: Page::new(1),
            first_names: None,
            ids: Ids::default(),
            failures: Vec::new(),
            per_page,
        })
    }

    fn info(&self) -> &RunInfo {
        self.info.as_ref().expect("a run begins before its files")
    }

    fn render(&mut self, name: &str, values: Value) -> io::Result<()> {
        let template = self.templates.get_template(name).expect("the template is part of the program");
        let sink = self.later.as_mut().unwrap_or(&mut self.first);
        template.render_captured_to(values, sink).map(drop).map_err(io::Error::other)
    }

    fn head(&mut self) -> io::Result<()> {
        let info = self.info();
        let values = context! {
            number => self.page.number,
            previous => (self.page.number > 1).then(|| page_name(self.page.number - 1)),
            verb => info.verb,
            level => super::words::safety_words(info.level),
            min_confidence => (info.min_confidence > 0.0).then(|| format!("{:.2}", info.min_confidence)),
            version => env!("CARGO_PKG_VERSION"),
        };
        self.render("head.html", values)
    }

    /// Closes the page being written, which is not the last one, and begins
    /// the next.
    fn turn(&mut self, file: &Value) -> io::Result<()> {
        self.render("file_end.html", context! {})?;
        let number = self.page.number;
        // The first page waits for the summary.
        if number == 1 {
            self.render("next.html", context! { next => page_name(2) })?;
        } else {
            self.tail(context! { next => page_name(number + 1) })?;
            self.later.take().expect("a later page was open").flush()?;
        }
        let turned = std::mem::replace(&mut self.page, Page::new(number + 1));
        self.first_names.get_or_insert(turned.names);
        self.later = Some((self.open)(&page_name(number + 1))?);
        self.head()?;
        self.render("file_begin.html", context! { file => file, continued => true })
    }

    /// The end of a page: names for its filters and the script.
    fn tail(&mut self, values: Value) -> io::Result<()> {
        let values = context! { names => Value::from(Serde(&self.page.names)), ..values };
        self.render("tail.html", values)
    }
}

impl Reporter for Html {
    fn begin(&mut self, info: &RunInfo) -> io::Result<()> {
        self.info = Some(info.clone());
        self.head()
    }

    fn file(&mut self, file: &FileReport<'_>) -> io::Result<()> {
        if file.run.findings.is_empty() {
            return Ok(());
        }
        let manuscript = passage::Manuscript::new(file);
        let head = Value::from(Serde(view::FileView::new(file, &mut self.ids)));
        self.render("file_begin.html", context! { file => head.clone(), continued => false })?;
        for passage in manuscript.passages() {
            if self.page.n_findings > 0 && self.page.n_findings + passage.notes.len() > self.per_page {
                self.turn(&head)?;
            }
            for &idx in &passage.notes {
                let finding = &file.run.findings[idx].finding;
                let class = finding.class;
                let summary = self.info().rules.get(&finding.rule).cloned();
                self.page.names.rules.entry(finding.rule.clone()).or_insert(summary);
                self.page.names.classes.entry(class.name().to_owned()).or_insert_with(|| Message::new(class.zh(), class.en()));
            }
            self.page.n_findings += passage.notes.len();
            let passage = view::PassageView::new(&manuscript, &passage, &mut self.ids);
            self.render("passage.html", context! { passage => Value::from(Serde(passage)) })?;
        }
        self.render("file_end.html", context! {})
    }

    fn failure(&mut self, failure: &Failure) -> io::Result<()> {
        self.failures.push(failure.clone());
        Ok(())
    }

    fn end(&mut self, totals: &Totals) -> io::Result<()> {
        let n_pages = self.page.number;
        if n_pages > 1 {
            self.tail(context! {})?;
            self.later.take().expect("a later page was open").flush()?;
            self.page.names = self.first_names.take().expect("the first page was turned");
        }
        let pages: Vec<String> = (1..=n_pages).map(page_name).collect();
        let summary = summary(self.info(), totals, &self.failures);
        self.render("summary.html", context! { pages => pages, ..summary })?;
        self.tail(context! {})?;
        self.first.flush()
    }
}

fn page_name(number: usize) -> String {
    if number == 1 { "report.html".to_owned() } else { format!("report-{number}.html") }
}

fn templates() -> Environment<'static> {
    let mut templates = Environment::new();
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    templates.set_syntax(syntax.expect("the default delimiters differ"));
    templates.set_undefined_behavior(UndefinedBehavior::SemiStrict);
    let files = [
        ("head.html", include_str!("head.html")),
        ("file_begin.html", include_str!("file_begin.html")),
        ("passage.html", include_str!("passage.html")),
        ("file_end.html", include_str!("file_end.html")),
        ("next.html", include_str!("next.html")),
        ("summary.html", include_str!("summary.html")),
        ("tail.html", include_str!("tail.html")),
        ("words.html", include_str!("words.html")),
    ];
    for (name, source) in files {
        templates.add_template(name, source).expect("the templates of the program parse");
    }
    // Style and script are the program's own and contain no text of a page.
    templates.add_global("style", Value::from_safe_string(include_str!("style.css").to_owned()));
    templates.add_global("script", Value::from_safe_string(include_str!("script.js").to_owned()));
    templates
}

fn summary(info: &RunInfo, totals: &Totals, failures: &[Failure]) -> Value {
    let rate = |count: usize| format!("{:.2}", totals.per_10k(count));
    let class_name = |name: &str| name.parse::<Class>().ok().map(|class| Message::new(class.zh(), class.en()));
    let classes = rows(totals, &totals.classes, class_name);
    let rules = rows(totals, &totals.rules, |id| info.rules.get(id).cloned());
    let reasons: Vec<Value> = held_by_reason(totals)
        .iter()
        .map(|(code, count)| context! { count => count, zh => held_advice(code, Lang::Zh), en => held_advice(code, Lang::En) })
        .collect();
    let failures: Vec<Value> = failures
        .iter()
        .map(|failure| {
            let place = failure.position.map(|position| format!(":{}:{}", position.line, position.column));
            context! { path => &failure.path, place => place, message => Value::from(Serde(&failure.message)) }
        })
        .collect();
    let of = |outcome| totals.of(outcome);
    context! {
        verb => info.verb,
        files => totals.files,
        changed => totals.files_changed,
        skipped_files => totals.files_skipped,
        not_converged => totals.files_not_converged,
        chars => grouped(totals.chars),
        errors => grouped(totals.errors()),
        errors_rate => rate(totals.errors()),
        applied => grouped(of(Outcome::Applied)),
        held => grouped(of(Outcome::Held)),
        held_rate => rate(of(Outcome::Held)),
        left => totals.left.as_ref().map(view::rates),
        rejected => of(Outcome::Rejected),
        skipped => of(Outcome::Skipped),
        information => totals.information,
        classes => classes,
        rules => rules,
        reasons => reasons,
        failures => failures,
    }
}

/// The rows of one table of counts, the largest first. Bars are drawn against
/// the largest row of their own table.
fn rows(totals: &Totals, table: &BTreeMap<String, BTreeMap<Outcome, usize>>, name: impl Fn(&str) -> Option<Message>) -> Vec<Value> {
    let mut rows: Vec<(&String, Counts)> = table.iter().map(|(id, by_outcome)| (id, Counts::of(by_outcome))).collect();
    rows.sort_by_key(|(id, counts)| (std::cmp::Reverse(counts.total), *id));
    let most = rows.first().map_or(0, |(_, counts)| counts.total);
    let row = |(id, counts): &(&String, Counts)| {
        context! {
            id => *id,
            name => name(id).map(|name| Value::from(Serde(name))),
            rate => format!("{:.2}", totals.per_10k(counts.applied + counts.held)),
            counts => Value::from(Serde(counts)),
            most => most,
        }
    };
    rows.iter().map(row).collect()
}

/// A number with thin spaces between thousands.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (idx, digit) in digits.chars().enumerate() {
        if idx > 0 && (digits.len() - idx).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}

//! What a collection suffers from: read from the pages and findings of a
//! report, told as a table, as JSON and as a page with plots.

mod html;
mod table;

use std::collections::BTreeMap;

use serde::Serialize;

use super::jsonl::WireFinding;
use super::marks::visible;
use super::pages::WirePage;
use crate::finding::{Message, Severity};
use crate::pipeline::Condition;

/// Pages that are named as the worst.
const WORST: usize = 20;
/// Confusions that are told.
const CONFUSIONS: usize = 40;
/// Characters of either side of a confusion: longer ones are passages.
const CONFUSION_CHARS: usize = 3;
/// Bounds of the classes of pages by estimated errors per 10,000 characters.
const BOUNDS: [f64; 7] = [50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0, 3000.0];

/// Counts of a collection, or of a part of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Counts {
    /// Files read.
    pub pages: usize,
    /// Code points that are not white space.
    pub characters: usize,
    /// Problems that were repaired.
    pub applied: usize,
    /// Problems that are left.
    pub held: usize,
}

impl Counts {
    /// Problems per 10,000 characters.
    #[must_use]
    pub fn errors_per_10k(&self) -> f64 {
        if self.characters == 0 { 0.0 } else { 10_000.0 * (self.applied + self.held) as f64 / self.characters as f64 }
    }
}

/// All that is known of a collection. Memory grows with its pages by their
/// names, not with its findings.
#[derive(Clone, Debug, Default)]
pub struct Collection {
    all: Counts,
    clean: usize,
    damaged: usize,
    /// Pages by their estimate: up to each of [`BOUNDS`], and beyond.
    estimates: [usize; BOUNDS.len() + 1],
    classes: BTreeMap<String, Counts>,
    rules: BTreeMap<String, (Message, Counts)>,
    years: BTreeMap<String, Year>,
    engines: BTreeMap<String, Counts>,
    confusions: BTreeMap<(String, String), BTreeMap<String, usize>>,
    worst: Vec<(f64, String)>,
    /// What a finding needs to know of its page: year and engine.
    pages: BTreeMap<String, (Option<String>, Option<String>)>,
}

#[derive(Clone, Debug, Default)]
struct Year {
    counts: Counts,
    classes: BTreeMap<String, usize>,
    /// Sum of estimated errors, and the characters they are of.
    estimated: (f64, usize),
}

/// Characters that are read for others.
struct Confused<'c> {
    read: &'c str,
    printed: &'c str,
    count: usize,
    /// By engine, where pages name theirs.
    engines: BTreeMap<&'c str, usize>,
}

impl Confused<'_> {
    /// The engines with their counts, in one line.
    fn engines(&self) -> String {
        let engines: Vec<String> = self.engines.iter().map(|(name, n)| format!("{name} {n}")).collect();
        visible(&engines.join(", ")).into_owned()
    }
}

/// A line of a report that is none.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub struct NotOfAReport(String);

impl Collection {
    /// Takes in a line of `pages.jsonl`. All of them go before the findings.
    ///
    /// # Errors
    /// When it is none.
    pub fn page(&mut self, line: &str) -> Result<(), NotOfAReport> {
        let page: WirePage = serde_json::from_str(line).map_err(|error| NotOfAReport(error.to_string()))?;
        let counts = Counts { pages: 1, characters: page.characters, applied: page.applied, held: page.held };
        self.all.add(&counts);
        self.clean += usize::from(page.condition == Condition::Clean);
        self.damaged += usize::from(page.condition == Condition::Damaged);
        let year = page.date.as_deref().and_then(|date| date.get(..4)).map(str::to_owned);
        if let Some(year) = &year {
            self.years.entry(year.clone()).or_default().counts.add(&counts);
        }
        if let Some(engine) = &page.engine {
            self.engines.entry(engine.clone()).or_default().add(&counts);
        }
        if let Some(left) = page.estimated_left {
            self.estimates[BOUNDS.partition_point(|bound| *bound < left)] += 1;
            if let Some(year) = &year {
                let (errors, characters) = &mut self.years.entry(year.clone()).or_default().estimated;
                *errors += left * page.characters as f64 / 10_000.0;
                *characters += page.characters;
            }
            let at = self.worst.partition_point(|(worse, _)| *worse >= left);
            if at < WORST {
                self.worst.insert(at, (left, page.file.clone()));
                self.worst.truncate(WORST);
            }
        }
        if year.is_some() || page.engine.is_some() {
            self.pages.insert(page.file, (year, page.engine));
        }
        Ok(())
    }

    /// Takes in a line of `findings.jsonl`.
    ///
    /// # Errors
    /// When it is none.
    pub fn finding(&mut self, line: &str) -> Result<(), NotOfAReport> {
        let finding: WireFinding = serde_json::from_str(line).map_err(|error| NotOfAReport(error.to_string()))?;
        let is_applied = finding.outcome == "applied";
        if finding.severity == Severity::Information || !(is_applied || finding.outcome == "held") {
            return Ok(());
        }
        let one = Counts { pages: 0, characters: 0, applied: usize::from(is_applied), held: usize::from(!is_applied) };
        self.classes.entry(finding.class.clone()).or_default().add(&one);
        let rule = self.rules.entry(finding.rule.clone()).or_insert_with(|| (finding.message.clone(), Counts::default()));
        rule.1.add(&one);
        let page = finding.record.map_or_else(|| finding.file.clone(), |record| format!("{}#{record}", finding.file));
        let (year, engine) = self.pages.get(&page).cloned().unwrap_or_default();
        if let Some(year) = year {
            *self.years.entry(year).or_default().classes.entry(finding.class.clone()).or_default() += 1;
        }
        for (from, to) in finding.fixes.first().iter().flat_map(|fix| &fix.fix.edits).filter_map(|edit| confusion(&finding, edit)) {
            *self.confusions.entry((from, to)).or_default().entry(engine.clone().unwrap_or_default()).or_default() += 1;
        }
        Ok(())
    }

    /// Everything as JSON; `docs/report.md` describes it.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        let rate = |count: usize, characters: usize| {
            if characters == 0 { 0.0 } else { (count as f64 * 1_000_000.0 / characters as f64).round() / 100.0 }
        };
        let counts = |counts: &Counts| {
            serde_json::json!({
                "applied": counts.applied, "held": counts.held,
                "errors_per_10k": rate(counts.applied + counts.held, self.all.characters),
            })
        };
        let with = |name: &str, key: &str, mut value: serde_json::Value| {
            value[key] = name.into();
            value
        };
        let part = |counts: &Counts| {
            serde_json::json!({
                "pages": counts.pages, "characters": counts.characters, "applied": counts.applied, "held": counts.held,
                "errors_per_10k": rate(counts.applied + counts.held, counts.characters),
            })
        };
        let year = |(name, year): (&String, &Year)| {
            let mut value = with(name, "year", part(&year.counts));
            let (errors, characters) = year.estimated;
            value["estimated_left_per_10k"] =
                if characters == 0 { serde_json::Value::Null } else { ((errors * 100_000.0 / characters as f64).round() / 10.0).into() };
            value["classes"] = serde_json::json!(year.classes);
            value
        };
        serde_json::json!({
            "schema_version": 1,
            "collection": part(&self.all),
            "triage": { "clean": self.clean, "damaged": self.damaged },
            "pages_by_estimate": BOUNDS.iter().map(Some).chain([None]).zip(self.estimates)
                .map(|(up_to, pages)| serde_json::json!({ "up_to_per_10k": up_to, "pages": pages })).collect::<Vec<_>>(),
            "classes": by_number(&self.classes, |counts| counts.applied + counts.held).into_iter()
                .map(|(name, one)| with(name, "class", counts(one))).collect::<Vec<_>>(),
            "rules": by_number(&self.rules, |(_, counts)| counts.applied + counts.held).into_iter()
                .map(|(name, (_, one))| with(name, "rule", counts(one))).collect::<Vec<_>>(),
            "confusions": self.most_confused().into_iter()
                .map(|one| serde_json::json!({ "read": one.read, "printed": one.printed, "count": one.count, "engines": one.engines }))
                .collect::<Vec<_>>(),
            "engines": self.engines.iter().map(|(name, one)| with(name, "engine", part(one))).collect::<Vec<_>>(),
            "years": self.years.iter().map(year).collect::<Vec<_>>(),
            "worst_pages": self.worst.iter()
                .map(|(left, file)| serde_json::json!({ "file": file, "estimated_left_per_10k": left })).collect::<Vec<_>>(),
        })
    }

    /// The most frequent confusions, by engine where pages name theirs.
    fn most_confused(&self) -> Vec<Confused<'_>> {
        let all = by_number(&self.confusions, |engines| engines.values().sum());
        all.into_iter()
            .take(CONFUSIONS)
            .map(|(pair, engines)| {
                let named = engines.iter().filter(|(name, _)| !name.is_empty()).map(|(name, n)| (name.as_str(), *n));
                Confused { read: &pair.0, printed: &pair.1, count: engines.values().sum(), engines: named.collect() }
            })
            .collect()
    }
}

impl Counts {
    fn add(&mut self, other: &Self) {
        self.pages += other.pages;
        self.characters += other.characters;
        self.applied += other.applied;
        self.held += other.held;
    }
}

/// The entries of a table, the largest first; equal ones by name.
fn by_number<K: Ord, V>(table: &BTreeMap<K, V>, number: impl Fn(&V) -> usize) -> Vec<(&K, &V)> {
    let mut rows: Vec<_> = table.iter().collect();
    rows.sort_by_key(|(_, value)| std::cmp::Reverse(number(value)));
    rows
}

/// What was read and what is thought to be printed, where both are a few
/// characters and the text of the edit is known.
fn confusion(finding: &WireFinding, edit: &crate::finding::Edit) -> Option<(String, String)> {
    let few = |text: &str| !text.trim().is_empty() && text.chars().count() <= CONFUSION_CHARS;
    let from = edit.span.start.checked_sub(finding.span.start)?;
    let read = finding.observed.get(from..from + edit.span.len())?;
    (few(read) && few(&edit.replacement)).then(|| (read.to_owned(), edit.replacement.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Lang;

    const PAGE: &str = r#"{"file":"a<b>.txt","characters":2000,"applied":1,"held":1,"estimated_left":120.0,"condition":"fair","engine":"tess <5>","date":"1987-03-02"}"#;

    fn collection() -> Collection {
        let mut all = Collection::default();
        all.page(PAGE).unwrap();
        all.page(&PAGE.replace("a<b>", "b").replace("1987", "1988").replace("120.0", "4000.0").replace("fair", "damaged")).unwrap();
        all
    }

    #[test]
    fn pages_are_counted_by_year_engine_and_estimate() {
        let json = collection().json();
        assert_eq!(json["collection"]["pages"], 2);
        assert_eq!(json["years"][0]["errors_per_10k"], 10.0);
        assert_eq!(json["years"][1]["estimated_left_per_10k"], 4000.0);
        assert_eq!(json["engines"][0]["pages"], 2);
        assert_eq!(json["worst_pages"][0]["file"], "b.txt");
        assert_eq!(json["triage"]["damaged"], 1);
        assert!(Collection::default().page("{}").is_err());
    }

    #[test]
    fn no_name_is_markup_and_nothing_is_fetched() {
        for lang in [Lang::Zh, Lang::En] {
            let page = collection().html(lang);
            assert!(page.contains("a&lt;b&gt;.txt") && !page.contains("a<b>"));
            assert!(!page.contains("http://") || page.matches("http://").count() == page.matches("http://www.w3.org/2000/svg").count());
            assert!(!page.contains("https://"));
        }
        assert!(collection().table(Lang::En).contains("b.txt"));
        assert!(!Collection::default().html(Lang::Zh).is_empty());
    }
}

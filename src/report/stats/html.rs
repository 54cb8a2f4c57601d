use minijinja::value::Serde;
use minijinja::{Environment, Value};
use serde::Serialize;

use super::{BOUNDS, Collection, by_number};
use crate::finding::Class;
use crate::report::Lang;
use crate::report::marks::visible;

/// Width of the room for bars and lines, in units of the drawing.
const WIDE: f64 = 560.0;
/// Height of the drawing of the years, likewise.
const HIGH: f64 = 180.0;
/// Bars of one drawing.
const BARS: usize = 18;
/// Years with a name below the drawing, at most.
const TICKS: usize = 12;

/// One bar: its name in both languages, its number and its length.
#[derive(Serialize)]
struct Bar {
    zh: String,
    en: String,
    number: String,
    long: f64,
    /// The part of it that was repaired.
    done: f64,
}

#[derive(Serialize)]
struct Point {
    x: f64,
    y: f64,
    year: String,
    number: String,
    named: bool,
}

/// What the template shows.
#[derive(Serialize)]
struct Shown {
    lang: &'static str,
    pages: usize,
    characters: usize,
    rate: String,
    clean: usize,
    damaged: usize,
    classes: Vec<Bar>,
    rules: Vec<Bar>,
    engines: Vec<Bar>,
    estimates: Vec<Bar>,
    seen: Vec<Point>,
    left: Vec<Point>,
    /// Read, printed, how often, by which engines.
    confusions: Vec<(String, String, usize, String)>,
    worst: Vec<(String, String)>,
    wide: f64,
    high: f64,
}

impl Collection {
    /// A page with plots, self-contained; in `lang` at first, in both languages.
    #[must_use]
    pub fn html(&self, lang: Lang) -> String {
        let mut templates = Environment::new();
        // The name ends in .html, which has every text escaped.
        let page = templates.add_template("stats.html", include_str!("stats.html")).and_then(|()| templates.get_template("stats.html"));
        let confusions: Vec<_> = self
            .most_confused()
            .into_iter()
            .map(|one| (visible(one.read).into_owned(), visible(one.printed).into_owned(), one.count, one.engines()))
            .collect();
        let worst: Vec<_> = self.worst.iter().map(|(left, file)| (visible(file).into_owned(), format!("{left:.0}"))).collect();
        let rendered = page.and_then(|page| {
            page.render(Value::from(Serde(Shown {
                lang: lang.pick("zh", "en"),
                pages: self.all.pages,
                characters: self.all.characters,
                rate: format!("{:.1}", self.all.errors_per_10k()),
                clean: self.clean,
                damaged: self.damaged,
                classes: self.class_bars(),
                rules: self.rule_bars(),
                engines: self.engine_bars(),
                estimates: self.estimate_bars(),
                seen: self.line(|year| Some(year.counts.errors_per_10k())),
                left: self.line(|year| (year.estimated.1 > 0).then(|| year.estimated.0 * 10_000.0 / year.estimated.1 as f64)),
                confusions,
                worst,
                wide: WIDE,
                high: HIGH,
            })))
        });
        rendered.expect("the template is part of the program")
    }

    fn class_bars(&self) -> Vec<Bar> {
        let rows = by_number(&self.classes, |counts| counts.applied + counts.held);
        let name =
            |name: &str| name.parse::<Class>().map_or((name.to_owned(), name.to_owned()), |class| (class.zh().into(), class.en().into()));
        self.bars(rows.into_iter().map(|(class, one)| (name(class), one.applied, one.applied + one.held)))
    }

    fn rule_bars(&self) -> Vec<Bar> {
        let rows = by_number(&self.rules, |(_, counts)| counts.applied + counts.held);
        self.bars(rows.into_iter().map(|(rule, (_, one))| ((rule.clone(), rule.clone()), one.applied, one.applied + one.held)))
    }

    /// Bars of problems per 10,000 characters.
    fn bars(&self, rows: impl Iterator<Item = ((String, String), usize, usize)>) -> Vec<Bar> {
        let rows: Vec<_> = rows.take(BARS).collect();
        let most = rows.iter().map(|row| row.2).max().unwrap_or(0).max(1) as f64;
        let per = 10_000.0 / self.all.characters.max(1) as f64;
        let bar = |((zh, en), done, all): ((String, String), usize, usize)| Bar {
            zh,
            en,
            number: format!("{:.2}", all as f64 * per),
            long: rounded(WIDE * all as f64 / most),
            done: rounded(WIDE * done as f64 / most),
        };
        rows.into_iter().map(bar).collect()
    }

    fn engine_bars(&self) -> Vec<Bar> {
        let most = self.engines.values().map(super::Counts::errors_per_10k).fold(1e-9, f64::max);
        let bar = |(name, one): (&String, &super::Counts)| Bar {
            zh: format!("{}（{} 页）", visible(name), one.pages),
            en: format!("{} ({} pages)", visible(name), one.pages),
            number: format!("{:.1}", one.errors_per_10k()),
            long: rounded(WIDE * one.errors_per_10k() / most),
            done: rounded(WIDE * one.errors_per_10k() / most * one.applied as f64 / (one.applied + one.held).max(1) as f64),
        };
        self.engines.iter().take(BARS).map(bar).collect()
    }

    fn estimate_bars(&self) -> Vec<Bar> {
        let most = self.estimates.iter().max().copied().unwrap_or(0).max(1) as f64;
        let bounds = BOUNDS.iter().map(|bound| format!("≤ {bound:.0}")).chain([format!("> {:.0}", BOUNDS[BOUNDS.len() - 1])]);
        let bar = |(name, n): (String, usize)| Bar {
            zh: name.clone(),
            en: name,
            number: n.to_string(),
            long: rounded(WIDE * n as f64 / most),
            done: 0.0,
        };
        bounds.zip(self.estimates).map(bar).collect()
    }

    /// A number over the years, by their distance; zero is at the bottom.
    fn line(&self, number: impl Fn(&super::Year) -> Option<f64>) -> Vec<Point> {
        let all: Vec<(i32, f64)> = self.years.iter().filter_map(|(name, year)| Some((name.parse::<i32>().ok()?, number(year)?))).collect();
        let (Some(first), Some(last)) = (all.first().map(|one| one.0), all.last().map(|one| one.0)) else { return Vec::new() };
        let most = all.iter().map(|one| one.1).fold(1e-9, f64::max);
        let span = f64::from((last - first).max(1));
        let every = all.len().div_ceil(TICKS);
        let point = |(idx, (year, number)): (usize, (i32, f64))| Point {
            x: rounded(WIDE * f64::from(year - first) / span),
            y: rounded(HIGH * (1.0 - number / most)),
            year: year.to_string(),
            number: format!("{number:.1}"),
            named: idx % every == 0,
        };
        all.into_iter().enumerate().map(point).collect()
    }
}

fn rounded(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}

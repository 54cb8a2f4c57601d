//! Which page of which issue a file is.

use regex::Regex;

use crate::document::{Date, FurnitureKind, Layout, PageLabel, furniture_fields};

/// What is known of a page besides its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageName {
    /// Pages with the same issue belong together: the folder, and the day or
    /// whatever the name has in its place.
    pub issue: String,
    /// The day of the issue.
    pub date: Option<Date>,
    /// Which page it is.
    pub label: Option<PageLabel>,
}

/// A regular expression over a file's path, with `/` between folders. Its
/// groups say what is what: `date` (or `year`, `month`, `day`), `page`, `issue`.
#[derive(Clone, Debug)]
pub struct PagePattern(Regex);

/// Why a pattern was refused.
#[derive(Debug, thiserror::Error)]
pub enum PagePatternError {
    /// It is no regular expression.
    #[error("{0}")]
    Syntax(#[from] Box<regex::Error>),
    /// It has none of the groups.
    #[error("no group named date, year, page or issue: write (?<page>…) around what stands for the page")]
    NoGroup,
}

impl PagePattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// When it is no regular expression, or names none of the groups.
    pub fn new(pattern: &str) -> Result<Self, PagePatternError> {
        let regex = Regex::new(pattern).map_err(Box::new)?;
        let known = |name: &str| matches!(name, "date" | "year" | "page" | "issue");
        if regex.capture_names().flatten().any(known) { Ok(Self(regex)) } else { Err(PagePatternError::NoGroup) }
    }

    fn read(&self, path: &str) -> Option<PageName> {
        let groups = self.0.captures(path)?;
        let number = |name: &str| groups.name(name).and_then(|group| group.as_str().parse::<u16>().ok());
        let day = |name: &str| number(name).and_then(|number| u8::try_from(number).ok());
        let date = match groups.name("date") {
            Some(date) => dates(date.as_str()).last().map(|(_, date)| date),
            None => number("year").and_then(|year| Date::new(year, day("month")?, day("day")?)),
        };
        let label = groups.name("page").and_then(|page| label_in(page.as_str()));
        let issue = groups.name("issue").map_or_else(|| folder(path).to_owned(), |issue| issue.as_str().to_owned());
        Some(PageName { issue: key(&issue, date), date, label })
    }
}

impl PageName {
    /// From the path of a file (`/` between folders), by the first pattern
    /// that fits, else by the usual ways to name scans; what a name leaves open
    /// its masthead and page line may tell.
    #[must_use]
    pub fn new(path: &str, patterns: &[PagePattern], text: &str, layout: &Layout) -> Self {
        let mut name = patterns.iter().find_map(|pattern| pattern.read(path)).unwrap_or_else(|| by_custom(path));
        if name.date.is_none() || name.label.is_none() {
            let printed = printed(text, layout);
            if name.date.is_none() && printed.0.is_some() {
                name.date = printed.0;
                name.issue = key(&name.issue, name.date);
            }
            name.label = name.label.or(printed.1);
        }
        name
    }
}

/// `2019-03-07/A01.txt`, `xxrb20190307_A1_03.txt`, `晨报 2024-09-02 A1.txt`,
/// `第三版.txt`.
fn by_custom(path: &str) -> PageName {
    let date = dates(path).last();
    let stem = path.rsplit('/').next().unwrap_or(path);
    let stem = stem.rsplit_once('.').map_or(stem, |(stem, _)| stem);
    // Digits of the date are no page number.
    let stem_at = path.rfind('/').map_or(0, |slash| slash + 1);
    let rest = date.as_ref().and_then(|(end, _)| stem.get(end.checked_sub(stem_at)?..));
    let label = label_in(rest.unwrap_or(stem));
    let date = date.map(|(_, date)| date);
    PageName { issue: key(folder(path), date), date, label }
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn key(issue: &str, date: Option<Date>) -> String {
    match date {
        Some(date) if !issue.contains(&date.to_string()) => format!("{issue} {date}").trim().to_owned(),
        _ => issue.to_owned(),
    }
}

/// The days named in a path, with the byte each ends at.
fn dates(path: &str) -> impl Iterator<Item = (usize, Date)> + '_ {
    static DAY: std::sync::LazyLock<Regex> = std::sync::LazyLock::new(|| {
        Regex::new(r"((?:18|19|20)[0-9]{2})[-_./年]?([01]?[0-9])[-_./月]?([0-3]?[0-9])日?").expect("a constant")
    });
    DAY.captures_iter(path).filter_map(|groups| {
        let number = |idx: usize| groups[idx].parse::<u16>().ok();
        let date = Date::new(number(1)?, u8::try_from(number(2)?).ok()?, u8::try_from(number(3)?).ok()?)?;
        Some((groups.get(0)?.end(), date))
    })
}

/// The first page label among other things: what a letter and digits, digits
/// or 第…版 set apart from the rest.
fn label_in(stem: &str) -> Option<PageLabel> {
    static LABEL: std::sync::LazyLock<Regex> = std::sync::LazyLock::new(|| {
        Regex::new(r"(?:^|[^0-9A-Za-z])(?:p(?:age)?|第)?[-_]?([A-Za-z])?0{0,2}([1-9][0-9]?)(?:版|[^0-9A-Za-z]|$)|第([一二三四五六七八九十]{1,3})版").expect("a constant")
    });
    let groups = LABEL.captures(stem)?;
    if let Some(numeral) = groups.get(3) {
        return Some(PageLabel::Page { section: None, number: han_number(numeral.as_str())? });
    }
    let section = groups.get(1).and_then(|letter| letter.as_str().chars().next()).map(|letter| letter.to_ascii_uppercase());
    Some(PageLabel::Page { section, number: groups[2].parse().ok()? })
}

/// 一 to 九十九.
fn han_number(numeral: &str) -> Option<u8> {
    let digit = |c: char| "一二三四五六七八九".chars().position(|digit| digit == c).and_then(|idx| u8::try_from(idx + 1).ok());
    match numeral.split_once('十') {
        None => digit(numeral.chars().next()?).filter(|_| numeral.chars().count() == 1),
        Some((tens, ones)) => {
            let tens = if tens.is_empty() { 1 } else { digit(tens.chars().next()?)? };
            let ones = if ones.is_empty() { 0 } else { digit(ones.chars().next()?)? };
            Some(10 * tens + ones)
        }
    }
}

/// The day of the masthead and the label of the page line, as printed.
fn printed(text: &str, layout: &Layout) -> (Option<Date>, Option<PageLabel>) {
    const LINES_LOOKED_AT: usize = 6;
    let (mut date, mut label) = (None, None);
    for line_idx in 0..layout.lines.len().min(LINES_LOOKED_AT) {
        let Some(fields) = furniture_fields(layout.line_text(text, line_idx), true) else { continue };
        if matches!(fields.kind, FurnitureKind::DateLine | FurnitureKind::Masthead) {
            date = date.or(fields.date);
        }
        label = label.or(fields.page);
    }
    (date, label)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(path: &str) -> (String, Option<String>, Option<String>) {
        let name = PageName::new(path, &[], "", &Layout::new(""));
        (name.issue, name.date.map(|date| date.to_string()), name.label.map(|label| label.to_string()))
    }

    #[test]
    fn usual_names_are_read() {
        for (path, date, label) in [
            ("2019-03-07/A01.hocr", Some("2019-03-07"), Some("A1")),
            ("xxrb20190307_A1_03.txt", Some("2019-03-07"), Some("A1")),
            ("晨报 2024-09-02 A2.txt", Some("2024-09-02"), Some("A2")),
            ("1926/申报 19260304 第三版.txt", Some("1926-03-04"), Some("3")),
            ("随笔.txt", None, None),
        ] {
            let (_, found_date, found_label) = named(path);
            assert_eq!((found_date.as_deref(), found_label.as_deref()), (date, label), "{path}");
        }
    }

    #[test]
    fn pages_of_one_day_are_one_issue() {
        assert_eq!(named("晨报 2024-09-02 A1.txt").0, named("晨报 2024-09-02 A2.txt").0);
        assert_ne!(named("晨报 2024-09-02 A1.txt").0, named("晨报 2024-09-03 A1.txt").0);
    }

    #[test]
    fn a_pattern_of_ones_own_comes_first() {
        let pattern = PagePattern::new(r"(?<issue>no[0-9]+)/(?<page>[0-9]+)\.txt$").unwrap();
        let name = PageName::new("no512/07.txt", &[pattern], "", &Layout::new(""));
        assert_eq!((name.issue.as_str(), name.label), ("no512", Some(PageLabel::Page { section: None, number: 7 })));
        assert!(matches!(PagePattern::new("[0-9]+"), Err(PagePatternError::NoGroup)));
        assert!(matches!(PagePattern::new("("), Err(PagePatternError::Syntax(_))));
    }

    #[test]
    fn what_the_name_leaves_open_the_page_tells() {
        let text = "江城晚报 2021年5月6日 星期四\n\nB3 社会\n\n本报讯 昨天下雨。\n";
        let name = PageName::new("扫描/0007.txt", &[], text, &Layout::new(text));
        assert_eq!(name.date.map(|date| date.to_string()).as_deref(), Some("2021-05-06"));
    }
}

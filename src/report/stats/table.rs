use unicode_width::UnicodeWidthStr;

use super::{BOUNDS, Collection, by_number};
use crate::finding::Class;
use crate::report::Lang;
use crate::report::marks::visible;

/// Rows of a table on a terminal.
const ROWS: usize = 12;

impl Collection {
    /// For people at a terminal.
    #[must_use]
    pub fn table(&self, lang: Lang) -> String {
        let all = &self.all;
        let mut out = match lang {
            Lang::Zh => format!(
                "{} 页，{} 字：每万字 {:.1} 处疑误；{} 页几无错误，{} 页损坏过重\n",
                all.pages,
                all.characters,
                all.errors_per_10k(),
                self.clean,
                self.damaged
            ),
            Lang::En => format!(
                "{} pages, {} characters: {:.1} suspected errors per 10,000; {} pages clean, {} too damaged\n",
                all.pages,
                all.characters,
                all.errors_per_10k(),
                self.clean,
                self.damaged
            ),
        };
        let rate = |count: usize| format!("{:.2}", if all.characters == 0 { 0.0 } else { 10_000.0 * count as f64 / all.characters as f64 });
        let per = lang.pick("每万字", "per 10,000");
        let (applied, held) = (lang.pick("已修复", "applied"), lang.pick("待审", "held"));
        let class_name = |name: &str| name.parse::<Class>().map_or(name.to_owned(), |class| lang.pick(class.zh(), class.en()).to_owned());
        let rows = by_number(&self.classes, |counts| counts.applied + counts.held);
        let rows = rows
            .into_iter()
            .map(|(name, one)| vec![class_name(name), one.applied.to_string(), one.held.to_string(), rate(one.applied + one.held)]);
        section(&mut out, [lang.pick("损坏类别", "damage"), applied, held, per], rows);
        let rows = by_number(&self.rules, |(_, counts)| counts.applied + counts.held);
        let rows = rows
            .into_iter()
            .map(|(id, (_, one))| vec![id.clone(), one.applied.to_string(), one.held.to_string(), rate(one.applied + one.held)]);
        section(&mut out, [lang.pick("规则", "rule"), applied, held, per], rows);
        let rows = self
            .most_confused()
            .into_iter()
            .map(|one| vec![format!("{} → {}", visible(one.read), visible(one.printed)), one.count.to_string(), one.engines()]);
        section(&mut out, [lang.pick("误认", "confusion"), lang.pick("次数", "count"), lang.pick("引擎", "engine")], rows);
        let rows = self
            .engines
            .iter()
            .map(|(name, one)| vec![visible(name).into_owned(), one.pages.to_string(), format!("{:.1}", one.errors_per_10k())]);
        section(&mut out, [lang.pick("引擎", "engine"), lang.pick("页", "pages"), per], rows);
        let rows = self
            .years
            .iter()
            .map(|(name, year)| vec![name.clone(), year.counts.pages.to_string(), format!("{:.1}", year.counts.errors_per_10k())]);
        // All years: a trend with holes is none.
        section_of(&mut out, [lang.pick("年份", "year"), lang.pick("页", "pages"), per], rows.collect());
        let bounds = BOUNDS.iter().map(|bound| format!("≤ {bound:.0}")).chain([format!("> {:.0}", BOUNDS[BOUNDS.len() - 1])]);
        let rows = bounds.zip(self.estimates).filter(|(_, n)| *n > 0).map(|(bound, n)| vec![bound, n.to_string()]);
        section(&mut out, [lang.pick("估计余误（每万字）", "estimated left per 10,000"), lang.pick("页", "pages")], rows);
        let rows = self.worst.iter().map(|(left, file)| vec![visible(file).into_owned(), format!("{left:.0}")]);
        section(&mut out, [lang.pick("最差的页", "worst pages"), lang.pick("估计余误", "estimated left")], rows);
        out
    }
}

fn section<const N: usize>(out: &mut String, head: [&str; N], rows: impl Iterator<Item = Vec<String>>) {
    section_of(out, head, rows.take(ROWS).collect());
}

fn section_of<const N: usize>(out: &mut String, head: [&str; N], rows: Vec<Vec<String>>) {
    if rows.is_empty() {
        return;
    }
    let all: Vec<Vec<String>> = std::iter::once(head.map(str::to_owned).to_vec()).chain(rows).collect();
    let widths: Vec<usize> = (0..N).map(|column| all.iter().map(|row| row[column].width()).max().unwrap_or(0)).collect();
    out.push('\n');
    for row in all {
        let mut line = String::new();
        for (column, cell) in row.iter().enumerate() {
            let pad = " ".repeat(widths[column] - cell.width());
            // Names to the left, numbers to the right.
            line.push_str(&if column == 0 { format!("{cell}{pad}") } else { format!("  {pad}{cell}") });
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
}

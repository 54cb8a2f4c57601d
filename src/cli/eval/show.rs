use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};

use super::tables;
use crate::eval::{BeforeAfter, Found, Named, Rate, Score, per_10k};
use crate::report::Lang;
use crate::text::width_cells;

/// What is shown.
pub(super) struct Shown<'a> {
    pub(super) total: &'a Score,
    /// Files to list one by one.
    pub(super) files: &'a [(&'a str, Score)],
    /// Groups of files, counted apart.
    pub(super) groups: &'a BTreeMap<&'a str, Score>,
    /// How many misreadings are listed.
    pub(super) n_confusions: usize,
}

/// The figures as one JSON object; every rate stands beside its counts.
pub(super) fn json(shown: &Shown<'_>) -> String {
    let (total, files) = (shown.total, shown.files);
    let mut object = figures(total);
    for (name, value) in tables::json(total, shown.n_confusions) {
        object[name] = value;
    }
    if !shown.groups.is_empty() {
        let groups = shown.groups.iter().map(|(name, score)| ((*name).to_owned(), figures(score)));
        object["by_group"] = groups.collect::<serde_json::Map<_, _>>().into();
    }
    object["schema_version"] = json!(1);
    object["tool"] = json!(concat!("jiaokan ", env!("CARGO_PKG_VERSION")));
    if !files.is_empty() {
        object["by_file"] =
            files.iter().map(|(name, score)| ((*name).to_owned(), figures(score))).collect::<serde_json::Map<_, _>>().into();
    }
    format!("{object:#}\n")
}

fn figures(score: &Score) -> Value {
    let rate = |rate: Rate| json!({ "errors": rate.errors, "length": rate.length, "rate": rate.rate(), "per_10k": per_10k(rate.errors, rate.length) });
    let both = |both: &BeforeAfter| json!({ "before": rate(both.before), "after": rate(both.after) });
    let edits = |name: &str| {
        let counts = score.edits.get(name).copied().unwrap_or_default();
        let found = Found { right: counts.right, wrong: counts.made - counts.right, there: counts.needed };
        json!({
            "needed": counts.needed, "made": counts.made, "right": counts.right, "right_place": counts.right_place,
            "precision": found.precision(), "recall": found.recall(), "f1": found.f1(),
            "characters": {
                "wrong_before": counts.wrong_before, "right_before": counts.right_before,
                "fixed": counts.fixed, "broken": counts.broken,
                "spurious_before": counts.spurious_before, "spurious_after": counts.spurious_after,
            },
            "harm": counts.harm, "harm_per_10k": counts.harm_per_10k(),
        })
    };
    json!({
        "files": score.files,
        "files_worse": score.files_worse,
        "cer": score.cer.iter().map(|(name, change)| ((*name).to_owned(), both(change))).collect::<serde_json::Map<_, _>>(),
        "edits": { "strict": edits("strict"), "folded": edits("folded") },
        "joins": with(found(&score.breaks.removed), &[("true_before", score.breaks.true_before), ("not_judged", score.breaks.skipped)]),
        "new_breaks": { "right": score.breaks.added.right, "wrong": score.breaks.added.wrong },
        "paragraph_breaks": found(&score.breaks.last),
        "duplicates": found(&score.duplicates),
        "rules": score.rules,
        "classes": score.classes,
    })
}

fn found(found: &Found) -> Value {
    json!({
        "right": found.right, "wrong": found.wrong, "there": found.there,
        "precision": found.precision(), "recall": found.recall(), "f1": found.f1(),
    })
}

fn with(mut value: Value, more: &[(&str, usize)]) -> Value {
    for (name, count) in more {
        value[*name] = json!(count);
    }
    value
}

/// The figures as tables for people.
pub(super) fn human(shown: &Shown<'_>, lang: Lang) -> String {
    let (total, files) = (shown.total, shown.files);
    let mut out = String::new();
    let pick = |zh: &'static str, en: &'static str| lang.pick(zh, en);
    let worse = total.files_worse;
    let files_line = lang
        .pick(
            &format!("{} 个文件，其中 {worse} 个修复后反而变差", total.files),
            &format!("{} files, {worse} of them worse after correction", total.files),
        )
        .to_owned();
    let _ = writeln!(out, "{files_line}\n");
    cer_table(&mut out, total, lang);
    let mut rows = vec![
        vec![
            pick("字符", "Characters"),
            pick("修正", "fixed"),
            pick("改坏", "broken"),
            pick("新增多余", "newly spurious"),
            pick("危害/万字", "harm/10,000"),
        ]
        .into_iter()
        .map(str::to_owned)
        .collect(),
    ];
    for (name, counts) in &total.edits {
        let spurious = counts.spurious_after.saturating_sub(counts.spurious_before);
        rows.push(vec![
            measure(name, lang),
            counts.fixed.to_string(),
            counts.broken.to_string(),
            spurious.to_string(),
            format!("{:.2}", counts.harm_per_10k()),
        ]);
    }
    table(&mut out, &rows);
    let mut rows: Vec<Vec<String>> = vec![
        [pick("查准查全", "Precision and recall"), pick("对", "right"), pick("错", "wrong"), pick("应有", "there"), "P", "R", "F"]
            .map(str::to_owned)
            .to_vec(),
    ];
    for (name, counts) in &total.edits {
        let edits = Found { right: counts.right, wrong: counts.made - counts.right, there: counts.needed };
        rows.push(found_row(&format!("{}{}", pick("改字·", "edits, "), measure(name, lang)), &edits));
    }
    rows.push(found_row(pick("接合断行", "joins"), &total.breaks.removed));
    rows.push(found_row(pick("最终段落分界", "paragraph breaks"), &total.breaks.last));
    rows.push(found_row(pick("重复段落", "duplicates"), &total.duplicates));
    table(&mut out, &rows);
    named(&mut out, pick("规则", "Rule"), &total.rules, lang);
    named(&mut out, pick("类别", "Class"), &total.classes, lang);
    for rows in [tables::tiers(total, lang), tables::reliability(total, lang), tables::confusions(total, shown.n_confusions, lang)] {
        if !rows.is_empty() {
            table(&mut out, &rows);
        }
    }
    one_by_one(&mut out, pick("组", "Group"), shown.groups.iter().map(|(name, score)| (*name, score)), lang);
    one_by_one(&mut out, pick("文件", "File"), files.iter().map(|(name, score)| (*name, score)), lang);
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

/// A line for each group or file.
fn one_by_one<'s>(out: &mut String, title: &str, scores: impl Iterator<Item = (&'s str, &'s Score)>, lang: Lang) {
    let head = [title, lang.pick("CER 前 %", "CER before %"), lang.pick("CER 后 %", "CER after %"), lang.pick("危害/万字", "harm/10,000")];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for (name, score) in scores {
        let strict = score.cer.get("strict").copied().unwrap_or_default();
        let harm = score.edits.get("strict").copied().unwrap_or_default().harm_per_10k();
        rows.push(vec![name.to_owned(), percent(strict.before.rate()), percent(strict.after.rate()), format!("{harm:.2}")]);
    }
    if rows.len() > 1 {
        table(out, &rows);
    }
}

fn cer_table(out: &mut String, total: &Score, lang: Lang) {
    let head = [
        "CER",
        lang.pick("修复前 %", "before %"),
        lang.pick("修复后 %", "after %"),
        lang.pick("每万字 前", "per 10,000 before"),
        lang.pick("每万字 后", "after"),
    ];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for (name, change) in &total.cer {
        let per = |rate: &Rate| format!("{:.1}", per_10k(rate.errors, rate.length));
        rows.push(vec![
            measure(name, lang),
            percent(change.before.rate()),
            percent(change.after.rate()),
            per(&change.before),
            per(&change.after),
        ]);
    }
    table(out, &rows);
}

fn named(out: &mut String, title: &str, counts: &Named, lang: Lang) {
    if counts.is_empty() {
        return;
    }
    let mut rows =
        vec![[title, lang.pick("对", "right"), lang.pick("错", "wrong"), lang.pick("无关", "neither")].map(str::to_owned).to_vec()];
    rows.extend(
        counts
            .iter()
            .map(|(name, counts)| vec![name.clone(), counts.right.to_string(), counts.wrong.to_string(), counts.neither.to_string()]),
    );
    table(out, &rows);
}

fn measure(name: &str, lang: Lang) -> String {
    match name {
        "strict" => lang.pick("严格", "strict"),
        "folded" => lang.pick("归一", "folded"),
        _ => lang.pick("仅汉字与字母数字", "Han only"),
    }
    .to_owned()
}

fn found_row(name: &str, found: &Found) -> Vec<String> {
    let rate = |rate: Option<f64>| rate.map_or("–".to_owned(), |rate| format!("{rate:.3}"));
    let counts = [found.right, found.wrong, found.there].map(|count| count.to_string());
    let rates = [found.precision(), found.recall(), found.f1()].map(rate);
    std::iter::once(name.to_owned()).chain(counts).chain(rates).collect()
}

fn percent(rate: Option<f64>) -> String {
    rate.map_or("–".to_owned(), |rate| format!("{:.2}", 100.0 * rate))
}

/// Columns set apart by two spaces, the first to the left, the others to the
/// right; an empty line after.
fn table(out: &mut String, rows: &[Vec<String>]) {
    let width = |cell: &String| cell.chars().map(width_cells).sum::<usize>();
    let n_columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let widths: Vec<usize> =
        (0..n_columns).map(|column| rows.iter().filter_map(|row| row.get(column)).map(width).max().unwrap_or_default()).collect();
    for row in rows {
        let mut line = String::new();
        for (column, cell) in row.iter().enumerate() {
            let padding = " ".repeat(widths[column] - width(cell));
            let (before, after) = if column == 0 { (String::new(), padding) } else { (format!("  {padding}"), String::new()) };
            let _ = write!(line, "{before}{cell}{after}");
        }
        let _ = writeln!(out, "{}", line.trim_end());
    }
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::{Change, Sample};
    use crate::finding::{Edit, Safety};
    use crate::text::Span;

    fn score() -> Score {
        let (input, truth) = ("他己经\n\n来到石庄市。", "他已经来到石家庄市。");
        let edits = vec![Edit { span: Span::new(3, 6), replacement: "已".to_owned() }];
        let (rule, class) = ("core/己".to_owned(), "look-alike".to_owned());
        let change = Change { applied: true, tier: Safety::Automatic, probability: Some(0.97), rule, class, edits };
        Score::of(&Sample { input, corrected: "他已经来到石庄市。", truths: &[truth], changes: &[change] })
    }

    fn shown(lang: Option<Lang>) -> String {
        let (total, files) = (score(), [("一版", score())]);
        let groups = BTreeMap::from([("甲引擎", score())]);
        let shown = Shown { total: &total, files: &files, groups: &groups, n_confusions: 20 };
        lang.map_or_else(|| json(&shown), |lang| human(&shown, lang))
    }

    #[test]
    fn json_has_rates_beside_counts_and_keeps_its_schema() {
        let value: Value = serde_json::from_str(&shown(None)).unwrap();
        assert_eq!(value["cer"]["strict"]["after"]["errors"], 1);
        assert_eq!(value["cer"]["strict"]["after"]["per_10k"], 1000.0);
        assert_eq!(value["joins"]["precision"], 1.0);
        assert_eq!(value["by_file"]["一版"]["files"], 1);
        assert_eq!(value["by_group"]["甲引擎"]["files"], 1);
        assert_eq!(value["tiers"]["automatic"]["right"], 1);
        assert_eq!(value["confusions"][0], json!({ "printed": "家", "read": null, "input": 1, "fixed": 0, "broken": 0 }));
        let schema: Value = serde_json::from_str(include_str!("../../../docs/schema/eval.schema.json")).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let errors: Vec<String> = validator.iter_errors(&value).map(|error| format!("{error} at {}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{}", errors.join("\n"));
    }

    #[test]
    fn tables_line_up_in_both_languages() {
        for lang in [Lang::Zh, Lang::En] {
            let text = shown(Some(lang));
            let line = |start: &str| text.lines().find(|line| line.starts_with(start)).unwrap_or_else(|| panic!("{start}\n{text}"));
            let width = |line: &str| line.chars().map(width_cells).sum::<usize>();
            let (joins, breaks) = (lang.pick("接合断行", "joins"), lang.pick("最终段落分界", "paragraph breaks"));
            assert_eq!(width(line(joins)), width(line(breaks)), "{text}");
            assert_eq!(width(line("家 → ")), width(line("已 → 己")), "{text}");
            assert!(line("0.95–0.98").ends_with("1.000"), "{text}");
            line("甲引擎");
        }
    }
}

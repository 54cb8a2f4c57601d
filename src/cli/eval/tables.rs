//! Tables of what single fixes and characters came to.

use serde_json::{Value, json};

use crate::eval::{Bin, Score};
use crate::finding::Safety;
use crate::report::Lang;

/// The tiers, the most trusted first.
const TIERS: [Safety; 3] = [Safety::Automatic, Safety::Suggested, Safety::Flagged];

fn tier_words(tier: Safety, lang: Lang) -> &'static str {
    match tier {
        Safety::Automatic => lang.pick("自动", "automatic"),
        Safety::Suggested => lang.pick("建议", "suggested"),
        Safety::Flagged => lang.pick("存疑", "flagged"),
    }
}

/// Fixes by tier, as rows of a table; nothing without any.
pub(super) fn tiers(score: &Score, lang: Lang) -> Vec<Vec<String>> {
    let row = |tier: Safety| {
        let counts = score.tiers.get(&tier)?;
        let counts = [counts.right, counts.wrong, counts.neither].map(|count| count.to_string());
        Some(std::iter::once(tier_words(tier, lang).to_owned()).chain(counts).collect())
    };
    let head = [
        lang.pick("级别（含待审）", "Tier, held ones included"),
        lang.pick("对", "right"),
        lang.pick("错", "wrong"),
        lang.pick("无关", "neither"),
    ];
    with_head(&head, TIERS.into_iter().filter_map(row).collect())
}

/// Foretold and observed shares, as rows of a table.
pub(super) fn reliability(score: &Score, lang: Lang) -> Vec<Vec<String>> {
    let row = |bin: Bin| {
        let (predicted, observed) = (bin.predicted()?, bin.observed()?);
        Some(vec![format!("{:.2}–{:.2}", bin.from, bin.to), bin.n.to_string(), format!("{predicted:.3}"), format!("{observed:.3}")])
    };
    let head = [
        lang.pick("把握（已校准）", "Confidence, calibrated"),
        lang.pick("处", "fixes"),
        lang.pick("预计对", "foretold"),
        lang.pick("实际对", "observed"),
    ];
    with_head(&head, score.reliability.bins().filter_map(row).collect())
}

/// The `n` most frequent misreadings, as rows of a table.
pub(super) fn confusions(score: &Score, n: usize, lang: Lang) -> Vec<Vec<String>> {
    let row = |(printed, read, counts): (char, Option<char>, crate::eval::Confusion)| {
        let read = read.map_or(lang.pick("（漏）", "(lost)").to_owned(), String::from);
        let counts = [counts.in_input, counts.fixed, counts.broken].map(|count| count.to_string());
        std::iter::once(format!("{printed} → {read}")).chain(counts).collect()
    };
    let head = [
        lang.pick("印作 → 读作", "Printed → read"),
        lang.pick("输入中", "in the input"),
        lang.pick("修正", "fixed"),
        lang.pick("改坏", "broken"),
    ];
    with_head(&head, score.confusions.most_frequent(n).into_iter().map(row).collect())
}

fn with_head(head: &[&str], rows: Vec<Vec<String>>) -> Vec<Vec<String>> {
    if rows.is_empty() {
        return rows;
    }
    std::iter::once(head.iter().map(|word| (*word).to_owned()).collect()).chain(rows).collect()
}

/// The same tables as members of a JSON object.
pub(super) fn json(score: &Score, n_confusions: usize) -> [(&'static str, Value); 3] {
    let bin = |bin: Bin| json!({ "from": bin.from, "to": bin.to, "fixes": bin.n, "right": bin.right, "foretold": bin.predicted(), "observed": bin.observed() });
    let confusions: Vec<Value> = score
        .confusions
        .most_frequent(n_confusions)
        .into_iter()
        .map(|(printed, read, counts)| {
            json!({ "printed": printed, "read": read, "input": counts.in_input, "fixed": counts.fixed, "broken": counts.broken })
        })
        .collect();
    [
        ("tiers", json!(score.tiers)),
        ("reliability", json!({ "error": score.reliability.error(), "bins": score.reliability.bins().map(bin).collect::<Vec<Value>>() })),
        ("confusions", json!(confusions)),
    ]
}

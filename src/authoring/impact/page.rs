use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, context};

use super::Impact;
use crate::finding::Message;

/// Patterns on the page; the rest is counted.
const SHOWN_GROUPS: usize = 300;

/// One self-contained page; every text reaches it through the template engine,
/// which escapes it.
pub(super) fn render(impact: &Impact, title: &str, on: &Message, chinese: bool) -> String {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    let template = include_str!("../pages/impact.html");
    environment.add_template("impact", template).expect("the template is part of the program");
    environment.add_filter("percent", |share: Option<f64>| share.map_or_else(|| "–".to_owned(), |share| format!("{:.1} %", 100.0 * share)));
    let n_more = |n: usize| n.saturating_sub(SHOWN_GROUPS);
    let rules: Vec<_> =
        impact.rules.iter().map(|(id, counts)| context! { id, counts => Serde(counts), precision => counts.precision() }).collect();
    let page = context! {
        lang => if chinese { "zh" } else { "en" },
        style => include_str!("../pages/style.css"),
        script => include_str!("../pages/language.js"),
        title,
        on => Serde(on),
        impact => Serde(impact),
        rules,
        precision => impact.new.precision(),
        vanished_precision => impact.vanished.precision(),
        per_10k => format!("{:.2}", impact.new_per_10k()),
        new_total => impact.new.total(),
        vanished_total => impact.vanished.total(),
        new_groups => Serde(impact.new_groups.iter().take(SHOWN_GROUPS).collect::<Vec<_>>()),
        vanished_groups => Serde(impact.vanished_groups.iter().take(SHOWN_GROUPS).collect::<Vec<_>>()),
        more => [n_more(impact.new_groups.len()), n_more(impact.vanished_groups.len())],
    };
    environment.get_template("impact").and_then(|template| template.render(page)).expect("the page has all it asks for")
}

//! The reference of all rules as one page: every rule of every pack, with its
//! examples and numbers, made of the rule files; the detectors beside them, of
//! their own descriptions.

use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, context};
use serde_json::{Value, json};

use crate::detect::DetectorMeta;
use crate::finding::{Message, Safety};
use crate::rules::{Rule, RuleSet, Status};

/// Forms of a table that are shown; the rest is counted.
const SHOWN_FORMS: usize = 60;

/// The page, self-contained, in both languages; `chinese` is the one that is
/// shown first.
#[must_use]
pub fn reference(set: &RuleSet, detectors: &[&'static DetectorMeta], chinese: bool) -> String {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.add_template("reference", include_str!("pages/reference.html")).expect("the template is part of the program");
    let packs: Vec<Value> = set
        .packs()
        .iter()
        .map(|pack| {
            let prefix = format!("{}/", pack.name);
            let rules: Vec<Value> = set.rules().iter().filter(|rule| rule.head.id.starts_with(&prefix)).map(rule_view).collect();
            json!({ "name": pack.name, "version": pack.version, "message": pack.message, "rules": rules })
        })
        .collect();
    let detectors: Vec<Value> = detectors.iter().map(|meta| detector_view(meta)).collect();
    let page = context! {
        lang => if chinese { "zh" } else { "en" },
        style => include_str!("pages/style.css"),
        script => concat!(include_str!("pages/language.js"), include_str!("pages/search.js")),
        packs => Serde(packs),
        detectors => Serde(detectors),
        n_rules => set.rules().len(),
    };
    environment.get_template("reference").and_then(|template| template.render(page)).expect("the page has all it asks for")
}

fn rule_view(rule: &Rule) -> Value {
    let head = &rule.head;
    let forms = rule.forms();
    let (bad, good): (Vec<_>, Vec<_>) = rule.examples.iter().partition(|example| example.fixed.is_some());
    let measured = rule.measured.as_ref().map(|one| {
        json!({
            "right": one.right, "wrong": one.wrong, "neither": one.neither, "unjudged": one.unjudged,
            "on": one.on, "when": one.when, "precision": one.precision().map(|share| format!("{:.1} %", 100.0 * share)),
        })
    });
    json!({
        "id": head.id, "kind": head.kind, "phase": head.phase.name(),
        "class": Message::new(head.class.zh(), head.class.en()),
        "summary": head.summary(), "why": head.why, "source": head.source,
        "safety": safety_name(head.safety), "shadow": head.status == Status::Shadow,
        "confidence": format!("{:.2}", head.confidence),
        "place": format!("{}:{}", head.path, head.line),
        "forms": forms.iter().take(SHOWN_FORMS).map(|(from, to)| json!({ "from": from, "to": to })).collect::<Vec<_>>(),
        "more_forms": forms.len().saturating_sub(SHOWN_FORMS),
        "bad": bad.iter().map(|one| json!({ "text": one.text, "fixed": one.fixed })).collect::<Vec<_>>(),
        "good": good.iter().map(|one| one.text.as_str()).collect::<Vec<_>>(),
        "exceptions": rule.exceptions.iter().map(|one| json!({ "text": one.text, "reason": one.reason })).collect::<Vec<_>>(),
        "measured": measured,
    })
}

fn detector_view(meta: &'static DetectorMeta) -> Value {
    let both = |texts: [&str; 2]| Message::new(texts[0], texts[1]);
    json!({
        "id": meta.id, "phase": meta.phase.name(),
        "class": Message::new(meta.class.zh(), meta.class.en()),
        "summary": both(meta.summary), "why": both(meta.why), "silent": both(meta.silent), "trust": both(meta.trust),
        "sources": meta.sources,
        "bad": meta.bad.iter().map(|(text, fixed)| json!({ "text": text, "fixed": fixed })).collect::<Vec<_>>(),
        "good": meta.good,
    })
}

fn safety_name(safety: Safety) -> &'static str {
    match safety {
        Safety::Automatic => "automatic",
        Safety::Suggested => "suggested",
        Safety::Flagged => "flagged",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_is_on_the_page_in_both_languages_and_no_text_is_markup() {
        let set = RuleSet::shipped();
        let detectors = crate::detect::registry();
        let metas: Vec<_> = detectors.iter().map(|detector| detector.meta()).collect();
        let page = reference(&set, &metas, true);
        // The template engine writes the slash of an id as a reference.
        let anchor = |id: &str| format!("id=\"{}\"", id.replace('/', "&#x2f;"));
        for rule in set.rules() {
            assert!(page.contains(&anchor(&rule.head.id)), "{}", rule.head.id);
        }
        for meta in metas {
            assert!(page.contains(&anchor(meta.id)), "{}", meta.id);
        }
        assert_eq!(page.matches("<script>").count(), 1);
    }
}

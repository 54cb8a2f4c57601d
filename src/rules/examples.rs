use super::program::{Page, finding};
use super::{Rule, RuleSet};
use crate::apply::Script;
use crate::document::Layout;
use crate::finding::{Finding, Safety};
use crate::resolve::{Policy, resolve};

/// Passes after which an example that still changes is told as wrong.
const MAX_PASSES: usize = 4;

/// How an example came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ExampleOutcome {
    /// As its author said.
    Validated,
    /// Damage the rule did not find.
    Missing,
    /// A correct text in which it found something.
    Noisy,
    /// Found, but the result is another, or a second pass changes it again.
    Wrong,
}

/// One example with its outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExampleReport {
    /// The rule.
    pub rule: String,
    /// Its file.
    pub path: String,
    /// The example's line, from 1.
    pub line: usize,
    /// The text.
    pub text: String,
    /// What was expected; the text itself for one that must stay as it is.
    pub expected: String,
    /// What the rule made of it.
    pub got: String,
    /// How it came out.
    pub outcome: ExampleOutcome,
}

impl ExampleOutcome {
    /// The stable name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Validated => "Validated",
            Self::Missing => "Missing",
            Self::Noisy => "Noisy",
            Self::Wrong => "Wrong",
        }
    }
}

impl RuleSet {
    /// Runs the examples of the rules that `wanted` lets through, each rule
    /// alone, in the order of the files. Every word of a table is an example
    /// too: its damaged form becomes the printed one, and the printed one
    /// stays.
    #[must_use]
    pub fn run_examples(&self, wanted: impl Fn(&Rule) -> bool) -> Vec<ExampleReport> {
        let mut reports = Vec::new();
        for (rule_idx, rule) in self.rules.iter().enumerate().filter(|(_, rule)| wanted(rule)) {
            for example in &rule.examples {
                reports.push(self.judge(rule_idx, &example.text, example.fixed.as_deref(), example.line));
            }
            // An exception may hold a listed word whole, so only tables
            // without exceptions speak for themselves.
            let speaks = rule.exceptions.is_empty() && rule.head.elsewhere == 0 && rule.head.on_page.is_empty();
            for entry in rule.matcher.literals().iter().filter(|entry| speaks && entry.others.is_empty()) {
                let damaged = entry.sides.example(&entry.from);
                let printed = entry.to.as_deref().map_or(damaged.clone(), |to| entry.sides.example(to));
                reports.push(self.judge(rule_idx, &damaged, Some(&printed), rule.head.line));
                if entry.to.is_some() {
                    reports.push(self.judge(rule_idx, &printed, None, rule.head.line));
                }
            }
        }
        reports
    }

    fn judge(&self, rule_idx: usize, text: &str, fixed: Option<&str>, line: usize) -> ExampleReport {
        let rule = &self.rules[rule_idx];
        let found_any = !self.alone(rule_idx, text).is_empty();
        let (got, stable) = self.settle(rule_idx, text);
        let expected = fixed.unwrap_or(text);
        let outcome = match fixed {
            None if found_any => ExampleOutcome::Noisy,
            Some(_) if !found_any => ExampleOutcome::Missing,
            _ if got == expected && stable => ExampleOutcome::Validated,
            _ => ExampleOutcome::Wrong,
        };
        ExampleReport {
            rule: rule.head.id.clone(),
            path: rule.head.path.clone(),
            line,
            text: text.to_owned(),
            expected: expected.to_owned(),
            got,
            outcome,
        }
    }

    /// What the rule finds by itself, protected words aside.
    fn alone(&self, rule_idx: usize, text: &str) -> Vec<Finding> {
        let rule = &self.rules[rule_idx];
        let layout = Layout::new(text);
        let page = Page { text, layout: &layout };
        let Some(program) = self.programs.get(&rule.head.phase) else { return Vec::new() };
        let protected = self.protected_spans(text);
        let free = |found: &Finding| {
            !found.fixes.iter().any(|fix| fix.edits.iter().any(|edit| protected.iter().any(|span| span.overlaps(edit.span))))
        };
        let found = program.find_alone(rule_idx, &self.rules, &page, true);
        found.iter().map(|found| finding(rule, found, text)).filter(free).collect()
    }

    /// The text after the rule's fixes, whatever its tier, and whether it
    /// came to rest.
    fn settle(&self, rule_idx: usize, text: &str) -> (String, bool) {
        let everything = Policy { level: Safety::Flagged, min_confidence: 0.0 };
        let mut text = text.to_owned();
        for _ in 0..MAX_PASSES {
            // Between several repairs a person decides: nothing is changed.
            let findings: Vec<Finding> = self.alone(rule_idx, &text).into_iter().filter(|finding| finding.fixes.len() == 1).collect();
            let (_, edits) = resolve(&findings, &[], &everything, |_| None);
            if edits.is_empty() {
                return (text, true);
            }
            let script = Script::new(edits).expect("resolve lets only disjoint edits win");
            text = script.apply(&text);
        }
        (text, false)
    }
}

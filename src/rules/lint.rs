use super::literal::{LiteralEntry, minimal_edit};
use super::program::Page;
use super::{Rule, RuleSet};
use crate::document::Layout;
use crate::finding::{Message, Safety};
use crate::text::Span;

/// Least confidence an author should have in what is changed unattended.
const AUTOMATIC_CONFIDENCE: f64 = 0.9;

/// Something in a rule that works, and should be better.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lint {
    /// The rule.
    pub rule: String,
    /// Its file.
    pub path: String,
    /// Its line, from 1.
    pub line: usize,
    /// What.
    pub kind: LintKind,
}

/// What can be better.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LintKind {
    /// No literal could be derived: every line is matched against the pattern.
    Slow,
    /// One character without a required neighbor, changed unattended.
    BareCharacter(String),
    /// Automatic, with a confidence that says otherwise.
    Unsure,
    /// Without this exception nothing would fire in its text either.
    IdleException(String),
    /// A `good` example that holds nothing the rule looks for or writes.
    IdleGood(String),
    /// Another entry makes the same change wherever this one would.
    Redundant(String, String),
    /// A protected word holds the changed characters of this entry always.
    Protected(String),
    /// A message that ends with a full stop.
    FullStop,
}

impl LintKind {
    /// What is wrong and what to do.
    #[must_use]
    pub fn message(&self) -> Message {
        match self {
            Self::Slow => Message::new(
                "正则式里没有必有的文字，每一行都要试：加上固定的字",
                "the pattern holds no literal that every match needs, so every line is tried: add one",
            ),
            Self::BareCharacter(text) => Message::new(
                format!("自动改单个字「{text}」而不要求相邻的字：加上语境，或改为 suggested"),
                format!("「{text}」 alone is changed unattended: require a neighbor, or make it suggested"),
            ),
            Self::Unsure => Message::new(
                format!("safety 是 automatic，confidence 却低于 {AUTOMATIC_CONFIDENCE}：改其中一个"),
                format!("automatic with a confidence below {AUTOMATIC_CONFIDENCE}: change one of the two"),
            ),
            Self::IdleException(text) => Message::new(
                format!("例外「{text}」没有用处，没有它规则也不会在那里命中：删去"),
                format!("the exception 「{text}」 is of no use, the rule would be silent there anyway: remove it"),
            ),
            Self::IdleGood(text) => Message::new(
                format!("good 例子「{text}」里没有规则要找或要写的字，验不出什么：换一个"),
                format!("the good example 「{text}」 holds nothing the rule looks for or writes, so it tests nothing: replace it"),
            ),
            Self::Redundant(text, by) => Message::new(
                format!("「{text}」多余，「{by}」已作同样的改动：删去"),
                format!("「{text}」 is not needed, 「{by}」 makes the same change: remove it"),
            ),
            Self::Protected(text) => Message::new(
                format!("「{text}」在保护词之内，改不了：删去这一项或保护词"),
                format!("「{text}」 stands inside a protected word: remove the entry or the word"),
            ),
            Self::FullStop => Message::new("说明末尾不加句号", "a message ends without a full stop"),
        }
    }
}

impl RuleSet {
    /// Everything that should be better in the rules `wanted` lets through, in
    /// the order of the files.
    #[must_use]
    pub fn lint(&self, wanted: impl Fn(&Rule) -> bool) -> Vec<Lint> {
        let mut lints = Vec::new();
        for (rule_idx, rule) in self.rules.iter().enumerate().filter(|(_, rule)| wanted(rule)) {
            let mut tell = |kind| {
                lints.push(Lint { rule: rule.head.id.clone(), path: rule.head.path.clone(), line: rule.head.line, kind });
            };
            let triggers = rule.matcher.triggers();
            if triggers.is_empty() && !rule.head.kind.eq("layout") {
                tell(LintKind::Slow);
            }
            if rule.head.safety == Safety::Automatic && rule.head.confidence < AUTOMATIC_CONFIDENCE {
                tell(LintKind::Unsure);
            }
            let messages = [&rule.head.message.zh, &rule.head.message.en];
            if messages.iter().any(|text| text.ends_with(['。', '.'])) {
                tell(LintKind::FullStop);
            }
            for kind in self.lint_entries(rule) {
                tell(kind);
            }
            for kind in self.lint_examples(rule_idx, rule) {
                tell(kind);
            }
        }
        lints
    }

    fn lint_entries(&self, rule: &Rule) -> Vec<LintKind> {
        let mut lints = Vec::new();
        let entries = rule.matcher.literals();
        for entry in entries.iter().filter(|entry| entry.to.is_some()) {
            let n_chars = entry.from.chars().count();
            if n_chars == 1 && rule.head.safety == Safety::Automatic && !entry.sides.requires() {
                lints.push(LintKind::BareCharacter(entry.from.clone()));
            }
            let shorter = entries.iter().find(|other| {
                other.from != entry.from
                    && entry.from.contains(&other.from)
                    && other.sides.is_empty()
                    && rule.exceptions.is_empty()
                    && other.to.as_ref().is_some_and(|to| entry.from.replace(&other.from, to) == *entry.to.as_ref().unwrap_or(&entry.from))
            });
            if let Some(shorter) = shorter {
                lints.push(LintKind::Redundant(entry.from.clone(), shorter.from.clone()));
            }
            let elsewhere = self.rules.iter().take_while(|other| other.head.id != rule.head.id).find(|other| {
                other.head.pack() != rule.head.pack()
                    && other.head.phase == rule.head.phase
                    && other.matcher.literals().iter().any(|one| one.from == entry.from && one.to == entry.to && one.sides == entry.sides)
            });
            if let Some(other) = elsewhere {
                lints.push(LintKind::Redundant(entry.from.clone(), other.head.id.clone()));
            }
            if self.protected_spans(&entry.from).iter().any(|span| span.len() == entry.from.len()) {
                lints.push(LintKind::Protected(entry.from.clone()));
            }
        }
        lints
    }

    fn lint_examples(&self, rule_idx: usize, rule: &Rule) -> Vec<LintKind> {
        let mut lints = Vec::new();
        let Some(program) = self.programs.get(&rule.head.phase) else { return lints };
        for exception in &rule.exceptions {
            let layout = Layout::new(&exception.text);
            let page = Page { text: &exception.text, layout: &layout };
            if program.find_alone(rule_idx, &self.rules, &page, false).is_empty() {
                lints.push(LintKind::IdleException(exception.text.clone()));
            }
        }
        let triggers = rule.matcher.triggers();
        // The characters that change, on either side: a good example shows
        // that one of them is left alone.
        let entries = rule.matcher.literals();
        let changed: Vec<String> = entries.iter().flat_map(changed_characters).collect();
        for example in rule.examples.iter().filter(|example| example.fixed.is_none()) {
            let touches = triggers.is_empty()
                || triggers.iter().any(|trigger| example.text.contains(&trigger.text))
                // A pattern is not its literals: nearly a match is good enough.
                || entries.is_empty() && triggers.iter().any(|trigger| trigger.text.chars().any(|c| example.text.contains(c)))
                || changed.iter().any(|text| example.text.contains(text));
            if !touches {
                lints.push(LintKind::IdleGood(example.text.clone()));
            }
        }
        lints
    }
}

/// What an entry takes away and what it writes, without what stays.
fn changed_characters(entry: &LiteralEntry) -> Vec<String> {
    let whole = Span::new(0, entry.from.len());
    match entry.to.as_deref().and_then(|to| minimal_edit(&entry.from, whole, to)) {
        Some(edit) => [edit.span.of(&entry.from).to_owned(), edit.replacement].into_iter().filter(|text| !text.is_empty()).collect(),
        None => Vec::new(),
    }
}

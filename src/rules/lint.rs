use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::conflict::substrings;
use super::literal::{LiteralEntry, minimal_edit};
use super::program::Page;
use super::{Rule, RuleSet};
use crate::document::Layout;
use crate::finding::{Message, Safety};
use crate::text::{Span, is_han};

/// Least confidence an author should have in what is changed unattended.
const AUTOMATIC_CONFIDENCE: f64 = 0.9;

/// Characters from which a misread form is taken to be one wherever it stands.
const LONG_FORM_CHARS: usize = 4;

/// Something in a rule that works, and should be better.
#[derive(Clone, Debug, PartialEq)]
pub struct Lint {
    /// The rule.
    pub rule: String,
    /// Its file.
    pub path: String,
    /// Its line, from 1.
    pub line: usize,
    /// Byte of the entry in the file, where it is about one.
    pub at: Option<usize>,
    /// What.
    pub kind: LintKind,
}

/// What can be better.
#[derive(Clone, Debug, PartialEq)]
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
    /// A message that does not say what stands there.
    Vague,
    /// Both languages say the same words.
    OneLanguage,
    /// Chinese with the comma or brackets of the other language, or the other
    /// way round; the text.
    ForeignMarks(String),
    /// Nothing says how the author knows.
    NoSource,
    /// Automatic, and every good example is merely a repaired one: nothing
    /// shows where the form is right as it stands.
    NoCounterExample,
    /// Another entry makes something else of the same text: the text, the
    /// other's result, the other's rule.
    Disagrees(String, String, String),
    /// It fires in a text that another rule says is right: the text, the
    /// other rule.
    FiresInGood(String, String),
    /// So many edits per 10,000 characters of correct text, and how many are
    /// allowed.
    TooBroad(f64, f64),
    /// A record of a measurement whose rule has changed since.
    Stale,
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
            Self::Vague => Message::new(
                "说明里没有 {observed}，读报告的人不知道说的是哪个字：写上",
                "the message has no {observed}, so a reader does not see what it is about: add it",
            ),
            Self::OneLanguage => Message::new("中英文说明相同：各写一种文字", "both languages have the same words: write each in its own"),
            Self::ForeignMarks(text) => Message::new(
                format!("「{text}」里用了另一种文字的标点：中文用全角，英文用半角"),
                format!("「{text}」 has the punctuation of the other language: full width in Chinese, half width in English"),
            ),
            Self::NoSource => Message::new("没有写依据（source）：写上怎么知道的", "nothing says how the author knows: write a source"),
            Self::NoCounterExample => Message::new(
                "good 例子只是改好的 bad 例子：另写一句这个词本来就对的话，或改为 suggested",
                "every good example is a repaired bad one: add a text in which the form is right, or make the rule suggested",
            ),
            Self::Disagrees(text, to, rule) => Message::new(
                format!("「{text}」在 {rule} 里改成「{to}」：给两条各加语境，或删去一条"),
                format!("{rule} makes 「{to}」 of 「{text}」: give both a context, or remove one"),
            ),
            Self::FiresInGood(text, rule) => Message::new(
                format!("在 {rule} 的 good 例子「{text}」里命中：加语境或例外"),
                format!("it fires in 「{text}」, a good example of {rule}: add a context or an exception"),
            ),
            Self::TooBroad(found, allowed) => Message::new(
                format!("在无误的文本里每万字命中 {found:.2} 次，超过 {allowed:.2}：加语境"),
                format!("it fires {found:.2} times per 10,000 characters of correct text, more than {allowed:.2}: require a context"),
            ),
            Self::Stale => Message::new(
                "measured.toml 里的记录与规则不符（规则改过或已删）：重新运行 rules impact --record",
                "the record in measured.toml does not fit the rule (changed or gone since): run rules impact --record again",
            ),
        }
    }
}

/// Entries, each with the index of its rule, by their text.
type ByText<'e> = BTreeMap<&'e str, Vec<(usize, &'e LiteralEntry)>>;

fn by_text<'e>(entries: &'e [Cow<'_, [LiteralEntry]>]) -> ByText<'e> {
    let mut by_text = ByText::new();
    for (rule_idx, entries) in entries.iter().enumerate() {
        for entry in entries.iter() {
            by_text.entry(&entry.from).or_default().push((rule_idx, entry));
        }
    }
    by_text
}

impl RuleSet {
    /// Everything that should be better in the rules `wanted` lets through, in
    /// the order of the files.
    #[must_use]
    pub fn lint(&self, wanted: impl Fn(&Rule) -> bool) -> Vec<Lint> {
        let mut lints = Vec::new();
        let entries: Vec<Cow<'_, [LiteralEntry]>> = self.rules.iter().map(|rule| rule.matcher.literals()).collect();
        let by_text = by_text(&entries);
        for (rule_idx, rule) in self.rules.iter().enumerate().filter(|(_, rule)| wanted(rule)) {
            let mut tell = |at: Option<usize>, kind| lints.push(Lint::of(rule, at, kind));
            for kind in lint_head(rule, &entries[rule_idx]) {
                tell(None, kind);
            }
            for (at, kind) in self.lint_entries(rule, &entries[rule_idx], &by_text) {
                tell(Some(at), kind);
            }
            for kind in self.lint_examples(rule_idx, rule, &entries[rule_idx]) {
                tell(None, kind);
            }
        }
        self.lint_against_each_other(&wanted, &mut lints);
        for record in &self.stale {
            if let Some(rule) = self.get(&record.rule).filter(|rule| wanted(rule)) {
                lints.push(Lint::of(rule, None, LintKind::Stale));
            }
        }
        lints
    }

    /// Rules that fire in texts which another rule says are right. Texts in
    /// which that rule's own damage stands elsewhere are no witnesses.
    fn lint_against_each_other(&self, wanted: &impl Fn(&Rule) -> bool, lints: &mut Vec<Lint>) {
        let mut told = BTreeSet::new();
        for owner in &self.rules {
            for example in owner.examples.iter().filter(|example| example.fixed.is_none()) {
                let layout = Layout::new(&example.text);
                let findings = self.phases().flat_map(|phase| self.find(phase, &example.text, &layout));
                for finding in findings.filter(|finding| finding.rule != owner.head.id && finding.safety == Safety::Automatic) {
                    let Some(rule) = self.get(&finding.rule).filter(|rule| wanted(rule)) else { continue };
                    if told.insert((rule.head.id.clone(), example.text.clone())) {
                        let kind = LintKind::FiresInGood(example.text.clone(), owner.head.id.clone());
                        lints.push(Lint::of(rule, None, kind));
                    }
                }
            }
        }
    }

    fn lint_entries(&self, rule: &Rule, entries: &[LiteralEntry], by_text: &ByText<'_>) -> Vec<(usize, LintKind)> {
        let mut lints = Vec::new();
        let own: BTreeMap<&str, &LiteralEntry> = entries.iter().rev().map(|entry| (entry.from.as_str(), entry)).collect();
        for entry in entries.iter().filter(|entry| entry.to.is_some()) {
            let mut tell = |kind| lints.push((entry.span.start, kind));
            let n_chars = entry.from.chars().count();
            if n_chars == 1 && rule.head.safety == Safety::Automatic && !entry.sides.requires() {
                tell(LintKind::BareCharacter(entry.from.clone()));
            }
            let shorter = substrings(&entry.from).filter_map(|part| own.get(part)).find(|other| {
                other.from != entry.from
                    && other.sides.is_empty()
                    && rule.exceptions.is_empty()
                    && other.to.as_ref().is_some_and(|to| entry.from.replace(&other.from, to) == *entry.to.as_ref().unwrap_or(&entry.from))
            });
            if let Some(shorter) = shorter {
                tell(LintKind::Redundant(entry.from.clone(), shorter.from.clone()));
            }
            for &(other_idx, one) in by_text.get(entry.from.as_str()).into_iter().flatten() {
                let other = &self.rules[other_idx];
                if other.head.phase != rule.head.phase {
                    continue;
                }
                let is_earlier = other.head.pack() != rule.head.pack() && other.head.id < rule.head.id;
                if is_earlier && one.to == entry.to && one.sides == entry.sides {
                    tell(LintKind::Redundant(entry.from.clone(), other.head.id.clone()));
                } else if let Some(to) = one.to.as_ref().filter(|to| Some(*to) != entry.to.as_ref())
                    && (one.sides == entry.sides || !one.sides.requires() || !entry.sides.requires())
                {
                    tell(LintKind::Disagrees(entry.from.clone(), to.clone(), other.head.id.clone()));
                }
            }
            if self.protected_spans(&entry.from).iter().any(|span| span.len() == entry.from.len()) {
                tell(LintKind::Protected(entry.from.clone()));
            }
        }
        lints
    }

    fn lint_examples(&self, rule_idx: usize, rule: &Rule, entries: &[LiteralEntry]) -> Vec<LintKind> {
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

impl Lint {
    /// A lint about `rule`, for those who measure it in texts of their own.
    #[must_use]
    pub fn of(rule: &Rule, at: Option<usize>, kind: LintKind) -> Self {
        Self { rule: rule.head.id.clone(), path: rule.head.path.clone(), line: rule.head.line, at, kind }
    }
}

/// What a rule says of itself.
fn lint_head(rule: &Rule, entries: &[LiteralEntry]) -> Vec<LintKind> {
    let head = &rule.head;
    let mut lints = Vec::new();
    if rule.matcher.triggers().is_empty() && !rule.matcher.has_own_index() && head.kind != "layout" {
        lints.push(LintKind::Slow);
    }
    if head.safety == Safety::Automatic && head.confidence < AUTOMATIC_CONFIDENCE {
        lints.push(LintKind::Unsure);
    }
    if [&head.message.zh, &head.message.en].iter().any(|text| text.ends_with(['。', '.'])) {
        lints.push(LintKind::FullStop);
    }
    if matches!(head.kind, "replace" | "confusion" | "lexicon") && !head.message.zh.contains("{observed}") {
        lints.push(LintKind::Vague);
    }
    if head.message.zh == head.message.en || head.why.zh == head.why.en {
        lints.push(LintKind::OneLanguage);
    }
    let is_han_then_ascii =
        |text: &str| text.chars().zip(text.chars().skip(1)).any(|(a, b)| is_han(a) && matches!(b, ',' | ';' | '!' | '?'));
    for text in [&head.message.zh, &head.why.zh].into_iter().filter(|text| is_han_then_ascii(text)) {
        lints.push(LintKind::ForeignMarks(text.clone()));
    }
    for text in [&head.message.en, &head.why.en].into_iter().filter(|text| text.contains(['，', '；', '！', '？'])) {
        lints.push(LintKind::ForeignMarks(text.clone()));
    }
    if head.source.trim().chars().all(|c| !c.is_alphanumeric()) {
        lints.push(LintKind::NoSource);
    }
    let mut good = rule.examples.iter().filter(|example| example.fixed.is_none()).peekable();
    let is_repaired = |text: &str| rule.examples.iter().any(|example| example.fixed.as_deref() == Some(text) && example.text != text);
    // A long form that is no word stands nowhere by chance.
    let is_short = |entry: &LiteralEntry| entry.from.chars().count() < LONG_FORM_CHARS && !entry.sides.requires();
    let may_be_right = entries.is_empty() || entries.iter().any(is_short);
    if may_be_right && head.safety == Safety::Automatic && good.peek().is_some() && good.all(|example| is_repaired(&example.text)) {
        lints.push(LintKind::NoCounterExample);
    }
    lints
}

/// What an entry takes away and what it writes, without what stays.
fn changed_characters(entry: &LiteralEntry) -> Vec<String> {
    let whole = Span::new(0, entry.from.len());
    match entry.to.as_deref().and_then(|to| minimal_edit(&entry.from, whole, to)) {
        Some(edit) => [edit.span.of(&entry.from).to_owned(), edit.replacement].into_iter().filter(|text| !text.is_empty()).collect(),
        None => Vec::new(),
    }
}

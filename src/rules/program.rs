//! The compiled form of the rules of one phase: all their literals in one
//! automaton, so that a page is read once however many rules there are.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::OnceLock;

use daachorse::CharwiseDoubleArrayAhoCorasick;

use super::dictionary::speaks_against;
use super::host::Host;
use super::listed::Listed;
use super::literal::{LiteralEntry, minimal_edit};
use super::rule::{Rule, Status};
use crate::document::{Kind, Layout};
use crate::finding::{Edit, Evidence, Finding, Fix, Phase, Safety};
use crate::text::Span;

/// A text with its layout, as a rule sees it.
pub(crate) struct Page<'a> {
    pub text: &'a str,
    pub layout: &'a Layout,
}

/// A literal that must stand where a rule can match.
pub(crate) struct Trigger {
    pub text: String,
    /// What the matcher wants back with a hit.
    pub payload: usize,
}

/// A trigger found in a text.
#[derive(Clone, Copy)]
pub(crate) struct Hit {
    pub payload: usize,
    pub span: Span,
}

/// What a matcher found, before it becomes a finding of its rule.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Found {
    /// The matched text.
    pub span: Span,
    /// The repair; `None` flags.
    pub edit: Option<Edit>,
    /// Other repairs between which a person decides.
    pub others: Vec<Edit>,
    /// The rule's confidence is multiplied by this.
    pub certainty: f64,
    /// The trust may be lower than the rule's, never higher.
    pub at_most: Safety,
    /// What a line is, where the rule says so.
    pub becomes: Option<Kind>,
    /// It was found by its letters alone, so that it may stand across two
    /// words of a text that is right: the dictionary is asked.
    pub by_letters: bool,
}

impl Found {
    /// Something to look at.
    pub fn flag(span: Span) -> Self {
        Self { span, edit: None, others: Vec::new(), certainty: 1.0, at_most: Safety::Automatic, becomes: None, by_letters: false }
    }

    /// A repair of `text[span]`.
    pub fn replacement(text: &str, span: Span, to: &str) -> Self {
        Self { edit: minimal_edit(text, span, to), ..Self::flag(span) }
    }

    /// A repair of `text[span]`, a fixed string.
    pub fn fixed_string(text: &str, span: Span, to: &str) -> Self {
        Self { by_letters: true, ..Self::replacement(text, span, to) }
    }

    /// What becomes of the match; `None` where it is only shown.
    pub fn fixed(&self, text: &str) -> Option<String> {
        self.edit.as_ref().map(|edit| fixed(text, self.span, edit))
    }

    /// True when the changed characters form a word with their surroundings.
    fn is_across_words(&self, text: &str) -> bool {
        self.by_letters && self.edit.as_ref().is_some_and(|edit| speaks_against(text, self.span, edit))
    }

    /// The characters it is about: those it changes, else all it matched.
    fn core(&self) -> Span {
        self.edit.as_ref().map_or(self.span, |edit| edit.span)
    }
}

/// The checked body of a rule: one implementation per kind.
pub(crate) trait Matcher: Send + Sync + Debug {
    /// The literals of which one stands wherever the rule can match; none at
    /// all means that the rule looks at every page itself.
    fn triggers(&self) -> Vec<Trigger>;

    /// True when it looks at every page itself because it has an index of its
    /// own literals, too many for the automaton of the phase.
    fn has_own_index(&self) -> bool {
        false
    }

    /// The list it has if that is one with its own index, for the checks
    /// across rules.
    fn misreadings(&self) -> Option<&Listed> {
        None
    }

    /// A digest of the file its words stand in, if they do: what is in there
    /// decides what the rule does as well.
    fn list_digest(&self) -> Option<String> {
        None
    }

    /// Looks around a hit. Returns the byte up to which the rule has now seen
    /// the text; hits before it are not shown again.
    fn visit(&self, hit: Hit, page: &Page<'_>, out: &mut Vec<Found>) -> usize;

    /// Looks at a whole page, where there are no triggers.
    fn visit_page(&self, _page: &Page<'_>, _out: &mut Vec<Found>) {}

    /// Its fixed strings, for the checks across rules.
    fn literals(&self) -> Cow<'_, [LiteralEntry]> {
        Cow::Borrowed(&[])
    }

    /// True when it tells what lines are.
    fn is_classifier(&self) -> bool {
        false
    }
}

/// The rules of one phase, ready to run.
pub(crate) struct Program {
    automaton: Option<CharwiseDoubleArrayAhoCorasick<u32>>,
    /// For every literal of the automaton: rules (indexes into the set) that
    /// wait for it, with their payloads.
    waiting: Vec<Vec<(usize, usize)>>,
    /// Rules that look at every page.
    unprompted: Vec<usize>,
}

impl Program {
    /// Compiles the rules of `rules` that `wanted` lets through; `None` when
    /// there is none.
    pub fn new(rules: &[Rule], wanted: impl Fn(&Rule) -> bool) -> Option<Self> {
        let mut literals: Vec<(String, (usize, usize))> = Vec::new();
        let mut unprompted = Vec::new();
        for (rule_idx, rule) in rules.iter().enumerate().filter(|(_, rule)| wanted(rule)) {
            let triggers = rule.matcher.triggers();
            if triggers.is_empty() {
                unprompted.push(rule_idx);
            }
            literals.extend(triggers.into_iter().map(|trigger| (trigger.text, (rule_idx, trigger.payload))));
        }
        if literals.is_empty() && unprompted.is_empty() {
            return None;
        }
        literals.sort_unstable();
        let (mut texts, mut waiting): (Vec<String>, Vec<Vec<(usize, usize)>>) = (Vec::new(), Vec::new());
        for (text, who) in literals {
            match waiting.last_mut().filter(|_| texts.last() == Some(&text)) {
                Some(waiting) => waiting.push(who),
                None => {
                    texts.push(text);
                    waiting.push(vec![who]);
                }
            }
        }
        let automaton = (!texts.is_empty()).then(|| {
            let numbered = texts.iter().zip(0u32..);
            CharwiseDoubleArrayAhoCorasick::with_values(numbered).expect("literals are distinct, not empty, and few enough")
        });
        Some(Self { automaton, waiting, unprompted })
    }

    /// Everything the rules find on `page`, by place, each with the index of
    /// its rule.
    pub fn find(&self, rules: &[Rule], page: &Page<'_>) -> Vec<(usize, Found)> {
        let mut all = self.find_raw(rules, page);
        if all.is_empty() {
            return all;
        }
        all.retain(|(rule_idx, found)| !rules[*rule_idx].is_excepted(page.text, found.core()));
        settle(&mut all);
        all
    }

    /// What one rule finds on `page`, the others aside; `exceptions` false
    /// finds also where the rule excepts itself.
    pub fn find_alone(&self, rule_idx: usize, rules: &[Rule], page: &Page<'_>, exceptions: bool) -> Vec<Found> {
        let mut all = self.find_raw(rules, page);
        all.retain(|(idx, found)| *idx == rule_idx && !(exceptions && rules[rule_idx].is_excepted(page.text, found.core())));
        settle(&mut all);
        all.into_iter().map(|(_, found)| found).collect()
    }

    fn find_raw(&self, rules: &[Rule], page: &Page<'_>) -> Vec<(usize, Found)> {
        let mut all = Vec::new();
        let mut found = Vec::new();
        // How far each rule has read; allocated only once something is hit.
        let mut seen: Vec<usize> = Vec::new();
        if let Some(automaton) = &self.automaton {
            for hit in automaton.find_overlapping_iter(page.text) {
                for &(rule_idx, payload) in &self.waiting[hit.value() as usize] {
                    if seen.is_empty() {
                        seen.resize(rules.len(), 0);
                    }
                    if hit.start() < seen[rule_idx] {
                        continue;
                    }
                    let hit = Hit { payload, span: Span::new(hit.start(), hit.end()) };
                    seen[rule_idx] = rules[rule_idx].matcher.visit(hit, page, &mut found).max(seen[rule_idx]);
                    all.extend(found.drain(..).map(|found| (rule_idx, found)));
                }
            }
        }
        for &rule_idx in &self.unprompted {
            rules[rule_idx].matcher.visit_page(page, &mut found);
            all.extend(found.drain(..).map(|found| (rule_idx, found)));
        }
        all.retain(|(_, found)| !found.is_across_words(page.text));
        if all.iter().any(|(rule_idx, _)| rules[*rule_idx].head.elsewhere > 0 || !rules[*rule_idx].head.on_page.is_empty()) {
            all.retain(|(rule_idx, found)| {
                let rule = &rules[*rule_idx];
                rule.fits_page(page.text) && found.fixed(page.text).is_none_or(|fixed| rule.is_known_elsewhere(page.text, &fixed))
            });
        }
        all
    }
}

/// Sorts by place and keeps one find of a rule for each change.
fn settle(all: &mut Vec<(usize, Found)>) {
    all.sort_by(|(a_idx, a), (b_idx, b)| (a.span, a_idx).cmp(&(b.span, b_idx)).then_with(|| a.certainty.total_cmp(&b.certainty)));
    drop_repeated(all);
}

/// Of several finds of one rule that make the same change, or flag the same
/// place, keeps the most certain, then the longest, then the first. The same
/// change by two rules is left to whoever knows which rules are wanted.
fn drop_repeated(all: &mut Vec<(usize, Found)>) {
    let mut best: BTreeMap<(usize, Span, Option<String>), usize> = BTreeMap::new();
    for (idx, (rule_idx, found)) in all.iter().enumerate() {
        let change = found.edit.as_ref().map(|edit| edit.replacement.clone());
        let rank = |found: &Found| (found.at_most, (found.certainty * 1e6) as u64, found.span.len());
        best.entry((*rule_idx, found.core(), change))
            .and_modify(|kept| {
                if rank(found) > rank(&all[*kept].1) {
                    *kept = idx;
                }
            })
            .or_insert(idx);
    }
    let mut keep = vec![false; all.len()];
    for (_, idx) in best {
        keep[idx] = true;
    }
    let mut keep = keep.into_iter();
    all.retain(|_| keep.next().expect("one mark for each find"));
}

/// The finding of `rule` for `found`.
pub(crate) fn finding(rule: &Rule, found: &Found, text: &str) -> Finding {
    let head = &rule.head;
    let observed = found.span.of(text);
    let repaired = found.fixed(text);
    let message = head.message_for(observed, repaired.as_deref());
    let mut finding = Finding::new(&head.id, head.class, head.phase, text, found.span, message);
    let (trusted, confidence, origin) = rule.trust();
    let safety = match found.edit {
        Some(_) if head.status == Status::Active => trusted.min(found.at_most),
        _ => Safety::Flagged,
    };
    if let Some(edit) = &found.edit {
        finding = finding.with_fix(Fix::one(head.fix_title(observed, repaired.as_deref().unwrap_or_default()), edit.clone()));
    }
    for edit in &found.others {
        finding = finding.with_fix(Fix::one(head.fix_title(observed, &fixed(text, found.span, edit)), edit.clone()));
    }
    if found.becomes.is_some() {
        finding = finding.as_information();
    }
    if head.status == Status::Shadow {
        let would =
            [(Safety::Automatic, "自动", "automatic"), (Safety::Suggested, "建议", "suggested"), (Safety::Flagged, "存疑", "flagged")];
        let (_, zh, en) = would.into_iter().find(|(tier, ..)| *tier == trusted.min(found.at_most)).unwrap_or(would[2]);
        finding = finding.as_information().with_evidence(Evidence::said(
            "shadow",
            format!("试运行的规则，只报告不改动；启用后为{zh}级"),
            format!("a shadow rule: it reports and never edits; once active it would be {en}"),
        ));
    }
    finding.with_trust(safety, confidence * found.certainty, origin)
}

/// What stands at `span` after the edit.
fn fixed(text: &str, span: Span, edit: &Edit) -> String {
    format!("{}{}{}", &text[span.start..edit.span.start], edit.replacement, &text[edit.span.end..span.end])
}

/// The line around `at`, without its break.
pub(crate) fn line_around(text: &str, at: usize) -> Span {
    let bytes = text.as_bytes();
    let start = memchr::memrchr2(b'\n', b'\r', &bytes[..at]).map_or(0, |newline| newline + 1);
    let end = memchr::memchr2(b'\n', b'\r', &bytes[at..]).map_or(bytes.len(), |length| at + length);
    Span::new(start, end)
}

/// Every line of `text`, without its break.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = Span> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        if at > text.len() {
            return None;
        }
        let line = line_around(text, at);
        at = line.end + 1;
        Some(line)
    })
}

/// The phases that have a program, in order.
pub(crate) fn programs(rules: &[Rule], host: &dyn Host) -> BTreeMap<Phase, Program> {
    let programs = Phase::ALL.map(|_| OnceLock::new());
    host.each(programs.len(), &|idx| {
        programs[idx].get_or_init(|| Program::new(rules, |rule| rule.head.phase == Phase::ALL[idx]));
    });
    let made = programs.into_iter().zip(Phase::ALL);
    made.filter_map(|(program, phase)| Some((phase, program.into_inner().flatten()?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_have_no_breaks() {
        let text = "甲\r\n乙\n";
        let found: Vec<&str> = lines(text).map(|line| line.of(text)).collect();
        assert_eq!(found, ["甲", "", "乙", ""]);
    }
}

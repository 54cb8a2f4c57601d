//! Rules out of corrections: what was corrected again and again, locally and
//! always in the same way, with the contexts in which it was and in which the
//! same characters were left alone.

mod evidence;
mod propose;

use std::collections::BTreeSet;

use super::correction::single_corrections;
use crate::decision::{Decision, Verdict};
use crate::lexicon::Lexicon;
use crate::text::Span;

pub use propose::Proposal;

/// What it takes to propose a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Places at which the correction was made, at least.
    pub min_support: usize,
    /// Texts in which it was made, at least: one page may have one flaw.
    pub min_texts: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { min_support: 3, min_texts: 2 }
    }
}

/// One correction in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Site {
    span: Span,
    printed: String,
}

/// A text, or a part of one, with everything that was corrected in it: what is
/// no site stands as it was printed.
#[derive(Clone, Debug)]
struct Witness {
    /// The text it comes from, by number.
    text_idx: usize,
    text: String,
    sites: Vec<Site>,
    /// Nothing is known of what stands outside of the sites: a passage that
    /// was not compared.
    only_sites: bool,
}

/// Collects corrections and proposes rules.
pub struct Learner {
    lexicon: Lexicon,
    witnesses: Vec<Witness>,
    /// Names of the texts, so that the decisions about one file count as one.
    names: Vec<String>,
    seen: BTreeSet<String>,
}

impl Default for Learner {
    fn default() -> Self {
        Self { lexicon: Lexicon::embedded(), witnesses: Vec::new(), names: Vec::new(), seen: BTreeSet::new() }
    }
}

impl Learner {
    /// A learner that has seen nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn text_idx(&mut self, name: &str) -> usize {
        if let Some(idx) = self.names.iter().position(|known| known == name) {
            return idx;
        }
        self.names.push(name.to_owned());
        self.names.len() - 1
    }

    /// Adds a text as it was read, with what was printed.
    pub fn add_pair(&mut self, name: &str, read: &str, truth: &str) {
        let text_idx = self.text_idx(name);
        let sites = single_corrections(read, truth).into_iter().map(|one| Site { span: one.span, printed: one.printed }).collect();
        self.witnesses.push(Witness { text_idx, text: read.to_owned(), sites, only_sites: false });
    }

    /// Adds a text in which nothing is wrong.
    pub fn add_clean(&mut self, name: &str, text: &str) {
        let text_idx = self.text_idx(name);
        self.witnesses.push(Witness { text_idx, text: text.to_owned(), sites: Vec::new(), only_sites: false });
    }

    /// Adds what was decided about one place. A decision that leaves open what
    /// was printed teaches nothing; of one place, the first counts.
    pub fn add_decision(&mut self, decision: &Decision) {
        if decision.printed().is_none() || !self.seen.insert(decision.fingerprint.clone()) {
            return;
        }
        let text_idx = self.text_idx(&decision.file);
        let text = format!("{}{}{}", decision.before, decision.observed, decision.after);
        let start = decision.before.len();
        let span = Span::new(start, start + decision.observed.len());
        let is_correction = matches!(decision.decision, Verdict::Accept | Verdict::Custom);
        let sites = match &decision.replacement {
            Some(printed) if is_correction => {
                let fixed = format!("{}{printed}{}", decision.before, decision.after);
                single_corrections(&text, &fixed).into_iter().map(|one| Site { span: one.span, printed: one.printed }).collect()
            }
            _ => Vec::new(),
        };
        if is_correction {
            // Nobody said that the surroundings are right.
            self.witnesses.push(Witness { text_idx, text, sites, only_sites: true });
        } else {
            let around = super::correction::widened(&text, span, DECIDED_CHARS);
            self.witnesses.push(Witness { text_idx, text: around.of(&text).to_owned(), sites: Vec::new(), only_sites: false });
        }
    }

    /// Rules for what was corrected in the same way again and again, those with
    /// the most places first. `pack` is the first part of their ids, `taken`
    /// says which ids are not free.
    #[must_use]
    pub fn propose(&self, limits: Limits, pack: &str, taken: impl Fn(&str) -> bool) -> Vec<Proposal> {
        propose::propose(self, limits, pack, taken)
    }
}

/// Characters on either side of a place somebody called right that count as
/// right as well.
const DECIDED_CHARS: usize = 2;

#[cfg(test)]
mod tests {
    use super::*;

    const PAIRS: [(&str, &str); 4] = [
        ("大家己经到了，自己动手。", "大家已经到了，自己动手。"),
        ("工程己经完成，知己难得。", "工程已经完成，知己难得。"),
        ("孩子们己经睡了。", "孩子们已经睡了。"),
        ("木报讯昨天下雨。", "本报讯昨天下雨。"),
    ];

    fn learned() -> Vec<Proposal> {
        let mut learner = Learner::new();
        for (idx, (read, truth)) in PAIRS.iter().enumerate() {
            learner.add_pair(&idx.to_string(), read, truth);
        }
        learner.propose(Limits::default(), "ours", |_| false)
    }

    #[test]
    fn what_recurs_becomes_a_rule_and_a_single_sighting_does_not() {
        let proposals = learned();
        assert_eq!(proposals.len(), 1, "{proposals:?}");
        let one = &proposals[0];
        assert_eq!((one.support, one.texts), (3, 3));
        assert_eq!((one.draft.observed.as_str(), one.draft.printed.as_deref()), ("己经", Some("已经")));
        // Where 己 was left alone is shown as a text in which nothing changes.
        assert!(one.draft.good.iter().any(|text| text.contains("自己") || text.contains("知己")), "{:?}", one.draft.good);
    }

    #[test]
    fn a_rejection_takes_the_rule_back() {
        let mut learner = Learner::new();
        for (idx, (read, truth)) in PAIRS.iter().enumerate() {
            learner.add_pair(&idx.to_string(), read, truth);
        }
        let text = "他对自己经营的店很满意";
        let at = text.find('己').unwrap();
        let rejected = Decision::about(text, Span::new(at, at + 3), "core/x", Verdict::Reject).with_replacement("已").in_file("5");
        learner.add_decision(&rejected);
        let proposals = learner.propose(Limits::default(), "ours", |_| false);
        assert!(proposals.iter().all(|one| one.draft.observed != "己经"), "{proposals:?}");
    }

    #[test]
    fn accepted_decisions_teach_as_pairs_do() {
        let mut learner = Learner::new();
        for (idx, text) in ["昨天大家己经到了会场", "工程队伍己经完成任务", "孩子们都己经睡着"].iter().enumerate()
        {
            let at = text.find('己').unwrap();
            let accepted =
                Decision::about(text, Span::new(at, at + 3), "core/x", Verdict::Accept).with_replacement("已").in_file(&idx.to_string());
            learner.add_decision(&accepted);
            learner.add_decision(&accepted);
        }
        let proposals = learner.propose(Limits::default(), "ours", |_| false);
        assert_eq!(proposals[0].draft.observed, "己经");
        assert_eq!(proposals[0].support, 3);
    }
}

use super::item::Line;

/// Characters of a change that many places can have in common.
const COMMON_CHARS_MAX: usize = 8;

/// What many findings have in common: the same change, or else the same rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Pattern {
    /// The same characters for the same others, whatever rule says so.
    Change {
        /// What stands there.
        from: String,
        /// What was printed.
        to: String,
    },
    /// Something to look at, of one rule.
    Suspect {
        /// Rule id.
        rule: String,
        /// What stands there.
        observed: String,
    },
    /// Passages, each its own, of one rule.
    Passages {
        /// Rule id.
        rule: String,
    },
}

impl Pattern {
    /// The pattern of a finding.
    #[must_use]
    pub fn of(line: &Line<'_>) -> Self {
        let observed: &str = &line.observed;
        let rule = line.rule.clone().into_owned();
        let is_common = |text: &str| text.chars().count() <= COMMON_CHARS_MAX;
        match line.proposal() {
            Some(proposal) => {
                let (from, to) = core(observed, &proposal);
                if is_common(from) && is_common(to) && !(from.trim().is_empty() && to.trim().is_empty()) {
                    Self::Change { from: from.to_owned(), to: to.to_owned() }
                } else {
                    Self::Passages { rule }
                }
            }
            None if is_common(observed) && !observed.trim().is_empty() => Self::Suspect { rule, observed: observed.to_owned() },
            None => Self::Passages { rule },
        }
    }

    /// The name of the pattern in addresses: the same for the same pattern in
    /// every run.
    #[must_use]
    pub fn key(&self) -> String {
        match self {
            Self::Change { from, to } => format!("{from}→{to}"),
            Self::Suspect { rule, observed } => format!("{rule}?{observed}"),
            Self::Passages { rule } => rule.clone(),
        }
    }
}

/// The characters that differ, without what is the same at either end.
fn core<'t>(observed: &'t str, proposal: &'t str) -> (&'t str, &'t str) {
    let same = |(a, b): &(char, char)| a == b;
    let head: usize = observed.chars().zip(proposal.chars()).take_while(same).map(|(c, _)| c.len_utf8()).sum();
    let (a, b) = (&observed[head..], &proposal[head..]);
    let tail: usize = a.chars().rev().zip(b.chars().rev()).take_while(same).map(|(c, _)| c.len_utf8()).sum();
    (&a[..a.len() - tail], &b[..b.len() - tail])
}

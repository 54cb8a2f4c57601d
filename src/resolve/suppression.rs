use crate::finding::Finding;

/// A place at which a rule is to say nothing more: known by its content, so
/// that it survives edits elsewhere and a second reading of the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppression {
    /// Rule id, or a pack.
    pub rule: String,
    /// The text at the place, as it was found; white space aside.
    pub observed: String,
    /// What stands before it ends so; empty: anything.
    pub before: String,
    /// What stands after it begins so; empty: anything.
    pub after: String,
    /// Why.
    pub reason: String,
    /// Its line in the file, from 1.
    pub line: usize,
}

impl Suppression {
    /// True when it is about `finding`, which was made from `text`.
    #[must_use]
    pub fn holds(&self, finding: &Finding, text: &str) -> bool {
        let of_rule = finding.rule == self.rule || finding.rule.strip_prefix(&self.rule).is_some_and(|rest| rest.starts_with('/'));
        let same = |a: &str, b: &str| a.chars().filter(|c| !c.is_whitespace()).eq(b.chars().filter(|c| !c.is_whitespace()));
        // The context is asked for character by character from the place on.
        let stands = |wanted: &mut dyn Iterator<Item = char>, there: &mut dyn Iterator<Item = char>| {
            let mut there = there.filter(|c| !c.is_whitespace());
            wanted.filter(|c| !c.is_whitespace()).all(|c| there.next() == Some(c))
        };
        of_rule
            && same(&finding.observed, &self.observed)
            && stands(&mut self.before.chars().rev(), &mut text[..finding.span.start].chars().rev())
            && stands(&mut self.after.chars(), &mut text[finding.span.end..].chars())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Class, Message, Phase};
    use crate::text::Span;

    #[test]
    fn a_place_is_known_by_its_content() {
        let text = "昨天他自己\n经营的店开张";
        let at = text.find('己').unwrap();
        let finding = Finding::new("core/x", Class::LookAlike, Phase::Words, text, Span::new(at, at + 3), Message::new("", ""));
        let suppression = |rule: &str, before: &str, after: &str| Suppression {
            rule: rule.to_owned(),
            observed: "己".to_owned(),
            before: before.to_owned(),
            after: after.to_owned(),
            reason: "店主自述".to_owned(),
            line: 1,
        };
        assert!(suppression("core/x", "他自", "经营").holds(&finding, text));
        assert!(suppression("core", "", "").holds(&finding, text));
        assert!(!suppression("core/y", "", "").holds(&finding, text));
        assert!(!suppression("core/x", "她自", "").holds(&finding, text));
    }
}

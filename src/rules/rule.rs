use super::program::Matcher;
use crate::finding::{Class, Message, Phase, Safety};
use crate::text::Span;

/// A checked rule.
#[derive(Debug)]
pub struct Rule {
    /// What all rules have.
    pub head: Head,
    /// Its examples.
    pub examples: Vec<Example>,
    /// Texts in which it stays silent, each with the reason.
    pub exceptions: Vec<Exception>,
    pub(crate) matcher: Box<dyn Matcher>,
}

/// What every rule says of itself, whatever its kind.
#[derive(Clone, Debug)]
pub struct Head {
    /// `pack/defect`.
    pub id: String,
    /// The name of its kind: `replace`, `confusion`…
    pub kind: &'static str,
    /// Kind of damage.
    pub class: Class,
    /// When it runs.
    pub phase: Phase,
    /// What is wrong; `{observed}` and `{fixed}` stand for the instance.
    pub message: Message,
    /// Why that is damage.
    pub why: Message,
    /// Where the knowledge comes from.
    pub source: String,
    /// How far its fixes may be trusted unattended.
    pub safety: Safety,
    /// Probability in 0..=1 that a fix restores the printed text, by its
    /// author's estimate.
    pub confidence: f64,
    /// Its rule file.
    pub path: String,
    /// Its line there, from 1.
    pub line: usize,
}

/// An example in a rule file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// The text.
    pub text: String,
    /// What the rule makes of it: `Some` of the same text for one that is only
    /// flagged, `None` for one in which the rule stays silent.
    pub fixed: Option<String>,
    /// Its line in the rule file, from 1.
    pub line: usize,
}

/// A text in which a rule stays silent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    /// The text.
    pub text: String,
    /// Why the rule would be wrong there.
    pub reason: String,
}

impl Head {
    /// The message about one instance.
    pub(crate) fn message_for(&self, observed: &str, fixed: Option<&str>) -> Message {
        let fill = |template: &str| template.replace("{observed}", observed).replace("{fixed}", fixed.unwrap_or(observed));
        Message::new(fill(&self.message.zh), fill(&self.message.en))
    }

    /// The message about no instance in particular: its placeholders become
    /// an ellipsis.
    #[must_use]
    pub fn summary(&self) -> Message {
        self.message_for("…", None)
    }

    /// What the fix of one instance does.
    pub(crate) fn fix_title(&self, observed: &str, fixed: &str) -> Message {
        if fixed.is_empty() {
            Message::new(format!("删去「{observed}」"), format!("delete 「{observed}」"))
        } else {
            Message::new(format!("改为「{fixed}」"), format!("replace with 「{fixed}」"))
        }
    }

    /// The name of its pack.
    #[must_use]
    pub fn pack(&self) -> &str {
        self.id.split_once('/').map_or("", |(pack, _)| pack)
    }
}

impl Rule {
    /// True when `core` lies inside one of the exceptions.
    pub(crate) fn is_excepted(&self, text: &str, core: Span) -> bool {
        self.exceptions.iter().any(|exception| stands_around(text, core, &exception.text))
    }
}

/// True when some occurrence of `phrase` in `text` holds `core`.
fn stands_around(text: &str, core: Span, phrase: &str) -> bool {
    let earliest = (core.end.saturating_sub(phrase.len())..=core.start).find(|&at| text.is_char_boundary(at));
    let Some(mut at) = earliest else { return false };
    while at <= core.start && at + phrase.len() <= text.len() {
        if text[at..].starts_with(phrase) {
            return true;
        }
        at += text[at..].chars().next().map_or(1, char::len_utf8);
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exception_must_hold_the_changed_characters() {
        let text = "他自己经历了";
        let ji = text.find('己').unwrap();
        assert!(stands_around(text, Span::new(ji, ji + 3), "自己经"));
        assert!(!stands_around(text, Span::new(ji, ji + 3), "经历"));
        assert!(!stands_around(text, Span::new(ji, ji + 3), "自己经常"));
        assert!(!stands_around(text, Span::new(ji, ji + 3), "一段很长很长很长的文字"));
    }
}

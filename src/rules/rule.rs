use sha2::{Digest, Sha256};
use toml::de::DeValue;

use super::measured::Measured;
use super::program::Matcher;
use super::read::Table;
use crate::finding::{Class, ConfidenceOrigin, Message, Phase, Safety};
use crate::text::Span;

/// Share of right edits below which a rule edits nothing unattended, whatever
/// its author wrote.
const LEAST_AUTOMATIC: f64 = 0.9;

/// A checked rule.
#[derive(Debug)]
pub struct Rule {
    /// What all rules have.
    pub head: Head,
    /// Its examples.
    pub examples: Vec<Example>,
    /// Texts in which it stays silent, each with the reason.
    pub exceptions: Vec<Exception>,
    /// What it did when it was measured as it stands; `None` when it never was.
    pub measured: Option<Measured>,
    pub(crate) matcher: Box<dyn Matcher>,
}

/// Whether a rule may edit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It does what its tier allows.
    Active,
    /// It reports what it would do, as information, and edits nothing.
    Shadow,
}

impl Status {
    /// Both.
    pub const ALL: [Status; 2] = [Self::Active, Self::Shadow];

    /// The name in rule files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Shadow => "shadow",
        }
    }
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
    /// Whether it may edit.
    pub status: Status,
    /// How often the repaired form must stand elsewhere on the page.
    pub elsewhere: usize,
    /// One of these stands on the page, where any are given.
    pub on_page: Vec<String>,
    /// A digest of what decides where it fires and what it does; messages and
    /// examples aside. 16 hexadecimal digits.
    pub body: String,
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
    /// How far it is trusted, how sure it is, and on whose word: where enough
    /// of its places were judged, what came of them counts and not what its
    /// author wrote.
    #[must_use]
    pub fn trust(&self) -> (Safety, f64, ConfidenceOrigin) {
        let head = &self.head;
        match self.measured.as_ref().and_then(Measured::confidence) {
            // Whoever called it automatic was wrong.
            Some(measured) if measured < LEAST_AUTOMATIC => (head.safety.min(Safety::Suggested), measured, ConfidenceOrigin::Calibrated),
            Some(measured) => (head.safety, measured, ConfidenceOrigin::Calibrated),
            None => (head.safety, head.confidence, ConfidenceOrigin::Author),
        }
    }

    /// Its fixed strings, each with what was printed; `None` where it is only
    /// shown.
    #[must_use]
    pub fn forms(&self) -> Vec<(String, Option<String>)> {
        self.matcher.literals().iter().map(|entry| (entry.from.clone(), entry.to.clone())).collect()
    }

    /// True when the page has what the rule asks of it.
    pub(crate) fn fits_page(&self, text: &str) -> bool {
        self.head.on_page.is_empty() || self.head.on_page.iter().any(|sign| text.contains(sign.as_str()))
    }

    /// True when `form` stands on the page as often as the rule asks.
    pub(crate) fn is_known_elsewhere(&self, text: &str, form: &str) -> bool {
        self.head.elsewhere == 0 || text.match_indices(form).take(self.head.elsewhere).count() >= self.head.elsewhere
    }

    /// True when `core` lies inside one of the exceptions.
    pub(crate) fn is_excepted(&self, text: &str, core: Span) -> bool {
        self.exceptions.iter().any(|exception| stands_around(text, core, &exception.text))
    }
}

/// The digest of a rule's body and exceptions.
pub(super) fn body_digest(head: &Head, body: &Table<'_>, exceptions: &[Exception]) -> String {
    let mut canonical = format!("{} {} {:?}\n", head.kind, head.elsewhere, head.on_page);
    let mut keys: Vec<_> = body.items.iter().map(|(key, value)| (key.get_ref().as_ref(), value.get_ref())).collect();
    keys.sort_by_key(|(key, _)| *key);
    for (key, value) in keys {
        canonical.push_str(key);
        write_value(value, &mut canonical);
    }
    for exception in exceptions {
        canonical.push('\n');
        canonical.push_str(&exception.text);
    }
    digest_of([Some(canonical.as_str())])
}

/// A digest of texts. 16 hexadecimal digits.
pub(super) fn digest_of<'t>(texts: impl IntoIterator<Item = Option<&'t str>>) -> String {
    let mut hash = Sha256::new();
    for text in texts {
        let text = text.unwrap_or("\0");
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text.as_bytes());
    }
    hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// A value without its places and its way of being written.
fn write_value(value: &DeValue<'_>, out: &mut String) {
    match value {
        DeValue::String(text) => write_text(text, out),
        DeValue::Integer(number) => *out += &format!("={};", number.as_str()),
        DeValue::Float(number) => *out += &format!("={};", number.as_str()),
        DeValue::Boolean(flag) => *out += &format!("={flag};"),
        DeValue::Datetime(time) => *out += &format!("={time};"),
        DeValue::Array(items) => {
            out.push('[');
            items.iter().for_each(|item| write_value(item.get_ref(), out));
            out.push(']');
        }
        DeValue::Table(items) => {
            out.push('{');
            let mut keys: Vec<_> = items.iter().collect();
            keys.sort_by(|a, b| a.0.get_ref().cmp(b.0.get_ref()));
            for (key, value) in keys {
                out.push_str(key.get_ref());
                write_value(value.get_ref(), out);
            }
            out.push('}');
        }
    }
}

/// A text as a literal. Asking of every character whether it can be printed
/// was a fifth of the time that ten thousand rules take to load, so those that
/// certainly can be are not asked about.
fn write_text(text: &str, out: &mut String) {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '\u{4e00}'..='\u{9fff}');
    if text.chars().all(is_plain) {
        out.extend(["=\"", text, "\";"]);
    } else {
        *out += &format!("={text:?};");
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
    fn a_text_is_written_as_a_literal() {
        let plain = ('\u{4e00}'..='\u{9fff}').chain('0'..='9').chain('A'..='Z').chain('a'..='z');
        for text in plain.map(String::from).chain(["径河\"2\n".to_owned(), "～é".to_owned(), String::new()]) {
            let mut out = String::new();
            write_text(&text, &mut out);
            assert_eq!(out, format!("={text:?};"));
        }
    }

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

//! The page of one finding, from the `findings.jsonl` of an earlier run.

use std::fmt::Write as _;
use std::io::BufRead;

use anstyle::{AnsiColor, Effects, Style};

use super::human::evidence_line;
use super::jsonl::{SCHEMA_VERSION, WireFinding, WireFix};
use super::marks::{Ink, compare, visible};
use super::words::{origin_words, outcome_words, phase_words, reason_zh, role_words, safety_words};
use super::{Color, Lang};
use crate::finding::{Class, ConfidenceOrigin};

/// Hexadecimal digits of an id that are enough to ask for a finding.
const MIN_PREFIX_LEN: usize = 4;
/// Findings named when several fit.
const MAX_NAMED: usize = 8;
/// Code points of one text shown on the page.
const SHOWN_CHARS: usize = 400;

/// A finding read back from `findings.jsonl`.
#[derive(Clone, Debug)]
pub struct Recorded(WireFinding);

/// Why a finding could not be read back.
#[derive(Debug, thiserror::Error)]
pub enum FindError {
    /// What was asked for cannot be an id.
    #[error("「{0}」 is no finding id: give at least {MIN_PREFIX_LEN} of its 16 hexadecimal digits")]
    NoId(String),
    /// The file cannot be read.
    #[error("cannot be read: {0}")]
    Read(#[from] std::io::Error),
    /// A line, counted from 1, is no finding.
    #[error("line {line} is no finding: {error}; write the report again")]
    Line {
        /// Counted from 1.
        line: usize,
        /// What is wrong with it.
        error: serde_json::Error,
    },
    /// A line, counted from 1, was written by a version with another format.
    #[error("line {line} has schema_version {found}, this program reads {SCHEMA_VERSION}; write the report again")]
    Version {
        /// Counted from 1.
        line: usize,
        /// The version found.
        found: u64,
    },
    /// No finding has such an id.
    #[error("no finding has an id that starts with 「{0}」")]
    Missing(String),
    /// Several findings have: their ids, rules and places.
    #[error("several findings have an id that starts so; give more digits:\n{}", .0.join("\n"))]
    Ambiguous(Vec<String>),
}

impl Recorded {
    /// The finding in `lines` (of a `findings.jsonl`) whose id is `id` or
    /// starts with it, when that is one finding. Reads a line at a time.
    ///
    /// # Errors
    /// See [`FindError`].
    pub fn find(lines: impl BufRead, id: &str) -> Result<Self, FindError> {
        if id.len() < MIN_PREFIX_LEN || !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(FindError::NoId(id.to_owned()));
        }
        let wanted = id.to_ascii_lowercase();
        let mut found: Option<WireFinding> = None;
        let mut named = Vec::new();
        for (idx, text) in lines.lines().enumerate() {
            let finding = read_line(&text?, idx + 1)?;
            let Some(finding) = finding.filter(|finding| finding.id.starts_with(&wanted)) else { continue };
            if named.len() < MAX_NAMED {
                named.push(format!("  {}  {}  {}:{}:{}", finding.id, finding.rule, finding.file, finding.line, finding.column));
            }
            found = Some(finding);
        }
        match (found, named.len()) {
            (None, _) => Err(FindError::Missing(id.to_owned())),
            (Some(finding), 1) => Ok(Self(finding)),
            (Some(_), _) => Err(FindError::Ambiguous(named)),
        }
    }

    /// The id of its rule, whose own page says more.
    #[must_use]
    pub fn rule(&self) -> &str {
        &self.0.rule
    }

    /// The text at the place, as it was read.
    #[must_use]
    pub fn observed(&self) -> &str {
        &self.0.observed
    }

    /// What stands there after the first fix; `None` without one.
    #[must_use]
    pub fn fixed(&self) -> Option<String> {
        let fix = &self.0.fixes.first()?.fix;
        let mut fixed = String::new();
        let mut at = self.0.span.start;
        let observed = |from: usize, to: usize| {
            let start = from.checked_sub(self.0.span.start)?;
            self.0.observed.get(start..to.checked_sub(self.0.span.start)?)
        };
        for edit in &fix.edits {
            fixed += observed(at, edit.span.start)?;
            fixed += &edit.replacement;
            at = edit.span.end;
        }
        fixed += observed(at, self.0.span.end)?;
        Some(fixed)
    }

    /// All there is to say about it, for a terminal.
    #[must_use]
    pub fn page(&self, lang: Lang, color: Color) -> String {
        Page { lang, color, out: String::new() }.of(&self.0)
    }
}

/// `None` for an empty line.
fn read_line(text: &str, line: usize) -> Result<Option<WireFinding>, FindError> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let value: serde_json::Value = serde_json::from_str(text).map_err(|error| FindError::Line { line, error })?;
    match value.get("schema_version").and_then(serde_json::Value::as_u64) {
        Some(found) if found != u64::from(SCHEMA_VERSION) => Err(FindError::Version { line, found }),
        _ => serde_json::from_value(value).map(Some).map_err(|error| FindError::Line { line, error }),
    }
}

struct Page {
    lang: Lang,
    color: Color,
    out: String,
}

impl Page {
    fn of(mut self, finding: &WireFinding) -> String {
        let bold = self.style(Style::new().bold());
        self.line(&format!("{bold}{}{bold:#}  {}", finding.rule, finding.id));
        self.line(&format!("{}:{}:{}", visible(&finding.file), finding.line, finding.column));
        self.line("");
        let message = visible(self.lang.of(&finding.message)).into_owned();
        self.line(&message);
        self.line("");
        self.facts(finding);
        self.fixes(finding);
        if !finding.related.is_empty() {
            self.title("相关之处", "other places");
            for related in &finding.related {
                let role = role_words(&related.role).map_or(&*related.role, |words| self.lang.pick(words[0], words[1]));
                let file = related.file.as_deref().unwrap_or(&finding.file);
                let bytes = self.lang.pick("字节", "bytes");
                self.line(&format!("  {role}: {}, {bytes} {}..{}", visible(file), related.span.start, related.span.end));
            }
        }
        if !finding.evidence.is_empty() {
            self.title("依据", "evidence");
            for evidence in &finding.evidence {
                let line = format!("  - {}", visible(&evidence_line(evidence, self.lang)));
                self.line(&line);
            }
        }
        self.line("");
        let more = format!("jiaokan explain {}", finding.rule);
        self.line(&format!("{} {more}", self.lang.pick("这条规则本身：", "the rule itself:")));
        self.out
    }

    fn facts(&mut self, finding: &WireFinding) {
        let lang = self.lang;
        let pick = |words: [&'static str; 2]| lang.pick(words[0], words[1]);
        let class = finding.class.parse::<Class>().map_or(&*finding.class, |class| lang.pick(class.zh(), class.en()));
        let outcome = outcome_words_of(&finding.outcome).map_or(&*finding.outcome, pick);
        let confidence = match finding.confidence_origin {
            ConfidenceOrigin::None => pick(origin_words(ConfidenceOrigin::None)).to_owned(),
            origin => format!("{:.3} ({})", finding.confidence, pick(origin_words(origin))),
        };
        let reason = match lang {
            Lang::Zh => reason_zh(&finding.reason_code).unwrap_or(&finding.reason),
            Lang::En => &finding.reason,
        };
        let observed = format!("「{}」", shortened(&visible(&finding.observed)));
        for (zh, en, value) in [
            ("原文", "observed", &*observed),
            ("类别", "class", class),
            ("阶段", "phase", pick(phase_words(finding.phase))),
            ("结果", "outcome", &*format!("{outcome} — {reason}")),
            ("可信等级", "tier", pick(safety_words(finding.safety))),
            ("把握", "confidence", &*confidence),
        ] {
            self.line(&format!("{}: {value}", lang.pick(zh, en)));
        }
    }

    fn fixes(&mut self, finding: &WireFinding) {
        for (idx, WireFix { fix, .. }) in finding.fixes.iter().enumerate() {
            let title = self.lang.of(&fix.title).to_owned();
            let head = if idx == 0 { self.lang.pick("改法", "fix") } else { self.lang.pick("又一改法", "another fix") }.to_owned();
            self.title(&format!("{head}: {title}"), &format!("{head}: {title}"));
            for edit in &fix.edits {
                let old = old_text(finding, edit.span.start, edit.span.end);
                let shown = match old {
                    Some(old) => self.marked(old, &edit.replacement),
                    None => self.marked("", &edit.replacement),
                };
                let bytes = self.lang.pick("字节", "bytes");
                self.line(&format!("  {bytes} {}..{}: {shown}", edit.span.start, edit.span.end));
            }
        }
    }

    fn marked(&self, old: &str, new: &str) -> String {
        let mut out = String::new();
        for (ink, text) in compare(old, new) {
            let text = shortened(&visible(text));
            let style = match ink {
                Ink::Kept => Style::new(),
                Ink::Deleted => AnsiColor::Red.on_default() | Effects::STRIKETHROUGH,
                Ink::Inserted => AnsiColor::Green.on_default() | Effects::BOLD,
            };
            let _ = match (self.color, ink) {
                (Color::Ansi, _) => write!(out, "{style}{text}{style:#}"),
                (Color::Plain, Ink::Kept) => write!(out, "{text}"),
                (Color::Plain, Ink::Deleted) => write!(out, "[-{text}-]"),
                (Color::Plain, Ink::Inserted) => write!(out, "{{+{text}+}}"),
            };
        }
        out
    }

    fn title(&mut self, zh: &str, en: &str) {
        let bold = self.style(Style::new().bold());
        let title = format!("\n{bold}{}{bold:#}", visible(self.lang.pick(zh, en)));
        self.line(&title);
    }

    fn line(&mut self, line: &str) {
        self.out.push_str(line);
        self.out.push('\n');
    }

    fn style(&self, style: Style) -> Style {
        if self.color == Color::Ansi { style } else { Style::new() }
    }
}

/// What an edit replaces, where the finding itself holds that text.
fn old_text(finding: &WireFinding, start: usize, end: usize) -> Option<&str> {
    let from = start.checked_sub(finding.span.start)?;
    finding.observed.get(from..end.checked_sub(finding.span.start)?)
}

fn outcome_words_of(name: &str) -> Option<[&'static str; 2]> {
    use crate::finding::Outcome::{Applied, Held, Rejected, Skipped};
    [Applied, Held, Rejected, Skipped].into_iter().find(|outcome| super::words::outcome_name(*outcome) == name).map(outcome_words)
}

fn shortened(text: &str) -> String {
    let head: String = text.chars().take(SHOWN_CHARS).collect();
    if head.len() < text.len() { format!("{head}…") } else { head }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Files, play, sheets};
    use super::super::{Color, Lang, folder};
    use super::{FindError, Recorded};

    fn lines() -> String {
        let files = Files::default();
        play(&mut *folder(files.open()).unwrap(), &sheets());
        files.text("findings.jsonl")
    }

    /// The id of the only finding of `rule`.
    fn id_of(lines: &str, rule: &str) -> String {
        let line = lines.lines().find(|line| line.contains(&format!("\"rule\":\"{rule}\""))).unwrap();
        serde_json::from_str::<serde_json::Value>(line).unwrap()["id"].as_str().unwrap().to_owned()
    }

    #[test]
    fn a_finding_is_found_by_its_id_and_by_the_start_of_it() {
        let lines = lines();
        for rule in ["structure/interloper", "core/ji-yi", "structure/duplicate-block", "marks/impossible-date"] {
            let id = id_of(&lines, rule);
            for asked in [&id[..], &id[..8], &id[..8].to_uppercase()] {
                assert_eq!(Recorded::find(lines.as_bytes(), asked).unwrap().rule(), rule);
            }
        }
    }

    #[test]
    fn the_page_has_message_fix_evidence_and_partner() {
        let lines = lines();
        for (name, rule) in [("explain-duplicate", "structure/duplicate-block"), ("explain-confusion", "core/ji-yi")] {
            let recorded = Recorded::find(lines.as_bytes(), &id_of(&lines, rule)).unwrap();
            insta::assert_snapshot!(name, recorded.page(Lang::Zh, Color::Plain));
        }
        let recorded = Recorded::find(lines.as_bytes(), &id_of(&lines, "structure/broken-join")).unwrap();
        insta::assert_snapshot!("explain-join-en", recorded.page(Lang::En, Color::Plain));
        let hostile = Recorded::find(lines.as_bytes(), &id_of(&lines, "encoding/invisible")).unwrap();
        assert!(!hostile.page(Lang::En, Color::Plain).contains('\u{202e}'));
    }

    #[test]
    fn what_cannot_be_found_says_why() {
        let lines = lines();
        assert!(matches!(Recorded::find(lines.as_bytes(), "core/ji-yi"), Err(FindError::NoId(_))));
        assert!(matches!(Recorded::find(lines.as_bytes(), "abc"), Err(FindError::NoId(_))));
        assert!(matches!(Recorded::find(&b""[..], "abcdef"), Err(FindError::Missing(_))));
        let twice = format!("{lines}{lines}");
        let id = id_of(&lines, "core/ji-yi");
        assert!(matches!(Recorded::find(twice.as_bytes(), &id), Err(FindError::Ambiguous(named)) if named.len() == 2));
        let broken = format!("{lines}{{\n");
        let error = Recorded::find(broken.as_bytes(), &id).unwrap_err().to_string();
        assert!(error.starts_with("line 12 is no finding"), "{error}");
        let newer = lines.replace("\"schema_version\":1", "\"schema_version\":9");
        assert!(matches!(Recorded::find(newer.as_bytes(), &id), Err(FindError::Version { line: 1, found: 9 })));
    }
}

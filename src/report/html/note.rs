//! What the templates are told about one finding.

use serde::Serialize;

use super::passage::Manuscript;
use super::view::Segment;
use crate::finding::{Edit, Evidence, Finding, Message, Outcome, Related};
use crate::report::FileReport;
use crate::report::human::confidence;
use crate::report::marks::{Ink, compare, strokes, visible};
use crate::report::words::{origin_words, outcome_name, outcome_words, phase_words, role_words, safety_name, safety_words};
use crate::text::Span;

/// Differing readings of two copies that are listed.
const MAX_VARIANTS: usize = 12;
/// Code points around a proposal or a differing reading.
const NEAR_CHARS: usize = 6;
/// Bytes a proposal may span to be drawn; beyond, its title has to do.
const PROPOSAL_BYTES: usize = 600;

/// What is told beside a passage about one finding.
#[derive(Serialize)]
pub(super) struct Note {
    id: String,
    number: usize,
    line: usize,
    column: usize,
    rule: String,
    class: &'static str,
    class_words: [&'static str; 2],
    phase_words: [&'static str; 2],
    outcome: &'static str,
    outcome_words: [&'static str; 2],
    safety: &'static str,
    safety_words: [&'static str; 2],
    confidence: Option<String>,
    /// 0..=100.
    percent: usize,
    origin_words: [&'static str; 2],
    message: Message,
    reason: Option<Message>,
    title: Option<Message>,
    proposal: Vec<Segment>,
    alternatives: Vec<Message>,
    evidence: Vec<Reason>,
    places: Vec<Other>,
    variants: Vec<Variant>,
    more_variants: usize,
}

#[derive(Serialize)]
struct Reason {
    kind: String,
    weight: Option<String>,
    text: Message,
}

/// Another place of a finding.
#[derive(Serialize)]
struct Other {
    words: [String; 2],
    /// Path, when it is in another file.
    file: Option<String>,
    /// Line and anchor, when it is in this one.
    line: Option<usize>,
    anchor: Option<String>,
    text: String,
}

/// Where two copies read differently: this one, the other one, in context.
#[derive(Serialize)]
struct Variant {
    before: String,
    this: String,
    other: String,
    after: String,
}

pub(super) fn note(manuscript: &Manuscript<'_, '_>, idx: usize, number: usize) -> Note {
    let file = manuscript.file;
    let judged = &file.run.findings[idx];
    let (finding, verdict) = (&judged.finding, &judged.verdict);
    let position = file.position(finding.span.start);
    let applied = verdict.outcome == Outcome::Applied;
    let first = finding.fixes.first();
    let (variants, more_variants) = variants(file, finding);
    Note {
        id: file.names()[idx].id.clone(),
        number,
        line: position.line,
        column: position.column,
        rule: finding.rule.clone(),
        class: finding.class.name(),
        class_words: [finding.class.zh(), finding.class.en()],
        phase_words: phase_words(finding.phase),
        outcome: outcome_name(verdict.outcome),
        outcome_words: outcome_words(verdict.outcome),
        safety: safety_name(finding.safety),
        safety_words: safety_words(finding.safety),
        confidence: confidence(finding),
        percent: (finding.confidence.clamp(0.0, 1.0) * 100.0).floor() as usize,
        origin_words: origin_words(finding.confidence_origin),
        message: finding.message.clone(),
        reason: (!applied).then(|| verdict.reason.message()),
        title: first.map(|fix| fix.title.clone()),
        proposal: first.filter(|_| !applied).map_or(Vec::new(), |fix| proposal(file.text, &fix.edits)),
        alternatives: finding.fixes.iter().skip(1).map(|fix| fix.title.clone()).collect(),
        evidence: finding
            .evidence
            .iter()
            .map(|one| Reason { kind: one.kind.clone(), weight: unsaid_weight(one), text: one.text.clone() })
            .collect(),
        places: finding.related.iter().map(|related| other(file, idx, related)).collect(),
        variants,
        more_variants,
    }
}

/// The weight of an evidence, unless its words have the number already: as it
/// is, or in percent.
fn unsaid_weight(evidence: &Evidence) -> Option<String> {
    let weight = evidence.weight?;
    let size = weight.abs();
    let words = evidence.text.en.split(|c: char| !c.is_ascii_digit() && c != '.');
    let mut numbers = words.filter_map(|word| word.trim_end_matches('.').parse::<f64>().ok());
    let said = numbers.any(|number| (number - size).abs() < 0.051 || (number - 100.0 * size).abs() < 0.51);
    (!said).then(|| format!("{weight:+.2}"))
}

fn other(file: &FileReport<'_>, idx: usize, related: &Related) -> Other {
    let words = role_words(&related.role).map_or([related.role.clone(), related.role.clone()], |words| words.map(str::to_owned));
    if let Some(path) = &related.file {
        return Other { words, file: Some(path.clone()), line: None, anchor: None, text: String::new() };
    }
    let text = related.span.of(file.text);
    let start = related.span.start + (text.len() - text.trim_start().len());
    Other {
        words,
        file: None,
        line: Some(file.position(start.min(related.span.end)).line),
        anchor: (related.role == "other-copy").then(|| file.names()[idx].id.clone()),
        text: head_of(&visible(text.trim()), 24),
    }
}

/// What the first fix of a finding that was not applied would do.
fn proposal(text: &str, edits: &[Edit]) -> Vec<Segment> {
    let (Some(first), Some(last)) = (edits.first(), edits.last()) else { return Vec::new() };
    if last.span.end - first.span.start > PROPOSAL_BYTES {
        return Vec::new();
    }
    let start = text[..first.span.start].char_indices().rev().take(NEAR_CHARS).last().map_or(first.span.start, |(at, _)| at);
    let end = text[last.span.end..].char_indices().nth(NEAR_CHARS).map_or(text.len(), |(at, _)| last.span.end + at);
    strokes(text, Span::new(start, end), edits, &[])
        .iter()
        .map(|stroke| Segment {
            text: visible(&stroke.text).into_owned(),
            ink: match stroke.ink {
                Ink::Kept => "",
                Ink::Deleted => "del",
                Ink::Inserted => "ins",
            },
            ids: Vec::new(),
            refs: Vec::new(),
            fold: None,
            line: None,
            anchors: Vec::new(),
            breaks: false,
        })
        .collect()
}

/// The differing readings of a duplicate and its partner, and how many more
/// there are than are listed.
fn variants(file: &FileReport<'_>, finding: &Finding) -> (Vec<Variant>, usize) {
    let partner = finding.related.iter().find(|related| related.role == "other-copy" && related.file.is_none());
    let Some(partner) = partner else { return (Vec::new(), 0) };
    let flat = |span: Span| span.of(file.text).chars().filter(|c| !c.is_whitespace()).collect::<String>();
    let (this, other) = (flat(finding.span), flat(partner.span));
    let mut found: Vec<Variant> = Vec::new();
    let mut before = String::new();
    let mut open = false;
    for (ink, text) in compare(&this, &other) {
        let text = visible(text);
        if ink == Ink::Kept {
            if let Some(last) = found.last_mut().filter(|_| open) {
                last.after = head_chars(&text, NEAR_CHARS / 2);
            }
            before = tail_chars(&text, NEAR_CHARS / 2);
            open = false;
            continue;
        }
        if !open {
            found.push(Variant { before: before.clone(), this: String::new(), other: String::new(), after: String::new() });
            open = true;
        }
        let last = found.last_mut().expect("a variant was just begun");
        if ink == Ink::Deleted { &mut last.this } else { &mut last.other }.push_str(&text);
    }
    let more = found.len().saturating_sub(MAX_VARIANTS);
    found.truncate(MAX_VARIANTS);
    (found, more)
}

fn head_chars(text: &str, n_chars: usize) -> String {
    text.chars().take(n_chars).collect()
}

fn tail_chars(text: &str, n_chars: usize) -> String {
    let all = text.chars().count();
    text.chars().skip(all.saturating_sub(n_chars)).collect()
}

/// The first characters, with an ellipsis when there are more.
pub(super) fn head_of(text: &str, n_chars: usize) -> String {
    let head = head_chars(text, n_chars);
    if head.len() < text.len() { format!("{head}…") } else { head }
}

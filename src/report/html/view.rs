//! What the templates are given: plain values, every text unescaped.

use std::collections::BTreeMap;

use serde::Serialize;

use super::passage::{Manuscript, Move, Passage, Role, moved};
use crate::finding::{Class, Edit, Finding, Message, Outcome, Related, Severity};
use crate::report::FileReport;
use crate::report::human::confidence;
use crate::report::marks::{Ink, Stroke, compare, strokes, visible};
use crate::report::words::{origin_words, outcome_name, outcome_words, phase_words, role_words, safety_name, safety_words};
use crate::text::Span;

/// Code points of a marked stretch above which it is folded away.
const FOLD_CHARS: usize = 90;
/// The same of a removed copy, which stands elsewhere in full.
const FOLD_COPY_CHARS: usize = 24;
/// Differing readings of two copies that are listed.
const MAX_VARIANTS: usize = 12;
/// Code points around a proposal or a differing reading.
const NEAR_CHARS: usize = 6;
/// Bytes a proposal may span to be drawn; beyond, its title has to do.
const PROPOSAL_BYTES: usize = 600;

/// Counts that keep the names on the pages of a run apart.
#[derive(Default)]
pub(super) struct Ids {
    n_files: usize,
    n_passages: usize,
}

/// Problems by outcome.
#[derive(Serialize)]
pub(super) struct Counts {
    pub(super) total: usize,
    pub(super) applied: usize,
    pub(super) held: usize,
    pub(super) rejected: usize,
    pub(super) skipped: usize,
}

impl Counts {
    pub(super) fn of(by_outcome: &BTreeMap<Outcome, usize>) -> Self {
        let of = |outcome| by_outcome.get(&outcome).copied().unwrap_or(0);
        Self {
            total: by_outcome.values().sum(),
            applied: of(Outcome::Applied),
            held: of(Outcome::Held),
            rejected: of(Outcome::Rejected),
            skipped: of(Outcome::Skipped),
        }
    }
}

/// The heading of a file.
#[derive(Serialize)]
pub(super) struct FileView<'a> {
    id: String,
    path: &'a str,
    encoding: &'a str,
    converged: bool,
    counts: Counts,
    information: Vec<Information<'a>>,
}

/// A recognized thing that needs no work.
#[derive(Serialize)]
struct Information<'a> {
    line: usize,
    text: String,
    message: &'a Message,
}

impl<'a> FileView<'a> {
    pub(super) fn new(file: &FileReport<'a>, ids: &mut Ids) -> Self {
        ids.n_files += 1;
        let mut by_outcome = BTreeMap::new();
        let mut information = Vec::new();
        for judged in &file.run.findings {
            let finding = &judged.finding;
            if finding.severity == Severity::Problem {
                *by_outcome.entry(judged.verdict.outcome).or_default() += 1;
            } else {
                let line = file.position(finding.span.start).line;
                information.push(Information { line, text: head_of(&visible(&finding.observed), 40), message: &finding.message });
            }
        }
        Self {
            id: format!("file-{}", ids.n_files),
            path: file.path,
            encoding: file.encoding,
            converged: file.run.converged,
            counts: Counts::of(&by_outcome),
            information,
        }
    }
}

/// A passage with its notes.
#[derive(Serialize)]
pub(super) struct PassageView {
    id: String,
    line: usize,
    last_line: usize,
    /// True when text stands before, after.
    cut: [bool; 2],
    segments: Vec<Segment>,
    notes: Vec<Note>,
}

/// A run of text of one look.
#[derive(Clone, Serialize)]
struct Segment {
    text: String,
    /// Empty for plain text; `del`, `ins`, `out`, `in` (the two ends of a
    /// move), `keep` (the copy that stays) or the outcome of a finding.
    ink: &'static str,
    /// Ids of the findings it belongs to.
    ids: Vec<String>,
    /// The marks after it: number of the note and id of the finding.
    refs: Vec<(usize, String)>,
    /// The first characters and the number of characters, when it is folded.
    fold: Option<(String, usize)>,
    /// The line of the other end, of a move.
    line: Option<usize>,
    /// Ids of the duplicates whose other copy begins here.
    anchors: Vec<String>,
    /// True when the line ends here, after the marks.
    breaks: bool,
}

/// What is told beside a passage about one finding.
#[derive(Serialize)]
struct Note {
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

impl PassageView {
    pub(super) fn new(manuscript: &Manuscript<'_, '_>, passage: &Passage, ids: &mut Ids) -> Self {
        let file = manuscript.file;
        ids.n_passages += 1;
        let spans: Vec<Span> = passage.places.iter().map(|place| place.span).collect();
        let strokes = merged(strokes(file.text, passage.window, file.run.script.edits(), &spans));
        let painter = Painter::new(manuscript, passage);
        let mut segments: Vec<Segment> = strokes.iter().map(|stroke| painter.segment(stroke)).collect();
        if let Some(first) = segments.first_mut().filter(|segment| segment.ink.is_empty()) {
            // The line numbers name the first line with something on it.
            first.text = first.text.trim_start_matches('\n').to_owned();
        }
        for idx in 1..segments.len() {
            // A folded block stands on lines of its own.
            if segments[idx - 1].fold.is_some() && segments[idx].ink.is_empty() {
                segments[idx].text = segments[idx].text.trim_start_matches('\n').to_owned();
            }
            if segments[idx].fold.is_some() && segments[idx - 1].ink.is_empty() {
                segments[idx - 1].text = segments[idx - 1].text.trim_end_matches('\n').to_owned();
            }
        }
        painter.anchor(&strokes, &mut segments);
        painter.number(&mut segments);
        let inner = passage.window.of(file.text);
        let start = passage.window.start + (inner.len() - inner.trim_start().len());
        let end = passage.window.start + inner.trim_end().len();
        Self {
            id: format!("p{}", ids.n_passages),
            line: file.position(start.min(end)).line,
            last_line: file.position(end).line,
            cut: [
                !file.text[..passage.window.start].is_empty() && !file.text[..passage.window.start].ends_with('\n'),
                !file.text[passage.window.end..].is_empty() && !file.text[passage.window.end..].starts_with(['\n', '\r']),
            ],
            segments,
            notes: passage.notes.iter().enumerate().map(|(at, &idx)| note(manuscript, idx, at + 1)).collect(),
        }
    }
}

/// Joins what places cut a long deletion into, so that it folds as a whole.
fn merged(strokes: Vec<Stroke<'_>>) -> Vec<Stroke<'_>> {
    let mut out: Vec<Stroke<'_>> = Vec::with_capacity(strokes.len());
    for stroke in strokes {
        match out.last_mut() {
            Some(last) if stroke.ink == Ink::Deleted && last.ink == Ink::Deleted && stroke.edit == last.edit => {
                last.text.to_mut().push_str(&stroke.text);
                last.places.extend(stroke.places);
            }
            _ => out.push(stroke),
        }
    }
    out
}

/// Gives strokes their looks.
struct Painter<'p, 'a, 'f> {
    manuscript: &'p Manuscript<'a, 'f>,
    passage: &'p Passage,
    /// The moves among the findings of the passage's changes.
    moves: BTreeMap<usize, Move>,
}

impl<'p, 'a, 'f> Painter<'p, 'a, 'f> {
    fn new(manuscript: &'p Manuscript<'a, 'f>, passage: &'p Passage) -> Self {
        let edits = manuscript.file.run.script.edits();
        let from = edits.partition_point(|edit| edit.span.end < passage.window.start);
        let n_here = edits[from..].iter().take_while(|edit| edit.span.start <= passage.window.end).count();
        let owners = (from..from + n_here).flat_map(|idx| manuscript.owners(idx));
        let moves = owners.filter_map(|&idx| Some((idx, moved(manuscript.finding(idx), manuscript.file.text)?))).collect();
        Self { manuscript, passage, moves }
    }

    fn segment(&self, stroke: &Stroke<'_>) -> Segment {
        let mut owners: Vec<usize> = stroke.edit.map_or(Vec::new(), |idx| self.manuscript.owners(idx).to_vec());
        let mut ink = match stroke.ink {
            Ink::Kept => "",
            Ink::Deleted => "del",
            Ink::Inserted => "ins",
        };
        let mut line = None;
        let content = stroke.text.trim();
        let of_a_move = self.moves.iter().find(|(idx, one)| owners.contains(idx) && content.contains(&one.content));
        if let Some((&idx, one)) = of_a_move {
            let (name, other) = if stroke.ink == Ink::Deleted { ("out", one.to) } else { ("in", one.from) };
            ink = name;
            line = Some(self.content_line(other));
            owners = vec![idx];
        }
        for &at in &stroke.places {
            let place = &self.passage.places[at];
            owners.push(place.finding);
            if ink.is_empty() {
                ink = match place.role {
                    Role::Partner => "keep",
                    Role::Suspect => outcome_name(self.manuscript.file.run.findings[place.finding].verdict.outcome),
                };
            }
        }
        owners.sort_unstable();
        owners.dedup();
        let n_chars = stroke.text.chars().count();
        let copy = stroke.edit.is_some() && owners.iter().any(|&idx| self.manuscript.finding(idx).class == Class::DuplicateBlock);
        let foldable = matches!(ink, "del" | "out" | "held" | "skipped" | "rejected");
        let fold = (foldable && n_chars > if copy { FOLD_COPY_CHARS } else { FOLD_CHARS })
            .then(|| (head_of(&visible(content), 24), content.chars().count()));
        let names = self.manuscript.file.names();
        // A suspect line end would not show as a mere break.
        let signs = if content.is_empty() && !ink.is_empty() && stroke.ink == Ink::Kept { Ink::Inserted } else { stroke.ink };
        let mut text = if fold.is_some() { shown(content, Ink::Kept) } else { shown(&stroke.text, signs) };
        let breaks = signs == Ink::Inserted && text.ends_with('\n');
        if breaks {
            text.pop();
        }
        Segment {
            text,
            ink,
            ids: owners.iter().map(|&idx| names[idx].id.clone()).collect(),
            refs: Vec::new(),
            fold,
            line,
            anchors: Vec::new(),
            breaks,
        }
    }

    /// Names the places that notes lead to: where the other copy begins.
    fn anchor(&self, strokes: &[Stroke<'_>], segments: &mut [Segment]) {
        let names = self.manuscript.file.names();
        for (at, place) in self.passage.places.iter().enumerate().filter(|(_, place)| place.role == Role::Partner) {
            if let Some(first) = strokes.iter().position(|stroke| stroke.places.contains(&at)) {
                segments[first].anchors.push(names[place.finding].id.clone());
            }
        }
    }

    /// The line of the first character that shows, at or after a span.
    fn content_line(&self, span: Span) -> usize {
        let file = self.manuscript.file;
        let blank = file.text[span.start..].len() - file.text[span.start..].trim_start().len();
        let at = if span.is_empty() { span.start } else { span.start + blank.min(span.len()) };
        file.position(at).line
    }

    /// Puts the number of every note after the last mark of its finding, where
    /// there is more than one finding to tell apart.
    fn number(&self, segments: &mut [Segment]) {
        let names = self.manuscript.file.names();
        if self.passage.notes.len() < 2 {
            return;
        }
        for (at, &idx) in self.passage.notes.iter().enumerate() {
            let id = &names[idx].id;
            let own = |segment: &&mut Segment| segment.ids.contains(id) && segment.ink != "keep";
            if let Some(segment) = segments.iter_mut().rev().find(own) {
                segment.refs.push((at + 1, id.clone()));
            }
        }
    }
}

/// A text as the page shows it. Changed line ends get a sign; an inserted one
/// breaks the line as well, a deleted one does not. Others only break it.
fn shown(text: &str, ink: Ink) -> String {
    match ink {
        Ink::Deleted => visible(text).into_owned(),
        Ink::Inserted => {
            let signs = visible(text);
            let mut out = String::with_capacity(signs.len() + 2);
            let mut chars = signs.chars().peekable();
            while let Some(c) = chars.next() {
                out.push(c);
                if c == '⏎' && chars.peek() != Some(&'⏎') {
                    out.push('\n');
                }
            }
            out
        }
        Ink::Kept => {
            let mut out = String::with_capacity(text.len());
            let mut n_newlines = 0;
            for line in text.split_inclusive('\n') {
                let body = line.trim_end_matches(['\r', '\n']);
                out.push_str(&visible(body));
                n_newlines = if body.trim().is_empty() { n_newlines } else { 0 };
                if line.ends_with('\n') && n_newlines < 2 {
                    out.push('\n');
                    n_newlines += 1;
                }
            }
            out
        }
    }
}

fn note(manuscript: &Manuscript<'_, '_>, idx: usize, number: usize) -> Note {
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
            .map(|one| Reason { kind: one.kind.clone(), weight: one.weight.map(|weight| format!("{weight:+.2}")), text: one.text.clone() })
            .collect(),
        places: finding.related.iter().map(|related| other(file, idx, related)).collect(),
        variants,
        more_variants,
    }
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
fn head_of(text: &str, n_chars: usize) -> String {
    let head = head_chars(text, n_chars);
    if head.len() < text.len() { format!("{head}…") } else { head }
}

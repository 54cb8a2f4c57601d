//! What the templates are given: plain values, every text unescaped.

use std::collections::BTreeMap;

use serde::Serialize;

use super::note::{Note, head_of, note};
use super::passage::{Manuscript, Move, Passage, Role, moved};
use crate::finding::{Class, Estimate, Message, Outcome, Severity};
use crate::report::FileReport;
use crate::report::marks::{Ink, Stroke, strokes, visible};
use crate::report::words::outcome_name;
use crate::text::Span;

/// Code points of a marked stretch above which it is folded away.
const FOLD_CHARS: usize = 90;
/// The same of a removed copy, which stands elsewhere in full.
const FOLD_COPY_CHARS: usize = 24;

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
    encoding: &'a Message,
    converged: bool,
    counts: Counts,
    /// Errors per 10,000 characters that are thought to be left, with bounds.
    left: Option<[String; 3]>,
    information: Vec<Information<'a>>,
}

/// A recognized thing that needs no work.
#[derive(Serialize)]
struct Information<'a> {
    line: usize,
    text: String,
    message: &'a Message,
}

/// An estimate per 10,000 characters with its bounds, without decimals.
pub(super) fn rates(left: &Estimate) -> [String; 3] {
    let (low, high) = left.interval();
    [left.per_10k(), low, high].map(|rate| format!("{rate:.0}"))
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
            left: file.left().map(|left| rates(&left)),
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
pub(super) struct Segment {
    pub(super) text: String,
    /// Empty for plain text; `del`, `ins`, `out`, `in` (the two ends of a
    /// move), `keep` (the copy that stays) or the outcome of a finding.
    pub(super) ink: &'static str,
    /// Ids of the findings it belongs to.
    pub(super) ids: Vec<String>,
    /// The marks after it: number of the note and id of the finding.
    pub(super) refs: Vec<(usize, String)>,
    /// The first characters and the number of characters, when it is folded.
    pub(super) fold: Option<(String, usize)>,
    /// The line of the other end, of a move.
    pub(super) line: Option<usize>,
    /// Ids of the duplicates whose other copy begins here.
    pub(super) anchors: Vec<String>,
    /// True when the line ends here, after the marks.
    pub(super) breaks: bool,
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

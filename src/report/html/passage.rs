use crate::finding::{Edit, Finding, Outcome, Severity};
use crate::report::FileReport;
use crate::text::Span;

/// Code points of context on either side of a change.
const CONTEXT_CHARS: usize = 42;
/// Code points of context after which a line end closes it: the next
/// paragraph is another matter.
const ENOUGH_CHARS: usize = 16;
/// A line end this close beyond the context is taken in as well, so that a
/// passage does not stop a few characters short of its paragraph.
const SNAP_CHARS: usize = 24;
/// Findings told beside one passage.
const MAX_NOTES: usize = 8;

/// A text with everything that is drawn on it.
pub(super) struct Manuscript<'a, 'f> {
    pub(super) file: &'a FileReport<'f>,
    /// The findings behind every edit of the script, by index.
    owners: Vec<Vec<usize>>,
}

/// Why a place is marked beside the changes themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// A finding that changed nothing.
    Suspect,
    /// The copy that a duplicate names.
    Partner,
}

/// A marked place.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) span: Span,
    /// Index of its finding.
    pub(super) finding: usize,
    pub(super) role: Role,
}

/// A stretch of text with the findings told beside it.
#[derive(Clone, Debug)]
pub(super) struct Passage {
    pub(super) window: Span,
    /// Findings whose place is here, by index, in the order of the text.
    pub(super) notes: Vec<usize>,
    pub(super) places: Vec<Place>,
}

impl<'a, 'f> Manuscript<'a, 'f> {
    pub(super) fn new(file: &'a FileReport<'f>) -> Self {
        Self { owners: owners(file), file }
    }

    /// The applied findings behind edit `edit_idx` of the script.
    pub(super) fn owners(&self, edit_idx: usize) -> &[usize] {
        &self.owners[edit_idx]
    }

    pub(super) fn finding(&self, idx: usize) -> &'a Finding {
        &self.file.run.findings[idx].finding
    }

    /// The passages with problems, in the order of the text. Every problem is
    /// a note of exactly one.
    pub(super) fn passages(&self) -> Vec<Passage> {
        let mut pieces = Vec::new();
        for (idx, judged) in self.file.run.findings.iter().enumerate() {
            if judged.finding.severity == Severity::Problem {
                self.pieces_of(idx, judged.verdict.outcome, &mut pieces);
            }
        }
        pieces.sort_by_key(|piece| (piece.window, piece.notes.clone()));
        let mut out: Vec<Passage> = Vec::new();
        for piece in pieces {
            match out.last_mut() {
                Some(last) if piece.window.start <= last.window.end && last.notes.len() + piece.notes.len() <= MAX_NOTES => {
                    last.window = last.window.hull(piece.window);
                    last.notes.extend(piece.notes);
                    last.places.extend(piece.places);
                }
                _ => out.push(piece),
            }
        }
        for passage in &mut out {
            passage.notes.sort_by_key(|&idx| (self.finding(idx).span, idx));
        }
        out
    }

    /// One piece for every place of a finding; the first has its note.
    fn pieces_of(&self, idx: usize, outcome: Outcome, out: &mut Vec<Passage>) {
        let finding = self.finding(idx);
        let mut note = vec![idx];
        let mut put = |span: Span, place: Option<Role>| {
            let places = place.map(|role| Place { span, finding: idx, role }).into_iter().collect();
            out.push(Passage { window: self.widen(span), notes: std::mem::take(&mut note), places });
        };
        if outcome == Outcome::Applied {
            let edits: &[Edit] = finding.fixes.first().map_or(&[], |fix| &fix.edits);
            edits.iter().for_each(|edit| put(edit.span, None));
        } else {
            put(finding.span, Some(Role::Suspect));
        }
        for related in finding.related.iter().filter(|related| related.file.is_none() && related.role == "other-copy") {
            put(related.span, Some(Role::Partner));
        }
    }

    /// `span` with context, up to the end of a line when that is near, and
    /// never across an edit of the script.
    fn widen(&self, span: Span) -> Span {
        let text = self.file.text;
        let before = text[..span.start].char_indices().rev().map(|(at, c)| (at, c == '\n'));
        let after = text[span.end..].char_indices().map(|(at, c)| (span.end + at + c.len_utf8(), c == '\n'));
        let mut window = Span::new(reach(span.start, before), reach(span.end, after));
        let edits = self.file.run.script.edits();
        let crossing = |at: usize| {
            let idx = edits.partition_point(|edit| edit.span.end <= at);
            edits.get(idx).map(|edit| edit.span).filter(|edit| edit.start < at && at < edit.end)
        };
        for at in [window.start, window.end] {
            if let Some(edit) = crossing(at) {
                window = window.hull(edit);
            }
        }
        window
    }
}

/// Where the context ends: at a line end after [`ENOUGH_CHARS`], or after
/// [`CONTEXT_CHARS`], or at the line end or the end of the text that follows
/// within [`SNAP_CHARS`]. `chars` gives the far
/// edge of one character after the other and whether it ends a line.
fn reach(from: usize, chars: impl Iterator<Item = (usize, bool)>) -> usize {
    let (mut edge, mut last) = (from, from);
    for (n_chars, (at, newline)) in chars.enumerate() {
        if newline && n_chars >= ENOUGH_CHARS {
            return last;
        }
        if n_chars < CONTEXT_CHARS {
            edge = at;
        } else if n_chars == CONTEXT_CHARS + SNAP_CHARS {
            return edge;
        }
        last = at;
    }
    last
}

/// For every edit of the script, the applied findings one of whose edits
/// shares or touches its place.
fn owners(file: &FileReport<'_>) -> Vec<Vec<usize>> {
    let mut spans: Vec<(Span, usize)> = Vec::new();
    for (idx, judged) in file.run.findings.iter().enumerate() {
        if judged.verdict.outcome == Outcome::Applied {
            let edits = judged.finding.fixes.first().map_or(&[][..], |fix| &fix.edits);
            spans.extend(edits.iter().map(|edit| (edit.span, idx)));
        }
    }
    spans.sort_unstable();
    let mut waiting = spans.into_iter().peekable();
    let mut open: Vec<(Span, usize)> = Vec::new();
    let mut owners = Vec::new();
    for edit in file.run.script.edits() {
        while let Some(next) = waiting.next_if(|(span, _)| span.start <= edit.span.end) {
            open.push(next);
        }
        open.retain(|(span, _)| span.end >= edit.span.start);
        let mut here: Vec<usize> = open.iter().map(|&(_, idx)| idx).collect();
        here.sort_unstable();
        here.dedup();
        owners.push(here);
    }
    owners
}

/// The text that a fix moves: taken out by one edit and put in by another.
pub(super) fn moved(finding: &Finding, text: &str) -> Option<Move> {
    let edits = &finding.fixes.first()?.edits;
    for from in edits.iter().filter(|edit| !edit.span.of(text).trim().is_empty()) {
        let content = from.span.of(text).trim();
        let arrives = |edit: &&Edit| edit.span.of(text).trim().is_empty() && edit.replacement.contains(content);
        if let Some(to) = edits.iter().find(arrives).filter(|_| !from.replacement.contains(content)) {
            return Some(Move { content: content.to_owned(), from: from.span, to: to.span });
        }
    }
    None
}

/// A passage that a fix puts elsewhere.
pub(super) struct Move {
    pub(super) content: String,
    pub(super) from: Span,
    pub(super) to: Span,
}

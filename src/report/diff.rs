use std::io::{self, Write};
use std::ops::Range;

use anstyle::{AnsiColor, Effects, Style};
use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::marks::{Ink, compare, strokes, visible};
use super::{Color, Failure, FileReport, Reporter, RunInfo, Totals};
use crate::finding::Edit;
use crate::text::{Span, width_cells};

/// Lines of context around a change, where they are short.
const CONTEXT_LINES: usize = 3;
/// Terminal cells of context on one side after which no further line is
/// added: a paragraph on one line is context enough by itself.
const CONTEXT_CELLS: usize = 160;
/// Terminal cells of a hunk's heading.
const HEADING_CELLS: usize = 100;
/// Old lines times new lines of one changed stretch above which lines are not
/// paired up; the stretch is then shown as taken out and put back.
const PAIR_LINES: usize = 4_000_000;

/// A unified diff that `patch -p1` and `git apply` take. The heading of every
/// hunk shows the changed characters in a few words of context, for lines too
/// long to compare by eye.
pub(super) struct Diff {
    sink: Box<dyn Write>,
    color: Color,
}

impl Diff {
    pub(super) fn new(sink: Box<dyn Write>, color: Color) -> Self {
        Self { sink, color }
    }
}

impl Reporter for Diff {
    fn begin(&mut self, _info: &RunInfo) -> io::Result<()> {
        Ok(())
    }

    fn file(&mut self, file: &FileReport<'_>) -> io::Result<()> {
        let changes = changes(file);
        if changes.is_empty() {
            return Ok(());
        }
        let new = &file.run.corrected;
        let old_lines = lines(file.text);
        let new_lines = lines(new);
        let marks = if self.color == Color::Ansi { marks(file) } else { Marks::default() };
        let page =
            Page { file, starts: starts(&old_lines), new_starts: starts(&new_lines), old_lines, new_lines, marks, color: self.color };
        let bold = page.style(Style::new().bold());
        // `patch -p1` in the current folder finds the file by its path from
        // there, and refuses one that leads out of it.
        let leads_out = file.given.starts_with('/') || file.given.split('/').any(|part| part == "..");
        let path = if leads_out { file.path } else { file.given };
        for (mark, side) in [("---", "a"), ("+++", "b")] {
            writeln!(self.sink, "{bold}{mark} {}{bold:#}", quoted(&format!("{side}/{path}")))?;
        }
        for hunk in hunks(&page, changes) {
            page.hunk(&hunk, &mut self.sink)?;
        }
        Ok(())
    }

    fn failure(&mut self, _failure: &Failure) -> io::Result<()> {
        Ok(())
    }

    fn end(&mut self, _totals: &Totals) -> io::Result<()> {
        self.sink.flush()
    }
}

/// A stretch of old lines that becomes a stretch of new lines.
#[derive(Clone, Debug)]
struct Change {
    old: Range<usize>,
    new: Range<usize>,
}

/// Changes that share context, and where the context starts and ends in old
/// lines.
struct Hunk {
    changes: Vec<Change>,
    from: usize,
    to: usize,
}

struct Page<'a, 'f> {
    file: &'a FileReport<'f>,
    old_lines: Vec<&'a str>,
    /// Byte offsets of the old lines, and of their end.
    starts: Vec<usize>,
    new_lines: Vec<&'a str>,
    /// The same of the new lines.
    new_starts: Vec<usize>,
    marks: Marks,
    color: Color,
}

/// The characters that change, as sorted spans of either text.
#[derive(Default)]
struct Marks {
    deleted: Vec<Span>,
    inserted: Vec<Span>,
}

impl Page<'_, '_> {
    fn style(&self, style: Style) -> Style {
        if self.color == Color::Ansi { style } else { Style::new() }
    }

    fn hunk(&self, hunk: &Hunk, sink: &mut dyn Write) -> io::Result<()> {
        let first = &hunk.changes[0];
        let last = &hunk.changes[hunk.changes.len() - 1];
        let new_from = first.new.start - (first.old.start - hunk.from);
        let new_to = last.new.end + (hunk.to - last.old.end);
        let cyan = self.style(AnsiColor::Cyan.on_default());
        write!(sink, "{cyan}@@ -{} +{} @@{cyan:#}", range(hunk.from..hunk.to), range(new_from..new_to))?;
        writeln!(sink, " {}", self.heading(hunk))?;
        let mut at = hunk.from;
        for change in &hunk.changes {
            self.context(at..change.old.start, sink)?;
            let (minus, plus) = (self.style(AnsiColor::Red.on_default()), self.style(AnsiColor::Green.on_default()));
            for idx in change.old.clone() {
                let pieces = pieces(self.old_lines[idx], self.starts[idx], &self.marks.deleted);
                self.line('-', idx, &pieces, minus, minus | Effects::BOLD | Effects::STRIKETHROUGH, sink)?;
            }
            for idx in change.new.clone() {
                let pieces = pieces(self.new_lines[idx], self.new_starts[idx], &self.marks.inserted);
                self.line('+', idx, &pieces, plus, plus | Effects::BOLD | Effects::UNDERLINE, sink)?;
            }
            at = change.old.end;
        }
        self.context(at..hunk.to, sink)
    }

    fn context(&self, idxs: Range<usize>, sink: &mut dyn Write) -> io::Result<()> {
        for idx in idxs {
            self.line(' ', idx, &[(self.old_lines[idx], false)], Style::new(), Style::new(), sink)?;
        }
        Ok(())
    }

    /// One line of a hunk, in pieces that are marked or not.
    fn line(&self, sign: char, idx: usize, pieces: &[(&str, bool)], style: Style, loud: Style, sink: &mut dyn Write) -> io::Result<()> {
        let bom = if idx == 0 && self.file.bom { "\u{feff}" } else { "" };
        write!(sink, "{style}{sign}{style:#}{bom}")?;
        let mut ended = false;
        for &(text, marked) in pieces {
            let body = text.strip_suffix('\n').unwrap_or(text);
            ended = body.len() < text.len();
            if self.color == Color::Plain {
                sink.write_all(body.as_bytes())?;
                continue;
            }
            // On a terminal a control character would act, and a line end that
            // changes would not show.
            let shown = visible(if marked { text } else { body.trim_end_matches('\r') });
            let style = if marked { loud } else { style };
            write!(sink, "{style}{shown}{style:#}")?;
        }
        sink.write_all(b"\n")?;
        if !ended {
            sink.write_all(b"\\ No newline at end of file\n")?;
        }
        Ok(())
    }

    /// The first changes of a hunk in the notation of word diffs.
    fn heading(&self, hunk: &Hunk) -> String {
        let span = Span::new(self.starts[hunk.from], self.starts[hunk.to]);
        let edits = self.file.run.script.edits();
        let from = edits.partition_point(|edit| edit.span.end < span.start);
        let inside: Vec<&Edit> = edits[from..].iter().take_while(|edit| edit.span.end <= span.end).collect();
        let mut heading = String::new();
        let mut shown = 0;
        for edit in &inside {
            let text = word_diff(self.file.text, edit);
            if shown > 0 && cells(&heading) + cells(&text) > HEADING_CELLS {
                break;
            }
            heading.push_str(if shown > 0 { " | " } else { "" });
            heading.push_str(&text);
            shown += 1;
        }
        if shown < inside.len() {
            heading.push_str(&format!(" | +{}", inside.len() - shown));
        }
        heading
    }
}

/// `…认为，石[-⏎-]{+家+}庄市…`
fn word_diff(text: &str, edit: &Edit) -> String {
    let start = text[..edit.span.start].char_indices().rev().take(6).last().map_or(edit.span.start, |(at, _)| at);
    let end = text[edit.span.end..].char_indices().nth(6).map_or(text.len(), |(at, _)| edit.span.end + at);
    let mut out = String::new();
    for stroke in strokes(text, Span::new(start, end), std::slice::from_ref(edit), &[]) {
        let text = abridged(&visible(&stroke.text), 12);
        out.push_str(&match stroke.ink {
            Ink::Kept => text,
            Ink::Deleted => format!("[-{text}-]"),
            Ink::Inserted => format!("{{+{text}+}}"),
        });
    }
    out
}

/// The first and last `half` characters of a text longer than both.
fn abridged(text: &str, half: usize) -> String {
    let n_chars = text.chars().count();
    if n_chars <= 2 * half + 2 {
        return text.to_owned();
    }
    let head: String = text.chars().take(half).collect();
    let tail: String = text.chars().skip(n_chars - half).collect();
    format!("{head}…{tail}")
}

fn cells(text: &str) -> usize {
    text.chars().map(width_cells).sum()
}

/// Lines with their `\n`; other line ends are characters of a line to `patch`.
fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

/// Byte offsets of `lines`, which follow each other from 0, and of their end.
fn starts(lines: &[&str]) -> Vec<usize> {
    let mut at = 0;
    let mut starts = vec![0];
    starts.extend(lines.iter().map(|line| {
        at += line.len();
        at
    }));
    starts
}

/// The characters that a run changes, in both texts.
fn marks(file: &FileReport<'_>) -> Marks {
    let mut marks = Marks::default();
    let (mut old_at, mut new_at) = (0, 0);
    for edit in file.run.script.edits() {
        new_at += edit.span.start - old_at;
        old_at = edit.span.start;
        for (ink, text) in compare(edit.span.of(file.text), &edit.replacement) {
            match ink {
                Ink::Kept => {}
                Ink::Deleted => marks.deleted.push(Span::new(old_at, old_at + text.len())),
                Ink::Inserted => marks.inserted.push(Span::new(new_at, new_at + text.len())),
            }
            old_at += if ink == Ink::Inserted { 0 } else { text.len() };
            new_at += if ink == Ink::Deleted { 0 } else { text.len() };
        }
    }
    marks
}

/// `line`, which starts at byte `start`, cut where `marked` spans begin and
/// end.
fn pieces<'l>(line: &'l str, start: usize, marked: &[Span]) -> Vec<(&'l str, bool)> {
    let mut out = Vec::new();
    let mut at = 0;
    let from = marked.partition_point(|span| span.end <= start);
    for span in marked[from..].iter().take_while(|span| span.start < start + line.len()) {
        let (begin, end) = (span.start.max(start) - start, span.end.min(start + line.len()) - start);
        if at < begin {
            out.push((&line[at..begin], false));
        }
        out.push((&line[begin..end], true));
        at = end;
    }
    if at < line.len() {
        out.push((&line[at..], false));
    }
    out
}

/// Where the script changes lines. Known from its edits, so no text is
/// searched for differences outside of them.
fn changes(file: &FileReport<'_>) -> Vec<Change> {
    let old = lines(file.text);
    let starts = starts(&old);
    // The end of the text belongs to its last line, and to line 0 of none.
    let line_of = |offset: usize| starts[..old.len().max(1)].partition_point(|&start| start <= offset) - 1;
    let mut out = Vec::new();
    let edits = file.run.script.edits();
    let (mut idx, mut grown) = (0, 0_isize);
    while idx < edits.len() {
        let first = line_of(edits[idx].span.start);
        let (mut last, mut next) = (line_of(edits[idx].span.end), idx + 1);
        while next < edits.len() && line_of(edits[next].span.start) <= last {
            last = last.max(line_of(edits[next].span.end));
            next += 1;
        }
        let to = (last + 1).min(old.len());
        let span = Span::new(starts[first], starts[to]);
        let new_text = restated(file.text, span, &edits[idx..next]);
        let new_lines = lines(&new_text);
        let new_first = first.checked_add_signed(grown).expect("lines before a change are never fewer than none");
        pair(&old[first..to], &new_lines, first, new_first, &mut out);
        grown += new_lines.len() as isize - (to - first) as isize;
        idx = next;
    }
    out
}

fn restated(text: &str, span: Span, edits: &[Edit]) -> String {
    let mut out = String::new();
    let mut at = span.start;
    for edit in edits {
        out.push_str(&text[at..edit.span.start]);
        out.push_str(&edit.replacement);
        at = edit.span.end;
    }
    out.push_str(&text[at..span.end]);
    out
}

fn pair(old: &[&str], new: &[&str], old_from: usize, new_from: usize, out: &mut Vec<Change>) {
    if old.len() * new.len() > PAIR_LINES {
        out.push(Change { old: old_from..old_from + old.len(), new: new_from..new_from + new.len() });
        return;
    }
    for op in capture_diff_slices(Algorithm::Myers, old, new) {
        if !matches!(op, DiffOp::Equal { .. }) {
            let shift = |range: Range<usize>, by: usize| range.start + by..range.end + by;
            out.push(Change { old: shift(op.old_range(), old_from), new: shift(op.new_range(), new_from) });
        }
    }
}

fn hunks(page: &Page<'_, '_>, changes: Vec<Change>) -> Vec<Hunk> {
    let mut out: Vec<Hunk> = Vec::new();
    for change in changes {
        let from = change.old.start - context(page.old_lines[..change.old.start].iter().rev());
        let to = change.old.end + context(page.old_lines[change.old.end..].iter());
        match out.last_mut() {
            Some(hunk) if from <= hunk.to => {
                hunk.to = to;
                hunk.changes.push(change);
            }
            _ => out.push(Hunk { changes: vec![change], from, to }),
        }
    }
    out
}

/// How many of `lines` serve as context: one at least, since a hunk without
/// any is taken for the end of the file.
fn context<'l>(lines: impl Iterator<Item = &'l &'l str>) -> usize {
    let mut used_cells = 0;
    let mut n_lines = 0;
    for line in lines.take(CONTEXT_LINES) {
        used_cells += cells(line);
        if n_lines > 0 && used_cells > CONTEXT_CELLS {
            break;
        }
        n_lines += 1;
    }
    n_lines
}

/// `start,count` of a hunk header: lines counted from 1, but the line before
/// when there are none.
fn range(lines: Range<usize>) -> String {
    let start = if lines.is_empty() { lines.start } else { lines.start + 1 };
    format!("{start},{}", lines.len())
}

/// A path as the header of a patch writes it: in quotes when it holds a
/// quote, a backslash or a control character, with a closing tab when it
/// holds a space, where a reader would otherwise stop.
fn quoted(path: &str) -> String {
    if !path.chars().any(|c| c.is_control() || c == '"' || c == '\\') {
        return if path.contains(' ') { format!("{path}\t") } else { path.to_owned() };
    }
    let mut out = String::from("\"");
    for byte in path.bytes() {
        match byte {
            b'"' | b'\\' => out.extend(['\\', char::from(byte)]),
            b'\n' => out.push_str("\\n"),
            b'\t' => out.push_str("\\t"),
            0x20..=0x7e => out.push(char::from(byte)),
            _ => out.push_str(&format!("\\{byte:03o}")),
        }
    }
    out.push('"');
    out
}

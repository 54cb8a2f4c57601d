use std::collections::BTreeMap;
use std::io::{self, Write};

use anstyle::{AnsiColor, Effects, Style};
use unicode_width::UnicodeWidthChar;

use super::marks::{Ink, Stroke, strokes, visible};
use super::words::{outcome_words, safety_words};
use super::{Color, Failure, FileReport, Lang, Reporter, RunInfo, Totals, Verbosity};
use crate::finding::{ConfidenceOrigin, Edit, Evidence, Finding, Outcome, Severity, Thresholds};
use crate::pipeline::Judged;
use crate::text::Span;

/// Terminal cells of text shown on either side of a finding.
const CONTEXT_CELLS: usize = 28;
/// Files that the closing lines name as those with the most errors left.
const WORST_FILES: usize = 3;
/// Code points of one stroke above which its middle is left out.
const STROKE_CHARS: usize = 36;

/// For people at a terminal: the findings of every file with their place in
/// the text, and a count at the end.
pub(super) struct Human {
    sink: Box<dyn Write>,
    lang: Lang,
    color: Color,
    info: Option<RunInfo>,
    /// The files with the most errors left, the worst first.
    worst: Vec<(f64, String)>,
}

impl Human {
    pub(super) fn new(sink: Box<dyn Write>, lang: Lang, color: Color) -> Self {
        Self { sink, lang, color, info: None, worst: Vec::new() }
    }

    fn style(&self, style: Style) -> Style {
        if self.color == Color::Ansi { style } else { Style::new() }
    }

    fn note_left(&mut self, file: &FileReport<'_>) {
        let Some(left) = file.left() else { return };
        let rate = left.per_10k();
        let at = self.worst.partition_point(|(worse, _)| *worse >= rate);
        self.worst.insert(at, (rate, visible(file.path).into_owned()));
        self.worst.truncate(WORST_FILES);
    }

    fn info(&self) -> &RunInfo {
        self.info.as_ref().expect("a run begins before its files")
    }

    fn finding(&mut self, file: &FileReport<'_>, judged: &Judged, id: &str) -> io::Result<()> {
        let (finding, verdict) = (&judged.finding, &judged.verdict);
        let position = file.position(finding.span.start);
        let place = self.style(Style::new().bold());
        let rule = self.style(AnsiColor::Cyan.on_default());
        let dim = self.style(Style::new().effects(Effects::DIMMED));
        let outcome = self.style(outcome_color(verdict.outcome).on_default());
        let state = if finding.severity == Severity::Information { ["供参考", "information"] } else { outcome_words(verdict.outcome) };
        let [state, safety] = [state, safety_words(finding.safety)].map(|words| self.lang.pick(words[0], words[1]));
        writeln!(
            self.sink,
            "{place}{}:{}:{}{place:#}: {rule}{}{rule:#}  {outcome}{state}{outcome:#} · {safety}{}  {dim}{}{dim:#}",
            visible(file.given),
            position.line,
            position.column,
            finding.rule,
            confidence(finding).map_or(String::new(), |number| format!(" · {number}")),
            &id[..8],
        )?;
        writeln!(self.sink, "  {}", visible(self.lang.of(&finding.message)))?;
        for line in excerpt(file.text, finding, self.color) {
            writeln!(self.sink, "  {dim}│{dim:#} {line}")?;
        }
        if verdict.outcome != Outcome::Applied && finding.severity == Severity::Problem {
            writeln!(self.sink, "  {dim}{}{dim:#}", self.lang.of(&verdict.reason.message()))?;
        }
        if self.info().verbosity == Verbosity::Verbose {
            for evidence in &finding.evidence {
                writeln!(self.sink, "  {dim}- {}{dim:#}", visible(&evidence_line(evidence, self.lang)))?;
            }
        }
        self.sink.write_all(b"\n")
    }
}

impl Reporter for Human {
    fn begin(&mut self, info: &RunInfo) -> io::Result<()> {
        self.info = Some(info.clone());
        Ok(())
    }

    fn file(&mut self, file: &FileReport<'_>) -> io::Result<()> {
        self.note_left(file);
        let verbosity = self.info().verbosity;
        if verbosity == Verbosity::Quiet {
            return Ok(());
        }
        for (judged, names) in file.run.findings.iter().zip(file.names()) {
            if verbosity == Verbosity::Verbose || judged.finding.severity == Severity::Problem {
                self.finding(file, judged, &names.id)?;
            }
        }
        Ok(())
    }

    fn failure(&mut self, failure: &Failure) -> io::Result<()> {
        let red = self.style(AnsiColor::Red.on_default().bold());
        let place = failure.position.map_or(String::new(), |position| format!(":{}:{}", position.line, position.column));
        let word = self.lang.pick("错误", "error");
        writeln!(self.sink, "{red}{word}{red:#}: {}{place}: {}", visible(&failure.path), self.lang.of(&failure.message))
    }

    fn end(&mut self, totals: &Totals) -> io::Result<()> {
        let bold = self.style(Style::new().bold());
        let mut lines = closing(self.info(), totals, self.lang);
        lines.extend(left(totals, &self.worst, self.lang));
        for (idx, line) in lines.iter().enumerate() {
            let style = if idx == 0 { bold } else { Style::new() };
            writeln!(self.sink, "{style}{line}{style:#}")?;
        }
        self.sink.flush()
    }
}

/// The confidence of a finding with two decimals, rounded down so that 1.00
/// means no doubt at all. `None` where nobody measured it.
pub(super) fn confidence(finding: &Finding) -> Option<String> {
    let shown = (finding.confidence * 100.0 + 1e-6).floor() / 100.0;
    (finding.confidence_origin != ConfidenceOrigin::None).then(|| format!("{shown:.2}"))
}

/// A reason in one line, its number last.
pub(super) fn evidence_line(evidence: &Evidence, lang: Lang) -> String {
    match evidence.weight {
        Some(weight) => format!("{} ({} {weight:+.2})", lang.of(&evidence.text), evidence.kind),
        None => format!("{} ({})", lang.of(&evidence.text), evidence.kind),
    }
}

fn outcome_color(outcome: Outcome) -> AnsiColor {
    match outcome {
        Outcome::Applied => AnsiColor::Green,
        Outcome::Held => AnsiColor::Yellow,
        Outcome::Rejected | Outcome::Skipped => AnsiColor::Magenta,
    }
}

/// The place of a finding in its text: what its first fix does, or what is
/// suspect. Without color deletions read `[-…-]`, insertions `{+…+}`, and a
/// second line underlines a suspect place.
pub(super) fn excerpt(text: &str, finding: &Finding, color: Color) -> Vec<String> {
    let edits: &[Edit] = finding.fixes.first().map_or(&[], |fix| &fix.edits);
    if edits.is_empty() {
        return passage(text, finding.span, &[], color);
    }
    // Edits far apart, as of a move, are shown one by one.
    let mut lines = Vec::new();
    let mut from = 0;
    for upto in 1..=edits.len() {
        let apart = edits.get(upto).is_none_or(|next| next.span.start - edits[upto - 1].span.end > 4 * CONTEXT_CELLS);
        if apart {
            let group = &edits[from..upto];
            lines.extend(passage(text, Span::new(group[0].span.start, group[group.len() - 1].span.end), group, color));
            from = upto;
        }
    }
    lines
}

fn passage(text: &str, span: Span, edits: &[Edit], color: Color) -> Vec<String> {
    let window = widen(text, span);
    let place = if edits.is_empty() { vec![span] } else { Vec::new() };
    let mut line = String::new();
    let mut under = String::new();
    if window.start > 0 {
        line.push('…');
        under.push(' ');
    }
    for stroke in strokes(text, window, edits, &place) {
        let suspect = !stroke.places.is_empty();
        let shown = shorten(&visible(&stroke.text));
        let point = suspect && shown.is_empty();
        under.push_str(&(if suspect { "^" } else { " " }).repeat(cells(&shown).max(usize::from(point))));
        line.push_str(&dress(&stroke, &shown, suspect, color));
        if point && color == Color::Plain {
            line.push(' ');
        }
    }
    if window.end < text.len() {
        line.push('…');
    }
    let underline = color == Color::Plain && under.contains('^');
    let mut lines = vec![line];
    if underline {
        lines.push(under.trim_end().to_owned());
    }
    lines
}

fn dress(stroke: &Stroke<'_>, shown: &str, suspect: bool, color: Color) -> String {
    let style = match (stroke.ink, suspect) {
        (Ink::Deleted, _) => AnsiColor::Red.on_default() | Effects::STRIKETHROUGH,
        (Ink::Inserted, _) => AnsiColor::Green.on_default() | Effects::BOLD,
        (Ink::Kept, true) => AnsiColor::Yellow.on_default() | Effects::UNDERLINE,
        (Ink::Kept, false) => return shown.to_owned(),
    };
    match (color, stroke.ink) {
        (Color::Ansi, _) => format!("{style}{}{style:#}", if shown.is_empty() { "‸" } else { shown }),
        (Color::Plain, Ink::Deleted) => format!("[-{shown}-]"),
        (Color::Plain, Ink::Inserted) => format!("{{+{shown}+}}"),
        (Color::Plain, Ink::Kept) => shown.to_owned(),
    }
}

/// `span` with some context on both sides, but not beyond the neighboring
/// lines with something on them.
fn widen(text: &str, span: Span) -> Span {
    let budget = |chars: &mut dyn Iterator<Item = (usize, char)>| {
        let mut used = 0;
        let mut edge = None;
        for (at, c) in chars {
            used += cell_width(c).max(1);
            if used > CONTEXT_CELLS {
                break;
            }
            edge = Some((at, c));
        }
        edge
    };
    let start = budget(&mut text[..span.start].char_indices().rev()).map_or(span.start, |(at, _)| at);
    let end = budget(&mut text[span.end..].char_indices()).map_or(span.end, |(at, c)| span.end + at + c.len_utf8());
    // White space at the ends says nothing here.
    let head = text[start..span.start].trim_start();
    let tail = text[span.end..end].trim_end();
    Span::new(span.start - head.len(), span.end + tail.len())
}

fn shorten(text: &str) -> String {
    let n_chars = text.chars().count();
    if n_chars <= 2 * STROKE_CHARS {
        return text.to_owned();
    }
    let head: String = text.chars().take(STROKE_CHARS).collect();
    let tail: String = text.chars().skip(n_chars - STROKE_CHARS / 3).collect();
    format!("{head} …({})… {tail}", n_chars - STROKE_CHARS - STROKE_CHARS / 3)
}

fn cells(text: &str) -> usize {
    text.chars().map(cell_width).sum()
}

/// Cells of a character on a terminal of today: Han and full-width are 2, and
/// the ambiguous marks (“ ” … ·) are 1, as terminals draw them unless told
/// otherwise.
fn cell_width(c: char) -> usize {
    c.width().unwrap_or(0)
}

/// The closing lines: what was read and found, what was held back and how to
/// get it.
pub(super) fn closing(info: &RunInfo, totals: &Totals, lang: Lang) -> Vec<String> {
    let of = |outcome| totals.of(outcome);
    let (applied, held, rejected, skipped) = (of(Outcome::Applied), of(Outcome::Held), of(Outcome::Rejected), of(Outcome::Skipped));
    let rate = |count| totals.per_10k(count);
    let mut lines = Vec::new();
    let would = info.verb != "fix";
    lines.push(match lang {
        Lang::Zh => format!(
            "{} 个文件，{} 字：疑误 {} 处（每万字 {:.2} 处），{} {applied}，待审 {held}，不改 {rejected}，让位 {skipped}",
            totals.files,
            totals.chars,
            totals.errors(),
            rate(totals.errors()),
            if would { "可修复" } else { "已修复" },
        ),
        Lang::En => format!(
            "{} files, {} characters: {} suspected errors ({:.2} per 10,000), {applied} {}, {held} held, {rejected} rejected, {skipped} skipped",
            totals.files,
            totals.chars,
            totals.errors(),
            rate(totals.errors()),
            if would { "repairable" } else { "applied" },
        ),
    });
    if held > 0 {
        lines.push(match lang {
            Lang::Zh => format!("留待人工：每万字 {:.2} 处", rate(held)),
            Lang::En => format!("left for a reader: {:.2} per 10,000 characters", rate(held)),
        });
    }
    let Thresholds { clean, damaged } = totals.thresholds;
    if totals.files_damaged > 0 {
        let n = totals.files_damaged;
        lines.push(match lang {
            Lang::Zh => format!("损坏过重而原样写出的页：{n}（估计每万字 {damaged:.0} 处错误以上）"),
            Lang::En => format!("too damaged to trust, left as they are: {n} (from {damaged:.0} estimated errors per 10,000)"),
        });
    }
    if totals.files_clean > 0 {
        let n = totals.files_clean;
        lines.push(match lang {
            Lang::Zh => format!("几无错误而原样写出的页：{n}（估计每万字 {clean:.0} 处错误以内）"),
            Lang::En => format!("clean, left as they are: {n} (up to {clean:.0} estimated errors per 10,000)"),
        });
    }
    for (code, count) in held_by_reason(totals) {
        lines.push(format!("  {count:>5}  {}", held_advice(&code, lang)));
    }
    let trouble = [
        (totals.files_failed, "个文件出错，未作处理", "files failed and were left alone"),
        (totals.files_not_converged, "个文件的修复互相触发，停在最后一轮", "files did not settle; the last complete round was kept"),
        (totals.files_skipped, "个文件类型不识，已略过", "files of unknown type were passed over"),
    ];
    for (count, zh, en) in trouble.into_iter().filter(|(count, ..)| *count > 0) {
        lines.push(format!("  {count:>5}  {}", lang.pick(zh, en)));
    }
    lines
}

/// The errors that are thought to be left, and where most of them are; nothing
/// when no text was large enough to tell.
fn left(totals: &Totals, worst: &[(f64, String)], lang: Lang) -> Vec<String> {
    let Some(left) = &totals.left else { return Vec::new() };
    let (rate, (low, high)) = (left.per_10k(), left.interval());
    let mut lines = vec![match lang {
        Lang::Zh => format!("估计改后每万字尚余 {rate:.0} 处错误（九成在 {low:.0} 至 {high:.0} 之间）"),
        Lang::En => format!("about {rate:.0} errors per 10,000 characters are left ({low:.0} to {high:.0} in nine cases of ten)"),
    }];
    if totals.files > 1 {
        for (rate, path) in worst {
            lines.push(format!("  {rate:>5.0}  {path}"));
        }
    }
    lines
}

/// How many problems were held for each reason, over all rules.
pub(super) fn held_by_reason(totals: &Totals) -> BTreeMap<String, usize> {
    let mut by_reason = BTreeMap::new();
    for (code, count) in totals.held.values().flatten() {
        *by_reason.entry(code.clone()).or_default() += count;
    }
    by_reason
}

/// What a reader can do about findings held for a reason.
pub(super) fn held_advice(code: &str, lang: Lang) -> &'static str {
    match code {
        "below-level" => lang.pick("建议级修复：用 --level suggested 应用", "suggested fixes: apply them with --level suggested"),
        "below-confidence" => lang.pick("把握低于 --min-confidence：调低该值即可应用", "below --min-confidence: lower it to apply them"),
        "only-flagged" => {
            lang.pick("存疑的改法，从不应用：请对照原版面核实", "flagged fixes, never applied: compare with the printed page")
        }
        "no-repair-known" => lang.pick("没有把握确定改法：请对照原版面核实", "no certain repair: compare with the printed page"),
        "page-damaged" => lang.pick(
            "全页损坏过重：请重新识别，或在 jiaokan.toml 中提高 triage.damaged",
            "on pages too damaged: read them anew, or raise triage.damaged in jiaokan.toml",
        ),
        "page-clean" => lang.pick(
            "全页几无错误，未改：在 jiaokan.toml 中降低 triage.clean 即可应用",
            "on clean pages: lower triage.clean in jiaokan.toml to apply them",
        ),
        _ => lang.pick("其他原因：见各条说明", "other reasons: see each finding"),
    }
}

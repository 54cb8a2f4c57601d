//! 标题: told by shape (short, no sentence punctuation) and, more than by
//! shape, by what stands around it. A short line is no heading by itself:
//! paragraphs end in short lines, and OCR loses the 。 of half of them.

use std::ops::Range;

use super::{Kind, Layout, columns};
use crate::text::{is_closing, is_opening, is_sentence_end};

/// Characters, white space aside, of a heading of up to four printed lines.
const MAX_CHARS: usize = 46;
/// Score from which a candidate is a heading.
const THRESHOLD: f64 = 3.0;
/// Lines that may be one heading.
struct Candidate {
    lines: Range<usize>,
    /// Among the short lines at the start of a block of printed lines, before
    /// its first full line.
    in_head: bool,
    /// What its characters say.
    shape: f64,
}

/// Marks the headings among the lines that are still [`Kind::Body`].
pub(super) fn mark_headings(layout: &mut Layout, text: &str) {
    let mut candidates: Vec<Candidate> = Vec::new();
    for block_idx in 0..layout.blocks.len() {
        for (lines, in_head) in ranges(layout, text, block_idx) {
            if let Some(shape) = shape_score(layout, text, &lines) {
                candidates.push(Candidate { lines, in_head, shape });
            }
        }
    }
    let repeated = repeated(layout, text, &candidates);
    // On pages of the 1920s 、 ends paragraphs, and 。 is rare.
    let old_marks = 40 * memchr::memmem::find_iter(text.as_bytes(), "。").count() < layout.lines.len();
    for (mut candidate, again) in candidates.into_iter().zip(repeated) {
        candidate.shape += if again { 2.0 } else { 0.0 };
        if total_score(layout, text, &candidate, old_marks) >= THRESHOLD {
            for line in &mut layout.lines[candidate.lines] {
                line.kind = Kind::Heading;
            }
        }
    }
}

/// Runs of lines of a block that may be one heading, and whether they stand
/// in its head.
fn ranges(layout: &Layout, text: &str, block_idx: usize) -> Vec<(Range<usize>, bool)> {
    let block = layout.blocks[block_idx].clone();
    let body = |idx: usize| layout.lines[idx].kind == Kind::Body;
    let Some(column) = layout.columns.block_cells[block_idx] else {
        return block.filter(|&idx| body(idx)).map(|idx| (idx..idx + 1, false)).collect();
    };
    let n_chars: usize = layout.lines[block.clone()].iter().map(|line| line.n_chars).sum();
    let first = &layout.lines[block.start];
    let even = block.clone().skip(1).all(|idx| 10 * first.width_cells >= 7 * layout.lines[idx].width_cells);
    if block.len() <= 4 && even && n_chars <= MAX_CHARS && block.clone().all(body) {
        return vec![(block, false)];
    }
    // In a block of printed lines a heading stands at the start: short lines
    // before the first full one, bylines and part numbers among them. Engines
    // leave out the indent of that first full line.
    let short = |idx: usize| {
        let line = &layout.lines[idx];
        let line_text = layout.line_text(text, idx);
        !columns::is_full(line.width_cells + line.indent_cells.max(4), column) && !ends_in_pause(line_text) && !is_dateline(line_text)
    };
    let n_short = block.clone().take(MAX_HEAD_LINES + 1).take_while(|&idx| !body(idx) || short(idx)).count();
    if n_short > MAX_HEAD_LINES || n_short == block.len() {
        return Vec::new();
    }
    (block.start..block.start + n_short).filter(|&idx| body(idx)).map(|idx| (idx..idx + 1, true)).collect()
}

/// Lines of the longest head of a block: heading lines, part number, byline.
const MAX_HEAD_LINES: usize = 5;

/// What the characters say and what stands around. The comparison with the
/// lead is made only where it can decide.
fn total_score(layout: &Layout, text: &str, candidate: &Candidate, old_marks: bool) -> f64 {
    let score = candidate.shape
        + before_score(layout, text, candidate.lines.start, old_marks)
        + after_score(layout, text, candidate.lines.end)
        + column_score(layout, candidate)
        - if old_marks { old_style_penalty(layout.line_text(text, candidate.lines.start)) } else { 0.0 };
    let open = (THRESHOLD - MAX_LEAD_SCORE..THRESHOLD - MIN_LEAD_SCORE).contains(&score);
    if open { score + lead_score(layout, text, &candidate.lines) } else { score }
}

/// Where 、 stands for the comma it is rare in headings; ▲ and ◘ begin items.
fn old_style_penalty(line: &str) -> f64 {
    let item = line.starts_with(|c: char| ('\u{25a0}'..='\u{25ff}').contains(&c));
    (if line.contains('、') { 2.0 } else { 0.0 }) + if item { 2.0 } else { 0.0 }
}

const MIN_LEAD_SCORE: f64 = -1.0;
const MAX_LEAD_SCORE: f64 = 3.0;

/// A heading says in few words what the lead below it says in many: the share
/// of its character pairs that the next lines of body repeat. On the measuring
/// pages 72 % of the headings and 7 % of the other short lines reach 0.4.
fn lead_score(layout: &Layout, text: &str, candidate: &Range<usize>) -> f64 {
    const LEAD_CHARS: usize = 160;
    const LEAD_LINES: usize = 16;
    let telling = |c: &char| crate::text::is_han(*c) || c.is_ascii_digit();
    let own: Vec<char> = candidate.clone().flat_map(|idx| layout.line_text(text, idx).chars()).filter(telling).collect();
    let lead: Vec<char> = (candidate.end..layout.lines.len().min(candidate.end + LEAD_LINES))
        .filter(|&idx| layout.lines[idx].kind == Kind::Body)
        .flat_map(|idx| layout.line_text(text, idx).chars())
        .filter(telling)
        .take(LEAD_CHARS)
        .collect();
    if own.len() < 4 || lead.len() < 24 {
        return 0.0;
    }
    let mut pairs: Vec<[char; 2]> = lead.windows(2).map(|pair| [pair[0], pair[1]]).collect();
    pairs.sort_unstable();
    let n_shared = own.windows(2).filter(|pair| pairs.binary_search(&[pair[0], pair[1]]).is_ok()).count();
    match n_shared as f64 / (own.len() - 1) as f64 {
        share if share >= 0.7 => MAX_LEAD_SCORE,
        share if share >= 0.5 => 2.0,
        share if share >= 0.4 => 1.0,
        share if share >= 0.3 => 0.5,
        share if share >= 0.1 => -0.5,
        _ => MIN_LEAD_SCORE,
    }
}

/// Well short of its column in the head of a block: in a column of printed
/// lines little else than a heading looks so.
fn column_score(layout: &Layout, candidate: &Candidate) -> f64 {
    let line = &layout.lines[candidate.lines.start];
    let column = layout.columns.block_cells[line.block].unwrap_or(0);
    match (candidate.in_head, 10 * line.width_cells / column.max(1)) {
        (true, 0..5) => 4.0,
        (true, 5..7) => 2.5,
        (true, _) => 1.0,
        (false, _) => 0.0,
    }
}

/// What the characters say; `None` when they rule a heading out.
fn shape_score(layout: &Layout, text: &str, candidate: &Range<usize>) -> Option<f64> {
    // Engines may set a space between every two characters.
    if layout.lines[candidate.start].n_chars > 2 * MAX_CHARS {
        return None;
    }
    let (mut n_chars, mut n_han, mut n_commas, mut n_marks) = (0usize, 0usize, 0usize, 0usize);
    let (mut first, mut last) = (None, None);
    let mut previous = None;
    for c in candidate.clone().flat_map(|idx| layout.line_text(text, idx).chars()).filter(|c| !c.is_whitespace()) {
        n_chars += 1;
        if n_chars > MAX_CHARS {
            return None;
        }
        n_han += usize::from(crate::text::is_han(c));
        first = first.or(Some(c));
        match c {
            '。' | '；' | ';' => return None,
            '，' => n_commas += 1,
            ',' if previous.is_some_and(|p: char| !p.is_ascii_digit()) => n_commas += 1,
            '！' | '？' | '!' | '?' | '…' => n_marks += 1,
            _ => {}
        }
        previous = Some(c);
        last = Some(c);
    }
    let (first, last) = (first?, last?);
    if n_han < 2 || n_commas > 1 || !can_open(first) || !can_close(last) || is_dateline(layout.line_text(text, candidate.start)) {
        return None;
    }
    let length = match n_chars {
        2..=3 => -1.5,
        4..=24 => 2.0,
        25..=32 => 1.0,
        33..=40 => 0.0,
        _ => -1.0,
    };
    let stray_end = if matches!(last, '.' | ':' | '_' | '-') { 1.0 } else { 0.0 };
    Some(length - stray_end - 2.0 * n_commas as f64 - if n_marks > 1 { 1.0 } else { 0.0 } - closing_formula(layout, text, candidate))
}

/// No heading begins with a closing mark or with a particle that leans on the
/// word before it.
fn can_open(first: char) -> bool {
    !is_closing(first) && !"，、：！？％%,.。；的了着们等".contains(first)
}

/// No heading ends in a pause, an opening mark or a word that needs another
/// after it.
fn can_close(last: char) -> bool {
    !is_opening(last) && !"，、：,—的和与及或在对将把被向从以于".contains(last)
}

fn is_dateline(line: &str) -> bool {
    super::dateline_prefix(line).is_some()
}

/// A last short paragraph such as 某某参加会见 looks like a heading.
fn closing_formula(layout: &Layout, text: &str, candidate: &Range<usize>) -> f64 {
    let line = layout.line_text(text, candidate.start);
    let told = [
        "参加会见",
        "参加会谈",
        "参加调研",
        "参加上述活动",
        "参加活动",
        "参加座谈",
        "陪同调研",
        "陪同会见",
        "表示，",
        "指出，",
        "强调，",
        "说，",
        "认为，",
    ];
    if told.iter().any(|formula| line.contains(formula)) { 3.0 } else { 0.0 }
}

fn before_score(layout: &Layout, text: &str, first: usize, old_marks: bool) -> f64 {
    let Some(previous) = first.checked_sub(1) else { return 1.0 };
    let blank = layout.breaks[previous].blank;
    let apart = if blank { 0.0 } else { -1.0 };
    match layout.lines[previous].kind {
        Kind::Body => {
            let stopped = layout
                .line_text(text, previous)
                .chars()
                .next_back()
                .is_some_and(|c| is_sentence_end(c) || is_closing(c) || old_marks && c == '、');
            let ended = stopped || layout.columns.block_cells[layout.lines[previous].block].is_some() && !layout.fills_column(previous);
            apart + if ended { 1.0 } else { -1.0 }
        }
        Kind::Byline => apart - 1.5,
        Kind::Heading => 0.5,
        _ => apart + 0.5,
    }
}

fn after_score(layout: &Layout, text: &str, next: usize) -> f64 {
    let Some(line) = layout.lines.get(next) else { return -2.0 };
    let next_text = layout.line_text(text, next);
    match line.kind {
        Kind::Byline => 3.0,
        Kind::JumpLine => match super::jump_line(next_text).map(|jump| jump.direction) {
            Some(super::Direction::To) => -2.0,
            _ => 2.0,
        },
        Kind::Heading => 0.0,
        Kind::Body | Kind::ListItem if super::dateline_prefix(next_text).is_some() => 3.0,
        Kind::Body if next_text.starts_with(|c: char| is_closing(c) || matches!(c, '，' | '、' | '。' | '；')) => -3.0,
        Kind::Body if line.n_chars >= 24 || layout.columns.wrapped => 0.5,
        _ => -0.5,
    }
}

fn ends_in_pause(line: &str) -> bool {
    line.ends_with(['，', '、', '。', '；', '：', ',', '！', '？'])
}

/// For every candidate, whether the same line of 6 or more characters is
/// another candidate: what is printed twice is a heading more often than
/// anything else of that length.
fn repeated(layout: &Layout, text: &str, candidates: &[Candidate]) -> Vec<bool> {
    let first_line = |at: usize| layout.line_text(text, candidates[at].lines.start);
    let mut order: Vec<usize> = (0..candidates.len()).filter(|&at| layout.lines[candidates[at].lines.start].n_chars >= 6).collect();
    order.sort_by_key(|&at| first_line(at));
    let mut repeated = vec![false; candidates.len()];
    for pair in order.windows(2) {
        if first_line(pair[0]) == first_line(pair[1]) {
            repeated[pair[0]] = true;
            repeated[pair[1]] = true;
        }
    }
    repeated
}

/// True when lines `idx` and `idx + 1` are one heading (or byline) that took
/// more than one printed line: the first is as wide as the second or wider,
/// or it leaves a bracket open.
pub(super) fn goes_on(layout: &Layout, text: &str, idx: usize) -> bool {
    let (Some(first), Some(second)) = (layout.lines.get(idx), layout.lines.get(idx + 1)) else { return false };
    if first.kind != second.kind || !matches!(first.kind, Kind::Heading | Kind::Byline) || layout.breaks[idx].blank {
        return false;
    }
    let first_text = layout.line_text(text, idx);
    let depth = first_text.chars().filter(|&c| is_opening(c)).count().saturating_sub(first_text.chars().filter(|&c| is_closing(c)).count());
    let starts_anew = layout.line_text(text, idx + 1).starts_with(['（', '(', '第', '【', '—']);
    let printed = layout.columns.block_cells[first.block].is_some();
    depth > 0
        || printed
            && first.kind == Kind::Heading
            && !starts_anew
            && first.width_cells + 2 >= second.width_cells
            && first.width_cells <= second.width_cells + 2
        || printed
            && first.kind == Kind::Heading
            && !starts_anew
            && first.width_cells > second.width_cells
            && layout.blocks[first.block].end == idx + 2
}

#[cfg(test)]
mod tests {
    use super::super::Layout;
    use super::*;

    fn headings(text: &str) -> Vec<&str> {
        let layout = Layout::new(text);
        (0..layout.lines.len()).filter(|&idx| layout.lines[idx].kind == Kind::Heading).map(|idx| layout.line_text(text, idx)).collect()
    }

    const BODY: &str = "昨天上午，城东新桥正式通车，附近的居民纷纷前来观看，场面十分热闹，一直到中午人群才慢慢散去";

    #[test]
    fn a_short_line_before_a_byline_or_dateline_is_one() {
        let text = format!("城东新桥正式通车\n\n本报记者 何俊\n\n{BODY}。\n\n老街改造年内完工\n\n本报讯（记者 赵敏）{BODY}");
        assert_eq!(headings(&text), ["城东新桥正式通车", "老街改造年内完工"]);
    }

    #[test]
    fn a_short_last_paragraph_is_none() {
        for last in ["何俊参加会见", "，大家都很高兴", "他说，路通了", "的生活更加方便"] {
            let text = format!("{BODY}。\n\n{BODY}\n\n{last}\n\n{BODY}。");
            assert_eq!(headings(&text), Vec::<&str>::new(), "{last}");
        }
    }

    #[test]
    fn wrapped_lines_need_the_start_of_a_block() {
        let text = "新橋通車記\n（晚晴）\n昨日上午城東新橋正式\n通車附近居民紛紛前來\n觀看場面甚爲熱鬧\n直至中午人羣始慢慢散\n去云\n\n橋價\n每人每次收銅元一枚挑\n夫倍之車馬另議";
        assert_eq!(headings(text), ["新橋通車記", "橋價"]);
    }

    #[test]
    fn a_heading_of_two_printed_lines() {
        let text = "城东新桥正式通车\n两岸往来只要五分钟\n\n本报讯（记者何俊）昨\n天上午，城东新桥正式\n通车，附近的居民纷纷\n前来观看。";
        assert_eq!(headings(text), ["城东新桥正式通车", "两岸往来只要五分钟"]);
    }
}

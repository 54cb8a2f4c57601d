use crate::document::{Direction, Kind, Layout, dateline_prefix, jump_line};
use crate::text::{is_han, is_sentence_end};

/// What a line tells about the copy beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Landmark {
    /// 下转, 详见: the article goes on elsewhere, what stands before is the
    /// beginning only.
    Away,
    /// 上接: the article began elsewhere, what follows is the main part.
    Here,
}

/// The landmark on line `line_idx`.
pub fn landmark(layout: &Layout, text: &str, line_idx: usize) -> Option<Landmark> {
    of_phrase(layout.line_text(text, line_idx))
}

/// The landmark that `phrase` is, if it is nothing but one.
pub fn of_phrase(phrase: &str) -> Option<Landmark> {
    jump_line(phrase).map(|jump| match jump.direction {
        Direction::To | Direction::See => Landmark::Away,
        Direction::From => Landmark::Here,
    })
}

/// True for lines that stand around text rather than being running text, and
/// are printed with every part of an article: headings, bylines, captions,
/// furniture, jump lines.
pub fn is_display(layout: &Layout, text: &str, line_idx: usize) -> bool {
    match layout.lines[line_idx].kind {
        Kind::Caption | Kind::JumpLine | Kind::Furniture => true,
        Kind::Heading | Kind::Byline => !starts_report(layout.line_text(text, line_idx)),
        Kind::Body | Kind::ListItem | Kind::TableRow | Kind::Verse => false,
    }
}

/// True where the body of a report begins: 本报讯（记者…. On a narrow column
/// the names of its bracket fill the whole first line, which then looks like a
/// byline or a heading; damaged, it is known by some Han characters and a
/// bracket, or what the OCR made of it, before 记者.
pub fn starts_report(line: &str) -> bool {
    const MAX_HEAD: usize = 30;
    let damaged = || {
        let head = line.find("记者").filter(|&at| at <= MAX_HEAD).map_or("", |at| &line[..at]);
        let n_han = head.chars().filter(|&c| is_han(c)).count();
        n_han >= 2 && head.chars().next_back().is_some_and(|c| c == '讯' || !is_han(c) && !c.is_whitespace())
    };
    dateline_prefix(line).is_some() || damaged()
}

/// True when the line ends the way a paragraph ends.
pub fn ends_sentence(line: &str) -> bool {
    line.trim_end_matches(['”', '’', '」', '』', '"', '）', ')']).ends_with(is_sentence_end)
}

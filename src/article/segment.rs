//! A page cut into pieces of articles.

use super::cohesion::Cohesion;
use crate::document::{Direction, FurnitureKind, JumpLine, Kind, Layout, dateline_prefix, furniture_fields, jump_line, list_marker};
use crate::text::{Span, is_closing, is_sentence_end};

/// What a part of an article is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// 引题, 肩题: above the headline.
    Kicker,
    /// 主题.
    Headline,
    /// 副题: below the headline.
    SubHeadline,
    /// 小标题: a heading inside the text.
    Subheading,
    /// 署名.
    Byline,
    /// A paragraph.
    Paragraph,
    /// 图说.
    Caption,
    /// 转版提示.
    Jump(JumpLine),
}

/// A part of an article: a line of the corrected page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// What it is.
    pub role: Role,
    /// Where it stands in the corrected page.
    pub span: Span,
}

/// What one page has of one article, in reading order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Piece {
    /// Its parts.
    pub parts: Vec<Part>,
}

/// A line that belongs to no article.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Left {
    /// Where it stands in the corrected page.
    pub span: Span,
    /// What it is; `None` for a jump line without an article.
    pub furniture: Option<FurnitureKind>,
}

/// A page, taken apart.
#[derive(Clone, Debug, Default)]
pub struct Segmented {
    /// The pieces of articles, in reading order.
    pub pieces: Vec<Piece>,
    /// Everything else.
    pub left: Vec<Left>,
}

impl Piece {
    /// The parts with this role.
    pub fn with(&self, role: Role) -> impl Iterator<Item = &Part> {
        self.parts.iter().filter(move |part| part.role == role)
    }

    /// The text of its headline, empty without one.
    #[must_use]
    pub fn headline<'t>(&self, text: &'t str) -> &'t str {
        self.with(Role::Headline).next().map_or("", |part| part.span.of(text))
    }

    /// The jump lines that point in this direction.
    pub fn jumps(&self, direction: Direction) -> impl Iterator<Item = JumpLine> + '_ {
        self.parts.iter().filter_map(move |part| match part.role {
            Role::Jump(jump) if jump.direction == direction => Some(jump),
            _ => None,
        })
    }

    /// True when it has running text.
    #[must_use]
    pub fn has_body(&self) -> bool {
        self.with(Role::Paragraph).next().is_some()
    }
}

/// Cuts a corrected page into pieces of articles.
#[must_use]
pub fn segment(text: &str, layout: &Layout) -> Segmented {
    let bodies = layout.lines.iter().filter(|line| is_running(line.kind)).map(|line| line.span.of(text));
    let mut cutter =
        Cutter { text, layout, cohesion: Cohesion::new(bodies), done: Segmented::default(), piece: Piece::default(), head: Vec::new() };
    for line_idx in 0..layout.lines.len() {
        cutter.line(line_idx);
    }
    cutter.finish()
}

fn is_running(kind: Kind) -> bool {
    matches!(kind, Kind::Body | Kind::ListItem | Kind::TableRow | Kind::Verse)
}

struct Cutter<'t> {
    text: &'t str,
    layout: &'t Layout,
    cohesion: Cohesion,
    done: Segmented,
    piece: Piece,
    /// Lines that stand above a text yet to come.
    head: Vec<usize>,
}

impl<'t> Cutter<'t> {
    fn line(&mut self, line_idx: usize) {
        let line = &self.layout.lines[line_idx];
        match line.kind {
            Kind::Furniture => {
                let furniture = furniture_fields(line.span.of(self.text), true).map(|fields| fields.kind);
                self.done.left.push(Left { span: line.span, furniture });
            }
            Kind::Heading => self.head.push(line_idx),
            // Above a text a byline belongs to it, below it is a signature.
            Kind::Byline if !self.head.is_empty() || self.begins_text(line_idx) => self.head.push(line_idx),
            Kind::Byline => self.push(Role::Byline, line.span),
            Kind::Caption => self.caption(line_idx),
            Kind::JumpLine => self.jump(line_idx),
            Kind::Body | Kind::ListItem | Kind::TableRow | Kind::Verse => self.running(line_idx),
        }
    }

    fn push(&mut self, role: Role, span: Span) {
        self.piece.parts.push(Part { role, span });
    }

    /// True for a byline that is followed by running text and not preceded by
    /// any of this piece.
    fn begins_text(&self, line_idx: usize) -> bool {
        !self.piece.has_body() && self.layout.lines.get(line_idx + 1).is_some_and(|next| is_running(next.kind))
    }

    /// A caption goes with the text whose words it shares: the one it stands
    /// in, or the one that follows.
    fn caption(&mut self, line_idx: usize) {
        let span = self.layout.lines[line_idx].span;
        if self.head.is_empty() || self.piece.parts.is_empty() {
            self.push(Role::Caption, span);
            return;
        }
        let caption = span.of(self.text);
        let (before, after) = (self.body_so_far(), self.body_from(line_idx + 1));
        if self.cohesion.of(caption, after) > self.cohesion.of(caption, &before) {
            self.head.push(line_idx);
        } else {
            self.push(Role::Caption, span);
        }
    }

    fn jump(&mut self, line_idx: usize) {
        let span = self.layout.lines[line_idx].span;
        let Some(jump) = jump_line(span.of(self.text)) else {
            self.done.left.push(Left { span, furniture: None });
            return;
        };
        match jump.direction {
            // 上接 stands at the head of what goes on here.
            Direction::From if !self.head.is_empty() || self.piece.jumps(Direction::To).next().is_some() => self.head.push(line_idx),
            // 下转 ends a text; what stood above it was no heading of another.
            Direction::To if !self.head.is_empty() => {
                self.flush_head(None);
                self.push(Role::Jump(jump), span);
            }
            _ => self.push(Role::Jump(jump), span),
        }
    }

    fn running(&mut self, line_idx: usize) {
        let span = self.layout.lines[line_idx].span;
        if !self.head.is_empty() {
            self.flush_head(Some(line_idx));
        } else if self.piece.has_body() && self.begins_report(line_idx) {
            self.cut();
        }
        self.push(Role::Paragraph, span);
    }

    /// True for a paragraph that begins a report of its own: short news without
    /// headlines stand one below the other.
    fn begins_report(&self, line_idx: usize) -> bool {
        let line = self.layout.line_text(self.text, line_idx);
        self.text_ended() && dateline_prefix(line).is_some_and(|prefix| prefix.of(line).contains(['讯', '訊', '电', '電']))
    }

    /// True when the last paragraph ends a sentence.
    fn text_ended(&self) -> bool {
        let last = self.piece.with(Role::Paragraph).last();
        last.is_none_or(|part| part.span.of(self.text).trim_end_matches(is_closing).ends_with(is_sentence_end))
    }

    /// The waiting heading lines become the head of a new piece, or
    /// sub-headings of this one.
    fn flush_head(&mut self, body: Option<usize>) {
        if self.piece.has_body() && body.is_none_or(|body| self.starts_article(body)) {
            self.cut();
        }
        let inside = self.piece.has_body();
        let head = std::mem::take(&mut self.head);
        let headings: Vec<usize> = head.iter().copied().filter(|&line_idx| self.layout.lines[line_idx].kind == Kind::Heading).collect();
        let has_headline = self.piece.with(Role::Headline).next().is_some();
        let main = self.main_heading(&headings);
        for line_idx in head {
            let line = &self.layout.lines[line_idx];
            let role = match line.kind {
                Kind::Heading if inside || has_headline => Role::Subheading,
                Kind::Heading if line_idx < main => Role::Kicker,
                Kind::Heading if line_idx == main => Role::Headline,
                Kind::Heading => Role::SubHeadline,
                Kind::JumpLine => match jump_line(line.span.of(self.text)) {
                    Some(jump) => Role::Jump(jump),
                    None => continue,
                },
                Kind::Caption => Role::Caption,
                _ => Role::Byline,
            };
            self.push(role, line.span);
        }
    }

    /// Of several heading lines the one that is the headline: a kicker stands
    /// above it, what begins with a dash below.
    fn main_heading(&self, headings: &[usize]) -> usize {
        let is_sub = |line_idx: usize| self.layout.line_text(self.text, line_idx).starts_with(['—', '－', '-']);
        match headings {
            [] => usize::MAX,
            [only] => *only,
            [first, second] if is_sub(*second) => *first,
            [first, second] => {
                // The larger type has room for fewer characters.
                let n_chars = |line_idx: usize| self.layout.lines[line_idx].n_chars;
                if n_chars(*second) < n_chars(*first) && self.layout.line_text(self.text, *first).ends_with(['：', ':', '，', ',']) {
                    *second
                } else {
                    *first
                }
            }
            [first, second, ..] => {
                if is_sub(*second) {
                    *first
                } else {
                    *second
                }
            }
        }
    }

    /// Does the waiting head begin an article, rather than a section of the
    /// piece at hand?
    fn starts_article(&self, body: usize) -> bool {
        let headings: Vec<&str> = self
            .head
            .iter()
            .filter(|&&idx| self.layout.lines[idx].kind == Kind::Heading)
            .map(|&idx| self.layout.line_text(self.text, idx))
            .collect();
        let Some(&first) = headings.first() else {
            // A byline alone, in the middle of a text: two texts seldom meet so.
            return self.text_ended() && self.head.iter().any(|&idx| self.layout.lines[idx].kind == Kind::JumpLine);
        };
        let line = self.layout.line_text(self.text, body);
        let has = |kind: Kind| self.head.iter().any(|&idx| self.layout.lines[idx].kind == kind);
        let said = has(Kind::Byline) || has(Kind::JumpLine) || dateline_prefix(line).is_some();
        let ended = self.piece.jumps(Direction::To).next().is_some() || self.ends_with_source();
        if said || ended {
            return true;
        }
        if list_marker(first).is_some() {
            return false;
        }
        let n_chars = first.chars().count();
        let mut weight = match n_chars {
            0..=6 => -1.0,
            7..=10 => 0.0,
            11..=13 => 0.7,
            _ => 1.5,
        };
        weight += if headings.len() > 1 { 1.0 } else { 0.0 };
        // Sections of one article are about one thing.
        weight += 1.2 - 14.0 * self.cohesion.of(&self.body_so_far(), self.body_from(body));
        weight > 0.0
    }

    /// True after （据新华社电） and （某某 摄） and the like, which end a text.
    fn ends_with_source(&self) -> bool {
        const LAST_BYTES: usize = 60;
        let Some(last) = self.piece.with(Role::Paragraph).last() else { return false };
        let text = last.span.of(self.text).trim_end();
        let open = text.ends_with(['）', ')']).then(|| text.rfind(['（', '('])).flatten();
        open.is_some_and(|open| {
            text.len() - open <= LAST_BYTES
                && ["据", "社", "记者", "报", "来源", "摄", "整理", "综合"].iter().any(|word| text[open..].contains(word))
        })
    }

    fn body_so_far(&self) -> String {
        const LAST_PARAGRAPHS: usize = 6;
        let paragraphs: Vec<&str> = self.piece.with(Role::Paragraph).map(|part| part.span.of(self.text)).collect();
        paragraphs[paragraphs.len().saturating_sub(LAST_PARAGRAPHS)..].join("\n")
    }

    /// The running text from line `line_idx` to the next heading.
    fn body_from(&self, line_idx: usize) -> &'t str {
        const NEXT_LINES: usize = 6;
        let lines = &self.layout.lines;
        let Some(start) = (line_idx..lines.len()).find(|&idx| is_running(lines[idx].kind)) else { return "" };
        let end = (start..lines.len()).take(NEXT_LINES).take_while(|&idx| lines[idx].kind != Kind::Heading).last().unwrap_or(start);
        &self.text[lines[start].span.start..lines[end].span.end]
    }

    fn cut(&mut self) {
        let piece = std::mem::take(&mut self.piece);
        if !piece.parts.is_empty() {
            self.done.pieces.push(piece);
        }
    }

    fn finish(mut self) -> Segmented {
        if !self.head.is_empty() {
            self.flush_head(None);
        }
        self.cut();
        self.done
    }
}

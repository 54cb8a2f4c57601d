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

/// From this size on a line is set as a headline: of the lines of the labelled
/// pages that large nine in ten are one, and five in six headlines are that
/// large. Below the other it is set as the running text, whose own lines differ
/// by so much.
const HEADLINE_SIZE: f32 = 1.3;
const RUNNING_SIZE: f32 = 1.15;
/// A headline is larger than the lines around it by this much: less is how much
/// lines of one size differ.
const LARGER: f32 = 1.15;
/// Characters of the shortest headline that is known by its size alone; a lone
/// character may be an initial.
const HEADLINE_CHARS: usize = 4;

/// Cuts a corrected page into pieces of articles. `sizes`: of the type of its
/// lines; may be empty.
#[must_use]
pub fn segment(text: &str, layout: &Layout, sizes: &[Option<f32>]) -> Segmented {
    let kinds: Vec<Kind> = (0..layout.lines.len()).map(|idx| kind_in_print(text, layout, idx, sizes.get(idx).copied().flatten())).collect();
    let bodies = layout.lines.iter().zip(&kinds).filter(|(_, kind)| is_running(**kind)).map(|(line, _)| line.span.of(text));
    let cohesion = Cohesion::new(bodies);
    let mut cutter = Cutter { text, layout, kinds, sizes, cohesion, done: Segmented::default(), piece: Piece::default(), head: Vec::new() };
    for line_idx in 0..layout.lines.len() {
        cutter.line(line_idx);
    }
    cutter.finish()
}

/// What a line is: by its words, or a headline by its type.
fn kind_in_print(text: &str, layout: &Layout, idx: usize, size: Option<f32>) -> Kind {
    let line = &layout.lines[idx];
    let is_large = size.is_some_and(|size| size >= HEADLINE_SIZE) && line.n_chars >= HEADLINE_CHARS;
    let ends = line.span.of(text).trim_end_matches(is_closing).ends_with(is_sentence_end);
    if is_large && line.kind == Kind::Body && !ends { Kind::Heading } else { line.kind }
}

fn is_running(kind: Kind) -> bool {
    matches!(kind, Kind::Body | Kind::ListItem | Kind::TableRow | Kind::Verse)
}

struct Cutter<'t> {
    text: &'t str,
    layout: &'t Layout,
    /// What each line is.
    kinds: Vec<Kind>,
    /// How large its type is.
    sizes: &'t [Option<f32>],
    cohesion: Cohesion,
    done: Segmented,
    piece: Piece,
    /// Lines that stand above a text yet to come.
    head: Vec<usize>,
}

impl<'t> Cutter<'t> {
    fn line(&mut self, line_idx: usize) {
        let line = &self.layout.lines[line_idx];
        match self.kinds[line_idx] {
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
        !self.piece.has_body() && self.kinds.get(line_idx + 1).is_some_and(|&next| is_running(next))
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
        if self.is_sent_on() || self.piece.has_body() && body.is_none_or(|body| self.starts_article(body)) {
            self.cut();
        }
        let inside = self.piece.has_body();
        let mut head = std::mem::take(&mut self.head);
        while !inside && let Some(next) = self.next_headline(&head) {
            let rest = head.split_off(next);
            self.push_head(head, false);
            self.cut();
            head = rest;
        }
        self.push_head(head, inside);
    }

    /// Adds the lines of a head, those of a section when it stands `inside`.
    fn push_head(&mut self, head: Vec<usize>, inside: bool) {
        let headings: Vec<usize> = head.iter().copied().filter(|&line_idx| self.kinds[line_idx] == Kind::Heading).collect();
        let has_headline = self.piece.with(Role::Headline).next().is_some();
        let main = self.main_heading(&headings);
        for line_idx in head {
            let line = &self.layout.lines[line_idx];
            let role = match self.kinds[line_idx] {
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

    /// True when the piece is a headline whose text is said to stand elsewhere.
    fn is_sent_on(&self) -> bool {
        !self.piece.has_body() && self.piece.with(Role::Headline).next().is_some() && self.piece.jumps(Direction::To).next().is_some()
    }

    /// Where in a head the headline of another article stands: behind one whose
    /// own text is elsewhere. Both are set large and apart from each other, or
    /// the first one stands above that text once more.
    fn next_headline(&self, head: &[usize]) -> Option<usize> {
        let headings: Vec<usize> = (0..head.len()).filter(|&at| self.kinds[head[at]] == Kind::Heading).collect();
        let size = |line_idx: usize| self.sizes.get(line_idx).copied().flatten().filter(|&size| size >= HEADLINE_SIZE);
        headings.windows(2).find_map(|pair| {
            let (above, below) = (head[pair[0]], head[pair[1]]);
            let are_alike = size(above).zip(size(below)).is_some_and(|(a, b)| a.max(b) < LARGER * a.min(b));
            let are_apart = self.layout.lines[above].block != self.layout.lines[below].block;
            (are_apart && (are_alike || self.stands_again(above) && !self.stands_again(below))).then_some(pair[1])
        })
    }

    /// True for a heading that stands in the text once more.
    fn stands_again(&self, line_idx: usize) -> bool {
        const FEWEST_CHARS: usize = 6;
        const LIKENESS: f64 = 0.8;
        let own = self.layout.line_text(self.text, line_idx);
        self.layout.lines[line_idx].n_chars >= FEWEST_CHARS
            && (0..self.kinds.len()).any(|idx| {
                idx != line_idx
                    && self.kinds[idx] == Kind::Heading
                    && strsim::normalized_levenshtein(own, self.layout.line_text(self.text, idx)) >= LIKENESS
            })
    }

    /// Of several heading lines the one that is the headline: a kicker stands
    /// above it, what begins with a dash below.
    fn main_heading(&self, headings: &[usize]) -> usize {
        let is_sub = |line_idx: usize| self.layout.line_text(self.text, line_idx).starts_with(['—', '－', '-']);
        // The headline is set in the largest type, where that is known.
        let size = |line_idx: usize| self.sizes.get(line_idx).copied().flatten().unwrap_or(0.0);
        if let Some(&largest) = headings.iter().max_by(|&&a, &&b| size(a).total_cmp(&size(b)).then(b.cmp(&a)))
            && headings.iter().all(|&other| other == largest || size(other) > 0.0 && size(other) * LARGER < size(largest))
        {
            return largest;
        }
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
        let headings: Vec<&str> =
            self.head.iter().filter(|&&idx| self.kinds[idx] == Kind::Heading).map(|&idx| self.layout.line_text(self.text, idx)).collect();
        let Some(&first) = headings.first() else {
            // A byline alone, in the middle of a text: two texts seldom meet so.
            return self.text_ended() && self.head.iter().any(|&idx| self.kinds[idx] == Kind::JumpLine);
        };
        let line = self.layout.line_text(self.text, body);
        let has = |kind: Kind| self.head.iter().any(|&idx| self.kinds[idx] == kind);
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
        weight += match self.head.iter().filter_map(|&idx| self.sizes.get(idx).copied().flatten()).reduce(f32::max) {
            Some(size) if size >= HEADLINE_SIZE => 2.0,
            Some(size) if size < RUNNING_SIZE => -1.0,
            _ => 0.0,
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
        let Some(start) = (line_idx..lines.len()).find(|&idx| is_running(self.kinds[idx])) else { return "" };
        let end = (start..lines.len()).take(NEXT_LINES).take_while(|&idx| self.kinds[idx] != Kind::Heading).last().unwrap_or(start);
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

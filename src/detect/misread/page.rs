use crate::document::{Kind, Layout};
use crate::model::lattice::Passage;
use crate::model::lm::LanguageModel;

/// What a passage is and what stands below it.
#[derive(Clone, Copy)]
pub(super) struct Setting<'a> {
    /// Kind of its lines.
    pub(super) kind: Kind,
    /// Kind of the line below.
    pub(super) next_kind: Option<Kind>,
    /// The line below; empty at the end of the page.
    pub(super) next: &'a str,
}

/// The passages of a page, one after the other: its lines, printed lines of
/// one paragraph taken together.
pub(super) struct Passages<'a> {
    text: &'a str,
    layout: &'a Layout,
    lm: &'a LanguageModel,
    next_line: usize,
}

impl<'a> Passages<'a> {
    /// The passages of `text`.
    pub(super) fn new(text: &'a str, layout: &'a Layout, lm: &'a LanguageModel) -> Self {
        Self { text, layout, lm, next_line: 0 }
    }

    /// Reads the next passage into `passage`; its setting, or `None` at the end
    /// of the page. Tables and verse, which do not read like prose, are passed
    /// over.
    pub(super) fn next_into(&mut self, passage: &mut Passage) -> Option<Setting<'a>> {
        passage.clear();
        loop {
            let first = self.next_line;
            let line = self.layout.lines.get(first)?;
            let mut last = first;
            while self.goes_on(last) {
                last += 1;
            }
            self.next_line = last + 1;
            if matches!(line.kind, Kind::TableRow | Kind::Verse) {
                continue;
            }
            for line in &self.layout.lines[first..=last] {
                passage.push(self.lm, line.span.of(self.text), line.span.start);
            }
            let next = self.layout.lines.get(self.next_line);
            return Some(Setting {
                kind: line.kind,
                next_kind: next.map(|next| next.kind),
                next: next.map_or("", |next| next.span.of(self.text)),
            });
        }
    }

    /// True when the printed line `idx` and the one after it are parts of one
    /// paragraph that was left in lines.
    fn goes_on(&self, idx: usize) -> bool {
        let Some(next) = self.layout.lines.get(idx + 1) else { return false };
        let line = &self.layout.lines[idx];
        line.kind == next.kind && line.block == next.block && !self.layout.breaks[idx].blank && self.layout.fills_column(idx)
    }
}

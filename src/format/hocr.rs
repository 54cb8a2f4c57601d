//! hOCR, as Tesseract, Kraken, OCRopus and others write it.

use super::error::FormatError;
use super::extract::Picture;
use super::sheet::{Glyph, Region, Row, Sheet};
use super::xml::{Node, Tag, Walker};
use crate::document::Bounds;
use crate::text::Span;

pub(super) fn is_hocr(head: &str) -> bool {
    head.contains("ocr_page") || head.contains("ocr-system") || head.contains("ocr_line")
}

/// Classes whose elements are a line.
const LINES: [&str; 6] = ["ocr_line", "ocrx_line", "ocr_header", "ocr_caption", "ocr_textfloat", "ocr_footer"];

/// Classes whose elements are a part of a line.
const WITHIN: [&str; 4] = ["ocrx_word", "ocr_word", "ocrx_cinfo", "ocr_cinfo"];

/// Classes whose elements are a block.
const BLOCKS: [&str; 4] = ["ocr_carea", "ocrx_block", "ocr_column", "ocr_float"];

/// True for an element that holds characters of the page: a line, a word or one
/// of its characters.
pub(super) fn holds_characters(tag: &Tag<'_>) -> bool {
    LINES.iter().chain(&WITHIN).any(|class| tag.has_class(class))
}

/// What an element is to the reader.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Page,
    Block,
    Line,
    Word,
    Other,
}

pub(super) fn read(content: &str) -> Result<Sheet, FormatError> {
    let mut walker = Walker::new(content);
    let mut state = State { pages: 0, ..State::default() };
    // How deep inside of an element without text of the page: other readings
    // of a character, deleted text, the head.
    let mut skipped = 0;
    let mut roles: Vec<Role> = Vec::new();
    loop {
        match walker.next()? {
            Node::Open(tag) => {
                if skipped > 0 || is_skipped(&tag) {
                    skipped += 1;
                } else {
                    roles.push(state.open(&tag)?);
                }
            }
            Node::Close if skipped > 0 => skipped -= 1,
            Node::Close => state.close(roles.pop().unwrap_or(Role::Other)),
            Node::Text(chars) if skipped == 0 => state.text(&chars),
            Node::Text(_) => {}
            Node::End => break,
        }
    }
    state.end_line();
    let sheet = state.sheet;
    if state.pages == 0 && sheet.regions.is_empty() {
        return Err(FormatError::new(
            0,
            "没有 ocr_page 或 ocr_line 元素，不是 hOCR；可用 --input-format 指定格式",
            "there is no ocr_page or ocr_line element: this is no hOCR. Name its format with --input-format",
        ));
    }
    Ok(sheet)
}

fn is_skipped(tag: &Tag<'_>) -> bool {
    let choice = tag.raw("id").is_some_and(|id| id.starts_with("lstm_choices") || id.starts_with("choice_"));
    choice || ["head", "script", "style", "del"].iter().any(|name| name.eq_ignore_ascii_case(tag.name))
}

#[derive(Default)]
struct State {
    sheet: Sheet,
    pages: usize,
    /// The next line begins a block.
    new_block: bool,
    row: Option<Row>,
    /// The line says its words one by one.
    has_words: bool,
    in_word: usize,
    /// White space since the last character of the line.
    space: Option<Vec<(char, Span)>>,
    /// The confidences of the innermost element that has some: of each
    /// character, or of all.
    sure: Sure,
    /// Of each open element its box, where that is one within a line.
    boxes: Vec<Option<Bounds>>,
}

#[derive(Clone, Debug, Default)]
struct Sure {
    each: Vec<f32>,
    all: Option<f32>,
    n_seen: usize,
}

impl Sure {
    fn of(title: &str) -> Option<Self> {
        let number = |name| property(title, name).and_then(|value| value.split_ascii_whitespace().next()?.parse::<f32>().ok());
        let each: Vec<f32> = property(title, "x_confs")
            .map_or_else(Vec::new, |value| value.split_ascii_whitespace().map_while(|n| n.parse().ok()).collect());
        let all = number("x_conf").or_else(|| number("x_wconf"));
        (all.is_some() || !each.is_empty()).then_some(Self { each, all, n_seen: 0 })
    }

    fn next(&mut self) -> Option<f32> {
        let own = self.each.get(self.n_seen).copied().or(self.all);
        self.n_seen += 1;
        own.filter(|percent| percent.is_finite()).map(|percent| (percent / 100.0).clamp(0.0, 1.0))
    }
}

/// A property of the attribute `title`: `bbox 1 2 3 4; x_wconf 90`.
fn property<'t>(title: &'t str, name: &str) -> Option<&'t str> {
    title.split(';').map(str::trim).find_map(|one| one.strip_prefix(name)?.strip_prefix(' '))
}

fn bounds(title: &str) -> Option<Bounds> {
    // Characters have a list of boxes, of which the first is theirs.
    let edges = property(title, "bbox").or_else(|| property(title, "x_bboxes"))?;
    let mut edges = edges.split_ascii_whitespace().map_while(|edge| edge.parse::<f32>().ok());
    Bounds::new(edges.next()?, edges.next()?, edges.next()?, edges.next()?)
}

impl State {
    fn open(&mut self, tag: &Tag<'_>) -> Result<Role, FormatError> {
        let title = tag.raw("title").unwrap_or("");
        let is_within = WITHIN.iter().any(|class| tag.has_class(class));
        self.boxes.push(is_within.then(|| bounds(title)).flatten());
        let role = if tag.has_class("ocr_page") {
            self.end_line();
            self.pages += 1;
            let title: String = tag.characters("title")?.into_iter().map(|(c, _)| c).collect();
            let name = property(&title, "image").map(|name| name.trim().trim_matches(['"', '\'']).to_owned());
            self.sheet.pictures.push(Picture { name, bounds: bounds(&title) });
            self.new_block = true;
            Role::Page
        } else if BLOCKS.iter().any(|class| tag.has_class(class)) {
            self.end_line();
            self.new_block = true;
            Role::Block
        } else if LINES.iter().any(|class| tag.has_class(class)) {
            self.end_line();
            self.row = Some(Row { bounds: bounds(title), ..Row::default() });
            Role::Line
        } else if tag.has_class("ocrx_word") || tag.has_class("ocr_word") {
            self.has_words = true;
            self.in_word += 1;
            if let Some(row) = &mut self.row {
                row.word_gap();
            }
            self.space = None;
            Role::Word
        } else {
            Role::Other
        };
        if let Some(sure) = Sure::of(title) {
            self.sure = sure;
        }
        Ok(role)
    }

    fn close(&mut self, role: Role) {
        self.boxes.pop();
        match role {
            Role::Line => self.end_line(),
            Role::Block | Role::Page => {
                self.end_line();
                self.new_block = true;
            }
            Role::Word => {
                self.in_word = self.in_word.saturating_sub(1);
                self.space = None;
            }
            Role::Other => {}
        }
    }

    fn text(&mut self, chars: &[(char, Span)]) {
        let Some(row) = &mut self.row else { return };
        let bounds = self.boxes.iter().rev().find_map(|own| *own);
        for &(c, place) in chars {
            if c.is_whitespace() {
                // Between words it is markup like any other.
                if !self.has_words || self.in_word > 0 {
                    self.space.get_or_insert_default().push((c, place));
                }
                continue;
            }
            if let Some(space) = self.space.take()
                && !row.glyphs.is_empty()
            {
                // A line break in the markup is none of the text.
                if space.iter().any(|(c, _)| matches!(c, '\n' | '\r')) {
                    row.word_gap();
                } else {
                    row.glyphs.extend(space.iter().map(|&(c, place)| Glyph { c, source: Some(place), confidence: None, bounds }));
                }
            }
            row.glyphs.push(Glyph { c, source: Some(place), confidence: self.sure.next(), bounds });
        }
    }

    fn end_line(&mut self) {
        (self.has_words, self.in_word, self.space) = (false, 0, None);
        let Some(row) = self.row.take().filter(|row| !row.glyphs.is_empty()) else { return };
        let page = self.pages.saturating_sub(1);
        if std::mem::take(&mut self.new_block) || self.sheet.regions.is_empty() {
            self.sheet.regions.push(Region { rows: Vec::new(), page });
        }
        if let Some(region) = self.sheet.regions.last_mut() {
            region.rows.push(row);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Format;
    use crate::apply::Script;
    use crate::document::Bounds;
    use crate::finding::Edit;
    use crate::text::Span;

    const PAGE: &str = "<html xmlns=\"http://www.w3.org/1999/xhtml\"><head><title>x</title><meta name=\"ocr-system\" content=\"t\"/></head><body>\
<div class='ocr_page' title='bbox 0 0 100 100'><div class=\"ocr_carea\" title=\"bbox 0 0 50 50\">\
<span class=\"ocr_line\" title=\"bbox 10 0 50 10; x_wconf 80\"><span class=\"ocrx_cinfo\" title=\"x_conf 99\">城</span><span class=\"ocrx_cinfo\" title=\"x_conf 40\">末</span>桥</span>\n\
<span class=\"ocr_line\" title=\"bbox 0 12 50 22\">\n <span class='ocrx_word' title='bbox 0 12 9 22; x_wconf 91'>通</span>\n <span class='ocrx_word' title='x_wconf 92'>车&amp;</span> <span class='ocrx_word'>GPS</span> <span class='ocrx_word'>2</span></span></div>\
<div class=\"ocr_carea\"><span class=\"ocr_line\">新 闻</span></div></div></body></html>";

    #[test]
    fn text_boxes_and_confidence_are_read() {
        let page = Format::Hocr.read(PAGE).unwrap().unwrap();
        assert_eq!(page.text, "城末桥\n通车&GPS 2\n\n新 闻\n");
        assert_eq!(page.geometry.lines.len(), 3);
        assert_eq!(page.geometry.lines[0].bounds.unwrap().left, 10.0);
        assert_eq!(page.geometry.sure_at(3).map(|sure| (sure.c, sure.share)), Some(('末', 0.4)));
        assert_eq!(page.boxes, [(Span::new(10, 13), Bounds::new(0.0, 12.0, 9.0, 22.0).unwrap())]);
        assert_eq!(page.pictures[0].bounds.unwrap().right, 100.0);
        assert_eq!(page.geometry.lines.iter().map(|line| line.block).collect::<Vec<_>>(), [0, 0, 1]);
        let sources: String = page.sources(Span::new(0, page.text.len())).iter().map(|span| span.of(PAGE)).collect();
        assert_eq!(sources, "城末桥通车&amp;GPS2新 闻");
    }

    #[test]
    fn only_what_changed_is_written() {
        let page = Format::Hocr.read(PAGE).unwrap().unwrap();
        // 末 to 东, the two lines joined with a lost character, & to <.
        let edits = vec![
            Edit::replacement(Span::new(3, 6), "东"),
            Edit::replacement(Span::new(9, 10), "正"),
            Edit::replacement(Span::new(16, 17), "<"),
        ];
        let written = page.write(&Script::new(edits).unwrap());
        assert_eq!(written.n_joins, 1);
        let corrected = written.script.apply(PAGE);
        let expected = PAGE.replace("末", "东").replace("桥", "桥正").replace("&amp;", "&lt;");
        assert_eq!(corrected, expected);
        assert_eq!(page.write(&Script::default()).script.apply(PAGE), PAGE);
    }

    #[test]
    fn characters_and_pictures_have_boxes() {
        let html = "<div class='ocr_page' title='image \"scans/a &amp; b.png\"; bbox 0 0 800 600; ppageno 0'><span class='ocr_line' title='bbox 0 0 90 30'>\
<span class='ocrx_word' title='bbox 0 0 60 30'><span class='ocrx_cinfo' title='x_bboxes 0 0 28 30; x_conf 9'>甲</span><strong>乙丙</strong></span>丁</span></div>";
        let page = Format::Hocr.read(html).unwrap().unwrap();
        assert_eq!(page.pictures[0].name.as_deref(), Some("scans/a & b.png"));
        let boxes: Vec<(&str, f32)> = page.boxes.iter().map(|(run, bounds)| (run.of(&page.text), bounds.right)).collect();
        assert_eq!(boxes, [("甲", 28.0), ("乙丙", 60.0)]);
    }

    #[test]
    fn a_moved_passage_stays_in_its_lines() {
        let html = "<div class='ocr_page'><p class='ocr_line'>昨天上午新桥正式通</p><p class='ocr_line'>图为新桥通车典礼</p><p class='ocr_line'>车，人们前来观看。</p></div>";
        let page = Format::Hocr.read(html).unwrap().unwrap();
        let end = page.text.trim_end().len();
        let (from, to) = (page.text.find('图').unwrap(), page.text.find('车').unwrap());
        let rest = page.text[from..].find("\n车").unwrap() + from + 1;
        assert!(to < rest);
        let script = Script::new(vec![Edit::deletion(Span::new(from - 1, rest)), Edit::insertion(end, "\n图为新桥通车典礼")]).unwrap();
        let written = page.write(&script);
        assert_eq!((written.script.is_empty(), written.n_moves), (true, 1));
    }
}

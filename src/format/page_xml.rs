//! PAGE XML, 2010 to 2019: regions, lines, words and glyphs, each with the
//! text it has.

use std::collections::HashMap;

use super::error::FormatError;
use super::extract::Picture;
use super::sheet::{Glyph, Region, Row, Sheet};
use super::xml::{Node, Tag, Walker};
use crate::document::Bounds;
use crate::text::Span;

pub(super) fn is_page(head: &str) -> bool {
    head.contains("<PcGts") || head.contains(":PcGts ") || head.contains("PAGE/gts/pagecontent")
}

/// Where a text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    Region,
    Line,
    Word,
    Glyph,
}

impl Level {
    fn of(name: &str) -> Option<Self> {
        match name {
            "TextLine" => Some(Level::Line),
            "Word" => Some(Level::Word),
            "Glyph" => Some(Level::Glyph),
            _ if name.ends_with("Region") => Some(Level::Region),
            _ => None,
        }
    }
}

/// A region as it is read.
#[derive(Default)]
struct Area {
    id: String,
    rows: Vec<Row>,
    /// The text that the region says as a whole.
    whole: Vec<(char, Span)>,
}

/// What a line says of itself and through its parts.
#[derive(Default)]
struct Line {
    own: Vec<(char, Span)>,
    words: Vec<(char, Span)>,
    word_ends: Vec<usize>,
    glyphs: Vec<(char, Span)>,
    /// Of each character of `words` and of `glyphs` its box.
    word_boxes: Vec<Option<Bounds>>,
    glyph_boxes: Vec<Option<Bounds>>,
    confidence: Option<f32>,
}

pub(super) fn read(content: &str) -> Result<Sheet, FormatError> {
    let mut reader = Reader::default();
    let mut walker = Walker::new(content);
    loop {
        match walker.next()? {
            Node::Open(tag) => reader.open(&tag),
            Node::Close => reader.close(),
            Node::Text(chars) => reader.text(chars),
            Node::End => break,
        }
    }
    if !reader.seen {
        return Err(FormatError::new(
            0,
            "没有 PcGts 元素，不是 PAGE XML；可用 --input-format 指定格式",
            "there is no PcGts element: this is no PAGE XML. Name its format with --input-format",
        ));
    }
    Ok(reader.sheet())
}

#[derive(Default)]
struct Reader<'a> {
    open: Vec<&'a str>,
    levels: Vec<Level>,
    seen: bool,
    areas: Vec<Area>,
    /// Regions inside of regions, the innermost last, as indexes of `areas`.
    inside: Vec<usize>,
    line: Option<Line>,
    /// `index` of the TextEquiv that is open, and how sure the engine is of it.
    reading: Option<(u32, Option<f32>)>,
    /// The index of the reading that was taken for the element at each level.
    taken: [Option<u32>; 4],
    /// `regionRef` in the order of the file, with `index`.
    order: Vec<(Option<u32>, String)>,
    picture: Picture,
    /// The box of the element that is open at each level.
    coords: [Option<Bounds>; 4],
}

impl<'a> Reader<'a> {
    fn open(&mut self, tag: &Tag<'a>) {
        self.seen |= tag.name == "PcGts";
        self.open.push(tag.name);
        if tag.name == "Page" {
            self.picture = picture(tag);
        }
        if let Some(level) = Level::of(tag.name) {
            self.levels.push(level);
            (self.taken[level as usize], self.coords[level as usize]) = (None, None);
            match level {
                Level::Region => {
                    self.areas.push(Area { id: tag.raw("id").unwrap_or("").to_owned(), ..Area::default() });
                    self.inside.push(self.areas.len() - 1);
                }
                Level::Line => self.line = Some(Line::default()),
                Level::Word | Level::Glyph => {}
            }
            return;
        }
        match tag.name {
            "Coords" => {
                if let Some(&level) = self.levels.last() {
                    self.coords[level as usize] = tag.raw("points").and_then(around);
                }
            }
            "TextEquiv" => {
                let index = tag.raw("index").and_then(|index| index.parse().ok()).unwrap_or(0);
                self.reading = Some((index, tag.number("conf").filter(|share| share.is_finite())));
            }
            "RegionRefIndexed" | "RegionRef" => {
                let index = tag.raw("index").and_then(|index| index.parse().ok());
                self.order.push((index, tag.raw("regionRef").unwrap_or("").to_owned()));
            }
            _ => {}
        }
    }

    fn close(&mut self) {
        let Some(name) = self.open.pop() else { return };
        match Level::of(name) {
            Some(level) => {
                self.levels.pop();
                match level {
                    Level::Region => {
                        self.inside.pop();
                    }
                    Level::Line => self.end_line(),
                    Level::Word => {
                        if let Some(line) = &mut self.line {
                            line.word_ends.push(line.words.len());
                        }
                    }
                    Level::Glyph => {}
                }
            }
            None if name == "TextEquiv" => self.reading = None,
            None => {}
        }
    }

    fn text(&mut self, chars: Vec<(char, Span)>) {
        let Some((index, confidence)) = self.reading.filter(|_| self.open.last() == Some(&"Unicode")) else { return };
        let Some(&level) = self.levels.last() else { return };
        // The first reading is the one the engine stands by; others have
        // higher numbers.
        if *self.taken[level as usize].get_or_insert(index) != index {
            return;
        }
        match (level, &mut self.line) {
            (Level::Region, _) => {
                if let Some(&area) = self.inside.last() {
                    self.areas[area].whole.extend(chars);
                }
            }
            (Level::Line, Some(line)) => {
                line.confidence = confidence;
                line.own.extend(chars);
            }
            (Level::Word, Some(line)) => {
                line.word_boxes.extend(chars.iter().map(|_| self.coords[level as usize]));
                line.words.extend(chars);
            }
            (Level::Glyph, Some(line)) => {
                line.glyph_boxes.extend(chars.iter().map(|_| self.coords[level as usize]));
                line.glyphs.extend(chars);
            }
            (_, None) => {}
        }
    }

    fn end_line(&mut self) {
        let (Some(line), Some(&area)) = (self.line.take(), self.inside.last()) else { return };
        let mut row = Row { bounds: self.coords[Level::Line as usize], ..Row::default() };
        let glyph = |(c, place): (char, Span)| Glyph { c, source: Some(place), confidence: line.confidence, bounds: None };
        let boxes = [(line.words.clone(), line.word_boxes), (line.glyphs.clone(), line.glyph_boxes)];
        if !line.own.iter().all(|(c, _)| c.is_whitespace()) {
            let trimmed = line.own.iter().filter(|(c, _)| !matches!(c, '\n' | '\r'));
            row.glyphs.extend(trimmed.map(|&one| glyph(one)));
            row.copies = vec![line.words, line.glyphs];
        } else if !line.words.is_empty() {
            let mut from = 0;
            for end in line.word_ends {
                row.word_gap();
                row.glyphs.extend(line.words[from..end].iter().map(|&one| glyph(one)));
                from = end;
            }
            row.copies = vec![Vec::new(), line.glyphs];
        } else {
            row.glyphs.extend(line.glyphs.into_iter().map(glyph));
        }
        for (copy, boxes) in boxes {
            lay_out(&mut row, &copy, &boxes);
        }
        self.areas[area].rows.push(row);
    }

    /// The regions in the order the file names, the others behind them.
    fn sheet(mut self) -> Sheet {
        let mut rank: HashMap<&str, usize> = HashMap::new();
        // `index` counts within a group; groups come one after the other.
        for (at, (_, id)) in self.order.iter().enumerate() {
            rank.entry(id).or_insert(at);
        }
        self.areas.iter_mut().for_each(share_out);
        let mut areas: Vec<&Area> = self.areas.iter().collect();
        areas.sort_by_key(|area| rank.get(area.id.as_str()).copied().unwrap_or(usize::MAX));
        let regions = areas.into_iter().filter(|area| !area.rows.is_empty());
        Sheet { regions: regions.map(|area| Region { rows: area.rows.clone(), page: 0 }).collect(), pictures: vec![self.picture] }
    }
}

fn picture(tag: &Tag<'_>) -> Picture {
    let name = tag.characters("imageFilename").unwrap_or_default().into_iter().map(|(c, _)| c).collect::<String>();
    let size = tag.number("imageWidth").zip(tag.number("imageHeight"));
    Picture {
        name: Some(name).filter(|name| !name.is_empty()),
        bounds: size.and_then(|(width, height)| Bounds::new(0.0, 0.0, width, height)),
    }
}

/// Gives the characters of a row the boxes of a copy that says the same.
fn lay_out(row: &mut Row, copy: &[(char, Span)], boxes: &[Option<Bounds>]) {
    let solid = copy.iter().zip(boxes).filter(|((c, _), _)| !c.is_whitespace());
    let own = row.glyphs.iter_mut().filter(|glyph| !glyph.c.is_whitespace());
    if !solid.clone().map(|((c, _), _)| *c).eq(own.map(|glyph| glyph.c)) {
        return;
    }
    let own = row.glyphs.iter_mut().filter(|glyph| !glyph.c.is_whitespace());
    for (glyph, (_, bounds)) in own.zip(solid) {
        glyph.bounds = bounds.or(glyph.bounds);
    }
}

/// Gives the lines of a region their part of what it says as a whole. A region
/// without lines is one line for each of its text.
fn share_out(area: &mut Area) {
    const COPY_OF_REGION: usize = 2;
    let whole = std::mem::take(&mut area.whole);
    if area.rows.is_empty() {
        for line in whole.split(|(c, _)| *c == '\n') {
            let glyphs =
                line.iter().filter(|(c, _)| *c != '\r').map(|&(c, place)| Glyph { c, source: Some(place), confidence: None, bounds: None });
            area.rows.push(Row { glyphs: glyphs.collect(), ..Row::default() });
        }
        area.rows.retain(|row| !row.glyphs.is_empty());
        return;
    }
    let mut rest = whole.into_iter().filter(|(c, _)| !c.is_whitespace());
    for row in &mut area.rows {
        let n = row.glyphs.iter().filter(|glyph| !glyph.c.is_whitespace()).count();
        row.copies.resize_with(COPY_OF_REGION, Vec::new);
        row.copies.push(rest.by_ref().take(n).collect());
    }
}

/// The rectangle around `x,y x,y …`.
fn around(points: &str) -> Option<Bounds> {
    let (mut left, mut top, mut right, mut bottom) = (f32::INFINITY, f32::INFINITY, f32::NEG_INFINITY, f32::NEG_INFINITY);
    for point in points.split_ascii_whitespace() {
        let (x, y) = point.split_once(',')?;
        let (x, y): (f32, f32) = (x.parse().ok()?, y.parse().ok()?);
        (left, top, right, bottom) = (left.min(x), top.min(y), right.max(x), bottom.max(y));
    }
    Bounds::new(left, top, right, bottom)
}

#[cfg(test)]
mod tests {
    use super::super::Format;
    use crate::apply::Script;
    use crate::finding::Edit;
    use crate::text::Span;

    const PAGE: &str = r#"<PcGts xmlns="http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15"><Page>
<ReadingOrder><OrderedGroup id="g"><RegionRefIndexed index="0" regionRef="r2"/><RegionRefIndexed index="1" regionRef="r1"/></OrderedGroup></ReadingOrder>
<TextRegion id="r1"><TextLine id="l1"><Coords points="10,5 90,5 90,20 10,20"/>
<Word><TextEquiv><Unicode>城末</Unicode></TextEquiv></Word><Word><TextEquiv><Unicode>新桥</Unicode></TextEquiv></Word>
<TextEquiv index="0" conf="0.75"><Unicode>城末新桥</Unicode></TextEquiv><TextEquiv index="1"><Unicode>城东新桥</Unicode></TextEquiv></TextLine>
<TextEquiv><Unicode>城末新桥</Unicode></TextEquiv></TextRegion>
<TextRegion id="r2"><TextLine><TextEquiv><Unicode>标题</Unicode></TextEquiv></TextLine></TextRegion></Page></PcGts>"#;

    #[test]
    fn regions_come_in_reading_order() {
        assert_eq!(Format::detect(PAGE), Format::Page);
        let page = Format::Page.read(PAGE).unwrap().unwrap();
        assert_eq!(page.text, "标题\n\n城末新桥\n");
        let line = &page.geometry.lines[1];
        assert_eq!((line.bounds.unwrap().left, page.geometry.sure_at(line.span.start).map(|sure| sure.share)), (10.0, Some(0.75)));
    }

    #[test]
    fn words_glyphs_and_pictures_have_boxes() {
        let xml = r#"<PcGts><Page imageFilename="a.png" imageWidth="800" imageHeight="600"><TextRegion><Coords points="0,0 9,9"/><TextLine><Coords points="0,0 90,30"/>
<Word><Coords points="0,0 60,30"/><Glyph><Coords points="0,0 28,30"/><TextEquiv><Unicode>甲</Unicode></TextEquiv></Glyph><TextEquiv><Unicode>甲乙</Unicode></TextEquiv></Word>
<Word><Coords points="60,0 90,30"/><TextEquiv><Unicode>丙</Unicode></TextEquiv></Word><TextEquiv><Unicode>甲乙 丙</Unicode></TextEquiv></TextLine></TextRegion></Page></PcGts>"#;
        let page = Format::Page.read(xml).unwrap().unwrap();
        assert_eq!((page.pictures[0].name.as_deref(), page.pictures[0].bounds.unwrap().right), (Some("a.png"), 800.0));
        assert_eq!(page.geometry.lines[0].bounds.unwrap().right, 90.0);
        let boxes: Vec<(&str, f32)> = page.boxes.iter().map(|(run, bounds)| (run.of(&page.text), bounds.right)).collect();
        assert_eq!(boxes, [("甲乙", 60.0), ("丙", 90.0)]);
        let glyphs = xml.replace("<Glyph>", "<Glyph><TextEquiv><Unicode>甲</Unicode></TextEquiv></Glyph><Glyph>").replace(
            "<Unicode>甲</Unicode></TextEquiv></Glyph><TextEquiv><Unicode>甲乙",
            "<Unicode>乙</Unicode></TextEquiv></Glyph><TextEquiv><Unicode>甲乙",
        );
        assert_eq!(Format::Page.read(&glyphs).unwrap().unwrap().text, page.text);
    }

    #[test]
    fn every_level_is_corrected_and_other_readings_stay() {
        let page = Format::Page.read(PAGE).unwrap().unwrap();
        let at = page.text.find('末').unwrap();
        let script = Script::new(vec![Edit::replacement(Span::new(at, at + 3), "束")]).unwrap();
        let corrected = page.write(&script).script.apply(PAGE);
        assert_eq!(corrected, PAGE.replace("城末", "城束"));
        assert_eq!(corrected.matches('束').count(), 3);
    }

    #[test]
    fn regions_without_lines_are_read_by_line() {
        let page = Format::Page
            .read("<PcGts><TextRegion><TextEquiv><Unicode>甲乙\n丙丁</Unicode></TextEquiv></TextRegion></PcGts>")
            .unwrap()
            .unwrap();
        assert_eq!(page.text, "甲乙\n丙丁\n");
    }
}

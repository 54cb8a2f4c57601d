//! ALTO XML, versions 2 to 4: the text stands in attributes.

use super::error::FormatError;
use super::extract::Picture;
use super::sheet::{Glyph, Region, Row, Sheet};
use super::xml::{Node, Tag, Walker};
use crate::document::Bounds;
use crate::text::Span;

pub(super) fn is_alto(head: &str) -> bool {
    head.contains("<alto") || head.contains(":alto ") || head.contains("standards/alto/")
}

pub(super) fn read(content: &str) -> Result<Sheet, FormatError> {
    let mut walker = Walker::new(content);
    let mut sheet = Sheet::default();
    let mut row: Option<Row> = None;
    let (mut n_pages, mut new_block, mut seen) = (0_usize, true, false);
    // What the glyphs of the last strings say, beside the strings.
    let mut glyphs: Vec<(char, Span)> = Vec::new();
    let mut open: Vec<&str> = Vec::new();
    // The glyphs of the last string, of which so many were seen.
    let (mut string_at, mut n_glyphs) = (0, 0);
    let mut image = String::new();
    let mut pictures: Vec<Picture> = Vec::new();
    let mut end_line = |row: &mut Option<Row>, glyphs: &mut Vec<(char, Span)>, new_block: &mut bool, n_pages: usize| {
        let Some(mut row) = row.take().filter(|row| !row.glyphs.is_empty()) else { return };
        row.copies.push(std::mem::take(glyphs));
        if std::mem::take(new_block) || sheet.regions.is_empty() {
            sheet.regions.push(Region { rows: Vec::new(), page: n_pages.saturating_sub(1) });
        }
        if let Some(region) = sheet.regions.last_mut() {
            region.rows.push(row);
        }
    };
    loop {
        match walker.next()? {
            Node::Open(tag) => {
                open.push(tag.name);
                seen |= tag.name == "alto";
                match tag.name {
                    "Page" => {
                        (n_pages, new_block) = (n_pages + 1, true);
                        pictures.push(picture(&tag, &image));
                    }
                    "TextBlock" => new_block = true,
                    "TextLine" => {
                        glyphs.clear();
                        row = Some(Row { bounds: bounds(&tag), ..Row::default() });
                    }
                    "String" => {
                        (string_at, n_glyphs) = (string(&tag, row.as_mut())?, 0);
                    }
                    "Glyph" => {
                        let characters = tag.characters("CONTENT")?;
                        for &(c, _) in &characters {
                            let own = row.as_mut().and_then(|row| row.glyphs.get_mut(string_at + n_glyphs)).filter(|own| own.c == c);
                            if let (Some(own), Some(bounds)) = (own, bounds(&tag)) {
                                own.bounds = Some(bounds);
                            }
                            n_glyphs += 1;
                        }
                        glyphs.extend(characters);
                    }
                    _ => {}
                }
            }
            Node::Close => match open.pop() {
                Some("TextLine") => end_line(&mut row, &mut glyphs, &mut new_block, n_pages),
                Some("TextBlock" | "Page") => new_block = true,
                _ => {}
            },
            Node::Text(chars) if open.last() == Some(&"fileName") => image.extend(chars.iter().map(|(c, _)| c)),
            Node::Text(_) => {}
            Node::End => break,
        }
    }
    if !seen {
        return Err(FormatError::new(
            0,
            "没有 alto 元素，不是 ALTO；可用 --input-format 指定格式",
            "there is no alto element: this is no ALTO. Name its format with --input-format",
        ));
    }
    sheet.pictures = pictures;
    Ok(sheet)
}

/// The file names one picture; of several pages it is the first one's.
fn picture(tag: &Tag<'_>, image: &str) -> Picture {
    let name = Some(image.trim().to_owned()).filter(|name| !name.is_empty());
    let size = tag.number("WIDTH").zip(tag.number("HEIGHT"));
    Picture { name, bounds: size.and_then(|(width, height)| Bounds::new(0.0, 0.0, width, height)) }
}

fn bounds(tag: &Tag<'_>) -> Option<Bounds> {
    let (left, top) = (tag.number("HPOS")?, tag.number("VPOS")?);
    Bounds::new(left, top, left + tag.number("WIDTH")?, top + tag.number("HEIGHT")?)
}

/// Adds the characters of a string; the index of the first one.
fn string(tag: &Tag<'_>, row: Option<&mut Row>) -> Result<usize, FormatError> {
    let Some(row) = row else { return Ok(0) };
    row.word_gap();
    let (at, within) = (row.glyphs.len(), bounds(tag));
    let whole = tag.number("WC").filter(|share| share.is_finite()).map(|share| share.clamp(0.0, 1.0));
    // One digit for each character, 0 for sure and 9 for a guess.
    let each: Vec<f32> = tag
        .raw("CC")
        .unwrap_or("")
        .split_ascii_whitespace()
        .filter_map(|digit| digit.parse::<f32>().ok())
        .map(|digit| 1.0 - (digit / 9.0).clamp(0.0, 1.0))
        .collect();
    let characters = tag.characters("CONTENT")?;
    let each = Some(each).filter(|each| each.len() == characters.len());
    for (idx, (c, place)) in characters.into_iter().enumerate() {
        let confidence = each.as_ref().map(|each| each[idx]).or(whole);
        row.glyphs.push(Glyph { c, source: Some(place), confidence, bounds: within });
    }
    Ok(at)
}

#[cfg(test)]
mod tests {
    use super::super::Format;
    use crate::apply::Script;
    use crate::finding::Edit;
    use crate::text::Span;

    const PAGE: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<alto xmlns="http://www.loc.gov/standards/alto/ns-v4#"><Layout><Page><PrintSpace><TextBlock ID="b1">
<TextLine HPOS="10" VPOS="5" WIDTH="90" HEIGHT="12"><String CONTENT="城末" CC="0 9" WC="0.5"/><SP/><String CONTENT="新&quot;桥"><Glyph CONTENT="新"/><Glyph CONTENT="&quot;"/><Glyph CONTENT="桥"/></String></TextLine>
<TextLine><String CONTENT="GPS"/><SP/><String CONTENT="2"/><HYP CONTENT="-"/></TextLine>
</TextBlock><ComposedBlock><TextBlock><TextLine><String CONTENT="新闻" WC="0.9"/></TextLine></TextBlock></ComposedBlock></PrintSpace></Page></Layout></alto>"#;

    #[test]
    fn text_boxes_and_confidence_are_read() {
        assert_eq!(Format::detect(PAGE), Format::Alto);
        let page = Format::Alto.read(PAGE).unwrap().unwrap();
        assert_eq!(page.text, "城末新\"桥\nGPS 2\n\n新闻\n");
        assert_eq!(page.geometry.lines[0].bounds.unwrap().right, 100.0);
        assert_eq!(page.geometry.sure_at(0).map(|sure| sure.share), Some(1.0));
        assert_eq!(page.geometry.sure_at(3).map(|sure| sure.share), Some(0.0));
    }

    #[test]
    fn attributes_are_changed_and_stay_attributes() {
        let page = Format::Alto.read(PAGE).unwrap().unwrap();
        let script = Script::new(vec![Edit::replacement(Span::new(3, 6), "<"), Edit::replacement(Span::new(9, 10), "”")]).unwrap();
        let corrected = page.write(&script).script.apply(PAGE);
        assert_eq!(corrected, PAGE.replace("城末", "城&lt;").replace("&quot;桥", "”桥"));
    }

    #[test]
    fn strings_glyphs_and_pictures_have_boxes() {
        let alto = r#"<alto><Description><sourceImageInformation><fileName>a&amp;b.jpg</fileName></sourceImageInformation></Description><Layout>
<Page WIDTH="800" HEIGHT="600"><TextBlock><TextLine><String CONTENT="甲乙" HPOS="10" VPOS="5" WIDTH="40" HEIGHT="20"><Glyph CONTENT="甲" HPOS="10" VPOS="5" WIDTH="18" HEIGHT="20"/></String>
<SP/><String CONTENT="丙"/></TextLine></TextBlock></Page></Layout></alto>"#;
        let page = Format::Alto.read(alto).unwrap().unwrap();
        assert_eq!((page.pictures[0].name.as_deref(), page.pictures[0].bounds.unwrap().bottom), (Some("a&b.jpg"), 600.0));
        let boxes: Vec<(&str, f32)> = page.boxes.iter().map(|(run, bounds)| (run.of(&page.text), bounds.right)).collect();
        assert_eq!(boxes, [("甲", 28.0), ("乙", 50.0)]);
    }

    #[test]
    fn glyphs_follow_when_they_say_the_same_line() {
        let one = r#"<alto><TextLine><String CONTENT="城末"><Glyph CONTENT="城"/><Glyph CONTENT="末"/></String></TextLine></alto>"#;
        let page = Format::Alto.read(one).unwrap().unwrap();
        let script = Script::new(vec![Edit::replacement(Span::new(3, 6), "东")]).unwrap();
        assert_eq!(page.write(&script).script.apply(one), one.replace('末', "东"));
    }
}

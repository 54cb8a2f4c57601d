//! What common engines write as JSON: PaddleOCR (2.x lists and 3.x results),
//! RapidOCR, and the content list of MinerU.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::error::FormatError;
use super::json;
use super::sheet::{Glyph, Region, Row, Sheet};
use crate::document::Bounds;

pub(super) fn is_engine_json(head: &str) -> bool {
    let head = head.trim_start();
    let known = ["\"rec_texts\"", "\"text_level\"", "\"page_idx\"", "\"dt_boxes\"", "\"rec_res\"", "\"txts\"", "\"transcription\""];
    known.iter().any(|key| head.contains(key)) || is_list_of_lines(head)
}

/// `[[[[x, y], …], ["text", 0.98]], …]`: PaddleOCR 2.x and RapidOCR.
fn is_list_of_lines(head: &str) -> bool {
    let bare: String = head.chars().filter(|c| !c.is_whitespace()).take(8).collect();
    let brackets = bare.chars().take_while(|&c| c == '[').count();
    (4..=5).contains(&brackets) && bare.chars().nth(brackets).is_some_and(|c| c.is_ascii_digit() || c == '-')
}

/// A line as any of the engines writes it.
struct Found<'a> {
    text: &'a RawValue,
    bounds: Option<Bounds>,
    confidence: Option<f32>,
    page: usize,
    /// A paragraph of its own, not a line of one.
    alone: bool,
}

/// PaddleOCR 3.x: parallel lists. RapidOCR names them otherwise.
#[derive(Deserialize)]
struct Parallel<'a> {
    #[serde(borrow, alias = "txts")]
    rec_texts: Vec<&'a RawValue>,
    #[serde(default, alias = "scores")]
    rec_scores: Vec<f32>,
    #[serde(default, borrow, alias = "boxes", alias = "dt_polys", alias = "rec_boxes")]
    rec_polys: Vec<&'a RawValue>,
    #[serde(default)]
    page_index: Option<usize>,
}

/// An entry of a list of objects: MinerU, or PaddleOCR's label files.
#[derive(Deserialize)]
struct Entry<'a> {
    #[serde(borrow, alias = "transcription", alias = "rec_txt")]
    text: Option<&'a RawValue>,
    #[serde(default, borrow, alias = "box", alias = "points", alias = "dt_boxes")]
    bbox: Option<&'a RawValue>,
    #[serde(default, alias = "confidence")]
    score: Option<f32>,
    #[serde(default)]
    page_idx: Option<usize>,
}

pub(super) fn read(content: &str) -> Result<Sheet, FormatError> {
    let whole: &RawValue = serde_json::from_str(content).map_err(|error| json::broken(content, &error))?;
    let found = lines(whole, 0)?;
    let Some(found) = found.filter(|found| !found.is_empty()) else {
        return Err(FormatError::new(
            0,
            "不认识的 JSON：应为 PaddleOCR 或 RapidOCR 的结果，或 MinerU 的 content_list；别的 JSON 请先转换（见 docs/formats.md）",
            "this JSON is none that is known: results of PaddleOCR or RapidOCR, or MinerU's content_list. Convert others first (docs/formats.md)",
        ));
    };
    Ok(regions(content, found))
}

/// The lines of a value of any known form.
fn lines(value: &RawValue, page: usize) -> Result<Option<Vec<Found<'_>>>, FormatError> {
    let raw = value.get().trim_start();
    if raw.starts_with('{') {
        return Ok(object(value, page));
    }
    let Ok(items) = serde_json::from_str::<Vec<&RawValue>>(value.get()) else { return Ok(None) };
    let mut all = Vec::new();
    for (idx, item) in items.iter().enumerate() {
        match (item.get().starts_with('{'), listed(item)) {
            (true, _) => match entry(item) {
                Some(found) => all.extend(found),
                // One result for each page.
                None => all.extend(object(item, idx).into_iter().flatten()),
            },
            (false, Some(found)) => all.push(Found { page, ..found }),
            (false, None) => {
                // PaddleOCR wraps the lines of a page once more.
                let inner: Vec<&RawValue> = serde_json::from_str(item.get()).unwrap_or_default();
                all.extend(inner.into_iter().filter_map(listed).map(|found| Found { page: idx, ..found }));
            }
        }
    }
    Ok(Some(all))
}

/// One of `text` elements: MinerU, label files. Elements without a text
/// (images, tables) give none.
fn entry(item: &RawValue) -> Option<Option<Found<'_>>> {
    let entry: Entry<'_> = serde_json::from_str(item.get()).ok()?;
    let known = entry.text.is_some() || entry.page_idx.is_some();
    known.then(|| {
        let text = entry.text.filter(|text| text.get().starts_with('"'))?;
        Some(Found {
            text,
            bounds: entry.bbox.and_then(bounds),
            confidence: entry.score,
            page: entry.page_idx.unwrap_or(0),
            alone: entry.page_idx.is_some(),
        })
    })
}

fn object(value: &RawValue, page: usize) -> Option<Vec<Found<'_>>> {
    #[derive(Deserialize)]
    struct Wrapped<'a> {
        #[serde(borrow, alias = "overall_ocr_res", alias = "result")]
        res: &'a RawValue,
    }
    if let Ok(wrapped) = serde_json::from_str::<Wrapped<'_>>(value.get()) {
        return lines(wrapped.res, page).ok().flatten();
    }
    let parallel: Parallel<'_> = serde_json::from_str(value.get()).ok()?;
    let page = parallel.page_index.unwrap_or(page);
    let found = parallel.rec_texts.iter().enumerate().map(|(idx, &text)| Found {
        text,
        bounds: parallel.rec_polys.get(idx).copied().and_then(bounds),
        confidence: parallel.rec_scores.get(idx).copied(),
        page,
        alone: false,
    });
    Some(found.collect())
}

/// `[box, ["text", score]]` or `[box, "text", score]`.
fn listed(item: &RawValue) -> Option<Found<'_>> {
    let parts: Vec<&RawValue> = serde_json::from_str(item.get()).ok()?;
    let [place, rest @ ..] = parts.as_slice() else { return None };
    let (text, score) = match rest {
        [pair] => {
            let pair: Vec<&RawValue> = serde_json::from_str(pair.get()).ok()?;
            (*pair.first()?, pair.get(1).copied())
        }
        [text, score, ..] => (*text, Some(*score)),
        [] => return None,
    };
    let score = score.and_then(|score| score.get().trim_matches('"').parse().ok());
    text.get().starts_with('"').then(|| Found { text, bounds: bounds(place), confidence: score, page: 0, alone: false })
}

/// A rectangle as four numbers, or a polygon.
fn bounds(value: &RawValue) -> Option<Bounds> {
    if let Ok([left, top, right, bottom]) = serde_json::from_str::<[f32; 4]>(value.get()) {
        return Bounds::new(left, top, right, bottom);
    }
    let points: Vec<[f32; 2]> = serde_json::from_str(value.get()).ok()?;
    let edge = |idx: usize, pick: fn(f32, f32) -> f32| points.iter().map(|point| point[idx]).reduce(pick);
    Bounds::new(edge(0, f32::min)?, edge(1, f32::min)?, edge(0, f32::max)?, edge(1, f32::max)?)
}

/// Lines that follow each other in a column are one block.
fn regions(content: &str, found: Vec<Found<'_>>) -> Sheet {
    let mut sheet = Sheet::default();
    let mut before: Option<(Bounds, usize)> = None;
    for one in found {
        let Some(chars) = json::characters(content, one.text) else { continue };
        let confidence = one.confidence.filter(|share| share.is_finite()).map(|share| share.clamp(0.0, 1.0));
        let follows = matches!((before, one.bounds), (Some((above, page)), Some(here)) if page == one.page && is_below(above, here));
        if one.alone || !follows {
            sheet.regions.push(Region { rows: Vec::new(), page: one.page });
        }
        before = one.bounds.map(|bounds| (bounds, one.page));
        let lines = chars.split(|(c, _)| *c == '\n');
        let rows = lines.map(|line| Row {
            glyphs: line.iter().map(|&(c, place)| Glyph { c, source: Some(place), confidence, bounds: None }).collect(),
            bounds: one.bounds,
            copies: Vec::new(),
        });
        if let Some(region) = sheet.regions.last_mut() {
            region.rows.extend(rows);
        }
    }
    sheet
}

/// True for a line right under another one of the same column.
fn is_below(above: Bounds, here: Bounds) -> bool {
    let leading = here.top - above.bottom;
    let overlap = above.right.min(here.right) - above.left.max(here.left);
    let size = above.height().min(here.height());
    overlap > 0.3 * above.width().min(here.width())
        && leading.abs() < 1.2 * size
        && above.height().max(here.height()) < 1.5 * size
        && here.top > above.top
}

#[cfg(test)]
mod tests {
    use super::super::Format;
    use crate::apply::Script;
    use crate::finding::Edit;
    use crate::text::Span;

    fn text(content: &str) -> String {
        assert_eq!(Format::detect(content), Format::EngineJson, "{content}");
        Format::EngineJson.read(content).unwrap().unwrap().text
    }

    #[test]
    fn the_engines_are_read() {
        let paddle3 = r#"{"res": {"rec_texts": ["城东新桥", "通车"], "rec_scores": [0.9, 0.8], "rec_polys": [[[0,0],[40,0],[40,10],[0,10]], [[0,14],[40,14],[40,24],[0,24]]]}}"#;
        assert_eq!(text(paddle3), "城东新桥\n通车\n");
        let paddle2 = r#"[[[[[0,0],[40,0],[40,10],[0,10]],["城东",0.9]],[[[90,0],[140,0],[140,10],[90,10]],["新桥",0.8]]]]"#;
        assert_eq!(text(paddle2), "城东\n\n新桥\n");
        let rapid = r#"[[[[0,0],[40,0],[40,10],[0,10]],"城东","0.9"],[[[0,12],[40,12],[40,22],[0,22]],"新桥",0.8]]"#;
        assert_eq!(text(rapid), "城东\n新桥\n");
        let mineru = r#"[{"type":"text","text":"标题","text_level":1,"page_idx":0},{"type":"image","page_idx":0},{"type":"text","text":"正文","page_idx":1}]"#;
        assert_eq!(text(mineru), "标题\n\n正文\n");
    }

    #[test]
    fn strings_are_changed_where_they_stand() {
        let content = r#"{"rec_texts": ["城末\u65b0桥"], "other": [1, {"a": null}]}"#;
        let page = Format::EngineJson.read(content).unwrap().unwrap();
        let script = Script::new(vec![Edit::replacement(Span::new(3, 9), "\"新")]).unwrap();
        assert_eq!(page.write(&script).script.apply(content), content.replace('末', "\\\""));
    }

    #[test]
    fn foreign_and_broken_json_is_refused() {
        assert!(Format::EngineJson.read("{\"a\": 1}").is_err());
        let error = Format::EngineJson.read("[\n[1,").unwrap_err();
        assert!(error.at >= 2 && error.message.en.contains("JSON"), "{error:?}");
    }
}

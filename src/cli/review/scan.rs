//! The scan beside a text: where its file, or one with its name that has
//! boxes, says the characters stand, and the picture that is about. Where they
//! are missing, there is no scan to show and nothing else changes.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};

use super::super::unpack;
use super::texts::{Page, Texts};
use crate::document::Bounds;
use crate::format::Extract;
use crate::text::{Span, width_cells};

/// Characters on either side by which a place is found on the sheet, the most
/// telling first.
const CONTEXTS: [usize; 4] = [12, 6, 3, 1];
/// Bytes of the largest file with boxes that is read for a text beside it.
const SHEET_BYTES_MAX: u64 = 64 << 20;
/// Characters of a place that are framed one by one.
const MARKS_MAX: usize = 300;
/// What a file with boxes is called that lies beside a text.
const SHEETS: [&str; 8] = ["hocr", "hocr.html", "alto.xml", "page.xml", "xml", "alto", "html", "json"];
/// Extensions that a page has and its picture has not.
const BESIDES: [&str; 11] = ["gz", "zst", "txt", "text", "hocr", "html", "htm", "xml", "alto", "page", "json"];
/// Pictures that a browser shows, by extension.
const PICTURES: [(&str, &str); 6] = [
    ("png", "image/png"),
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("webp", "image/webp"),
    ("gif", "image/gif"),
    ("avif", "image/avif"),
];

/// Left, top, right and bottom in the unit of the boxes.
type Rect = [f32; 4];

/// A character on its page.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Glyph {
    at: Rect,
    line: usize,
}

/// Where the place `span` of a text is on its scan.
pub(super) fn place(texts: &mut Texts, name: &str, span: Span) -> Option<Value> {
    let page = texts.page(name).ok()?;
    let (sheet, span) = on_sheet(texts, name, &page, span)?;
    let extract = sheet.extract.as_ref()?;
    let (marks, lines) = marks(extract, span);
    let geometry = &extract.geometry;
    let first = *lines.first()?;
    let n_page = geometry.lines[first].page;
    let same: Vec<Rect> =
        lines.iter().map(|&idx| &geometry.lines[idx]).filter(|line| line.page == n_page).filter_map(|l| Some(rect(l.bounds?))).collect();
    let line = same.into_iter().reduce(|a, b| [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])]);
    let marks: Vec<Rect> = marks.into_iter().filter(|mark| geometry.lines[mark.line].page == n_page).map(|mark| mark.at).collect();
    let line = line.or_else(|| marks.first().copied())?;
    picture_of(&sheet, n_page, texts.root())?;
    let frame = extract.pictures.get(n_page).and_then(|picture| picture.bounds).map(rect);
    Some(json!({ "page": n_page, "frame": frame, "line": line, "marks": marks }))
}

/// The picture of a page of a text: its kind and its file.
pub(super) fn picture(texts: &mut Texts, name: &str, n_page: usize) -> Option<(&'static str, PathBuf)> {
    let page = texts.page(name).ok()?;
    let sheet = if page.extract.is_some() { page } else { beside(texts, name, &page)? };
    picture_of(&sheet, n_page, texts.root())
}

fn rect(bounds: Bounds) -> Rect {
    [bounds.left, bounds.top, bounds.right, bounds.bottom]
}

/// The file that says where `span` of a text stands, and the place in its own
/// text.
fn on_sheet(texts: &mut Texts, name: &str, page: &Arc<Page>, span: Span) -> Option<(Arc<Page>, Span)> {
    if page.extract.is_some() {
        return Some((page.clone(), span));
    }
    let sheet = beside(texts, name, page)?;
    let span = find(&page.text, span, &sheet.text)?;
    Some((sheet, span))
}

/// The file with boxes that lies beside a text and has its name.
fn beside(texts: &mut Texts, name: &str, page: &Page) -> Option<Arc<Page>> {
    let is_small = |path: &Path| fs::metadata(path).is_ok_and(|meta| meta.len() <= SHEET_BYTES_MAX);
    let text = unpack::inner_name(&page.path);
    let name = Path::new(name);
    SHEETS.iter().find_map(|extension| {
        let known = name.with_extension(extension);
        let known = known.to_str()?;
        if text.with_extension(extension) == text {
            return None;
        }
        let path = texts.path(known).ok().filter(|path| is_small(path))?;
        let sheet = texts.page(known).ok().filter(|sheet| sheet.path == path)?;
        sheet.extract.is_some().then_some(sheet)
    })
}

/// The file of a page's picture: as the sheet names it, or named like the
/// sheet; beside it, or in the folder above when sheets have one of their own.
/// The first page alone may be named like the sheet.
fn picture_of(sheet: &Page, n_page: usize, root: &Path) -> Option<(&'static str, PathBuf)> {
    let named = sheet.extract.as_ref()?.pictures.get(n_page).and_then(|picture| picture.name.as_deref());
    let named = named.and_then(|named| named.rsplit(['/', '\\']).next()).filter(|name| !name.is_empty()).map(str::to_owned);
    let mut stem = sheet.path.file_name().map(PathBuf::from)?;
    let mut names: Vec<String> = named.into_iter().collect();
    while n_page == 0 && stem.extension().is_some_and(|extension| BESIDES.iter().any(|known| extension.eq_ignore_ascii_case(known))) {
        stem = stem.with_extension("");
        let stem = stem.to_str()?;
        names.extend(PICTURES.iter().map(|(extension, _)| format!("{stem}.{extension}")));
    }
    let folders: Vec<&Path> = sheet.path.ancestors().skip(1).take(2).collect();
    folders.iter().flat_map(|folder| names.iter().map(move |name| folder.join(name))).find_map(|path| {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        let (_, kind) = PICTURES.iter().find(|(known, _)| *known == extension)?;
        // A link may lead out of the folder.
        let path = fs::canonicalize(path).ok().filter(|path| path.is_file() && path.starts_with(root))?;
        Some((*kind, path))
    })
}

/// The place of a text in another reading of the page: found by what surrounds
/// it, where that is there once.
fn find(text: &str, span: Span, sheet: &str) -> Option<Span> {
    let core: Vec<char> = span.of(text).chars().filter(|c| !c.is_whitespace()).collect();
    let solid: Vec<(usize, char)> = sheet.char_indices().filter(|(_, c)| !c.is_whitespace()).collect();
    for n_context in CONTEXTS {
        let before: Vec<char> = text[..span.start].chars().rev().filter(|c| !c.is_whitespace()).take(n_context).collect();
        let after = text[span.end..].chars().filter(|c| !c.is_whitespace()).take(n_context);
        let n_before = before.len();
        let needle: Vec<char> = before.into_iter().rev().chain(core.iter().copied()).chain(after).collect();
        if needle.is_empty() {
            continue;
        }
        let is_here = |window: &[(usize, char)]| window.iter().map(|(_, c)| c).eq(&needle);
        let mut hits = solid.windows(needle.len()).enumerate().filter(|(_, window)| is_here(window)).map(|(at, _)| at);
        if let (Some(hit), None) = (hits.next(), hits.next()) {
            let end_of = |idx: usize| solid[idx].0 + solid[idx].1.len_utf8();
            let first = hit + n_before;
            let start = solid.get(first).map_or(sheet.len(), |(at, _)| *at);
            return Some(match core.len() {
                0 if first > 0 => Span::empty(end_of(first - 1)),
                0 => Span::empty(start),
                n => Span::new(start, end_of(first + n - 1)),
            });
        }
    }
    None
}

/// The frames of the characters of a place, and its printed lines. Where
/// nothing was printed, as for a lost character, the frame is the edge that it
/// belongs behind.
fn marks(extract: &Extract, span: Span) -> (Vec<Glyph>, Vec<usize>) {
    let solid = |(at, c): (usize, char)| (!c.is_whitespace()).then(|| glyph(extract, at)).flatten();
    let text = &extract.text;
    let mut marks: Vec<Glyph> =
        span.of(text).char_indices().map(|(at, c)| (span.start + at, c)).filter_map(solid).take(MARKS_MAX).collect();
    if marks.is_empty() {
        let before = text[..span.start].char_indices().rev().find(|(_, c)| !c.is_whitespace()).and_then(solid);
        let after =
            || text[span.start..].char_indices().map(|(at, c)| (span.start + at, c)).find(|(_, c)| !c.is_whitespace()).and_then(solid);
        let is_vertical = |line: usize| extract.geometry.lines[line].bounds.is_some_and(|line| line.height() > line.width());
        let edge = |glyph: Glyph, is_end: bool| {
            let [left, top, right, bottom] = glyph.at;
            let at = match (is_vertical(glyph.line), is_end) {
                (true, true) => [left, bottom, right, bottom],
                (true, false) => [left, top, right, top],
                (false, true) => [right, top, right, bottom],
                (false, false) => [left, top, left, bottom],
            };
            Glyph { at, ..glyph }
        };
        marks.extend(before.map(|glyph| edge(glyph, true)).or_else(|| after().map(|glyph| edge(glyph, false))));
    }
    let mut lines: Vec<usize> = marks.iter().map(|mark| mark.line).collect();
    lines.dedup();
    if lines.is_empty() {
        lines.extend(extract.geometry.lines_of(span).into_iter().flatten().filter(|&idx| extract.geometry.lines[idx].bounds.is_some()));
    }
    (marks, lines)
}

/// Where the character at `offset` stands: its share of the smallest box around
/// it, as if all in that box were equally wide.
fn glyph(extract: &Extract, offset: usize) -> Option<Glyph> {
    let lines = &extract.geometry.lines;
    let line = lines.partition_point(|line| line.span.start <= offset).checked_sub(1).filter(|&line| offset < lines[line].span.end)?;
    let run = extract.boxes.partition_point(|(run, _)| run.start <= offset).checked_sub(1).map(|idx| extract.boxes[idx]);
    let (run, bounds) = match run.filter(|(run, _)| offset < run.end) {
        Some(own) => own,
        None => (lines[line].span, lines[line].bounds?),
    };
    let is_vertical = bounds.height() > bounds.width();
    let width = |c: char| if is_vertical { 1.0 } else { width_cells(c).max(1) as f32 };
    let chars = || run.of(&extract.text).char_indices().map(|(at, c)| (run.start + at, width(c)));
    let all: f32 = chars().map(|(_, width)| width).sum();
    let before: f32 = chars().take_while(|&(at, _)| at < offset).map(|(_, width)| width).sum();
    let own = chars().find(|&(at, _)| at == offset)?.1;
    let (from, to) = (before / all, (before + own) / all);
    let [left, top, right, bottom] = rect(bounds);
    let at = if is_vertical && chars().nth(1).is_some() {
        [left, top + from * bounds.height(), right, top + to * bounds.height()]
    } else {
        [left + from * bounds.width(), top, left + to * bounds.width(), bottom]
    };
    Some(Glyph { at, line })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::Format;

    const HOCR: &str = r#"<?xml version="1.0"?><html><head><title>x</title><meta charset="utf-8"/></head><body>
      <div class='ocr_page' id='page_1' title='image "scans\a &amp; b.png"; bbox 0 0 800 600; ppageno 0'>
       <p class='ocr_par' lang='chi_sim'><span class='ocr_line' title="bbox 10 20 210 60; baseline 0 0">
        <span class='ocrx_word' title='bbox 10 20 110 60; x_wconf 90'>大家</span><span class='ocrx_word' title='bbox 110 20 210 60'><strong>己&lt;</strong></span>
       </span><span title='bbox 300 20 340 220' class='ocr_line'>竖排文字</span></p></div></body></html>"#;

    fn rects(extract: &Extract, part: &str) -> Vec<Rect> {
        let start = extract.text.find(part).unwrap();
        marks(extract, Span::new(start, start + part.len())).0.into_iter().map(|mark| mark.at).collect()
    }

    #[test]
    fn a_place_of_the_text_is_a_place_of_the_scan() {
        let sheet = Format::Hocr.read(HOCR).unwrap().unwrap();
        assert_eq!(sheet.text, "大家己<\n竖排文字\n");
        assert_eq!(rects(&sheet, "大"), [[10.0, 20.0, 60.0, 60.0]]);
        assert_eq!(rects(&sheet, "排文"), [[300.0, 70.0, 340.0, 120.0], [300.0, 120.0, 340.0, 170.0]]);
        assert_eq!(rects(&sheet, "\n"), [[210.0, 20.0, 210.0, 60.0]], "the edge behind the last character");
        let at = |text: &str, part: &str| {
            let start = text.find(part).unwrap();
            find(text, Span::new(start, start + part.len()), &sheet.text).map(|span| span.of(&sheet.text))
        };
        assert_eq!(at("大家\n己<竖排文字", "己"), Some("己"));
        assert_eq!(at("大家己<竖排 文字", "排 文"), Some("排文"));
        assert_eq!(at("别处的字", "别"), None);
        assert_eq!(find("大家己<", Span::empty(6), &sheet.text), Some(Span::empty(6)));
    }

    #[test]
    fn what_has_no_boxes_has_no_places() {
        let sheet = Format::Hocr.read("<div class='ocr_page'><span class='ocr_line'>大家</span></div>").unwrap().unwrap();
        assert_eq!(marks(&sheet, Span::new(0, 3)), (Vec::new(), Vec::new()));
        assert_eq!(marks(&sheet, Span::empty(sheet.text.len())), (Vec::new(), Vec::new()));
        let empty = Format::Hocr.read("<div class='ocr_page'></div>").unwrap().unwrap();
        assert_eq!(marks(&empty, Span::empty(0)), (Vec::new(), Vec::new()));
    }

    #[cfg(unix)]
    #[test]
    fn a_picture_elsewhere_is_not_shown() {
        let home = tempfile::tempdir().unwrap();
        let root = home.path().join("pages");
        fs::create_dir(&root).unwrap();
        fs::write(home.path().join("secret.png"), "x").unwrap();
        fs::write(root.join("a.txt"), "大家己<竖排文字").unwrap();
        fs::write(root.join("a.hocr"), HOCR.replace("scans\\a &amp; b.png", "../secret.png")).unwrap();
        let mut texts = Texts::new(&root, None).unwrap();
        assert_eq!(picture(&mut texts, "a.txt", 0), None);
        std::os::unix::fs::symlink(home.path().join("secret.png"), root.join("secret.png")).unwrap();
        assert_eq!(picture(&mut texts, "a.txt", 0), None, "a link out of the folder");
        fs::write(root.join("a.png"), "y").unwrap();
        let own = fs::canonicalize(root.join("a.png")).unwrap();
        assert_eq!(picture(&mut texts, "a.txt", 0), Some(("image/png", own.clone())));
        assert_eq!(picture(&mut texts, "a.txt", 1), None, "another page has another picture");
        assert_eq!(picture(&mut texts, "a.hocr", 0), Some(("image/png", own)));
        for name in ["a.txt", "a.hocr"] {
            let found = place(&mut texts, name, Span::new(6, 9)).unwrap();
            assert_eq!((found["page"].as_u64(), found["marks"][0][0].as_f64()), (Some(0), Some(110.0)), "{name}");
        }
    }
}

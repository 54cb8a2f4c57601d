//! The scan beside a text: an hOCR file with the same name and the picture it
//! is about. Where they are missing, there is no scan to show and nothing else
//! changes.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::texts::Texts;
use crate::text::Span;

/// Characters on either side by which a place is found on the sheet, the most
/// telling first.
const CONTEXTS: [usize; 4] = [12, 6, 3, 1];
/// Bytes of the largest hOCR file that is read.
const SHEET_BYTES_MAX: u64 = 64 << 20;
/// Pictures that a browser shows, by extension.
const PICTURES: [(&str, &str); 6] = [
    ("png", "image/png"),
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("webp", "image/webp"),
    ("gif", "image/gif"),
    ("avif", "image/avif"),
];

/// Left, top, right and bottom in pixels of the picture.
type Rect = [f64; 4];

/// A character on a sheet.
#[derive(Clone, Copy, Debug)]
struct Glyph {
    c: char,
    at: Rect,
    line: usize,
    page: usize,
}

/// What an hOCR file says of its pages.
#[derive(Debug, Default)]
struct Sheet {
    glyphs: Vec<Glyph>,
    lines: Vec<Rect>,
    /// Of each page its picture, as named there, and its frame.
    pages: Vec<(Option<String>, Rect)>,
}

/// Where the place of a finding is on its scan.
pub(super) fn place(texts: &Texts, name: &str, text: &str, span: Span) -> Option<Value> {
    let (sheet, path) = sheet_of(texts, name)?;
    let (from, to) = sheet.find(text, span)?;
    let at = sheet.glyphs.get(from.min(sheet.glyphs.len().checked_sub(1)?))?;
    let frame = sheet.pages.get(at.page)?.1;
    picture_of(&path, &sheet, at.page, texts)?;
    let glyphs = sheet.glyphs.get(from..to).unwrap_or_default();
    let marks: Vec<Rect> = glyphs.iter().filter(|glyph| glyph.page == at.page).map(|glyph| glyph.at).collect();
    let lines: Vec<Rect> = glyphs.iter().filter(|glyph| glyph.page == at.page).map(|glyph| sheet.lines[glyph.line]).collect();
    let line = lines.into_iter().fold(sheet.lines[at.line], |a, b| [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])]);
    Some(json!({ "page": at.page, "frame": frame, "line": line, "marks": marks }))
}

/// The picture of a page of a text: its kind and its bytes.
pub(super) fn picture(texts: &Texts, name: &str, page: usize) -> Option<(&'static str, Vec<u8>)> {
    let (sheet, path) = sheet_of(texts, name)?;
    let (picture, kind) = picture_of(&path, &sheet, page, texts)?;
    Some((kind, fs::read(picture).ok()?))
}

fn sheet_of(texts: &Texts, name: &str) -> Option<(Sheet, PathBuf)> {
    let text = texts.path(name).ok()?;
    let beside = ["hocr", "hocr.html"].map(|extension| text.with_extension(extension));
    let path = beside.into_iter().find(|path| path.is_file())?;
    // A link may lead out of the folder.
    let path = fs::canonicalize(path).ok().filter(|path| path.starts_with(texts.root()))?;
    let is_small = fs::metadata(&path).is_ok_and(|meta| meta.len() <= SHEET_BYTES_MAX);
    let sheet = read(&String::from_utf8_lossy(&is_small.then(|| fs::read(&path).ok()).flatten()?));
    Some((sheet, path))
}

/// The file of a page's picture: as the sheet names it, or named like the
/// sheet; beside it in either case.
fn picture_of(sheet_path: &Path, sheet: &Sheet, page: usize, texts: &Texts) -> Option<(PathBuf, &'static str)> {
    let named =
        sheet.pages.get(page)?.0.as_deref().and_then(|named| Path::new(named).file_name()).map(|name| sheet_path.with_file_name(name));
    let stem = sheet_path.with_extension("");
    let stem = if stem.extension().is_some_and(|extension| extension == "hocr") { stem.with_extension("") } else { stem };
    let alike = PICTURES.iter().map(|(extension, _)| stem.with_extension(extension));
    let kind = |path: &Path| {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        PICTURES.iter().find(|(known, _)| *known == extension).map(|(_, kind)| *kind)
    };
    named.into_iter().chain(alike).find_map(|path| {
        let kind = kind(&path)?;
        let path = fs::canonicalize(path).ok().filter(|path| path.is_file() && path.starts_with(texts.root()))?;
        Some((path, kind))
    })
}

impl Sheet {
    /// The characters of the sheet that stand at a place of the text: found by
    /// what surrounds them, where that is there once.
    fn find(&self, text: &str, span: Span) -> Option<(usize, usize)> {
        let solid = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<Vec<char>>();
        let core = solid(span.of(text));
        let chars: Vec<char> = self.glyphs.iter().map(|glyph| glyph.c).collect();
        for n_context in CONTEXTS {
            let before: Vec<char> = text[..span.start].chars().rev().filter(|c| !c.is_whitespace()).take(n_context).collect();
            let after: Vec<char> = text[span.end..].chars().filter(|c| !c.is_whitespace()).take(n_context).collect();
            let n_before = before.len();
            let needle: Vec<char> = before.into_iter().rev().chain(core.iter().copied()).chain(after).collect();
            if needle.is_empty() || needle.len() > chars.len() {
                continue;
            }
            let mut hits = chars.windows(needle.len()).enumerate().filter(|(_, window)| *window == needle.as_slice()).map(|(at, _)| at);
            if let (Some(at), None) = (hits.next(), hits.next()) {
                return Some((at + n_before, at + n_before + core.len()));
            }
        }
        None
    }
}

/// Reads an hOCR file as far as boxes go; what is no box is passed over.
fn read(html: &str) -> Sheet {
    let mut sheet = Sheet::default();
    // Open elements: their names, and the box that texts in them get.
    let mut open: Vec<(String, Option<Rect>)> = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let (text, tag) = rest.split_at(at);
        if let Some(rect) = open.iter().rev().find_map(|(_, rect)| *rect) {
            sheet.write(&unescaped(text), rect);
        }
        let Some(end) = end_of_tag(tag) else { break };
        let inside = tag[1..end].trim();
        rest = &tag[end + 1..];
        if let Some(name) = inside.strip_prefix('/') {
            let name = name.trim().to_ascii_lowercase();
            if let Some(depth) = open.iter().rposition(|(open, _)| *open == name) {
                open.truncate(depth);
            }
        } else if !inside.starts_with(['!', '?']) && !inside.ends_with('/') {
            let name = inside.split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
            if ["meta", "link", "br", "img", "hr"].contains(&name.as_str()) {
                continue;
            }
            let rect = sheet.element(inside);
            open.push((name, rect));
        }
    }
    sheet
}

/// Where a tag ends; a `>` inside of quotes does not end it.
fn end_of_tag(tag: &str) -> Option<usize> {
    let mut quote = None;
    tag.bytes().enumerate().find_map(|(at, byte)| match (quote, byte) {
        (Some(open), _) if byte == open => {
            quote = None;
            None
        }
        (None, b'"' | b'\'') => {
            quote = Some(byte);
            None
        }
        (None, b'>') => Some(at),
        _ => None,
    })
}

/// An attribute of a tag.
fn attribute<'t>(tag: &'t str, name: &str) -> Option<&'t str> {
    let mut rest = tag;
    loop {
        let at = rest.find(name)?;
        let is_whole = rest[..at].ends_with(|c: char| c.is_whitespace());
        let after = rest[at + name.len()..].trim_start();
        rest = &rest[at + name.len()..];
        let Some(value) = after.strip_prefix('=').map(str::trim_start).filter(|_| is_whole) else { continue };
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        return value[1..].split(quote).next();
    }
}

fn rect(title: &str, key: &str) -> Option<Rect> {
    let property = title.split(';').map(str::trim).find_map(|property| property.strip_prefix(key))?;
    let numbers: Vec<f64> = property.split_whitespace().take(4).filter_map(|number| number.parse().ok()).collect();
    numbers.try_into().ok()
}

impl Sheet {
    /// Takes in an element; the box for texts in it.
    fn element(&mut self, tag: &str) -> Option<Rect> {
        let class = attribute(tag, "class")?;
        let title = unescaped(attribute(tag, "title")?);
        let is = |wanted: &str| class.split_whitespace().any(|class| class == wanted);
        let found = rect(&title, "bbox ").or_else(|| rect(&title, "x_bboxes "));
        if is("ocr_page") {
            let picture = title.split(';').map(str::trim).find_map(|property| property.strip_prefix("image "));
            self.pages.push((picture.map(|name| name.trim_matches(['"', '\'', ' ']).replace('\\', "/")), found?));
            return None;
        }
        if ["ocr_line", "ocr_header", "ocr_caption", "ocr_textfloat"].iter().any(|line| is(line)) {
            self.lines.push(found?);
            return found;
        }
        (is("ocrx_word") || is("ocrx_cinfo")).then_some(found).flatten()
    }

    /// Puts characters into a box, each as long as the others.
    fn write(&mut self, text: &str, rect: Rect) {
        let chars: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
        let (Some(line), Some(page)) = (self.lines.len().checked_sub(1), self.pages.len().checked_sub(1)) else { return };
        let [left, top, right, bottom] = rect;
        let n = chars.len() as f64;
        let is_vertical = chars.len() > 1 && bottom - top > right - left;
        for (nth, c) in chars.into_iter().enumerate() {
            let (from, to) = (nth as f64 / n, (nth + 1) as f64 / n);
            let at = if is_vertical {
                [left, top + from * (bottom - top), right, top + to * (bottom - top)]
            } else {
                [left + from * (right - left), top, left + to * (right - left), bottom]
            };
            self.glyphs.push(Glyph { c, at, line, page });
        }
    }
}

fn unescaped(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out += &rest[..at];
        rest = &rest[at..];
        let entity = rest[1..].split_once(';').map(|(entity, _)| entity).filter(|entity| entity.len() < 10);
        let c = entity.and_then(|entity| match entity {
            "amp" => Some('&'),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            "nbsp" => Some('\u{a0}'),
            _ => {
                let number = entity.strip_prefix('#')?;
                let code = number.strip_prefix(['x', 'X']).map_or_else(|| number.parse().ok(), |hex| u32::from_str_radix(hex, 16).ok())?;
                char::from_u32(code)
            }
        });
        match (c, entity) {
            (Some(c), Some(entity)) => {
                out.push(c);
                rest = &rest[entity.len() + 2..];
            }
            _ => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOCR: &str = r#"<?xml version="1.0"?><!DOCTYPE html><html><head><title>x</title><meta charset="utf-8"/></head><body>
      <div class='ocr_page' id='page_1' title='image "scans\\a &amp; b.png"; bbox 0 0 800 600; ppageno 0'>
       <p class='ocr_par' lang='chi_sim'><span class='ocr_line' title="bbox 10 20 210 60; baseline 0 0">
        <span class='ocrx_word' title='bbox 10 20 110 60; x_wconf 90'>大家</span><span class='ocrx_word' title='bbox 110 20 210 60'><strong>己&lt;</strong></span>
       </span><span title='bbox 300 20 340 220' class='ocr_line'>竖排文字</span></p></div></body></html>"#;

    #[test]
    fn a_place_of_the_text_is_a_place_of_the_scan() {
        let sheet = read(HOCR);
        assert_eq!(sheet.pages[0].1, [0.0, 0.0, 800.0, 600.0]);
        assert!(sheet.pages[0].0.as_deref().unwrap().ends_with("/a & b.png"));
        let text = "大家\n己<竖排文字";
        let at = |part: &str| {
            let start = text.find(part).unwrap();
            let (from, to) = sheet.find(text, Span::new(start, start + part.len())).unwrap();
            sheet.glyphs[from..to].iter().map(|glyph| glyph.at).collect::<Vec<Rect>>()
        };
        assert_eq!(at("己"), [[110.0, 20.0, 160.0, 60.0]]);
        assert_eq!(at("排文"), [[300.0, 70.0, 340.0, 120.0], [300.0, 120.0, 340.0, 170.0]]);
        assert!(at("\n").is_empty());
        assert_eq!(sheet.find("别处的字", Span::new(0, 3)), None);
    }

    #[test]
    fn what_is_no_hocr_has_no_places() {
        for html in [
            "",
            "<",
            "<<<>",
            "<div class='ocr_page' title='bbox 1 2'>字</div>",
            "<span class='ocrx_word' title='bbox 0 0 1 1'>字",
            "&#x110000;&;&",
        ] {
            assert!(read(html).glyphs.is_empty(), "{html}");
            unescaped(html);
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_picture_elsewhere_is_not_shown() {
        let home = tempfile::tempdir().unwrap();
        let root = home.path().join("pages");
        fs::create_dir(&root).unwrap();
        fs::write(home.path().join("secret.png"), "x").unwrap();
        fs::write(root.join("a.txt"), "大家己<竖排文字").unwrap();
        fs::write(root.join("a.hocr"), HOCR.replace("scans\\\\a &amp; b.png", "../secret.png")).unwrap();
        let texts = Texts::new(&root, None).unwrap();
        assert_eq!(picture(&texts, "a.txt", 0), None);
        std::os::unix::fs::symlink(home.path().join("secret.png"), root.join("secret.png")).unwrap();
        assert_eq!(picture(&texts, "a.txt", 0), None, "a link out of the folder");
        fs::write(root.join("a.png"), "y").unwrap();
        assert_eq!(picture(&texts, "a.txt", 0), Some(("image/png", b"y".to_vec())));
        assert!(place(&texts, "a.txt", "大家己<竖排文字", Span::new(6, 9)).is_some());
    }
}

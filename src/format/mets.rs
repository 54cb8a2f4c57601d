//! METS: which files are the pages of an issue, and in what order. It holds no
//! text.

use std::collections::BTreeMap;

use super::error::FormatError;
use super::xml::{Node, Tag, Walker};

/// The files of each page (text, picture, …) as relative references, in the
/// order of the pages.
pub type MetsPages = Vec<Vec<String>>;

/// True for content that begins like a METS file.
#[must_use]
pub fn is_mets(content: &str) -> bool {
    let head = &content[..crate::text::floor_boundary(content, super::HEAD_BYTES)];
    head.trim_start_matches('\u{feff}').trim_start().starts_with('<') && head.contains("www.loc.gov/METS")
}

/// Reads a METS file: its physical structure, or the first one where none says
/// that it is that.
///
/// # Errors
/// The first place that is no XML, or when there is no structure.
pub fn mets_pages(content: &str) -> Result<MetsPages, FormatError> {
    let mut walker = Walker::new(content);
    let mut open: Vec<&str> = Vec::new();
    let mut files: BTreeMap<&str, String> = BTreeMap::new();
    let mut file: Vec<&str> = Vec::new();
    let mut maps: Vec<Map<'_>> = Vec::new();
    loop {
        match walker.next()? {
            Node::Open(tag) => {
                match tag.name {
                    "file" => file.push(tag.raw("ID").unwrap_or_default()),
                    "FLocat" => {
                        let href = tag.characters("href")?.into_iter().map(|(c, _)| c).collect::<String>();
                        if let Some(&id) = file.last() {
                            files.entry(id).or_insert_with(|| local(&href));
                        }
                    }
                    "structMap" => maps.push(Map::new(&tag)),
                    "div" => {
                        if let Some(map) = maps.last_mut() {
                            map.open(&tag);
                        }
                    }
                    "fptr" | "area" => {
                        if let (Some(map), Some(id)) = (maps.last_mut(), tag.raw("FILEID")) {
                            map.point(id);
                        }
                    }
                    _ => {}
                }
                open.push(tag.name);
            }
            Node::Close => match open.pop() {
                Some("file") => drop(file.pop()),
                Some("div") => {
                    if let Some(map) = maps.last_mut() {
                        map.at.pop();
                        map.n_inside.truncate(map.at.len() + 1);
                    }
                }
                _ => {}
            },
            Node::Text(_) => {}
            Node::End => break,
        }
    }
    let map = maps.iter().position(|map| map.is_physical).unwrap_or(0);
    let Some(mut map) = (map < maps.len()).then(|| maps.swap_remove(map)) else {
        return Err(FormatError::new(
            0,
            "METS 文件没有 structMap，不知各版的次序",
            "this METS file has no structMap, which tells the order of the pages",
        ));
    };
    map.pages.sort_by(|a, b| a.0.cmp(&b.0));
    let files_of = |ids: Vec<&str>| ids.into_iter().filter_map(|id| files.get(id).cloned()).collect::<Vec<_>>();
    Ok(map.pages.into_iter().map(|(_, ids)| files_of(ids)).filter(|page| !page.is_empty()).collect())
}

/// A structMap as it is read.
struct Map<'a> {
    is_physical: bool,
    /// The place of each open div among those it stands with.
    at: Vec<u64>,
    /// How many divs were seen in each open one.
    n_inside: Vec<u64>,
    /// Divs that point to files, by their place.
    pages: Vec<(Vec<u64>, Vec<&'a str>)>,
}

impl<'a> Map<'a> {
    fn new(tag: &Tag<'a>) -> Self {
        let is_physical = tag.raw("TYPE").is_some_and(|kind| kind.eq_ignore_ascii_case("physical"));
        Self { is_physical, at: Vec::new(), n_inside: vec![0], pages: Vec::new() }
    }

    fn open(&mut self, tag: &Tag<'a>) {
        let idx = self.n_inside.last_mut().map_or(1, |n| {
            *n += 1;
            *n
        });
        self.at.push(tag.raw("ORDER").and_then(|order| order.trim().parse().ok()).unwrap_or(idx));
        self.n_inside.push(0);
    }

    fn point(&mut self, id: &'a str) {
        match self.pages.last_mut().filter(|(at, _)| *at == self.at) {
            Some((_, ids)) => ids.push(id),
            None => self.pages.push((self.at.clone(), vec![id])),
        }
    }
}

/// A reference as a path with `/`: programs write `file://./ocr/1.xml` and
/// escape what is beyond ASCII.
fn local(href: &str) -> String {
    let href = href.trim().strip_prefix("file://").unwrap_or(href.trim());
    let mut bytes = Vec::with_capacity(href.len());
    let mut rest = href.as_bytes();
    while let Some((&byte, behind)) = rest.split_first() {
        let escaped = (byte == b'%').then(|| behind.get(..2).and_then(|two| u8::from_str_radix(std::str::from_utf8(two).ok()?, 16).ok()));
        match escaped.flatten() {
            Some(escaped) => {
                bytes.push(escaped);
                rest = &behind[2..];
            }
            None => {
                bytes.push(byte);
                rest = behind;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| href.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const METS: &str = r#"<mets:mets xmlns:mets="http://www.loc.gov/METS/" xmlns:xlink="http://www.w3.org/1999/xlink"><mets:fileSec>
<mets:fileGrp USE="FULLTEXT"><mets:file ID="F1"><mets:FLocat xlink:href="file://./ocr/%E4%B8%80.xml"/></mets:file><mets:file ID="F2"><mets:FLocat xlink:href="ocr/b&amp;c.xml"/></mets:file></mets:fileGrp>
<mets:fileGrp USE="IMG"><mets:file ID="I1"><mets:FLocat xlink:href="img/1.jpg"/></mets:file></mets:fileGrp></mets:fileSec>
<mets:structMap TYPE="LOGICAL"><mets:div><mets:fptr FILEID="F1"/></mets:div></mets:structMap>
<mets:structMap TYPE="PHYSICAL"><mets:div TYPE="issue"><mets:div TYPE="page" ORDER="2"><mets:fptr FILEID="I1"/><mets:fptr FILEID="F1"/></mets:div>
<mets:div TYPE="page" ORDER="1"><mets:fptr><mets:area FILEID="F2"/></mets:fptr></mets:div><mets:div><mets:fptr FILEID="nowhere"/></mets:div></mets:div></mets:structMap></mets:mets>"#;

    #[test]
    fn the_physical_structure_tells_the_order() {
        assert!(is_mets(METS) && !is_mets("<alto/>") && !is_mets("www.loc.gov/METS"));
        assert_eq!(mets_pages(METS).unwrap(), [vec!["ocr/b&c.xml"], vec!["img/1.jpg", "./ocr/一.xml"]]);
    }

    #[test]
    fn what_has_no_structure_or_is_cut_is_an_error() {
        assert!(mets_pages("<mets xmlns='http://www.loc.gov/METS/'><fileSec/></mets>").unwrap_err().message.en.contains("structMap"));
        for end in 0..METS.len() {
            // An error or fewer pages, whatever is missing.
            let _ = METS.get(..end).map(mets_pages);
        }
        assert_eq!(local("100%.xml"), "100%.xml");
        assert_eq!(local("%ff%2"), "%ff%2");
    }
}

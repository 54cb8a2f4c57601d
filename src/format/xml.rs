//! The elements of an XML file with their places: quick-xml's events, checked
//! for what hostile files do.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::error::FormatError;
use crate::text::Span;

/// Elements inside of elements; real files stay below 20.
const MAX_DEPTH: usize = 200;

/// What stands in a file.
#[derive(Clone, Debug)]
pub(super) enum Node<'a> {
    /// An element begins. An empty one begins and ends.
    Open(Tag<'a>),
    /// The last open element ends.
    Close,
    /// Text, with an escape resolved; each character with its place.
    Text(Vec<(char, Span)>),
    /// The end of the file.
    End,
}

/// The start of an element.
#[derive(Clone, Debug)]
pub(super) struct Tag<'a> {
    /// Its name without a prefix.
    pub(super) name: &'a str,
    attributes: Vec<(&'a str, Span)>,
    content: &'a str,
    /// Where it stands.
    pub(super) at: usize,
}

impl<'a> Tag<'a> {
    /// The value of an attribute as it stands, escapes unresolved.
    pub(super) fn raw(&self, name: &str) -> Option<&'a str> {
        self.place(name).map(|place| place.of(self.content))
    }

    /// Where the value of an attribute stands.
    pub(super) fn place(&self, name: &str) -> Option<Span> {
        self.attributes.iter().find(|(own, _)| *own == name).map(|&(_, place)| place)
    }

    /// The characters of an attribute's value, each with its place.
    pub(super) fn characters(&self, name: &str) -> Result<Vec<(char, Span)>, FormatError> {
        self.place(name).map_or(Ok(Vec::new()), |place| characters(self.content, place))
    }

    /// A number in an attribute.
    pub(super) fn number(&self, name: &str) -> Option<f32> {
        self.raw(name)?.trim().parse().ok()
    }

    /// True when the attribute `class` has this word.
    pub(super) fn has_class(&self, class: &str) -> bool {
        self.raw("class").is_some_and(|classes| classes.split_ascii_whitespace().any(|own| own == class))
    }
}

/// Walks over a file.
pub(super) struct Walker<'a> {
    content: &'a str,
    reader: Reader<&'a [u8]>,
    depth: usize,
    /// An empty element was begun and is to end.
    closes: bool,
}

impl<'a> Walker<'a> {
    pub(super) fn new(content: &'a str) -> Self {
        let mut reader = Reader::from_str(content);
        let config = reader.config_mut();
        // HTML leaves elements open and writes a lone & here and there.
        config.check_end_names = false;
        config.allow_unmatched_ends = true;
        config.allow_dangling_amp = true;
        Self { content, reader, depth: 0, closes: false }
    }

    /// Where the next node begins, behind the last one.
    pub(super) fn at(&self) -> usize {
        usize::try_from(self.reader.buffer_position()).unwrap_or(self.content.len()).min(self.content.len())
    }

    /// The next node.
    pub(super) fn next(&mut self) -> Result<Node<'a>, FormatError> {
        if std::mem::take(&mut self.closes) {
            return Ok(Node::Close);
        }
        loop {
            let event = self.reader.read_event().map_err(|error| self.broken(&error))?;
            match event {
                Event::Start(start) => {
                    let tag = self.tag(&start)?;
                    if is_void(tag.name) {
                        self.closes = true;
                        return Ok(Node::Open(tag));
                    }
                    self.depth += 1;
                    if self.depth > MAX_DEPTH {
                        return Err(FormatError::new(
                            tag.at,
                            format!("元素嵌套超过 {MAX_DEPTH} 层，不是正常的版面文件，未读"),
                            format!("elements are nested more than {MAX_DEPTH} deep; no layout file is, so it was not read"),
                        ));
                    }
                    return Ok(Node::Open(tag));
                }
                Event::Empty(start) => {
                    self.closes = true;
                    return Ok(Node::Open(self.tag(&start)?));
                }
                Event::End(end) => {
                    if is_void(local(end.name().0)) {
                        continue;
                    }
                    self.depth = self.depth.saturating_sub(1);
                    return Ok(Node::Close);
                }
                Event::Text(text) => {
                    let place = self.place(&text.into_inner());
                    return Ok(Node::Text(letters(self.content, place)));
                }
                Event::CData(data) => {
                    let place = self.place(&data.into_inner());
                    return Ok(Node::Text(letters(self.content, place)));
                }
                Event::GeneralRef(reference) => {
                    let name = self.place(&reference.into_inner());
                    let whole = Span::new(name.start - 1, (name.end + 1).min(self.content.len()));
                    return Ok(Node::Text(vec![(entity(name.of(self.content), whole.start)?, whole)]));
                }
                Event::DocType(text) => self.check_doctype(&text.into_inner())?,
                Event::Eof => return Ok(Node::End),
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            }
        }
    }

    fn tag(&self, start: &BytesStart<'_>) -> Result<Tag<'a>, FormatError> {
        let name = self.place(start.name().0);
        let mut attributes = Vec::new();
        for attribute in start.attributes().with_checks(false) {
            let attribute = attribute.map_err(|_| {
                FormatError::new(
                    name.start,
                    "元素的属性写法有误，应为 名称=\"值\"",
                    "an attribute of this element is not written name=\"value\"",
                )
            })?;
            attributes.push((local(self.place(attribute.key.0).of(self.content)), self.place(&attribute.value)));
        }
        Ok(Tag { name: local(name.of(self.content)), attributes, content: self.content, at: name.start.saturating_sub(1) })
    }

    /// Where a slice of the content stands in it.
    fn place(&self, slice: &str) -> Span {
        let start = slice.as_ptr() as usize - self.content.as_ptr() as usize;
        Span::new(start, start + slice.len())
    }

    /// Entities of one's own can blow up a file or read others; no engine
    /// writes them.
    fn check_doctype(&self, doctype: &str) -> Result<(), FormatError> {
        if doctype.contains('[') || doctype.contains("<!") {
            return Err(FormatError::new(
                self.place(doctype).start,
                "文件自带 DTD 内部子集（可定义实体），不予展开，未读；请去掉 DOCTYPE 中方括号内的部分",
                "the file brings declarations of its own (an internal DTD subset), which are not expanded; it was not read. Take out what stands in brackets in its DOCTYPE",
            ));
        }
        Ok(())
    }

    fn broken(&self, error: &quick_xml::Error) -> FormatError {
        let at = usize::try_from(self.reader.error_position()).unwrap_or(0).min(self.content.len());
        FormatError::new(
            crate::text::floor_boundary(self.content, at),
            format!("不是完整的 XML（{error}）；文件可能被截断，请重新导出"),
            format!("this is no whole XML file ({error}); it may have been cut short. Export it again"),
        )
    }
}

/// HTML elements that never have an end.
fn is_void(name: &str) -> bool {
    ["meta", "link", "br", "img", "hr", "input"].iter().any(|void| void.eq_ignore_ascii_case(name))
}

/// A name without its prefix.
fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

/// Characters that stand for themselves.
fn letters(content: &str, place: Span) -> Vec<(char, Span)> {
    place.of(content).char_indices().map(|(at, c)| (c, Span::new(place.start + at, place.start + at + c.len_utf8()))).collect()
}

/// The characters of an attribute's value, escapes resolved.
fn characters(content: &str, place: Span) -> Result<Vec<(char, Span)>, FormatError> {
    let mut out = Vec::new();
    let mut at = place.start;
    while at < place.end {
        let rest = &content[at..place.end];
        let escape = rest.strip_prefix('&').and_then(escape_name);
        if let Some(name) = escape {
            let whole = Span::new(at, at + name.len() + 2);
            out.push((entity(name, at)?, whole));
            at = whole.end;
        } else if let Some(c) = rest.chars().next() {
            out.push((c, Span::new(at, at + c.len_utf8())));
            at += c.len_utf8();
        }
    }
    Ok(out)
}

/// The name of the escape behind an `&`; a lone `&`, which HTML allows, has none.
fn escape_name(rest: &str) -> Option<&str> {
    let name = &rest[..rest.find(';').filter(|&length| length <= 12)?];
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '#');
    is_name.then_some(name)
}

/// The character of `&name;`.
fn entity(name: &str, at: usize) -> Result<char, FormatError> {
    let by_number = |digits: &str, radix| u32::from_str_radix(digits, radix).ok().and_then(char::from_u32);
    let c = match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some('\u{a0}'),
        "ldquo" => Some('“'),
        "rdquo" => Some('”'),
        "lsquo" => Some('‘'),
        "rsquo" => Some('’'),
        "middot" => Some('·'),
        "mdash" => Some('—'),
        "ndash" => Some('–'),
        "hellip" => Some('…'),
        _ => match name.strip_prefix('#').map(|number| (number, number.strip_prefix(['x', 'X']))) {
            Some((_, Some(hex))) => by_number(hex, 16),
            Some((number, None)) => by_number(number, 10),
            None => None,
        },
    };
    c.ok_or_else(|| {
        FormatError::new(
            at,
            format!("实体 &{name}; 没有定义；只认 XML 的五个实体、字符编号和常见标点"),
            format!("the entity &{name}; is none that is known: the five of XML, character numbers, and common marks"),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(content: &str) -> Result<String, FormatError> {
        let mut walker = Walker::new(content);
        let mut out = String::new();
        loop {
            match walker.next()? {
                Node::Text(chars) => {
                    for (c, place) in chars {
                        assert!(place.end <= content.len());
                        out.push(c);
                    }
                }
                Node::End => return Ok(out),
                Node::Open(tag) => assert!(content[tag.at..].starts_with('<')),
                Node::Close => {}
            }
        }
    }

    #[test]
    fn escapes_are_resolved_and_html_is_forgiven() {
        assert_eq!(text("<p>甲&amp;乙&#x4e19;<br>丁<![CDATA[<戊>]]></p>").unwrap(), "甲&乙丙丁<戊>");
    }

    #[test]
    fn entity_bombs_are_refused_where_they_are_declared() {
        let bomb = "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;\">]><x>&b;</x>";
        let error = text(bomb).unwrap_err();
        assert!(error.message.en.contains("DTD"), "{error}");
        assert!(text("<x>&b;</x>").is_err());
        assert!(text("<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0//EN\" \"http://example.org/x.dtd\"><x>甲</x>").is_ok());
    }

    #[test]
    fn deep_nesting_and_cut_files_are_refused() {
        let deep = "<a>".repeat(100_000);
        assert!(text(&deep).unwrap_err().message.en.contains("nested"));
        assert!(text("<a>甲<b").is_err());
    }

    #[test]
    fn a_lone_ampersand_before_an_escape_is_itself() {
        let read =
            |content: &str| -> String { characters(content, Span::new(0, content.len())).unwrap().into_iter().map(|(c, _)| c).collect() };
        assert_eq!(read("甲&&lt;乙"), "甲&<乙");
        assert_eq!(read("R&D 部; &amp;"), "R&D 部; &");
        assert_eq!(read("&;"), "&;");
        assert!(characters("&nobody;", Span::new(0, 8)).is_err());
    }
}

//! Which rule changed a character, noted in the file where its format has a
//! place for that: with the word it stands in. What the engine read and how
//! sure it was is then not taken for the corrected text's.
//!
//! | format | note |
//! |---|---|
//! | hOCR | the property `x_jiaokan` in the `title` of the word or character |
//! | ALTO | an `ALTERNATIVE` of the `String`: what was read, its `PURPOSE` the rule |
//! | PAGE XML | the attribute `comments` of the `TextEquiv` |
//!
//! The JSON of engines has no such place.

use std::collections::{BTreeMap, BTreeSet};

use super::xml::{Node, Tag, Walker};
use super::{Format, hocr};
use crate::apply::Script;
use crate::finding::Edit;
use crate::text::Span;

/// What changes by hand are called in a note; rules have a slash in their ids.
const BY_HAND: &str = "manual";

/// Where a note about some characters goes.
#[derive(Clone, Debug)]
struct Slot {
    /// The element whose characters it is about.
    element: Span,
    /// What is replaced, mostly nothing.
    at: Span,
    form: Form,
}

#[derive(Clone, Debug)]
enum Form {
    /// One more property in a `title`, which has some already or is empty.
    Property { is_first: bool },
    /// A child of a `String` that is called `name`, with what was read.
    Alternative { name: String, read: String, is_empty: bool },
    /// The attribute of a `TextEquiv`, which it has already or not.
    Comment { is_first: bool },
}

impl Form {
    fn write(&self, rules: &BTreeSet<&str>) -> String {
        let rules = rules.iter().copied().collect::<Vec<&str>>().join(" ");
        match self {
            Form::Property { is_first: true } => format!("x_jiaokan {rules}"),
            Form::Property { is_first: false } => format!("; x_jiaokan {rules}"),
            Form::Alternative { name, read, is_empty } => {
                let child = name.replace("String", "ALTERNATIVE");
                let child = format!("<{child} PURPOSE=\"jiaokan {rules}\">{read}</{child}>");
                if *is_empty { format!(">{child}</{name}>") } else { child }
            }
            Form::Comment { is_first: true } => format!(" comments=\"jiaokan {rules}\""),
            Form::Comment { is_first: false } => format!("; jiaokan {rules}"),
        }
    }
}

/// Changes of a file with their notes.
#[derive(Clone, Debug, Default)]
pub struct Noted {
    /// The changes and the notes.
    pub script: Script,
    /// For every cause the places of the notes that are about it.
    pub notes: Vec<Vec<Span>>,
}

impl Format {
    /// Adds to `script`, changes of `content`, which rules they come from.
    /// `causes`: the places in `content` that each rule changed, and its id,
    /// empty for what was done by hand.
    #[must_use]
    pub fn note(self, content: &str, script: &Script, causes: &[(&[Span], &str)]) -> Noted {
        let mut notes = vec![Vec::new(); causes.len()];
        let slots = if script.is_empty() { Vec::new() } else { slots(self, content) };
        let mut noted: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
        for ((spans, rule), places) in causes.iter().zip(&mut notes) {
            let rule = if rule.is_empty() { BY_HAND } else { *rule };
            for edit in spans.iter().flat_map(|&span| touching(script, span)) {
                let Some(idx) = slot_around(&slots, edit.span) else { continue };
                noted.entry(idx).or_default().insert(rule);
                if !places.contains(&slots[idx].at) {
                    places.push(slots[idx].at);
                }
            }
        }
        let of_notes = noted.iter().map(|(&idx, rules)| Edit { span: slots[idx].at, replacement: slots[idx].form.write(rules) });
        let mut edits: Vec<Edit> = script.edits().iter().cloned().chain(of_notes).collect();
        edits.sort_by_key(|edit| edit.span);
        match Script::new(edits) {
            Ok(script) => Noted { script, notes },
            // Attributes of a kind that no engine writes; the text comes first.
            Err(_) => Noted { script: script.clone(), notes: vec![Vec::new(); causes.len()] },
        }
    }
}

/// The edits that change something in `span`, or put something in at its ends.
fn touching(script: &Script, span: Span) -> &[Edit] {
    let edits = script.edits();
    let from = edits.partition_point(|edit| edit.span.end < span.start || edit.span.end == span.start && !edit.span.is_empty());
    let to = edits.partition_point(|edit| edit.span.start < span.end || edit.span.start == span.end && edit.span.is_empty());
    &edits[from..to.max(from)]
}

/// The innermost element around `place`.
fn slot_around(slots: &[Slot], place: Span) -> Option<usize> {
    let behind = slots.partition_point(|slot| slot.element.start <= place.start);
    (0..behind).rev().find(|&idx| slots[idx].element.contains(place))
}

/// Every place for a note, by where its element begins.
fn slots(format: Format, content: &str) -> Vec<Slot> {
    let slot_of: fn(&Tag<'_>, &str, usize) -> Option<Slot> = match format {
        Format::Hocr => in_hocr,
        Format::Alto => in_alto,
        Format::Page => in_page,
        Format::Text | Format::EngineJson => return Vec::new(),
    };
    let mut walker = Walker::new(content);
    let mut slots: Vec<Slot> = Vec::new();
    let mut open: Vec<Option<usize>> = Vec::new();
    // It was read once without an error; what follows one is without notes.
    while let Ok(node) = walker.next() {
        match node {
            Node::Open(tag) => {
                open.push(slot_of(&tag, content, walker.at()).map(|slot| {
                    slots.push(slot);
                    slots.len() - 1
                }));
            }
            Node::Close => {
                if let Some(idx) = open.pop().flatten() {
                    slots[idx].element.end = walker.at();
                }
            }
            Node::Text(_) => {}
            Node::End => break,
        }
    }
    slots
}

fn in_hocr(tag: &Tag<'_>, content: &str, end: usize) -> Option<Slot> {
    let title = tag.place("title").filter(|_| hocr::holds_characters(tag))?;
    let is_first = title.of(content).trim().is_empty();
    Some(Slot { element: Span::new(tag.at, end), at: Span::empty(title.end), form: Form::Property { is_first } })
}

fn in_alto(tag: &Tag<'_>, content: &str, end: usize) -> Option<Slot> {
    if tag.name != "String" {
        return None;
    }
    let start = Span::new(tag.at, end).of(content);
    let name = start.trim_start_matches('<').split(|c: char| c.is_whitespace() || c == '/' || c == '>').next()?.to_owned();
    let read = tag.raw("CONTENT")?.to_owned();
    let is_empty = start.ends_with("/>");
    let at = if is_empty { Span::new(end - "/>".len(), end) } else { Span::empty(end) };
    Some(Slot { element: Span::new(tag.at, end), at, form: Form::Alternative { name, read, is_empty } })
}

fn in_page(tag: &Tag<'_>, content: &str, end: usize) -> Option<Slot> {
    if tag.name != "TextEquiv" {
        return None;
    }
    let start = Span::new(tag.at, end).of(content);
    let close = if start.ends_with("/>") { "/>".len() } else { ">".len() };
    let (at, is_first) = tag.place("comments").map_or((end - close, true), |comments| (comments.end, false));
    Some(Slot { element: Span::new(tag.at, end), at: Span::empty(at), form: Form::Comment { is_first } })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `file` with the first `from` of its text changed to `to` by `rule`.
    fn corrected(format: Format, file: &str, changes: &[(&str, &str, &str)]) -> String {
        let page = format.read(file).unwrap().unwrap();
        let edits: Vec<Edit> = changes
            .iter()
            .map(|(from, to, _)| {
                let at = page.text.find(from).unwrap();
                Edit::replacement(Span::new(at, at + from.len()), *to)
            })
            .collect();
        let places: Vec<Vec<Span>> = edits.iter().map(|edit| page.places(edit.span)).collect();
        let causes: Vec<(&[Span], &str)> = places.iter().map(Vec::as_slice).zip(changes.iter().map(|change| change.2)).collect();
        let noted = format.note(file, &page.write(&Script::new(edits).unwrap()).script, &causes);
        assert!(noted.notes.iter().all(|places| !places.is_empty()));
        let corrected = noted.script.apply(file);
        let again = format.read(&corrected).unwrap().unwrap();
        let mut expected = page.text;
        changes.iter().for_each(|(from, to, _)| expected = expected.replacen(from, to, 1));
        assert_eq!(again.text, expected, "a note is none of the text");
        corrected
    }

    #[test]
    fn hocr_has_a_property_of_the_word() {
        let file = "<div class='ocr_page' title='bbox 0 0 9 9'><span class='ocr_line' title='bbox 1 1 2 2'><span class='ocrx_word' title='x_wconf 40'>城末</span><span class=\"ocrx_word\" title=\"\">新桥</span></span></div>";
        let changes = [("末", "东", "character/misread"), ("桥", "侨", "")];
        let expected = file
            .replace("'x_wconf 40'>城末", "'x_wconf 40; x_jiaokan character/misread'>城东")
            .replace("title=\"\">新桥", "title=\"x_jiaokan manual\">新侨");
        assert_eq!(corrected(Format::Hocr, file, &changes), expected);
    }

    #[test]
    fn alto_keeps_what_was_read_as_an_alternative() {
        let file = "<a:alto xmlns:a='x'><a:Layout><a:Page><a:TextBlock><a:TextLine><a:String CONTENT='城末' WC='0.5'/></a:TextLine><a:TextLine><a:String CONTENT='新桥'><a:Glyph CONTENT='新'/><a:Glyph CONTENT='桥'/></a:String></a:TextLine></a:TextBlock></a:Page></a:Layout></a:alto>";
        let changes = [("城末", "东城", "core/east"), ("桥", "侨", "core/bridge")];
        let expected = file
            .replace("城末' WC='0.5'/>", "东城' WC='0.5'><a:ALTERNATIVE PURPOSE=\"jiaokan core/east\">城末</a:ALTERNATIVE></a:String>")
            .replace("CONTENT='新桥'>", "CONTENT='新侨'><a:ALTERNATIVE PURPOSE=\"jiaokan core/bridge\">新桥</a:ALTERNATIVE>")
            .replace("<a:Glyph CONTENT='桥'/>", "<a:Glyph CONTENT='侨'/>");
        assert_eq!(corrected(Format::Alto, file, &changes), expected);
    }

    #[test]
    fn page_xml_has_a_comment_at_every_level() {
        let file = "<PcGts><Page><TextRegion><TextLine><Word><TextEquiv comments='by hand'><Unicode>城末</Unicode></TextEquiv></Word><TextEquiv><Unicode>城末</Unicode></TextEquiv></TextLine></TextRegion></Page></PcGts>";
        let expected = file
            .replace("城末", "城东")
            .replace("'by hand'", "'by hand; jiaokan core/east'")
            .replace("<TextEquiv>", "<TextEquiv comments=\"jiaokan core/east\">");
        assert_eq!(corrected(Format::Page, file, &[("末", "东", "core/east")]), expected);
    }

    #[test]
    fn without_changes_there_are_no_notes() {
        let noted = Format::Page.note("<PcGts><TextEquiv/></PcGts>", &Script::default(), &[(&[Span::new(1, 4)], "core/east")]);
        assert!(noted.script.is_empty() && noted.notes == [Vec::new()]);
    }
}

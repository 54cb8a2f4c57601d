//! Files that hold more than text: the layout formats of OCR engines.
//!
//! A reader takes the decoded content of a file and gives an [`Extract`]: the
//! text that the pipeline sees, in reading order, the places of its lines on
//! the page, and for every character the place in the file it came from.
//! [`Extract::write`] brings a change of that text back into the file: only
//! what changed is written anew, escaped as the format asks; every other byte
//! stays. One file for each format; start at [`Format::detect`].

mod alto;
mod column;
mod declared;
mod engine;
mod engine_json;
mod error;
mod extract;
mod hocr;
mod json;
mod mets;
mod notes;
mod page_xml;
mod pieces;
mod sheet;
#[cfg(feature = "parquet")]
pub mod table;
mod write;
mod xml;

pub use column::Column;
pub use declared::declared_encoding;
pub use engine::engine_of;
pub use error::FormatError;
pub use extract::{Extract, Picture};
pub use mets::{MetsPages, is_mets, mets_pages};
pub use notes::Noted;
pub use write::Written;

use sheet::Sheet;

/// What a file is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// Text and nothing else.
    Text,
    /// hOCR: HTML with boxes and confidences in `title`.
    Hocr,
    /// ALTO XML, versions 2 to 4.
    Alto,
    /// PAGE XML, 2010 to 2019.
    Page,
    /// Results of PaddleOCR or RapidOCR, or a content list of MinerU, as JSON.
    EngineJson,
}

/// A reader: the content of a file to its blocks and lines.
type Read = fn(&str) -> Result<Sheet, FormatError>;

/// What is known of a format.
struct Known {
    format: Format,
    name: &'static str,
    /// Whether content seems to be of this format, by its beginning.
    is: fn(&str) -> bool,
    read: Read,
    escape: pieces::Escape,
}

/// The formats with boxes.
static KNOWN: [Known; 4] = [
    Known { format: Format::Hocr, name: "hocr", is: hocr::is_hocr, read: hocr::read, escape: pieces::Escape::Xml },
    Known { format: Format::Alto, name: "alto", is: alto::is_alto, read: alto::read, escape: pieces::Escape::Xml },
    Known { format: Format::Page, name: "page", is: page_xml::is_page, read: page_xml::read, escape: pieces::Escape::Xml },
    Known {
        format: Format::EngineJson,
        name: "json",
        is: engine_json::is_engine_json,
        read: engine_json::read,
        escape: pieces::Escape::Json,
    },
];

/// How much of a file is looked at to tell its format, in bytes.
const HEAD_BYTES: usize = 4096;

impl Format {
    /// All formats, in the order of their names in messages.
    pub const ALL: [Format; 5] = [Format::Text, Format::Hocr, Format::Alto, Format::Page, Format::EngineJson];

    /// The name by which a format is chosen.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.known().map_or("txt", |known| known.name)
    }

    /// The format called `name`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Format::ALL.into_iter().find(|format| format.name() == name)
    }

    /// The format of `content`, by what stands in it: whatever is none of the
    /// formats with boxes is text.
    #[must_use]
    pub fn detect(content: &str) -> Self {
        let head = &content[..crate::text::floor_boundary(content, HEAD_BYTES)];
        if !head.trim_start().starts_with(['<', '{', '[']) {
            return Format::Text;
        }
        KNOWN.iter().find(|known| (known.is)(head)).map_or(Format::Text, |known| known.format)
    }

    /// Reads `content` as this format.
    ///
    /// # Errors
    /// The first place that is not as the format has it.
    pub fn read(self, content: &str) -> Result<Option<Extract>, FormatError> {
        let Some(known) = self.known() else { return Ok(None) };
        let sheet = (known.read)(content)?;
        Ok(Some(sheet.extract(self, content)))
    }

    fn known(self) -> Option<&'static Known> {
        KNOWN.iter().find(|known| known.format == self)
    }

    fn escape(self) -> pieces::Escape {
        self.known().map_or(pieces::Escape::None, |known| known.escape)
    }
}

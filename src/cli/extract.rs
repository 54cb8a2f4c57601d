//! Files with boxes: read, and written as text.

use std::path::Path;

use serde::Serialize;

use super::args::Conversion;
use super::unpack::inner_name;
use super::work::failed;
use crate::apply::{Piece, SourceMap};
use crate::finding::Message;
use crate::format::{Extract, Format, is_mets};
use crate::pipeline::Run;
use crate::report::Failure;
use crate::text::{LineIndex, Span};

/// Extensions of files that hold more than text. One that holds nothing known
/// is refused: as text, its markup would be repaired.
const EXTENSIONS: [&str; 6] = ["hocr", "xml", "alto", "html", "htm", "json"];

/// True for a file that is read when it is named on the command line.
pub(super) fn is_readable(path: &Path) -> bool {
    let path = inner_name(path);
    path.extension().is_some_and(|extension| EXTENSIONS.iter().any(|known| extension.eq_ignore_ascii_case(known)))
}

/// The text of a file with boxes; `None` for plain text.
pub(super) fn of(content: &str, format: Option<Format>, name: &Path) -> Result<Option<Extract>, Failure> {
    let format = format.unwrap_or_else(|| Format::detect(content));
    if content.starts_with("%PDF-") {
        return Err(failed(Message::new(
            "这是 PDF。请先取出带坐标的文字层：pdftotext -bbox-layout 取出 XHTML，或用 OCR 引擎导出 hOCR、ALTO 或 PAGE XML，再交给本程序",
            "this is a PDF. Take out its text first: have the OCR engine export hOCR, ALTO or PAGE XML (for scans: ocrmypdf --sidecar, or tesseract page.png page hocr), and read that",
        )));
    }
    if is_readable(name) && is_mets(content) {
        return Err(failed(Message::new(
            "这是 METS 文件，不含正文；文件名里带有 mets，才会用它排定各版的次序",
            "this is a METS file, which holds no text; it puts pages in order when its name has \"mets\" in it",
        )));
    }
    if format == Format::Text && is_readable(name) && content.trim_start().starts_with(['<', '{', '[']) {
        return Err(failed(Message::new(
            "内容不是已知的版面格式（hOCR、ALTO、PAGE XML，或 PaddleOCR、RapidOCR、MinerU 的 JSON），未作处理；若是纯文本，用 --input-format txt",
            "the content is none of the formats that are known (hOCR, ALTO, PAGE XML; JSON of PaddleOCR, RapidOCR, MinerU); it was left alone. If it is plain text, say --input-format txt",
        )));
    }
    format.read(content).map_err(|error| Failure {
        path: String::new(),
        position: Some(LineIndex::new(content).position(error.at)),
        message: error.message,
    })
}

/// The repaired text of a file with boxes as `--to` asks for it.
pub(super) fn converted(to: Conversion, name: &str, extract: &Extract, run: &Run) -> String {
    match to {
        Conversion::Txt => run.corrected.clone(),
        Conversion::Jsonl => records(name, extract, run),
    }
}

/// One paragraph of a repaired text.
#[derive(Serialize)]
struct Record<'a> {
    /// The file.
    file: &'a str,
    /// The page in the file, from 1.
    page: Option<usize>,
    /// The paragraph in the file, from 1.
    paragraph: usize,
    text: &'a str,
    /// left, top, right, bottom of every printed line.
    boxes: Vec<[f32; 4]>,
    /// Byte ranges of the characters in the decoded file.
    source: Vec<[usize; 2]>,
}

fn records(name: &str, extract: &Extract, run: &Run) -> String {
    let map = SourceMap::identity(extract.text.len()).then(&run.script);
    let mut out = String::new();
    let mut at = 0;
    let mut paragraph = 0;
    for line in run.corrected.split_inclusive('\n') {
        let text = line.trim();
        let start = at + (line.len() - line.trim_start().len());
        at += line.len();
        if text.is_empty() {
            continue;
        }
        paragraph += 1;
        let kept = kept(&map, Span::new(start, start + text.len()));
        let lines = kept.iter().filter_map(|&span| extract.geometry.lines_of(span)).flatten();
        let mut lines: Vec<usize> = lines.collect();
        lines.sort_unstable();
        lines.dedup();
        let lines: Vec<_> = lines.into_iter().map(|idx| &extract.geometry.lines[idx]).collect();
        let record = Record {
            file: name,
            page: lines.first().map(|line| line.page + 1),
            paragraph,
            text,
            boxes: lines.iter().filter_map(|line| line.bounds).map(|b| [b.left, b.top, b.right, b.bottom]).collect(),
            source: kept.iter().flat_map(|&span| extract.sources(span)).map(|span| [span.start, span.end]).collect(),
        };
        out.push_str(&serde_json::to_string(&record).expect("a record is strings and finite numbers"));
        out.push('\n');
    }
    out
}

/// What `span` of the corrected text kept of the text as it was read.
fn kept(map: &SourceMap, span: Span) -> Vec<Span> {
    let mut kept = Vec::new();
    let mut at = 0;
    for piece in map.pieces() {
        let length = match piece {
            Piece::Kept(old) => old.len(),
            Piece::Inserted(text) => text.len(),
        };
        let (start, end) = (span.start.max(at), span.end.min(at + length));
        if let Piece::Kept(old) = piece
            && start < end
        {
            kept.push(Span::new(old.start + (start - at), old.start + (end - at)));
        }
        at += length;
    }
    kept
}

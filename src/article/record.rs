//! What an article looks like in the output: one JSON object a line.

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::byline::{Credit, credits};
use super::issue::PageName;
use super::segment::{Part, Role, Segmented};
use super::stitch::{Article, IssuePage, Seam, stitch};
use crate::apply::SourceMap;
use crate::document::{Geometry, dateline_prefix};
use crate::text::Span;

/// Version of the records, see `docs/schema/articles.schema.json`.
pub const ARTICLE_SCHEMA_VERSION: u32 = 1;

/// A corrected page with all that records tell of it.
#[derive(Clone, Debug)]
pub struct PageSource {
    /// The file, as it was given.
    pub file: String,
    /// Which page of which issue it is.
    pub name: PageName,
    /// The corrected text.
    pub text: String,
    /// From the corrected text to the decoded original.
    pub map: SourceMap,
    /// Where the lines of the decoded original stand on the page, where the file
    /// says so.
    pub geometry: Option<Geometry>,
    /// Findings that nobody settled, in bytes of the decoded original.
    pub unresolved: Vec<Span>,
    /// Errors left per 10,000 characters, by estimate.
    pub errors_per_10k: Option<f64>,
    /// Its pieces.
    pub segmented: Segmented,
}

/// One article.
#[derive(Clone, Debug, Serialize)]
pub struct Record {
    /// [`ARTICLE_SCHEMA_VERSION`].
    pub schema_version: u32,
    /// The same whenever the same pages are read again.
    pub id: String,
    /// Issue: folder and day.
    pub issue: String,
    /// The day, `YYYY-MM-DD`.
    pub date: Option<String>,
    /// Labels of its pages (`A1`), in order; files without one are left out.
    pub pages: Vec<String>,
    /// 引题.
    pub kicker: String,
    /// 主题.
    pub headline: String,
    /// 副题.
    pub subheadline: String,
    /// Who made it.
    pub bylines: Vec<Credit>,
    /// 本报讯, 新华社北京5月3日电.
    pub dateline: String,
    /// Paragraphs and sub-headings, a line each.
    pub text: String,
    /// The same one by one, with where they come from.
    pub body: Vec<Block>,
    /// 图说.
    pub captions: Vec<Block>,
    /// 转版提示.
    pub jumps: Vec<JumpRecord>,
    /// How far the text can be trusted.
    pub quality: Quality,
    /// SHA-256 of headline and text.
    pub content_hash: String,
}

/// A paragraph, sub-heading or caption.
#[derive(Clone, Debug, Serialize)]
pub struct Block {
    /// `paragraph`, `subheading` or `caption`.
    pub kind: &'static str,
    /// Its text.
    pub text: String,
    /// Where it stands; two where it goes on on another page, or where both
    /// pages have it.
    pub sources: Vec<Source>,
}

/// A place in an input file.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Source {
    /// The file.
    pub file: String,
    /// First byte of the decoded original as UTF-8.
    pub start: usize,
    /// The byte behind its last.
    pub end: usize,
    /// Where that stands on the page: left, top, right and lower edge in pixels,
    /// a rectangle for each stretch of a column; none when the file has no boxes.
    pub boxes: Vec<[f32; 4]>,
}

/// A jump line and what became of it.
#[derive(Clone, Debug, Serialize)]
pub struct JumpRecord {
    /// `to`, `from` or `see`.
    pub direction: &'static str,
    /// The page it names.
    pub page: Option<String>,
    /// Its number, for ①–⑳.
    pub mark: Option<u8>,
    /// `stitched`, `missing` or `ambiguous`.
    pub status: &'static str,
}

/// How far a text can be trusted.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Quality {
    /// Errors left per 10,000 characters, by estimate for its pages; null when
    /// there is too little text to tell.
    pub errors_per_10k: Option<f64>,
    /// Findings in it that nobody settled, per 10,000 characters.
    pub unresolved_per_10k: f64,
}

/// A line that is part of no article.
#[derive(Clone, Debug, Serialize)]
pub struct Reject {
    /// [`ARTICLE_SCHEMA_VERSION`].
    pub schema_version: u32,
    /// Where it stands.
    pub source: Source,
    /// Its text.
    pub text: String,
    /// `furniture`, with its kind behind a colon, or `jump-line`.
    pub reason: String,
}

/// The records of the pages of one issue, in the order in which the articles
/// begin.
#[must_use]
pub fn records(pages: &[PageSource]) -> Vec<Record> {
    let issue: Vec<IssuePage<'_>> =
        pages.iter().map(|page| IssuePage { name: &page.name, text: &page.text, pieces: &page.segmented.pieces }).collect();
    stitch(&issue).iter().map(|article| Writer { pages }.record(article)).collect()
}

/// What the pages have besides articles.
#[must_use]
pub fn rejects(pages: &[PageSource]) -> Vec<Reject> {
    pages
        .iter()
        .flat_map(|page| {
            page.segmented.left.iter().map(move |left| Reject {
                schema_version: ARTICLE_SCHEMA_VERSION,
                source: source(page, left.span),
                text: left.span.of(&page.text).to_owned(),
                reason: left.furniture.map_or_else(|| "jump-line".to_owned(), |kind| format!("furniture:{}", kind.name())),
            })
        })
        .collect()
}

fn source(page: &PageSource, span: Span) -> Source {
    let old = page.map.to_old(span);
    let boxes = page.geometry.as_ref().map(|geometry| geometry.stretches_of(old)).unwrap_or_default();
    let boxes = boxes.into_iter().map(|bounds| [bounds.left, bounds.top, bounds.right, bounds.bottom]).collect();
    Source { file: page.file.clone(), start: old.start, end: old.end, boxes }
}

fn hex(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    format!("{:x}", hash.finalize())
}

struct Writer<'a> {
    pages: &'a [PageSource],
}

impl Writer<'_> {
    fn record(&self, article: &Article) -> Record {
        let own: Vec<&PageSource> = article.pieces.iter().map(|&(page, _)| &self.pages[page]).collect();
        let first = own[0];
        let first_part = first.segmented.pieces[article.pieces[0].1].parts[0];
        let place = source(first, first_part.span);
        let body = self.body(article);
        let text = body.iter().map(|block| block.text.as_str()).collect::<Vec<_>>().join("\n");
        let (headline, kicker, subheadline) =
            (self.first_with(article, Role::Headline), self.first_with(article, Role::Kicker), self.first_with(article, Role::SubHeadline));
        let dateline =
            body.iter().find_map(|block| dateline_prefix(&block.text).map(|prefix| prefix.of(&block.text).to_owned())).unwrap_or_default();
        let mut bylines: Vec<Credit> = Vec::new();
        let printed = self.parts(article, |role| role == Role::Byline).into_iter().map(|(page, part)| part.span.of(&page.text));
        for credit in printed.chain([dateline.as_str()]).flat_map(|line| credits(in_credits(line))) {
            if !bylines.contains(&credit) {
                bylines.push(credit);
            }
        }
        let mut pages: Vec<String> = Vec::new();
        for label in own.iter().filter_map(|page| page.name.label.map(|label| label.to_string())) {
            if !pages.contains(&label) {
                pages.push(label);
            }
        }
        Record {
            schema_version: ARTICLE_SCHEMA_VERSION,
            id: hex(&[&place.file, &place.start.to_string()])[..32].to_owned(),
            issue: first.name.issue.clone(),
            date: first.name.date.map(|date| date.to_string()),
            pages,
            kicker,
            subheadline,
            bylines,
            dateline,
            captions: self.captions(article),
            jumps: article
                .jumps
                .iter()
                .map(|jump| JumpRecord {
                    direction: jump.line.direction.name(),
                    page: jump.line.page.map(|page| page.to_string()),
                    mark: jump.line.mark,
                    status: jump.status.name(),
                })
                .collect(),
            quality: self.quality(article, &text),
            content_hash: hex(&[&headline, &text]),
            headline,
            text,
            body,
        }
    }

    fn parts(&self, article: &Article, keep: impl Fn(Role) -> bool) -> Vec<(&PageSource, Part)> {
        let pages = article.pieces.iter().map(|&(page, piece)| (&self.pages[page], &self.pages[page].segmented.pieces[piece]));
        pages.flat_map(|(page, piece)| piece.parts.iter().map(move |&part| (page, part))).filter(|(_, part)| keep(part.role)).collect()
    }

    /// The parts of the first piece that has any: the continuation repeats the
    /// head.
    fn first_with(&self, article: &Article, role: Role) -> String {
        let texts = |&(page, piece): &(usize, usize)| {
            let page = &self.pages[page];
            page.segmented.pieces[piece].with(role).map(|part| part.span.of(&page.text)).collect::<Vec<_>>().join("\n")
        };
        article.pieces.iter().map(texts).find(|text| !text.is_empty()).unwrap_or_default()
    }

    fn captions(&self, article: &Article) -> Vec<Block> {
        let parts = self.parts(article, |role| role == Role::Caption);
        parts.into_iter().map(|(page, part)| block("caption", page, part.span)).collect()
    }

    /// Paragraphs and sub-headings over all pieces. A paragraph that two pages
    /// have stands once.
    fn body(&self, article: &Article) -> Vec<Block> {
        let mut body: Vec<(Block, usize)> = Vec::new();
        for (idx, &(page, piece)) in article.pieces.iter().enumerate() {
            let page = &self.pages[page];
            let n_before = body.len();
            let mut runs_on = idx > 0 && article.seams[idx - 1] == Seam::RunsOn;
            for part in &page.segmented.pieces[piece].parts {
                let kind = match part.role {
                    Role::Paragraph => "paragraph",
                    Role::Subheading => "subheading",
                    _ => continue,
                };
                let new = block(kind, page, part.span);
                let n_unresolved = self.n_unresolved(page, part.span);
                if let Some((old, old_unresolved)) = body[..n_before].iter_mut().find(|(old, _)| same_passage(&old.text, &new.text)) {
                    old.sources.extend(new.sources);
                    // The fuller reading, or the one with fewer doubts.
                    if (new.text.chars().count() / 20, *old_unresolved) > (old.text.chars().count() / 20, n_unresolved) {
                        old.text = new.text;
                        *old_unresolved = n_unresolved;
                    }
                } else if runs_on && let Some((last, last_unresolved)) = body.last_mut() {
                    last.text.push_str(&new.text);
                    last.sources.extend(new.sources);
                    *last_unresolved += n_unresolved;
                } else {
                    body.push((new, n_unresolved));
                }
                runs_on = false;
            }
        }
        body.into_iter().map(|(block, _)| block).collect()
    }

    fn n_unresolved(&self, page: &PageSource, span: Span) -> usize {
        let old = page.map.to_old(span);
        page.unresolved.iter().filter(|unresolved| unresolved.overlaps(old)).count()
    }

    fn quality(&self, article: &Article, text: &str) -> Quality {
        let n_unresolved: usize =
            self.parts(article, |role| role == Role::Paragraph).into_iter().map(|(page, part)| self.n_unresolved(page, part.span)).sum();
        let n_chars = text.chars().count().max(1);
        let estimates: Vec<f64> = article.pieces.iter().filter_map(|&(page, _)| self.pages[page].errors_per_10k).collect();
        let rounded = |value: f64| (value * 10.0).round() / 10.0;
        Quality {
            errors_per_10k: (!estimates.is_empty()).then(|| rounded(estimates.iter().sum::<f64>() / estimates.len() as f64)),
            unresolved_per_10k: rounded(1e4 * n_unresolved as f64 / n_chars as f64),
        }
    }
}

fn block(kind: &'static str, page: &PageSource, span: Span) -> Block {
    Block { kind, text: span.of(&page.text).to_owned(), sources: vec![source(page, span)] }
}

/// The bracket of names behind a dateline; a byline as it is.
fn in_credits(line: &str) -> &str {
    match line.find(['（', '(']) {
        Some(open) => &line[open..],
        None if line.contains(['讯', '電', '电', '訊']) && !line.contains("讯员") => "",
        None => line,
    }
}

/// Two readings of one passage, each with its own OCR noise.
fn same_passage(a: &str, b: &str) -> bool {
    const LEAST_CHARS: usize = 12;
    const ALIKE: f64 = 0.7;
    let (n_a, n_b) = (a.chars().count(), b.chars().count());
    let (short, long) = (n_a.min(n_b), n_a.max(n_b));
    short >= LEAST_CHARS && short as f64 / long as f64 >= ALIKE && strsim::normalized_levenshtein(a, b) >= ALIKE
}

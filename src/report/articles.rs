use std::io::{self, Write};

use serde::Serialize;

#[cfg(feature = "parquet")]
use super::rows::Rows;
use super::{FileReport, Reporter, RunInfo, Totals};
use crate::article::{PageName, PagePattern, PageSource, records, rejects, segment, type_sizes};
use crate::document::Layout;
use crate::finding::{Outcome, Severity};

/// `--articles`: one record an article.
///
/// Holds the pages of one issue at a time: an issue ends with the first page of
/// another, so its pages must come one after the other, as folders are walked.
struct Articles {
    articles: Records,
    rejects: Option<Records>,
    patterns: Vec<PagePattern>,
    issue: Vec<PageSource>,
}

/// What records are written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordFormat {
    /// One JSON object a line.
    Lines,
    /// Parquet.
    #[cfg(feature = "parquet")]
    Parquet,
}

/// A renderer of articles to `articles`, and of the lines that belong to none
/// to `rejects`. `patterns` say which page of which issue a file is.
///
/// # Errors
/// When the beginning of a file cannot be written.
pub fn articles(
    articles: (Box<dyn Write + Send>, RecordFormat),
    rejects: Option<(Box<dyn Write + Send>, RecordFormat)>,
    patterns: Vec<PagePattern>,
) -> io::Result<Box<dyn Reporter>> {
    let articles = Records::new(articles, ARTICLE)?;
    let rejects = rejects.map(|rejects| Records::new(rejects, REJECT)).transpose()?;
    Ok(Box::new(Articles { articles, rejects, patterns, issue: Vec::new() }))
}

impl Articles {
    fn close_issue(&mut self) -> io::Result<()> {
        let pages = std::mem::take(&mut self.issue);
        records(&pages).iter().try_for_each(|record| self.articles.push(record))?;
        match &mut self.rejects {
            Some(sink) => rejects(&pages).iter().try_for_each(|reject| sink.push(reject)),
            None => Ok(()),
        }
    }
}

/// Records on their way into a file.
enum Records {
    Lines(Box<dyn Write + Send>),
    #[cfg(feature = "parquet")]
    Parquet(Box<Rows<Box<dyn Write + Send>>>),
}

impl Records {
    /// Records that have the fields of `schema` in Parquet.
    fn new((sink, format): (Box<dyn Write + Send>, RecordFormat), schema: &str) -> io::Result<Self> {
        match format {
            RecordFormat::Lines => {
                let _ = schema;
                Ok(Self::Lines(sink))
            }
            #[cfg(feature = "parquet")]
            RecordFormat::Parquet => Ok(Self::Parquet(Box::new(Rows::new(sink, schema)?))),
        }
    }

    fn push(&mut self, record: &impl Serialize) -> io::Result<()> {
        match self {
            Self::Lines(sink) => {
                serde_json::to_writer(&mut *sink, record)?;
                sink.write_all(b"\n")
            }
            #[cfg(feature = "parquet")]
            Self::Parquet(rows) => rows.push(&serde_json::to_value(record)?),
        }
    }

    fn finish(&mut self) -> io::Result<()> {
        match self {
            Self::Lines(sink) => sink.flush(),
            #[cfg(feature = "parquet")]
            Self::Parquet(rows) => rows.finish(),
        }
    }
}

/// The fields of a place in an input file.
macro_rules! place {
    () => {
        "required binary file (STRING);
         required int64 start;
         required int64 end;
         required group boxes (LIST) { repeated group list { required group element (LIST) { repeated group list {
           required float element;
         } } } }"
    };
}

/// A list of paragraphs or captions of this name.
macro_rules! blocks {
    ($name:literal) => {
        concat!(
            "required group ",
            $name,
            " (LIST) { repeated group list { required group element {
               required binary kind (STRING);
               required binary text (STRING);
               required group sources (LIST) { repeated group list { required group element { ",
            place!(),
            " } } }
             } } }"
        )
    };
}

/// The fields of an article, as `docs/schema/articles.schema.json` has them.
const ARTICLE: &str = concat!(
    "message article {
       required int32 schema_version;
       required binary id (STRING);
       required binary issue (STRING);
       optional binary date (STRING);
       required group pages (LIST) { repeated group list { required binary element (STRING); } }
       required binary kicker (STRING);
       required binary headline (STRING);
       required binary subheadline (STRING);
       required group bylines (LIST) { repeated group list { required group element {
         required binary name (STRING);
         required binary role (STRING);
       } } }
       required binary dateline (STRING);
       required binary text (STRING); ",
    blocks!("body"),
    blocks!("captions"),
    "  required group jumps (LIST) { repeated group list { required group element {
         required binary direction (STRING);
         optional binary page (STRING);
         optional int32 mark;
         required binary status (STRING);
       } } }
       required group quality {
         optional double errors_per_10k;
         required double unresolved_per_10k;
       }
       required binary content_hash (STRING);
     }"
);

/// The fields of a rejected line.
const REJECT: &str = concat!(
    "message reject {
       required int32 schema_version;
       required group source { ",
    place!(),
    " }
       required binary text (STRING);
       required binary reason (STRING);
     }"
);

impl Reporter for Articles {
    fn begin(&mut self, _: &RunInfo) -> io::Result<()> {
        Ok(())
    }

    fn file(&mut self, file: &FileReport<'_>) -> io::Result<()> {
        let text = file.run.corrected.clone();
        let layout = Layout::new(&text);
        let name = PageName::new(file.path, &self.patterns, &text, &layout);
        if self.issue.last().is_some_and(|last| last.name.issue != name.issue || file.record.is_some()) {
            self.close_issue()?;
        }
        let map = file.run.script.source_map(file.text.len());
        let sizes = file.geometry.map(|geometry| type_sizes(&layout, &map, geometry)).unwrap_or_default();
        let unsettled = file
            .run
            .findings
            .iter()
            .filter(|judged| judged.verdict.outcome == Outcome::Held && judged.finding.severity != Severity::Information);
        self.issue.push(PageSource {
            file: file.path.to_owned(),
            name,
            map,
            unresolved: unsettled.map(|judged| judged.finding.span).collect(),
            geometry: file.geometry.cloned(),
            errors_per_10k: file.left().map(|left| left.per_10k()),
            segmented: segment(&text, &layout, &sizes),
            text,
        });
        Ok(())
    }

    fn failure(&mut self, _: &super::Failure) -> io::Result<()> {
        Ok(())
    }

    fn end(&mut self, _: &Totals) -> io::Result<()> {
        self.close_issue()?;
        self.articles.finish()?;
        self.rejects.as_mut().map_or(Ok(()), Records::finish)
    }
}

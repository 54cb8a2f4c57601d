use std::cell::OnceCell;
use std::collections::BTreeMap;

use crate::document::Geometry;
use crate::finding::{Estimate, Message, finding_id, fingerprint};
use crate::pipeline::{Judged, Run};
use crate::text::{LineIndex, Position};

/// One file of a run, as every renderer sees it.
///
/// Line positions, ids and fingerprints are worked out once, when the first
/// renderer asks.
pub struct FileReport<'a> {
    /// Its path below the argument it was found under, with `/`.
    pub path: &'a str,
    /// The decoded original, without a byte order mark; every span of `run`
    /// points into it.
    pub text: &'a str,
    /// Findings, script, corrected text.
    pub run: &'a Run,
    /// The encoding, e.g. `GB18030`, and how it was decided.
    pub encoding: &'a Message,
    /// The record of the file that this is, its line from 1; `path` then ends
    /// with `#` and this number.
    pub record: Option<usize>,
    /// The program that read the page, where its file says so.
    pub engine: Option<&'a str>,
    /// Where the lines of the text stand on the page, where its file says so.
    pub geometry: Option<&'a Geometry>,
    /// True when the file starts with a byte order mark.
    pub bom: bool,
    /// The file as seen from the current folder: what people click on, and
    /// what other programs open.
    pub given: &'a str,
    lines: OnceCell<LineIndex<'a>>,
    names: OnceCell<Vec<Names>>,
    /// Byte offsets of the form feeds.
    form_feeds: OnceCell<Vec<usize>>,
}

/// What a finding is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    /// Stable over runs on the same inputs; unique in a run. 16 hexadecimal
    /// digits.
    pub id: String,
    /// Survives edits elsewhere; equal for equal findings in equal context.
    /// 32 hexadecimal digits.
    pub fingerprint: String,
}

impl<'a> FileReport<'a> {
    /// A report on the file at `path`.
    #[must_use]
    pub fn new(path: &'a str, text: &'a str, run: &'a Run, encoding: &'a Message) -> Self {
        Self {
            path,
            text,
            run,
            encoding,
            record: None,
            engine: None,
            geometry: None,
            bom: false,
            given: path,
            lines: OnceCell::new(),
            names: OnceCell::new(),
            form_feeds: OnceCell::new(),
        }
    }

    /// Says whether the file starts with a byte order mark.
    #[must_use]
    pub fn with_bom(mut self, bom: bool) -> Self {
        self.bom = bom;
        self
    }

    /// Says which record of a file this is, as `path` does.
    #[must_use]
    pub fn with_record(mut self, record: Option<usize>) -> Self {
        self.record = record;
        self
    }

    /// The path of the file, without the record.
    #[must_use]
    pub fn file(&self) -> &'a str {
        self.record.and_then(|record| self.path.strip_suffix(&format!("#{record}"))).unwrap_or(self.path)
    }

    /// Says which program read the page.
    #[must_use]
    pub fn with_engine(mut self, engine: Option<&'a str>) -> Self {
        self.engine = engine;
        self
    }

    /// Says where the lines stand on the page.
    #[must_use]
    pub fn with_geometry(mut self, geometry: Option<&'a Geometry>) -> Self {
        self.geometry = geometry;
        self
    }

    /// Says where the file lies as seen from the current folder; without it
    /// that is `path`.
    #[must_use]
    pub fn with_given(mut self, given: &'a str) -> Self {
        self.given = given;
        self
    }

    /// The errors that are thought to be left in the corrected text; `None` for
    /// texts that are too small to tell.
    #[must_use]
    pub fn left(&self) -> Option<Estimate> {
        self.run.gauge.and_then(|gauge| gauge.estimate())
    }

    /// The place of byte `offset` of the text.
    #[must_use]
    pub fn position(&self, offset: usize) -> Position {
        self.lines.get_or_init(|| LineIndex::new(self.text)).position(offset)
    }

    /// The names of the findings, in the order of [`Run::findings`].
    #[must_use]
    pub fn names(&self) -> &[Names] {
        self.names.get_or_init(|| {
            let mut seen: BTreeMap<String, usize> = BTreeMap::new();
            let name = |judged: &Judged| {
                let fingerprint = fingerprint(&judged.finding.rule, self.text, judged.finding.span);
                let ordinal = seen.entry(fingerprint.clone()).or_default();
                let id = finding_id(self.path, &fingerprint, *ordinal);
                *ordinal += 1;
                Names { id, fingerprint }
            };
            self.run.findings.iter().map(name).collect()
        })
    }

    /// The page of the document that byte `offset` stands on, counted from 1:
    /// pages are set apart by form feeds. `None` in a text without any.
    #[must_use]
    pub fn page(&self, offset: usize) -> Option<usize> {
        let feeds = self.form_feeds.get_or_init(|| memchr::memchr_iter(b'\x0c', self.text.as_bytes()).collect());
        (!feeds.is_empty()).then(|| 1 + feeds.partition_point(|&at| at < offset))
    }
}

#[cfg(test)]
mod tests {
    use super::FileReport;
    use crate::apply::Script;
    use crate::finding::Message;
    use crate::pipeline::{Condition, Run};

    #[test]
    fn form_feeds_set_pages_apart() {
        let run = Run {
            findings: Vec::new(),
            script: Script::default(),
            corrected: String::new(),
            converged: true,
            gauge: None,
            condition: Condition::Fair,
        };
        let encoding = Message::new("UTF-8", "UTF-8");
        let file = FileReport::new("a.txt", "一\u{c}二\u{c}三", &run, &encoding);
        assert_eq!([0, 4, 8].map(|offset| file.page(offset)), [Some(1), Some(2), Some(3)]);
        assert_eq!(FileReport::new("a.txt", "一", &run, &encoding).page(0), None);
    }
}

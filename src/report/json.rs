use std::io::{self, Write};

use serde_json::json;

use super::jsonl::{SCHEMA_VERSION, WireFinding};
use super::summary::{WireDamaged, WireFailure, WireFileLeft, WireRun, WireSummary, WireTool};
use super::{Failure, FileReport, Reporter, RunInfo, Totals};

/// The whole run as one JSON document: the findings of every file in the
/// shape of `findings.jsonl`, the failures and the summary last. Written as
/// the run goes; only failures and a number for each file are kept for the end.
pub(super) struct Json {
    sink: Box<dyn Write>,
    info: Option<RunInfo>,
    failures: Vec<WireFailure>,
    left: Vec<WireFileLeft>,
    damaged: Vec<WireDamaged>,
    n_files: usize,
}

impl Json {
    pub(super) fn new(sink: Box<dyn Write>) -> Self {
        Self { sink, info: None, failures: Vec::new(), left: Vec::new(), damaged: Vec::new(), n_files: 0 }
    }
}

impl Reporter for Json {
    fn begin(&mut self, info: &RunInfo) -> io::Result<()> {
        self.info = Some(info.clone());
        write!(self.sink, "{{\"schema_version\":{SCHEMA_VERSION},\"tool\":")?;
        serde_json::to_writer(&mut self.sink, &WireTool::this())?;
        self.sink.write_all(b",\"run\":")?;
        serde_json::to_writer(&mut self.sink, &WireRun::new(info))?;
        self.sink.write_all(b",\"files\":[")
    }

    fn file(&mut self, file: &FileReport<'_>) -> io::Result<()> {
        let head = json!({
            "file": file.path,
            "encoding": file.encoding,
            "byte_order_mark": file.bom,
            "changed": file.run.corrected != file.text,
            "converged": file.run.converged,
        });
        self.left.extend(WireFileLeft::of(file));
        self.damaged.extend(WireDamaged::of(file));
        let head = head.to_string();
        self.sink.write_all(if self.n_files == 0 { b"\n" } else { b",\n" })?;
        self.sink.write_all(head.trim_end_matches('}').as_bytes())?;
        self.sink.write_all(b",\"findings\":[")?;
        self.n_files += 1;
        for (idx, (judged, names)) in file.run.findings.iter().zip(file.names()).enumerate() {
            self.sink.write_all(if idx == 0 { b"\n" } else { b",\n" })?;
            serde_json::to_writer(&mut self.sink, &WireFinding::new(file, judged, names))?;
        }
        self.sink.write_all(b"]}")
    }

    fn failure(&mut self, failure: &Failure) -> io::Result<()> {
        self.failures.push(WireFailure::new(failure));
        Ok(())
    }

    fn end(&mut self, totals: &Totals) -> io::Result<()> {
        let info = self.info.as_ref().expect("a run begins before it ends");
        self.sink.write_all(b"\n],\"summary\":")?;
        serde_json::to_writer(&mut self.sink, &WireSummary::new(info, totals, &self.failures, &self.left, &self.damaged))?;
        self.sink.write_all(b"}\n")?;
        self.sink.flush()
    }
}

use std::borrow::Cow;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use super::apply::{Verdicts, causes_of};
use super::args::Conversion;
use super::engines::Engines;
use super::exit::io_message;
use super::extract;
use super::kept::KeptRuns;
use super::output::{self, Output};
use super::patches;
use super::review::texts::original;
use super::walk::Input;
use super::write::{self, Mode, Pending};
use crate::apply::Script;
use crate::detect::{FileMarks, RunEvidence};
use crate::encoding::{Decoded, EncodeError, Encoding, Spliced, decode, splice};
use crate::finding::{Evidence, Message, Thresholds};
use crate::format::{Extract, Format, declared_encoding};
use crate::patch::{Cause, Patch};
use crate::pipeline::Run;
use crate::report::Failure;
use crate::text::{LineIndex, Span};

/// All that the work on one file needs.
pub(super) struct Workshop<'a> {
    pub(super) engines: &'a Engines<'a>,
    pub(super) evidence: &'a RunEvidence,
    pub(super) encoding: Option<Encoding>,
    /// The format of all files; told by their content where it is none.
    pub(super) format: Option<Format>,
    pub(super) output: &'a Output,
    /// What people decided, for `apply`.
    pub(super) verdicts: Option<&'a Verdicts<'a>>,
    /// What files with boxes are written as.
    pub(super) to: Option<Conversion>,
    /// What was done before, and is not done again.
    pub(super) kept: Option<&'a KeptRuns<'a>>,
    /// The column with the text in files of records.
    pub(super) column: Option<&'a str>,
    /// Which pages are left as they are.
    pub(super) triage: Thresholds,
}

/// A file that was read, repaired and, where asked for, written.
pub(super) struct Done {
    pub(super) decoded: Decoded,
    /// The text in a file with boxes.
    pub(super) extract: Option<Extract>,
    pub(super) run: Run,
    /// The encoding and how it was decided.
    pub(super) label: Message,
    /// The corrected bytes, for standard output only.
    pub(super) bytes: Option<Vec<u8>>,
}

impl Done {
    /// The text that was repaired; every span of the run points into it.
    pub(super) fn text(&self) -> &str {
        self.extract.as_ref().map_or(&self.decoded.text, |extract| &extract.text)
    }
}

impl Workshop<'_> {
    /// Does everything with one file, the run's `idx`-th. A failure leaves it
    /// alone.
    pub(super) fn process(&self, idx: usize, input: &Input) -> Result<Done, Failure> {
        // Nothing on a page may end the program; a panic is our bug, and the
        // other files are none the worse for it.
        let done = catch_unwind(AssertUnwindSafe(|| self.try_process(idx, input)));
        done.unwrap_or_else(|_| Err(internal_error())).map_err(|trouble| Failure {
            path: input.given.clone(),
            position: trouble.position,
            message: trouble.message,
        })
    }

    /// The same for a text that somebody else reads and writes: a record of the
    /// run's `idx`-th file.
    pub(super) fn process_text(&self, idx: usize, name: &str, text: &str) -> Result<Done, Failure> {
        let done = catch_unwind(AssertUnwindSafe(|| {
            let decoded = decode(text.as_bytes(), Some(Encoding::Utf8));
            let (run, _) = self.repair(idx, name, &decoded, None);
            Done { decoded, extract: None, run, label: Message::new("UTF-8", "UTF-8"), bytes: None }
        }));
        done.map_err(|_| internal_error())
    }

    fn try_process(&self, idx: usize, input: &Input) -> Result<Done, Failure> {
        let mut bytes = input.bytes().map_err(failed)?;
        if let (Some(_), Some(path), None) = (self.verdicts, &input.file, input.member) {
            bytes = original(path, bytes);
        }
        let decoded = decode(&bytes, self.encoding.or_else(|| declared_encoding(&bytes)));
        if self.encoding.is_none() && decoded.looks_binary() {
            return Err(binary(&decoded));
        }
        // A plain UTF-8 file need not be in memory twice.
        let bytes = Some(bytes).filter(|bytes| bytes != decoded.text.as_bytes());
        let original_bytes = bytes.as_deref().unwrap_or(decoded.text.as_bytes());
        let extract = extract::of(&decoded.text, self.format, &input.relative)?;
        let key = self.kept.map(|kept| kept.key(idx, input, original_bytes, self.evidence));
        let text = extract.as_ref().map_or(&decoded.text, |extract| &extract.text);
        let known = self.kept.zip(key.as_deref()).and_then(|(kept, key)| kept.load(input, key, text));
        let is_known = known.is_some();
        let (run, mut causes) = match known {
            Some(run) => {
                let causes = causes_of(&run.findings).map(|(_, cause)| cause).collect();
                (run, causes)
            }
            None => self.repair(idx, &input.name, &decoded, extract.as_ref()),
        };
        let file = Content::of(&decoded, extract.as_ref(), &run, &mut causes);
        // `check` and `diff` encode as well: what `fix` cannot write is an
        // error wherever it shows.
        let edits: Vec<(Span, &str)> = file.script.edits().iter().map(|edit| (edit.span, edit.replacement.as_str())).collect();
        let spliced = splice(original_bytes, &decoded, &edits).map_err(|error| encode_failure(&error, &decoded))?;
        let converted = self.to.zip(extract.as_ref()).map(|(to, extract)| extract::converted(to, &input.name, extract, &run));
        match converted {
            None => {
                let patch =
                    || Patch::new(&input.name, original_bytes, &decoded, &file.script, &file.corrected, &spliced).with_causes(causes);
                if !(is_known && self.is_written(input, &spliced.bytes, true)) {
                    self.write(input, original_bytes, &spliced, patch)?;
                }
            }
            Some(ref text) if is_known && self.is_written(input, text.as_bytes(), false) => {}
            Some(ref text) => self.write_converted(input, text)?,
        }
        if let (Some(kept), Some(key), false) = (self.kept, &key, is_known) {
            kept.store(input, key, &run).map_err(failed)?;
        }
        let (name, how) = (decoded.encoding.name(), decoded.decision);
        let label = Message::new(format!("{name}，{}", how.zh()), format!("{name}, {}", how.en()));
        let bytes = (*self.output == Output::Stdout).then(|| converted.map_or(spliced.bytes, String::into_bytes));
        Ok(Done { decoded, extract, run, label, bytes })
    }

    /// True when an earlier run left exactly these bytes in their place: such a
    /// file is not touched again.
    fn is_written(&self, input: &Input, bytes: &[u8], with_patch: bool) -> bool {
        let Output::Folder(folder) = self.output else { return false };
        let target = output::target(folder, &input.relative, self.to);
        (!with_patch || patches::place(folder, &input.relative).is_file()) && fs::read(target).is_ok_and(|there| there == bytes)
    }

    /// The run over one text: that of the file, or what its format holds.
    fn repair(&self, idx: usize, name: &str, decoded: &Decoded, extract: Option<&Extract>) -> (Run, Vec<Cause>) {
        let untouchable = decoded.untouchable();
        let (text, untouchable) = match extract {
            None => (decoded.text.as_str(), untouchable),
            Some(extract) => (extract.text.as_str(), extract.untouchable(&untouchable)),
        };
        let geometry = extract.map(|extract| Arc::new(extract.geometry.clone()));
        let (engine, evidence) = (self.engines.of(idx), self.evidence.for_file(idx));
        let applied = self.verdicts.map(|verdicts| verdicts.on(name, text, &untouchable));
        let mut run = match &applied {
            Some(applied) => engine.run_decided(text, &untouchable, geometry.as_ref(), &evidence, &applied.decided),
            None => engine.run_with(text, &untouchable, geometry.as_ref(), &evidence),
        };
        // What people decided is done on any page.
        if applied.is_none() {
            run = run.triaged(text, &self.triage);
        }
        let causes: Vec<Cause> = match &applied {
            Some(applied) => applied.causes(&run.findings),
            None => causes_of(&run.findings).map(|(_, cause)| cause).collect(),
        };
        if extract.is_none() {
            tell_bytes(&mut run, decoded);
        }
        (run, causes)
    }

    /// Writes a text in the place of its file; the file itself is what leads
    /// back to the original.
    fn write_converted(&self, input: &Input, text: &str) -> Result<(), Failure> {
        let Output::Folder(folder) = self.output else { return Ok(()) };
        let target = output::target(folder, &input.relative, self.to);
        write::atomically(&target, text.as_bytes(), &Mode::New).map_err(failed)
    }

    fn write(&self, input: &Input, original: &[u8], spliced: &Spliced, patch: impl FnOnce() -> Patch) -> Result<(), Failure> {
        match (self.output, &input.file) {
            (Output::Folder(folder), _) => {
                let target = output::target(folder, &input.relative, self.to);
                let place = patches::place(folder, &input.relative);
                write_pair(&target, &spliced.bytes, &Mode::New, Some((&place, &patch()))).map_err(failed)
            }
            (Output::InPlace { .. }, Some(_)) if input.is_packed() => Err(failed(Message::new(
                "压缩文件不能就地改写；请用 --out-dir，写出的是解开的文件",
                "a packed file cannot be changed in place; use --out-dir, which writes it unpacked",
            ))),
            (Output::InPlace { backup }, Some(file)) => {
                let target = fs::canonicalize(file).map_err(|error| failed(io_message("", &error)))?;
                in_place(&target, original, spliced, patch(), *backup).map_err(failed)
            }
            _ => Ok(()),
        }
    }
}

/// The change of a file's whole content: for a plain text the run's own.
struct Content<'a> {
    script: Cow<'a, Script>,
    corrected: Cow<'a, str>,
}

impl<'a> Content<'a> {
    /// `causes` get their places in the file: a patch is about that, not about
    /// the text in it.
    fn of(decoded: &Decoded, extract: Option<&Extract>, run: &'a Run, causes: &mut [Cause]) -> Self {
        match extract {
            None => Self { script: Cow::Borrowed(&run.script), corrected: Cow::Borrowed(&run.corrected) },
            Some(extract) => {
                for cause in &mut *causes {
                    cause.spans = cause.spans.iter().flat_map(|&span| extract.places(span)).collect();
                }
                let script = noted(decoded, extract, run, causes);
                let corrected = script.apply(&decoded.text);
                Self { script: Cow::Owned(script), corrected: Cow::Owned(corrected) }
            }
        }
    }
}

/// The change of a file with boxes, noted in it where its format has a place for
/// that; the notes come from the same causes.
fn noted(decoded: &Decoded, extract: &Extract, run: &Run, causes: &mut [Cause]) -> Script {
    let rules: Vec<(&[Span], &str)> = causes.iter().map(|cause| (cause.spans.as_slice(), cause.rule.as_str())).collect();
    let noted = extract.format.note(&decoded.text, &extract.write(&run.script).script, &rules);
    for (cause, places) in causes.iter_mut().zip(noted.notes) {
        cause.notes = places;
    }
    noted.script
}

/// Changes a file where it lies; one without changes is not touched.
fn in_place(target: &Path, original: &[u8], spliced: &Spliced, patch: Patch, backup: bool) -> Result<(), Message> {
    let folder = target.parent().unwrap_or(Path::new("."));
    let place = patches::place(folder, Path::new(target.file_name().unwrap_or_default()));
    let patch = patches::after(&place, original, patch);
    write::unchanged(target, original)?;
    if spliced.bytes == original {
        return patch.map_or(Ok(()), |patch| patches::store(&place, &patch));
    }
    if backup {
        write::backup(target, original)?;
    }
    let mode = fs::metadata(target).map_or(Mode::New, |meta| Mode::Keep(meta.permissions()));
    write_pair(target, &spliced.bytes, &mode, patch.as_ref().map(|patch| (place.as_path(), patch)))
}

/// Writes a text and its patch, each in one step. Both are complete on the
/// disk before either is put in its place; the patch goes first, for a text
/// without its patch could not be undone.
fn write_pair(target: &Path, bytes: &[u8], mode: &Mode, patch: Option<(&Path, &Patch)>) -> Result<(), Message> {
    let at = |path: &Path| path.display().to_string();
    let text = Pending::new(target, bytes, mode).map_err(|error| io_message(&at(target), &error))?;
    if let Some((place, patch)) = patch {
        patches::store(place, patch)?;
    }
    text.persist().map_err(|error| io_message(&at(target), &error))
}

/// What a file says to the others; `None` when it cannot be read.
pub(super) fn marks(input: &Input, encoding: Option<Encoding>, format: Option<Format>) -> Option<FileMarks> {
    let bytes = input.bytes().ok()?;
    let decoded = decode(&bytes, encoding.or_else(|| declared_encoding(&bytes)));
    let extract = extract::of(&decoded.text, format, &input.relative).ok()?;
    let text = extract.as_ref().map_or(&decoded.text, |extract| &extract.text);
    (encoding.is_some() || !decoded.looks_binary()).then(|| FileMarks::of(text))
}

/// Adds the raw bytes to the findings about undecodable places.
fn tell_bytes(run: &mut Run, decoded: &Decoded) {
    for judged in &mut run.findings {
        let span = judged.finding.span;
        for undecodable in decoded.undecodable.iter().filter(|undecodable| undecodable.span().overlaps(span)) {
            let hex: Vec<String> = undecodable.bytes.iter().map(|byte| format!("{byte:02X}")).collect();
            let (name, hex) = (decoded.encoding.name(), hex.join(" "));
            judged.finding.evidence.push(Evidence::said(
                "undecodable-bytes",
                format!("原字节 {hex}，按 {name} 无法解读，原样保留"),
                format!("the bytes {hex} are no {name} text; they are kept as they are"),
            ));
        }
    }
}

fn encode_failure(error: &EncodeError, decoded: &Decoded) -> Failure {
    let position = Some(LineIndex::new(&decoded.text).position(error.at()));
    let message = match error {
        EncodeError::Unencodable { c, encoding, .. } => {
            let (code, name) = (u32::from(*c), encoding.name());
            Message::new(
                format!("修复后此处的「{c}」（U+{code:04X}）无法用 {name} 写出，文件未写入；可先转为 UTF-8，或用 --ignore 排除相关规则"),
                format!(
                    "the correction here puts in \"{c}\" (U+{code:04X}), which {name} cannot hold; nothing was written. Convert the file to UTF-8, or leave the rule out with --ignore"
                ),
            )
        }
        EncodeError::Untouchable { .. } => Message::new(
            "修复触及无法解码的字节，文件未写入；这是程序错误，请报告",
            "a correction touches undecodable bytes; nothing was written. This is a bug: please report it",
        ),
    };
    Failure { path: String::new(), position, message }
}

/// A picture or a program under the name of a text: cutting out its control
/// characters would be no repair.
fn binary(decoded: &Decoded) -> Failure {
    let n = decoded.text.matches('\0').count();
    failed(Message::new(
        format!("不像文本（有 {n} 个 NUL 字符），未作处理；若确是文本，用 --encoding 指定编码"),
        format!("this does not look like text ({n} NUL characters); it was left alone. If it is one, name its encoding with --encoding"),
    ))
}

fn internal_error() -> Failure {
    failed(Message::new("程序内部错误，此文件未作处理；请报告", "internal error; the file was left alone. Please report it"))
}

pub(super) fn failed(message: Message) -> Failure {
    Failure { path: String::new(), position: None, message }
}

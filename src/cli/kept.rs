//! What a run leaves beside every text it wrote, so that a later run need not
//! do the work again: after a kill, or when only some inputs changed.
//!
//! What is kept is the result of the pipeline alone. All that is cheap is done
//! anew, so that whatever is told and written is the same with and without it.

use std::borrow::Cow;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, BufReader, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::exit::{Trouble, io_message};
use super::patches::FOLDER;
use super::settings::Settings;
use super::walk::Input;
use super::write::{Mode, Pending};
use crate::apply::Script;
use crate::detect::{Gauge, Resources, RunEvidence};
use crate::finding::Message;
use crate::format::Format;
use crate::pipeline::{Condition, Judged, Run};
use crate::resolve::Suppression;
use crate::rules::PackSource;

/// All that the result of a file depends on beside its own bytes and name.
#[derive(Clone, Debug)]
pub(super) struct Conditions(Sha256);

impl Conditions {
    /// Those of a run.
    ///
    /// # Errors
    /// When a file of the settings cannot be read.
    pub(super) fn new(
        settings: &Settings,
        sources: &[PackSource],
        suppressions: &[Suppression],
        resources: &Resources,
    ) -> Result<Self, Trouble> {
        let mut all = Self(Sha256::new());
        all.add(program().as_bytes());
        let of_results = |name: &str| !["lang", "input.extensions", "input.exclude"].contains(&name);
        for (key, value, _) in settings.config.rows().filter(|(key, ..)| of_results(key.name)) {
            all.add(key.name.as_bytes());
            all.add(value.as_bytes());
        }
        all.add(&resources.lm.checksum().to_le_bytes());
        for (key, path) in [("models.channel", &settings.config.channel), ("models.calibration", &settings.config.calibration)] {
            let Some(path) = path else { continue };
            let path = settings.path_of(key, path);
            let bytes = fs::read(&path).map_err(|error| Trouble::io(&path.display().to_string(), &error))?;
            all.add(&bytes);
        }
        for file in sources.iter().flat_map(|source| &source.files) {
            all.add(file.path.as_bytes());
            all.add(file.text.as_bytes());
        }
        for one in suppressions {
            all.add(format!("{one:?}").as_bytes());
        }
        Ok(all)
    }

    /// Adds the format that was named and what the other files of the run say.
    pub(super) fn with(mut self, format: Option<Format>, evidence: &RunEvidence) -> Self {
        self.add(format.map_or("", Format::name).as_bytes());
        self.add(&evidence.digest());
        self
    }

    /// The key of the run's `idx`-th file, which reads `bytes`. The place in
    /// the run counts only where files speak about each other.
    fn key(&self, idx: usize, input: &Input, bytes: &[u8], evidence: &RunEvidence) -> String {
        let mut all = self.clone();
        if evidence.is_any() {
            all.add(&idx.to_le_bytes());
        }
        // Packs may hold for some paths only, under any of these names.
        all.add(input.name.as_bytes());
        all.add(input.given.as_bytes());
        all.add(input.relative.as_os_str().as_encoded_bytes());
        all.add(bytes);
        all.0.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Adds a part, set apart from the next one by its length.
    fn add(&mut self, part: &[u8]) {
        self.0.update((part.len() as u64).to_le_bytes());
        self.0.update(part);
    }
}

/// This very program: builds of one version may differ.
fn program() -> String {
    let file = std::env::current_exe().and_then(fs::metadata).ok();
    let built = file.and_then(|file| Some((file.len(), file.modified().ok()?)));
    format!("{} {built:?}", env!("CARGO_PKG_VERSION"))
}

/// A result as it is stored; the corrected text follows from the script.
#[derive(Serialize, Deserialize)]
struct Stored<'a> {
    key: Cow<'a, str>,
    findings: Cow<'a, [Judged]>,
    script: Cow<'a, Script>,
    converged: bool,
    gauge: Option<Gauge>,
    condition: Condition,
}

/// The results that one run with an output folder keeps.
pub(super) struct KeptRuns<'a> {
    conditions: Conditions,
    folder: &'a Path,
    /// Whether those of earlier runs count.
    resume: bool,
    n_reused: AtomicUsize,
}

impl<'a> KeptRuns<'a> {
    /// KeptRuns below `folder`, which are read when `resume` says so.
    pub(super) fn new(conditions: Conditions, folder: &'a Path, resume: bool) -> Self {
        Self { conditions, folder, resume, n_reused: AtomicUsize::new(0) }
    }

    /// The key of the run's `idx`-th file, which reads `bytes`.
    pub(super) fn key(&self, idx: usize, input: &Input, bytes: &[u8], evidence: &RunEvidence) -> String {
        self.conditions.key(idx, input, bytes, evidence)
    }

    /// What an earlier run made of `text`, when it was under `key`. One that
    /// cannot be read is as good as none.
    pub(super) fn load(&self, input: &Input, key: &str, text: &str) -> Option<Run> {
        if !self.resume {
            return None;
        }
        let file = File::open(place(self.folder, &input.relative)).ok()?;
        let stored: Stored<'_> = serde_json::from_reader(BufReader::new(GzDecoder::new(file))).ok()?;
        let fits = stored.key == key && stored.script.edits().iter().all(|edit| text.get(edit.span.start..edit.span.end).is_some());
        fits.then(|| {
            self.n_reused.fetch_add(1, Ordering::Relaxed);
            Run {
                corrected: stored.script.apply(text),
                findings: stored.findings.into_owned(),
                script: stored.script.into_owned(),
                converged: stored.converged,
                gauge: stored.gauge,
                condition: stored.condition,
            }
        })
    }

    /// Keeps the result of a file whose text is in its place: a run that is
    /// killed before does the file again.
    pub(super) fn store(&self, input: &Input, key: &str, run: &Run) -> Result<(), Message> {
        let path = place(self.folder, &input.relative);
        let stored = Stored {
            key: key.into(),
            findings: run.findings.as_slice().into(),
            script: Cow::Borrowed(&run.script),
            converged: run.converged,
            gauge: run.gauge,
            condition: run.condition,
        };
        let write = |file: &mut dyn Write| -> io::Result<()> {
            let mut packed = GzEncoder::new(file, Compression::fast());
            serde_json::to_writer(&mut packed, &stored)?;
            packed.finish().map(|_| ())
        };
        Pending::with(&path, &Mode::New, write).and_then(Pending::persist).map_err(|error| io_message(&path.display().to_string(), &error))
    }

    /// How many files an earlier run had done.
    pub(super) fn n_reused(&self) -> usize {
        self.n_reused.load(Ordering::Relaxed)
    }
}

/// Where the result for the text at `relative` below `root` lies.
fn place(root: &Path, relative: &Path) -> PathBuf {
    let mut name = relative.file_name().map_or_else(OsString::new, OsString::from);
    name.push(".run.json.gz");
    root.join(FOLDER).join(relative).with_file_name(name)
}

use std::collections::BTreeSet;
use std::io;
use std::num::NonZero;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::thread;

use super::apply::{ApplyArgs, Verdicts};
use super::args::{ArticlesArgs, CheckArgs, Conversion, DiffArgs, FixArgs, Global, RunArgs};
use super::dump;
use super::engine;
use super::engines;
use super::exit::{Exit, Trouble};
use super::kept::{Conditions, KeptRuns};
use super::models::Models;
use super::ordered::ordered;
use super::output::{self, Output};
use super::packs;
use super::progress::Progress;
use super::results::Desk;
use super::settings::{self, Settings};
use super::sinks::{self, PipeState};
use super::suppressions::{self, Suppressions};
use super::voice::Voice;
use super::walk::{self, Filter, Input, Item, Walked};
use super::work::{self, Workshop};
use super::write::{self, AtTheEnd};
use crate::config::{Config, Scope};
use crate::detect::RunEvidence;
use crate::finding::Message;
use crate::format::Format as FileFormat;
use crate::report::{self, Format, Reporter, Tee, Totals, Verbosity};
use crate::rules::PackSource;

/// `jiaokan check`.
pub(super) fn check(args: &CheckArgs, global: &Global, voice: &Voice) -> Result<Exit, Trouble> {
    let format = args.format.as_deref().unwrap_or("human");
    let verbosity = if global.quiet { Verbosity::Quiet } else { Verbosity::Normal };
    let order = Order {
        verb: Verb::Check,
        run: &args.run,
        output: Output::Nowhere,
        to: None,
        planned: None,
        format: Some(format),
        verbosity: louder(verbosity, global.verbose),
        report: args.report.as_deref(),
        exit_zero: args.exit_zero,
        verdicts: None,
        articles: None,
        resume: false,
    };
    order.carry_out(global, voice)
}

/// A check of which only the report counts.
pub(super) fn check_for_review(run: &RunArgs, report: &Path, global: &Global, voice: &Voice) -> Result<Exit, Trouble> {
    let order = Order {
        verb: Verb::Check,
        run,
        output: Output::Nowhere,
        planned: None,
        format: None,
        verbosity: Verbosity::Quiet,
        report: Some(report),
        exit_zero: true,
        to: None,
        verdicts: None,
        articles: None,
        resume: false,
    };
    order.carry_out(global, voice)
}

/// `jiaokan fix`.
pub(super) fn fix(args: &FixArgs, global: &Global, voice: &Voice) -> Result<Exit, Trouble> {
    let output = Output::of(args, is_stdin(&args.run))?;
    let format = match &args.format {
        Some(format) => Some(format.as_str()),
        None => (!global.quiet).then_some("human"),
    };
    let verbosity = if args.format.is_some() { Verbosity::Normal } else { Verbosity::Quiet };
    let order = Order {
        verb: Verb::Fix,
        run: &args.run,
        output,
        to: args.to,
        planned: args.out_dir.as_deref(),
        format,
        verbosity: louder(verbosity, global.verbose),
        report: args.report.as_deref(),
        exit_zero: args.exit_zero,
        verdicts: None,
        articles: Some(&args.articles),
        resume: args.resume,
    };
    order.carry_out(global, voice)
}

/// The run of `jiaokan apply`: a `fix` on what was decided.
pub(super) fn apply(args: &ApplyArgs, run: &RunArgs, verdicts: &Verdicts<'_>, global: &Global, voice: &Voice) -> Result<Exit, Trouble> {
    let order = Order {
        verb: Verb::Fix,
        run,
        output: Output::Folder(args.out_dir.clone()),
        planned: Some(&args.out_dir),
        format: (!global.quiet).then_some("human"),
        verbosity: louder(Verbosity::Quiet, global.verbose),
        report: args.report.as_deref(),
        exit_zero: args.exit_zero,
        to: None,
        verdicts: Some(verdicts),
        articles: None,
        resume: false,
    };
    order.carry_out(global, voice)
}

/// `jiaokan diff`.
pub(super) fn diff(args: &DiffArgs, global: &Global, voice: &Voice) -> Result<Exit, Trouble> {
    let order = Order {
        verb: Verb::Diff,
        run: &args.run,
        output: Output::Nowhere,
        to: None,
        planned: None,
        format: Some("diff"),
        verbosity: Verbosity::Normal,
        report: None,
        exit_zero: args.exit_zero,
        verdicts: None,
        articles: None,
        resume: false,
    };
    order.carry_out(global, voice)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    Check,
    Fix,
    Diff,
}

/// One run, whatever the verb: what is read, where it goes, who is told.
pub(super) struct Order<'a> {
    pub(super) verb: Verb,
    pub(super) run: &'a RunArgs,
    pub(super) output: Output,
    /// What files with boxes are written as.
    pub(super) to: Option<Conversion>,
    /// The output folder that was named, also when nothing will be written.
    pub(super) planned: Option<&'a Path>,
    pub(super) format: Option<&'a str>,
    pub(super) verbosity: Verbosity,
    pub(super) report: Option<&'a Path>,
    pub(super) exit_zero: bool,
    /// What people decided, for `apply`.
    pub(super) verdicts: Option<&'a Verdicts<'a>>,
    /// Where articles go, for `fix`.
    pub(super) articles: Option<&'a ArticlesArgs>,
    /// Whether what an earlier run did is done already.
    pub(super) resume: bool,
}

impl Order<'_> {
    fn carry_out(&self, global: &Global, voice: &Voice) -> Result<Exit, Trouble> {
        let settings = settings::load(global, Some(self.run))?;
        let config = &settings.config;
        let voice = &voice.with_config(config);
        let sources = packs::sources(&settings.pack_folders()?)?;
        let rule_files = packs::compile(&sources)?;
        let suppressions = suppressions::read(&settings)?;
        let models = Models::load(&settings, voice)?;
        let mut engine = engine::build(config, &rule_files, &models)?;
        engine.selection.suppressed.clone_from(&suppressions.list);
        let walked = self.inputs(config)?;
        let engines = engines::Engines::new(&engine, config, &sources, &rule_files, &walked)?;
        if let Some(folder) = self.planned {
            output::check_targets(&walked.items, folder, self.to)?;
        }
        if let Output::Folder(folder) = &self.output {
            write::folder(folder)?;
        }
        let pipe = PipeState::default();
        let files = AtTheEnd::default();
        let reporter = self.reporter(voice, &pipe, &files)?;
        let evidence = match config.scope {
            Scope::Run => gather(&walked.items, config, self.file_format(), self.jobs()),
            Scope::File => RunEvidence::default(),
        };
        let kept = self.kept(&settings, &sources, &suppressions, &models, &evidence)?;
        let shop = Workshop {
            engines: &engines,
            evidence: &evidence,
            encoding: config.encoding,
            format: self.file_format(),
            output: &self.output,
            to: self.to,
            verdicts: self.verdicts,
            kept: kept.as_ref(),
            triage: config.triage,
            column: config.text_column.as_deref(),
        };
        let desk = Desk {
            order: self,
            engine: &engine,
            rule_files: &rule_files,
            reporter,
            files,
            totals: Totals { files_skipped: walked.n_skipped, thresholds: config.triage, ..Totals::default() },
            left: false,
            changed: false,
            used: BTreeSet::new(),
            progress: Progress::new(walked.items.len(), global.quiet),
            voice,
            pipe,
        };
        desk.run(&walked, &shop, self.jobs(), &suppressions)
    }

    /// What the run remembers: with a folder of its own, and where nothing but
    /// the inputs and the rules decides.
    fn kept(
        &self,
        settings: &Settings,
        sources: &[PackSource],
        suppressions: &Suppressions,
        models: &Models,
        evidence: &RunEvidence,
    ) -> Result<Option<KeptRuns<'_>>, Trouble> {
        let Output::Folder(folder) = &self.output else { return Ok(None) };
        if self.verdicts.is_some() {
            return Ok(None);
        }
        let conditions = Conditions::new(settings, sources, &suppressions.list, models.resources)?;
        Ok(Some(KeptRuns::new(conditions.with(self.file_format(), evidence), folder, self.resume)))
    }

    /// What the run reads.
    fn inputs(&self, config: &Config) -> Result<Walked, Trouble> {
        if is_stdin(self.run) {
            if config.scope == Scope::Run {
                return Err(Trouble::new(
                    "标准输入不能读两遍；--context run 只用于文件",
                    "standard input cannot be read twice; --context run is for files",
                ));
            }
            if self.run.paths.len() > 1 {
                return Err(Trouble::new("- 须单独使用，不能与文件并列", "- stands alone; it cannot be combined with files"));
            }
            let name = self.run.stdin_filename.clone().unwrap_or_else(|| "stdin".to_owned());
            let input = Input { file: None, member: None, relative: PathBuf::from(&name), name: name.clone(), given: name };
            return Ok(Walked { items: vec![Item::Text(input)], n_skipped: 0 });
        }
        let outputs = [self.planned, self.report].into_iter().flatten().map(Path::to_owned).collect();
        let mut extensions = config.extensions.clone();
        if config.text_column.is_some() {
            extensions.extend(dump::EXTENSIONS.map(str::to_owned));
        }
        walk::walk(&self.run.paths, &Filter { extensions: &extensions, exclude: &config.exclude, outputs })
    }

    /// Everyone who is told.
    fn reporter(&self, voice: &Voice, pipe: &PipeState, files: &AtTheEnd) -> Result<Tee, Trouble> {
        let mut reporters: Vec<Box<dyn Reporter>> = Vec::new();
        if let Some(format) = self.format.and_then(Format::named) {
            // A filter's standard output is the text alone.
            let (sink, color) = if self.verb == Verb::Fix && is_stdin(self.run) {
                (sinks::stderr(), voice.color(&io::stderr()))
            } else {
                (sinks::stdout(pipe), voice.color(&io::stdout()))
            };
            reporters.push(report::renderer(format, sink, voice.lang, color));
        }
        if let Some(folder) = self.report {
            reporters.push(sinks::report_folder(folder, files)?);
        }
        if let Some((args, file)) = self.articles.and_then(|args| Some((args, args.articles.as_deref()?))) {
            reporters.push(sinks::articles(args, file, files)?);
        }
        Ok(Tee(reporters))
    }

    /// The format that was named for all files.
    fn file_format(&self) -> Option<FileFormat> {
        self.run.input_format.as_deref().and_then(FileFormat::named)
    }

    fn jobs(&self) -> usize {
        let cores = || thread::available_parallelism().map_or(1, NonZero::get);
        self.run.jobs.map_or_else(cores, usize::from)
    }
}

/// The first pass of `--context run`: what the files say about each other. A
/// file that cannot be read says nothing; the second pass reports it.
fn gather(items: &[Item], config: &Config, format: Option<FileFormat>, jobs: usize) -> RunEvidence {
    let mut files = Vec::with_capacity(items.len());
    let read = |idx: usize| match &items[idx] {
        // A file of records may be larger than memory; it says nothing to others.
        Item::Text(input) if config.text_column.is_some() && dump::is_dump(&input.relative) => None,
        Item::Text(input) => work::marks(input, config.encoding, format).map(|marks| (input.name.clone(), marks)),
        Item::Failed(_) => None,
    };
    ordered(items.len(), jobs, read, |marks| {
        files.push(marks.unwrap_or_default());
        ControlFlow::Continue(())
    });
    RunEvidence::new(files, config.drop_cross_file)
}

/// Says where things are, and when there was nothing to read. `n_read` files
/// were read and did not fail.
pub(super) fn closing_notes(order: &Order<'_>, walked: &Walked, n_read: usize, voice: &Voice) {
    if walked.items.is_empty() {
        let n = walked.n_skipped;
        voice.note(&Message::new(format!("没有可读的文本（略过 {n} 个文件）"), format!("no texts were found ({n} files passed over)")));
    }
    if let Output::Folder(folder) = &order.output
        && n_read > 0
    {
        let folder = folder.display();
        voice.note(&Message::new(format!("修复后的文本在 {folder}"), format!("the corrected texts are in {folder}")));
    }
    if let Some(folder) = order.report {
        let folder = folder.display();
        voice.note(&Message::new(format!("报告在 {folder}"), format!("the report is in {folder}")));
    }
}

fn is_stdin(run: &RunArgs) -> bool {
    run.paths.iter().any(|path| path == Path::new("-"))
}

fn louder(verbosity: Verbosity, n_verbose: u8) -> Verbosity {
    match (verbosity, n_verbose) {
        (verbosity, 0) => verbosity,
        (Verbosity::Quiet, 1) => Verbosity::Normal,
        _ => Verbosity::Verbose,
    }
}

//! `jiaokan calibrate`: how far the character models are to be trusted on a
//! user's own pages.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::PathBuf;

use rayon::prelude::*;

use super::args::{Global, ModelArgs, RunArgs};
use super::eval::pairs::{self, Pair};
use super::exit::{Exit, Trouble};
use super::voice::Voice;
use super::walk::shown;
use super::write::{self, Mode};
use super::{channel, engine, lm, models, packs, settings};
use crate::config::{CALIBRATION_VERSION, Calibration, Config, MeasuredModels, Source, WrittenCurve, WrittenHabits, WrittenTier};
use crate::detect::misread::{self, MisreadScorer};
use crate::detect::{Resources, RunEvidence};
use crate::eval::{
    CalibrationFit, FOLDS, HARM_ALLOWED, HabitLearner, MIN_OF_EITHER_KIND, MIN_PAGES, Measure, TierFit, TooFew, Tried, calibrate as fit,
    distance, fold_of, gains,
};
use crate::finding::{Edit, Message, Safety};
use crate::model::channel::{Glyphs, Habits};
use crate::model::lm::LanguageModel;
use crate::pipeline::Engine;
use crate::report::Lang;

#[derive(Debug, clap::Args)]
pub(crate) struct CalibrateArgs {
    /// OCR 文本所在的文件夹 · Folder with the texts as the engine gave them
    #[arg(long, value_name = "DIR")]
    input: PathBuf,
    /// 正确文本所在的文件夹；可给多个，取最接近者 · Folder with the true texts; of several the nearest counts, file by file
    #[arg(long, value_name = "DIR", required = true, num_args = 1..)]
    truth: Vec<PathBuf>,
    /// 写出的校准文件 · The calibration to write
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// 输入编码，默认 auto · Encoding of all texts; decided file by file when not given
    #[arg(long, value_name = "NAME")]
    encoding: Option<String>,
    /// 语言模型文件（jiaokan lm build），默认用内置的 · A language model of jiaokan lm build
    #[arg(long, value_name = "FILE", help_heading = "模型 Models")]
    lm: Option<String>,
    /// 文本是用拼音键入的：同音字也作候选 · The text was typed by sound: consider characters that sound alike
    #[arg(long, help_heading = "模型 Models")]
    sound: bool,
}

/// One page with its nearest truth.
struct Page {
    name: String,
    read: String,
    truth: String,
}

/// `jiaokan calibrate`.
///
/// Ends with 2 when a file could not be read or the pages are too few; nothing
/// is written then.
pub(super) fn calibrate(args: &CalibrateArgs, global: &Global, voice: &Voice) -> Result<Exit, Trouble> {
    let mut settings = settings::load(global, Some(&run_args(args)))?;
    let voice = &voice.with_config(&settings.config);
    // What is to be made is not used for it, and habits are learned anew.
    (settings.config.calibration, settings.config.channel) = (None, None);
    let config = &settings.config;
    let lm = match &config.lm {
        Some(path) => lm::load(&settings.path_of("models.lm", path))?,
        None => LanguageModel::embedded(),
    };
    let pairing = pairs::pair(&args.input, &args.truth, None, config)?;
    for note in &pairing.notes {
        voice.note(note);
    }
    let n_pages = pairing.pairs.len();
    if n_pages < MIN_PAGES {
        return Err(too_few(TooFew::Pages { found: n_pages }));
    }
    let pages: Vec<Page> = pairing.pairs.iter().map(|pair| page(pair, config)).collect::<Result<_, _>>()?;
    let mut tried: Vec<Tried> = Vec::new();
    for fold in 0..FOLDS {
        let others = pages.iter().enumerate().filter(|(idx, _)| fold_of(*idx, n_pages) != fold).map(|(_, page)| page);
        let resources = models::resources(lm, Some(habits(others)), config.sound);
        let engine = without_misread(config, &settings.pack_folders()?, resources)?;
        let mine: Vec<(usize, &Page)> = pages.iter().enumerate().filter(|(idx, _)| fold_of(*idx, n_pages) == fold).collect();
        let found: Vec<Vec<Tried>> = mine.par_iter().map(|&(idx, page)| proposals(idx, page, &engine)).collect();
        tried.extend(found.into_iter().flatten());
    }
    let strict = |text: &str| Measure::Strict.chars(text);
    let characters = pages.iter().map(|page| strict(&page.truth).len()).sum();
    let errors = pages.iter().map(|page| distance(&strict(&page.read), &strict(&page.truth))).sum();
    let fitted = fit(&tried, n_pages, characters).map_err(too_few)?;
    let source =
        Source { pages: pages.iter().map(|page| page.name.clone()).collect(), characters, errors, proposals: tried.len(), folds: FOLDS };
    let calibration = Calibration {
        version: CALIBRATION_VERSION,
        made_by: concat!("jiaokan ", env!("CARGO_PKG_VERSION")).to_owned(),
        models: MeasuredModels { lm: models::checksum(lm), scorer: MisreadScorer::embedded_digest(), sound: config.sound },
        source,
        curve: WrittenCurve { slope: rounded(fitted.curve.slope), offset: rounded(fitted.curve.offset) },
        automatic: tier(&fitted.automatic, characters),
        suggested: tier(&fitted.suggested, characters),
        habits: WrittenHabits { table: habits(pages.iter()).to_tsv(&[]) },
    };
    write::atomically(&args.output, calibration.write().as_bytes(), &Mode::New).map_err(Trouble)?;
    let told = told(&calibration, &fitted, voice.lang);
    if let Err(error) = io::stdout().lock().write_all(told.as_bytes())
        && error.kind() != io::ErrorKind::BrokenPipe
    {
        return Err(Trouble::io("", &error));
    }
    warn(&calibration, voice);
    let output = shown(&args.output);
    voice.note(&Message::new(format!("校准已写入 {output}"), format!("the calibration is in {output}")));
    Ok(Exit::Done)
}

fn run_args(args: &CalibrateArgs) -> RunArgs {
    let models = ModelArgs { lm: args.lm.clone(), sound: args.sound, ..ModelArgs::default() };
    RunArgs { paths: vec![args.input.clone()], encoding: args.encoding.clone(), models, ..RunArgs::default() }
}

fn page(pair: &Pair, config: &Config) -> Result<Page, Trouble> {
    let read = channel::text(&pair.input, config).map_err(channel::told)?;
    let truths: Vec<String> =
        pair.truths.iter().map(|truth| channel::text(truth, config)).collect::<Result<_, _>>().map_err(channel::told)?;
    let strict = |text: &str| Measure::Strict.chars(text);
    let chars = strict(&read);
    let truth = truths.into_iter().min_by_key(|truth| distance(&chars, &strict(truth))).expect("a pair has a truth");
    Ok(Page { name: pair.key.clone(), read, truth })
}

/// What the engine was seen to do on some pages.
fn habits<'p>(pages: impl Iterator<Item = &'p Page>) -> Habits {
    let mut learner = HabitLearner::new();
    for page in pages {
        learner.add_page(&page.read, &[&page.truth]);
    }
    learner.finish(Glyphs::embedded()).pruned(channel::MIN_PAGES, channel::MIN_PRINTED, Glyphs::embedded())
}

/// The engine that brings a text to where the character models see it.
fn without_misread(config: &Config, packs: &[PathBuf], resources: &'static Resources) -> Result<Engine, Trouble> {
    let models = models::Models { resources, trust: misread::Trust::default() };
    let mut engine = engine::build(config, &packs::load(packs)?, &models)?;
    engine.detectors.retain(|detector| detector.meta().id != misread::RULES[0]);
    engine.policy.level = Safety::Automatic;
    Ok(engine)
}

/// What the models propose on a page, each tried alone.
fn proposals(idx: usize, page: &Page, engine: &Engine) -> Vec<Tried> {
    let text = engine.run(&page.read, &[], &RunEvidence::default()).corrected;
    let suspects = misread::proposals(&text, engine.resources);
    let edits: Vec<[Edit; 1]> = suspects.iter().map(|suspect| [Edit { span: suspect.span, replacement: suspect.put.clone() }]).collect();
    let gains = gains(&text, &page.truth, edits.iter().map(<[Edit; 1]>::as_slice));
    let scorer = MisreadScorer::embedded();
    suspects
        .iter()
        .zip(gains)
        .map(|(suspect, gain)| Tried {
            page: idx,
            probability: scorer.probability(suspect),
            gain,
            at_most: if suspect.on_small_page { Safety::Flagged } else { suspect.at_most },
        })
        .collect()
}

fn tier(fit: &TierFit, n_chars: usize) -> WrittenTier {
    WrittenTier {
        from: fit.from,
        right: fit.right,
        harmful: fit.harmful,
        neither: fit.neither,
        harm_per_10k: rounded(fit.harm_per_10k(n_chars)),
        harm_per_10k_at_most: rounded(fit.harm_per_10k_at_most(n_chars)),
    }
}

/// Four decimals, so that the file does not pretend to more.
fn rounded(value: f64) -> f64 {
    (value * 10_000.0).round() / 10_000.0
}

fn too_few(error: TooFew) -> Trouble {
    match error {
        TooFew::Pages { found } => Trouble::new(
            format!("只有 {found} 页有正确文本；校准至少要 {MIN_PAGES} 页，五十页才可靠"),
            format!("only {found} pages have a truth; calibrating takes {MIN_PAGES} at least, and is reliable from fifty"),
        ),
        TooFew::Proposals { right, others } => Trouble::new(
            format!("提议太少：{right} 处正确，{others} 处不正确，各须至少 {MIN_OF_EITHER_KIND} 处；请多给几页"),
            format!("too few proposals: {right} right and {others} not, where each takes {MIN_OF_EITHER_KIND}; give more pages"),
        ),
    }
}

/// What was measured, as a table.
fn told(calibration: &Calibration, fit: &CalibrationFit, lang: Lang) -> String {
    let Source { pages, characters, errors, proposals, .. } = &calibration.source;
    let mut out = String::new();
    let n_pages = pages.len();
    let per_10k = |errors: usize| 10_000.0 * errors as f64 / (*characters).max(1) as f64;
    let head = lang
        .pick(
            &format!("{n_pages} 页，{characters} 字，每万字 {:.1} 处错误；试了 {proposals} 处提议", per_10k(*errors)),
            &format!("{n_pages} pages, {characters} characters, {:.1} errors per 10,000; {proposals} proposals tried", per_10k(*errors)),
        )
        .to_owned();
    let _ = writeln!(out, "{head}");
    for (zh, en, tier, fit) in
        [("自动", "automatic", &calibration.automatic, &fit.automatic), ("建议", "suggested", &calibration.suggested, &fit.suggested)]
    {
        let WrittenTier { right, harmful, neither, harm_per_10k: harm, harm_per_10k_at_most: most, .. } = tier;
        let left = per_10k(errors.saturating_add_signed(-fit.gain));
        let line = match tier.from {
            None => lang.pick(&format!("{zh}：无"), &format!("{en}: none")).to_owned(),
            Some(from) => lang
                .pick(
                    &format!(
                        "{zh}：把握 {from:.4} 起；{right} 对，{harmful} 有害，{neither} 无关；每万字有害 {harm:.2}（95 % 上限 {most:.2}）；余 {left:.1} 处错误"
                    ),
                    &format!(
                        "{en}: from {from:.4}; {right} right, {harmful} harmful, {neither} neither; harm per 10,000 {harm:.2} (95 % upper bound {most:.2}); {left:.1} errors left"
                    ),
                )
                .to_owned(),
        };
        let _ = writeln!(out, "{line}");
    }
    out
}

/// Says when the pages cannot show that harm is as rare as it must be.
fn warn(calibration: &Calibration, voice: &Voice) {
    let most = calibration.automatic.harm_per_10k_at_most;
    if calibration.automatic.from.is_some() && most > HARM_ALLOWED {
        let n = calibration.source.characters;
        voice.note(&Message::new(
            format!("{n} 字只能说明自动级每万字有害不超过 {most:.2} 处；要说明不超过 {HARM_ALLOWED}，至少须有 10 万字"),
            format!(
                "{n} characters show that automatic changes do harm at most {most:.2} times per 10,000; to show {HARM_ALLOWED} takes 100,000 at least"
            ),
        ));
    }
}

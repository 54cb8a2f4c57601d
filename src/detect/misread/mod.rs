//! Misread, lost and spurious characters and marks, found by a language model
//! and a channel model, judged by a scorer that was learned and calibrated on
//! labelled pages.
//!
//! The decoder ([`crate::model::lattice`]) proposes; [`features`] puts into
//! numbers what speaks for each proposal: both models, words and places, the
//! page itself; the scorer makes a probability of them, and the tiers are cut
//! from that. Digits and Latin letters are never changed here.

mod confidence;
mod dash;
mod evidence;
mod features;
mod memory;
mod page;
mod tiers;
mod trust;

use std::sync::{LazyLock, PoisonError};

use confidence::Confidence;
pub use confidence::{CONFIDENCE_NAMES, ConfidenceRow, N_CONFIDENCE, Startled};
pub use features::{N_FEATURES, NAMES, Row};
pub use memory::Memory;
use sha2::{Digest, Sha256};
pub use tiers::Trust;

use super::{Context, Detector, DetectorMeta, Resources};
use crate::document::{Kind, Layout};
use crate::finding::{Class, ConfidenceOrigin, Edit, Finding, Fix, Message, Phase, Safety};
use crate::model::estimate::Gauge;
use crate::model::lattice::{Change, Decoder, PageScript, Passage, Proposal, Reading, Recurrence, Surprise, Tuning};
use crate::model::{Trees, TreesError};
use crate::text::{CharClass, Span, char_class};
use page::{Passages, Setting};

/// Probabilities that separate the tiers, read off the cross-validated curve
/// in `models/misread.md`.
pub mod threshold {
    /// From here on a change is automatic.
    pub const AUTOMATIC: f64 = 0.9;
    /// From here on it is suggested.
    pub const SUGGESTED: f64 = 0.7;
    /// From here on it is shown.
    pub const FLAGGED: f64 = 0.35;
}

/// The ids of its findings.
pub const RULES: [&str; 6] =
    ["character/misread", "character/lost", "character/spurious", "punctuation/misread", "punctuation/lost", "punctuation/spurious"];

/// The tables inside the program: for any text, and for one of which the engine
/// says how sure it was of each character.
const TABLE: &str = include_str!("../../../models/misread.tsv");
const CONFIDENCE_TABLE: &str = include_str!("../../../models/misread_confidence.tsv");

/// The probability that a proposal restores what was printed.
#[derive(Debug)]
pub struct MisreadScorer {
    trees: Trees,
    /// The same for files that say how sure the engine was.
    confidence: Option<Trees>,
}

impl MisreadScorer {
    /// The scorer inside the program.
    #[must_use]
    pub fn embedded() -> &'static MisreadScorer {
        static SCORER: LazyLock<MisreadScorer> = LazyLock::new(|| {
            let scorer = MisreadScorer::parse(TABLE).expect("a test reads the embedded table");
            scorer.with_confidence(CONFIDENCE_TABLE).expect("a test reads the embedded table")
        });
        &SCORER
    }

    /// What tells the embedded table from those of other versions: the first
    /// 16 hexadecimal digits of its SHA-256.
    #[must_use]
    pub fn embedded_digest() -> String {
        let digest = Sha256::digest(TABLE.as_bytes());
        digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }

    /// A scorer from a table as `xtask/misread_scorer.py` writes it.
    ///
    /// # Errors
    /// At the first line of the table that does not fit.
    pub fn parse(table: &str) -> Result<Self, TreesError> {
        Ok(Self { trees: Trees::parse(table, &NAMES)?, confidence: None })
    }

    /// The same with a table for files that say how sure the engine was of each
    /// character, as `xtask/misread_confidence.py` writes it.
    ///
    /// # Errors
    /// At the first line of the table that does not fit.
    pub fn with_confidence(self, table: &str) -> Result<Self, TreesError> {
        Ok(Self { confidence: Some(Trees::parse(table, &[NAMES.as_slice(), &CONFIDENCE_NAMES].concat())?), ..self })
    }

    /// The probability, 0 to 1, that `suspect` restores what was printed.
    #[must_use]
    pub fn probability(&self, suspect: &Suspect) -> f64 {
        match (&self.confidence, suspect.confidence) {
            (Some(trees), Some(confidence)) => trees.probability(&[suspect.row.as_slice(), &confidence].concat()),
            _ => self.trees.probability(&suspect.row),
        }
    }
}

/// A change of the text that the models propose.
#[derive(Clone, Debug)]
pub struct Suspect {
    /// The characters in question; empty where one was lost.
    pub span: Span,
    /// What may have been printed.
    pub put: String,
    /// The decoder's view.
    pub proposal: Proposal,
    /// What the scorer sees.
    pub row: Row,
    /// What it sees of the engine's confidence, where the file has one for each
    /// character.
    pub confidence: Option<ConfidenceRow>,
    /// What the line is.
    pub kind: Kind,
    /// The most that the change may be trusted, whatever its probability.
    pub at_most: Safety,
    /// The text is too small to be a page.
    pub on_small_page: bool,
}

/// Symbols that count as one page: a long text is read in pieces of this size,
/// so that memory stays bound. Real pages have a tenth of it.
const PAGE_SYMBOLS: usize = 65_536;

/// Symbols from which on a text is a page. The probabilities were measured on
/// whole pages; a note of a few lines tells too little of itself, so that all
/// is trusted one step less there.
const MIN_PAGE_SYMBOLS: f32 = 300.0;

/// Everything the models propose for a text by itself, in order of place: what
/// [`suspects`] gives for a text that was not read before.
#[must_use]
pub fn proposals(text: &str, resources: &Resources) -> Vec<Suspect> {
    suspects(text, &Layout::new(text), resources, &mut Memory::default())
}

/// Everything the models propose for a text, in order of place. `memory` is that
/// of the run.
#[must_use]
pub fn suspects(text: &str, layout: &Layout, resources: &Resources, memory: &mut Memory) -> Vec<Suspect> {
    let mut all = Vec::new();
    each_page(text, layout, resources, memory, |page| all.extend(page));
    all
}

/// The same page by page, so that no more than one page's has to be kept.
fn each_page(text: &str, layout: &Layout, resources: &Resources, memory: &mut Memory, mut each: impl FnMut(Vec<Suspect>)) {
    let mut passages = Passages::new(text, layout, resources.lm);
    memory.begin();
    let mut reader = Reader::new(text, resources, Confidence::of(layout), memory);
    loop {
        let mut n_symbols = 0;
        let mut page = Vec::new();
        let mut passage = Passage::default();
        while n_symbols < PAGE_SYMBOLS
            && let Some(setting) = passages.next_into(&mut passage)
        {
            n_symbols += passage.len();
            page.push((std::mem::take(&mut passage), setting));
        }
        if page.is_empty() {
            break;
        }
        each(reader.read(&mut page));
    }
    memory.end();
}

/// How often the language model is startled by the characters of a text that the
/// engine was least sure of, and by the surest; `None` when the file does not
/// say how sure it was.
#[must_use]
pub fn startled_by(text: &str, layout: &Layout, resources: &Resources) -> Option<Startled> {
    let confidence = Confidence::of(layout)?;
    let decoder = Decoder { lm: resources.lm, channel: resources.channel, tuning: Tuning::default() };
    let mut passages = Passages::new(text, layout, resources.lm);
    let mut page = Vec::new();
    let mut passage = Passage::default();
    while let Some(setting) = passages.next_into(&mut passage) {
        page.push((std::mem::take(&mut passage), setting));
    }
    Some(startled(&confidence, &decoder, &page))
}

fn startled(confidence: &Confidence, decoder: &Decoder<'_>, passages: &[(Passage, Setting<'_>)]) -> Startled {
    confidence.startled(passages.iter().map(|(passage, _)| {
        let mut surprise = Surprise::default();
        decoder.surprise(passage, &mut surprise);
        (passage, surprise.bits)
    }))
}

/// Reads one page after the other.
struct Reader<'a> {
    text: &'a str,
    resources: &'a Resources,
    decoder: Decoder<'a>,
    confidence: Option<Confidence>,
    memory: &'a mut Memory,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, resources: &'a Resources, confidence: Option<Confidence>, memory: &'a mut Memory) -> Self {
        let tuning = if confidence.is_some() { Tuning::with_doubts() } else { Tuning::default() };
        let decoder = Decoder { lm: resources.lm, channel: resources.channel, tuning };
        Self { text, resources, decoder, confidence, memory }
    }

    fn read(&mut self, passages: &mut [(Passage, Setting<'_>)]) -> Vec<Suspect> {
        if let Some(confidence) = &mut self.confidence {
            let startled = startled(confidence, &self.decoder, passages);
            confidence.settle(startled);
            passages.iter_mut().for_each(|(passage, _)| confidence.doubt(passage));
        }
        let passages = &*passages;
        let page = Recurrence::of(passages.iter().map(|(passage, _)| passage.ids.as_slice()));
        let script = PageScript::of(passages.iter().flat_map(|(passage, _)| &passage.chars));
        let mut suspects = Vec::new();
        let mut surprise = Surprise::default();
        let (mut n_symbols, mut sum_bits) = (0.0, 0.0);
        let mut seen = Gauge::default();
        for (passage, setting) in passages {
            let key = memory::key(passage, setting, &page);
            if self.memory.get(key, passage, script).is_none() {
                self.decoder.surprise(passage, &mut surprise);
                let reading = Reading { passage, surprise: &surprise, page: &page, script };
                let view = features::View { resources: self.resources, reading, setting };
                let proposals = self.decoder.read(&reading, &self.resources.look_alikes);
                let rows = proposals.into_iter().map(|proposal| (proposal, view.row(&proposal))).collect();
                self.memory.remember(key, passage, script, &surprise, rows);
            }
            let Some(read) = self.memory.get(key, passage, script) else { continue };
            n_symbols += (passage.len() + 1) as f32;
            sum_bits += read.gauge.bits as f32;
            seen.add(&read.gauge);
            suspects.extend(read.proposals.iter().map(|&(proposal, mut row)| {
                features::count(&mut row, self.resources.lm, passage, &page, &proposal);
                Suspect {
                    at_most: trust::at_most(passage, &page, script, &proposal, setting),
                    on_small_page: false,
                    span: span_of(passage, &proposal, self.text),
                    put: proposal.change.put().collect(),
                    confidence: self.confidence.as_ref().map(|confidence| confidence.row(passage, &proposal)),
                    row,
                    proposal,
                    kind: setting.kind,
                }
            }));
        }
        let is_small = n_symbols < MIN_PAGE_SYMBOLS;
        for suspect in suspects.iter_mut().filter(|_| is_small) {
            suspect.at_most = suspect.at_most.min(Safety::Suggested);
            suspect.on_small_page = true;
        }
        self.memory.last.add(&seen);
        let n_open = suspects.len() as f32;
        for suspect in &mut suspects {
            features::finish(&mut suspect.row, sum_bits / n_symbols, n_open / n_symbols);
        }
        suspects
    }
}

/// The place of a proposal in the text.
fn span_of(passage: &Passage, proposal: &Proposal, text: &str) -> Span {
    let end_of = |idx: usize| passage.at[idx] + passage.chars[idx].len_utf8();
    match proposal.change.n_taken() {
        // Before a character, or behind the last one.
        0 => Span::empty(match (proposal.idx, passage.at.get(proposal.idx)) {
            (0, Some(&at)) => at,
            (idx, _) if idx > 0 => end_of(idx - 1),
            _ => text.len(),
        }),
        n_taken => Span::new(passage.at[proposal.idx], end_of(proposal.idx + n_taken - 1)),
    }
}

/// Finds characters and marks that were misread, lost or added.
#[derive(Clone, Copy, Debug)]
pub struct Misread {
    scorer: &'static MisreadScorer,
}

impl Misread {
    /// The detector with the scorer inside the program.
    #[must_use]
    pub fn embedded() -> Self {
        Self { scorer: MisreadScorer::embedded() }
    }

    /// The detector with another scorer: for cross-validation.
    #[must_use]
    pub fn with_scorer(scorer: &'static MisreadScorer) -> Self {
        Self { scorer }
    }
}

static META: DetectorMeta = DetectorMeta {
    id: "character/misread",
    class: Class::LookAlike,
    phase: Phase::Words,
    summary: [
        "误认、漏认、多认的字和标点，由语言模型与字形模型找出",
        "A character or mark was misread, lost or added, as a language model and a shape model see it",
    ],
    why: [
        "识别引擎混淆字形，不混淆读音；上下文读不通而一个形近字读得通，印的多半是后者。",
        "Recognition confuses shapes, not sounds; where the text does not read on and a look-alike does, that was probably printed.",
    ],
    silent: [
        "人名、地名、少见词、引文里的异体字；全文别处同样写法的字；数字和拉丁字母；大片读坏的地方。",
        "Names, places, rare words, variant characters; forms the page has elsewhere; digits and Latin letters; stretches that are garbled as a whole.",
    ],
    trust: [
        "概率由语言模型、字形与引擎习惯、词表、地名表和全文共同得出，按版面交叉验证校准，见 models/misread.md。",
        "The probability comes from the language model, shapes and engine habits, words, places and the page itself, calibrated by page-wise cross-validation; see models/misread.md.",
    ],
    sources: &["models/misread.md", "models/news.lm.md", "models/glyphs.md", "models/habits.md"],
    bad: &[
        (
            "会议要求，各地要认真黄彻落实会议精神，确保各项工作任务按时完成。",
            "会议要求，各地要认真贯彻落实会议精神，确保各项工作任务按时完成。",
        ),
        (
            "今年以来，全市上下坚持稳中求进工作总基调，经济运行总休平稳，稳中有进。",
            "今年以来，全市上下坚持稳中求进工作总基调，经济运行总体平稳，稳中有进。",
        ),
    ],
    good: &[
        "昨天上午，城东新桥正式通车，附近的居民纷纷前来观看，场面十分热闹。",
        "本报讯（记者 祁连 通讯员 阮小昀）截至昨天，九条河道的清淤工程全部完成。",
        "今年共有1365人报名，比去年多了34.7％。",
    ],
};

impl Detector for Misread {
    fn meta(&self) -> &'static DetectorMeta {
        &META
    }

    fn rules(&self) -> &'static [&'static str] {
        &RULES
    }

    fn detect(&self, context: &Context<'_>, sink: &mut Vec<Finding>) {
        let mut memory = context.memory.misread.lock().unwrap_or_else(PoisonError::into_inner);
        let trust = context.settings.trust;
        let mut expected = 0.0;
        each_page(context.text, context.layout, context.resources, &mut memory, |page| {
            let weigh = |suspect: Suspect| {
                let probability = trust.probability(self.scorer.probability(&suspect));
                (suspect, probability)
            };
            let mut weighed: Vec<(Suspect, f64)> = page.into_iter().map(weigh).collect();
            dash::settle(context.text, &mut weighed);
            for (suspect, probability) in weighed {
                expected += probability;
                // In a garbled stretch all that is not sure is a guess.
                if probability >= trust.automatic || probability >= trust.flagged && !context.is_garbled(suspect.span) {
                    sink.push(finding(context, &suspect, probability));
                }
            }
        });
        memory.expect(expected);
    }
}

fn finding(context: &Context<'_>, suspect: &Suspect, probability: f64) -> Finding {
    let text = context.text;
    let name = Name::of(suspect, text);
    let read = suspect.span.of(text);
    let safety = context.settings.trust.tier(probability, suspect.on_small_page).min(suspect.at_most);
    let (message, title) = name.words(read, &suspect.put);
    let edit = if suspect.put.is_empty() {
        Edit::deletion(suspect.span)
    } else if suspect.span.is_empty() {
        Edit::insertion(suspect.span.start, suspect.put.clone())
    } else {
        Edit::replacement(suspect.span, suspect.put.clone())
    };
    let mut finding = Finding::new(name.rule(), name.class(), Phase::Words, text, suspect.span, message)
        .with_fix(Fix::one(title, edit))
        .with_trust(safety, probability, ConfidenceOrigin::Calibrated);
    for reason in evidence::of(context, suspect) {
        finding = finding.with_evidence(reason);
    }
    finding
}

/// What the damage is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Name {
    Misread,
    Lost,
    Spurious,
    MisreadMark,
    LostMark,
    SpuriousMark,
}

impl Name {
    fn of(suspect: &Suspect, text: &str) -> Self {
        let is_mark = |c: char| char_class(c) == CharClass::Punctuation;
        let read_marks = suspect.span.of(text).chars().all(is_mark);
        let new_marks = suspect.put.chars().all(is_mark);
        match suspect.proposal.change {
            Change::Insert(_) if new_marks => Name::LostMark,
            Change::Insert(_) => Name::Lost,
            Change::Delete if read_marks => Name::SpuriousMark,
            Change::Delete => Name::Spurious,
            _ if read_marks && new_marks => Name::MisreadMark,
            _ => Name::Misread,
        }
    }

    fn rule(self) -> &'static str {
        match self {
            Name::Misread => "character/misread",
            Name::Lost => "character/lost",
            Name::Spurious => "character/spurious",
            Name::MisreadMark => "punctuation/misread",
            Name::LostMark => "punctuation/lost",
            Name::SpuriousMark => "punctuation/spurious",
        }
    }

    fn class(self) -> Class {
        match self {
            Name::Misread => Class::LookAlike,
            Name::Lost | Name::Spurious => Class::LostDoubledSpurious,
            Name::MisreadMark | Name::LostMark | Name::SpuriousMark => Class::Punctuation,
        }
    }

    /// The message and the title of the fix.
    fn words(self, read: &str, put: &str) -> (Message, Message) {
        match self {
            Name::Misread | Name::MisreadMark => (
                Message::new(
                    format!("「{read}」在这里读不通，疑为「{put}」之误；对照原版"),
                    format!("「{read}」 does not read on here and was probably printed 「{put}」; compare with the page"),
                ),
                Message::new(format!("改为「{put}」"), format!("Change to 「{put}」")),
            ),
            Name::Lost | Name::LostMark => (
                Message::new(format!("这里疑漏「{put}」；对照原版"), format!("「{put}」 was probably lost here; compare with the page")),
                Message::new(format!("补「{put}」"), format!("Add 「{put}」")),
            ),
            Name::Spurious | Name::SpuriousMark => (
                Message::new(
                    format!("「{read}」在这里读不通，疑为多出的字符；对照原版"),
                    format!("「{read}」 does not read on here and was probably added; compare with the page"),
                ),
                Message::new(format!("删去「{read}」"), format!("Remove 「{read}」")),
            ),
        }
    }
}

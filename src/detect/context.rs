use std::sync::{LazyLock, Mutex, OnceLock, PoisonError};

use serde::{Deserialize, Serialize};

use super::RunEvidence;
use super::join::PageView;
use super::misread;
use crate::document::Layout;
use crate::finding::Phase;
use crate::lexicon::{ConverterKind, Gazetteer, Lexicon};
use crate::model::channel::Channel;
use crate::model::estimate::Gauge;
use crate::model::lattice::LookAlikes;
use crate::model::lm::LanguageModel;
use crate::text::Span;

/// What is done with jump lines and page furniture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FurnitureHandling {
    /// A line of its own, outside of paragraphs.
    #[default]
    Keep,
    /// Removed from the text, like any other edit; the patch keeps it.
    Drop,
    /// Removed from the text, and its fields (direction, page, mark, date…)
    /// are evidence of the finding.
    Metadata,
}

/// What detectors may be told by the configuration.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    /// Leave printed lines as they are: breaks inside a block are not joined.
    pub keep_lines: bool,
    /// Jump lines (下转…, 上接…).
    pub jump_lines: FurnitureHandling,
    /// Other page furniture.
    pub furniture: FurnitureHandling,
    /// What converts between simplified and traditional.
    pub converter: ConverterKind,
    /// How far the probabilities of the character models are trusted.
    pub trust: misread::Trust,
}

/// Word lists, gazetteer and statistics, immutable; embedded, but for models
/// that a user brings.
#[derive(Debug)]
pub struct Resources {
    /// Words and their frequencies.
    pub lexicon: Lexicon,
    /// The administrative divisions of China.
    pub gazetteer: Gazetteer,
    /// How texts go on.
    pub lm: &'static LanguageModel,
    /// What engines make of characters.
    pub channel: &'static Channel,
    /// What the two made of single characters before.
    pub look_alikes: LookAlikes,
}

impl Resources {
    /// The resources inside the program.
    #[must_use]
    pub fn embedded() -> &'static Resources {
        static EMBEDDED: LazyLock<Resources> = LazyLock::new(|| Resources::with_channel(Channel::embedded()));
        &EMBEDDED
    }

    /// The same with another channel: a user's own engine habits.
    #[must_use]
    pub fn with_channel(channel: &'static Channel) -> Self {
        Self::with_models(LanguageModel::embedded(), channel)
    }

    /// The same with another language model and another channel.
    #[must_use]
    pub fn with_models(lm: &'static LanguageModel, channel: &'static Channel) -> Self {
        Self { lexicon: Lexicon::embedded(), gazetteer: Gazetteer::embedded(), lm, channel, look_alikes: LookAlikes::default() }
    }
}

/// All a detector sees: one snapshot of one text.
pub struct Context<'a> {
    /// The text of this phase.
    pub text: &'a str,
    /// Its lines and blocks.
    pub layout: &'a Layout,
    /// Sorted disjoint spans nobody may change (undecodable bytes, protected
    /// words).
    pub untouchable: &'a [Span],
    /// The running phase.
    pub phase: Phase,
    /// Word lists and statistics.
    pub resources: &'a Resources,
    /// The configuration.
    pub settings: &'a Settings,
    /// What the other files of the run say.
    pub evidence: &'a RunEvidence,
    /// What several detectors need of this snapshot.
    pub shared: Shared<'a>,
    /// What detectors remember from one snapshot of a run to the next.
    pub memory: &'a Memory,
}

impl<'a> Context<'a> {
    /// The page as the join scorer sees it, read when the first detector asks.
    pub(super) fn page(&self) -> &PageView<'a> {
        self.shared.page.get_or_init(|| PageView::new(self.text, self.layout, &self.resources.lexicon))
    }
}

/// What several detectors need of one snapshot and only the first one that
/// asks works out; empty to begin with.
#[derive(Default)]
pub struct Shared<'a> {
    page: OnceLock<PageView<'a>>,
}

/// What detectors remember of one run over one text, from one snapshot to the
/// next, to be quicker; no answer may depend on it.
#[derive(Debug, Default)]
pub struct Memory {
    pub(super) misread: Mutex<misread::Memory>,
}

impl Memory {
    /// What the character models saw of the text, first and last; `None` when
    /// nothing was read.
    #[must_use]
    pub fn gauge(&self) -> Option<Gauge> {
        self.misread.lock().unwrap_or_else(PoisonError::into_inner).gauge()
    }
}

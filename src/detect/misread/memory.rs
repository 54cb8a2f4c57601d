use std::collections::HashMap;
use std::hash::BuildHasher;

use foldhash::fast::FixedState;

use super::features::Row;
use super::page::Setting;
use crate::model::estimate::{Gauge, STARTLING, SURPRISING};
use crate::model::lattice::{PageScript, Passage, Proposal, Recurrence, Surprise};
use crate::model::lm::Id;

/// Passages that were read before in this run: most are the same from one round
/// to the next. What is remembered is what reading them again would give, so
/// nothing depends on it but the time.
#[derive(Debug, Default)]
pub struct Memory {
    passages: HashMap<u64, Vec<Read>, FixedState>,
    /// Those of the reading before, as far as the present one has not come
    /// upon them.
    before: HashMap<u64, Vec<Read>, FixedState>,
    /// What the last reading saw of the text as a whole.
    pub(super) last: Gauge,
    /// Errors that the first reading expected.
    first: Option<f64>,
}

/// A passage with what was made of it.
#[derive(Debug)]
pub(super) struct Read {
    chars: Box<[char]>,
    doubt: Box<[f32]>,
    script: PageScript,
    /// What its symbols add to the gauge of the page.
    pub(super) gauge: Gauge,
    /// What the decoder proposed, as the scorer sees it; the counts of the page
    /// are to be looked up anew.
    pub(super) proposals: Vec<(Proposal, Row)>,
}

impl Memory {
    /// Begins a reading of the text as it stands.
    pub(super) fn begin(&mut self) {
        self.last = Gauge::default();
        self.before = std::mem::take(&mut self.passages);
    }

    /// Ends a reading: what it did not come upon is no longer in the text.
    pub(super) fn end(&mut self) {
        self.before = HashMap::default();
    }

    /// What was made of this passage, with these neighbors and this recurrence
    /// on its page.
    pub(super) fn get(&mut self, key: u64, passage: &Passage, script: PageScript) -> Option<&Read> {
        if let Some(reads) = self.before.remove(&key) {
            self.passages.entry(key).or_default().extend(reads);
        }
        let reads = self.passages.get(&key)?;
        reads.iter().find(|read| *read.chars == *passage.chars && *read.doubt == *passage.doubt && read.script == script)
    }

    pub(super) fn remember(
        &mut self,
        key: u64,
        passage: &Passage,
        script: PageScript,
        surprise: &Surprise,
        proposals: Vec<(Proposal, Row)>,
    ) {
        let chars = passage.chars.as_slice().into();
        let doubt = passage.doubt.as_slice().into();
        let gauge = gauge_of(surprise, proposals.len());
        self.passages.entry(key).or_default().push(Read { chars, doubt, script, gauge, proposals });
    }

    /// Notes how many errors a reading of the whole text expects.
    pub(super) fn expect(&mut self, expected: f64) {
        self.last.expected = expected;
        self.last.expected_first = *self.first.get_or_insert(expected);
    }

    /// What the readings saw; `None` before the first one.
    pub(in crate::detect) fn gauge(&self) -> Option<Gauge> {
        self.first.map(|_| self.last)
    }
}

fn gauge_of(surprise: &Surprise, n_proposals: usize) -> Gauge {
    let at_least = |bound: f32| surprise.bits.iter().filter(|&&bits| bits >= bound).count() as f64;
    Gauge {
        symbols: surprise.bits.len() as f64,
        bits: f64::from(surprise.bits.iter().sum::<f32>()),
        surprising: at_least(SURPRISING),
        startling: at_least(STARTLING),
        proposals: n_proposals as f64,
        ..Gauge::default()
    }
}

/// A number for all that a passage's proposals depend on: its characters, its
/// neighbors, and what its page has in the place of each of its characters.
pub(super) fn key(passage: &Passage, setting: &Setting<'_>, page: &Recurrence) -> u64 {
    let ids = &passage.ids;
    let at = |idx: Option<usize>| idx.and_then(|idx| ids.get(idx)).copied().unwrap_or(Id::BOUNDARY);
    let mut elsewhere = Vec::new();
    for idx in 0..=ids.len() {
        let before = at(idx.checked_sub(1));
        for after in [at(Some(idx)), at(Some(idx + 1))] {
            elsewhere.extend(page.between(before, after).map(|(id, _)| (idx, after, id)));
        }
    }
    FixedState::default().hash_one((&passage.chars, setting.kind as u8, setting.next_kind.map(|kind| kind as u8), setting.next, elsewhere))
}

#[cfg(test)]
mod tests {
    use super::super::{Suspect, suspects};
    use super::*;
    use crate::detect::Resources;
    use crate::document::Layout;
    use crate::text::Span;

    fn read(text: &str, memory: &mut Memory) -> Vec<(Span, String, Row)> {
        let found = suspects(text, &Layout::new(text), Resources::embedded(), memory);
        found.into_iter().map(|Suspect { span, put, row, .. }| (span, put, row)).collect()
    }

    #[test]
    fn nothing_depends_on_what_was_read_before() {
        let before = "会议要求，各地要认真黄彻落实会议精神。\n\n经济运行总休平稳，稳中有进。\n\n镇上的黄彻师傅修了一辈子钟表。";
        // The first paragraph was repaired, and with it what the page has
        // elsewhere; the others are as they were.
        let after = before.replacen("黄彻落实", "贯彻落实", 1);
        let mut memory = Memory::default();
        let first = read(before, &mut memory);
        assert!(!first.is_empty() && read(before, &mut memory) == first);
        let remembered = read(&after, &mut memory);
        assert_eq!(remembered, read(&after, &mut Memory::default()));
        assert!(!remembered.is_empty() && remembered != first);
    }
}

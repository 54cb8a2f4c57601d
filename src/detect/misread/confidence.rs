//! What the engine's own confidence says of a text, for files that have one for
//! every character.
//!
//! Engines measure their confidence on scales of their own: 0.9 is doubt with
//! one and certainty with another. What holds for all that were measured is
//! how the share of misread characters falls with the *rank* of the confidence
//! on its page, once the rank is measured in units of the page's error rate.
//! That rate is read off the text itself: among the characters that the engine
//! was least sure of, the language model is startled more often than among the
//! others, by as much as characters were misread there.

use crate::document::Layout;
use crate::model::estimate::STARTLING;
use crate::model::lattice::{Passage, Proposal};
use crate::text::is_han;

/// What the scorer sees of it, behind the features of the text; the names are
/// those of the table.
pub const CONFIDENCE_NAMES: [&str; N_CONFIDENCE] =
    ["doubt_read", "doubt_before", "doubt_behind", "doubt_near", "rank_read", "rank_near", "page_rate"];

/// Number of features.
pub const N_CONFIDENCE: usize = 7;

/// One proposal as the engine's confidence shows it.
pub type ConfidenceRow = [f32; N_CONFIDENCE];

/// Characters on either side whose doubt is averaged.
const NEAR: usize = 6;

/// Of the characters that the engine was least sure of, the share in which the
/// language model's surprise is looked at, and of the surest ones.
const LEAST_SURE: f32 = 0.1;
const SUREST: f32 = 0.5;

/// The error rate of a page in units of the share of startling characters among
/// the least sure less that among the surest, and its bounds. Fitted to 153
/// pages, two engines, three scales of confidence; it is off by a factor of two.
const RATE_PER_EXCESS: f32 = 0.2;
const RATE_BOUNDS: (f32, f32) = (0.002, 0.15);

/// Steps of the rate, so that what is known of a passage stays true when a
/// character of another one was put right: in nats.
const RATE_STEP: f32 = 0.35;

/// How the log-odds, in nats, that a character was misread follow from the
/// logarithm of its rank in units of the error rate.
#[derive(Clone, Copy, Debug)]
struct Curve {
    /// Where the logarithm is 0.
    at_zero: f32,
    /// For each nat below 0.
    below: f32,
    /// For each nat above.
    above: f32,
    /// Those of a character of its kind in general, on which the channel rests.
    base: f32,
}

/// Fitted to 337,000 Han characters and 33,000 marks of the same pages. Of Han
/// characters the two engines and three scales agree within a factor of two
/// everywhere, of marks within three: engines doubt many that they read right.
const HAN: Curve = Curve { at_zero: -0.64, below: -0.49, above: -2.13, base: -3.18 };
const MARK: Curve = Curve { at_zero: 0.14, below: 0.0, above: -1.56, base: -2.2 };

/// Bounds of the doubt, in bits. What an engine is sure of is held to no more
/// than this: its confidence comes from the context as well.
const DOUBT_BOUNDS: (f32, f32) = (-4.0, 6.0);

/// Bits by which a rank, 0 to 1, on a page with this error rate speaks against
/// `c` having been printed. Digits and letters, which are never changed, are
/// held for marks.
fn doubt_bits(c: char, rank: f32, rate: f32) -> f32 {
    let curve = if is_han(c) { HAN } else { MARK };
    let nats = (rank.max(1e-4) / rate).ln();
    let odds = curve.at_zero + nats * if nats < 0.0 { curve.below } else { curve.above };
    ((odds - curve.base) * std::f32::consts::LOG2_E).clamp(DOUBT_BOUNDS.0, DOUBT_BOUNDS.1)
}

/// Shares of startling characters among those the engine was least sure of and
/// among the surest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Startled {
    /// Among the tenth with the lowest confidence.
    pub least_sure: f32,
    /// Among the half with the highest.
    pub surest: f32,
}

impl Startled {
    /// The error rate of the page, in steps.
    fn rate(self) -> f32 {
        let nats = (RATE_PER_EXCESS * (self.least_sure - self.surest)).clamp(RATE_BOUNDS.0, RATE_BOUNDS.1).ln();
        ((nats / RATE_STEP).round() * RATE_STEP).exp()
    }
}

/// The confidences of a page, by their ranks.
#[derive(Debug)]
pub(super) struct Confidence {
    /// Byte offsets of characters with the share of characters that the engine
    /// was less sure of, in the order of the text.
    ranks: Vec<(usize, f32)>,
    rate: f32,
}

impl Confidence {
    /// Those of the page; `None` when it has none for its characters.
    pub(super) fn of(layout: &Layout) -> Option<Self> {
        let all = &layout.confidence;
        if all.is_empty() {
            return None;
        }
        let mut sorted: Vec<f32> = all.iter().map(|&(_, share)| share).collect();
        sorted.sort_by(f32::total_cmp);
        // Equal confidences share the middle of their places.
        let rank = |share: f32| {
            let (below, upto) = (sorted.partition_point(|&other| other < share), sorted.partition_point(|&other| other <= share));
            (below + upto) as f32 / (2 * sorted.len()) as f32
        };
        Some(Self { ranks: all.iter().map(|&(at, share)| (at, rank(share))).collect(), rate: RATE_BOUNDS.0 })
    }

    /// How often the language model is startled; `surprise` gives the bits of
    /// each character of a passage.
    pub(super) fn startled<'p>(&self, passages: impl Iterator<Item = (&'p Passage, Vec<f32>)>) -> Startled {
        let (mut least, mut surest) = ((0_usize, 0_usize), (0_usize, 0_usize));
        for (passage, bits) in passages {
            for (&at, bits) in passage.at.iter().zip(bits) {
                let startling = usize::from(bits >= STARTLING);
                match self.rank(at) {
                    Some(rank) if rank < LEAST_SURE => least = (least.0 + startling, least.1 + 1),
                    Some(rank) if rank > SUREST => surest = (surest.0 + startling, surest.1 + 1),
                    _ => {}
                }
            }
        }
        let share = |(startling, n): (usize, usize)| startling as f32 / n.max(1) as f32;
        Startled { least_sure: share(least), surest: share(surest) }
    }

    /// Takes the error rate of the page from it.
    pub(super) fn settle(&mut self, startled: Startled) {
        self.rate = startled.rate();
    }

    /// Writes what the engine thought of its characters into a passage.
    pub(super) fn doubt(&self, passage: &mut Passage) {
        for idx in 0..passage.len() {
            passage.doubt[idx] = self.rank(passage.at[idx]).map_or(0.0, |rank| doubt_bits(passage.chars[idx], rank, self.rate));
        }
    }

    /// The row of a proposal.
    pub(super) fn row(&self, passage: &Passage, proposal: &Proposal) -> ConfidenceRow {
        let (idx, n_taken) = (proposal.idx, proposal.change.n_taken());
        let behind = idx + n_taken;
        let rank = |idx: usize| passage.at.get(idx).and_then(|&at| self.rank(at));
        let doubt = |idx: Option<usize>| idx.and_then(|idx| passage.doubt.get(idx)).copied().unwrap_or(0.0);
        let before = idx.checked_sub(1);
        // Where nothing was read, its neighbors may have lost a part.
        let read: Vec<usize> = if n_taken == 0 { before.into_iter().chain([idx]).collect() } else { (idx..behind).collect() };
        let near: Vec<usize> = (idx.saturating_sub(NEAR)..idx).chain(behind..behind + NEAR).filter(|&idx| rank(idx).is_some()).collect();
        let mean = |values: &mut dyn Iterator<Item = f32>| values.sum::<f32>() / near.len().max(1) as f32;
        [
            read.iter().map(|&idx| doubt(Some(idx))).fold(DOUBT_BOUNDS.0, f32::max),
            doubt(before),
            doubt(Some(behind)),
            mean(&mut near.iter().map(|&idx| doubt(Some(idx)))),
            read.iter().filter_map(|&idx| rank(idx)).reduce(f32::min).unwrap_or(UNKNOWN),
            if near.is_empty() { UNKNOWN } else { mean(&mut near.iter().filter_map(|&idx| rank(idx))) },
            self.rate.ln(),
        ]
    }

    /// The share of the page's characters that the engine was less sure of than
    /// of the one at byte `offset`.
    fn rank(&self, offset: usize) -> Option<f32> {
        self.ranks.binary_search_by_key(&offset, |&(at, _)| at).ok().map(|idx| self.ranks[idx].1)
    }
}

/// The rank of what has none.
const UNKNOWN: f32 = -1.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubt_falls_with_rank_and_rises_with_the_error_rate() {
        for c in ['城', '，'] {
            let bits = |rate: f32| -> Vec<f32> { (0..=100).map(|percent| doubt_bits(c, percent as f32 / 100.0, rate)).collect() };
            assert!(bits(0.02).is_sorted_by(|a, b| a >= b));
            assert!(bits(0.02).iter().zip(bits(0.1)).all(|(&good, bad)| good <= bad));
            assert_eq!(bits(0.02)[100], DOUBT_BOUNDS.0);
        }
        assert!(doubt_bits('城', 0.001, 0.02) > 4.0);
    }

    #[test]
    fn the_error_rate_is_what_startles_more_where_the_engine_was_not_sure() {
        let rate = |least_sure, surest| Startled { least_sure, surest }.rate();
        assert!(rate(0.02, 0.02) < 0.003 && rate(0.5, 0.01) > rate(0.1, 0.01));
        assert!(rate(1.0, 0.0) <= 0.2);
    }
}

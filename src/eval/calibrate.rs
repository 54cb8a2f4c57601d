//! How far proposals are to be trusted, from what they turned out to be on
//! pages whose truth is known.

use super::edits::per_10k;
use crate::finding::Safety;
use crate::model::{Logistic, logistic, logit};

/// One proposal that was tried alone against the truth.
#[derive(Clone, Copy, Debug)]
pub struct Tried {
    /// Its page, counted from 0 in path order.
    pub page: usize,
    /// The scorer's probability, 0 to 1.
    pub probability: f64,
    /// How many errors fewer there are with it; negative: more.
    pub gain: isize,
    /// The most that it may be trusted, whatever its probability.
    pub at_most: Safety,
}

/// A tier with what the proposals in it turned out to be.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TierFit {
    /// Probability from which on proposals belong to it; `None`: none do.
    pub from: Option<f64>,
    /// Proposals that bring the text nearer to its truth.
    pub right: usize,
    /// Proposals that take it farther away.
    pub harmful: usize,
    /// Proposals that do neither.
    pub neither: usize,
    /// Errors that are gone when all of them are applied.
    pub gain: isize,
}

impl TierFit {
    /// Harmful proposals per 10,000 of `n_chars`.
    #[must_use]
    pub fn harm_per_10k(&self, n_chars: usize) -> f64 {
        per_10k(self.harmful, n_chars)
    }

    /// The bound below which that lies in 95 of 100 cases.
    #[must_use]
    pub fn harm_per_10k_at_most(&self, n_chars: usize) -> f64 {
        if n_chars == 0 { f64::INFINITY } else { 10_000.0 * poisson_at_most(self.harmful) / n_chars as f64 }
    }
}

/// What was fitted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CalibrationFit {
    /// What is laid over the scorer's probabilities; fitted to all pages.
    pub curve: Logistic,
    /// Thresholds and counts by curves that had not seen the page at hand.
    pub automatic: TierFit,
    /// The same; the automatic tier lies within it.
    pub suggested: TierFit,
}

/// Why nothing was fitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TooFew {
    /// Pages.
    Pages {
        /// How many there are.
        found: usize,
    },
    /// Proposals that are right, or ones that are not.
    Proposals {
        /// Right ones.
        right: usize,
        /// Others.
        others: usize,
    },
}

/// Parts that pages are divided in for cross-validation; neighbors stay
/// together, for pages of one issue repeat each other.
pub const FOLDS: usize = 5;

/// Fewest pages to calibrate on.
pub const MIN_PAGES: usize = 10;

/// Fewest proposals of either kind: below, two parameters say nothing.
pub const MIN_OF_EITHER_KIND: usize = 20;

/// Harmful changes per 10,000 characters that the automatic tier may make.
pub const HARM_ALLOWED: f64 = 0.3;

/// A change less probable than this is never automatic.
const LEAST_AUTOMATIC: f64 = 0.9;

/// Thresholds tried for the suggested tier: hundredths.
const SUGGESTED_TRIED: std::ops::RangeInclusive<u32> = 30..=95;

/// Weight of the belief that the scorer is right as it is, in proposals.
const BELIEF: f64 = 4.0;

/// The part of a page of `n_pages`.
#[must_use]
pub fn fold_of(page: usize, n_pages: usize) -> usize {
    page * FOLDS / n_pages.max(1)
}

/// Fits a curve and thresholds to `tried`, the proposals of `n_pages` pages
/// with `n_chars` characters of truth. The same proposals give the same fit.
///
/// # Errors
/// With fewer than [`MIN_PAGES`] pages or [`MIN_OF_EITHER_KIND`] proposals of
/// either kind.
pub fn calibrate(tried: &[Tried], n_pages: usize, n_chars: usize) -> Result<CalibrationFit, TooFew> {
    if n_pages < MIN_PAGES {
        return Err(TooFew::Pages { found: n_pages });
    }
    let right = tried.iter().filter(|one| one.gain > 0).count();
    let others = tried.len() - right;
    if right.min(others) < MIN_OF_EITHER_KIND {
        return Err(TooFew::Proposals { right, others });
    }
    let of_fold = |one: &Tried| fold_of(one.page, n_pages);
    let curves: Vec<Logistic> = (0..FOLDS).map(|fold| fit(tried.iter().filter(|one| of_fold(one) != fold))).collect();
    let mut judged: Vec<(f64, Tried)> = tried.iter().map(|one| (curves[of_fold(one)].of(one.probability), *one)).collect();
    judged.sort_by(|a, b| b.0.total_cmp(&a.0));
    let suggested = suggested(&judged);
    let automatic = automatic(&judged, n_chars, suggested);
    Ok(CalibrationFit {
        curve: fit(tried.iter()),
        automatic: counted(&judged, automatic, Safety::Automatic),
        suggested: counted(&judged, Some(suggested), Safety::Suggested),
    })
}

/// The curve that makes the outcomes likeliest, by Newton's method; a weak
/// belief in the identity keeps it finite.
fn fit<'t>(tried: impl Iterator<Item = &'t Tried>) -> Logistic {
    let points: Vec<(f64, f64)> = tried.map(|one| (logit(one.probability), f64::from(u8::from(one.gain > 0)))).collect();
    let Logistic { mut slope, mut offset } = Logistic::IDENTITY;
    for _ in 0..50 {
        let (mut g_slope, mut g_offset) = (BELIEF * (slope - 1.0), BELIEF * offset / 4.0);
        let (mut h_slope, mut h_both, mut h_offset) = (BELIEF, 0.0, BELIEF / 4.0);
        for &(x, right) in &points {
            let p = logistic(slope * x + offset);
            let weight = p * (1.0 - p);
            g_slope += (p - right) * x;
            g_offset += p - right;
            h_slope += weight * x * x;
            h_both += weight * x;
            h_offset += weight;
        }
        let determinant = h_slope * h_offset - h_both * h_both;
        let (d_slope, d_offset) =
            ((h_offset * g_slope - h_both * g_offset) / determinant, (h_slope * g_offset - h_both * g_slope) / determinant);
        // Half steps where a whole one would turn the order round.
        let step = if slope - d_slope > 0.05 { 1.0 } else { 0.5 * (slope - 0.05).max(0.0) / d_slope.max(1e-12) };
        slope -= step * d_slope;
        offset -= step * d_offset;
        if d_slope.abs() + d_offset.abs() < 1e-10 {
            break;
        }
    }
    Logistic { slope, offset }
}

/// The threshold with the fewest errors left; of equal ones the highest.
fn suggested(judged: &[(f64, Tried)]) -> f64 {
    let gain = |from: f64| counted(judged, Some(from), Safety::Suggested).gain;
    let tried = SUGGESTED_TRIED.map(|hundredths| f64::from(hundredths) / 100.0);
    tried.max_by_key(|&from| gain(from)).expect("the range is not empty")
}

/// The lowest threshold from which on harm stays within what is allowed, both
/// as it was counted and as the probabilities foretell it: on few pages a count
/// of none may be luck.
fn automatic(judged: &[(f64, Tried)], n_chars: usize, suggested: f64) -> Option<f64> {
    let allowed = HARM_ALLOWED * n_chars as f64 / 10_000.0;
    let wrong = judged.iter().filter(|(p, one)| *p >= suggested && one.gain <= 0);
    let (n_wrong, n_harmful) = wrong.fold((0.0, 0.0), |(all, bad), (_, one)| (all + 1.0, bad + f64::from(u8::from(one.gain < 0))));
    let harmful_share = (n_harmful + 1.0) / (n_wrong + 1.0);
    let least = suggested.max(LEAST_AUTOMATIC);
    let (mut counted, mut foretold, mut from) = (0.0, 0.0, None);
    for (p, one) in judged.iter().take_while(|(p, _)| *p >= least).filter(|(_, one)| one.at_most == Safety::Automatic) {
        counted += f64::from(u8::from(one.gain < 0));
        foretold += (1.0 - p) * harmful_share;
        if counted > allowed || foretold > allowed {
            break;
        }
        from = Some(*p);
    }
    // Four decimals, up, so that what was counted is what the file says.
    from.map(|from| ((from * 10_000.0).ceil() / 10_000.0).min(1.0))
}

fn counted(judged: &[(f64, Tried)], from: Option<f64>, tier: Safety) -> TierFit {
    let mut fit = TierFit { from, ..TierFit::default() };
    let Some(from) = from else { return fit };
    for (_, one) in judged.iter().filter(|(p, one)| *p >= from && one.at_most >= tier) {
        match one.gain {
            1.. => fit.right += 1,
            0 => fit.neither += 1,
            _ => fit.harmful += 1,
        }
        fit.gain += one.gain;
    }
    fit
}

/// The mean of a Poisson distribution that gives `count` or fewer in one of
/// twenty cases.
fn poisson_at_most(count: usize) -> f64 {
    let at_most = |mean: f64| {
        let (mut term, mut sum) = ((-mean).exp(), 0.0);
        for k in 0..=count {
            sum += term;
            term *= mean / (k + 1) as f64;
        }
        sum
    };
    let (mut low, mut high) = (0.0, 3.0 + 3.0 * (count as f64 + 3.0));
    for _ in 0..100 {
        let middle = f64::midpoint(low, high);
        if at_most(middle) > 0.05 { low = middle } else { high = middle }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proposals of 20 pages that are right as often as `truth` says of their
    /// probability; every second one that is not does harm.
    fn tried(truth: impl Fn(f64) -> f64) -> Vec<Tried> {
        let mut seed = 1_u64;
        let mut random = || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 11) as f64 / (1_u64 << 53) as f64
        };
        (0..8000)
            .map(|nth| {
                let probability = random();
                let right = random() < truth(probability);
                let gain = if right { 1 } else { -isize::from(nth % 2 == 0) };
                Tried { page: nth % 20, probability, gain, at_most: Safety::Automatic }
            })
            .collect()
    }

    #[test]
    fn a_curve_that_was_bent_is_straightened() {
        let bent = Logistic { slope: 0.6, offset: -0.8 };
        let fit = calibrate(&tried(|p| bent.of(p)), 20, 1_000_000).unwrap();
        assert!((fit.curve.slope - bent.slope).abs() < 0.06 && (fit.curve.offset - bent.offset).abs() < 0.1, "{fit:?}");
        let straight = calibrate(&tried(|p| p), 20, 1_000_000).unwrap();
        assert!((straight.curve.slope - 1.0).abs() < 0.08 && straight.curve.offset.abs() < 0.1, "{straight:?}");
        assert!((0.3..0.45).contains(&straight.suggested.from.unwrap()), "right in one case, wrong by half of the others: {straight:?}");
    }

    #[test]
    fn the_automatic_tier_keeps_harm_within_bounds_and_may_be_empty() {
        let all = tried(|p| p);
        let fit = calibrate(&all, 20, 1_000_000).unwrap();
        assert!(fit.automatic.harm_per_10k(1_000_000) <= HARM_ALLOWED && fit.automatic.right > 100, "{fit:?}");
        assert!(fit.automatic.from.unwrap() >= fit.suggested.from.unwrap());
        assert_eq!(calibrate(&all, 20, 0).unwrap().automatic.from, None, "no room for any harm");
        let held: Vec<Tried> = all.iter().map(|one| Tried { at_most: Safety::Flagged, ..*one }).collect();
        assert_eq!(calibrate(&held, 20, 1_000_000).unwrap().automatic.right, 0);
    }

    #[test]
    fn too_few_pages_or_proposals_are_told() {
        let all = tried(|p| p);
        assert_eq!(calibrate(&all, 9, 1000), Err(TooFew::Pages { found: 9 }));
        let right: Vec<Tried> = all.iter().filter(|one| one.gain > 0).take(500).copied().collect();
        assert_eq!(calibrate(&right, 20, 1000), Err(TooFew::Proposals { right: 500, others: 0 }));
    }

    #[test]
    fn the_upper_bound_is_that_of_the_poisson_distribution() {
        for (count, bound) in [(0, 2.996), (1, 4.744), (5, 10.513)] {
            assert!((poisson_at_most(count) - bound).abs() < 1e-3, "{count}");
        }
        assert!((TierFit::default().harm_per_10k_at_most(100_000) - 0.2996).abs() < 1e-4);
    }

    #[test]
    fn neighbors_are_in_one_part() {
        let folds: Vec<usize> = (0..12).map(|page| fold_of(page, 12)).collect();
        assert_eq!(folds, [0, 0, 0, 1, 1, 2, 2, 2, 3, 3, 4, 4]);
    }
}

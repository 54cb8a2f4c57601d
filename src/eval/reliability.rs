/// Intervals that probabilities are sorted into: tenths, but for the last one,
/// where it matters most.
const BOUNDS: [f64; 13] = [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 1.0];

/// How often fixes were right, by the probability that was foretold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reliability {
    counts: [Counts; BOUNDS.len() - 1],
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    n: usize,
    right: usize,
    /// Sum of the probabilities in millionths: whole, so that the sum does not
    /// depend on an order.
    millionths: u64,
}

/// One interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bin {
    /// Least probability in it.
    pub from: f64,
    /// Probability above all in it; the last one is in the interval itself.
    pub to: f64,
    /// Fixes in it.
    pub n: usize,
    /// Those that bring the text nearer to the truth.
    pub right: usize,
    millionths: u64,
}

impl Bin {
    /// The mean probability that was foretold; `None` without fixes.
    #[must_use]
    pub fn predicted(&self) -> Option<f64> {
        (self.n > 0).then(|| self.millionths as f64 / 1e6 / self.n as f64)
    }

    /// The share that was right; `None` without fixes.
    #[must_use]
    pub fn observed(&self) -> Option<f64> {
        (self.n > 0).then(|| self.right as f64 / self.n as f64)
    }
}

impl Reliability {
    /// Counts one fix in.
    pub fn count(&mut self, probability: f64, right: bool) {
        let probability = probability.clamp(0.0, 1.0);
        let at = BOUNDS.partition_point(|&bound| bound <= probability).clamp(1, self.counts.len()) - 1;
        let counts = &mut self.counts[at];
        counts.n += 1;
        counts.right += usize::from(right);
        counts.millionths += (probability * 1e6).round() as u64;
    }

    /// The intervals, from 0 to 1.
    pub fn bins(&self) -> impl Iterator<Item = Bin> + '_ {
        let bin = |(bounds, counts): (&[f64], &Counts)| {
            let Counts { n, right, millionths } = *counts;
            Bin { from: bounds[0], to: bounds[1], n, right, millionths }
        };
        BOUNDS.windows(2).zip(&self.counts).map(bin)
    }

    /// The mean distance between what was foretold and what came, weighted by
    /// fixes (expected calibration error); `None` without fixes.
    #[must_use]
    pub fn error(&self) -> Option<f64> {
        let n: usize = self.counts.iter().map(|counts| counts.n).sum();
        let distance = |bin: Bin| Some(bin.n as f64 * (bin.predicted()? - bin.observed()?).abs());
        (n > 0).then(|| self.bins().filter_map(distance).sum::<f64>() / n as f64)
    }

    /// Adds the counts of other files.
    pub(super) fn add(&mut self, other: &Self) {
        for (mine, others) in self.counts.iter_mut().zip(&other.counts) {
            mine.n += others.n;
            mine.right += others.right;
            mine.millionths += others.millionths;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_probability_has_its_interval() {
        let mut reliability = Reliability::default();
        for (probability, right) in [(0.0, false), (0.5, true), (0.55, false), (0.97, true), (1.0, true)] {
            reliability.count(probability, right);
        }
        let found: Vec<(f64, usize, usize)> = reliability.bins().filter(|bin| bin.n > 0).map(|bin| (bin.from, bin.n, bin.right)).collect();
        assert_eq!(found, [(0.0, 1, 0), (0.5, 2, 1), (0.95, 1, 1), (0.98, 1, 1)]);
        let expected = (2.0 * 0.025 + 0.03) / 5.0;
        assert!((reliability.error().unwrap() - expected).abs() < 1e-9);
        let mut twice = reliability;
        twice.add(&reliability);
        assert_eq!(twice.error(), reliability.error());
        assert_eq!(Reliability::default().error(), None);
    }
}

/// How many errors a text is thought to have left, with an interval. Counts are
/// of characters that differ from what was printed, lost lines aside.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Estimate {
    /// Symbols it was judged by.
    pub symbols: f64,
    /// Errors expected among them.
    pub errors: f64,
    /// Sum of the variances of the texts' own errors.
    own_variance: f64,
    /// Standard deviation, in nats, that all texts of a run share.
    shared: f64,
}

/// Standard deviations on either side that hold nine of ten.
const NINE_OF_TEN: f64 = 1.645;

/// Errors per 10,000 symbols that are added before logarithms are taken, so
/// that a text without errors has one.
const ONE_MORE: f64 = 1.0;

impl Estimate {
    /// For one text. `own` and `shared` are standard deviations of the
    /// logarithm, in nats.
    #[must_use]
    pub fn new(symbols: f64, errors: f64, own: f64, shared: f64) -> Self {
        let mass = errors + ONE_MORE * symbols / 10_000.0;
        Self { symbols, errors, own_variance: (mass * own).powi(2), shared }
    }

    /// Takes another text in: errors are summed, and what is particular to one
    /// text counts less the more there are.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            symbols: self.symbols + other.symbols,
            errors: self.errors + other.errors,
            own_variance: self.own_variance + other.own_variance,
            shared: self.shared.max(other.shared),
        }
    }

    /// Errors per 10,000 symbols.
    #[must_use]
    pub fn per_10k(&self) -> f64 {
        if self.symbols > 0.0 { 10_000.0 * self.errors / self.symbols } else { 0.0 }
    }

    /// Bounds of the errors per 10,000 symbols that hold in nine cases of ten.
    #[must_use]
    pub fn interval(&self) -> (f64, f64) {
        let middle = self.per_10k() + ONE_MORE;
        let mass = middle * self.symbols / 10_000.0;
        let own = if mass > 0.0 { self.own_variance / (mass * mass) } else { 0.0 };
        let wide = (NINE_OF_TEN * (own + self.shared * self.shared).sqrt()).exp();
        ((middle / wide - ONE_MORE).max(0.0), middle * wide - ONE_MORE)
    }
}

/// From which errors per 10,000 characters, as the models estimate them, a page
/// is left alone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Thresholds {
    /// Up to here a page is clean.
    pub clean: f64,
    /// From here on it is too damaged.
    pub damaged: f64,
}

impl Default for Thresholds {
    /// Measured; `docs/triage.md` says how.
    fn default() -> Self {
        Self { clean: 50.0, damaged: 3500.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_texts_are_known_better_than_one_and_never_exactly() {
        let one = Estimate::new(2000.0, 4.0, 0.5, 0.2);
        let (low, high) = one.interval();
        assert!(low < 20.0 && 20.0 < high, "{low} {high}");
        let many = (0..99).fold(one, |all, _| all.and(one));
        assert!((many.per_10k() - one.per_10k()).abs() < 1e-9);
        let (tighter_low, tighter_high) = many.interval();
        assert!(low < tighter_low && tighter_high < high);
        let (sure_low, _) = Estimate::new(2000.0, 4.0, 0.0, 0.2).interval();
        assert!(tighter_low < sure_low, "what texts share does not average out");
        assert_eq!(Estimate::default().per_10k(), 0.0);
        assert_eq!(Estimate::new(2000.0, 0.0, 0.5, 0.2).interval().0, 0.0);
    }
}

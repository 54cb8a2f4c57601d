//! How many errors a page has left, as far as the models can see without its
//! truth.
//!
//! A linear model of the logarithm: every input speaks for more errors the
//! larger it is, and none may speak against. The table and how far it is to be
//! believed come from pages whose truth is known; `models/estimate.md` has the
//! figures.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::finding::Estimate;

/// What the models saw of a page while it was corrected. Counts of symbols are
/// those of the text as it was left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Gauge {
    /// Symbols read: characters of running text, and the ends of paragraphs.
    pub symbols: f64,
    /// Their surprise, in bits.
    pub bits: f64,
    /// Symbols with [`SURPRISING`] bits or more.
    pub surprising: f64,
    /// Symbols with [`STARTLING`] bits or more.
    pub startling: f64,
    /// Changes that were still proposed, however improbable.
    pub proposals: f64,
    /// The sum of their probabilities: errors that are still seen.
    pub expected: f64,
    /// The same before any character was changed.
    pub expected_first: f64,
}

/// Bits from which on a symbol counts as surprising.
pub const SURPRISING: f32 = 9.0;

/// Bits from which on a symbol counts as startling.
pub const STARTLING: f32 = 14.0;

/// Symbols below which nothing is said of a text: it is too little of a page.
pub const MIN_SYMBOLS: f64 = 300.0;

/// The inputs of the model, by the names in its table.
pub const INPUTS: [&str; 6] = ["bits", "surprising", "startling", "proposals", "expected", "expected_first"];

impl Gauge {
    /// Adds the counts of another part of the text.
    pub fn add(&mut self, other: &Self) {
        self.symbols += other.symbols;
        self.bits += other.bits;
        self.surprising += other.surprising;
        self.startling += other.startling;
        self.proposals += other.proposals;
        self.expected += other.expected;
        self.expected_first += other.expected_first;
    }

    /// The inputs in the order of [`INPUTS`]: mean bits, then logarithms of one
    /// plus a number per 10,000 symbols. `None` for texts of fewer than
    /// [`MIN_SYMBOLS`].
    #[must_use]
    pub fn inputs(&self) -> Option<[f64; INPUTS.len()]> {
        if self.symbols < MIN_SYMBOLS {
            return None;
        }
        let rate = |count: f64| (10_000.0 * count / self.symbols).ln_1p();
        Some([
            self.bits / self.symbols,
            rate(self.surprising),
            rate(self.startling),
            rate(self.proposals),
            rate(self.expected),
            rate(self.expected_first),
        ])
    }

    /// The same with what was expected before any character was changed.
    #[must_use]
    pub fn before(&self) -> Self {
        Self { expected: self.expected_first, ..*self }
    }

    /// The errors that are left, by the model inside the program. `None` for
    /// texts of fewer than [`MIN_SYMBOLS`].
    #[must_use]
    pub fn estimate(&self) -> Option<Estimate> {
        Estimator::embedded().estimate(self)
    }
}

/// The model: weights of the inputs, and how far off it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Estimator {
    offset: f64,
    weights: [f64; INPUTS.len()],
    own: f64,
    shared: f64,
}

/// Why a table was refused.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("line {line}: found {found:?}, expected {expected}")]
pub struct EstimatorError {
    /// Line, counted from 1; one more than there are for what is missing.
    pub line: usize,
    /// What stands there.
    pub found: String,
    /// What should.
    pub expected: String,
}

impl Estimator {
    /// The model inside the program.
    #[must_use]
    pub fn embedded() -> &'static Estimator {
        static ESTIMATOR: LazyLock<Estimator> =
            LazyLock::new(|| Estimator::parse(include_str!("../../models/estimate.tsv")).expect("a test reads the embedded table"));
        &ESTIMATOR
    }

    /// Reads a table of lines `name <tab> value`; `#` begins a comment. Names
    /// are `offset`, those of [`INPUTS`] with weights of 0 or more, and `own`
    /// and `shared`: standard deviations, in nats, of a page by itself and of
    /// all pages of one run together.
    ///
    /// # Errors
    /// At the first line that does not fit, or when a name is missing.
    pub fn parse(table: &str) -> Result<Self, EstimatorError> {
        let names = || ["offset"].into_iter().chain(INPUTS).chain(["own", "shared"]);
        let mut values = [None; INPUTS.len() + 3];
        for (line_idx, line) in table.lines().enumerate().filter(|(_, line)| !line.is_empty() && !line.starts_with('#')) {
            let wrong = |expected: &str| EstimatorError { line: line_idx + 1, found: line.to_owned(), expected: expected.to_owned() };
            let (name, value) = line.split_once('\t').ok_or_else(|| wrong("a name, a tab and a number"))?;
            let at = names().position(|known| known == name).ok_or_else(|| wrong("offset, own, shared or the name of an input"))?;
            let value: f64 = value.parse().ok().filter(|value: &f64| value.is_finite()).ok_or_else(|| wrong("a number"))?;
            if name != "offset" && value < 0.0 {
                return Err(wrong("a number of 0 or more"));
            }
            values[at] = Some(value);
        }
        let line = table.lines().count() + 1;
        let value = |at: usize| {
            let missing = || EstimatorError { line, found: String::new(), expected: names().nth(at).unwrap_or_default().to_owned() };
            values[at].ok_or_else(missing)
        };
        let mut weights = [0.0; INPUTS.len()];
        for (at, weight) in weights.iter_mut().enumerate() {
            *weight = value(at + 1)?;
        }
        Ok(Self { offset: value(0)?, weights, own: value(INPUTS.len() + 1)?, shared: value(INPUTS.len() + 2)? })
    }

    /// The errors that a page has left. `None` for texts of fewer than
    /// [`MIN_SYMBOLS`] symbols.
    #[must_use]
    pub fn estimate(&self, gauge: &Gauge) -> Option<Estimate> {
        let inputs = gauge.inputs()?;
        let logarithm = self.offset + self.weights.iter().zip(inputs).map(|(weight, input)| weight * input).sum::<f64>();
        let rate = logarithm.max(0.0).exp_m1();
        Some(Estimate::new(gauge.symbols, rate * gauge.symbols / 10_000.0, self.own, self.shared))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gauge(expected: f64) -> Gauge {
        Gauge {
            symbols: 2000.0,
            bits: 9000.0,
            surprising: 150.0,
            startling: 40.0,
            proposals: 60.0,
            expected,
            expected_first: expected + 4.0,
        }
    }

    #[test]
    fn more_that_is_seen_is_never_fewer_errors() {
        let base = gauge(3.0);
        let rate = |gauge: Gauge| gauge.estimate().unwrap().per_10k();
        for more in [
            Gauge { bits: base.bits * 1.3, ..base },
            Gauge { surprising: base.surprising * 2.0, ..base },
            Gauge { startling: base.startling * 2.0, ..base },
            Gauge { proposals: base.proposals * 2.0, ..base },
            Gauge { expected: base.expected * 2.0, ..base },
            Gauge { expected_first: base.expected_first * 2.0, ..base },
        ] {
            assert!(rate(more) >= rate(base), "{more:?}");
        }
        assert!(rate(gauge(30.0)) > rate(gauge(1.0)));
    }

    #[test]
    fn a_few_lines_are_no_page() {
        assert_eq!(Gauge { symbols: 299.0, ..gauge(1.0) }.estimate(), None);
        assert_eq!(Gauge::default().estimate(), None);
    }

    #[test]
    fn a_table_that_does_not_fit_is_refused_by_line() {
        let table = include_str!("../../models/estimate.tsv");
        let error = |table: &str| Estimator::parse(table).unwrap_err();
        assert!(error(&table.replace("startling", "startled")).expected.contains("name of an input"));
        assert_eq!(error("offset\t1\nbits\t-1\n").line, 2);
        assert_eq!(error("offset\tmany\n").expected, "a number");
        assert_eq!(error("offset\t1\n"), EstimatorError { line: 2, found: String::new(), expected: "bits".to_owned() });
    }
}

/// A logistic curve over a probability *p*: the new one is the logistic
/// function of `slope * ln(p / (1 - p)) + offset`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Logistic {
    /// Above 0, so that the order of probabilities stays.
    pub slope: f64,
    /// In nats.
    pub offset: f64,
}

impl Logistic {
    /// The curve that changes nothing.
    pub const IDENTITY: Logistic = Logistic { slope: 1.0, offset: 0.0 };

    /// The new probability for `probability`.
    #[must_use]
    pub fn of(self, probability: f64) -> f64 {
        logistic(self.slope * logit(probability) + self.offset)
    }
}

/// The logarithm of the odds, in nats; certainty is cut to odds of a billion.
#[must_use]
pub fn logit(probability: f64) -> f64 {
    let p = probability.clamp(1e-9, 1.0 - 1e-9);
    (p / (1.0 - p)).ln()
}

/// The probability of which `odds` is the logarithm of the odds, in nats.
#[must_use]
pub fn logistic(odds: f64) -> f64 {
    1.0 / (1.0 + (-odds).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_keeps_the_order_and_the_identity_keeps_everything() {
        let stern = Logistic { slope: 0.8, offset: -1.0 };
        let all: Vec<f64> = (0..=20).map(|step| f64::from(step) / 20.0).collect();
        for pair in all.windows(2) {
            assert!(stern.of(pair[0]) < stern.of(pair[1]));
            assert!(stern.of(pair[1]) < pair[1], "{pair:?}");
            assert!((Logistic::IDENTITY.of(pair[1]) - pair[1]).abs() < 1e-8);
        }
        assert!((0.0..=1.0).contains(&stern.of(0.0)) && (0.0..=1.0).contains(&stern.of(1.0)));
    }
}

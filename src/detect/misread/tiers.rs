use super::threshold;
use crate::finding::Safety;
use crate::model::Logistic;

/// How far the scorer's probabilities are trusted: as they were measured for
/// the program, or as a user's own pages say.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trust {
    /// What is laid over the scorer's probabilities; `None` leaves them.
    pub curve: Option<Logistic>,
    /// Probability from which on a change is automatic; [`Trust::NEVER`] where
    /// none is.
    pub automatic: f64,
    /// Probability from which on it is suggested.
    pub suggested: f64,
    /// Probability from which on it is shown.
    pub flagged: f64,
    /// The most that a change may be trusted, whatever its probability.
    pub at_most: Safety,
}

impl Default for Trust {
    fn default() -> Self {
        Self {
            curve: None,
            automatic: threshold::AUTOMATIC,
            suggested: threshold::SUGGESTED,
            flagged: threshold::FLAGGED,
            at_most: Safety::Automatic,
        }
    }
}

impl Trust {
    /// A threshold that no probability reaches.
    pub const NEVER: f64 = 2.0;

    /// The probability in the light of the curve.
    #[must_use]
    pub fn probability(&self, scored: f64) -> f64 {
        self.curve.map_or(scored, |curve| curve.of(scored))
    }

    /// The tier of a probability; in a text that is too small to be a page, one
    /// step less.
    #[must_use]
    pub fn tier(&self, probability: f64, on_small_page: bool) -> Safety {
        let tier = match (probability, on_small_page) {
            (p, false) if p >= self.automatic => Safety::Automatic,
            (p, true) if p >= self.automatic => Safety::Suggested,
            (p, false) if p >= self.suggested => Safety::Suggested,
            _ => Safety::Flagged,
        };
        tier.min(self.at_most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiers_are_cut_where_the_thresholds_are() {
        let trust = Trust::default();
        assert_eq!(trust.tier(threshold::AUTOMATIC, false), Safety::Automatic);
        assert_eq!(trust.tier(threshold::SUGGESTED, false), Safety::Suggested);
        assert_eq!(trust.tier(threshold::FLAGGED, false), Safety::Flagged);
        let unmeasured = Trust { at_most: Safety::Suggested, ..trust };
        assert_eq!(unmeasured.tier(1.0, false), Safety::Suggested);
        assert_eq!(unmeasured.tier(1.0, true), Safety::Suggested);
        assert_eq!(trust.tier(1.0, true), Safety::Suggested);
        assert_eq!(trust.tier(threshold::SUGGESTED, true), Safety::Flagged);
        let none = Trust { automatic: Trust::NEVER, ..trust };
        assert_eq!(none.tier(1.0, false), Safety::Suggested);
        let stern = Trust { curve: Some(Logistic { slope: 1.0, offset: -3.0 }), ..trust };
        assert_eq!(stern.tier(stern.probability(threshold::AUTOMATIC), false), Safety::Flagged);
    }
}

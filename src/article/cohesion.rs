//! Do two texts speak of one thing?

use std::collections::BTreeMap;

use crate::text::is_han;

/// Pairs of Han characters of a page, weighed by how few of its paragraphs hold
/// them: 记者 and 工作 stand everywhere and tell nothing, 淞沪 tells much.
#[derive(Debug, Default)]
pub struct Cohesion {
    n_paragraphs: usize,
    holding: BTreeMap<(char, char), usize>,
}

impl Cohesion {
    /// Counts the paragraphs of a page, or of the pages of an issue.
    pub fn new<'t>(paragraphs: impl Iterator<Item = &'t str>) -> Self {
        let mut cohesion = Cohesion::default();
        for paragraph in paragraphs {
            cohesion.n_paragraphs += 1;
            for pair in pairs(paragraph).into_keys() {
                *cohesion.holding.entry(pair).or_insert(0) += 1;
            }
        }
        cohesion
    }

    /// The share, 0..=1, of what the shorter of two texts says that the other
    /// says as well.
    pub fn of(&self, a: &str, b: &str) -> f64 {
        let (a, b) = (pairs(a), pairs(b));
        let weigh = |pair: &(char, char)| {
            let holding = self.holding.get(pair).copied().unwrap_or(1).max(1);
            (1.0 + self.n_paragraphs as f64 / holding as f64).ln()
        };
        let total = |pairs: &BTreeMap<(char, char), ()>| pairs.keys().map(weigh).sum::<f64>();
        let shared: f64 = a.keys().filter(|pair| b.contains_key(*pair)).map(weigh).sum();
        let least = total(&a).min(total(&b));
        if least > 0.0 { shared / least } else { 0.0 }
    }
}

fn pairs(text: &str) -> BTreeMap<(char, char), ()> {
    text.chars().zip(text.chars().skip(1)).filter(|&(a, b)| is_han(a) && is_han(b)).map(|pair| (pair, ())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_matter_is_nearer_than_two() {
        let page = [
            "河道清淤工程昨天开工，河长制办公室派人到场。",
            "清淤工程分三段，河长制办公室每天公布进度。",
            "城西早市搬家，摊位费三年不涨。",
        ];
        let cohesion = Cohesion::new(page.into_iter());
        assert!(cohesion.of(page[0], page[1]) > 3.0 * cohesion.of(page[0], page[2]));
        assert!(cohesion.of("", page[0]).abs() < f64::EPSILON);
    }
}

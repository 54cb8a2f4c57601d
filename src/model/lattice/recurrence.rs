use crate::model::lm::Id;

/// What stands on a page more than once: its pairs and triples of symbols with
/// their counts.
///
/// A name that the language model has never seen is no less a name when the
/// page has it three times.
#[derive(Clone, Debug, Default)]
pub struct Recurrence {
    /// Pairs, sorted.
    pairs: Vec<(u64, u32)>,
    /// Triples by their outer symbols, then the one between, sorted.
    triples: Vec<(u64, u32)>,
}

impl Recurrence {
    /// Counts the pairs and triples of passages.
    #[must_use]
    pub fn of<'p>(passages: impl Iterator<Item = &'p [Id]>) -> Self {
        let (mut pairs, mut triples) = (Vec::new(), Vec::new());
        for ids in passages {
            pairs.extend(ids.windows(2).map(|pair| key(pair[0], pair[1], Id(0))));
            triples.extend(ids.windows(3).map(|triple| key(triple[0], triple[2], triple[1])));
        }
        Self { pairs: counted(pairs), triples: counted(triples) }
    }

    /// How often the page has `left` and `right` one after the other.
    #[must_use]
    pub fn pair(&self, left: Id, right: Id) -> u32 {
        count(&self.pairs, key(left, right, Id(0)))
    }

    /// How often the page has these three in a row.
    #[must_use]
    pub fn triple(&self, left: Id, middle: Id, right: Id) -> u32 {
        count(&self.triples, key(left, right, middle))
    }

    /// What the page has between `left` and `right`, by id, with counts.
    pub fn between(&self, left: Id, right: Id) -> impl Iterator<Item = (Id, u32)> + '_ {
        let outer = key(left, right, Id(0));
        let from = self.triples.partition_point(|&(key, _)| key < outer);
        self.triples[from..].iter().take_while(move |&&(key, _)| key >> 16 == outer >> 16).map(|&(key, count)| (Id(low(key)), count))
    }
}

fn key(a: Id, b: Id, c: Id) -> u64 {
    u64::from(a.0) << 32 | u64::from(b.0) << 16 | u64::from(c.0)
}

#[allow(clippy::cast_possible_truncation)] // the lowest symbol is what is asked for
fn low(key: u64) -> u16 {
    key as u16
}

fn counted(mut keys: Vec<u64>) -> Vec<(u64, u32)> {
    keys.sort_unstable();
    keys.chunk_by(|a, b| a == b).map(|run| (run[0], u32::try_from(run.len()).unwrap_or(u32::MAX))).collect()
}

fn count(counts: &[(u64, u32)], key: u64) -> u32 {
    counts.binary_search_by_key(&key, |entry| entry.0).map_or(0, |at| counts[at].1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_pairs_triples_and_what_lies_between() {
        let ids = |list: &[u16]| list.iter().map(|&id| Id(id)).collect::<Vec<_>>();
        let (first, second) = (ids(&[5, 6, 7, 5, 6, 7]), ids(&[5, 9, 7]));
        let page = Recurrence::of([first.as_slice(), second.as_slice()].into_iter());
        assert_eq!(page.pair(Id(5), Id(6)), 2);
        assert_eq!(page.pair(Id(7), Id(5)), 1);
        assert_eq!(page.pair(Id(6), Id(5)), 0);
        assert_eq!(page.triple(Id(5), Id(6), Id(7)), 2);
        assert_eq!(page.between(Id(5), Id(7)).collect::<Vec<_>>(), [(Id(6), 2), (Id(9), 1)]);
    }
}

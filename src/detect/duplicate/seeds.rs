use std::ops::Range;

/// Letters of a shingle. Two readings that each have a wrong letter in six
/// differ in every third letter; 17 % of the shingles of 5 letters then still
/// agree, and of 60 letters some do. Shingles of 4 agree by chance all over
/// a page of news.
const SHINGLE_LETTERS: usize = 5;

/// How far back an earlier copy is looked for, in letters: some forty full
/// pages, more than an issue. Bounds the memory of the table and keeps a
/// collection of years from being taken for one page.
const WINDOW_LETTERS: usize = 1 << 18;

/// Shingles whose places in the table are asked for together.
const BLOCK: usize = 64;

/// A shingle that has stood this often before is a standing phrase, no seed.
const MAX_SEEN: u16 = 3;

/// Letters between two equal runs of one chain, in either copy.
const MAX_GAP: usize = 60;
/// By how much the gaps of the two copies may differ in length.
const MAX_SHIFT: usize = 16;
/// Chains open at a time. Copies advance side by side with chance agreements,
/// of which there are a few per line.
const MAX_OPEN: usize = 16;

/// Equal letters of a chain of several runs, or of a single one, that are
/// worth an alignment: more than names and titles share.
const MIN_RUNS: usize = 10;
const MIN_SINGLE_RUN: usize = 12;

/// Equal letters at two places: `len` letters from `a` and from `b`, `a < b`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// First letter of the earlier place.
    pub a: usize,
    /// First letter of the later place.
    pub b: usize,
    /// Letters.
    pub len: usize,
}

/// Runs in the same order at two places, a small step apart: the trace of a
/// passage that stands twice.
#[derive(Clone, Debug)]
pub struct Chain {
    /// In order; disjoint in both copies.
    pub runs: Vec<Run>,
}

impl Chain {
    fn last(&self) -> Run {
        self.runs[self.runs.len() - 1]
    }

    /// Letters of the earlier copy from the first run to the last.
    pub fn a(&self) -> Range<usize> {
        self.runs[0].a..self.last().a + self.last().len
    }

    /// Letters of the later copy from the first run to the last.
    pub fn b(&self) -> Range<usize> {
        self.runs[0].b..self.last().b + self.last().len
    }

    /// Two agreements in step, or one too long for chance.
    fn is_promising(&self) -> bool {
        let matched: usize = self.runs.iter().map(|run| run.len).sum();
        matched >= if self.runs.len() == 1 { MIN_SINGLE_RUN } else { MIN_RUNS }
    }
}

/// All promising chains of `letters`, in the order of their later copy.
///
/// Time and memory are linear in the letters: a shingle is compared with one
/// earlier place at most, a letter belongs to a bounded number of runs.
pub fn chains(letters: &[u16]) -> Vec<Chain> {
    let mut chained = Vec::new();
    let mut open: Vec<Chain> = Vec::with_capacity(MAX_OPEN);
    each_run(letters, |run| {
        let mut best: Option<(usize, usize)> = None;
        let mut idx = 0;
        while idx < open.len() {
            let last = open[idx].last();
            if run.b > last.b + last.len + MAX_GAP {
                close(open.swap_remove(idx), &mut chained);
                continue;
            }
            // A copy that would reach into the other is a refrain, not a copy.
            if let Some(cost) = step(last, run)
                && run.a + run.len <= open[idx].b().start
                && best.is_none_or(|(least, _)| cost < least)
            {
                best = Some((cost, idx));
            }
            idx += 1;
        }
        if let Some((_, idx)) = best {
            open[idx].runs.push(run);
            return;
        }
        if open.len() == MAX_OPEN {
            let oldest = (0..open.len()).min_by_key(|&idx| open[idx].last().b).expect("the list is full");
            close(open.swap_remove(oldest), &mut chained);
        }
        open.push(Chain { runs: vec![run] });
    });
    for chain in open {
        close(chain, &mut chained);
    }
    chained.sort_by_key(|chain| (chain.b().start, chain.a().start));
    chained
}

fn close(chain: Chain, chained: &mut Vec<Chain>) {
    if chain.is_promising() {
        chained.push(chain);
    }
}

/// The cost of `run` following `last` in one chain, if it can.
fn step(last: Run, run: Run) -> Option<usize> {
    let gap_a = run.a.checked_sub(last.a + last.len)?;
    let gap_b = run.b.checked_sub(last.b + last.len)?;
    let shift = gap_a.abs_diff(gap_b);
    (gap_a <= MAX_GAP && gap_b <= MAX_GAP && shift <= MAX_SHIFT).then_some(gap_b + 4 * shift)
}

/// An earlier shingle: where it stood last and how often it has been seen.
#[derive(Clone, Copy, Default)]
struct Seen {
    at: u32,
    tag: u16,
    count: u16,
}

/// Calls `found` for every maximal run of equal letters that a shingle leads
/// to, in the order of the later place.
fn each_run(letters: &[u16], mut found: impl FnMut(Run)) {
    if letters.len() < 2 * SHINGLE_LETTERS {
        return;
    }
    let census = Census::new(letters);
    if census.n_repeated == 0 {
        return;
    }
    let bits = (census.n_repeated.min(WINDOW_LETTERS) * 3 / 4).max(2).next_power_of_two().trailing_zeros();
    let mut table = vec![[Seen::default(); 2]; 1 << bits];
    let mut hash = Rolling::new(&letters[..SHINGLE_LETTERS]);
    // Shingles that end before this letter lie inside the last run.
    let mut covered = 0;
    let mut block = [(0, 0); BLOCK];
    let n_shingles = letters.len() - SHINGLE_LETTERS + 1;
    for from in (0..n_shingles).step_by(BLOCK) {
        let mut n_repeated = 0;
        for start in from..n_shingles.min(from + BLOCK) {
            if start > 0 {
                hash.roll(letters[start - 1], letters[start + SHINGLE_LETTERS - 1]);
            }
            let mixed = hash.mixed();
            block[n_repeated] = (start, mixed);
            n_repeated += usize::from(census.is_repeated(mixed));
        }
        // The table is larger than the cache: asking for all places of a block
        // at once, before any of them is needed, waits for them only once.
        let places = block[..n_repeated].iter().map(|&(_, mixed)| table[(mixed >> (64 - bits)) as usize][0].at);
        std::hint::black_box(places.fold(0, |all, at| all ^ at));
        for &(start, mixed) in &block[..n_repeated] {
            let (slot, tag) = ((mixed >> (64 - bits)) as usize, (mixed & 0xffff) as u16);
            let shingle = &letters[start..start + SHINGLE_LETTERS];
            let bucket = &mut table[slot];
            let is_known = |seen: &Seen| {
                let at = seen.at as usize;
                seen.count > 0 && seen.tag == tag && start - at <= WINDOW_LETTERS && letters[at..at + SHINGLE_LETTERS] == *shingle
            };
            let Some(known) = bucket.iter().position(is_known) else {
                let older = usize::from(bucket[1].at < bucket[0].at || bucket[1].count == 0);
                bucket[older] = Seen { at: start as u32, tag, count: 1 };
                continue;
            };
            let before = bucket[known];
            bucket[known] = Seen { at: start as u32, tag, count: before.count.saturating_add(1) };
            let earlier = before.at as usize;
            if before.count > MAX_SEEN || start + SHINGLE_LETTERS <= covered || start - earlier < SHINGLE_LETTERS {
                continue;
            }
            let run = grow(letters, earlier, start, covered);
            covered = run.b + run.len;
            found(run);
        }
    }
}

/// Which shingles stand more than once, by hash: four in five of a page stand
/// once and need no place in the table, which then stays in the cache.
struct Census {
    /// Two bits a hash: 0, 1, 2 or more times.
    counts: Vec<u8>,
    /// The bits of a hash that choose the place.
    mask: u64,
    /// Shingles whose hash stands more than once.
    n_repeated: usize,
}

impl Census {
    /// A megabyte at most; a text so long that it fills up costs table space.
    const MAX_PLACES: usize = 1 << 20;

    fn new(letters: &[u16]) -> Self {
        let n_places = (8 * letters.len()).next_power_of_two().min(Self::MAX_PLACES);
        let mut census = Census { counts: vec![0; n_places.div_ceil(4)], mask: n_places as u64 - 1, n_repeated: 0 };
        let mut hash = Rolling::new(&letters[..SHINGLE_LETTERS]);
        for start in 0..=letters.len() - SHINGLE_LETTERS {
            if start > 0 {
                hash.roll(letters[start - 1], letters[start + SHINGLE_LETTERS - 1]);
            }
            let (byte, shift) = census.place(hash.mixed());
            let cell = &mut census.counts[byte];
            let count = (*cell >> shift) & 3;
            census.n_repeated += usize::from(count > 0);
            *cell += u8::from(count < 2) << shift;
        }
        census
    }

    fn place(&self, mixed: u64) -> (usize, u32) {
        // The table takes the high bits; other ones keep the two independent.
        let place = mixed & self.mask;
        ((place >> 2) as usize, 2 * (place & 3) as u32)
    }

    fn is_repeated(&self, mixed: u64) -> bool {
        let (byte, shift) = self.place(mixed);
        (self.counts[byte] >> shift) & 3 >= 2
    }
}

/// The longest run around a shingle that stands at `a` and `b`, not reaching
/// back before letter `floor` nor from the earlier place into the later.
fn grow(letters: &[u16], a: usize, b: usize, floor: usize) -> Run {
    let back = (0..a.min(b.saturating_sub(floor))).take_while(|&step| letters[a - 1 - step] == letters[b - 1 - step]).count();
    let ahead = (0..(b - back - a).min(letters.len() - b)).take_while(|&step| letters[a + step] == letters[b + step]).count();
    Run { a: a - back, b: b - back, len: back + ahead }
}

/// A polynomial hash of the last [`SHINGLE_LETTERS`] letters.
struct Rolling {
    value: u64,
}

impl Rolling {
    const BASE: u64 = 0x9e37_79b9_7f4a_7c15;
    const LEAVING: u64 = {
        let mut power: u64 = 1;
        let mut step = 1;
        while step < SHINGLE_LETTERS {
            power = power.wrapping_mul(Self::BASE);
            step += 1;
        }
        power
    };

    fn new(letters: &[u16]) -> Self {
        let value = letters.iter().fold(0u64, |value, &letter| value.wrapping_mul(Self::BASE).wrapping_add(u64::from(letter)));
        Self { value }
    }

    fn roll(&mut self, leaving: u16, entering: u16) {
        self.value = self
            .value
            .wrapping_sub(u64::from(leaving).wrapping_mul(Self::LEAVING))
            .wrapping_mul(Self::BASE)
            .wrapping_add(u64::from(entering));
    }

    /// The hash with all letters mixed into all bits: the low bits of a
    /// polynomial hash depend on the letters' low bits alone.
    fn mixed(&self) -> u64 {
        let value = (self.value ^ (self.value >> 32)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        value ^ (value >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letters(text: &str) -> Vec<u16> {
        text.chars().map(|c| c as u16).collect()
    }

    #[test]
    fn one_chain_spans_differing_letters() {
        let text =
            letters("东风公社的麦田已经开镰收割了今年的收成比去年好得多另外一件事情东风公社的麦田己经开镰收剖了今年的收成比去年好得多");
        let chains = chains(&text);
        assert_eq!(chains.len(), 1);
        assert_eq!((chains[0].a(), chains[0].b()), (0..25, 31..56));
        // 经开镰收 between the two misreadings is shorter than a shingle.
        assert_eq!(chains[0].runs.len(), 2);
    }

    #[test]
    fn an_endless_repetition_costs_linear_time_and_leads_nowhere() {
        let text: Vec<u16> = letters("街道办事处提醒您注意防火防盗").repeat(100_000);
        let started = std::time::Instant::now();
        assert!(chains(&text).len() <= 8);
        assert!(started.elapsed().as_secs() < 10);
    }

    #[test]
    fn runs_of_one_letter_are_no_copies() {
        assert!(chains(&vec![0x4e00; 5000]).is_empty());
    }

    #[test]
    fn short_texts_have_no_chains() {
        for len in 0..12 {
            assert!(chains(&vec![1; len]).is_empty());
        }
    }
}

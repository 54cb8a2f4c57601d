use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};

/// Values rounded to a few.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Rounded {
    /// The few, sorted.
    pub(super) table: Vec<f32>,
    /// Which of them stands for each value.
    pub(super) entries: Vec<u8>,
}

/// Rounds surprises to at most `n` (1 to 256) values, so chosen that little is
/// lost when each is used as often as its weight says. A bit of the packed file
/// is worth `price` bits of that loss: with a price, values of little weight go
/// to entries that are frequent and so take few bits. Values are finite.
pub(super) fn round(values: &[f32], weights: &[f32], n: usize, price: f32) -> Rounded {
    let mut table = lloyd(values, weights, n);
    let mut entries: Vec<u8> = values.par_iter().map(|&value| nearest(&table, value) as u8).collect();
    if price > 0.0 {
        for _ in 0..ROUNDS {
            let bits = bits(&entries, table.len());
            entries = values.par_iter().zip(weights).map(|(&value, &weight)| cheapest(&table, &bits, value, weight / price)).collect();
            Rounded { table, entries } = centered(values, weights, &entries, &table);
        }
    }
    Rounded { table, entries }
}

/// Rounds of choosing entries and moving them to the middle of what they stand
/// for.
const ROUNDS: usize = 12;

/// Bits that an entry takes in the packed file, nearly.
fn bits(entries: &[u8], n: usize) -> Vec<f32> {
    let mut counts = vec![0_u32; n];
    for &entry in entries {
        counts[usize::from(entry)] += 1;
    }
    counts.into_iter().map(|count| (entries.len() as f32 / count.max(1) as f32).log2().max(1.0)).collect()
}

/// What is lost, in bits for each use, when a surprise is told as another: with
/// more probability than is due it takes from all others, with less from itself.
fn loss(value: f32, told: f32) -> f32 {
    let more = value - told;
    (more.exp2() - 1.0) * std::f32::consts::LOG2_E - more
}

/// The entry of least loss and bits together.
fn cheapest(table: &[f32], bits: &[f32], value: f32, weight: f32) -> u8 {
    let start = nearest(table, value);
    let error = |at: usize| weight * loss(value, table[at]);
    let mut best = (error(start) + bits[start], start);
    let mut look = |at: usize| {
        let error = error(at);
        if error + bits[at] < best.0 {
            best = (error + bits[at], at);
        }
        // Farther entries lose more.
        error < best.0
    };
    for at in start + 1..table.len() {
        if !look(at) {
            break;
        }
    }
    for at in (0..start).rev() {
        if !look(at) {
            break;
        }
    }
    best.1 as u8
}

/// The table with every entry in the middle of what it stands for, without
/// those that stand for nothing.
fn centered(values: &[f32], weights: &[f32], entries: &[u8], table: &[f32]) -> Rounded {
    let mut sums = vec![(0.0_f64, 0.0_f64); table.len()];
    for ((&value, &weight), &entry) in values.iter().zip(weights).zip(entries) {
        let sum = &mut sums[usize::from(entry)];
        sum.0 += f64::from(weight);
        sum.1 += f64::from(weight) * f64::from(value);
    }
    let mut used: Vec<(f32, u8)> =
        sums.iter().zip(0..=u8::MAX).filter(|(sum, _)| sum.0 > 0.0).map(|(sum, entry)| ((sum.1 / sum.0) as f32, entry)).collect();
    used.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut moved = vec![0; table.len()];
    for (&(_, old), new) in used.iter().zip(0..=u8::MAX) {
        moved[usize::from(old)] = new;
    }
    Rounded { table: used.iter().map(|used| used.0).collect(), entries: entries.iter().map(|&entry| moved[usize::from(entry)]).collect() }
}

/// Lloyd's method on a fine histogram.
fn lloyd(values: &[f32], weights: &[f32], n: usize) -> Vec<f32> {
    const BINS: usize = 1 << 14;
    let low = values.iter().copied().fold(f32::INFINITY, f32::min);
    let high = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut histogram = vec![(0.0_f64, 0.0_f64); BINS];
    let scale = (BINS - 1) as f32 / (high - low).max(f32::MIN_POSITIVE);
    for (&value, &weight) in values.iter().zip(weights) {
        let bin = &mut histogram[(((value - low) * scale) as usize).min(BINS - 1)];
        bin.0 += f64::from(weight);
        bin.1 += f64::from(weight) * f64::from(value);
    }
    histogram.retain(|bin| bin.0 > 0.0);
    let means: Vec<f64> = histogram.iter().map(|bin| bin.1 / bin.0).collect();
    let n = n.min(means.len());
    if n == 0 {
        return vec![0.0];
    }
    // The cube root of the density is where the best quantizer has its values.
    let density: Vec<f64> = histogram.iter().map(|bin| bin.0.cbrt()).collect();
    let total: f64 = density.iter().sum();
    let (mut centers, mut sum, mut next) = (Vec::with_capacity(n), 0.0, 0);
    for (mean, density) in means.iter().zip(&density) {
        sum += density;
        while next < n && sum > total * (next as f64 + 0.5) / n as f64 {
            centers.push(*mean);
            next += 1;
        }
    }
    for _ in 0..200 {
        let mut sums = vec![(0.0, 0.0); centers.len()];
        for (bin, &mean) in histogram.iter().zip(&means) {
            let sum: &mut (f64, f64) = &mut sums[nearest(&centers, mean)];
            sum.0 += bin.0;
            sum.1 += bin.1;
        }
        centers = sums.iter().filter(|sum| sum.0 > 0.0).map(|sum| sum.1 / sum.0).collect();
    }
    let mut centers: Vec<f32> = centers.into_iter().map(|center| center as f32).collect();
    centers.dedup();
    centers
}

/// The entry nearest to `value`, of a sorted table.
fn nearest<T: Copy + PartialOrd + std::ops::Sub<Output = T>>(table: &[T], value: T) -> usize {
    let above = table.partition_point(|&entry| entry < value);
    match above {
        0 => 0,
        _ if above == table.len() => above - 1,
        _ if value - table[above - 1] <= table[above] - value => above - 1,
        _ => above,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_values_stay_as_they_are() {
        let rounded = round(&[1.0, 5.0, 5.0, -2.0], &[1.0; 4], 8, 0.0);
        assert_eq!(rounded, Rounded { table: vec![-2.0, 1.0, 5.0], entries: vec![1, 2, 2, 0] });
        assert!(round(&[], &[], 8, 1.0).entries.is_empty());
        assert_eq!(round(&[0.0, 0.0], &[1.0; 2], 8, 0.0), Rounded { table: vec![0.0], entries: vec![0, 0] });
    }

    #[test]
    fn the_nearest_entry_is_taken() {
        let table = [1.0, 2.0, 5.0];
        assert_eq!([0.0, 1.4, 1.6, 3.4, 3.6, 9.0].map(|value| nearest(&table, value)), [0, 0, 1, 1, 2, 2]);
    }

    #[test]
    fn a_price_saves_bits_where_little_is_lost() {
        let values: Vec<f32> = (0..4000).map(|n| (n % 97) as f32 / 10.0).collect();
        let weights: Vec<f32> = (0..4000).map(|n| if n % 5 == 0 { 100.0 } else { 1.0 }).collect();
        let measure = |price: f32| {
            let rounded = round(&values, &weights, 48, price);
            let bits = bits(&rounded.entries, rounded.table.len());
            let n_bits: f32 = rounded.entries.iter().map(|&entry| bits[usize::from(entry)]).sum();
            let losses = values.iter().zip(&weights).zip(&rounded.entries);
            let lost: f32 = losses.map(|((&value, weight), &entry)| weight * loss(value, rounded.table[usize::from(entry)])).sum();
            (lost, n_bits)
        };
        let (free, priced) = (measure(0.0), measure(0.1));
        assert!(priced.0 + 0.1 * priced.1 < 0.9 * (free.0 + 0.1 * free.1), "{priced:?} {free:?}");
        assert!(priced.1 < free.1);
    }
}

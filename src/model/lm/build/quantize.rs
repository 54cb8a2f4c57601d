/// Values that stand for all others: at most `n`, sorted, so chosen that the
/// squared error is small, each value counting by its weight (Lloyd's method on
/// a fine histogram). Values are finite and not negative.
pub(super) fn learn(values: &[f32], weights: &[f32], n: usize) -> Vec<f32> {
    const BINS: usize = 1 << 14;
    let high = values.iter().copied().fold(0.0_f32, f32::max);
    let mut histogram = vec![(0.0_f64, 0.0_f64); BINS];
    let scale = (BINS - 1) as f32 / high.max(f32::MIN_POSITIVE);
    for (&value, &weight) in values.iter().zip(weights) {
        let bin = &mut histogram[((value * scale) as usize).min(BINS - 1)];
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

/// The value nearest to `value`, of values that are sorted.
pub(super) fn nearest<T: Copy + PartialOrd + std::ops::Sub<Output = T>>(centers: &[T], value: T) -> usize {
    let above = centers.partition_point(|&center| center < value);
    match above {
        0 => 0,
        _ if above == centers.len() => above - 1,
        _ if value - centers[above - 1] <= centers[above] - value => above - 1,
        _ => above,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_values_stay_as_they_are() {
        let centers = learn(&[1.0, 5.0, 5.0, 2.0], &[1.0; 4], 8);
        assert_eq!(centers, [1.0, 2.0, 5.0]);
        assert_eq!(learn(&[], &[], 8), [0.0]);
        assert_eq!(learn(&[0.0, 0.0], &[1.0; 2], 8), [0.0]);
    }

    #[test]
    fn the_nearest_value_is_taken() {
        let centers = [1.0, 2.0, 5.0];
        assert_eq!([0.0, 1.4, 1.6, 3.4, 3.6, 9.0].map(|value| nearest(&centers, value)), [0, 0, 1, 1, 2, 2]);
    }
}

//! The directions in which a cloud of points is widest (principal components),
//! by the power method; the same points give the same numbers.

use rayon::prelude::*;

/// Rounds of the power method. Directions past the first thirty are near each
/// other in width, and which of them come out matters little.
const N_ROUNDS: usize = 80;

/// Directions carried along beside those that are wanted, so that the wanted
/// ones settle sooner.
const N_SPARE: usize = 16;

/// Partial sums are made of so many products in `f32`, then added in `f64`.
const CHUNK: usize = 512;

/// A column of numbers for every feature: `columns[feature][point]`.
pub struct Cloud {
    columns: Vec<Vec<f32>>,
}

impl Cloud {
    /// Starts from nothing.
    pub fn new() -> Self {
        Self { columns: Vec::new() }
    }

    /// Adds a block of features, given point by point: moved to their mean and
    /// scaled so that the block as a whole has this weight (its mean squared
    /// length).
    pub fn add_block(&mut self, points: &[Vec<f32>], weight: f64) {
        let n_points = points.len() as f64;
        let width = points.first().map_or(0, Vec::len);
        let mut columns: Vec<Vec<f32>> = (0..width).map(|feature| points.iter().map(|point| point[feature]).collect()).collect();
        let mut squares = 0.0;
        for column in &mut columns {
            let mean = column.iter().map(|&value| f64::from(value)).sum::<f64>() / n_points;
            for value in column.iter_mut() {
                *value = (f64::from(*value) - mean) as f32;
            }
            squares += dot(column, column) / n_points;
        }
        let factor = (weight / squares.max(f64::MIN_POSITIVE)).sqrt() as f32;
        for value in columns.iter_mut().flatten() {
            *value *= factor;
        }
        self.columns.append(&mut columns);
    }

    /// The points in the `n` widest directions, widest first.
    pub fn project(&self, n: usize) -> Vec<Vec<f32>> {
        let directions = self.directions(n);
        let n_points = self.columns.first().map_or(0, Vec::len);
        let coordinate = |direction: &Vec<f64>| {
            let mut sums = vec![0.0_f64; n_points];
            for (column, weight) in self.columns.iter().zip(direction) {
                for (sum, value) in sums.iter_mut().zip(column) {
                    *sum += weight * f64::from(*value);
                }
            }
            sums
        };
        let coordinates: Vec<Vec<f64>> = directions.par_iter().map(coordinate).collect();
        (0..n_points).map(|point| coordinates.iter().map(|of_direction| of_direction[point] as f32).collect()).collect()
    }

    fn directions(&self, n: usize) -> Vec<Vec<f64>> {
        let width = self.columns.len();
        let scatter: Vec<Vec<f64>> =
            self.columns.par_iter().map(|one| self.columns.iter().map(|other| dot(one, other)).collect()).collect();
        let n_carried = (n + N_SPARE).min(width);
        // Any start will do that is not blind to a direction; this one is the
        // same every time.
        let mut directions: Vec<Vec<f64>> = (0..n_carried)
            .map(|row| (0..width).map(|at| (((row * 7919 + at * 104_729 + 1) % 10_007) as f64 / 10_007.0) - 0.5).collect())
            .collect();
        for _ in 0..N_ROUNDS {
            directions = directions.par_iter().map(|direction| scatter.iter().map(|row| product(row, direction)).collect()).collect();
            orthonormalize(&mut directions);
        }
        let mut by_width: Vec<(f64, Vec<f64>)> = directions
            .into_par_iter()
            .map(|direction| {
                let image: Vec<f64> = scatter.iter().map(|row| product(row, &direction)).collect();
                (product(&image, &direction), direction)
            })
            .collect();
        by_width.sort_by(|a, b| b.0.total_cmp(&a.0));
        by_width.truncate(n);
        by_width.into_iter().map(|(_, direction)| upright(direction)).collect()
    }
}

fn dot(a: &[f32], b: &[f32]) -> f64 {
    a.chunks(CHUNK).zip(b.chunks(CHUNK)).map(|(a, b)| f64::from(a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>())).sum()
}

fn product(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Makes the directions perpendicular and of length one, each by those before
/// it (Gram–Schmidt).
fn orthonormalize(directions: &mut [Vec<f64>]) {
    for at in 0..directions.len() {
        let (before, rest) = directions.split_at_mut(at);
        let direction = &mut rest[0];
        for other in before.iter() {
            let shared = product(direction, other);
            for (value, of_other) in direction.iter_mut().zip(other) {
                *value -= shared * of_other;
            }
        }
        let length = product(direction, direction).sqrt().max(f64::MIN_POSITIVE);
        for value in direction.iter_mut() {
            *value /= length;
        }
    }
}

/// Of the two signs of a direction the one whose greatest part is positive.
fn upright(mut direction: Vec<f64>) -> Vec<f64> {
    let greatest = direction.iter().copied().max_by(|a, b| a.abs().total_cmp(&b.abs())).unwrap_or_default();
    if greatest < 0.0 {
        for value in &mut direction {
            *value = -*value;
        }
    }
    direction
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_widest_directions_come_first() {
        // Points on a plane, tilted by 3–4–5, four times as wide one way.
        let points: Vec<Vec<f32>> = (0..200)
            .map(|at| {
                let (a, b) = ((f32::from((at % 20) as u8) - 9.5) * 4.0, f32::from((at / 20) as u8) - 4.5);
                vec![0.6 * a - 0.8 * b, 0.8 * a + 0.6 * b, 0.0]
            })
            .collect();
        let mut cloud = Cloud::new();
        cloud.add_block(&points, 1.0);
        let projected = cloud.project(2);
        let width = |at: usize| projected.iter().map(|point| f64::from(point[at]).powi(2)).sum::<f64>() / 200.0;
        let (a, b) = (33.25 * 16.0, 8.25);
        assert!((width(0) - a / (a + b)).abs() < 1e-4 && (width(1) - b / (a + b)).abs() < 1e-4, "{} {}", width(0), width(1));
    }
}

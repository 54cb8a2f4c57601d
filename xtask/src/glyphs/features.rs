//! Numbers that tell how a picture looks: its gray values, blurred, and the
//! directions of its edges.

use super::raster::{Picture, SIDE};

/// Directions that edges are sorted into, over half a turn.
const N_DIRECTIONS: usize = 8;

/// Square-wise samples of a picture, each the average under a bell.
struct Sampler {
    /// Samples of a row; each a weight for every pixel.
    weights: Vec<[f32; SIDE]>,
}

impl Sampler {
    /// One sample every `pitch` pixels, bells of deviation `sigma` pixels.
    /// Their weights sum to one, those outside of the picture included: outside
    /// is paper.
    fn new(pitch: usize, sigma: f32) -> Self {
        let bell = |distance: f32| (-0.5 * (distance / sigma).powi(2)).exp();
        let total: f32 = (-200..=200).map(|step: i16| bell(f32::from(step))).sum();
        let weights = (0..SIDE / pitch).map(|sample| {
            let center = (sample * pitch) as f32 + (pitch as f32 - 1.0) / 2.0;
            std::array::from_fn(|pixel| bell(pixel as f32 - center) / total)
        });
        Self { weights: weights.collect() }
    }

    /// The samples of a picture, row by row.
    fn sample(&self, picture: &[f32], out: &mut Vec<f32>) {
        // Rows first: a sample row is a weighted sum of pixel rows.
        for row_weights in &self.weights {
            let mut row = [0.0_f32; SIDE];
            for (y, &weight) in row_weights.iter().enumerate().filter(|(_, weight)| **weight > 1e-6) {
                for (sum, pixel) in row.iter_mut().zip(&picture[y * SIDE..][..SIDE]) {
                    *sum += weight * pixel;
                }
            }
            out.extend(self.weights.iter().map(|weights| weights.iter().zip(&row).map(|(weight, pixel)| weight * pixel).sum::<f32>()));
        }
    }
}

/// What is measured of a picture.
pub struct Features {
    gray: Sampler,
    edges: Sampler,
    blur: Vec<f32>,
}

impl Features {
    pub fn new() -> Self {
        Self { gray: Sampler::new(3, 2.0), edges: Sampler::new(6, 3.0), blur: bell(1.0) }
    }

    /// Gray values: 16 × 16 samples.
    pub fn gray(&self, picture: &Picture) -> Vec<f32> {
        let mut out = Vec::new();
        self.gray.sample(picture, &mut out);
        out
    }

    /// Edges: for each direction 8 × 8 samples of their strength, as roots, so
    /// that bold and light strokes count alike.
    pub fn edges(&self, picture: &Picture) -> Vec<f32> {
        let smooth = blurred(picture, &self.blur);
        let mut planes = vec![vec![0.0_f32; SIDE * SIDE]; N_DIRECTIONS];
        for y in 0..SIDE {
            for x in 0..SIDE {
                let (dx, dy) = gradient(&smooth, x, y);
                let strength = dx.hypot(dy);
                if strength > 1e-6 {
                    let turn = (dy.atan2(dx) / std::f32::consts::PI).rem_euclid(1.0) * N_DIRECTIONS as f32;
                    let (direction, part) = (turn as usize % N_DIRECTIONS, turn.fract());
                    planes[direction][y * SIDE + x] += strength * (1.0 - part);
                    planes[(direction + 1) % N_DIRECTIONS][y * SIDE + x] += strength * part;
                }
            }
        }
        let mut out = Vec::new();
        for plane in &planes {
            self.edges.sample(plane, &mut out);
        }
        for value in &mut out {
            *value = value.max(0.0).sqrt();
        }
        out
    }
}

/// Weights of a bell from its center on.
fn bell(sigma: f32) -> Vec<f32> {
    let half: Vec<f32> = (0..=(3.5 * sigma).ceil() as i16).map(|step: i16| (-0.5 * (f32::from(step) / sigma).powi(2)).exp()).collect();
    let total = half[0] + 2.0 * half[1..].iter().sum::<f32>();
    half.iter().map(|weight| weight / total).collect()
}

fn blurred(picture: &[f32], bell: &[f32]) -> Picture {
    let pass = |from: &[f32], step_x: usize, step_y: usize| {
        let mut to = vec![0.0; SIDE * SIDE];
        for y in 0..SIDE {
            for x in 0..SIDE {
                let at = |back: bool, steps: usize| {
                    let (dx, dy) = (steps * step_x, steps * step_y);
                    let place = if back { x.checked_sub(dx).zip(y.checked_sub(dy)) } else { Some((x + dx, y + dy)) };
                    place.filter(|&(x, y)| x < SIDE && y < SIDE).map_or(0.0, |(x, y)| from[y * SIDE + x])
                };
                let sides = bell.iter().enumerate().skip(1).map(|(steps, weight)| weight * (at(true, steps) + at(false, steps)));
                to[y * SIDE + x] = bell[0] * from[y * SIDE + x] + sides.sum::<f32>();
            }
        }
        to
    };
    pass(&pass(picture, 1, 0), 0, 1)
}

/// Sobel's gradient; outside is paper.
fn gradient(picture: &[f32], x: usize, y: usize) -> (f32, f32) {
    let at = |dx: isize, dy: isize| {
        let place = x.checked_add_signed(dx).zip(y.checked_add_signed(dy));
        place.filter(|&(x, y)| x < SIDE && y < SIDE).map_or(0.0, |(x, y)| picture[y * SIDE + x])
    };
    let dx = at(1, -1) + 2.0 * at(1, 0) + at(1, 1) - at(-1, -1) - 2.0 * at(-1, 0) - at(-1, 1);
    let dy = at(-1, 1) + 2.0 * at(0, 1) + at(1, 1) - at(-1, -1) - 2.0 * at(0, -1) - at(1, -1);
    (dx / 8.0, dy / 8.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A stroke 4 pixels wide through the middle, across or down.
    fn stroke(down: bool) -> Picture {
        let mut picture = vec![0.0; SIDE * SIDE];
        for along in 8..40 {
            for across in 22..26 {
                let (x, y) = if down { (across, along) } else { (along, across) };
                picture[y * SIDE + x] = 1.0;
            }
        }
        picture
    }

    #[test]
    fn gray_values_keep_the_ink() {
        let samples = Features::new().gray(&stroke(true));
        assert_eq!(samples.len(), 256);
        // A sample stands for nine pixels.
        let ink = samples.iter().sum::<f32>() * 9.0;
        assert!((ink - 128.0).abs() < 3.0, "{ink}");
    }

    #[test]
    fn edges_tell_across_from_down() {
        let features = Features::new();
        let strength = |picture: &Picture, direction: usize| features.edges(picture)[direction * 64..][..64].iter().sum::<f32>();
        let (across, down) = (stroke(false), stroke(true));
        // Direction 0 is a change from left to right, as beside a stroke down.
        assert!(strength(&down, 0) > 3.0 * strength(&across, 0));
        assert!(strength(&across, 4) > 3.0 * strength(&down, 4));
        assert_eq!(features.edges(&vec![0.0; SIDE * SIDE]), vec![0.0; 512]);
    }
}

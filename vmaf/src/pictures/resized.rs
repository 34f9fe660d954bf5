//! Planes at a smaller size.
//!
//! Each sample of the smaller plane is a mean of those around its place, weighted by a triangle
//! that reaches the next place on either side: no sample is ignored, and the result is as sharp as
//! its size allows.

use vmaf_core::{Plane, Sample};

/// The samples that are averaged for a place: the first, and the weight of each.
struct FilterWindow {
    first: usize,
    weights: Vec<f32>,
}

impl FilterWindow {
    /// Returns the span of each of `to` places along `from` samples.
    fn all(from: usize, to: usize) -> Vec<Self> {
        let step = from as f32 / to as f32;
        // If samples are farther apart than places, values are interpolated linearly.
        let reach = step.max(1.0);
        let window = |place: usize| {
            let centre = (place as f32 + 0.5) * step;
            let first = ((centre - reach).floor().max(0.0) as usize).min(from - 1);
            let end = ((centre + reach).ceil() as usize).clamp(first + 1, from);
            let weight = |sample: usize| {
                let distance = (sample as f32 + 0.5 - centre).abs();
                (1.0 - distance / reach).max(0.0)
            };
            let mut weights: Vec<f32> = (first..end).map(weight).collect();
            let total: f32 = weights.iter().sum();
            weights.iter_mut().for_each(|weight| *weight /= total);
            Self { first, weights }
        };
        (0..to).map(window).collect()
    }
}

/// The samples of `plane` at `width` by `height`, row by row.
pub(super) fn resized<T: Sample>(plane: &Plane<T>, (width, height): (usize, usize)) -> Vec<f32> {
    let columns = FilterWindow::all(plane.width(), width);
    let mut down = vec![0.0; plane.width()];
    let mut samples = Vec::with_capacity(width * height);
    for rows in FilterWindow::all(plane.height(), height) {
        down.fill(0.0);
        for (y, weight) in (rows.first..).zip(&rows.weights) {
            for (sum, sample) in down.iter_mut().zip(plane.row(y)) {
                *sum += weight * super::to_f32(*sample);
            }
        }
        samples.extend(columns.iter().map(|columns| {
            let along = columns.weights.iter().zip(&down[columns.first..]);
            along.map(|(weight, value)| weight * value).sum::<f32>()
        }));
    }
    samples
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reduced_values_are_local_means() {
        // Two columns of every 8 are 80 greater than the others: all places cover the same number.
        let samples = (0..64 * 8).map(|i| if i % 8 < 2 { 180_u8 } else { 100 }).collect();
        let plane = Plane::from_vec(samples, 64, 8).expect("a plane");
        let small = resized(&plane, (8, 2));
        assert_eq!(small.len(), 16);
        for row in small.chunks(8) {
            for value in &row[1..7] {
                assert!((value - 120.0).abs() < 0.01, "{small:?}");
            }
        }
    }

    #[test]
    fn enlarging_does_not_shift_slopes() {
        let samples = (0..100).map(|i| i * 600).collect::<Vec<u16>>();
        let plane = Plane::from_vec(samples, 100, 1).expect("a plane");
        // Larger, the same, and smaller.
        for width in [200, 100, 25, 13] {
            let places = resized(&plane, (width, 1));
            for (place, value) in places.iter().enumerate().skip(width / 10).take(width * 8 / 10) {
                let centre = (place as f32 + 0.5) * 100.0 / width as f32 - 0.5;
                // Within 0.015 samples: windows of few samples are a little uneven.
                assert!((value - centre * 600.0).abs() < 9.0, "{width}: {place} {value}");
            }
        }
    }
}

//! The definition of VIF at each scale, in floating point.

#![cfg(test)]

use super::log2::log2;
use crate::numeric::{FloatRows, powf, reflect};

/// A picture as rows of numbers.
pub(super) type Grid = Vec<Vec<f32>>;

/// A picture's rows.
pub(super) fn grid(picture: &impl FloatRows) -> Grid {
    let row = |y: usize| {
        let mut row = vec![0.0; picture.width()];
        picture.read(y, &mut row);
        row
    };
    (0..picture.height()).map(row).collect()
}

/// Filtered with a window, vertically and then horizontally, mirrored at the borders.
fn filtered(window: &[f32], picture: &Grid) -> Grid {
    let (width, height) = (picture[0].len(), picture.len());
    let sum = |place: usize, len: usize, at: &dyn Fn(usize) -> f32| {
        window.iter().enumerate().fold(0.0_f32, |sum, (k, tap)| {
            let place = place as isize + k as isize - window.len() as isize / 2;
            sum + tap * at(reflect(place, len))
        })
    };
    let column = |x: usize, y: usize| sum(y, height, &|y| picture[y][x]);
    let vertical: Grid = (0..height).map(|y| (0..width).map(|x| column(x, y)).collect()).collect();
    let across = |x: usize, y: usize| sum(x, width, &|x| vertical[y][x]);
    (0..height).map(|y| (0..width).map(|x| across(x, y)).collect()).collect()
}

fn product(a: &Grid, b: &Grid) -> Grid {
    let row = |(a, b): (&Vec<f32>, &Vec<f32>)| a.iter().zip(b).map(|(a, b)| a * b).collect();
    a.iter().zip(b).map(row).collect()
}

/// A pixel's contribution to numerator and denominator, from variances and covariance.
fn information(
    (var_r, var_d, cov): (f32, f32, f32),
    gain_limit: f32,
    observer_noise: f64,
) -> (f32, f32) {
    const EPSILON: f32 = 1e-10;
    let mut var_r = if var_r > 0.0 { var_r } else { 0.0 };
    let var_d = if var_d > 0.0 { var_d } else { 0.0 };
    let mut gain = cov / (var_r + EPSILON);
    let mut noise = var_d - gain * cov;
    if var_r < EPSILON {
        (gain, noise, var_r) = (0.0, var_d, 0.0);
    }
    if var_d < EPSILON {
        (gain, noise) = (0.0, 0.0);
    }
    if gain < 0.0 {
        (gain, noise) = (0.0, var_d);
    }
    let noise = if noise > EPSILON { noise } else { EPSILON };
    let gain = if gain < gain_limit { gain } else { gain_limit };
    if f64::from(var_r) < observer_noise {
        // The noise's variance squared, in proportion to a sample's range.
        let loss = (f64::from(powf(observer_noise as f32, 2.0)) / (255.0 * 255.0)) as f32;
        return (1.0 - var_d * loss, 1.0);
    }
    let signal = gain * gain * var_r;
    let num = log2((1.0 + f64::from(signal) / (f64::from(noise) + observer_noise)) as f32);
    let den = log2((1.0 + f64::from(var_r) / observer_noise) as f32);
    (if cov < 0.0 { 0.0 } else { num }, den)
}

/// Numerator and denominator of one scale.
pub(super) fn sums(
    window: &[f32],
    reference: &Grid,
    distorted: &Grid,
    gain_limit: f32,
    observer_noise: f64,
) -> (f32, f32) {
    let mean_r = filtered(window, reference);
    let mean_d = filtered(window, distorted);
    let square_r = filtered(window, &product(reference, reference));
    let square_d = filtered(window, &product(distorted, distorted));
    let cross = filtered(window, &product(reference, distorted));
    let mut sums = (0.0, 0.0);
    for y in 0..reference.len() {
        // A row is summed on its own.
        let mut row = (0.0, 0.0);
        for x in 0..reference[0].len() {
            let (r, d) = (mean_r[y][x], mean_d[y][x]);
            let moments = (square_r[y][x] - r * r, square_d[y][x] - d * d, cross[y][x] - r * d);
            let (num, den) = information(moments, gain_limit, observer_noise);
            row = (row.0 + num, row.1 + den);
        }
        sums = (sums.0 + row.0, sums.1 + row.1);
    }
    sums
}

/// The next scale's picture: filtered with the next scale's window, every other pixel kept.
pub(super) fn downscaled(window: &[f32], picture: &Grid) -> Grid {
    let (width, height) = (picture[0].len() / 2, picture.len() / 2);
    let filtered = filtered(window, picture);
    (0..height).map(|y| (0..width).map(|x| filtered[2 * y][2 * x]).collect()).collect()
}

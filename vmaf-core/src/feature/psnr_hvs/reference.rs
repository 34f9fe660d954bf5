//! The definition of the masked error of a plane.

#![cfg(test)]

use super::csf::Weights;
use crate::{Plane, Sample};

/// The sum over all blocks and frequencies of the squared, weighted error that is not masked.
///
/// Every step, the order of the sum included, is in single precision.
pub(super) fn error<T: Sample>(
    reference: &Plane<T>,
    distorted: &Plane<T>,
    weights: &Weights,
) -> f32 {
    let mut sum = 0.0;
    for y in (0..reference.height().saturating_sub(7)).step_by(7) {
        for x in (0..reference.width().saturating_sub(7)).step_by(7) {
            let (r, d) = (block(reference, x, y), block(distorted, x, y));
            let (mask_r, mask_d) = (masking(&r, weights), masking(&d, weights));
            let mask = if mask_d > mask_r { mask_d } else { mask_r };
            for (k, (r, d)) in dct_8x8(&r).into_iter().zip(dct_8x8(&d)).enumerate() {
                let error = (r - d).abs() as f32;
                let masked = if k == 0 { 0.0 } else { mask / weights.mask[k] };
                let error = if error < masked { 0.0 } else { error - masked };
                sum += (error * weights.error[k]) * (error * weights.error[k]);
            }
        }
    }
    sum
}

fn block<T: Sample>(plane: &Plane<T>, x: usize, y: usize) -> [i64; 64] {
    std::array::from_fn(|k| {
        let sample: u32 = plane.row(y + k / 8)[x + k % 8].into();
        i64::from(sample)
    })
}

/// The masking strength of a block: the energy of its frequencies, reduced if its contrast lies
/// between its quarters, as at an edge, rather than within them.
fn masking(block: &[i64; 64], weights: &Weights) -> f32 {
    let quarter_of = |k: usize| k / 32 + 2 * (k % 8 / 4);
    let quarters = [0, 1, 2, 3].map(|quarter| {
        let inside = (0..64).filter(|k| quarter_of(*k) == quarter);
        variance(inside.map(|k| block[k]).collect()) * (1.0 / 15.0 * 16.0)
    });
    let whole = variance(block.to_vec()) * (1.0 / 63.0 * 64.0);
    let within = quarters[0] + quarters[1] + quarters[2] + quarters[3];
    let texture = if whole > 0.0 { within / whole } else { 0.0 };
    let mut energy = 0.0;
    for (k, coefficient) in dct_8x8(block).into_iter().enumerate().skip(1) {
        energy += (coefficient * coefficient) as f32 * weights.mask[k];
    }
    (energy * texture).sqrt() / 32.0
}

/// The sum of squared differences from the mean.
fn variance(samples: Vec<i64>) -> f32 {
    let mean = samples.iter().sum::<i64>() as f32 / samples.len() as f32;
    let mut sum = 0.0;
    for sample in samples {
        sum += (sample as f32 - mean) * (sample as f32 - mean);
    }
    sum
}

/// The block's frequencies, row by row: vertical ones down, horizontal ones across.
fn dct_8x8(block: &[i64; 64]) -> [i64; 64] {
    let transposed = columns_transformed(block);
    columns_transformed(&transposed)
}

/// The frequencies of each column, as a row.
fn columns_transformed(block: &[i64; 64]) -> [i64; 64] {
    let mut rows = [0; 64];
    for column in 0..8 {
        let samples = std::array::from_fn(|k| block[8 * k + column]);
        rows[8 * column..][..8].copy_from_slice(&dct_8(samples));
    }
    rows
}

/// A number times a fraction of a power of two, rounded.
fn times(value: i64, numerator: i64, shift: u32) -> i64 {
    (value * numerator + (1 << (shift - 1))) >> shift
}

/// The discrete cosine transform of 8 samples, by lifting: each step changes one number by a
/// rounded multiple of others, so that all stay whole. Halves are rounded towards 0.
pub(super) fn dct_8(x: [i64; 8]) -> [i64; 8] {
    // Sums and differences of samples that mirror each other.
    let d07 = x[0] - x[7];
    let s07 = x[0] - d07 / 2;
    let s16 = x[1] + x[6];
    let d16 = x[6] - s16 / 2;
    let d25 = x[2] - x[5];
    let s25 = x[2] - d25 / 2;
    let s34 = x[3] + x[4];
    let d34 = s34 / 2 - x[4];

    // The even frequencies are a transform of 4 of the sums.
    let mut y0 = s07 + s34 / 2;
    let mut y6 = y0 - s34;
    let mut y2 = s16 / 2 - s25;
    let mut y4 = y2 - s16;
    y0 -= times(y4, 13573, 15);
    y4 += times(y0, 11585, 14);
    y0 -= times(y4, 13573, 15);
    y6 -= times(y2, 21895, 15);
    y2 += times(y6, 15137, 14);
    y6 -= times(y2, 21895, 15);

    // The odd ones a sine transform of the differences.
    let (mut y5, mut y3) = (d16, d25);
    y3 += times(y5, 19195, 15);
    y5 += times(y3, 11585, 14);
    y3 -= times(y5, 7489, 13);
    let mut y7 = y5 / 2 - d34;
    y5 -= y7;
    y3 = d07 / 2 - y3;
    let mut y1 = d07 - y3;
    y7 += times(y1, 3227, 15);
    y1 -= times(y7, 6393, 15);
    y7 += times(y1, 3227, 15);
    y5 += times(y3, 2485, 13);
    y3 -= times(y5, 18205, 15);
    y5 += times(y3, 2485, 13);
    [y0, y1, y2, y3, y4, y5, y6, y7]
}

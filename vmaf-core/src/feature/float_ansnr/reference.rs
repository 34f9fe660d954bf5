//! The definition of the energies of signal and noise.

#![cfg(test)]

use super::kernel::Energy;
use crate::{Plane, Sample};

/// A binomial of 3 by 3 taps.
const REFERENCE: [[f32; 3]; 3] = {
    let [corner, edge, middle] = [1.0 / 16.0, 2.0 / 16.0, 4.0 / 16.0];
    [[corner, edge, corner], [edge, middle, edge], [corner, edge, corner]]
};

/// A wider filter, of 5 by 5 taps that sum to 571.
const DISTORTED: [[f32; 5]; 5] = {
    const fn taps(of_571: [f64; 5]) -> [f32; 5] {
        let [a, b, c, d, e] = of_571;
        let one = 571.0;
        [(a / one) as f32, (b / one) as f32, (c / one) as f32, (d / one) as f32, (e / one) as f32]
    }
    let [outer, inner] = [taps([2.0, 7.0, 12.0, 7.0, 2.0]), taps([7.0, 31.0, 52.0, 31.0, 7.0])];
    [outer, inner, taps([12.0, 52.0, 127.0, 52.0, 12.0]), inner, outer]
};

/// The energies of a pair of planes: the filtered reference, and its difference from the filtered
/// distorted picture. Rows are summed on their own, left to right, in 32-bit floats.
pub(super) fn energy<T: Sample>(reference: &Plane<T>, distorted: &Plane<T>, depth: u8) -> Energy {
    let mut energy = Energy::default();
    for y in 0..reference.height() {
        let mut row = Energy::default();
        for x in 0..reference.width() {
            let signal = filtered(reference, &REFERENCE, x, y, depth);
            let noise = signal - filtered(distorted, &DISTORTED, x, y, depth);
            row.signal += signal * signal;
            row.noise += noise * noise;
        }
        energy.signal += row.signal;
        energy.noise += row.noise;
    }
    energy
}

/// A filtered sample: the sum of the sums of the filter's rows.
fn filtered<T: Sample, const N: usize>(
    plane: &Plane<T>,
    filter: &[[f32; N]; N],
    x: usize,
    y: usize,
    depth: u8,
) -> f32 {
    let mut sum = 0.0;
    for (i, taps) in filter.iter().enumerate() {
        let row = plane.row(mirrored((y + i) as isize - (N / 2) as isize, plane.height()));
        let mut partial = 0.0;
        for (j, tap) in taps.iter().enumerate() {
            let x = mirrored((x + j) as isize - (N / 2) as isize, plane.width());
            let sample: i32 = row[x].into();
            // To 8 bits, around 0.
            let value = sample as f32 / (1_u32 << (depth - 8)) as f32 - 128.0;
            partial += tap * value;
        }
        sum += partial;
    }
    sum
}

/// Index `i` mirrored at the borders of `0..len`, the last sample repeated but not the first: `-1`
/// is `1`, `len` is `len - 1`.
fn mirrored(i: isize, len: usize) -> usize {
    let i = i.unsigned_abs();
    if i < len { i } else { 2 * len - i - 1 }
}

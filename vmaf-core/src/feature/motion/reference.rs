//! The definition of a frame's change.

#![cfg(test)]

use crate::numeric::{reflect, rounding};
use crate::{Plane, Sample};

/// A Gaussian of 5 taps that sum to 2^16.
const FILTER: [i64; 5] = [3571, 16004, 26386, 16004, 3571];

/// The sum over the picture of the absolute, blurred difference of two planes, in 1/256 of a step
/// of an 8-bit sample.
///
/// The difference is filtered vertically, rounded to 8 fractional bits of an 8-bit sample, filtered
/// horizontally and rounded back. Both filters mirror the picture at its borders.
pub(super) fn sad<T: Sample>(previous: &Plane<T>, current: &Plane<T>, bit_depth: u8) -> u64 {
    let (width, height) = (current.width(), current.height());
    let shift = u32::from(bit_depth);
    let difference = |x: usize, y: usize| {
        let (a, b): (i32, i32) = (previous.row(y)[x].into(), current.row(y)[x].into());
        i64::from(a - b)
    };
    let vertical = |x: usize, y: usize| {
        let tap = |k: usize| FILTER[k] * difference(x, reflect((y + k) as isize - 2, height));
        ((0..5).map(tap).sum::<i64>() + rounding(shift)) >> shift
    };
    let blurred = |x: usize, y: usize| {
        let tap = |k: usize| FILTER[k] * vertical(reflect((x + k) as isize - 2, width), y);
        ((0..5).map(tap).sum::<i64>() + rounding(16)) >> 16
    };
    (0..height)
        .flat_map(|y| (0..width).map(move |x| (x, y)))
        .map(|(x, y)| blurred(x, y).unsigned_abs())
        .sum()
}

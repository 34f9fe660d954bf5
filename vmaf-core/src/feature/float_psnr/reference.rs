//! The definition of the error that the floating-point PSNR is computed from.

#![cfg(test)]

use crate::{Plane, Sample};

/// The sum over the plane of the squared differences of samples, each rounded to a 32-bit float.
///
/// libvmaf sums in 64-bit floats. Each square is a whole number of squared steps of a sample, so
/// that sum is exact too while it is below 2^53, which 2^21 pixels of 16 bits can't pass. Of larger
/// pictures that are nothing but extremes it is rounded, in the sixteenth digit.
pub(super) fn squared_error<T: Sample>(a: &Plane<T>, b: &Plane<T>) -> u64 {
    let rows = a.rows().zip(b.rows());
    let samples = rows.flat_map(|(a, b)| a.iter().copied().zip(b.iter().copied()));
    let squares = samples.map(|(a, b)| {
        let (a, b): (i32, i32) = (a.into(), b.into());
        let difference = a as f32 - b as f32;
        (difference * difference) as u64
    });
    squares.sum()
}

//! The definition of the error that PSNR is computed from.

#![cfg(test)]

use crate::{Plane, Sample};

/// The sum over the plane of the squared differences of samples.
pub(super) fn squared_error<T: Sample>(a: &Plane<T>, b: &Plane<T>) -> u64 {
    let rows = a.rows().zip(b.rows());
    let samples = rows.flat_map(|(a, b)| a.iter().copied().zip(b.iter().copied()));
    let squares = samples.map(|(a, b)| {
        let (a, b): (i32, i32) = (a.into(), b.into());
        i64::from(a - b).pow(2) as u64
    });
    squares.sum()
}

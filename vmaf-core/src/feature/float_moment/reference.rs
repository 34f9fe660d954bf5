//! The definition of the sums that the moments are computed from.

#![cfg(test)]

use super::kernel::Moments;
use crate::{Plane, Sample};

/// The sums over the plane of samples and of their squares, each rounded to a 32-bit float.
///
/// libvmaf sums in 64-bit floats. Each term is a whole number of steps, or squared steps, of a
/// sample, so that its sums are exact too while they are below 2^53, which 2^21 pixels of 16 bits
/// can't exceed. For larger pictures that are all white they are rounded, in the sixteenth digit.
pub(super) fn moments<T: Sample>(plane: &Plane<T>) -> Moments {
    let mut moments = Moments { sum: 0, squares: 0 };
    for sample in plane.rows().flatten() {
        let sample: i32 = (*sample).into();
        let value = sample as f32;
        moments.sum += value as u64;
        moments.squares += (value * value) as u64;
    }
    moments
}

//! The definition of the next scale's picture.

#![cfg(test)]

use super::LOW_PASS;
use crate::feature::float_ssim::Definition;

/// The picture under the low-pass filter, at every second column and row.
pub(super) fn halved(picture: &Definition) -> Definition {
    Definition::from_fn(picture.width.div_ceil(2), picture.height.div_ceil(2), |x, y| {
        let mut sum = 0.0_f64;
        for v in -4..=4_isize {
            for u in -4..=4_isize {
                let pixel = picture.around(2 * x as isize + u, 2 * y as isize + v);
                sum += f64::from(pixel * LOW_PASS[v.unsigned_abs()][u.unsigned_abs()]);
            }
        }
        sum as f32
    })
}

//! The contribution of a row's pixels to the sums, from variances and covariances.
//!
//! Loops without branches, so that they vectorise: single and double precision alternate as in
//! libvmaf, whose noise variance is a double.

use super::super::log2::log2;
use crate::numeric::powf;

/// Variances below this count as none.
const EPSILON: f32 = 1e-10;

/// The contribution of each pixel to the denominator.
#[inline(always)]
pub(super) fn denominator(var_r: &[f32], noise: f64, added: &mut [f32]) {
    for (added, &var_r) in added.iter_mut().zip(var_r) {
        let var_r = if var_r < EPSILON { 0.0 } else { var_r };
        let flat = f64::from(var_r) < noise;
        let information = log2((1.0 + f64::from(var_r) / noise) as f32);
        *added = if flat { 1.0 } else { information };
    }
}

/// The contribution of each pixel to the numerator, from the variances of both pictures and their
/// covariance.
#[inline(always)]
pub(super) fn numerator(
    (var_r, var_d, cov): (&[f32], &[f32], &[f32]),
    gain_limit: f32,
    noise: f64,
    added: &mut [f32],
) {
    // The noise's variance squared, in proportion to a sample's range.
    let loss = (f64::from(powf(noise as f32, 2.0)) / (255.0 * 255.0)) as f32;
    let len = added.len();
    let (var_r, var_d, cov) = (&var_r[..len], &var_d[..len], &cov[..len]);
    for x in 0..len {
        let (r, d, cov) = (var_r[x], var_d[x], cov[x]);
        let gain = cov / (r + EPSILON);
        let residual = d - gain * cov;
        let flat_r = r < EPSILON;
        let (gain, residual) = if flat_r { (0.0, d) } else { (gain, residual) };
        let r_or_0 = if flat_r { 0.0 } else { r };
        let (gain, residual) = if d < EPSILON { (0.0, 0.0) } else { (gain, residual) };
        let (gain, residual) = if gain < 0.0 { (0.0, d) } else { (gain, residual) };
        let residual = if residual > EPSILON { residual } else { EPSILON };
        let gain = if gain < gain_limit { gain } else { gain_limit };
        let signal = f64::from(gain * gain * r_or_0);
        let information = log2((1.0 + signal / (f64::from(residual) + noise)) as f32);
        let information = if cov < 0.0 { 0.0 } else { information };
        let flat = f64::from(r_or_0) < noise;
        added[x] = if flat { 1.0 - d * loss } else { information };
    }
}

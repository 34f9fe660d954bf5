//! Masking: what is busy hides differences.

use fearless_simd::prelude::*;

use super::super::score::MapSums;
use super::super::{
    ACTIVITY_BIAS, ACTIVITY_FACTOR, ACTIVITY_SHARES, ACTIVITY_SQUARES, EROSION_SHARES,
    EROSION_STEP, LOW_MASKING, MASKING, Masking, VISIBILITY,
};
use super::rows::{LANES, PAD, Ring};

/// Writes the activity of a row of high frequencies in X and Y.
#[inline(always)]
pub(super) fn activity(high: &[Vec<f32>; 2], ultra: &[Vec<f32>; 2], out: &mut [f32]) {
    let n = out.len();
    let [high_x, high_y] = high.each_ref().map(|row| &row[..n]);
    let [ultra_x, ultra_y] = ultra.each_ref().map(|row| &row[..n]);
    let [share_x, share_y] = ACTIVITY_SHARES.map(|share| share as f32);
    let bias = (ACTIVITY_FACTOR * ACTIVITY_BIAS) as f32;
    let root = bias.sqrt();
    for i in 0..n {
        let x = (ultra_x[i] + high_x[i]) * share_x;
        let y = (ultra_y[i] + high_y[i]) * share_y;
        let strength = (x * x + y * y).sqrt();
        out[i] = (ACTIVITY_FACTOR as f32 * strength + bias).sqrt() - root;
    }
}

/// Adds the weighted squares of differences in activity.
#[inline(always)]
pub(super) fn add_differences(a: &[f32], b: &[f32], out: &mut [f32]) {
    super::lines::add_squares(a, b, ACTIVITY_SQUARES as f32, out);
}

/// Writes the weighted means of the three least values around each pixel of row `y`, as many as a
/// multiple of [`LANES`]. Places outside the picture are infinite, and so is `outside`.
#[inline(always)]
pub(super) fn erode<S: Simd>(
    simd: S,
    ring: &Ring,
    (y, height): (usize, usize),
    outside: &[f32],
    out: &mut [f32],
) {
    let (len, lanes) = (out.len(), S::f32s::LEN);
    let above = y.checked_sub(EROSION_STEP).map_or(outside, |y| ring.padded(y));
    let below = if y + EROSION_STEP < height { ring.padded(y + EROSION_STEP) } else { outside };
    let rows = [above, ring.padded(y), below];
    let near = rows
        .map(|row| [PAD - EROSION_STEP, PAD, PAD + EROSION_STEP].map(|start| &row[start..][..len]));
    let [[a, b, c], [d, own, e], [f, g, h]] = near;
    let [first, second, third] = EROSION_SHARES.map(|share| share as f32);
    for x in (0..len).step_by(lanes) {
        let mut low = S::f32s::from_slice(simd, &own[x..x + lanes]);
        let mut middle = low * 2.0;
        let mut high = middle;
        for row in [a, b, c, d, e, f, g, h] {
            let value = S::f32s::from_slice(simd, &row[x..x + lanes]);
            let rest = low.max(value);
            low = low.min(value);
            high = high.min(middle.max(rest));
            middle = middle.min(rest);
        }
        let mean = low * first + middle * second + high * third;
        mean.store_slice(&mut out[x..x + lanes]);
    }
}

/// The visibility of differences where the activity is so.
#[inline(always)]
fn visibility(masking: Masking, activity: f32) -> f32 {
    let (mul, scaler, offset) = (masking.mul as f32, masking.scaler as f32, masking.offset as f32);
    let root = VISIBILITY as f32 * (1.0 + mul / (scaler * activity + offset));
    root * root
}

/// Writes a row of the map: the root of differences in low frequencies and in the rest, as far as
/// they are visible.
#[inline(always)]
pub(super) fn combine(activity: &[f32], low: &[f32], rest: &[f32], out: &mut [f32]) {
    let n = out.len();
    let (activity, low, rest) = (&activity[..n], &low[..n], &rest[..n]);
    for i in 0..n {
        let low = low[i] * visibility(LOW_MASKING, activity[i]);
        out[i] = (low + rest[i] * visibility(MASKING, activity[i])).sqrt();
    }
}

/// Sums of a map that run side by side, the same number at every level.
#[derive(Debug, Clone, Copy)]
pub(super) struct LaneSums {
    max: [f32; LANES],
    powers: [[f64; LANES]; 3],
}

impl Default for LaneSums {
    fn default() -> Self {
        Self { max: [0.0; LANES], powers: [[0.0; LANES]; 3] }
    }
}

impl LaneSums {
    /// Adds a row, padded with zeros.
    #[inline(always)]
    pub(super) fn add(&mut self, row: &[f32]) {
        let Self { max, powers: [thirds, sixths, twelfths] } = self;
        for chunk in row.as_chunks::<LANES>().0 {
            for lane in 0..LANES {
                let value = chunk[lane];
                max[lane] = if value > max[lane] { value } else { max[lane] };
                let value = f64::from(value);
                let third = value * value * value;
                let sixth = third * third;
                thirds[lane] += third;
                sixths[lane] += sixth;
                twelfths[lane] += sixth * sixth;
            }
        }
    }

    /// The sums of all lanes over `pixels`.
    pub(super) fn total(&self, pixels: f64) -> MapSums {
        let max = self.max.iter().copied().fold(0.0, f32::max);
        MapSums { max, powers: self.powers.map(|lanes| lanes.iter().sum()), pixels }
    }
}

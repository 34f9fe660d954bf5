//! The bands of spatial frequency of a picture, row by row.
//!
//! ```text
//! low    = blur_16(xyb)
//! medium = blur_7(xyb - low)
//! above  = xyb - low - medium                 of X and Y; X suppressed where Y is strong
//! high   = blur_3(above)
//! ultra  = above - high
//! ```
//!
//! Each blur needs rows below, so a band's row is known some rows after the one before it. Ranges
//! around zero are removed from or added to bands after those above are separated from them.

use fearless_simd::Simd;

use super::super::{
    CLAMP_FACTOR, HIGH_X_REMOVED, HIGH_Y_ADDED, HIGH_Y_BOUND, HIGH_Y_SCALE, LOW_SCALE,
    MEDIUM_X_REMOVED, MEDIUM_Y_ADDED, SUPPRESSION, ULTRA_X_REMOVED, ULTRA_Y_BOUND, ULTRA_Y_SCALE,
    Y_IN_B,
};
use super::rows::{LANES, Ring};
use super::{Blurs, Pass, Scratch};

/// The latest rows of a picture at each stage, and the current ones of its bands.
#[derive(Debug, Default)]
pub(super) struct Bands {
    /// X, Y and B.
    pub(super) xyb: [Ring; 3],
    /// XYB less the low band.
    rest: [Ring; 3],
    /// X and Y without the bands below the high one.
    above: [Ring; 2],
    pub(super) low: [Vec<f32>; 3],
    pub(super) medium: [Vec<f32>; 3],
    pub(super) high: [Vec<f32>; 2],
    pub(super) ultra: [Vec<f32>; 2],
}

impl Bands {
    pub(super) fn start(&mut self, pass: Pass, blurs: &Blurs) {
        let width = pass.width;
        for (rings, blur) in [(&mut self.xyb[..], &blurs.low), (&mut self.rest, &blurs.medium)] {
            rings.iter_mut().for_each(|ring| ring.start(2 * blur.reach() + 1, width, 0.0));
        }
        self.above.iter_mut().for_each(|ring| ring.start(2 * blurs.high.reach() + 1, width, 0.0));
        let of_xyb = self.low.iter_mut().chain(&mut self.medium);
        let len = width.next_multiple_of(LANES);
        of_xyb.chain(&mut self.high).chain(&mut self.ultra).for_each(|row| row.resize(len, 0.0));
    }

    /// Separates row `y` of the low band.
    #[inline(always)]
    pub(super) fn separate_low<S: Simd>(
        &mut self,
        simd: S,
        at: (usize, usize),
        blurs: &Blurs,
        scratch: &mut Scratch,
    ) {
        for c in 0..3 {
            let low = &mut self.low[c];
            let Scratch { zeros, temporary, .. } = &mut *scratch;
            blurs.low.apply(simd, &self.xyb[c], at, zeros, temporary, low);
            subtract(self.xyb[c].row(at.0), low, self.rest[c].row_mut(at.0));
        }
        let [x, y, b] = &mut self.low;
        let [x_scale, y_scale, b_scale] = LOW_SCALE.map(|scale| scale as f32);
        for ((x, y), b) in x.iter_mut().zip(y).zip(b) {
            *b = (*b + Y_IN_B as f32 * *y) * b_scale;
            *x *= x_scale;
            *y *= y_scale;
        }
    }

    /// Separates row `y` of the medium band.
    #[inline(always)]
    pub(super) fn separate_medium<S: Simd>(
        &mut self,
        simd: S,
        at: (usize, usize),
        blurs: &Blurs,
        scratch: &mut Scratch,
    ) {
        for c in 0..3 {
            let medium = &mut self.medium[c];
            let Scratch { zeros, temporary, .. } = &mut *scratch;
            blurs.medium.apply(simd, &self.rest[c], at, zeros, temporary, medium);
            if let Some(above) = self.above.get_mut(c) {
                subtract(self.rest[c].row(at.0), medium, above.row_mut(at.0));
            }
        }
        let [above_x, above_y] = &mut self.above;
        let (above_x, above_y) = (above_x.row_mut(at.0), above_y.row(at.0));
        let [share, strength] = SUPPRESSION.map(|number| number as f32);
        for (x, y) in above_x.iter_mut().zip(above_y) {
            *x *= strength / (y * y + strength) * (1.0 - share) + share;
        }
        let [x, y, _] = &mut self.medium;
        for (x, y) in x.iter_mut().zip(y) {
            *x = removed(*x, MEDIUM_X_REMOVED as f32);
            *y = amplified(*y, MEDIUM_Y_ADDED as f32);
        }
    }

    /// Separates row `y` of the two high bands.
    #[inline(always)]
    pub(super) fn separate_high<S: Simd>(
        &mut self,
        simd: S,
        at: (usize, usize),
        blurs: &Blurs,
        scratch: &mut Scratch,
    ) {
        for (above, high) in self.above.iter().zip(&mut self.high) {
            let Scratch { zeros, temporary, .. } = &mut *scratch;
            blurs.high.apply(simd, above, at, zeros, temporary, high);
        }
        let [above_x, above_y] = self.above.each_ref().map(|ring| ring.row(at.0));
        let [high_x, high_y] = &mut self.high;
        let [ultra_x, ultra_y] = &mut self.ultra;
        for ((high, ultra), above) in high_x.iter_mut().zip(ultra_x).zip(above_x) {
            *ultra = removed(above - *high, ULTRA_X_REMOVED as f32);
            *high = removed(*high, HIGH_X_REMOVED as f32);
        }
        for ((high, ultra), above) in high_y.iter_mut().zip(ultra_y).zip(above_y) {
            let inside = clamped(*high, HIGH_Y_BOUND as f32);
            *ultra = clamped(above - inside, ULTRA_Y_BOUND as f32) * ULTRA_Y_SCALE as f32;
            *high = amplified(inside * HIGH_Y_SCALE as f32, HIGH_Y_ADDED as f32);
        }
    }
}

#[inline(always)]
fn subtract(a: &[f32], b: &[f32], out: &mut [f32]) {
    for ((out, a), b) in out.iter_mut().zip(a).zip(b) {
        *out = a - b;
    }
}

/// Without the part of a value within `range` of zero.
#[inline(always)]
fn removed(value: f32, range: f32) -> f32 {
    let below = if value < -range { value + range } else { 0.0 };
    if value > range { value - range } else { below }
}

/// With the part of a value within `range` of zero doubled.
#[inline(always)]
fn amplified(value: f32, range: f32) -> f32 {
    let above = if value > range { range } else { value };
    value + if value < -range { -range } else { above }
}

/// With the part of a value beyond `bound` diminished.
#[inline(always)]
fn clamped(value: f32, bound: f32) -> f32 {
    let factor = CLAMP_FACTOR as f32;
    let above = (value - bound) * factor + bound;
    let below = (value + bound) * factor - bound;
    let upper = if value >= bound { above } else { value };
    if value < -bound { below } else { upper }
}

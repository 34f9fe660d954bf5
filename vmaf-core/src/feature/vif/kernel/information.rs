//! From windowed means, variances and covariances to information: the pixels' share of the sums.

use fearless_simd::{Simd, prelude::*};

use super::super::sums::{SIGMA_NOISE, Sums};
use super::layout::Layout;
use super::log2::{LOG2_OF_2_17, log2};

/// 2^52: a whole number below it, added to it, is in the lowest bits of the sum.
const TWO_TO_52: f64 = 4_503_599_627_370_496.0;

/// The variance of the observer's noise.
const NOISE: u32 = SIGMA_NOISE as u32;

/// The mean of products less the product of means, which wraps as libvmaf's does.
#[inline(always)]
pub(super) fn variance<S: Simd>(simd: S, product: S::u32s, a: S::u32s, b: S::u32s) -> S::u32s {
    let rounding = S::u64s::splat(simd, 1 << 31);
    let (a, b): (S::u64s, S::u64s) = (a.bitcast(), b.bitcast());
    let low = S::u64s::splat(simd, 0xffff_ffff);
    let even = (a & low) * (b & low) + rounding;
    let odd = (a >> 32) * (b >> 32) + rounding;
    let of_means = (even >> 32) | (odd & !low);
    product - of_means.bitcast::<S::u32s>()
}

/// Whole numbers of two vectors in double precision: even and odd lanes of each.
#[inline(always)]
fn doubles<S: Simd>(simd: S, values: [S::u32s; 2]) -> [S::f64s; 4] {
    let magic = S::u64s::splat(simd, TWO_TO_52.to_bits());
    let low = S::u64s::splat(simd, 0xffff_ffff);
    let mut doubles = [magic.bitcast::<S::f64s>(); 4];
    for k in 0..2 {
        let values: S::u64s = values[k].bitcast();
        doubles[2 * k] = ((values & low) | magic).bitcast::<S::f64s>() - TWO_TO_52;
        doubles[2 * k + 1] = ((values >> 32) | magic).bitcast::<S::f64s>() - TWO_TO_52;
    }
    doubles
}

/// The low 32 bits of those numbers, in two vectors, after 2^52 was added to them.
#[inline(always)]
fn words<S: Simd>(simd: S, doubles: [S::f64s; 4]) -> [S::u32s; 2] {
    let low = S::u64s::splat(simd, 0xffff_ffff);
    let even = doubles[0].bitcast::<S::u64s>() & low;
    let first = even | (doubles[1].bitcast::<S::u64s>() << 32);
    let even = doubles[2].bitcast::<S::u64s>() & low;
    let second = even | (doubles[3].bitcast::<S::u64s>() << 32);
    [first.bitcast(), second.bitcast()]
}

/// The sums over the reference alone, a lane each.
pub(super) struct ReferenceSums<S: Simd> {
    simd: S,
    limits: S::u32s,
    log: S::u32s,
    flat: S::u32s,
}

impl<S: Simd> ReferenceSums<S> {
    #[inline(always)]
    pub(super) fn new(simd: S, layout: Layout) -> Self {
        let zero = S::u32s::splat(simd, 0);
        Self { simd, limits: limits(simd, layout), log: zero, flat: zero }
    }

    /// Adds the pixels of a row's pair of vectors `two`.
    #[inline(always)]
    pub(super) fn add(&mut self, two: usize, variance: [S::u32s; 2]) {
        let simd = self.simd;
        let (zero, one) = (S::u32s::splat(simd, 0), S::u32s::splat(simd, 1));
        let inside = inside(simd, two, self.limits);
        let mut total = variance;
        for k in 0..2 {
            let textured = is_textured(simd, variance[k]);
            // A pixel that does not count has the logarithm of the noise alone.
            total[k] = (inside[k] & textured).select(variance[k], zero) + NOISE;
            self.flat += (inside[k] & !textured).select(one, zero);
        }
        let logs = log2(simd, total);
        self.log += (logs[0] - LOG2_OF_2_17) + (logs[1] - LOG2_OF_2_17);
    }

    #[inline(always)]
    pub(super) fn add_to(self, sums: &mut Sums) {
        sums.den_log += total::<S>(self.log);
        sums.flat_pixels += total::<S>(self.flat);
    }
}

/// The sums over an encode and the reference, a lane each.
pub(super) struct DistortedSums<S: Simd> {
    simd: S,
    limits: S::u32s,
    /// The variance of flat pixels, in halves.
    flat_low: S::u32s,
    flat_high: S::u32s,
    /// The information with the first gain limits; mostly there are one or two.
    logs: [S::u32s; 2],
}

impl<S: Simd> DistortedSums<S> {
    #[inline(always)]
    pub(super) fn new(simd: S, layout: Layout) -> Self {
        let zero = S::u32s::splat(simd, 0);
        let limits = limits(simd, layout);
        Self { simd, limits, flat_low: zero, flat_high: zero, logs: [zero; 2] }
    }

    /// Adds the pixels of a row's pair of vectors `two`. A negative variance counts as 0.
    #[inline(always)]
    pub(super) fn add(
        &mut self,
        two: usize,
        variance_r: [S::u32s; 2],
        mut variance_d: [S::u32s; 2],
        mut covariance: [S::u32s; 2],
        gain_limits: &[f64],
        sums: &mut [Sums],
    ) {
        let simd = self.simd;
        let (zero, none) = (S::u32s::splat(simd, 0), S::i32s::splat(simd, 0));
        let inside = inside(simd, two, self.limits);
        for k in 0..2 {
            let positive_d = variance_d[k].bitcast::<S::i32s>().simd_gt(none);
            variance_d[k] = positive_d.select(variance_d[k], zero);
            let textured = is_textured(simd, variance_r[k]);
            let flat = (inside[k] & !textured).select(variance_d[k], zero);
            self.flat_low += flat & 0xffff;
            self.flat_high += flat >> 16;
            // A pixel that does not count has a gain of 0, and explains nothing.
            let positive = covariance[k].bitcast::<S::i32s>().simd_gt(none);
            let counts = inside[k] & textured & positive & positive_d;
            covariance[k] = counts.select(covariance[k], zero);
        }
        let covariance = doubles(simd, covariance);
        let variance_r = doubles(simd, variance_r);
        let variance_d = doubles(simd, variance_d);
        let (mut gain, mut noise) = (covariance, covariance);
        for part in 0..4 {
            gain[part] = covariance[part] / (variance_r[part] + 65536.0 * 1.0e-10);
        }
        for part in 0..4 {
            let residual = variance_d[part] - gain[part] * covariance[part];
            let residual = residual.max(S::f64s::splat(simd, 0.0)).trunc();
            noise[part] = residual + (SIGMA_NOISE as f64 + TWO_TO_52);
        }
        let explained = ExplainedVariance { simd, gain, variance_r, noise };
        let [total_0, total_1] = explained.total(gain_limits[0]);
        let [noise_0, noise_1] = words(simd, noise);
        let [total_0, total_1, noise_0, noise_1] = log2(simd, [total_0, total_1, noise_0, noise_1]);
        self.logs[0] += (total_0 - noise_0) + (total_1 - noise_1);
        if gain_limits.len() > 1 {
            let [total_0, total_1] = log2(simd, explained.total(gain_limits[1]));
            self.logs[1] += (total_0 - noise_0) + (total_1 - noise_1);
        }
        for limit in 2..gain_limits.len() {
            let [total_0, total_1] = log2(simd, explained.total(gain_limits[limit]));
            let log = (total_0 - noise_0) + (total_1 - noise_1);
            sums[limit].num_log += total::<S>(log);
        }
    }

    #[inline(always)]
    pub(super) fn add_to(self, sums: &mut [Sums]) {
        let flat = total::<S>(self.flat_low) + (total::<S>(self.flat_high) << 16);
        for (sums, log) in sums.iter_mut().zip(self.logs) {
            sums.num_log += total::<S>(log);
        }
        for sums in sums {
            sums.flat_variance += flat;
        }
    }
}

/// The information of an encode that pixels' gains explain, before gains are limited.
struct ExplainedVariance<S: Simd> {
    simd: S,
    gain: [S::f64s; 4],
    variance_r: [S::f64s; 4],
    /// The noise plus the unexplained variance, and 2^52.
    noise: [S::f64s; 4],
}

impl<S: Simd> ExplainedVariance<S> {
    /// The sum of the noise, the unexplained variance, and the explained one, with gains limited to
    /// `limit`.
    ///
    /// The sum is below 2^31, as [`log2`] wants it: without a limit the explained variance is at
    /// most about the encode's, which is at most 2^30. Rounding the windows' means moves variances
    /// by at most 2^16, half of the least that counts, and so the explained part by at most half
    /// again.
    #[inline(always)]
    fn total(&self, limit: f64) -> [S::u32s; 2] {
        let limit = S::f64s::splat(self.simd, limit);
        let mut total = self.noise;
        for (part, total) in total.iter_mut().enumerate() {
            let gain = self.gain[part].min(limit);
            *total += (gain * gain * self.variance_r[part]).trunc();
        }
        words(self.simd, total)
    }
}

/// Masks of the columns of a row's pair of vectors that are in the picture.
#[inline(always)]
fn inside<S: Simd>(simd: S, two: usize, limits: S::u32s) -> [S::mask32s; 2] {
    let first = S::u32s::splat(simd, 2 * two as u32);
    [first.simd_lt(limits), (first + 1).simd_lt(limits)]
}

/// For each lane, the number of vectors that hold columns of the picture.
#[inline(always)]
fn limits<S: Simd>(simd: S, layout: Layout) -> S::u32s {
    let mut limits = S::u32s::splat(simd, 0);
    for lane in 0..S::u32s::LEN {
        limits[lane] = layout.limit(lane);
    }
    limits
}

/// Masks of the pixels at which the reference's variance is at least the noise's.
#[inline(always)]
fn is_textured<S: Simd>(simd: S, variance: S::u32s) -> S::mask32s {
    variance.bitcast::<S::i32s>().simd_ge(S::i32s::splat(simd, NOISE as i32))
}

/// The sum of all lanes.
#[inline(always)]
fn total<S: Simd>(lanes: S::u32s) -> i64 {
    let mut sum = 0;
    for lane in lanes.as_slice() {
        sum += i64::from(*lane);
    }
    sum
}

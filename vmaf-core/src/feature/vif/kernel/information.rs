//! From windowed means, variances and covariances to information: the pixels' share of the sums.
//!
//! An encode's row takes two passes: the first, in double precision, up to the numbers whose
//! logarithms are needed; the second takes the logarithms, of several vectors at once.

use fearless_simd::{Simd, prelude::*};

use super::super::pixels::{BitsRow, Pixels};
use super::super::sums::{SIGMA_NOISE, Sums};
use super::layout::Layout;
use super::log2::{LOG2_OF_2_17, log2, log2_of_double};
use crate::simd::aligned::{AlignedRow, load, store};
use crate::simd::halves::{doubles, upper_halves, upper_products_rounded};

/// The variance of the observer's noise.
const NOISE: u32 = SIGMA_NOISE as u32;

/// The mean of products less the product of means, which wraps as libvmaf's does.
#[inline(always)]
pub(super) fn variance<S: Simd>(simd: S, product: S::u32s, a: S::u32s, b: S::u32s) -> S::u32s {
    product - upper_products_rounded(simd, a, b)
}

/// Adds the reference's information in a row, by the `variances` in the row's windows.
// Nothing here depends on the scale, so that the scales share one copy of the code: `vectorize`
// puts it into a function of its own, which is called once per row.
#[inline(always)]
pub(super) fn add_reference_row<S: Simd>(
    simd: S,
    variances: &[u32],
    lane_sums: &mut ReferenceSums<S>,
) {
    simd.vectorize(
        #[inline(always)]
        move || {
            // Kept in registers, where no memory that is written can overlap with it.
            let mut own = *lane_sums;
            own.add_row(variances);
            *lane_sums = own;
        },
    );
}

/// Variances and covariances in the windows of a row's pixels.
#[derive(Clone, Copy)]
pub(super) struct RowVariances<'a> {
    pub(super) reference: &'a [u32],
    pub(super) distorted: &'a [u32],
    pub(super) covariance: &'a [u32],
}

/// Adds an encode's information in a row for each gain limit, and keeps that of each of the `pixels`
/// with the first limit if they are wanted; `information` is memory that may be used.
// Compiled once for all scales, as above.
#[inline(always)]
pub(super) fn add_distorted_row<S: Simd>(
    simd: S,
    variances: RowVariances<'_>,
    information: &mut InformationRow,
    lane_sums: &mut DistortedSums<'_, S>,
    sums: &mut [Sums],
    pixels: Option<(Layout, &mut Pixels)>,
) {
    simd.vectorize(
        #[inline(always)]
        move || {
            let RowVariances { reference, distorted, covariance } = variances;
            let mut own = *lane_sums;
            let mut numbers = information.numbers(reference.len());
            for (vector, place) in (0..reference.len()).step_by(S::u32s::LEN).enumerate() {
                let variances = Variances {
                    reference: load(simd, reference, place),
                    distorted: load(simd, distorted, place),
                    covariance: load(simd, covariance, place),
                };
                own.add(vector, variances, &mut numbers);
            }
            if let Some((layout, pixels)) = pixels {
                information.write_bits(simd, reference, pixels.row(reference.len()));
                pixels.add_row(layout, reference, distorted);
            }
            own.add_row(information, sums);
            *lane_sums = own;
        },
    );
}

/// The sums over the reference alone, a lane each.
#[derive(Clone, Copy)]
pub(super) struct ReferenceSums<S: Simd> {
    simd: S,
    limits: S::i32s,
    log: S::u32s,
    flat: S::u32s,
}

impl<S: Simd> ReferenceSums<S> {
    #[inline(always)]
    pub(super) fn new(simd: S, layout: Layout) -> Self {
        let zero = S::u32s::splat(simd, 0);
        Self { simd, limits: limits(simd, layout), log: zero, flat: zero }
    }

    /// Adds the pixels of a row.
    #[inline(always)]
    fn add_row(&mut self, variances: &[u32]) {
        let lanes = S::u32s::LEN;
        let vectors = variances.len() / lanes;
        let mut vector = 0;
        while vector + 4 <= vectors {
            self.add::<4>(vector, variances);
            vector += 4;
        }
        while vector < vectors {
            self.add::<1>(vector, variances);
            vector += 1;
        }
    }

    /// Adds the pixels of `N` vectors of a row.
    #[inline(always)]
    fn add<const N: usize>(&mut self, vector: usize, variances: &[u32]) {
        let simd = self.simd;
        let lanes = S::u32s::LEN;
        let zero = S::u32s::splat(simd, 0);
        let variances = &variances[vector * lanes..][..N * lanes];
        let mut total = [zero; N];
        for (k, total) in total.iter_mut().enumerate() {
            let variance = load(simd, variances, k * lanes);
            let textured = is_textured(simd, variance);
            let inside = inside(simd, vector + k, self.limits);
            // A pixel that does not count has the logarithm of the noise alone.
            *total = (inside & textured).select(variance, zero) + NOISE;
            self.flat += (inside & !textured).select(S::u32s::splat(simd, 1), zero);
        }
        for log in &log2(simd, total) {
            self.log += *log - LOG2_OF_2_17;
        }
    }

    #[inline(always)]
    pub(super) fn add_to(self, sums: &mut Sums) {
        sums.den_log += total::<S>(self.log);
        sums.flat_pixels += total::<S>(self.flat);
    }
}

/// The variances and covariances of a vector of pixels.
#[derive(Clone, Copy)]
struct Variances<S: Simd> {
    reference: S::u32s,
    distorted: S::u32s,
    covariance: S::u32s,
}

/// An encode's numbers whose logarithms are needed, for the pixels of a row: whole numbers below
/// 2^31, as the upper halves of numbers in double precision, which have more bits than the
/// logarithm considers.
#[derive(Debug, Default)]
pub(super) struct InformationRow {
    /// The observer's noise and the variance that the reference does not explain.
    noise: AlignedRow<u32>,
    /// The sum of the noise and the explained variance, with gains limited to the first limit.
    total: AlignedRow<u32>,
    /// The same with other limits.
    more_totals: Vec<AlignedRow<u32>>,
}

impl InformationRow {
    pub(super) fn resize(&mut self, length: usize, limits: usize) {
        self.noise.resize(length);
        self.total.resize(length);
        self.more_totals.resize_with(limits - 1, AlignedRow::default);
        for total in &mut self.more_totals {
            total.resize(length);
        }
    }

    /// The numbers of a row of `length`, to be written.
    fn numbers(&mut self, length: usize) -> Numbers<'_> {
        Numbers {
            noise: &mut self.noise[..length],
            total: &mut self.total[..length],
            more_totals: &mut self.more_totals,
        }
    }

    /// Writes the information of each pixel with the first gain limit, by the reference's
    /// variances; for pixels that are flat in the reference, what is written means nothing.
    #[inline(always)]
    fn write_bits<S: Simd>(&self, simd: S, variances: &[u32], out: &mut BitsRow) {
        for x in (0..variances.len()).step_by(S::u32s::LEN) {
            let numbers = [load(simd, &self.noise, x), load(simd, &self.total, x)];
            let [noise, total] = log2_of_double(simd, numbers);
            store(bits::<S>(total - noise), &mut out.num, x);
            let [reference] = log2(simd, [load::<S, S::u32s>(simd, variances, x) + NOISE]);
            store(bits::<S>(reference - LOG2_OF_2_17), &mut out.den, x);
        }
    }
}

/// The memory of an [`InformationRow`].
struct Numbers<'a> {
    noise: &'a mut [u32],
    total: &'a mut [u32],
    more_totals: &'a mut [AlignedRow<u32>],
}

/// The sums over an encode and the reference, a lane each.
#[derive(Clone, Copy)]
pub(super) struct DistortedSums<'a, S: Simd> {
    simd: S,
    limits: S::i32s,
    gain_limits: &'a [f64],
    first_limit: S::f64s,
    /// The variance of flat pixels, in halves.
    flat_low: S::u32s,
    flat_high: S::u32s,
    /// The information with the first gain limits; mostly there are one or two.
    logs: [S::u32s; 2],
}

impl<'a, S: Simd> DistortedSums<'a, S> {
    #[inline(always)]
    pub(super) fn new(simd: S, layout: Layout, gain_limits: &'a [f64]) -> Self {
        let zero = S::u32s::splat(simd, 0);
        Self {
            simd,
            limits: limits(simd, layout),
            gain_limits,
            first_limit: S::f64s::splat(simd, gain_limits[0]),
            flat_low: zero,
            flat_high: zero,
            logs: [zero; 2],
        }
    }

    /// Writes the numbers of a row's `vector` of pixels. A negative variance counts as 0.
    ///
    /// Totals are below 2^31: without a limit the explained variance is at most about the
    /// encode's, which is at most 2^30. Rounding the windows' means moves variances by at most
    /// 2^16, half of the least that counts, and so the explained part by at most half again.
    #[inline(always)]
    fn add(&mut self, vector: usize, pixels: Variances<S>, numbers: &mut Numbers) {
        let simd = self.simd;
        let place = vector * S::u32s::LEN;
        let (zero, none) = (S::u32s::splat(simd, 0), S::i32s::splat(simd, 0));
        let variance_d: S::i32s = pixels.distorted.bitcast();
        let covariance: S::i32s = pixels.covariance.bitcast();

        let inside = inside(simd, vector, self.limits);
        let textured = is_textured(simd, pixels.reference);
        let counts = inside & textured & variance_d.simd_gt(none);
        let variance_d: S::u32s = variance_d.max(none).bitcast();
        let flat = (inside & !textured).select(variance_d, zero);
        self.flat_low += flat & 0xffff;
        self.flat_high += flat >> 16;
        // A pixel that does not count has a gain of 0, and explains nothing.
        let covariance = counts.select(covariance.max(none).bitcast(), zero);

        let covariance = doubles(simd, covariance);
        let variance_r = doubles(simd, pixels.reference);
        let variance_d = doubles(simd, variance_d);
        let (mut gain, mut noise, mut total) = (covariance, covariance, covariance);
        for part in 0..2 {
            gain[part] = covariance[part] / (variance_r[part] + 65536.0 * 1.0e-10);
        }
        for part in 0..2 {
            let residual = variance_d[part] - gain[part] * covariance[part];
            let residual = residual.max(S::f64s::splat(simd, 0.0)).trunc();
            noise[part] = residual + SIGMA_NOISE as f64;
            let limited = gain[part].min(self.first_limit);
            total[part] = noise[part] + (limited * limited * variance_r[part]).trunc();
        }
        let bits = |numbers: [S::f64s; 2]| numbers.map(|numbers| numbers.bitcast());
        store(upper_halves(simd, bits(noise)), numbers.noise, place);
        store(upper_halves(simd, bits(total)), numbers.total, place);
        for index in 0..numbers.more_totals.len() {
            let limit = S::f64s::splat(simd, self.gain_limits[index + 1]);
            for part in 0..2 {
                let limited = gain[part].min(limit);
                total[part] = noise[part] + (limited * limited * variance_r[part]).trunc();
            }
            store(upper_halves(simd, bits(total)), &mut numbers.more_totals[index], place);
        }
    }

    /// Adds the information of a row's pixels.
    #[inline(always)]
    fn add_row(&mut self, row: &InformationRow, sums: &mut [Sums]) {
        let simd = self.simd;
        let noise = log_sum(simd, &row.noise);
        self.logs[0] += log_sum(simd, &row.total) - noise;
        for (index, totals) in row.more_totals.iter().enumerate() {
            let log = log_sum(simd, totals) - noise;
            if index == 0 {
                self.logs[1] += log;
            } else {
                sums[index + 1].num_log += total::<S>(log);
            }
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

/// The sum of the [logarithms](log2_of_double) of a row, a lane each; it wraps.
#[inline(always)]
fn log_sum<S: Simd>(simd: S, row: &[u32]) -> S::u32s {
    let lanes = S::u32s::LEN;
    let mut sum = S::u32s::splat(simd, 0);
    let vectors = row.len() / lanes;
    let mut vector = 0;
    while vector + 4 <= vectors {
        let piece = &row[vector * lanes..][..4 * lanes];
        let mut values = [sum; 4];
        for (k, values) in values.iter_mut().enumerate() {
            *values = load(simd, piece, k * lanes);
        }
        let logs = log2_of_double(simd, values);
        sum += (logs[0] + logs[1]) + (logs[2] + logs[3]);
        vector += 4;
    }
    while vector < vectors {
        sum += log2_of_double(simd, [load(simd, row, vector * lanes)])[0];
        vector += 1;
    }
    sum
}

/// Differences of logarithms, in bits.
#[inline(always)]
fn bits<S: Simd>(logs: S::u32s) -> S::f32s {
    logs.bitcast::<S::i32s>().to_float::<S::f32s>() * (1.0 / 2048.0)
}

/// Mask of the columns of a row's vector that are in the picture.
#[inline(always)]
fn inside<S: Simd>(simd: S, vector: usize, limits: S::i32s) -> S::mask32s {
    limits.simd_gt(S::i32s::splat(simd, vector as i32))
}

/// For each lane, the number of vectors that hold columns of the picture.
#[inline(always)]
fn limits<S: Simd>(simd: S, layout: Layout) -> S::i32s {
    let mut limits = S::i32s::splat(simd, 0);
    for lane in 0..S::i32s::LEN {
        limits[lane] = layout.limit(lane) as i32;
    }
    limits
}

/// Masks of the pixels at which the reference's variance is at least the noise's.
#[inline(always)]
fn is_textured<S: Simd>(simd: S, variance: S::u32s) -> S::mask32s {
    variance.bitcast::<S::i32s>().simd_gt(S::i32s::splat(simd, NOISE as i32 - 1))
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

//! The masked error of a plane, fast: neighbouring blocks side by side, one in each lane of a
//! vector, so that every step of a block keeps its order.
//!
//! What a block of the reference gives (its frequencies and how much it hides) is computed once for
//! all encodes. The sum over blocks goes through [`ordered`](crate::simd::ordered).

use fearless_simd::prelude::*;
use fearless_simd::u16x8;

use super::csf::Weights;
use crate::simd::Kernel;
use crate::simd::ordered::add_in_any_order;
use crate::{Plane, Sample};

/// Columns and rows between blocks, which overlap by one.
const STEP: usize = 7;

/// Most lanes that a vector of 32-bit numbers has.
const MAX_LANES: usize = 16;

/// Blocks that are turned into lanes together.
const GROUP: usize = 8;

/// How many blocks begin in `size` columns or rows.
pub(super) fn blocks(size: usize) -> usize {
    size.saturating_sub(7).div_ceil(STEP)
}

/// The sum that the definition in `reference.rs` gives, for each encode.
pub(super) struct Errors<'a, T> {
    pub(super) reference: &'a Plane<T>,
    pub(super) distorted: &'a [&'a Plane<T>],
    pub(super) weights: &'a Weights,
    /// Whether samples have more than 12 bits.
    pub(super) deep: bool,
}

impl<T: Sample> Kernel for Errors<'_, T> {
    type Output = Vec<f32>;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> Vec<f32> {
        let zeros = (S::i32s::simd_from(simd, 0), S::f32s::simd_from(simd, 0.0));
        if self.deep {
            self.sums::<S, true>(simd, zeros)
        } else {
            self.sums::<S, false>(simd, zeros)
        }
    }
}

/// Neighbouring blocks of a picture, a block in each lane.
struct Batch<S: Simd> {
    /// The blocks' frequencies, row by row.
    frequencies: [S::i32s; 64],
    /// How much the blocks hide.
    masking: S::f32s,
}

impl<T: Sample> Errors<'_, T> {
    #[inline(always)]
    fn sums<S: Simd, const DEEP: bool>(self, simd: S, zeros: (S::i32s, S::f32s)) -> Vec<f32> {
        let lanes = S::i32s::LEN;
        let (across, down) = (blocks(self.reference.width()), blocks(self.reference.height()));
        let mut sums = vec![0.0; self.distorted.len()];
        let mut samples = [0_i32; 64 * MAX_LANES];
        let mut reference = Batch { frequencies: [zeros.0; 64], masking: zeros.1 };
        let mut distorted = Batch { frequencies: [zeros.0; 64], masking: zeros.1 };
        let mut errors = [zeros.1; 64];
        for row in 0..down {
            for first in (0..across).step_by(lanes) {
                let used = lanes.min(across - first);
                gather(simd, self.reference, STEP * row, first, used, &mut samples);
                transform::<S, DEEP>(simd, &samples, self.weights, &mut reference);
                for (plane, sum) in self.distorted.iter().zip(&mut sums) {
                    gather(simd, plane, STEP * row, first, used, &mut samples);
                    transform::<S, DEEP>(simd, &samples, self.weights, &mut distorted);
                    compare::<S>(simd, &reference, &distorted, self.weights, &mut errors);
                    if used < lanes {
                        leave_out::<S>(simd, used, &mut errors);
                    }
                    *sum = add_in_any_order(simd, *sum, &errors)
                        .unwrap_or_else(|| add_in_order::<S>(*sum, &errors));
                }
            }
        }
        sums
    }
}

/// Copies blocks from number `first` on into lanes; lanes beyond `used` hold the last block again.
#[inline(always)]
fn gather<S: Simd, T: Sample>(
    simd: S,
    plane: &Plane<T>,
    y: usize,
    first: usize,
    used: usize,
    samples: &mut [i32; 64 * MAX_LANES],
) {
    let lanes = S::i32s::LEN;
    let mut narrow = [0_u16; 64 * MAX_LANES];
    let mut stretch = [0_u16; STEP * MAX_LANES + 1];
    for i in 0..8 {
        let row = &plane.row(y + i)[STEP * first..][..STEP * (used - 1) + 8];
        for (to, from) in stretch.iter_mut().zip(row) {
            *to = Into::<u32>::into(*from) as u16;
        }
        for start in (0..lanes).step_by(GROUP) {
            let mut rows = [u16x8::simd_from(simd, 0); GROUP];
            for (lane, row) in rows.iter_mut().enumerate() {
                let x = STEP * (start + lane).min(used - 1);
                *row = u16x8::from_slice(simd, &stretch[x..x + 8]);
            }
            for (j, column) in transpose(rows).into_iter().enumerate() {
                let at = (8 * i + j) * MAX_LANES + start;
                column.store_slice(&mut narrow[at..at + GROUP]);
            }
        }
    }
    for k in 0..64 {
        let samples = &mut samples[k * lanes..][..lanes];
        for (to, from) in samples.iter_mut().zip(&narrow[k * MAX_LANES..]) {
            *to = i32::from(*from);
        }
    }
}

/// Rows as columns, in three times the same shuffle: of all 64 in a row, the two halves are dealt
/// out in turns.
#[inline(always)]
fn transpose<S: Simd>(mut rows: [u16x8<S>; GROUP]) -> [u16x8<S>; GROUP] {
    for _ in 0..3 {
        let halves = rows;
        for k in 0..GROUP / 2 {
            rows[2 * k] = halves[k].zip_low(halves[k + GROUP / 2]);
            rows[2 * k + 1] = halves[k].zip_high(halves[k + GROUP / 2]);
        }
    }
    rows
}

/// Sample `k` of all blocks.
#[inline(always)]
fn load<S: Simd>(simd: S, samples: &[i32; 64 * MAX_LANES], k: usize) -> S::i32s {
    S::i32s::from_slice(simd, &samples[k * S::i32s::LEN..][..S::i32s::LEN])
}

/// The frequencies of blocks of `samples`, and how much they hide.
#[inline(always)]
fn transform<S: Simd, const DEEP: bool>(
    simd: S,
    samples: &[i32; 64 * MAX_LANES],
    weights: &Weights,
    batch: &mut Batch<S>,
) {
    let zero = S::f32s::simd_from(simd, 0.0);

    // Sums of whole numbers below 2^24: any order gives the same.
    let mut quarters = [S::i32s::simd_from(simd, 0); 4];
    for i in 0..8 {
        for j in 0..8 {
            quarters[i / 4 + 2 * (j / 4)] += load::<S>(simd, samples, 8 * i + j);
        }
    }
    let total = (quarters[0] + quarters[1]) + (quarters[2] + quarters[3]);
    let mean: S::f32s = total.to_float::<S::f32s>() * (1.0 / 64.0);
    let mut means = [zero; 4];
    for k in 0..4 {
        means[k] = quarters[k].to_float::<S::f32s>() * (1.0 / 16.0);
    }
    let (mut variance, mut variances) = (zero, [zero; 4]);
    for i in 0..8 {
        for j in 0..8 {
            let quarter = i / 4 + 2 * (j / 4);
            let value: S::f32s = load::<S>(simd, samples, 8 * i + j).to_float();
            let (far, near) = (value - mean, value - means[quarter]);
            variance += far * far;
            variances[quarter] += near * near;
        }
    }
    variance *= 1.0 / 63.0 * 64.0;
    for quarter in &mut variances {
        *quarter *= 1.0 / 15.0 * 16.0;
    }
    let within = ((variances[0] + variances[1]) + variances[2]) + variances[3];
    let texture = variance.simd_gt(0.0).select(within / variance, zero);

    // Columns first, each of which becomes a row, then the columns of what that gives.
    let mut rows = [S::i32s::simd_from(simd, 0); 64];
    for column in 0..8 {
        let mut x = [S::i32s::simd_from(simd, 0); 8];
        for (k, x) in x.iter_mut().enumerate() {
            *x = load::<S>(simd, samples, 8 * k + column);
        }
        let y = dct_8::<S, DEEP>(x);
        rows[8 * column..][..8].copy_from_slice(&y);
    }
    for column in 0..8 {
        let mut x = [S::i32s::simd_from(simd, 0); 8];
        for (k, x) in x.iter_mut().enumerate() {
            *x = rows[8 * k + column];
        }
        let y = dct_8::<S, DEEP>(x);
        batch.frequencies[8 * column..][..8].copy_from_slice(&y);
    }

    let mut energy = zero;
    for k in 1..64 {
        // A frequency is below 2^24: its square is rounded once, as that of the whole number is.
        let frequency: S::f32s = batch.frequencies[k].to_float();
        energy += (frequency * frequency) * weights.mask[k];
    }
    batch.masking = (energy * texture).sqrt() * (1.0 / 32.0);
}

/// The squared, weighted errors that are not masked.
#[inline(always)]
fn compare<S: Simd>(
    simd: S,
    reference: &Batch<S>,
    distorted: &Batch<S>,
    weights: &Weights,
    errors: &mut [S::f32s; 64],
) {
    let zero = S::f32s::simd_from(simd, 0.0);
    let masking = reference.masking.max(distorted.masking);
    for (k, out) in errors.iter_mut().enumerate() {
        let difference = reference.frequencies[k] - distorted.frequencies[k];
        let error = difference.to_float::<S::f32s>().abs();
        let error = if k == 0 {
            error
        } else {
            // What is below the mask is 0, without a sign.
            (error - masking / weights.mask[k]).max(zero)
        };
        let weighted = error * weights.error[k];
        *out = weighted * weighted;
    }
}

/// Makes the errors of all but the first `used` blocks 0.
#[inline(always)]
fn leave_out<S: Simd>(simd: S, used: usize, errors: &mut [S::f32s; 64]) {
    let mut counts = S::f32s::simd_from(simd, 0.0);
    counts.as_mut_slice()[..used].fill(1.0);
    for error in errors {
        *error *= counts;
    }
}

/// Adds the errors one by one, block by block.
#[inline(always)]
fn add_in_order<S: Simd>(mut sum: f32, errors: &[S::f32s; 64]) -> f32 {
    for lane in 0..S::f32s::LEN {
        for error in errors {
            sum += error.as_slice()[lane];
        }
    }
    sum
}

/// Half, rounded towards 0.
#[inline(always)]
fn half<S: Simd>(value: S::i32s) -> S::i32s {
    (value - (value >> 31)) >> 1
}

/// A number times a fraction of a power of two, rounded. Where samples have more than 12 bits the
/// product passes 32 bits: the upper part of the number is multiplied apart from the lower 8 bits.
#[inline(always)]
fn times<S: Simd, const DEEP: bool>(value: S::i32s, numerator: i32, shift: u32) -> S::i32s {
    let round = 1 << (shift - 1);
    if DEEP {
        let low = (value & 0xff) * numerator + round;
        ((value >> 8) * numerator + (low >> 8)) >> (shift - 8)
    } else {
        (value * numerator + round) >> shift
    }
}

/// The discrete cosine transform of 8 samples, as the definition's.
#[inline(always)]
fn dct_8<S: Simd, const DEEP: bool>(x: [S::i32s; 8]) -> [S::i32s; 8] {
    let d07 = x[0] - x[7];
    let half_d07 = half::<S>(d07);
    let s07 = x[0] - half_d07;
    let s16 = x[1] + x[6];
    let half_s16 = half::<S>(s16);
    let d16 = x[6] - half_s16;
    let d25 = x[2] - x[5];
    let s25 = x[2] - half::<S>(d25);
    let s34 = x[3] + x[4];
    let half_s34 = half::<S>(s34);
    let d34 = half_s34 - x[4];

    let mut y0 = s07 + half_s34;
    let mut y6 = y0 - s34;
    let mut y2 = half_s16 - s25;
    let mut y4 = y2 - s16;
    y0 -= times::<S, DEEP>(y4, 13573, 15);
    y4 += times::<S, DEEP>(y0, 11585, 14);
    y0 -= times::<S, DEEP>(y4, 13573, 15);
    y6 -= times::<S, DEEP>(y2, 21895, 15);
    y2 += times::<S, DEEP>(y6, 15137, 14);
    y6 -= times::<S, DEEP>(y2, 21895, 15);

    let (mut y5, mut y3) = (d16, d25);
    y3 += times::<S, DEEP>(y5, 19195, 15);
    y5 += times::<S, DEEP>(y3, 11585, 14);
    y3 -= times::<S, DEEP>(y5, 7489, 13);
    let mut y7 = half::<S>(y5) - d34;
    y5 -= y7;
    y3 = half_d07 - y3;
    let mut y1 = d07 - y3;
    y7 += times::<S, DEEP>(y1, 3227, 15);
    y1 -= times::<S, DEEP>(y7, 6393, 15);
    y7 += times::<S, DEEP>(y1, 3227, 15);
    y5 += times::<S, DEEP>(y3, 2485, 13);
    y3 -= times::<S, DEEP>(y5, 18205, 15);
    y5 += times::<S, DEEP>(y3, 2485, 13);
    [y0, y1, y2, y3, y4, y5, y6, y7]
}

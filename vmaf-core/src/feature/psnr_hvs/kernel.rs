//! The masked error of a plane, fast.
//!
//! ```text
//! sum over blocks and frequencies k of  (error[k] * max(|R[k] - D[k]| - m / mask[k], 0))^2
//! m = max of both blocks' sqrt(energy * texture) / 32
//! ```
//!
//! `R` and `D` are the cosine transforms of blocks of 8x8 samples, which overlap by one row or
//! column; `energy` is the weighted sum of a block's squared frequencies, `texture` the ratio of
//! the contrast within its quarters to that of the whole. The mean of a block, `k = 0`, is not
//! masked.
//!
//! Neighbouring blocks go side by side, one in each lane of a vector, so that every step of a block
//! keeps its order. The passes of a row of blocks, in [`Errors`]:
//!
//! 1. `gather`: the samples of a batch of blocks.
//! 2. `analyse`: `texture`, the contrast of quarters and whole, in 16 bits; the frequencies, by
//!    [`transform`], after which lanes have 32 bits, in two halves of the blocks; and the masking
//!    strength. The reference's blocks are analysed once for all encodes.
//! 3. `compare`: the masked, weighted error of each frequency.
//! 4. `add_in_order`: the sum over blocks, in its order, by [`ordered`](crate::simd::ordered).

mod transform;

use fearless_simd::prelude::*;
use fearless_simd::u16x8;

use transform::{NARROW, Narrow, Numbers, WIDE, Wide, frequencies};

use super::csf::Weights;
use crate::simd::Kernel;
use crate::simd::aligned::prefetch;
use crate::simd::lanes16::of_blocks;
use crate::simd::ordered::add_in_any_order;
use crate::{Plane, Sample};

/// Columns and rows between blocks, which overlap by one.
const STEP: usize = 7;

/// The number of blocks that begin in `size` columns or rows.
pub(super) fn blocks(size: usize) -> usize {
    size.saturating_sub(7).div_ceil(STEP)
}

/// The sum that the definition in `reference.rs` gives, for each encode.
pub(super) struct Errors<'a, T> {
    pub(super) reference: &'a Plane<T>,
    pub(super) distorted: &'a [&'a Plane<T>],
    pub(super) weights: &'a Weights,
    pub(super) bit_depth: u8,
}

impl<T: Sample> Kernel for Errors<'_, T> {
    type Output = Vec<f32>;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> Vec<f32> {
        // Of samples of 8 bits, which the compiler knows to be narrow, the wide forms are left out.
        if size_of::<T>() == 1 || self.bit_depth <= NARROW {
            self.sums::<S, Narrow>(simd)
        } else if self.bit_depth <= WIDE {
            self.sums::<S, Wide<false>>(simd)
        } else {
            self.sums::<S, Wide<true>>(simd)
        }
    }
}

/// Neighbouring blocks of a picture, one per lane, in two halves.
struct Batch<S: Simd> {
    /// The blocks' frequencies, row by row.
    frequencies: [[S::f32s; 64]; 2],
    /// The masking strength of the blocks.
    masking: [S::f32s; 2],
}

impl<S: Simd> Batch<S> {
    #[inline(always)]
    fn new(zero: S::f32s) -> Self {
        Self { frequencies: [[zero; 64]; 2], masking: [zero; 2] }
    }
}

/// Intermediate values between the steps of a batch.
struct Scratch<S: Simd, N: Numbers<S>> {
    rows: [N::Lanes; 64],
    /// Samples.
    values: [[S::f32s; 64]; 2],
}

impl<T: Sample> Errors<'_, T> {
    #[inline(always)]
    fn sums<S: Simd, N: Numbers<S>>(self, simd: S) -> Vec<f32> {
        let lanes = S::u16s::LEN;
        let (across, down) = (blocks(self.reference.width()), blocks(self.reference.height()));
        let mut sums = vec![0.0; self.distorted.len()];
        let zero = S::f32s::splat(simd, 0.0);
        let mut scratch = Scratch::<S, N> {
            rows: [N::Lanes::splat(simd, Default::default()); 64],
            values: [[zero; 64]; 2],
        };
        let (mut reference, mut distorted) = (Batch::<S>::new(zero), Batch::<S>::new(zero));
        let mut errors = [zero; 64];
        for row in 0..down {
            for first in (0..across).step_by(lanes) {
                let at = Place { y: STEP * row, first, used: lanes.min(across - first) };
                read(simd, self.reference, at, self.weights, &mut scratch, &mut reference);
                for (plane, sum) in self.distorted.iter().zip(&mut sums) {
                    read(simd, plane, at, self.weights, &mut scratch, &mut distorted);
                    let batches = [&reference, &distorted];
                    *sum = add_errors(simd, batches, at.used, self.weights, &mut errors, *sum);
                }
            }
        }
        sums
    }
}

/// The place of a batch: its first row of samples, its first block in the row of blocks, and the
/// number of blocks.
#[derive(Clone, Copy)]
struct Place {
    y: usize,
    first: usize,
    used: usize,
}

/// Reads a batch and analyses it.
// A function of its own, by `vectorize`, so that its code exists once for all pictures.
#[inline(always)]
fn read<S: Simd, T: Sample, N: Numbers<S>>(
    simd: S,
    plane: &Plane<T>,
    at: Place,
    weights: &Weights,
    scratch: &mut Scratch<S, N>,
    batch: &mut Batch<S>,
) {
    simd.vectorize(
        #[inline(always)]
        move || {
            let mut samples = [S::u16s::splat(simd, 0); 64];
            gather(simd, plane, at, &mut samples);
            analyse(simd, &samples, weights, scratch, batch);
        },
    );
}

/// Adds the errors of the `used` blocks of a batch to `sum`, in their order.
#[inline(always)]
fn add_errors<S: Simd>(
    simd: S,
    [reference, distorted]: [&Batch<S>; 2],
    used: usize,
    weights: &Weights,
    errors: &mut [S::f32s; 64],
    mut sum: f32,
) -> f32 {
    let half = S::f32s::LEN;
    for part in 0..used.div_ceil(half) {
        compare::<S>(simd, reference, distorted, part, weights, errors);
        let used = used - part * half;
        if used < half {
            leave_out::<S>(simd, used, errors);
        }
        sum = add_in_any_order(simd, sum, errors).unwrap_or_else(|| add_in_order::<S>(sum, errors));
    }
    sum
}

/// Copies blocks from number `first` on into lanes; lanes beyond `used` hold the last block again.
///
/// A row of all blocks goes into eight vectors, each with the eight samples of a few neighbouring
/// blocks. Their first and second halves are then interleaved repeatedly, until each vector has the
/// same sample of every block.
#[inline(always)]
fn gather<S: Simd, T: Sample>(
    simd: S,
    plane: &Plane<T>,
    Place { y, first, used }: Place,
    samples: &mut [S::u16s; 64],
) {
    let together = S::u16s::LEN / 8;
    for i in 0..8 {
        // The blocks below these come next, apart from the blocks beside them: they are so far
        // apart that the processor does not prefetch them.
        if i < STEP && y + 8 + i < plane.height() {
            let row = plane.row(y + 8 + i);
            for k in (0..STEP * used).step_by(64 / size_of::<T>()) {
                prefetch(row, STEP * first + k);
            }
        }
        let row = &plane.row(y + i)[STEP * first..][..STEP * (used - 1) + 8];
        let mut vectors = [S::u16s::splat(simd, 0); 8];
        for (k, vector) in vectors.iter_mut().enumerate() {
            let mut blocks = [u16x8::splat(simd, 0); 4];
            for (place, block) in blocks.iter_mut().enumerate().take(together) {
                let x = STEP * (k * together + place).min(used - 1);
                *block = eight(simd, &row[x..x + 8]);
            }
            *vector = of_blocks(simd, blocks);
        }
        for _ in 0..S::u16s::LEN.ilog2() {
            let halves = vectors;
            for k in 0..4 {
                vectors[2 * k] = halves[k].zip_low(halves[k + 4]);
                vectors[2 * k + 1] = halves[k].zip_high(halves[k + 4]);
            }
        }
        samples[8 * i..][..8].copy_from_slice(&vectors);
    }
}

/// Eight samples.
#[inline(always)]
fn eight<S: Simd, T: Sample>(simd: S, samples: &[T]) -> u16x8<S> {
    let samples = &samples[..8];
    let mut words = [0; 8];
    for k in 0..8 {
        words[k] = Into::<u32>::into(samples[k]) as u16;
    }
    u16x8::from_slice(simd, &words)
}

/// The frequencies of blocks of `samples`, and the blocks' masking strength.
///
/// The sums are long chains of additions: those of both halves go on side by side.
#[inline(always)]
fn analyse<S: Simd, N: Numbers<S>>(
    simd: S,
    samples: &[S::u16s; 64],
    weights: &Weights,
    scratch: &mut Scratch<S, N>,
    batch: &mut Batch<S>,
) {
    frequencies::<S, N>(simd, samples, &mut scratch.rows, &mut batch.frequencies);
    let texture = texture(simd, samples, &mut scratch.values);
    let [lower, upper] = &batch.frequencies;
    let mut energy = [S::f32s::splat(simd, 0.0); 2];
    for k in 1..64 {
        // A frequency is below 2^24: its square is rounded once, as that of the whole number is.
        energy[0] += (lower[k] * lower[k]) * weights.mask[k];
        energy[1] += (upper[k] * upper[k]) * weights.mask[k];
    }
    for half in 0..2 {
        batch.masking[half] = (energy[half] * texture[half]).sqrt() * (1.0 / 32.0);
    }
}

/// The share of the blocks' contrast that lies within their quarters.
#[inline(always)]
fn texture<S: Simd>(
    simd: S,
    samples: &[S::u16s; 64],
    values: &mut [[S::f32s; 64]; 2],
) -> [S::f32s; 2] {
    let zero = S::f32s::splat(simd, 0.0);
    for k in 0..64 {
        let (low, high) = samples[k].widen();
        let (low, high): (S::i32s, S::i32s) = (low.bitcast(), high.bitcast());
        (values[0][k], values[1][k]) = (low.to_float(), high.to_float());
    }
    // Sums of whole numbers below 2^24: any order gives the same.
    let (mut mean, mut means) = ([zero; 2], [[zero; 4]; 2]);
    for half in 0..2 {
        for (quarter, of_quarter) in means[half].iter_mut().enumerate() {
            let (top, side) = (32 * (quarter % 2), 4 * (quarter / 2));
            let mut sums = [zero; 4];
            for i in 0..4 {
                for j in 0..4 {
                    sums[j] += values[half][top + side + 8 * i + j];
                }
            }
            let sum = (sums[0] + sums[1]) + (sums[2] + sums[3]);
            mean[half] += sum;
            *of_quarter = sum * (1.0 / 16.0);
        }
        mean[half] *= 1.0 / 64.0;
    }
    let (mut variance, mut variances) = ([zero; 2], [[zero; 4]; 2]);
    for top in 0..2 {
        // Of the quarters to the left and to the right.
        let (mut left, mut right) = ([zero; 2], [zero; 2]);
        for i in 4 * top..4 * top + 4 {
            for j in 0..8 {
                for half in 0..2 {
                    let value = values[half][8 * i + j];
                    let far = value - mean[half];
                    variance[half] += far * far;
                    if j < 4 {
                        let near = value - means[half][top];
                        left[half] += near * near;
                    } else {
                        let near = value - means[half][top + 2];
                        right[half] += near * near;
                    }
                }
            }
        }
        for half in 0..2 {
            variances[half][top] = left[half] * (1.0 / 15.0 * 16.0);
            variances[half][top + 2] = right[half] * (1.0 / 15.0 * 16.0);
        }
    }
    let mut texture = [zero; 2];
    for half in 0..2 {
        let variance = variance[half] * (1.0 / 63.0 * 64.0);
        let [a, b, c, d] = variances[half];
        let within = ((a + b) + c) + d;
        texture[half] = variance.simd_gt(0.0).select(within / variance, zero);
    }
    texture
}

/// The squared, weighted errors that are not masked, of a half.
#[inline(always)]
fn compare<S: Simd>(
    simd: S,
    reference: &Batch<S>,
    distorted: &Batch<S>,
    half: usize,
    weights: &Weights,
    errors: &mut [S::f32s; 64],
) {
    let zero = S::f32s::splat(simd, 0.0);
    let masking = reference.masking[half].max(distorted.masking[half]);
    let (reference, distorted) = (&reference.frequencies[half], &distorted.frequencies[half]);
    for k in 0..64 {
        // The difference of whole numbers, exact.
        let error = (reference[k] - distorted[k]).abs();
        let error = if k == 0 {
            error
        } else {
            // An error below the mask becomes 0, without a sign.
            (error - masking / weights.mask[k]).max(zero)
        };
        let weighted = error * weights.error[k];
        errors[k] = weighted * weighted;
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

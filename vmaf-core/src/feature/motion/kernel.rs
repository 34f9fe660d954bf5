//! A frame's change, fast: the vertical filter over five rows at once, the horizontal one over the
//! row it leaves, summed while it is in the cache.

use fearless_simd::Simd;

use crate::numeric::reflect;
use crate::simd::{Kernel, Level};
use crate::{Plane, Sample};

/// A Gaussian of 5 taps that sum to 2^16.
const FILTER: [i32; 5] = [3571, 16004, 26386, 16004, 3571];

/// Columns mirrored on either side of a row.
const PAD: usize = 2;

/// A row of vertically filtered differences, with its mirrored borders.
pub(super) struct Workspace {
    row: Vec<i32>,
}

impl Workspace {
    pub(super) fn new(width: usize) -> Self {
        Self { row: vec![0; width + 2 * PAD] }
    }
}

/// The sum that the definition in `reference.rs` gives.
pub(super) fn sad<T: Sample>(
    level: Level,
    previous: &Plane<T>,
    current: &Plane<T>,
    bit_depth: u8,
    workspace: &mut Workspace,
) -> u64 {
    level.run(Sad { previous, current, bit_depth, row: &mut workspace.row })
}

struct Sad<'a, T> {
    previous: &'a Plane<T>,
    current: &'a Plane<T>,
    bit_depth: u8,
    row: &'a mut [i32],
}

impl<T: Sample> Kernel for Sad<'_, T> {
    type Output = u64;

    #[inline(always)]
    fn run<S: Simd>(self, _simd: S) -> u64 {
        let (width, height) = (self.current.width(), self.current.height());
        let row = &mut self.row[..width + 2 * PAD];
        let mut sum = 0;
        for y in 0..height {
            let rows = [0, 1, 2, 3, 4].map(|k| reflect((y + k) as isize - 2, height));
            let previous = rows.map(|y| self.previous.row(y));
            let current = rows.map(|y| self.current.row(y));
            let middle = &mut row[PAD..PAD + width];
            if self.bit_depth == 8 {
                vertical::<T, i32>(previous, current, 8, middle);
            } else {
                // 2^16 times a difference of 16 bits passes 32 bits.
                vertical::<T, i64>(previous, current, u32::from(self.bit_depth), middle);
            }
            for k in 1..=PAD {
                row[PAD - k] = row[PAD + k];
                row[PAD + width - 1 + k] = row[PAD + width - 1 - k];
            }
            sum += horizontal(row, width);
        }
        sum
    }
}

/// An integer wide enough for a filtered difference.
trait Accumulator: Copy {
    fn dot(differences: [i32; 5], shift: u32) -> i32;
}

impl Accumulator for i32 {
    #[inline(always)]
    fn dot(d: [i32; 5], shift: u32) -> i32 {
        let sum = FILTER[0] * (d[0] + d[4]) + FILTER[1] * (d[1] + d[3]) + FILTER[2] * d[2];
        (sum + ((1 << shift) >> 1)) >> shift
    }
}

impl Accumulator for i64 {
    #[inline(always)]
    fn dot(d: [i32; 5], shift: u32) -> i32 {
        let product = |tap: usize, value: i32| i64::from(FILTER[tap]) * i64::from(value);
        let sum = product(0, d[0] + d[4]) + product(1, d[1] + d[3]) + product(2, d[2]);
        ((sum + ((1 << shift) >> 1)) >> shift) as i32
    }
}

#[inline(always)]
fn vertical<T: Sample, A: Accumulator>(
    previous: [&[T]; 5],
    current: [&[T]; 5],
    shift: u32,
    out: &mut [i32],
) {
    let width = out.len();
    let previous = previous.map(|row| &row[..width]);
    let current = current.map(|row| &row[..width]);
    for x in 0..width {
        let mut differences = [0; 5];
        for (k, difference) in differences.iter_mut().enumerate() {
            let (a, b): (i32, i32) = (previous[k][x].into(), current[k][x].into());
            *difference = a - b;
        }
        out[x] = A::dot(differences, shift);
    }
}

/// The sum of absolute values of the horizontally filtered row.
///
/// A filtered value is at most 2^16 times one of the row, which is at most 2^16: the products of
/// the three distinct taps are summed in two halves of 16 bits, which recombine exactly because
/// there is one shift, at the end.
#[inline(always)]
fn horizontal(row: &[i32], width: usize) -> u64 {
    let taps = [0, 1, 2, 3, 4].map(|k| &row[k..k + width]);
    let mut sum = 0_u64;
    // Blocks whose sums of values below 2^17 fit 32 bits.
    for start in (0..width).step_by(1 << 14) {
        let end = width.min(start + (1 << 14));
        let mut partial = 0_u32;
        for x in start..end {
            let d = taps.map(|tap| tap[x]);
            let (outer, inner) = (d[0] + d[4], d[1] + d[3]);
            let dot = |low: i32, mid: i32, high: i32| {
                FILTER[0] * low + FILTER[1] * mid + FILTER[2] * high
            };
            let low = dot(outer & 0xff, inner & 0xff, d[2] & 0xff);
            let high = dot(outer >> 8, inner >> 8, d[2] >> 8);
            // (high * 2^8 + low + 2^15) >> 16, with the lower 8 bits of high kept.
            let value = (high + ((low + (1 << 15)) >> 8)) >> 8;
            partial += value.unsigned_abs();
        }
        sum += u64::from(partial);
    }
    sum
}

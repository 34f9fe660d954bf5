//! A frame's change of samples whose differences don't fit 16 bits: the vertical filter in 64 bits
//! over five rows at once, the horizontal one over the row it leaves, in 32.

use fearless_simd::Simd;

use super::FILTER;
use crate::numeric::reflect;
use crate::simd::Kernel;
use crate::{Plane, Sample};

/// Columns mirrored on either side of a row.
pub(super) const PAD: usize = 2;

pub(super) struct Sad<'a, T> {
    pub(super) previous: &'a Plane<T>,
    pub(super) current: &'a Plane<T>,
    pub(super) bit_depth: u8,
    /// A row of vertically filtered differences, with its mirrored borders.
    pub(super) row: &'a mut [i32],
}

impl<T: Sample> Kernel for Sad<'_, T> {
    type Output = u64;

    #[inline(always)]
    fn run<S: Simd>(self, _simd: S) -> u64 {
        let (width, height) = (self.current.width(), self.current.height());
        let row = &mut self.row[..width + 2 * PAD];
        let mut sum = 0;
        for y in 0..height {
            let mut rows = [(self.previous.row(y), self.current.row(y)); 5];
            for (k, rows) in rows.iter_mut().enumerate() {
                let y = reflect((y + k) as isize - 2, height);
                *rows = (self.previous.row(y), self.current.row(y));
            }
            vertical(&rows, self.bit_depth.into(), &mut row[PAD..PAD + width]);
            for k in 1..=PAD {
                row[PAD - k] = row[PAD + k];
                row[PAD + width - 1 + k] = row[PAD + width - 1 - k];
            }
            sum += horizontal(row, width);
        }
        sum
    }
}

#[inline(always)]
fn vertical<T: Sample>(rows: &[(&[T], &[T]); 5], shift: u32, out: &mut [i32]) {
    let width = out.len();
    let mut rows = *rows;
    for (previous, current) in &mut rows {
        (*previous, *current) = (&previous[..width], &current[..width]);
    }
    for x in 0..width {
        let mut sum = (1_i64 << shift) >> 1;
        for (k, (previous, current)) in rows.iter().enumerate() {
            let (a, b): (i32, i32) = (previous[x].into(), current[x].into());
            sum += i64::from(FILTER[k]) * i64::from(a - b);
        }
        out[x] = (sum >> shift) as i32;
    }
}

/// The sum of absolute values of the horizontally filtered row.
///
/// A filtered value is at most 2^16 times one of the row, which is at most 2^16: the products of
/// the three distinct taps are summed in two halves of 16 bits, which recombine exactly because
/// there is one shift, at the end.
#[inline(always)]
fn horizontal(row: &[i32], width: usize) -> u64 {
    let [a, b, c] = [&row[..width], &row[1..=width], &row[2..2 + width]];
    let [d, e] = [&row[3..3 + width], &row[4..4 + width]];
    let mut sum = 0_u64;
    // Blocks whose sums of values below 2^17 fit 32 bits.
    for start in (0..width).step_by(1 << 14) {
        let end = width.min(start + (1 << 14));
        let mut partial = 0_u32;
        for x in start..end {
            let (outer, inner) = (a[x] + e[x], b[x] + d[x]);
            let low = dot(outer & 0xff, inner & 0xff, c[x] & 0xff);
            let high = dot(outer >> 8, inner >> 8, c[x] >> 8);
            // (high * 2^8 + low + 2^15) >> 16, with the lower 8 bits of high kept.
            let value = (high + ((low + (1 << 15)) >> 8)) >> 8;
            partial += value.unsigned_abs();
        }
        sum += u64::from(partial);
    }
    sum
}

#[inline(always)]
fn dot(outer: i32, inner: i32, middle: i32) -> i32 {
    FILTER[0] * outer + FILTER[1] * inner + FILTER[2] * middle
}

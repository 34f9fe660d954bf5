//! The information of single pixels, which the kernel sums and [`maps`](super::maps) keep.

use super::kernel::layout::Layout;
use super::sums::{SIGMA_NOISE, flat_loss};
use crate::simd::aligned::AlignedRow;

/// The numerator and denominator of a pixel whose reference is flat, in bits.
pub(super) fn flat_bits(variance: i64) -> [f32; 2] {
    [(1.0 - flat_loss(variance)) as f32, 1.0]
}

/// The numerators and denominators of a scale's pixels in bits, row by row.
#[derive(Default)]
pub(super) struct Pixels {
    num: Vec<f32>,
    den: Vec<f32>,
    /// Those of one row, laid out.
    row: BitsRow,
}

/// Numerators and denominators of one row, laid out.
#[derive(Default)]
pub(super) struct BitsRow {
    pub(super) num: AlignedRow<f32>,
    pub(super) den: AlignedRow<f32>,
}

impl Pixels {
    /// Makes room for `count` pixels.
    pub(super) fn reserve(&mut self, count: usize) {
        self.num.reserve_exact(count);
        self.den.reserve_exact(count);
    }

    /// Returns the numerators and the denominators of the pixels since the last call.
    pub(super) fn take(&mut self) -> [Vec<f32>; 2] {
        [std::mem::take(&mut self.num), std::mem::take(&mut self.den)]
    }

    /// The memory of the next row, of `length`, for [`Pixels::add_row`].
    pub(super) fn row(&mut self, length: usize) -> &mut BitsRow {
        self.row.num.resize(length);
        self.row.den.resize(length);
        &mut self.row
    }

    /// Adds the row whose pixels were written to [`Pixels::row`], by the variances in its windows.
    pub(super) fn add_row(&mut self, layout: Layout, var_r: &[u32], var_d: &[u32]) {
        let Self { num, den, row } = self;
        for lane in 0..layout.lanes {
            for vector in 0..layout.limit(lane) as usize {
                let place = vector * layout.lanes + lane;
                let mut bits = [row.num[place], row.den[place]];
                if i64::from(var_r[place].cast_signed()) < SIGMA_NOISE {
                    bits = flat_bits(var_d[place].cast_signed().max(0).into());
                }
                num.push(bits[0]);
                den.push(bits[1]);
            }
        }
    }
}

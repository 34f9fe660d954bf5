//! Rows: the latest ones, and the filter.

use super::super::filter::{REACH, TAPS, WEIGHTS};

/// Zeros at both ends of a row that is filtered across: at least [`REACH`], and a cache line.
pub(in crate::feature::ssimulacra2) const PAD: usize = 16;

/// The latest rows of a picture, as many as the filter reads.
#[derive(Debug, Default)]
pub(super) struct Ring {
    values: Vec<f32>,
    len: usize,
}

impl Ring {
    /// Clears the ring and sets the length of rows.
    pub(super) fn start(&mut self, len: usize) {
        self.len = len;
        self.values.clear();
        self.values.resize(TAPS * len, 0.0);
    }

    /// Row `y` of the picture, one of the latest.
    #[inline(always)]
    pub(super) fn row(&self, y: usize) -> &[f32] {
        &self.values[y % TAPS * self.len..][..self.len]
    }

    /// The place of row `y`.
    #[inline(always)]
    pub(super) fn row_mut(&mut self, y: usize) -> &mut [f32] {
        &mut self.values[y % TAPS * self.len..][..self.len]
    }
}

/// The filter's weights.
const SINGLE: [f32; REACH + 1] = {
    let [w0, w1, w2, w3, w4] = WEIGHTS;
    [w0 as f32, w1 as f32, w2 as f32, w3 as f32, w4 as f32]
};

/// Filters rows of equal length, the middle one first: `out[x]` is the weighted sum of `rows[..][x]`.
#[inline(always)]
fn filter(rows: [&[f32]; TAPS], out: &mut [f32]) {
    let n = out.len();
    let [r0, r1, r2, r3, r4, r5, r6, r7, r8] = rows.map(|row| &row[..n]);
    let [w0, w1, w2, w3, w4] = SINGLE;
    for x in 0..n {
        let near = w0 * r4[x] + w1 * (r3[x] + r5[x]);
        let far = w3 * (r1[x] + r7[x]) + w4 * (r0[x] + r8[x]);
        out[x] = near + (w2 * (r2[x] + r6[x]) + far);
    }
}

/// Filters a row across that begins at [`PAD`], between zeros.
#[inline(always)]
pub(super) fn filter_across(row: &[f32], out: &mut [f32]) {
    filter(std::array::from_fn(|tap| &row[PAD - REACH + tap..]), out);
}

/// Filters row `y` of `height` down. Rows outside the picture are 0.
#[inline(always)]
pub(super) fn filter_down(
    ring: &Ring,
    (y, height): (usize, usize),
    zeros: &[f32],
    out: &mut [f32],
) {
    let row = |tap: usize| match (y + tap).checked_sub(REACH) {
        Some(row) if row < height => ring.row(row),
        _ => zeros,
    };
    filter(std::array::from_fn(row), out);
}

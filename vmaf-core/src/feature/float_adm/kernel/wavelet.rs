//! The wavelet transform in single precision, a row of bands at a time.

use crate::feature::adm::scale::mirrored;
use crate::numeric::{FloatRows, RowRing};

/// The wavelet's low-pass and high-pass filters (Daubechies 2).
pub(in crate::feature::float_adm) const LOW: [f32; 4] =
    [0.482_962_9, 0.836_516_3, 0.224_143_87, -0.129_409_52];
pub(in crate::feature::float_adm) const HIGH: [f32; 4] =
    [-0.129_409_52, -0.224_143_87, 0.836_516_3, -0.482_962_9];

/// Columns that the filter reads before a row's first and behind its last.
const BEFORE: usize = 1;
const BEHIND: usize = 2;

/// A row of vertically filtered values, low-pass and high-pass, with mirrored ends.
#[derive(Default)]
pub(in crate::feature::float_adm) struct FilteredRow {
    low: Vec<f32>,
    high: Vec<f32>,
}

/// A row of each band of detail.
#[derive(Default)]
pub(in crate::feature::float_adm) struct Detail {
    /// Horizontal, vertical and diagonal.
    pub(in crate::feature::float_adm) rows: [Vec<f32>; 3],
}

impl FilteredRow {
    /// Makes room for rows of `width`.
    pub(in crate::feature::float_adm) fn reserve(&mut self, width: usize) {
        for row in [&mut self.low, &mut self.high] {
            row.resize(row.len().max(BEFORE + width + BEHIND), 0.0);
        }
    }
}

impl Detail {
    /// Makes room for rows of `width`.
    pub(in crate::feature::float_adm) fn reserve(&mut self, width: usize) {
        for row in &mut self.rows {
            row.resize(row.len().max(width), 0.0);
        }
    }
}

/// Rows that a ring holds: as many as the filter has taps.
pub(in crate::feature::float_adm) const RING: usize = 4;

/// Row `y` of all bands of `input`'s transform; of the approximation alone without `detail`.
#[inline(always)]
pub(in crate::feature::float_adm) fn transform_row(
    input: &dyn FloatRows,
    ring: &mut RowRing,
    y: usize,
    filtered: &mut FilteredRow,
    approximation: &mut [f32],
    detail: Option<&mut Detail>,
) {
    let (width, height) = (input.width(), input.height());
    ring.reach(input, (2 * y + 2).min(height - 1));
    let first = 2 * y as isize - 1;
    let row = |k: isize| &ring.row(mirrored(first + k, height))[..width];
    let rows = [row(0), row(1), row(2), row(3)];
    let low = &mut filtered.low[..BEFORE + width + BEHIND];
    down(&LOW, rows, &mut low[BEFORE..][..width]);
    mirror(low, width);
    let Some(detail) = detail else {
        across(&LOW, low, approximation);
        return;
    };
    let high = &mut filtered.high[..BEFORE + width + BEHIND];
    down(&HIGH, rows, &mut high[BEFORE..][..width]);
    mirror(high, width);
    let [horizontal, vertical, diagonal] = &mut detail.rows;
    let half = approximation.len();
    across_both(low, approximation, &mut vertical[..half]);
    across_both(high, &mut horizontal[..half], &mut diagonal[..half]);
}

/// Filters rows vertically.
#[inline(always)]
fn down(taps: &[f32; 4], [a, b, c, d]: [&[f32]; 4], out: &mut [f32]) {
    let len = out.len();
    let (a, b, c, d) = (&a[..len], &b[..len], &c[..len], &d[..len]);
    for x in 0..len {
        out[x] = taps[0] * a[x] + taps[1] * b[x] + taps[2] * c[x] + taps[3] * d[x];
    }
}

/// Mirrors a row's ends: the first value is not repeated, the last one is.
#[inline(always)]
fn mirror(row: &mut [f32], width: usize) {
    row[0] = row[BEFORE + 1];
    row[BEFORE + width] = row[BEFORE + width - 1];
    row[BEFORE + width + 1] = row[BEFORE + width - 2];
}

/// Filters a row horizontally, keeping every other sum. Place 2x - 1 of the row is 2x of the
/// buffer, in front of which one is mirrored.
#[inline(always)]
fn across(taps: &[f32; 4], row: &[f32], out: &mut [f32]) {
    let len = out.len();
    let row = &row[..2 * len + 2];
    for x in 0..len {
        let at = [row[2 * x], row[2 * x + 1], row[2 * x + 2], row[2 * x + 3]];
        out[x] = taps[0] * at[0] + taps[1] * at[1] + taps[2] * at[2] + taps[3] * at[3];
    }
}

/// Filters a row horizontally with both filters, keeping every other sum.
#[inline(always)]
fn across_both(row: &[f32], low: &mut [f32], high: &mut [f32]) {
    let len = low.len();
    let (row, high) = (&row[..2 * len + 2], &mut high[..len]);
    for x in 0..len {
        let at = [row[2 * x], row[2 * x + 1], row[2 * x + 2], row[2 * x + 3]];
        low[x] = LOW[0] * at[0] + LOW[1] * at[1] + LOW[2] * at[2] + LOW[3] * at[3];
        high[x] = HIGH[0] * at[0] + HIGH[1] * at[1] + HIGH[2] * at[2] + HIGH[3] * at[3];
    }
}

//! The wavelet transform, a row of bands at a time.

use super::scale::{HIGH, LOW, Scale, mirrored};
use crate::simd::blocks::{columns, columns_mut, for_blocks};
use crate::{Plane, Sample};

/// Columns that the filter reads before a row's first and behind its last.
const BEFORE: usize = 1;
const BEHIND: usize = 2;

/// A band's coefficients, or a coarser scale's input.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Band {
    width: usize,
    height: usize,
    values: Vec<i32>,
}

impl Band {
    /// Makes it `width` by `height`. Its memory is used again, and holds what it held.
    pub(super) fn resize(&mut self, width: usize, height: usize) {
        (self.width, self.height) = (width, height);
        self.values.resize(width * height, 0);
    }

    pub(super) fn row_mut(&mut self, y: usize) -> &mut [i32] {
        &mut self.values[y * self.width..][..self.width]
    }

    #[cfg(test)]
    pub(super) fn values(&self) -> &[i32] {
        &self.values
    }
}

/// What is transformed: a picture at the finest scale, then the approximation of the scale before.
pub(super) trait Input {
    /// A value as it is stored.
    type Value: Copy;

    /// Whether a filtered sum fits 32 bits.
    const NARROW: bool;

    fn width(&self) -> usize;
    fn height(&self) -> usize;
    fn row(&self, y: usize) -> &[Self::Value];

    /// The value less the middle of a sample's range, which the low-pass filter is taken of.
    fn centred(value: Self::Value, middle: i32) -> i32;
}

impl<T: Sample> Input for Plane<T> {
    type Value = T;

    const NARROW: bool = true;

    fn width(&self) -> usize {
        self.width()
    }

    fn height(&self) -> usize {
        self.height()
    }

    #[inline(always)]
    fn row(&self, y: usize) -> &[T] {
        self.row(y)
    }

    #[inline(always)]
    fn centred(value: T, middle: i32) -> i32 {
        let value: i32 = value.into();
        value - middle
    }
}

impl Input for Band {
    type Value = i32;

    const NARROW: bool = false;

    fn width(&self) -> usize {
        self.width
    }

    fn height(&self) -> usize {
        self.height
    }

    #[inline(always)]
    fn row(&self, y: usize) -> &[i32] {
        &self.values[y * self.width..][..self.width]
    }

    #[inline(always)]
    fn centred(value: i32, _middle: i32) -> i32 {
        value
    }
}

/// A row of vertically filtered values, low-pass and high-pass, with mirrored ends.
pub(super) struct Filtered {
    low: Vec<i32>,
    high: Vec<i32>,
}

/// A row of each band of detail.
#[derive(Default)]
pub(super) struct Detail {
    /// Horizontal, vertical and diagonal.
    pub(super) rows: [Vec<i32>; 3],
}

impl Filtered {
    pub(super) fn new(width: usize) -> Self {
        let row = vec![0; BEFORE + width + BEHIND];
        Self { low: row.clone(), high: row }
    }
}

impl Detail {
    pub(super) fn new(width: usize) -> Self {
        Self { rows: std::array::from_fn(|_| vec![0; width]) }
    }
}

/// Row `y` of all bands of `input`'s transform. Without `detail`, of the approximation alone.
#[inline(always)]
pub(super) fn transform_row<I: Input>(
    scale: &Scale,
    input: &I,
    depth: u8,
    y: usize,
    filtered: &mut Filtered,
    approximation: &mut [i32],
    detail: Option<&mut Detail>,
) {
    let width = input.width();
    let rows: [&[I::Value]; 4] = std::array::from_fn(|k| {
        input.row(mirrored(2 * y as isize + k as isize - 1, input.height()))
    });
    let (middle, shift) = (1 << (depth - 1), scale.vertical_shift(depth));
    let (low, high) = (&mut filtered.low[..], &mut filtered.high[..]);
    for_blocks!(width, |x, N| {
        let mut values = [[0_i32; N]; 4];
        for (values, row) in values.iter_mut().zip(&rows) {
            let row = columns::<I::Value, N>(row, x);
            for i in 0..N {
                values[i] = I::centred(row[i], middle);
            }
        }
        dot::<N>(I::NARROW, &LOW, &values, shift, columns_mut(low, BEFORE + x));
        if detail.is_some() {
            dot::<N>(I::NARROW, &HIGH, &values, shift, columns_mut(high, BEFORE + x));
        }
    });
    let shift = scale.horizontal_shift();
    across(I::NARROW, &LOW, low, width, shift, approximation);
    if let Some(detail) = detail {
        let [horizontal, vertical, diagonal] = &mut detail.rows;
        across(I::NARROW, &HIGH, low, width, shift, &mut vertical[..scale.width]);
        across(I::NARROW, &LOW, high, width, shift, &mut horizontal[..scale.width]);
        across(I::NARROW, &HIGH, high, width, shift, &mut diagonal[..scale.width]);
    }
}

/// The filter's sums, rounded and shifted.
#[inline(always)]
fn dot<const N: usize>(
    narrow: bool,
    taps: &[i32; 4],
    rows: &[[i32; N]; 4],
    shift: u32,
    out: &mut [i32; N],
) {
    let [a, b, c, d] = rows;
    if narrow {
        let round = (1 << shift) >> 1;
        for i in 0..N {
            let sum = taps[0] * a[i] + taps[1] * b[i] + taps[2] * c[i] + taps[3] * d[i];
            out[i] = (sum + round) >> shift;
        }
    } else {
        let round = (1_i64 << shift) >> 1;
        let taps: [i64; 4] = [taps[0].into(), taps[1].into(), taps[2].into(), taps[3].into()];
        for i in 0..N {
            let sum = taps[0] * i64::from(a[i])
                + taps[1] * i64::from(b[i])
                + taps[2] * i64::from(c[i])
                + taps[3] * i64::from(d[i]);
            out[i] = ((sum + round) >> shift) as i32;
        }
    }
}

/// Filters a row horizontally, keeping every other sum.
#[inline(always)]
fn across(
    narrow: bool,
    taps: &[i32; 4],
    row: &mut [i32],
    width: usize,
    shift: u32,
    out: &mut [i32],
) {
    row[0] = row[BEFORE + 1];
    row[BEFORE + width] = row[BEFORE + width - 1];
    row[BEFORE + width + 1] = row[BEFORE + width - 2];
    let len = out.len();
    for_blocks!(len, |x, N| {
        // Place 2x - 1 of the row is 2x of the buffer, in front of which one is mirrored.
        let at = &row[2 * x..][..2 * N + 2];
        let mut values = [[0_i32; N]; 4];
        for i in 0..N {
            for (k, values) in values.iter_mut().enumerate() {
                values[i] = at[2 * i + k];
            }
        }
        dot::<N>(narrow, taps, &values, shift, columns_mut(out, x));
    });
}

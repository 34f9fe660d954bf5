//! A plane's change, fast.
//!
//! ```text
//! mean of |G * current - G * previous|
//! ```
//!
//! `G *` is a Gaussian blur of 1, 3 or 5 taps in both directions. With `add_half_size` the same
//! mean of the blurred pictures at half their size is added.
//!
//! The passes of a row, in [`Change`]:
//!
//! 1. `filter_down`: the vertical blur of both pictures.
//! 2. `difference_across`: the horizontal one, and the absolute difference, kept for a strip of
//!    rows.
//! 3. `add_rows`: the sums of the strip's rows, side by side, since each must keep its order.
//!
//! `half_size_change` repeats 2 and 3 for the pictures of half the size.

use fearless_simd::f32x4;
use fearless_simd::prelude::*;

use crate::memory;
use crate::numeric::{FloatRows, reflect};
use crate::simd::Kernel;

/// The blur.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Blur {
    None,
    Three,
    Five,
}

#[cfg(test)]
impl Blur {
    /// The filter.
    pub(super) fn taps(self) -> &'static [f32] {
        match self {
            Self::None => &[1.0],
            Self::Three => &THREE,
            Self::Five => &FIVE,
        }
    }
}

/// Gaussians of 3 and 5 taps.
const THREE: [f32; 3] = [0.166_378_5, 0.667_243, 0.166_378_5];
const FIVE: [f32; 5] = [0.054_488_685, 0.244_201_34, 0.402_619_95, 0.244_201_34, 0.054_488_685];

/// Columns mirrored on either side of a row.
const PAD: usize = 2;

/// Rows whose sums run side by side.
const STRIP: usize = 16;

/// Memory that is reused.
pub(super) struct Workspace {
    previous: BlurredRows,
    current: BlurredRows,
    /// Absolute differences of a strip, row by row.
    strip: Vec<f32>,
}

/// A picture while it is blurred.
#[derive(Default)]
struct BlurredRows {
    /// The latest rows around 0, row `y` in place `y % 5`.
    rows: [Vec<f32>; 5],
    /// A row filtered down, with mirrored ends.
    down: Vec<f32>,
    /// The whole, for the picture of half the size.
    whole: Vec<f32>,
}

impl Workspace {
    pub(super) fn new(width: usize) -> Self {
        let blurred = || BlurredRows {
            rows: [0; 5].map(|_| vec![0.0; width]),
            down: vec![0.0; width + 2 * PAD],
            whole: Vec::new(),
        };
        Self { previous: blurred(), current: blurred(), strip: vec![0.0; STRIP * width] }
    }
}

/// The change, as the definition in `reference.rs` gives it.
pub(super) struct Change<'a> {
    pub(super) previous: &'a dyn FloatRows,
    pub(super) current: &'a dyn FloatRows,
    pub(super) blur: Blur,
    pub(super) add_half_size: bool,
    pub(super) workspace: &'a mut Workspace,
}

impl Kernel for Change<'_> {
    type Output = f32;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> f32 {
        match self.blur {
            Blur::None => self.change(simd, [1.0]),
            Blur::Three => self.change(simd, THREE),
            Blur::Five => self.change(simd, FIVE),
        }
    }
}

impl Change<'_> {
    // Sums of rows and pictures of half the size are functions of their own, by `vectorize`, so that
    // they are compiled once for all blurs.
    #[inline(always)]
    fn change<S: Simd, const TAPS: usize>(self, simd: S, taps: [f32; TAPS]) -> f32 {
        let (width, height) = (self.current.width(), self.current.height());
        let Workspace { previous, current, strip } = self.workspace;
        let strip = &mut strip[..STRIP * width];
        if self.add_half_size {
            memory::resize(&mut previous.whole, width * height);
            memory::resize(&mut current.whole, width * height);
        }
        let mut sum = 0.0;
        for y in 0..height {
            let difference = &mut strip[(y % STRIP) * width..][..width];
            for (rows, picture) in [(&mut *previous, self.previous), (&mut *current, self.current)]
            {
                rows.filter_down(picture, y, &taps);
            }
            if self.add_half_size {
                let a = &mut previous.whole[y * width..][..width];
                let b = &mut current.whole[y * width..][..width];
                across(&previous.down, &taps, a);
                across(&current.down, &taps, b);
                for x in 0..width {
                    difference[x] = (a[x] - b[x]).abs();
                }
            } else {
                difference_across(&previous.down, &current.down, &taps, difference);
            }
            if y % STRIP == STRIP - 1 || y == height - 1 {
                sum = add_rows(simd, strip, width, y % STRIP + 1, sum);
            }
        }
        let change = sum / (width * height) as f32;
        if self.add_half_size {
            change + half_size_change(simd, [&previous.whole, &current.whole], width, height, strip)
        } else {
            change
        }
    }
}

impl BlurredRows {
    /// Filters the rows around row `y` down.
    #[inline(always)]
    fn filter_down<const TAPS: usize>(
        &mut self,
        picture: &dyn FloatRows,
        y: usize,
        taps: &[f32; TAPS],
    ) {
        let (width, height) = (picture.width(), picture.height());
        let half = TAPS / 2;
        let first = if y == 0 { 0 } else { y + half };
        for row in first..(y + half + 1).min(height) {
            picture.read(row, &mut self.rows[row % 5][..width]);
        }
        let mut rows = [&[][..]; TAPS];
        for (k, row) in rows.iter_mut().enumerate() {
            *row = &self.rows[reflect((y + k) as isize - half as isize, height) % 5][..width];
        }
        let down = &mut self.down[..width + 2 * PAD];
        let inner = &mut down[PAD..PAD + width];
        for x in 0..width {
            let mut sum = taps[0] * rows[0][x];
            for k in 1..TAPS {
                sum += taps[k] * rows[k][x];
            }
            inner[x] = sum;
        }
        for k in 1..=PAD {
            down[PAD - k] = down[PAD + k];
            down[PAD + width - 1 + k] = down[PAD + width - 1 - k];
        }
    }
}

/// The value at `x` of a row with mirrored ends, filtered across.
#[inline(always)]
fn filtered<const TAPS: usize>(row: &[&[f32]; TAPS], taps: &[f32; TAPS], x: usize) -> f32 {
    let mut sum = taps[0] * row[0][x];
    for k in 1..TAPS {
        sum += taps[k] * row[k][x];
    }
    sum
}

/// The row that begins at each tap.
#[inline(always)]
fn shifted<const TAPS: usize>(row: &[f32], width: usize) -> [&[f32]; TAPS] {
    let mut rows = [&[][..]; TAPS];
    for k in 0..TAPS {
        rows[k] = &row[PAD - TAPS / 2 + k..][..width];
    }
    rows
}

#[inline(always)]
fn across<const TAPS: usize>(row: &[f32], taps: &[f32; TAPS], out: &mut [f32]) {
    let width = out.len();
    let row = shifted::<TAPS>(row, width);
    for (x, out) in out.iter_mut().enumerate() {
        *out = filtered(&row, taps, x);
    }
}

#[inline(always)]
fn difference_across<const TAPS: usize>(a: &[f32], b: &[f32], taps: &[f32; TAPS], out: &mut [f32]) {
    let width = out.len();
    let (a, b) = (shifted::<TAPS>(a, width), shifted::<TAPS>(b, width));
    for (x, out) in out.iter_mut().enumerate() {
        *out = (filtered(&a, taps, x) - filtered(&b, taps, x)).abs();
    }
}

/// Adds the sums of the first `rows` rows of a strip, each in its order, to `sum`.
#[inline(always)]
fn add_rows<S: Simd>(simd: S, strip: &[f32], width: usize, rows: usize, mut sum: f32) -> f32 {
    simd.vectorize(
        #[inline(always)]
        move || {
            // Four rows are turned into columns at a time, a row in each lane. Rows beyond the last are
            // summed as well, and left out below.
            let mut sums = [f32x4::simd_from(simd, 0.0); STRIP / 4];
            for x in (0..width - width % 4).step_by(4) {
                for (group, sum) in sums.iter_mut().enumerate() {
                    let at = 4 * group * width + x;
                    let a = f32x4::from_slice(simd, &strip[at..at + 4]);
                    let b = f32x4::from_slice(simd, &strip[at + width..at + width + 4]);
                    let c = f32x4::from_slice(simd, &strip[at + 2 * width..at + 2 * width + 4]);
                    let d = f32x4::from_slice(simd, &strip[at + 3 * width..at + 3 * width + 4]);
                    let (ac_low, ac_high) = (a.zip_low(c), a.zip_high(c));
                    let (bd_low, bd_high) = (b.zip_low(d), b.zip_high(d));
                    let columns = [
                        ac_low.zip_low(bd_low),
                        ac_low.zip_high(bd_low),
                        ac_high.zip_low(bd_high),
                        ac_high.zip_high(bd_high),
                    ];
                    *sum = (((*sum + columns[0]) + columns[1]) + columns[2]) + columns[3];
                }
            }
            for row in 0..rows {
                let mut of_row = sums[row / 4].as_slice()[row % 4];
                for value in &strip[row * width + width - width % 4..(row + 1) * width] {
                    of_row += value;
                }
                sum += of_row;
            }
            sum
        },
    )
}

/// The source of a value of a picture of half the size: the places before and after, and its
/// distance from the former.
#[inline(always)]
fn place(i: usize, from: usize, to: usize) -> (usize, usize, f32) {
    let ratio = from as f32 / to as f32;
    let place = ((i as f64 + 0.5) * f64::from(ratio) - 0.5) as f32;
    let before = place as usize;
    let exact = before as f32 == place;
    let after = reflect(before as isize + isize::from(!exact), from);
    (before, after, place - before as f32)
}

/// The mean absolute difference of two pictures at half their size.
#[inline(always)]
fn half_size_change<S: Simd>(
    simd: S,
    pictures: [&[f32]; 2],
    width: usize,
    height: usize,
    strip: &mut [f32],
) -> f32 {
    simd.vectorize(
        #[inline(always)]
        move || {
            let (half_width, half_height) = (width.div_ceil(2), height.div_ceil(2));
            let columns: Vec<(usize, usize, f32)> =
                (0..half_width).map(|x| place(x, width, half_width)).collect();
            let strip = &mut strip[..STRIP * half_width];
            let mut sum = 0.0;
            for y in 0..half_height {
                let (above, below, dy) = place(y, height, half_height);
                let difference = &mut strip[(y % STRIP) * half_width..][..half_width];
                for (out, &(left, right, dx)) in difference.iter_mut().zip(&columns) {
                    let mut values = [0.0; 2];
                    for (value, picture) in values.iter_mut().zip(pictures) {
                        let above = &picture[above * width..][..width];
                        let below = &picture[below * width..][..width];
                        *value = (1.0 - dy) * (1.0 - dx) * above[left]
                            + (1.0 - dy) * dx * above[right]
                            + dy * (1.0 - dx) * below[left]
                            + dy * dx * below[right];
                    }
                    *out = (values[0] - values[1]).abs();
                }
                if y % STRIP == STRIP - 1 || y == half_height - 1 {
                    sum = add_rows(simd, strip, half_width, y % STRIP + 1, sum);
                }
            }
            sum / (half_width * half_height) as f32
        },
    )
}

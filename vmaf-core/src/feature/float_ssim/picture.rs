//! Pictures as single-precision numbers on the scale of 8 bits.

use crate::simd::aligned::prefetch;
use crate::{Plane, Sample};

/// How many rows before they are read they are asked for.
const ROWS_AHEAD: usize = 8;

/// A picture that is read as numbers, a stretch of a row at a time.
pub(in crate::feature) trait Picture {
    /// Whether there may be pixels below 0.
    const MAY_BE_NEGATIVE: bool;

    /// Width in pixels.
    fn width(&self) -> usize;

    /// Height in pixels.
    fn height(&self) -> usize;

    /// Writes the pixels of row `y` from column `x` on to `out`.
    fn read(&self, x: usize, y: usize, out: &mut [f32]);
}

/// A frame's plane, whose samples are brought to the scale of 8 bits as they are read.
pub(in crate::feature) struct Samples<'a, T> {
    pub(in crate::feature) plane: &'a Plane<T>,
    unit: f32,
}

impl<'a, T> Samples<'a, T> {
    pub(in crate::feature) fn new(plane: &'a Plane<T>, bit_depth: u8) -> Self {
        Self { plane, unit: unit(bit_depth) }
    }
}

/// What one step of a sample is on the scale of 8 bits.
pub(in crate::feature) fn unit(bit_depth: u8) -> f32 {
    1.0 / (1_u32 << (bit_depth - 8)) as f32
}

impl<T: Sample> Picture for Samples<'_, T> {
    const MAY_BE_NEGATIVE: bool = false;

    #[inline(always)]
    fn width(&self) -> usize {
        self.plane.width()
    }

    #[inline(always)]
    fn height(&self) -> usize {
        self.plane.height()
    }

    #[inline(always)]
    fn read(&self, x: usize, y: usize, out: &mut [f32]) {
        // Rows are far from each other, too far for the processor to foresee.
        let ahead = self.plane.row((y + ROWS_AHEAD).min(self.height() - 1));
        for k in (0..out.len()).step_by(64 / size_of::<T>()) {
            prefetch(ahead, x + k);
        }
        let row = &self.plane.row(y)[x..x + out.len()];
        for k in 0..row.len() {
            out[k] = Into::<i32>::into(row[k]) as f32 * self.unit;
        }
    }
}

/// A picture that was computed. Its memory is used again from frame to frame.
#[derive(Debug, Clone, Default)]
pub(in crate::feature) struct Floats {
    samples: Vec<f32>,
    width: usize,
    height: usize,
}

impl Floats {
    /// Makes the picture `width` by `height`; it holds what it held.
    pub(in crate::feature) fn resize(&mut self, width: usize, height: usize) {
        (self.width, self.height) = (width, height);
        self.samples.resize(width * height, 0.0);
    }

    /// Row `y`, to be written.
    #[inline(always)]
    pub(in crate::feature) fn row_mut(&mut self, y: usize) -> &mut [f32] {
        &mut self.samples[y * self.width..][..self.width]
    }
}

impl Picture for Floats {
    const MAY_BE_NEGATIVE: bool = true;

    #[inline(always)]
    fn width(&self) -> usize {
        self.width
    }

    #[inline(always)]
    fn height(&self) -> usize {
        self.height
    }

    #[inline(always)]
    fn read(&self, x: usize, y: usize, out: &mut [f32]) {
        out.copy_from_slice(&self.samples[y * self.width + x..][..out.len()]);
    }
}

/// Index `i` mirrored at the borders of `0..len`, border samples repeated (`-1` is 0, `len` is
/// `len - 1`). Needs `len` large enough to reflect once.
#[inline(always)]
pub(in crate::feature) fn mirror(i: isize, len: usize) -> usize {
    let i = if i < 0 { -1 - i } else { i } as usize;
    if i >= len { 2 * len - 1 - i } else { i }
}

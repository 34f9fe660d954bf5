//! Pictures as single-precision numbers on the scale of 8 bits.

use crate::simd::aligned::prefetch;
use crate::simd::segments::{MAX_LANES, Number};
use crate::{Plane, Sample};

/// The number of rows by which prefetching runs ahead of reading.
const ROWS_AHEAD: usize = 8;

/// A picture that is read row by row.
pub(in crate::feature) trait Picture {
    /// True if there may be pixels below 0.
    const MAY_BE_NEGATIVE: bool;

    /// The type of the numbers in rows.
    type Number: Number;

    /// Width in pixels.
    fn width(&self) -> usize;

    /// Height in pixels.
    fn height(&self) -> usize;

    /// Row `y`, and the size of one step of its numbers.
    fn row(&self, y: usize) -> (&[Self::Number], f32);

    /// Prefetches columns `x` and on of a row that will be read some rows after row `y`.
    fn prefetch(&self, _x: usize, _y: usize, _columns: usize) {}

    /// Returns true if row `y` has pixels below 0.
    fn is_signed(&self, _y: usize) -> bool {
        false
    }

    /// Returns true if the pixels of row `y` are all [within bounds](is_within_bounds).
    fn is_within_bounds(&self, _y: usize) -> bool {
        true
    }
}

/// Returns true if the magnitude of a pixel is 0 or between 2^-8 and 2^9, as for all samples.
#[inline(always)]
fn is_within_bounds(bits: u32) -> bool {
    const LEAST: u32 = (127 - 8) << 23;
    const LIMIT: u32 = (127 + 9) << 23;
    let magnitude = bits & 0x7fff_ffff;
    (magnitude == 0) | (magnitude.wrapping_sub(LEAST) < LIMIT - LEAST)
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

/// The size of one step of a sample on the scale of 8 bits.
pub(in crate::feature) fn unit(bit_depth: u8) -> f32 {
    1.0 / (1_u32 << (bit_depth - 8)) as f32
}

impl<T: Sample> Picture for Samples<'_, T> {
    const MAY_BE_NEGATIVE: bool = false;

    type Number = T;

    #[inline(always)]
    fn width(&self) -> usize {
        self.plane.width()
    }

    #[inline(always)]
    fn height(&self) -> usize {
        self.plane.height()
    }

    #[inline(always)]
    fn row(&self, y: usize) -> (&[T], f32) {
        (&self.plane.row(y)[..self.plane.width()], self.unit)
    }

    /// Rows are too far apart for the processor's own prefetching.
    #[inline(always)]
    fn prefetch(&self, x: usize, y: usize, columns: usize) {
        let ahead = self.plane.row((y + ROWS_AHEAD).min(self.height() - 1));
        for k in (0..columns).step_by(64 / size_of::<T>()) {
            prefetch(ahead, x + k);
        }
    }
}

/// A picture that was computed. Its memory is used again from frame to frame.
#[derive(Debug, Clone, Default)]
pub(in crate::feature) struct Floats {
    samples: Vec<f32>,
    width: usize,
    height: usize,
    rows: Vec<RowKind>,
}

/// The properties of a row's pixels.
#[derive(Debug, Clone, Copy, Default)]
struct RowKind {
    is_signed: bool,
    is_within_bounds: bool,
}

/// The number of places beyond its width that [`Floats::room`] has for a row.
pub(in crate::feature) const MORE: usize = 2 * MAX_LANES;

impl Floats {
    /// Makes the picture `width` by `height`; it keeps its old contents.
    pub(in crate::feature) fn resize(&mut self, width: usize, height: usize) {
        (self.width, self.height) = (width, height);
        self.samples.resize(width * height + MORE, 0.0);
        self.rows.resize(height, RowKind::default());
    }

    /// The memory for row `y`, and the places after it, which may be overwritten: rows are written
    /// from top to bottom, and each is [finished](Self::finish).
    #[inline(always)]
    pub(in crate::feature) fn room(&mut self, y: usize) -> &mut [f32] {
        &mut self.samples[y * self.width..][..self.width + MORE]
    }

    /// Looks at row `y`, which has been written.
    #[inline(always)]
    pub(in crate::feature) fn finish(&mut self, y: usize) {
        let (mut signs, mut outside) = (0, 0_u32);
        for pixel in &self.samples[y * self.width..][..self.width] {
            let bits = pixel.to_bits();
            signs |= bits;
            outside |= u32::from(!is_within_bounds(bits));
        }
        self.rows[y] = RowKind { is_signed: signs >> 31 != 0, is_within_bounds: outside == 0 };
    }
}

impl Picture for Floats {
    const MAY_BE_NEGATIVE: bool = true;

    type Number = f32;

    #[inline(always)]
    fn width(&self) -> usize {
        self.width
    }

    #[inline(always)]
    fn height(&self) -> usize {
        self.height
    }

    #[inline(always)]
    fn row(&self, y: usize) -> (&[f32], f32) {
        (&self.samples[y * self.width..][..self.width], 1.0)
    }

    #[inline(always)]
    fn is_signed(&self, y: usize) -> bool {
        self.rows[y].is_signed
    }

    #[inline(always)]
    fn is_within_bounds(&self, y: usize) -> bool {
        self.rows[y].is_within_bounds
    }
}

/// Index `i` mirrored at the borders of `0..len`, border samples repeated (`-1` is 0, `len` is
/// `len - 1`). Needs `len` large enough to reflect once.
#[inline(always)]
pub(in crate::feature) fn mirror(i: isize, len: usize) -> usize {
    let i = if i < 0 { -1 - i } else { i } as usize;
    if i >= len { 2 * len - 1 - i } else { i }
}

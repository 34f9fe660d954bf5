//! Planes as numbers, and the small picture whose blocks are analysed.

use crate::simd::blocks::columns;
use crate::{Plane, Sample, memory};

/// A plane as numbers.
pub(in crate::feature::speed) trait Picture: Copy {
    /// `N` pixels of row `y`, from `x` on.
    fn pixels<const N: usize>(&self, x: usize, y: usize) -> [f32; N];
}

/// A plane around 0, in steps of 8-bit samples.
#[derive(Debug)]
pub(in crate::feature::speed) struct Centred<'a, T>(
    pub(in crate::feature::speed) &'a Plane<T>,
    pub(in crate::feature::speed) u8,
);

/// The difference of two planes, in steps of 8-bit samples.
#[derive(Debug)]
pub(in crate::feature::speed) struct Difference<'a, T>(
    pub(in crate::feature::speed) &'a Plane<T>,
    pub(in crate::feature::speed) &'a Plane<T>,
    pub(in crate::feature::speed) u8,
);

impl<T> Clone for Centred<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Centred<'_, T> {}

impl<T> Clone for Difference<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Difference<'_, T> {}

/// A step of a sample of `depth` bits, in steps of 8-bit ones.
#[inline(always)]
fn step(depth: u8) -> f32 {
    1.0 / (1_u32 << (depth - 8)) as f32
}

impl<T: Sample> Picture for Centred<'_, T> {
    #[inline(always)]
    fn pixels<const N: usize>(&self, x: usize, y: usize) -> [f32; N] {
        let samples = columns::<T, N>(self.0.row(y), x);
        let step = step(self.1);
        let mut pixels = [0.0; N];
        for k in 0..N {
            let sample: i32 = samples[k].into();
            pixels[k] = sample as f32 * step - 128.0;
        }
        pixels
    }
}

impl<T: Sample> Picture for Difference<'_, T> {
    #[inline(always)]
    fn pixels<const N: usize>(&self, x: usize, y: usize) -> [f32; N] {
        let (a, b) = (columns::<T, N>(self.0.row(y), x), columns::<T, N>(self.1.row(y), x));
        let step = step(self.2);
        let mut pixels = [0.0; N];
        for k in 0..N {
            let (a, b): (i32, i32) = (a[k].into(), b[k].into());
            // Exact: libvmaf takes it of two numbers that are.
            pixels[k] = (a - b) as f32 * step;
        }
        pixels
    }
}

/// A picture of whole blocks from which the local mean is taken, rows [`stride`](Self::stride)
/// apart.
#[derive(Debug, Default)]
pub(in crate::feature::speed) struct Small {
    pub(in crate::feature::speed) pixels: Vec<f32>,
    pub(in crate::feature::speed) width: usize,
    pub(in crate::feature::speed) height: usize,
    pub(in crate::feature::speed) stride: usize,
}

/// Beyond a row's end, so that vectors can be read from its last pixels on.
const MARGIN: usize = 8;

impl Small {
    #[inline(always)]
    pub(in crate::feature::speed) fn row(&self, y: usize) -> &[f32] {
        &self.pixels[y * self.stride..][..self.stride]
    }

    pub(in crate::feature::speed) fn resize(&mut self, width: usize, height: usize) {
        (self.width, self.height, self.stride) = (width, height, width + MARGIN);
        self.pixels.clear();
        memory::resize(&mut self.pixels, self.stride * height);
    }
}

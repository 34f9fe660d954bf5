//! A smaller picture, each of whose pixels is the mean of a square, fast.
//!
//! Weighted samples are rounded to single precision and summed in double, as libvmaf does. The sums
//! are exact, 53 bits at most, so that columns can be summed first.

use fearless_simd::Simd;

use super::picture::{Floats, mirror, unit};
use crate::simd::Kernel;
use crate::{Plane, Sample};

/// The length of a side of `size` pixels reduced by `factor`. An odd `size` adds one.
pub(in crate::feature::float_ssim) fn shrunk(size: usize, factor: usize) -> usize {
    if factor == 1 { size } else { size / factor + size % 2 }
}

/// Sums of the columns of a row of squares.
#[derive(Debug, Default)]
pub(in crate::feature::float_ssim) struct Workspace {
    whole: Vec<u32>,
    fractions: Vec<f64>,
}

/// Makes a plane smaller.
pub(in crate::feature::float_ssim) struct Shrink<'a, T> {
    pub(in crate::feature::float_ssim) plane: &'a Plane<T>,
    pub(in crate::feature::float_ssim) bit_depth: u8,
    pub(in crate::feature::float_ssim) factor: usize,
    pub(in crate::feature::float_ssim) workspace: &'a mut Workspace,
    /// The destination.
    pub(in crate::feature::float_ssim) out: &'a mut Floats,
}

impl<T: Sample> Kernel for Shrink<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, _simd: S) {
        match self.factor {
            // Weights that are powers of two round nothing: samples themselves are summed.
            2 => self.whole::<2>(),
            4 => self.whole::<4>(),
            8 => self.whole::<8>(),
            16 => self.whole::<16>(),
            _ => self.fractions(),
        }
    }
}

impl<T: Sample> Shrink<'_, T> {
    #[inline(always)]
    fn whole<const FACTOR: usize>(self) {
        let (width, height) = (self.plane.width(), self.plane.height());
        let weight = unit(self.bit_depth) / (FACTOR * FACTOR) as f32;
        let sums = &mut self.workspace.whole;
        sums.resize(width + 2 * FACTOR, 0);
        self.out.resize(shrunk(width, FACTOR), shrunk(height, FACTOR));
        for y in 0..shrunk(height, FACTOR) {
            let middle = &mut sums[FACTOR..][..width];
            middle.fill(0);
            for k in 0..FACTOR {
                let row = (y * FACTOR + k) as isize - (FACTOR / 2) as isize;
                let row = &self.plane.row(mirror(row, height))[..width];
                for x in 0..width {
                    middle[x] += Into::<u32>::into(row[x]);
                }
            }
            mirror_ends(sums, width, FACTOR);
            let squares = sums[FACTOR - FACTOR / 2..].chunks_exact(FACTOR);
            let room = &mut self.out.room(y)[..shrunk(width, FACTOR)];
            for (out, square) in room.iter_mut().zip(squares) {
                let mut sum = 0;
                for column in square {
                    sum += column;
                }
                *out = sum as f32 * weight;
            }
            self.out.finish(y);
        }
    }

    #[inline(always)]
    fn fractions(self) {
        let (width, height, factor) = (self.plane.width(), self.plane.height(), self.factor);
        let unit = unit(self.bit_depth);
        let weight = 1.0 / (factor * factor) as f32;
        let sums = &mut self.workspace.fractions;
        sums.resize(width + 2 * factor, 0.0);
        self.out.resize(shrunk(width, factor), shrunk(height, factor));
        for y in 0..shrunk(height, factor) {
            let middle = &mut sums[factor..][..width];
            middle.fill(0.0);
            for k in 0..factor {
                let row = (y * factor + k) as isize - (factor / 2) as isize;
                let row = &self.plane.row(mirror(row, height))[..width];
                for x in 0..width {
                    let sample = Into::<i32>::into(row[x]) as f32 * unit;
                    middle[x] += f64::from(sample * weight);
                }
            }
            mirror_ends(sums, width, factor);
            let squares = sums[factor - factor / 2..].chunks_exact(factor);
            let room = &mut self.out.room(y)[..shrunk(width, factor)];
            for (out, square) in room.iter_mut().zip(squares) {
                let mut sum = 0.0;
                for column in square {
                    sum += column;
                }
                *out = sum as f32;
            }
            self.out.finish(y);
        }
    }
}

/// Mirrors `pad` columns at both ends of a row of `width` that begins at `pad`.
#[inline(always)]
fn mirror_ends<V: Copy>(row: &mut [V], width: usize, pad: usize) {
    for k in 0..pad {
        row[pad - 1 - k] = row[pad + mirror(-1 - k as isize, width)];
        row[pad + width + k] = row[pad + mirror((width + k) as isize, width)];
    }
}

//! The samples of the maps of a scale: cube roots of each coefficient's contribution to its band's
//! sum.
//!
//! The definitions of a coefficient's parts, of its masking and of its cube are those of
//! [`reference`](super::super::reference). Here strips of rows go through all of them at once, on all
//! threads, and the thresholds of a row are sums over columns of three rows; a test compares the
//! samples with those of the definition over whole pictures.

use rayon::iter::{IndexedParallelIterator, ParallelIterator};
use rayon::slice::ParallelSliceMut;

use super::super::csf::Weights;
use super::super::reference::{
    ADDED, Grid, KEPT, Parts, decouple, masked_cube, masking, plain_cube, triple,
};
use super::super::scale::{Scale, mirrored};
use super::super::sums::{Bands, CubeShifts};
use crate::memory;

/// The rows of a strip. The rows above and below it are split again for it.
const STRIP: usize = 16;

/// The details of a scale, and their weights.
pub(super) struct Details<'a> {
    pub(super) scale: &'a Scale,
    pub(super) weights: &'a Weights,
    /// The details of the reference and of the encode.
    pub(super) details: [&'a Bands<Grid>; 2],
    pub(super) gain_limit: f64,
}

/// Cube roots for every place of each band, in just visible differences.
pub(super) struct Roots {
    /// The part of the reference's details that the encode keeps.
    pub(super) kept: Bands<Vec<f32>>,
    /// The reference's details.
    pub(super) reference: Bands<Vec<f32>>,
    /// The details that the encode adds.
    pub(super) added: Bands<Vec<f32>>,
}

/// A strip's coefficients split into parts, and the masking of each part by the other; both with
/// one row above and one below.
#[derive(Default)]
struct Strip {
    parts: Vec<Parts>,
    /// For each part: the amount that a coefficient adds to the threshold of its neighbours, and to
    /// that of its own place.
    masking: [Vec<(i32, i32)>; 2],
    /// Sums over three rows of the contributions to the thresholds of neighbours.
    columns: Vec<i32>,
}

impl Details<'_> {
    /// Returns the cube roots of the scale.
    pub(super) fn roots(&self) -> Roots {
        let (width, height) = (self.scale.width, self.scale.height);
        let bands = || [(); 3].map(|()| memory::buffer(width * height));
        let mut roots = Roots { kept: bands(), reference: bands(), added: bands() };
        let of_reference = strips(&mut roots.reference, width);
        let masked = strips(&mut roots.kept, width).zip(strips(&mut roots.added, width));
        of_reference.zip(masked).enumerate().for_each_init(
            Strip::default,
            |strip, (index, (reference, (kept, added)))| {
                let first = index * STRIP;
                self.reference(first, reference);
                self.split(first, (first + STRIP).min(height), strip);
                self.masked(KEPT, strip, kept);
                self.masked(ADDED, strip, added);
            },
        );
        roots
    }

    /// Fills `out`, rows from `first` on, with the roots of the reference's details.
    fn reference(&self, first: usize, out: Bands<&mut [f32]>) {
        let shifts = CubeShifts::plain(self.scale);
        for (band, out) in out.into_iter().enumerate() {
            let (unit, weight) = (shifts.unit(band), f64::from(self.weights.exact[band]));
            let coefficients = &self.details[0][band].values[first * self.scale.width..];
            for (out, coefficient) in out.iter_mut().zip(coefficients) {
                let cube = plain_cube(&shifts, band, *coefficient);
                *out = (cube_root(cube as f64 * unit) * weight) as f32;
            }
        }
    }

    /// Splits the rows from `first` to before `end`, with the one above and the one below.
    fn split(&self, first: usize, end: usize, strip: &mut Strip) {
        let (width, height) = (self.scale.width, self.scale.height);
        strip.parts.clear();
        for row in 0..end - first + 2 {
            let y = mirrored((first + row) as isize - 1, height);
            strip.parts.extend((0..width).map(|x| {
                let [o, t] = self.details.map(|details| triple(details, x, y));
                decouple(o, t, self.gain_limit)
            }));
        }
        for (part, masking_of_part) in strip.masking.iter_mut().enumerate() {
            masking_of_part.clear();
            let parts = strip.parts.iter();
            masking_of_part
                .extend(parts.map(|parts| masking(self.scale, self.weights, parts[part])));
        }
    }

    /// Fills `out` with the roots of one part where the other masks it.
    fn masked(&self, part: usize, strip: &mut Strip, mut out: Bands<&mut [f32]>) {
        let width = self.scale.width;
        let shifts = CubeShifts::masked(self.scale);
        let units = [0, 1, 2].map(|band| shifts.unit(band));
        let masking = &strip.masking[1 - part];
        for row in 0..out[0].len() / width {
            let [above, own, below] =
                [0, 1, 2].map(|down| &masking[(row + down) * width..][..width]);
            strip.columns.clear();
            strip.columns.extend(
                above
                    .iter()
                    .zip(own)
                    .zip(below)
                    .map(|((above, own), below)| above.0.wrapping_add(own.0).wrapping_add(below.0)),
            );
            for x in 0..width {
                let [left, right] = [-1, 1].map(|dx| mirrored(x as isize + dx, width));
                let columns = [left, x, right].map(|x| strip.columns[x]);
                // The place itself counts otherwise than its neighbours.
                let around = columns.into_iter().fold(0_i32, i32::wrapping_add);
                let threshold = around.wrapping_sub(own[x].0).wrapping_add(own[x].1);
                let coefficients = strip.parts[(row + 1) * width + x][part];
                for (band, out) in out.iter_mut().enumerate() {
                    let coefficient = coefficients[band];
                    let cube = masked_cube(
                        self.scale,
                        self.weights,
                        &shifts,
                        band,
                        coefficient,
                        threshold,
                    );
                    out[row * width + x] = cube_root(cube as f64 * units[band]) as f32;
                }
            }
        }
    }
}

/// Strips of rows of all bands, to be filled in parallel.
fn strips(
    bands: &mut Bands<Vec<f32>>,
    width: usize,
) -> impl IndexedParallelIterator<Item = Bands<&mut [f32]>> {
    let [first, second, third] = bands.each_mut().map(|band| band.par_chunks_mut(STRIP * width));
    first.zip(second).zip(third).map(|((first, second), third)| [first, second, third])
}

/// Returns the cube root to within 2^-40 of itself, several times as fast as one of all 53 bits: an
/// estimate from the exponent, and two of Halley's steps, each of which leaves about the cube of the
/// error.
pub(super) fn cube_root(value: f64) -> f64 {
    /// A third of twice the exponent's bias, less the constant that minimises the error (W. Kahan,
    /// "Computing a Real Cube Root", 1991).
    const BIAS: u64 = 0x2a9f_7893_0000_0000;
    if value == 0.0 {
        return 0.0;
    }
    let magnitude = value.abs();
    let halley = |root: f64| {
        let cube = root * root * root;
        root * (cube + 2.0 * magnitude) / (2.0 * cube + magnitude)
    };
    halley(halley(f64::from_bits(magnitude.to_bits() / 3 + BIAS))).copysign(value)
}

#[cfg(test)]
mod tests;

//! SSIM's statistics, fast.
//!
//! With means, deviations and covariance under a Gaussian window of 11 by 11 pixels:
//!
//! ```text
//! luminance = (2 mean_r mean_d + C1) / (mean_r^2 + mean_d^2 + C1)
//! contrast  = (2 dev_r dev_d + C2) / (dev_r^2 + dev_d^2 + C2)
//! structure = (cov + C3) / (dev_r dev_d + C3)
//! score     = mean of luminance * contrast * structure
//! ```
//!
//! The map is processed in strips of columns, each from top to bottom in bands of [`BAND`] rows, so
//! that the working set stays in the second-level cache. The passes of a band, in [`Statistics`]:
//!
//! 1. `read`: the pixels, whose rows lie in [segments](crate::simd::segments) ([`picture`]).
//! 2. [`band`]: pixels, their squares and the products of both pictures, filtered across and then
//!    down, a vector of columns at a time, with the sums of [`filter`]. The two maps of the
//!    reference are computed once for all encodes.
//! 3. [`terms`]: the terms of each place, beside the last filter, added to the sums of columns.
//! 4. `end_strip`: the columns' sums, from left to right.
//!
//! [`shrink`] makes large pictures smaller beforehand.

mod band;
mod filter;
pub(super) mod picture;
pub(super) mod shrink;
mod terms;

use fearless_simd::Simd;
use fearless_simd::prelude::*;

use band::{BAND, Band, filter_across, filter_down, open_len};
use picture::Picture;
use terms::{EvenResults, Maps, TERMS, terms};

use super::window::REACH;
use crate::simd::Kernel;
use crate::simd::aligned::AlignedRow;
use crate::simd::segments::{MAX_LANES, lay_out};
use crate::simd::widen::lane_at;

/// The most columns of a strip. Each segment is filtered across from [`REACH`] columns before its
/// first sum on, which long segments have fewer of.
const COLUMNS: usize = 2048;

/// Numbers of a band that a vector of columns has.
const COLUMN: usize = BAND * MAX_LANES;

/// The means over the map of SSIM's terms, and of their product.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::feature) struct Means {
    pub(in crate::feature) luminance: f32,
    pub(in crate::feature) contrast: f32,
    pub(in crate::feature) structure: f32,
    pub(in crate::feature) score: f32,
}

/// Memory of the reference or of one encode.
#[derive(Default)]
struct PictureMemory {
    /// A band of pixels.
    pixels: AlignedRow<f32>,
    /// True if any of them is negative.
    is_signed: bool,
    /// The open sums down of means, squares, and of an encode products with the reference.
    open: [AlignedRow<f64>; 3],
    /// For each column of the strip, the sums of the terms and of their product.
    columns: AlignedRow<f64>,
    sums: [f64; TERMS],
}

/// Memory that is used again from frame to frame.
#[derive(Default)]
pub(in crate::feature) struct Workspace {
    /// A band that is filtered across: of each kind of map one.
    across: [AlignedRow<f32>; 3],
    /// The reference's means and variances in a band, a vector of columns after the other.
    of_reference: [AlignedRow<f32>; 2],
    /// The reference's memory, then each encode's.
    pictures: Vec<PictureMemory>,
}

impl Workspace {
    pub(in crate::feature) fn new() -> Self {
        Self::default()
    }
}

/// The means of each encode's map. Pictures are at least as large as the window.
pub(in crate::feature) struct Statistics<'a, P> {
    pub(in crate::feature) reference: &'a P,
    pub(in crate::feature) distorted: &'a [P],
    /// True if all means are wanted; otherwise those of luminance and of the product are missing.
    pub(in crate::feature) all: bool,
    pub(in crate::feature) workspace: &'a mut Workspace,
}

impl<P: Picture> Kernel for Statistics<'_, P> {
    type Output = Vec<Means>;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> Vec<Means> {
        self.strips(simd)
    }
}

impl<P: Picture> Statistics<'_, P> {
    #[inline(always)]
    fn strips<S: Simd>(self, simd: S) -> Vec<Means> {
        let Workspace { across, of_reference, pictures } = self.workspace;
        pictures.resize_with(self.distorted.len() + 1, PictureMemory::default);
        let [reference, distorted @ ..] = &mut pictures[..] else { return Vec::new() };
        for encode in &mut *distorted {
            encode.sums = [0.0; TERMS];
        }
        let width = self.reference.width() - REACH;
        let height = self.reference.height();
        let all_vectors = width.div_ceil(S::f32s::LEN);
        let vectors = all_vectors.div_ceil(all_vectors.div_ceil(COLUMNS / S::f32s::LEN));
        for left in (0..width).step_by(vectors * S::f32s::LEN) {
            reference.start_strip::<S>(vectors);
            for encode in &mut *distorted {
                encode.start_strip::<S>(vectors);
            }
            for top in (0..height).step_by(BAND) {
                let band = Band { left, vectors, top, rows: BAND.min(height - top) };
                reference.read(simd, self.reference, band);
                let maps = filter_reference::<S, P>(simd, band, reference, across, of_reference);
                for (picture, encode) in self.distorted.iter().zip(&mut *distorted) {
                    encode.read(simd, picture, band);
                    compare::<S, P>(simd, band, reference, maps, encode, across, self.all);
                }
            }
            let columns = (vectors * S::f32s::LEN).min(width - left);
            for encode in &mut *distorted {
                encode.end_strip::<S>(vectors, columns);
            }
        }
        let pixels = (width * (height - REACH)) as f64;
        let mut means = Vec::with_capacity(distorted.len());
        for encode in distorted {
            let [luminance, contrast, structure, score] = encode.sums;
            means.push(Means {
                luminance: (luminance / pixels) as f32,
                contrast: (contrast / pixels) as f32,
                structure: (structure / pixels) as f32,
                score: (score / pixels) as f32,
            });
        }
        means
    }
}

impl PictureMemory {
    #[inline(always)]
    fn start_strip<S: Simd>(&mut self, vectors: usize) {
        for open in &mut self.open {
            open.sized(vectors * open_len::<S>()).fill(0.0);
        }
        self.columns.sized(vectors * TERMS * S::f32s::LEN).fill(0.0);
    }

    /// Reads a band.
    #[inline(always)]
    fn read<S: Simd, P: Picture>(&mut self, simd: S, picture: &P, band: Band) {
        let Band { left, vectors, top, rows } = band;
        let stride = band.stride::<S>();
        let pixels = self.pixels.sized(BAND * stride);
        let columns = (vectors * S::f32s::LEN + REACH).min(picture.width() - left);
        self.is_signed = false;
        for y in 0..rows {
            picture.prefetch(left, top + y, columns);
            self.is_signed |= picture.is_signed(top + y);
            let (row, pixels) = (picture.row(top + y), &mut pixels[y * stride..][..stride]);
            lay_out(simd, row, left as isize, vectors, vectors + REACH, pixels);
        }
    }

    /// Adds the columns' sums to the picture's, from left to right.
    #[inline(always)]
    fn end_strip<S: Simd>(&mut self, vectors: usize, columns: usize) {
        let lanes = S::f32s::LEN;
        let column_sums = self.columns.sized(vectors * TERMS * lanes);
        // The position of each lane after two filters.
        let mut places = [0; MAX_LANES];
        for place in 0..lanes {
            places[lane_at(lane_at(place, lanes), lanes)] = place;
        }
        for column in 0..columns {
            let sums = &column_sums[column % vectors * TERMS * lanes..][..TERMS * lanes];
            for term in 0..TERMS {
                self.sums[term] += sums[term * lanes + places[column / vectors]];
            }
        }
    }
}

/// Filters the reference's band; returns its means and variances.
#[inline(always)]
fn filter_reference<'a, S: Simd, P: Picture>(
    simd: S,
    band: Band,
    reference: &mut PictureMemory,
    across: &mut [AlignedRow<f32>; 3],
    [means, variances]: &'a mut [AlignedRow<f32>; 2],
) -> [&'a [f32]; 2] {
    let stride = band.stride::<S>();
    let [mean, square, _] = across.each_mut().map(|across| across.sized(BAND * stride));
    let pixels = &*reference.pixels.sized(BAND * stride);
    let is_signed = P::MAY_BE_NEGATIVE && reference.is_signed;
    filter_across(simd, band, [pixels, pixels], (is_signed, false), mean);
    filter_across(simd, band, [pixels, pixels], (false, true), square);
    let [means, variances] =
        [means, variances].map(|map| map.sized(band.vectors * BAND * S::f32s::LEN));
    for vector in 0..band.vectors {
        let map = |map| -> &mut [f32] { map };
        let at = vector * BAND * S::f32s::LEN;
        let mean_map = &mut map(&mut *means)[at..][..BAND * S::f32s::LEN];
        let square_map = &mut map(&mut *variances)[at..][..BAND * S::f32s::LEN];
        let [open_mean, open_square, _] = &mut reference.open;
        filter_down(simd, band, vector, mean, is_signed, open_mean, mean_map);
        filter_down(simd, band, vector, square, false, open_square, square_map);
        variance(simd, mean_map, square_map);
    }
    [means, variances]
}

/// Filters an encode's band, and adds its terms to the sums of their columns.
#[inline(always)]
fn compare<S: Simd, P: Picture>(
    simd: S,
    band: Band,
    reference: &mut PictureMemory,
    [means, variances]: [&[f32]; 2],
    encode: &mut PictureMemory,
    across: &mut [AlignedRow<f32>; 3],
    all: bool,
) {
    let (lanes, stride) = (S::f32s::LEN, band.stride::<S>());
    let [mean, square, both] = across.each_mut().map(|across| across.sized(BAND * stride));
    let pixels_r = &*reference.pixels.sized(BAND * stride);
    let pixels = &*encode.pixels.sized(BAND * stride);
    let is_signed = P::MAY_BE_NEGATIVE && encode.is_signed;
    let both_is_signed = P::MAY_BE_NEGATIVE && (is_signed || reference.is_signed);
    filter_across(simd, band, [pixels, pixels], (is_signed, false), mean);
    filter_across(simd, band, [pixels, pixels], (false, true), square);
    filter_across(simd, band, [pixels_r, pixels], (both_is_signed, true), both);
    let column_sums = encode.columns.sized(band.vectors * TERMS * lanes);
    let [open_mean, open_square, open_both] = &mut encode.open;
    let mut maps = [Column([0.0; COLUMN]); 2];
    let mut between = EvenResults::new();
    for vector in 0..band.vectors {
        let [Column(mean_d), Column(square_d)] = &mut maps;
        filter_down(simd, band, vector, mean, is_signed, open_mean, mean_d);
        filter_down(simd, band, vector, square, false, open_square, square_d);
        let at = vector * BAND * lanes;
        let of_reference = [&means[at..][..BAND * lanes], &variances[at..][..BAND * lanes]];
        let maps = Maps { of_reference, of_encode: [mean_d, square_d], top: band.top };
        let sums = &mut column_sums[vector * TERMS * lanes..][..TERMS * lanes];
        let both = (&*both, both_is_signed);
        if all {
            terms::<S, true>(simd, band, vector, maps, both, open_both, (&mut between, sums));
        } else {
            terms::<S, false>(simd, band, vector, maps, both, open_both, (&mut between, sums));
        }
    }
}

/// A band of a vector of columns.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Column([f32; COLUMN]);

/// Turns means of squares into variances, at least 0.
#[inline(always)]
fn variance<S: Simd>(simd: S, mean: &[f32], square: &mut [f32]) {
    let lanes = S::f32s::LEN;
    let zero = S::f32s::splat(simd, 0.0);
    for row in 0..BAND {
        let mean = S::f32s::from_slice(simd, &mean[row * lanes..][..lanes]);
        let square = &mut square[row * lanes..][..lanes];
        (S::f32s::from_slice(simd, square) - mean * mean).max(zero).store_slice(square);
    }
}

//! SSIM's statistics, fast.
//!
//! The map is gone through in strips of columns, each from top to bottom in bands of [`BAND`] rows,
//! so that what is worked on stays in the second-level cache. The rows of a strip lie in
//! [segments](crate::simd::segments). A band's pixels, their squares and their products are filtered
//! across, then down, a vector of columns at a time, and turned into terms. What depends on the
//! reference alone (two of the five filtered maps) is computed once for all encodes.

use fearless_simd::Simd;
use fearless_simd::prelude::*;

use super::filter::Sums;
use super::picture::Picture;
use super::window::{C1, C2, C3, REACH};
use crate::simd::Kernel;
use crate::simd::aligned::AlignedRow;
use crate::simd::segments::{MAX_LANES, lay_out, row_len};
use crate::simd::widen::{lane_at, write_half};

/// The most vectors of a strip.
const VECTORS: usize = 64;

/// Rows of a band.
const BAND: usize = 32;

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

/// Terms that are summed.
const TERMS: usize = 4;

/// Memory of the reference or of one encode.
#[derive(Default)]
struct Lane {
    /// A band of pixels.
    pixels: AlignedRow<f32>,
    /// Whether any of them is negative.
    is_signed: bool,
    /// The open sums down of means, squares, and of an encode products with the reference.
    open: [AlignedRow<f64>; 3],
    /// Of each column of the strip, the sums of the terms and of their product.
    columns: AlignedRow<f64>,
    sums: [f64; TERMS],
}

/// Memory that is used again from frame to frame.
#[derive(Default)]
pub(in crate::feature) struct Workspace {
    /// A row of a picture.
    row: Vec<f32>,
    /// A band that is filtered across: of each kind of map one.
    across: [AlignedRow<f32>; 3],
    /// The reference's means and variances in a band, a vector of columns after the other.
    of_reference: [AlignedRow<f32>; 2],
    /// The reference's, then each encode's.
    lanes: Vec<Lane>,
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
    /// Whether all means are wanted: else those of luminance and of the product are not there.
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

/// A band of a strip.
#[derive(Clone, Copy)]
struct Band {
    /// The strip's first column.
    left: usize,
    /// Vectors of columns of the map; pixels have `REACH` more.
    vectors: usize,
    top: usize,
    rows: usize,
}

impl Band {
    /// From a row of pixels to the next one.
    #[inline(always)]
    fn stride<S: Simd>(self) -> usize {
        // An odd number of vectors keeps rows out of each other's places in the cache.
        ((self.vectors + REACH).next_multiple_of(S::f32s::LEN) | 1) * S::f32s::LEN
    }
}

impl<P: Picture> Statistics<'_, P> {
    #[inline(always)]
    fn strips<S: Simd>(self, simd: S) -> Vec<Means> {
        let Workspace { row, across, of_reference, lanes } = self.workspace;
        lanes.resize_with(self.distorted.len() + 1, Lane::default);
        let [reference, distorted @ ..] = &mut lanes[..] else { return Vec::new() };
        for lane in &mut *distorted {
            lane.sums = [0.0; TERMS];
        }
        let width = self.reference.width() - REACH;
        let height = self.reference.height();
        let all_vectors = width.div_ceil(S::f32s::LEN);
        let vectors = all_vectors.div_ceil(all_vectors.div_ceil(VECTORS));
        for left in (0..width).step_by(vectors * S::f32s::LEN) {
            reference.start_strip::<S>(vectors);
            for lane in &mut *distorted {
                lane.start_strip::<S>(vectors);
            }
            for top in (0..height).step_by(BAND) {
                let band = Band { left, vectors, top, rows: BAND.min(height - top) };
                reference.read(simd, self.reference, band, row);
                let maps = filter_reference::<S, P>(simd, band, reference, across, of_reference);
                for (picture, lane) in self.distorted.iter().zip(&mut *distorted) {
                    lane.read(simd, picture, band, row);
                    compare::<S, P>(simd, band, reference, maps, lane, across, self.all);
                }
            }
            let columns = (vectors * S::f32s::LEN).min(width - left);
            for lane in &mut *distorted {
                lane.end_strip::<S>(vectors, columns);
            }
        }
        let pixels = (width * (height - REACH)) as f64;
        let mut means = Vec::with_capacity(distorted.len());
        for lane in distorted {
            let [luminance, contrast, structure, score] = lane.sums;
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

/// Numbers of the open sums of a vector of columns: those of its even lanes, then its odd ones.
#[inline(always)]
fn open_len<S: Simd>() -> usize {
    REACH * S::f32s::LEN
}

impl Lane {
    #[inline(always)]
    fn start_strip<S: Simd>(&mut self, vectors: usize) {
        for open in &mut self.open {
            open.sized(vectors * open_len::<S>()).fill(0.0);
        }
        self.columns.sized(vectors * TERMS * S::f32s::LEN).fill(0.0);
    }

    /// Reads a band; what lies right of the picture is 0.
    #[inline(always)]
    fn read<S: Simd, P: Picture>(&mut self, simd: S, picture: &P, band: Band, row: &mut Vec<f32>) {
        let Band { left, vectors, top, rows } = band;
        let (lanes, stride) = (S::f32s::LEN, band.stride::<S>());
        let len = row_len(lanes, vectors, vectors + REACH);
        if row.len() < len {
            row.resize(len, 0.0);
        }
        let row = &mut row[..len];
        let columns = len.min(picture.width() - left);
        let pixels = self.pixels.sized(BAND * stride);
        let mut signs = 0;
        for y in 0..rows {
            picture.read(left, top + y, &mut row[..columns]);
            row[columns..].fill(0.0);
            if P::MAY_BE_NEGATIVE {
                for pixel in &*row {
                    signs |= pixel.to_bits();
                }
            }
            lay_out(simd, row, vectors, vectors + REACH, &mut pixels[y * stride..][..stride]);
        }
        self.is_signed = signs >> 31 != 0;
    }

    /// Takes the columns' sums into the picture's, from left to right.
    #[inline(always)]
    fn end_strip<S: Simd>(&mut self, vectors: usize, columns: usize) {
        let lanes = S::f32s::LEN;
        let column_sums = self.columns.sized(vectors * TERMS * lanes);
        // Where each lane is after two filters.
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

/// Filters the reference's band, and gives its means and variances.
#[inline(always)]
fn filter_reference<'a, S: Simd, P: Picture>(
    simd: S,
    band: Band,
    reference: &mut Lane,
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
    reference: &mut Lane,
    [means, variances]: [&[f32]; 2],
    lane: &mut Lane,
    across: &mut [AlignedRow<f32>; 3],
    all: bool,
) {
    let (lanes, stride) = (S::f32s::LEN, band.stride::<S>());
    let [mean, square, both] = across.each_mut().map(|across| across.sized(BAND * stride));
    let pixels_r = &*reference.pixels.sized(BAND * stride);
    let pixels = &*lane.pixels.sized(BAND * stride);
    let is_signed = P::MAY_BE_NEGATIVE && lane.is_signed;
    let both_is_signed = P::MAY_BE_NEGATIVE && (is_signed || reference.is_signed);
    filter_across(simd, band, [pixels, pixels], (is_signed, false), mean);
    filter_across(simd, band, [pixels, pixels], (false, true), square);
    filter_across(simd, band, [pixels_r, pixels], (both_is_signed, true), both);
    let column_sums = lane.columns.sized(band.vectors * TERMS * lanes);
    let mut maps = [Column([0.0; COLUMN]); 3];
    for vector in 0..band.vectors {
        let [open_mean, open_square, open_both] = &mut lane.open;
        let [Column(mean_d), Column(square_d), Column(both_d)] = &mut maps;
        filter_down(simd, band, vector, mean, is_signed, open_mean, mean_d);
        filter_down(simd, band, vector, square, false, open_square, square_d);
        filter_down(simd, band, vector, both, both_is_signed, open_both, both_d);
        let at = vector * BAND * lanes;
        let maps = [&means[at..], &variances[at..], mean_d, square_d, both_d];
        let maps: [&[f32]; 5] = maps.map(|map| &map[..BAND * lanes]);
        let sums = &mut column_sums[vector * TERMS * lanes..][..TERMS * lanes];
        // The sums that a band completes above the map's first row mean nothing.
        let rows = REACH.saturating_sub(band.top)..band.rows;
        if all {
            terms::<S, true>(simd, maps, rows, sums);
        } else {
            terms::<S, false>(simd, maps, rows, sums);
        }
    }
}

/// A band of a vector of columns.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Column([f32; COLUMN]);

/// Filters the pixels of a band across, or their products; even lanes come to lie before odd ones.
#[inline(always)]
fn filter_across<S: Simd>(
    simd: S,
    band: Band,
    pixels: [&[f32]; 2],
    (is_signed, is_product): (bool, bool),
    out: &mut [f32],
) {
    let stride = band.stride::<S>();
    for y in 0..band.rows {
        let row = pixels.map(|pixels| &pixels[y * stride..][..stride]);
        let out = &mut out[y * stride..][..stride];
        match (is_signed, is_product) {
            (false, false) => across::<S, false, false>(simd, row, band.vectors, out),
            (true, false) => across::<S, true, false>(simd, row, band.vectors, out),
            (false, true) => across::<S, false, true>(simd, row, band.vectors, out),
            (true, true) => across::<S, true, true>(simd, row, band.vectors, out),
        }
    }
}

#[inline(always)]
fn across<S: Simd, const SIGNED: bool, const PRODUCT: bool>(
    simd: S,
    row: [&[f32]; 2],
    vectors: usize,
    out: &mut [f32],
) {
    half_across::<S, false, SIGNED, PRODUCT>(simd, row, vectors, out);
    half_across::<S, true, SIGNED, PRODUCT>(simd, row, vectors, out);
}

#[inline(always)]
fn half_across<S: Simd, const ODD: bool, const SIGNED: bool, const PRODUCT: bool>(
    simd: S,
    [a, b]: [&[f32]; 2],
    vectors: usize,
    out: &mut [f32],
) {
    let lanes = S::f32s::LEN;
    let half = if ODD { lanes / 2 } else { 0 };
    let mut sums = Sums::zero(simd);
    for i in 0..vectors + REACH {
        let mut value = S::f32s::from_slice(simd, &a[i * lanes..][..lanes]);
        if PRODUCT {
            value *= S::f32s::from_slice(simd, &b[i * lanes..][..lanes]);
        }
        let done = sums.take::<ODD, SIGNED>(simd, value);
        if i >= REACH {
            write_half::<S>(done, &mut out[(i - REACH) * lanes + half..][..lanes / 2]);
        }
    }
}

/// Filters a vector of columns of a band down. The map's rows are those that the band completes.
#[inline(always)]
fn filter_down<S: Simd>(
    simd: S,
    band: Band,
    vector: usize,
    across: &[f32],
    is_signed: bool,
    open: &mut AlignedRow<f64>,
    map: &mut [f32],
) {
    let open = open.sized(band.vectors * open_len::<S>());
    let open = &mut open[vector * open_len::<S>()..][..open_len::<S>()];
    let (even, odd) = open.split_at_mut(open_len::<S>() / 2);
    let across = &across[vector * S::f32s::LEN..];
    if is_signed {
        half_down::<S, false, true>(simd, band, across, even, map);
        half_down::<S, true, true>(simd, band, across, odd, map);
    } else {
        half_down::<S, false, false>(simd, band, across, even, map);
        half_down::<S, true, false>(simd, band, across, odd, map);
    }
}

#[inline(always)]
fn half_down<S: Simd, const ODD: bool, const SIGNED: bool>(
    simd: S,
    band: Band,
    across: &[f32],
    open: &mut [f64],
    map: &mut [f32],
) {
    let (lanes, stride) = (S::f32s::LEN, band.stride::<S>());
    let half = if ODD { lanes / 2 } else { 0 };
    let mut sums = Sums::load(simd, open);
    for y in 0..band.rows {
        let values = S::f32s::from_slice(simd, &across[y * stride..][..lanes]);
        let done = sums.take::<ODD, SIGNED>(simd, values);
        write_half::<S>(done, &mut map[y * lanes + half..][..lanes / 2]);
    }
    sums.store(open);
}

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

/// Adds the terms of some rows of a vector of columns to the sums of the columns.
#[inline(always)]
fn terms<S: Simd, const ALL: bool>(
    simd: S,
    maps: [&[f32]; 5],
    rows: std::ops::Range<usize>,
    column_sums: &mut [f64],
) {
    let lanes = S::f32s::LEN;
    let zero = S::f32s::splat(simd, 0.0);
    let [luminances, contrasts, structures, scores] = [0, 1, 2, 3];
    let mut sums = [(S::f64s::splat(simd, 0.0), S::f64s::splat(simd, 0.0)); TERMS];
    for term in 0..TERMS {
        let (low, high) = column_sums[term * lanes..][..lanes].split_at(lanes / 2);
        sums[term] = (S::f64s::from_slice(simd, low), S::f64s::from_slice(simd, high));
    }
    for row in rows {
        let at = row * lanes;
        let mean_r = S::f32s::from_slice(simd, &maps[0][at..][..lanes]);
        let var_r = S::f32s::from_slice(simd, &maps[1][at..][..lanes]);
        let mean_d = S::f32s::from_slice(simd, &maps[2][at..][..lanes]);
        let square_d = S::f32s::from_slice(simd, &maps[3][at..][..lanes]);
        let both = S::f32s::from_slice(simd, &maps[4][at..][..lanes]);

        let var_d = (square_d - mean_d * mean_d).max(zero);
        let covariance = both - mean_r * mean_d;
        let deviations = (var_r * var_d).sqrt();
        // Where both pictures are flat rounding alone makes a covariance.
        let flat = covariance.simd_lt(zero) & deviations.simd_le(zero);
        let covariance = flat.select(zero, covariance);
        let structure = ((covariance + C3) / (deviations + C3)).widen();
        let deviations = deviations.widen();
        let variances = (var_r + var_d + C2).widen();
        let contrast = (
            (deviations.0 * 2.0 + f64::from(C2)) / variances.0,
            (deviations.1 * 2.0 + f64::from(C2)) / variances.1,
        );
        add(&mut sums[contrasts], contrast);
        add(&mut sums[structures], structure);
        if ALL {
            let squares = (mean_r * mean_r + mean_d * mean_d + C1).widen();
            let (mean_r, mean_d) = (mean_r.widen(), mean_d.widen());
            let luminance = (
                (mean_r.0 * 2.0 * mean_d.0 + f64::from(C1)) / squares.0,
                (mean_r.1 * 2.0 * mean_d.1 + f64::from(C1)) / squares.1,
            );
            let score =
                (luminance.0 * contrast.0 * structure.0, luminance.1 * contrast.1 * structure.1);
            add(&mut sums[luminances], luminance);
            add(&mut sums[scores], score);
        }
    }
    for term in 0..TERMS {
        let (low, high) = column_sums[term * lanes..][..lanes].split_at_mut(lanes / 2);
        sums[term].0.store_slice(low);
        sums[term].1.store_slice(high);
    }
}

/// Adds the two halves of a vector to their sums.
#[inline(always)]
fn add<V: std::ops::AddAssign>(sums: &mut (V, V), (low, high): (V, V)) {
    sums.0 += low;
    sums.1 += high;
}

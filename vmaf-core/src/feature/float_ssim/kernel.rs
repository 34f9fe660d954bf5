//! SSIM's statistics, fast.
//!
//! The map is gone through in strips of [`TILE`] columns, each from top to bottom in bands of
//! [`BAND`] rows, so that all that is worked on stays in the nearest cache. A band is read once a
//! picture; its means, squares and products are filtered across, then down, and turned into terms.
//! The filter down keeps the ten sums that are still open of each column in registers: a row adds
//! to each of them and completes the eldest. What depends on the reference alone (two of the five
//! filtered maps) is computed once for all encodes.
//!
//! Products are rounded to single precision and summed in double, in the order of the taps, as
//! libvmaf does.

use fearless_simd::Simd;
use fearless_simd::prelude::*;

use super::picture::Picture;
use super::window::{C1, C2, C3, HALF, REACH, TAPS};
use crate::simd::Kernel;

/// Columns of a strip: a whole number of vectors of any instruction set.
const TILE: usize = 64;

/// Columns that are read for a strip: more than the window needs, so that vectors fit.
const SPAN: usize = TILE + 24;

/// Rows of a band.
const BAND: usize = 16;

/// The means over the map of SSIM's terms, and of their product.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::feature) struct Means {
    pub(in crate::feature) luminance: f32,
    pub(in crate::feature) contrast: f32,
    pub(in crate::feature) structure: f32,
    pub(in crate::feature) score: f32,
}

/// A band of a map: one number a column and row.
type Map = [f32; BAND * TILE];

/// The sums down that are open at a band's end, eldest first.
type Open = [f64; REACH * TILE];

/// Memory of the reference or of one encode.
struct Lane {
    /// Means, squares, and of an encode products with the reference.
    maps: [Box<Map>; 3],
    open: [Box<Open>; 3],
    /// Of each column of the strip, the sums of the terms and of their product.
    columns: [[f64; TILE]; 4],
    sums: [f64; 4],
}

impl Lane {
    fn new() -> Self {
        Self {
            maps: std::array::from_fn(|_| Box::new([0.0; BAND * TILE])),
            open: std::array::from_fn(|_| Box::new([0.0; REACH * TILE])),
            columns: [[0.0; TILE]; 4],
            sums: [0.0; 4],
        }
    }

    fn start_strip(&mut self) {
        for open in &mut self.open {
            open.fill(0.0);
        }
        self.columns = [[0.0; TILE]; 4];
    }
}

/// Memory that is used again from frame to frame.
pub(in crate::feature) struct Workspace {
    /// A band of the reference, of an encode, and of their squares or products.
    reference: Box<[f32; BAND * SPAN]>,
    distorted: Box<[f32; BAND * SPAN]>,
    product: Box<[f32; BAND * SPAN]>,
    across: Box<Map>,
    /// The reference's, then each encode's.
    lanes: Vec<Lane>,
}

impl Workspace {
    pub(in crate::feature) fn new() -> Self {
        Self {
            reference: Box::new([0.0; BAND * SPAN]),
            distorted: Box::new([0.0; BAND * SPAN]),
            product: Box::new([0.0; BAND * SPAN]),
            across: Box::new([0.0; BAND * TILE]),
            lanes: Vec::new(),
        }
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
        if self.all { self.strips::<S, true>(simd) } else { self.strips::<S, false>(simd) }
    }
}

impl<P: Picture> Statistics<'_, P> {
    #[inline(always)]
    fn strips<S: Simd, const ALL: bool>(self, simd: S) -> Vec<Means> {
        let Workspace { reference, distorted, product, across, lanes } = self.workspace;
        lanes.resize_with(self.distorted.len() + 1, Lane::new);
        let [of_reference, of_distorted @ ..] = &mut lanes[..] else { return Vec::new() };
        for lane in &mut *of_distorted {
            lane.sums = [0.0; 4];
        }
        let width = self.reference.width() - REACH;
        let height = self.reference.height();
        for left in (0..width).step_by(TILE) {
            let columns = TILE.min(width - left);
            of_reference.start_strip();
            for lane in &mut *of_distorted {
                lane.start_strip();
            }
            for top in (0..height).step_by(BAND) {
                let rows = BAND.min(height - top);
                let size = (rows, columns);
                read(self.reference, left, top, rows, reference);
                let Lane { maps: [mean_r, square_r, _], open: [open_mean, open_square, _], .. } =
                    &mut *of_reference;
                filter(simd, reference, size, across, open_mean, mean_r);
                multiply(reference, reference, product);
                filter(simd, product, size, across, open_square, square_r);
                variance(simd, mean_r, square_r);
                for (picture, lane) in self.distorted.iter().zip(&mut *of_distorted) {
                    read(picture, left, top, rows, distorted);
                    let Lane { maps: [mean, square, both], open, columns: sums, .. } = lane;
                    filter(simd, distorted, size, across, &mut open[0], mean);
                    multiply(distorted, distorted, product);
                    filter(simd, product, size, across, &mut open[1], square);
                    multiply(reference, distorted, product);
                    filter(simd, product, size, across, &mut open[2], both);
                    // The sums that a band completes above the map's first row mean nothing.
                    for row in REACH.saturating_sub(top)..rows {
                        let maps = [&**mean_r, square_r, mean, square, both];
                        terms::<S, ALL>(simd, maps, row, columns, sums);
                    }
                }
            }
            for lane in &mut *of_distorted {
                for (sum, column_sums) in lane.sums.iter_mut().zip(&lane.columns) {
                    for column in &column_sums[..columns] {
                        *sum += column;
                    }
                }
            }
        }
        let pixels = (width * (height - REACH)) as f64;
        let mut means = Vec::with_capacity(of_distorted.len());
        for lane in of_distorted {
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

/// Reads a band; what lies right of the picture is 0.
#[inline(always)]
fn read<P: Picture>(
    picture: &P,
    left: usize,
    top: usize,
    rows: usize,
    band: &mut [f32; BAND * SPAN],
) {
    let columns = SPAN.min(picture.width() - left);
    for row in 0..rows {
        let out = &mut band[row * SPAN..][..SPAN];
        picture.read(left, top + row, &mut out[..columns]);
        out[columns..].fill(0.0);
    }
}

#[inline(always)]
fn multiply(a: &[f32; BAND * SPAN], b: &[f32; BAND * SPAN], out: &mut [f32; BAND * SPAN]) {
    for i in 0..BAND * SPAN {
        out[i] = a[i] * b[i];
    }
}

/// Filters a band across and down. The map's rows are those that the band completes.
#[inline(always)]
fn filter<S: Simd>(
    simd: S,
    band: &[f32; BAND * SPAN],
    (rows, columns): (usize, usize),
    across: &mut Map,
    open: &mut Open,
    map: &mut Map,
) {
    for row in 0..rows {
        let from = &band[row * SPAN..][..SPAN];
        let to = &mut across[row * TILE..][..TILE];
        for x in (0..columns).step_by(S::f32s::LEN) {
            filter_across(simd, &from[x..], &mut to[x..][..S::f32s::LEN]);
        }
    }
    for x in (0..columns).step_by(S::f32s::LEN) {
        filter_down::<S, false>(simd, across, rows, x, open, map);
        filter_down::<S, true>(simd, across, rows, x, open, map);
    }
}

/// A vector of sums across.
#[inline(always)]
fn filter_across<S: Simd>(simd: S, from: &[f32], to: &mut [f32]) {
    let half = S::f64s::LEN;
    let mut low = S::f64s::splat(simd, 0.0);
    let mut high = low;
    for k in 0..TAPS {
        let tap = HALF[if k < TAPS / 2 { k } else { TAPS - 1 - k }];
        // Half of each vector is left unused: to read twice is faster than to take one apart.
        low += product::<S, false>(S::f32s::from_slice(simd, &from[k..][..2 * half]), tap);
        high += product::<S, false>(S::f32s::from_slice(simd, &from[k + half..][..2 * half]), tap);
    }
    low.narrow(high).store_slice(to);
}

/// The sums down of half a vector of columns, from `x` on: the lower half or the upper one.
#[inline(always)]
fn filter_down<S: Simd, const UPPER: bool>(
    simd: S,
    across: &Map,
    rows: usize,
    x: usize,
    open: &mut Open,
    map: &mut Map,
) {
    let half = S::f64s::LEN;
    let at = if UPPER { x + half } else { x };
    let mut sums = [S::f64s::splat(simd, 0.0); REACH];
    for k in 0..REACH {
        sums[k] = S::f64s::from_slice(simd, &open[k * TILE + at..][..half]);
    }
    for row in 0..rows {
        let values = S::f32s::from_slice(simd, &across[row * TILE + x..][..S::f32s::LEN]);
        let p0 = product::<S, UPPER>(values, HALF[0]);
        let p1 = product::<S, UPPER>(values, HALF[1]);
        let p2 = product::<S, UPPER>(values, HALF[2]);
        let p3 = product::<S, UPPER>(values, HALF[3]);
        let p4 = product::<S, UPPER>(values, HALF[4]);
        let p5 = product::<S, UPPER>(values, HALF[5]);
        let done = sums[0] + p0;
        sums = [
            sums[1] + p1,
            sums[2] + p2,
            sums[3] + p3,
            sums[4] + p4,
            sums[5] + p5,
            sums[6] + p4,
            sums[7] + p3,
            sums[8] + p2,
            sums[9] + p1,
            p0,
        ];
        let done = done.narrow(done);
        map[row * TILE + at..][..half].copy_from_slice(&done.as_slice()[..half]);
    }
    for k in 0..REACH {
        sums[k].store_slice(&mut open[k * TILE + at..][..half]);
    }
}

#[inline(always)]
fn product<S: Simd, const UPPER: bool>(values: S::f32s, tap: f32) -> S::f64s {
    let (low, high) = (values * tap).widen();
    if UPPER { high } else { low }
}

/// Turns means of squares into variances, at least 0.
#[inline(always)]
fn variance<S: Simd>(simd: S, mean: &Map, square: &mut Map) {
    let zero = S::f32s::splat(simd, 0.0);
    for x in (0..BAND * TILE).step_by(S::f32s::LEN) {
        let mean = S::f32s::from_slice(simd, &mean[x..][..S::f32s::LEN]);
        let square = &mut square[x..][..S::f32s::LEN];
        (S::f32s::from_slice(simd, square) - mean * mean).max(zero).store_slice(square);
    }
}

/// Adds a row's terms to the sums of their columns.
#[inline(always)]
fn terms<S: Simd, const ALL: bool>(
    simd: S,
    [mean_r, var_r, mean_d, square_d, both]: [&Map; 5],
    row: usize,
    columns: usize,
    sums: &mut [[f64; TILE]; 4],
) {
    let len = S::f32s::LEN;
    let zero = S::f32s::splat(simd, 0.0);
    for x in (0..columns).step_by(len) {
        let at = row * TILE + x;
        let mean_r = S::f32s::from_slice(simd, &mean_r[at..][..len]);
        let var_r = S::f32s::from_slice(simd, &var_r[at..][..len]);
        let mean_d = S::f32s::from_slice(simd, &mean_d[at..][..len]);
        let square_d = S::f32s::from_slice(simd, &square_d[at..][..len]);
        let both = S::f32s::from_slice(simd, &both[at..][..len]);

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
        add(simd, &mut sums[1][x..x + len], contrast);
        add(simd, &mut sums[2][x..x + len], structure);
        if ALL {
            let squares = (mean_r * mean_r + mean_d * mean_d + C1).widen();
            let (mean_r, mean_d) = (mean_r.widen(), mean_d.widen());
            let luminance = (
                (mean_r.0 * 2.0 * mean_d.0 + f64::from(C1)) / squares.0,
                (mean_r.1 * 2.0 * mean_d.1 + f64::from(C1)) / squares.1,
            );
            let score =
                (luminance.0 * contrast.0 * structure.0, luminance.1 * contrast.1 * structure.1);
            add(simd, &mut sums[0][x..x + len], luminance);
            add(simd, &mut sums[3][x..x + len], score);
        }
    }
}

/// Adds the two halves of a vector's columns to their sums.
#[inline(always)]
fn add<S: Simd>(simd: S, sums: &mut [f64], (low, high): (S::f64s, S::f64s)) {
    let (sums_low, sums_high) = sums.split_at_mut(S::f64s::LEN);
    (S::f64s::from_slice(simd, sums_low) + low).store_slice(sums_low);
    (S::f64s::from_slice(simd, sums_high) + high).store_slice(sums_high);
}

//! SSIM's terms, computed beside the last of the filters.
//!
//! Terms take divisions and a root for each vector, which keep the divider busy and little else; the
//! filters keep everything but the divider busy. So the last map, of the products of both pictures, is never
//! written: while the even lanes of its columns are summed, contrast (and luminance) is computed,
//! which does not need it, and with the odd lanes structure, which does.

use fearless_simd::Simd;
use fearless_simd::prelude::*;

use super::super::window::{C1, C2, C3, REACH};
use super::band::{BAND, Band, Sink, half_down};
use crate::simd::aligned::AlignedRow;
use crate::simd::segments::MAX_LANES;
use crate::simd::widen::scaled_up;

/// Terms that are summed: luminance, contrast, structure, and their product.
pub(super) const TERMS: usize = 4;

const LUMINANCE: usize = 0;
const CONTRAST: usize = 1;
const STRUCTURE: usize = 2;
const SCORE: usize = 3;

/// Maps of a vector of columns of a band.
#[derive(Clone, Copy)]
pub(super) struct Maps<'a> {
    /// The reference's means and variances.
    pub(super) of_reference: [&'a [f32]; 2],
    /// An encode's means, and means of squares.
    pub(super) of_encode: [&'a [f32]; 2],
    /// The band's first row.
    pub(super) top: usize,
}

/// Values computed with the even lanes and used with the odd ones.
#[repr(align(64))]
pub(super) struct EvenResults {
    /// The sums of the products of both pictures, of even lanes.
    even: [f64; BAND * MAX_LANES / 2],
    /// Luminance times contrast.
    product: [f64; BAND * MAX_LANES],
    /// The products of the pictures' deviations.
    deviations: [f32; BAND * MAX_LANES],
}

impl EvenResults {
    #[inline(always)]
    pub(super) fn new() -> Self {
        Self {
            even: [0.0; BAND * MAX_LANES / 2],
            product: [0.0; BAND * MAX_LANES],
            deviations: [0.0; BAND * MAX_LANES],
        }
    }
}

/// Filters a vector of columns of a band of products down, and adds the terms to the sums of the
/// columns. `ALL` of them, or contrast and structure alone.
#[inline(always)]
pub(super) fn terms<S: Simd, const ALL: bool>(
    simd: S,
    band: Band,
    vector: usize,
    maps: Maps<'_>,
    both: (&[f32], bool),
    open: &mut AlignedRow<f64>,
    (between, column_sums): (&mut EvenResults, &mut [f64]),
) {
    // The sums that a band completes above the map's first row are meaningless.
    let first = REACH.saturating_sub(maps.top);
    let term = |term: usize| Sum::<S>::load(simd, &column_sums[term * S::f32s::LEN..]);
    let [luminance, contrast] = [term(LUMINANCE), term(CONTRAST)];
    let mut even = EvenLanes::<S, ALL> { maps, first, between, luminance, contrast };
    half_down::<S, false, _>(simd, band, vector, both, open, &mut even);
    let [luminance, contrast] = [even.luminance, even.contrast];
    let [structure, score] = [term(STRUCTURE), term(SCORE)];
    let mut odd = OddLanes::<S, ALL> { maps, first, between, structure, score };
    half_down::<S, true, _>(simd, band, vector, both, open, &mut odd);
    let [structure, score] = [odd.structure, odd.score];
    contrast.store(&mut column_sums[CONTRAST * S::f32s::LEN..]);
    structure.store(&mut column_sums[STRUCTURE * S::f32s::LEN..]);
    if ALL {
        luminance.store(&mut column_sums[LUMINANCE * S::f32s::LEN..]);
        score.store(&mut column_sums[SCORE * S::f32s::LEN..]);
    }
}

/// A term's sums of a vector of columns, in two halves.
#[derive(Clone, Copy)]
struct Sum<S: Simd>(S::f64s, S::f64s);

impl<S: Simd> Sum<S> {
    #[inline(always)]
    fn load(simd: S, from: &[f64]) -> Self {
        let half = S::f64s::LEN;
        let (low, high) = from[..2 * half].split_at(half);
        Self(S::f64s::from_slice(simd, low), S::f64s::from_slice(simd, high))
    }

    #[inline(always)]
    fn store(self, to: &mut [f64]) {
        let half = S::f64s::LEN;
        self.0.store_slice(&mut to[..half]);
        self.1.store_slice(&mut to[half..2 * half]);
    }

    #[inline(always)]
    fn add(&mut self, (low, high): (S::f64s, S::f64s)) {
        self.0 += low;
        self.1 += high;
    }
}

/// Takes the even lanes: contrast and luminance.
struct EvenLanes<'a, S: Simd, const ALL: bool> {
    maps: Maps<'a>,
    first: usize,
    between: &'a mut EvenResults,
    luminance: Sum<S>,
    contrast: Sum<S>,
}

impl<S: Simd, const ALL: bool> Sink<S> for EvenLanes<'_, S, ALL> {
    #[inline(always)]
    fn take(&mut self, simd: S, y: usize, sums: S::f64s) {
        if y < self.first {
            return;
        }
        let (half, lanes) = (S::f64s::LEN, S::f32s::LEN);
        let load = |map: &[f32]| S::f32s::from_slice(simd, &map[y * lanes..][..lanes]);
        let Maps { of_reference: [mean_r, var_r], of_encode: [mean_d, square_d], .. } = self.maps;
        let (mean_d, var_r) = (load(mean_d), load(var_r));
        let zero = S::f32s::splat(simd, 0.0);
        let var_d = (load(square_d) - mean_d * mean_d).max(zero);
        let deviations = (var_r * var_d).sqrt();
        let between = &mut *self.between;
        deviations.store_slice(&mut between.deviations[y * lanes..][..lanes]);
        scaled_up::<S>(sums).store_slice(&mut between.even[y * half..][..half]);
        let deviations = deviations.widen();
        let variances = (var_r + var_d + C2).widen();
        let contrast = (
            (deviations.0 * 2.0 + f64::from(C2)) / variances.0,
            (deviations.1 * 2.0 + f64::from(C2)) / variances.1,
        );
        self.contrast.add(contrast);
        if ALL {
            let mean_r = load(mean_r);
            let squares = (mean_r * mean_r + mean_d * mean_d + C1).widen();
            let (mean_r, mean_d) = (mean_r.widen(), mean_d.widen());
            let luminance = (
                (mean_r.0 * 2.0 * mean_d.0 + f64::from(C1)) / squares.0,
                (mean_r.1 * 2.0 * mean_d.1 + f64::from(C1)) / squares.1,
            );
            self.luminance.add(luminance);
            let product = &mut between.product[y * lanes..][..lanes];
            Sum::<S>(luminance.0 * contrast.0, luminance.1 * contrast.1).store(product);
        }
    }
}

/// Takes the odd lanes: structure, and the terms' product.
struct OddLanes<'a, S: Simd, const ALL: bool> {
    maps: Maps<'a>,
    first: usize,
    between: &'a EvenResults,
    structure: Sum<S>,
    score: Sum<S>,
}

impl<S: Simd, const ALL: bool> Sink<S> for OddLanes<'_, S, ALL> {
    #[inline(always)]
    fn take(&mut self, simd: S, y: usize, sums: S::f64s) {
        if y < self.first {
            return;
        }
        let (half, lanes) = (S::f64s::LEN, S::f32s::LEN);
        let load = |map: &[f32]| S::f32s::from_slice(simd, &map[y * lanes..][..lanes]);
        let even = S::f64s::from_slice(simd, &self.between.even[y * half..][..half]);
        let both = even.narrow(scaled_up::<S>(sums));
        let Maps { of_reference: [mean_r, _], of_encode: [mean_d, _], .. } = self.maps;
        let covariance = both - load(mean_r) * load(mean_d);
        let deviations = load(&self.between.deviations);
        // If both pictures are flat, any covariance is due to rounding.
        let zero = S::f32s::splat(simd, 0.0);
        let flat = covariance.simd_lt(zero) & deviations.simd_le(zero);
        let covariance = flat.select(zero, covariance);
        let structure = ((covariance + C3) / (deviations + C3)).widen();
        self.structure.add(structure);
        if ALL {
            let product = Sum::<S>::load(simd, &self.between.product[y * lanes..]);
            self.score.add((product.0 * structure.0, product.1 * structure.1));
        }
    }
}

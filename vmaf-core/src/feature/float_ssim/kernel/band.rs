//! Bands of a strip, filtered across and down.
//!
//! The filter across is a function of its own, by `vectorize`, so that it is compiled once, not for
//! each map of each kind of picture.

use fearless_simd::Simd;
use fearless_simd::prelude::*;

use super::super::window::REACH;
use super::filter::Sums;
use crate::simd::aligned::AlignedRow;
use crate::simd::widen::write_half;

/// Rows of a band.
pub(super) const BAND: usize = 32;

/// A band of a strip.
#[derive(Clone, Copy)]
pub(super) struct Band {
    /// The strip's first column.
    pub(super) left: usize,
    /// Vectors of columns of the map; pixels have `REACH` more.
    pub(super) vectors: usize,
    pub(super) top: usize,
    pub(super) rows: usize,
}

impl Band {
    /// From a row of pixels to the next one.
    #[inline(always)]
    pub(super) fn stride<S: Simd>(self) -> usize {
        // An odd number of vectors keeps rows out of each other's places in the cache.
        ((self.vectors + REACH).next_multiple_of(S::f32s::LEN) | 1) * S::f32s::LEN
    }
}

/// Numbers of the open sums of a vector of columns: those of its even lanes, then its odd ones.
#[inline(always)]
pub(super) fn open_len<S: Simd>() -> usize {
    REACH * S::f32s::LEN
}

/// Filters the pixels of a band across, or their products; even lanes come to lie before odd ones.
#[inline(always)]
pub(super) fn filter_across<S: Simd>(
    simd: S,
    band: Band,
    pixels: [&[f32]; 2],
    (is_signed, is_product): (bool, bool),
    out: &mut [f32],
) {
    simd.vectorize(
        #[inline(always)]
        move || {
            let stride = band.stride::<S>();
            for y in 0..band.rows {
                let row = [&pixels[0][y * stride..][..stride], &pixels[1][y * stride..][..stride]];
                let out = &mut out[y * stride..][..stride];
                match (is_signed, is_product) {
                    (false, false) => across::<S, false, false>(simd, row, band.vectors, out),
                    (true, false) => across::<S, true, false>(simd, row, band.vectors, out),
                    (false, true) => across::<S, false, true>(simd, row, band.vectors, out),
                    (true, true) => across::<S, true, true>(simd, row, band.vectors, out),
                }
            }
        },
    );
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
    let load = |row: &[f32], i: usize| S::f32s::from_slice(simd, &row[i * lanes..][..lanes]);
    let (a, b) = (&a[..(vectors + REACH) * lanes], &b[..(vectors + REACH) * lanes]);
    let mut sums = Sums::zero(simd);
    for i in 0..REACH {
        let value = if PRODUCT { load(a, i) * load(b, i) } else { load(a, i) };
        sums.take::<ODD, SIGNED>(simd, value);
    }
    let (a, b) = (&a[REACH * lanes..], &b[REACH * lanes..]);
    for (i, out) in out[..vectors * lanes].chunks_exact_mut(lanes).enumerate() {
        let value = if PRODUCT { load(a, i) * load(b, i) } else { load(a, i) };
        let done = sums.take::<ODD, SIGNED>(simd, value);
        write_half::<S>(done, &mut out[half..][..lanes / 2]);
    }
}

/// Filters a vector of columns of a band down. The map's rows are those that the band completes.
#[inline(always)]
pub(super) fn filter_down<S: Simd>(
    simd: S,
    band: Band,
    vector: usize,
    across: &[f32],
    is_signed: bool,
    open: &mut AlignedRow<f64>,
    map: &mut [f32],
) {
    let even = &mut ToMap { map, at: 0 };
    half_down::<S, false, _>(simd, band, vector, (across, is_signed), open, even);
    let odd = &mut ToMap { map, at: S::f64s::LEN };
    half_down::<S, true, _>(simd, band, vector, (across, is_signed), open, odd);
}

/// A receiver of the sums of half a vector of columns, row by row.
pub(super) trait Sink<S: Simd> {
    /// Takes the sums of row `y` of the band.
    fn take(&mut self, simd: S, y: usize, sums: S::f64s);
}

/// Writes sums to a map, rounded.
struct ToMap<'a> {
    map: &'a mut [f32],
    /// The start of the half in a row.
    at: usize,
}

impl<S: Simd> Sink<S> for ToMap<'_> {
    #[inline(always)]
    fn take(&mut self, _simd: S, y: usize, sums: S::f64s) {
        let row = &mut self.map[y * S::f32s::LEN + self.at..];
        write_half::<S>(sums, &mut row[..S::f64s::LEN]);
    }
}

/// Filters half a vector of columns of a band down, of sums across that may be signed or not.
#[inline(always)]
pub(super) fn half_down<S: Simd, const ODD: bool, K: Sink<S>>(
    simd: S,
    band: Band,
    vector: usize,
    (across, is_signed): (&[f32], bool),
    open: &mut AlignedRow<f64>,
    sink: &mut K,
) {
    let open = open.sized(band.vectors * open_len::<S>());
    let half = open_len::<S>() / 2;
    let open = &mut open[(2 * vector + usize::from(ODD)) * half..][..half];
    let across = &across[vector * S::f32s::LEN..];
    if is_signed {
        rows_down::<S, ODD, true, K>(simd, band, across, open, sink);
    } else {
        rows_down::<S, ODD, false, K>(simd, band, across, open, sink);
    }
}

#[inline(always)]
fn rows_down<S: Simd, const ODD: bool, const SIGNED: bool, K: Sink<S>>(
    simd: S,
    band: Band,
    across: &[f32],
    open: &mut [f64],
    sink: &mut K,
) {
    let (lanes, stride) = (S::f32s::LEN, band.stride::<S>());
    let mut sums = Sums::load(simd, open);
    for y in 0..band.rows {
        let values = S::f32s::from_slice(simd, &across[y * stride..][..lanes]);
        let done = sums.take::<ODD, SIGNED>(simd, values);
        sink.take(simd, y, done);
    }
    sums.store(open);
}

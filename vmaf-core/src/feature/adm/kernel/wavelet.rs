//! The wavelet transform, a row of bands at a time.
//!
//! Filters multiply 16-bit integers and sum neighbouring products in 32 bits. At the finest scale
//! samples and all results have 16 bits. At coarser scales a value `v` has up to 32 and is filtered
//! in two halves of 16, `v = 2^16 high + low` with a signed `low`: the sum of the upper halves
//! contributes whole steps of the shifted result, so that only the lower one is rounded.

use bytemuck::Zeroable;
use fearless_simd::prelude::*;

use super::super::scale::{HIGH, LOW, Scale, mirrored};
use super::rows::{Detail, SLACK};
use crate::Plane;
use crate::simd::aligned::{AlignedRow, load, prefetch, store};
use crate::simd::pairs::{
    adjacent_pairs, dots, narrow, pairs_high, pairs_low, pairs_of_high_halves, pairs_of_low_halves,
    taps,
};
use crate::simd::samples::Load;

/// Columns that the filter reads before a row's first.
const BEFORE: usize = 1;

/// A coarser scale's input: an approximation.
#[derive(Debug, Default)]
pub(in crate::feature::adm) struct Band<V> {
    width: usize,
    height: usize,
    stride: usize,
    values: AlignedRow<V>,
}

impl<V: Copy + Zeroable> Band<V> {
    /// Makes it `width` by `height`. Its memory is reused and keeps its old contents.
    pub(in crate::feature::adm) fn resize(&mut self, width: usize, height: usize) {
        self.stride = (width + SLACK).next_multiple_of(64);
        if self.values.len() < self.stride * height {
            self.values = AlignedRow::new(self.stride * height);
        }
        (self.width, self.height) = (width, height);
    }

    /// A row, with the slack behind it.
    #[inline(always)]
    fn row(&self, y: usize) -> &[V] {
        &self.values[y * self.stride..][..self.stride]
    }

    #[inline(always)]
    pub(in crate::feature::adm) fn row_mut(&mut self, y: usize) -> &mut [V] {
        &mut self.values[y * self.stride..][..self.stride]
    }

    #[cfg(test)]
    pub(in crate::feature::adm) fn values(&self) -> Vec<i32>
    where
        V: Into<i32>,
    {
        let row = |y| self.row(y)[..self.width].iter().map(|&value| value.into());
        (0..self.height).flat_map(row).collect()
    }
}

/// Rows of vertically filtered values, with mirrored ends: low-pass and high-pass; at coarser
/// scales low-pass and high-pass upper halves, then lower halves.
#[derive(Default)]
pub(in crate::feature::adm) struct FilteredRows {
    rows: [AlignedRow<i16>; 4],
}

impl FilteredRows {
    /// For inputs of up to `width` columns.
    pub(in crate::feature::adm) fn new(width: usize) -> Self {
        let row = || AlignedRow::new(BEFORE + width + 2 * SLACK);
        Self { rows: [row(), row(), row(), row()] }
    }

    /// Mirrors the ends of the first `width` columns.
    #[inline(always)]
    fn mirror(&mut self, width: usize) {
        for row in &mut self.rows {
            row[0] = row[BEFORE + 1];
            row[BEFORE + width] = row[BEFORE + width - 1];
            row[BEFORE + width + 1] = row[BEFORE + width - 2];
        }
    }
}

/// The destination of a transform's rows: the approximation, and the columns of detail that are
/// wanted.
pub(in crate::feature::adm) struct Out<'a, V> {
    pub(in crate::feature::adm) approximation: &'a mut [V],
    pub(in crate::feature::adm) detail: Option<(&'a mut Detail<V>, (usize, usize))>,
}

impl<V> Out<'_, V> {
    /// The columns of the input that wanted detail depends on.
    #[inline(always)]
    fn wanted(&self) -> (usize, usize) {
        let Some((_, (from, to))) = self.detail else { return (0, 0) };
        ((2 * from).saturating_sub(1), 2 * to + 1)
    }
}

/// The input of a transform: a picture at the finest scale, the approximation of the scale before
/// at others.
pub(in crate::feature::adm) trait Input {
    /// A coefficient of the transform.
    type Coefficient: Copy + Default + Zeroable;

    fn size(&self) -> (usize, usize);

    /// Writes row `y` of all bands of the transform.
    fn transform_row<S: Simd>(
        &self,
        simd: S,
        scale: &Scale,
        depth: u8,
        y: usize,
        filtered: &mut FilteredRows,
        out: Out<'_, Self::Coefficient>,
    );
}

/// The four input rows that row `y` of a band is filtered from.
#[inline(always)]
fn sources(y: usize, height: usize) -> [usize; 4] {
    let first = 2 * y as isize - 1;
    [
        mirrored(first, height),
        mirrored(first + 1, height),
        mirrored(first + 2, height),
        mirrored(first + 3, height),
    ]
}

impl<T: Load> Input for Plane<T> {
    type Coefficient = i16;

    fn size(&self) -> (usize, usize) {
        (self.width(), self.height())
    }

    #[inline(always)]
    fn transform_row<S: Simd>(
        &self,
        simd: S,
        scale: &Scale,
        depth: u8,
        y: usize,
        filtered: &mut FilteredRows,
        out: Out<'_, i16>,
    ) {
        let [a, b, c, d] = sources(y, self.height());
        let rows = [self.row(a), self.row(b), self.row(c), self.row(d)];
        // The rows that the next row is the first to read, prefetched in passing.
        let [_, _, c, d] = sources(y + 1, self.height());
        let ahead = [self.row(c), self.row(d)];
        let (from, to) = out.wanted();
        let middle = S::i16s::splat(simd, (1_u16 << (depth - 1)) as i16);
        let shift = scale.vertical_shift(depth);
        let (low, high) = (Taps::new(simd, &LOW, shift), Taps::new(simd, &HIGH, shift));
        let lanes = S::i16s::LEN;
        for x in (0..self.width()).step_by(2 * lanes) {
            let a = T::load_at(simd, rows[0], x);
            let b = T::load_at(simd, rows[1], x);
            let c = T::load_at(simd, rows[2], x);
            let d = T::load_at(simd, rows[3], x);
            let wanted = x < to && x + 2 * lanes > from;
            for half in 0..2 {
                prefetch(ahead[0], x + half * lanes);
                prefetch(ahead[1], x + half * lanes);
                let (a, b) = (a[half] - middle, b[half] - middle);
                let (c, d) = (c[half] - middle, d[half] - middle);
                let pairs = Pairs::new(simd, a, b, c, d);
                let at = BEFORE + x + half * lanes;
                let sums = pairs.filter(&low);
                narrow(simd, sums[0], sums[1]).store_slice(&mut filtered.rows[0][at..at + lanes]);
                if wanted {
                    let sums = pairs.filter(&high);
                    let row = &mut filtered.rows[1][at..at + lanes];
                    narrow(simd, sums[0], sums[1]).store_slice(row);
                }
            }
        }
        filtered.mirror(self.width());
        across(
            scale,
            out,
            #[inline(always)]
            |x, at, bands| {
                finest_across(simd, scale, filtered, x, at, bands);
            },
        );
    }
}

impl<V: BandSample> Input for Band<V> {
    type Coefficient = i32;

    fn size(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    #[inline(always)]
    fn transform_row<S: Simd>(
        &self,
        simd: S,
        scale: &Scale,
        _depth: u8,
        y: usize,
        filtered: &mut FilteredRows,
        out: Out<'_, i32>,
    ) {
        let [a, b, c, d] = sources(y, self.height);
        let rows = [self.row(a), self.row(b), self.row(c), self.row(d)];
        let (from, to) = out.wanted();
        let shift = scale.vertical_shift(0);
        let (low, high) = (Taps::new(simd, &LOW, shift), Taps::new(simd, &HIGH, shift));
        let lanes = S::i16s::LEN;
        for x in (0..self.width).step_by(lanes) {
            let columns = V::load_rows(simd, &rows, x);
            let wanted = x < to && x + lanes > from;
            for (taps, band) in [(&low, 0), (&high, 1)] {
                if band == 0 || wanted {
                    let (upper, lower) = V::filter(simd, &columns, taps);
                    store(upper, &mut filtered.rows[band], BEFORE + x);
                    store(lower, &mut filtered.rows[2 + band], BEFORE + x);
                }
            }
        }
        filtered.mirror(self.width);
        across(
            scale,
            out,
            #[inline(always)]
            |x, at, bands| {
                coarser_across(simd, scale, filtered, x, at, bands);
            },
        );
    }
}

/// A value of an approximation, and how columns of such values are filtered vertically.
trait BandSample: Copy + Zeroable {
    /// Four rows of as many columns as a vector of 16-bit integers has.
    type Rows<S: Simd>;

    fn load_rows<S: Simd>(simd: S, rows: &[&[Self]; 4], x: usize) -> Self::Rows<S>;

    /// Returns the upper and the lower halves of a filter's sums.
    fn filter<S: Simd>(simd: S, rows: &Self::Rows<S>, taps: &Taps<S>) -> (S::i16s, S::i16s);
}

impl BandSample for i16 {
    type Rows<S: Simd> = Pairs<S>;

    #[inline(always)]
    fn load_rows<S: Simd>(simd: S, rows: &[&[i16]; 4], x: usize) -> Pairs<S> {
        let (a, b) = (load(simd, rows[0], x), load(simd, rows[1], x));
        let (c, d) = (load(simd, rows[2], x), load(simd, rows[3], x));
        Pairs::new(simd, a, b, c, d)
    }

    #[inline(always)]
    fn filter<S: Simd>(simd: S, rows: &Pairs<S>, taps: &Taps<S>) -> (S::i16s, S::i16s) {
        let [first, last] = rows.filter(taps);
        let upper = narrow(simd, (first + 0x8000) >> 16, (last + 0x8000) >> 16);
        let lower = narrow(simd, (first << 16) >> 16, (last << 16) >> 16);
        (upper, lower)
    }
}

impl BandSample for i32 {
    type Rows<S: Simd> = [Halves<S>; 2];

    #[inline(always)]
    fn load_rows<S: Simd>(simd: S, rows: &[&[i32]; 4], x: usize) -> [Halves<S>; 2] {
        [Halves::load(simd, rows, x), Halves::load(simd, rows, x + S::i32s::LEN)]
    }

    #[inline(always)]
    fn filter<S: Simd>(_simd: S, rows: &[Halves<S>; 2], taps: &Taps<S>) -> (S::i16s, S::i16s) {
        let (left, right) = (rows[0].filter(taps), rows[1].filter(taps));
        let lower = left.bitcast::<S::i16s>().unzip_low(right.bitcast::<S::i16s>());
        let (left, right) = (left + 0x8000, right + 0x8000);
        let upper = left.bitcast::<S::i16s>().unzip_high(right.bitcast::<S::i16s>());
        (upper, lower)
    }
}

/// A filter as pairs of 16-bit integers, and how its sums are brought back.
struct Taps<S: Simd> {
    simd: S,
    first: S::i16s,
    last: S::i16s,
    round: S::i32s,
    shift: u32,
}

impl<S: Simd> Taps<S> {
    #[inline(always)]
    fn new(simd: S, filter: &[i32; 4], shift: u32) -> Self {
        Self {
            simd,
            first: taps(simd, filter[0], filter[1]),
            last: taps(simd, filter[2], filter[3]),
            round: S::i32s::splat(simd, (1 << shift) >> 1),
            shift,
        }
    }

    /// The sum of four values' products, of two pairs in each lane.
    #[inline(always)]
    fn sum(&self, first: S::i16s, last: S::i16s) -> S::i32s {
        dots(self.simd, [(first, self.first), (last, self.last)])
    }

    /// The sum, rounded and shifted.
    #[inline(always)]
    fn dot(&self, first: S::i16s, last: S::i16s) -> S::i32s {
        (self.sum(first, last) + self.round) >> self.shift
    }

    /// Sums of 16 bits of two vectors of places.
    #[inline(always)]
    fn dot_places(&self, [left, right]: [(S::i16s, S::i16s); 2]) -> S::i16s {
        self.dot(left.0, left.1).saturating_narrow(self.dot(right.0, right.1))
    }

    /// Sums of 32 bits of places' upper and lower halves.
    #[inline(always)]
    fn dot_halves(&self, upper: (S::i16s, S::i16s), lower: (S::i16s, S::i16s)) -> S::i32s {
        (self.sum(upper.0, upper.1) << (16 - self.shift)) + self.dot(lower.0, lower.1)
    }
}

/// Values of four rows, side by side.
struct Pairs<S: Simd> {
    first: [S::i16s; 2],
    last: [S::i16s; 2],
}

impl<S: Simd> Pairs<S> {
    #[inline(always)]
    fn new(simd: S, a: S::i16s, b: S::i16s, c: S::i16s, d: S::i16s) -> Self {
        Self {
            first: [pairs_low(simd, a, b), pairs_high(simd, a, b)],
            last: [pairs_low(simd, c, d), pairs_high(simd, c, d)],
        }
    }

    /// Sums to be [narrowed](narrow).
    #[inline(always)]
    fn filter(&self, taps: &Taps<S>) -> [S::i32s; 2] {
        [taps.dot(self.first[0], self.last[0]), taps.dot(self.first[1], self.last[1])]
    }
}

/// The halves of 32-bit values of two rows, side by side.
struct SplitValues<S: Simd> {
    upper: S::i16s,
    lower: S::i16s,
}

impl<S: Simd> SplitValues<S> {
    #[inline(always)]
    fn beside(simd: S, a: S::i32s, b: S::i32s) -> Self {
        let lower = pairs_of_low_halves(simd, a.bitcast(), b.bitcast());
        let (a, b): (S::u32s, S::u32s) = ((a + 0x8000).bitcast(), (b + 0x8000).bitcast());
        let upper = pairs_of_high_halves(simd, a, b);
        Self { upper: upper.bitcast(), lower: lower.bitcast() }
    }
}

/// Four rows of 32-bit values.
struct Halves<S: Simd> {
    first: SplitValues<S>,
    last: SplitValues<S>,
}

impl<S: Simd> Halves<S> {
    /// The columns from `x` on.
    #[inline(always)]
    fn load(simd: S, rows: &[&[i32]; 4], x: usize) -> Self {
        let first = SplitValues::beside(simd, load(simd, rows[0], x), load(simd, rows[1], x));
        let last = SplitValues::beside(simd, load(simd, rows[2], x), load(simd, rows[3], x));
        Self { first, last }
    }

    /// The filter's sums, rounded and shifted by 16 bits.
    #[inline(always)]
    fn filter(&self, taps: &Taps<S>) -> S::i32s {
        let lower = taps.dot(self.first.lower, self.last.lower);
        taps.sum(self.first.upper, self.last.upper) + lower
    }
}

/// Calls `filter` for the places of a row, [`PLACES`] at a time, with their start in the rows of
/// the approximation and of detail, and with the detail itself if it is wanted there.
#[inline(always)]
fn across<V>(
    scale: &Scale,
    out: Out<'_, V>,
    mut filter: impl FnMut(usize, usize, (&mut [V], Option<&mut [AlignedRow<V>; 3]>)),
) where
    V: Copy + Zeroable,
{
    let Out { approximation, detail } = out;
    let mut x = 0;
    if let Some((detail, (from, to))) = detail {
        while x < from {
            filter(x, 0, (approximation, None));
            x += PLACES;
        }
        x = from;
        while x < to {
            filter(x, x - from, (approximation, Some(&mut detail.rows)));
            x += PLACES;
        }
    }
    while x < scale.width {
        filter(x, 0, (approximation, None));
        x += PLACES;
    }
}

/// Places that are filtered at once: as many 16-bit integers as the longest vector holds.
const PLACES: usize = 32;

/// Pairs of a row that is filtered, from a place of the band on.
#[inline(always)]
fn filter_at<S: Simd>(simd: S, row: &[i16], x: usize) -> (S::i16s, S::i16s) {
    let lanes = S::i16s::LEN;
    // Place 2x - 1 of the row is 2x of the buffer, in front of which one is mirrored.
    let row = &row[2 * x..2 * x + lanes + 2];
    let first = adjacent_pairs(simd, S::i16s::from_slice(simd, &row[..lanes]));
    (first, adjacent_pairs(simd, S::i16s::from_slice(simd, &row[2..lanes + 2])))
}

#[inline(always)]
fn finest_across<S: Simd>(
    simd: S,
    scale: &Scale,
    filtered: &FilteredRows,
    x: usize,
    at: usize,
    (approximation, detail): (&mut [i16], Option<&mut [AlignedRow<i16>; 3]>),
) {
    let shift = scale.horizontal_shift();
    let (low, high) = (Taps::new(simd, &LOW, shift), Taps::new(simd, &HIGH, shift));
    let (wide, narrow) = (S::i32s::LEN, S::i16s::LEN);
    let [low_pass, high_pass, ..] = &filtered.rows;
    let mut detail = detail;
    for step in (0..PLACES).step_by(narrow) {
        let (x, at) = (x + step, at + step);
        let places = [filter_at(simd, low_pass, x), filter_at(simd, low_pass, x + wide)];
        store(low.dot_places(places), approximation, x);
        if let Some([horizontal, vertical, diagonal]) = detail.as_deref_mut() {
            store(high.dot_places(places), vertical, at);
            let places = [filter_at(simd, high_pass, x), filter_at(simd, high_pass, x + wide)];
            store(low.dot_places(places), horizontal, at);
            store(high.dot_places(places), diagonal, at);
        }
    }
}

#[inline(always)]
fn coarser_across<S: Simd>(
    simd: S,
    scale: &Scale,
    filtered: &FilteredRows,
    x: usize,
    at: usize,
    (approximation, detail): (&mut [i32], Option<&mut [AlignedRow<i32>; 3]>),
) {
    let shift = scale.horizontal_shift();
    let (low, high) = (Taps::new(simd, &LOW, shift), Taps::new(simd, &HIGH, shift));
    let lanes = S::i32s::LEN;
    let [low_upper, high_upper, low_lower, high_lower] = &filtered.rows;
    let mut detail = detail;
    for step in (0..PLACES).step_by(lanes) {
        let (x, at) = (x + step, at + step);
        let (upper, lower) = (filter_at(simd, low_upper, x), filter_at(simd, low_lower, x));
        store(low.dot_halves(upper, lower), approximation, x);
        if let Some([horizontal, vertical, diagonal]) = detail.as_deref_mut() {
            store(high.dot_halves(upper, lower), vertical, at);
            let (upper, lower) = (filter_at(simd, high_upper, x), filter_at(simd, high_lower, x));
            store(low.dot_halves(upper, lower), horizontal, at);
            store(high.dot_halves(upper, lower), diagonal, at);
        }
    }
}

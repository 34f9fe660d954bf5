//! ADM at one scale, fast.
//!
//! Of the reference's wavelet coefficients `o` and an encode's `t`, in the horizontal, vertical and
//! diagonal band of a scale:
//!
//! ```text
//! r = o * clamp(t / o, 0, 1)            restored: the part of t that follows o; where o and t have
//!                                       one direction, t itself up to gain_limit times that part
//! a = t - r                             additive: the rest
//! T(p) = sum over the bands of |w p| / 15 at the place and |w p| / 30 at each of its 8 neighbours
//!
//! plain    = sum of |o|^3
//! restored = sum of max(|w r| - T(a), 0)^3
//! additive = sum of max(|w a| - T(r), 0)^3
//! ```
//!
//! The sums are taken for each band over all but a tenth at each border; `w` are the weights of
//! contrast sensitivity. [`sums`](super::sums) makes norms of the sums,
//! [`combination`](super::combination) makes outputs of those.
//!
//! Each row of bands goes through these passes, in [`MeasureScale`], before the next one begins:
//!
//! 1. [`wavelet`]: the reference's row of each band, and of the next scale's input; the cubes of
//!    its coefficients are added to `plain`. Then, for each encode:
//! 2. [`wavelet`]: the encode's row.
//! 3. [`decouple`], by [`Coefficient::compare`]: direction and following part, once for all gain
//!    limits.
//! 4. [`masking`], by [`Coefficient::split`]: both parts under each setting, and their shares of
//!    the thresholds.
//! 5. `add_masked`: thresholds, excess and [`cubes`] of the row above, which now has all its
//!    neighbours.
//!
//! [`coefficient`] has steps 3 to 5 for the finest scale's 16 bits and for the others' 32, [`rows`]
//! the rows that are kept: three of each band.

pub(super) mod coefficient;
mod cubes;
mod decouple;
mod masking;
mod rows;
pub(super) mod wavelet;

use bytemuck::Zeroable;
use fearless_simd::prelude::*;

use coefficient::Coefficient;
use cubes::{Cubes, PlainCubes};
use rows::{
    ADDITIVE, BandRows, Detail, EncodeRows, PAD, RESTORED, SLACK, ScaleRows, SplitRow, first,
};
use wavelet::{Band, FilteredRows, Input, Out};

use super::scale::{Region, Scale, mirrored};
use super::setting::Setting;
use super::sums::{Bands, CubeShifts};
use crate::simd::Kernel;
use crate::simd::aligned::{AlignedRow, load, store};

/// Sums of the cubes of the details that remain after masking.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct MaskedSums {
    /// The part that follows the reference, masked by the rest.
    pub(super) restored: Bands<i64>,
    /// The rest, masked by the part that follows the reference.
    pub(super) additive: Bands<i64>,
}

/// A scale's results.
pub(super) struct BandSums {
    /// Sums of the cubes of the reference's details.
    pub(super) plain: Bands<u64>,
    /// For each encode, for each setting.
    pub(super) masked: Vec<Vec<MaskedSums>>,
}

/// The approximations of a scale, which the next scale transforms.
#[derive(Debug, Default)]
pub(super) struct Approximations<V> {
    pub(super) reference: Band<V>,
    pub(super) distorted: Vec<Band<V>>,
}

impl<V: Copy + Default + Zeroable> Approximations<V> {
    /// Resizes them to `scale`'s size, reusing their memory.
    fn resize(&mut self, scale: &Scale, encodes: usize) {
        self.distorted.resize_with(encodes, Band::default);
        for band in self.distorted.iter_mut().chain([&mut self.reference]) {
            band.resize(scale.width, scale.height);
        }
    }
}

/// Memory that is reused from scale to scale and frame to frame.
pub(super) struct Workspace {
    filtered: FilteredRows,
    /// A row of sums over three rows.
    columns: AlignedRow<i32>,
    rows: ScaleRows,
}

impl Workspace {
    /// For pictures of up to `width` columns.
    pub(super) fn new(width: usize) -> Self {
        let half = width.div_ceil(2);
        Self {
            filtered: FilteredRows::new(width),
            columns: AlignedRow::new(PAD + half + SLACK),
            rows: ScaleRows::new(half),
        }
    }
}

/// A scale to be measured.
pub(super) struct MeasureScale<'a, I: Input> {
    pub(super) scale: Scale,
    pub(super) reference: &'a I,
    pub(super) distorted: &'a [&'a I],
    pub(super) depth: u8,
    /// None to transform only.
    pub(super) settings: &'a [Setting],
    pub(super) workspace: &'a mut Workspace,
    /// The destination of the approximations.
    pub(super) out: &'a mut Approximations<I::Coefficient>,
}

impl<I: Input<Coefficient: Coefficient>> Kernel for MeasureScale<'_, I> {
    type Output = BandSums;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> BandSums {
        let Scale { width, height, .. } = self.scale;
        let view = View::new(self.scale);
        let (encodes, settings) = (self.distorted.len(), self.settings.len());
        let mut measured = BandSums {
            plain: [0; 3],
            masked: vec![vec![MaskedSums::default(); settings]; encodes],
        };
        self.out.resize(&self.scale, encodes);
        let mut filtered = std::mem::take(&mut self.workspace.filtered);
        let mut columns = std::mem::take(&mut self.workspace.columns);
        let rows = I::Coefficient::of_scale(&mut self.workspace.rows);
        rows.reserve(encodes, settings);
        let (scale, depth) = (&self.scale, self.depth);
        let wanted_columns = (view.surround.left, view.surround.right);
        for y in 0..height {
            let wanted = settings > 0 && view.surround.rows().contains(&y);
            let approximation = self.out.reference.row_mut(y);
            let detail = wanted.then_some((&mut rows.detail[0], wanted_columns));
            let out = Out { approximation, detail };
            transform_row(simd, self.reference, scale, depth, y, &mut filtered, out);
            if wanted && view.region.rows().contains(&y) {
                simd.vectorize(
                    #[inline(always)]
                    || view.add_plain(simd, &rows.detail[0], &mut measured.plain),
                );
            }
            for (encode, distorted) in self.distorted.iter().enumerate() {
                let approximation = self.out.distorted[encode].row_mut(y);
                let detail = wanted.then_some((&mut rows.detail[1], wanted_columns));
                let out = Out { approximation, detail };
                transform_row(simd, *distorted, scale, depth, y, &mut filtered, out);
                if !wanted {
                    continue;
                }
                compare(simd, self.settings, rows, view.len);
                for (index, setting) in self.settings.iter().enumerate() {
                    let place = (encode, index, y % 3);
                    split(simd, setting, rows, place, view.len);
                    let kept = &mut rows.encodes[encode][index];
                    mirror(&mut kept.rows[y % 3], view.len);
                    let sums = &mut measured.masked[encode][index];
                    // The row above has now all its neighbours; the last has them too.
                    let last = if y == height - 1 { height } else { y };
                    for y in y.saturating_sub(1)..last {
                        if view.region.rows().contains(&y) {
                            view.add_masked(simd, setting, kept, y, &mut columns, sums);
                        }
                    }
                }
            }
        }
        assert!(view.len <= width, "no more columns are wanted than there are");
        (self.workspace.filtered, self.workspace.columns) = (filtered, columns);
        measured
    }
}

// The passes of a row are functions of their own, by `vectorize`, so that each is compiled once for
// a kind of input or of coefficients, not in each kernel and for each picture.

/// Writes row `y` of all bands of the transform of `input`.
#[inline(always)]
fn transform_row<S: Simd, I: Input>(
    simd: S,
    input: &I,
    scale: &Scale,
    depth: u8,
    y: usize,
    filtered: &mut FilteredRows,
    out: Out<'_, I::Coefficient>,
) {
    simd.vectorize(
        #[inline(always)]
        move || input.transform_row(simd, scale, depth, y, filtered, out),
    );
}

/// Compares a row of an encode with the reference's, for all settings.
#[inline(always)]
fn compare<S: Simd, C: Coefficient>(
    simd: S,
    settings: &[Setting],
    rows: &mut BandRows<C>,
    len: usize,
) {
    simd.vectorize(
        #[inline(always)]
        move || C::compare(simd, settings, rows, len),
    );
}

/// Splits a row under a setting into its parts, and computes how the parts mask each other.
#[inline(always)]
fn split<S: Simd, C: Coefficient>(
    simd: S,
    setting: &Setting,
    rows: &mut BandRows<C>,
    place: (usize, usize, usize),
    len: usize,
) {
    simd.vectorize(
        #[inline(always)]
        move || C::split(simd, setting, rows, place, len),
    );
}

/// The thresholds of the columns from `x` on: the sum of three columns' sums over three rows, and
/// of the places' own shares.
#[inline(always)]
fn threshold<S: Simd>(simd: S, columns: [&[i32]; 3], own: &[i32], x: usize) -> S::i32s {
    let [left, here, right] = columns;
    let (left, here): (S::i32s, S::i32s) = (load(simd, left, x), load(simd, here, x));
    let (right, own): (S::i32s, S::i32s) = (load(simd, right, x), load(simd, own, x));
    (left + here) + (right + own)
}

/// Mirrors the ends of a row's shares.
#[inline(always)]
fn mirror<C>(row: &mut SplitRow<C>, len: usize) {
    for near in &mut row.near {
        near[PAD - 1] = near[PAD + 1];
        near[PAD + len] = near[PAD + len - 1];
    }
}

/// The part of a scale that is measured.
struct View {
    scale: Scale,
    region: Region,
    surround: Region,
    /// The number of columns of the surround, and the range of those that count.
    len: usize,
    from: usize,
    to: usize,
}

impl View {
    fn new(scale: Scale) -> Self {
        let region = scale.region();
        let surround = region.with_surround(scale.width, scale.height);
        let from = region.left - surround.left;
        let to = from + region.right - region.left;
        Self { scale, region, surround, len: surround.right - surround.left, from, to }
    }

    /// `values`, of the columns from `x` on, if those count; 0 elsewhere.
    #[inline(always)]
    fn crop<S: Simd>(&self, simd: S, values: S::i32s, x: usize) -> S::i32s {
        const LANES: [i32; 16] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
        let column = S::i32s::from_slice(simd, &LANES[..S::i32s::LEN]) + x as i32;
        let inside = column.simd_ge(S::i32s::splat(simd, self.from as i32))
            & column.simd_lt(S::i32s::splat(simd, self.to as i32));
        inside.select(values, S::i32s::splat(simd, 0))
    }

    /// Returns true if some of the `lanes` columns from `x` on do not count.
    #[inline(always)]
    fn is_edge(&self, x: usize, lanes: usize) -> bool {
        x < self.from || x + lanes > self.to
    }

    /// Adds a row of the reference's cubes.
    #[inline(always)]
    fn add_plain<S: Simd, C: Coefficient>(
        &self,
        simd: S,
        detail: &Detail<C>,
        sums: &mut Bands<u64>,
    ) {
        let shifts = CubeShifts::plain(&self.scale);
        let lanes = S::i32s::LEN;
        for (band, sum) in sums.iter_mut().enumerate() {
            let mut cubes = PlainCubes::new(simd, &shifts, band);
            let row = &detail.rows[band][..self.to.next_multiple_of(2 * lanes)];
            for x in (0..self.to).step_by(2 * lanes) {
                let mut values = C::magnitudes(simd, row, x);
                if self.is_edge(x, 2 * lanes) {
                    let [low, high] = values;
                    values = [self.crop(simd, low, x), self.crop(simd, high, x + lanes)];
                }
                C::add_plain(simd, &mut cubes, values[0]);
                C::add_plain(simd, &mut cubes, values[1]);
            }
            *sum += (cubes.finish() + ((1_u64 << shifts.row) >> 1)) >> shifts.row;
        }
    }

    /// Adds row `y` of each part, masked by the other and cubed.
    #[inline(always)]
    fn add_masked<S: Simd, C: Coefficient>(
        &self,
        simd: S,
        setting: &Setting,
        kept: &EncodeRows<C>,
        y: usize,
        columns: &mut [i32],
        sums: &mut MaskedSums,
    ) {
        let MaskedSums { restored, additive } = sums;
        for (part, sums) in [(RESTORED, restored), (ADDITIVE, additive)] {
            if part == RESTORED || setting.additive {
                simd.vectorize(
                    #[inline(always)]
                    || self.add_part(simd, setting, kept, y, part, columns, sums),
                );
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "a step of one loop, apart to be read")]
    #[inline(always)]
    fn add_part<S: Simd, C: Coefficient>(
        &self,
        simd: S,
        setting: &Setting,
        kept: &EncodeRows<C>,
        y: usize,
        part: usize,
        columns: &mut [i32],
        sums: &mut Bands<i64>,
    ) {
        let mask = 1 - part;
        let lanes = S::i32s::LEN;
        let height = self.scale.height;
        let above = &kept.rows[mirrored(y as isize - 1, height) % 3].near[mask];
        let below = &kept.rows[mirrored(y as isize + 1, height) % 3].near[mask];
        let here = &kept.rows[y % 3];
        // Of one length, so that the compiler checks bounds once.
        let padded = (PAD + self.len + 1).next_multiple_of(lanes);
        let (above, below) = (&above[..padded], &below[..padded]);
        let (near, out) = (&here.near[mask][..padded], &mut columns[..padded]);
        for x in (0..padded).step_by(lanes) {
            let (above, near): (S::i32s, S::i32s) = (load(simd, above, x), load(simd, near, x));
            let below: S::i32s = load(simd, below, x);
            store(above + near + below, out, x);
        }
        let padded = self.to.next_multiple_of(2 * lanes);
        let own = &here.own[mask][PAD..][..padded];
        let columns = [
            &columns[PAD - 1..][..padded],
            &columns[PAD..][..padded],
            &columns[PAD + 1..][..padded],
        ];
        // The excess over the thresholds set by the neighbours and the place itself.
        let shifts = CubeShifts::masked(&self.scale);
        let cubes = Cubes::new(simd, &shifts, 0);
        let mut cubes = [cubes, Cubes::new(simd, &shifts, 1), Cubes::new(simd, &shifts, 2)];
        let rows = first(&here.parts[part], padded);
        let zero = S::i32s::splat(simd, 0);
        for x in (0..self.to).step_by(2 * lanes) {
            let thresholds =
                [threshold(simd, columns, own, x), threshold(simd, columns, own, x + lanes)];
            let edge = self.is_edge(x, 2 * lanes);
            for (band, cubes) in cubes.iter_mut().enumerate() {
                let weight = setting.weights.fixed[band];
                let values = C::weighted(simd, rows[band], x, weight);
                for half in 0..2 {
                    let threshold = thresholds[half] << C::THRESHOLD_SHIFTS[band];
                    let mut left = (values[half] - threshold).max(zero);
                    if edge {
                        left = self.crop(simd, left, x + half * lanes);
                    }
                    cubes.add(simd, left);
                }
            }
        }
        let vectors = padded / lanes;
        for (sum, cubes) in sums.iter_mut().zip(cubes) {
            *sum += (cubes.finish(vectors) + ((1_i64 << shifts.row) >> 1)) >> shifts.row;
        }
    }
}

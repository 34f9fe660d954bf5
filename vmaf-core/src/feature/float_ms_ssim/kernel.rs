//! The next scale's picture, fast.
//!
//! ```text
//! out(x, y) = sum over |u|, |v| <= 4 of  LOW_PASS[|v|][|u|] * picture(2 x + u, 2 y + v)
//! ```
//!
//! Products are rounded to single precision and summed in double. The terms of each scale are those
//! of [`float_ssim`](crate::feature::float_ssim).
//!
//! The passes of a row, in [`Halve`]:
//!
//! 1. `read`: the row in [segments](crate::simd::segments), where every other column is every other
//!    vector.
//! 2. `even_row` or `odd_row`: its sums across. The filter is symmetric: a row's sums are those of
//!    the two rows that are kept at one distance above and below it, and are computed once for each
//!    distance that it has, 0, 2 and 4 for every other row, 1 and 3 for the rows between.
//! 3. `add_down`: nine such sums are added for each row that is kept.
//!
//! libvmaf adds up the 81 products of a pixel row by row, which rounds nothing where pixels are 0
//! or [between 2^-8 and 2^9](Picture::is_within_bounds): products are multiples of 2^-43 then (the
//! least weight is above 2^-12, and a product has 24 bits), and no sum reaches 2^10, for the
//! weights' magnitudes sum to less than 2. Any order is its order. Rows for which that does not
//! hold, usually none, are filtered in its order by `filter_in_order`.

use fearless_simd::prelude::*;

use super::LOW_PASS;
use crate::feature::float_ssim::{Floats, Picture, mirror};
use crate::simd::Kernel;
use crate::simd::aligned::AlignedRow;
use crate::simd::segments::{lay_out, put_back};
use crate::simd::widen::{Half, lane_at, write_half};

/// The distance that the filter reaches.
const REACH: usize = 4;

/// Taps in one direction.
const TAPS: usize = 2 * REACH + 1;

/// Rows of pixels that are kept, in a ring.
const TURNS: usize = TAPS;

/// Rows of sums that are kept, in a ring, of every other row.
const SUM_TURNS: usize = REACH + 1;

/// Memory that is used again from frame to frame.
#[derive(Default)]
pub(super) struct Workspace {
    /// The latest rows of pixels.
    pixels: AlignedRow<f32>,
    /// True for each of these rows if all its pixels are within bounds.
    within_bounds: [bool; TURNS],
    /// Sums across, by distance, of the latest rows that have it.
    sums: [AlignedRow<f64>; REACH + 1],
    /// A row of the smaller picture, in segments.
    out: AlignedRow<f32>,
}

impl Workspace {
    pub(super) fn new() -> Self {
        Self::default()
    }
}

/// Makes a picture half as wide and half as high, rounded up.
pub(super) struct Halve<'a, P> {
    pub(super) picture: &'a P,
    pub(super) workspace: &'a mut Workspace,
    /// The destination.
    pub(super) out: &'a mut Floats,
}

/// Sizes of a row in segments.
#[derive(Clone, Copy)]
struct Size {
    /// Vectors of a row of the smaller picture.
    vectors: usize,
    /// Numbers from a row of pixels to the next.
    stride: usize,
    /// Numbers of a row of sums, even lanes and odd ones together.
    sums: usize,
}

impl<P: Picture> Kernel for Halve<'_, P> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Self { picture, workspace, out } = self;
        let lanes = S::f32s::LEN;
        let (width, height) = (picture.width(), picture.height());
        let (half_width, half_height) = (width.div_ceil(2), height.div_ceil(2));
        out.resize(half_width, half_height);
        let vectors = half_width.div_ceil(lanes);
        let stride = (2 * vectors + 2 * REACH).next_multiple_of(lanes) * lanes;
        let size = Size { vectors, stride, sums: vectors * lanes };
        // Rows are counted from the first one above the picture that the filter reaches.
        for above in 0..2 * half_height - 1 + 2 * REACH {
            let y = mirror(above as isize - REACH as isize, height);
            let signed = workspace.read(simd, picture, y, above % TURNS, size);
            workspace.sum_row(simd, above, P::MAY_BE_NEGATIVE && signed, size);
            if above >= 2 * REACH && above % 2 == 0 {
                let y = above / 2 - REACH;
                let kept = out.room(y);
                let segments = workspace.out.sized(vectors.next_multiple_of(lanes) * lanes);
                let within_bounds = !workspace.within_bounds.contains(&false);
                if !P::MAY_BE_NEGATIVE || within_bounds {
                    add_down(simd, above, &mut workspace.sums, size, segments);
                    put_back(simd, segments, vectors, |place| lane_at(place, lanes), kept);
                } else {
                    let pixels = workspace.pixels.sized(TURNS * stride);
                    filter_in_order(simd, above, pixels, size, segments);
                    put_back(simd, segments, vectors, |place| place, kept);
                }
                out.finish(y);
            }
        }
    }
}

impl Workspace {
    /// Reads a row into its slot of the ring and returns true if it has negative pixels.
    #[inline(always)]
    fn read<S: Simd, P: Picture>(
        &mut self,
        simd: S,
        picture: &P,
        y: usize,
        turn: usize,
        size: Size,
    ) -> bool {
        picture.prefetch(0, y, picture.width());
        self.within_bounds[turn] = picture.is_within_bounds(y);
        let pixels = &mut self.pixels.sized(TURNS * size.stride)[turn * size.stride..];
        let (columns, left) = (2 * size.vectors, -(REACH as isize));
        lay_out(simd, picture.row(y), left, columns, columns + 2 * REACH, pixels);
        picture.is_signed(y)
    }

    /// Sums row `above` across for the rows that need it.
    // A function of its own, by `vectorize`, so that it is compiled once for all kinds of pictures.
    #[inline(always)]
    fn sum_row<S: Simd>(&mut self, simd: S, above: usize, signed: bool, size: Size) {
        simd.vectorize(
            #[inline(always)]
            move || match (above % 2, signed) {
                (0, false) => self.even_row::<S, false>(simd, above, size),
                (0, true) => self.even_row::<S, true>(simd, above, size),
                (_, false) => self.odd_row::<S, false>(simd, above, size),
                (_, true) => self.odd_row::<S, true>(simd, above, size),
            },
        );
    }

    /// Sums row `above` across for the rows at its even distances.
    #[inline(always)]
    fn even_row<S: Simd, const SIGNED: bool>(&mut self, simd: S, above: usize, size: Size) {
        self.sum_across::<S, false, SIGNED, 0>(simd, above, size);
        self.sum_across::<S, true, SIGNED, 0>(simd, above, size);
        self.sum_across::<S, false, SIGNED, 2>(simd, above, size);
        self.sum_across::<S, true, SIGNED, 2>(simd, above, size);
        self.sum_across::<S, false, SIGNED, 4>(simd, above, size);
        self.sum_across::<S, true, SIGNED, 4>(simd, above, size);
    }

    /// Sums row `above` across for the rows at its odd distances.
    #[inline(always)]
    fn odd_row<S: Simd, const SIGNED: bool>(&mut self, simd: S, above: usize, size: Size) {
        self.sum_across::<S, false, SIGNED, 1>(simd, above, size);
        self.sum_across::<S, true, SIGNED, 1>(simd, above, size);
        self.sum_across::<S, false, SIGNED, 3>(simd, above, size);
        self.sum_across::<S, true, SIGNED, 3>(simd, above, size);
    }

    /// Sums half the lanes of row `above` across, for the rows `DISTANCE` rows away.
    #[inline(always)]
    fn sum_across<S: Simd, const ODD: bool, const SIGNED: bool, const DISTANCE: usize>(
        &mut self,
        simd: S,
        above: usize,
        size: Size,
    ) {
        let (lanes, half) = (S::f32s::LEN, S::f64s::LEN);
        let pixels = &self.pixels.sized(TURNS * size.stride)[above % TURNS * size.stride..];
        let sums = self.sums[DISTANCE].sized(SUM_TURNS * size.sums);
        let sums = &mut sums[above / 2 % SUM_TURNS * size.sums..][..size.sums];
        let load = |vector: usize| {
            let values = S::f32s::from_slice(simd, &pixels[vector * lanes..][..lanes]);
            Half::<S, ODD, SIGNED>::of(simd, values)
        };
        let weights = &LOW_PASS[DISTANCE];
        // Of the pixels that are kept, by their place from the two columns that come next: the sums
        // of two before, of one before, of these and of one after.
        let zero = S::f64s::splat(simd, 0.0);
        let [mut before2, mut before1, mut here, mut after1] = [zero; 4];
        for pair in 0..size.vectors + REACH {
            let even = load(2 * pair);
            let at0 = even.times(weights[0].abs());
            let at2 = even.times(weights[2].abs());
            let at4 = even.times(weights[4].abs());
            let odd = load(2 * pair + 1);
            let at1 = odd.times(weights[1].abs());
            let at3 = odd.times(weights[3].abs());
            let done = plus::<S>(before2, at4, weights[4]);
            before2 = plus::<S>(plus::<S>(before1, at2, weights[2]), at3, weights[3]);
            before1 = plus::<S>(plus::<S>(here, at0, weights[0]), at1, weights[1]);
            here = plus::<S>(plus::<S>(after1, at2, weights[2]), at1, weights[1]);
            after1 = plus::<S>(plus::<S>(zero, at4, weights[4]), at3, weights[3]);
            if pair >= REACH {
                let place = (pair - REACH) * lanes + if ODD { half } else { 0 };
                done.store_slice(&mut sums[place..][..half]);
            }
        }
    }
}

/// Adds `product` to `sum`, or subtracts it, by the sign of the weight.
#[inline(always)]
fn plus<S: Simd>(sum: S::f64s, product: S::f64s, weight: f32) -> S::f64s {
    if weight < 0.0 { sum - product } else { sum + product }
}

/// Adds the sums across of the rows around the kept row of which `above` is the last.
#[inline(always)]
fn add_down<S: Simd>(
    simd: S,
    above: usize,
    sums: &mut [AlignedRow<f64>; REACH + 1],
    size: Size,
    out: &mut [f32],
) {
    simd.vectorize(
        #[inline(always)]
        move || {
            let [at0, at1, at2, at3, at4] =
                sums.each_mut().map(|sums| sums.sized(SUM_TURNS * size.sums));
            // The row that lies `up` above the last one, among those of its distance.
            let turn = |up: usize| (above - up) / 2 % SUM_TURNS * size.sums;
            let rows: [&[f64]; TAPS] = [
                &at4[turn(8)..][..size.sums],
                &at3[turn(7)..][..size.sums],
                &at2[turn(6)..][..size.sums],
                &at1[turn(5)..][..size.sums],
                &at0[turn(4)..][..size.sums],
                &at1[turn(3)..][..size.sums],
                &at2[turn(2)..][..size.sums],
                &at3[turn(1)..][..size.sums],
                &at4[turn(0)..][..size.sums],
            ];
            let half = S::f64s::LEN;
            for x in (0..size.sums).step_by(half) {
                let mut sum = S::f64s::from_slice(simd, &rows[0][x..][..half]);
                for row in &rows[1..] {
                    sum += S::f64s::from_slice(simd, &row[x..][..half]);
                }
                write_half::<S>(sum, &mut out[x..][..half]);
            }
        },
    );
}

/// Filters the kept row of which `above` is the last, one product after the other.
#[inline(always)]
fn filter_in_order<S: Simd>(simd: S, above: usize, pixels: &[f32], size: Size, out: &mut [f32]) {
    simd.vectorize(
        #[inline(always)]
        move || {
            let lanes = S::f32s::LEN;
            for vector in 0..size.vectors {
                let zero = S::f64s::splat(simd, 0.0);
                let mut sums = (zero, zero);
                for row in 0..TAPS {
                    let turn = (above - 2 * REACH + row) % TURNS;
                    let pixels = &pixels[turn * size.stride..][..size.stride];
                    let weights = &LOW_PASS[row.abs_diff(REACH)];
                    for column in 0..TAPS {
                        let pixels = &pixels[(2 * vector + column) * lanes..][..lanes];
                        let product =
                            S::f32s::from_slice(simd, pixels) * weights[column.abs_diff(REACH)];
                        let (low, high) = product.widen();
                        sums = (sums.0 + low, sums.1 + high);
                    }
                }
                sums.0.narrow(sums.1).store_slice(&mut out[vector * lanes..][..lanes]);
            }
        },
    );
}

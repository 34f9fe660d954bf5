//! The horizontal sums of a block of rows, and the information that they give.
//!
//! Each pass is a function of its own, by `vectorize`: the time that the compiler takes grows faster
//! than the length of a function.

use fearless_simd::{Simd, prelude::*};

use super::super::pixels::Pixels;
use super::super::sums::Sums;
use super::block::{Blocks, CROSS, KEPT, MAPS, MEAN, Maps, Moments, SQUARE};
use super::information::{
    DistortedSums, ReferenceSums, RowVariances, add_distorted_row, add_reference_row, variance,
};
use super::picture::{Picture, SegmentedPicture};
use super::windows::{BIAS, HALF, add, joined, start, unrolled, whole};
use crate::simd::aligned::{load, store};

/// Two columns' means: of samples, of their squares and of products with the reference.
struct Means<S: Simd> {
    mean: [S::u32s; 2],
    square: [S::u32s; 2],
    cross: [S::u32s; 2],
}

impl<const SCALE: usize> Blocks<SCALE> {
    /// Sums along the reference's first `rows` rows of the block: means and variances, which are
    /// kept, and information.
    #[inline(always)]
    pub(super) fn along_reference<S: Simd>(
        &self,
        simd: S,
        rows: usize,
        maps: &Maps,
        moments: &mut Moments,
        sums: &mut Sums,
    ) {
        simd.vectorize(
            #[inline(always)]
            move || {
                let lanes = S::u32s::LEN;
                let length = self.layout.row_length();
                let mut lane_sums = ReferenceSums::new(simd, self.layout);
                for row in 0..rows {
                    let maps = self.row(maps, row);
                    let mean_r = &mut moments.mean_r[row * length..][..length];
                    let var_r = &mut moments.var_r[row * length..][..length];
                    for two in 0..length / (2 * lanes) {
                        let Means { mean, square, .. } = self.means::<S, false>(simd, maps, two);
                        for k in 0..2 {
                            let place = (2 * two + k) * lanes;
                            store(mean[k], mean_r, place);
                            store(variance(simd, square[k], mean[k], mean[k]), var_r, place);
                        }
                    }
                    add_reference_row(simd, var_r, &mut lane_sums);
                }
                lane_sums.add_to(sums);
            },
        );
    }

    /// Sums along an encode's first `rows` rows of the block: information for each gain limit, and
    /// for each of the `pixels` if they are kept.
    #[expect(clippy::too_many_arguments, reason = "a step of one loop, apart to be read")]
    #[inline(always)]
    pub(super) fn along_distorted<S: Simd>(
        &self,
        simd: S,
        rows: usize,
        maps: &Maps,
        moments: &mut Moments,
        gain_limits: &[f64],
        sums: &mut [Sums],
        mut pixels: Option<&mut Pixels>,
    ) {
        simd.vectorize(
            #[inline(always)]
            move || {
                let lanes = S::u32s::LEN;
                let length = self.layout.row_length();
                let mut lane_sums = DistortedSums::new(simd, self.layout, gain_limits);
                for row in 0..rows {
                    let maps = self.row(maps, row);
                    let mean_r = &moments.mean_r[row * length..][..length];
                    let var_r = &moments.var_r[row * length..][..length];
                    let (var_d, cov) = (&mut moments.var_d[..length], &mut moments.cov[..length]);
                    for two in 0..length / (2 * lanes) {
                        let Means { mean, square, cross } = self.means::<S, true>(simd, maps, two);
                        for k in 0..2 {
                            let place = (2 * two + k) * lanes;
                            let mean_r = load(simd, mean_r, place);
                            store(variance(simd, square[k], mean[k], mean[k]), var_d, place);
                            store(variance(simd, cross[k], mean[k], mean_r), cov, place);
                        }
                    }
                    let variances =
                        RowVariances { reference: var_r, distorted: var_d, covariance: cov };
                    let information = &mut moments.information;
                    let pixels = pixels.as_deref_mut().map(|pixels| (self.layout, pixels));
                    add_distorted_row(simd, variances, information, &mut lane_sums, sums, pixels);
                }
                lane_sums.add_to(sums);
            },
        );
    }

    /// A row's sums down columns.
    #[inline(always)]
    fn row<'a>(&self, maps: &'a Maps, row: usize) -> &'a [u32] {
        let length = self.pairs_along() * MAPS * self.layout.lanes;
        &maps.sums[row * length..][..length]
    }

    /// The means in the windows of the pair of columns `two` of a row, of products only if it was
    /// `CROSSED`.
    #[inline(always)]
    fn means<S: Simd, const CROSSED: bool>(&self, simd: S, row: &[u32], two: usize) -> Means<S> {
        let lanes = S::u32s::LEN;
        let row = &row[two * MAPS * lanes..][..Self::ACROSS * MAPS * lanes];
        let mut mean = start::<S, 2>(simd, SCALE, BIAS);
        let (mut high, mut low) = (mean, start::<S, 2>(simd, SCALE, HALF));
        let (mut cross_high, mut cross_low) = (high, low);
        unrolled!(PAIR < Self::ACROSS, {
            let weights = Self::ALONG;
            let maps = &row[PAIR * MAPS * lanes..][..MAPS * lanes];
            add::<S, 2, PAIR>(simd, load(simd, maps, MEAN * lanes), weights, &mut mean);
            add::<S, 2, PAIR>(simd, load(simd, maps, SQUARE * lanes), weights, &mut high);
            add::<S, 2, PAIR>(simd, load(simd, maps, (SQUARE + 1) * lanes), weights, &mut low);
            if CROSSED {
                let (upper, lower) = (CROSS * lanes, (CROSS + 1) * lanes);
                add::<S, 2, PAIR>(simd, load(simd, maps, upper), weights, &mut cross_high);
                add::<S, 2, PAIR>(simd, load(simd, maps, lower), weights, &mut cross_low);
            }
        });
        let none = [S::u32s::splat(simd, 0); 2];
        let mut means = Means { mean: none, square: none, cross: none };
        for k in 0..2 {
            means.mean[k] = whole(mean[k], SCALE);
            means.square[k] = joined(high[k], low[k], SCALE);
            means.cross[k] = joined(cross_high[k], cross_low[k], SCALE);
        }
        means
    }

    /// Sums along the block's rows with the next scale's window, which gives that scale's picture
    /// from row `y` on.
    #[inline(always)]
    pub(super) fn along_smaller<S: Simd>(
        &self,
        simd: S,
        y: usize,
        maps: &Maps,
        picture: &mut SegmentedPicture,
    ) {
        simd.vectorize(
            #[inline(always)]
            move || {
                let lanes = S::u32s::LEN;
                let layout = self.layout.halved();
                let length = self.pairs_along() * lanes;
                for row in 0..KEPT.min(picture.height().saturating_sub(y)) {
                    let means = &maps.smaller[row * length..][..length];
                    let out = picture.row_mut(y + row);
                    for two in 0..layout.row_length() / (2 * lanes) {
                        let means = &means[(2 * two + Self::NEXT_SKIP / 2) * lanes..];
                        let means = &means[..Self::ACROSS_NEXT * lanes];
                        let mut mean = start::<S, 2>(simd, Self::NEXT, BIAS + HALF);
                        unrolled!(PAIR < Self::ACROSS_NEXT, {
                            let means = load(simd, means, PAIR * lanes);
                            add::<S, 2, PAIR>(simd, means, Self::ALONG_NEXT, &mut mean);
                        });
                        let first = whole(mean[0], Self::NEXT) >> 16;
                        let second = whole(mean[1], Self::NEXT) >> 16;
                        let words: S::u16s = first.narrow(second);
                        store(words, out, 2 * two * lanes);
                    }
                }
            },
        );
    }
}

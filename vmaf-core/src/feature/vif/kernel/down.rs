//! The sums of a block of rows down its columns.

use fearless_simd::{Simd, prelude::*};

use super::block::{Blocks, CROSS, KEPT, MAPS, MEAN, Maps, ROWS, SQUARE, Weights};
use super::picture::Picture;
use super::windows::{add, high_products, low_products, signed, start, unrolled, whole, words_at};
use crate::simd::aligned::{load, store};
use crate::simd::pairs::DotSum;

impl<const SCALE: usize> Blocks<SCALE> {
    /// Sums down the columns of a block: a picture's mean and square, its product with the
    /// reference if it is `CROSSED` with that, and its mean with the next scale's window. The
    /// block's first pair of rows is the `first`-th in the rings.
    #[inline(always)]
    pub(super) fn down<S: Simd, P: Picture, const CROSSED: bool>(
        &self,
        simd: S,
        first: usize,
        ring: &[u32],
        reference: &[u32],
        maps: &mut Maps,
    ) {
        let lanes = S::u32s::LEN;
        let row = self.pairs_along() * lanes;
        let place = first % Self::PAIRS * lanes;
        let step = 2 * Self::PAIRS * lanes;
        for two in 0..self.vectors / 2 {
            let ring = &ring[2 * two * step..][..2 * step];
            let reference = if CROSSED { &reference[2 * two * step..][..2 * step] } else { ring };
            let own = &ring[place..][..Self::PAIRS * lanes];
            let other = &reference[place..][..Self::PAIRS * lanes];
            let first = self.column_down::<S, P, CROSSED>(simd, own, other);
            let own = &ring[step + place..][..Self::PAIRS * lanes];
            let other = &reference[step + place..][..Self::PAIRS * lanes];
            let second = self.column_down::<S, P, CROSSED>(simd, own, other);
            if SCALE < 3 {
                for k in 0..KEPT {
                    let means =
                        words_at(simd, first.smaller[k], second.smaller[k], self.mean_shift);
                    store(means, &mut maps.smaller, k * row + two * lanes);
                }
            }
            for k in 0..ROWS {
                let out = &mut maps.sums[(k * row + two * lanes) * MAPS..][..MAPS * lanes];
                let means = words_at(simd, first.mean[k], second.mean[k], self.mean_shift);
                store(means, out, MEAN * lanes);
                let (a, b) = (first.square[k], second.square[k]);
                store(words_at(simd, a, b, 16), out, SQUARE * lanes);
                store(signed::<S>(words_at(simd, a, b, 0)), out, (SQUARE + 1) * lanes);
                if CROSSED {
                    let (a, b) = (first.cross[k], second.cross[k]);
                    store(words_at(simd, a, b, 16), out, CROSS * lanes);
                    store(signed::<S>(words_at(simd, a, b, 0)), out, (CROSS + 1) * lanes);
                }
            }
        }
    }

    /// The sums down one column of a picture, and with `other`'s samples.
    #[inline(always)]
    fn column_down<S: Simd, P: Picture, const CROSSED: bool>(
        &self,
        simd: S,
        own: &[u32],
        other: &[u32],
    ) -> Column<S> {
        let lanes = S::u32s::LEN;
        let mut mean = start::<S, ROWS>(simd, SCALE, self.mean_start);
        let mut smaller = start::<S, KEPT>(simd, Self::NEXT, self.mean_start);
        unrolled!(PAIR < Self::PAIRS, {
            let samples = load(simd, own, PAIR * lanes);
            let samples = if P::IS_BYTE { samples } else { signed::<S>(samples) };
            add::<S, ROWS, PAIR>(simd, samples, Self::DOWN, &mut mean);
            if SCALE < 3 {
                add::<S, KEPT, PAIR>(simd, samples, Self::DOWN_NEXT, &mut smaller);
            }
        });
        // Not in the same loop: there aren't registers for all sums.
        let high = start::<S, ROWS>(simd, SCALE, self.high_start);
        let low = start::<S, ROWS>(simd, SCALE, self.low_start);
        let (mut squares, mut crosses) = ([high, low], [high, low]);
        unrolled!(PAIR < Self::PAIRS, {
            let own = load(simd, own, PAIR * lanes);
            add_products::<S, P, ROWS, PAIR>(simd, own, own, Self::DOWN, &mut squares);
            if CROSSED {
                let other = load(simd, other, PAIR * lanes);
                add_products::<S, P, ROWS, PAIR>(simd, own, other, Self::DOWN, &mut crosses);
            }
        });
        let none = S::u32s::splat(simd, 0);
        let mut column = Column {
            mean: [none; ROWS],
            smaller: [none; KEPT],
            square: [none; ROWS],
            cross: [none; ROWS],
        };
        for (mean, sum) in column.smaller.iter_mut().zip(smaller) {
            *mean = whole(sum, Self::NEXT);
        }
        for k in 0..ROWS {
            column.mean[k] = whole(mean[k], SCALE);
            column.square[k] = self.product::<S, P>(squares[0][k], squares[1][k]);
            column.cross[k] = self.product::<S, P>(crosses[0][k], crosses[1][k]);
        }
        column
    }

    /// The mean of products from the sums of their halves.
    #[inline(always)]
    fn product<S: Simd, P: Picture>(&self, high: DotSum<S>, low: DotSum<S>) -> S::u32s {
        if P::IS_BYTE {
            // 2^16 times a product of two bytes fits, and nothing is shifted out.
            return low.total().bitcast();
        }
        let high = whole(high, SCALE) << (16 - self.product_shift);
        high + (whole(low, SCALE) >> self.product_shift)
    }
}

/// Sums down one column in a block's rows.
struct Column<S: Simd> {
    mean: [S::u32s; ROWS],
    smaller: [S::u32s; KEPT],
    square: [S::u32s; ROWS],
    cross: [S::u32s; ROWS],
}

/// Adds the products of pair `PAIR` to windows' sums: of bytes as one word, of words in halves, the upper
/// ones first.
#[inline(always)]
fn add_products<S: Simd, P: Picture, const WINDOWS: usize, const PAIR: usize>(
    simd: S,
    a: S::u32s,
    b: S::u32s,
    weights: &'static Weights<WINDOWS>,
    sums: &mut [[DotSum<S>; WINDOWS]; 2],
) {
    let low = signed::<S>(low_products::<S>(a, b));
    add::<S, WINDOWS, PAIR>(simd, low, weights, &mut sums[1]);
    if !P::IS_BYTE {
        let high = signed::<S>(high_products(simd, a, b));
        add::<S, WINDOWS, PAIR>(simd, high, weights, &mut sums[0]);
    }
}

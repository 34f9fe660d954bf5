//! The sums of a block of rows down its columns.

use fearless_simd::{Simd, prelude::*};

use super::block::{Blocks, CROSS, KEPT, MAPS, MEAN, Maps, ROWS, SQUARE};
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
                    let means = words_at::<S>(first.smaller[k], second.smaller[k], self.mean_shift);
                    store(means, &mut maps.smaller, k * row + two * lanes);
                }
            }
            for k in 0..ROWS {
                let out = &mut maps.sums[(k * row + two * lanes) * MAPS..][..MAPS * lanes];
                let means = words_at::<S>(first.mean[k], second.mean[k], self.mean_shift);
                store(means, out, MEAN * lanes);
                let (a, b) = (first.square[k], second.square[k]);
                store(words_at::<S>(a, b, 16), out, SQUARE * lanes);
                store(signed::<S>(words_at::<S>(a, b, 0)), out, (SQUARE + 1) * lanes);
                if CROSSED {
                    let (a, b) = (first.cross[k], second.cross[k]);
                    store(words_at::<S>(a, b, 16), out, CROSS * lanes);
                    store(signed::<S>(words_at::<S>(a, b, 0)), out, (CROSS + 1) * lanes);
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
        unrolled!(pair < Self::PAIRS, {
            let samples = load(simd, own, pair * lanes);
            let samples = if P::IS_BYTE { samples } else { signed::<S>(samples) };
            add::<S, ROWS>(simd, samples, Self::DOWN[pair], &mut mean);
            if SCALE < 3 {
                add::<S, KEPT>(simd, samples, Self::DOWN_NEXT[pair], &mut smaller);
            }
        });
        // Not in the same loop: there aren't registers for all sums.
        let high = start::<S, ROWS>(simd, SCALE, self.high_start);
        let low = start::<S, ROWS>(simd, SCALE, self.low_start);
        let (mut squares, mut crosses) = ([high, low], [high, low]);
        unrolled!(pair < Self::PAIRS, {
            let own = load(simd, own, pair * lanes);
            add_products::<S, P, ROWS>(simd, own, own, Self::DOWN[pair], &mut squares);
            if CROSSED {
                let other = load(simd, other, pair * lanes);
                add_products::<S, P, ROWS>(simd, own, other, Self::DOWN[pair], &mut crosses);
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
            *mean = whole(simd, sum, Self::NEXT);
        }
        for k in 0..ROWS {
            column.mean[k] = whole(simd, mean[k], SCALE);
            column.square[k] = self.product::<S, P>(simd, squares[0][k], squares[1][k]);
            column.cross[k] = self.product::<S, P>(simd, crosses[0][k], crosses[1][k]);
        }
        column
    }

    /// The mean of products from the sums of their halves.
    #[inline(always)]
    fn product<S: Simd, P: Picture>(&self, simd: S, high: DotSum<S>, low: DotSum<S>) -> S::u32s {
        if P::IS_BYTE {
            // 2^16 times a product of two bytes fits, and nothing is shifted out.
            return low.total(simd).bitcast();
        }
        let high = whole(simd, high, SCALE) << (16 - self.product_shift);
        high + (whole(simd, low, SCALE) >> self.product_shift)
    }
}

/// Sums down one column in a block's rows.
struct Column<S: Simd> {
    mean: [S::u32s; ROWS],
    smaller: [S::u32s; KEPT],
    square: [S::u32s; ROWS],
    cross: [S::u32s; ROWS],
}

/// Adds a pair's products to windows' sums: of bytes as one word, of words in halves, the upper
/// ones first.
#[inline(always)]
fn add_products<S: Simd, P: Picture, const WINDOWS: usize>(
    simd: S,
    a: S::u32s,
    b: S::u32s,
    weights: [u32; WINDOWS],
    sums: &mut [[DotSum<S>; WINDOWS]; 2],
) {
    add::<S, WINDOWS>(simd, signed::<S>(low_products::<S>(a, b)), weights, &mut sums[1]);
    if !P::IS_BYTE {
        add::<S, WINDOWS>(simd, signed::<S>(high_products(simd, a, b)), weights, &mut sums[0]);
    }
}

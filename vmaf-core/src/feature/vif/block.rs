//! The sums of a block of rows: down its columns, then along its rows.

use fearless_simd::{Simd, prelude::*};

use super::filter::{REACH, pair_weights};
use super::information::{DistortedSums, ReferenceSums, variance};
use super::layout::Layout;
use super::picture::{Picture, Spread};
use super::sums::Sums;
use super::windows::{
    add, high_products, high_words, joined, low_products, low_words, signed, unsigned,
};

use crate::simd::aligned::AlignedRow;

/// Rows that are worked on at once.
pub(super) const ROWS: usize = 4;

/// Rows of those that the next scale keeps.
const KEPT: usize = ROWS / 2;

/// The maps of a picture that are summed along: means, and products in halves.
const MEAN: usize = 0;
const SQUARE: usize = 1;
const CROSS: usize = 3;
const MAPS: usize = 5;

/// The most pairs that windows reach: those of a block's rows, of two columns.
const MOST_PAIRS: usize = REACH[0] + ROWS / 2;

/// Sizes and shifts of a scale.
#[derive(Debug, Clone, Copy)]
pub(super) struct Blocks<const SCALE: usize> {
    pub(super) layout: Layout,
    /// The vectors of a row with its halo.
    vectors: usize,
    /// By how much sums down columns are shifted.
    mean_shift: u32,
    product_shift: u32,
}

/// Sums down the columns of a block, of one picture.
#[derive(Debug, Default)]
pub(super) struct Maps {
    /// The weights that they were summed with, in every lane: pair after pair of a ring, those of
    /// the block's rows, then those of the next scale's.
    weights: AlignedRow<u32>,
    /// Row after row, pair of columns after pair, map after map.
    sums: AlignedRow<u32>,
    /// The same with the next scale's window, of one map, for the rows that it keeps.
    smaller: AlignedRow<u32>,
}

/// What sums along a block's rows give.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The weights along rows, in every lane: pair after pair, those of two columns. This scale's
    /// and the next one's.
    weights: AlignedRow<u32>,
    weights_next: AlignedRow<u32>,
    /// The reference's means and variances, row after row.
    mean_r: AlignedRow<u32>,
    var_r: AlignedRow<u32>,
    /// An encode's variances and covariances with the reference in one row.
    var_d: AlignedRow<u32>,
    cov: AlignedRow<u32>,
}

impl<const SCALE: usize> Blocks<SCALE> {
    /// How far windows reach up, down, left and right.
    pub(super) const REACH: usize = REACH[SCALE];
    /// The next scale's windows reach less far.
    const NEXT: usize = if SCALE < 3 { SCALE + 1 } else { SCALE };
    const NEXT_REACH: usize = REACH[Self::NEXT];
    const NEXT_SKIP: usize = Self::REACH - Self::NEXT_REACH;

    /// Pairs of rows that the windows of a block reach, and the pairs' weights in its rows.
    pub(super) const PAIRS: usize = Self::REACH + ROWS / 2;
    const DOWN: [[u32; ROWS]; MOST_PAIRS] = pair_weights(SCALE, 0, 1);
    const DOWN_NEXT: [[u32; KEPT]; MOST_PAIRS] = pair_weights(Self::NEXT, Self::NEXT_SKIP, 2);

    /// Pairs of columns that the windows of two columns reach, and the pairs' weights in them.
    const ACROSS: usize = Self::REACH + 1;
    const ALONG: [[u32; 2]; MOST_PAIRS] = pair_weights(SCALE, 0, 1);
    /// The same for two columns of the next scale.
    const ACROSS_NEXT: usize = Self::NEXT_REACH + 2;
    const ALONG_NEXT: [[u32; 2]; MOST_PAIRS] = pair_weights(Self::NEXT, 0, 2);

    pub(super) fn new(layout: Layout, depth: u8) -> Self {
        let depth = u32::from(depth);
        let (mean_shift, product_shift) =
            if SCALE == 0 { (depth, 2 * (depth - 8)) } else { (16, 16) };
        let vectors = layout.vectors.next_multiple_of(2) + 2 * Self::REACH;
        Self { layout, vectors, mean_shift, product_shift }
    }

    /// The length of a ring of pairs of rows: vector after vector, pair after pair.
    pub(super) fn ring_length(&self) -> usize {
        self.vectors * Self::PAIRS * self.layout.lanes
    }

    /// The pairs of columns in a row, and one more that is read and not used.
    fn pairs_along(&self) -> usize {
        self.vectors / 2 + 1
    }

    pub(super) fn prepare(&self, maps: &mut Maps, found: &mut Found) {
        let row = self.pairs_along() * self.layout.lanes;
        maps.sums.resize(ROWS * MAPS * row);
        maps.smaller.resize(KEPT * row);
        maps.weights.resize(Self::PAIRS * (ROWS + KEPT) * self.layout.lanes);
        fill_lanes(Self::ALONG.as_flattened(), self.layout.lanes, &mut found.weights);
        fill_lanes(Self::ALONG_NEXT.as_flattened(), self.layout.lanes, &mut found.weights_next);
        found.mean_r.resize(ROWS * self.layout.row_length());
        found.var_r.resize(ROWS * self.layout.row_length());
        found.var_d.resize(self.layout.row_length());
        found.cov.resize(self.layout.row_length());
    }

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
        let (lanes, zero) = (S::u32s::LEN, S::u32s::splat(simd, 0));
        let size = Self::PAIRS * lanes;
        // Weights in the order that the rings' pairs have now. They are in memory, as there are too
        // many for registers.
        let size_of_pair = (ROWS + KEPT) * lanes;
        for pair in 0..Self::PAIRS {
            let place = (first + pair) % Self::PAIRS;
            let (own, next) =
                maps.weights[place * size_of_pair..][..size_of_pair].split_at_mut(ROWS * lanes);
            for (vector, weight) in own.chunks_exact_mut(lanes).zip(Self::DOWN[pair]) {
                vector.fill(weight);
            }
            for (vector, weight) in next.chunks_exact_mut(lanes).zip(Self::DOWN_NEXT[pair]) {
                vector.fill(weight);
            }
        }
        let weights = &maps.weights[..Self::PAIRS * size_of_pair];
        let length = self.pairs_along() * lanes;
        for two in 0..self.vectors / 2 {
            // Of both columns of a pair.
            let (mut mean, mut small) = ([[zero; ROWS]; 2], [[zero; KEPT]; 2]);
            let (mut square, mut cross) = ([[zero; ROWS]; 2], [[zero; ROWS]; 2]);
            for column in 0..2 {
                let own = &ring[(2 * two + column) * size..][..size];
                let (mut means, mut smaller) = ([zero; ROWS], [zero; KEPT]);
                for pair in 0..Self::PAIRS {
                    let words = load(simd, own, pair * lanes);
                    let words = if is_byte::<P>() { words } else { signed::<S>(words) };
                    let weights = &weights[pair * size_of_pair..];
                    add::<S, ROWS>(simd, words, weights, &mut means);
                    if SCALE < 3 {
                        add::<S, KEPT>(simd, words, &weights[ROWS * lanes..], &mut smaller);
                    }
                }
                // Not in the same loop: there aren't registers for all sums.
                let (mut squares, mut crosses) = ([[zero; ROWS]; 2], [[zero; ROWS]; 2]);
                if CROSSED {
                    let other = &reference[(2 * two + column) * size..][..size];
                    for pair in 0..Self::PAIRS {
                        let weights = &weights[pair * size_of_pair..];
                        let own = load(simd, own, pair * lanes);
                        let other = load(simd, other, pair * lanes);
                        add_products::<S, P>(simd, own, own, weights, &mut squares);
                        add_products::<S, P>(simd, own, other, weights, &mut crosses);
                    }
                } else {
                    for pair in 0..Self::PAIRS {
                        let weights = &weights[pair * size_of_pair..];
                        let own = load(simd, own, pair * lanes);
                        add_products::<S, P>(simd, own, own, weights, &mut squares);
                    }
                }
                for (k, sum) in smaller.into_iter().enumerate() {
                    small[column][k] = self.mean::<S, P>(sum, Self::NEXT);
                }
                for k in 0..ROWS {
                    mean[column][k] = self.mean::<S, P>(means[k], SCALE);
                    square[column][k] = self.product::<S, P>(squares[0][k], squares[1][k]);
                    cross[column][k] = self.product::<S, P>(crosses[0][k], crosses[1][k]);
                }
            }
            if SCALE < 3 {
                let [even, odd] = small;
                for (k, (even, odd)) in even.into_iter().zip(odd).enumerate() {
                    let out = &mut maps.smaller[k * length + two * lanes..][..lanes];
                    low_words::<S>(even, odd).store_slice(out);
                }
            }
            for k in 0..ROWS {
                let out = &mut maps.sums[(k * length + two * lanes) * MAPS..][..lanes * MAPS];
                store(out, MEAN, low_words::<S>(mean[0][k], mean[1][k]));
                store(out, SQUARE, high_words::<S>(square[0][k], square[1][k]));
                store(out, SQUARE + 1, low_words::<S>(square[0][k], square[1][k]));
                if CROSSED {
                    store(out, CROSS, high_words::<S>(cross[0][k], cross[1][k]));
                    store(out, CROSS + 1, low_words::<S>(cross[0][k], cross[1][k]));
                }
            }
        }
    }

    /// The mean of a sum down columns, with the window of `scale`, in 16 bits.
    #[inline(always)]
    fn mean<S: Simd, P: Picture>(&self, sum: S::u32s, scale: usize) -> S::u32s {
        let rounding = (1 << self.mean_shift) >> 1;
        let sum = if is_byte::<P>() { sum + rounding } else { mean_of::<S>(sum, scale, rounding) };
        sum >> self.mean_shift
    }

    /// The mean of products, from the sums of their halves down columns, in 32 bits.
    #[inline(always)]
    fn product<S: Simd, P: Picture>(&self, high: S::u32s, low: S::u32s) -> S::u32s {
        if is_byte::<P>() {
            // 2^16 times a product of two bytes fits, and nothing is shifted out.
            return unsigned::<S, SCALE>(low, 0);
        }
        let high = unsigned::<S, SCALE>(high, 0) << (16 - self.product_shift);
        let rounding = (1 << self.product_shift) >> 1;
        high + (unsigned::<S, SCALE>(low, rounding) >> self.product_shift)
    }

    /// Sums along the reference's first `rows` rows of the block: means and variances, which are
    /// kept, and information.
    #[inline(always)]
    pub(super) fn along_reference<S: Simd>(
        &self,
        simd: S,
        rows: usize,
        maps: &Maps,
        found: &mut Found,
        sums: &mut Sums,
    ) {
        let (lanes, zero) = (S::u32s::LEN, S::u32s::splat(simd, 0));
        let length = self.layout.row_length();
        let weights = &found.weights[..Self::ACROSS * 2 * lanes];
        let mut lane_sums = ReferenceSums::new(simd, self.layout);
        for row in 0..rows {
            let maps = self.row(maps, row);
            let mean_r = &mut found.mean_r[row * length..][..length];
            let var_r = &mut found.var_r[row * length..][..length];
            for two in 0..length / (2 * lanes) {
                let maps = &maps[two * MAPS * lanes..][..Self::ACROSS * MAPS * lanes];
                let (mut mean, mut high, mut low) = ([zero; 2], [zero; 2], [zero; 2]);
                for pair in 0..Self::ACROSS {
                    let weights = &weights[pair * 2 * lanes..];
                    let maps = &maps[pair * MAPS * lanes..][..MAPS * lanes];
                    add::<S, 2>(simd, load(simd, maps, MEAN * lanes), weights, &mut mean);
                    add::<S, 2>(simd, load(simd, maps, SQUARE * lanes), weights, &mut high);
                    add::<S, 2>(simd, load(simd, maps, (SQUARE + 1) * lanes), weights, &mut low);
                }
                let mean_r = &mut mean_r[2 * two * lanes..][..2 * lanes];
                let var_r = &mut var_r[2 * two * lanes..][..2 * lanes];
                for k in 0..2 {
                    let mean = unsigned::<S, SCALE>(mean[k], 0);
                    let square = joined::<S, SCALE>(high[k], low[k]);
                    store(mean_r, k, mean);
                    store(var_r, k, variance(simd, square, mean, mean));
                }
            }
            for two in 0..length / (2 * lanes) {
                lane_sums.add(two, load_two(simd, var_r, two));
            }
        }
        lane_sums.add_to(sums);
    }

    /// Sums along an encode's first `rows` rows of the block: information, for each gain limit.
    #[inline(always)]
    pub(super) fn along_distorted<S: Simd>(
        &self,
        simd: S,
        rows: usize,
        maps: &Maps,
        found: &mut Found,
        gain_limits: &[f64],
        sums: &mut [Sums],
    ) {
        let (lanes, zero) = (S::u32s::LEN, S::u32s::splat(simd, 0));
        let length = self.layout.row_length();
        let weights = &found.weights[..Self::ACROSS * 2 * lanes];
        let mut lane_sums = DistortedSums::new(simd, self.layout);
        for row in 0..rows {
            let maps = self.row(maps, row);
            let mean_r = &found.mean_r[row * length..][..length];
            let var_r = &found.var_r[row * length..][..length];
            let (var_d, cov) = (&mut found.var_d[..length], &mut found.cov[..length]);
            for two in 0..length / (2 * lanes) {
                let maps = &maps[two * MAPS * lanes..][..Self::ACROSS * MAPS * lanes];
                let (mut mean, mut high, mut low) = ([zero; 2], [zero; 2], [zero; 2]);
                let (mut cross_high, mut cross_low) = ([zero; 2], [zero; 2]);
                for pair in 0..Self::ACROSS {
                    let weights = &weights[pair * 2 * lanes..];
                    let maps = &maps[pair * MAPS * lanes..][..MAPS * lanes];
                    add::<S, 2>(simd, load(simd, maps, MEAN * lanes), weights, &mut mean);
                    add::<S, 2>(simd, load(simd, maps, SQUARE * lanes), weights, &mut high);
                    add::<S, 2>(simd, load(simd, maps, (SQUARE + 1) * lanes), weights, &mut low);
                    add::<S, 2>(simd, load(simd, maps, CROSS * lanes), weights, &mut cross_high);
                    add::<S, 2>(
                        simd,
                        load(simd, maps, (CROSS + 1) * lanes),
                        weights,
                        &mut cross_low,
                    );
                }
                let mean_r = load_two(simd, mean_r, two);
                let var_d = &mut var_d[2 * two * lanes..][..2 * lanes];
                let cov = &mut cov[2 * two * lanes..][..2 * lanes];
                for k in 0..2 {
                    let mean = unsigned::<S, SCALE>(mean[k], 0);
                    let square = joined::<S, SCALE>(high[k], low[k]);
                    let cross = joined::<S, SCALE>(cross_high[k], cross_low[k]);
                    store(var_d, k, variance(simd, square, mean, mean));
                    store(cov, k, variance(simd, cross, mean, mean_r[k]));
                }
            }
            for two in 0..length / (2 * lanes) {
                let var_r = load_two(simd, var_r, two);
                let (var_d, cov) = (load_two(simd, var_d, two), load_two(simd, cov, two));
                lane_sums.add(two, var_r, var_d, cov, gain_limits, sums);
            }
        }
        lane_sums.add_to(sums);
    }

    /// A row's sums down columns.
    #[inline(always)]
    fn row<'a>(&self, maps: &'a Maps, row: usize) -> &'a [u32] {
        let length = self.pairs_along() * MAPS * self.layout.lanes;
        &maps.sums[row * length..][..length]
    }

    /// Sums along the block's rows with the next scale's window, which gives that scale's picture
    /// from row `y` on.
    #[inline(always)]
    pub(super) fn along_smaller<S: Simd>(
        &self,
        simd: S,
        y: usize,
        maps: &Maps,
        found: &Found,
        picture: &mut Spread,
    ) {
        let (lanes, zero) = (S::u32s::LEN, S::u32s::splat(simd, 0));
        let layout = self.layout.halved();
        let weights = &found.weights_next[..Self::ACROSS_NEXT * 2 * lanes];
        for row in 0..KEPT.min(picture.height().saturating_sub(y)) {
            let length = self.pairs_along() * lanes;
            let means = &maps.smaller[row * length..][..length];
            let out = picture.row_mut(y + row);
            for two in 0..layout.row_length() / (2 * lanes) {
                let means = &means[(2 * two + Self::NEXT_SKIP / 2) * lanes..];
                let means = &means[..Self::ACROSS_NEXT * lanes];
                let mut mean = [zero; 2];
                for pair in 0..Self::ACROSS_NEXT {
                    let means = load(simd, means, pair * lanes);
                    let weights = &weights[pair * 2 * lanes..];
                    add::<S, 2>(simd, means, weights, &mut mean);
                }
                let first = mean_of::<S>(mean[0], Self::NEXT, 1 << 15) >> 16;
                let second = mean_of::<S>(mean[1], Self::NEXT, 1 << 15) >> 16;
                let words: S::u16s = first.narrow(second);
                words.store_slice(&mut out[2 * two * lanes..][..2 * lanes]);
            }
            layout.mirror(out, Self::NEXT_REACH);
        }
    }
}

/// Repeats each weight in the `lanes` of a vector.
fn fill_lanes(weights: &[u32], lanes: usize, vectors: &mut AlignedRow<u32>) {
    vectors.resize(weights.len() * lanes);
    for (vector, weight) in vectors.chunks_exact_mut(lanes).zip(weights) {
        vector.fill(*weight);
    }
}

/// Whether products of a picture's samples fit a word.
const fn is_byte<P: Picture>() -> bool {
    size_of::<P::Sample>() == 1
}

#[inline(always)]
fn load<S: Simd>(simd: S, values: &[u32], at: usize) -> S::u32s {
    S::u32s::from_slice(simd, &values[at..at + S::u32s::LEN])
}

#[inline(always)]
fn load_two<S: Simd>(simd: S, values: &[u32], two: usize) -> [S::u32s; 2] {
    let values = &values[2 * two * S::u32s::LEN..][..2 * S::u32s::LEN];
    [load(simd, values, 0), load(simd, values, S::u32s::LEN)]
}

/// Stores a vector as the `index`-th of `out`.
#[inline(always)]
fn store<V: SimdBase<S, Element = u32>, S: Simd>(out: &mut [u32], index: usize, value: V) {
    value.store_slice(&mut out[index * V::LEN..][..V::LEN]);
}

/// Adds a pair's products to windows' sums: of bytes as one word, of words in halves, the upper
/// ones first.
#[inline(always)]
fn add_products<S: Simd, P: Picture>(
    simd: S,
    a: S::u32s,
    b: S::u32s,
    weights: &[u32],
    sums: &mut [[S::u32s; ROWS]; 2],
) {
    add::<S, ROWS>(simd, signed::<S>(low_products::<S>(a, b)), weights, &mut sums[1]);
    if !is_byte::<P>() {
        add::<S, ROWS>(simd, signed::<S>(high_products(simd, a, b)), weights, &mut sums[0]);
    }
}

/// The sum of unsigned words in windows of `scale`, plus `rounding`.
#[inline(always)]
fn mean_of<S: Simd>(sum: S::u32s, scale: usize, rounding: u32) -> S::u32s {
    if scale == 3 { unsigned::<S, 3>(sum, rounding) } else { unsigned::<S, 0>(sum, rounding) }
}

//! Contrast masking, a row at a time: the amount by which each part of a coefficient raises the
//! threshold of the other around it, and the excess over thresholds, cubed.

use fearless_simd::prelude::*;

use super::super::sums::{Bands, CubeShifts};
use crate::simd::pairs::{mul_even, mul_high, mul_high_rounded};

/// A part's share of the threshold below which the other is masked, summed over the bands: the
/// share of a neighbour, and the excess of the place itself over that.
pub(super) struct Shares<S: Simd> {
    pub(super) near: S::i32s,
    pub(super) own: S::i32s,
}

/// The shares of one coefficient at the finest scale, where libvmaf keeps 16 bits: a 30th of its
/// weighted magnitude for a neighbour, a 15th for the same place.
pub(super) fn finest_shares(value: i32, weight: u32, band: usize) -> (i32, i32) {
    let (add, shift) = [(1 << 14, 15), (1 << 14, 15), ((1 << 16) - 1, 17)][band];
    let weighted = (value * weight as i32 + add) >> shift;
    let magnitude = i32::from(weighted as i16).abs();
    let near = ((4369 * magnitude + (1 << 11)) >> 12) as i16;
    let here = ((8738 * magnitude + (1 << 11)) >> 12) as i16;
    (near.into(), here.into())
}

/// The weights of the finest scale's bands, as 16-bit integers that coefficients are multiplied by.
#[derive(Clone, Copy)]
pub(super) struct FinestWeights<S: Simd> {
    /// Less 2^15, which is added back as the coefficient itself.
    straight: [S::i16s; 2],
    diagonal: S::i16s,
    /// -1 if the diagonal weight counts as negative because it does not fit 15 bits.
    diagonal_large: S::i16s,
    factors: [S::i16s; 2],
    one: S::u16s,
}

/// The greatest magnitude of a coefficient of the finest scale for which [`FinestWeights::shares`]
/// is right: none of its sums of three passes 16 bits.
pub(super) fn finest_limit(weights: &Bands<u32>) -> i32 {
    let weight = weights[0].max(weights[1]).max(weights[2]).max(1);
    ((15_000 << 15) / weight).min(i16::MAX as u32) as i32
}

impl<S: Simd> FinestWeights<S> {
    #[inline(always)]
    pub(super) fn new(simd: S, weights: &Bands<u32>) -> Self {
        let straight = [weights[0], weights[1]];
        let straight = straight.map(|weight| (weight as i32 - (1 << 15)) as i16);
        let large = if weights[2] >> 15 == 0 { 0 } else { -1 };
        Self {
            straight: [S::i16s::splat(simd, straight[0]), S::i16s::splat(simd, straight[1])],
            diagonal: S::i16s::splat(simd, weights[2] as i16),
            diagonal_large: S::i16s::splat(simd, large),
            // 4369 and 8738 of 2^-12, less the whole ones, in units of 2^-15.
            factors: [S::i16s::splat(simd, 2184), S::i16s::splat(simd, 4368)],
            one: S::u16s::splat(simd, 1),
        }
    }

    /// [`finest_shares`] of the bands' coefficients, summed.
    #[inline(always)]
    pub(super) fn shares(&self, simd: S, values: Bands<S::i16s>) -> [Shares<S>; 2] {
        let horizontal = values[0] + mul_high_rounded(simd, values[0], self.straight[0]);
        let vertical = values[1] + mul_high_rounded(simd, values[1], self.straight[1]);
        let diagonal = {
            let value = values[2];
            let upper = mul_high(simd, value, self.diagonal) + (value & self.diagonal_large);
            // Rounded up unless the lower 16 bits are all 0.
            let lower: S::u16s = (value * self.diagonal).bitcast();
            let up: S::i16s = lower.min(self.one).bitcast();
            (upper + up) >> 1
        };
        let zero = S::i16s::splat(simd, 0);
        let (mut whole, mut small, mut large) = (zero, zero, zero);
        for weighted in [horizontal, vertical, diagonal] {
            let magnitude = weighted.abs();
            whole += magnitude;
            small += mul_high_rounded(simd, magnitude, self.factors[0]);
            large += mul_high_rounded(simd, magnitude, self.factors[1]);
        }
        let near: S::u16s = (whole + small).bitcast();
        let own: S::u16s = (whole + large - small).bitcast();
        let (near, own) = (near.widen(), own.widen());
        [
            Shares { near: near.0.bitcast(), own: own.0.bitcast() },
            Shares { near: near.1.bitcast(), own: own.1.bitcast() },
        ]
    }
}

/// 64-bit lanes' lower halves from `even`, and upper halves from `odd`.
#[inline(always)]
fn merge<S: Simd>(even: S::u64s, odd: S::u64s) -> S::i32s {
    ((even & 0xffff_ffff) | (odd & 0xffff_ffff_0000_0000)).bitcast()
}

/// Lanes 1, 3, 5 and so on at the places of those before them.
#[inline(always)]
fn odd<S: Simd>(values: S::i32s) -> S::i32s {
    (values.bitcast::<S::u64s>() >> 32).bitcast()
}

/// The magnitudes of a coarser scale's coefficients, weighted, in 32 bits.
#[inline(always)]
fn weighted<S: Simd>(simd: S, values: S::i32s, weight: u32) -> S::i32s {
    let factor = S::i32s::splat(simd, weight as i32);
    let mut even = mul_even(simd, values, factor).bitcast::<S::u64s>() + (1 << 27);
    let mut odds = mul_even(simd, odd::<S>(values), factor).bitcast::<S::u64s>() + (1 << 27);
    if weight >> 31 != 0 {
        // Taken as negative, it is 2^32 too small.
        let values: S::u64s = values.bitcast();
        even += values << 32;
        odds += values & 0xffff_ffff_0000_0000;
    }
    merge::<S>(even >> 28, odds << 4).abs()
}

/// The shares of the bands' coefficients at a coarser scale, summed, and their weighted magnitudes:
/// a 30th of those for a neighbour, a 15th for the same place. libvmaf's rounding constant is
/// negative here: each share is one less than it would be.
#[inline(always)]
pub(super) fn coarser_shares<S: Simd>(
    simd: S,
    weights: &Bands<u32>,
    values: Bands<S::i32s>,
) -> (Shares<S>, Bands<S::i32s>) {
    let zero = S::i32s::splat(simd, 0);
    let factors = [S::i32s::splat(simd, 143_165_577), S::i32s::splat(simd, 286_331_153)];
    // Sums of the upper halves of 64-bit lanes.
    let (mut even, mut odds) = ([zero; 2], [zero; 2]);
    let mut magnitudes = [zero; 3];
    for band in 0..3 {
        magnitudes[band] = weighted(simd, values[band], weights[band]);
        let odd = odd::<S>(magnitudes[band]);
        for k in 0..2 {
            let share = mul_even(simd, magnitudes[band], factors[k]) - (1 << 31);
            even[k] += share.bitcast::<S::i32s>();
            let share = mul_even(simd, odd, factors[k]) - (1 << 31);
            odds[k] += share.bitcast::<S::i32s>();
        }
    }
    let near = merge::<S>(even[0].bitcast::<S::u64s>() >> 32, odds[0].bitcast());
    let here = merge::<S>(even[1].bitcast::<S::u64s>() >> 32, odds[1].bitcast());
    (Shares { near, own: here - near }, magnitudes)
}

/// The sum of cubes of one band.
#[derive(Clone, Copy)]
pub(super) struct Cubes<S: Simd> {
    sum: S::u64s,
    add_square: u64,
    add_cube: u64,
    square: u32,
    cube: u32,
}

/// Added to a signed number so that it can be shifted as an unsigned one.
const SIGN: u64 = 1 << 63;

impl<S: Simd> Cubes<S> {
    #[inline(always)]
    pub(super) fn new(simd: S, shifts: &CubeShifts, band: usize) -> Self {
        let (square, cube) = (shifts.square[band], shifts.cube[band]);
        let add_cube = ((1 << cube) >> 1) + SIGN;
        let sum = S::u64s::splat(simd, 0);
        Self { sum, add_square: (1 << square) >> 1, add_cube, square, cube }
    }

    /// Adds the cubes of values of 31 bits.
    #[inline(always)]
    pub(super) fn add(&mut self, simd: S, values: S::i32s) {
        for values in [values, odd::<S>(values)] {
            let squares = mul_even(simd, values, values).bitcast::<S::u64s>() + self.add_square;
            let squares: S::i32s = (squares >> self.square).bitcast();
            let cubes = mul_even(simd, squares, values).bitcast::<S::u64s>() + self.add_cube;
            self.sum += cubes >> self.cube;
        }
    }

    /// The sum, of as many vectors as have been added.
    #[inline(always)]
    pub(super) fn finish(self, vectors: usize) -> i64 {
        let mut sum = 0_u64;
        for lane in self.sum.as_slice() {
            sum = sum.wrapping_add(*lane);
        }
        let signs = (SIGN >> self.cube).wrapping_mul((vectors * S::i32s::LEN) as u64);
        sum.wrapping_sub(signs) as i64
    }
}

/// The sum of cubes of the reference's magnitudes.
#[derive(Clone, Copy)]
pub(in crate::feature::adm) struct PlainCubes<S: Simd> {
    sum: S::u64s,
    add_square: u64,
    add_cube: u64,
    square: u32,
    cube: u32,
}

impl<S: Simd> PlainCubes<S> {
    #[inline(always)]
    pub(super) fn new(simd: S, shifts: &CubeShifts, band: usize) -> Self {
        let (square, cube) = (shifts.square[band], shifts.cube[band]);
        // Rounded by a whole unit, not by half of one.
        let add_square = if square == 0 { 0 } else { 1 << square };
        let sum = S::u64s::splat(simd, 0);
        Self { sum, add_square, add_cube: (1 << cube) >> 1, square, cube }
    }

    /// Adds the cubes of magnitudes below 2^15.
    #[inline(always)]
    pub(super) fn add_narrow(&mut self, simd: S, values: S::i32s) {
        let squares = values * values;
        self.sum += mul_even(simd, squares, values).bitcast::<S::u64s>();
        let products = mul_even(simd, odd::<S>(squares), odd::<S>(values));
        self.sum += products.bitcast::<S::u64s>();
    }

    /// Adds the cubes of magnitudes below 2^31, whose shifted squares are too.
    #[inline(always)]
    pub(super) fn add_wide(&mut self, simd: S, values: S::i32s) {
        for values in [values, odd::<S>(values)] {
            let squares = mul_even(simd, values, values).bitcast::<S::u64s>() + self.add_square;
            let squares: S::i32s = (squares >> self.square).bitcast();
            let cubes = mul_even(simd, squares, values).bitcast::<S::u64s>() + self.add_cube;
            self.sum += cubes >> self.cube;
        }
    }

    #[inline(always)]
    pub(super) fn finish(self) -> u64 {
        let mut sum = 0_u64;
        for lane in self.sum.as_slice() {
            sum = sum.wrapping_add(*lane);
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feature::testing::noise;
    use crate::simd::aligned::load;
    use crate::simd::{Kernel, Level};

    /// Shares and magnitudes of three bands' values, at a coarser scale.
    struct Coarser<'a>(&'a Bands<Vec<i32>>, Bands<u32>);

    impl Kernel for Coarser<'_> {
        type Output = ();

        #[inline(always)]
        fn run<S: Simd>(self, simd: S) {
            let Self(rows, weights) = self;
            for x in (0..rows[0].len()).step_by(S::i32s::LEN) {
                let values =
                    [load(simd, &rows[0], x), load(simd, &rows[1], x), load(simd, &rows[2], x)];
                let (shares, magnitudes) = coarser_shares(simd, &weights, values);
                for i in 0..S::i32s::LEN {
                    let (mut near, mut here) = (0, 0);
                    for band in 0..3 {
                        let value = i64::from(rows[band][x + i]) * i64::from(weights[band]);
                        let magnitude = (((value + (1 << 27)) >> 28) as i32).wrapping_abs();
                        assert_eq!(magnitudes[band][i], magnitude);
                        let part = |factor: i64| factor * i64::from(magnitude) - (1 << 31);
                        near += (part(143_165_577) >> 32) as i32;
                        here += (part(286_331_153) >> 32) as i32;
                    }
                    assert_eq!((shares.near[i], shares.own[i]), (near, here - near));
                }
            }
        }
    }

    #[test]
    fn coarser_shares_equal_the_definition_for_all_weights() {
        let row = |seed: u64| (0..1 << 14).map(move |i| noise(seed, i, 0) as i32 >> (i % 31));
        let rows = [1, 2, 3].map(|seed| row(seed).collect::<Vec<_>>());
        for weights in [[1, 2, 3], [251_000_000; 3], [1 << 28, 1 << 31, u32::MAX], [0; 3]] {
            for level in Level::available() {
                level.run(Coarser(&rows, weights));
            }
        }
    }
}

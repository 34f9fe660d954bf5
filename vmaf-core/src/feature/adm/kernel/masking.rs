//! Contrast masking, a row at a time: the amount by which each part of a coefficient raises the
//! threshold of the other around it.

use fearless_simd::prelude::*;

use super::super::sums::Bands;
use crate::simd::halves::{lower_halves, upper_halves, wide_products};
use crate::simd::pairs::{mul_high, mul_high_rounded};

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

/// The magnitudes of a coarser scale's coefficients, weighted, in 32 bits.
#[inline(always)]
fn weighted<S: Simd>(simd: S, values: S::i32s, weight: u32) -> S::i32s {
    let [first, last] = wide_products(simd, values, S::i32s::splat(simd, weight as i32));
    let rounding = 1 << 27;
    let mut weighted = lower_halves(simd, [(first + rounding) >> 28, (last + rounding) >> 28]);
    if weight >> 31 != 0 {
        // Taken as negative, it is 2^32 too small.
        weighted += values << 4;
    }
    weighted.abs()
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
    let mut sums = [[zero; 2]; 2];
    let mut magnitudes = [zero; 3];
    for band in 0..3 {
        magnitudes[band] = weighted(simd, values[band], weights[band]);
        for k in 0..2 {
            let [first, last] = wide_products(simd, magnitudes[band], factors[k]);
            sums[k][0] += (first - (1 << 31)).bitcast::<S::i32s>();
            sums[k][1] += (last - (1 << 31)).bitcast::<S::i32s>();
        }
    }
    let near = upper_halves(simd, [sums[0][0].bitcast(), sums[0][1].bitcast()]);
    let here = upper_halves(simd, [sums[1][0].bitcast(), sums[1][1].bitcast()]);
    let (near, here): (S::i32s, S::i32s) = (near.bitcast(), here.bitcast());
    (Shares { near, own: here - near }, magnitudes)
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

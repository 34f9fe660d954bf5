//! The discrete cosine transform of blocks, one block per lane.
//!
//! No intermediate number of a transform in two dimensions is greater than 8 times the greatest
//! sample, apart from rounding (its steps are those of an orthogonal transform, and the
//! coefficients of each add up to no more). Samples of up to [`NARROW`] bits thus need only 16
//! bits, of which a vector holds twice as many, and a multiplication with rounding is one
//! instruction.

use fearless_simd::prelude::*;

use crate::simd::pairs::mul_high_rounded;

/// The greatest bit depth that [`Narrow`] has room for.
pub(super) const NARROW: u8 = 11;

/// The greatest bit depth that [`Wide`] has room for without `DEEP`.
pub(super) const WIDE: u8 = 12;

/// The arithmetic of the transform.
pub(super) trait Numbers<S: Simd> {
    /// Numbers of blocks side by side.
    type Lanes: SimdInt<S>;

    /// Half, rounded towards 0.
    fn half(value: Self::Lanes) -> Self::Lanes;

    /// A number times `numerator` / 2^`shift`, rounded.
    fn times(simd: S, value: Self::Lanes, numerator: i32, shift: u32) -> Self::Lanes;

    /// The number of vectors needed for all lanes of a vector of samples.
    const PARTS: usize;

    /// Reads part `part` of samples.
    fn read(samples: S::u16s, part: usize) -> Self::Lanes;

    /// Writes the numbers in single precision: all lanes in two halves.
    fn write(value: Self::Lanes, part: usize, halves: [&mut S::f32s; 2]);
}

/// Numbers of 16 bits.
pub(super) struct Narrow;

impl<S: Simd> Numbers<S> for Narrow {
    type Lanes = S::i16s;

    #[inline(always)]
    fn half(value: S::i16s) -> S::i16s {
        (value - (value >> 15)) >> 1
    }

    #[inline(always)]
    fn times(simd: S, value: S::i16s, numerator: i32, shift: u32) -> S::i16s {
        let fraction = S::i16s::splat(simd, (numerator << (15 - shift)) as i16);
        mul_high_rounded(simd, value, fraction)
    }

    const PARTS: usize = 1;

    #[inline(always)]
    fn read(samples: S::u16s, _part: usize) -> S::i16s {
        samples.bitcast()
    }

    #[inline(always)]
    fn write(value: S::i16s, _part: usize, [lower, upper]: [&mut S::f32s; 2]) {
        let (low, high) = value.widen();
        (*lower, *upper) = (low.to_float(), high.to_float());
    }
}

/// Numbers of 32 bits; `DEEP` for samples of more than 12 bits, whose products need more.
pub(super) struct Wide<const DEEP: bool>;

impl<S: Simd, const DEEP: bool> Numbers<S> for Wide<DEEP> {
    type Lanes = S::i32s;

    #[inline(always)]
    fn half(value: S::i32s) -> S::i32s {
        (value - (value >> 31)) >> 1
    }

    /// With `DEEP`, the upper part of the number is multiplied apart from the lower 8 bits.
    #[inline(always)]
    fn times(_simd: S, value: S::i32s, numerator: i32, shift: u32) -> S::i32s {
        let round = 1 << (shift - 1);
        if DEEP {
            let low = (value & 0xff) * numerator + round;
            ((value >> 8) * numerator + (low >> 8)) >> (shift - 8)
        } else {
            (value * numerator + round) >> shift
        }
    }

    const PARTS: usize = 2;

    #[inline(always)]
    fn read(samples: S::u16s, part: usize) -> S::i32s {
        let (low, high) = samples.widen();
        if part == 0 { low } else { high }.bitcast()
    }

    #[inline(always)]
    fn write(value: S::i32s, part: usize, halves: [&mut S::f32s; 2]) {
        let [lower, upper] = halves;
        *(if part == 0 { lower } else { upper }) = value.to_float();
    }
}

/// The frequencies of blocks of `samples`, row by row, for the two halves of the blocks.
///
/// Columns are transformed first, each into a row, then the columns of the result. `rows` holds the
/// intermediate values.
#[inline(always)]
pub(super) fn frequencies<S: Simd, N: Numbers<S>>(
    simd: S,
    samples: &[S::u16s; 64],
    rows: &mut [N::Lanes; 64],
    frequencies: &mut [[S::f32s; 64]; 2],
) {
    let zero = N::Lanes::splat(simd, Default::default());
    for part in 0..N::PARTS {
        for column in 0..8 {
            let mut x = [zero; 8];
            for k in 0..8 {
                x[k] = N::read(samples[8 * k + column], part);
            }
            let y = dct_8::<S, N>(simd, x);
            for k in 0..8 {
                rows[8 * column + k] = y[k];
            }
        }
        for column in 0..8 {
            let mut x = [zero; 8];
            for k in 0..8 {
                x[k] = rows[8 * k + column];
            }
            let y = dct_8::<S, N>(simd, x);
            let [lower, upper] = &mut *frequencies;
            for (k, value) in y.into_iter().enumerate() {
                let at = 8 * column + k;
                N::write(value, part, [&mut lower[at], &mut upper[at]]);
            }
        }
    }
}

/// The discrete cosine transform of 8 samples, as the definition's.
#[inline(always)]
fn dct_8<S: Simd, N: Numbers<S>>(simd: S, x: [N::Lanes; 8]) -> [N::Lanes; 8] {
    let d07 = x[0] - x[7];
    let half_d07 = N::half(d07);
    let s07 = x[0] - half_d07;
    let s16 = x[1] + x[6];
    let half_s16 = N::half(s16);
    let d16 = x[6] - half_s16;
    let d25 = x[2] - x[5];
    let s25 = x[2] - N::half(d25);
    let s34 = x[3] + x[4];
    let half_s34 = N::half(s34);
    let d34 = half_s34 - x[4];

    let mut y0 = s07 + half_s34;
    let mut y6 = y0 - s34;
    let mut y2 = half_s16 - s25;
    let mut y4 = y2 - s16;
    y0 -= N::times(simd, y4, 13573, 15);
    y4 += N::times(simd, y0, 11585, 14);
    y0 -= N::times(simd, y4, 13573, 15);
    y6 -= N::times(simd, y2, 21895, 15);
    y2 += N::times(simd, y6, 15137, 14);
    y6 -= N::times(simd, y2, 21895, 15);

    let (mut y5, mut y3) = (d16, d25);
    y3 += N::times(simd, y5, 19195, 15);
    y5 += N::times(simd, y3, 11585, 14);
    y3 -= N::times(simd, y5, 7489, 13);
    let mut y7 = N::half(y5) - d34;
    y5 -= y7;
    y3 = half_d07 - y3;
    let mut y1 = d07 - y3;
    y7 += N::times(simd, y1, 3227, 15);
    y1 -= N::times(simd, y7, 6393, 15);
    y7 += N::times(simd, y1, 3227, 15);
    y5 += N::times(simd, y3, 2485, 13);
    y3 -= N::times(simd, y5, 18205, 15);
    y5 += N::times(simd, y3, 2485, 13);
    [y0, y1, y2, y3, y4, y5, y6, y7]
}

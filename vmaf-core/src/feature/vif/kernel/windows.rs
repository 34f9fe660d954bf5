//! Windowed sums: down columns and along rows, of samples and of products of samples.
//!
//! Samples come in *pairs*, two words in a lane of 32 bits: of two rows to be summed down, of two
//! columns to be summed along. A multiply-add of pairs of signed words then does two taps of a
//! window at once. Neighbouring sums see the same pairs, with the weights moved by one, so each
//! pair is loaded once for all of them.
//!
//! Words are unsigned, the instruction's are signed. Words are therefore reduced by 2^15, by
//! flipping the highest bit, and since a window's weights sum to 2^16 each sum is less by exactly
//! 2^31. A 32-bit number is summed in two halves. They recombine exactly, because all is modulo
//! 2^32 and there is one rounding, at the end. The initial values of sums make up for the reduction
//! and for rounding.

use fearless_simd::{Simd, prelude::*};

use super::super::filter::WEIGHT_SHIFT;
use super::block::Weights;
use crate::simd::pairs::{DotSum, mul_high_unsigned};
#[cfg(target_arch = "aarch64")]
use crate::simd::pairs::{pairs_of_high_halves, pairs_of_low_halves};

/// The highest bits of both words.
const SIGNS: u32 = 0x8000_8000;

/// The amount by which sums of signed words are too small.
pub(super) const BIAS: u32 = 0x8000_0000;

/// Half of the unit of numbers that are shifted by 16.
pub(super) const HALF: u32 = 1 << 15;

/// Both words of each lane as signed ones: less 2^15.
#[inline(always)]
pub(super) fn signed<S: Simd>(pair: S::u32s) -> S::u32s {
    pair ^ SIGNS
}

/// The products of words.
#[inline(always)]
pub(super) fn low_products<S: Simd>(a: S::u32s, b: S::u32s) -> S::u32s {
    (a.bitcast::<S::u16s>() * b.bitcast::<S::u16s>()).bitcast()
}

/// The upper halves of the products of words.
#[inline(always)]
pub(super) fn high_products<S: Simd>(simd: S, a: S::u32s, b: S::u32s) -> S::u32s {
    mul_high_unsigned(simd, a.bitcast(), b.bitcast()).bitcast()
}

/// Repeats a loop's body, at most ten times, with the turn as a constant:
/// `unrolled!(TURN < COUNT, { ... })`. A list of turns bounds the number otherwise.
macro_rules! unrolled {
    ($turn:ident < $turns:expr, $body:block) => {
        const { assert!($turns <= 10) };
        unrolled!($turn < $turns, $body, 0 1 2 3 4 5 6 7 8 9)
    };
    ($turn:ident < $turns:expr, $body:block, $($number:literal)*) => {
        $({
            const $turn: usize = $number;
            if $turn < $turns $body
        })*
    };
}

pub(super) use unrolled;

/// The initial values of the sums of some windows of `scale` that add `value` to the results.
#[inline(always)]
pub(super) fn start<S: Simd, const WINDOWS: usize>(
    simd: S,
    scale: usize,
    value: u32,
) -> [DotSum<S>; WINDOWS] {
    [DotSum::new(simd, value >> WEIGHT_SHIFT[scale]); WINDOWS]
}

/// Adds the products of pair `PAIR` to some windows' sums, each with its weights.
#[inline(always)]
pub(super) fn add<S: Simd, const WINDOWS: usize, const PAIR: usize>(
    simd: S,
    pair: S::u32s,
    weights: &'static Weights<WINDOWS>,
    sums: &mut [DotSum<S>; WINDOWS],
) {
    const { assert!(WINDOWS <= 4) };
    unrolled!(WINDOW < WINDOWS, {
        // Known when compiled: not all windows reach all pairs.
        if !weights[PAIR][WINDOW].is_zero() {
            sums[WINDOW].add_weighted::<WINDOWS, PAIR, WINDOW>(simd, pair.bitcast(), weights);
        }
    }, 0 1 2 3);
}

/// The sum in a window of `scale`, whose weights may be shifted.
#[inline(always)]
pub(super) fn whole<S: Simd>(sum: DotSum<S>, scale: usize) -> S::u32s {
    let sum: S::u32s = sum.total().bitcast();
    if WEIGHT_SHIFT[scale] > 0 { sum << WEIGHT_SHIFT[scale] } else { sum }
}

/// A number from the sums of its halves in a window of `scale`, of which the lower ones are signed.
#[inline(always)]
pub(super) fn joined<S: Simd>(high: DotSum<S>, low: DotSum<S>, scale: usize) -> S::u32s {
    let carried = whole(low, scale).bitcast::<S::i32s>() >> 16;
    whole(high, scale) + carried.bitcast::<S::u32s>()
}

/// The words of two columns' numbers from bit `shift` on, as a pair.
#[inline(always)]
pub(super) fn words_at<S: Simd>(simd: S, first: S::u32s, second: S::u32s, shift: u32) -> S::u32s {
    #[cfg(target_arch = "aarch64")]
    if let fearless_simd::Level::Neon(_) = simd.level() {
        return match shift {
            0 => pairs_of_low_halves(simd, first, second),
            16 => pairs_of_high_halves(simd, first, second),
            _ => pairs_of_low_halves(simd, first >> shift, second >> shift),
        };
    }
    let _ = simd;
    let (first, second) = (first >> shift, second << (16 - shift));
    (first & 0xffff) | (second & 0xffff_0000)
}

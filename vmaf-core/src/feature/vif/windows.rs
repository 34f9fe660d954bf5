//! Windowed sums: down columns and along rows, of samples and of products of samples.
//!
//! Samples come in *pairs*, two words in a lane of 32 bits: of two rows to be summed down, of two
//! columns to be summed along. A multiply-add of pairs of signed words then does two taps of a
//! window at once. Neighbouring sums see the same pairs, with the weights moved by one, so each
//! pair is loaded once for all of them.
//!
//! Words are unsigned, the instruction's are signed. Words are therefore taken less 2^15, by
//! flipping the highest bit, and since a window's weights sum to 2^16 each sum is less by exactly
//! 2^31, which flips its highest bit. A 32-bit number is summed in two halves. They recombine
//! exactly, because all is modulo 2^32 and there is one rounding, at the end.

use fearless_simd::{Simd, prelude::*};

use super::filter::WEIGHT_SHIFT;
use crate::simd::words::high_product;

/// The highest bits of both words.
const SIGNS: u32 = 0x8000_8000;

/// The highest bit of a sum.
const SIGN: u32 = 0x8000_0000;

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
    high_product(simd, a.bitcast(), b.bitcast()).bitcast()
}

/// Adds what a pair contributes to some windows' sums. `weights` has a vector for each window.
#[inline(always)]
pub(super) fn add<S: Simd, const WINDOWS: usize>(
    simd: S,
    pair: S::u32s,
    weights: &[u32],
    sums: &mut [S::u32s; WINDOWS],
) {
    let weights = &weights[..WINDOWS * S::u32s::LEN];
    for window in 0..WINDOWS {
        let weights = &weights[window * S::u32s::LEN..][..S::u32s::LEN];
        let weights: S::i16s = S::u32s::from_slice(simd, weights).bitcast();
        let products = pair.bitcast::<S::i16s>().pairwise_dot_product(weights);
        sums[window] += products.bitcast::<S::u32s>();
    }
}

/// The sum of unsigned words, plus `rounding`, from the sum of signed ones.
#[inline(always)]
pub(super) fn unsigned<S: Simd, const SCALE: usize>(sum: S::u32s, rounding: u32) -> S::u32s {
    let sum = if WEIGHT_SHIFT[SCALE] > 0 { sum << WEIGHT_SHIFT[SCALE] } else { sum };
    sum + SIGN.wrapping_add(rounding)
}

/// A rounded sum from those of its halves.
#[inline(always)]
pub(super) fn joined<S: Simd, const SCALE: usize>(high: S::u32s, low: S::u32s) -> S::u32s {
    unsigned::<S, SCALE>(high, 0) + (unsigned::<S, SCALE>(low, 1 << 15) >> 16)
}

/// The lower words of two columns, as a pair of signed words.
#[inline(always)]
pub(super) fn low_words<S: Simd>(first: S::u32s, second: S::u32s) -> S::u32s {
    signed::<S>((first & 0xffff) | (second << 16))
}

/// The upper words of two columns, as a pair of signed words.
#[inline(always)]
pub(super) fn high_words<S: Simd>(first: S::u32s, second: S::u32s) -> S::u32s {
    signed::<S>((first >> 16) | (second & 0xffff_0000))
}

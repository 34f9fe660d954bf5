//! Arithmetic of pairs of 16-bit integers, and the rearrangements that it needs.
//!
//! Processors multiply 16-bit lanes and add products of pairs to a 32-bit lane in one or two
//! instructions ([`dot`]), which makes a filter of 16-bit samples several times cheaper than in
//! 32-bit lanes. [`pairs_low`] and [`pairs_high`] join the lanes of two rows to pairs for it,
//! [`adjacent_pairs`] those of one row, and [`narrow`] converts sums back to 16 bits. [`DotSum`]
//! adds up many dot products.
//!
//! The order of a vector of pairs is that of the instructions. On x86, a pair's lanes are
//! neighbours. On Arm, the first lanes of all pairs are in the lower half of the vector and the
//! second ones in the upper half: instructions multiply and add a half at a time. Functions operate
//! within blocks of 128 bits, so that each is one instruction.
//!
//! fearless_simd does not provide these functions. A level without a suitable instruction, or with
//! none implemented here, uses a loop and the order of x86.

use fearless_simd::prelude::*;

/// Converts a vector between the generic type and its level's concrete type.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
#[expect(unsafe_code, reason = "a generic vector can't be named by its level otherwise")]
#[inline(always)]
pub(super) fn same<A: Copy, B: Copy>(vector: A) -> B {
    assert!(size_of::<A>() == size_of::<B>());
    // SAFETY: both are vectors of plain integers of the same size, for which all bit patterns are
    // valid.
    unsafe { std::mem::transmute_copy(&vector) }
}

/// Defines a function of two vectors by its instructions on x86, those on Arm, and its value for
/// lane `i`.
macro_rules! by_level {
    (
        $(#[$doc:meta])*
        $name:ident($from:ident) -> $to:ident, $avx2:ident, $avx512:ident,
        neon |$na:ident, $nb:ident: $neon_from:ident| -> $neon_to:ident { $($neon:tt)* },
        |$a:ident, $b:ident, $i:ident| $lane:expr
    ) => {
        $(#[$doc])*
        #[inline(always)]
        pub(crate) fn $name<S: Simd>(simd: S, a: S::$from, b: S::$from) -> S::$to {
            #[cfg(target_arch = "x86_64")]
            {
                use std::arch::x86_64::{__m256i, __m512i, $avx2, $avx512};
                fearless_simd::kernel!(
                    #[inline(always)]
                    fn avx2(_level: Avx2, a: __m256i, b: __m256i) -> __m256i {
                        $avx2(a, b)
                    }
                );
                fearless_simd::kernel!(
                    #[inline(always)]
                    fn avx512(_level: Avx512, a: __m512i, b: __m512i) -> __m512i {
                        $avx512(a, b)
                    }
                );
                match simd.level() {
                    fearless_simd::Level::Avx2(level) => {
                        return same(avx2(level, same(a), same(b)));
                    }
                    fearless_simd::Level::Avx512(level) => {
                        return same(avx512(level, same(a), same(b)));
                    }
                    _ => {}
                }
            }
            #[cfg(target_arch = "aarch64")]
            {
                use std::arch::aarch64::*;
                fearless_simd::kernel!(
                    #[inline(always)]
                    fn neon(_level: Neon, $na: $neon_from, $nb: $neon_from) -> $neon_to {
                        $($neon)*
                    }
                );
                if let fearless_simd::Level::Neon(level) = simd.level() {
                    return same(neon(level, same(a), same(b)));
                }
            }
            let mut out = S::$to::splat(simd, 0);
            let ($a, $b) = (a.as_slice(), b.as_slice());
            for $i in 0..S::$to::LEN {
                out.as_mut_slice()[$i] = $lane;
            }
            out
        }
    };
}

by_level! {
    /// Pairs of the lanes of `a` and `b`, of the lower half of each block.
    pairs_low(i16s) -> i16s, _mm256_unpacklo_epi16, _mm512_unpacklo_epi16,
    neon |a, b: int64x2_t| -> int64x2_t { vzip1q_s64(a, b) },
    |a, b, i| if i % 2 == 0 { a[i / 2] } else { b[i / 2] }
}

by_level! {
    /// Pairs of the lanes of `a` and `b`, of the upper half of each block.
    pairs_high(i16s) -> i16s, _mm256_unpackhi_epi16, _mm512_unpackhi_epi16,
    neon |a, b: int64x2_t| -> int64x2_t { vzip2q_s64(a, b) },
    |a, b, i| if i % 2 == 0 { a[a.len() / 2 + i / 2] } else { b[b.len() / 2 + i / 2] }
}

by_level! {
    /// Narrows [dot] products of [`pairs_low`] (`a`) and [`pairs_high`] (`b`) to 16 bits, with
    /// saturation.
    narrow(i32s) -> i16s, _mm256_packs_epi32, _mm512_packs_epi32,
    neon |a, b: int32x4_t| -> int16x8_t { vqmovn_high_s32(vqmovn_s32(a), b) },
    |a, b, i| {
        let value = if i < a.len() { a[i] } else { b[i - a.len()] };
        value.clamp(i16::MIN.into(), i16::MAX.into()) as i16
    }
}

by_level! {
    /// The upper 16 bits of each product.
    mul_high(i16s) -> i16s, _mm256_mulhi_epi16, _mm512_mulhi_epi16,
    neon |a, b: int16x8_t| -> int16x8_t {
        let low = vmull_s16(vget_low_s16(a), vget_low_s16(b));
        let high = vmull_high_s16(a, b);
        vuzp2q_s16(vreinterpretq_s16_s32(low), vreinterpretq_s16_s32(high))
    },
    |a, b, i| ((i32::from(a[i]) * i32::from(b[i])) >> 16) as i16
}

by_level! {
    /// Each product divided by 2^15, rounded. The product of two lanes of [`i16::MIN`] does not fit
    /// and must not occur.
    mul_high_rounded(i16s) -> i16s, _mm256_mulhrs_epi16, _mm512_mulhrs_epi16,
    neon |a, b: int16x8_t| -> int16x8_t { vqrdmulhq_s16(a, b) },
    |a, b, i| ((i32::from(a[i]) * i32::from(b[i]) + (1 << 14)) >> 15) as i16
}

by_level! {
    /// The upper 16 bits of each product of unsigned lanes.
    mul_high_unsigned(u16s) -> u16s, _mm256_mulhi_epu16, _mm512_mulhi_epu16,
    neon |a, b: uint16x8_t| -> uint16x8_t {
        let low = vmull_u16(vget_low_u16(a), vget_low_u16(b));
        let high = vmull_high_u16(a, b);
        vuzp2q_u16(vreinterpretq_u16_u32(low), vreinterpretq_u16_u32(high))
    },
    |a, b, i| ((u32::from(a[i]) * u32::from(b[i])) >> 16) as u16
}

/// Pairs of adjacent lanes.
#[inline(always)]
pub(crate) fn adjacent_pairs<S: Simd>(simd: S, lanes: S::i16s) -> S::i16s {
    #[cfg(target_arch = "aarch64")]
    {
        use std::arch::aarch64::{uint8x16_t, vld1q_u8, vqtbl1q_u8};
        fearless_simd::kernel!(
            #[inline(always)]
            fn neon(_level: Neon, lanes: uint8x16_t) -> uint8x16_t {
                const PLACES: [u8; 16] = [0, 1, 4, 5, 8, 9, 12, 13, 2, 3, 6, 7, 10, 11, 14, 15];
                #[expect(unsafe_code, reason = "the instruction takes an address")]
                // SAFETY: the array is as long as a vector.
                vqtbl1q_u8(lanes, unsafe { vld1q_u8(PLACES.as_ptr()) })
            }
        );
        if let fearless_simd::Level::Neon(level) = simd.level() {
            return same(neon(level, same(lanes)));
        }
    }
    let _ = simd;
    lanes
}

/// The inverse of [`adjacent_pairs`].
#[inline(always)]
pub(crate) fn adjacent_lanes<S: Simd>(simd: S, pairs: S::i16s) -> S::i16s {
    #[cfg(target_arch = "aarch64")]
    {
        use std::arch::aarch64::{int16x8_t, vextq_s16, vzip1q_s16};
        fearless_simd::kernel!(
            #[inline(always)]
            fn neon(_level: Neon, pairs: int16x8_t) -> int16x8_t {
                vzip1q_s16(pairs, vextq_s16::<4>(pairs, pairs))
            }
        );
        if let fearless_simd::Level::Neon(level) = simd.level() {
            return same(neon(level, same(pairs)));
        }
    }
    let _ = simd;
    pairs
}

/// Pairs of the low halves of the lanes of `a` and `b`.
#[inline(always)]
pub(crate) fn pairs_of_low_halves<S: Simd>(simd: S, a: S::u32s, b: S::u32s) -> S::u32s {
    #[cfg(target_arch = "aarch64")]
    {
        use std::arch::aarch64::{uint16x8_t, vuzp1q_u16};
        fearless_simd::kernel!(
            #[inline(always)]
            fn neon(_level: Neon, a: uint16x8_t, b: uint16x8_t) -> uint16x8_t {
                vuzp1q_u16(a, b)
            }
        );
        if let fearless_simd::Level::Neon(level) = simd.level() {
            return same(neon(level, same(a), same(b)));
        }
    }
    let _ = simd;
    (a & 0xffff) | (b << 16)
}

/// Pairs of the high halves of the lanes of `a` and `b`.
#[inline(always)]
pub(crate) fn pairs_of_high_halves<S: Simd>(simd: S, a: S::u32s, b: S::u32s) -> S::u32s {
    #[cfg(target_arch = "aarch64")]
    {
        use std::arch::aarch64::{uint16x8_t, vuzp2q_u16};
        fearless_simd::kernel!(
            #[inline(always)]
            fn neon(_level: Neon, a: uint16x8_t, b: uint16x8_t) -> uint16x8_t {
                vuzp2q_u16(a, b)
            }
        );
        if let fearless_simd::Level::Neon(level) = simd.level() {
            return same(neon(level, same(a), same(b)));
        }
    }
    let _ = simd;
    (a >> 16) | (b & 0xffff_0000)
}

/// Each pair's sum of products.
#[inline(always)]
pub(crate) fn dot<S: Simd>(simd: S, a: S::i16s, b: S::i16s) -> S::i32s {
    dots(simd, [(a, b)])
}

/// Each pair's sum of products, added up over the pairs of vectors.
#[inline(always)]
pub(crate) fn dots<S: Simd, const N: usize>(simd: S, vectors: [(S::i16s, S::i16s); N]) -> S::i32s {
    #[cfg(target_arch = "aarch64")]
    if let fearless_simd::Level::Neon(_) = simd.level() {
        let mut sum = DotSum::new(simd, 0);
        for (a, b) in vectors {
            sum.add(simd, a, b);
        }
        return sum.total();
    }
    let _ = simd;
    let mut sum = vectors[0].0.pairwise_dot_product(vectors[0].1);
    for (a, b) in vectors.into_iter().skip(1) {
        sum += a.pairwise_dot_product(b);
    }
    sum
}

/// A sum of many [dot products](dot), modulo 2^32.
#[derive(Clone, Copy)]
pub(crate) struct DotSum<S: Simd>(S::i32s);

impl<S: Simd> DotSum<S> {
    /// Begins sums with `value`.
    #[inline(always)]
    pub(crate) fn new(simd: S, value: u32) -> Self {
        Self(S::i32s::splat(simd, value as i32))
    }

    /// Adds the dot products of `a` and `b`.
    ///
    /// AVX-512 has one instruction for this. The compiler knows it but splits it into a
    /// multiplication and an addition if it considers a chain of sums too long; the instruction is
    /// therefore written as assembly.
    #[inline(always)]
    pub(crate) fn add(&mut self, simd: S, a: S::i16s, b: S::i16s) {
        #[cfg(target_arch = "x86_64")]
        {
            use std::arch::x86_64::__m512i;
            fearless_simd::kernel!(
                #[inline(always)]
                fn avx512(_level: Avx512, sum: __m512i, a: __m512i, b: __m512i) -> __m512i {
                    let mut sum = sum;
                    #[expect(unsafe_code, reason = "the compiler can't be kept from splitting it")]
                    // SAFETY: a single instruction of this level that uses only registers.
                    unsafe {
                        std::arch::asm!(
                            "vpdpwssd {sum}, {a}, {b}",
                            sum = inout(zmm_reg) sum,
                            a = in(zmm_reg) a,
                            b = in(zmm_reg) b,
                            options(nomem, nostack, preserves_flags),
                        );
                    }
                    sum
                }
            );
            if let fearless_simd::Level::Avx512(level) = simd.level() {
                self.0 = same(avx512(level, same(self.0), same(a), same(b)));
                return;
            }
        }
        #[cfg(target_arch = "aarch64")]
        if let fearless_simd::Level::Neon(_) = simd.level() {
            self.add_first(simd, a, b);
            self.add_second(simd, a, b);
            return;
        }
        let _ = simd;
        self.0 += a.pairwise_dot_product(b);
    }

    /// Adds the dot products of `a` and the taps of pair `PAIR` in window `WINDOW`.
    ///
    /// AVX2 has too few registers for weights. The compiler, which knows that sums may be reordered,
    /// keeps products in memory instead of weights; the instructions are therefore written as
    /// assembly that reads the weights. On Arm, all different weights of a filter fit registers.
    #[inline(always)]
    pub(crate) fn add_weighted<const WINDOWS: usize, const PAIR: usize, const WINDOW: usize>(
        &mut self,
        simd: S,
        a: S::i16s,
        taps: &'static [[Taps; WINDOWS]],
    ) {
        #[cfg(target_arch = "x86_64")]
        if let fearless_simd::Level::Avx2(_) = simd.level() {
            #[expect(unsafe_code, reason = "the function is compiled for AVX2")]
            // SAFETY: the level proves that the processor has AVX2.
            let sum =
                unsafe { add_weighted_avx2::<WINDOWS, PAIR, WINDOW>(same(self.0), same(a), taps) };
            self.0 = same(sum);
            return;
        }
        #[cfg(target_arch = "aarch64")]
        if let fearless_simd::Level::Neon(_) = simd.level() {
            let [first, second] = taps[PAIR][WINDOW].weights();
            if first != 0 {
                self.add_first(simd, a, S::i16s::splat(simd, first));
            }
            if second != 0 {
                self.add_second(simd, a, S::i16s::splat(simd, second));
            }
            return;
        }
        let weights = S::u32s::splat(simd, taps[PAIR][WINDOW].0[0]).bitcast();
        self.add(simd, a, weights);
    }

    /// The sums.
    #[inline(always)]
    pub(crate) fn total(self) -> S::i32s {
        self.0
    }
}

/// Defines a method of [`DotSum`] that adds products of one lane of each pair, by its instruction.
///
/// The compiler, which knows that sums may be reordered, adds factors that have equal weights
/// first and runs out of registers; the instruction is therefore written as assembly.
#[cfg(target_arch = "aarch64")]
macro_rules! add_lanes {
    ($(#[$doc:meta])* $name:ident, $instruction:literal) => {
        impl<S: Simd> DotSum<S> {
            $(#[$doc])*
            #[inline(always)]
            fn $name(&mut self, simd: S, a: S::i16s, b: S::i16s) {
                use std::arch::aarch64::{int16x8_t, int32x4_t};
                fearless_simd::kernel!(
                    #[inline(always)]
                    fn neon(
                        _level: Neon,
                        sum: int32x4_t,
                        a: int16x8_t,
                        b: int16x8_t,
                    ) -> int32x4_t {
                        let mut sum = sum;
                        #[expect(unsafe_code, reason = "the compiler reorders sums otherwise")]
                        // SAFETY: a single instruction of this level that uses only registers.
                        unsafe {
                            std::arch::asm!(
                                $instruction,
                                sum = inout(vreg) sum,
                                a = in(vreg) a,
                                b = in(vreg) b,
                                options(nomem, nostack, preserves_flags),
                            );
                        }
                        sum
                    }
                );
                if let fearless_simd::Level::Neon(level) = simd.level() {
                    self.0 = same(neon(level, same(self.0), same(a), same(b)));
                }
            }
        }
    };
}

#[cfg(target_arch = "aarch64")]
add_lanes! {
    /// Adds the products of the first lanes of pairs.
    add_first, "smlal {sum:v}.4s, {a:v}.4h, {b:v}.4h"
}

#[cfg(target_arch = "aarch64")]
add_lanes! {
    /// Adds the products of the second lanes of pairs.
    add_second, "smlal2 {sum:v}.4s, {a:v}.8h, {b:v}.8h"
}

/// [`DotSum::add_weighted`] with AVX2.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
#[inline]
fn add_weighted_avx2<const WINDOWS: usize, const PAIR: usize, const WINDOW: usize>(
    mut sum: std::arch::x86_64::__m256i,
    a: std::arch::x86_64::__m256i,
    taps: &'static [[Taps; WINDOWS]],
) -> std::arch::x86_64::__m256i {
    assert!(PAIR < taps.len() && WINDOW < WINDOWS);
    #[expect(unsafe_code, reason = "the compiler can't be kept from reordering sums")]
    // SAFETY: instructions of AVX2; the memory read is that of `taps[PAIR][WINDOW]`, which is aligned.
    unsafe {
        std::arch::asm!(
            "vpmaddwd {product}, {a}, ymmword ptr [{taps} + {place}]",
            "vpaddd {sum}, {sum}, {product}",
            product = out(ymm_reg) _,
            sum = inout(ymm_reg) sum,
            a = in(ymm_reg) a,
            taps = in(reg) taps.as_ptr(),
            place = const (PAIR * WINDOWS + WINDOW) * size_of::<Taps>(),
            // Not `pure`: such blocks keep their order, in which few registers are in use at once.
            options(readonly, nostack, preserves_flags),
        );
    }
    sum
}

/// The weights of a pair of filter taps, repeated as often as a vector of 256 bits has pairs.
#[derive(Debug, Clone, Copy)]
#[repr(align(32))]
pub(crate) struct Taps([u32; 8]);

impl Taps {
    pub(crate) const fn new(first: i16, second: i16) -> Self {
        Self([first as u16 as u32 | (second as u16 as u32) << 16; 8])
    }

    #[inline(always)]
    pub(crate) const fn is_zero(&self) -> bool {
        self.0[0] == 0
    }

    /// Both weights.
    #[cfg(any(test, target_arch = "aarch64"))]
    #[inline(always)]
    pub(crate) fn weights(self) -> [i16; 2] {
        [self.0[0] as i16, (self.0[0] >> 16) as i16]
    }
}

/// A pair of filter taps for [`dot`], repeated in all pairs.
#[inline(always)]
pub(crate) fn taps<S: Simd>(simd: S, first: i32, second: i32) -> S::i16s {
    adjacent_pairs(simd, S::i32s::splat(simd, (first & 0xffff) | (second << 16)).bitcast())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feature::testing::noise;
    use crate::simd::{Kernel, Level};

    /// Weights of two pairs in two windows.
    static WEIGHTS: [[Taps; 2]; 2] =
        [[Taps::new(1, 2), Taps::new(3, 4)], [Taps::new(5, -7), Taps::new(0, 9)]];

    /// Checks all functions on pairs of vectors.
    struct All<'a>(&'a [i16], &'a [i16]);

    impl Kernel for All<'_> {
        type Output = ();

        #[inline(always)]
        fn run<S: Simd>(self, simd: S) {
            let lanes = S::i16s::LEN;
            for (a, b) in self.0.chunks_exact(lanes).zip(self.1.chunks_exact(lanes)) {
                let (va, vb) = (S::i16s::from_slice(simd, a), S::i16s::from_slice(simd, b));
                let (low, high) = (pairs_low(simd, va, vb), pairs_high(simd, va, vb));
                let weights = taps(simd, 3, -2);
                let narrowed = narrow(simd, dot(simd, low, weights), dot(simd, high, weights));
                let upper = mul_high(simd, va, vb);
                let upper_unsigned = mul_high_unsigned(simd, va.bitcast(), vb.bitcast());
                let [pairs_a, pairs_b] = [va, vb].map(|lanes| adjacent_pairs(simd, lanes));
                assert_eq!(adjacent_lanes(simd, pairs_a).as_slice(), va.as_slice());
                let dots = dot(simd, pairs_a, pairs_b);
                let mut sum = DotSum::new(simd, 1 << 31);
                sum.add(simd, pairs_a, pairs_b);
                sum.add(simd, pairs_b, weights);
                sum.add_weighted::<2, 1, 0>(simd, pairs_b, &WEIGHTS);
                let sum = sum.total();
                let rounded = mul_high_rounded(simd, va, vb);
                for i in 0..lanes {
                    let (a, b) = (i32::from(a[i]), i32::from(b[i]));
                    let sum = (3 * a - 2 * b).clamp(i16::MIN.into(), i16::MAX.into());
                    assert_eq!(i32::from(narrowed[i]), sum);
                    assert_eq!(i32::from(upper[i]), (a * b) >> 16);
                    let product = (a & 0xffff) as u32 * (b & 0xffff) as u32;
                    assert_eq!(u32::from(upper_unsigned[i]), product >> 16);
                    if (a, b) != (i16::MIN.into(), i16::MIN.into()) {
                        assert_eq!(i32::from(rounded[i]), (a * b + (1 << 14)) >> 15);
                    }
                }
                for i in 0..S::i32s::LEN {
                    let product = |i: usize| i32::from(va[i]) * i32::from(vb[i]);
                    let expected = product(2 * i).wrapping_add(product(2 * i + 1));
                    assert_eq!(dots[i], expected);
                    let weighted = 8 * i32::from(vb[2 * i]) - 9 * i32::from(vb[2 * i + 1]);
                    let expected = expected.wrapping_add(weighted).wrapping_add(i32::MIN);
                    assert_eq!(sum[i], expected);
                }
                let (wide_a, wide_b): (S::i32s, S::i32s) = (va.bitcast(), vb.bitcast());
                let (low, high) = (wide_a.bitcast(), wide_b.bitcast());
                let low_pairs: S::i16s = pairs_of_low_halves(simd, low, high).bitcast();
                let high_pairs: S::i16s = pairs_of_high_halves(simd, low, high).bitcast();
                let low_pairs = adjacent_lanes(simd, low_pairs);
                let high_pairs = adjacent_lanes(simd, high_pairs);
                for i in 0..S::i32s::LEN {
                    assert_eq!([low_pairs[2 * i], low_pairs[2 * i + 1]], [va[2 * i], vb[2 * i]]);
                    let expected = [va[2 * i + 1], vb[2 * i + 1]];
                    assert_eq!([high_pairs[2 * i], high_pairs[2 * i + 1]], expected);
                }
            }
        }
    }

    #[test]
    fn lanes_equal_the_definition_at_every_level() {
        let extremes = [i16::MIN, i16::MAX, 0, -1, 1, 1 << 14];
        let value = |seed, i: usize| match noise(seed, i, 0) {
            random if random % 3 == 0 => extremes[random as usize / 3 % extremes.len()],
            random => (random >> 8) as i16,
        };
        let [a, b] = [1, 2].map(|seed| (0..4096).map(|i| value(seed, i)).collect::<Vec<_>>());
        for level in Level::available() {
            level.run(All(&a, &b));
        }
    }
}

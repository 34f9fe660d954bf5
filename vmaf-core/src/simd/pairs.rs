//! Pairwise arithmetic of 16-bit integers, and the rearrangements that it needs.
//!
//! Processors multiply 16-bit lanes and add neighbouring products to a 32-bit lane in one to three
//! instructions ([`dot`]), which makes a filter of 16-bit samples several times cheaper than in
//! 32-bit lanes. [`interleave_low`] and [`interleave_high`] interleave two rows for it, and
//! [`narrow`] converts sums back to 16 bits. These functions operate within blocks of 128 bits, so
//! that each is one instruction, and the last one undoes the order of the first two. [`DotSum`] adds
//! up many dot products.
//!
//! fearless_simd does not provide these functions. A level without a suitable instruction, or with
//! none implemented here, uses a loop.

use fearless_simd::prelude::*;

/// Converts a vector between the generic type and its level's concrete type.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
#[expect(unsafe_code, reason = "a generic vector can't be named by its level otherwise")]
#[inline(always)]
fn same<A: Copy, B: Copy>(vector: A) -> B {
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
    /// The lower halves of each block of `a` and `b`, interleaved.
    interleave_low(i16s) -> i16s, _mm256_unpacklo_epi16, _mm512_unpacklo_epi16,
    neon |a, b: int16x8_t| -> int16x8_t { vzip1q_s16(a, b) },
    |a, b, i| if i % 2 == 0 { a[i / 2] } else { b[i / 2] }
}

by_level! {
    /// The upper halves of each block of `a` and `b`, interleaved.
    interleave_high(i16s) -> i16s, _mm256_unpackhi_epi16, _mm512_unpackhi_epi16,
    neon |a, b: int16x8_t| -> int16x8_t { vzip2q_s16(a, b) },
    |a, b, i| if i % 2 == 0 { a[a.len() / 2 + i / 2] } else { b[b.len() / 2 + i / 2] }
}

by_level! {
    /// Narrows sums of pairs interleaved low (`a`) and high (`b`) to 16 bits with saturation.
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
    /// The 64-bit products of the even lanes.
    mul_even(i32s) -> i64s, _mm256_mul_epi32, _mm512_mul_epi32,
    neon |a, b: int32x4_t| -> int64x2_t {
        let (a, b) = (vreinterpretq_s64_s32(a), vreinterpretq_s64_s32(b));
        vmull_s32(vmovn_s64(a), vmovn_s64(b))
    },
    |a, b, i| i64::from(a[2 * i]) * i64::from(b[2 * i])
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

/// The sums of neighbouring products.
#[inline(always)]
pub(crate) fn dot<S: Simd>(simd: S, a: S::i16s, b: S::i16s) -> S::i32s {
    dots(simd, [(a, b)])
}

/// The sums of neighbouring products of all pairs of vectors.
#[inline(always)]
pub(crate) fn dots<S: Simd, const N: usize>(simd: S, pairs: [(S::i16s, S::i16s); N]) -> S::i32s {
    // fearless_simd takes five instructions for each pair on Arm; these are two, and one for all.
    #[cfg(target_arch = "aarch64")]
    if let fearless_simd::Level::Neon(_) = simd.level() {
        let mut sum = DotSum::new(simd, 0);
        for (a, b) in pairs {
            sum.add(simd, a, b);
        }
        return sum.total(simd);
    }
    let _ = simd;
    let mut sum = pairs[0].0.pairwise_dot_product(pairs[0].1);
    for (a, b) in pairs.into_iter().skip(1) {
        sum += a.pairwise_dot_product(b);
    }
    sum
}

/// A sum of many [dot products](dot), modulo 2^32.
///
/// On Arm, products are added where they are, and neighbours at the end: two instructions instead
/// of four for each dot product.
#[derive(Clone, Copy)]
pub(crate) struct DotSum<S: Simd> {
    /// On Arm, sums of the products of the lower halves of vectors, otherwise of all.
    sum: S::i32s,
    /// Sums of the products of the upper halves.
    #[cfg(target_arch = "aarch64")]
    upper: S::i32s,
}

impl<S: Simd> DotSum<S> {
    /// Begins sums with `value`.
    #[inline(always)]
    pub(crate) fn new(simd: S, value: u32) -> Self {
        #[cfg(target_arch = "aarch64")]
        if let fearless_simd::Level::Neon(_) = simd.level() {
            // In one of the two lanes that are added at the end.
            let sum = S::u64s::splat(simd, value.into()).bitcast();
            return Self { sum, upper: sum };
        }
        Self {
            sum: S::i32s::splat(simd, value as i32),
            #[cfg(target_arch = "aarch64")]
            upper: S::i32s::splat(simd, 0),
        }
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
                            options(pure, nomem, nostack, preserves_flags),
                        );
                    }
                    sum
                }
            );
            if let fearless_simd::Level::Avx512(level) = simd.level() {
                self.sum = same(avx512(level, same(self.sum), same(a), same(b)));
                return;
            }
        }
        #[cfg(target_arch = "aarch64")]
        {
            use std::arch::aarch64::{int16x8_t, int32x4_t, vget_low_s16};
            use std::arch::aarch64::{vmlal_high_s16, vmlal_s16};
            fearless_simd::kernel!(
                #[inline(always)]
                fn lower(_level: Neon, sum: int32x4_t, a: int16x8_t, b: int16x8_t) -> int32x4_t {
                    vmlal_s16(sum, vget_low_s16(a), vget_low_s16(b))
                }
            );
            fearless_simd::kernel!(
                #[inline(always)]
                fn upper(_level: Neon, sum: int32x4_t, a: int16x8_t, b: int16x8_t) -> int32x4_t {
                    vmlal_high_s16(sum, a, b)
                }
            );
            if let fearless_simd::Level::Neon(level) = simd.level() {
                self.sum = same(lower(level, same(self.sum), same(a), same(b)));
                self.upper = same(upper(level, same(self.upper), same(a), same(b)));
                return;
            }
        }
        let _ = simd;
        self.sum += a.pairwise_dot_product(b);
    }

    /// The sums.
    #[inline(always)]
    pub(crate) fn total(self, simd: S) -> S::i32s {
        #[cfg(target_arch = "aarch64")]
        {
            use std::arch::aarch64::{int32x4_t, vpaddq_s32};
            fearless_simd::kernel!(
                #[inline(always)]
                fn neon(_level: Neon, sum: int32x4_t, upper: int32x4_t) -> int32x4_t {
                    vpaddq_s32(sum, upper)
                }
            );
            if let fearless_simd::Level::Neon(level) = simd.level() {
                return same(neon(level, same(self.sum), same(self.upper)));
            }
        }
        let _ = simd;
        self.sum
    }
}

/// A pair of filter taps for [`dot`], repeated in all pairs of lanes.
#[inline(always)]
pub(crate) fn taps<S: Simd>(simd: S, first: i32, second: i32) -> S::i16s {
    S::i32s::splat(simd, (first & 0xffff) | (second << 16)).bitcast()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feature::testing::noise;
    use crate::simd::{Kernel, Level};

    /// Checks all functions on pairs of vectors.
    struct All<'a>(&'a [i16], &'a [i16]);

    impl Kernel for All<'_> {
        type Output = ();

        #[inline(always)]
        fn run<S: Simd>(self, simd: S) {
            let lanes = S::i16s::LEN;
            for (a, b) in self.0.chunks_exact(lanes).zip(self.1.chunks_exact(lanes)) {
                let (va, vb) = (S::i16s::from_slice(simd, a), S::i16s::from_slice(simd, b));
                let (low, high) = (interleave_low(simd, va, vb), interleave_high(simd, va, vb));
                let weights = taps(simd, 3, -2);
                let narrowed = narrow(simd, dot(simd, low, weights), dot(simd, high, weights));
                let upper = mul_high(simd, va, vb);
                let upper_unsigned = mul_high_unsigned(simd, va.bitcast(), vb.bitcast());
                let dots = dot(simd, va, vb);
                let mut sum = DotSum::new(simd, 1 << 31);
                sum.add(simd, va, vb);
                sum.add(simd, vb, weights);
                let sum = sum.total(simd);
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
                    let weighted = 3 * i32::from(vb[2 * i]) - 2 * i32::from(vb[2 * i + 1]);
                    let expected = expected.wrapping_add(weighted).wrapping_add(i32::MIN);
                    assert_eq!(sum[i], expected);
                }
                let (wide_a, wide_b): (S::i32s, S::i32s) = (va.bitcast(), vb.bitcast());
                let products = mul_even(simd, wide_a, wide_b);
                for i in 0..S::i64s::LEN {
                    let expected = i64::from(wide_a[2 * i]) * i64::from(wide_b[2 * i]);
                    assert_eq!(products[i], expected);
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

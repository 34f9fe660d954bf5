//! 32-bit numbers as halves of 64-bit ones: conversion to double precision and back, and products.
//!
//! A vector of 32-bit lanes becomes two of 64-bit lanes. Which lanes are in which of them is the
//! level's: on Arm the first and the last ones, otherwise the even and the odd ones.

use fearless_simd::prelude::*;

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
use super::pairs::same;

/// 2^52: a whole number below it, added to it, is in the lowest bits of the sum.
const TWO_TO_52: f64 = 4_503_599_627_370_496.0;

/// The numbers of a vector in double precision.
#[inline(always)]
pub(crate) fn doubles<S: Simd>(simd: S, values: S::u32s) -> [S::f64s; 2] {
    #[cfg(target_arch = "aarch64")]
    {
        use std::arch::aarch64::{
            float64x2_t, uint32x4_t, vcvtq_f64_u64, vget_low_u32, vmovl_high_u32, vmovl_u32,
        };
        fearless_simd::kernel!(
            #[inline(always)]
            fn first(_level: Neon, values: uint32x4_t) -> float64x2_t {
                vcvtq_f64_u64(vmovl_u32(vget_low_u32(values)))
            }
        );
        fearless_simd::kernel!(
            #[inline(always)]
            fn last(_level: Neon, values: uint32x4_t) -> float64x2_t {
                vcvtq_f64_u64(vmovl_high_u32(values))
            }
        );
        if let fearless_simd::Level::Neon(level) = simd.level() {
            return [same(first(level, same(values))), same(last(level, same(values)))];
        }
    }
    let magic = S::u64s::splat(simd, TWO_TO_52.to_bits());
    let values: S::u64s = values.bitcast();
    let even = (values & S::u64s::splat(simd, 0xffff_ffff)) | magic;
    let odd = (values >> 32) | magic;
    [even.bitcast::<S::f64s>() - TWO_TO_52, odd.bitcast::<S::f64s>() - TWO_TO_52]
}

/// The 64-bit products of the lanes of `a` and `b`, of half of the lanes each; negative ones in two's
/// complement.
#[inline(always)]
pub(crate) fn wide_products<S: Simd>(simd: S, a: S::i32s, b: S::i32s) -> [S::u64s; 2] {
    #[cfg(target_arch = "aarch64")]
    if let fearless_simd::Level::Neon(level) = simd.level() {
        let first = products_of_first(level, same(a), same(b));
        return [same(first), same(products_of_last(level, same(a), same(b)))];
    }
    let odd = |values: S::i32s| (values.bitcast::<S::u64s>() >> 32).bitcast();
    [even_products(simd, a, b), even_products(simd, odd(a), odd(b))]
}

/// The 64-bit products of the even lanes.
#[inline(always)]
fn even_products<S: Simd>(simd: S, a: S::i32s, b: S::i32s) -> S::u64s {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{__m256i, __m512i, _mm256_mul_epi32, _mm512_mul_epi32};
        fearless_simd::kernel!(
            #[inline(always)]
            fn avx2(_level: Avx2, a: __m256i, b: __m256i) -> __m256i {
                _mm256_mul_epi32(a, b)
            }
        );
        fearless_simd::kernel!(
            #[inline(always)]
            fn avx512(_level: Avx512, a: __m512i, b: __m512i) -> __m512i {
                _mm512_mul_epi32(a, b)
            }
        );
        match simd.level() {
            fearless_simd::Level::Avx2(level) => return same(avx2(level, same(a), same(b))),
            fearless_simd::Level::Avx512(level) => return same(avx512(level, same(a), same(b))),
            _ => {}
        }
    }
    let mut products = S::u64s::splat(simd, 0);
    for i in 0..S::u64s::LEN {
        products[i] = (i64::from(a[2 * i]) * i64::from(b[2 * i])) as u64;
    }
    products
}

/// The lower halves of 64-bit numbers, in the lanes from which [`wide_products`] made them.
#[inline(always)]
pub(crate) fn lower_halves<S: Simd>(simd: S, numbers: [S::u64s; 2]) -> S::i32s {
    #[cfg(target_arch = "aarch64")]
    {
        use std::arch::aarch64::{uint32x4_t, vuzp1q_u32};
        fearless_simd::kernel!(
            #[inline(always)]
            fn neon(_level: Neon, first: uint32x4_t, last: uint32x4_t) -> uint32x4_t {
                vuzp1q_u32(first, last)
            }
        );
        if let fearless_simd::Level::Neon(level) = simd.level() {
            return same(neon(level, same(numbers[0]), same(numbers[1])));
        }
    }
    let _ = simd;
    ((numbers[0] & 0xffff_ffff) | (numbers[1] << 32)).bitcast()
}

/// Defines a function that multiplies half of the lanes, by its instruction.
///
/// The compiler extends factors that it knows to be positive without their sign, and then has no
/// instruction for the product with one that may be negative; the instruction is therefore written
/// as assembly.
#[cfg(target_arch = "aarch64")]
macro_rules! products {
    ($name:ident, $instruction:literal) => {
        fearless_simd::kernel!(
            #[inline(always)]
            fn $name(
                _level: Neon,
                a: std::arch::aarch64::int32x4_t,
                b: std::arch::aarch64::int32x4_t,
            ) -> std::arch::aarch64::int64x2_t {
                let products;
                #[expect(unsafe_code, reason = "the compiler multiplies lane by lane otherwise")]
                // SAFETY: a single instruction of this level that uses only registers.
                unsafe {
                    std::arch::asm!(
                        $instruction,
                        products = lateout(vreg) products,
                        a = in(vreg) a,
                        b = in(vreg) b,
                        options(pure, nomem, nostack, preserves_flags),
                    );
                }
                products
            }
        );
    };
}

#[cfg(target_arch = "aarch64")]
products!(products_of_first, "smull {products:v}.2d, {a:v}.2s, {b:v}.2s");
#[cfg(target_arch = "aarch64")]
products!(products_of_last, "smull2 {products:v}.2d, {a:v}.4s, {b:v}.4s");

/// The upper halves of 64-bit numbers, in the lanes from which [`doubles`] or [`wide_products`] made
/// them.
#[inline(always)]
pub(crate) fn upper_halves<S: Simd>(simd: S, numbers: [S::u64s; 2]) -> S::u32s {
    #[cfg(target_arch = "aarch64")]
    {
        use std::arch::aarch64::{uint32x4_t, vuzp2q_u32};
        fearless_simd::kernel!(
            #[inline(always)]
            fn neon(_level: Neon, first: uint32x4_t, last: uint32x4_t) -> uint32x4_t {
                vuzp2q_u32(first, last)
            }
        );
        if let fearless_simd::Level::Neon(level) = simd.level() {
            return same(neon(level, same(numbers[0]), same(numbers[1])));
        }
    }
    ((numbers[0] >> 32) | (numbers[1] & S::u64s::splat(simd, !0xffff_ffff))).bitcast()
}

/// The upper halves of the products of `a` and `b`, rounded.
#[inline(always)]
pub(crate) fn upper_products_rounded<S: Simd>(simd: S, a: S::u32s, b: S::u32s) -> S::u32s {
    #[cfg(target_arch = "aarch64")]
    {
        use std::arch::aarch64::{
            uint32x4_t, vget_low_u32, vmull_high_u32, vmull_u32, vrshrn_high_n_u64, vrshrn_n_u64,
        };
        fearless_simd::kernel!(
            #[inline(always)]
            fn neon(_level: Neon, a: uint32x4_t, b: uint32x4_t) -> uint32x4_t {
                let first = vmull_u32(vget_low_u32(a), vget_low_u32(b));
                vrshrn_high_n_u64::<32>(vrshrn_n_u64::<32>(first), vmull_high_u32(a, b))
            }
        );
        if let fearless_simd::Level::Neon(level) = simd.level() {
            return same(neon(level, same(a), same(b)));
        }
    }
    let rounding = S::u64s::splat(simd, 1 << 31);
    let (a, b): (S::u64s, S::u64s) = (a.bitcast(), b.bitcast());
    let low = S::u64s::splat(simd, 0xffff_ffff);
    let even = (a & low) * (b & low) + rounding;
    let odd = (a >> 32) * (b >> 32) + rounding;
    ((even >> 32) | (odd & !low)).bitcast()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feature::testing::noise;
    use crate::simd::{Kernel, Level};

    struct All<'a>(&'a [u32], &'a [u32]);

    impl Kernel for All<'_> {
        type Output = ();

        #[inline(always)]
        fn run<S: Simd>(self, simd: S) {
            let lanes = S::u32s::LEN;
            for (a, b) in self.0.chunks_exact(lanes).zip(self.1.chunks_exact(lanes)) {
                let (va, vb) = (S::u32s::from_slice(simd, a), S::u32s::from_slice(simd, b));
                let [first, last] = doubles(simd, va);
                let upper = upper_halves(simd, [first.bitcast(), last.bitcast()]);
                let products = upper_products_rounded(simd, va, vb);
                let (signed_a, signed_b): (S::i32s, S::i32s) = (va.bitcast(), vb.bitcast());
                let [first, last] = wide_products(simd, signed_a, signed_b);
                let lower = lower_halves(simd, [first, last]);
                let higher = upper_halves(simd, [first, last]);
                for i in 0..lanes {
                    assert_eq!(upper[i], (f64::from(a[i]).to_bits() >> 32) as u32);
                    let product = i64::from(signed_a[i]) * i64::from(signed_b[i]);
                    assert_eq!(lower[i], product as i32);
                    assert_eq!(higher[i], (product >> 32) as u32);
                    let product = u64::from(a[i]) * u64::from(b[i]);
                    assert_eq!(products[i], (product.wrapping_add(1 << 31) >> 32) as u32);
                }
            }
        }
    }

    #[test]
    fn lanes_equal_the_definition_at_every_level() {
        let extremes = [0, 1, u32::MAX, 1 << 31, 0x7fff_ffff, 0xffff_0000];
        let value = |seed, i: usize| match noise(seed, i, 0) {
            random if random % 3 == 0 => extremes[random as usize / 3 % extremes.len()],
            random => random.wrapping_mul(0x9e37_79b1),
        };
        let [a, b] = [1, 2].map(|seed| (0..4096).map(|i| value(seed, i)).collect::<Vec<u32>>());
        for level in Level::available() {
            level.run(All(&a, &b));
        }
    }
}

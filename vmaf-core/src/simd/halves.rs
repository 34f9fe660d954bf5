//! 32-bit numbers as halves of 64-bit ones: conversion to double precision and back, and products.
//!
//! A vector of 32-bit lanes becomes two of 64-bit lanes. Which lanes are in which of them is the
//! level's: on Arm the first and the last ones, otherwise the even and the odd ones.

use fearless_simd::prelude::*;

#[cfg(target_arch = "aarch64")]
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

/// The upper halves of numbers in double precision, in the lanes from which [`doubles`] made them.
#[inline(always)]
pub(crate) fn upper_halves<S: Simd>(simd: S, doubles: [S::f64s; 2]) -> S::u32s {
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
            return same(neon(level, same(doubles[0]), same(doubles[1])));
        }
    }
    let (even, odd): (S::u64s, S::u64s) = (doubles[0].bitcast(), doubles[1].bitcast());
    ((even >> 32) | (odd & S::u64s::splat(simd, !0xffff_ffff))).bitcast()
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
                let upper = upper_halves(simd, doubles(simd, va));
                let products = upper_products_rounded(simd, va, vb);
                for i in 0..lanes {
                    assert_eq!(upper[i], (f64::from(a[i]).to_bits() >> 32) as u32);
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

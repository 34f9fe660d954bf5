//! Lanes of 16 bits: two things that the vector library has no name for.

use fearless_simd::prelude::*;
use fearless_simd::u16x8;

/// A vector of as many blocks of 8 lanes as it has, the first of `blocks`.
#[inline(always)]
pub(crate) fn of_blocks<S: Simd>(simd: S, blocks: [u16x8<S>; 4]) -> S::u16s {
    let [a, b, c, d] = blocks;
    match S::u16s::LEN {
        8 => S::u16s::from_slice(simd, a.as_slice()),
        16 => S::u16s::from_slice(simd, a.combine(b).as_slice()),
        32 => S::u16s::from_slice(simd, a.combine(b).combine(c.combine(d)).as_slice()),
        lanes => unreachable!("vectors of {lanes} lanes"),
    }
}

/// Each product in units of 2^15, rounded: `a` times a fraction.
#[inline(always)]
pub(crate) fn times_fraction<S: Simd>(simd: S, a: S::i16s, fraction: i16) -> S::i16s {
    #[cfg(target_arch = "x86_64")]
    {
        use fearless_simd::{Level, i16x16, i16x32};

        match simd.level() {
            Level::Avx512(level) => {
                let a = i16x32::from_slice(level, a.as_slice());
                let product = x86::times_512(level, a, i16x32::splat(level, fraction));
                return S::i16s::from_slice(simd, product.as_slice());
            }
            Level::Avx2(level) => {
                let a = i16x16::from_slice(level, a.as_slice());
                let product = x86::times_256(level, a, i16x16::splat(level, fraction));
                return S::i16s::from_slice(simd, product.as_slice());
            }
            _ => {}
        }
    }
    let (low, high) = a.widen();
    let times = |value: S::i32s| ((value * i32::from(fraction)) + (1 << 14)) >> 15;
    times(low).narrow(times(high))
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{_mm256_mulhrs_epi16, _mm512_mulhrs_epi16};

    use fearless_simd::prelude::*;
    use fearless_simd::{Avx2, Avx512, i16x16, i16x32};

    fearless_simd::kernel!(
        #[inline(always)]
        pub(super) fn times_512(
            level: Avx512,
            a: i16x32<Avx512>,
            b: i16x32<Avx512>,
        ) -> i16x32<Avx512> {
            _mm512_mulhrs_epi16(a.into(), b.into()).simd_into(level)
        }
    );

    fearless_simd::kernel!(
        #[inline(always)]
        pub(super) fn times_256(level: Avx2, a: i16x16<Avx2>, b: i16x16<Avx2>) -> i16x16<Avx2> {
            _mm256_mulhrs_epi16(a.into(), b.into()).simd_into(level)
        }
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::{Kernel, Level};

    struct All<'a>(&'a [i16], i16);

    impl Kernel for All<'_> {
        type Output = ();

        #[inline(always)]
        fn run<S: Simd>(self, simd: S) {
            let Self(values, fraction) = self;
            for values in values.chunks_exact(S::i16s::LEN) {
                let found = times_fraction(simd, S::i16s::from_slice(simd, values), fraction);
                for (found, value) in found.as_slice().iter().zip(values) {
                    let product = i32::from(*value) * i32::from(fraction);
                    assert_eq!(i32::from(*found), (product + (1 << 14)) >> 15);
                }
            }
            let lanes: Vec<u16> = (0..32).collect();
            let mut blocks = [u16x8::splat(simd, 0); 4];
            for (block, lanes) in blocks.iter_mut().zip(lanes.chunks_exact(8)) {
                *block = u16x8::from_slice(simd, lanes);
            }
            assert_eq!(of_blocks(simd, blocks).as_slice(), &lanes[..S::u16s::LEN]);
        }
    }

    #[test]
    fn lanes_are_as_defined_at_every_level() {
        let values: Vec<i16> = (i16::MIN..=i16::MAX).collect();
        for level in Level::available() {
            for fraction in [1, 13573, 23170, i16::MAX] {
                level.run(All(&values, fraction));
            }
        }
    }
}

//! Arithmetic on words of 16 bits that the vector library has no name for.

use fearless_simd::{Simd, prelude::*};

/// The upper halves of the 32-bit products of the words in two vectors.
#[inline(always)]
pub(crate) fn high_product<S: Simd>(simd: S, a: S::u16s, b: S::u16s) -> S::u16s {
    #[cfg(target_arch = "x86_64")]
    {
        use fearless_simd::{Level, u16x16, u16x32};

        match simd.level() {
            Level::Avx512(token) => {
                let (a, b) = (
                    u16x32::from_slice(token, a.as_slice()),
                    u16x32::from_slice(token, b.as_slice()),
                );
                return S::u16s::from_slice(simd, x86::high_product_512(token, a, b).as_slice());
            }
            Level::Avx2(token) => {
                let (a, b) = (
                    u16x16::from_slice(token, a.as_slice()),
                    u16x16::from_slice(token, b.as_slice()),
                );
                return S::u16s::from_slice(simd, x86::high_product_256(token, a, b).as_slice());
            }
            _ => {}
        }
    }
    // Two words to a lane of 32 bits.
    let (a, b): (S::u32s, S::u32s) = (a.bitcast(), b.bitcast());
    let low = ((a & 0xffff) * (b & 0xffff)) >> 16;
    let high = ((a >> 16) * (b >> 16)) & 0xffff_0000;
    (low | high).bitcast()
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use core::arch::x86_64::{_mm256_mulhi_epu16, _mm512_mulhi_epu16};
    use fearless_simd::{Avx2, Avx512, prelude::*, u16x16, u16x32};

    fearless_simd::kernel!(
        #[inline(always)]
        pub(super) fn high_product_512(
            token: Avx512,
            a: u16x32<Avx512>,
            b: u16x32<Avx512>,
        ) -> u16x32<Avx512> {
            _mm512_mulhi_epu16(a.into(), b.into()).simd_into(token)
        }
    );

    fearless_simd::kernel!(
        #[inline(always)]
        pub(super) fn high_product_256(
            token: Avx2,
            a: u16x16<Avx2>,
            b: u16x16<Avx2>,
        ) -> u16x16<Avx2> {
            _mm256_mulhi_epu16(a.into(), b.into()).simd_into(token)
        }
    );
}

//! The instruction set that every processor of the target has.

#[cfg(any(target_arch = "x86_64", all(target_arch = "x86", target_feature = "sse2")))]
mod target {
    pub(in crate::simd) use fearless_simd::Sse2 as Baseline;
    pub(in crate::simd) const NAME: &str = "sse2";

    #[expect(unsafe_code, reason = "only a function compiled for the level may call it otherwise")]
    pub(in crate::simd) fn token() -> Baseline {
        // SAFETY: all code for the target is compiled for SSE2.
        unsafe { Baseline::assume_supported() }
    }
}

#[cfg(target_arch = "aarch64")]
mod target {
    pub(in crate::simd) use fearless_simd::Neon as Baseline;
    pub(in crate::simd) const NAME: &str = "neon";

    #[expect(unsafe_code, reason = "only a function compiled for the level may call it otherwise")]
    pub(in crate::simd) fn token() -> Baseline {
        // SAFETY: all code for the target is compiled for NEON.
        unsafe { Baseline::assume_supported() }
    }
}

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod target {
    pub(in crate::simd) use fearless_simd::WasmSimd128 as Baseline;
    pub(in crate::simd) const NAME: &str = "simd128";

    pub(in crate::simd) fn token() -> Baseline {
        Baseline::assume_supported()
    }
}

#[cfg(not(any(
    target_arch = "x86_64",
    all(target_arch = "x86", target_feature = "sse2"),
    target_arch = "aarch64",
    all(target_arch = "wasm32", target_feature = "simd128")
)))]
mod target {
    pub(in crate::simd) use fearless_simd::Fallback as Baseline;
    pub(in crate::simd) const NAME: &str = "scalar";

    pub(in crate::simd) fn token() -> Baseline {
        Baseline::new()
    }
}

pub(super) use target::*;

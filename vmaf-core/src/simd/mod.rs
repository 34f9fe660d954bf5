//! Instruction sets: detection, selection, and running a kernel on one.
//!
//! A kernel is written once, generic over [`fearless_simd::Simd`], as a type that implements the
//! trait `Kernel`. `Level::run` instantiates it for the requested level, inside a function compiled
//! with that level's instructions, so that plain loops vectorise at the level's width and explicit
//! vectors have its native size. Every level gives identical bits: integer sums are exact, and
//! floating-point code keeps the order of the definition.

pub(crate) mod aligned;
mod baseline;
pub(crate) mod blocks;
pub(crate) mod halves;
pub(crate) mod lanes16;
pub(crate) mod ordered;
pub(crate) mod pairs;
pub(crate) mod samples;
pub(crate) mod segments;
pub(crate) mod squares;
pub(crate) mod transpose;
pub(crate) mod weighted;
pub(crate) mod widen;

use fearless_simd::Simd;

use baseline::Baseline;

/// An instruction set on which kernels can run.
#[derive(Debug, Clone, Copy)]
pub struct Level(Isa);

#[derive(Debug, Clone, Copy)]
enum Isa {
    Baseline(Baseline),
    #[cfg(target_arch = "x86_64")]
    Avx2(fearless_simd::Avx2),
    #[cfg(target_arch = "x86_64")]
    Avx512(fearless_simd::Avx512),
}

/// Work that is compiled for each instruction set.
///
/// `run` must be `#[inline(always)]`, and so must every hot function that it calls: functions that
/// are not inlined are compiled for the baseline instruction set. The exception is a pass that would
/// be inlined in several places or for several types: a call inside `simd.vectorize(...)` is compiled
/// once, as a function with the level's instructions (docs/testing.md, build times).
pub(crate) trait Kernel: Sized {
    /// The result of the work.
    type Output;

    /// Does the work with the instructions of `simd`.
    fn run<S: Simd>(self, simd: S) -> Self::Output;

    /// Runs `run` with the instructions of `level`.
    // The compiler places the instances of a trait's default method, and with them a kernel's code
    // for every level, in the codegen unit of the module that defines the kernel. The code then
    // exists once however many modules run it, compiles in parallel with other kernels, and an edit
    // recompiles one kernel only. In the body of `Level::run`, all kernels would be in `simd`'s
    // unit: one core, and recompilation of everything after every edit. With `#[inline]` there,
    // each caller would have a copy.
    fn dispatch(self, level: Level) -> Self::Output {
        match level.0 {
            Isa::Baseline(token) => token.vectorize(
                #[inline(always)]
                || self.run(token),
            ),
            #[cfg(target_arch = "x86_64")]
            Isa::Avx2(token) => token.vectorize(
                #[inline(always)]
                || self.run(token),
            ),
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512(token) => token.vectorize(
                #[inline(always)]
                || self.run(token),
            ),
        }
    }
}

impl Level {
    /// The instruction set that every processor of the target has: SSE2 on x86-64, NEON on 64-bit
    /// Arm, plain code on others.
    #[must_use]
    pub fn baseline() -> Self {
        Self(Isa::Baseline(baseline::token()))
    }

    /// The best level that this processor supports.
    #[must_use]
    pub fn best() -> Self {
        *Self::available().last().unwrap_or(&Self::baseline())
    }

    /// All levels that this processor supports, slowest first.
    #[must_use]
    pub fn available() -> Vec<Self> {
        let mut levels = vec![Self::baseline()];
        levels.extend(Self::vector_levels());
        levels
    }

    #[cfg(target_arch = "x86_64")]
    fn vector_levels() -> impl Iterator<Item = Self> {
        let detected = fearless_simd::Level::new();
        let avx2 = detected.as_avx2().map(|token| Self(Isa::Avx2(token)));
        let avx512 = detected.as_avx512().map(|token| Self(Isa::Avx512(token)));
        avx2.into_iter().chain(avx512)
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn vector_levels() -> impl Iterator<Item = Self> {
        std::iter::empty()
    }

    /// The best level without the instruction sets in `mask`. The bits are those of libvmaf's
    /// `--cpumask`: on x86, 8 is AVX2, 16 and 32 are AVX-512. The baseline can't be excluded.
    #[must_use]
    pub fn masked(mask: u32) -> Self {
        let allowed = |level: &Self| level.bits() & mask == 0;
        Self::available().into_iter().rfind(allowed).unwrap_or(Self::baseline())
    }

    /// The bits of [`masked`](Self::masked) that exclude the level.
    fn bits(self) -> u32 {
        match self.0 {
            Isa::Baseline(_) => 0,
            #[cfg(target_arch = "x86_64")]
            Isa::Avx2(_) => 8,
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512(_) => 8 | 16 | 32,
        }
    }

    /// The level's name: `sse2`, `avx2` or `avx512` on x86-64, `neon` on 64-bit Arm, `simd128` or
    /// `scalar` on others.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self.0 {
            Isa::Baseline(_) => baseline::NAME,
            #[cfg(target_arch = "x86_64")]
            Isa::Avx2(_) => "avx2",
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512(_) => "avx512",
        }
    }

    /// Runs `kernel` with this level's instructions.
    #[inline]
    pub(crate) fn run<K: Kernel>(self, kernel: K) -> K::Output {
        kernel.dispatch(self)
    }
}

/// The token of the baseline, for tests of parts of kernels.
#[cfg(test)]
pub(crate) fn baseline_token() -> impl Simd {
    baseline::token()
}

impl Default for Level {
    fn default() -> Self {
        Self::best()
    }
}

impl PartialEq for Level {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_exclude_levels() {
        assert_eq!(Level::masked(0), Level::best());
        assert_eq!(Level::masked(0xffff), Level::baseline());
        assert_ne!(Level::masked(48).name(), "avx512");
        assert_ne!(Level::masked(8).name(), "avx2");
    }
}

//! The analysis of a small picture, fast: covariance, eigenvalues, and each block's variance.

use fearless_simd::Simd;

use super::downscale::Small;
use super::entropy::Statistics;
use super::{covariance, eigen, solve};
use crate::simd::Kernel;

/// Fills in the statistics of the blocks of `picture`.
pub(super) struct Analyse<'a> {
    pub(super) picture: &'a Small,
    pub(super) memory: &'a mut covariance::Memory,
    pub(super) out: &'a mut Statistics,
}

impl Kernel for Analyse<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Self { picture, memory, out } = self;
        let matrix = covariance::covariance(simd, picture, memory);
        out.eigenvalues = eigen::eigenvalues(matrix);
        // The error of eigenvalues may exceed the least one.
        let is_regular = !out.eigenvalues.iter().any(|&value| eigen::is_tiny(value));
        out.is_singular = !solve::variances(&matrix, picture, &mut out.variances) || !is_regular;
    }
}

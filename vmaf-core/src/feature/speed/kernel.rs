//! SpEED of one plane, fast.
//!
//! ```text
//! small = (G * plane at every 16th pixel) - local mean           cut into blocks y of 5x5 pixels
//! K = covariance of the blocks' pixels, l = its eigenvalues
//! s = y' K^-1 y / 25                                              a block's variance
//! h = sum over eigenvalues of log2(s l + sigma) + log2(2 pi e)    its entropy, seen through noise
//! score = mean over blocks of |h_r log2(1 + s_r) - h_d log2(1 + s_d)|
//! ```
//!
//! Options may weigh entropies by other functions of both variances.
//!
//! The passes, each over the whole of its small input:
//!
//! 1. [`downscale`]: the small picture, of pixels that [`picture`] reads and [`resample`] scales
//!    before; only the pixels that are kept are computed.
//! 2. [`Analyse`]: [`covariance`] makes the matrix `K`, [`eigen`] finds its eigenvalues, and
//!    [`solve`] the blocks' variances.
//! 3. [`entropy`]: `Entropies` of each block for a deviation of noise, and the `Compare` of two
//!    pictures, with the logarithm of [`log2`].

pub(super) mod covariance;
pub(super) mod downscale;
pub(super) mod eigen;
pub(super) mod entropy;
pub(super) mod log2;
pub(super) mod picture;
pub(super) mod resample;
mod solve;

use fearless_simd::Simd;

use entropy::Statistics;
use picture::Small;

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

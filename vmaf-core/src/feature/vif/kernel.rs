//! VIF at one scale, fast.
//!
//! With variances and covariance under the scale's Gaussian window at each pixel, in fixed point:
//!
//! ```text
//! g = cov / var_r,  v = max(var_d - g cov, 0)                 gain and residual variance
//! num = sum of log2(1 + min(g, gain_limit)^2 var_r / (v + noise))
//! den = sum of log2(1 + var_r / noise)
//! ```
//!
//! Where `var_r` is below the noise, a pixel contributes `1 - loss * var_d` and 1 instead
//! ([`sums`](super::sums)).
//!
//! The picture is processed in [`block`]s of a few rows. The passes of a block, in [`Scale`]:
//!
//! 1. `fill`: pairs of the rows that its windows reach, laid out across lanes ([`layout`],
//!    [`picture`]), in a ring.
//! 2. [`down`]: samples, squares and products summed down the columns.
//! 3. [`along`]: the sums along the rows; means, variances and covariances.
//! 4. [`information`]: logarithms ([`log2`]), added lane by lane.
//! 5. [`along`], `along_smaller`: the next scale's picture, filtered only at the rows and columns
//!    that it keeps.
//!
//! [`windows`] has the arithmetic of windowed sums: multiply-adds of pairs. Values that depend on
//! the reference alone (two of five windowed maps, and the denominator) are computed once for all
//! encodes; gain limits share all but the last step.

mod along;
mod block;
mod down;
mod information;
pub(super) mod layout;
pub(super) mod log2;
pub(super) mod picture;
mod windows;

use fearless_simd::{Simd, prelude::*};

use block::{Blocks, Maps, Moments, ROWS};
use layout::{Layout, Pairs};
use picture::{Picture, SegmentedPicture};

use super::filter::FILTERS;
use super::pixels::Pixels;
use super::sums::Sums;
use crate::Level;
use crate::numeric::reflect;
use crate::simd::aligned::AlignedRow;

/// Memory that is used again from scale to scale and frame to frame.
#[derive(Debug, Default)]
pub(super) struct Workspace {
    /// The pairs of rows that a block's windows reach, for each picture.
    rings: Vec<AlignedRow<u32>>,
    maps: Maps,
    moments: Moments,
}

/// One scale of a group of pictures, the reference's first: the sums for each encode and gain
/// limit, and the pictures of the next scale.
pub(super) struct Scale<'a, P, const SCALE: usize> {
    /// The width of the finest scale.
    pub(super) full_width: usize,
    pub(super) pictures: &'a [P],
    pub(super) depth: u8,
    /// At least one.
    pub(super) gain_limits: &'a [f64],
    /// The destination of the next scale's pictures; the coarsest has none.
    pub(super) next: &'a mut [SegmentedPicture],
    pub(super) workspace: &'a mut Workspace,
    /// The destination of the first encode's pixels, if they are kept.
    pub(super) pixels: Option<&'a mut Pixels>,
}

impl<P: Picture, const SCALE: usize> Scale<'_, P, SCALE> {
    /// The sums, measured with the instructions of `level`.
    pub(super) fn measure(self, level: Level) -> Vec<Vec<Sums>> {
        P::measure(self, level)
    }

    // Each pass is a function of its own, by `vectorize`: the time that the compiler takes grows faster
    // than the length of a function.
    #[inline(always)]
    fn sums<S: Simd>(self, simd: S) -> Vec<Vec<Sums>> {
        let Self { pictures, gain_limits, next, workspace: ws, mut pixels, .. } = self;
        let mut layout = Layout::new(self.full_width, S::u32s::LEN);
        for _ in 0..SCALE {
            layout = layout.halved();
        }
        let height = pictures[0].height();
        let blocks = Blocks::<SCALE>::new(layout, self.depth, P::IS_BYTE);
        blocks.prepare(gain_limits.len(), &mut ws.maps, &mut ws.moments);
        ws.rings.resize_with(pictures.len(), AlignedRow::default);
        for ring in &mut ws.rings {
            ring.resize(blocks.ring_length());
        }
        for picture in &mut *next {
            picture.resize(layout.halved(), height / 2);
        }

        let mut reference = Sums::default();
        let mut all = vec![vec![Sums::default(); gain_limits.len()]; pictures.len() - 1];
        let mut filled = 0;
        let mut memory = [Vec::new(), Vec::new()];
        for y in (0..height).step_by(ROWS) {
            let first = y / 2;
            while filled < first + Blocks::<SCALE>::PAIRS {
                let (rings, memory) = (&mut ws.rings, &mut memory);
                simd.vectorize(
                    #[inline(always)]
                    || fill(simd, &blocks, filled, pictures, rings, memory),
                );
                filled += 1;
            }
            let rows = ROWS.min(height - y);
            let Workspace { rings, maps, moments, .. } = &mut *ws;
            for index in 0..pictures.len() {
                let (ring, other) = (&rings[index], &rings[0]);
                if index == 0 {
                    simd.vectorize(
                        #[inline(always)]
                        || blocks.down::<S, P, false>(simd, first, ring, other, maps),
                    );
                    blocks.along_reference(simd, rows, maps, moments, &mut reference);
                } else {
                    simd.vectorize(
                        #[inline(always)]
                        || blocks.down::<S, P, true>(simd, first, ring, other, maps),
                    );
                    let sums = &mut all[index - 1];
                    let pixels = pixels.as_deref_mut().filter(|_| index == 1);
                    blocks.along_distorted(simd, rows, maps, moments, gain_limits, sums, pixels);
                }
                if let Some(next) = next.get_mut(index) {
                    blocks.along_smaller(simd, y / 2, maps, next);
                }
            }
        }
        for sums in all.iter_mut().flatten() {
            sums.den_log = reference.den_log;
            sums.flat_pixels = reference.flat_pixels;
        }
        all
    }
}

/// Puts a pair of each picture's rows into its ring; pair 0 is as far above the picture as windows
/// reach.
#[inline(always)]
fn fill<S: Simd, P: Picture, const SCALE: usize>(
    simd: S,
    blocks: &Blocks<SCALE>,
    pair: usize,
    pictures: &[P],
    rings: &mut [AlignedRow<u32>],
    memory: &mut [Vec<P::Sample>; 2],
) {
    let reach = Blocks::<SCALE>::REACH;
    let height = pictures[0].height();
    // Rows farther away have no weight, or count for rows below the picture.
    let half = (FILTERS[SCALE].len() / 2) as isize;
    let row = |k: usize| {
        let y = (2 * pair + k) as isize - reach as isize;
        reflect(y.clamp(-half, height as isize - 1 + half), height)
    };
    let copy = Blocks::<SCALE>::PAIRS * S::u32s::LEN;
    for (picture, ring) in pictures.iter().zip(rings) {
        let memory_of_pair = &mut ring[pair % Blocks::<SCALE>::PAIRS * S::u32s::LEN..];
        let mut pairs = Pairs { memory: memory_of_pair, step: 2 * copy, copy };
        picture.join(simd, blocks.layout, [row(0), row(1)], reach, memory, &mut pairs);
        pairs.surround(simd, blocks.layout, reach);
    }
}

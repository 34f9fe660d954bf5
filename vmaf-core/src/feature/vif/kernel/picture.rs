//! The pictures that the kernel reads: planes, and the coarser scales' own.
//!
//! Each kind of picture runs its scales by a kernel of its own module, so that two cores share the
//! compilation of this feature, the longest of all.

mod plane;
mod segmented;

use fearless_simd::Simd;

pub(in crate::feature::vif) use segmented::SegmentedPicture;

use super::super::sums::Sums;
use super::Scale;
use super::layout::{Layout, Pairs};
use crate::{Level, Sample};

/// The source of a scale's samples.
pub(in crate::feature::vif) trait Picture {
    type Sample: Sample;

    /// True if products of samples fit a word.
    const IS_BYTE: bool = size_of::<Self::Sample>() == 1;

    fn height(&self) -> usize;

    /// Puts two `rows`, laid out, into `pairs`, behind room for a halo of `reach` vectors; `memory`
    /// may be used.
    fn join<S: Simd>(
        &self,
        simd: S,
        layout: Layout,
        rows: [usize; 2],
        reach: usize,
        memory: &mut [Vec<Self::Sample>; 2],
        pairs: &mut Pairs,
    );

    /// Measures a scale of such pictures with the instructions of `level`.
    fn measure<const SCALE: usize>(scale: Scale<'_, Self, SCALE>, level: Level) -> Vec<Vec<Sums>>
    where
        Self: Sized;
}

//! Pictures whose rows are laid out, those of the coarser scales.

use fearless_simd::Simd;

use super::super::super::sums::Sums;
use super::super::Scale;
use super::super::layout::{Layout, Pairs};
use super::Picture;
use crate::Level;
use crate::simd::Kernel;
use crate::simd::aligned::AlignedRow;

/// A coarser scale's picture, whose rows are laid out.
#[derive(Debug, Default)]
pub(in crate::feature::vif) struct SegmentedPicture {
    samples: AlignedRow<u16>,
    row_length: usize,
    height: usize,
}

impl SegmentedPicture {
    pub(in crate::feature::vif) fn resize(&mut self, layout: Layout, height: usize) {
        (self.row_length, self.height) = (layout.row_length(), height);
        self.samples.resize(self.row_length * height);
    }

    pub(in crate::feature::vif) fn row(&self, y: usize) -> &[u16] {
        &self.samples[y * self.row_length..][..self.row_length]
    }

    pub(in crate::feature::vif) fn row_mut(&mut self, y: usize) -> &mut [u16] {
        &mut self.samples[y * self.row_length..][..self.row_length]
    }
}

/// A scale of such pictures.
struct SegmentedScale<'a, const SCALE: usize>(Scale<'a, SegmentedPicture, SCALE>);

impl<const SCALE: usize> Kernel for SegmentedScale<'_, SCALE> {
    type Output = Vec<Vec<Sums>>;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> Vec<Vec<Sums>> {
        self.0.sums(simd)
    }
}

impl Picture for SegmentedPicture {
    type Sample = u16;

    fn height(&self) -> usize {
        self.height
    }

    #[inline(always)]
    fn join<S: Simd>(
        &self,
        simd: S,
        _layout: Layout,
        rows: [usize; 2],
        reach: usize,
        _memory: &mut [Vec<u16>; 2],
        pairs: &mut Pairs,
    ) {
        pairs.join(simd, [self.row(rows[0]), self.row(rows[1])], reach);
    }

    fn measure<const SCALE: usize>(scale: Scale<'_, Self, SCALE>, level: Level) -> Vec<Vec<Sums>> {
        level.run(SegmentedScale(scale))
    }
}

//! The pictures that the kernel reads: planes, and the coarser scales' own.

use fearless_simd::Simd;

use super::layout::{Layout, Pairs};
use crate::simd::aligned::{AlignedRow, prefetch};
use crate::simd::transpose::Transpose;
use crate::{Plane, Sample};

/// The number of rows that are prefetched in advance.
const AHEAD: usize = 4;

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
}

impl<T: Transpose> Picture for &Plane<T> {
    type Sample = T;

    fn height(&self) -> usize {
        Plane::height(self)
    }

    #[inline(always)]
    fn join<S: Simd>(
        &self,
        simd: S,
        layout: Layout,
        rows: [usize; 2],
        reach: usize,
        memory: &mut [Vec<T>; 2],
        pairs: &mut Pairs,
    ) {
        for row in rows {
            // The next block's rows come from afar.
            let ahead = self.row((row + AHEAD).min(Plane::height(self) - 1));
            for x in (0..ahead.len()).step_by(64 / size_of::<T>()) {
                prefetch(ahead, x);
            }
        }
        pairs.lay_out(simd, layout, [self.row(rows[0]), self.row(rows[1])], memory, reach);
    }
}

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
}

//! Pictures as the kernel takes them: planes, and the coarser scales' own.

use fearless_simd::Simd;

use super::layout::{Layout, Transpose};
use crate::simd::aligned::AlignedRow;
use crate::{Plane, Sample};

/// Where a scale's samples come from.
pub(super) trait Picture {
    /// 8-bit samples are those whose products fit a word.
    type Sample: Sample;

    fn height(&self) -> usize;

    /// Row `y`, laid out and mirrored by `reach`; `memory` may be used to hold it.
    fn laid_out<'a, S: Simd>(
        &'a self,
        simd: S,
        layout: Layout,
        y: usize,
        reach: usize,
        memory: &'a mut [Vec<Self::Sample>; 2],
    ) -> &'a [Self::Sample];
}

impl<T: Transpose> Picture for &Plane<T> {
    type Sample = T;

    fn height(&self) -> usize {
        Plane::height(self)
    }

    #[inline(always)]
    fn laid_out<'a, S: Simd>(
        &'a self,
        simd: S,
        layout: Layout,
        y: usize,
        reach: usize,
        [memory, padded]: &'a mut [Vec<T>; 2],
    ) -> &'a [T] {
        memory.resize(layout.row_length(), T::default());
        layout.spread(simd, self.row(y), padded, memory);
        layout.mirror(memory, reach);
        memory
    }
}

/// A coarser scale's picture, whose rows are laid out and mirrored.
#[derive(Debug, Default)]
pub(super) struct Spread {
    samples: AlignedRow<u16>,
    row_length: usize,
    height: usize,
}

impl Spread {
    pub(super) fn resize(&mut self, layout: Layout, height: usize) {
        (self.row_length, self.height) = (layout.row_length(), height);
        self.samples.resize(self.row_length * height);
    }

    pub(super) fn row(&self, y: usize) -> &[u16] {
        &self.samples[y * self.row_length..][..self.row_length]
    }

    pub(super) fn row_mut(&mut self, y: usize) -> &mut [u16] {
        &mut self.samples[y * self.row_length..][..self.row_length]
    }
}

impl Picture for Spread {
    type Sample = u16;

    fn height(&self) -> usize {
        self.height
    }

    #[inline(always)]
    fn laid_out<'a, S: Simd>(
        &'a self,
        _simd: S,
        _layout: Layout,
        y: usize,
        _reach: usize,
        _memory: &'a mut [Vec<u16>; 2],
    ) -> &'a [u16] {
        self.row(y)
    }
}

//! Planes of frames, the pictures of the finest scale.

use fearless_simd::Simd;

use super::super::super::sums::Sums;
use super::super::Scale;
use super::super::layout::{Layout, Pairs};
use super::Picture;
use crate::simd::Kernel;
use crate::simd::aligned::prefetch;
use crate::simd::transpose::Transpose;
use crate::{Level, Plane};

/// The number of rows that are prefetched in advance.
const AHEAD: usize = 4;

/// A scale of planes.
struct PlaneScale<'a, 'p, T, const SCALE: usize>(Scale<'a, &'p Plane<T>, SCALE>);

impl<T: Transpose, const SCALE: usize> Kernel for PlaneScale<'_, '_, T, SCALE> {
    type Output = Vec<Vec<Sums>>;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> Vec<Vec<Sums>> {
        self.0.sums(simd)
    }
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

    fn measure<const SCALE: usize>(scale: Scale<'_, Self, SCALE>, level: Level) -> Vec<Vec<Sums>> {
        level.run(PlaneScale(scale))
    }
}

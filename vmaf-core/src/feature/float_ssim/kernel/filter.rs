//! SSIM's window in one direction, over numbers in vectors.
//!
//! Products are rounded to single precision and summed in double, in the order of the taps, as
//! libvmaf does. The window is symmetric: a number's six products are added to the ten sums that
//! are open, and complete the eldest, so that each product is computed and widened once.

use fearless_simd::prelude::*;

use super::super::window::{HALF, REACH};
use crate::simd::widen::Half;

/// The sums that are open, eldest first.
pub(super) struct Sums<S: Simd>([S::f64s; REACH]);

impl<S: Simd> Sums<S> {
    #[inline(always)]
    pub(super) fn zero(simd: S) -> Self {
        Self([S::f64s::splat(simd, 0.0); REACH])
    }

    /// Half a vector's sums, as [`store`](Self::store) left them.
    #[inline(always)]
    pub(super) fn load(simd: S, from: &[f64]) -> Self {
        let half = S::f64s::LEN;
        let mut sums = Self::zero(simd);
        for k in 0..REACH {
            sums.0[k] = S::f64s::from_slice(simd, &from[k * half..][..half]);
        }
        sums
    }

    #[inline(always)]
    pub(super) fn store(&self, to: &mut [f64]) {
        let half = S::f64s::LEN;
        for k in 0..REACH {
            self.0[k].store_slice(&mut to[k * half..][..half]);
        }
    }

    /// Takes the odd or the even lanes of `values`, and gives the sum that they complete.
    #[inline(always)]
    pub(super) fn take<const ODD: bool, const SIGNED: bool>(
        &mut self,
        simd: S,
        values: S::f32s,
    ) -> S::f64s {
        let values = Half::<S, ODD, SIGNED>::of(simd, values);
        let p0 = values.times(HALF[0]);
        let p1 = values.times(HALF[1]);
        let p2 = values.times(HALF[2]);
        let p3 = values.times(HALF[3]);
        let p4 = values.times(HALF[4]);
        let p5 = values.times(HALF[5]);
        let sums = &self.0;
        let done = sums[0] + p0;
        self.0 = [
            sums[1] + p1,
            sums[2] + p2,
            sums[3] + p3,
            sums[4] + p4,
            sums[5] + p5,
            sums[6] + p4,
            sums[7] + p3,
            sums[8] + p2,
            sums[9] + p1,
            p0,
        ];
        done
    }
}

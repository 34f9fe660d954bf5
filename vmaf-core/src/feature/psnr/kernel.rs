//! The squared error of a plane, fast.
//!
//! ```text
//! sum of (a - b)^2
//! ```
//!
//! One pass over the rows, in 32 bits for as long as that fits ([`squares`](crate::simd::squares)).

use fearless_simd::Simd;

use crate::simd::squares;
use crate::simd::{Kernel, Level};
use crate::{Plane, Sample};

/// The sum that the definition in `reference.rs` gives, of samples below 2^`depth`.
pub(crate) fn squared_error<T: Sample>(level: Level, a: &Plane<T>, b: &Plane<T>, depth: u8) -> u64 {
    level.run(SquaredError { a, b, depth })
}

struct SquaredError<'a, T> {
    a: &'a Plane<T>,
    b: &'a Plane<T>,
    depth: u8,
}

impl<T: Sample> Kernel for SquaredError<'_, T> {
    type Output = u64;

    #[inline(always)]
    fn run<S: Simd>(self, _simd: S) -> u64 {
        let mut sum = 0;
        for y in 0..self.a.height() {
            sum += squares::squared_error(self.a.row(y), self.b.row(y), self.depth);
        }
        sum
    }
}

//! The squared error in floating point, fast.
//!
//! ```text
//! sum of (a - b)^2, each rounded to a 32-bit float
//! ```
//!
//! One pass over the rows: in integers if that gives the same, and otherwise in 64-bit floats,
//! whose sums over a row are exact in any order.

use fearless_simd::Simd;

use crate::feature::psnr;
use crate::simd::blocks::columns;
use crate::simd::{Kernel, Level};
use crate::{Plane, Sample};

/// The greatest bit depth at which a 32-bit float holds the square of every difference exactly.
const EXACT: u8 = 12;

/// Partial sums of a row.
const LANES: usize = 16;

/// The sum that the definition in `reference.rs` gives, of samples below 2^`depth`.
pub(super) fn squared_error<T: Sample>(level: Level, a: &Plane<T>, b: &Plane<T>, depth: u8) -> u64 {
    if depth <= EXACT {
        psnr::squared_error(level, a, b, depth)
    } else {
        level.run(RoundedError { a, b })
    }
}

struct RoundedError<'a, T> {
    a: &'a Plane<T>,
    b: &'a Plane<T>,
}

impl<T: Sample> Kernel for RoundedError<'_, T> {
    type Output = u64;

    #[inline(always)]
    fn run<S: Simd>(self, _simd: S) -> u64 {
        let mut sum = 0;
        for y in 0..self.a.height() {
            sum += row_error(self.a.row(y), self.b.row(y)) as u64;
        }
        sum
    }
}

/// The sum of a row: a whole number below 2^47.
#[inline(always)]
fn row_error<T: Sample>(a: &[T], b: &[T]) -> f64 {
    let whole = a.len() - a.len() % LANES;
    let mut sums = [0.0_f64; LANES];
    for x in (0..whole).step_by(LANES) {
        let (a, b) = (columns::<_, LANES>(a, x), columns::<_, LANES>(b, x));
        for i in 0..LANES {
            sums[i] += square(a[i], b[i]);
        }
    }
    let mut sum = 0.0;
    for partial in sums {
        sum += partial;
    }
    for x in whole..a.len() {
        sum += square(a[x], b[x]);
    }
    sum
}

#[inline(always)]
fn square<T: Sample>(a: T, b: T) -> f64 {
    let (a, b): (i32, i32) = (a.into(), b.into());
    let difference = (a - b) as f32;
    f64::from(difference * difference)
}

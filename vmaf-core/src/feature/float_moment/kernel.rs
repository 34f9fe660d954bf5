//! The sums of samples and of squares, fast.
//!
//! ```text
//! sum = sum of s,  squares = sum of s^2 rounded to a 32-bit float
//! ```
//!
//! One pass over the rows: in integers if that gives the same, and otherwise in 64-bit floats,
//! whose sums over a row are exact in any order.

use fearless_simd::Simd;

use crate::simd::blocks::columns;
use crate::simd::squares;
use crate::simd::{Kernel, Level};
use crate::{Plane, Sample};

/// The greatest bit depth at which a 32-bit float holds the square of every sample exactly.
const EXACT: u8 = 12;

/// Partial sums of a row.
const LANES: usize = 16;

/// Sums over a plane, in steps of a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moments {
    /// The sum of samples.
    pub(super) sum: u64,
    /// The sum of squares.
    pub(super) squares: u64,
}

/// The sums that the definition in `reference.rs` gives, of samples below 2^`depth`.
pub(super) fn moments<T: Sample>(level: Level, plane: &Plane<T>, depth: u8) -> Moments {
    level.run(Sums { plane, depth })
}

struct Sums<'a, T> {
    plane: &'a Plane<T>,
    depth: u8,
}

impl<T: Sample> Kernel for Sums<'_, T> {
    type Output = Moments;

    #[inline(always)]
    fn run<S: Simd>(self, _simd: S) -> Moments {
        let mut moments = Moments { sum: 0, squares: 0 };
        for y in 0..self.plane.height() {
            let row = self.plane.row(y);
            let (sum, squares) =
                if self.depth <= EXACT { squares::moments(row, self.depth) } else { rounded(row) };
            moments.sum += sum;
            moments.squares += squares;
        }
        moments
    }
}

/// The sums of a row, with squares rounded: whole numbers, the greater one below 2^47.
#[inline(always)]
fn rounded<T: Sample>(row: &[T]) -> (u64, u64) {
    let whole = row.len() - row.len() % LANES;
    let mut partial = [0_u32; LANES];
    let mut partial_squares = [0.0_f64; LANES];
    for x in (0..whole).step_by(LANES) {
        let samples = columns::<_, LANES>(row, x);
        for i in 0..LANES {
            // 2^16 samples of 16 bits fit.
            let sample: i32 = samples[i].into();
            partial[i] = partial[i].wrapping_add(sample as u32);
            partial_squares[i] += square(sample);
        }
    }
    let (mut sum, mut squares) = (0_u64, 0.0);
    for i in 0..LANES {
        sum += u64::from(partial[i]);
        squares += partial_squares[i];
    }
    for sample in &row[whole..] {
        let sample: i32 = (*sample).into();
        sum += sample as u64;
        squares += square(sample);
    }
    (sum, squares as u64)
}

#[inline(always)]
fn square(sample: i32) -> f64 {
    let value = sample as f32;
    f64::from(value * value)
}

//! Exact sums over a row of samples: squared differences of two rows, samples and their squares.
//!
//! Squares of samples of up to 12 bits are summed in 32 bits for as many samples as fit, which uses
//! twice as many lanes as sums in 64 bits.

use crate::Sample;

/// The greatest bit depth at which squares are summed in 32 bits.
const NARROW: u8 = 12;

/// The number of squares of values below 2^`depth` whose sum fits in 32 bits.
#[inline(always)]
const fn run_length(depth: u8) -> usize {
    1 << (32 - 2 * depth as u32)
}

/// The sum of squared differences of two rows of equal length, with samples below 2^`depth`.
#[inline(always)]
pub(crate) fn squared_error<T: Sample>(a: &[T], b: &[T], depth: u8) -> u64 {
    let length = a.len();
    let b = &b[..length];
    let mut sum = 0_u64;
    if depth > NARROW {
        for x in 0..length {
            let (a, b): (i32, i32) = (a[x].into(), b[x].into());
            let error = (a - b).unsigned_abs();
            sum += u64::from(error * error);
        }
        return sum;
    }
    let mut start = 0;
    while start < length {
        let end = length.min(start + run_length(depth));
        let (a, b) = (&a[start..end], &b[start..end]);
        let mut partial = 0_u32;
        for x in 0..a.len() {
            let (a, b): (i32, i32) = (a[x].into(), b[x].into());
            let error = i32::from((a - b) as i16);
            partial = partial.wrapping_add((error * error) as u32);
        }
        sum += u64::from(partial);
        start = end;
    }
    sum
}

/// The sum of a row's samples and the sum of their squares; samples are below 2^`depth`.
#[inline(always)]
pub(crate) fn moments<T: Sample>(row: &[T], depth: u8) -> (u64, u64) {
    let (mut sum, mut squares) = (0_u64, 0_u64);
    let run = if depth > NARROW { 1 << 16 } else { run_length(depth) };
    let mut start = 0;
    while start < row.len() {
        let part = &row[start..row.len().min(start + run)];
        let mut partial = 0_u32;
        for sample in part {
            let sample: i32 = (*sample).into();
            partial = partial.wrapping_add(sample as u32);
        }
        sum += u64::from(partial);
        if depth > NARROW {
            for sample in part {
                let sample: u64 = (*sample).into();
                squares += sample * sample;
            }
        } else {
            let mut partial = 0_u32;
            for sample in part {
                let sample: i32 = (*sample).into();
                let sample = i32::from(sample as i16);
                partial = partial.wrapping_add((sample * sample) as u32);
            }
            squares += u64::from(partial);
        }
        start += run;
    }
    (sum, squares)
}

#[cfg(test)]
mod tests {
    use fearless_simd::Simd;

    use super::*;
    use crate::feature::testing::{PATTERNS, for_each_geometry, plane};
    use crate::simd::{Kernel, Level};

    struct Row<'a, T>(&'a [T], &'a [T], u8);

    impl<T: Sample> Kernel for Row<'_, T> {
        type Output = (u64, u64, u64);

        #[inline(always)]
        fn run<S: Simd>(self, _simd: S) -> Self::Output {
            let (sum, squares) = moments(self.0, self.2);
            (squared_error(self.0, self.1, self.2), sum, squares)
        }
    }

    fn check<T: Sample>(a: &[T], b: &[T], depth: u8) {
        let value = |sample: &T| -> i64 { i64::from(Into::<i32>::into(*sample)) };
        let error = a.iter().zip(b).map(|(a, b)| (value(a) - value(b)).pow(2)).sum::<i64>();
        let sum = a.iter().map(value).sum::<i64>();
        let squares = a.iter().map(|a| value(a).pow(2)).sum::<i64>();
        let expected = (error as u64, sum as u64, squares as u64);
        for level in Level::available() {
            assert_eq!(level.run(Row(a, b, depth)), expected, "{} {depth}", level.name());
        }
    }

    #[test]
    fn sums_are_exact() {
        for_each_geometry(1, |width, _, depth, _| {
            for (a, b) in PATTERNS.iter().zip(PATTERNS.iter().skip(1)) {
                if depth == 8 {
                    let [a, b] = [a, b].map(|p| plane::<u8>(*p, width, 1, depth, 0));
                    check(a.row(0), b.row(0), depth);
                } else {
                    let [a, b] = [a, b].map(|p| plane::<u16>(*p, width, 1, depth, 0));
                    check(a.row(0), b.row(0), depth);
                }
            }
        });
    }

    #[test]
    fn long_rows_do_not_overflow() {
        for length in [32_767, 32_768] {
            check(&vec![255_u8; length], &vec![0; length], 8);
            for depth in 9..=16 {
                let max = u16::MAX >> (16 - depth);
                check(&vec![max; length], &vec![0; length], depth);
            }
        }
    }
}

//! Sums of floating-point numbers in a defined order, computed in parallel.
//!
//! libvmaf adds millions of numbers per frame one by one in single precision, and each addition
//! rounds, so the order affects the sum. However, such a sum of positive numbers behaves almost
//! like a sum of integers. While the total stays between two powers of two, its step size is
//! constant, and adding a number adds that number *rounded to a whole number of steps*, whatever
//! the total is. Rounded numbers add up exactly, in any order. There is one exception: a number
//! halfway between two multiples of the step rounds to the even *total*. If such a number occurs,
//! or the total might reach the next power of two, the numbers are added one by one.

use fearless_simd::prelude::*;

/// The result of adding each value in `vectors` to `total` in single precision, if *any* order
/// gives the same one; `None` if orders may differ.
///
/// `total` and the values must be positive or 0.
#[inline(always)]
pub(crate) fn add_in_any_order<S: Simd>(simd: S, total: f32, vectors: &[S::f32s]) -> Option<f32> {
    // The power of two at or below the total, and half of the total's step.
    let power = f32::from_bits(total.to_bits() & 0x7f80_0000);
    let half_step = power * (0.5 * f32::EPSILON);
    if !(1e-20..1e30).contains(&power) {
        return None;
    }
    // Adding and subtracting this number rounds to whole steps.
    let rounder = S::f32s::simd_from(simd, 1.5 * power);
    let zero = S::f32s::simd_from(simd, 0.0);
    let (mut sums, mut worst) = ([zero; 4], [zero; 4]);
    for four in vectors.chunks_exact(4) {
        for k in 0..4 {
            let rounded = (four[k] + rounder) - rounder;
            sums[k] += rounded;
            worst[k] = worst[k].max((four[k] - rounded).abs());
        }
    }
    for value in vectors.chunks_exact(4).remainder() {
        let rounded = (*value + rounder) - rounder;
        sums[0] += rounded;
        worst[0] = worst[0].max((*value - rounded).abs());
    }
    let sums = (sums[0] + sums[1]) + (sums[2] + sums[3]);
    let worst = worst[0].max(worst[1]).max(worst[2].max(worst[3]));
    let (mut sum, mut farthest) = (0.0_f32, 0.0_f32);
    for (value, distance) in sums.as_slice().iter().zip(worst.as_slice()) {
        sum += value;
        farthest = if *distance > farthest { *distance } else { farthest };
    }
    // A number too large to be rounded this way also makes the sum large.
    let new = total + sum;
    (farthest < half_step && sum < 0.25 * power && new < 2.0 * power).then_some(new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feature::testing::noise;
    use crate::simd::{Kernel, Level};

    /// Computes the total after each chunk, and the number of chunks that were added in parallel.
    struct Chunks<'a>(&'a [f32], usize);

    impl Kernel for Chunks<'_> {
        type Output = (Vec<f32>, usize);

        fn run<S: Simd>(self, simd: S) -> (Vec<f32>, usize) {
            let (mut total, mut totals, mut at_once) = (0.0, Vec::new(), 0);
            for chunk in self.0.chunks_exact(self.1) {
                let lanes = S::f32s::LEN;
                let vectors: Vec<_> =
                    chunk.chunks_exact(lanes).map(|v| S::f32s::from_slice(simd, v)).collect();
                let sum = add_in_any_order(simd, total, &vectors);
                at_once += usize::from(sum.is_some());
                total = sum.unwrap_or_else(|| chunk.iter().fold(total, |sum, v| sum + v));
                totals.push(total);
            }
            (totals, at_once)
        }
    }

    fn one_by_one(values: &[f32], chunk: usize) -> Vec<f32> {
        let mut total = 0.0;
        let chunks = values.chunks_exact(chunk);
        chunks
            .map(|chunk| {
                chunk
                    .iter()
                    .fold(&mut total, |sum, v| {
                        *sum += v;
                        sum
                    })
                    .to_owned()
            })
            .collect()
    }

    #[test]
    fn sums_equal_those_taken_one_by_one() {
        let random = |i: usize, bits: u32| f64::from(noise(7, i, 3) >> (32 - bits));
        type Value = Box<dyn Fn(usize) -> f32>;
        let contents: [(&str, Value); 7] = [
            ("zeros", Box::new(|_| 0.0)),
            ("even", Box::new(move |i| random(i, 32) as f32)),
            ("squares", Box::new(move |i| (random(i, 24).powi(2) / 1e9) as f32)),
            (
                "mostly zeros",
                Box::new(move |i| if i % 7 == 0 { random(i, 30) as f32 } else { 0.0 }),
            ),
            ("whole", Box::new(move |i| random(i, 4) as f32)),
            (
                "halves",
                Box::new(move |i| random(i, 3) as f32 / 2.0 + 8_388_608.0 * f32::from(i < 9)),
            ),
            ("jumps", Box::new(move |i| 10_f64.powf(random(i, 5) - 16.0) as f32)),
        ];
        for (name, value) in contents {
            let values: Vec<f32> = (0..64 * 4000).map(value).collect();
            for chunk in [64, 256] {
                let expected = one_by_one(&values, chunk);
                for level in Level::available() {
                    let (found, at_once) = level.run(Chunks(&values, chunk));
                    assert_eq!(found, expected, "{name}, {}", level.name());
                    println!("{name}: {at_once} of {}", found.len());
                    if name == "squares" {
                        assert!(at_once > found.len() / 2, "{name}: only {at_once} at once");
                    }
                }
            }
        }
    }
}

//! The mean of the pixels with the most banding.
//!
//! The sum is exact, so that the order of summation does not matter: contrasts are at least a half,
//! the contrast of one pixel with one other, which makes all of them multiples of 2^-24.

use fearless_simd::Simd;

use crate::simd::Kernel;

/// Values that are summed before the sum is made an integer: below 2^29, sums of multiples of
/// 2^-24 are exact in double precision.
const CHUNK: usize = 1024;

/// Sums that run beside each other.
const LANES: usize = 16;

/// The number of bins that values are sorted into, by their exponent and the first bits after it,
/// and the bits of the least value.
const BINS: usize = 8192;
const BIN_SHIFT: u32 = 15;
const LEAST: f32 = 0.5;

/// Tables of bins.
const TURNS: usize = 4;

/// The bin of a value, the first for 0 alone.
#[inline(always)]
fn bin_of(value: f32) -> usize {
    let above = value.to_bits().saturating_sub(LEAST.to_bits() - (1 << BIN_SHIFT));
    (above >> BIN_SHIFT) as usize % BINS
}

/// The number of values above 0.
#[inline(always)]
fn positive(values: &[f32]) -> usize {
    let mut total = 0;
    for chunk in values.chunks(CHUNK) {
        let mut count = 0_u32;
        for &value in chunk {
            count += u32::from(value > 0.0);
        }
        total += count as usize;
    }
    total
}

/// The number of pixels that are pooled.
fn pooled(pixels: usize, share: f64) -> usize {
    ((share * pixels as f64) as usize).clamp(1, pixels)
}

/// The mean of the greatest `share` of a picture's `pixels`; `values` holds all values that are not
/// 0.
pub(in crate::feature::cambi) struct MeanOfTop<'a> {
    pub(in crate::feature::cambi) values: &'a [f32],
    pub(in crate::feature::cambi) pixels: usize,
    pub(in crate::feature::cambi) share: f64,
    /// Memory.
    pub(in crate::feature::cambi) bin: &'a mut Vec<f32>,
}

impl Kernel for MeanOfTop<'_> {
    type Output = f64;

    #[inline(always)]
    fn run<S: Simd>(self, _simd: S) -> f64 {
        let count = pooled(self.pixels, self.share);
        let total = match least_of_top(self.values, count, self.bin) {
            None => sum(self.values, LEAST),
            // The values above that value, and that value for the rest.
            Some((least, above)) => {
                let next = f32::from_bits(least.to_bits() + 1);
                sum(self.values, next) + whole(f64::from(least)) * (count - above) as u128
            }
        };
        total as f64 / f64::from(1 << 24) / count as f64
    }
}

/// A number in units of 2^-24.
fn whole(value: f64) -> u128 {
    (value * f64::from(1 << 24)) as u128
}

/// The sum of the values that are at least `least`, in units of 2^-24.
#[inline(always)]
fn sum(values: &[f32], least: f32) -> u128 {
    let mut total = 0;
    for chunk in values.chunks(CHUNK) {
        let mut sums = [0.0_f64; LANES];
        let (lanes, rest) = chunk.as_chunks::<LANES>();
        for values in lanes {
            for i in 0..LANES {
                let value = if values[i] >= least { values[i] } else { 0.0 };
                sums[i] += f64::from(value);
            }
        }
        for &value in rest {
            sums[0] += if value >= least { f64::from(value) } else { 0.0 };
        }
        let mut sum = 0.0;
        for lane in sums {
            sum += lane;
        }
        total += whole(sum);
    }
    total
}

/// The least of the `count` greatest values, and the number of values greater than it; none if no
/// more than `count` are above 0.
#[inline(always)]
fn least_of_top(values: &[f32], count: usize, bin: &mut Vec<f32>) -> Option<(f32, usize)> {
    if values.len() <= count {
        return None;
    }
    if positive(values) <= count {
        return None;
    }
    // Tables used alternately: equal values often follow each other, and each count waits for the
    // last.
    let mut bins = vec![[0_u32; TURNS]; BINS];
    let (groups, rest) = values.as_chunks::<TURNS>();
    for group in groups {
        for turn in 0..TURNS {
            bins[bin_of(group[turn])][turn] += 1;
        }
    }
    for &value in rest {
        bins[bin_of(value)][0] += 1;
    }
    let mut above = 0;
    let mut found = 0;
    for (index, counts) in bins.iter().enumerate().rev() {
        let here = counts.iter().sum::<u32>() as usize;
        if above + here >= count {
            found = index;
            break;
        }
        above += here;
    }
    bin.clear();
    bin.extend(values.iter().filter(|&&value| bin_of(value) == found));
    let place = count - above - 1;
    let (_, least, _) = bin.select_nth_unstable_by(place, |a, b| b.total_cmp(a));
    let least = *least;
    let greater = bin.iter().filter(|value| **value > least).count();
    Some((least, above + greater))
}

/// The mean of the greatest `share` of the contrasts, each of which counts as many times as its
/// weight says; none if all weights are 0. With weights of 1 it equals [`MeanOfTop`].
pub(in crate::feature::cambi) fn weighted_mean_of_top(
    contrasts: &[f32],
    weights: &[f32],
    share: f64,
) -> Option<f64> {
    let all: f64 = weights.iter().map(|weight| f64::from(*weight)).sum();
    // Most pixels have no contrast, and add nothing.
    let weighted = contrasts.iter().zip(weights);
    let weighted = weighted.filter(|(contrast, weight)| **contrast > 0.0 && **weight > 0.0);
    let mut sorted: Vec<(f32, f64)> =
        weighted.map(|(contrast, weight)| (*contrast, f64::from(*weight))).collect();
    sorted.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
    // In whole pixels, as without weights.
    let count = (share * all).floor().max(1.0).min(all);
    let (mut total, mut left) = (0, count);
    for (contrast, weight) in sorted {
        let weight = weight.min(left);
        total += whole(f64::from(contrast) * weight);
        left -= weight;
        if left <= 0.0 {
            break;
        }
    }
    (count > 0.0).then(|| total as f64 / f64::from(1 << 24) / count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feature::testing::noise;
    use crate::simd::Level;

    fn mean(values: &[f32], pixels: usize, share: f64) -> f64 {
        let means: Vec<f64> = Level::available()
            .into_iter()
            .map(|level| level.run(MeanOfTop { values, pixels, share, bin: &mut Vec::new() }))
            .collect();
        assert!(means.windows(2).all(|pair| pair[0] == pair[1]));
        means[0]
    }

    #[test]
    fn missing_values_count_as_zeros() {
        assert_eq!(mean(&[], 10, 0.6), 0.0);
        assert_eq!(mean(&[3.0, 0.0, 1.5], 10, 0.6), 0.75);
        assert_eq!(mean(&[3.0], 1, 0.0001), 3.0);
    }

    #[test]
    fn weights_count_pixels() {
        let contrasts = [3.0, 0.5, 7.0, 0.0, 1.5];
        let of = |weights: [f32; 5], share| weighted_mean_of_top(&contrasts, &weights, share);
        assert_eq!(of([1.0; 5], 0.6), Some((7.0 + 3.0 + 1.5) / 3.0));
        assert_eq!(of([0.0; 5], 0.6), None);
        // Of two and a half pixels two are pooled: 7 whole, 3 half, and half of 1.5.
        assert_eq!(of([0.5, 0.0, 1.0, 0.0, 1.0], 0.8), Some((7.0 + 1.5 + 0.75) / 2.0));
        // Less than a pixel is pooled as it is.
        assert_eq!(of([0.25, 0.0, 0.25, 0.0, 0.0], 0.1), Some(5.0));
    }

    #[test]
    fn the_mean_equals_that_of_sorted_values() {
        for (spread, pixels) in [(1, 40), (7, 500), (50_000, 3000), (400, 9000)] {
            let value = |i: usize| {
                let value = noise(7, i, 1) % spread;
                if noise(8, i, 2).is_multiple_of(4) { 0.0 } else { 0.5 + value as f32 / 3.0 }
            };
            let values: Vec<f32> = (0..pixels).map(value).collect();
            let mut sorted = values.clone();
            sorted.sort_by(|a, b| b.total_cmp(a));
            for share in [0.0001, 0.01, 0.3, 0.6, 0.74, 0.76, 1.0] {
                let count = pooled(pixels, share);
                let sum: f64 = sorted[..count].iter().map(|value| f64::from(*value)).sum();
                assert_eq!(mean(&values, pixels, share), sum / count as f64, "{spread} {share}");
                let weighted = weighted_mean_of_top(&values, &vec![1.0; pixels], share);
                assert_eq!(weighted, Some(sum / count as f64), "{spread} {share}");
            }
        }
    }
}

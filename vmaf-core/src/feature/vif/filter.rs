//! The Gaussian windows of the four scales, in units of 2^-16.

use crate::simd::pairs::Taps;

/// The windows, finest scale first; each sums to 2^16.
pub(super) const FILTERS: [&[u16]; 4] = [
    &[
        489, 935, 1640, 2640, 3896, 5274, 6547, 7455, 7784, 7455, 6547, 5274, 3896, 2640, 1640,
        935, 489,
    ],
    &[1244, 3663, 7925, 12590, 14692, 12590, 7925, 3663, 1244],
    &[3571, 16004, 26386, 16004, 3571],
    &[10904, 43728, 10904],
];

/// The distance that windows reach to either side, in rows and columns that are processed in pairs:
/// half of the window, rounded up to an even number.
pub(super) const REACH: [usize; 4] = [8, 4, 2, 2];

/// The right shifts that bring weights below 2^15, the bound of signed words.
pub(super) const WEIGHT_SHIFT: [u32; 4] = [0, 0, 0, 1];

/// The shifted weight of the sample at `place`, counted from `REACH` before the centre: 0 outside
/// of the window.
const fn weight(scale: usize, place: isize) -> i16 {
    let filter = FILTERS[scale];
    let tap = place + (filter.len() / 2) as isize - REACH[scale] as isize;
    if tap < 0 || tap >= filter.len() as isize {
        return 0;
    }
    let weight = filter[tap as usize];
    assert!(weight.trailing_zeros() >= WEIGHT_SHIFT[scale]);
    let weight = weight >> WEIGHT_SHIFT[scale];
    assert!(weight <= i16::MAX as u16);
    weight as i16
}

/// The weights of pairs of samples, two words each, in `WINDOWS` windows of `scale`: the first
/// begins `skip` samples after the first pair, others each `step` samples after the one before.
pub(super) const fn pair_weights<const WINDOWS: usize, const PAIRS: usize>(
    scale: usize,
    skip: usize,
    step: usize,
) -> [[Taps; WINDOWS]; PAIRS] {
    let mut weights = [[Taps::new(0, 0); WINDOWS]; PAIRS];
    let mut pair = 0;
    while pair < PAIRS {
        let mut window = 0;
        while window < WINDOWS {
            let place = 2 * pair as isize - (skip + window * step) as isize;
            weights[pair][window] = Taps::new(weight(scale, place), weight(scale, place + 1));
            window += 1;
        }
        pair += 1;
    }
    weights
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_symmetric_and_sum_to_one() {
        for window in FILTERS {
            assert_eq!(window.iter().map(|&tap| u32::from(tap)).sum::<u32>(), 1 << 16);
            assert!(window.iter().eq(window.iter().rev()));
        }
    }

    #[test]
    fn pairs_have_all_weights_once() {
        for scale in 0..4 {
            let weights = pair_weights::<2, 11>(scale, 3, 1);
            for window in 0..2 {
                let pairs = weights.iter().map(|weights| weights[window]);
                let samples: Vec<u32> =
                    pairs.flat_map(Taps::weights).map(|weight| weight as u32).collect();
                let first = 3 + window + REACH[scale] - FILTERS[scale].len() / 2;
                let (before, rest) = samples.split_at(first);
                let (inside, after) = rest.split_at(FILTERS[scale].len());
                assert!(before.iter().chain(after).all(|weight| *weight == 0));
                let shifted = |weight: &u16| u32::from(*weight) >> WEIGHT_SHIFT[scale];
                assert!(inside.iter().copied().eq(FILTERS[scale].iter().map(shifted)));
                assert!(inside.iter().all(|weight| *weight < 1 << 15));
            }
        }
    }
}

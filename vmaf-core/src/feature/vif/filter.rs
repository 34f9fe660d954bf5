//! The Gaussian windows of the four scales, in units of 2^-16.

/// The windows, finest scale first; each sums to 2^16.
pub(super) const FILTERS: [[u16; 17]; 4] = [
    [
        489, 935, 1640, 2640, 3896, 5274, 6547, 7455, 7784, 7455, 6547, 5274, 3896, 2640, 1640,
        935, 489,
    ],
    [1244, 3663, 7925, 12590, 14692, 12590, 7925, 3663, 1244, 0, 0, 0, 0, 0, 0, 0, 0],
    [3571, 16004, 26386, 16004, 3571, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    [10904, 43728, 10904, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
];

/// How many taps each window has.
pub(super) const TAPS: [usize; 4] = [17, 9, 5, 3];

/// The window of `scale`, without the zeros behind it.
#[cfg(test)]
pub(super) fn taps(scale: usize) -> &'static [u16] {
    &FILTERS[scale][..TAPS[scale]]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_symmetric_and_sum_to_one() {
        for scale in 0..4 {
            let window = taps(scale);
            assert_eq!(window.iter().map(|&tap| u32::from(tap)).sum::<u32>(), 1 << 16);
            assert!(window.iter().eq(window.iter().rev()));
        }
    }
}

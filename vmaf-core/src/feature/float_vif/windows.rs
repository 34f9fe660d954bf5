//! The Gaussian windows of the four scales, in single precision.

use std::f64::consts::PI;

/// The number of scales.
pub(super) const SCALES: usize = 4;

/// The most taps a window has.
pub(super) const MOST_TAPS: usize = 65;

/// The factors on the windows' widths that libvmaf allows.
pub(super) const KERNEL_SCALES: [f32; 21] = [
    1.0,
    1.0 / 2.0,
    3.0 / 2.0,
    2.0,
    2.0 / 3.0,
    24.0 / 10.0,
    360.0 / 97.0,
    4.0 / 3.0,
    3.5 / 3.0,
    3.75 / 3.0,
    4.25 / 3.0,
    5.0 / 3.0,
    3.0,
    1.0 / 2.25,
    1.4746,
    1.54,
    1.6,
    1.06667,
    0.711_111,
    0.740_74,
    1.111_111,
];

/// Returns true if windows may be wider by this factor: it must be within a thousandth of one
/// allowed.
pub(super) fn allowed(kernel_scale: f32) -> bool {
    KERNEL_SCALES.iter().any(|other| f64::from((kernel_scale - other).abs()) < 1e-3)
}

/// The number of taps of the window of `scale`: 17, 9, 5 and 3 times the factor, made odd.
pub(super) fn taps(scale: usize, kernel_scale: f32) -> usize {
    let plain = (1_u16 << (SCALES - scale)) + 1;
    let ceiling = (f32::from(plain) * kernel_scale).ceil() as usize;
    (ceiling | 1).max(3)
}

/// The window of `scale`: a Gaussian of a fifth of its width, which sums to 1.
pub(super) fn window(scale: usize, kernel_scale: f32) -> Vec<f32> {
    let taps = taps(scale, kernel_scale);
    let deviation = f64::from(taps as f32 / 5.0);
    let weight = |tap: usize| {
        let x = tap as f64 - (taps / 2) as f64;
        let exponential = libm::exp(-0.5 * x / deviation * x / deviation) as f32;
        exponential / (1.0 / (deviation * (2.0 * PI).sqrt())) as f32
    };
    let weights: Vec<f32> = (0..taps).map(weight).collect();
    let sum = weights.iter().fold(0.0, |sum: f32, weight| sum + weight);
    weights.iter().map(|weight| weight / sum).collect()
}

/// The windows of all scales.
pub(super) fn windows(kernel_scale: f32) -> [Vec<f32>; SCALES] {
    std::array::from_fn(|scale| window(scale, kernel_scale))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn default_windows_have_17_9_5_and_3_taps() {
        for scale in 0..SCALES {
            let window = window(scale, 1.0);
            assert_eq!(window.len(), [17, 9, 5, 3][scale]);
            assert!((window.iter().sum::<f32>() - 1.0).abs() < 1e-6);
            assert!(window.iter().eq(window.iter().rev()));
        }
        // The middle of the widest window, in units of 2^-16.
        assert_eq!((window(0, 1.0)[8] * 65536.0).round(), 7784.0);
    }

    #[test]
    fn factors_widen_windows() {
        let lengths = |factor: f32| [0, 1, 2, 3].map(|scale| window(scale, factor).len());
        assert_eq!(lengths(0.5), [9, 5, 3, 3]);
        assert_eq!(lengths(2.0), [35, 19, 11, 7]);
        assert_eq!(lengths(360.0 / 97.0), [65, 35, 19, 13]);
        assert!(KERNEL_SCALES.iter().all(|&factor| taps(0, factor) <= MOST_TAPS));
        assert!(allowed(2.400_9) && !allowed(2.402) && !allowed(4.0));
    }
}

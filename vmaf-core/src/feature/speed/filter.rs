//! The two Gaussian windows, in single precision, as libvmaf rounds them.

/// The window that pictures are blurred with before every 16th pixel is kept.
pub(super) fn antialias(kernel_scale: f32) -> Vec<f32> {
    let size = size(9, kernel_scale);
    // The blur of four halvings at once has twice the width of that of one.
    gaussian(size, (2.0 * size as f64 / 5.0) as f32)
}

/// The window over which a local mean is taken in the small picture.
pub(super) fn local_mean(kernel_scale: f32) -> Vec<f32> {
    let size = size(2, kernel_scale);
    gaussian(size, size as f32 / 5.0)
}

/// The number of taps of a window of `taps` once scaled: the next odd number, at least 3.
fn size(taps: u8, kernel_scale: f32) -> usize {
    let scaled = (f32::from(taps) * kernel_scale).ceil() as usize;
    (scaled | 1).max(3)
}

/// A Gaussian of `size` taps that sum to about 1. Each value is computed in double precision and
/// rounded; the sum is taken in single precision, in order.
fn gaussian(size: usize, deviation: f32) -> Vec<f32> {
    let wide = f64::from(deviation);
    let density = |i: usize| {
        let x = i as f64 - (size / 2) as f64;
        let height = libm::exp(-0.5 * x / wide * x / wide) as f32;
        height / (1.0 / (wide * (2.0 * std::f64::consts::PI).sqrt())) as f32
    };
    let densities: Vec<f32> = (0..size).map(density).collect();
    let mut sum = 0.0;
    for density in &densities {
        sum += density;
    }
    densities.iter().map(|density| density / sum).collect()
}

#[cfg(test)]
mod tests {
    use super::super::settings::KERNEL_SCALES;
    use super::*;

    #[test]
    fn windows_are_symmetric_and_sum_to_one() {
        for scale in KERNEL_SCALES {
            for window in [antialias(scale), local_mean(scale)] {
                assert!(window.len() % 2 == 1 && window.len() >= 3, "{scale}");
                assert!(window.iter().eq(window.iter().rev()), "{scale}");
                assert!((window.iter().sum::<f32>() - 1.0).abs() < 1e-6, "{scale}");
                assert!(window.windows(2).take(window.len() / 2).all(|pair| pair[0] < pair[1]));
            }
        }
    }

    #[test]
    fn sizes_follow_the_kernel_scale() {
        let sizes = |scale| (antialias(scale).len(), local_mean(scale).len());
        assert_eq!(sizes(1.0), (9, 3));
        assert_eq!(sizes(0.5), (5, 3));
        assert_eq!(sizes(360.0 / 97.0), (35, 9));
    }
}

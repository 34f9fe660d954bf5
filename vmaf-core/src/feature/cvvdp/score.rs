//! Pooling of differences over bands, channels and frames, and the scale of quality.

use super::CHANNELS;
use super::parameters::PARAMETERS;

/// Keeps powers of small numbers smooth.
pub(super) const EPSILON: f64 = 1e-5;

/// The power of a number of at least 0, which is 0 for 0.
fn smooth_pow(x: f64, power: f64) -> f64 {
    libm::pow(x + EPSILON, power) - libm::pow(EPSILON, power)
}

/// The sum of powers, and its root.
fn norm(values: impl Iterator<Item = f64>, power: f64, count: usize) -> f64 {
    let sum: f64 = values.map(|value| smooth_pow(value, power)).sum();
    smooth_pow(sum / count as f64, 1.0 / power)
}

/// The difference of a band: the norm over its pixels, of which `sum` is the sum of powers.
pub(super) fn of_band(sum: f64, pixels: usize) -> f64 {
    smooth_pow(sum / pixels as f64, 1.0 / PARAMETERS.beta)
}

/// The difference of a frame, from those of its bands in each channel, the finest band first.
pub(super) fn of_frame(channels: &[Vec<f64>]) -> f64 {
    let parameters = &*PARAMETERS;
    let of_channel = |(channel, bands): (usize, &Vec<f64>)| {
        let weighted = bands.iter().enumerate().map(|(band, difference)| {
            let is_last = band + 1 == bands.len();
            let weight = if is_last { parameters.baseband_weight[channel] } else { 1.0 };
            difference * parameters.weights[channel] * weight
        });
        norm(weighted, parameters.beta_sch, 1)
    };
    norm(
        channels[..CHANNELS.min(channels.len())].iter().enumerate().map(of_channel),
        parameters.beta_tch,
        1,
    )
}

/// The quality of a video in JOD, from the differences of its frames.
pub(super) fn of_video(frames: &[f64]) -> f64 {
    jod(norm(frames.iter().copied(), PARAMETERS.beta_t, frames.len()))
}

/// The quality of a still in JOD, from its difference.
pub(super) fn of_still(difference: f64) -> f64 {
    jod(difference * PARAMETERS.image_int)
}

/// The quality in JOD for a difference. Below 0.1 the scale is linear.
pub(super) fn jod(difference: f64) -> f64 {
    const LINEAR: f64 = 0.1;
    let (factor, power) = (PARAMETERS.jod_a, PARAMETERS.jod_exp);
    if difference <= LINEAR {
        10.0 - factor * libm::pow(LINEAR, power - 1.0) * difference
    } else {
        10.0 - factor * libm::pow(difference, power)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_difference_is_10_jod_and_the_scale_is_continuous() {
        assert_eq!((of_still(0.0), of_video(&[0.0; 3])), (10.0, 10.0));
        assert!((jod(0.1) - jod(0.100_000_1)).abs() < 1e-6);
        assert!(jod(5.0) < jod(0.5));
    }

    #[test]
    fn a_frame_repeated_is_as_good_as_once() {
        let difference = of_frame(&[vec![0.4, 0.2], vec![0.1, 0.0], vec![0.0, 0.3]]);
        let (once, often) = (of_video(&[difference]), of_video(&[difference; 9]));
        assert!((once - often).abs() < 1e-12 && once < 10.0);
    }
}

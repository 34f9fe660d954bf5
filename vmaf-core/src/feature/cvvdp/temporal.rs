//! Temporal filters: the responses of the channels to the recent past.

use std::f64::consts::TAU;

use super::CHANNELS;
use super::parameters::PARAMETERS;

/// The duration of the filters, in seconds.
const DURATION: f64 = 0.25;

/// The temporal frequency that the transient channel responds to most, in hertz.
const TRANSIENT_PEAK: f64 = 5.0;

/// The number of frames that the filters cover at a frame rate.
pub(super) fn taps(frame_rate: f64) -> usize {
    (DURATION * frame_rate / 2.0).ceil() as usize * 2 + 1
}

/// The weights of the latest frames at a frame rate in each channel, which has a filter of its own:
/// the inverse Fourier transform of its response. They are symmetric.
pub(super) fn filters(frame_rate: f64) -> [Vec<f64>; CHANNELS] {
    let count = taps(frame_rate);
    let last = count / 2;
    let parameters = &*PARAMETERS;
    [0, 1, 2, 3].map(|channel| {
        let (sigma, beta) = (parameters.sigma_tf[channel], parameters.beta_tf[channel]);
        let response = |step: usize| {
            let frequency = step as f64 * (frame_rate / 2.0) / last as f64;
            let power = libm::pow(frequency, beta);
            if channel < 3 {
                libm::exp(-power / sigma)
            } else {
                let distance = power - libm::pow(TRANSIENT_PEAK, beta);
                libm::exp(-(distance * distance) / sigma)
            }
        };
        let responses: Vec<f64> = (0..=last).map(response).collect();
        let weight = |tap: usize| {
            let time = tap as f64 - last as f64;
            let wave = |step: usize| {
                2.0 * responses[step] * libm::cos(TAU * step as f64 * time / count as f64)
            };
            (responses[0] + (1..=last).map(wave).sum::<f64>()) / count as f64
        };
        (0..count).map(weight).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_symmetric_and_pass_what_they_should() {
        for (frame_rate, count) in [(24.0, 7), (25.0, 9), (30.0, 9), (50.0, 15), (60.0, 17)] {
            assert_eq!(taps(frame_rate), count);
            for (channel, filter) in filters(frame_rate).iter().enumerate() {
                let reversed: Vec<f64> = filter.iter().rev().copied().collect();
                for (a, b) in filter.iter().zip(&reversed) {
                    assert!((a - b).abs() < 1e-15);
                }
                let sum: f64 = filter.iter().sum();
                let is_sustained = channel < 3;
                // A still picture passes the sustained channels; of the transient one it leaves
                // little.
                assert!(if is_sustained { (sum - 1.0).abs() < 1e-12 } else { sum < 0.01 }, "{sum}");
            }
        }
    }
}

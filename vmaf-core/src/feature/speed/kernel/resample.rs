//! Prescaling: the samples that a scaled picture's pixels are made of, and their weights.
//!
//! All methods are sums over a square of samples whose weights are products of one for the column
//! and one for the row, so that each direction has a table. Positions and weights are in single
//! precision; outside of the picture it is mirrored without repeating the border.

use std::f64::consts::PI;

use super::super::settings::Method;

/// The most samples in a row of the square that makes a pixel.
pub(in crate::feature::speed) const MAX_TAPS: usize = 9;

/// The neighbouring samples that make one pixel, along one direction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::feature::speed) struct Samples {
    /// The first one; samples outside of the picture are mirrored.
    pub(in crate::feature::speed) first: isize,
    /// Their weights, as many as the method has taps.
    pub(in crate::feature::speed) weights: [f32; MAX_TAPS],
}

/// For each position along one direction: the samples that make it.
#[derive(Debug, Clone)]
pub(in crate::feature::speed) struct Axis {
    /// The number of samples that make one pixel.
    pub(in crate::feature::speed) taps: usize,
    /// The first of them.
    pub(in crate::feature::speed) first: Vec<isize>,
    /// Their weights: those of the first tap for all positions, then of the second, and so on.
    pub(in crate::feature::speed) weights: Vec<f32>,
}

impl Axis {
    /// The pixels `positions` of a row or column of `source` samples that is scaled to `scaled`.
    pub(in crate::feature::speed) fn new(
        method: Method,
        source: usize,
        scaled: usize,
        positions: &[usize],
    ) -> Self {
        let taps = method.taps();
        let ratio = source as f32 / scaled as f32;
        let samples = |&position: &usize| method.samples(position, ratio, source);
        let samples: Vec<Samples> = positions.iter().map(samples).collect();
        let of_tap = |tap: usize| samples.iter().map(move |samples| samples.weights[tap]);
        Self {
            taps,
            first: samples.iter().map(|samples| samples.first).collect(),
            weights: (0..taps).flat_map(of_tap).collect(),
        }
    }

    /// The number of positions.
    #[inline(always)]
    pub(in crate::feature::speed) fn len(&self) -> usize {
        self.first.len()
    }
}

impl Method {
    /// The number of samples in a row of the square that makes a pixel.
    pub(in crate::feature::speed) fn taps(self) -> usize {
        match self {
            Self::Nearest => 1,
            Self::Bilinear => 2,
            Self::Bicubic => 4,
            Self::Lanczos4 => MAX_TAPS,
        }
    }

    /// Returns true if the sum is divided by that of the weights.
    pub(in crate::feature::speed) fn is_normalized(self) -> bool {
        self == Self::Lanczos4
    }

    /// The samples that make pixel `position`, among `len` samples that are `ratio` times as many
    /// as the pixels.
    pub(in crate::feature::speed) fn samples(
        self,
        position: usize,
        ratio: f32,
        len: usize,
    ) -> Samples {
        // The pixel's centre, in samples.
        let centre = ((position as f64 + 0.5) * f64::from(ratio) - 0.5) as f32;
        let before = centre.floor() as isize;
        let distance = centre - before as f32;
        let mut weights = [0.0; MAX_TAPS];
        let first = match self {
            Self::Nearest => {
                weights[0] = 1.0;
                ((position as f32 * ratio) as usize).min(len - 1) as isize
            }
            Self::Bilinear => {
                // libvmaf takes the distance from where the mirrored sample is, which makes a
                // difference at the upper left border.
                let distance = centre - mirror(before, len) as f32;
                weights[..2].copy_from_slice(&[1.0 - distance, distance]);
                before
            }
            Self::Bicubic => {
                for (tap, weight) in weights[..4].iter_mut().enumerate() {
                    *weight = cubic((tap as f32 - 1.0) - distance);
                }
                before - 1
            }
            Self::Lanczos4 => {
                for (tap, weight) in weights.iter_mut().enumerate() {
                    *weight = lanczos4((tap as f32 - 4.0) - distance);
                }
                before - 4
            }
        };
        Samples { first, weights }
    }
}

/// `i`, mirrored at the ends of `0..len`.
pub(in crate::feature::speed) fn mirror(i: isize, len: usize) -> usize {
    crate::numeric::reflect(i, len)
}

/// The cubic convolution kernel with a slope of -3/4.
fn cubic(x: f32) -> f32 {
    const A: f32 = -0.75;
    let x = x.abs();
    if x < 1.0 {
        ((A + 2.0) * x - (A + 3.0)) * x * x + 1.0
    } else if x < 2.0 {
        (((x - 5.0) * x + 8.0) * x - 4.0) * A
    } else {
        0.0
    }
}

/// The Lanczos kernel with four lobes a side.
fn lanczos4(x: f32) -> f32 {
    if x == 0.0 {
        return 1.0;
    }
    if x <= -4.0 || x >= 4.0 {
        return 0.0;
    }
    let x = f64::from(x);
    (4.0 * libm::sin(PI * x) * libm::sin(PI * x / 4.0) / (PI * PI * x * x)) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    const METHODS: [Method; 4] =
        [Method::Nearest, Method::Bilinear, Method::Bicubic, Method::Lanczos4];

    #[test]
    fn half_the_size_is_halfway_between_samples() {
        let samples = |method: Method| {
            let Samples { first, weights } = method.samples(3, 2.0, 20);
            (first, weights[..method.taps()].to_vec())
        };
        assert_eq!(samples(Method::Nearest), (6, vec![1.0]));
        assert_eq!(samples(Method::Bilinear), (6, vec![0.5; 2]));
        assert_eq!(samples(Method::Bicubic), (5, vec![-0.09375, 0.59375, 0.59375, -0.09375]));
    }

    #[test]
    fn weights_sum_to_one_and_samples_are_near() {
        for method in METHODS {
            for scale in [0.1, 0.37, 0.5, 0.6, 1.3, 4.0] {
                let scaled = (200.0 * scale) as usize;
                for position in 0..scaled {
                    let samples = method.samples(position, 200.0 / scaled as f32, 200);
                    let last = samples.first + method.taps() as isize - 1;
                    assert!(samples.first >= -5 && last < 205, "{method:?} {scale} {position}");
                    let bound = if method == Method::Lanczos4 { 0.02 } else { 1e-5 };
                    let sum: f32 = samples.weights.iter().sum();
                    assert!((sum - 1.0).abs() < bound, "{method:?} {scale} {position}");
                }
            }
        }
    }

    #[test]
    fn scaling_by_one_is_no_scaling() {
        for method in METHODS {
            for position in 0..20 {
                let Samples { first, weights } = method.samples(position, 1.0, 20);
                for (tap, weight) in (0..).zip(weights) {
                    let expected = if first + tap == position as isize { 1.0 } else { 0.0 };
                    assert!((weight - expected).abs() < 1e-6, "{method:?}");
                }
            }
        }
    }
}

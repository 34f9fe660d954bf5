//! Prescaling: which samples a scaled picture's pixels are made of, and with what weights.
//!
//! All methods are sums over a square of samples whose weights are products of one for the column
//! and one for the row, so that each direction has a table. Positions and weights are in single
//! precision; what lies outside of the picture is mirrored without repeating the border.

use std::f64::consts::PI;

use super::settings::Method;

/// For each position along one direction: the source positions and weights that make it.
#[derive(Debug, Clone)]
pub(super) struct Axis {
    /// How many positions there are.
    pub(super) len: usize,
    /// How many samples make one.
    pub(super) taps: usize,
    /// Where they are: `len` values for the first tap, then for the second, and so on.
    pub(super) sources: Vec<usize>,
    /// Their weights, laid out the same way.
    pub(super) weights: Vec<f32>,
}

impl Axis {
    /// The pixels `positions` of a row or column of `source` samples that is scaled to `scaled`.
    pub(super) fn new(method: Method, source: usize, scaled: usize, positions: &[usize]) -> Self {
        let taps = method.taps();
        let len = positions.len();
        let (mut sources, mut weights) = (vec![0; taps * len], vec![0.0; taps * len]);
        let ratio = source as f32 / scaled as f32;
        for (i, &position) in positions.iter().enumerate() {
            for (tap, (at, weight)) in method.samples(position, ratio, source).enumerate() {
                sources[tap * len + i] = at;
                weights[tap * len + i] = weight;
            }
        }
        Self { len, taps, sources, weights }
    }
}

impl Method {
    /// How many samples there are in a row of the square that makes a pixel.
    fn taps(self) -> usize {
        match self {
            Self::Nearest => 1,
            Self::Bilinear => 2,
            Self::Bicubic => 4,
            Self::Lanczos4 => 9,
        }
    }

    /// Whether the sum is divided by that of the weights.
    pub(super) fn is_normalized(self) -> bool {
        self == Self::Lanczos4
    }

    /// The samples that make pixel `position`, with their weights, among `len` samples that are
    /// `ratio` times as many as the pixels.
    pub(super) fn samples(
        self,
        position: usize,
        ratio: f32,
        len: usize,
    ) -> impl Iterator<Item = (usize, f32)> {
        // The pixel's centre, in samples.
        let centre = ((position as f64 + 0.5) * f64::from(ratio) - 0.5) as f32;
        let first = centre.floor() as isize;
        (0..self.taps() as isize).map(move |tap| match self {
            Self::Nearest => (((position as f32 * ratio) as usize).min(len - 1), 1.0),
            Self::Bilinear => {
                let near = mirror(first, len);
                // At the upper left border this is not the distance from the sample to its left,
                // but from the mirrored one.
                let distance = centre - near as f32;
                let far = mirror(centre.ceil() as isize, len);
                if tap == 0 { (near, 1.0 - distance) } else { (far, distance) }
            }
            Self::Bicubic => {
                let offset = tap - 1;
                (mirror(first + offset, len), cubic(offset as f32 - (centre - first as f32)))
            }
            Self::Lanczos4 => {
                let offset = tap - 4;
                (mirror(first + offset, len), lanczos4(offset as f32 - (centre - first as f32)))
            }
        })
    }
}

/// `i`, mirrored at the ends of `0..len`.
fn mirror(i: isize, len: usize) -> usize {
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
        let samples: Vec<_> = Method::Bilinear.samples(3, 2.0, 20).collect();
        assert_eq!(samples, [(6, 0.5), (7, 0.5)]);
        let samples: Vec<_> = Method::Bicubic.samples(3, 2.0, 20).collect();
        assert_eq!(samples, [(5, -0.09375), (6, 0.59375), (7, 0.59375), (8, -0.09375)]);
        assert_eq!(Method::Nearest.samples(3, 2.0, 20).collect::<Vec<_>>(), [(6, 1.0)]);
    }

    #[test]
    fn weights_sum_to_one_and_sources_are_inside() {
        for method in METHODS {
            for scale in [0.1, 0.37, 0.5, 0.6, 1.3, 4.0] {
                let scaled = (200.0 * scale) as usize;
                let positions: Vec<usize> = (0..scaled).collect();
                let axis = Axis::new(method, 200, scaled, &positions);
                assert!(axis.sources.iter().all(|&source| source < 200), "{method:?} {scale}");
                for i in 0..scaled {
                    let weights = (0..axis.taps).map(|tap| axis.weights[tap * axis.len + i]);
                    let bound = if method == Method::Lanczos4 { 0.02 } else { 1e-5 };
                    assert!((weights.sum::<f32>() - 1.0).abs() < bound, "{method:?} {scale} {i}");
                }
            }
        }
    }

    #[test]
    fn scaling_by_one_is_no_scaling() {
        for method in METHODS {
            for position in 0..20 {
                let kept = method.samples(position, 1.0, 20).filter(|(_, weight)| *weight != 0.0);
                let kept: Vec<_> = kept.filter(|(_, weight)| weight.abs() > 1e-6).collect();
                assert_eq!(kept, [(position, 1.0)], "{method:?}");
            }
        }
    }
}

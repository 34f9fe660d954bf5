//! The sums of a scale, and the numerators and denominators that follow from them.

use super::csf::Weights;
use super::scale::Scale;
use crate::numeric::{ceil_log2, powf};

/// Sums over a region, of the horizontal, vertical and diagonal band.
pub(super) type Bands<T> = [T; 3];

/// The shifts of cubes and rows of cubes that make sums over a band of any size fit, and the
/// resulting position of the binary point.
#[derive(Debug, Clone, Copy)]
pub(super) struct CubeShifts {
    pub(super) square: Bands<u32>,
    pub(super) cube: Bands<u32>,
    pub(super) row: u32,
    point: Bands<i32>,
}

impl CubeShifts {
    /// For masked coefficients.
    pub(super) fn masked(scale: &Scale) -> Self {
        let (columns, row) = (ceil_log2(scale.width), ceil_log2(scale.height));
        let (square, cube, point) = if scale.index == 0 {
            let (straight, diagonal) = (columns.saturating_sub(4), columns.saturating_sub(3));
            ([29, 29, 30], [straight, straight, diagonal], [52, 52, 57])
        } else {
            ([30; 3], [columns; 3], [[45, 39, 36][scale.index - 1]; 3])
        };
        Self { square, cube, row, point }
    }

    /// For the reference's coefficients.
    pub(super) fn plain(scale: &Scale) -> Self {
        let region = scale.region();
        if scale.index == 0 {
            let row = ceil_log2(region.area()).saturating_sub(20);
            return Self { square: [0; 3], cube: [0; 3], row, point: [18; 3] };
        }
        let cube = ceil_log2(region.right - region.left);
        let row = ceil_log2(region.bottom - region.top);
        let (square, point) = ([31, 30, 31][scale.index - 1], [32, 27, 23][scale.index - 1]);
        Self { square: [square; 3], cube: [cube; 3], row, point: [point; 3] }
    }

    /// 2 to the power of the shift that remains for a band's sum.
    fn remaining(&self, band: usize) -> f64 {
        let left = self.point[band] - self.cube[band] as i32 - self.row as i32;
        2.0_f64.powi(left)
    }

    /// The value of one unit of a single cube of a band.
    pub(super) fn unit(&self, band: usize) -> f64 {
        2.0_f64.powi(self.cube[band] as i32 - self.point[band])
    }
}

/// The cubic norm of masked coefficients over all bands, from their sums.
pub(super) fn masked_norm(scale: &Scale, sums: Bands<i64>, noise_weight: f64) -> f32 {
    let shifts = CubeShifts::masked(scale);
    let sum = |band: usize| {
        if scale.index == 0 {
            (sums[band] as f64 / shifts.remaining(band)) as f32
        } else {
            sums[band] as f32 / shifts.remaining(band) as f32
        }
    };
    norm([0, 1, 2].map(sum), scale.region().area() as f64, noise_weight)
}

/// The cubic norm of the reference's coefficients over all bands, from their sums before weighting.
pub(super) fn plain_norm(
    scale: &Scale,
    sums: Bands<u64>,
    weights: &Weights,
    noise_weight: f64,
) -> f32 {
    let shifts = CubeShifts::plain(scale);
    let sum = |band: usize| {
        let weight = libm::pow(f64::from(weights.exact[band]), 3.0);
        (sums[band] as f64 / shifts.remaining(band) * weight) as f32
    };
    norm([0, 1, 2].map(sum), scale.region().area() as f64, noise_weight)
}

/// The cubic norm over all bands, from their sums over `area` places, each of which adds a noise.
pub(super) fn norm(sums: Bands<f32>, area: f64, noise_weight: f64) -> f32 {
    let norms = sums.map(|sum| powf(sum, 1.0 / 3.0));
    let noise = powf((area * noise_weight) as f32, 1.0 / 3.0);
    (norms[0] + noise) + (norms[1] + noise) + (norms[2] + noise)
}

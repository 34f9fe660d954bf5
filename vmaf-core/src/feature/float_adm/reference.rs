//! The definition of ADM at each scale, in floating point.

#![cfg(test)]

use super::kernel::Setting;
use super::kernel::wavelet::{HIGH, LOW};
use super::sums::{Bands, Norm};
use crate::feature::adm::scale::{Scale, mirrored};
use crate::numeric::FloatRows;

/// A picture or band as rows of numbers.
pub(super) type Grid = Vec<Vec<f32>>;

/// A picture's rows.
pub(super) fn grid(picture: &impl FloatRows) -> Grid {
    let row = |y: usize| {
        let mut row = vec![0.0; picture.width()];
        picture.read(y, &mut row);
        row
    };
    (0..picture.height()).map(row).collect()
}

/// One level of the wavelet transform.
pub(super) struct Wavelet {
    /// Low-pass in both directions: the input of the next scale.
    pub(super) approximation: Grid,
    /// Horizontal (high-pass vertically), vertical (high-pass horizontally) and diagonal detail.
    pub(super) detail: [Grid; 3],
}

/// Transforms `input`.
pub(super) fn wavelet(scale: &Scale, input: &Grid) -> Wavelet {
    let filter = |taps: &[f32; 4], place: usize, len: usize, at: &dyn Fn(usize) -> f32| {
        taps.iter().enumerate().fold(0.0_f32, |sum, (k, tap)| {
            sum + tap * at(mirrored(2 * place as isize + k as isize - 1, len))
        })
    };
    let (width, height) = (input[0].len(), input.len());
    let band = |vertical: &[f32; 4], horizontal: &[f32; 4]| -> Grid {
        let column = |x: usize, y: usize| filter(vertical, y, height, &|y| input[y][x]);
        let row = |y: usize| -> Vec<f32> {
            let filtered: Vec<f32> = (0..width).map(|x| column(x, y)).collect();
            (0..scale.width).map(|x| filter(horizontal, x, width, &|x| filtered[x])).collect()
        };
        (0..scale.height).map(row).collect()
    };
    Wavelet {
        approximation: band(&LOW, &LOW),
        detail: [band(&HIGH, &LOW), band(&LOW, &HIGH), band(&HIGH, &HIGH)],
    }
}

/// Splits a distorted coefficient triple into the part that follows the reference and the rest.
fn decouple(o: Bands, t: Bands, gain_limit: f64) -> (Bands, Bands) {
    let product = |a: Bands, b: Bands| a[0] * b[0] + a[1] * b[1];
    // Within a degree.
    let cos = libm::cos(std::f64::consts::PI / 180.0);
    let along = product(o, t);
    let same_direction =
        along >= 0.0 && along * along >= (cos * cos) as f32 * product(o, o) * product(t, t);
    let restored = [0, 1, 2].map(|band| {
        let (o, t) = (o[band], t[band]);
        let ratio = (t / (o + 1e-30)).clamp(0.0, 1.0);
        let restored = ratio * o;
        let enhanced = f64::from(restored) * gain_limit;
        if same_direction && restored > 0.0 {
            enhanced.min(f64::from(t)) as f32
        } else if same_direction && restored < 0.0 {
            enhanced.max(f64::from(t)) as f32
        } else {
            restored
        }
    });
    (restored, [0, 1, 2].map(|band| t[band] - restored[band]))
}

/// Sums of the powers of the details that remain after masking.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct MaskedSums {
    /// The part that follows the reference, masked by the rest.
    pub(super) restored: Bands,
    /// The rest, masked by the part that follows the reference.
    pub(super) additive: Bands,
}

fn power(norm: Norm, value: f32) -> f32 {
    if norm.is_cubic() { value * value * value } else { norm.power(value) }
}

/// The sums of an encode.
pub(super) fn masked(
    scale: &Scale,
    reference: &[Grid; 3],
    distorted: &[Grid; 3],
    setting: &Setting,
) -> MaskedSums {
    let triple = |bands: &[Grid; 3], x: usize, y: usize| [0, 1, 2].map(|band| bands[band][y][x]);
    // The weighted magnitudes of both parts, everywhere.
    let both: Vec<Vec<(Bands, Bands)>> = (0..scale.height)
        .map(|y| {
            let weigh =
                |part: Bands| [0, 1, 2].map(|band| (part[band] * setting.weights[band]).abs());
            let place = |x: usize| {
                let (o, t) = (triple(reference, x, y), triple(distorted, x, y));
                let (restored, additive) = decouple(o, t, setting.gain_limit);
                (weigh(restored), weigh(additive))
            };
            (0..scale.width).map(place).collect()
        })
        .collect();
    let threshold = |mask: &dyn Fn(usize, usize) -> Bands, x: usize, y: usize| {
        if setting.unmasked {
            return 0.0;
        }
        (0..3).fold(0.0_f32, |total, band| {
            let mut sum = 0.0_f32;
            for (dx, dy) in (0..9).map(|i| (i % 3 - 1, i / 3 - 1)) {
                let nx = mirrored(x as isize + dx, scale.width);
                let ny = mirrored(y as isize + dy, scale.height);
                // A 30th of each neighbour, a 15th of the place itself.
                if (dx, dy) == (0, 0) {
                    let here = 0.066_666_670_1 * f64::from(mask(x, y)[band]);
                    sum = (f64::from(sum) + here) as f32;
                } else {
                    sum += (0.033_333_335_1 * f64::from(mask(nx, ny)[band])) as f32;
                }
            }
            total + sum
        })
    };
    let sums = |signal: &dyn Fn(usize, usize) -> Bands, mask: &dyn Fn(usize, usize) -> Bands| {
        let region = scale.region();
        let mut sums = [0.0_f32; 3];
        for y in region.top..region.bottom {
            let mut row = [0.0_f32; 3];
            for x in region.left..region.right {
                let threshold = threshold(mask, x, y);
                for (band, row) in row.iter_mut().enumerate() {
                    let left = (signal(x, y)[band] - threshold).max(0.0);
                    *row += power(setting.norm, left);
                }
            }
            for (sum, row) in sums.iter_mut().zip(row) {
                *sum += row;
            }
        }
        sums
    };
    let restored = &|x: usize, y: usize| both[y][x].0;
    let additive = &|x: usize, y: usize| both[y][x].1;
    MaskedSums { restored: sums(restored, additive), additive: sums(additive, restored) }
}

/// The sums of powers of the reference's weighted details.
pub(super) fn plain(scale: &Scale, reference: &[Grid; 3], weights: Bands, norm: Norm) -> Bands {
    let region = scale.region();
    [0, 1, 2].map(|band| {
        let row = |y: usize| {
            let row = &reference[band][y][region.left..region.right];
            row.iter().fold(0.0_f32, |sum, value| sum + power(norm, (weights[band] * value).abs()))
        };
        (region.top..region.bottom).fold(0.0_f32, |sum, y| sum + row(y))
    })
}

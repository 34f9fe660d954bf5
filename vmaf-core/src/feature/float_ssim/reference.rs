//! The definition of SSIM's terms and their means.

#![cfg(test)]

use super::kernel::picture::{mirror, unit};
use super::window::{C1, C2, C3, HALF, TAPS};
use crate::feature::float_ssim::Means;
use crate::{Plane, Sample};

/// A picture of numbers on the scale of 8 bits, row by row.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::feature) struct Definition {
    pub(in crate::feature) width: usize,
    pub(in crate::feature) height: usize,
    pub(in crate::feature) pixels: Vec<f32>,
}

/// A plane's samples as a picture.
pub(in crate::feature) fn samples<T: Sample>(plane: &Plane<T>, bit_depth: u8) -> Definition {
    Definition::from_fn(plane.width(), plane.height(), |x, y| {
        Into::<u32>::into(plane.row(y)[x]) as f32 * unit(bit_depth)
    })
}

impl Definition {
    pub(in crate::feature) fn from_fn(
        width: usize,
        height: usize,
        pixel: impl Fn(usize, usize) -> f32,
    ) -> Self {
        let pixels = (0..width * height).map(|i| pixel(i % width, i / width)).collect();
        Self { width, height, pixels }
    }

    pub(in crate::feature) fn at(&self, x: usize, y: usize) -> f32 {
        self.pixels[y * self.width + x]
    }

    /// The picture, mirrored around its borders.
    pub(in crate::feature) fn around(&self, x: isize, y: isize) -> f32 {
        self.at(mirror(x, self.width), mirror(y, self.height))
    }

    fn combined(&self, other: &Self, combine: impl Fn(f32, f32) -> f32) -> Self {
        Self::from_fn(self.width, self.height, |x, y| combine(self.at(x, y), other.at(x, y)))
    }

    /// Each pixel the mean of `factor` by `factor` around the place.
    pub(super) fn shrunk(&self, factor: usize) -> Self {
        let size = |size: usize| size / factor + size % 2;
        let weight = 1.0 / (factor * factor) as f32;
        Self::from_fn(size(self.width), size(self.height), |x, y| {
            let mut sum = 0.0_f64;
            for v in 0..factor {
                for u in 0..factor {
                    let x = (x * factor + u) as isize - (factor / 2) as isize;
                    let y = (y * factor + v) as isize - (factor / 2) as isize;
                    sum += f64::from(self.around(x, y) * weight);
                }
            }
            sum as f32
        })
    }

    /// The picture filtered by the window, at places where the window lies inside: across first,
    /// then down.
    fn filtered(&self) -> Self {
        let tap = |k: usize| HALF[k.min(TAPS - 1 - k)];
        let across = Self::from_fn(self.width + 1 - TAPS, self.height, |x, y| {
            let products = (0..TAPS).map(|k| f64::from(self.at(x + k, y) * tap(k)));
            products.sum::<f64>() as f32
        });
        Self::from_fn(across.width, self.height + 1 - TAPS, |x, y| {
            let products = (0..TAPS).map(|k| f64::from(across.at(x, y + k) * tap(k)));
            products.sum::<f64>() as f32
        })
    }
}

/// Luminance, contrast and structure at each place.
fn terms(reference: &Definition, distorted: &Definition) -> Vec<Vec<[f64; 3]>> {
    let product = |a: &Definition, b: &Definition| a.combined(b, |a, b| a * b);
    let (mean_r, mean_d) = (reference.filtered(), distorted.filtered());
    let variance = |picture: &Definition, mean: &Definition| {
        let square = product(picture, picture).filtered();
        square.combined(mean, |square, mean| (square - mean * mean).max(0.0))
    };
    let (var_r, var_d) = (variance(reference, &mean_r), variance(distorted, &mean_d));
    let both = product(reference, distorted).filtered();
    let at = |x: usize, y: usize| {
        let (mean_r, mean_d) = (mean_r.at(x, y), mean_d.at(x, y));
        let (var_r, var_d) = (var_r.at(x, y), var_d.at(x, y));
        let deviations = (var_r * var_d).sqrt();
        let covariance = both.at(x, y) - mean_r * mean_d;
        // If both pictures are flat, any covariance is due to rounding.
        let covariance = if covariance < 0.0 && deviations <= 0.0 { 0.0 } else { covariance };
        let means = 2.0 * f64::from(mean_r) * f64::from(mean_d) + f64::from(C1);
        let luminance = means / f64::from(mean_r * mean_r + mean_d * mean_d + C1);
        let contrast =
            (2.0 * f64::from(deviations) + f64::from(C2)) / f64::from(var_r + var_d + C2);
        let structure = (covariance + C3) / (deviations + C3);
        [luminance, contrast, f64::from(structure)]
    };
    (0..both.height).map(|y| (0..both.width).map(|x| at(x, y)).collect()).collect()
}

/// The means of the terms, each column summed from top to bottom, then the columns.
pub(in crate::feature) fn means(reference: &Definition, distorted: &Definition) -> Means {
    let rows = terms(reference, distorted);
    mean_of(&rows, |value| {
        let column = |x: usize| rows.iter().map(|row| value(&row[x])).sum::<f64>();
        (0..rows[0].len()).map(column).sum()
    })
}

/// The means of the terms in the order in which libvmaf sums them: row by row.
pub(super) fn means_by_rows(reference: &Definition, distorted: &Definition) -> Means {
    let rows = terms(reference, distorted);
    mean_of(&rows, |value| rows.iter().flatten().map(value).sum())
}

fn mean_of(rows: &[Vec<[f64; 3]>], sum: impl Fn(&dyn Fn(&[f64; 3]) -> f64) -> f64) -> Means {
    let places = (rows.len() * rows[0].len()) as f64;
    let mean = |value: &dyn Fn(&[f64; 3]) -> f64| (sum(value) / places) as f32;
    Means {
        luminance: mean(&|terms| terms[0]),
        contrast: mean(&|terms| terms[1]),
        structure: mean(&|terms| terms[2]),
        score: mean(&|terms| terms[0] * terms[1] * terms[2]),
    }
}

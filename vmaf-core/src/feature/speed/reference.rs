//! The definition of SpEED: whole pictures, whole matrices, one number after the other.
//!
//! Precision and order of the operations are part of it. Steps too sequential to have a fast form
//! (QR steps on a tridiagonal matrix, the logarithm, the tables of windows and weights) are shared
//! with the kernel and tested on their own.

#![cfg(test)]

use super::filter;
use super::kernel::eigen;
use super::kernel::entropy::{LOG2_2_PI_E, Score, Statistics};
use super::kernel::log2::log2;
use super::kernel::resample::mirror;
use super::settings::{BLOCK, Comparison, Scaling};
use crate::numeric::reflect;
use crate::{Plane, Sample};

const SIZE: usize = BLOCK * BLOCK;

/// Rows of pixels.
pub(super) type Picture = Vec<Vec<f32>>;

/// A square matrix.
type Matrix = Vec<Vec<f32>>;

/// A plane around 0, in steps of 8-bit samples.
pub(super) fn centred<T: Sample>(plane: &Plane<T>, depth: u8) -> Picture {
    let step = f32::from(1_u16 << (depth - 8));
    let pixel = |sample: &T| {
        let sample: i32 = (*sample).into();
        sample as f32 / step - 128.0
    };
    plane.rows().map(|row| row.iter().map(pixel).collect()).collect()
}

/// `a - b`, pixel by pixel.
pub(super) fn difference(a: &Picture, b: &Picture) -> Picture {
    let row = |(a, b): (&Vec<f32>, &Vec<f32>)| a.iter().zip(b).map(|(a, b)| a - b).collect();
    a.iter().zip(b).map(row).collect()
}

/// The small picture: prescaled, blurred, every 16th pixel, without its local mean.
pub(super) fn small(picture: &Picture, scaling: &Scaling) -> Picture {
    let geometry = scaling.geometry((picture[0].len(), picture.len()));
    let (width, height) = geometry.scaled;
    let is_scaled = scaling.is_scaling() && geometry.scaled != geometry.plane;
    let scaled: Picture = if is_scaled {
        prescaled(picture, scaling, geometry.scaled)
    } else {
        picture[..height].iter().map(|row| row[..width].to_vec()).collect()
    };
    let blurred = filtered(&scaled, &filter::antialias(scaling.kernel_scale));
    let (width, height) = geometry.small;
    let row = |y: usize| (0..width).map(|x| blurred[16 * y][16 * x]).collect();
    let small: Picture = (0..height).map(row).collect();
    difference(&small, &filtered(&small, &filter::local_mean(scaling.kernel_scale)))
}

fn prescaled(picture: &Picture, scaling: &Scaling, (width, height): (usize, usize)) -> Picture {
    let source = (picture[0].len(), picture.len());
    let ratio = (source.0 as f32 / width as f32, source.1 as f32 / height as f32);
    let pixel = |x: usize, y: usize| {
        let rows = scaling.method.samples(y, ratio.1, source.1);
        let columns = scaling.method.samples(x, ratio.0, source.0);
        let (mut sum, mut weights) = (0.0, 0.0);
        for (row, row_weight) in (rows.first..).zip(&rows.weights[..scaling.method.taps()]) {
            for (column, weight) in (columns.first..).zip(&columns.weights[..scaling.method.taps()])
            {
                let weight = weight * row_weight;
                sum += picture[mirror(row, source.1)][mirror(column, source.0)] * weight;
                weights += weight;
            }
        }
        if scaling.method.is_normalized() { sum / weights } else { sum }
    };
    (0..height).map(|y| (0..width).map(|x| pixel(x, y)).collect()).collect()
}

/// `picture` with the window `filter` summed over columns, then rows, of the mirrored picture.
fn filtered(picture: &Picture, filter: &[f32]) -> Picture {
    let (width, height) = (picture[0].len(), picture.len());
    let sum = |values: &dyn Fn(isize) -> f32| {
        let half = filter.len() as isize / 2;
        let terms = filter.iter().enumerate().map(|(k, weight)| weight * values(k as isize - half));
        terms.fold(0.0, |sum, term| sum + term)
    };
    let row = |y: usize| {
        let column = |x: usize| sum(&|k| picture[reflect(y as isize + k, height)][x]);
        let vertical: Vec<f32> = (0..width).map(column).collect();
        (0..width).map(|x| sum(&|k| vertical[reflect(x as isize + k, width)])).collect()
    };
    (0..height).map(row).collect()
}

/// The statistics of the blocks of a small picture.
pub(super) fn analyse(small: &Picture) -> Statistics {
    let (across, down) = (small[0].len() / BLOCK, small.len() / BLOCK);
    let matrix = covariance(small, across * BLOCK - 4, down * BLOCK - 4);
    let (mut eigenvalues, mut beside) = tridiagonal(matrix.clone());
    eigen::diagonalize(&mut eigenvalues, &mut beside);
    let (rotation, triangle) = decompose(&matrix);
    let is_singular = eigenvalues.iter().any(|&value| eigen::is_tiny(value))
        || (0..SIZE).any(|i| eigen::is_tiny(triangle[i][i].abs()));
    let block = |i: usize| {
        let (left, top) = (i % across * BLOCK, i / across * BLOCK);
        let pixels: Vec<f32> =
            (0..SIZE).map(|k| small[top + k / BLOCK][left + k % BLOCK]).collect();
        let solution = solve(&rotation, &triangle, &pixels);
        let terms = pixels.iter().zip(solution).map(|(pixel, x)| x * pixel / SIZE as f32);
        terms.reduce(|sum, term| sum + term).unwrap_or(0.0)
    };
    Statistics {
        eigenvalues: eigenvalues.try_into().expect("as many as rows"),
        variances: (0..across * down).map(block).collect(),
        is_singular,
    }
}

/// The covariances of the parts of the picture, `width` by `height` pixels, that the pixels of a
/// block see as it moves.
fn covariance(small: &Picture, width: usize, height: usize) -> Matrix {
    let pixels = |k: usize| {
        let places = (0..height).flat_map(move |y| (0..width).map(move |x| (x, y)));
        places.map(move |(x, y)| small[y + k / BLOCK][x + k % BLOCK])
    };
    let mean = |k: usize| {
        let sum: f32 = pixels(k).fold(0.0, |sum, pixel| sum + pixel);
        f64::from(sum / (width * height) as f32)
    };
    let means: Vec<f64> = (0..SIZE).map(mean).collect();
    let entry = |i: usize, j: usize| {
        let term = |(a, b): (f32, f32)| (f64::from(a) - means[i]) * (f64::from(b) - means[j]);
        let sum: f64 = pixels(i).zip(pixels(j)).map(term).fold(0.0, |sum, term| sum + term);
        (sum / (width * height) as f64) as f32
    };
    (0..SIZE).map(|i| (0..SIZE).map(|j| entry(i, j)).collect()).collect()
}

/// The diagonal and the off-diagonal after reflections from both sides, one for each column.
fn tridiagonal(mut matrix: Matrix) -> (Vec<f32>, Vec<f32>) {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).fold(0.0, |sum: f32, (a, b)| sum + a * b);
    for done in 0..SIZE - 2 {
        let first = done + 1;
        let column: Vec<f32> = matrix[first..].iter().map(|row| row[done]).collect();
        let norm = dot(&column[1..], &column[1..]).sqrt();
        if norm == 0.0 {
            continue;
        }
        let length = (column[0] * column[0] + norm * norm).sqrt();
        let beta = if column[0] >= 0.0 { -length } else { length };
        let factor = (beta - column[0]) / beta;
        let divisor = column[0] - beta;
        let mut v: Vec<f32> = column.iter().map(|value| value / divisor).collect();
        v[0] = 1.0;
        matrix[first][done] = beta;
        // P A P for the reflection P = 1 - factor v v', as A - x v' - v x'.
        let term = |row: &Vec<f32>| {
            let terms = row[first..].iter().zip(&v).map(|(value, v)| factor * value * v);
            terms.fold(0.0, |sum, term| sum + term)
        };
        let mut x: Vec<f32> = matrix[first..].iter().map(term).collect();
        let along = (-0.5 * f64::from(factor) * f64::from(dot(&x, &v))) as f32;
        for (x, v) in x.iter_mut().zip(&v) {
            *x += along * v;
        }
        for (i, row) in matrix[first..].iter_mut().enumerate() {
            for (j, value) in row[first..].iter_mut().enumerate() {
                *value -= x[i] * v[j] + v[i] * x[j];
            }
        }
    }
    let diagonal = (0..SIZE).map(|i| matrix[i][i]).collect();
    (diagonal, (1..SIZE).map(|i| matrix[i][i - 1]).collect())
}

fn product(a: &Matrix, b: &Matrix) -> Matrix {
    let entry = |i: usize, j: usize| (0..SIZE).fold(0.0, |sum, k| sum + a[i][k] * b[k][j]);
    (0..SIZE).map(|i| (0..SIZE).map(|j| entry(i, j)).collect()).collect()
}

/// The rotation Q, a product of a reflection for each column, and the triangle R = Q K.
fn decompose(matrix: &Matrix) -> (Matrix, Matrix) {
    let unit = |i: usize, j: usize| f32::from(u8::from(i == j));
    let norm = |v: &[f32]| v.iter().fold(0.0, |sum: f32, v| sum + v * v).sqrt();
    let mut rotation: Matrix = (0..SIZE).map(|i| (0..SIZE).map(|j| unit(i, j)).collect()).collect();
    let mut rest = matrix.clone();
    for done in 0..SIZE - 1 {
        for (i, row) in rest.iter_mut().enumerate() {
            for (j, value) in row.iter_mut().enumerate() {
                if i < done || j < done {
                    *value = unit(i, j);
                }
            }
        }
        let mut v: Vec<f32> = rest.iter().map(|row| row[done]).collect();
        let sign = if matrix[done][done] >= 0.0 { 1.0 } else { -1.0 };
        v[done] += sign * norm(&v);
        let length = norm(&v);
        let v: Vec<f32> = v.iter().map(|value| value / length).collect();
        let entry = |i: usize, j: usize| -2.0 * v[i] * v[j] + unit(i, j);
        let reflection: Matrix =
            (0..SIZE).map(|i| (0..SIZE).map(|j| entry(i, j)).collect()).collect();
        rest = product(&reflection, &rest);
        rotation = product(&reflection, &rotation);
    }
    let triangle = product(&rotation, matrix);
    (rotation, triangle)
}

/// The x with R x = Q y, from its last value up.
fn solve(rotation: &Matrix, triangle: &Matrix, y: &[f32]) -> Vec<f32> {
    let rotated = |row: &Vec<f32>| row.iter().zip(y).fold(0.0, |sum, (q, y)| sum + q * y);
    let mut x: Vec<f32> = rotation.iter().map(rotated).collect();
    for i in (0..SIZE).rev() {
        let rest = (i + 1..SIZE).fold(x[i], |rest, k| rest - x[k] * triangle[i][k]);
        x[i] = rest / triangle[i][i];
    }
    x
}

/// The entropy of each block, seen through noise of deviation `sigma`.
pub(super) fn entropies(statistics: &Statistics, sigma: f32) -> Vec<f32> {
    let entropy = |variance: &f32| {
        statistics.eigenvalues.iter().fold(0.0, |sum: f32, &eigenvalue| {
            let eigenvalue = if eigenvalue < 0.0 { 0.0 } else { eigenvalue };
            let log = log2(f64::from(eigenvalue * variance + sigma));
            (f64::from(sum) + (log + LOG2_2_PI_E)) as f32
        })
    };
    statistics.variances.iter().map(entropy).collect()
}

/// The score of two analysed pictures.
pub(super) fn score(comparison: &Comparison, r: &Statistics, d: &Statistics) -> Score {
    if r.is_singular || d.is_singular {
        return Score { value: 0.0, is_singular: true };
    }
    let entropies = (entropies(r, comparison.sigma), entropies(d, comparison.sigma));
    let base = comparison.base_entropy();
    let difference = |i: usize| {
        if entropies.0[i] < base && entropies.1[i] < base {
            return 0.0;
        }
        let weights = comparison.weights((r.variances[i], d.variances[i]));
        let weighted = |entropy: f32, weight: f64| (f64::from(entropy) * log2(weight)) as f32;
        (weighted(entropies.0[i], weights.0) - weighted(entropies.1[i], weights.1)).abs()
    };
    let blocks = r.variances.len();
    let sum = (0..blocks).fold(0.0, |sum, i| sum + difference(i));
    Score { value: sum / blocks as f32, is_singular: false }
}

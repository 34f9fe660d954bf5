//! The definition of VIF at each scale, in fixed point.

#![cfg(test)]

use super::filter::FILTERS;
use super::sums::{SIGMA_NOISE, Sums};
use crate::numeric::{reflect, rounding};
use crate::{Plane, Sample};

/// Sums over a weighted window around (x, y), which mirrors the picture at its borders.
///
/// The vertical sum is rounded and shifted by `shift`, then the horizontal one is taken of those.
fn window(
    scale: usize,
    (width, height): (usize, usize),
    shift: u32,
    (x, y): (usize, usize),
    value: impl Fn(usize, usize) -> u64,
) -> u64 {
    let filter = FILTERS[scale];
    let half = filter.len() as isize / 2;
    let vertical = |x: usize| {
        let tap = |(k, weight): (usize, &u16)| {
            u64::from(*weight) * value(x, reflect(y as isize + k as isize - half, height))
        };
        (filter.iter().enumerate().map(tap).sum::<u64>() + rounding(shift) as u64) >> shift
    };
    let tap = |(k, weight): (usize, &u16)| {
        u64::from(*weight) * vertical(reflect(x as isize + k as isize - half, width))
    };
    filter.iter().enumerate().map(tap).sum()
}

/// By how much vertical sums of samples and of their products are shifted: to 8 fractional bits of
/// an 8-bit sample, and to none at the finest scale.
fn shifts(scale: usize, depth: u8) -> (u32, u32) {
    if scale == 0 { (u32::from(depth), 2 * (u32::from(depth) - 8)) } else { (16, 16) }
}

/// Logarithms to base 2 in steps of 1/2048.
pub(super) struct Log2 {
    table: Vec<u16>,
}

impl Log2 {
    pub(super) fn new() -> Self {
        // The logarithm is taken in single precision, then scaled and rounded.
        let entry = |i: u32| (libm::log2(f64::from(i)) as f32 * 2048.0).round() as u16;
        Self { table: (1 << 15..1 << 16).map(entry).collect() }
    }

    /// 2048 log2(value) by the value's highest 16 bits, for values of at least 2^15.
    pub(super) fn of(&self, value: u64) -> i64 {
        let shift = 48 - value.leading_zeros();
        let mantissa = (value >> shift) as usize & 0x7fff;
        i64::from(self.table[mantissa]) + 2048 * i64::from(shift)
    }
}

/// The sums of one scale, for one gain limit.
pub(super) fn sums<T: Sample>(
    scale: usize,
    reference: &Plane<T>,
    distorted: &Plane<T>,
    depth: u8,
    gain_limit: f64,
) -> Sums {
    let log2 = Log2::new();
    let size = (reference.width(), reference.height());
    let (mean_shift, product_shift) = shifts(scale, depth);
    let r = |x: usize, y: usize| -> u64 { reference.row(y)[x].into() };
    let d = |x: usize, y: usize| -> u64 { distorted.row(y)[x].into() };
    let mut sums = Sums::default();
    for y in 0..size.1 {
        for x in 0..size.0 {
            let mean = |value: &dyn Fn(usize, usize) -> u64| {
                window(scale, size, mean_shift, (x, y), value)
            };
            let product = |value: &dyn Fn(usize, usize) -> u64| {
                (window(scale, size, product_shift, (x, y), value) + rounding(16) as u64) >> 16
            };
            let (mean_r, mean_d) = (mean(&r), mean(&d));
            let of_means = |a: u64, b: u64| (a * b + rounding(32) as u64) >> 32;
            let variance = |product: u64, of_means: u64| {
                i64::from((product as u32).wrapping_sub(of_means as u32) as i32)
            };
            let var_r = variance(product(&|x, y| r(x, y) * r(x, y)), of_means(mean_r, mean_r));
            let var_d = variance(product(&|x, y| d(x, y) * d(x, y)), of_means(mean_d, mean_d));
            let cov = variance(product(&|x, y| r(x, y) * d(x, y)), of_means(mean_r, mean_d));
            let var_d = var_d.max(0);
            if var_r < SIGMA_NOISE {
                sums.flat_pixels += 1;
                sums.flat_variance += var_d;
                continue;
            }
            sums.den_log += log2.of((SIGMA_NOISE + var_r) as u64) - 2048 * 17;
            if cov <= 0 || var_d == 0 {
                continue;
            }
            let gain = cov as f64 / (var_r as f64 + 65536.0 * 1.0e-10);
            let residual = (var_d as f64 - gain * cov as f64) as i64;
            let noise = residual.max(0) + SIGMA_NOISE;
            let gain = gain.min(gain_limit);
            let signal = (gain * gain * var_r as f64) as i64;
            sums.num_log += log2.of((signal + noise) as u64) - log2.of(noise as u64);
        }
    }
    sums
}

/// The next scale's picture: filtered with the next scale's window, every other pixel kept.
pub(super) fn downscaled<T: Sample>(scale: usize, picture: &Plane<T>, depth: u8) -> Plane<u16> {
    assert!(scale + 1 < FILTERS.len());
    let size = (picture.width(), picture.height());
    let (shift, _) = shifts(scale, depth);
    let value = |x: usize, y: usize| -> u64 { picture.row(y)[x].into() };
    let mut out = Plane::new(size.0 / 2, size.1 / 2);
    for y in 0..out.height() {
        for x in 0..out.width() {
            let sum = window(scale + 1, size, shift, (2 * x, 2 * y), value);
            out.row_mut(y)[x] = ((sum + rounding(16) as u64) >> 16) as u16;
        }
    }
    out
}

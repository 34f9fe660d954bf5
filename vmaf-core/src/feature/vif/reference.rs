//! The definition of VIF at each scale, in fixed point: the contribution of each pixel.
//!
//! The kernel sums the contributions, or keeps them for maps; tests compare it with this
//! definition.

#![cfg(test)]

use super::filter::FILTERS;
use super::pixels::{Information, Log2};
use super::sums::Sums;
use crate::numeric::{reflect, rounding};
use crate::{Plane, Sample};

/// Sums over a scale's weighted window, which mirrors the picture at its borders.
#[derive(Clone, Copy)]
struct Window {
    filter: &'static [u16],
    width: usize,
    height: usize,
}

impl Window {
    /// The place of the window's `tap` around `place`, in a picture of `length`.
    fn place(&self, place: usize, tap: usize, length: usize) -> usize {
        reflect(place as isize + tap as isize - self.filter.len() as isize / 2, length)
    }

    /// The sums down the columns around row `y`, each rounded and shifted by `shift`.
    fn down(&self, y: usize, shift: u32, value: impl Fn(usize, usize) -> u64) -> Vec<u64> {
        let mut sums = vec![rounding(shift) as u64; self.width];
        for (tap, weight) in self.filter.iter().enumerate() {
            let row = self.place(y, tap, self.height);
            for (x, sum) in sums.iter_mut().enumerate() {
                *sum += u64::from(*weight) * value(x, row);
            }
        }
        sums.iter().map(|sum| sum >> shift).collect()
    }

    /// The sum of such sums along the row around column `x`.
    fn along(&self, x: usize, sums: &[u64]) -> u64 {
        let taps = self.filter.iter().enumerate();
        taps.map(|(tap, weight)| u64::from(*weight) * sums[self.place(x, tap, self.width)]).sum()
    }
}

/// The right shifts of vertical sums of samples and of their products: to 8 fractional bits of an
/// 8-bit sample, and to none at the finest scale.
fn shifts(scale: usize, depth: u8) -> (u32, u32) {
    if scale == 0 { (u32::from(depth), 2 * (u32::from(depth) - 8)) } else { (16, 16) }
}

/// The contribution of each pixel of a scale under a gain limit, row by row.
pub(super) fn information<T: Sample>(
    scale: usize,
    reference: &Plane<T>,
    distorted: &Plane<T>,
    depth: u8,
    gain_limit: f64,
) -> Vec<Information> {
    let log2 = Log2::new();
    let (width, height) = (reference.width(), reference.height());
    let window = Window { filter: FILTERS[scale], width, height };
    let (mean_shift, product_shift) = shifts(scale, depth);
    let r = |x: usize, y: usize| -> u64 { reference.row(y)[x].into() };
    let d = |x: usize, y: usize| -> u64 { distorted.row(y)[x].into() };
    let mut information = Vec::with_capacity(width * height);
    for y in 0..height {
        let means = [window.down(y, mean_shift, r), window.down(y, mean_shift, d)];
        let products = [
            window.down(y, product_shift, |x, y| r(x, y) * r(x, y)),
            window.down(y, product_shift, |x, y| d(x, y) * d(x, y)),
            window.down(y, product_shift, |x, y| r(x, y) * d(x, y)),
        ];
        information.extend((0..width).map(|x| {
            let [mean_r, mean_d] = [0, 1].map(|i: usize| window.along(x, &means[i]));
            let variance = |product: usize, a: u64, b: u64| {
                let product = (window.along(x, &products[product]) + rounding(16) as u64) >> 16;
                let of_means = (a * b + rounding(32) as u64) >> 32;
                (product as u32).wrapping_sub(of_means as u32) as i32
            };
            let var_r = variance(0, mean_r, mean_r);
            let var_d = variance(1, mean_d, mean_d);
            let cov = variance(2, mean_r, mean_d);
            Information::new(&log2, var_r, var_d, cov, gain_limit)
        }));
    }
    information
}

/// The sums of one scale, for one gain limit.
pub(super) fn sums<T: Sample>(
    scale: usize,
    reference: &Plane<T>,
    distorted: &Plane<T>,
    depth: u8,
    gain_limit: f64,
) -> Sums {
    let mut sums = Sums::default();
    for pixel in information(scale, reference, distorted, depth, gain_limit) {
        match pixel {
            Information::Logs { num, den } => {
                sums.num_log += num;
                sums.den_log += den;
            }
            Information::Flat { variance } => {
                sums.flat_pixels += 1;
                sums.flat_variance += variance;
            }
        }
    }
    sums
}

/// The next scale's picture: filtered with the next scale's window, every other pixel kept.
pub(super) fn downscaled<T: Sample>(scale: usize, picture: &Plane<T>, depth: u8) -> Plane<u16> {
    assert!(scale + 1 < FILTERS.len());
    let (width, height) = (picture.width(), picture.height());
    let window = Window { filter: FILTERS[scale + 1], width, height };
    let (shift, _) = shifts(scale, depth);
    let mut out = Plane::new(width / 2, height / 2);
    for y in 0..out.height() {
        let sums = window.down(2 * y, shift, |x, y| picture.row(y)[x].into());
        for (x, out) in out.row_mut(y).iter_mut().enumerate() {
            *out = ((window.along(2 * x, &sums) + rounding(16) as u64) >> 16) as u16;
        }
    }
    out
}

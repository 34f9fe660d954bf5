//! The definition of VIF at each scale, in fixed point: the contribution of each pixel.
//!
//! The kernel sums the contributions, or keeps them for maps; tests compare it with this
//! definition.

#![cfg(test)]

use std::sync::LazyLock;

use super::filter::FILTERS;
use super::pixels::flat_bits;
use super::sums::{SIGMA_NOISE, Sums};
use crate::numeric::{reflect, rounding};
use crate::{Plane, Sample};

/// Logarithms to base 2 in steps of 1/2048.
pub(super) struct Log2 {
    table: Vec<u16>,
}

/// The logarithms, whose table takes a while to compute.
pub(super) static LOG2: LazyLock<Log2> = LazyLock::new(Log2::new);

impl Log2 {
    fn new() -> Self {
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

/// The contribution of a pixel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Information {
    /// The information in the distorted picture and in the reference, in units of 1/2048 bit.
    Logs { num: i64, den: i64 },
    /// The distorted picture's variance, if the reference is flat.
    Flat { variance: i64 },
}

impl Information {
    /// The information of a pixel by the variances and the covariance in its window.
    fn new([var_r, var_d, cov]: [i32; 3], gain_limit: f64) -> Self {
        let [var_r, var_d, cov] = [var_r, var_d.max(0), cov].map(i64::from);
        if var_r < SIGMA_NOISE {
            return Self::Flat { variance: var_d };
        }
        let den = LOG2.of((SIGMA_NOISE + var_r) as u64) - 2048 * 17;
        if cov <= 0 || var_d == 0 {
            return Self::Logs { num: 0, den };
        }
        let gain = cov as f64 / (var_r as f64 + 65536.0 * 1.0e-10);
        let residual = (var_d as f64 - gain * cov as f64) as i64;
        let noise = residual.max(0) + SIGMA_NOISE;
        let gain = gain.min(gain_limit);
        let signal = (gain * gain * var_r as f64) as i64;
        let num = LOG2.of((signal + noise) as u64) - LOG2.of(noise as u64);
        Self::Logs { num, den }
    }

    /// Numerator and denominator, in bits.
    pub(super) fn bits(self) -> [f32; 2] {
        match self {
            Self::Logs { num, den } => [num, den].map(|log| log as f32 / 2048.0),
            Self::Flat { variance } => flat_bits(variance),
        }
    }
}

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

/// The reference's and the distorted picture's variance and their covariance in the window of each
/// pixel of a scale, row by row.
pub(super) struct Variances(Vec<[i32; 3]>);

/// The variances of a scale.
pub(super) fn variances<T: Sample>(
    scale: usize,
    (reference, distorted): (&Plane<T>, &Plane<T>),
    depth: u8,
) -> Variances {
    let (width, height) = (reference.width(), reference.height());
    let window = Window { filter: FILTERS[scale], width, height };
    let (mean_shift, product_shift) = shifts(scale, depth);
    let r = |x: usize, y: usize| -> u64 { reference.row(y)[x].into() };
    let d = |x: usize, y: usize| -> u64 { distorted.row(y)[x].into() };
    let mut variances = Vec::with_capacity(width * height);
    for y in 0..height {
        let means = [window.down(y, mean_shift, r), window.down(y, mean_shift, d)];
        let products = [
            window.down(y, product_shift, |x, y| r(x, y) * r(x, y)),
            window.down(y, product_shift, |x, y| d(x, y) * d(x, y)),
            window.down(y, product_shift, |x, y| r(x, y) * d(x, y)),
        ];
        variances.extend((0..width).map(|x| {
            let [mean_r, mean_d] = [0, 1].map(|i: usize| window.along(x, &means[i]));
            let variance = |product: usize, a: u64, b: u64| {
                let product = (window.along(x, &products[product]) + rounding(16) as u64) >> 16;
                let of_means = (a * b + rounding(32) as u64) >> 32;
                (product as u32).wrapping_sub(of_means as u32) as i32
            };
            [variance(0, mean_r, mean_r), variance(1, mean_d, mean_d), variance(2, mean_r, mean_d)]
        }));
    }
    Variances(variances)
}

impl Variances {
    /// The contribution of each pixel under a gain limit, row by row.
    pub(super) fn information(&self, gain_limit: f64) -> impl Iterator<Item = Information> {
        self.0.iter().map(move |variances| Information::new(*variances, gain_limit))
    }

    /// The sums under a gain limit.
    pub(super) fn sums(&self, gain_limit: f64) -> Sums {
        let mut sums = Sums::default();
        for pixel in self.information(gain_limit) {
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

//! The information of single pixels, which the definition sums and [`maps`](super::maps) keep.

use super::kernel::layout::Layout;
use super::sums::{SIGMA_NOISE, flat_loss};

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
    pub(super) fn new(log2: &Log2, var_r: i32, var_d: i32, cov: i32, gain_limit: f64) -> Self {
        let [var_r, var_d, cov] = [var_r, var_d.max(0), cov].map(i64::from);
        if var_r < SIGMA_NOISE {
            return Self::Flat { variance: var_d };
        }
        let den = log2.of((SIGMA_NOISE + var_r) as u64) - 2048 * 17;
        if cov <= 0 || var_d == 0 {
            return Self::Logs { num: 0, den };
        }
        let gain = cov as f64 / (var_r as f64 + 65536.0 * 1.0e-10);
        let residual = (var_d as f64 - gain * cov as f64) as i64;
        let noise = residual.max(0) + SIGMA_NOISE;
        let gain = gain.min(gain_limit);
        let signal = (gain * gain * var_r as f64) as i64;
        let num = log2.of((signal + noise) as u64) - log2.of(noise as u64);
        Self::Logs { num, den }
    }

    /// Numerator and denominator, in bits.
    pub(super) fn bits(self) -> [f32; 2] {
        match self {
            Self::Logs { num, den } => [num, den].map(|log| log as f32 / 2048.0),
            Self::Flat { variance } => [(1.0 - flat_loss(variance)) as f32, 1.0],
        }
    }
}

/// The numerators and denominators of a scale's pixels, row by row, as the kernel finds them.
pub(super) struct Pixels {
    log2: Log2,
    gain_limit: f64,
    num: Vec<f32>,
    den: Vec<f32>,
}

impl Pixels {
    pub(super) fn new(gain_limit: f64) -> Self {
        Self { log2: Log2::new(), gain_limit, num: Vec::new(), den: Vec::new() }
    }

    /// Makes room for `count` pixels.
    pub(super) fn reserve(&mut self, count: usize) {
        self.num.reserve_exact(count);
        self.den.reserve_exact(count);
    }

    /// Returns the numerators and the denominators of the pixels since the last call.
    pub(super) fn take(&mut self) -> [Vec<f32>; 2] {
        [std::mem::take(&mut self.num), std::mem::take(&mut self.den)]
    }

    /// Adds a row by the variances and covariances in its windows, which are laid out.
    pub(super) fn add_row(&mut self, layout: Layout, var_r: &[u32], var_d: &[u32], cov: &[u32]) {
        for lane in 0..layout.lanes {
            for vector in 0..layout.limit(lane) as usize {
                let place = vector * layout.lanes + lane;
                let [var_r, var_d, cov] = [var_r, var_d, cov].map(|row| row[place].cast_signed());
                let pixel = Information::new(&self.log2, var_r, var_d, cov, self.gain_limit);
                let [num, den] = pixel.bits();
                self.num.push(num);
                self.den.push(den);
            }
        }
    }
}

//! The sums of a scale, and the value that follows from them.

/// The number of scales.
pub(super) const SCALES: usize = 4;

/// The variance of the observer's noise: 2, in units of 2^-16.
pub(super) const SIGMA_NOISE: i64 = 2 << 16;

/// Sums over the pixels of one scale.
///
/// If the reference's variance is below the noise's, a pixel contributes a linear form instead of
/// logarithms.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Sums {
    /// Information in the distorted picture, in units of 1/2048 bit.
    pub(super) num_log: i64,
    /// Information in the reference, in units of 1/2048 bit.
    pub(super) den_log: i64,
    /// The number of pixels that are flat in the reference.
    pub(super) flat_pixels: i64,
    /// The distorted picture's variance at those.
    pub(super) flat_variance: i64,
}

/// Numerator and denominator of a scale, in single precision as libvmaf keeps them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Ratio {
    pub(super) num: f32,
    pub(super) den: f32,
}

/// The loss due to a variance of the distorted picture where the reference is flat, in bits.
pub(super) fn flat_loss(variance: i64) -> f64 {
    variance as f64 / 16384.0 / 65025.0
}

impl Sums {
    pub(super) fn ratio(&self) -> Ratio {
        let flat = self.flat_pixels as f64;
        let lost = flat_loss(self.flat_variance);
        let num = self.num_log as f64 / 2048.0 + (flat - lost);
        let den = self.den_log as f64 / 2048.0 + flat;
        Ratio { num: num as f32, den: den as f32 }
    }
}

impl Ratio {
    pub(super) fn value(self) -> f64 {
        f64::from(self.num / self.den)
    }
}

//! The entropy of each block, and the score that the entropies of two pictures give, fast.

use fearless_simd::Simd;

use super::super::settings::Comparison;
use super::covariance::SIZE;
use super::log2::{is_normal, log2, log2_normal};
use crate::simd::Kernel;

/// Blocks whose logarithms are taken together.
const CHUNK: usize = 16;

/// log2(2 pi e): with that of a variance, twice the entropy of a normal distribution.
pub(in crate::feature::speed) const LOG2_2_PI_E: f64 = 4.094_191_170_361_282;

/// The statistics of a picture's blocks.
#[derive(Debug, Default, Clone)]
pub(in crate::feature::speed) struct Statistics {
    /// The eigenvalues of the blocks' covariance matrix.
    pub(in crate::feature::speed) eigenvalues: [f32; SIZE],
    /// For each block, its difference from the others.
    pub(in crate::feature::speed) variances: Vec<f32>,
    /// True if the matrix can't be inverted, as that of a flat picture.
    pub(in crate::feature::speed) is_singular: bool,
}

/// Computes the entropy of each block, seen through neural noise of deviation `sigma`.
pub(in crate::feature::speed) struct Entropies<'a> {
    pub(in crate::feature::speed) statistics: &'a Statistics,
    pub(in crate::feature::speed) sigma: f32,
    pub(in crate::feature::speed) entropies: &'a mut Vec<f32>,
}

impl Kernel for Entropies<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, _simd: S) {
        let Self { statistics: Statistics { eigenvalues, variances, .. }, sigma, entropies } = self;
        entropies.clear();
        entropies.resize(variances.len(), 0.0);
        for (variances, entropies) in variances.chunks(CHUNK).zip(entropies.chunks_mut(CHUNK)) {
            let mut values = [1.0_f32; CHUNK];
            values[..variances.len()].copy_from_slice(variances);
            let mut sums = [0.0_f32; CHUNK];
            for eigenvalue in eigenvalues {
                let eigenvalue = if *eigenvalue < 0.0 { 0.0 } else { *eigenvalue };
                let mut logs = [0.0_f64; CHUNK];
                for k in 0..CHUNK {
                    logs[k] = f64::from(eigenvalue * values[k] + sigma);
                }
                log2_all(&mut logs);
                for k in 0..CHUNK {
                    sums[k] = (f64::from(sums[k]) + (logs[k] + LOG2_2_PI_E)) as f32;
                }
            }
            entropies.copy_from_slice(&sums[..entropies.len()]);
        }
    }
}

/// Takes the logarithm of each of `values`.
#[inline(always)]
fn log2_all(values: &mut [f64; CHUNK]) {
    let mut are_normal = true;
    for value in values.iter() {
        are_normal &= is_normal(*value);
    }
    if are_normal {
        for value in values {
            *value = log2_normal(*value);
        }
    } else {
        for value in values {
            *value = log2(*value);
        }
    }
}

/// The statistics and entropies of the blocks of a reference and of a distorted picture.
pub(in crate::feature::speed) struct Compare<'a> {
    pub(in crate::feature::speed) comparison: &'a Comparison,
    pub(in crate::feature::speed) reference: (&'a Statistics, &'a [f32]),
    pub(in crate::feature::speed) distorted: (&'a Statistics, &'a [f32]),
}

/// The difference of the pictures.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::feature::speed) struct Score {
    pub(in crate::feature::speed) value: f32,
    /// True if one of the pictures can't be analysed; the value is then 0.
    pub(in crate::feature::speed) is_singular: bool,
}

impl Kernel for Compare<'_> {
    type Output = Score;

    #[inline(always)]
    fn run<S: Simd>(self, _simd: S) -> Score {
        let Self { comparison, reference: (r, r_entropies), distorted: (d, d_entropies) } = self;
        if r.is_singular || d.is_singular {
            return Score { value: 0.0, is_singular: true };
        }
        let blocks = r.variances.len();
        let base = comparison.base_entropy();
        let mut score = 0.0_f32;
        for start in (0..blocks).step_by(CHUNK) {
            let len = CHUNK.min(blocks - start);
            let (mut r_weights, mut d_weights) = ([1.0; CHUNK], [1.0; CHUNK]);
            for k in 0..len {
                let variances = (r.variances[start + k], d.variances[start + k]);
                (r_weights[k], d_weights[k]) = comparison.weights(variances);
            }
            log2_all(&mut r_weights);
            log2_all(&mut d_weights);
            for k in 0..len {
                let (of_r, of_d) = (r_entropies[start + k], d_entropies[start + k]);
                // If both are in the noise there is no visible difference.
                if !(of_r < base && of_d < base) {
                    let of_r = (f64::from(of_r) * r_weights[k]) as f32;
                    let of_d = (f64::from(of_d) * d_weights[k]) as f32;
                    score += (of_r - of_d).abs();
                }
            }
        }
        Score { value: score / blocks as f32, is_singular: false }
    }
}

impl Comparison {
    /// The entropy of a block of noise alone.
    pub(in crate::feature::speed) fn base_entropy(&self) -> f32 {
        let noise = (1.0 + self.floor) * self.sigma;
        (SIZE as f64 * (log2(f64::from(noise)) + LOG2_2_PI_E)) as f32
    }

    /// The numbers whose logarithms weight the reference's and the distorted picture's entropies,
    /// given a block's variances in both.
    #[inline(always)]
    pub(in crate::feature::speed) fn weights(&self, (r, d): (f32, f32)) -> (f64, f64) {
        let alone = |variance: f32| f64::from(1.0 + variance);
        let mean = || 1.0 + f64::from(r + d) / 2.0;
        let mixed = |of_r: f64, of_d: f64| 1.0 + (of_r * f64::from(r) + of_d * f64::from(d));
        match self.weighting {
            0 => (alone(r), alone(d)),
            1 => (alone(r), alone(r)),
            2 => (alone(d), alone(d)),
            3 => (mean(), mean()),
            4 => (alone(r), mean()),
            5 => (alone(r), mixed(0.75, 0.25)),
            _ => (alone(r), mixed(0.25, 0.75)),
        }
    }
}

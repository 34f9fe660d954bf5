//! From the scales' numerators and denominators to the outputs.

use super::scale::SCALES;
use crate::Format;
use crate::feature::Options;

/// Numerator and denominator of a scale that is left out: not 0, which nothing can be divided by.
pub(super) const SKIPPED: (f64, f64) = (0.0, 1e-10_f32 as f64);

/// The parameters that combine detail kept and impairment added into `adm3`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Combination {
    detail_weight: f64,
    min: f64,
}

impl Combination {
    pub(super) fn from_options(options: &Options) -> Self {
        Self { detail_weight: options.float("adm_dlm_weight"), min: options.float("adm_min_val") }
    }

    /// The outputs, in order, from each scale's numerator and denominator and the impairment added
    /// at all of them.
    pub(super) fn outputs(
        &self,
        format: &Format,
        ratios: &[(f64, f64); SCALES],
        additive: f64,
    ) -> [f64; 18] {
        // Below this, sums are noise.
        let pixels = f64::from(format.width) * f64::from(format.height);
        let limit = 1e-10 * pixels / (1920.0 * 1080.0);
        let sum = |part: fn(&(f64, f64)) -> f64| {
            let sum: f64 = ratios.iter().map(part).sum();
            if sum < limit { 0.0 } else { sum }
        };
        let (num, den) = (sum(|ratio| ratio.0), sum(|ratio| ratio.1));
        let (adm, aim) = if den == 0.0 { (1.0, 0.0) } else { (num / den, additive / den) };
        let adm3 = adm * self.detail_weight + (1.0 - aim) * (1.0 - self.detail_weight);
        let [s0, s1, s2, s3] = *ratios;
        let scale = |ratio: (f64, f64)| ratio.0 / ratio.1;
        [
            adm,
            aim,
            adm3.max(self.min),
            scale(s0),
            scale(s1),
            scale(s2),
            scale(s3),
            adm,
            num,
            den,
            s0.0,
            s0.1,
            s1.0,
            s1.1,
            s2.0,
            s2.1,
            s3.0,
            s3.1,
        ]
    }
}

//! PSNR of luma, as libvmaf's `float_psnr`.
//!
//! The same measure as [`psnr`](super::psnr), in 32-bit floats and of samples brought to the range
//! of 8 bits: the peak of 10 bits is 1023/4. Up to 12 bits each squared difference is exact and
//! the values are those of `psnr_y`; beyond, squares are rounded to 24 bits before they are
//! summed. A picture equal to its reference has 6 dB a bit and 12 more.

mod kernel;
mod reference;

#[cfg(test)]
mod tests;

use std::any::Any;

use super::{Extractor, Feature, Output, Plan, Rows, When, Window};
use crate::simd::Level;
use crate::{Format, Result};

/// The feature PSNR in floating point: options, columns.
pub static FEATURE: Feature = Feature {
    name: "float_psnr",
    summary: "Mean squared error of luma in decibels, in floating point",
    paper: "ITU-T J.340, Reference algorithm for computing peak signal to noise ratio, 2010",
    options: &[],
    outputs: OUTPUTS,
    least_size: (1, 1),
    plan: |plan| Ok(Box::new(FloatPsnr::new(plan))),
};

static OUTPUTS: &[Output] = &[Output {
    name: "float_psnr",
    column: "float_psnr",
    when: When::Frame,
    needs: &[],
    range: (0.0, 108.0),
    summary: "luma",
}];

/// The least mean squared error that counts.
const LEAST_MSE: f64 = 1e-10;

struct FloatPsnr {
    format: Format,
    level: Level,
    variants: usize,
}

impl FloatPsnr {
    fn new(plan: &Plan<'_>) -> Self {
        Self { format: plan.format, level: plan.level, variants: plan.variants.len() }
    }

    /// PSNR of frames whose squared errors, in squared steps of a sample, sum to `sse`.
    fn psnr(&self, sse: u64) -> f64 {
        let depth = u32::from(self.format.bit_depth);
        let step = 1.0 / f64::from(1_u32 << (depth - 8));
        let (width, height) = self.format.plane_size(0);
        let mse = sse as f64 * (step * step) / (width * height) as f64;
        let peak = f64::from((1_u32 << depth) - 1) * step;
        let psnr = 10.0 * libm::log10(peak * peak / mse.max(LEAST_MSE));
        psnr.min(f64::from(6 * depth + 12))
    }
}

impl Extractor for FloatPsnr {
    fn workspace(&self) -> Box<dyn Any + Send> {
        Box::new(())
    }

    fn extract(
        &self,
        window: &Window<'_>,
        _workspace: &mut (dyn Any + Send),
        rows: &mut Rows<'_>,
    ) -> Result<()> {
        let (level, depth) = (self.level, self.format.bit_depth);
        for (encode, distorted) in window.distorted.iter().enumerate() {
            let Some(distorted) = distorted else { continue };
            let sse = if depth == 8 {
                let (a, b) = (window.reference.plane::<u8>(0), distorted.plane(0));
                kernel::squared_error(level, a, b, depth)
            } else {
                let (a, b) = (window.reference.plane::<u16>(0), distorted.plane(0));
                kernel::squared_error(level, a, b, depth)
            };
            for variant in 0..self.variants {
                rows.write(encode, variant, &[self.psnr(sse)]);
            }
        }
        Ok(())
    }
}

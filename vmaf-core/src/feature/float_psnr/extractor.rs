//! PSNR in floating point planned for a job.

use std::sync::Arc;

use super::kernel;
use crate::feature::{AnyExtractor, Extractor, Plan, Rows, Window};
use crate::{Format, Level, Result, Sample};

/// The least mean squared error that counts.
const LEAST_MSE: f64 = 1e-10;

pub(super) struct FloatPsnr {
    pub(super) format: Format,
    pub(super) level: Level,
}

pub(super) fn plan(plan: &Plan<'_>) -> Arc<dyn AnyExtractor> {
    Arc::new(FloatPsnr { format: plan.format, level: plan.level })
}

impl FloatPsnr {
    /// PSNR of frames whose squared errors, in squared steps of a sample, sum to `sse`.
    pub(super) fn psnr(&self, sse: u64) -> f64 {
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
    type Workspace = ();

    fn workspace(&self) {}

    fn extract<T: Sample>(
        &self,
        window: &Window<'_>,
        _workspace: &mut (),
        rows: &mut Rows<'_>,
    ) -> Result<()> {
        let (level, depth) = (self.level, self.format.bit_depth);
        for (encode, distorted) in window.encodes() {
            let (a, b) = (window.reference.plane::<T>(0), distorted.plane(0));
            let sse = kernel::squared_error(level, a, b, depth);
            rows.write_all(encode, &[self.psnr(sse)]);
        }
        Ok(())
    }
}

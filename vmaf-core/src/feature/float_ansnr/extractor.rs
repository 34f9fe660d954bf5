//! ANSNR planned for a job.

use std::sync::Arc;

use super::kernel::{self, Energy, Workspace};
use crate::feature::{AnyExtractor, Extractor, Plan, Rows, Window};
use crate::{Format, Level, Result, Sample};

/// The least energy of noise that counts.
const LEAST_NOISE: f64 = 1e-10;

pub(super) struct FloatAnsnr {
    pub(super) format: Format,
    pub(super) level: Level,
}

pub(super) fn plan(plan: &Plan<'_>) -> Arc<dyn AnyExtractor> {
    Arc::new(FloatAnsnr { format: plan.format, level: plan.level })
}

impl FloatAnsnr {
    /// ANSNR and ANPSNR of frames with these energies.
    pub(super) fn values(&self, energy: Energy) -> [f64; 2] {
        let Energy { signal, noise } = energy;
        let depth = u32::from(self.format.bit_depth);
        let max = f64::from(6 * depth + 12);
        let ansnr = if noise == 0.0 { max } else { 10.0 * libm::log10(f64::from(signal / noise)) };
        let peak = f64::from((1_u32 << depth) - 1) / f64::from(1_u32 << (depth - 8));
        let (width, height) = (f64::from(self.format.width), f64::from(self.format.height));
        let peaks = peak * peak * width * height;
        let anpsnr = 10.0 * libm::log10(peaks / f64::from(noise).max(LEAST_NOISE));
        [ansnr, anpsnr.min(max)]
    }
}

impl Extractor for FloatAnsnr {
    type Workspace = Workspace;

    fn workspace(&self) -> Workspace {
        Workspace::new(self.format.width as usize)
    }

    fn extract<T: Sample>(
        &self,
        window: &Window<'_>,
        workspace: &mut Workspace,
        rows: &mut Rows<'_>,
    ) -> Result<()> {
        let (planes, depth) = (window.planes::<T>(0), self.format.bit_depth);
        let energies = kernel::energies(self.level, planes[0], &planes[1..], depth, workspace);
        for ((encode, _), energy) in window.encodes().zip(energies) {
            rows.write_all(encode, &self.values(energy));
        }
        Ok(())
    }
}

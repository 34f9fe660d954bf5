//! Moments planned for a job.

use std::sync::Arc;

use super::kernel::{self, Moments};
use crate::feature::{AnyExtractor, Extractor, Plan, Rows, Window};
use crate::{Format, Frame, Level, Result, Sample};

pub(super) struct FloatMoment {
    pub(super) format: Format,
    pub(super) level: Level,
}

pub(super) fn plan(plan: &Plan<'_>) -> Arc<dyn AnyExtractor> {
    Arc::new(FloatMoment { format: plan.format, level: plan.level })
}

impl FloatMoment {
    /// The first and the second moment of a frame.
    pub(super) fn moments<T: Sample>(&self, frame: &Frame) -> [f64; 2] {
        let depth = self.format.bit_depth;
        let plane = frame.plane::<T>(0);
        let Moments { sum, squares } = kernel::moments(self.level, plane, depth);
        let step = 1.0 / f64::from(1_u32 << (depth - 8));
        let (width, height) = self.format.plane_size(0);
        let pixels = (width * height) as f64;
        [sum as f64 * step / pixels, squares as f64 * (step * step) / pixels]
    }
}

impl Extractor for FloatMoment {
    type Workspace = ();

    fn workspace(&self) {}

    fn extract<T: Sample>(
        &self,
        window: &Window<'_>,
        _workspace: &mut (),
        rows: &mut Rows<'_>,
    ) -> Result<()> {
        let reference = self.moments::<T>(window.reference);
        for (encode, distorted) in window.encodes() {
            let distorted = self.moments::<T>(distorted);
            let values = [reference[0], distorted[0], reference[1], distorted[1]];
            rows.write_all(encode, &values);
        }
        Ok(())
    }
}

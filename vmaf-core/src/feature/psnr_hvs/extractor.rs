//! PSNR-HVS planned for a job.

use std::sync::Arc;

use super::csf::Weights;
use super::kernel::{Errors, blocks};
use crate::feature::{AnyExtractor, Extractor, Plan, Requirements, Rows, Window};
use crate::{Error, Format, Level, Result, Sample};

struct PsnrHvs {
    format: Format,
    level: Level,
    /// A plane's weights, luma first.
    weights: Vec<Weights>,
}

pub(super) fn plan(plan: &Plan<'_>) -> Result<Arc<dyn AnyExtractor>> {
    let format = plan.format;
    let planes = format.chroma.planes();
    if (0..planes).any(|index| {
        let (width, height) = format.plane_size(index);
        width < 8 || height < 8
    }) {
        let (x, y) = format.chroma.shifts();
        return Err(Error::TooSmall {
            feature: super::FEATURE.name.to_owned(),
            width: format.width,
            height: format.height,
            least_width: 8 << x,
            least_height: 8 << y,
        });
    }
    let weights = (0..planes).map(Weights::for_plane).collect();
    Ok(Arc::new(PsnrHvs { format, level: plan.level, weights }))
}

impl PsnrHvs {
    /// Each encode's mean square of the visible error, relative to the square of the greatest
    /// sample.
    fn errors<T: Sample>(&self, window: &Window<'_>, index: usize) -> Vec<f64> {
        let planes = window.planes::<T>(index);
        let (reference, distorted) = (planes[0], &planes[1..]);
        let depth = self.format.bit_depth;
        let weights = &self.weights[index];
        let sums = self.level.run(Errors { reference, distorted, weights, bit_depth: depth });
        let (width, height) = self.format.plane_size(index);
        let samples = (64 * blocks(width) * blocks(height)) as f32;
        let greatest = (1_u64 << depth) - 1;
        let errors = sums.into_iter().map(|sum| sum / samples / (greatest * greatest) as f32);
        errors.map(f64::from).collect()
    }
}

impl Extractor for PsnrHvs {
    type Workspace = ();

    fn requirements(&self) -> Requirements {
        Requirements { chroma: true, ..Requirements::default() }
    }

    fn workspace(&self) {}

    fn extract<T: Sample>(
        &self,
        window: &Window<'_>,
        _workspace: &mut (),
        rows: &mut Rows<'_>,
    ) -> Result<()> {
        let planes = (0..self.weights.len()).map(|index| self.errors::<T>(window, index));
        let planes: Vec<Vec<f64>> = planes.collect();
        for (place, (encode, _)) in window.encodes().enumerate() {
            let error = |index: usize| planes.get(index).map_or(f64::NAN, |plane| plane[place]);
            let all = error(0) * 0.8 + 0.1 * (error(1) + error(2));
            let values = [error(0), error(1), error(2), all].map(decibels);
            rows.write_all(encode, &values);
        }
        Ok(())
    }
}

/// An error as a level below the greatest sample: infinite for none.
fn decibels(error: f64) -> f64 {
    10.0 * -libm::log10(error)
}

//! PSNR-HVS planned for a job.

use std::any::Any;

use super::csf::Weights;
use super::kernel::{Errors, blocks};
use crate::feature::{Extractor, Plan, Rows, Window};
use crate::{Error, Format, Level, Plane, Result, Sample};

struct PsnrHvs {
    format: Format,
    level: Level,
    variants: usize,
    /// A plane's weights, luma first.
    weights: Vec<Weights>,
}

pub(super) fn plan(plan: &Plan<'_>) -> Result<Box<dyn Extractor>> {
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
    let weights = (0..planes).map(Weights::of_plane).collect();
    Ok(Box::new(PsnrHvs { format, level: plan.level, variants: plan.variants.len(), weights }))
}

impl PsnrHvs {
    /// Each encode's mean square of the visible error, relative to the square of the greatest
    /// sample.
    fn errors<T: Sample>(&self, window: &Window<'_>, index: usize) -> Vec<f64> {
        let reference: &Plane<T> = window.reference.plane(index);
        let distorted = window.distorted.iter().flatten();
        let distorted: Vec<&Plane<T>> = distorted.map(|frame| frame.plane(index)).collect();
        let depth = self.format.bit_depth;
        let weights = &self.weights[index];
        let sums =
            self.level.run(Errors { reference, distorted: &distorted, weights, bit_depth: depth });
        let (width, height) = self.format.plane_size(index);
        let samples = (64 * blocks(width) * blocks(height)) as f32;
        let greatest = (1_u64 << depth) - 1;
        let errors = sums.into_iter().map(|sum| sum / samples / (greatest * greatest) as f32);
        errors.map(f64::from).collect()
    }
}

impl Extractor for PsnrHvs {
    fn reads_chroma(&self) -> bool {
        true
    }

    fn workspace(&self) -> Box<dyn Any + Send> {
        Box::new(())
    }

    fn extract(
        &self,
        window: &Window<'_>,
        _workspace: &mut (dyn Any + Send),
        rows: &mut Rows<'_>,
    ) -> Result<()> {
        let planes = (0..self.weights.len()).map(|index| {
            if self.format.bit_depth == 8 {
                self.errors::<u8>(window, index)
            } else {
                self.errors::<u16>(window, index)
            }
        });
        let planes: Vec<Vec<f64>> = planes.collect();
        let present = window.distorted.iter().enumerate().filter(|(_, frame)| frame.is_some());
        for (place, (encode, _)) in present.enumerate() {
            let error = |index: usize| planes.get(index).map_or(f64::NAN, |plane| plane[place]);
            let all = error(0) * 0.8 + 0.1 * (error(1) + error(2));
            let values = [error(0), error(1), error(2), all].map(decibels);
            for variant in 0..self.variants {
                rows.write(encode, variant, &values);
            }
        }
        Ok(())
    }
}

/// An error as a level below the greatest sample: infinite for none.
fn decibels(error: f64) -> f64 {
    10.0 * -libm::log10(error)
}

//! MS-SSIM planned for a job: the pyramid of each picture, scale by scale.

use std::sync::Arc;

use super::kernel::{self, Halve};
use super::{SCALES, score};
use crate::feature::float_ssim::{self, Floats, Means, Picture, Samples, Statistics, Unit};
use crate::feature::{AnyExtractor, Extractor, Plan, Rows, Window};
use crate::{Format, Level, Result, Sample};

struct MsSsim {
    format: Format,
    level: Level,
    units: Vec<Unit>,
    /// True if a variant wants luminance of all scales.
    all: bool,
}

pub(super) fn plan(plan: &Plan<'_>) -> Result<Arc<dyn AnyExtractor>> {
    let units =
        plan.variants.iter().map(|options| Unit::from_options(options, &plan.format)).collect();
    let all = plan.variants.iter().any(|options| options.flag("enable_lcs"));
    Ok(Arc::new(MsSsim { format: plan.format, level: plan.level, units, all }))
}

/// Memory of one thread: the kernels' memory, and the pictures of the current scale and the next,
/// the reference's first.
struct Memory {
    statistics: float_ssim::Workspace,
    halve: kernel::Workspace,
    pictures: [Vec<Floats>; 2],
}

impl MsSsim {
    /// The means of each scale and encode.
    fn means<T: Sample>(&self, window: &Window<'_>, memory: &mut Memory) -> Vec<Vec<Means>> {
        let depth = self.format.bit_depth;
        let planes = window.planes::<T>(0).into_iter();
        let pictures: Vec<Samples<'_, T>> =
            planes.map(|plane| Samples::new(plane, depth)).collect();
        let Memory { statistics, halve, pictures: [current, next] } = memory;
        for smaller in [&mut *current, &mut *next] {
            smaller.resize_with(pictures.len(), Floats::default);
        }
        let mut scales = vec![self.statistics(0, &pictures, statistics)];
        self.halve(&pictures, halve, current);
        for scale in 1..SCALES {
            scales.push(self.statistics(scale, current, statistics));
            if scale + 1 < SCALES {
                self.halve(current, halve, next);
                std::mem::swap(current, next);
            }
        }
        scales
    }

    /// The means of one scale, from the reference's picture and those of the encodes.
    fn statistics<P: Picture>(
        &self,
        scale: usize,
        pictures: &[P],
        workspace: &mut float_ssim::Workspace,
    ) -> Vec<Means> {
        let [reference, distorted @ ..] = pictures else { return Vec::new() };
        let all = self.all || scale == SCALES - 1;
        self.level.run(Statistics { reference, distorted, all, workspace })
    }

    fn halve<P: Picture>(
        &self,
        pictures: &[P],
        workspace: &mut kernel::Workspace,
        to: &mut [Floats],
    ) {
        for (picture, out) in pictures.iter().zip(to) {
            self.level.run(Halve { picture, workspace, out });
        }
    }
}

impl Extractor for MsSsim {
    type Workspace = Memory;

    fn workspace(&self) -> Memory {
        Memory {
            statistics: float_ssim::Workspace::new(),
            halve: kernel::Workspace::new(),
            pictures: Default::default(),
        }
    }

    fn extract<T: Sample>(
        &self,
        window: &Window<'_>,
        memory: &mut Memory,
        rows: &mut Rows<'_>,
    ) -> Result<()> {
        let scales = self.means::<T>(window, memory);
        rows.write_variants(window, &self.units, |encode, unit| {
            let mut values = values(std::array::from_fn(|scale| scales[scale][encode]));
            values[0] = unit.convert(values[0]);
            values
        });
        Ok(())
    }
}

/// The outputs, in order.
pub(super) fn values(scales: [Means; SCALES]) -> [f64; 1 + 3 * SCALES] {
    let terms = scales.map(|means| (means.contrast, means.structure));
    let mut values = [0.0; 1 + 3 * SCALES];
    values[0] = score(scales[SCALES - 1].luminance, &terms);
    for (scale, means) in scales.iter().enumerate() {
        values[1 + scale] = f64::from(means.luminance);
        values[1 + SCALES + scale] = f64::from(means.contrast);
        values[1 + 2 * SCALES + scale] = f64::from(means.structure);
    }
    values
}

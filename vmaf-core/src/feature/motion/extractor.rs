//! Motion planned for a job: the difference from an earlier frame is computed once for all
//! variants.

use std::sync::Arc;

use super::kernel::{self, Workspace};
use super::temporal::Temporal;
use crate::feature::{
    AnyExtractor, Extractor, Lookback, Neighbours, Options, Plan, Requirements, Rows, Series,
    Window,
};
use crate::simd::samples::Load;
use crate::{Format, Frame, Level, Result};

struct Motion {
    format: Format,
    level: Level,
    variants: Vec<Variant>,
}

/// One set of options.
struct Variant {
    force_zero: bool,
    fps_weight: f64,
    temporal: Temporal,
}

impl Variant {
    fn new(options: &Options) -> Self {
        Self {
            force_zero: options.flag("motion_force_zero"),
            fps_weight: options.float("motion_fps_weight"),
            temporal: Temporal {
                distance: if options.flag("motion_five_frame_window") { 2 } else { 1 },
                blend_factor: options.float("motion_blend_factor"),
                blend_offset: options.float("motion_blend_offset"),
                max: options.float("motion_max_val"),
                moving_average: options.flag("motion_moving_average"),
            },
        }
    }

    /// The value of a frame whose blurred difference sums to `sad` over `pixels` pixels.
    fn value(&self, sad: u64, pixels: f64) -> f64 {
        let value = sad as f64 / 256.0 / pixels * self.fps_weight;
        value.min(self.temporal.max)
    }
}

pub(super) fn plan(plan: &Plan<'_>) -> Arc<dyn AnyExtractor> {
    let variants = plan.variants.iter().map(Variant::new).collect();
    Arc::new(Motion { format: plan.format, level: plan.level, variants })
}

impl Motion {
    fn sad<T: Load>(&self, previous: &Frame, current: &Frame, rows: &mut Workspace) -> u64 {
        let (previous, current) = (previous.plane::<T>(0), current.plane(0));
        kernel::sad(self.level, previous, current, self.format.bit_depth, rows)
    }
}

impl Extractor for Motion {
    type Workspace = Workspace;

    fn requirements(&self) -> Requirements {
        let distances = self.variants.iter().map(|variant| variant.temporal.distance);
        let reference = distances.max().unwrap_or(0);
        let neighbours = self.variants.iter().map(|variant| variant.temporal.neighbours());
        Requirements {
            lookback: Lookback { reference, ..Lookback::default() },
            neighbours: neighbours.fold(Neighbours::default(), Neighbours::union),
            ..Requirements::default()
        }
    }

    fn workspace(&self) -> Workspace {
        Workspace::new(self.format.width as usize)
    }

    fn extract<T: Load>(
        &self,
        window: &Window<'_>,
        workspace: &mut Workspace,
        rows: &mut Rows<'_>,
    ) -> Result<()> {
        let pixels = f64::from(self.format.width) * f64::from(self.format.height);
        // The differences from the frame one or two before, computed at most once.
        let mut sads = [None; 2];
        for (index, variant) in self.variants.iter().enumerate() {
            let distance = variant.temporal.distance;
            let earlier = window.previous.get(distance - 1).filter(|_| !variant.force_zero);
            let value = earlier.map_or(0.0, |earlier| {
                let sad = *sads[distance - 1]
                    .get_or_insert_with(|| self.sad::<T>(earlier, window.reference, workspace));
                variant.value(sad, pixels)
            });
            for encode in 0..window.distorted.len() {
                rows.write(encode, index, &[value, value]);
            }
        }
        Ok(())
    }

    fn finish(&self, variant: usize, frames: &Series<'_>, emit: &mut dyn FnMut(usize, &[f64])) {
        self.variants[variant].temporal.finish(frames.first, frames.columns[0], emit);
    }
}

//! Motion: the amount of change in the reference from frame to frame.
//!
//! The mean absolute difference between a reference frame and the one before, both blurred
//! slightly: movement hides distortion. `motion2` is the lesser of a frame's value and the next
//! one's, so that a cut counts for little; `motion3` is that with large values blended towards a
//! bound and, if asked for, averaged with the frame before. The distorted video plays no part, so
//! all encodes of a group share it. Here it is in fixed point, as libvmaf's `motion`.
//!
//! Li et al., "Toward a practical perceptual video quality metric", 2016.

mod kernel;
mod reference;
pub(in crate::feature) mod temporal;

#[cfg(test)]
mod tests;

use std::any::Any;

use temporal::Temporal;

use super::{
    Extractor, FLAG, Feature, Need, Neighbours, OptionSpec, Options, Output, Plan, Rows, Series,
    When, Window, number, option, unnamed,
};
use crate::simd::Level;
use crate::{Format, Frame, Result};

/// The motion feature: options, columns.
pub static FEATURE: Feature = Feature {
    name: "motion",
    summary: "Change of the reference from frame to frame",
    paper: "Li et al., Toward a practical perceptual video quality metric, 2016",
    options: OPTIONS,
    outputs: OUTPUTS,
    least_size: (3, 3),
    plan: |plan| Ok(Box::new(Motion::new(plan))),
};

static OPTIONS: &[OptionSpec] = &[
    option("motion_force_zero", "force_0", FLAG, "make every value 0"),
    option(
        "motion_blend_factor",
        "mbf",
        number(1.0, 0.0, 1.0),
        "how much of what motion3 has above the offset is kept",
    ),
    option(
        "motion_blend_offset",
        "mbo",
        number(40.0, 0.0, 1000.0),
        "where motion3's blending begins",
    ),
    option(
        "motion_fps_weight",
        "mfw",
        number(1.0, 0.0, 5.0),
        "factor that corrects for frame rate",
    ),
    option("motion_max_val", "mmxv", number(10_000.0, 0.0, 10_000.0), "the greatest value"),
    option(
        "motion_five_frame_window",
        "mffw",
        FLAG,
        "compare with the frame before the previous one",
    ),
    option("motion_moving_average", "mma", FLAG, "average motion3 with that of the frame before"),
    unnamed("debug", FLAG, "add the value before the lesser of two frames is taken"),
];

static OUTPUTS: &[Output] = &[
    Output {
        name: "VMAF_integer_feature_motion_sad_score",
        column: "VMAF_integer_feature_motion_sad_score",
        when: When::Frame,
        needs: &[],
        range: (0.0, 10_000.0),
        summary: "change since the frame before",
    },
    Output {
        name: "VMAF_integer_feature_motion_score",
        column: "integer_motion",
        when: When::Frame,
        needs: &[Need::Flag("debug")],
        range: (0.0, 10_000.0),
        summary: "",
    },
    Output {
        name: "VMAF_integer_feature_motion2_score",
        column: "integer_motion2",
        when: When::End,
        needs: &[],
        range: (0.0, 10_000.0),
        summary: "the lesser of this frame's change and the next one's",
    },
    Output {
        name: "VMAF_integer_feature_motion3_score",
        column: "integer_motion3",
        when: When::End,
        needs: &[],
        range: (0.0, 10_000.0),
        summary: "motion2, blended and bounded",
    },
];

/// Motion, planned.
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

impl Motion {
    fn new(plan: &Plan<'_>) -> Self {
        let variants = plan.variants.iter().map(Variant::new).collect();
        Self { format: plan.format, level: plan.level, variants }
    }

    fn sad(&self, previous: &Frame, current: &Frame, rows: &mut kernel::Workspace) -> u64 {
        let depth = self.format.bit_depth;
        if depth == 8 {
            kernel::sad(self.level, previous.plane::<u8>(0), current.plane(0), depth, rows)
        } else {
            kernel::sad(self.level, previous.plane::<u16>(0), current.plane(0), depth, rows)
        }
    }
}

impl Extractor for Motion {
    fn lookback(&self) -> usize {
        self.variants.iter().map(|variant| variant.temporal.distance).max().unwrap_or(0)
    }

    fn neighbours(&self) -> Neighbours {
        let neighbours = self.variants.iter().map(|variant| variant.temporal.neighbours());
        neighbours.fold(Neighbours::default(), Neighbours::union)
    }

    fn workspace(&self) -> Box<dyn Any + Send> {
        Box::new(kernel::Workspace::new(self.format.width as usize))
    }

    fn extract(
        &self,
        window: &Window<'_>,
        workspace: &mut (dyn Any + Send),
        rows: &mut Rows<'_>,
    ) -> Result<()> {
        let workspace = workspace.downcast_mut().expect("the workspace this extractor made");
        let pixels = f64::from(self.format.width) * f64::from(self.format.height);
        // The differences from the frame one or two before, computed at most once.
        let mut sads = [None; 2];
        for (index, variant) in self.variants.iter().enumerate() {
            let distance = variant.temporal.distance;
            let earlier = window.previous.get(distance - 1).filter(|_| !variant.force_zero);
            let value = earlier.map_or(0.0, |earlier| {
                let sad = *sads[distance - 1]
                    .get_or_insert_with(|| self.sad(earlier, window.reference, workspace));
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

//! Motion: the amount of change in the reference from frame to frame.
//!
//! The mean absolute difference between a reference frame and the one before, both blurred
//! slightly: movement hides distortion. `motion2` is the lesser of a frame's value and the next
//! one's, so that a cut counts for little; `motion3` is that with large values blended towards a
//! bound and, if asked for, averaged with the frame before. The distorted video plays no part, so
//! all encodes of a group share it. Here it is in fixed point, as libvmaf's `motion`.
//!
//! Li et al., "Toward a practical perceptual video quality metric", 2016.

mod extractor;
mod kernel;
mod reference;
pub(in crate::feature) mod temporal;

#[cfg(test)]
mod tests;

use super::{FLAG, Feature, Need, OptionSpec, Output, When, number, option, unnamed};

/// The motion feature: options, columns.
pub static FEATURE: Feature = Feature {
    name: "motion",
    summary: "Change of the reference from frame to frame",
    paper: "Li et al., Toward a practical perceptual video quality metric, 2016",
    options: OPTIONS,
    outputs: OUTPUTS,
    least_size: (3, 3),
    plan: |plan| Ok(extractor::plan(plan)),
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

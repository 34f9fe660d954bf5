//! Motion in floating point: the amount of change in the reference from frame to frame.
//!
//! The same as [`motion`](super::motion), before it was put in fixed point: the mean absolute
//! difference between a reference frame and the one before, both blurred slightly. It can blur
//! less, add the difference of pictures of half the size, and that of the chroma planes. Everything
//! is in single precision, the sum of each row too.
//!
//! For chroma planes narrower than luma, libvmaf takes half-size pictures from the wrong places (it
//! uses the wrong stride); here they are taken from the planes' own rows.
//!
//! Li et al., "Toward a practical perceptual video quality metric", 2016.

mod extractor;
mod kernel;
mod reference;

#[cfg(test)]
mod tests;

use super::{
    FLAG, Feature, Need, OptionKind, OptionSpec, Output, When, number, option, unnamed, whole,
};

/// The feature motion in floating point: options, columns.
pub static FEATURE: Feature = Feature {
    name: "float_motion",
    summary: "Change of the reference from frame to frame, in floating point",
    paper: "Li et al., Toward a practical perceptual video quality metric, 2016",
    options: OPTIONS,
    outputs: OUTPUTS,
    least_size: (3, 3),
    plan: extractor::plan,
};

static OPTIONS: &[OptionSpec] = &[
    unnamed(
        "debug",
        OptionKind::Bool { default: true },
        "add the value before the lesser of two frames is taken",
    ),
    option("motion_force_zero", "force_0", FLAG, "make every value 0"),
    option(
        "motion_fps_weight",
        "mfw",
        number(1.0, 0.0, 5.0),
        "factor that corrects for frame rate",
    ),
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
    option("motion_add_scale1", "mdc", FLAG, "add the change of pictures of half the size"),
    option(
        "motion_filter_size",
        "mfs",
        whole(5, 0, 9),
        "taps of the blur: 1 for none, 3, and else 5",
    ),
    option("motion_add_uv", "mau", FLAG, "add the change of the chroma planes"),
    option("motion_max_val", "mmxv", number(10_000.0, 0.0, 10_000.0), "the greatest value"),
];

const fn change(
    name: &'static str,
    column: &'static str,
    when: When,
    needs: &'static [Need],
    summary: &'static str,
) -> Output {
    Output { name, column, when, needs, range: (0.0, 10_000.0), summary }
}

static OUTPUTS: &[Output] = &[
    change(
        "VMAF_feature_motion2_score",
        "motion2",
        When::End,
        &[],
        "the lesser of this frame's change and the next one's",
    ),
    change(
        "VMAF_feature_motion_score",
        "motion",
        When::Frame,
        &[Need::Flag("debug")],
        "change since the frame before",
    ),
    // The same before it is bounded.
    change("float_motion_unbounded", "float_motion_unbounded", When::Hidden, &[], ""),
    change("VMAF_feature_motion3_score", "motion3", When::End, &[], "motion2, blended and bounded"),
];

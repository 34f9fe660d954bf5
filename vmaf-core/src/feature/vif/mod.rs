//! VIF: how much of the reference's visual information the distorted picture still carries.
//!
//! Natural images are modelled as a Gaussian scale mixture, distortion as a gain and added noise.
//! In a window around each pixel the variances of both pictures and their covariance give the
//! mutual information that an observer with a little noise of its own extracts from the distorted
//! picture and from the reference; the sums of the two over the picture, divided, are the feature.
//! It is computed at four scales, each half the size of the one before. Here it is in fixed point,
//! as libvmaf's `vif`: 17, 9, 5 and 3 taps wide windows, logarithms in steps of 1/2048.
//!
//! Sheikh and Bovik, "Image information and visual quality", IEEE Transactions on Image
//! Processing 15(2), 2006; as a feature of VMAF: Li et al., "Toward a practical perceptual video
//! quality metric", 2016.
//!
//! Scales 0 to 3 are between 0 and about 1; 1 is a picture like its reference, above 1 one with
//! more contrast. The option `vif_enhn_gain_limit` bounds the gain that is given credit for.

mod extractor;
mod filter;
mod kernel;
mod log2;
mod reference;
mod sums;

#[cfg(test)]
mod tests;

use super::{Feature, Need, OptionKind, OptionSpec, Output, When};

/// What VIF is: options, columns.
pub static FEATURE: Feature = Feature {
    name: "vif",
    summary: "Visual information of the reference that is left, at four scales",
    paper: "Sheikh and Bovik, Image information and visual quality, IEEE TIP 15(2), 2006",
    options: OPTIONS,
    outputs: OUTPUTS,
    least_size: (16, 16),
    plan: |plan| Ok(extractor::plan(plan)),
};

static OPTIONS: &[OptionSpec] = &[
    OptionSpec {
        name: "debug",
        alias: "",
        kind: OptionKind::Bool { default: false },
        in_column_name: false,
        help: "add the overall value, and numerators and denominators",
    },
    OptionSpec {
        name: "vif_enhn_gain_limit",
        alias: "egl",
        kind: OptionKind::Float { default: 100.0, min: 1.0, max: 100.0 },
        in_column_name: true,
        help: "the greatest gain that counts; 1 gives no credit for enhancement",
    },
    OptionSpec {
        name: "vif_skip_scale0",
        alias: "ssclz",
        kind: OptionKind::Bool { default: false },
        in_column_name: true,
        help: "leave out the finest scale, whose value is then 0",
    },
];

const fn scale(name: &'static str, column: &'static str, summary: &'static str) -> Output {
    Output { name, column, when: When::Frame, needs: &[], range: (0.0, 1.0), summary }
}

const fn debug(name: &'static str) -> Output {
    Output {
        name,
        column: name,
        when: When::Frame,
        needs: &[Need::Flag("debug")],
        range: (0.0, f64::INFINITY),
        summary: "",
    }
}

static OUTPUTS: &[Output] = &[
    scale("VMAF_integer_feature_vif_scale0_score", "integer_vif_scale0", "the finest detail"),
    scale("VMAF_integer_feature_vif_scale1_score", "integer_vif_scale1", "fine detail"),
    scale("VMAF_integer_feature_vif_scale2_score", "integer_vif_scale2", "coarse detail"),
    scale("VMAF_integer_feature_vif_scale3_score", "integer_vif_scale3", "the coarsest detail"),
    debug("integer_vif"),
    debug("integer_vif_num"),
    debug("integer_vif_den"),
    debug("integer_vif_num_scale0"),
    debug("integer_vif_den_scale0"),
    debug("integer_vif_num_scale1"),
    debug("integer_vif_den_scale1"),
    debug("integer_vif_num_scale2"),
    debug("integer_vif_den_scale2"),
    debug("integer_vif_num_scale3"),
    debug("integer_vif_den_scale3"),
];

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
//! Scales 0 to 3 are between 0 and about 1; a picture identical to its reference has 1, one with
//! more contrast more than 1. The option `vif_enhn_gain_limit` bounds the gain that is given credit
//! for.

mod extractor;
mod filter;
mod kernel;
pub(super) mod maps;
mod pixels;
mod reference;
mod sums;

#[cfg(test)]
mod tests;

use super::{FLAG, Feature, OptionSpec, Output, number, option, unnamed};

/// The VIF feature: options, columns.
pub static FEATURE: Feature = Feature {
    name: "vif",
    summary: "Visual information of the reference that is preserved, at four scales",
    paper: "Sheikh and Bovik, Image information and visual quality, IEEE TIP 15(2), 2006",
    options: OPTIONS,
    outputs: OUTPUTS,
    least_size: (16, 16),
    plan: |plan| Ok(extractor::plan(plan)),
};

static OPTIONS: &[OptionSpec] = &[
    unnamed("debug", FLAG, "add the overall value, and numerators and denominators"),
    option(
        "vif_enhn_gain_limit",
        "egl",
        number(100.0, 1.0, 100.0),
        "the greatest gain that counts; 1 gives no credit for enhancement",
    ),
    option("vif_skip_scale0", "ssclz", FLAG, "leave out the finest scale, whose value is then 0"),
];

static OUTPUTS: &[Output] = &[
    Output::share(
        "VMAF_integer_feature_vif_scale0_score",
        "integer_vif_scale0",
        "the finest detail",
    ),
    Output::share("VMAF_integer_feature_vif_scale1_score", "integer_vif_scale1", "fine detail"),
    Output::share("VMAF_integer_feature_vif_scale2_score", "integer_vif_scale2", "coarse detail"),
    Output::share(
        "VMAF_integer_feature_vif_scale3_score",
        "integer_vif_scale3",
        "the coarsest detail",
    ),
    Output::debug("integer_vif"),
    Output::debug("integer_vif_num"),
    Output::debug("integer_vif_den"),
    Output::debug("integer_vif_num_scale0"),
    Output::debug("integer_vif_den_scale0"),
    Output::debug("integer_vif_num_scale1"),
    Output::debug("integer_vif_den_scale1"),
    Output::debug("integer_vif_num_scale2"),
    Output::debug("integer_vif_den_scale2"),
    Output::debug("integer_vif_num_scale3"),
    Output::debug("integer_vif_den_scale3"),
];

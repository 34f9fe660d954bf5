//! VIF in floating point: how much of the reference's visual information the distorted picture
//! still carries.
//!
//! The same measure as [`vif`](super::vif), before it was put into fixed point: Gaussian windows of
//! 17, 9, 5 and 3 taps at four scales, each half the size of the one before; in every window the
//! variances of both pictures and their covariance give the information that an observer, whose
//! own noise has a small variance, extracts from the distorted picture and from the reference. Here
//! it is in single precision, as libvmaf's `float_vif`, with options to study it: other windows,
//! other noise, other sizes of picture. The float models use it.
//!
//! Sheikh and Bovik, "Image information and visual quality", IEEE Transactions on Image
//! Processing 15(2), 2006; as a feature of VMAF: Li et al., "Toward a practical perceptual video
//! quality metric", 2016.

mod extractor;
mod kernel;
mod log2;
mod reference;
mod windows;

#[cfg(test)]
mod tests;

use super::{FLAG, Feature, OptionKind, OptionSpec, Output, number, option, unnamed};

/// The feature VIF in floating point: options, columns.
pub static FEATURE: Feature = Feature {
    name: "float_vif",
    summary: "Visual information of the reference that is preserved, in floating point",
    paper: "Sheikh and Bovik, Image information and visual quality, IEEE TIP 15(2), 2006",
    options: OPTIONS,
    outputs: OUTPUTS,
    least_size: (16, 16),
    plan: |plan| extractor::plan(plan),
};

static OPTIONS: &[OptionSpec] = &[
    unnamed("debug", FLAG, "add the overall value, and numerators and denominators"),
    option(
        "vif_enhn_gain_limit",
        "egl",
        number(100.0, 1.0, 100.0),
        "the greatest gain that counts; 1 gives no credit for enhancement",
    ),
    option(
        "vif_kernelscale",
        "ks",
        number(1.0, 0.1, 4.0),
        "how many times as wide windows are; one of a few values, as 0.5, 1, 1.5, 2, 3",
    ),
    option(
        "vif_prescale",
        "ps",
        number(1.0, 0.1, 4.0),
        "how many times as wide and high pictures are made first",
    ),
    option("vif_scale1_min_val", "s1miv", number(0.0, 0.0, 1.0), "the least value of scale 1"),
    option("vif_scale2_min_val", "s2miv", number(0.0, 0.0, 1.0), "the least value of scale 2"),
    option("vif_scale3_min_val", "s3miv", number(0.0, 0.0, 1.0), "the least value of scale 3"),
    option(
        "vif_prescale_method",
        "pm",
        OptionKind::Text { default: "nearest", choices: kernel::prescale::Method::NAMES },
        "how vif_prescale makes pictures",
    ),
    option("vif_sigma_nsq", "snsq", number(2.0, 0.0, 5.0), "the variance of the observer's noise"),
    option("vif_skip_scale0", "ssclz", FLAG, "leave out the finest scale, whose value is then 0"),
];

static OUTPUTS: &[Output] = &[
    Output::share("VMAF_feature_vif_scale0_score", "vif_scale0", "the finest detail"),
    Output::share("VMAF_feature_vif_scale1_score", "vif_scale1", "fine detail"),
    Output::share("VMAF_feature_vif_scale2_score", "vif_scale2", "coarse detail"),
    Output::share("VMAF_feature_vif_scale3_score", "vif_scale3", "the coarsest detail"),
    Output::debug("vif"),
    Output::debug("vif_num"),
    Output::debug("vif_den"),
    Output::debug("vif_num_scale0"),
    Output::debug("vif_den_scale0"),
    Output::debug("vif_num_scale1"),
    Output::debug("vif_den_scale1"),
    Output::debug("vif_num_scale2"),
    Output::debug("vif_den_scale2"),
    Output::debug("vif_num_scale3"),
    Output::debug("vif_den_scale3"),
];

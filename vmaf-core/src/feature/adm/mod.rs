//! ADM: the loss of the reference's detail, and the addition of detail that wasn't there.
//!
//! Both pictures are transformed by a four-level wavelet transform (Daubechies 2). In each band the
//! distorted coefficient is split into a part that follows the reference, dimmed (*detail loss*),
//! and the rest (*additive impairment*); a coefficient pair that keeps its direction within a
//! degree is treated as enhanced contrast and kept whole, up to a gain limit. Both parts are
//! weighted by the eye's contrast sensitivity at the viewing distance, masked by the other part
//! around them, and pooled with a cubic norm over all but a tenth at each border. `adm2` is the
//! detail kept, as a share of the reference's; `aim` is the impairment added; `adm3` combines the
//! two. Here it is in fixed point, as libvmaf's `adm`.
//!
//! Li, Zhang, Ma and Ngan, "Image quality assessment by separately evaluating detail losses and
//! additive impairments", IEEE Transactions on Multimedia 13(5), 2011. Sensitivities: Watson, Yang,
//! Solomon and Villasenor, "Visibility of wavelet quantization noise", IEEE Transactions on Image
//! Processing 6(8), 1997; Barten, "Formula for the contrast sensitivity of the human eye", 2004, as
//! in HDR-VDP (Mantiuk et al., 2011).

mod combination;
pub(super) mod csf;
mod extractor;
mod kernel;
pub(super) mod maps;
mod reference;
pub(super) mod scale;
mod setting;
mod sums;

#[cfg(test)]
mod tests;

use super::{FLAG, Feature, OptionSpec, Output, number, option, unnamed, whole};

/// The ADM feature: options, columns.
pub static FEATURE: Feature = Feature {
    name: "adm",
    summary: "Detail of the reference that is preserved, and impairment that is added",
    paper: "Li, Zhang, Ma and Ngan, Image quality assessment by separately evaluating detail \
            losses and additive impairments, IEEE TMM 13(5), 2011",
    options: OPTIONS,
    outputs: OUTPUTS,
    least_size: (17, 17),
    plan: |plan| extractor::plan(plan),
};

static OPTIONS: &[OptionSpec] = &[
    unnamed("debug", FLAG, "add the overall value, and numerators and denominators"),
    option(
        "adm_csf_scale",
        "scf",
        number(1.0, 0.0, 50.0),
        "factor on the sensitivity to horizontal and vertical detail (mode 1 only)",
    ),
    option(
        "adm_csf_diag_scale",
        "scfd",
        number(1.0, 0.0, 50.0),
        "factor on the sensitivity to diagonal detail (mode 1 only)",
    ),
    option(
        "adm_dlm_weight",
        "dlmw",
        number(0.5, 0.0, 1.0),
        "weight of detail loss beside additive impairment in adm3",
    ),
    option(
        "adm_enhn_gain_limit",
        "egl",
        number(100.0, 1.0, 100.0),
        "the greatest gain that counts; 1 gives no credit for enhancement",
    ),
    option(
        "adm_norm_view_dist",
        "nvd",
        number(3.0, 0.75, 24.0),
        "viewing distance in heights of the display",
    ),
    option("adm_ref_display_height", "rdh", whole(1080, 1, 4320), "the display's height in pixels"),
    option(
        "adm_csf_mode",
        "csf",
        whole(0, 0, 3),
        "contrast sensitivity: 0 Watson, 1 Barten, 2 a blend of both, 3 that fitted by mean \
         absolute error",
    ),
    option(
        "adm_noise_weight",
        "nw",
        number(0.03125, 0.0, 1500.0),
        "what is added to numerator and denominator for each pixel",
    ),
    unnamed("adm_skip_aim", FLAG, "don't compute aim, which is then 0"),
    option("adm_skip_scale0", "ssz", FLAG, "leave out the finest scale, whose value is then 0"),
    option("adm_min_val", "min", number(0.0, 0.0, 1.0), "the least value of adm3"),
];

static OUTPUTS: &[Output] = &[
    Output::share("VMAF_integer_feature_adm2_score", "integer_adm2", "detail kept"),
    Output::share("VMAF_integer_feature_aim_score", "integer_aim", "impairment added; 0 is none"),
    Output::share("VMAF_integer_feature_adm3_score", "integer_adm3", "adm2 and 1 - aim, weighted"),
    Output::share("integer_adm_scale0", "integer_adm_scale0", "the finest detail kept"),
    Output::share("integer_adm_scale1", "integer_adm_scale1", "fine detail kept"),
    Output::share("integer_adm_scale2", "integer_adm_scale2", "coarse detail kept"),
    Output::share("integer_adm_scale3", "integer_adm_scale3", "the coarsest detail kept"),
    Output::debug("integer_adm"),
    Output::debug("integer_adm_num"),
    Output::debug("integer_adm_den"),
    Output::debug("integer_adm_num_scale0"),
    Output::debug("integer_adm_den_scale0"),
    Output::debug("integer_adm_num_scale1"),
    Output::debug("integer_adm_den_scale1"),
    Output::debug("integer_adm_num_scale2"),
    Output::debug("integer_adm_den_scale2"),
    Output::debug("integer_adm_num_scale3"),
    Output::debug("integer_adm_den_scale3"),
];

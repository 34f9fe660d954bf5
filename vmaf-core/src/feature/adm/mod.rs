//! ADM: how much of the reference's detail was lost, and how much was added that wasn't there.
//!
//! Both pictures are taken apart by a four-level wavelet transform (Daubechies 2). In each band the
//! distorted coefficient is split into a part that follows the reference, dimmed (*detail loss*),
//! and the rest (*additive impairment*); a coefficient pair that keeps its direction within a
//! degree is taken for enhanced contrast and kept whole, up to a gain limit. Both parts are weighted
//! by the eye's contrast sensitivity at the viewing distance, masked by the other part around them,
//! and pooled with a cubic norm over all but a tenth at each border. `adm2` is the detail kept, in
//! proportion to the reference's; `aim` is the impairment added; `adm3` weighs the two together.
//! Here it is in fixed point, as libvmaf's `adm`.
//!
//! Li, Zhang, Ma and Ngan, "Image quality assessment by separately evaluating detail losses and
//! additive impairments", IEEE Transactions on Multimedia 13(5), 2011. Sensitivities: Watson, Yang,
//! Solomon and Villasenor, "Visibility of wavelet quantization noise", IEEE Transactions on Image
//! Processing 6(8), 1997; Barten, "Formula for the contrast sensitivity of the human eye", 2004, as
//! in HDR-VDP (Mantiuk et al., 2011).

pub(super) mod csf;
mod decouple;
mod extractor;
mod kernel;
mod reference;
pub(super) mod scale;
mod sums;
mod wavelet;

#[cfg(test)]
mod tests;

use super::{Feature, Need, OptionKind, OptionSpec, Output, When};

/// What ADM is: options, columns.
pub static FEATURE: Feature = Feature {
    name: "adm",
    summary: "Detail of the reference that is left, and impairment that was added",
    paper: "Li, Zhang, Ma and Ngan, Image quality assessment by separately evaluating detail \
            losses and additive impairments, IEEE TMM 13(5), 2011",
    options: OPTIONS,
    outputs: OUTPUTS,
    least_size: (17, 17),
    plan: |plan| extractor::plan(plan),
};

const fn option(
    name: &'static str,
    alias: &'static str,
    kind: OptionKind,
    help: &'static str,
) -> OptionSpec {
    OptionSpec { name, alias, kind, in_column_name: true, help }
}

const fn number(default: f64, min: f64, max: f64) -> OptionKind {
    OptionKind::Float { default, min, max }
}

const fn flag(name: &'static str, help: &'static str) -> OptionSpec {
    let kind = OptionKind::Bool { default: false };
    OptionSpec { name, alias: "", kind, in_column_name: false, help }
}

static OPTIONS: &[OptionSpec] = &[
    flag("debug", "add the overall value, and numerators and denominators"),
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
    option(
        "adm_ref_display_height",
        "rdh",
        OptionKind::Int { default: 1080, min: 1, max: 4320 },
        "the display's height in pixels",
    ),
    option(
        "adm_csf_mode",
        "csf",
        OptionKind::Int { default: 0, min: 0, max: 3 },
        "contrast sensitivity: 0 Watson, 1 Barten, 2 a blend of both, 3 that fitted by mean \
         absolute error",
    ),
    option(
        "adm_noise_weight",
        "nw",
        number(0.03125, 0.0, 1500.0),
        "what is added to numerator and denominator for each pixel",
    ),
    flag("adm_skip_aim", "don't compute aim, which is then 0"),
    option(
        "adm_skip_scale0",
        "ssz",
        OptionKind::Bool { default: false },
        "leave out the finest scale, whose value is then 0",
    ),
    option("adm_min_val", "min", number(0.0, 0.0, 1.0), "the least value of adm3"),
];

const fn output(name: &'static str, column: &'static str, summary: &'static str) -> Output {
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
    output("VMAF_integer_feature_adm2_score", "integer_adm2", "detail kept"),
    output("VMAF_integer_feature_aim_score", "integer_aim", "impairment added; 0 is none"),
    output("VMAF_integer_feature_adm3_score", "integer_adm3", "adm2 and 1 - aim, weighted"),
    output("integer_adm_scale0", "integer_adm_scale0", "the finest detail kept"),
    output("integer_adm_scale1", "integer_adm_scale1", "fine detail kept"),
    output("integer_adm_scale2", "integer_adm_scale2", "coarse detail kept"),
    output("integer_adm_scale3", "integer_adm_scale3", "the coarsest detail kept"),
    debug("integer_adm"),
    debug("integer_adm_num"),
    debug("integer_adm_den"),
    debug("integer_adm_num_scale0"),
    debug("integer_adm_den_scale0"),
    debug("integer_adm_num_scale1"),
    debug("integer_adm_den_scale1"),
    debug("integer_adm_num_scale2"),
    debug("integer_adm_den_scale2"),
    debug("integer_adm_num_scale3"),
    debug("integer_adm_den_scale3"),
];

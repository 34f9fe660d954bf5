//! ADM in floating point: the loss of the reference's detail, and the addition of detail that
//! wasn't there.
//!
//! The same measure as [`adm`](super::adm), before it was put into fixed point: both pictures are
//! transformed by a wavelet transform; each distorted coefficient is split into the part that
//! follows the reference (*detail loss*) and the rest (*additive impairment*); both are weighted by
//! the eye's contrast sensitivity, masked by each other, and pooled. Here it is in single
//! precision, as libvmaf's `float_adm`, with options to study it: other sensitivities, weights
//! given by hand, another norm, no masking. The float models use it.
//!
//! Li, Zhang, Ma and Ngan, "Image quality assessment by separately evaluating detail losses and
//! additive impairments", IEEE Transactions on Multimedia 13(5), 2011.
//!
//! On x86 libvmaf divides by way of the processor's approximate reciprocal, refined once, whose last
//! bit differs between makers; here quotients are exact, as libvmaf's are on Arm.

mod extractor;
mod kernel;
mod reference;
mod sums;

#[cfg(test)]
mod tests;

use super::{FLAG, Feature, OptionSpec, Output, number, option, unnamed, whole};

/// The feature ADM in floating point: options, columns.
pub static FEATURE: Feature = Feature {
    name: "float_adm",
    summary: "Detail of the reference that is preserved, and impairment added, in floating point",
    paper: "Li, Zhang, Ma and Ngan, Image quality assessment by separately evaluating detail \
            losses and additive impairments, IEEE TMM 13(5), 2011",
    options: OPTIONS,
    outputs: OUTPUTS,
    least_size: (17, 17),
    plan: |plan| Ok(extractor::plan(plan)),
};

/// A weight given by hand.
const fn weight(name: &'static str, alias: &'static str, help: &'static str) -> OptionSpec {
    option(name, alias, number(-1.0, -1.0, 10.0), help)
}

static OPTIONS: &[OptionSpec] = &[
    unnamed("debug", FLAG, "add the overall value, and numerators and denominators"),
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
        "adm_noise_weight",
        "nw",
        number(0.03125, 0.0, 1500.0),
        "what is added to numerator and denominator for each pixel",
    ),
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
    option("adm_ref_display_height", "rdf", whole(1080, 1, 4320), "the display's height in pixels"),
    option(
        "adm_csf_mode",
        "csf",
        whole(0, 0, 9),
        "contrast sensitivity: 1 Barten, 2 as ADM was published, any other Watson",
    ),
    option("adm_bypass_cm", "bcm", whole(0, 0, 1), "1 to leave contrast masking out"),
    option(
        "adm_adm3_apply_hm",
        "aah",
        FLAG,
        "make adm3 the harmonic mean of adm2 and aim, not a weighted one",
    ),
    option("adm_p_norm", "apn", number(3.0, 1.0, 20.0), "the power of the norm that pools"),
    option(
        "adm_dlm_weight",
        "dlmw",
        number(0.5, 0.0, 1.0),
        "weight of detail loss beside additive impairment in adm3",
    ),
    option("adm_min_val", "min", number(0.0, 0.0, 1.0), "the least value of adm3"),
    weight("adm_f1s0", "f1s0", "weight of scale 0's straight detail; below 0 by sensitivity"),
    weight("adm_f1s1", "f1s1", "weight of scale 1's straight detail; below 0 by sensitivity"),
    weight("adm_f1s2", "f1s2", "weight of scale 2's straight detail; below 0 by sensitivity"),
    weight("adm_f1s3", "f1s3", "weight of scale 3's straight detail; below 0 by sensitivity"),
    weight("adm_f2s0", "f2s0", "weight of scale 0's diagonal detail; below 0 by sensitivity"),
    weight("adm_f2s1", "f2s1", "weight of scale 1's diagonal detail; below 0 by sensitivity"),
    weight("adm_f2s2", "f2s2", "weight of scale 2's diagonal detail; below 0 by sensitivity"),
    weight("adm_f2s3", "f2s3", "weight of scale 3's diagonal detail; below 0 by sensitivity"),
    option(
        "adm_skip_aim_scale",
        "sasc",
        whole(-1, 0, 3),
        "the scale to leave out of aim; none unless set",
    ),
    option("adm_skip_scale0", "ssz", FLAG, "leave out the finest scale, whose value is then 0"),
];

static OUTPUTS: &[Output] = &[
    Output::share("VMAF_feature_adm2_score", "adm2", "detail kept"),
    Output::share("VMAF_feature_aim_score", "aim", "impairment added; 0 is none"),
    Output::share("VMAF_feature_adm3_score", "adm3", "adm2 and 1 - aim, weighted"),
    Output::share("VMAF_feature_adm_scale0_score", "adm_scale0", "the finest detail kept"),
    Output::share("VMAF_feature_adm_scale1_score", "adm_scale1", "fine detail kept"),
    Output::share("VMAF_feature_adm_scale2_score", "adm_scale2", "coarse detail kept"),
    Output::share("VMAF_feature_adm_scale3_score", "adm_scale3", "the coarsest detail kept"),
    Output::debug("adm"),
    Output::debug("adm_num"),
    Output::debug("adm_den"),
    Output::debug("adm_num_scale0"),
    Output::debug("adm_den_scale0"),
    Output::debug("adm_num_scale1"),
    Output::debug("adm_den_scale1"),
    Output::debug("adm_num_scale2"),
    Output::debug("adm_den_scale2"),
    Output::debug("adm_num_scale3"),
    Output::debug("adm_den_scale3"),
];

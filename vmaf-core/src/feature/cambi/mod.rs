//! CAMBI: the visibility of banding.
//!
//! Banding is a false contour in a gradient that should be smooth. In smooth parts of a picture,
//! each pixel is compared with the pixels of a window around it: it has a contrast if many of them
//! have its value and many have a value a few steps away. The contrast is greater the more equal
//! the two counts are; steps too small to be visible at that brightness do not count. This is done
//! at five sizes of the picture, since gradients may be steep or gentle, and at each the mean of
//! the pixels with the most banding is taken. 0 is none; above 5 it starts to annoy.
//!
//! It measures the distorted picture alone. With the option `full_ref` it also measures the
//! reference, whose own banding is then not counted against the encode.
//!
//! Tandon et al., "CAMBI: Contrast-aware multiscale banding index", Picture Coding Symposium, 2021.

mod extractor;
mod kernel;
mod luminance;
pub(super) mod maps;
#[cfg(test)]
mod reference;
mod settings;

#[cfg(test)]
mod tests;

use super::{
    FLAG, Feature, Need, OptionKind, OptionSpec, Output, When, number, option, unnamed, whole,
};

/// The number of picture sizes that are measured.
const SCALES: usize = 5;

/// Samples are below this, with 10 bits, but for the brightest of 16 bits, which are rounded up.
const LEVELS: u16 = 1024;

/// The CAMBI feature: options, columns.
pub static FEATURE: Feature = Feature {
    name: "cambi",
    summary: "Visibility of banding: false contours in smooth areas",
    paper: "Tandon et al., CAMBI: Contrast-aware multiscale banding index, PCS 2021",
    options: OPTIONS,
    outputs: OUTPUTS,
    // One side has to have more; see `settings`.
    least_size: (1, 1),
    plan: extractor::plan,
};

const TRANSFER: OptionKind = OptionKind::Text { default: "bt1886", choices: &["bt1886", "pq"] };

static OPTIONS: &[OptionSpec] = &[
    option("cambi_max_val", "cmxv", number(1000.0, 0.0, 1000.0), "the greatest value"),
    option(
        "enc_width",
        "encw",
        whole(0, 180, 7680),
        "width of the encode before it was enlarged to the frames' (0: not enlarged)",
    ),
    option(
        "enc_height",
        "ench",
        whole(0, 150, 7680),
        "height of the encode before it was enlarged to the frames' (0: not enlarged)",
    ),
    option(
        "enc_bitdepth",
        "encbd",
        whole(0, 6, 16),
        "bit depth of the encode (0: the frames'); below 10, neighbours are averaged first",
    ),
    option(
        "src_width",
        "srcw",
        whole(0, 320, 7680),
        "width of the source, for full_ref (0: the frames')",
    ),
    option(
        "src_height",
        "srch",
        whole(0, 200, 4320),
        "height of the source, for full_ref (0: the frames')",
    ),
    option("window_size", "ws", whole(65, 15, 127), "side of the window, in pixels of 3840x2160"),
    option("topk", "", number(0.6, 0.0001, 1.0), "share of the pixels that are pooled"),
    option(
        "cambi_topk",
        "ctpk",
        number(0.6, 0.0001, 1.0),
        "share of the pixels that are pooled, where topk is at its default",
    ),
    option(
        "tvi_threshold",
        "tvit",
        number(0.019, 0.0001, 1.0),
        "by what share of the light a step must differ to be seen",
    ),
    option(
        "cambi_vis_lum_threshold",
        "vlt",
        number(0.0, 0.0, 300.0),
        "light below which no banding is seen, in cd/m2",
    ),
    option(
        "max_log_contrast",
        "mlc",
        whole(2, 0, 5),
        "the greatest step that is banding, as a power of two of 10-bit samples",
    ),
    unnamed(
        "heatmaps_path",
        OptionKind::Text { default: "", choices: &[] },
        "folder for maps of where banding is",
    ),
    unnamed("full_ref", FLAG, "measure the reference as well"),
    OptionSpec {
        yields_to: "cambi_eotf",
        ..option("eotf", "", TRANSFER, "transfer function of the display")
    },
    option(
        "cambi_eotf",
        "ceot",
        TRANSFER,
        "transfer function of the display; goes before eotf where it is not at its default",
    ),
    option(
        "cambi_high_res_speedup",
        "hrs",
        whole(0, 0, 2160),
        "height (1080, 1440 or 2160) from which pictures are halved after the search for smooth \
         places; faster and less exact",
    ),
];

const fn output(
    name: &'static str,
    column: &'static str,
    needs: &'static [Need],
    summary: &'static str,
) -> Output {
    Output { name, column, when: When::Frame, needs, range: (0.0, 24.0), summary }
}

const FULL_REFERENCE: &[Need] = &[Need::Flag("full_ref")];

static OUTPUTS: &[Output] = &[
    output("Cambi_feature_cambi_score", "cambi", &[], "banding of the encode, 0 for none"),
    output("cambi_source", "cambi_source", FULL_REFERENCE, "banding of the reference"),
    output(
        "cambi_full_reference",
        "cambi_full_reference",
        FULL_REFERENCE,
        "what banding the encode has more than the reference",
    ),
];

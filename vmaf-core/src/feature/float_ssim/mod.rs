//! SSIM: the similarity of luminance, contrast and structure, place by place.
//!
//! A Gaussian window of 11 by 11 pixels moves over both pictures. At each place the means, the
//! variances and the covariance under the window make three terms: *luminance* compares the means,
//! *contrast* the deviations, and *structure* is the correlation. Each is 1 if the pictures agree.
//! SSIM is the mean over all places of the terms' product. Large pictures are first made smaller,
//! to about 256 lines, because distortions are judged from a distance.
//!
//! Wang, Bovik, Sheikh and Simoncelli, "Image quality assessment: from error visibility to
//! structural similarity", IEEE Transactions on Image Processing, 2004.

mod decibels;
mod extractor;
mod kernel;
mod reference;
mod window;

#[cfg(test)]
mod tests;

pub(super) use decibels::Unit;
pub(super) use kernel::picture::{Floats, Picture, Samples, mirror};
pub(super) use kernel::{Means, Statistics, Workspace};
#[cfg(test)]
pub(super) use reference::{Definition, means, samples};
#[cfg(test)]
pub(super) use tests::{computed, run};
pub(super) use window::TAPS;

use super::{FLAG, Feature, Need, OptionKind, OptionSpec, Output, When, unnamed};

/// The float_ssim feature: options, columns.
pub static FEATURE: Feature = Feature {
    name: "float_ssim",
    summary: "Similarity of luminance, contrast and structure",
    paper: "Wang, Bovik, Sheikh and Simoncelli, Image quality assessment: from error visibility \
            to structural similarity, 2004",
    options: OPTIONS,
    outputs: OUTPUTS,
    least_size: (TAPS as u32, TAPS as u32),
    plan: extractor::plan,
};

/// Options that name no column, as in libvmaf.
pub(super) const ENABLE_LCS: OptionSpec =
    unnamed("enable_lcs", FLAG, "add the means of luminance, contrast and structure");
pub(super) const ENABLE_DB: OptionSpec =
    unnamed("enable_db", FLAG, "give the score in decibels, infinite for equal pictures");
pub(super) const CLIP_DB: OptionSpec =
    unnamed("clip_db", FLAG, "bound decibels by what the bit depth and the size allow");

static OPTIONS: &[OptionSpec] = &[
    ENABLE_LCS,
    ENABLE_DB,
    CLIP_DB,
    unnamed(
        "scale",
        OptionKind::Int { default: 0, min: 0, max: 10 },
        "how much smaller pictures are made; 0 chooses by their size",
    ),
];

/// An output that is always there, or a term that `enable_lcs` adds.
pub(super) const fn output(name: &'static str, term: bool, summary: &'static str) -> Output {
    Output {
        name,
        column: name,
        when: When::Frame,
        needs: if term { &[Need::Flag("enable_lcs")] } else { &[] },
        range: (0.0, 1.0),
        summary,
    }
}

static OUTPUTS: &[Output] = &[
    output("float_ssim", false, "the three together; with enable_db in decibels"),
    output("float_ssim_l", true, "luminance: how alike the means are"),
    output("float_ssim_c", true, "contrast: how alike the deviations are"),
    output("float_ssim_s", true, "structure: how well details correlate"),
];

//! PSNR-HVS: the visible error, in decibels.
//!
//! Blocks of 8x8 samples, each overlapping its neighbours by a row or column, are transformed to
//! frequencies. The error at each frequency is weighted by the eye's sensitivity to that frequency,
//! after the part that the block's own texture masks is subtracted; the mean square of the rest is
//! compared with the greatest sample, as PSNR does with the plain error. Luma has a weight of 0.8,
//! each chroma plane of 0.1; without chroma the value is luma's alone.
//!
//! The errors are summed in single precision and in libvmaf's order; the rounding of a million
//! additions affects the sum from about the third digit on.
//!
//! Ponomarenko et al., "On between-coefficient contrast masking of DCT basis functions", VPQM
//! 2007; the weights at each frequency, which fit opinions a little better than the paper's, and
//! the whole-number transform are the Daala project's.

mod csf;
mod extractor;
mod kernel;
mod reference;

#[cfg(test)]
mod tests;

use super::{Feature, Need, Output, When};

/// The PSNR-HVS feature: columns.
pub static FEATURE: Feature = Feature {
    name: "psnr_hvs",
    summary: "PSNR of visible errors: weighted by frequency, less those masked by texture",
    paper: "Ponomarenko et al., On between-coefficient contrast masking of DCT basis functions, \
            VPQM 2007",
    options: &[],
    outputs: OUTPUTS,
    least_size: (8, 8),
    plan: extractor::plan,
};

const fn decibels(name: &'static str, needs: &'static [Need], summary: &'static str) -> Output {
    Output { name, column: name, when: When::Frame, needs, range: (0.0, f64::INFINITY), summary }
}

static OUTPUTS: &[Output] = &[
    decibels("psnr_hvs_y", &[], "luma, in decibels"),
    decibels("psnr_hvs_cb", &[Need::Chroma], "blue-difference chroma, in decibels"),
    decibels("psnr_hvs_cr", &[Need::Chroma], "red-difference chroma, in decibels"),
    decibels("psnr_hvs", &[Need::Chroma], "all planes, luma counting for 0.8, in decibels"),
];

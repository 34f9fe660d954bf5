//! PSNR-HVS: the error that a viewer sees, in decibels.
//!
//! Blocks of 8x8 samples, each overlapping its neighbours by a row or column, are turned into
//! frequencies. The error at each frequency counts for as much as that frequency is seen, less what
//! the block's own texture hides; the mean square of what is left is set against the greatest
//! sample, as PSNR does with the plain error. Luma counts for 0.8, each chroma plane for 0.1; without
//! chroma there is luma's value alone.
//!
//! The sum of the errors is in single precision and in a fixed order, in libvmaf's way; a million
//! rounded additions make it what it is to about the third digit.
//!
//! Ponomarenko et al., "On between-coefficient contrast masking of DCT basis functions", VPQM
//! 2007; the weights at each frequency, which fit opinions a little better than the paper's, and
//! the whole-number transform are the Daala project's.

mod csf;
mod extractor;
mod kernel;
mod reference;
mod transform;

#[cfg(test)]
mod tests;

use super::{Feature, Need, Output, When};

/// What PSNR-HVS is: columns.
pub static FEATURE: Feature = Feature {
    name: "psnr_hvs",
    summary: "PSNR of what a viewer sees: errors by frequency, less what texture hides",
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

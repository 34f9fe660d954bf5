//! MS-SSIM: SSIM at five scales.
//!
//! Contrast and structure are compared at the full size and at four sizes made smaller by two each,
//! luminance at the smallest alone. The score is the product of the terms' means, each to a power
//! that reflects how much its scale matters to viewers. No distance is assumed, unlike in SSIM,
//! where
//! the size that pictures are compared at stands for one.
//!
//! Wang, Simoncelli and Bovik, "Multiscale structural similarity for image quality assessment",
//! Asilomar Conference on Signals, Systems and Computers, 2003.

mod extractor;
mod kernel;
mod reference;

#[cfg(test)]
mod tests;

use super::float_ssim::{CLIP_DB, ENABLE_DB, ENABLE_LCS, output};
use super::{Feature, OptionSpec, Output};

/// The float_ms_ssim feature: options, columns.
///
/// libvmaf asks for 176 pixels because it rounds the sizes of scales down when it checks them. They
/// are rounded up when the scales are made, so that 161 pixels leave the window its 11.
pub static FEATURE: Feature = Feature {
    name: "float_ms_ssim",
    summary: "Similarity of luminance, contrast and structure, at five scales",
    paper: "Wang, Simoncelli and Bovik, Multiscale structural similarity for image quality \
            assessment, 2003",
    options: OPTIONS,
    outputs: OUTPUTS,
    least_size: (161, 161),
    plan: extractor::plan,
};

/// The number of scales.
const SCALES: usize = 5;

/// The powers to which scales' contrast and structure are taken, finest first.
const WEIGHTS: [f32; SCALES] = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333];

/// The power to which the coarsest scale's luminance is taken.
const LUMINANCE_WEIGHT: f32 = 0.1333;

static OPTIONS: &[OptionSpec] = &[ENABLE_LCS, ENABLE_DB, CLIP_DB];

static OUTPUTS: &[Output] = &[
    output("float_ms_ssim", false, "all scales together; with enable_db in decibels"),
    output("float_ms_ssim_l_scale0", true, "how alike the means are, at the finest scale"),
    output("float_ms_ssim_l_scale1", true, "the same at the second scale"),
    output("float_ms_ssim_l_scale2", true, "the same at the third scale"),
    output("float_ms_ssim_l_scale3", true, "the same at the fourth scale"),
    output("float_ms_ssim_l_scale4", true, "the same at the coarsest scale, which counts"),
    output("float_ms_ssim_c_scale0", true, "how alike the deviations are, at the finest scale"),
    output("float_ms_ssim_c_scale1", true, "the same at the second scale"),
    output("float_ms_ssim_c_scale2", true, "the same at the third scale"),
    output("float_ms_ssim_c_scale3", true, "the same at the fourth scale"),
    output("float_ms_ssim_c_scale4", true, "the same at the coarsest scale"),
    output("float_ms_ssim_s_scale0", true, "how well details correlate, at the finest scale"),
    output("float_ms_ssim_s_scale1", true, "the same at the second scale"),
    output("float_ms_ssim_s_scale2", true, "the same at the third scale"),
    output("float_ms_ssim_s_scale3", true, "the same at the fourth scale"),
    output("float_ms_ssim_s_scale4", true, "the same at the coarsest scale"),
];

/// The low-pass filter applied before every second pixel is dropped, from the 9/7 biorthogonal
/// wavelet: the weight of a pixel by its distance in rows and columns. Each is a product of two
/// taps, rounded to six places.
#[rustfmt::skip]
const LOW_PASS: [[f32; 5]; 5] = [
    [ 0.363_505,  0.160_885, -0.047_149, -0.010_146,  0.016_114],
    [ 0.160_885,  0.071_207, -0.020_867, -0.004_490,  0.007_132],
    [-0.047_149, -0.020_867,  0.006_115,  0.001_316, -0.002_090],
    [-0.010_146, -0.004_490,  0.001_316,  0.000_283, -0.000_450],
    [ 0.016_114,  0.007_132, -0.002_090, -0.000_450,  0.000_714],
];

/// The score of the scales' terms, luminance of the coarsest first, then contrast and structure of
/// each. NaN if structure is negative.
fn score(luminance: f32, terms: &[(f32, f32); SCALES]) -> f64 {
    let power = |base: f32, power: f32| libm::pow(f64::from(base), f64::from(power));
    let mut score = 1.0;
    for (scale, (&(contrast, structure), weight)) in terms.iter().zip(WEIGHTS).enumerate() {
        let luminance = if scale == SCALES - 1 { power(luminance, LUMINANCE_WEIGHT) } else { 1.0 };
        score *= luminance * power(contrast, weight) * power(structure, weight);
    }
    score
}

//! PSNR of luma, as libvmaf's `float_psnr`.
//!
//! The same measure as [`psnr`](super::psnr), in 32-bit floats and of samples brought to the range
//! of 8 bits: the peak of 10 bits is 1023/4. Up to 12 bits each squared difference is exact and
//! the values are those of `psnr_y`; beyond, squares are rounded to 24 bits before they are
//! summed. A picture equal to its reference has 6 dB a bit and 12 more.

mod extractor;
mod kernel;
mod reference;

#[cfg(test)]
mod tests;

use super::{Feature, Output, When};

/// The feature PSNR in floating point: options, columns.
pub static FEATURE: Feature = Feature {
    name: "float_psnr",
    summary: "Mean squared error of luma in decibels, in floating point",
    paper: "ITU-T J.340, Reference algorithm for computing peak signal to noise ratio, 2010",
    options: &[],
    outputs: OUTPUTS,
    least_size: (1, 1),
    plan: |plan| Ok(extractor::plan(plan)),
};

static OUTPUTS: &[Output] = &[Output {
    name: "float_psnr",
    column: "float_psnr",
    when: When::Frame,
    needs: &[],
    range: (0.0, 108.0),
    summary: "luma",
}];

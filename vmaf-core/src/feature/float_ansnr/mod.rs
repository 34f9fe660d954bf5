//! ANSNR: the ratio of the signal to additive noise and lost detail, in decibels.
//!
//! Both pictures are smoothed, the distorted one more, which models how the eye perceives coding
//! noise, and compared: the ratio of the reference's energy around mid-grey to the energy of the
//! difference is the signal-to-noise ratio `float_ansnr`; with the energy of the peak in place of
//! the signal's it is the peak signal-to-noise ratio `float_anpsnr`. They were features of the
//! first VMAF models and are kept for models and scripts that use them. As in libvmaf's
//! `float_ansnr`, 32-bit floats are summed pixel by pixel.
//!
//! Li et al., "Toward a practical perceptual video quality metric", 2016.
//!
//! A distorted picture that equals the reference after smoothing scores 6 dB per bit and 12 more.
//! Since the two are smoothed by different filters, only a flat picture reaches that; an identical
//! picture that is not flat scores according to its detail.

mod extractor;
mod kernel;
mod reference;

#[cfg(test)]
mod tests;

use super::{Feature, Output, When};

/// The ANSNR feature: options, columns.
pub static FEATURE: Feature = Feature {
    name: "float_ansnr",
    summary: "Signal-to-noise ratio of smoothed luma, in decibels",
    paper: "Li et al., Toward a practical perceptual video quality metric, 2016",
    options: &[],
    outputs: OUTPUTS,
    least_size: (3, 3),
    plan: |plan| Ok(extractor::plan(plan)),
};

const fn output(name: &'static str, summary: &'static str) -> Output {
    Output { name, column: name, when: When::Frame, needs: &[], range: (0.0, 108.0), summary }
}

static OUTPUTS: &[Output] = &[
    output("float_ansnr", "the reference's energy beside the noise's"),
    output("float_anpsnr", "the peak's energy beside the noise's"),
];

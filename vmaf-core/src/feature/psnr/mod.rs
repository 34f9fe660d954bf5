//! PSNR: the ratio of the greatest sample to the error, in decibels.
//!
//! The squared differences of reference and distorted samples, averaged over a plane (the mean
//! squared error), are compared with the square of the greatest sample value. 3 dB more is half the
//! error. PSNR does not model vision, but it is cheap, widely available, and shows that an
//! encoder's output has changed. It is computed for luma and, unless `enable_chroma` is off, for
//! both chroma planes, exactly: the sums are of integers.
//!
//! Identical pictures have no error and would have infinite PSNR; libvmaf gives them 6 dB per bit
//! and 12 more (60 for 8 bits), or the PSNR of an error of `min_sse` over the plane.
//!
//! With `enable_apsnr` there is also the PSNR of the whole video: it is computed from the errors of
//! all frames together, which gives bad frames more weight than the mean of the frames' values
//! does.

mod extractor;
mod kernel;
mod reference;

#[cfg(test)]
mod tests;

pub(crate) use kernel::squared_error;

use super::{FLAG, Feature, Need, OptionKind, OptionSpec, Output, When, unnamed};

/// The PSNR feature: options, columns.
pub static FEATURE: Feature = Feature {
    name: "psnr",
    summary: "Mean squared error in decibels, of luma and chroma",
    paper: "ITU-T J.340, Reference algorithm for computing peak signal to noise ratio, 2010",
    options: OPTIONS,
    outputs: OUTPUTS,
    least_size: (1, 1),
    plan: |plan| Ok(extractor::plan(plan)),
};

static OPTIONS: &[OptionSpec] = &[
    unnamed("enable_chroma", OptionKind::Bool { default: true }, "measure chroma too"),
    unnamed("enable_mse", FLAG, "add the mean squared errors"),
    unnamed("enable_apsnr", FLAG, "add the PSNR of the whole video"),
    unnamed(
        "reduced_hbd_peak",
        FLAG,
        "take 255 times a power of two for the peak of more than 8 bits",
    ),
    OptionSpec {
        name: "min_sse",
        alias: "",
        kind: OptionKind::Float { default: 0.0, min: 0.0, max: f64::MAX },
        in_column_name: false,
        yields_to: "",
        help: "the error of a plane below which all have the same, greatest PSNR",
    },
];

const MSE: Need = Need::Flag("enable_mse");
const APSNR: Need = Need::Flag("enable_apsnr");
const CHROMA: Need = Need::Flag("enable_chroma");

const fn psnr(name: &'static str, needs: &'static [Need], summary: &'static str) -> Output {
    let when = When::Frame;
    Output { name, column: name, when, needs, range: (0.0, 108.0), summary }
}

const fn mse(name: &'static str, needs: &'static [Need], summary: &'static str) -> Output {
    let range = (0.0, f64::INFINITY);
    Output { name, column: name, when: When::Frame, needs, range, summary }
}

const fn hidden(name: &'static str, needs: &'static [Need]) -> Output {
    let range = (0.0, f64::INFINITY);
    Output { name, column: name, when: When::Hidden, needs, range, summary: "" }
}

const fn video(name: &'static str, needs: &'static [Need], summary: &'static str) -> Output {
    let range = (0.0, f64::INFINITY);
    Output { name, column: name, when: When::Video, needs, range, summary }
}

static OUTPUTS: &[Output] = &[
    psnr("psnr_y", &[], "luma"),
    mse("mse_y", &[MSE], "mean squared error of luma"),
    psnr("psnr_cb", &[Need::Chroma, CHROMA], "the blue difference"),
    mse("mse_cb", &[Need::Chroma, CHROMA, MSE], "mean squared error of the blue difference"),
    psnr("psnr_cr", &[Need::Chroma, CHROMA], "the red difference"),
    mse("mse_cr", &[Need::Chroma, CHROMA, MSE], "mean squared error of the red difference"),
    hidden("sse_y", &[APSNR]),
    hidden("sse_cb", &[Need::Chroma, CHROMA, APSNR]),
    hidden("sse_cr", &[Need::Chroma, CHROMA, APSNR]),
    video("apsnr_y", &[APSNR], "luma of the whole video"),
    video("apsnr_cb", &[Need::Chroma, CHROMA, APSNR], "the blue difference of the whole video"),
    video("apsnr_cr", &[Need::Chroma, CHROMA, APSNR], "the red difference of the whole video"),
];

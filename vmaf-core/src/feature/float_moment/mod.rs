//! Moments: the mean of luma and of its square, of the reference and of the distorted picture.
//!
//! The mean is the picture's brightness; the mean square less the squared mean is its contrast (its
//! variance). They do not measure quality themselves, but show if a picture is darker, flatter or
//! noisier than its reference, and serve as features to train models with. As in libvmaf's
//! `float_moment`, samples are brought to the range of 8 bits and computed in 32-bit floats, so
//! that squares of samples of more than 12 bits are rounded.

mod extractor;
mod kernel;
mod reference;

#[cfg(test)]
mod tests;

use super::{Feature, Output, When};

/// The moments feature: options, columns.
pub static FEATURE: Feature = Feature {
    name: "float_moment",
    summary: "Mean and mean square of the luma of both pictures",
    paper: "Netflix, libvmaf, float_moment, 2016",
    options: &[],
    outputs: OUTPUTS,
    least_size: (1, 1),
    plan: |plan| Ok(extractor::plan(plan)),
};

const fn output(name: &'static str, max: f64, summary: &'static str) -> Output {
    Output { name, column: name, when: When::Frame, needs: &[], range: (0.0, max), summary }
}

static OUTPUTS: &[Output] = &[
    output("float_moment_ref1st", 256.0, "mean of the reference"),
    output("float_moment_dis1st", 256.0, "mean of the distorted picture"),
    output("float_moment_ref2nd", 65_536.0, "mean square of the reference"),
    output("float_moment_dis2nd", 65_536.0, "mean square of the distorted picture"),
];

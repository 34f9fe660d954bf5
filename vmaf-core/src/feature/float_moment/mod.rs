//! Moments: the mean of luma and of its square, of the reference and of the distorted picture.
//!
//! The mean is the picture's brightness; the mean square less the squared mean is its contrast (its
//! variance). They do not measure quality themselves, but show if a picture is darker, flatter or
//! noisier than its reference, and serve as features to train models with. As in libvmaf's
//! `float_moment`, samples are brought to the range of 8 bits and computed in 32-bit floats, so
//! that squares of samples of more than 12 bits are rounded.

mod kernel;
mod reference;

#[cfg(test)]
mod tests;

use std::any::Any;

use kernel::Moments;

use super::{Extractor, Feature, Output, Plan, Rows, When, Window};
use crate::simd::Level;
use crate::{Format, Frame, Result};

/// The moments feature: options, columns.
pub static FEATURE: Feature = Feature {
    name: "float_moment",
    summary: "Mean and mean square of the luma of both pictures",
    paper: "Netflix, libvmaf, float_moment, 2016",
    options: &[],
    outputs: OUTPUTS,
    least_size: (1, 1),
    plan: |plan| Ok(Box::new(FloatMoment::new(plan))),
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

struct FloatMoment {
    format: Format,
    level: Level,
    variants: usize,
}

impl FloatMoment {
    fn new(plan: &Plan<'_>) -> Self {
        Self { format: plan.format, level: plan.level, variants: plan.variants.len() }
    }

    /// The first and the second moment of a frame.
    fn moments(&self, frame: &Frame) -> [f64; 2] {
        let depth = self.format.bit_depth;
        let Moments { sum, squares } = if depth == 8 {
            kernel::moments(self.level, frame.plane::<u8>(0), depth)
        } else {
            kernel::moments(self.level, frame.plane::<u16>(0), depth)
        };
        let step = 1.0 / f64::from(1_u32 << (depth - 8));
        let (width, height) = self.format.plane_size(0);
        let pixels = (width * height) as f64;
        [sum as f64 * step / pixels, squares as f64 * (step * step) / pixels]
    }
}

impl Extractor for FloatMoment {
    fn workspace(&self) -> Box<dyn Any + Send> {
        Box::new(())
    }

    fn extract(
        &self,
        window: &Window<'_>,
        _workspace: &mut (dyn Any + Send),
        rows: &mut Rows<'_>,
    ) -> Result<()> {
        let reference = self.moments(window.reference);
        for (encode, distorted) in window.distorted.iter().enumerate() {
            let Some(distorted) = distorted else { continue };
            let distorted = self.moments(distorted);
            let values = [reference[0], distorted[0], reference[1], distorted[1]];
            for variant in 0..self.variants {
                rows.write(encode, variant, &values);
            }
        }
        Ok(())
    }
}

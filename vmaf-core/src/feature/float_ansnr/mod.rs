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

mod kernel;
mod reference;

#[cfg(test)]
mod tests;

use std::any::Any;
use std::sync::Arc;

use kernel::{Energy, Workspace};

use super::{Extractor, Feature, Output, Plan, Rows, When, Window};
use crate::simd::Level;
use crate::{Format, Frame, Plane, Result, Sample};

/// The ANSNR feature: options, columns.
pub static FEATURE: Feature = Feature {
    name: "float_ansnr",
    summary: "Signal-to-noise ratio of smoothed luma, in decibels",
    paper: "Li et al., Toward a practical perceptual video quality metric, 2016",
    options: &[],
    outputs: OUTPUTS,
    least_size: (3, 3),
    plan: |plan| Ok(Box::new(FloatAnsnr::new(plan))),
};

const fn output(name: &'static str, summary: &'static str) -> Output {
    Output { name, column: name, when: When::Frame, needs: &[], range: (0.0, 108.0), summary }
}

static OUTPUTS: &[Output] = &[
    output("float_ansnr", "the reference's energy beside the noise's"),
    output("float_anpsnr", "the peak's energy beside the noise's"),
];

/// The least energy of noise that counts.
const LEAST_NOISE: f64 = 1e-10;

struct FloatAnsnr {
    format: Format,
    level: Level,
    variants: usize,
}

impl FloatAnsnr {
    fn new(plan: &Plan<'_>) -> Self {
        Self { format: plan.format, level: plan.level, variants: plan.variants.len() }
    }

    /// ANSNR and ANPSNR of frames with these energies.
    fn values(&self, energy: Energy) -> [f64; 2] {
        let Energy { signal, noise } = energy;
        let depth = u32::from(self.format.bit_depth);
        let max = f64::from(6 * depth + 12);
        let ansnr = if noise == 0.0 { max } else { 10.0 * libm::log10(f64::from(signal / noise)) };
        let peak = f64::from((1_u32 << depth) - 1) / f64::from(1_u32 << (depth - 8));
        let (width, height) = (f64::from(self.format.width), f64::from(self.format.height));
        let peaks = peak * peak * width * height;
        let anpsnr = 10.0 * libm::log10(peaks / f64::from(noise).max(LEAST_NOISE));
        [ansnr, anpsnr.min(max)]
    }

    fn energies<T: Sample>(
        &self,
        reference: &Frame,
        distorted: &[&Arc<Frame>],
        workspace: &mut Workspace,
    ) -> Vec<Energy> {
        let planes: Vec<&Plane<T>> = distorted.iter().map(|frame| frame.plane(0)).collect();
        let depth = self.format.bit_depth;
        kernel::energies(self.level, reference.plane(0), &planes, depth, workspace)
    }
}

impl Extractor for FloatAnsnr {
    fn workspace(&self) -> Box<dyn Any + Send> {
        Box::new(Workspace::new(self.format.width as usize))
    }

    fn extract(
        &self,
        window: &Window<'_>,
        workspace: &mut (dyn Any + Send),
        rows: &mut Rows<'_>,
    ) -> Result<()> {
        let workspace = workspace.downcast_mut().expect("the workspace this extractor made");
        let distorted: Vec<&Arc<Frame>> = window.distorted.iter().flatten().collect();
        let energies = if self.format.bit_depth == 8 {
            self.energies::<u8>(window.reference, &distorted, workspace)
        } else {
            self.energies::<u16>(window.reference, &distorted, workspace)
        };
        let present = window.distorted.iter().enumerate().filter(|(_, frame)| frame.is_some());
        for ((encode, _), energy) in present.zip(energies) {
            for variant in 0..self.variants {
                rows.write(encode, variant, &self.values(energy));
            }
        }
        Ok(())
    }
}

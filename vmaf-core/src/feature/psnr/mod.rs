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

mod kernel;
mod reference;

#[cfg(test)]
mod tests;

use std::any::Any;

pub(crate) use kernel::squared_error;

use super::{
    Extractor, FLAG, Feature, Need, OptionKind, OptionSpec, Options, Output, Plan, Rows, Series,
    When, Window, unnamed,
};
use crate::simd::Level;
use crate::{Chroma, Format, Frame, Result, Sample};

/// The PSNR feature: options, columns.
pub static FEATURE: Feature = Feature {
    name: "psnr",
    summary: "Mean squared error in decibels, of luma and chroma",
    paper: "ITU-T J.340, Reference algorithm for computing peak signal to noise ratio, 2010",
    options: OPTIONS,
    outputs: OUTPUTS,
    least_size: (1, 1),
    plan: |plan| Ok(Box::new(Psnr::new(plan))),
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

/// The index of the first sum of squared errors among the per-frame outputs.
const SSE: usize = 6;

/// The least mean squared error that counts.
const LEAST_MSE: f64 = 1e-16;

/// PSNR, planned.
struct Psnr {
    format: Format,
    level: Level,
    variants: Vec<Variant>,
    /// The number of planes that are measured.
    planes: usize,
}

/// One set of options.
struct Variant {
    /// The square of the greatest sample value.
    peak: f64,
    /// The greatest PSNR of each plane.
    max: [f64; 3],
    planes: usize,
    /// True if the whole video's PSNR is wanted: it covers all frames, as in libvmaf.
    of_video: bool,
}

impl Variant {
    fn new(format: &Format, options: &Options) -> Self {
        let depth = format.bit_depth;
        let reduced = options.flag("reduced_hbd_peak");
        let peak: u32 = if reduced { 255 << (depth - 8) } else { (1 << depth) - 1 };
        let peak = f64::from(peak * peak);
        let min_sse = options.float("min_sse");
        let max = |plane: usize| {
            if min_sse == 0.0 {
                return f64::from(6 * u32::from(depth) + 12);
            }
            let mse = min_sse / pixels(format, plane);
            (10.0 * libm::log10(peak / mse)).ceil()
        };
        let has_chroma = format.chroma != Chroma::Mono && options.flag("enable_chroma");
        Self {
            peak,
            max: [max(0), max(1), max(2)],
            planes: if has_chroma { 3 } else { 1 },
            of_video: options.flag("enable_apsnr"),
        }
    }

    fn psnr(&self, mse: f64, plane: usize) -> f64 {
        // A plane without samples, whose error is not a number, is as good as it can be.
        (10.0 * libm::log10(self.peak / mse.max(LEAST_MSE))).min(self.max[plane])
    }

    /// PSNR of `pixels` samples of all frames whose squared errors sum to `sse`.
    fn psnr_of_video(&self, sse: f64, pixels: f64) -> f64 {
        let log10 = libm::log10;
        let psnr = 10.0 * (log10(self.peak) + log10(pixels) - log10(sse));
        // As if the errors summed to a half.
        psnr.min((10.0 * log10(self.peak * pixels * 2.0)).ceil())
    }
}

/// The samples of a plane.
fn pixels(format: &Format, plane: usize) -> f64 {
    let (width, height) = format.plane_size(plane);
    (width * height) as f64
}

impl Psnr {
    fn new(plan: &Plan<'_>) -> Self {
        let new = |options| Variant::new(&plan.format, options);
        let variants: Vec<Variant> = plan.variants.iter().map(new).collect();
        let planes = variants.iter().map(|variant| variant.planes).max().unwrap_or(1);
        Self { format: plan.format, level: plan.level, variants, planes }
    }

    /// The sums of squared errors of the planes.
    fn errors<T: Sample>(&self, reference: &Frame, distorted: &Frame) -> [u64; 3] {
        let mut errors = [0; 3];
        for (plane, error) in errors[..self.planes].iter_mut().enumerate() {
            let (a, b) = (reference.plane::<T>(plane), distorted.plane::<T>(plane));
            *error = squared_error(self.level, a, b, self.format.bit_depth);
        }
        errors
    }
}

impl Extractor for Psnr {
    fn reads_chroma(&self) -> bool {
        self.planes > 1
    }

    fn workspace(&self) -> Box<dyn Any + Send> {
        Box::new(())
    }

    fn extract(
        &self,
        window: &Window<'_>,
        _workspace: &mut (dyn Any + Send),
        rows: &mut Rows<'_>,
    ) -> Result<()> {
        for (encode, distorted) in window.distorted.iter().enumerate() {
            let Some(distorted) = distorted else { continue };
            let errors = if self.format.bit_depth == 8 {
                self.errors::<u8>(window.reference, distorted)
            } else {
                self.errors::<u16>(window.reference, distorted)
            };
            for (index, variant) in self.variants.iter().enumerate() {
                let mut values = [f64::NAN; 9];
                for plane in 0..variant.planes {
                    let sse = errors[plane] as f64;
                    let mse = sse / pixels(&self.format, plane);
                    values[2 * plane] = variant.psnr(mse, plane);
                    values[2 * plane + 1] = mse;
                    values[SSE + plane] = sse;
                }
                rows.write(encode, index, &values);
            }
        }
        Ok(())
    }

    fn covers_all_frames(&self) -> bool {
        self.variants.iter().any(|variant| variant.of_video)
    }

    fn aggregate(&self, variant: usize, frames: &Series<'_>) -> Vec<f64> {
        let variant = &self.variants[variant];
        let of_plane = |(plane, errors): (usize, &&[f64])| {
            // Whole numbers: the sum is exact.
            let sse = errors.iter().sum::<f64>();
            variant.psnr_of_video(sse, pixels(&self.format, plane) * errors.len() as f64)
        };
        frames.columns[SSE..].iter().enumerate().map(of_plane).collect()
    }
}

//! PSNR planned for a job.

use std::sync::Arc;

use super::kernel::squared_error;
use crate::feature::{AnyExtractor, Extractor, Options, Plan, Requirements, Rows, Series, Window};
use crate::{Chroma, Format, Frame, Level, Result, Sample};

/// The index of the first sum of squared errors among the per-frame outputs.
const SSE: usize = 6;

/// The least mean squared error that counts.
const LEAST_MSE: f64 = 1e-16;

struct Psnr {
    format: Format,
    level: Level,
    variants: Vec<Variant>,
    /// The number of planes that are measured.
    planes: usize,
}

/// One set of options.
pub(super) struct Variant {
    /// The square of the greatest sample value.
    pub(super) peak: f64,
    /// The greatest PSNR of each plane.
    max: [f64; 3],
    planes: usize,
    /// True if the whole video's PSNR is wanted: it covers all frames, as in libvmaf.
    of_video: bool,
}

impl Variant {
    pub(super) fn new(format: &Format, options: &Options) -> Self {
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

    pub(super) fn psnr(&self, mse: f64, plane: usize) -> f64 {
        // A plane without samples, whose error is not a number, is as good as it can be.
        (10.0 * libm::log10(self.peak / mse.max(LEAST_MSE))).min(self.max[plane])
    }

    /// PSNR of `pixels` samples of all frames whose squared errors sum to `sse`.
    pub(super) fn psnr_of_video(&self, sse: f64, pixels: f64) -> f64 {
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

pub(super) fn plan(plan: &Plan<'_>) -> Arc<dyn AnyExtractor> {
    let new = |options| Variant::new(&plan.format, options);
    let variants: Vec<Variant> = plan.variants.iter().map(new).collect();
    let planes = variants.iter().map(|variant| variant.planes).max().unwrap_or(1);
    Arc::new(Psnr { format: plan.format, level: plan.level, variants, planes })
}

impl Psnr {
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
    type Workspace = ();

    fn requirements(&self) -> Requirements {
        Requirements {
            chroma: self.planes > 1,
            all_frames: self.variants.iter().any(|variant| variant.of_video),
            ..Requirements::default()
        }
    }

    fn workspace(&self) {}

    fn extract<T: Sample>(
        &self,
        window: &Window<'_>,
        _workspace: &mut (),
        rows: &mut Rows<'_>,
    ) -> Result<()> {
        for (encode, distorted) in window.encodes() {
            let errors = self.errors::<T>(window.reference, distorted);
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

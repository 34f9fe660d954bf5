//! XPSNR: PSNR that weights errors by their visibility at their place.
//!
//! A picture is divided into blocks. Errors hide where the reference is busy, in space (the output
//! of a high-pass filter) or in time (the changes from the frame before); each block's squared
//! error is weighted by the inverse of its activity before errors are summed and converted to
//! decibels. It costs little more than PSNR and agrees with viewers much better. Chroma blocks have
//! the weights of the luma at their place. Pictures above 2048x1152 are processed in cells of 2 by
//! 2 pixels, those of up to 640x480 get weights smoothed over neighbouring blocks, and those below
//! 2025 pixels have no blocks: their value is PSNR.
//!
//! Helmrich, Bosse, Schwarz, Marpe and Wiegand, "A study of the extended perceptually weighted peak
//! signal-to-noise ratio (XPSNR) for video compression with different resolutions and bit depths",
//! ITU Journal: ICT Discoveries 3(1), 2020.
//!
//! The values are those of FFmpeg's filter `xpsnr`, with the reference first. Changes in time are
//! differences from the frame before, and at 32 frames per second and above differences of those
//! differences; frames before the first are black. The frame rate is the reference's; a stream
//! without one counts as low, and the option `frame_rate` overrides it. `axpsnr_y` and so on cover
//! the whole video, from the mean of the frames' errors (of their square roots).
//!
//! Identical pictures have an infinite value, as in FFmpeg. The differences: FFmpeg rounds odd
//! chroma sizes up and this crate down; samples of 16 bits are unsigned here and wrap there; and if
//! cells cross the border of an odd-sized large picture it reads on in memory, while here the
//! border is extended. For more than 8 bits FFmpeg is right only if a frame's rows lie without
//! gaps.

mod blocks;
mod kernel;
mod reference;

#[cfg(test)]
mod tests;

use std::any::Any;

use blocks::Blocks;
use kernel::Workspace;

use super::{
    Extractor, Feature, Need, OptionKind, OptionSpec, Output, Plan, Rows, Series, When, Window,
};
use crate::simd::Level;
use crate::{Format, Frame, Result, Sample};

/// The XPSNR feature: options, columns.
pub static FEATURE: Feature = Feature {
    name: "xpsnr",
    summary: "PSNR with errors weighted by visibility, of luma and chroma",
    paper: "Helmrich et al., A study of the extended perceptually weighted peak signal-to-noise \
            ratio (XPSNR), ITU Journal: ICT Discoveries 3(1), 2020",
    options: OPTIONS,
    outputs: OUTPUTS,
    least_size: (1, 1),
    plan: |plan| Ok(Box::new(Xpsnr::new(plan))),
};

static OPTIONS: &[OptionSpec] = &[OptionSpec {
    name: "frame_rate",
    alias: "fps",
    kind: OptionKind::Float { default: 0.0, min: 0.0, max: 10_000.0 },
    in_column_name: true,
    yields_to: "",
    help: "frames a second; 0 for what the reference says",
}];

const fn output(
    name: &'static str,
    when: When,
    needs: &'static [Need],
    summary: &'static str,
) -> Output {
    Output { name, column: name, when, needs, range: (0.0, f64::INFINITY), summary }
}

const CHROMA: &[Need] = &[Need::Chroma];

static OUTPUTS: &[Output] = &[
    output("xpsnr_y", When::Frame, &[], "luma"),
    output("xpsnr_cb", When::Frame, CHROMA, "the blue difference"),
    output("xpsnr_cr", When::Frame, CHROMA, "the red difference"),
    output("xpsnr_error_y", When::Hidden, &[], ""),
    output("xpsnr_error_cb", When::Hidden, CHROMA, ""),
    output("xpsnr_error_cr", When::Hidden, CHROMA, ""),
    output("axpsnr_y", When::Video, &[], "luma of the whole video"),
    output("axpsnr_cb", When::Video, CHROMA, "the blue difference of the whole video"),
    output("axpsnr_cr", When::Video, CHROMA, "the red difference of the whole video"),
];

/// The index of the first error among the per-frame outputs.
const ERROR: usize = 3;

/// From this frame rate on changes are differences of differences.
const HIGH_RATE: f64 = 32.0;

/// The order of a change in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    /// The difference to the frame before.
    First,
    /// The difference of that to the one before.
    Second,
}

impl Order {
    fn of(frame_rate: f64) -> Self {
        if frame_rate < HIGH_RATE { Self::First } else { Self::Second }
    }
}

/// XPSNR, planned.
struct Xpsnr {
    format: Format,
    level: Level,
    blocks: Option<Blocks>,
    /// Each variant's frame rate; none if the reference decides.
    rates: Vec<Option<f64>>,
}

impl Xpsnr {
    fn new(plan: &Plan<'_>) -> Self {
        let (width, height) = plan.format.plane_size(0);
        let rates = plan.variants.iter().map(|options| options.float("frame_rate"));
        Self {
            format: plan.format,
            level: plan.level,
            blocks: Blocks::new(width, height),
            rates: rates.map(|rate| (rate > 0.0).then_some(rate)).collect(),
        }
    }

    /// The order of the differences that each variant uses.
    fn orders(&self, reference: &Frame) -> Vec<Order> {
        let of_stream = reference.frame_rate.map_or(0.0, |rate| rate.as_f64());
        self.rates.iter().map(|rate| Order::of(rate.unwrap_or(of_stream))).collect()
    }

    /// Each block's weight under `order`; nothing for a picture without blocks.
    fn weights<T: Sample>(
        &self,
        window: &Window<'_>,
        order: Order,
        workspace: &mut Workspace,
    ) -> Vec<f64> {
        let Some(blocks) = &self.blocks else { return Vec::new() };
        let earlier = |back: usize| window.previous.get(back).map(|frame| frame.plane::<T>(0));
        let earlier = [earlier(0), earlier(1)];
        let (now, depth) = (window.reference.plane(0), self.format.bit_depth);
        let activity = kernel::activity(self.level, blocks, now, earlier, order, depth, workspace);
        blocks.weights(&activity, depth)
    }

    /// The squared errors of a plane's blocks.
    fn errors<T: Sample>(
        &self,
        frames: [&Frame; 2],
        plane: usize,
        workspace: &mut Workspace,
    ) -> Vec<u64> {
        let planes = frames.map(|frame| frame.plane::<T>(plane));
        let (width, height) = self.format.plane_size(plane);
        let (size, counts) = match &self.blocks {
            Some(blocks) => {
                let (x, y) = if plane == 0 { (0, 0) } else { self.format.chroma.shifts() };
                ((blocks.size >> x, blocks.size >> y), blocks.counts())
            }
            // All in one.
            None => ((width.max(1), height.max(1)), (1, 1)),
        };
        kernel::errors(self.level, planes, size, counts, self.format.bit_depth, workspace)
    }

    /// The error of a plane, weighed if there are blocks, as FFmpeg has it: a whole number.
    fn error(&self, errors: &[u64], weights: &[f64]) -> u64 {
        match &self.blocks {
            Some(blocks) => blocks.weighted_error(errors, weights, self.format.bit_depth),
            None => errors.iter().sum(),
        }
    }

    /// The value of a plane of which the root of the error is `root`.
    fn xpsnr(&self, plane: usize, root: f64) -> f64 {
        if root < 1.0 {
            return f64::INFINITY;
        }
        let greatest = (1_u64 << self.format.bit_depth) - 1;
        let (width, height) = self.format.plane_size(plane);
        let peaks = (width * height) as u64 * (greatest * greatest);
        10.0 * libm::log10(peaks as f64 / (root * root))
    }

    fn extract<T: Sample>(
        &self,
        window: &Window<'_>,
        workspace: &mut Workspace,
        rows: &mut Rows<'_>,
    ) {
        let orders = self.orders(window.reference);
        let mut weights = [None, None];
        for &order in &orders {
            weights[order as usize]
                .get_or_insert_with(|| self.weights::<T>(window, order, workspace));
        }
        for (encode, distorted) in window.distorted.iter().enumerate() {
            let Some(distorted) = distorted else { continue };
            let frames = [window.reference, distorted];
            let mut values = vec![[f64::NAN; 2 * ERROR]; orders.len()];
            for plane in 0..self.format.chroma.planes() {
                let errors = self.errors::<T>(frames, plane, workspace);
                for (values, order) in values.iter_mut().zip(&orders) {
                    let weights = weights[*order as usize].as_deref().unwrap_or_default();
                    let error = self.error(&errors, weights) as f64;
                    values[plane] = self.xpsnr(plane, error.sqrt());
                    values[ERROR + plane] = error;
                }
            }
            for (variant, values) in values.iter().enumerate() {
                rows.write(encode, variant, values);
            }
        }
    }
}

impl Extractor for Xpsnr {
    fn reads_chroma(&self) -> bool {
        true
    }

    fn lookback(&self) -> usize {
        2
    }

    fn workspace(&self) -> Box<dyn Any + Send> {
        Box::new(Workspace::default())
    }

    fn extract(
        &self,
        window: &Window<'_>,
        workspace: &mut (dyn Any + Send),
        rows: &mut Rows<'_>,
    ) -> Result<()> {
        let workspace = workspace.downcast_mut().expect("the workspace this extractor made");
        if self.format.bit_depth == 8 {
            self.extract::<u8>(window, workspace, rows);
        } else {
            self.extract::<u16>(window, workspace, rows);
        }
        Ok(())
    }

    fn aggregate(&self, _variant: usize, frames: &Series<'_>) -> Vec<f64> {
        let of_plane = |(plane, errors): (usize, &&[f64])| {
            let roots: f64 = errors.iter().map(|error| error.sqrt()).sum();
            self.xpsnr(plane, roots / errors.len() as f64)
        };
        frames.columns[ERROR..].iter().enumerate().map(of_plane).collect()
    }
}

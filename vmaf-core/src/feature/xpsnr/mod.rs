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
mod extractor;
mod kernel;
mod reference;

#[cfg(test)]
mod tests;

use super::{Feature, Need, OptionKind, OptionSpec, Output, When};

/// The XPSNR feature: options, columns.
pub static FEATURE: Feature = Feature {
    name: "xpsnr",
    summary: "PSNR with errors weighted by visibility, of luma and chroma",
    paper: "Helmrich et al., A study of the extended perceptually weighted peak signal-to-noise \
            ratio (XPSNR), ITU Journal: ICT Discoveries 3(1), 2020",
    options: OPTIONS,
    outputs: OUTPUTS,
    least_size: (1, 1),
    plan: |plan| Ok(extractor::plan(plan)),
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
    fn from_frame_rate(frame_rate: f64) -> Self {
        if frame_rate < HIGH_RATE { Self::First } else { Self::Second }
    }
}

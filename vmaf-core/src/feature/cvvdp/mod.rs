//! ColorVideoVDP: visible differences in colour video on a given display, in units of just
//! objectionable differences (JOD).
//!
//! The metric models the display, the eye and the brain: light of the screen, including reflections
//! of its surroundings, becomes responses of three opponent channels (achromatic, red-green,
//! yellow-violet). Temporal filters split the achromatic one into a sustained and a transient
//! channel, which sees flicker and judder. A pyramid of bands gives contrasts, weighted by the
//! sensitivity of the eye at the band's spatial frequency and the luminance of the place (castleCSF).
//! Differences between the pictures are reduced by what masks them, in all channels, and pooled over
//! pixels, bands, channels and frames. 10 JOD is no visible difference; at one less, 75 % of viewers
//! prefer the other. It is the metric for high dynamic range, to which no model of VMAF applies.
//!
//! The options describe the samples, as for all metrics of [`color`](crate::color), and the display:
//! one of those that ColorVideoVDP publishes. Frames are shown pixel by pixel, not scaled to the
//! display. A single frame is compared as a still, without the transient channel.
//!
//! Mantiuk, Hanji, Ashraf, Asano, Chapiro, "ColorVideoVDP: A visual difference predictor for image,
//! video and display distortions", ACM Transactions on Graphics 43(4), 2024; version 0.5.7. The
//! Laplacian pyramid, the calibration and the displays are those of the authors' program.

mod cache;
mod csf;
mod display;
mod extractor;
mod kernel;
mod parameters;
#[cfg(test)]
mod reference;
mod score;
mod temporal;

#[cfg(test)]
mod tests;

use display::Display;

use super::{Feature, OptionKind, OptionSpec, Options, Output, When, light, number, unnamed};
use crate::Format;

/// Channels: sustained achromatic, red-green and yellow-violet, and transient achromatic.
const CHANNELS: usize = 4;

/// The matrix from CIE XYZ to the responses of the eye's cones (CIE 2006, of 2 degrees).
const XYZ_TO_LMS: [[f64; 3]; 3] = [
    [0.187_596_268_556_126, 0.585_168_649_077_728, -0.026_384_263_306_304],
    [-0.133_397_430_663_221, 0.405_505_777_260_049, 0.034_502_127_690_364],
    [0.000_244_379_021_663, -0.000_542_995_890_619, 0.019_406_849_066_323],
];

/// The matrix from responses of cones to the opponent channels of Derrington, Krauskopf and Lennie,
/// for a white of D65.
const LMS_TO_DKL: [[f64; 3]; 3] =
    [[1.0, 1.0, 0.0], [1.0, -2.311_130_179_947_035, 0.0], [-1.0, -1.0, 50.977_571_328_718_78]];

/// The least luminance that contrast is relative to, in cd/m².
const LEAST_BACKGROUND: f64 = 0.01;

/// The greatest contrast.
const GREATEST_CONTRAST: f64 = 1000.0;

/// The weight of red-green contrast in masking; the others have 1.
const RED_GREEN_GAIN: f64 = 1.45;

/// The options: those of light, and the display.
const OPTIONS: &[OptionSpec] = &[
    light::OPTIONS[0],
    light::OPTIONS[1],
    light::OPTIONS[2],
    light::OPTIONS[3],
    light::OPTIONS[4],
    OptionSpec {
        name: "display",
        alias: "",
        kind: OptionKind::Text { default: "auto", choices: display::NAMES },
        in_column_name: true,
        yields_to: "",
        help: "The display; auto is standard_fhd up to 1440 lines, else standard_4k, for PQ \
               standard_hdr_pq, for HLG standard_hdr_hlg",
    },
    OptionSpec {
        name: "distance",
        alias: "",
        kind: number(0.0, 0.0, 100.0),
        in_column_name: true,
        yields_to: "",
        help: "Viewing distance in heights of the display; 0 is the display's own",
    },
    unnamed(
        "frame_rate",
        number(0.0, 0.0, 240.0),
        "Frames per second; 0 is the video's, or 25 if that is not known",
    ),
];

/// The name of the display on which frames of `format` are shown under `options`.
#[must_use]
pub fn display(options: &Options, format: &Format) -> String {
    let transfer = light::color_space(options, format).transfer;
    Display::resolve(&options.text("display"), format.height, transfer).to_owned()
}

/// The ColorVideoVDP feature and its columns.
pub static FEATURE: Feature = Feature {
    name: "cvvdp",
    summary: "Visible differences in colour, detail and motion on a display, also of high dynamic range",
    paper: "Mantiuk, Hanji, Ashraf, Asano and Chapiro, ColorVideoVDP: A visual difference predictor \
            for image, video and display distortions, ACM Transactions on Graphics 43(4), 2024",
    options: OPTIONS,
    outputs: &[
        Output {
            name: "cvvdp_frame",
            column: "cvvdp_frame",
            when: When::Frame,
            needs: &[],
            range: (0.0, 10.0),
            summary: "Quality of the frame in JOD: 10 is no visible difference",
        },
        Output {
            name: "cvvdp_difference",
            column: "cvvdp_difference",
            when: When::Hidden,
            needs: &[],
            range: (0.0, f64::INFINITY),
            summary: "",
        },
        Output {
            name: "cvvdp_still",
            column: "cvvdp_still",
            when: When::Hidden,
            needs: &[],
            range: (0.0, f64::INFINITY),
            summary: "",
        },
        Output {
            name: "cvvdp",
            column: "cvvdp",
            when: When::Video,
            needs: &[],
            range: (0.0, 10.0),
            summary: "Quality of the video in JOD: 10 is no visible difference, 1 less is preferred by \
                      75 % of viewers",
        },
    ],
    least_size: (16, 16),
    plan: extractor::plan,
};

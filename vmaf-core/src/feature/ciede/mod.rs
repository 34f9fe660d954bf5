//! CIEDE2000: how far apart colours look.
//!
//! Both pictures are taken to the CIELAB space, where distances are roughly those that people see,
//! and compared there pixel by pixel with the CIE's formula of 2000, which corrects what is left:
//! differences of hue and saturation count for less among saturated colours, of lightness for less
//! near black and white. Lightness counts for more here than in the standard, hue for less (0.65, 1
//! and 4 in its three divisors). The mean difference is told as `45 - 20 log10(mean)`, so that more
//! is better, as in decibels; pictures that are alike give infinity.
//!
//! Samples are taken to be BT.709 of limited range. Chroma of lower resolution is repeated, not
//! interpolated.
//!
//! libvmaf mixes up the flags of horizontal and vertical subsampling, which shows in 4:2:2, and
//! reads beside the plane where a size is odd; there the values here are those of the formula.
//!
//! Sharma, Wu and Dalal, "The CIEDE2000 color-difference formula", Color Research and Application
//! 30(1), 2005; as a feature of video: Yang et al., "A new objective quality metric for high
//! dynamic range video", 2016, in the form of the Daala project and rav1e's av-metrics.

mod color;
mod difference;
mod extractor;
mod functions;
mod kernel;
mod reference;

#[cfg(test)]
mod tests;

use super::{Feature, Output, When};

/// What CIEDE2000 is: its column.
pub static FEATURE: Feature = Feature {
    name: "ciede",
    summary: "How far apart the colours look, by the CIE's formula of 2000",
    paper: "Sharma, Wu and Dalal, The CIEDE2000 color-difference formula, Color Research and \
            Application 30(1), 2005",
    options: &[],
    outputs: &[Output {
        name: "ciede2000",
        column: "ciede2000",
        when: When::Frame,
        needs: &[],
        range: (0.0, f64::INFINITY),
        summary: "45 - 20 log10 of the mean difference of colour: more is better",
    }],
    least_size: (1, 1),
    plan: extractor::plan,
};

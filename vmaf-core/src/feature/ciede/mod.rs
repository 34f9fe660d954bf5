//! CIEDE2000: the perceived difference of colours.
//!
//! Both pictures are converted to the CIELAB space, where distances are roughly those that people
//! see, and compared there pixel by pixel with the CIE's formula of 2000, which corrects the
//! remaining errors: differences of hue and saturation weigh less among saturated colours,
//! differences of lightness less near black and white. Lightness weighs more here than in the
//! standard, hue less (0.65, 1 and 4 in its three divisors). The score is `45 - 20 log10(mean)` of
//! the mean difference, so that higher is better, as in decibels; identical pictures give infinity.
//!
//! Samples are taken to be BT.709 of limited range. Chroma of lower resolution is repeated, not
//! interpolated.
//!
//! libvmaf swaps the flags of horizontal and vertical subsampling, which matters for 4:2:2, and
//! reads past the plane if a size is odd; in both cases the values here follow the formula.
//!
//! Sharma, Wu and Dalal, "The CIEDE2000 color-difference formula", Color Research and Application
//! 30(1), 2005; as a feature of video: Yang et al., "A new objective quality metric for high
//! dynamic range video", 2016, in the form of the Daala project and rav1e's av-metrics.

mod extractor;
mod kernel;
mod reference;

#[cfg(test)]
mod tests;

use super::{Feature, Output, When};

/// The CIEDE2000 feature and its column.
pub static FEATURE: Feature = Feature {
    name: "ciede",
    summary: "Perceived colour difference, by the CIEDE2000 formula",
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

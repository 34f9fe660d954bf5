//! SSIMULACRA2: structural similarity in a colour space of the eye.
//!
//! Both pictures are converted to XYB, the colour space of JPEG XL, which models the responses of
//! the eye's cones, and compared at six scales, each half as large as the one before. At each scale
//! and in each component three maps are computed: a form of SSIM, edges that only the encode has
//! (ringing, blocking) and edges that only the reference has (blur). Of each map the mean and the
//! fourth-power mean count. A weighted sum of these 108 numbers, fitted to viewers' scores of
//! stills, becomes the score: 100 for identical pictures, 90 where an expert sees no difference
//! flipping between them, 70 for high, 50 for medium and 30 for low quality. Bad encodes score below
//! 0.
//!
//! The options describe the samples; [`color`](crate::color) states how they become light. White of
//! standard dynamic range counts as 255 cd/m², light of high dynamic range as what it is. The metric
//! was fitted to standard dynamic range.
//!
//! As in the reference program, the first scale of less than 8 pixels a side is the last, and the
//! weights of missing scales go to those that follow them in the table. Filters are computed directly, where the program computes them
//! recursively, with the same result but for rounding.
//!
//! Jon Sneyers, SSIMULACRA 2, Cloudinary, 2022 and 2023, version 2.1: its reference program is part
//! of libjxl. XYB: ISO/IEC 18181-1. The filter: Charalampidis, "Recursive Implementation of the
//! Gaussian Filter Using Truncated Cosine Functions", IEEE Transactions on Signal Processing 64(14),
//! 2016.

mod extractor;
mod filter;
mod kernel;
mod score;

#[cfg(test)]
mod reference;
#[cfg(test)]
mod tests;

use super::{Feature, Output, When, light};

/// Scales at which pictures are compared.
const SCALES: usize = 6;

/// The least width and height of pictures, and of a scale that another follows.
const LEAST_SIZE: usize = 8;

/// The luminance that standard dynamic range's white stands for, in cd/m².
const WHITE: f64 = 255.0;

/// The weights of red, green and blue in the responses of the eye's three kinds of cones.
const ABSORBANCE: [[f64; 3]; 3] = [
    [0.3, 0.622, 0.078],
    [0.23, 0.692, 0.078],
    [0.243_422_689_245_478_2, 0.204_767_444_244_968_2, 0.551_809_866_509_553_6],
];

/// The response to darkness.
const BIAS: f64 = 0.003_793_073_255_275_449_3;

/// The constant that keeps similarity defined where both pictures are flat.
const C2: f64 = 0.0009;

/// The SSIMULACRA2 feature and its column.
pub static FEATURE: Feature = Feature {
    name: "ssimulacra2",
    summary: "Similarity of structure and colour at six scales, in a model of the eye's cones",
    paper: "Jon Sneyers, SSIMULACRA 2, Cloudinary, 2023",
    options: light::OPTIONS,
    outputs: &[Output {
        name: "ssimulacra2",
        column: "ssimulacra2",
        when: When::Frame,
        needs: &[],
        range: (0.0, 100.0),
        summary: "Score: 90 visually lossless, 70 high, 50 medium, 30 low quality",
    }],
    least_size: (LEAST_SIZE as u32, LEAST_SIZE as u32),
    plan: extractor::plan,
};

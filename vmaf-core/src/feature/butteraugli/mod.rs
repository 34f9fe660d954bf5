//! Butteraugli: differences that an eye would notice, by their bands of spatial frequency.
//!
//! Light becomes XYB, responses of the eye's cones whose sensitivity adapts to the surroundings.
//! Each picture is separated into four bands: low (blur of radius 16), medium (7), high (3) and
//! ultra-high frequencies. The bands of both pictures are compared by sums along short lines in
//! sixteen directions, so that an edge counts more than noise of the same strength, and by squared
//! differences. What is busy in the reference hides differences; smooth places near it do not hide
//! any. The result is a map of differences, to which that of pictures of half the size is added.
//!
//! Two numbers come from the map: its greatest value, the distance that codecs are tuned by, and the
//! mean of its 3-, 6- and 12-norms, which suits whole pictures better. Below 1 most people see no
//! difference at their usual distance, 2 and more is visible to most, and the scale is open above.
//!
//! The options describe the samples; [`color`](crate::color) states how they become light. White of
//! standard dynamic range counts as 80 cd/m², light of high dynamic range as what it is.
//!
//! Jyrki Alakuijala and others, "Guetzli: Perceptually Guided JPEG Encoder", arXiv:1703.04421, 2017,
//! names the metric; its definition is the reference program, which is part of libjxl.

mod extractor;
mod kernel;
pub(super) mod maps;
mod score;

#[cfg(test)]
mod reference;
#[cfg(test)]
mod tests;

use super::{Feature, Output, When, light};

/// The least width and height of pictures, and of pictures of half the size that are compared too.
const LEAST_SIZE: usize = 8;

/// The luminance of white of standard dynamic range, in cd/m².
const WHITE: f64 = 80.0;

/// The standard deviations of blurs, in pixels; a blur reaches 2.25 times as far, rounded down.
const LIGHT_SIGMA: f64 = 1.2;
const LOW_SIGMA: f64 = 7.155_933_394_43;
const MEDIUM_SIGMA: f64 = 3.224_899_012_62;
const HIGH_SIGMA: f64 = 1.564_163_278_05;
const MASK_SIGMA: f64 = 2.7;

/// The weights of red, green and blue in the responses of the eye's three kinds of cones, and the
/// response to darkness.
const ABSORBANCE: [[f64; 4]; 3] = [
    [0.299_565_503_400_583_2, 0.633_730_878_338_259_4, 0.077_705_617_820_981_97, DARK[0]],
    [0.221_586_911_045_747_74, 0.693_913_880_441_161_4, 0.098_731_358_842_2, DARK[1]],
    [0.02, 0.02, 0.204_801_290_410_261_3, DARK[2]],
];
const DARK: [f64; 3] = [1.755_748_364_328_735_3, 1.755_748_364_328_735_3, 12.226_454_707_163_354];

/// The response is `GAMMA[0] ln(cones + GAMMA[1]) + GAMMA[2]`; sensitivity and cones are at least
/// [`LEAST_RESPONSE`].
const GAMMA: [f64; 3] = [19.245_013_259_874_995, 9.971_063_576_929_914, -23.160_462_398_057_55];
const LEAST_RESPONSE: f64 = 1e-4;

/// The factors of low frequencies in X, Y and B, and the share of Y that is added to B before.
const LOW_SCALE: [f64; 3] = [33.832_837_186_26, 14.458_268_100_57, 49.879_846_514_4];
const Y_IN_B: f64 = -0.362_267_051_518;

/// Values this near zero are removed from a band, or moved this far away from it.
const MEDIUM_X_REMOVED: f64 = 0.29;
const MEDIUM_Y_ADDED: f64 = 0.1;
const HIGH_X_REMOVED: f64 = 1.5;
const ULTRA_X_REMOVED: f64 = 0.04;
const HIGH_Y_ADDED: f64 = 0.132;

/// High frequencies of X lose up to `1 - SUPPRESSION[0]` where those of Y are strong beside the
/// square root of `SUPPRESSION[1]`.
const SUPPRESSION: [f64; 2] = [0.653_020_556_257, 46.0];

/// Values of Y beyond a bound grow by this factor only; then they are scaled.
const CLAMP_FACTOR: f64 = 0.724_216_145_665;
const HIGH_Y_BOUND: f64 = 28.469_180_692_2;
const ULTRA_Y_BOUND: f64 = 5.191_752_946_47;
const HIGH_Y_SCALE: f64 = 2.155;
const ULTRA_Y_SCALE: f64 = 2.693_137_637_94;

/// The comparison of a band along lines.
#[derive(Debug, Clone, Copy)]
struct LineWeights {
    /// The weight of differences.
    weight: f64,
    /// The strength beside which differences count less.
    norm: f64,
    /// A factor by the kind of lines.
    scale: f64,
}

const SPARSE: f64 = 0.611_612_573_796;
const DENSE: f64 = 0.399_058_176_37;

const MEDIUM_LINES: [LineWeights; 2] = [
    LineWeights { weight: 8_246.753_213_53, norm: 1_009_002.705_82, scale: SPARSE },
    LineWeights { weight: 37.081_987_039_9, norm: 130_262_059.556, scale: SPARSE },
];
const HIGH_LINES: [LineWeights; 2] = [
    LineWeights { weight: 6_923.994_761_09, norm: 8_051.158_332_47, scale: SPARSE },
    LineWeights { weight: 18.723_741_438_7, norm: 4_498_534.452_32, scale: SPARSE },
];
const ULTRA_LINES: [LineWeights; 2] = [
    LineWeights { weight: 173.5, norm: 5.0, scale: DENSE },
    LineWeights { weight: 1.100_390_325_55, norm: 71.780_027_516_9, scale: DENSE },
];

/// The weights of squared differences: of high frequencies in X and Y, of medium and of low ones in
/// X, Y and B.
const HIGH_SQUARES: [f64; 2] = [400.0, 1.508_157_031_18];
const MEDIUM_SQUARES: [f64; 3] = [2150.0, 10.619_543_323_9, 16.217_604_315_2];
const LOW_SQUARES: [f64; 3] = [29.235_379_799_4, 0.844_626_970_982, 0.703_646_627_719];

/// Activity is `sqrt(factor |x| + bias) - sqrt(bias)` of the strength of high frequencies, in which
/// X and Y have these shares.
const ACTIVITY_FACTOR: f64 = 6.194_240_804_39;
const ACTIVITY_BIAS: f64 = 12.610_505_941_97;
const ACTIVITY_SHARES: [f64; 2] = [2.5, 0.4];

/// The weight of squared differences in activity.
const ACTIVITY_SQUARES: f64 = 10.0;

/// The distance of the neighbours among which the three smoothest places are found, and their
/// shares.
const EROSION_STEP: usize = 3;
const EROSION_SHARES: [f64; 3] = [0.45, 0.3, 0.25];

/// A difference is visible in proportion to the square of
/// `VISIBILITY (1 + mul / (scaler activity + offset))`.
const VISIBILITY: f64 = 1.0 / (17.83 * 0.790_799_174_04);

/// The masking of differences by activity.
#[derive(Debug, Clone, Copy)]
struct Masking {
    mul: f64,
    scaler: f64,
    offset: f64,
}

const MASKING: Masking =
    Masking { mul: 2.548_594_479_3, scaler: 0.451_936_922_203, offset: 0.829_591_754_942 };
const LOW_MASKING: Masking =
    Masking { mul: 0.505_054_525_019, scaler: 3.874_494_188_04, offset: 0.200_255_785_22 };

/// The shares of both sizes in the map.
const FULL_SHARE: f64 = 0.85;
const HALF_SHARE: f64 = 0.5;

/// The butteraugli feature and its columns.
pub static FEATURE: Feature = Feature {
    name: "butteraugli",
    summary: "Visible differences by bands of spatial frequency; less is better",
    paper: "Alakuijala et al., Guetzli, arXiv:1703.04421, 2017, and libjxl",
    options: light::OPTIONS,
    outputs: &[
        Output {
            name: "butteraugli",
            column: "butteraugli",
            when: When::Frame,
            needs: &[],
            range: (0.0, f64::INFINITY),
            summary: "Greatest difference: below 1 invisible to most, 2 and more visible",
        },
        Output {
            name: "butteraugli_3norm",
            column: "butteraugli_3norm",
            when: When::Frame,
            needs: &[],
            range: (0.0, f64::INFINITY),
            summary: "Mean of the 3-, 6- and 12-norms of all differences",
        },
    ],
    least_size: (LEAST_SIZE as u32, LEAST_SIZE as u32),
    plan: extractor::plan,
};

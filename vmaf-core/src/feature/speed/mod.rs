//! SpEED: the difference of two pictures in local entropy, after all but coarse detail is averaged
//! out.
//!
//! A plane is blurred, every 16th pixel kept in both directions, and the local mean subtracted. The
//! small picture is cut into blocks of 5x5 pixels, which are modelled as a Gaussian scale mixture:
//! one covariance matrix for all blocks, and for each of them a variance that scales it. Seen
//! through a little neural noise, each block has an entropy; it is weighted with the logarithm of
//! the block's variance, and the mean absolute difference between reference and distorted picture
//! is the score: 0 for identical pictures, more for greater differences.
//!
//! - `speed_chroma` compares the two chroma planes; the v1 models of VMAF use it.
//! - `speed_temporal` compares the luma of frame differences: of the reference's frame and the one
//!   before, and of the encode's. The first frame, which has no difference, has a score of 0.
//!
//! Bampis, Gupta, Soundararajan and Bovik, "SpEED-QA: Spatial efficient entropic differencing for
//! image and video quality", IEEE Signal Processing Letters 24(9), 2017. This is libvmaf's form.
//!
//! A picture without detail at this size, such as a flat one, has no meaningful entropy (its
//! covariance matrix can't be inverted); a pair in which one picture or both have none scores 0,
//! and the score of the other chroma plane then stands for both.

mod extractor;
mod filter;
mod kernel;
mod reference;
mod settings;

#[cfg(test)]
mod tests;

use super::{Feature, Need, OptionKind, OptionSpec, Output, When, number, option};

const PAPER: &str = "Bampis, Gupta, Soundararajan and Bovik, SpEED-QA: Spatial efficient entropic \
                     differencing for image and video quality, IEEE SPL 24(9), 2017";

/// The feature SpEED of chroma: options, columns.
pub static CHROMA: Feature = Feature {
    name: "speed_chroma",
    summary: "Entropy difference of coarse chroma detail",
    paper: PAPER,
    options: &[
        KERNEL_SCALE,
        PRESCALE,
        PRESCALE_METHOD,
        SIGMA,
        FLOOR,
        option("speed_max_val", "mxv", number(1000.0, 0.0, 1000.0), "the greatest value"),
        option(
            "speed_weight_var_mode",
            "wvm",
            OptionKind::Int { default: 0, min: 0, max: 6 },
            "whose variance weights the entropies: 0 each picture's own, 1 the reference's, 2 the \
             distorted one's, 3 the mean; or for the distorted picture alone 4 the mean, 5 three \
             parts reference in four, 6 one part",
        ),
    ],
    outputs: &[
        chroma("Speed_chroma_feature_speed_chroma_u_score", "speed_chroma_u", "the first plane"),
        chroma("Speed_chroma_feature_speed_chroma_v_score", "speed_chroma_v", "the second plane"),
        chroma("Speed_chroma_feature_speed_chroma_uv_score", "speed_chroma_uv", "their mean"),
    ],
    // The size that options and subsampling require is checked when a job is planned.
    least_size: (1, 1),
    plan: extractor::chroma,
};

/// The feature SpEED of frame differences: options, columns.
pub static TEMPORAL: Feature = Feature {
    name: "speed_temporal",
    summary: "Entropy difference of coarse change since the previous frame",
    paper: PAPER,
    options: &[
        KERNEL_SCALE,
        PRESCALE,
        PRESCALE_METHOD,
        SIGMA,
        FLOOR,
        option(
            "speed_max_val",
            "mxv",
            number(1000.0, 0.0, 1000.0),
            "for speed_chroma the greatest value; here, as in libvmaf, it names the column only",
        ),
        option(
            "speed_use_ref_diff",
            "urd",
            OptionKind::Bool { default: false },
            "take the difference of the encode's previous frame from the reference's frame",
        ),
    ],
    outputs: &[Output {
        name: "Speed_temporal_feature_speed_temporal_score",
        column: "speed_temporal",
        when: When::Frame,
        needs: &[],
        range: RANGE,
        summary: "how unlike the change is; 0 is alike",
    }],
    least_size: (1, 1),
    plan: extractor::temporal,
};

const RANGE: (f64, f64) = (0.0, 1000.0);

const fn chroma(name: &'static str, column: &'static str, summary: &'static str) -> Output {
    let needs = &[Need::Chroma];
    Output { name, column, when: When::Frame, needs, range: RANGE, summary }
}

const KERNEL_SCALE: OptionSpec = option(
    "speed_kernelscale",
    "ks",
    number(1.0, 0.1, 4.0),
    "factor for the size of the windows, one of those that there are windows for, such as 0.5, 1, \
     1.5, 2, 3",
);

const PRESCALE: OptionSpec = option(
    "speed_prescale",
    "ps",
    number(1.0, 0.1, 4.0),
    "factor by which planes are scaled first; they must be at least 80x80 then",
);

const PRESCALE_METHOD: OptionSpec = option(
    "speed_prescale_method",
    "psm",
    OptionKind::Text { default: "nearest", choices: settings::METHODS },
    "how planes are scaled first",
);

const SIGMA: OptionSpec = option(
    "speed_sigma_nn",
    "snn",
    number(0.29, 0.1, 2.0),
    "the standard deviation of neural noise",
);

const FLOOR: OptionSpec = option(
    "speed_nn_floor",
    "nnf",
    number(0.0, 0.0, 1.0),
    "how far above neural noise a difference is seen, as a part of its deviation",
);

//! Errors of maps and of pooling weights.

use crate::frame::Format;

/// The reason why a map cannot be made, or why weights are invalid.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum MapError {
    /// A number of samples other than width times height.
    #[error("{count} values can't be a map of {width}x{height}")]
    SampleCount {
        /// The number of samples given.
        count: usize,
        /// The map's width in samples.
        width: usize,
        /// The map's height in samples.
        height: usize,
    },

    /// Frames that differ in size or bit depth.
    #[error("a frame of {distorted} can't be mapped beside a reference of {reference}")]
    Formats {
        /// The reference's format.
        reference: Format,
        /// The distorted frame's format.
        distorted: Format,
    },

    /// Weights whose size differs from the picture's.
    #[error("weights of {} can't be those of a picture of {}", size(.weights), size(.picture))]
    WeightsSize {
        /// Width and height of the weights.
        weights: (usize, usize),
        /// Width and height of the picture, in pixels.
        picture: (usize, usize),
    },

    /// A rectangle that is empty or not inside the picture.
    #[error(
        "a rectangle of {width}x{height} at ({x}, {y}) is not a part of a picture of {}",
        size(.picture)
    )]
    Rect {
        /// The first column.
        x: usize,
        /// The first row.
        y: usize,
        /// The number of columns.
        width: usize,
        /// The number of rows.
        height: usize,
        /// Width and height of the picture, in pixels.
        picture: (usize, usize),
    },

    /// A weight outside 0 to 1.
    #[error("weights are from 0 to 1, and one is {weight}")]
    Weight {
        /// The weight.
        weight: f32,
    },

    /// Weights that are all 0.
    #[error("all weights are 0: nothing would count")]
    NoWeight,
}

fn size((width, height): &(usize, usize)) -> String {
    format!("{width}x{height}")
}

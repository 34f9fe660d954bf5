//! What can be wrong with maps, and with weights of their places.

use crate::frame::Format;

/// The reason why there is no such map, or why values can't be pooled by such weights.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum MapError {
    /// Another number of samples than a map has places.
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
        /// The distorted frame's.
        distorted: Format,
    },

    /// Weights of another size than the picture's.
    #[error("weights of {} can't be those of a picture of {}", size(.weights), size(.picture))]
    WeightsSize {
        /// Width and height of the weights.
        weights: (usize, usize),
        /// Width and height of the picture, in pixels.
        picture: (usize, usize),
    },

    /// A rectangle that is empty or not inside of the picture.
    #[error(
        "a rectangle of {width}x{height} at ({x}, {y}) is not a part of a picture of {}",
        size(.picture)
    )]
    Rect {
        /// Its first column.
        x: usize,
        /// Its first row.
        y: usize,
        /// Its columns.
        width: usize,
        /// Its rows.
        height: usize,
        /// Width and height of the picture, in pixels.
        picture: (usize, usize),
    },

    /// A weight that is not a number from 0 to 1.
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

//! Errors of formats, and of samples that do not match a format.

use super::{Format, MAX_DIMENSION};

/// An invalid format, or samples that do not match a format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FormatError {
    /// A width or height of 0.
    #[error("a frame of {width}x{height} has no pixels")]
    Empty {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },

    /// A width or height above [`MAX_DIMENSION`].
    #[error("a frame of {width}x{height} is larger than {MAX_DIMENSION}x{MAX_DIMENSION}")]
    TooLarge {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },

    /// A bit depth below 8 or above 16.
    #[error("{bit_depth} bits a sample: must be 8 to 16")]
    BitDepth {
        /// Bits a sample.
        bit_depth: u8,
    },

    /// Samples of a type that does not match the format's bit depth: `u8` holds 8 bits, `u16` 9 to
    /// 16.
    #[error("samples of {bytes} bytes can't be a frame of {format}")]
    SampleType {
        /// The size of a sample in bytes.
        bytes: usize,
        /// The frame's format.
        format: Format,
    },

    /// A number of planes other than the 1 or 3 that the format's chroma requires.
    #[error("a frame of {format} has {} planes, not {count}", .format.chroma().planes())]
    PlaneCount {
        /// The number of planes given.
        count: usize,
        /// The frame's format.
        format: Format,
    },

    /// A plane whose size differs from the format's.
    #[error(
        "plane {plane} is {width}x{height}; a frame of {format} needs {}",
        size(.format.plane_size(*plane))
    )]
    PlaneSize {
        /// The plane: 0 is luma, 1 and 2 are chroma.
        plane: usize,
        /// Its width in samples.
        width: usize,
        /// Its height in samples.
        height: usize,
        /// The frame's format.
        format: Format,
    },

    /// A number of samples other than width times height.
    #[error("{count} samples can't be a plane of {width}x{height}")]
    SampleCount {
        /// The number of samples given.
        count: usize,
        /// The plane's width in samples.
        width: usize,
        /// The plane's height in samples.
        height: usize,
    },

    /// Rows that overlap, or too few samples for the last row.
    #[error("{count} samples {stride} a row can't be a plane of {width}x{height}")]
    Stride {
        /// The number of samples given.
        count: usize,
        /// The number of samples from the start of one row to the start of the next.
        stride: usize,
        /// The plane's width in samples.
        width: usize,
        /// The plane's height in samples.
        height: usize,
    },
}

fn size((width, height): (usize, usize)) -> String {
    format!("{width}x{height}")
}

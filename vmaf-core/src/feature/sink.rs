//! Pictures that features make beside their values.

use std::fmt::Debug;

use ndarray::ArrayView2;

use crate::Result;

/// A receiver for the maps of a job.
///
/// Frames are measured on many threads and arrive in any order: each map names its frame and
/// encode.
pub trait MapSink: Debug + Send + Sync {
    /// Returns true if maps of the feature column `column` are wanted. Called once, before the
    /// first map.
    fn wants(&self, column: &str) -> bool {
        let _ = column;
        true
    }

    /// Takes a map.
    ///
    /// # Errors
    /// [`Error::Sink`](crate::Error::Sink) if it can't be kept; the job then fails with this error.
    fn take(&self, map: &FeatureMap<'_>) -> Result<()>;
}

/// A map of a feature over one frame: its strength at each place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct FeatureMap<'a> {
    /// The frame's number, from 0 at the start of the video.
    pub frame: u64,
    /// The index of the encode, in the order of the job.
    pub encode: usize,
    /// The feature's column.
    pub column: &'a str,
    /// The scale of the pyramid, 0 for the finest.
    pub scale: usize,
    /// Width and height of the picture that is measured, before any scale.
    pub picture: (usize, usize),
    /// Width in pixels.
    pub width: usize,
    /// Height in pixels.
    pub height: usize,
    /// The values, row by row: 0 is nothing, 65535 the most that there can be.
    pub values: &'a [u16],
}

impl<'a> FeatureMap<'a> {
    /// The values as an array of rows by columns, without copying them.
    ///
    /// # Panics
    /// If there are not `width * height` values; maps of a job always have that many.
    #[must_use]
    pub fn view(&self) -> ArrayView2<'a, u16> {
        let shape = (self.height, self.width);
        ArrayView2::from_shape(shape, self.values).expect("a value for each place")
    }
}

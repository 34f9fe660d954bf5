//! Pictures that features make beside their values.

use std::fmt::Debug;

use ndarray::ArrayView2;

use crate::Result;

/// What takes the maps of a job.
///
/// Frames are measured on many threads and come in any order: a map says which frame and encode it
/// is of.
pub trait MapSink: Debug + Send + Sync {
    /// Whether maps of the feature column called `column` are wanted. Asked once, before the first.
    fn wants(&self, column: &str) -> bool {
        let _ = column;
        true
    }

    /// Takes a map.
    ///
    /// # Errors
    /// [`Error::Sink`](crate::Error::Sink) where it can't be kept; the job then fails with this.
    fn take(&self, map: &FeatureMap<'_>) -> Result<()>;
}

/// Where in a frame a feature sees what it measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct FeatureMap<'a> {
    /// The frame's number, from 0 at the start of the video.
    pub frame: u64,
    /// Which encode it is of, in the order of the job.
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
    /// Where there are not `width * height` values, which maps of a job have.
    #[must_use]
    pub fn view(&self) -> ArrayView2<'a, u16> {
        let shape = (self.height, self.width);
        ArrayView2::from_shape(shape, self.values).expect("a value for each place")
    }
}

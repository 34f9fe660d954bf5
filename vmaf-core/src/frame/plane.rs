//! A plane of samples, and the two widths a sample can have.

use std::sync::Arc;

use super::Pixels;
use super::recycler::{Recycler, Samples, Shelf};
use crate::{Error, Result};

mod sealed {
    use super::{Arc, Recycler, Shelf};

    pub trait Sealed: Sized {
        /// Where the memory of planes of this type is kept.
        fn shelf(recycler: &Recycler) -> &Arc<Shelf<Self>>;
    }

    impl Sealed for u8 {
        fn shelf(recycler: &Recycler) -> &Arc<Shelf<Self>> {
            &recycler.bytes
        }
    }

    impl Sealed for u16 {
        fn shelf(recycler: &Recycler) -> &Arc<Shelf<Self>> {
            &recycler.words
        }
    }
}

/// A sample as it is stored: `u8` for 8 bits, `u16` for 9 to 16.
pub trait Sample:
    sealed::Sealed
    + Copy
    + Default
    + PartialEq
    + Send
    + Sync
    + Into<i32>
    + Into<u32>
    + Into<u64>
    + 'static
{
    /// The planes of `pixels`, if they are of this type.
    fn planes(pixels: &Pixels) -> Option<&[Plane<Self>]>;

    /// The planes of `pixels`, to be written to, if they are of this type.
    fn planes_mut(pixels: &mut Pixels) -> Option<&mut [Plane<Self>]>;

    /// Wraps planes of this type.
    fn pixels(planes: Vec<Plane<Self>>) -> Pixels;
}

impl Sample for u8 {
    fn planes(pixels: &Pixels) -> Option<&[Plane<Self>]> {
        match pixels {
            Pixels::U8(planes) => Some(planes),
            Pixels::U16(_) => None,
        }
    }

    fn planes_mut(pixels: &mut Pixels) -> Option<&mut [Plane<Self>]> {
        match pixels {
            Pixels::U8(planes) => Some(planes),
            Pixels::U16(_) => None,
        }
    }

    fn pixels(planes: Vec<Plane<Self>>) -> Pixels {
        Pixels::U8(planes)
    }
}

impl Sample for u16 {
    fn planes(pixels: &Pixels) -> Option<&[Plane<Self>]> {
        match pixels {
            Pixels::U16(planes) => Some(planes),
            Pixels::U8(_) => None,
        }
    }

    fn planes_mut(pixels: &mut Pixels) -> Option<&mut [Plane<Self>]> {
        match pixels {
            Pixels::U16(planes) => Some(planes),
            Pixels::U8(_) => None,
        }
    }

    fn pixels(planes: Vec<Plane<Self>>) -> Pixels {
        Pixels::U16(planes)
    }
}

/// Rows of samples, `stride` samples apart.
#[derive(Debug, Clone, PartialEq)]
pub struct Plane<T> {
    samples: Samples<T>,
    width: usize,
    height: usize,
    stride: usize,
}

impl<T: Sample> Plane<T> {
    /// A plane of zeros, rows adjacent.
    #[must_use]
    pub fn new(width: usize, height: usize) -> Self {
        Self::of(vec![T::default(); width * height].into(), width, height)
    }

    /// A plane of `samples`, rows adjacent.
    ///
    /// # Errors
    /// [`Error::Format`] where there are not `width * height` samples.
    pub fn from_vec(samples: Vec<T>, width: usize, height: usize) -> Result<Self> {
        if samples.len() != width * height {
            return Err(Error::Format(format!(
                "{} samples can't be a plane of {width}x{height}",
                samples.len()
            )));
        }
        Ok(Self::of(samples.into(), width, height))
    }

    /// A plane whose samples are anything, in memory of `shelf`, rows adjacent.
    pub(super) fn recycled(shelf: &Arc<Shelf<T>>, width: usize, height: usize) -> Self {
        Self::of(shelf.take(width * height), width, height)
    }

    fn of(samples: Samples<T>, width: usize, height: usize) -> Self {
        Self { samples, width, height, stride: width }
    }

    /// A plane of `samples` whose rows begin `stride` samples apart.
    ///
    /// # Errors
    /// [`Error::Format`] where the stride is below the width or the last row does not fit.
    pub fn with_stride(
        samples: Vec<T>,
        width: usize,
        height: usize,
        stride: usize,
    ) -> Result<Self> {
        let fits = height == 0 || samples.len() >= stride * (height - 1) + width;
        if stride < width || !fits {
            return Err(Error::Format(format!(
                "{} samples {stride} a row can't be a plane of {width}x{height}",
                samples.len()
            )));
        }
        Ok(Self { samples: samples.into(), width, height, stride })
    }

    /// Width in samples.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// Height in samples.
    #[must_use]
    pub fn height(&self) -> usize {
        self.height
    }

    /// Row `y`, without padding.
    #[must_use]
    pub fn row(&self, y: usize) -> &[T] {
        &self.samples[y * self.stride..][..self.width]
    }

    /// Row `y`, to be written.
    #[must_use]
    pub fn row_mut(&mut self, y: usize) -> &mut [T] {
        &mut self.samples[y * self.stride..][..self.width]
    }

    /// All samples, to be written, where no padding lies between rows.
    #[must_use]
    pub fn adjacent_mut(&mut self) -> Option<&mut [T]> {
        let count = self.width * self.height;
        (self.stride == self.width).then(|| &mut self.samples[..count])
    }

    /// All rows, top to bottom.
    pub fn rows(&self) -> impl Iterator<Item = &[T]> {
        (0..self.height).map(|y| self.row(y))
    }
}

//! Frames in memory: planes of samples, their format, and the groups that are scored together.
//!
//! A [`Frame`] owns its planes, luma first. Samples of 8 bits are stored as `u8`, samples of 9 to
//! 16 bits as `u16` with the value in the low bits; code that reads samples is generic over
//! [`Sample`]. Chroma planes of odd-sized 4:2:0 and 4:2:2 pictures are rounded *down*, as in
//! libvmaf: a reader drops the last chroma column or row.

mod depth;
mod error;
mod format;
mod plane;
mod recycler;
mod signal;

use std::sync::Arc;

use ndarray::ArrayView2;

pub use error::FormatError;
pub use format::{Chroma, Format, MAX_DIMENSION};
pub use plane::{Plane, Sample};
pub use recycler::Recycler;
pub use signal::{ColorRange, Rational};

/// A result whose error is [`FormatError`].
type Result<T> = std::result::Result<T, FormatError>;

/// The samples of a frame, stored in one of two sample types.
#[derive(Debug, Clone, PartialEq)]
pub enum Pixels {
    /// Samples of 8 bits.
    U8(Vec<Plane<u8>>),
    /// Samples of 9 to 16 bits, in the low bits.
    U16(Vec<Plane<u16>>),
}

/// One picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    format: Format,
    pixels: Pixels,
    /// The presentation time in seconds from the start of the stream, if known.
    pub time: Option<f64>,
    /// The stream's frame rate, if known.
    pub frame_rate: Option<Rational>,
    /// The colour range, if the stream specifies it.
    pub range: Option<ColorRange>,
    /// The picture before it was converted from RGB: a frame of 4:4:4 and 16 bits with planes of
    /// green, blue and red, of full range. Features that measure light read it; all others read the
    /// converted samples. [`Scorer::reads_rgb`](crate::Scorer::reads_rgb) states if any does.
    pub rgb: Option<Arc<Self>>,
}

impl Frame {
    /// Creates a frame from `pixels` and checks them against `format`. Sample values that exceed
    /// the bit depth are not detected; the features of such frames are meaningless.
    ///
    /// # Errors
    /// [`FormatError`] if the number of planes, their size or the sample type does not match
    /// `format`.
    pub fn new(format: Format, pixels: Pixels) -> Result<Self> {
        match &pixels {
            Pixels::U8(planes) => check_planes(&format, planes, format.bit_depth == 8)?,
            Pixels::U16(planes) => check_planes(&format, planes, format.bit_depth > 8)?,
        }
        Ok(Self::from_checked(format, pixels))
    }

    fn from_checked(format: Format, pixels: Pixels) -> Self {
        Self { format, pixels, time: None, frame_rate: None, range: None, rgb: None }
    }

    /// Creates a frame from `planes` that are known to match `format`.
    fn from_checked_planes<T: Sample>(format: Format, planes: Vec<Plane<T>>) -> Self {
        Self::from_checked(format, T::pixels(planes))
    }

    /// Creates a luma-only frame from `samples`, row by row without padding. `format` must be
    /// [`Chroma::Mono`] with a bit depth that `T` stores.
    ///
    /// # Errors
    /// [`FormatError`] if `samples` or `T` does not match `format`.
    pub fn from_luma<T: Sample>(format: Format, samples: &[T]) -> Result<Self> {
        let (width, height) = format.plane_size(0);
        let plane = Plane::from_vec(samples.to_vec(), width, height)?;
        Self::from_planes(format, vec![plane])
    }

    /// Creates a frame from `planes`: luma, then chroma if the format has any. `T` is `u8` for 8
    /// bits per sample and `u16` for 9 to 16.
    ///
    /// ```
    /// use vmaf_core::{Chroma, Format, Frame, Plane};
    ///
    /// let format = Format::new(64, 48, Chroma::Yuv420, 8)?;
    /// let luma = Plane::from_vec(vec![90_u8; 64 * 48], 64, 48)?;
    /// let chroma = Plane::from_vec(vec![128_u8; 32 * 24], 32, 24)?;
    /// let frame = Frame::from_planes(format, vec![luma, chroma.clone(), chroma])?;
    /// assert_eq!(frame.plane::<u8>(0).view()[[47, 63]], 90);
    /// # Ok::<(), vmaf_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`FormatError`], as in [`new`](Self::new).
    pub fn from_planes<T: Sample>(format: Format, planes: Vec<Plane<T>>) -> Result<Self> {
        Self::new(format, T::pixels(planes))
    }

    /// Creates a frame by copying arrays of rows by columns: luma, then chroma if the format has
    /// any. The arrays may have any memory layout, such as rows with padding or every second sample
    /// of interleaved chroma.
    ///
    /// ```
    /// use ndarray::{ArrayView3, s};
    /// use vmaf_core::{Chroma, Format, Frame};
    ///
    /// // NV12: a luma plane and a plane of interleaved chroma samples.
    /// let (luma, pairs) = (vec![90_u8; 64 * 48], vec![128_u8; 32 * 24 * 2]);
    /// let luma = ndarray::ArrayView2::from_shape((48, 64), &luma)?;
    /// let pairs = ArrayView3::from_shape((24, 32, 2), &pairs)?;
    /// let format = Format::new(64, 48, Chroma::Yuv420, 8)?;
    /// let chroma = [pairs.slice(s![.., .., 0]), pairs.slice(s![.., .., 1])];
    /// let frame = Frame::from_views(format, [luma, chroma[0], chroma[1]])?;
    /// assert_eq!(frame.plane::<u8>(2).row(0), [128; 32]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`FormatError`], as in [`new`](Self::new).
    pub fn from_views<'a, T: Sample>(
        format: Format,
        views: impl IntoIterator<Item = ArrayView2<'a, T>>,
    ) -> Result<Self> {
        Self::from_planes(format, views.into_iter().map(Plane::from).collect())
    }

    /// The frame's format.
    #[must_use]
    pub fn format(&self) -> &Format {
        &self.format
    }

    /// The frame's samples.
    #[must_use]
    pub fn pixels(&self) -> &Pixels {
        &self.pixels
    }

    /// Plane `index` as samples of `T`, the type that stores the frame's bit depth.
    ///
    /// # Panics
    /// If `T` is not that type or there is no such plane. Code that reads frames chooses `T` once,
    /// by [`Format::bit_depth`].
    #[must_use]
    pub fn plane<T: Sample>(&self, index: usize) -> &Plane<T> {
        &T::planes(&self.pixels).expect("the sample type follows the bit depth")[index]
    }

    /// Plane `index`, mutable.
    ///
    /// # Panics
    /// As [`plane`](Self::plane).
    #[must_use]
    pub fn plane_mut<T: Sample>(&mut self, index: usize) -> &mut Plane<T> {
        &mut T::planes_mut(&mut self.pixels).expect("the sample type follows the bit depth")[index]
    }

    /// Removes the chroma planes and frees their memory.
    pub fn keep_luma(&mut self) {
        self.format.chroma = Chroma::Mono;
        match &mut self.pixels {
            Pixels::U8(planes) => planes.truncate(1),
            Pixels::U16(planes) => planes.truncate(1),
        }
    }
}

fn check_planes<T: Sample>(format: &Format, planes: &[Plane<T>], depth_fits: bool) -> Result<()> {
    if !depth_fits {
        return Err(FormatError::SampleType { bytes: size_of::<T>(), format: *format });
    }
    if planes.len() != format.chroma.planes() {
        return Err(FormatError::PlaneCount { count: planes.len(), format: *format });
    }
    for (index, plane) in planes.iter().enumerate() {
        let (width, height) = (plane.width(), plane.height());
        if (width, height) != format.plane_size(index) {
            return Err(FormatError::PlaneSize { plane: index, width, height, format: *format });
        }
    }
    Ok(())
}

/// One reference frame and the matching frame of each encode: the unit of scoring.
///
/// A pair is a group with one encode.
#[derive(Debug, Clone)]
pub struct FrameGroup {
    /// The reference frame.
    pub reference: Arc<Frame>,
    /// The frame of each encode, in the order of the job; `None` after an encode has dropped out.
    pub distorted: Vec<Option<Arc<Frame>>>,
}

impl FrameGroup {
    /// A group with one encode.
    #[must_use]
    pub fn pair(reference: impl Into<Arc<Frame>>, distorted: impl Into<Arc<Frame>>) -> Self {
        Self { reference: reference.into(), distorted: vec![Some(distorted.into())] }
    }

    /// The group with the frames of the encodes marked in `measured`, and `None` for the others.
    pub(crate) fn only(&self, measured: &[bool]) -> Self {
        let frames = self.distorted.iter().zip(measured);
        let frames = frames.map(|(frame, measured)| frame.clone().filter(|_| *measured));
        Self { reference: self.reference.clone(), distorted: frames.collect() }
    }
}

//! Frames in memory: planes of samples, their format, and the groups that are scored together.
//!
//! A [`Frame`] owns its planes, luma first. Samples of 8 bits are stored as `u8`, of 9 to 16 bits
//! as `u16` with the value in the low bits; code that reads samples is generic over [`Sample`].
//! Chroma planes of odd-sized 4:2:0 and 4:2:2 pictures are rounded *down*, as libvmaf does: a
//! reader drops the last chroma column or row.

mod depth;
mod plane;
mod recycler;
mod signal;

use std::fmt;
use std::sync::Arc;

pub use plane::{Plane, Sample};
pub use recycler::Recycler;
use serde::{Deserialize, Serialize};
pub use signal::{ColorRange, Rational};

use crate::{Error, Result};

/// The largest width or height of a frame, in pixels.
pub const MAX_DIMENSION: u32 = 32_768;

/// How chroma is sampled beside luma.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Chroma {
    /// No chroma planes.
    Mono,
    /// Half the width and half the height.
    Yuv420,
    /// Half the width.
    Yuv422,
    /// As luma.
    Yuv444,
}

impl Chroma {
    /// How many planes a frame has: 1 or 3.
    #[must_use]
    pub fn planes(self) -> usize {
        if self == Self::Mono { 1 } else { 3 }
    }

    /// By how many powers of two chroma is smaller than luma: horizontally and vertically.
    #[must_use]
    pub fn shifts(self) -> (u32, u32) {
        match self {
            Self::Mono | Self::Yuv444 => (0, 0),
            Self::Yuv422 => (1, 0),
            Self::Yuv420 => (1, 1),
        }
    }
}

impl fmt::Display for Chroma {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Mono => "mono",
            Self::Yuv420 => "4:2:0",
            Self::Yuv422 => "4:2:2",
            Self::Yuv444 => "4:4:4",
        })
    }
}

/// The geometry that all frames of a job share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Format {
    /// Luma width in pixels.
    pub width: u32,
    /// Luma height in pixels.
    pub height: u32,
    /// Chroma sampling.
    pub chroma: Chroma,
    /// Bits a sample, 8 to 16.
    pub bit_depth: u8,
}

impl Format {
    /// A format, checked.
    ///
    /// # Errors
    /// [`Error::Format`] where a dimension is 0 or above [`MAX_DIMENSION`], or the bit depth is
    /// not 8 to 16.
    pub fn new(width: u32, height: u32, chroma: Chroma, bit_depth: u8) -> Result<Self> {
        if width == 0 || height == 0 {
            return Err(Error::Format(format!("a frame of {width}x{height} has no pixels")));
        }
        if width > MAX_DIMENSION || height > MAX_DIMENSION {
            return Err(Error::Format(format!(
                "a frame of {width}x{height} is larger than {MAX_DIMENSION}x{MAX_DIMENSION}"
            )));
        }
        if !(8..=16).contains(&bit_depth) {
            return Err(Error::Format(format!("{bit_depth} bits a sample: must be 8 to 16")));
        }
        Ok(Self { width, height, chroma, bit_depth })
    }

    /// Width and height of plane `index` (0 luma, 1 and 2 chroma), chroma rounded down.
    #[must_use]
    pub fn plane_size(&self, index: usize) -> (usize, usize) {
        let (x, y) = if index == 0 { (0, 0) } else { self.chroma.shifts() };
        ((self.width >> x) as usize, (self.height >> y) as usize)
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{} {} {}-bit", self.width, self.height, self.chroma, self.bit_depth)
    }
}

/// The samples of a frame, at one of two widths.
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
    /// When the frame is shown, in seconds from the start of its stream, where that is known.
    pub time: Option<f64>,
    /// The stream's frames a second, where it says.
    pub frame_rate: Option<Rational>,
    /// The colour range, where the stream says.
    pub range: Option<ColorRange>,
}

impl Frame {
    /// A frame of `pixels`, checked against `format`. Samples above the greatest of the bit depth
    /// are not looked for: that is for whoever made them. Their features mean nothing.
    ///
    /// # Errors
    /// [`Error::Format`] where the number of planes, their size or the sample width disagrees
    /// with `format`.
    pub fn new(format: Format, pixels: Pixels) -> Result<Self> {
        match &pixels {
            Pixels::U8(planes) => check_planes(&format, planes, format.bit_depth == 8)?,
            Pixels::U16(planes) => check_planes(&format, planes, format.bit_depth > 8)?,
        }
        Ok(Self::of(format, pixels))
    }

    fn of(format: Format, pixels: Pixels) -> Self {
        Self { format, pixels, time: None, frame_rate: None, range: None }
    }

    /// A frame of `planes` that are as `format` has them.
    fn of_planes<T: Sample>(format: Format, planes: Vec<Plane<T>>) -> Self {
        Self::of(format, T::pixels(planes))
    }

    /// A frame of luma alone, from `samples` row by row without padding; `format` must be
    /// [`Chroma::Mono`] and of the bit depth that `T` holds.
    ///
    /// # Errors
    /// [`Error::Format`] where `samples` or `T` disagrees with `format`.
    pub fn from_luma<T: Sample>(format: Format, samples: &[T]) -> Result<Self> {
        let (width, height) = format.plane_size(0);
        let plane = Plane::from_vec(samples.to_vec(), width, height)?;
        Self::new(format, T::pixels(vec![plane]))
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

    /// Plane `index` as samples of `T`, the type that the frame's bit depth asks for.
    ///
    /// # Panics
    /// Where `T` is not that type or there is no such plane: code that reads frames chooses `T`
    /// by [`Format::bit_depth`], once.
    #[must_use]
    pub fn plane<T: Sample>(&self, index: usize) -> &Plane<T> {
        &T::planes(&self.pixels).expect("the sample type follows the bit depth")[index]
    }

    /// Plane `index`, to be written.
    ///
    /// # Panics
    /// As [`plane`](Self::plane).
    #[must_use]
    pub fn plane_mut<T: Sample>(&mut self, index: usize) -> &mut Plane<T> {
        &mut T::planes_mut(&mut self.pixels).expect("the sample type follows the bit depth")[index]
    }

    /// Leaves luma alone, and lets go of the memory of chroma.
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
        return Err(Error::Format(format!(
            "samples of {} bytes can't be a frame of {format}",
            size_of::<T>()
        )));
    }
    if planes.len() != format.chroma.planes() {
        return Err(Error::Format(format!("{} planes can't be a frame of {format}", planes.len())));
    }
    for (index, plane) in planes.iter().enumerate() {
        let (width, height) = format.plane_size(index);
        if (plane.width(), plane.height()) != (width, height) {
            return Err(Error::Format(format!(
                "plane {index} is {}x{}; a frame of {format} needs {width}x{height}",
                plane.width(),
                plane.height()
            )));
        }
    }
    Ok(())
}

/// One reference frame and the matching frame of each encode: the unit that is scored.
///
/// A pair is a group with one encode.
#[derive(Debug, Clone)]
pub struct FrameGroup {
    /// The reference frame.
    pub reference: Arc<Frame>,
    /// The frame of each encode, in the order of the job; `None` once an encode has dropped out.
    pub distorted: Vec<Option<Arc<Frame>>>,
}

impl FrameGroup {
    /// A group with one encode.
    #[must_use]
    pub fn pair(reference: Arc<Frame>, distorted: Arc<Frame>) -> Self {
        Self { reference, distorted: vec![Some(distorted)] }
    }

    /// The group with the frames of the encodes `measured`, and none of the others.
    pub(crate) fn only(&self, measured: &[bool]) -> Self {
        let frames = self.distorted.iter().zip(measured);
        let frames = frames.map(|(frame, measured)| frame.clone().filter(|_| *measured));
        Self { reference: self.reference.clone(), distorted: frames.collect() }
    }
}

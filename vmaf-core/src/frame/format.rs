//! The geometry of frames.

use std::fmt;

use super::FormatError;

/// The largest width or height of a frame, in pixels.
pub const MAX_DIMENSION: u32 = 32_768;

/// Chroma sampling relative to luma.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Chroma {
    /// No chroma planes.
    Mono,
    /// Half the width and half the height.
    Yuv420,
    /// Half the width.
    Yuv422,
    /// The same size as luma.
    Yuv444,
}

impl Chroma {
    /// The number of planes in a frame: 1 or 3.
    #[must_use]
    pub fn planes(self) -> usize {
        if self == Self::Mono { 1 } else { 3 }
    }

    /// The horizontal and vertical chroma subsampling as powers of two.
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

/// The geometry that all frames of a job share: size, chroma sampling and bit depth.
///
/// Every value is validated: a format always has pixels and a supported bit depth.
///
/// ```
/// use vmaf_core::{Chroma, Format};
///
/// let format = Format::new(1920, 1080, Chroma::Yuv420, 10)?;
/// assert_eq!(format.plane_size(1), (960, 540));
/// assert_eq!(format.to_string(), "1920x1080 4:2:0 10-bit");
/// # Ok::<(), vmaf_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "FormatFields"))]
pub struct Format {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) chroma: Chroma,
    pub(crate) bit_depth: u8,
}

/// A deserialized format before validation.
#[cfg(feature = "serde")]
#[derive(serde::Deserialize)]
#[serde(rename = "Format")]
struct FormatFields {
    width: u32,
    height: u32,
    chroma: Chroma,
    bit_depth: u8,
}

#[cfg(feature = "serde")]
impl TryFrom<FormatFields> for Format {
    type Error = FormatError;

    fn try_from(format: FormatFields) -> Result<Self, FormatError> {
        let FormatFields { width, height, chroma, bit_depth } = format;
        Self::new(width, height, chroma, bit_depth)
    }
}

impl Format {
    /// Creates the format of frames of `width` by `height` pixels with samples of `bit_depth` bits.
    ///
    /// # Errors
    /// [`FormatError::Empty`] or [`FormatError::TooLarge`] if a dimension is 0 or above
    /// [`MAX_DIMENSION`], [`FormatError::BitDepth`] if the bit depth is not 8 to 16.
    pub fn new(
        width: u32,
        height: u32,
        chroma: Chroma,
        bit_depth: u8,
    ) -> Result<Self, FormatError> {
        if width == 0 || height == 0 {
            return Err(FormatError::Empty { width, height });
        }
        if width > MAX_DIMENSION || height > MAX_DIMENSION {
            return Err(FormatError::TooLarge { width, height });
        }
        if !(8..=16).contains(&bit_depth) {
            return Err(FormatError::BitDepth { bit_depth });
        }
        Ok(Self { width, height, chroma, bit_depth })
    }

    /// The same format at another size, in pixels.
    ///
    /// # Errors
    /// [`FormatError::Empty`] or [`FormatError::TooLarge`], as in [`new`](Self::new).
    pub fn with_size(self, width: u32, height: u32) -> Result<Self, FormatError> {
        Self::new(width, height, self.chroma, self.bit_depth)
    }

    /// The same format at the size of `other`.
    #[must_use]
    pub fn with_size_of(self, other: &Self) -> Self {
        Self { width: other.width, height: other.height, ..self }
    }

    /// The same format with width and height swapped.
    #[must_use]
    pub fn transposed(self) -> Self {
        Self { width: self.height, height: self.width, ..self }
    }

    /// The same format with another chroma sampling.
    #[must_use]
    pub fn with_chroma(self, chroma: Chroma) -> Self {
        Self { chroma, ..self }
    }

    /// The same format with samples of `bit_depth` bits.
    ///
    /// # Errors
    /// [`FormatError::BitDepth`] if `bit_depth` is not 8 to 16.
    pub fn with_bit_depth(self, bit_depth: u8) -> Result<Self, FormatError> {
        Self::new(self.width, self.height, self.chroma, bit_depth)
    }

    /// The same format with the bit depth of `other`.
    #[must_use]
    pub fn with_bit_depth_of(self, other: &Self) -> Self {
        Self { bit_depth: other.bit_depth, ..self }
    }

    /// Luma width and height in pixels.
    #[must_use]
    pub fn size(&self) -> (u32, u32) {
        (self.width, self.height)
    }

    /// Luma width in pixels, 1 to [`MAX_DIMENSION`].
    #[must_use]
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Luma height in pixels, 1 to [`MAX_DIMENSION`].
    #[must_use]
    pub fn height(&self) -> u32 {
        self.height
    }

    /// Chroma sampling.
    #[must_use]
    pub fn chroma(&self) -> Chroma {
        self.chroma
    }

    /// Bits per sample, 8 to 16.
    #[must_use]
    pub fn bit_depth(&self) -> u8 {
        self.bit_depth
    }

    /// Width and height of plane `index` (0 is luma, 1 and 2 are chroma); chroma is rounded down.
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

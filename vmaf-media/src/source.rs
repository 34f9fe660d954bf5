//! What a source of frames is.

use vmaf_core::{Chroma, Format, Frame};

use crate::Result;

/// A fraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rational {
    /// The numerator.
    pub num: u32,
    /// The denominator, not 0.
    pub den: u32,
}

impl Rational {
    /// The fraction as a number.
    #[must_use]
    pub fn as_f64(self) -> f64 {
        f64::from(self.num) / f64::from(self.den)
    }
}

/// Which sample values stand for black and white.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColorRange {
    /// 16 to 235 of 8 bits.
    Limited,
    /// 0 to 255 of 8 bits.
    Full,
}

/// What is known of a stream before its first frame.
#[derive(Debug, Clone, PartialEq)]
pub struct StreamInfo {
    /// The file's path, as given.
    pub path: String,
    /// The frames' format.
    pub format: Format,
    /// Frames a second, where the file says.
    pub frame_rate: Option<Rational>,
    /// How many frames there are, where that can be told without reading them.
    pub frames: Option<u64>,
    /// The colour range, where the file says.
    pub range: Option<ColorRange>,
    /// The codec or format, as FFmpeg names it: "h264", "rawvideo", "png".
    pub codec: String,
}

/// A video that gives its frames one by one.
pub trait Source: Send {
    /// What is known of the stream.
    fn info(&self) -> &StreamInfo;

    /// The next frame, with its [`time`](Frame::time) in seconds where that is known; `None` after
    /// the last.
    ///
    /// # Errors
    /// [`Error::Frame`](crate::Error::Frame) where the file breaks, naming the frame. A source that
    /// failed is not read on.
    fn read(&mut self) -> Result<Option<Frame>>;
}

/// The layout of a raw planar YUV file, which does not tell it itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RawVideo {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Chroma sampling.
    pub chroma: Chroma,
    /// Bits a sample; samples of more than 8 are two bytes, little-endian.
    pub bit_depth: u8,
}

/// How files are opened.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct OpenOptions {
    /// Reads the file as raw planar YUV of this layout.
    pub raw: Option<RawVideo>,
    /// Frames a second of what has no times of its own (raw video, numbered stills); 25 if unset.
    pub frame_rate: Option<Rational>,
    /// Threads a decoder may use; 0 lets it choose.
    pub threads: usize,
}

/// Opens `path` as whatever it is; `-` is standard input.
///
/// # Errors
/// Where the file can't be read, or is no video.
pub fn open(path: &str, options: &OpenOptions) -> Result<Box<dyn Source>> {
    let _ = options;
    Err(crate::Error::NotVideo {
        path: path.to_owned(),
        reason: "no reader is built in".to_owned(),
    })
}

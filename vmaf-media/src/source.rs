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

    /// The fraction as a frame rate: `None` where either part is 0, which files write for
    /// "unknown".
    pub(crate) fn rate(num: u32, den: u32) -> Option<Self> {
        (num != 0 && den != 0).then_some(Self { num, den })
    }

    /// When frame `index` is shown at this frame rate, in seconds.
    pub(crate) fn time_of(self, index: u64) -> f64 {
        index as f64 * f64::from(self.den) / f64::from(self.num)
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
    /// How many frames there are, where that can be told without reading them. A container's
    /// count also has frames that its edit list hides.
    pub frames: Option<u64>,
    /// The colour range, where the file says; stills are converted to limited range.
    pub range: Option<ColorRange>,
    /// The codec or format, as FFmpeg names it: "h264", "rawvideo", "png".
    pub codec: String,
    /// Whether the file says that its frames are pairs of fields. They are read as frames.
    pub interlaced: bool,
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

/// What decodes files that are neither y4m, raw video nor stills.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Decoder {
    /// FFmpeg's libraries where this crate is built with them, its program otherwise.
    #[default]
    Auto,
    /// FFmpeg's libraries, in this process.
    InProcess,
    /// The `ffmpeg` program that the environment variable `VMAF_FFMPEG` names, or that is found
    /// on `PATH`.
    Process,
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
    /// What decodes files that need FFmpeg.
    pub decoder: Decoder,
}

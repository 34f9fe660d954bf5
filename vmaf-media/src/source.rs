//! Videos in two phases: opened, and read as planned.

use serde::{Deserialize, Serialize};
use vmaf_core::{Chroma, ColorRange, Format, Frame, Rational};

use crate::conform::Accepted;
use crate::{FrameIndex, Incidents, Matrix, Orientation, Result};

/// What is known of a stream before its first frame.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
    /// What the samples mean in colour, as far as the file says.
    pub color: Color,
    /// How wide a pixel is in units of its height, where the file says.
    pub sample_aspect: Option<Rational>,
    /// How the file wants its frames turned and mirrored when they are shown. They are read as they are
    /// stored.
    pub orientation: Orientation,
    /// How frames were turned and mirrored since they were read, to be [stored as those of another
    /// video](crate::conform::oriented).
    pub moved: Orientation,
    /// Whether the file itself tells when frames are shown, as raw video and stills don't.
    pub has_times: bool,
    /// The number of the stream in its file, where there are several with video.
    pub stream: Option<u32>,
    /// Decisions that were made when the file was opened, in words.
    pub notes: Vec<String>,
    /// Whether the file holds RGB, which is [converted](ReadPlan::matrix).
    #[serde(default)]
    pub rgb: bool,
    /// What happens while frames are decoded.
    #[serde(skip)]
    pub incidents: Incidents,
    /// What is written of its frames while they are decoded, if that is [wished](OpenOptions::indexed)
    /// and can be done.
    #[serde(skip)]
    pub index: Option<FrameIndex>,
}

impl StreamInfo {
    /// What is known of a stream of which nothing but this is.
    #[must_use]
    pub fn new(path: &str, format: Format, codec: &str) -> Self {
        Self {
            path: path.to_owned(),
            format,
            frame_rate: None,
            frames: None,
            range: None,
            codec: codec.to_owned(),
            interlaced: false,
            color: Color::default(),
            sample_aspect: None,
            orientation: Orientation::UPRIGHT,
            moved: Orientation::UPRIGHT,
            has_times: true,
            stream: None,
            notes: Vec::new(),
            rgb: false,
            incidents: Incidents::default(),
            index: None,
        }
    }
}

/// What samples mean in colour: FFmpeg's names, `None` where a file does not say (ITU-T H.273).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Color {
    /// The primaries: "bt709", "bt2020".
    pub primaries: Option<String>,
    /// The transfer characteristics: "bt709", "smpte2084" (PQ), "arib-std-b67" (HLG).
    pub transfer: Option<String>,
    /// The matrix between RGB and YUV: "bt709", "smpte170m", "bt2020nc".
    pub matrix: Option<String>,
}

impl Color {
    /// Whether the transfer is one of high dynamic range.
    #[must_use]
    pub fn is_hdr(&self) -> bool {
        self.is_dolby_vision()
            || matches!(self.transfer.as_deref(), Some("smpte2084" | "arib-std-b67"))
    }

    /// Whether the colours are those of Dolby Vision without a base layer that others can show: its
    /// profile 5. The decoded samples are of a space of its own, IPT with PQ.
    #[must_use]
    pub fn is_dolby_vision(&self) -> bool {
        self.matrix.as_deref() == Some("ipt-c2")
    }

    /// The colours of such video, which says nothing of them in the stream itself.
    pub(crate) fn dolby_vision() -> Self {
        let [primaries, transfer, matrix] =
            ["bt2020", "smpte2084", "ipt-c2"].map(|name| Some(name.to_owned()));
        Self { primaries, transfer, matrix }
    }
}

/// A video that was opened, and not yet read.
///
/// [`info`](Self::info) is all that a [`ReadPlan`] has to be made of: once frames are read, nothing
/// about them changes any more.
pub trait Source: Send {
    /// Facts about the stream.
    fn info(&self) -> &StreamInfo;

    /// Begins to read the video as `plan` says.
    ///
    /// # Errors
    /// Where the video can't be read in this way.
    fn frames(self: Box<Self>, plan: &ReadPlan) -> Result<Box<dyn Frames>>;
}

/// The frames of a video, one by one.
pub trait Frames: Send {
    /// Facts about the stream, which the plan does not change: its [`format`](StreamInfo::format) is
    /// that of whole frames.
    fn info(&self) -> &StreamInfo;

    /// Returns the next frame, with its [`time`](Frame::time), frame rate and colour range where
    /// those are known; `None` after the last.
    ///
    /// # Errors
    /// [`Error::Frame`](crate::Error::Frame) where the file breaks, naming the frame. A video that
    /// failed is not read on.
    fn read(&mut self) -> Result<Option<Frame>>;

    /// Passes over the next `count` frames, or as many as there are, and returns how many that were.
    /// It takes less than reading them where their samples need not be brought over.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    fn skip(&mut self, count: u64) -> Result<u64> {
        for passed in 0..count {
            if self.read()?.is_none() {
                return Ok(passed);
            }
        }
        Ok(count)
    }
}

/// The part of a video that will be read, and its form. The default is whole frames as they are
/// stored.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReadPlan {
    /// Luma alone is needed: frames may come without chroma.
    pub luma_only: bool,
    /// The bit depth that is needed, 8 to 16: frames of fewer bits may come
    /// [promoted](Frame::promoted) to it.
    pub bit_depth: Option<u8>,
    /// The matrix that converts RGB; BT.709 without one.
    pub matrix: Option<Matrix>,
    /// Frames come in the size that each was coded in where a video changes its size. Otherwise it
    /// fails there.
    pub any_size: bool,
    /// The index of the same video, written when it was decoded before. Frames passed over may then
    /// be left out by seeking, so that damage in them may go unnoticed.
    pub earlier: Option<FrameIndex>,
}

impl ReadPlan {
    /// Frames as a scorer requires them: luma alone where `required` has no chroma, and at least of
    /// its bit depth.
    #[must_use]
    pub fn new(required: &Format) -> Self {
        let luma_only = required.chroma() == Chroma::Mono;
        Self { luma_only, bit_depth: Some(required.bit_depth()), ..Self::default() }
    }

    /// Luma alone, at its own bit depth.
    #[must_use]
    pub fn luma() -> Self {
        Self { luma_only: true, ..Self::default() }
    }
}

/// The layout of a raw planar YUV file, which does not tell it itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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
    /// FFmpeg's libraries where this crate is built with them, its program for what they can't decode
    /// and otherwise.
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
    /// Reads the file as raw planar YUV of this layout, unless its first bytes say what it is.
    pub raw: Option<RawVideo>,
    /// Frames a second of what has no times of its own (raw video, numbered stills); 25 if unset.
    pub frame_rate: Option<Rational>,
    /// Threads a decoder may use; 0 lets it choose.
    pub threads: usize,
    /// What decodes files that need FFmpeg.
    pub decoder: Decoder,
    /// The number of the video stream to read. Without one it is the default or the largest.
    pub stream: Option<u32>,
    /// What may change from frame to frame, and whether frames may be damaged. All else that frames
    /// say of their samples is an error where it changes.
    pub accepted: Vec<Accepted>,
    /// Has decoders leave out the film grain that a stream describes, and that they would add.
    pub no_film_grain: bool,
    /// Has decoders write an [index](StreamInfo::index) of the frames, so that some of them can be
    /// found again.
    pub indexed: bool,
}

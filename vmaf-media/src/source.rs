//! Sources of video: first opened, then read as planned.

use serde::{Deserialize, Serialize};
use vmaf_core::color::ChromaSiting;
use vmaf_core::{Chroma, ColorRange, Format, Frame, Rational};

use crate::conform::Accepted;
use crate::{FrameIndex, Incidents, Matrix, Orientation, Result};

/// Facts about a stream that are known before its first frame is read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StreamInfo {
    /// The file's path, as given.
    pub path: String,
    /// The frames' format.
    pub format: Format,
    /// Frames per second, if the file states it.
    pub frame_rate: Option<Rational>,
    /// The number of frames, if it can be determined without reading them. A container's count
    /// includes frames that its edit list hides.
    pub frames: Option<u64>,
    /// The colour range, if the file states it; stills are converted to limited range.
    pub range: Option<ColorRange>,
    /// The codec or format, as FFmpeg names it: "h264", "rawvideo", "png".
    pub codec: String,
    /// True if the file marks its frames as interlaced. They are read as whole frames.
    pub interlaced: bool,
    /// The colour description, as far as the file states it.
    pub color: Color,
    /// The position of chroma samples, if the file states it.
    #[serde(default)]
    pub siting: Option<ChromaSiting>,
    /// The sample aspect ratio: the width of a pixel divided by its height, if the file states it.
    pub sample_aspect: Option<Rational>,
    /// The rotation and mirroring that the file asks players to apply. Frames are read as they are
    /// stored.
    pub orientation: Orientation,
    /// The rotation and mirroring already applied to the frames since they were read, to [store
    /// them as another video's](crate::conform::oriented).
    #[serde(rename = "moved")]
    pub applied_rotation: Orientation,
    /// True if the file itself carries timestamps; raw video and stills don't.
    pub has_times: bool,
    /// The number of the stream in its file, if the file has several video streams.
    pub stream: Option<u32>,
    /// Decisions made when the file was opened, in words.
    pub notes: Vec<String>,
    /// True if the file holds RGB, which is [converted](ReadPlan::matrix).
    #[serde(default)]
    pub rgb: bool,
    /// Incidents of decoding, recorded while frames are decoded.
    #[serde(skip)]
    pub incidents: Incidents,
    /// The index of the frames, written while they are decoded, if that was
    /// [requested](OpenOptions::indexed) and is possible.
    #[serde(skip)]
    pub index: Option<FrameIndex>,
}

impl StreamInfo {
    /// Creates the facts of a stream of which only these are known.
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
            siting: None,
            sample_aspect: None,
            orientation: Orientation::UPRIGHT,
            applied_rotation: Orientation::UPRIGHT,
            has_times: true,
            stream: None,
            notes: Vec::new(),
            rgb: false,
            incidents: Incidents::default(),
            index: None,
        }
    }
}

/// Colour description of the samples in FFmpeg's names (ITU-T H.273); `None` if the file doesn't
/// state it.
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
    /// Returns true if the transfer characteristics or the matrix are those of high dynamic range.
    #[must_use]
    pub fn is_hdr(&self) -> bool {
        self.is_dolby_vision()
            || matches!(self.transfer.as_deref(), Some("smpte2084" | "arib-std-b67"))
    }

    /// Returns true if the video is Dolby Vision without a base layer that other players can show
    /// (profile 5). Its decoded samples are in a colour space of their own, IPT with PQ.
    #[must_use]
    pub fn is_dolby_vision(&self) -> bool {
        self.matrix.as_deref() == Some("ipt-c2")
    }

    /// The colour description of Dolby Vision profile 5, which the stream itself doesn't state.
    pub(crate) fn dolby_vision() -> Self {
        let [primaries, transfer, matrix] =
            ["bt2020", "smpte2084", "ipt-c2"].map(|name| Some(name.to_owned()));
        Self { primaries, transfer, matrix }
    }
}

/// An opened video, not yet read.
///
/// [`info`](Self::info) holds everything that a [`ReadPlan`] is made from; it does not change once
/// frames are read.
pub trait Source: Send {
    /// Returns facts about the stream.
    fn info(&self) -> &StreamInfo;

    /// Starts reading the video as `plan` specifies.
    ///
    /// # Errors
    /// Fails if the video can't be read in this way.
    fn frames(self: Box<Self>, plan: &ReadPlan) -> Result<Box<dyn Frames>>;
}

/// The frames of a video, one by one.
pub trait Frames: Send {
    /// Returns facts about the stream. The plan does not change them: the
    /// [`format`](StreamInfo::format) is that of whole frames.
    fn info(&self) -> &StreamInfo;

    /// Returns the next frame, with its [`time`](Frame::time), frame rate and colour range if they
    /// are known; `None` after the last.
    ///
    /// # Errors
    /// [`Error::Frame`](crate::Error::Frame), naming the frame, if the file ends early or is
    /// damaged. Don't read on after an error.
    fn read(&mut self) -> Result<Option<Frame>>;

    /// Skips the next `count` frames, or as many as there are, and returns the number skipped. This
    /// is cheaper than reading if the source can avoid copying their samples.
    ///
    /// # Errors
    /// Fails as [`read`](Self::read) does.
    fn skip(&mut self, count: u64) -> Result<u64> {
        for passed in 0..count {
            if self.read()?.is_none() {
                return Ok(passed);
            }
        }
        Ok(count)
    }
}

/// The part of a video to read, and its form. The default is whole frames as they are stored.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReadPlan {
    /// Only luma is needed: frames may come without chroma.
    pub luma_only: bool,
    /// The bit depth needed, 8 to 16: frames of lower bit depth may come
    /// [promoted](Frame::promoted) to it.
    pub bit_depth: Option<u8>,
    /// The matrix that converts RGB; BT.709 if `None`.
    pub matrix: Option<Matrix>,
    /// Frames that are converted from RGB also hold that [RGB](Frame::rgb).
    pub rgb: bool,
    /// Accepts frames in the size that each was coded in if a video changes its size. Otherwise
    /// reading fails at the change.
    pub any_size: bool,
    /// The index of the same video, written by an earlier decode. Skipped frames may then be left
    /// out by seeking, so damage in them may go unnoticed.
    pub earlier: Option<FrameIndex>,
}

impl ReadPlan {
    /// Creates the plan that a scorer needs: luma only if `required` has no chroma, and at least
    /// its bit depth.
    #[must_use]
    pub fn new(required: &Format) -> Self {
        let luma_only = required.chroma() == Chroma::Mono;
        Self { luma_only, bit_depth: Some(required.bit_depth()), ..Self::default() }
    }

    /// Creates a plan for luma only, at its own bit depth.
    #[must_use]
    pub fn luma() -> Self {
        Self { luma_only: true, ..Self::default() }
    }
}

/// Layout of a raw planar YUV file, which doesn't state it itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RawVideo {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Chroma sampling.
    pub chroma: Chroma,
    /// Bits per sample; samples of more than 8 bits take two bytes, little-endian.
    pub bit_depth: u8,
}

/// The decoder for files that are neither y4m, raw video nor stills.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Decoder {
    /// FFmpeg's libraries if this crate is built with them; its program for files that they can't
    /// decode, or without them.
    #[default]
    Auto,
    /// FFmpeg's libraries, in this process.
    InProcess,
    /// The `ffmpeg` program named by the environment variable `VMAF_FFMPEG`, or found on `PATH`.
    Process,
}

/// Options for opening files.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct OpenOptions {
    /// Reads the file as raw planar YUV of this layout, unless its first bytes identify another
    /// format.
    pub raw: Option<RawVideo>,
    /// Frames per second of files without timestamps (raw video, numbered stills); 25 if `None`.
    pub frame_rate: Option<Rational>,
    /// The number of threads a decoder may use; 0 lets it choose.
    pub threads: usize,
    /// The decoder for files that need FFmpeg.
    pub decoder: Decoder,
    /// The number of the video stream to read; the default or largest stream if `None`.
    pub stream: Option<u32>,
    /// Changes between frames that are accepted, and damage. Any other change in the properties
    /// that frames state of their samples is an error.
    pub accepted: Vec<Accepted>,
    /// Tells decoders not to add the film grain that a stream describes.
    pub no_film_grain: bool,
    /// Has decoders write an [index](StreamInfo::index) of the frames, so that some of them can be
    /// found again.
    pub indexed: bool,
}

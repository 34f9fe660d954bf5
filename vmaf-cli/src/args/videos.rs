//! Arguments about the videos: the pairing of frames, the conversions that make videos comparable,
//! and the format of raw video.

use clap::{Args, ValueEnum};
use vmaf::values::PixelFormat;
use vmaf::{Accepted, ColorRange, ConformOptions, Crop, Pairing, Rational, RawVideo, Rect, Scaler};
use vmaf_core::Chroma;

use super::values;
use crate::failure::{Failure, Result};

/// Options of pairing frames.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Temporal alignment (verified by picture content)")]
pub(crate) struct AlignArgs {
    /// The pairing of the encode's frames with the reference's
    #[arg(long, value_name = "HOW", default_value = "time")]
    pub(crate) align: AlignName,

    /// Skip the first N frames of the encodes or, if N is negative, the first -N of the
    /// reference
    #[arg(long, value_name = "N", default_value = "0", value_parser = values::offset)]
    #[arg(allow_hyphen_values = true)]
    pub(crate) offset: i32,
}

/// A method of pairing frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AlignName {
    /// In order, if timestamps (from each file's first frame) and pictures agree
    Time,
    /// In order, regardless of timestamps, if pictures agree
    Frames,
    /// Frames that show the same; frames without a counterpart are left out and listed. Reads
    /// files twice
    Content,
    /// In order, without verification
    Unchecked,
}

impl From<AlignName> for Pairing {
    fn from(name: AlignName) -> Self {
        match name {
            AlignName::Time => Self::Time,
            AlignName::Frames => Self::Frames,
            AlignName::Content => Self::Content,
            AlignName::Unchecked => Self::Unchecked,
        }
    }
}

/// Options of making videos comparable.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Making videos comparable (every conversion is reported)")]
pub(crate) struct ConformArgs {
    /// The filter that scales encodes to the reference's size
    #[arg(long, value_name = "FILTER", default_value = "bicubic")]
    pub(crate) scaler: ScalerName,

    /// Scale the reference and the encodes to this size [default: smaller encodes are scaled to
    /// the reference's size]
    #[arg(long, value_name = "WxH", value_parser = vmaf::values::scaled_size)]
    #[arg(allow_hyphen_values = true)]
    pub(crate) score_at: Option<(u32, u32)>,

    /// Refuse encodes of another size
    #[arg(long, conflicts_with = "score_at")]
    pub(crate) no_scale: bool,

    /// Score a part of the picture: W:H:X:Y crops the reference and encodes of its size; auto finds
    /// the area that reference and encodes share, without black bars
    #[arg(long, value_name = "auto|W:H:X:Y", value_parser = vmaf::values::crop, allow_hyphen_values = true)]
    pub(crate) crop: Option<Crop>,

    /// The part of the encodes' pictures that corresponds to the scored part of the reference;
    /// removes padding
    #[arg(long, value_name = "W:H:X:Y", value_parser = values::crop_encode, allow_hyphen_values = true)]
    pub(crate) crop_encode: Option<Rect>,

    /// Verification that the encodes' pictures are not shifted, cropped or zoomed
    #[arg(long, value_name = "HOW", default_value = "checked")]
    pub(crate) geometry: GeometryName,

    /// The colour range of files that don't state theirs
    #[arg(long, value_name = "RANGE")]
    pub(crate) assume_range: Option<RangeName>,

    /// Score samples as they are despite different colours, high dynamic range under a model for
    /// standard range, interlacing, damage, or properties that change within a video
    #[arg(long, value_name = "WHAT", value_delimiter = ',')]
    pub(crate) accept: Vec<AcceptName>,

    /// Film grain that a stream describes (AV1, H.264, H.265): added by the decoder, or left out
    #[arg(long, value_name = "WHETHER", default_value = "on")]
    pub(crate) film_grain: FilmGrain,
}

impl ConformArgs {
    /// Returns the options.
    pub(crate) fn options(&self) -> ConformOptions {
        let mut options = ConformOptions::default();
        options.scaler = self.scaler.into();
        options.score_at = self.score_at;
        options.no_scale = self.no_scale;
        options.crop = self.crop;
        options.crop_encode = self.crop_encode;
        options.check_geometry = self.geometry == GeometryName::Checked;
        options.assume_range = self.assume_range.map(Into::into);
        options.accept = self.accept.iter().map(|accepted| (*accepted).into()).collect();
        options.film_grain = self.film_grain == FilmGrain::On;
        options
    }
}

/// The handling of film grain that a stream describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FilmGrain {
    /// Added, as players do
    On,
    /// Left out
    Off,
}

/// The setting of the geometry check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum GeometryName {
    /// Verified on frames sampled across the video
    Checked,
    /// Not verified; encodes of any size are scaled
    Unchecked,
}

/// A scaling filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ScalerName {
    /// Two by two pixels
    Bilinear,
    /// Four by four, as most players do
    Bicubic,
    /// Six by six, sharper
    Lanczos,
}

impl From<ScalerName> for Scaler {
    fn from(name: ScalerName) -> Self {
        match name {
            ScalerName::Bilinear => Self::Bilinear,
            ScalerName::Bicubic => Self::Bicubic,
            ScalerName::Lanczos => Self::Lanczos,
        }
    }
}

/// A colour range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RangeName {
    /// 16 to 235
    Limited,
    /// 0 to 255
    Full,
}

impl From<RangeName> for ColorRange {
    fn from(name: RangeName) -> Self {
        match name {
            RangeName::Limited => Self::Limited,
            RangeName::Full => Self::Full,
        }
    }
}

/// A difference or defect that the user accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AcceptName {
    /// Primaries, transfers or matrices that differ
    Color,
    /// High dynamic range
    Hdr,
    /// Interlaced frames
    Interlaced,
    /// Range, colours, interlacing or pixel shapes that change within a video
    Changes,
    /// Frames of which the decoder makes up parts
    Damage,
}

impl From<AcceptName> for Accepted {
    fn from(name: AcceptName) -> Self {
        match name {
            AcceptName::Color => Self::Color,
            AcceptName::Hdr => Self::Hdr,
            AcceptName::Interlaced => Self::Interlaced,
            AcceptName::Changes => Self::Changes,
            AcceptName::Damage => Self::Damage,
        }
    }
}

/// The layout of raw video.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Raw video (files named .yuv or .raw, and pipes)")]
pub(crate) struct RawArgs {
    /// Width and height, as 1920x1080
    #[arg(long, value_name = "WxH", value_parser = vmaf::values::size, allow_hyphen_values = true)]
    size: Option<(u32, u32)>,

    /// Chroma sampling 420, 422, 444 or 400, or a name such as yuv420p10le [default: 420]
    #[arg(long, value_name = "FMT", value_parser = vmaf::values::pixel_format, requires = "size")]
    pix_fmt: Option<PixelFormat>,

    /// Bits a sample; above 8, samples are two bytes, the low one first [default: 8]
    #[arg(long, value_name = "N", requires = "size")]
    #[arg(value_parser = values::bit_depth, allow_hyphen_values = true)]
    bit_depth: Option<u8>,

    /// Frames a second, as 24, 23.976 or 24000/1001 [default: 25]
    #[arg(long, value_name = "R", value_parser = vmaf::values::frame_rate)]
    #[arg(allow_hyphen_values = true)]
    pub(crate) fps: Option<Rational>,
}

impl RawArgs {
    /// The layout of raw video, if given.
    pub(crate) fn layout(&self) -> Result<Option<RawVideo>> {
        let Some((width, height)) = self.size else { return Ok(None) };
        let named = self.pix_fmt.and_then(|format| format.bit_depth);
        if let (Some(named), Some(given)) = (named, self.bit_depth)
            && named != given
        {
            return Err(Failure::usage(format!(
                "--pix-fmt has {named} bits per sample, but --bit-depth is {given}"
            )));
        }
        Ok(Some(RawVideo {
            width,
            height,
            chroma: self.pix_fmt.map_or(Chroma::Yuv420, |format| format.chroma),
            bit_depth: self.bit_depth.or(named).unwrap_or(8),
        }))
    }
}

//! Settings of a run that messages name, and remedies: settings that resolve a problem.

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};
use vmaf_core::ColorRange;

use crate::accepted::Accepted;
use crate::rect::Rect;

/// A setting of a run. Each front end names it in its own language, as an option or a keyword
/// argument; [`Display`](fmt::Display) describes it in English.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Setting {
    /// The number of frames left out at the start of the encode or, negative, of the reference.
    Offset(i64),
    /// The frames that are scored; up to the end of the video if the end is `u64::MAX`.
    Frames(Range<u64>),
    /// Only the frames that both videos have are scored, if their lengths differ.
    Shortest,
    /// All frames are scored, not a sample of them.
    AllFrames,
    /// Frames are paired in order, ignoring their timestamps.
    AlignFrames,
    /// Frames that show the same are paired.
    AlignContent,
    /// Frames are paired in order, without any check.
    AlignUnchecked,
    /// A part of the reference is scored; `None` leaves open which part.
    Crop(Option<Rect>),
    /// The part of the encode that shows the reference's part; `None` leaves open which part.
    CropEncode(Option<Rect>),
    /// The area that both videos show is found and scored.
    CropAuto,
    /// Whole pictures are scored.
    NoCrop,
    /// Both videos are scaled to this size.
    ScoreAt {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },
    /// Encodes of another size may be scaled.
    Scale,
    /// The position of the picture is not checked.
    GeometryUnchecked,
    /// The range assumed for files that don't state theirs.
    AssumeRange(ColorRange),
    /// A difference between videos, or a property of one, that is accepted.
    Accept(Accepted),
    /// The layout of raw video: size, pixel format, bit depth.
    RawLayout,
    /// The pixel format of raw video.
    PixelFormat {
        /// FFmpeg's name of the format.
        name: String,
        /// Bits per sample.
        bit_depth: u8,
    },
    /// A metric computed in addition to the models.
    Metric {
        /// The metric's name.
        name: String,
        /// The options that it needs, each with its value.
        options: Vec<(String, String)>,
    },
    /// The folder to which heatmaps are written.
    Heatmaps,
    /// The reference and the encode.
    Videos {
        /// The reference's path, or the pattern of its stills.
        reference: String,
        /// The encode's path, or the pattern of its stills.
        encode: String,
    },
}

impl Setting {
    /// Returns every setting once, with some value: for tests that a front end can name them all.
    #[doc(hidden)]
    #[must_use]
    pub fn examples() -> Vec<Self> {
        let part = Rect { width: 64, height: 48, x: 2, y: 4 };
        let accepted = [
            Accepted::Color,
            Accepted::Hdr,
            Accepted::Interlaced,
            Accepted::Changes,
            Accepted::Damage,
        ];
        let mut settings = vec![
            Self::Offset(-2),
            Self::Frames(3..9),
            Self::Frames(3..u64::MAX),
            Self::Shortest,
            Self::AllFrames,
            Self::AlignFrames,
            Self::AlignContent,
            Self::AlignUnchecked,
            Self::Crop(Some(part)),
            Self::Crop(None),
            Self::CropEncode(Some(part)),
            Self::CropEncode(None),
            Self::CropAuto,
            Self::NoCrop,
            Self::ScoreAt { width: 64, height: 48 },
            Self::Scale,
            Self::GeometryUnchecked,
            Self::AssumeRange(ColorRange::Limited),
            Self::AssumeRange(ColorRange::Full),
            Self::RawLayout,
            Self::PixelFormat { name: "yuv420p10le".to_owned(), bit_depth: 10 },
            Self::Metric { name: "cambi".to_owned(), options: Vec::new() },
            Self::Metric {
                name: "psnr".to_owned(),
                options: vec![("enable_apsnr".to_owned(), "true".to_owned())],
            },
            Self::Heatmaps,
            Self::Videos { reference: "r%03d.png".to_owned(), encode: "e%03d.png".to_owned() },
        ];
        settings.extend(accepted.map(Self::Accept));
        settings
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Offset(frames) => write!(f, "an offset of {frames}"),
            Self::Frames(frames) if frames.end == u64::MAX => {
                write!(f, "the range of frames from {}", frames.start)
            }
            Self::Frames(frames) => {
                write!(f, "the range of frames {} to {}", frames.start, frames.end)
            }
            Self::Shortest => f.write_str("the end of the shorter video"),
            Self::AllFrames => f.write_str("without sampling"),
            Self::AlignFrames => f.write_str("pairing by number"),
            Self::AlignContent => f.write_str("pairing by content"),
            Self::AlignUnchecked => f.write_str("unchecked pairing"),
            Self::Crop(Some(part)) => write!(f, "a crop of {part}"),
            Self::Crop(None) => f.write_str("a crop"),
            Self::CropEncode(Some(part)) => write!(f, "a crop of {part} of the encode"),
            Self::CropEncode(None) => f.write_str("a crop of the encode"),
            Self::CropAuto => f.write_str("automatic cropping"),
            Self::NoCrop => f.write_str("leave the crop out"),
            Self::ScoreAt { width, height } => write!(f, "a common size of {width}x{height}"),
            Self::Scale => f.write_str("where scaling is allowed"),
            Self::GeometryUnchecked => f.write_str("unchecked geometry"),
            Self::AssumeRange(range) => write!(f, "an assumed {range} range"),
            Self::Accept(what) => write!(f, "acceptance of {what}"),
            Self::RawLayout => f.write_str("the fields of RawVideo"),
            Self::PixelFormat { name, .. } => write!(f, "the pixel format {name}"),
            Self::Metric { name, options } => {
                write!(f, "the metric {name}")?;
                for (place, (option, value)) in options.iter().enumerate() {
                    let before = if place == 0 { " with" } else { "," };
                    write!(f, "{before} {option}={value}")?;
                }
                Ok(())
            }
            Self::Heatmaps => f.write_str("a folder of heatmaps"),
            Self::Videos { reference, encode } => {
                write!(f, "the reference '{reference}' and the encode '{encode}'")
            }
        }
    }
}

/// Settings that resolve a problem together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Remedy(Vec<Setting>);

impl Remedy {
    /// Returns the settings, all of which are needed.
    #[must_use]
    pub fn settings(&self) -> &[Setting] {
        &self.0
    }
}

impl From<Setting> for Remedy {
    fn from(setting: Setting) -> Self {
        Self(vec![setting])
    }
}

impl From<Vec<Setting>> for Remedy {
    fn from(settings: Vec<Setting>) -> Self {
        Self(settings)
    }
}

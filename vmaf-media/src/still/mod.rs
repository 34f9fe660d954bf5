//! Stills, and numbered stills as a video: PNG, TIFF, JPEG and WebP here, others by FFmpeg.
//!
//! Stills are decoded to RGB, the common ground of these formats, and then all converted in the
//! same way to limited-range Y'CbCr 4:4:4 (see [`rgb`]), so that a PNG source can be scored against
//! its JPEG or WebP encodes. The matrix is BT.709 unless [another is planned](ReadPlan::matrix), as
//! it is beside video that has another. If [planned](ReadPlan::rgb), frames
//! also hold the RGB itself. 8 bits stay 8, 16 bits stay 16; greyscale becomes luma
//! only, scaled to luma's range. Alpha is dropped, orientation tags are not applied.
//!
//! Numbered stills are named by a pattern as FFmpeg knows it, `shot%04d.png`.

mod pattern;
mod rgb;
mod sequence;

use std::io::{Cursor, ErrorKind, Read};
use std::sync::Arc;

use image::codecs::png::PngDecoder;
use image::codecs::webp::WebPDecoder;
use image::{DynamicImage, ImageError, ImageFormat, ImageReader, Limits};
use vmaf_core::frame::MAX_DIMENSION;
use vmaf_core::{Chroma, Frame};

use crate::input::{FileKind, Input};
use crate::raw::DEFAULT_RATE;
use crate::{
    ColorRange, Error, Frames, Matrix, OpenOptions, Rational, ReadPlan, Result, Source, StreamInfo,
};
pub(crate) use pattern::Pattern;
use sequence::Sequence;

/// The most memory that decoding a still may take.
const MAX_MEMORY: u64 = 4 << 30;

/// A still, or several.
pub(crate) struct StillSource {
    info: StreamInfo,
    /// The first still, decoded when the source was opened to know its format.
    first: Option<DynamicImage>,
    /// The matrix that converts RGB.
    matrix: Matrix,
    /// True if frames also hold the RGB that they were converted from.
    keeps_rgb: bool,
    /// The pattern of the other stills; `None` if there is only one.
    others: Option<Pattern>,
    rate: Rational,
    next: u64,
}

impl StillSource {
    /// Opens a single still.
    pub(crate) fn single(input: Input) -> Result<Self> {
        let path = input.path.clone();
        let (codec, first) = decode(input).map_err(|reason| Error::not_video(&path, reason))?;
        let info = info(&path, &first, codec, None, 1)?;
        Ok(Self::new(info, first, None, DEFAULT_RATE))
    }

    /// Opens the `count` stills that `pattern` names.
    fn numbered(path: &str, pattern: Pattern, count: u64, options: &OpenOptions) -> Result<Self> {
        let rate = options.frame_rate.unwrap_or(DEFAULT_RATE);
        let (codec, first) = open_numbered(path, &pattern, 0)?;
        let info = info(path, &first, codec, Some(rate), count)?;
        Ok(Self::new(info, first, Some(pattern), rate))
    }

    fn new(info: StreamInfo, first: DynamicImage, others: Option<Pattern>, rate: Rational) -> Self {
        let (matrix, first) = (Matrix::default(), Some(first));
        Self { info, first, matrix, keeps_rgb: false, others, rate, next: 0 }
    }
}

impl Source for StillSource {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn frames(mut self: Box<Self>, plan: &ReadPlan) -> Result<Box<dyn Frames>> {
        self.matrix = plan.matrix.unwrap_or_default();
        self.keeps_rgb = plan.rgb;
        Ok(self)
    }
}

impl Frames for StillSource {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn read(&mut self) -> Result<Option<Frame>> {
        let bad_frame = |reason| Error::frame(&self.info.path, self.next, reason);
        let image = match (self.first.take(), &self.others) {
            (Some(first), _) => first,
            (None, Some(pattern)) if Some(self.next) < self.info.frames => {
                let (_, image) = open_numbered(&self.info.path, pattern, self.next)?;
                let format = rgb::format(&image).map_err(bad_frame)?;
                if format != self.info.format {
                    let reason = format!(
                        "{} is {format}; the frames before it are {}",
                        pattern.file(self.next),
                        self.info.format
                    );
                    return Err(bad_frame(reason));
                }
                image
            }
            _ => return Ok(None),
        };
        let mut frame = rgb::frame(&image, self.matrix).map_err(bad_frame)?;
        frame.rgb = self.keeps_rgb.then(|| rgb::unconverted(&image).map(Arc::new)).flatten();
        frame.time = Some(self.rate.time_of(self.next));
        self.next += 1;
        Ok(Some(frame))
    }
}

/// Opens the stills that `pattern` names; FFmpeg decodes them if their format isn't supported here.
pub(crate) fn numbered(
    path: &str,
    mut pattern: Pattern,
    options: &OpenOptions,
) -> Result<Box<dyn Source>> {
    let count = pattern.count().map_err(|reason| Error::not_video(path, reason))?;
    match Input::open(&pattern.file(0))?.kind {
        FileKind::Container(_) | FileKind::Unknown => {
            Ok(Box::new(Sequence::new(path, pattern, count, options)?))
        }
        _ => Ok(Box::new(StillSource::numbered(path, pattern, count, options)?)),
    }
}

/// Returns facts about stills of which `first` is the first.
fn info(
    path: &str,
    first: &DynamicImage,
    codec: &str,
    frame_rate: Option<Rational>,
    frames: u64,
) -> Result<StreamInfo> {
    let format = rgb::format(first).map_err(|reason| Error::not_video(path, reason))?;
    Ok(StreamInfo {
        frame_rate,
        frames: Some(frames),
        range: Some(ColorRange::Limited),
        has_times: false,
        rgb: format.chroma() != Chroma::Mono,
        ..StreamInfo::new(path, format, codec)
    })
}

/// Decodes still `index` of those at `path`.
fn open_numbered(
    path: &str,
    pattern: &Pattern,
    index: u64,
) -> Result<(&'static str, DynamicImage)> {
    let file = pattern.file(index);
    let bad_frame = |reason: String| Error::frame(path, index, reason);
    let input = Input::open(&file).map_err(|error| bad_frame(error.to_string()))?;
    decode(input).map_err(|reason| bad_frame(format!("{file}: {reason}")))
}

/// Decodes a still, and returns FFmpeg's name of its codec; the error is the reason why it can't be
/// decoded.
fn decode(mut input: Input) -> Result<(&'static str, DynamicImage), String> {
    let (format, codec) = match input.kind {
        FileKind::Png => (ImageFormat::Png, "png"),
        FileKind::Jpeg => (ImageFormat::Jpeg, "mjpeg"),
        FileKind::Tiff => (ImageFormat::Tiff, "tiff"),
        FileKind::WebP => (ImageFormat::WebP, "webp"),
        FileKind::Y4m | FileKind::Container(_) | FileKind::Unknown => {
            return Err("is not a PNG, TIFF, JPEG or WebP file".to_owned());
        }
    };
    let mut bytes = Vec::new();
    input.reader.read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if is_animated(format, &bytes) {
        return Err("is animated: extract its frames to numbered stills first".to_owned());
    }
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_DIMENSION);
    limits.max_image_height = Some(MAX_DIMENSION);
    limits.max_alloc = Some(MAX_MEMORY);
    reader.limits(limits);
    let image = reader.decode().map_err(|error| match error {
        ImageError::IoError(error) if error.kind() == ErrorKind::UnexpectedEof => {
            "the file ends in the middle of the picture".to_owned()
        }
        error => error.to_string(),
    })?;
    Ok((codec, image))
}

/// Returns true if the still is animated. If that can't be determined, decoding will report the
/// error.
fn is_animated(format: ImageFormat, bytes: &[u8]) -> bool {
    let bytes = Cursor::new(bytes);
    match format {
        ImageFormat::Png => {
            PngDecoder::new(bytes).and_then(|decoder| decoder.is_apng()).unwrap_or(false)
        }
        ImageFormat::WebP => WebPDecoder::new(bytes).is_ok_and(|decoder| decoder.has_animation()),
        _ => false,
    }
}

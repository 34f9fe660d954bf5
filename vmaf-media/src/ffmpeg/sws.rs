//! Scaling in this process, by libswscale.

use ffmpeg_next::format::Pixel;
use ffmpeg_next::frame::Video;
use ffmpeg_next::software::scaling::{Context, Flags};
use vmaf_core::Format;

use super::failure::Failure;
use super::ffi;
use super::picture::{Planes, pixel_format};
use crate::conform;

/// The flags of a filter, in libswscale's exact way: no shortcuts, and nothing that depends on the
/// processor.
pub(super) fn flags(filter: conform::Scaler) -> Flags {
    let filter = match filter {
        conform::Scaler::Bilinear => Flags::BILINEAR,
        conform::Scaler::Bicubic => Flags::BICUBIC,
        conform::Scaler::Lanczos => Flags::LANCZOS,
    };
    filter | Flags::ACCURATE_RND | Flags::BITEXACT | Flags::FULL_CHR_H_INP
}

/// A picture of `format` in memory of FFmpeg's, of full range if its pixel format is to say so.
pub(super) fn picture(format: Format, is_full: bool) -> Result<Video, Failure> {
    let mut name = pixel_format(format);
    if is_full {
        name = name.replacen("yuv", "yuvj", 1);
    }
    let pixel: Pixel = name.parse().map_err(|_| Failure::NOT_FOUND)?;
    ffi::allocated(pixel, format.width(), format.height()).ok_or(Failure::NO_MEMORY)
}

impl Planes for Video {
    fn plane(&self, index: usize) -> (&[u8], usize) {
        (self.data(index), self.stride(index))
    }

    fn plane_mut(&mut self, index: usize) -> (&mut [u8], usize) {
        let stride = self.stride(index);
        (self.data_mut(index), stride)
    }
}

/// A scaler of pictures, and the picture that it scales into.
pub(super) struct Scaler {
    context: ffi::Scaler,
    to: Video,
}

impl Scaler {
    /// A scaler of pictures like `from`, into `to`.
    pub(super) fn new(from: &Video, to: Video, flags: Flags) -> Result<Self, Failure> {
        let pixel = ffi::pixel_format(from).ok_or(Failure::NOT_FOUND)?;
        let context = Context::get(
            pixel,
            from.width(),
            from.height(),
            to.format(),
            to.width(),
            to.height(),
            flags,
        );
        // There is no telling why, but memory is what FFmpeg itself says it is.
        Ok(Self { context: ffi::Scaler(context.map_err(|_| Failure::NO_MEMORY)?), to })
    }

    /// Scales a picture like the one that the scaler was made for.
    ///
    /// # Errors
    /// Where the picture is another.
    pub(super) fn scale(&mut self, from: &Video) -> Result<&Video, Failure> {
        self.context.0.run(from, &mut self.to)?;
        Ok(&self.to)
    }
}

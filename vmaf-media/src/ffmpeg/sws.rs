//! Scaling in this process, by libswscale.

use ffmpeg_next::format::Pixel;
use ffmpeg_next::frame::Video;
use ffmpeg_next::software::scaling::{Context, Flags};
use vmaf_core::Format;

use super::failure::Failure;
use super::ffi;
use super::picture::{Planes, pixel_format};
use crate::conform;

/// Returns libswscale's flags for a filter on its exact path: no shortcuts, and nothing that
/// depends on the processor.
pub(super) fn flags(filter: conform::Scaler) -> Flags {
    let filter = match filter {
        conform::Scaler::Bilinear => Flags::BILINEAR,
        conform::Scaler::Bicubic => Flags::BICUBIC,
        conform::Scaler::Lanczos => Flags::LANCZOS,
    };
    filter | Flags::ACCURATE_RND | Flags::BITEXACT | Flags::FULL_CHR_H_INP
}

/// Allocates a picture of `format` in FFmpeg's memory; `is_full` chooses a pixel format that
/// implies full range.
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

/// A scaler, and the picture that it scales into.
pub(super) struct Scaler {
    context: ffi::Scaler,
    to: Video,
}

impl Scaler {
    /// Creates a scaler of pictures like `from`, into `to`.
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
        // FFmpeg gives no reason; lack of memory is the one that it reports itself.
        Ok(Self { context: ffi::Scaler(context.map_err(|_| Failure::NO_MEMORY)?), to })
    }

    /// Scales a picture like the one for which the scaler was made.
    ///
    /// # Errors
    /// Fails if the picture has another size or format.
    pub(super) fn scale(&mut self, from: &Video) -> Result<&Video, Failure> {
        self.context.0.run(from, &mut self.to)?;
        Ok(&self.to)
    }
}

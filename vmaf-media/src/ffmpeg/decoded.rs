//! Decoded pictures.

use ffmpeg_next::Rational;
use ffmpeg_next::frame::Video;
use ffmpeg_next::frame::side_data::Type;

use super::ffi;
use crate::{Color, Orientation};

/// A decoded picture, or none yet.
pub(super) struct Picture {
    pub(super) frame: Video,
}

impl Picture {
    pub(super) fn new() -> Self {
        Self { frame: Video::empty() }
    }

    pub(super) fn width(&self) -> u32 {
        self.frame.width()
    }

    pub(super) fn height(&self) -> u32 {
        self.frame.height()
    }

    /// FFmpeg's name of its pixel format.
    pub(super) fn pixel_format(&self) -> String {
        ffi::pixel_format_name(&self.frame)
    }

    /// Whether it uses the full range, where that is known.
    pub(super) fn full_range(&self) -> Option<bool> {
        ffi::full_range(&self.frame)
    }

    /// The colour that its samples mean, as far as it says.
    pub(super) fn color(&self) -> Color {
        let [primaries, transfer, matrix] = ffi::color_names(&self.frame)
            .map(|name| name.filter(|name| !name.is_empty() && name != "reserved"));
        Color { primaries, transfer, matrix }
    }

    /// Whether it says that it is a pair of fields.
    pub(super) fn is_interlaced(&self) -> bool {
        self.frame.is_interlaced()
    }

    /// Codes of all that is said of its samples: as long as these stay the same, so does that.
    pub(super) fn codes(&self) -> [i32; 7] {
        let Rational(num, den) = self.frame.aspect_ratio();
        let [range, primaries, transfer, matrix] = ffi::color_codes(&self.frame);
        [range, primaries, transfer, matrix, i32::from(self.is_interlaced()), num, den]
    }

    /// The width of a pixel in units of its height, 0 where that is not known.
    pub(super) fn sample_aspect(&self) -> Rational {
        self.frame.aspect_ratio()
    }

    /// The way it is to be turned and mirrored, where it says.
    pub(super) fn orientation(&self) -> Option<Orientation> {
        let matrix = self.frame.side_data(Type::DisplayMatrix)?;
        orientation(matrix.data())
    }

    /// The time at which it is shown, in units of its stream.
    pub(super) fn timestamp(&self) -> Option<i64> {
        self.frame.timestamp()
    }

    /// Whether the decoder says that it is damaged.
    pub(super) fn is_damaged(&self) -> bool {
        self.frame.is_corrupt() || ffi::has_decode_errors(&self.frame)
    }

    /// Whether film grain is described beside it, which its samples lack.
    pub(super) fn lacks_grain(&self) -> bool {
        self.frame.side_data(Type::FILM_GRAIN_PARAMS).is_some()
    }

    /// The colours of a picture whose samples are indices: alpha, red, green and blue, from the high
    /// byte to the low one.
    pub(super) fn palette(&self) -> Option<[u32; 256]> {
        ffi::palette(&self.frame)
    }

    /// The first `bytes` bytes of row `y` of plane `plane`, of which the caller knows by the
    /// pixel format and the size that they are there; `None` where there is no such plane or its
    /// rows are shorter.
    pub(super) fn row(&self, plane: usize, y: usize, bytes: usize) -> Option<&[u8]> {
        ffi::row(&self.frame, plane, y, bytes)
    }
}

/// The orientation that a display matrix gives, which has a column for depth behind its two.
pub(super) fn orientation(matrix: &[u8]) -> Option<Orientation> {
    let [a, b, _, c, d, ..] = matrix.as_chunks().0.first_chunk::<9>()?.map(i32::from_ne_bytes);
    Some(Orientation::from_matrix([a, b, c, d]))
}

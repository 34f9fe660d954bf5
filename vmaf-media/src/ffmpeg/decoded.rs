//! Decoded pictures.

use ffmpeg_next::Rational;
use ffmpeg_next::frame::Video;
use ffmpeg_next::frame::side_data::Type;

use vmaf_core::color::ChromaSiting;

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

    /// Returns FFmpeg's name of its pixel format.
    pub(super) fn pixel_format(&self) -> String {
        ffi::pixel_format_name(&self.frame)
    }

    /// Returns true if it uses the full range; `None` if it doesn't state its range.
    pub(super) fn full_range(&self) -> Option<bool> {
        ffi::full_range(&self.frame)
    }

    /// Returns its colour description, as far as it states it.
    pub(super) fn color(&self) -> Color {
        let [primaries, transfer, matrix] = ffi::color_names(&self.frame)
            .map(|name| name.filter(|name| !name.is_empty() && name != "reserved"));
        Color { primaries, transfer, matrix }
    }

    /// Returns the position of its chroma samples, if it states one that players support.
    pub(super) fn siting(&self) -> Option<ChromaSiting> {
        // The numbers of AVChromaLocation.
        match ffi::chroma_location(&self.frame) {
            1 => Some(ChromaSiting::Left),
            2 => Some(ChromaSiting::Center),
            3 => Some(ChromaSiting::TopLeft),
            _ => None,
        }
    }

    /// Returns true if it is marked as interlaced.
    pub(super) fn is_interlaced(&self) -> bool {
        self.frame.is_interlaced()
    }

    /// Returns the codes of all properties of its samples: equal codes mean equal properties.
    pub(super) fn codes(&self) -> [i32; 7] {
        let Rational(num, den) = self.frame.aspect_ratio();
        let [range, primaries, transfer, matrix] = ffi::color_codes(&self.frame);
        [range, primaries, transfer, matrix, i32::from(self.is_interlaced()), num, den]
    }

    /// Returns the sample aspect ratio, 0 if it is not known.
    pub(super) fn sample_aspect(&self) -> Rational {
        self.frame.aspect_ratio()
    }

    /// Returns the orientation of its display matrix, if it has one.
    pub(super) fn orientation(&self) -> Option<Orientation> {
        let matrix = self.frame.side_data(Type::DisplayMatrix)?;
        orientation(matrix.data())
    }

    /// Returns its timestamp, in units of its stream.
    pub(super) fn timestamp(&self) -> Option<i64> {
        self.frame.timestamp()
    }

    /// Returns true if the decoder marked it as damaged.
    pub(super) fn is_damaged(&self) -> bool {
        self.frame.is_corrupt() || ffi::has_decode_errors(&self.frame)
    }

    /// Returns true if film grain is described beside it, so that its samples lack it.
    pub(super) fn lacks_grain(&self) -> bool {
        self.frame.side_data(Type::FILM_GRAIN_PARAMS).is_some()
    }

    /// Returns the colours of a palette picture: alpha, red, green and blue, from the high byte to
    /// the low one.
    pub(super) fn palette(&self) -> Option<[u32; 256]> {
        ffi::palette(&self.frame)
    }

    /// Returns the first `bytes` bytes of row `y` of plane `plane`, which the pixel format and the
    /// size must guarantee to exist; `None` if there is no such plane or its rows are shorter.
    pub(super) fn row(&self, plane: usize, y: usize, bytes: usize) -> Option<&[u8]> {
        ffi::row(&self.frame, plane, y, bytes)
    }
}

/// Returns the orientation of a display matrix, which has a third column that is ignored.
pub(super) fn orientation(matrix: &[u8]) -> Option<Orientation> {
    let [a, b, _, c, d, ..] = matrix.as_chunks().0.first_chunk::<9>()?.map(i32::from_ne_bytes);
    Some(Orientation::from_matrix([a, b, c, d]))
}

//! The meaning of samples: matrix, range, transfer, primaries, siting of chroma.

use std::fmt;

use crate::{ColorRange, Format};

/// The meaning of a video's samples, as far as metrics of colour need it. The default is that of
/// high definition: BT.709 of limited range on a screen of BT.1886, chroma sited left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ColorSpace {
    /// The matrix between RGB and the samples; `None` if the planes hold green, blue and red.
    pub matrix: Option<Matrix>,
    /// The colour range.
    pub range: ColorRange,
    /// The transfer function.
    pub transfer: Transfer,
    /// The primaries.
    pub primaries: Primaries,
    /// The position of chroma samples.
    pub siting: ChromaSiting,
}

impl Default for ColorSpace {
    fn default() -> Self {
        Self {
            matrix: Some(Matrix::Bt709),
            range: ColorRange::Limited,
            transfer: Transfer::Bt1886,
            primaries: Primaries::Bt709,
            siting: ChromaSiting::Left,
        }
    }
}

/// A matrix between RGB and Y'CbCr (ITU-T H.273).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Matrix {
    /// ITU-R BT.601: standard definition, and FFmpeg's default for stills.
    Bt601,
    /// ITU-R BT.709: high definition.
    #[default]
    Bt709,
    /// ITU-R BT.2020 with non-constant luminance: ultra high definition.
    Bt2020,
}

/// The least height of high definition.
const HIGH_DEFINITION: u32 = 720;

impl Matrix {
    /// The matrix of video that states none, by its height: BT.601 below 720 lines, as players
    /// assume, otherwise BT.709.
    #[must_use]
    pub fn assumed(height: u32) -> Self {
        if height < HIGH_DEFINITION { Self::Bt601 } else { Self::Bt709 }
    }

    /// The matrix that FFmpeg calls `name`; `None` for matrices that are not supported.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        match name {
            "smpte170m" | "bt470bg" => Some(Self::Bt601),
            "bt709" => Some(Self::Bt709),
            "bt2020nc" => Some(Self::Bt2020),
            _ => None,
        }
    }

    /// FFmpeg's name of the matrix.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Bt601 => "smpte170m",
            Self::Bt709 => "bt709",
            Self::Bt2020 => "bt2020nc",
        }
    }

    /// The weights of red, green and blue in luma, in ten-thousandths.
    #[must_use]
    pub const fn weights(self) -> [i64; 3] {
        match self {
            Self::Bt601 => [2990, 5870, 1140],
            Self::Bt709 => [2126, 7152, 722],
            Self::Bt2020 => [2627, 6780, 593],
        }
    }

    /// The weights of red, green and blue in luma.
    pub(crate) fn shares(self) -> [f64; 3] {
        self.weights().map(|weight| weight as f64 / 10_000.0)
    }
}

impl fmt::Display for Matrix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bt601 => "BT.601",
            Self::Bt709 => "BT.709",
            Self::Bt2020 => "BT.2020",
        })
    }
}

/// A transfer function: the light that a screen emits for a signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transfer {
    /// ITU-R BT.1886 on a screen with perfect black: the power 2.4. Screens show video of standard
    /// dynamic range in this way, whatever camera curve (BT.709, BT.601, BT.2020) it states.
    Bt1886,
    /// IEC 61966-2-1, sRGB: stills and captured screens.
    Srgb,
    /// SMPTE ST 2084, PQ: absolute luminance up to 10,000 cd/m².
    Pq,
    /// ARIB STD-B67, HLG, on a screen of 1000 cd/m².
    Hlg,
}

/// The colours of red, green and blue, all with the white D65.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Primaries {
    /// ITU-R BT.709, and sRGB.
    Bt709,
    /// ITU-R BT.601 with 525 lines (SMPTE 170M).
    Bt601Lines525,
    /// ITU-R BT.601 with 625 lines (BT.470 B/G).
    Bt601Lines625,
    /// ITU-R BT.2020 and BT.2100.
    Bt2020,
    /// Display P3 (SMPTE EG 432-1).
    P3,
}

/// The position of chroma samples that are fewer than luma's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum ChromaSiting {
    /// At luma's column, between two rows of 4:2:0: MPEG-2, H.264 and later.
    Left,
    /// Between luma's columns and rows: JPEG, MPEG-1.
    Center,
    /// At luma's column and row: BT.2020 and BT.2100.
    TopLeft,
}

impl ColorSpace {
    /// The factor and the offset that turn a sample of luma (or of an RGB plane) into a signal from
    /// 0 to 1.
    pub(crate) fn luma_scale(&self, format: &Format) -> (f64, f64) {
        let unit = f64::from(1_u32 << (format.bit_depth - 8));
        match self.range {
            ColorRange::Limited => (1.0 / (219.0 * unit), -16.0 / 219.0),
            ColorRange::Full => (1.0 / f64::from((1_u32 << format.bit_depth) - 1), 0.0),
        }
    }

    /// The factor and the offset that turn a sample of chroma into a signal from -0.5 to 0.5.
    pub(crate) fn chroma_scale(&self, format: &Format) -> (f64, f64) {
        let middle = f64::from(1_u32 << (format.bit_depth - 1));
        let factor = match self.range {
            ColorRange::Limited => 1.0 / (224.0 * f64::from(1_u32 << (format.bit_depth - 8))),
            ColorRange::Full => 1.0 / f64::from((1_u32 << format.bit_depth) - 1),
        };
        (factor, -middle * factor)
    }
}

//! Matrices that convert RGB to Y'CbCr.

use std::fmt;

/// A matrix between RGB and Y'CbCr.
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

impl Matrix {
    /// Returns the matrix that FFmpeg calls `name`; `None` for matrices that are not supported for
    /// converting RGB.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        match name {
            "smpte170m" | "bt470bg" => Some(Self::Bt601),
            "bt709" => Some(Self::Bt709),
            "bt2020nc" => Some(Self::Bt2020),
            _ => None,
        }
    }

    /// Returns FFmpeg's name of the matrix.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Bt601 => "smpte170m",
            Self::Bt709 => "bt709",
            Self::Bt2020 => "bt2020nc",
        }
    }

    /// Returns the weights of red, green and blue in luma, in ten-thousandths.
    pub(crate) const fn weights(self) -> [i64; 3] {
        match self {
            Self::Bt601 => [2990, 5870, 1140],
            Self::Bt709 => [2126, 7152, 722],
            Self::Bt2020 => [2627, 6780, 593],
        }
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

//! What a stream says of its frames beside their samples.

use std::fmt;

/// A fraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Rational {
    /// The numerator.
    pub num: u32,
    /// The denominator, not 0.
    pub den: u32,
}

impl Rational {
    /// The fraction as a number.
    #[must_use]
    pub fn as_f64(self) -> f64 {
        f64::from(self.num) / f64::from(self.den)
    }

    /// The fraction as a frame rate: `None` where either part is 0, which files write for
    /// "unknown".
    #[must_use]
    pub fn rate(num: u32, den: u32) -> Option<Self> {
        (num != 0 && den != 0).then_some(Self { num, den })
    }

    /// When frame `index` is shown at this frame rate, in seconds.
    #[must_use]
    pub fn time_of(self, index: u64) -> f64 {
        index as f64 * f64::from(self.den) / f64::from(self.num)
    }
}

/// Which sample values stand for black and white.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum ColorRange {
    /// 16 to 235 of 8 bits.
    Limited,
    /// 0 to 255 of 8 bits.
    Full,
}

impl fmt::Display for ColorRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Limited => "limited",
            Self::Full => "full",
        })
    }
}

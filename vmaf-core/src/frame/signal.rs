//! Signal metadata of a stream: frame rate and colour range.

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
    /// The fraction as a floating-point number.
    #[must_use]
    pub fn as_f64(self) -> f64 {
        f64::from(self.num) / f64::from(self.den)
    }

    /// The fraction as a frame rate: `None` if either part is 0, which files use for "unknown".
    #[must_use]
    pub fn rate(num: u32, den: u32) -> Option<Self> {
        (num != 0 && den != 0).then_some(Self { num, den })
    }

    /// The presentation time of frame `index` at this frame rate, in seconds.
    #[must_use]
    pub fn time_of(self, index: u64) -> f64 {
        index as f64 * f64::from(self.den) / f64::from(self.num)
    }
}

/// The sample values that represent black and white.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum ColorRange {
    /// 16 to 235 for 8 bits.
    Limited,
    /// 0 to 255 for 8 bits.
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

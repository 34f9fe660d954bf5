//! Options for making videos comparable.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::accepted::Accepted;
use crate::{ColorRange, StreamInfo};

/// The greatest relative difference between the aspect ratios of two pictures: encoders round
/// sizes.
pub(crate) const ASPECT_TOLERANCE: f64 = 0.015;

/// libswscale's scaling filters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scaler {
    /// Linear, over two by two pixels.
    Bilinear,
    /// Cubic, over four by four pixels; the filter of most players.
    #[default]
    Bicubic,
    /// A windowed sinc over six by six pixels; sharper.
    Lanczos,
}

impl fmt::Display for Scaler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bilinear => "bilinear",
            Self::Bicubic => "bicubic",
            Self::Lanczos => "lanczos",
        })
    }
}

/// Options for making videos comparable.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlanOptions {
    /// The scaling filter.
    pub scaler: Scaler,
    /// Makes an encode of another size an error.
    pub no_scale: bool,
    /// The size that both are scaled to; the reference's size if `None`.
    pub score_at: Option<(u32, u32)>,
    /// Allows an encode to be scaled even if its size suggests a crop of the reference's picture:
    /// either the pictures disprove it, or the user accepts it.
    pub any_size: bool,
    /// Scales down an encode that is slightly larger than the kept part of the reference.
    pub fit: bool,
    /// The range of files that don't state theirs.
    pub assumed_range: Option<ColorRange>,
    /// Differences in the meaning of samples that are accepted.
    pub accepted: Vec<Accepted>,
}

impl PlanOptions {
    pub(super) fn accepts(&self, what: Accepted) -> bool {
        self.accepted.contains(&what)
    }

    /// Returns the conversion of frames of other sizes than the first, which may be scaled down if
    /// `may_shrink`; `None` if they are errors.
    pub(super) fn resizing(&self, may_shrink: bool) -> Option<Resizing> {
        (!self.no_scale).then_some(Resizing { scaler: self.scaler, may_shrink })
    }

    /// Returns the range of a stream's samples, stated or assumed.
    pub(super) fn range(&self, info: &StreamInfo) -> Option<ColorRange> {
        info.range.or(self.assumed_range)
    }
}

/// Conversion of frames of other sizes than the first: they are scaled to the first's size.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Resizing {
    pub(super) scaler: Scaler,
    /// True if larger frames may be scaled down.
    pub(super) may_shrink: bool,
}

//! What people said of how videos are to be compared.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::accepted::Accepted;
use crate::{ColorRange, StreamInfo};

/// By how much the shapes of two pictures may differ, as a part of one: encoders round sizes.
pub(crate) const ROUNDED: f64 = 0.015;

/// How pictures are scaled: libswscale's filters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scaler {
    /// Two by two pixels, linearly.
    Bilinear,
    /// Four by four, by cubics; what most players do.
    #[default]
    Bicubic,
    /// Six by six, by a windowed sinc; sharper.
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

/// What people said of how videos are to be compared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wishes {
    /// How pictures are scaled.
    pub scaler: Scaler,
    /// Whether an encode of another size is an error.
    pub no_scale: bool,
    /// The size that both are scaled to; the reference's if `None`.
    pub score_at: Option<(u32, u32)>,
    /// Whether an encode may be scaled whose size looks as if it were a part of the reference's
    /// picture: its pictures prove otherwise, or nobody minds.
    pub any_size: bool,
    /// Whether an encode is scaled down that is a little larger than what is kept of the reference.
    pub fit: bool,
    /// The range of files that don't say theirs.
    pub assumed_range: Option<ColorRange>,
    /// Differences in meaning that are fine.
    pub accepted: Vec<Accepted>,
}

impl Wishes {
    pub(super) fn accepts(&self, what: Accepted) -> bool {
        self.accepted.contains(&what)
    }

    /// How frames of other sizes than the first are taken, which may shrink or may not.
    pub(super) fn resizing(&self, may_shrink: bool) -> Option<Resizing> {
        (!self.no_scale).then_some(Resizing { scaler: self.scaler, may_shrink })
    }

    /// The range of a stream's samples, as far as it is known.
    pub(super) fn range(&self, info: &StreamInfo) -> Option<ColorRange> {
        info.range.or(self.assumed_range)
    }
}

/// How frames of a video that changes its size are taken: scaled as the first are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Resizing {
    pub(super) scaler: Scaler,
    /// Whether they may be larger than what they are scaled to.
    pub(super) may_shrink: bool,
}

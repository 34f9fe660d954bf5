//! Rectangular parts of pictures.

use std::fmt;

use serde::{Deserialize, Serialize};
use vmaf_core::Format;

/// A rectangular part of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rect {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// The number of pixels to its left.
    pub x: u32,
    /// The number of pixels above it.
    pub y: u32,
}

impl Rect {
    /// Returns the whole of a picture.
    #[must_use]
    pub fn whole(format: &Format) -> Self {
        Self { width: format.width(), height: format.height(), x: 0, y: 0 }
    }

    /// Returns the intersection with `other`, if there is one.
    #[must_use]
    pub fn intersection(self, other: Self) -> Option<Self> {
        let along = |[from, length]: [u32; 2], [other, whole]: [u32; 2]| {
            let (start, end) = (from.max(other), (from + length).min(other + whole));
            (start < end).then_some([start, end - start])
        };
        let [x, width] = along([self.x, self.width], [other.x, other.width])?;
        let [y, height] = along([self.y, self.height], [other.y, other.height])?;
        Some(Self { width, height, x, y })
    }
}

impl fmt::Display for Rect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}:{}", self.width, self.height, self.x, self.y)
    }
}

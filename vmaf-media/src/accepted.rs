//! Differences between videos, and properties of one, that the user accepts.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A difference between videos, or a property of one, that the user accepts: samples are compared
/// as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Accepted {
    /// Primaries, transfers or matrices differ.
    Color,
    /// The video is of high dynamic range.
    Hdr,
    /// The video is interlaced.
    Interlaced,
    /// The range, the colours, the interlacing or the sample aspect ratio change within the video.
    Changes,
    /// The video is damaged: the decoder conceals parts of frames.
    Damage,
}

impl fmt::Display for Accepted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Color => "color",
            Self::Hdr => "hdr",
            Self::Interlaced => "interlaced",
            Self::Changes => "changes",
            Self::Damage => "damage",
        })
    }
}

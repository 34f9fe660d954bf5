//! The presentation of pooled frames.

use std::ops::Range;

/// Times at which the frames of pooled values are shown, and the scenes that they belong to.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Presentation<'a> {
    /// The time of each frame in seconds; empty if unknown.
    pub times: &'a [f64],
    /// The indices of each scene's values; empty if unknown.
    pub scenes: &'a [Range<usize>],
}

impl<'a> From<&'a [f64]> for Presentation<'a> {
    fn from(times: &'a [f64]) -> Self {
        Self { times, scenes: &[] }
    }
}

impl<'a> From<&'a Vec<f64>> for Presentation<'a> {
    fn from(times: &'a Vec<f64>) -> Self {
        times[..].into()
    }
}

impl<'a, const N: usize> From<&'a [f64; N]> for Presentation<'a> {
    fn from(times: &'a [f64; N]) -> Self {
        times[..].into()
    }
}

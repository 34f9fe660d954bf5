//! A way to weight coefficients and to limit their gain.

use super::csf::Weights;

/// A way to weight and limit, with sums of its own.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Setting {
    pub(super) weights: Weights,
    pub(super) gain_limit: f64,
    /// True if additive impairment is measured too.
    pub(super) additive: bool,
}

/// The limit of enhanced distorted coefficients, as a multiple of the reference's.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Gain {
    /// The reference's coefficient itself.
    One,
    /// A whole multiple of it.
    Whole(i32),
    /// Any other multiple of it.
    Broken(f64),
}

impl Gain {
    pub(super) fn from_setting(setting: &Setting) -> Self {
        match setting.gain_limit {
            1.0 => Self::One,
            limit if limit.fract() == 0.0 => Self::Whole(limit as i32),
            limit => Self::Broken(limit),
        }
    }
}

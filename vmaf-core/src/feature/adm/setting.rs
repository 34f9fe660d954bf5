//! A way to weight coefficients and to limit their gain.

use super::csf::Weights;

/// A way to weight and limit, with sums of its own.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Setting {
    pub(super) weights: Weights,
    pub(super) gain_limit: f64,
    /// Whether additive impairment is measured too.
    pub(super) additive: bool,
}

/// How distorted coefficients that are enhanced are limited.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Gain {
    /// To the reference's.
    One,
    /// To a multiple of them.
    Whole(i32),
    /// To any other factor.
    Broken(f64),
}

impl Gain {
    pub(super) fn of(setting: &Setting) -> Self {
        match setting.gain_limit {
            1.0 => Self::One,
            limit if limit.fract() == 0.0 => Self::Whole(limit as i32),
            limit => Self::Broken(limit),
        }
    }
}

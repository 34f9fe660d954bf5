//! Greatest differences from libvmaf's figures.
//!
//! Integer features, and models of these alone, equal libvmaf's to the last printed digit.
//! Floating-point ones repeat its operations, but not the last bits of its C library.

use std::fmt;

/// The distance allowed: the greater of an absolute and a relative one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Bound {
    absolute: f64,
    relative: f64,
}

impl Bound {
    const EXACT: Self = Self { absolute: 0.0, relative: 0.0 };
    const FLOAT: Self = Self { absolute: 2e-5, relative: 1e-6 };
    const SPEED: Self = Self { absolute: 5e-5, relative: 1e-6 };

    /// The bound of a feature's columns, from its name, which options may follow.
    pub(crate) fn of_feature(feature: &str) -> Self {
        match feature.split('=').next().unwrap_or_default() {
            "vif" | "adm" | "motion" | "cambi" | "psnr" => Self::EXACT,
            "speed_chroma" | "speed_temporal" => Self::SPEED,
            _ => Self::FLOAT,
        }
    }

    /// The bound of a column of a model's log: its score's where the column is no feature's.
    pub(crate) fn of_model(model: &str, column: &str) -> Self {
        let is_score = column.starts_with("vmaf");
        if column.starts_with("speed") {
            Self::SPEED
        } else if model.contains("float") || is_score && model.contains("v1.") {
            Self::FLOAT
        } else {
            Self::EXACT
        }
    }

    /// The difference between `found` and `expected` if it exceeds the bound. A
    /// value that is not defined is so in both.
    pub(crate) fn excess(self, found: Option<f64>, expected: Option<f64>) -> Option<f64> {
        let (found, expected) = match (found, expected) {
            (Some(found), Some(expected)) => (found, expected),
            (None, None) => return None,
            _ => return Some(f64::INFINITY),
        };
        let distance = (found - expected).abs();
        // What is printed has six digits: a bound is not broken by the last one's rounding.
        let allowed = self.absolute.max(self.relative * expected.abs());
        let slack = if allowed > 0.0 { 1e-9 } else { 0.0 };
        (distance > allowed + slack).then_some(distance)
    }

    /// Fails where any of `found` is too far from its place in `expected`; gives the worst
    /// distance.
    pub(crate) fn check(
        self,
        found: &[Option<f64>],
        expected: &[Option<f64>],
        what: &dyn fmt::Display,
    ) -> f64 {
        assert_eq!(found.len(), expected.len(), "the number of values of {what}");
        let mut worst = 0.0_f64;
        for (index, (&found, &expected)) in found.iter().zip(expected).enumerate() {
            if let Some(distance) = self.excess(found, expected) {
                panic!("{what}, value {index}: {found:?} is {distance:e} from {expected:?}");
            }
            if let (Some(found), Some(expected)) = (found, expected) {
                worst = worst.max((found - expected).abs());
            }
        }
        worst
    }
}

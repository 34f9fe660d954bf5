//! Scores as decibels.

use crate::Format;
use crate::feature::Options;

/// The unit of a score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::feature) enum Unit {
    /// As it is.
    Plain,
    /// In decibels below a perfect score, at most `max`.
    Decibels {
        /// Infinite if scores are not clipped.
        max: f64,
    },
}

impl Unit {
    /// The unit that the options `enable_db` and `clip_db` ask for.
    pub(in crate::feature) fn from_options(options: &Options, format: &Format) -> Self {
        if !options.flag("enable_db") {
            return Self::Plain;
        }
        let max = if options.flag("clip_db") {
            // The noise of a picture in which one sample in two is off by one.
            let peak = f64::from((1_u32 << format.bit_depth) - 1);
            let noise = 0.5 / (f64::from(format.width) * f64::from(format.height));
            (10.0 * libm::log10(peak * peak / noise)).ceil()
        } else {
            f64::INFINITY
        };
        Self::Decibels { max }
    }

    /// `score` in this unit. A score above 1 or not a number is the greatest.
    pub(in crate::feature) fn convert(self, score: f64) -> f64 {
        match self {
            Self::Plain => score,
            Self::Decibels { max } => {
                let decibels = -10.0 * libm::log10(1.0 - score);
                if decibels < max { decibels } else { max }
            }
        }
    }
}

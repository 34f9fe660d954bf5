//! The scale of an encoder's quality setting.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// The largest number of settings on a scale.
const MAX_POSITIONS: f64 = 100_000.0;

/// A range of quality settings, from the best to the worst.
///
/// Its text is `BEST..WORST` or `BEST..WORST:STEP`: `16..40` for a rate factor, of which less is
/// better, `95..20:5` for a quality in percent.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct QualityRange {
    best: f64,
    worst: f64,
    /// The distance between settings; `None` is the encoder's own, or 1.
    step: Option<f64>,
}

impl fmt::Display for QualityRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.best, self.worst)?;
        self.step.map_or(Ok(()), |step| write!(f, ":{step}"))
    }
}

impl FromStr for QualityRange {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let number = |text: &str| text.trim().parse::<f64>().ok();
        let numbers = || {
            let (range, step) = match text.split_once(':') {
                Some((range, step)) => (range, Some(number(step)?)),
                None => (text, None),
            };
            let (best, worst) = range.split_once("..")?;
            let (best, worst) = (number(best)?, number(worst)?);
            let settings = (worst - best).abs() / step.unwrap_or(1.0);
            let is_sound = best.is_finite()
                && worst.is_finite()
                && step.is_none_or(|step| step > 0.0)
                && (1.0..MAX_POSITIONS).contains(&settings);
            is_sound.then_some(Self { best, worst, step })
        };
        numbers().ok_or_else(|| {
            Error::input(format!(
                "'{text}' is not a range of qualities: the best and the worst, as in 16..40, and \
                 perhaps the step between settings, as in 16..40:0.5"
            ))
        })
    }
}

impl TryFrom<String> for QualityRange {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<QualityRange> for String {
    fn from(range: QualityRange) -> Self {
        range.to_string()
    }
}

/// The settings of an encoder's quality, from the best to the worst, in equal steps. A setting's
/// position counts them from the best, which has position 0.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(super) struct QualityScale {
    best: f64,
    worst: f64,
    step: f64,
}

impl QualityScale {
    /// Creates a scale of at least two settings.
    pub(super) const fn new(best: f64, worst: f64, step: f64) -> Self {
        Self { best, worst, step }
    }

    /// Returns the settings of a range, with a step of 1 unless it has its own.
    pub(super) fn of_range(range: QualityRange) -> Self {
        Self::new(range.best, range.worst, range.step.unwrap_or(1.0))
    }

    /// Returns the settings of this scale within a range, in this one's direction.
    pub(super) fn within(&self, range: QualityRange) -> Self {
        let (low, high) = (range.best.min(range.worst), range.best.max(range.worst));
        let [best, worst] = if self.best < self.worst { [low, high] } else { [high, low] };
        Self { best, worst, step: range.step.unwrap_or(self.step) }
    }

    /// Returns the position of the worst setting.
    pub(super) fn last(&self) -> usize {
        // A quotient such as 2.9999999 is 3.
        ((self.worst - self.best).abs() / self.step + 1e-9).floor() as usize
    }

    /// Returns the setting at a position.
    pub(super) fn at(&self, position: usize) -> f64 {
        let setting = self.best + (self.worst - self.best).signum() * self.step * position as f64;
        // Multiples of steps such as 0.1 are not exact.
        (setting * 1e6).round() / 1e6
    }

    /// Returns the position nearest to a setting.
    pub(super) fn nearest(&self, setting: f64) -> usize {
        self.position(setting).round().max(0.0) as usize
    }

    /// Returns the position of a setting, fractional between two of the scale.
    pub(super) fn position(&self, setting: f64) -> f64 {
        (setting - self.best) * (self.worst - self.best).signum() / self.step
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scale(text: &str) -> QualityScale {
        QualityScale::of_range(text.parse().expect(text))
    }

    #[test]
    fn positions_count_from_the_best_setting() {
        let rate_factor = scale("16..40:0.1");
        assert_eq!(rate_factor.last(), 240);
        assert_eq!(rate_factor.at(3), 16.3);
        assert_eq!(rate_factor.at(240), 40.0);
        assert!((rate_factor.position(16.3) - 3.0).abs() < 1e-9);
        let percent = scale("95..20:5");
        assert_eq!((percent.last(), percent.at(1)), (15, 90.0));
        assert_eq!(scale("1..4").last(), 3);
        assert_eq!(scale("0..10:4").last(), 2);
    }

    #[test]
    fn a_range_keeps_the_direction_and_step_of_the_scale() {
        let within = |own: &str, range: &str| scale(own).within(range.parse().expect(range));
        assert_eq!(within("10..50:0.5", "40..16:2"), scale("16..40:2"));
        assert_eq!(within("10..50:0.5", "16..40"), scale("16..40:0.5"));
        assert_eq!(within("95..20", "30..60"), scale("60..30"));
    }

    #[test]
    fn ranges_without_settings_are_refused() {
        for text in
            ["16", "16..", "a..b", "16..16", "16..40:0", "16..40:-1", "0..1:nan", "0..9:1e-9"]
        {
            let error = text.parse::<QualityRange>().expect_err(text).to_string();
            assert!(error.contains("range of qualities"), "{error}");
        }
        let text = "16..40:0.5";
        assert_eq!(text.parse::<QualityRange>().expect(text).to_string(), text);
    }
}

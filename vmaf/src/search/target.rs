//! Targets: gates that the encode has to meet, and their values estimated from probes.

use std::ops::Range;

use vmaf_core::Gate;
use vmaf_core::pool::{Pool, Presentation};

use super::result::TargetValue;
use super::samples::SamplePlan;
use crate::encode_result::EncodeResult;
use crate::error::{Error, Result};
use crate::gates::ColumnGate;

/// The normal distribution's factor of a 95 % interval.
const INTERVAL: f64 = 1.96;

/// The points that a film's score falls between typical settings, and the part of its bound that
/// another metric falls there.
const TYPICAL_FALL: f64 = 15.0;
const TYPICAL_PART: f64 = 0.1;

/// Values that count as infinite.
const MAX_VALUE: f64 = 1e4;

/// A gate on one column.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Target {
    gate: Gate,
    column: String,
    /// True if the column is a model's score, of at most 100.
    is_score: bool,
}

impl Target {
    /// Returns the targets of gates by column. `models` are the labels of the models.
    ///
    /// # Errors
    /// Fails if a gate judges a single value for the whole video.
    pub(super) fn all(gates: Vec<ColumnGate>, models: &[&str]) -> Result<Vec<Self>> {
        let target = |of: ColumnGate| {
            let column = of.gate.column.clone().unwrap_or_default();
            if of.is_of_video() {
                return Err(Error::input(format!(
                    "target '{}': {column} is a single value for the whole video, and a search \
                     needs values of frames",
                    of.gate
                )));
            }
            let is_score = models.contains(&&column[..]);
            Ok(Self { gate: of.gate, column, is_score })
        };
        gates.into_iter().map(target).collect()
    }

    /// Returns the gate as text, with its column.
    pub(super) fn text(&self) -> String {
        self.gate.to_string()
    }

    /// Returns the column with its pool: "vmaf_v0.6.1:mean".
    pub(super) fn name(&self) -> String {
        format!("{}:{}", self.column, self.gate.pool)
    }

    /// Returns the value of the whole source, estimated from the `result` of the frames of a plan.
    /// The source's frames are `shown` so.
    pub(super) fn estimate(
        &self,
        result: &EncodeResult,
        plan: &SamplePlan,
        shown: Presentation<'_>,
    ) -> Result<TargetValue> {
        let values = result.column(&self.column).unwrap_or_default();
        let mut estimate = self.value(&plan.spread(values), shown)?;
        // Each stratum has one clip: the error of its choice is that of a line between neighbours,
        // whose squares are 3/2 of the variance.
        let differences = plan
            .replicates(values)
            .filter_map(|values| Some(self.pooled(&values, shown)? - estimate.value));
        let squares = differences.fold(0.0, |sum, of| sum + of * of);
        let variance = squares / 1.5 * plan.strata_per_replicate() * (1.0 - plan.share());
        estimate.deviation = INTERVAL * variance.sqrt();
        Ok(estimate)
    }

    /// Returns the value of a scene of the source's frames, all of which are in `result`.
    pub(super) fn of_scene(
        &self,
        result: &EncodeResult,
        scene: Range<usize>,
        times: &[f64],
    ) -> Result<TargetValue> {
        let values = result.column(&self.column).unwrap_or_default();
        let [values, times] = [values, times].map(|all| all.get(scene.clone()).unwrap_or_default());
        let whole = 0..values.len();
        let shown = Presentation { times, scenes: std::slice::from_ref(&whole) };
        self.value(values, shown)
    }

    /// Returns the value of frames.
    fn value(&self, values: &[f64], shown: Presentation<'_>) -> Result<TargetValue> {
        let Some(value) = self.pooled(values, shown) else {
            return Err(Error::input(format!(
                "target '{}' can't be judged: a value is undefined, or times are unknown",
                self.gate
            )));
        };
        let distance = value - self.gate.bound;
        let margin = if self.gate.comparison.wants_more() { distance } else { -distance };
        Ok(TargetValue { target: self.text(), value, margin, deviation: 0.0 })
    }

    fn pooled(&self, values: &[f64], shown: Presentation<'_>) -> Option<f64> {
        let value = self.gate.pool.apply(values, shown);
        value.map(|value| value.clamp(-MAX_VALUE, MAX_VALUE))
    }

    /// Returns a margin in points: those of a score, or equally small steps of another metric.
    pub(super) fn points(&self, margin: f64) -> f64 {
        margin / self.point()
    }

    /// Returns the margin of a number of points.
    pub(super) fn of_points(&self, points: f64) -> f64 {
        points * self.point()
    }

    /// The size of a point in units of the value.
    fn point(&self) -> f64 {
        let fall = TYPICAL_PART * self.gate.bound.abs().max(1.0);
        if self.is_score { 1.0 } else { fall / TYPICAL_FALL }
    }

    /// Returns a margin in points as a number that falls evenly with quality: scores lose ever more points a
    /// step below 100, about in proportion to the points already lost.
    pub(super) fn to_curve(&self, margin: f64) -> f64 {
        if !self.is_curved() {
            return margin;
        }
        // A model without an upper limit may exceed the ceiling, above which there is no logarithm.
        -(self.ceiling() - margin).max(1e-3).ln()
    }

    /// Returns true if a margin in points is that of a score of about 0.
    pub(super) fn is_exhausted(&self, margin: f64) -> bool {
        self.is_curved() && margin + self.gate.bound < 1.0
    }

    /// Returns the margin in points of a number of [`to_curve`](Self::to_curve).
    pub(super) fn margin(&self, number: f64) -> f64 {
        if !self.is_curved() {
            return number;
        }
        // No score is below 0.
        (self.ceiling() - (-number).exp()).max(-self.gate.bound)
    }

    /// Returns the slope between the positions at which films score about 95 and 80, in numbers of
    /// [`to_curve`](Self::to_curve).
    pub(super) fn typical_slope(&self, [good, fair]: [f64; 2]) -> f64 {
        let fall = if self.is_curved() {
            self.to_curve(95.0 - self.gate.bound) - self.to_curve(80.0 - self.gate.bound)
        } else {
            TYPICAL_FALL
        };
        -fall / (fair - good)
    }

    /// Returns the position at which films meet the target, from those at which they score about
    /// 95 and 80; `None` if the target is no score.
    pub(super) fn typical_position(&self, [good, fair]: [f64; 2]) -> Option<f64> {
        if !self.is_curved() {
            return None;
        }
        // The other pools of a score are below its mean.
        let above = if self.gate.pool == Pool::Mean { 0.0 } else { 3.0 };
        let mean = (self.gate.bound + above).min(99.0);
        let lost = |score: f64| (101.0 - score).ln();
        Some(good + (fair - good) * (lost(mean) - lost(95.0)) / (lost(80.0) - lost(95.0)))
    }

    /// Returns true if the target is a score that has to be high enough.
    pub(super) fn is_curved(&self) -> bool {
        self.is_score && self.gate.comparison.wants_more()
    }

    /// The margin that no score reaches.
    fn ceiling(&self) -> f64 {
        101.0 - self.gate.bound
    }
}

#[cfg(test)]
impl Target {
    /// Returns the target that a score's mean is at least `bound`.
    pub(super) fn of_score(bound: f64) -> Self {
        let gate = Gate { column: Some("vmaf".to_owned()), ..Gate::mean_at_least(bound) };
        Self { gate, column: "vmaf".to_owned(), is_score: true }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn margins_survive_the_curve() {
        let target = Target::of_score(93.0);
        for margin in [-60.0, -1.5, 0.0, 4.0, 7.0] {
            assert!((target.margin(target.to_curve(margin)) - margin).abs() < 1e-9);
        }
        assert!(target.to_curve(2.0) > target.to_curve(1.0));
        // A model without a ceiling may exceed it.
        assert!(target.to_curve(30.0).is_finite());
    }

    #[test]
    fn points_of_other_metrics_are_small_parts_of_their_bounds() {
        let target = |bound: f64| Target { is_score: false, ..Target::of_score(bound) };
        let half = |bound: f64| target(bound).of_points(0.5);
        assert!((0.1..0.2).contains(&half(40.0)), "decibels of psnr");
        assert!(half(0.98) < 0.01, "ssim, of at most 1");
        assert!((target(40.0).points(half(40.0)) - 0.5).abs() < 1e-9);
        assert_eq!(Target::of_score(90.0).points(0.5), 0.5);
    }

    #[test]
    fn searches_begin_near_typical_settings() {
        let at = |bound: f64| Target::of_score(bound).typical_position([60.0, 100.0]).expect("one");
        assert!((at(95.0) - 60.0).abs() < 1e-9);
        assert!((at(80.0) - 100.0).abs() < 1e-9);
        assert!((60.0..100.0).contains(&at(90.0)));
        assert!(at(99.5) > 0.0 && at(99.5) < 60.0);
        let slope = Target::of_score(90.0).typical_slope([60.0, 100.0]);
        assert!(slope < 0.0);
    }
}

//! The values of an encode, and their pools.

use std::sync::Arc;

use vmaf_core::pool::{self, Pool, WorstWindow};
use vmaf_core::score::Column;
use vmaf_core::{Model, ScoreTable};

/// An encode's values.
pub(crate) struct Values {
    pub(crate) scored: Arc<ScoreTable>,
    /// The timestamps of the frames in seconds, if most are known.
    times: Vec<f64>,
}

impl Values {
    pub(crate) fn new(scored: Arc<ScoreTable>) -> Self {
        let times = pool::complete_times(scored.frames(), scored.times());
        Self { scored, times: times.unwrap_or_default() }
    }

    /// Returns the timestamps of the frames in seconds; `None` if most are unknown.
    pub(crate) fn times(&self) -> &[f64] {
        &self.times
    }

    /// Returns the end of a stretch: the timestamp of the next frame, or the end of the last one.
    pub(crate) fn end(&self, stretch: &WorstWindow) -> f64 {
        let behind = stretch.first + stretch.len;
        let last_shown = || {
            let [.., before, last] = self.times[..] else { return stretch.start };
            last + (last - before)
        };
        self.times.get(behind).copied().unwrap_or_else(last_shown)
    }

    /// Returns the column called `name`.
    pub(crate) fn column(&self, name: &str) -> Option<&Column> {
        self.scored.columns().iter().find(|column| column.name == name)
    }

    /// Returns the value for the whole video called `name`.
    pub(crate) fn aggregate(&self, name: &str) -> Option<f64> {
        let mut aggregates = self.scored.aggregates().iter();
        aggregates.find(|(of, _)| of == name).map(|(_, value)| *value)
    }

    /// Returns the values of `column`, pooled.
    pub(crate) fn pool(&self, column: &Column, pool: Pool) -> Option<f64> {
        pool.apply(&column.values, &self.times)
    }

    /// Returns a bootstrap model's values beside its score, each the mean over the frames.
    pub(crate) fn interval(&self, model: &Model) -> Vec<(&'static str, Option<f64>)> {
        ["bagging", "stddev", "ci_p95_lo", "ci_p95_hi"]
            .map(|name| {
                let column = self.column(&format!("{}_{name}", model.label()));
                (name, column.and_then(|column| pool::mean(&column.values)))
            })
            .into()
    }

    /// Returns the worst second of `column`.
    pub(crate) fn worst_second(&self, column: &Column) -> Option<WorstWindow> {
        pool::worst_window(&column.values, &self.times, 1.0)
    }
}

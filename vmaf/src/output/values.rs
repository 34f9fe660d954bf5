//! The values of an encode, and their pools.

use std::ops::Range;
use std::sync::Arc;

use vmaf_core::pool::{self, Pool, Presentation, SceneMean, WorstWindow};
use vmaf_core::score::Column;
use vmaf_core::{Model, ScoreTable};

/// An encode's values.
pub(crate) struct Values {
    pub(crate) scored: Arc<ScoreTable>,
    /// The timestamps of the frames in seconds, if most are known.
    times: Vec<f64>,
    /// The rows of each scene.
    scenes: Vec<Range<usize>>,
}

impl Values {
    pub(crate) fn new(scored: Arc<ScoreTable>) -> Self {
        let times = pool::complete_times(scored.frames(), scored.times());
        let scenes = scored.scene_rows();
        Self { scored, times: times.unwrap_or_default(), scenes }
    }

    /// Returns the timestamps and scenes of the frames, as far as they are known.
    pub(crate) fn presentation(&self) -> Presentation<'_> {
        Presentation { times: &self.times, scenes: &self.scenes }
    }

    /// Returns the end of a stretch: the timestamp of the next frame, or the end of the last one.
    pub(crate) fn end(&self, stretch: &WorstWindow) -> f64 {
        self.end_of(stretch.first + stretch.len).unwrap_or(stretch.start)
    }

    /// Returns the time at which the frame before row `behind` ends; `None` if that is unknown.
    fn end_of(&self, behind: usize) -> Option<f64> {
        let last_shown = || {
            let [.., before, last] = self.times[..] else { return None };
            Some(last + (last - before))
        };
        self.times.get(behind).copied().or_else(last_shown)
    }

    /// Returns the rows of each scene.
    pub(crate) fn scenes(&self) -> &[Range<usize>] {
        &self.scenes
    }

    /// Returns the times at which the frames of `rows` begin and end, if they are known.
    pub(crate) fn span(&self, rows: &Range<usize>) -> Option<[f64; 2]> {
        Some([*self.times.get(rows.start)?, self.end_of(rows.end)?])
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
        pool.apply(&column.values, self.presentation())
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

    /// Returns the worst scene of `column`.
    pub(crate) fn worst_scene(&self, column: &Column) -> Option<SceneMean> {
        pool::worst_scene(&column.values, &self.scenes)
    }
}

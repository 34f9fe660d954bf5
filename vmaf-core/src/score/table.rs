//! The results of a job for one encode.

use std::ops::Range;

use crate::column::Column;
use crate::model::Model;

/// The values of one encode: columns by frames.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ScoreTable {
    frames: Vec<u64>,
    times: Vec<Option<f64>>,
    columns: Vec<Column>,
    aggregates: Vec<(String, f64)>,
    scenes: Vec<Range<u64>>,
}

impl ScoreTable {
    pub(super) fn new(
        frames: Vec<u64>,
        times: Vec<Option<f64>>,
        columns: Vec<Column>,
        aggregates: Vec<(String, f64)>,
        scenes: Vec<Range<u64>>,
    ) -> Self {
        Self { frames, times, columns, aggregates, scenes }
    }

    /// The numbers of the scored frames, counted from 0 at the start of the video.
    #[must_use]
    pub fn frames(&self) -> &[u64] {
        &self.frames
    }

    /// The presentation time of each scored frame in seconds, if known.
    #[must_use]
    pub fn times(&self) -> &[Option<f64>] {
        &self.times
    }

    /// All columns: features in libvmaf's order, then models.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Whole-video values that are not a pool of a column, such as `apsnr_y`, by name.
    #[must_use]
    pub fn aggregates(&self) -> &[(String, f64)] {
        &self.aggregates
    }

    /// The [scenes](crate::scene) of the reference by frame number, in order and without gaps;
    /// empty unless the job [detects](crate::Job::detect_scenes) them.
    #[must_use]
    pub fn scenes(&self) -> &[Range<u64>] {
        &self.scenes
    }

    /// The rows of each scene that has any.
    #[must_use]
    pub fn scene_rows(&self) -> Vec<Range<usize>> {
        let row = |frame: u64| self.frames.partition_point(|scored| *scored < frame);
        let rows = self.scenes.iter().map(|scene| row(scene.start)..row(scene.end));
        rows.filter(|rows| !rows.is_empty()).collect()
    }

    /// The values of the column called `name`.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&[f64]> {
        self.columns.iter().find(|column| column.name == name).map(|column| &column.values[..])
    }

    /// The table's values as an array of frames by columns: element `[i, j]` is the value of frame
    /// `frames()[i]` in column `columns()[j]`, `NaN` if undefined.
    #[must_use]
    pub fn to_array(&self) -> ndarray::Array2<f64> {
        ndarray::Array2::from_shape_fn(
            (self.frames.len(), self.columns.len()),
            |(frame, column)| self.columns[column].values[frame],
        )
    }

    /// Removes all rows except that of frame `index`, the values of the whole video, and the scenes.
    pub(super) fn keep_frame(&mut self, index: u64) {
        let row = self.frames.iter().position(|frame| *frame == index);
        let rows = row.map_or(0..0, |row| row..row + 1);
        self.frames = self.frames[rows.clone()].to_vec();
        self.times = self.times[rows.clone()].to_vec();
        self.columns
            .iter_mut()
            .for_each(|column| column.values = column.values[rows.clone()].to_vec());
        self.aggregates.clear();
        self.scenes.clear();
    }

    /// Adds the columns of `model`, whose features have to be present.
    pub(super) fn add_model(&mut self, model: &Model) {
        let columns = model.score(self.frames.len(), |name| self.column(name));
        self.columns.extend(columns.into_iter().flatten());
    }
}

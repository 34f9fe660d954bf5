//! What a job gives for one encode.

use crate::column::Column;
use crate::model::Model;

/// The values of one encode: columns by frames.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Scored {
    frames: Vec<u64>,
    times: Vec<Option<f64>>,
    columns: Vec<Column>,
    aggregates: Vec<(String, f64)>,
}

impl Scored {
    pub(super) fn new(
        frames: Vec<u64>,
        times: Vec<Option<f64>>,
        columns: Vec<Column>,
        aggregates: Vec<(String, f64)>,
    ) -> Self {
        Self { frames, times, columns, aggregates }
    }

    /// The numbers of the scored frames, from 0 at the video's start.
    #[must_use]
    pub fn frames(&self) -> &[u64] {
        &self.frames
    }

    /// When each scored frame is shown, in seconds, where that is known.
    #[must_use]
    pub fn times(&self) -> &[Option<f64>] {
        &self.times
    }

    /// All columns: features as libvmaf orders them, then models.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Values of the whole video that are no pool of a column, as `apsnr_y`, by name.
    #[must_use]
    pub fn aggregates(&self) -> &[(String, f64)] {
        &self.aggregates
    }

    /// The values of the column called `name`.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&[f64]> {
        self.columns.iter().find(|column| column.name == name).map(|column| &column.values[..])
    }

    /// The table's values as an array of frames by columns: element `[i, j]` is that of frame
    /// `frames()[i]` in column `columns()[j]`, `NaN` where it is not defined.
    #[must_use]
    pub fn to_array(&self) -> ndarray::Array2<f64> {
        ndarray::Array2::from_shape_fn(
            (self.frames.len(), self.columns.len()),
            |(frame, column)| self.columns[column].values[frame],
        )
    }

    /// Adds the columns of `model`, whose features are there.
    pub(super) fn add_model(&mut self, model: &Model) {
        let columns = model.score(self.frames.len(), |name| self.column(name));
        self.columns.extend(columns);
    }
}

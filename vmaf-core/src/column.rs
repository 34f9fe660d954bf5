//! Columns of the table of scores.

/// A named value for each scored frame.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Column {
    /// The column's name, libvmaf's for features, the model's label for its score.
    pub name: String,
    /// A value a frame; `NaN` where it is not defined.
    pub values: Vec<f64>,
}

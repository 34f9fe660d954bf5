//! Columns of the score table.

/// A name and one value per scored frame.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Column {
    /// The column's name: libvmaf's name for a feature, the model's label for a score.
    pub name: String,
    /// One value per frame; `NaN` if undefined.
    pub values: Vec<f64>,
}

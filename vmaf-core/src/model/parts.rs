//! The parts of a model, as files of either format have them.

use serde_json::Value;

use super::{Input, Predictor, ScoreMap};

/// The parts of a model.
pub(super) struct Parts {
    pub(super) inputs: Vec<Input>,
    pub(super) map: ScoreMap,
    pub(super) chroma_correction: Option<f64>,
    pub(super) predictors: Vec<Predictor>,
}

impl Parts {
    /// Whether they differ in the predictors only.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        self.inputs == other.inputs
            && self.map == other.map
            && self.chroma_correction == other.chroma_correction
    }
}

/// An option's value in JSON as text.
pub(super) fn option_text(value: &Value) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(_) | Value::Bool(_) => Ok(value.to_string()),
        _ => Err(format!("an option can't be {value}")),
    }
}

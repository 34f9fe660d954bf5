//! The parts of a model that both file formats contain.

use serde_json::Value;

use super::{Input, Predictor, ScoreMap};

/// The parts of a model.
pub(super) struct ModelParts {
    pub(super) inputs: Vec<Input>,
    pub(super) map: ScoreMap,
    pub(super) chroma_correction: Option<f64>,
    pub(super) predictors: Vec<Predictor>,
}

impl ModelParts {
    /// Returns true if all parts except the predictors are equal.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        self.inputs == other.inputs
            && self.map == other.map
            && self.chroma_correction == other.chroma_correction
    }
}

/// The text of an option's JSON value.
pub(super) fn option_text(value: &Value) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(_) | Value::Bool(_) => Ok(value.to_string()),
        _ => Err(format!("an option can't be {value}")),
    }
}
